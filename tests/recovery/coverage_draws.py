"""The registers that intervals are tried on: a replicate is given by the seed, the size and its number alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.recovery.known_law import N_DAYS, Spells, a_law, observed, seen_spells, true_incidences

SEED = 2909
HORIZONS = {"3": 91, "6": 183, "12": 365, "24": 731}
"""Months and their days."""

PROBABILITIES = (0.25, 0.5)
HAZARD_RATIO = 1.5
HEAPED = a_law(daily=0.0006, at_term_start=0.05, hazard_ratio=HAZARD_RATIO)
EVEN = a_law(daily=0.0015, at_term_start=0.0, hazard_ratio=HAZARD_RATIO)
"""Without term starts: ties are those of whole days alone."""

RETURNING = a_law(daily=0.0006, at_term_start=0.05, hazard_ratio=4.0)
SPELLS_OF_PERSONS = np.array([[0.7, 0.3, 0.0], [0.3, 0.4, 0.3]])
"""The probability of one, two, three spells in each group; persons of group 1, who are placed sooner, come back oftener."""


@dataclass(frozen=True, eq=False)
class Replicate:
    """A register of ``n`` spells under each of two laws, and one of ``n`` persons, of whom some come back."""

    heaped: Spells
    even: Spells
    returning: Spells


def replicate(n: int, number: int, *, seed: int = SEED) -> Replicate:
    """Draw replicate ``number`` of size ``n``."""
    rng = np.random.default_rng([seed, n, number])
    return Replicate(seen_spells(HEAPED, n, rng=rng), seen_spells(EVEN, n, rng=rng), returning_persons(n, rng=rng))


def returning_persons(n: int, *, rng: np.random.Generator) -> Spells:
    """Draw the seen spells of ``n`` persons of whom at least one is seen; ``group`` is the person.

    The spells of a person are alike in their group alone, which is not in the register.
    """
    n_drawn = n + 5 + n // 2
    group = rng.integers(0, 2, n_drawn)
    n_spells = 1 + (rng.random(n_drawn)[:, None] > np.cumsum(SPELLS_OF_PERSONS, axis=1)[group, :2]).sum(axis=1)
    person = np.repeat(np.arange(n_drawn), n_spells)
    spells = observed(RETURNING, group[person], rng=rng)
    seen, person = spells.of(spells.is_seen), person[spells.is_seen]
    number = np.unique(person, return_inverse=True)[1]
    return Spells(seen.entry, seen.exit, seen.cause, number).of(number < n)


def truth_of_registers() -> NDArray:
    """Return the incidences of the register with term starts, shape (3, N_DAYS)."""
    return true_incidences(HEAPED, shares=(0.5, 0.5))


def truth_of_returning() -> NDArray:
    """Return the incidences among the spells of returning persons, each spell counted alike, shape (3, N_DAYS)."""
    spells = SPELLS_OF_PERSONS @ [1, 2, 3]
    return true_incidences(RETURNING, shares=spells / spells.sum())


def true_quantile(incidences: NDArray, probability: float) -> int:
    """Return the first day on or before which the share has left."""
    left = incidences.sum(axis=0)
    return int(np.argmax(left >= probability)) if left[-1] >= probability else N_DAYS
