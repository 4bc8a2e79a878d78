"""The days that registrations and times in the target group have in common. Persons are compared by numbers, not by pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.target_population import TargetPopulation

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class NumberedTimes:
    """``times`` has a row per interval: person (a place in ``persons``), start, end."""

    persons: pd.Index
    times: pd.DataFrame


def numbered_times(inside: pd.DataFrame) -> NumberedTimes:
    """Return intervals (person_id, start, end) with the persons numbered."""
    numbers, persons = pd.factorize(inside["person_id"])
    return NumberedTimes(pd.Index(persons), inside[["start", "end"]].assign(person=numbers))


def times_of(population: TargetPopulation) -> NumberedTimes:
    """Return the numbered intervals of a target population; they are numbered once."""
    return answers_of(population).answer("numbered times", lambda: numbered_times(population.intervals_table))


def common_days(
    spells: pd.DataFrame,
    inside: NumberedTimes,
    *,
    observed_to: date,
    start: date | None = None,
    end: date | None = None,
) -> pd.DataFrame:
    """Return a row per spell and interval of the person that have a day in common inside ``[start, end)``, in no order.

    ``row`` is the spell's label in the index, ``[first, after)`` its days, ``[start, end)`` the interval. An exit on the day of entry counts
    as one day; a spell without an exit runs until ``observed_to``.
    """
    ends = spells["exit_date"].where(spells["exit_date"] > spells["entry_date"], spells["entry_date"] + DAY)
    ends = ends.where(spells["exit_date"].notna(), pd.Timestamp(observed_to))
    days = pd.DataFrame({"first": spells["entry_date"], "after": ends, "row": spells.index})
    days["first"] = days["first"].clip(lower=pd.Timestamp(start) if start else None)
    days["after"] = days["after"].clip(upper=pd.Timestamp(end) if end else None)
    days["person"] = inside.persons.get_indexer(spells["person_id"])
    days = days[(days["first"] < days["after"]) & (days["person"] >= 0)]
    pairs = days.merge(inside.times, on="person", how="inner", validate="many_to_many")
    return pairs[(pairs["first"] < pairs["end"]) & (pairs["start"] < pairs["after"])]
