"""The outgoing contact attempts to the persons of a cohort: what the funnel and the volumes per channel are counted from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import Cohort
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.periods import Period
from kaa_analysis.indicators.stock import dated_in

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DROP_IN = "drop_in"
"""The youth's own contact, whatever its direction says: never an attempt."""

ANSWERS = ("answered", "reached", "guardian_only", "declined")
"""Outcomes that are an answer by the youth or a guardian, when it is not noted who answered."""

COLUMNS = ["person_id", "date", "direction", "channel", "outcome", "responded_date", "responded_by"]


def first_entries(cohort: Cohort) -> pd.DataFrame:
    """Return a row per person of a cohort: person_id, sex, entered (the first entry date)."""
    by_person = cohort.spells_table.groupby("person_id", sort=False)
    return by_person.agg(sex=("sex", "first"), entered=("entry_date", "min")).reset_index()


def attempts_to(cohort: Cohort, register: Register, *, period: Period) -> pd.DataFrame:
    """Return the attempts to the cohort's persons in the observed part of the period, from each person's first entry date on.

    A row per attempt: person_id, sex, date, channel, answered (the youth or a guardian did), reached (a two-way conversation
    with the youth), both before the end of the observed part.
    """
    start, end = period.start, observed_end(period, cohort.observed_to)
    contacts = register.table("contacts", columns=COLUMNS)
    outgoing = contacts["direction"].eq("outgoing") & contacts["channel"].ne(DROP_IN)
    attempts = contacts[outgoing & dated_in(contacts["date"], start, end)]
    attempts = attempts.merge(first_entries(cohort), on="person_id", how="inner", validate="many_to_one")
    attempts = attempts[attempts["date"] >= attempts["entered"]]
    in_time = attempts["responded_date"].isna() | (attempts["responded_date"] < pd.Timestamp(end))
    by_family = attempts["responded_by"].isin(["youth", "guardian"])
    by_outcome = attempts["responded_by"].isna() & attempts["outcome"].isin(ANSWERS)
    reached = attempts["outcome"].eq("reached") & in_time
    return attempts[["person_id", "sex", "date", "channel"]].assign(
        answered=reached | (in_time & (by_family | by_outcome)), reached=reached
    )
