"""Which cells can move at all: whoever is alone in a relation, among cells that stay where they are, stays too."""

from __future__ import annotations

import numpy as np
from scipy import sparse


def able_to_move(matrix: sparse.csr_array) -> np.ndarray:
    """Return which cells (n, boolean) are in the company of another that is able to move, in every relation (m, n) that they stand in.

    >>> able_to_move(sparse.csr_array(np.array([[1, 1, 0], [0, 1, -1], [0, 0, 2]]))).tolist()
    [False, False, False]
    """
    relations = sparse.csr_array((matrix != 0).astype(np.int64))
    able = np.ones(matrix.shape[1], dtype=bool)
    while True:
        alone = np.flatnonzero(relations @ able.astype(np.int64) == 1)
        staying = np.unique(relations[alone].indices)
        if not able[staying].any():
            return able
        able[staying] = False
