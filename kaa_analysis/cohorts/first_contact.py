"""From a cohort to the time until the first contact: time zero when the municipality registers, leaving the register as the other way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, Cohort, FollowUp
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.known_ends import END_OF_OBSERVATION
from kaa_analysis.cohorts.registered_day import in_summer, registered_day
from kaa_analysis.cohorts.times import SPLIT_COLUMNS
from kaa_analysis.core.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    from kaa_analysis.store import Register

Contact = Literal["attempt", "reached"]
LEFT = "left"
"""The way out of who leaves the register before the first contact."""

WAYS = {
    "attempt": {"attempt": "Kontaktad", LEFT: "Lämnade utan kontakt"},
    "reached": {"reached": "Nådd i ett samtal", LEFT: "Lämnade utan samtal"},
}
DAY = pd.Timedelta(days=1)


def follow_up_to_first_contact(cohort: Cohort, register: Register, *, contact: Contact = "attempt") -> FollowUp:
    """Follow every spell of a cohort from the day it came to the register to the first contact, in whole days.

    Time zero is ``registered_at`` (the entry date where it is missing): the municipality's month runs from there, as in
    `indicators.first_attempt_within_month`. The event is the first outgoing attempt or, for "reached", the first attempt that became a
    two-way conversation with the youth. A contact counts from the entry date to the last registered day (a spell that ends on its entry
    date has one such day) and before the end of observation; one that was made before time zero is an event of day 0. Leaving
    the register before any contact is the other way out: a contact on the exit date comes too late. What is open at the end of
    observation, or was put outside by a change of the law alone (`known_ends.with_known_ends`), is censored.

    A spell that came to the register on or after the day it ended could not be contacted while it was known, and is left out; the follow-up
    says how many. ``season`` is "summer" for spells registered 1 June – 15 September, whose letter goes out later by routine, else
    "rest_of_year". The follow-up has a name of its own, so that its counts are not those of the time to leaving the register.

    Raises:
        DefinitionError: ``contact`` is unknown, the cohort ends its observation on another day than the register, or is that of a district.
    """
    _check(cohort, register, contact)
    spells = cohort.spells_table
    zero, observed_to = registered_day(spells), pd.Timestamp(cohort.observed_to)
    end_date = spells["end_date"].where(spells["end_date"] <= observed_to)
    ended = end_date.fillna(observed_to)
    contacted = _first_contact(spells, register, before=ended, contact=contact)
    is_contacted = contacted.notna()
    censored_by = spells["censored_by"].where(end_date.notna(), END_OF_OBSERVATION).mask(is_contacted)
    way_out = pd.Series(np.where(is_contacted, contact, LEFT), index=spells.index, dtype="string")
    times = spells[["person_id", "spell"]].assign(
        entry_time=pd.Series(0, index=spells.index, dtype="Int64"),
        exit_time=(contacted.fillna(ended) - zero).dt.days.clip(lower=0).astype("Int64"),
        way_out=way_out.where(censored_by.isna(), CENSORED),
        exit_kind=spells["exit_kind"],
        censored_by=censored_by,
        season=pd.Series(np.where(in_summer(zero), "summer", "rest_of_year"), index=spells.index, dtype="string"),
    )
    times = pd.concat([times, spells[SPLIT_COLUMNS]], axis=1)
    at_risk = (zero < ended) | (zero == spells["entry_date"])
    return FollowUp(
        cohort=name_of(cohort.name, contact),
        title=cohort.title,
        period=cohort.period,
        observed_to=cohort.observed_to,
        unit="days",
        ways_out=WAYS[contact],
        times_table=times[at_risk],
        source=cohort.source,
        n_never_at_risk=int((~at_risk).sum()),
        law_changes=cohort.law_changes,
        outcome=contact,
        of_cohort=cohort.name,
    )


def name_of(cohort: str, contact: Contact) -> str:
    """Return the name that the measures of a follow-up to the first contact begin with, by the name of its cohort.

    >>> name_of("entering", "attempt")
    'entering_to_attempt'
    """
    return f"{cohort}_to_{contact}"


def _first_contact(spells: pd.DataFrame, register: Register, *, before: pd.Series, contact: Contact) -> pd.Series:
    """Return the first day of each spell on which there was such a contact, missing where there was none."""
    known, observed_to = all_attempts(register), pd.Timestamp(register.extract_date)
    rows = known.rows[known.rows["date"] < observed_to]
    if contact == "reached":
        in_time = rows["responded_date"].isna() | (rows["responded_date"] < observed_to)
        rows = rows[rows["reached"] & in_time]
    windows = spells[["entry_date"]].assign(
        row=spells.index,
        person=known.numbers_of(spells["person_id"]),
        after=before.where(before > spells["entry_date"], spells["entry_date"] + DAY),
    )
    windows = windows[windows["person"] >= 0]
    days = rows[["person", "date"]].drop_duplicates()
    pairs = windows.merge(days, on="person", how="inner", validate="many_to_many")
    inside = pairs[(pairs["date"] >= pairs["entry_date"]) & (pairs["date"] < pairs["after"])]
    return inside.groupby("row")["date"].min().reindex(spells.index)


def _check(cohort: Cohort, register: Register, contact: str) -> None:
    allowed = get_args(Contact)
    if contact not in allowed:
        raise DefinitionError(
            f"Kontakten ska vara {' eller '.join(allowed)}{did_you_mean(contact, allowed)}.", found=str(contact)
        )
    if cohort.observed_to != register.extract_date:
        raise DefinitionError(
            "Kontakterna ska komma ur samma uttag som kohorten.",
            found=f"kohorten till {cohort.observed_to}, uttag {register.extract_date}",
        )
    if cohort.area is not None:
        raise DefinitionError(
            "Tid till första kontakt följs för hela kommunen.",
            found=f"kohorten gäller {cohort.area.code}",
            action="gör kohorten utan area",
        )
