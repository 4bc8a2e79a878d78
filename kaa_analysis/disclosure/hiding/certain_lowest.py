"""How low each cell can surely not go: a total is at least what its parts are at least, together."""

from __future__ import annotations

import numpy as np
from scipy import sparse

ROUNDS = 50
"""Lines that what is certain is carried upwards at most: what is not told is not used."""


def certain_lowest(matrix: sparse.csr_array, *, values: np.ndarray, lowest: np.ndarray) -> np.ndarray:
    """Return numbers (n,), none below ``lowest`` (n,), below which no cell can go whatever is hidden.

    ``matrix`` (m, n) holds whole coefficients, and a change of ``values`` (n,) keeps every relation. The numbers hold for certain; a cell
    may be unable to go even that low.

    >>> row = sparse.csr_array(np.array([[1, 1, -1]]))
    >>> certain_lowest(row, values=np.array([2, 9, 11]), lowest=np.array([1, 1, 1])).tolist()
    [1, 1, 2]
    """
    least = lowest - values
    totals = [_totals(sparse.csr_array(sign * matrix)) for sign in (1, -1)]
    for _ in range(ROUNDS):
        before = least.copy()
        for cells, parts in totals:
            np.maximum.at(least, cells, parts @ before)
        if (least == before).all():
            break
    return values + least


def _totals(matrix: sparse.csr_array) -> tuple[np.ndarray, sparse.csr_array]:
    """Return the cells (k,) that stand alone with the coefficient 1 in a relation whose others are all negative, and those others as rows
    (k, n) of positive coefficients.
    """
    positive = matrix.multiply(matrix > 0).tocsr()
    positive.eliminate_zeros()
    rows = np.flatnonzero((np.diff(positive.indptr) == 1) & (positive.sum(axis=1) == 1))
    cells = positive.indices[positive.indptr[rows]]
    return cells, sparse.csr_array((positive - matrix)[rows])
