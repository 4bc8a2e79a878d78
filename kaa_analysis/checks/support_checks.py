"""Interventions without consent, without a reached youth or without a reason for their end; activities that have lapsed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.checks.found_rows import day_of_person, found_rows
from kaa_analysis.core.periods import day_before
from kaa_analysis.indicators.stock import stock_on

if TYPE_CHECKING:
    from kaa_analysis.store import Register


def consent_refused(interventions: pd.DataFrame, *, providers: Collection[str]) -> pd.DataFrame:
    """Find the interventions by ``providers`` that are told to lack consent."""
    rows = _of(interventions, providers)
    return found_rows(rows[rows["consent"].eq(False).fillna(False)], table="interventions", day="offered_date")


def consent_unknown(interventions: pd.DataFrame, *, providers: Collection[str]) -> pd.DataFrame:
    """Find the interventions by ``providers`` of which consent is not told."""
    rows = _of(interventions, providers)
    return found_rows(rows[rows["consent"].isna()], table="interventions", day="offered_date")


def begun_unreached(interventions: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Find the interventions that began without the youth having been reached by that day, in whatever way and direction."""
    reached = contacts[contacts["outcome"].eq("reached")].groupby("person_id", sort=False)["date"].min()
    first = day_of_person(reached, interventions["person_id"])
    unreached = interventions["start_date"].notna() & (first.isna() | (first > interventions["start_date"]))
    return found_rows(interventions[unreached], table="interventions", day="start_date")


def end_reason_missing(interventions: pd.DataFrame) -> pd.DataFrame:
    """Find the interventions that have ended without a reason."""
    rows = interventions[interventions["end_date"].notna() & interventions["end_reason"].isna()]
    return found_rows(rows, table="interventions", day="end_date")


def told_twice(interventions: pd.DataFrame, *, providers: Collection[str], within_days: int) -> pd.DataFrame:
    """Find the interventions by ``providers`` that may be an earlier numbered one told again by another system.

    They are of the same person and kind and begin at most ``within_days`` days apart, before or after. Two known steps that differ are two
    interventions; so is one that has not begun. One told three times is found twice.
    """
    begun = _of(interventions, providers)
    begun = begun[begun["start_date"].notna()]
    told = begun[["person_id", "kind", "intervention_number", "step", "start_date"]]
    pairs = told.merge(told, on=["person_id", "kind"], suffixes=("", "_earlier"), validate="many_to_many")
    near = (pairs["start_date"] - pairs["start_date_earlier"]).dt.days.abs() <= within_days
    same_step = ~pairs["step"].ne(pairs["step_earlier"]).fillna(False)
    again = pairs[near & same_step & (pairs["intervention_number"] > pairs["intervention_number_earlier"])]
    repeated = again.drop_duplicates(["person_id", "intervention_number"])
    return found_rows(repeated, table="interventions", day="start_date")


def running_activities(
    register: Register, registrations: pd.DataFrame, *, valid_for: Mapping[str, int]
) -> pd.DataFrame:
    """Return the last known of the activities that had not ended on the day of extract, of everybody registered the day before.

    A row per person: person_id, activity_number, kind, known_at, lapses. The last one is that of the latest ``known_at`` up to the day of
    extract, then of the highest number. ``lapses`` is the first day on which it is no longer current: ``known_at`` plus the days that the kind
    is valid for.
    """
    registered = registrations[stock_on(registrations, day_before(register.extract_date))]
    asked = (
        registered[["person_id"]]
        .drop_duplicates()
        .sort_values("person_id")
        .assign(day=pd.Timestamp(register.extract_date))
    )
    running = register.ask("activity_known_on_day", asked=asked).drop(columns="asked_row")
    days = pd.to_timedelta(running["kind"].map(dict(valid_for)).astype("int64"), unit="D")
    return running.assign(lapses=running["known_at"] + days)


def lapsed(running: pd.DataFrame, *, extract_date: date) -> pd.DataFrame:
    """Find the running activities that are not current on the day of extract."""
    rows = running[running["lapses"] <= pd.Timestamp(extract_date)]
    return found_rows(rows, table="activities", day="lapses")


def _of(interventions: pd.DataFrame, providers: Collection[str]) -> pd.DataFrame:
    return interventions[interventions["provider"].isin(list(providers))]
