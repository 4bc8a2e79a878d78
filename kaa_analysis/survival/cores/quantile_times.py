"""The times at which a survival curve, or a limit of it, has come down to given values, by the rule of R's ``quantile.survfit``."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError

SAME = float(np.sqrt(np.finfo(float).eps))
"""A curve this near to 1 − p lies on it (R's ``tolerance``)."""


def quantile_times(times: NDArray, curve: NDArray, probabilities: ArrayLike) -> NDArray:
    """Return the time at which ``1 − curve`` reaches each of ``probabilities`` (m,), shape (m,); NaN where it never does.

    ``curve`` (T,) begins to hold at ``times`` (T,); before them it is 1, from 0 on. Where it lies on 1 − p for a while, the time is the
    midpoint between the beginning of that stretch and the next lower value, or the last time if there is none. Values that are NaN are
    passed over. Where a limit turns back, the smallest value that reaches p counts, as in R.

    >>> quantile_times(np.array([1, 2, 4, 5]), np.array([0.75, 0.5, 0.25, 0.25]), [0, 0.3, 0.5, 0.75, 0.8]).tolist()
    [0.0, 2.0, 3.0, 4.5, nan]

    Raises:
        DefinitionError: a probability does not lie in 0 … 1.
    """
    probabilities = _as_probabilities(probabilities)
    left = np.concatenate([[0.0], 1 - curve])
    starts = np.concatenate([[0.0], times])
    new = np.sort(np.unique(left, return_index=True)[1])
    ends_known = not np.isnan(left[new[-1]])
    new = new[~np.isnan(left[new])]
    values, order = np.sort(left[new]), np.argsort(left[new], kind="stable")
    reached = np.append(starts[new][order], np.nan)
    first = reached[np.searchsorted(values + SAME, probabilities)]
    after = reached[np.searchsorted(values - SAME, probabilities)]
    flat_to_end = ends_known & (np.abs(probabilities - left[new[-1]]) < SAME)
    found = np.where(flat_to_end, (first + starts[-1]) / 2, (first + after) / 2)
    return np.where(probabilities == 0, 0.0, found)


def _as_probabilities(probabilities: ArrayLike) -> NDArray:
    probabilities = np.asarray(probabilities, dtype=float)
    n_outside = int((~((probabilities >= 0) & (probabilities <= 1))).sum())
    if n_outside:
        raise DefinitionError("En sannolikhet ska ligga mellan 0 och 1.", found=f"andra värden: {n_outside}")
    return probabilities
