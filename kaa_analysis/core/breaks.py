"""Days on which a series breaks: what is counted before them is not counted in the same way after. They are a data file beside this module."""

from __future__ import annotations

import csv
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

from kaa_analysis.core.periods import Period

BreakKind = Literal["law", "districts"]


@dataclass(frozen=True)
class Break:
    """A day, the first one counted in the new way, and the Swedish sentence that tells readers of it."""

    day: date
    kind: BreakKind
    told: str


@cache
def every_break() -> tuple[Break, ...]:
    """Return every known break in the order of the days.

    >>> [(one.day.isoformat(), one.kind) for one in every_break()]
    [('2018-07-01', 'law'), ('2020-07-01', 'districts'), ('2023-07-01', 'districts')]
    """
    with files("kaa_analysis.core").joinpath("breaks.csv").open(encoding="utf-8", newline="") as stream:
        found = [Break(date.fromisoformat(row["date"]), row["kind"], row["told"]) for row in csv.DictReader(stream)]
    return tuple(sorted(found, key=lambda one: one.day))


def breaks_in(periods: Sequence[Period], *, kinds: Collection[BreakKind]) -> tuple[Break, ...]:
    """Return the breaks that lie inside a series: after the first day of its first period and not after the last one of its last.

    One period by itself is no series and has none.

    >>> from kaa_analysis.core.periods import calendar_year
    >>> [one.day.year for one in breaks_in([calendar_year(2022), calendar_year(2023)], kinds=["districts"])]
    [2023]
    """
    if len(periods) < 2:
        return ()
    first, last = min(period.start for period in periods), max(period.last_day for period in periods)
    return tuple(one for one in every_break() if one.kind in kinds and first < one.day <= last)


def break_note(periods: Sequence[Period], *, kinds: Collection[BreakKind]) -> str:
    """Return the sentences on the breaks inside a series, each after a space; the empty string where there are none."""
    return "".join(f" {one.told}" for one in breaks_in(periods, kinds=kinds))


def breaks_told(note: str) -> tuple[Break, ...]:
    """Return the breaks that a note tells of."""
    return tuple(one for one in every_break() if one.told in note)


def broken_gaps(periods: Sequence[Period], breaks: Collection[Break]) -> tuple[int, ...]:
    """Return the gaps between the periods of a series that a break lies in, by the place of the period after the gap.

    A period that contains the day of a break, and does not begin with it, is counted in two ways: the gaps on both sides of it are broken.

    >>> from kaa_analysis.core.periods import calendar_year, lasar
    >>> broken_gaps([calendar_year(year) for year in (2022, 2023, 2024)], every_break())
    (1, 2)
    >>> broken_gaps([lasar(year) for year in (2021, 2022, 2023)], every_break())
    (2,)
    """
    days = [one.day for one in breaks]
    inside = [any(period.start < day < period.end for day in days) for period in periods]
    return tuple(
        gap
        for gap in range(1, len(periods))
        if inside[gap - 1] or inside[gap] or any(periods[gap - 1].end <= day <= periods[gap].start for day in days)
    )
