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
    types = [
        CREATE_TYPE.format(name=sql_name(f"{name} values"), column=sql_name(name), file=sql_text(file)) for name in few
    ]
    read = [
        f"CAST({sql_name(name)} AS {sql_name(f'{name} values')}) AS {sql_name(name)}" if name in few else sql_name(name)
        for name in columns
    ]
    return [*types, SELECT_TABLE.format(columns=", ".join(read), file=sql_text(file))]


def copy_table(schema: TableSchema, *, file: str) -> str:
    """Return the command that writes the registered frame ``rows_to_write`` to Parquet as it stands."""
    casts = [
        f'CAST("{name}" AS {SQL_TYPES.get(column.type, "VARCHAR")}) AS "{name}"'
        for name, column in schema.columns.items()
    ]
    return COPY_TABLE.format(columns=", ".join(casts), file=sql_text(file))


def count_rows(*, file: str) -> str:
    """Return the query that counts the rows of a Parquet file."""
    return COUNT_ROWS.format(file=sql_text(file))


def sql_name(column: str) -> str:
    """Return the name of a column or type as SQL writes it."""
    return '"' + column.replace('"', '""') + '"'


def sql_text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
