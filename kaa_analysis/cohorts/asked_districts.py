"""Districts of persons on days, each asked of the register once: cohorts of the same register ask for the same days again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.area import district_on
from kaa_analysis.core.kept_answers import answers_of

if TYPE_CHECKING:
    from kaa_analysis.store import Register

DAYS = 1_000_000
"""More than there are days from 1970 on that anybody asks about, and before it: a person's number times this plus the day is one question."""

NOTHING_KNOWN = pd.Series([], index=pd.Index([], dtype="int64"), dtype="string")


def asked_districts(register: Register, person_id: pd.Series, day: pd.Series) -> pd.Series:
    """Return what `district_on` answers, by the index of ``person_id``; what it has answered for this register is not asked again."""
    answers = answers_of(register)
    persons = answers.answer("persons", lambda: pd.Index(register.table("persons", columns=["person_id"])["person_id"]))
    number = persons.get_indexer(person_id)
    if (number < 0).any():
        return district_on(register, person_id, day)
    asked = day.notna().to_numpy()
    questions = pd.Index(number[asked] * DAYS + day[asked].to_numpy(dtype="datetime64[D]").astype("int64"))
    kept: dict[str, pd.Series] = answers.answer("districts", lambda: {"known": NOTHING_KNOWN})
    new = questions.difference(kept["known"].index)
    if len(new):
        kept["known"] = pd.concat([kept["known"], _answered(register, persons, new)])
    found = pd.Series(pd.NA, index=person_id.index, dtype="string")
    found[asked] = kept["known"].reindex(questions).array
    return found


def _answered(register: Register, persons: pd.Index, questions: pd.Index) -> pd.Series:
    number, day = np.divmod(questions.to_numpy(), DAYS)
    days = pd.Series(day.astype("datetime64[D]").astype("datetime64[us]"))
    return district_on(register, pd.Series(persons.take(number)), days).set_axis(questions)
