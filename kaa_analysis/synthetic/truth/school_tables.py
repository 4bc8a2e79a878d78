"""What is known of a chunk's persons from schools: enrolments, admissions, notices, and who came after compulsory-school age."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth import layout_codes

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
NO_ROWS: Mapping[str, tuple[str, ...]] = {
    "schooling": ("person", "form", "start", "end"),
    "admissions": ("person", "year", "round", "outcome", "guided", "placed"),
    "notices": ("person", "kind", "day"),
}
"""The columns of the tables that need not be among those counted."""


@dataclass(frozen=True, eq=False)
class Enrolments:
    """Enrolments ``[start, end)`` as days, with the code of the school form; all shape (rows,)."""

    who: Whole
    start: Whole
    end: Whole
    form: NDArray


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Outcomes of the final admission, with the first day of guidance and of a place that any round of the year has; shape (rows,)."""

    who: Whole
    year: Whole
    outcome: NDArray
    guided: Whole
    placed: Whole


@dataclass(frozen=True, eq=False)
class SchoolNotices:
    """Notices with their codes in the order of their days; shape (rows,)."""

    who: Whole
    day: Whole
    kind: NDArray


@dataclass(frozen=True, eq=False)
class SchoolTables:
    """The three tables and, shape (persons,), who has a marker of having come after compulsory-school age."""

    enrolments: Enrolments
    outcomes: Outcomes
    notices: SchoolNotices
    is_newly_resident: Flags


def school_tables(
    tables: Mapping[str, pd.DataFrame],
    *,
    places: Callable[[pd.Series], Whole],
    day_numbers: Callable[[pd.Series], Whole],
) -> SchoolTables:
    """Return the arrays; ``places`` gives the place of each person, ``day_numbers`` days as whole days. A table that is not there has no rows."""
    schooling, admissions, notices = (
        tables.get(name, pd.DataFrame(columns=list(columns))) for name, columns in NO_ROWS.items()
    )
    notices = notices.sort_values("day", kind="stable")
    return SchoolTables(
        enrolments=Enrolments(
            places(schooling["person"]),
            day_numbers(schooling["start"]),
            day_numbers(schooling["end"]),
            schooling["form"].to_numpy(object),
        ),
        outcomes=_outcomes(admissions, places, day_numbers),
        notices=SchoolNotices(places(notices["person"]), day_numbers(notices["day"]), notices["kind"].to_numpy(object)),
        is_newly_resident=_newly_resident(tables, places),
    )


def _outcomes(
    rows: pd.DataFrame, places: Callable[[pd.Series], Whole], day_numbers: Callable[[pd.Series], Whole]
) -> Outcomes:
    who, year = places(rows["person"]), rows["year"].to_numpy(np.int64)
    final = (rows["round"] == layout_codes.FINAL_ROUND).to_numpy(bool)
    years_of_persons, of_row = np.unique(who * 10_000 + year, return_inverse=True)
    earliest = []
    for name in ("guided", "placed"):
        days = day_numbers(rows[name])
        first = np.full(len(years_of_persons), days.max(initial=0))
        np.minimum.at(first, of_row, days)
        earliest.append(first[of_row][final])
    return Outcomes(who[final], year[final], rows["outcome"].to_numpy(object)[final], *earliest)


def _newly_resident(tables: Mapping[str, pd.DataFrame], places: Callable[[pd.Series], Whole]) -> Flags:
    persons, registrations = tables["persons"], tables["registrations"]
    is_new = np.zeros(len(persons), dtype=bool)
    if "newly_resident" in persons:
        is_new |= persons["newly_resident"].to_numpy(bool)
    if "entry_reason" in registrations:
        is_new[places(registrations.loc[registrations["entry_reason"] == layout_codes.NEWLY_RESIDENT, "person"])] = True
    return is_new
