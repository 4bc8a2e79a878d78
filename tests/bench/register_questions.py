"""What each register query is asked for when it is measured: the whole register, with missing days and persons who are not in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from kaa_analysis.store import Register

NOBODY = "0" * 16
STRANGERS_EVERY = 997


@dataclass(frozen=True, eq=False)
class Question:
    """The rows and values that a query is asked with."""

    asked: pd.DataFrame | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def question(register: Register, name: str) -> Question:
    """Return what the query called ``name`` is asked; every query has its own, so that a new one is measured and compared too."""
    return _QUESTIONS[name](register)


def at_most(asked: Question, *, n: int) -> Question:
    """Return the question with at most ``n`` rows, evenly taken."""
    if asked.asked is None or len(asked.asked) <= n:
        return asked
    step = -(-len(asked.asked) // n)
    return Question(asked.asked.iloc[::step].reset_index(drop=True), asked.values)


def _residence(register: Register) -> Question:
    """Three days of every registration: the first, the first after it (missing if it runs), and the day of extract."""
    spells = register.table("registrations", columns=["person_id", "entry_date", "exit_date"])
    extract = pd.Series(pd.Timestamp(register.extract_date), index=spells.index)
    return _of_persons(spells["person_id"], spells["entry_date"], spells["exit_date"], extract)


def _activity(register: Register) -> Question:
    """A quarter of a year into every registration, and the day of extract."""
    spells = register.table("registrations", columns=["person_id", "entry_date"])
    extract = pd.Series(pd.Timestamp(register.extract_date), index=spells.index)
    return _of_persons(spells["person_id"], spells["entry_date"] + pd.Timedelta(days=90), extract)


def _of_persons(persons: pd.Series, *days: pd.Series) -> Question:
    asked = pd.DataFrame({"person_id": pd.concat([persons] * len(days)), "day": pd.concat(days)}).reset_index(drop=True)
    asked.loc[::STRANGERS_EVERY, "person_id"] = NOBODY
    return Question(asked)


_QUESTIONS: Mapping[str, Callable[[Register], Question]] = {
    "activity_known_on_day": _activity,
    "residence_on_day": _residence,
    "rows_per_month": lambda register: Question(values={"from_date": register.observed_from or date.min}),
}
