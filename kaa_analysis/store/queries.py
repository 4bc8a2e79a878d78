"""The SQL around the register's files: reading, writing and counting a table, and naming it for a query. Nothing here comes from a caller.

What is asked *of* the register stands in `sql/`, a file per query. This is the engine's own dialect: it knows files, frames and types.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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

COPY_ROWS = """
COPY (
  SELECT {columns}
  FROM {rows}
) TO {file} (FORMAT parquet, COMPRESSION zstd)
"""

CREATE_VIEW = "CREATE TEMP VIEW {name} AS SELECT {columns} FROM {source}"

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
    types = {name: column.type for name, column in schema.columns.items()}
    return COPY_ROWS.format(columns=_casts(types), rows="rows_to_write", file=sql_text(file))


def view_of_file(table: str, *, file: str) -> str:
    """Return the command that gives a Parquet file the name of its table."""
    return CREATE_VIEW.format(name=sql_name(table), columns="*", source=f"read_parquet({sql_text(file)})")


def view_of_frame(name: str, *, frame: str, types: Mapping[str, str]) -> str:
    """Return the command that gives a registered frame a name and its columns the types of the schema that ``types`` tells."""
    return CREATE_VIEW.format(name=sql_name(name), columns=_casts(types), source=sql_name(frame))


def copy_frame(columns: Iterable[str], *, rows: str, file: str) -> str:
    """Return the command that writes ``columns`` of the registered frame ``rows`` to Parquet as they stand."""
    return COPY_ROWS.format(columns=", ".join(map(sql_name, columns)), rows=rows, file=sql_text(file))


def read_frame(columns: Iterable[str], *, file: str) -> str:
    """Return the query that reads what `copy_frame` wrote, in its order."""
    return SELECT_TABLE.format(columns=", ".join(map(sql_name, columns)), file=sql_text(file))


def count_rows(*, file: str) -> str:
    """Return the query that counts the rows of a Parquet file."""
    return COUNT_ROWS.format(file=sql_text(file))


def _casts(types: Mapping[str, str]) -> str:
    return ", ".join(
        f"CAST({sql_name(name)} AS {SQL_TYPES.get(type_, 'VARCHAR')}) AS {sql_name(name)}"
        for name, type_ in types.items()
    )


def sql_name(column: str) -> str:
    """Return the name of a column or type as SQL writes it."""
    return '"' + column.replace('"', '""') + '"'


def sql_text(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
