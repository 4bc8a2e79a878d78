"""The grid of exit times and each spell's place on it. Every estimator sums per grid time instead of looping over risk sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError

DENSE_GRID_FACTOR = 4
"""Whole times up to this many times the number of spells are found by counting, others by sorting."""


@dataclass(frozen=True, eq=False)
class TimeGrid:
    """The ``T`` distinct exit times of ``n`` spells, in order.

    ``first`` and ``last`` (n,) are the first and the last grid time at which each spell is at risk: the risk interval is
    (entry, exit], and who enters at 0 is at risk at 0.
    """

    times: NDArray
    first: NDArray[np.intp]
    last: NDArray[np.intp]

    def sums(self, place: NDArray[np.intp], weight: NDArray | None = None) -> NDArray:
        """Return the number of spells (or the sum of ``weight``) at each grid time of ``place`` (`first` or `last`), shape (T,)."""
        return np.bincount(place, weights=weight, minlength=len(self.times))

    @cached_property
    def n_entered(self) -> NDArray[np.intp]:
        """The number of spells that come under observation after the previous grid time and before this one, shape (T,)."""
        return self.sums(self.first)

    @cached_property
    def n_at_risk(self) -> NDArray[np.intp]:
        """The number of spells at risk at each grid time, shape (T,)."""
        n_left = self.sums(self.last)
        return np.cumsum(self.n_entered) - np.cumsum(n_left) + n_left


def time_grid(entry: ArrayLike, exit: ArrayLike) -> TimeGrid:
    """Place spells on the grid of their exit times.

    ``entry`` and ``exit`` have shape (n,). ``entry == exit`` is allowed at 0 alone: an exit on day 0, at risk on day 0.

    Raises:
        DefinitionError: shapes differ, a time is missing or negative, an exit lies before its entry or on it after 0.
    """
    entry, exit_ = np.asarray(entry), np.asarray(exit)
    _check_times(entry, exit_)
    times, last = _distinct(exit_)
    first, late = np.zeros(len(entry), dtype=np.intp), np.flatnonzero(entry)
    first[late] = np.searchsorted(times, entry[late], side="right")
    return TimeGrid(times, first, last)


def _distinct(values: NDArray) -> tuple[NDArray, NDArray[np.intp]]:
    if values.dtype.kind in "iu" and len(values) and values.max() < DENSE_GRID_FACTOR * len(values):
        present = np.bincount(values) > 0
        return np.flatnonzero(present).astype(values.dtype), (np.cumsum(present) - 1)[values]
    return np.unique(values, return_inverse=True)


def _check_times(entry: NDArray, exit_: NDArray) -> None:
    if entry.ndim != 1 or entry.shape != exit_.shape:
        raise DefinitionError(
            "Inträdes- och utträdestider ska vara lika många.", found=f"former {entry.shape} och {exit_.shape}"
        )
    if entry.dtype.kind not in "iuf" or exit_.dtype.kind not in "iuf":
        raise DefinitionError("Tiderna ska vara tal.", found=f"typer {entry.dtype} och {exit_.dtype}")
    problems = {
        "saknade tider": ~(np.isfinite(entry) & np.isfinite(exit_)),
        "inträden före tid 0": entry < 0,
        "utträden före inträdet": exit_ < entry,
        "utträden samma dag som ett senare inträde": (exit_ == entry) & (entry > 0),
    }
    found = [f"{what}: {rows.sum()} av {len(rows)}" for what, rows in problems.items() if rows.any()]
    if found:
        raise DefinitionError(
            "Varje tid under risk ska löpa från ett inträde till ett senare utträde (eller sluta dag 0).",
            found=found,
            action="uteslut raderna i kohorten, med eget steg i flödet",
        )
