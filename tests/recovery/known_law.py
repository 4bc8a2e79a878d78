"""A law of spells in whole days whose truth is summed, not simulated: many leave on the same days, in three ways, some are seen late.

A day brings a placement, else another way out, each with the hazard of the day; whoever is still there on the 20th birthday has left by it
(a birthday comes before anything else of its day). Persons of group 1 are placed as if ``hazard_ratio`` as often at every moment
of every day. Late entry and the day of extract depend on nothing else, and nobody who has left before the entry is ever seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

PLACEMENT, OTHER, TURNED_20 = WAYS_OUT = 1, 2, 3
N_DAYS = 1200
"""Days 0 … 1199: longer than anybody is observed."""

TERM_STARTS = (14, 133, 183, 350, 365, 498, 548, 715)
"""Days on which most placements begin; two of them are horizons."""

FIRST_BIRTHDAY, LAST_BIRTHDAY = 60, 1460
LATE_SHARE, LATEST_ENTRY = 0.2, 119
EARLY_EXTRACT_SHARE, FIRST_EXTRACT, TWO_YEARS, LAST_EXTRACT = 0.3, 120, 731, 1095


@dataclass(frozen=True, eq=False)
class KnownLaw:
    """Hazards of ``placement`` (in group 0) and of ``other`` ways out, and the probability of ``turning_20``, each of shape (N_DAYS,)."""

    placement: NDArray
    other: NDArray
    turning_20: NDArray
    hazard_ratio: float

    @property
    def placement_by_group(self) -> NDArray:
        """The hazard of placement in both groups, shape (2, N_DAYS)."""
        return np.stack([self.placement, 1 - (1 - self.placement) ** self.hazard_ratio])


@dataclass(frozen=True, eq=False)
class Spells:
    """``n`` spells: ``entry``, ``exit``, ``cause`` (0 = not known) and ``group``, which is the person where there are several; shape (n,)."""

    entry: NDArray[np.int64]
    exit: NDArray[np.int64]
    cause: NDArray[np.int64]
    group: NDArray[np.int64]

    def of(self, rows: NDArray) -> Spells:
        """Return the chosen rows."""
        return Spells(*(getattr(self, column.name)[rows] for column in fields(self)))

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """True for the spells that have not ended before they could be seen."""
        return (self.exit > self.entry) | (self.entry == 0)


def a_law(*, daily: float, at_term_start: float, hazard_ratio: float) -> KnownLaw:
    """Return a law with these hazards of placement; other ways out are a third as frequent, and more leave on day 0."""
    placement = np.full(N_DAYS, daily)
    placement[list(TERM_STARTS)] += at_term_start
    placement[0] += 0.01
    days = np.arange(N_DAYS)
    turning_20 = np.where(days >= FIRST_BIRTHDAY, 1 / (LAST_BIRTHDAY - FIRST_BIRTHDAY + 1), 0.0)
    return KnownLaw(placement, placement / 3, turning_20, hazard_ratio)


def true_incidences(law: KnownLaw, *, shares: Sequence[float]) -> NDArray:
    """Return the probability of having left by each way on or before each day, shape (3, N_DAYS).

    ``shares`` are those of the two groups among the spells.
    """
    of_groups = [_incidences(law, placement) for placement in law.placement_by_group]
    return np.tensordot(shares, of_groups, axes=1)


def lives(law: KnownLaw, group: NDArray[np.int64], *, rng: np.random.Generator) -> tuple[NDArray, NDArray]:
    """Draw the day and the way out of each person, both (n,). A day past the last is N_DAYS or later; its way out means nothing."""
    placement = law.placement_by_group
    left = 1 - np.cumprod((1 - placement) * (1 - law.other), axis=1)
    day = _days(left, group, rng=rng)
    within = np.minimum(day, N_DAYS - 1)
    chance = placement / (placement + (1 - placement) * law.other)
    cause = np.where(rng.random(len(group)) < chance[group, within], PLACEMENT, OTHER)
    birthday = np.searchsorted(np.cumsum(law.turning_20), rng.random(len(group)), side="right")
    return np.minimum(day, birthday), np.where(birthday <= day, TURNED_20, cause)


def observed(law: KnownLaw, group: NDArray[np.int64], *, rng: np.random.Generator) -> Spells:
    """Draw a spell per place of ``group``, those included that are over before they are seen."""
    n = len(group)
    entry = np.where(rng.random(n) < LATE_SHARE, rng.integers(1, LATEST_ENTRY + 1, n), 0)
    early = rng.integers(FIRST_EXTRACT, TWO_YEARS + 1, n)
    extract = np.where(rng.random(n) < EARLY_EXTRACT_SHARE, early, rng.integers(TWO_YEARS + 1, LAST_EXTRACT + 1, n))
    day, cause = lives(law, group, rng=rng)
    return Spells(entry, np.minimum(day, extract), np.where(day <= extract, cause, 0), group)


def seen_spells(law: KnownLaw, n: int, *, rng: np.random.Generator) -> Spells:
    """Draw ``n`` spells that are seen, of both groups alike: what is over before it is seen is drawn anew, group and all."""
    drawn = [observed(law, rng.integers(0, 2, n), rng=rng)]
    while n_missing := n - sum(int(spells.is_seen.sum()) for spells in drawn):
        drawn.append(observed(law, rng.integers(0, 2, n_missing), rng=rng))
    return _stacked([spells.of(spells.is_seen) for spells in drawn])


def _incidences(law: KnownLaw, placement: NDArray) -> NDArray:
    before = np.concatenate([[1.0], np.cumprod((1 - placement) * (1 - law.other))[:-1]])
    under_20 = 1 - np.cumsum(law.turning_20)
    placed = before * placement * under_20
    otherwise = before * (1 - placement) * law.other * under_20
    return np.cumsum([placed, otherwise, before * law.turning_20], axis=1)


def _days(left: NDArray, group: NDArray[np.int64], *, rng: np.random.Generator) -> NDArray[np.int64]:
    luck = rng.random(len(group))
    by_group = [np.searchsorted(of_group, luck, side="right") for of_group in left]
    return np.where(group == 0, *by_group)


def _stacked(parts: Sequence[Spells]) -> Spells:
    return Spells(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Spells)))
