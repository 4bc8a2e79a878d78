"""One rule for words about a change: a share is higher or lower only if the interval of the difference leaves out zero."""

from __future__ import annotations

from enum import StrEnum
from math import hypot

from kaa_analysis.core.result import Column
from kaa_analysis.present.interval import bounds_of
from kaa_analysis.present.reading import Row


class Change(StrEnum):
    """What may be said of a share beside the one before; the values are the Swedish words."""

    HIGHER = "högre"
    LOWER = "lägre"
    CHANCE = "kan inte skiljas från slumpen"
    UNTOLD = ""


def change_of(now: Row, before: Row | None, *, share: str, columns: tuple[Column, ...]) -> Change:
    """Return what may be said of a share in two rows of one table; nothing unless all of shares and bounds are shown.

    The interval of the difference is Newcombe's (1998, method 10), made of the released shares and their bounds: two shares that the
    table gives, and no other numbers, decide the word.
    """
    bounds = bounds_of(columns)
    if before is None or bounds is None:
        return Change.UNTOLD
    points = [[row.point(name) for name in (share, *bounds)] for row in (now, before)]
    if not all(point.known for row in points for point in row):
        return Change.UNTOLD
    lower, upper = difference_interval(*([float(point.value) for point in row] for row in points))
    if lower > 0:
        return Change.HIGHER
    return Change.LOWER if upper < 0 else Change.CHANCE


def difference_interval(now: list[float], before: list[float]) -> tuple[float, float]:
    """Return the bounds of the difference between two independent shares, each given as share, lower and upper bound.

    >>> [round(bound, 4) for bound in difference_interval([0.8, 0.6793, 0.8841], [0.6, 0.4618, 0.7239])]
    [0.027, 0.3618]
    """
    (share, low, high), (share_before, low_before, high_before) = now, before
    difference = share - share_before
    return difference - hypot(share - low, high_before - share_before), difference + hypot(
        high - share, share_before - low_before
    )
