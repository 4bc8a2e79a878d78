"""Where each begins: in a school after grade 9, left without a place, or newly come to the city."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Draws, Flags
from kaa_analysis.synthetic.grade_nine import GradeNine, compulsory_schooling
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import BORN_HERE, MOVED_IN, MOVED_IN_LATER, NEWLY_ARRIVED_PUPIL, Persons
from kaa_analysis.synthetic.school_calendar import autumn_start, grade_nine_end, reserve_admission_end, year_of
from kaa_analysis.synthetic.turns import Outside, Starts

PUPILS = (BORN_HERE, MOVED_IN, NEWLY_ARRIVED_PUPIL)


def is_pupil(persons: Persons) -> Flags:
    """Return who leaves grade 9 in the city."""
    return np.isin(persons.origin, PUPILS)


def first_starts(persons: Persons, left: GradeNine, draws: Draws, *, margins: Margins) -> Starts:
    """Return who begins upper-secondary school: pupils with a place, and those who moved here later and had one elsewhere."""
    came_later = _came_with_place(persons, draws, margins)
    chosen = np.flatnonzero((is_pupil(persons) & (left.form != "")) | came_later)
    form = np.where(came_later, "NP", left.form)[chosen]
    day = np.where(came_later, autumn_start(persons.grade_nine), left.start)[chosen]
    return Starts(chosen, form, day, np.ones(len(chosen), bool))


def first_outside(persons: Persons, left: GradeNine, draws: Draws, *, margins: Margins) -> Outside:
    """Return who is outside at once: left without a place in grade 9, come from another municipality without one, or from abroad."""
    moved = (persons.origin == MOVED_IN_LATER) & ~_came_with_place(persons, draws, margins)
    without_place = is_pupil(persons) & (left.form == "")
    chosen = np.flatnonzero(without_place | moved | persons.newly_resident)
    arrival = np.where(moved, np.fmax(persons.arrival, grade_nine_end(persons.grade_nine)), persons.arrival)
    day = np.where(without_place, reserve_admission_end(persons.grade_nine), arrival)
    from_school = moved & (year_of(day) == persons.grade_nine)
    reason = np.select([without_place, moved], ["ALD", "OKA"], "NYF")
    last_school = np.where(persons.newly_resident, "", "GR")
    return Outside(chosen, day[chosen], reason[chosen], last_school[chosen], from_school[chosen])


def first_schooling(
    persons: Persons, left: GradeNine, draws: Draws, *, margins: Margins
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of compulsory school and its certificates; who came to the country later has none."""
    went = ~persons.newly_resident
    return compulsory_schooling(persons.of(went), left.school[went], draws.of(went), margins=margins)


def _came_with_place(persons: Persons, draws: Draws, margins: Margins) -> Flags:
    has_place = ~draws.chance("moved_in.without_place", margins.share("moved_in_without_place"))
    return (persons.origin == MOVED_IN_LATER) & has_place
