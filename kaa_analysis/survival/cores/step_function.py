"""Reading a step function that jumps at known times and is continuous from the right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.time_grid import is_past


def step_values(times: NDArray, values: NDArray, *, at: ArrayLike, start: float, extend: bool) -> NDArray:
    """Return the value that holds just after each of ``at`` (m,), shape (m,).

    ``values`` (T,) begin to hold at ``times`` (T,), which are in order; before the first time ``start`` holds. Beyond the
    last time the value is the last one if ``extend``, else NaN.

    >>> step_values(np.array([2, 5]), np.array([0.8, 0.5]), at=[1, 2, 4, 5, 6], start=1.0, extend=False).tolist()
    [1.0, 0.8, 0.8, 0.5, nan]
    """
    at = np.asarray(at)
    found = np.concatenate([[start], values])[np.searchsorted(times, at, side="right")]
    beyond = is_past(at, times[-1]) if len(times) else np.full(at.shape, True)
    return np.where(beyond & (not extend), np.nan, found)


def held_values(values: NDArray, *, moves: NDArray[np.bool_]) -> NDArray:
    """Return ``values`` (…, T) as they were at the last time that ``moves`` (…, T), 0 before the first such time.

    What cannot change at a time is then exactly what it was, without the rounding of its sums.

    >>> held_values(np.array([1e-17, 0.5, 0.5000001, 0.7]), moves=np.array([False, True, False, True])).tolist()
    [0.0, 0.5, 0.5, 0.7]
    """
    places = np.arange(1, values.shape[-1] + 1)
    last = np.maximum.accumulate(np.where(moves, places, 0), axis=-1)
    padded = np.concatenate([np.zeros((*values.shape[:-1], 1)), values], axis=-1)
    return np.take_along_axis(padded, np.broadcast_to(last, values.shape), axis=-1)
