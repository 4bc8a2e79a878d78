"""Whole lives from grade 9 to the 20th birthday, in and out of school, some birth years at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.batches import Batch
from kaa_analysis.synthetic.beginnings import first_outside, first_schooling, first_starts, is_pupil
from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.grade_nine import admissions, leave_grade_nine, school_cohorts
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import Persons, persons_of
from kaa_analysis.synthetic.residence import Moves, first_stays, moves_within
from kaa_analysis.synthetic.rowwise import stacked
from kaa_analysis.synthetic.school_calendar import date_of, year_of
from kaa_analysis.synthetic.studies import study
from kaa_analysis.synthetic.support import AimStrategy
from kaa_analysis.synthetic.times_outside import (
    TimesOutside,
    all_times,
    back_again,
    certificates_outside,
    is_summer_gap,
    stays_after,
    studies_after,
    times_outside,
)
from kaa_analysis.synthetic.turns import Outside

MOST_TURNS = 64
"""More turns in and out of school than anybody can take before 20."""


@dataclass(frozen=True)
class World:
    """What may be otherwise than it was: who begins Aim, and whether SUSA ever was."""

    aim: AimStrategy = "as_drawn"
    with_susa: bool = True


AS_IT_WAS = World()


@dataclass(frozen=True, eq=False)
class Lives:
    """Everything that happens to the persons of a batch until 20, whether or not any register knows it.

    ``stays`` are changes of address: person, day, municipality ("" = abroad or dead), district (division of 2007). The other tables
    have the columns of the raw files, with half-open intervals.
    """

    persons: Persons
    moves: Moves
    schooling: pd.DataFrame
    credentials: pd.DataFrame
    admissions: pd.DataFrame
    school_cohorts: pd.DataFrame
    stays: pd.DataFrame
    outside: TimesOutside


def lives_of(batch: Batch, *, seed: int, margins: Margins, world: World = AS_IT_WAS) -> Lives:
    """Return the lives of everybody in a batch; in every ``world`` the same persons have the same luck.

    A turn is a study start and what comes of it, then a time outside and what comes of that, until nobody has anything left to begin.

    Raises:
        DefinitionError: the settings let somebody go in and out of school without end.
    """
    persons = persons_of(batch, seed=seed, margins=margins)
    draws = Draws(seed, persons.number)
    moves = moves_within(persons, draws, margins=margins)
    left = leave_grade_nine(persons, draws, margins=margins, with_susa=world.with_susa)
    enrolments, certificates = first_schooling(persons, left, draws, margins=margins)
    schooling, credentials, times = [enrolments], [certificates], []
    stays = [first_stays(persons, moves, draws, margins=margins)]
    starts = first_starts(persons, left, draws, margins=margins)
    waiting = first_outside(persons, left, draws, margins=margins)
    turn = 0
    while len(starts) or len(waiting):
        turn = _next(turn, batch)
        studied = study(starts, persons, draws.of(starts.rows, turn=turn), margins=margins)
        outside = _in_target_group(stacked([waiting, studied.outside]), persons)
        luck = draws.of(outside.rows, turn=turn)
        spent = times_outside(outside, persons, moves, luck, margins=margins, aim=world.aim)
        returns = _in_target_group(back_again(outside, spent.out, luck, margins=margins), persons)
        stays.append(stays_after(outside, spent.out, returns, persons, moves, luck, margins=margins))
        schooling.append(studied.enrolments)
        credentials += [studied.certificates, certificates_outside(outside, spent.out, persons, luck, margins=margins)]
        times.append(spent.of(~is_summer_gap(outside, spent.out)))
        starts, waiting = stacked([studied.onward, studies_after(outside, spent.out)]), returns
    enrolled, pupils = pd.concat(schooling, ignore_index=True), is_pupil(persons)
    return Lives(
        persons=persons,
        moves=moves,
        schooling=enrolled,
        credentials=pd.concat(credentials, ignore_index=True),
        admissions=admissions(persons.of(pupils), left.of(pupils)),
        school_cohorts=school_cohorts(persons.of(pupils), left.of(pupils), enrolled, margins=margins),
        stays=pd.concat(stays, ignore_index=True),
        outside=all_times(times),
    )


def _next(turn: int, batch: Batch) -> int:
    if turn == MOST_TURNS:
        raise DefinitionError(
            f"Någon född {batch.years[0]}–{batch.years[-1]} börjar och slutar skolan fler än {MOST_TURNS} gånger."
        )
    return turn + 1


def _in_target_group(outside: Outside, persons: Persons) -> Outside:
    """Keep those who have come to the city and are not yet 20; who left school before coming is outside from the day of coming."""
    arrival = persons.arrival[outside.rows]
    day = np.maximum(outside.day, arrival)
    came_later = arrival > outside.day
    reason = np.where(came_later, "OKA", outside.reason)
    same_summer = outside.day > date_of(year_of(day), 6, 1)
    from_school = outside.from_school & (~came_later | same_summer)
    later = Outside(outside.rows, day, reason, outside.last_school, from_school)
    return later.of(day < persons.twentieth[outside.rows])
