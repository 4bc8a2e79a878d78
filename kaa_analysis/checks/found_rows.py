"""What a check finds: a row per finding, with the row's key and day. Only inside the secure room."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kaa_analysis.schema.tables import table_schema

COLUMNS = ("table", "person_id", "row_key", "day")


def found_rows(rows: pd.DataFrame, *, table: str, day: str | None = None) -> pd.DataFrame:
    """Return the findings that ``rows`` of a canonical table are: table, person_id, row_key, day.

    ``row_key`` holds the key of the row besides the person as ``name=value``, words apart by a space; ``day`` the column that dates
    the finding. ``rows`` have at least the key of the table and the column ``day``.

    >>> rows = pd.DataFrame({"person_id": ["a"], "contact": [3], "date": [pd.Timestamp("2024-01-05")]})
    >>> found_rows(rows, table="contacts", day="date").drop(columns="day").values.tolist()
    [['contacts', 'a', 'contact=3']]
    """
    names = [name for name in table_schema(table).key if name != "person_id"]
    days = pd.Series(pd.NaT, index=rows.index) if day is None else rows[day]
    persons = rows["person_id"] if "person_id" in rows else pd.Series(pd.NA, index=rows.index)
    found = pd.DataFrame(
        {
            "table": table,
            "person_id": persons.astype("string"),
            "row_key": [" ".join(parts) for parts in _key_parts(rows, names)],
            "day": days.astype("datetime64[us]"),
        }
    )
    return found.astype({"table": "string", "row_key": "string"}).reset_index(drop=True)


def together(found: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return several findings under one another; none at all is a table without rows."""
    return pd.concat(found, ignore_index=True) if found else no_rows()


def day_of_person(days: pd.Series, persons: pd.Series) -> pd.Series:
    """Return for each of ``persons`` the day that ``days`` (by person) tells; NaT where it tells none."""
    return days.reindex(persons).set_axis(persons.index).astype("datetime64[us]")


def no_rows() -> pd.DataFrame:
    """Return findings without rows."""
    types = {"table": "string", "person_id": "string", "row_key": "string", "day": "datetime64[us]"}
    return pd.DataFrame({name: pd.array([], dtype=dtype) for name, dtype in types.items()})


def _key_parts(rows: pd.DataFrame, names: Sequence[str]) -> list[list[str]]:
    texts = {name: _texts(rows[name]) for name in names}
    return [[f"{name}={texts[name][place]}" for name in names] for place in range(len(rows))]


def _texts(values: pd.Series) -> list[str]:
    if pd.api.types.is_datetime64_any_dtype(values):
        return values.dt.strftime("%Y-%m-%d").tolist()
    return values.astype("string").tolist()
