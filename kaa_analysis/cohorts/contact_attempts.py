"""The contacts of a register: which of them are outgoing attempts, and which attempts were answered or became a conversation with the youth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.vocabularies import labels

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


def _answer_by(attempts: pd.DataFrame, responders: Sequence[str], outcomes: Sequence[str]) -> pd.Series:
    """Return which attempts one of ``responders`` answered; where it is not noted who did, the outcome decides."""
    noted = attempts["responded_by"].isin(responders)
    return noted | (attempts["responded_by"].isna() & attempts["outcome"].isin(outcomes))
