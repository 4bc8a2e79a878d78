"""The outgoing contact attempts to the persons of a cohort: what the funnel and the volumes per channel are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import Cohort
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.periods import Period
from kaa_analysis.indicators.stock import dated_in

if TYPE_CHECKING:
    from kaa_analysis.store import Register


def first_entries(cohort: Cohort) -> pd.DataFrame:
    """Return a row per person of a cohort: person_id, sex, entered (the first entry date)."""
    by_person = cohort.spells_table.groupby("person_id", sort=False)
    return by_person.agg(sex=("sex", "first"), entered=("entry_date", "min")).reset_index()


def attempts_to(cohort: Cohort, register: Register, *, period: Period) -> pd.DataFrame:
    """Return the attempts to the cohort's persons in the observed part of the period, from each person's first entry date on.

    A row per attempt: person_id, sex, date, channel, answered (the youth or a guardian did), youth_answered, reached (a two-way
    conversation with the youth), all before the end of the observed part.
    """
    start, end = period.start, observed_end(period, cohort.observed_to)
    known, first = all_attempts(register), first_entries(cohort)
    attempts = known.rows[dated_in(known.rows["date"], start, end)]
    first = first.assign(person=known.numbers_of(first["person_id"]))
    first = first[first["person"] >= 0]
    attempts = attempts.merge(first, on="person", how="inner", validate="many_to_one")
    attempts = attempts[attempts["date"] >= attempts["entered"]]
    in_time = attempts["responded_date"].isna() | (attempts["responded_date"] < pd.Timestamp(end))
    answers = {name: in_time & attempts[name] for name in ("answered", "youth_answered", "reached")}
    return attempts[["person_id", "sex", "date", "channel"]].assign(**answers)
