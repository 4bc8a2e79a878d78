"""Introduction programmes before 1 July 2018: days in the target group, although spent in school."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.synthetic.beginnings import is_pupil
from kaa_analysis.synthetic.draws import Codes, Days, Draws, Flags, Numbers
from kaa_analysis.synthetic.lives import Lives
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import Persons
from kaa_analysis.synthetic.school_calendar import NO_DAY, days, is_one_summer, reserve_admission_end
from kaa_analysis.synthetic.studies import ENTRY_REASON_AFTER, INTRODUCTION
from kaa_analysis.synthetic.times_outside import registration_delay
from kaa_analysis.synthetic.ways_out import STUDY_FORMS

INTRODUCTION_OUTSIDE = np.datetime64("2018-07-01")
"""From this day introduction programmes are a place (lag 2018:749); before it their pupils were in the target group."""
BY_LAW = "LAG"
"""The reason of who was in an introduction programme on that day; the register's file has it among the other reasons."""
COMPULSORY = "GR"
DAYS_IN_KEY = 100_000
"""More than the days from 1970 to any day of a simulated life."""


@dataclass(frozen=True, eq=False)
class _Programmes:
    """Arrays (n,), an element per enrolment in an introduction programme: person, first day, and first day after it.

    ``came_from`` is the place left just before (a summer between, at most), and ``left`` its first day after; ``goes_to`` and ``begins``
    likewise the place begun just after. "" and no day = none, or a time outside between.
    """

    person: Numbers
    start: Days
    end: Days
    came_from: Codes
    carried_through: Flags
    left: Days
    goes_to: Codes
    begins: Days


def introduction_inside(lives: Lives, *, seed: int, margins: Margins) -> pd.DataFrame:
    """Return the days in the target group in introduction programmes, a row per programme begun before 1 July 2018.

    They go on until the next place begins, the law changes or the 20th birthday: an introduction programme was no place, so that the
    summer between it and another one was none between two places. Columns as those of a time outside, with an empty *exit_reason* where
    a time outside follows at once.
    """
    programmes = _programmes(lives)
    persons = lives.persons.of(pd.Index(lives.persons.number).get_indexer(programmes.person))
    accepted = is_pupil(persons) & (programmes.came_from == COMPULSORY)
    from_left = ~accepted & ~np.isin(programmes.came_from, ("", *INTRODUCTION))
    start = np.select([accepted, from_left], [first_day_counted(persons), programmes.left], programmes.start)
    start = np.maximum(start, persons.arrival)
    goes_on = ~np.isnat(programmes.begins)
    end = np.where(goes_on, programmes.begins, programmes.end)
    until = np.minimum(np.minimum(INTRODUCTION_OUTSIDE, end), persons.twentieth)
    reason = np.select(
        [until == persons.twentieth, until == INTRODUCTION_OUTSIDE, goes_on & np.isin(programmes.goes_to, STUDY_FORMS)],
        ["F20", BY_LAW, programmes.goes_to],
        "",
    )
    draws = Draws(seed, programmes.person, turn=programmes.start.astype(np.int64))
    pieces = pd.DataFrame({
        "person": programmes.person, "turn": draws.turn, "start": start, "end": until,
        "registered": start + days(registration_delay(draws, margins)), "entry_reason": _entry_reason(programmes, accepted),
        "last_school": programmes.came_from, "exit_reason": reason,
    })  # fmt: skip
    return pieces[pieces["start"] < pieces["end"]]


def first_day_counted(persons: Persons) -> Days:
    """Return 16 September after grade 9: a place that was accepted counts through the day before, even one in an introduction programme."""
    return reserve_admission_end(persons.grade_nine)


def _entry_reason(programmes: _Programmes, accepted: Flags) -> Codes:
    """Return why: the place before was left or gave a studiebevis; who had accepted the programme is a pupil of one."""
    left = pd.Series(programmes.came_from).map(ENTRY_REASON_AFTER).fillna("OKA").to_numpy(str)
    graduated = programmes.carried_through & (programmes.came_from == "NP")
    return np.select([accepted, graduated], ["IMS", "STB"], left)


def _programmes(lives: Lives) -> _Programmes:
    """Return the introduction programmes begun before 2018-07-01, or in the summer after by who left another place in June."""
    ordered = lives.schooling.sort_values(["person", "start"], kind="stable")
    by_person = ordered.groupby("person", sort=False)
    before, after = by_person[["form", "end", "leave_reason"]].shift(1), by_person[["form", "start"]].shift(-1)
    chosen = (ordered["form"].isin(INTRODUCTION) & (ordered["start"] < pd.Timestamp(2018, 10, 1))).to_numpy()
    ordered, before, after = ordered[chosen], before[chosen], after[chosen]
    person = ordered["person"].to_numpy()
    start, end = (ordered[name].to_numpy("datetime64[D]") for name in ("start", "end"))
    left = before["end"].to_numpy("datetime64[D]")
    follows = ~_begins_outside(lives, person, left) & is_one_summer(left, start)
    goes_on = ~_begins_outside(lives, person, end) & after["form"].notna().to_numpy()
    return _Programmes(
        person=person,
        start=start,
        end=end,
        came_from=np.where(follows, before["form"].fillna("").to_numpy(str), ""),
        carried_through=before["leave_reason"].eq("FU").to_numpy(),
        left=np.where(follows, left, NO_DAY),
        goes_to=np.where(goes_on, after["form"].fillna("").to_numpy(str), ""),
        begins=np.where(goes_on, after["start"].to_numpy("datetime64[D]"), NO_DAY),
    )


def _begins_outside(lives: Lives, person: Numbers, day: Days) -> Flags:
    """Return who has a time outside that begins on the day."""
    episodes = lives.outside.episodes
    return np.isin(_keys(person, day), _keys(episodes.person, episodes.entry))


def _keys(person: Numbers, day: Days) -> NDArray[np.int64]:
    return person * DAYS_IN_KEY + day.astype(np.int64)
