"""What schools tell the home municipality (15 kap. 15 § skollagen): who has begun, is absent to a considerable extent, has dropped out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Codes, Days, Draws, Flags, Numbers
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.row_log import RowLog, code_column, day_column
from kaa_analysis.synthetic.school_calendar import after_summer_pause, days, in_summer_pause, working_day

DROPOUT = "AV"
KINDS = ("BOR", "FRV", "SLU")
STARTED, ABSENT, DROPPED_OUT = range(3)
SCHOOL_YEAR = 300
FIRST_WEEKS = 14


@dataclass(frozen=True, eq=False)
class GymnasiumEnrolments:
    """Arrays (n,), an element per enrolment in the gymnasium; ``turn`` numbers a person's own, ``end`` is the first day after (NaT = none)."""

    person: Numbers
    turn: Numbers
    start: Days
    end: Days
    leave_reason: Codes
    unit: Codes


def notices_of(enrolments: GymnasiumEnrolments, *, seed: int, margins: Margins) -> pd.DataFrame:
    """Return a row per notice, in the order of enrolment and day: person, kind, day, unit.

    A notice of considerable absence comes while enrolled, oftener before a dropout; one of the dropout after it.
    """
    draws = Draws(seed, enrolments.person, turn=enrolments.turn)
    log = RowLog({"kind": code_column(*KINDS), "day": day_column()})
    for kind, told, day in (
        (STARTED, *_starts(enrolments, draws, margins)),
        (ABSENT, *_absences(enrolments, draws, margins)),
        (DROPPED_OUT, *_dropouts(enrolments, draws, margins)),
    ):
        log.add(episode=np.flatnonzero(told), kind=kind, day=day[told])
    notices = log.table(by="day")
    place = notices.pop("episode").to_numpy()
    return notices.assign(person=enrolments.person[place], unit=enrolments.unit[place])[
        ["person", "kind", "day", "unit"]
    ]


def _starts(enrolments: GymnasiumEnrolments, draws: Draws, margins: Margins) -> tuple[Flags, Days]:
    day = working_day(enrolments.start + days(draws.whole("notice.start.wait", 0, 14)))
    return draws.chance("notice.start", margins.share("notice_of_start")) & ~(day >= enrolments.end), day


def _absences(enrolments: GymnasiumEnrolments, draws: Draws, margins: Margins) -> tuple[Flags, Days]:
    """Return the days of absence: one to four months before a dropout, any day of the first year of the others."""
    drops_out = enrolments.leave_reason == DROPOUT
    before = enrolments.end - days(draws.whole("notice.absence.before", 20, 120))
    during = enrolments.start + days(draws.whole("notice.absence.during", FIRST_WEEKS, SCHOOL_YEAR))
    day = working_day(np.where(drops_out, before, during))
    share = np.where(drops_out, margins.share("absence_before_dropout"), margins.share("absence_otherwise"))
    enrolled = (day >= enrolments.start + days(FIRST_WEEKS)) & ~(day >= enrolments.end) & ~in_summer_pause(day)
    return draws.chance("notice.absence", share) & enrolled, day


def _dropouts(enrolments: GymnasiumEnrolments, draws: Draws, margins: Margins) -> tuple[Flags, Days]:
    drops_out = (enrolments.leave_reason == DROPOUT) & ~np.isnat(enrolments.end)
    told = drops_out & draws.chance("notice.dropout", margins.share("notice_of_dropout"))
    return told, after_summer_pause(enrolments.end + days(draws.whole("notice.dropout.wait", 0, 21)))
