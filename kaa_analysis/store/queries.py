"""Every query against the register, as SQL text. Names of columns come from the schema alone, never from a caller."""

from __future__ import annotations

from collections.abc import Iterable

from kaa_analysis.schema.tables import TableSchema

SQL_TYPES = {"number": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"}

SELECT_TABLE = """
SELECT {columns}
FROM read_parquet({file})
ORDER BY {order}
"""

COPY_TABLE = """
COPY (
  SELECT {columns}
  FROM rows_to_write
  ORDER BY {order}
) TO {file} (FORMAT parquet, COMPRESSION zstd)
"""

COUNT_ROWS = "SELECT count(*) FROM read_parquet({file})"


def select_table(schema: TableSchema, *, columns: Iterable[str], file: str) -> str:
    """Return the query that reads ``columns`` of a table in the order of the schema."""
    return SELECT_TABLE.format(columns=_names(columns), order=_names(schema.order), file=_text(file))


def copy_table(schema: TableSchema, *, file: str) -> str:
    """Return the command that writes the registered frame ``rows_to_write`` to Parquet in the order of the schema."""
    casts = [
        f'CAST("{name}" AS {SQL_TYPES.get(column.type, "VARCHAR")}) AS "{name}"'
        for name, column in schema.columns.items()
    ]
    return COPY_TABLE.format(columns=", ".join(casts), order=_names(schema.order), file=_text(file))


def count_rows(*, file: str) -> str:
    """Return the query that counts the rows of a Parquet file."""
    return COUNT_ROWS.format(file=_text(file))


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
