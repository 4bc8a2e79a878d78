"""One thing that an attacker wants to know, and what must be possible for it not to be given away."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kaa_analysis.disclosure.attack.publication import Terms


class Demand(StrEnum):
    """What tables must exist that fit everything published."""

    EACH = "each"
    """A table for each value of the window 1 … threshold − 1 (moved up where zeros rule out the lowest)."""
    EITHER_SIGN = "either_sign"
    """As EACH, for a difference that may go either way."""
    SAFE = "safe"
    """A table in which the number is 0 or at least the threshold."""
    UNCHANGED = "unchanged"
    """For a difference that may go either way: a table in which it is 0 or at least the threshold, up or down."""
    OPEN = "open"
    """SAFE, or else EACH: what is surely small may not be narrowed down further."""
    TWO = "two"
    """Two tables that differ in the number."""
    NEITHER = "neither"
    """A table in which the number is at least 2, and at least 2 less than its group."""


@dataclass(frozen=True)
class Target:
    """The sum of coefficient × cell over ``terms``; with NEITHER, ``group`` is the cell of the whole group."""

    kind: str
    terms: Terms
    demand: Demand = Demand.EACH
    group: str = ""
