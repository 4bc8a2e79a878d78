"""Which days a period covers, read off its label, and which periods lie inside which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import permutations

Months = tuple[int, int]
"""The first month and the first month after, counted from year 0."""

SCHOOL_YEAR_STARTS = 7
"""The month in which a school year and its autumn begin."""

HALVES = {"första": 0, "andra": 6}

YEARS = re.compile(r"(\d{4})(?:[–-](\d{4}))?")
TERTIAL = re.compile(r"tertial ([123]) (\d{4})")
SCHOOL_YEAR = re.compile(r"läsåret (\d{4})/\d{2}")
AUTUMN = re.compile(r"hösten (\d{4})")
HALF_YEAR = re.compile(r"(första|andra) halvåret (\d{4})")


def months_of(label: str) -> Months | None:
    """Return the months of a period, or None if the label is not of a known kind. Tertials run from January.

    >>> months_of("tertial 2 2024") == (2024 * 12, 2024 * 12 + 8)
    True
    >>> months_of("läsåret 2023/24") == (2023 * 12 + 6, 2024 * 12 + 6)
    True
    >>> months_of("alltid") is None
    True
    """
    if found := YEARS.fullmatch(label):
        return 12 * int(found[1]), 12 * int(found[2] or found[1]) + 12
    if found := TERTIAL.fullmatch(label):
        return 12 * int(found[2]), 12 * int(found[2]) + 4 * int(found[1])
    if found := SCHOOL_YEAR.fullmatch(label):
        start = 12 * int(found[1]) + SCHOOL_YEAR_STARTS - 1
        return start, start + 12
    if found := AUTUMN.fullmatch(label):
        return 12 * int(found[1]) + SCHOOL_YEAR_STARTS - 1, 12 * int(found[1]) + 12
    if found := HALF_YEAR.fullmatch(label):
        start = 12 * int(found[2]) + HALVES[found[1]]
        return start, start + 6
    return None


def inside_pairs(labels: Iterable[str]) -> list[tuple[str, str]]:
    """Return every pair of labels of which the first lies inside the second, and is shorter.

    >>> inside_pairs(["2024", "tertial 1 2024", "tertial 2 2024", "2023"])
    [('tertial 1 2024', '2024'), ('tertial 1 2024', 'tertial 2 2024'), ('tertial 2 2024', '2024')]
    """
    known = {label: months for label in sorted(set(labels)) if (months := months_of(label)) is not None}
    return [
        (inner, outer)
        for inner, outer in permutations(known, 2)
        if known[outer][0] <= known[inner][0] and known[inner][1] <= known[outer][1] and known[inner] != known[outer]
    ]
