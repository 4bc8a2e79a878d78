"""What is odd about identities, as far as the flags of ingest tell: nobody here sees an identity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from kaa_analysis.checks.found_rows import found_rows
from kaa_analysis.schema.contracts import INTERVALS

EVENTS: Mapping[str, str] = {"contacts": "date", "credentials": "date"}
"""Records of one day. The other records of a person are intervals."""
RECORDS = ("residence", "schooling", "registrations", "interventions", *EVENTS)


def flagged(persons: pd.DataFrame, flags: pd.DataFrame, *, flag: str) -> pd.DataFrame:
    """Find the persons that ingest gave the flag."""
    marked = flags.loc[flags["flag"] == flag, "person_id"]
    return found_rows(persons[persons["person_id"].isin(marked)], table="persons")


def shared_record_numbers(persons: pd.DataFrame) -> pd.DataFrame:
    """Find the persons whose record number another person has too."""
    numbers = persons["record_number"]
    return found_rows(persons[numbers.notna() & numbers.duplicated(keep=False)], table="persons")


def possible_double_identities(
    persons: pd.DataFrame,
    flags: pd.DataFrame,
    records: Mapping[str, pd.DataFrame],
    *,
    within_days: int,
    extract_date: date,
) -> pd.DataFrame:
    """Find the pairs of a samordningsnummer and a personnummer that may be one person.

    Both have the same day of birth and sex, and the first record of the personnummer lies at most ``within_days`` days after the last of the
    samordningsnummer (never before it). Each finding is one of the two, dated by the first record of the personnummer. It is
    possible, not certain.
    """
    spans = _spans(records, extract_date=extract_date)
    known = persons[["person_id", "sex", "birth_date"]].dropna().merge(spans, on="person_id", validate="one_to_one")
    coordination = known["person_id"].isin(flags.loc[flags["flag"] == "coordination_number", "person_id"])
    pairs = known[coordination].merge(
        known[~coordination], on=["birth_date", "sex"], suffixes=("_old", "_new"), validate="many_to_many"
    )
    gap = (pairs["first_new"] - pairs["last_old"]).dt.days
    pairs = pairs[(gap >= 0) & (gap <= within_days)]
    both = pd.concat(
        [
            pairs[[name, "first_new"]].set_axis(["person_id", "began"], axis=1)
            for name in ("person_id_old", "person_id_new")
        ]
    )
    return found_rows(both.drop_duplicates().sort_values(["began", "person_id"]), table="persons", day="began")


def _spans(records: Mapping[str, pd.DataFrame], *, extract_date: date) -> pd.DataFrame:
    """Return the first and the last day with a record per person: an interval that has not ended lasts to the extract."""
    days = []
    for name in RECORDS:
        start, end = INTERVALS.get(name, (EVENTS.get(name), None))
        rows = records[name]
        last = rows[start] if end is None else rows[end].fillna(pd.Timestamp(extract_date))
        days.append(pd.DataFrame({"person_id": rows["person_id"], "first": rows[start], "last": last}).dropna())
    by_person = pd.concat(days, ignore_index=True).groupby("person_id", sort=True)
    return by_person.agg(first=("first", "min"), last=("last", "max")).reset_index()
