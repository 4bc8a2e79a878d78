"""Periods of the same person that cover the same days."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from kaa_analysis.checks.found_rows import found_rows
from kaa_analysis.schema.contracts import INTERVALS

NEVER = pd.Timestamp("9999-12-31")


def overlapping_registrations(registrations: pd.DataFrame) -> pd.DataFrame:
    """Find the registrations that begin before an earlier one of the person has ended."""
    return _overlapping(registrations, table="registrations")


def overlapping_residence(residence: pd.DataFrame) -> pd.DataFrame:
    """Find the residence periods that begin before an earlier one of the person has ended."""
    return _overlapping(residence, table="residence")


def overlapping_schooling(schooling: pd.DataFrame, *, beside: Collection[str]) -> pd.DataFrame:
    """Find the enrolments that begin before an earlier one of the person has ended; the school forms ``beside`` may run together."""
    return _overlapping(schooling[~schooling["school_form"].isin(list(beside))], table="schooling")


def _overlapping(rows: pd.DataFrame, *, table: str) -> pd.DataFrame:
    start, end = INTERVALS[table]
    ordered = rows.assign(last=rows[end].fillna(NEVER)).sort_values(["person_id", start, "last"], kind="stable")
    persons = ordered["person_id"]
    earlier = ordered["last"].groupby(persons, sort=False).cummax().groupby(persons, sort=False).shift(1)
    return found_rows(ordered[(ordered[start] < earlier).fillna(False)].sort_index(), table=table, day=start)
