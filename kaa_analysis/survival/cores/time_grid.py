"""The grid of exit times and each spell's place on it. Every estimator sums per grid time instead of looping over risk sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError

DENSE_GRID_FACTOR = 4
"""Whole times up to this many times the number of spells are found by counting, others by sorting."""
SAME_TIME = float(np.sqrt(np.finfo(float).eps))
"""Times no further apart than this, or than this share of the mean time, differ by rounding alone (R's ``timefix``)."""


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
    Entries and exits that differ by rounding alone are the same time, the smallest of them (or 0); whole numbers are as they are.

    >>> time_grid([0, 0, 0.3], [0.3, 0.1 + 0.2, 1.1 * 3]).n_at_risk.tolist()
    [2, 1]

    Raises:
        DefinitionError: shapes differ, a time is missing or negative, an exit lies before its entry or on it after 0, be it by rounding.
    """
    entry, exit_ = np.asarray(entry), np.asarray(exit)
    _check_numbers(entry, exit_)
    entry, exit_ = _without_rounding(entry, exit_)
    _check_times(entry, exit_)
    times, last = _distinct(exit_)
    first, late = np.zeros(len(entry), dtype=np.intp), np.flatnonzero(entry)
    first[late] = np.searchsorted(times, entry[late], side="right")
    return TimeGrid(times, first, last)


def is_past(time: ArrayLike, last: float) -> NDArray[np.bool_]:
    """Return whether ``time`` lies after the ``last`` time of a grid, by more than rounding.

    >>> is_past([0.3, 0.1 + 0.2, 0.31], 0.3).tolist()
    [False, False, True]
    """
    return np.asarray(time) - last > SAME_TIME * max(1.0, last)


def _distinct(values: NDArray) -> tuple[NDArray, NDArray[np.intp]]:
    if len(values) and values.max() < DENSE_GRID_FACTOR * len(values) and _whole(values):
        whole = values.astype(np.intp, copy=False)
        present = np.bincount(whole) > 0
        return np.flatnonzero(present).astype(values.dtype), (np.cumsum(present) - 1)[whole]
    return np.unique(values, return_inverse=True)


def _whole(values: NDArray) -> bool:
    return values.dtype.kind in "iu" or bool((values == np.floor(values)).all())


def _without_rounding(entry: NDArray, exit_: NDArray) -> tuple[NDArray, NDArray]:
    """Return the times, those that differ by rounding from the next smaller one put together with it."""
    if _whole(entry) and _whole(exit_):
        return entry, exit_
    times = np.unique(np.concatenate([[0.0], entry, exit_]))
    if not np.isfinite(times).all():
        return entry, exit_
    apart = np.diff(times, prepend=-np.inf) > SAME_TIME * max(1.0, np.abs(times).mean())
    if apart.all():
        return entry, exit_
    smallest = times[apart]
    place_0, place_entry, place_exit = (
        np.searchsorted(smallest, values, side="right") - 1 for values in (0.0, entry, exit_)
    )
    smallest[place_0] = 0.0
    return smallest[place_entry], smallest[place_exit]


def _check_numbers(entry: NDArray, exit_: NDArray) -> None:
    if entry.ndim != 1 or entry.shape != exit_.shape:
        raise DefinitionError(
            "Inträdes- och utträdestider ska vara lika många.", found=f"former {entry.shape} och {exit_.shape}"
        )
    if entry.dtype.kind not in "iuf" or exit_.dtype.kind not in "iuf":
        raise DefinitionError("Tiderna ska vara tal.", found=f"typer {entry.dtype} och {exit_.dtype}")


def _check_times(entry: NDArray, exit_: NDArray) -> None:
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
