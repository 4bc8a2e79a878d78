"""How many persons are simulated at once: several birth years of a small register, some months of a year of a large one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_AT_ONCE = 120_000
"""Persons whose arrays fit well in memory. What is simulated does not depend on it."""
MONTHS = tuple(range(1, 13))
PARTS_OF_A_YEAR = (1, 2, 3, 4, 6, 12)


@dataclass(frozen=True)
class Batch:
    """Those born in some ``months`` of some ``years``, of ``births_per_year`` born in each whole year."""

    years: tuple[int, ...]
    births_per_year: int
    months: tuple[int, ...] = MONTHS


def batches(years: Sequence[int], *, births_per_year: int, most: int = MOST_AT_ONCE) -> tuple[Batch, ...]:
    """Return batches of about ``most`` persons or fewer, oldest first; no smaller than a month.

    >>> [batch.years for batch in batches(range(2000, 2005), births_per_year=100, most=250)]
    [(2000, 2001), (2002, 2003), (2004,)]
    >>> [batch.months for batch in batches([2000], births_per_year=100, most=50)]
    [(1, 2, 3, 4, 5, 6), (7, 8, 9, 10, 11, 12)]
    """
    if births_per_year > most:
        return tuple(
            Batch((year,), births_per_year, months) for year in years for months in _months(births_per_year, most)
        )
    at_once = most // births_per_year
    groups = [tuple(years[first : first + at_once]) for first in range(0, len(years), at_once)]
    return tuple(Batch(group, births_per_year) for group in groups)


def _months(births: int, most: int) -> list[tuple[int, ...]]:
    n_parts = next((parts for parts in PARTS_OF_A_YEAR if births <= parts * most), PARTS_OF_A_YEAR[-1])
    length = len(MONTHS) // n_parts
    return [MONTHS[first : first + length] for first in range(0, len(MONTHS), length)]
