"""Ages at which nobody can be in the register."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kaa_analysis.checks.found_rows import found_rows
from kaa_analysis.cohorts.contact_attempts import is_outgoing
from kaa_analysis.core.periods import age_on, birthday

AGE_OUT = 20


def entered_too_young(registrations: pd.DataFrame, persons: pd.DataFrame, *, lowest_age: int) -> pd.DataFrame:
    """Find the registrations that begin before the person has had the birthday of ``lowest_age``."""
    spells = _with_birth(registrations, persons)
    young = (age_on(spells["birth_date"], spells["entry_date"]) < lowest_age).fillna(False).astype(bool)
    return found_rows(spells[young], table="registrations", day="entry_date")


def registered_past_twenty(registrations: pd.DataFrame, persons: pd.DataFrame, *, extract_date: date) -> pd.DataFrame:
    """Find the registrations with an observed day on or after the 20th birthday, dated by that birthday."""
    spells = _with_birth(registrations, persons)
    spells = spells.assign(twentieth=birthday(spells["birth_date"], AGE_OUT))
    outside = spells["exit_date"].fillna(pd.Timestamp(extract_date)).clip(upper=pd.Timestamp(extract_date))
    first = spells[["twentieth", "entry_date"]].max(axis=1)
    late = spells["twentieth"].notna() & (outside > first)
    return found_rows(spells[late], table="registrations", day="twentieth")


def sought_past_twenty(contacts: pd.DataFrame, persons: pd.DataFrame, *, letter_days: int) -> pd.DataFrame:
    """Find the attempts on or after the 20th birthday, letters of the first ``letter_days`` days left out."""
    attempts = _with_birth(contacts[is_outgoing(contacts)], persons)
    past = (attempts["date"] - birthday(attempts["birth_date"], AGE_OUT)).dt.days
    in_time = attempts["channel"].eq("letter") & (past < letter_days)
    return found_rows(attempts[(past >= 0) & ~in_time], table="contacts", day="date")


def without_birth_date(persons: pd.DataFrame) -> pd.DataFrame:
    """Find the persons whose day of birth is missing."""
    return found_rows(persons[persons["birth_date"].isna()], table="persons")


def _with_birth(rows: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    return rows.merge(persons[["person_id", "birth_date"]], on="person_id", how="left", validate="many_to_one")
