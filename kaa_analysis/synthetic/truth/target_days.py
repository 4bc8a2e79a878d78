"""Which registrations have a day in the target group, and which day is the last: by the true days, as sorted intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.known_tables import SPAN, Intervals, Whole, day_number

FIRST_WORDING = day_number(date(2015, 1, 1))
"""Lag 2014:1002 in force: nobody is in the target group before it."""


@dataclass(frozen=True, eq=False)
class TargetDays:
    """The days in the target group: ``starts`` as sorted keys of person and day, ``ends`` the latest end of the person so far."""

    starts: Whole
    ends: Whole

    def last_day(self, asked: Intervals) -> Whole:
        """Return the last day in the target group of each asked interval, -1 where there is none."""
        who, first, after = asked.who, asked.start, asked.end
        place = np.searchsorted(self.starts, who * SPAN + after, side="left") - 1
        begun = place >= 0
        end = np.where(begun, self.ends[place] - who * SPAN if len(self.ends) else -1, -1)
        last = np.minimum(end, after) - 1
        return np.where((last >= first) & (first < after), last, -1)

    def meets(self, asked: Intervals) -> NDArray[np.bool_]:
        """Return which asked intervals have a day in the target group."""
        return self.last_day(asked) >= 0

    def on(self, day: int, *, n_persons: int) -> NDArray[np.bool_]:
        """Return which persons are in the target group on a day, shape (persons,)."""
        who = np.arange(n_persons)
        return self.meets(Intervals(who, np.full(n_persons, day), np.full(n_persons, day + 1)))


def target_days(inside: Intervals) -> TargetDays:
    """Return the days in the target group, none before the first wording."""
    start = np.maximum(inside.start, FIRST_WORDING)
    kept = start < inside.end
    who, start, end = inside.who[kept], start[kept], inside.end[kept]
    order = np.lexsort((start, who))
    return TargetDays(who[order] * SPAN + start[order], np.maximum.accumulate(who[order] * SPAN + end[order]))


def registered_days(rows: Intervals, *, start: int, end: int) -> Intervals:
    """Return the registered days of each row inside ``[start, end)``; an exit on the day of entry is one day."""
    after = np.maximum(rows.end, rows.start + 1)
    return Intervals(rows.who, np.maximum(rows.start, start), np.minimum(after, end))
