"""Every query against the register, as SQL text. Names of columns come from the schema alone, never from a caller."""

from __future__ import annotations

from collections.abc import Iterable

from kaa_analysis.schema.tables import TableSchema

SQL_TYPES = {"number": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}

SELECT_TABLE = """
SELECT {columns}
FROM read_parquet({file})
"""

CREATE_TYPE = """
CREATE TYPE {name} AS ENUM (SELECT DISTINCT {column} FROM read_parquet({file}) WHERE {column} IS NOT NULL ORDER BY 1)
"""
FEW_VALUES = frozenset({"code", "district", "municipality"})
"""The types of columns whose values are few, so that each is made a text once and not row by row."""

COPY_TABLE = """
COPY (
  SELECT {columns}
  FROM rows_to_write
) TO {file} (FORMAT parquet, COMPRESSION zstd)
"""

COUNT_ROWS = "SELECT count(*) FROM read_parquet({file})"


def read_table(schema: TableSchema, *, columns: Iterable[str], file: str) -> list[str]:
    """Return the commands of which the last reads ``columns`` of a table in the order in which it was written; few values come as categories."""
    few = [name for name in columns if schema.columns[name].type in FEW_VALUES]
    types = [CREATE_TYPE.format(name=_name(f"{name} values"), column=_name(name), file=_text(file)) for name in few]
    read = [
        f"CAST({_name(name)} AS {_name(f'{name} values')}) AS {_name(name)}" if name in few else _name(name)
        for name in columns
    ]
    return [*types, SELECT_TABLE.format(columns=", ".join(read), file=_text(file))]


def copy_table(schema: TableSchema, *, file: str) -> str:
    """Return the command that writes the registered frame ``rows_to_write`` to Parquet as it stands."""
    casts = [
        f'CAST("{name}" AS {SQL_TYPES.get(column.type, "VARCHAR")}) AS "{name}"'
        for name, column in schema.columns.items()
    ]
    return COPY_TABLE.format(columns=", ".join(casts), file=_text(file))


def count_rows(*, file: str) -> str:
    """Return the query that counts the rows of a Parquet file."""
    return COUNT_ROWS.format(file=_text(file))


def _name(column: str) -> str:
    return f'"{column}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
