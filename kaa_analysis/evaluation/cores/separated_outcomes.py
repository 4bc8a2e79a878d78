"""Whether some combination of covariates tells an outcome without error, so that a logistic model has no finite coefficients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

LEAST_GAIN = 1e-4
"""A combination, its parts at most 1, that is larger than this for nobody tells by the programme's tolerance (1e-7 a row) alone."""
LEAST_PART = 1e-6
"""A column with a smaller part than this has no part in the combination."""


def separating_columns(rows: NDArray[np.float64], outcome: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the places of the columns of ``rows`` (n, p) that together tell the ``outcome`` (n,) of some rows and contradict none; else none.

    One of the columns is constant. Columns that tell it alone are named alone. Else the combination sought is at least 0 for everybody with the outcome, at most 0 for everybody
    without it, and not 0 for all: a linear programme.

    >>> rows = np.array([[1.0, -1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    >>> separating_columns(rows, np.array([False, False, True, True])).tolist()
    [1]
    >>> separating_columns(rows, np.array([True, False, True, True])).tolist()
    []

    **Source** Albert & Anderson 1984; Konis 2007.
    """
    with_it, without = rows[outcome], rows[~outcome]
    if len(with_it) and len(without):
        above = with_it.min(axis=0) >= without.max(axis=0)
        alone = (above | (with_it.max(axis=0) <= without.min(axis=0))) & (np.ptp(rows, axis=0) > 0)
        if alone.any():
            return np.flatnonzero(alone)
    signed = np.where(outcome[:, np.newaxis], rows, -rows)
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(rows)), bounds=[(-1, 1)] * rows.shape[1], method="highs"
    )
    if found.x is None or (signed @ found.x).max() < LEAST_GAIN:
        return np.zeros(0, dtype=np.intp)
    return np.flatnonzero(np.abs(found.x) > LEAST_PART)
