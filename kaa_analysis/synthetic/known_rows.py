"""What of the tables of a register is known on the day of extract: rows not yet there, days not yet come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import pandas as pd

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Known:
    """By which days a row is known, and the days in it that may lie ahead, each with what is not known before it either."""

    from_day: tuple[str, ...]
    ahead: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


KNOWN: Mapping[str, Known] = MappingProxyType({
    "residence": Known(("start",), {"end": ()}),
    "schooling": Known(("start",), {"end": ("leave_reason",)}),
    "credentials": Known(("day",)),
    "registrations": Known(("start", "registered"), {"end": ("exit_reason",)}),
    "contacts": Known(("day",)),
    "offers": Known(("offered",), {"start": (), "end": ("end_reason", "activity_after")}),
    "activities": Known(("known",), {"end": ()}),
    "admissions": Known(("decided",), {"guided": (), "placed": ()}),
    "notices": Known(("day",)),
    "surveys": Known(("invited",), {"answered": ("items",)}),
})  # fmt: skip
"""The dated tables. Those of persons, schools and cohorts of schools are known as a whole."""


def as_known(tables: Tables, *, extract_date: date) -> dict[str, pd.DataFrame]:
    """Return the tables as the sources show them on the day of extract.

    Rows that begin or were registered later are gone; a day that is later (of an end, the first day outside) has not come yet. Contacts have been cut by
    their own module, which knows what an answer after that day was until then.
    """
    last = pd.Timestamp(extract_date)
    return {name: _known(rows, KNOWN[name], last) if name in KNOWN else rows for name, rows in tables.items()}


def _known(rows: pd.DataFrame, known: Known, last: pd.Timestamp) -> pd.DataFrame:
    seen = rows[(rows[list(known.from_day)] <= last).all(axis=1)]
    for day, with_it in known.ahead.items():
        is_ahead = seen[day].isna() | (seen[day] > last)
        seen = seen.assign(**{name: seen[name].mask(is_ahead, _nothing(seen[name])) for name in (day, *with_it)})
    return seen


def _nothing(values: pd.Series) -> object:
    return pd.NaT if values.dtype.kind == "M" else None if isinstance(values.dtype, pd.CategoricalDtype) else ""
