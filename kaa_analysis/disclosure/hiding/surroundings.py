"""How near the cells of a system are to each other, over the relations that they share."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.hiding.cell_system import CellSystem

STEPS = 4
"""How many relations away what is near can be."""


class Surroundings:
    """What lies around each cell of a system of ``n`` cells."""

    def __init__(self, part: CellSystem) -> None:
        incidence = sparse.csr_array((part.matrix != 0).astype(float))
        self._to_cells = sparse.csr_array(incidence.T)
        self._to_relations = sparse.csr_array(sparse.diags_array(1 / incidence.sum(axis=1)) @ incidence)

    def nearness(self, centre: int) -> np.ndarray:
        """Return how near each cell (n,) is to one: how much of what spreads from it over its relations passes there."""
        at = np.zeros(self._to_cells.shape[0])
        at[centre] = 1.0
        passed = at.copy()
        for _ in range(STEPS):
            at = self._to_cells @ (self._to_relations @ at)
            at /= max(at.sum(), 1.0)
            passed += at
        return passed


def nearest(cells: np.ndarray, nearness: np.ndarray, n: int) -> np.ndarray:
    """Return the positions of the ``n`` nearest of ``cells`` (boolean), those that are near at all, in order of position."""
    positions = np.flatnonzero(cells & (nearness > 0))
    return np.sort(positions[np.lexsort((positions, -nearness[positions]))][:n])
