"""The outgoing contact attempts to the persons of a cohort: what the funnel and the volumes per channel are counted from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import Cohort
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators.stock import dated_in

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DROP_IN = "drop_in"
"""The youth's own contact, whatever its direction says: never an attempt."""

YOUTH_ANSWERS = ("answered", "reached", "declined")
ANSWERS = (*YOUTH_ANSWERS, "guardian_only")
"""Outcomes that are an answer by the youth, or by the youth or a guardian, when it is not noted who answered."""

COLUMNS = [
    "person_id",
    "date",
    "direction",
    "channel",
    "campaign",
    "staff_count",
    "planned_visit_date",
    "outcome",
    "responded_date",
    "responded_by",
]
CHANNEL_TYPE = pd.CategoricalDtype(list(labels("channel")))


@dataclass(frozen=True, eq=False)
class Attempts:
    """Every contact of a register. ``rows`` has the attempts, in the order of the register: person (a place in ``persons``), date, channel,
    campaign, staff_count, planned_visit_date, responded_date, whether a letter was returned, and whether the attempt was answered,
    youth_answered, reached, whenever that was. ``own`` has the contacts that the youth took: person, date, reached.
    """

    persons: pd.Index
    rows: pd.DataFrame
    own: pd.DataFrame

    def numbers_of(self, person_id: pd.Series) -> np.ndarray:
        """Return the place of each person in ``persons``, -1 for those without a contact."""
        return self.persons.get_indexer(person_id)


def all_attempts(register: Register) -> Attempts:
    """Return the attempts of the register. They are read once; nobody may change them."""
    return answers_of(register).answer("attempts", lambda: _read_attempts(register))


def _read_attempts(register: Register) -> Attempts:
    contacts = register.table("contacts", columns=COLUMNS)
    numbers, persons = pd.factorize(contacts["person_id"])
    contacts = contacts.assign(person=numbers, reached=contacts["outcome"].eq("reached"))
    is_attempt = is_outgoing(contacts)
    own = contacts.loc[~is_attempt, ["person", "date", "reached"]]
    contacts = contacts[is_attempt]
    known = ["person", "date", "staff_count", "planned_visit_date", "responded_date", "reached"]
    rows = contacts[known].assign(
        channel=contacts["channel"].astype(CHANNEL_TYPE),
        campaign=contacts["campaign"].astype("category"),
        returned=contacts["outcome"].eq("returned_mail"),
        answered=contacts["reached"] | _answer_by(contacts, ["youth", "guardian"], ANSWERS),
        youth_answered=contacts["reached"] | _answer_by(contacts, ["youth"], YOUTH_ANSWERS),
    )
    return Attempts(pd.Index(persons), rows.reset_index(drop=True), own.reset_index(drop=True))


def is_outgoing(contacts: pd.DataFrame) -> pd.Series:
    """Return which contacts are attempts of ours, not the youth's own contact."""
    return contacts["direction"].eq("outgoing") & contacts["channel"].ne(DROP_IN)


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


def _answer_by(attempts: pd.DataFrame, responders: Sequence[str], outcomes: Sequence[str]) -> pd.Series:
    """Return which attempts one of ``responders`` answered; where it is not noted who did, the outcome decides."""
    noted = attempts["responded_by"].isin(responders)
    return noted | (attempts["responded_by"].isna() & attempts["outcome"].isin(outcomes))
