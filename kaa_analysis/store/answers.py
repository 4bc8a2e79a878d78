"""Asking the register: a query's text is run as it stands, what is asked is bound, never pasted in, and the answer comes typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.schema.tables import table_schema
from kaa_analysis.store import queries
from kaa_analysis.store.dtypes import PANDAS_TYPES
from kaa_analysis.store.register_query import ASKED, ASKED_ROW, RegisterQuery

ASKED_FRAME = "asked_frame"

COLUMN, VALUE = "kolumnen", "värdet"
UNKNOWN = {COLUMN: "okänd", VALUE: "okänt"}

VALUE_TYPES = {"date": date, "number": int, "boolean": bool}
"""The Python types of values; all other types of the schema are text."""


def check_asked(query: RegisterQuery, *, asked: pd.DataFrame | None, values: Mapping[str, object]) -> None:
    """Refuse to run a query with other columns or values than it is asked with.

    Raises:
        DefinitionError: a column or value is missing, unknown or of another type; rows are given to a query that asks for none.
    """
    columns = [] if asked is None else [str(name) for name in asked.columns]
    found = [
        *_differences(columns, query.asked, what=COLUMN),
        *_differences(values, query.takes, what=VALUE),
        *(f'kolumnen "{name}" står flera gånger' for name in dict.fromkeys(columns) if columns.count(name) > 1),
        *(
            f'värdet "{name}" ska ha typen {type_}'
            for name, type_ in query.takes.items()
            if name in values and not _is_of(values[name], type_)
        ),
    ]
    if asked is not None and not query.asked:
        found = ["frågan ställs utan rader"]
    if found:
        raise DefinitionError(f'Frågan "{query.name}" kan inte ställas så.', found=found)


def answer(
    query: RegisterQuery,
    *,
    engine: duckdb.DuckDBPyConnection,
    sources: Mapping[str, pd.DataFrame | Path],
    asked: pd.DataFrame | None,
    values: Mapping[str, object],
) -> pd.DataFrame:
    """Return the rows that a query gives, in the order of its key, in the types of `store.dtypes.PANDAS_TYPES`.

    ``sources`` holds every table that the query reads, as a Parquet file or as a frame in the schema's types.
    """
    for name in query.tables:
        _show(engine, name, sources[name])
    if asked is not None:
        _show_asked(engine, asked, types=query.asked)
    rows = engine.execute(query.text, dict(values)).df()
    return rows.astype({name: PANDAS_TYPES[type_] for name, type_ in query.gives.items()})


def _show(engine: duckdb.DuckDBPyConnection, name: str, source: pd.DataFrame | Path) -> None:
    if isinstance(source, Path):
        engine.execute(queries.view_of_file(name, file=str(source)))
    else:
        engine.register(f"{name}_frame", source)
        types = {column: told.type for column, told in table_schema(name).columns.items()}
        engine.execute(queries.view_of_frame(name, frame=f"{name}_frame", types=types))


def _show_asked(engine: duckdb.DuckDBPyConnection, asked: pd.DataFrame, *, types: Mapping[str, str]) -> None:
    pandas_types = {name: PANDAS_TYPES[type_] for name, type_ in types.items()}
    rows = asked[list(types)].reset_index(drop=True).astype(pandas_types)
    rows[ASKED_ROW] = rows.index.astype("int64")
    engine.register(ASKED_FRAME, rows.copy())
    engine.execute(queries.view_of_frame(ASKED, frame=ASKED_FRAME, types={ASKED_ROW: "number", **types}))


def _differences(given: Iterable[str], wanted: Mapping[str, str], *, what: str) -> list[str]:
    there = list(given)
    unknown = [name for name in dict.fromkeys(there) if name not in wanted]
    return [f'{what} "{name}" saknas' for name in wanted if name not in there] + [
        f'{what} "{name}" är {UNKNOWN[what]}{did_you_mean(name, wanted)}' for name in unknown
    ]


def _is_of(value: object, type_: str) -> bool:
    """Return whether a value is exactly of its type: a moment is no day, and yes is no number."""
    wanted = VALUE_TYPES.get(type_, str)
    not_exact = (wanted is date and isinstance(value, datetime)) or (wanted is int and isinstance(value, bool))
    return isinstance(value, wanted) and not not_exact
