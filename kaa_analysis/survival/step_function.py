"""Reading a step function that jumps at known times and is continuous from the right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def step_values(times: NDArray, values: NDArray, *, at: ArrayLike, start: float, extend: bool) -> NDArray:
    """Return the value that holds just after each of ``at`` (m,), shape (m,).

    ``values`` (T,) begin to hold at ``times`` (T,), which are in order; before the first time ``start`` holds. Beyond the
    last time the value is the last one if ``extend``, else NaN.

    >>> step_values(np.array([2, 5]), np.array([0.8, 0.5]), at=[1, 2, 4, 5, 6], start=1.0, extend=False).tolist()
    [1.0, 0.8, 0.8, 0.5, nan]
    """
    at = np.asarray(at)
    found = np.concatenate([[start], values])[np.searchsorted(times, at, side="right")]
    beyond = at > times[-1] if len(times) else np.full(at.shape, True)
    return np.where(beyond & (not extend), np.nan, found)
