"""What the register holds on the persons who are asked about, with each pseudonym replaced by a number: numbers compare faster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.target_population.intervals import DAWN, intervals

if TYPE_CHECKING:
    from kaa_analysis.store import Register

PERSON_COLUMNS = ["person_id", "birth_date", "folkbokford_after_compulsory_age", "protected_identity"]
HISTORY_COLUMNS = {
    "residence": ["person_id", "municipality", "from_date", "to_date"],
    "schooling": ["person_id", "school_form", "from_date", "to_date", "leave_reason"],
    "credentials": ["person_id", "kind", "date"],
}
ADMITTED = "admitted"


@dataclass(frozen=True, eq=False)
class NumberedRows:
    """``tables`` are those of the register and *accepted*; their person_id is a place in ``identities``."""

    identities: pd.Series
    tables: Mapping[str, pd.DataFrame]
    municipality: str | None

    def life(self, *, observed_to: date) -> pd.DataFrame:
        """Return one interval per person, from birth (if unknown, from always) to the end of observation."""
        persons = self.tables["persons"]
        return intervals(persons["person_id"], persons["birth_date"].fillna(DAWN), pd.Timestamp(observed_to))


def named(rows: pd.DataFrame, identities: pd.Series) -> pd.DataFrame:
    """Return numbered rows with the pseudonyms back: each number is a place in ``identities``."""
    return rows.assign(person_id=identities.array.take(rows["person_id"].to_numpy()))


def read_numbered_rows(register: Register, *, asked: pd.Series | None) -> NumberedRows:
    """Return the rows on the persons ``asked`` about (None: everybody)."""
    persons = register.table("persons", columns=PERSON_COLUMNS)
    persons = persons if asked is None else persons[persons["person_id"].isin(asked)].reset_index(drop=True)
    identities = persons["person_id"]
    numbers = pd.Series(np.arange(len(identities)), index=identities)
    rows = {name: register.table(name, columns=columns) for name, columns in HISTORY_COLUMNS.items()}
    tables = {"persons": persons.assign(person_id=numbers.to_numpy())}
    for name, found in (rows | {"accepted": accepted_places_of(register)}).items():
        known = found.assign(person_id=numbers.reindex(found["person_id"]).to_numpy()).dropna(subset="person_id")
        tables[name] = known.astype({"person_id": numbers.dtype})
    return NumberedRows(identities, tables, register.municipality)


def accepted_places_of(register: Register) -> pd.DataFrame:
    """Return person_id, year: who was admitted to a place of which autumn, in whichever round.

    Without rows where the register has no admissions: they are loaded only with a recorded grant.
    """
    rows = register.table("admissions", columns=["person_id", "year", "outcome"])
    admitted = rows["outcome"].eq(ADMITTED).fillna(False).astype(bool)
    return rows.loc[admitted, ["person_id", "year"]].drop_duplicates(ignore_index=True)
