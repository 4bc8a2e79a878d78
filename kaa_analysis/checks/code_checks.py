"""Codes and districts used on days when they did not exist; exits to introduction programmes around the change of the law."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from kaa_analysis.checks.found_rows import found_rows, together
from kaa_analysis.core.geography import district_validity
from kaa_analysis.core.vocabularies import code_validity
from kaa_analysis.schema.tables import table_schema
from kaa_analysis.target_population import wordings

DAY_OF_CODES: Mapping[str, Mapping[str, str]] = {
    "registrations": {"entry_reason": "entry_date", "exit_reason": "exit_date"},
    "schooling": {"school_form": "from_date", "leave_reason": "to_date"},
    "credentials": {"kind": "date"},
    "contacts": {"channel": "date", "direction": "date", "outcome": "date"},
    "interventions": {"kind": "offered_date", "provider": "offered_date", "end_reason": "end_date"},
    "activities": {"kind": "known_at"},
    "notices": {"kind": "date"},
}
"""The day on which each code must have existed."""

INTRODUCTION_EXIT = "introduction_programme"
INTRODUCTION_FORMS = "im_"


def codes_outside_validity(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Find the rows with a code that did not exist on the day the row is about: before its first day, or on its first day outside or later."""
    return together(
        [
            _outside(tables[name], table=name, column=column, day=day)
            for name, columns in DAY_OF_CODES.items()
            for column, day in columns.items()
        ]
    )


def districts_outside_validity(residence: pd.DataFrame, *, extract_date: date) -> pd.DataFrame:
    """Find the residence periods of which the district existed on no day."""
    spans = _spans(district_validity())
    first, after = (residence["district"].map(side).astype("datetime64[us]") for side in spans)
    ends = residence["to_date"].fillna(pd.Timestamp(extract_date))
    outside = (ends <= first) | (residence["from_date"] >= after)
    return found_rows(residence[outside.fillna(False)], table="residence", day="from_date")


def introduction_exit_before_change(registrations: pd.DataFrame) -> pd.DataFrame:
    """Find the exits to an introduction programme before the first day on which it is a place by law."""
    early = registrations["exit_date"] < introduction_outside()
    to_introduction = registrations["exit_reason"].eq(INTRODUCTION_EXIT).fillna(False)
    return found_rows(registrations[to_introduction & early], table="registrations", day="exit_date")


def registered_in_introduction(
    registrations: pd.DataFrame, schooling: pd.DataFrame, *, late_days: int, extract_date: date
) -> pd.DataFrame:
    """Find the registrations that go on for more than ``late_days`` days in an introduction programme begun since it is a place.

    The programme begins inside the registration; the days are those in both, before the day of extract.
    """
    begun = schooling[schooling["school_form"].str.startswith(INTRODUCTION_FORMS)]
    begun = begun.loc[begun["from_date"] >= introduction_outside(), ["person_id", "from_date", "to_date"]]
    pairs = registrations.assign(row=registrations.index).merge(begun, on="person_id", validate="many_to_many")
    ends = pairs[["exit_date", "to_date"]].fillna(pd.Timestamp(extract_date)).min(axis=1)
    late = (pairs["entry_date"] <= pairs["from_date"]) & ((ends - pairs["from_date"]).dt.days > late_days)
    rows = pairs[late].drop_duplicates("row").rename(columns={"from_date": "began"})
    return found_rows(rows, table="registrations", day="began")


def introduction_outside() -> pd.Timestamp:
    """Return the first day on which an introduction programme is a place, not a measure inside the target group."""
    return min(pd.Timestamp(wording.in_force) for wording in wordings() if "im_individual" in wording.places)


def _outside(rows: pd.DataFrame, *, table: str, column: str, day: str) -> pd.DataFrame:
    first, after = (
        rows[column].map(side).astype("datetime64[us]")
        for side in _spans(code_validity(table_schema(table).columns[column].vocabulary))
    )
    outside = (rows[day] < first) | (rows[day] >= after)
    return found_rows(rows[outside.fillna(False)], table=table, day=day)


def _spans(
    valid: Mapping[str, tuple[date | None, date | None]],
) -> tuple[dict[str, pd.Timestamp], dict[str, pd.Timestamp]]:
    """Return the first day of every code that has one, and the first day outside of every code that has one."""
    first = {code: pd.Timestamp(start) for code, (start, _) in valid.items() if start}
    return first, {code: pd.Timestamp(end) for code, (_, end) in valid.items() if end}
