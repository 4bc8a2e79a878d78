"""Text that the engine (DuckDB) holds, taken out as codes: it finds the different values, so that no row becomes a text of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pandas as pd

from kaa_analysis.ingest.coded_text import coded, in_order

SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
LARGEST_TYPE = 50_000
"""So many different values are made a type of the engine's."""
HELD = "delivered"
"""The name of the table that the engine holds; its columns are named by their place."""


@contextmanager
def text_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine that writes nothing to disk."""
    with duckdb.connect(":memory:", config=SETTINGS) as engine:
        engine.execute("SET temp_directory = ''")
        yield engine


def coded_text(
    engine: duckdb.DuckDBPyConnection, *, expressions: Mapping[str, str], source: str, first_line: int
) -> pd.DataFrame:
    """Return the rows of ``source`` in its order as coded columns: the text of ``expressions`` (SQL) by name, none of them NULL.

    The index RAD counts the rows from ``first_line``.
    """
    places = range(len(expressions))
    held = ", ".join(
        f"{expression} AS c{place}" for place, expression in zip(places, expressions.values(), strict=True)
    )
    engine.execute(f"CREATE TABLE {HELD} AS SELECT {held} FROM {source}")
    columns = {name: _coded_column(engine, f"c{place}") for place, name in enumerate(expressions)}
    [(n_rows,)] = engine.execute(f"SELECT count(*) FROM {HELD}").fetchall()
    return pd.DataFrame(columns, index=pd.RangeIndex(first_line, first_line + n_rows, name="RAD"))


def _coded_column(engine: duckdb.DuckDBPyConnection, column: str) -> pd.Categorical:
    """Return a column as codes: found by the engine, but for values as many as identities, of which it would make a dictionary slowly."""
    [(n_values,)] = engine.execute(f"SELECT count(DISTINCT {column}) FROM {HELD}").fetchall()
    if n_values > LARGEST_TYPE:
        return coded(engine.execute(f"SELECT {column} FROM {HELD}").df()[column])
    engine.execute(f"CREATE TYPE {column}_values AS ENUM (SELECT DISTINCT {column} FROM {HELD} ORDER BY 1)")
    text = engine.execute(f"SELECT CAST({column} AS {column}_values) AS {column} FROM {HELD}").df()[column].array
    return in_order(text.codes, values=text.categories)
