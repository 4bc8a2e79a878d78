"""How far the cells of a system can move together: the tables that fit what is shown, as deviations from the true one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.cell_system import CellSystem
from kaa_analysis.disclosure.linear_program import WHOLE_TOLERANCE, LinearProgram

FARTHEST_UP = 1000.0
"""No cell has to rise by more than this to make room for values below a threshold."""
HIDDEN_COST = 0.001
"""What moving a hidden cell costs, as a part of its weight: nearly nothing, but short detours win over long ones."""
AVOIDED_COST = 4.0
"""How many times dearer a cell becomes each time it is to be avoided."""
LATENT_COST = 0.001
"""What moving a latent cell costs."""


class Deviations:
    """Deviations of ``n`` cells under which every relation holds: each cell goes up or down, a hidden one not below its lowest value."""

    def __init__(self, system: CellSystem) -> None:
        self._n = len(system.ids)
        self._incidence = sparse.csr_array((system.matrix != 0).astype(np.int64))
        self._weights = np.maximum(system.weights, LATENT_COST / HIDDEN_COST * system.latent)
        self._room = np.concatenate([np.full(self._n, FARTHEST_UP), system.values - system.lowest]).astype(float)
        self._program = LinearProgram(
            sparse.csr_array(sparse.hstack([system.matrix, -system.matrix])),
            right_side=np.zeros(system.matrix.shape[0]),
            costs=np.concatenate([self._weights, self._weights]),
            upper=self._room,
        )

    def price(self, hidden: np.ndarray, *, avoid: np.ndarray | None = None) -> None:
        """Set what moving each cell costs: a hidden cell (n, boolean) nearly nothing, the others their weight.

        A cell is cheaper the more relations it stands in where only one cell is hidden, since each of those needs one more;
        it is dearer each time it is to be avoided (n, whole numbers).
        """
        alone = self._incidence @ hidden.astype(np.int64) == 1
        costs = np.where(hidden, HIDDEN_COST, 1 / (1 + self._incidence.T @ alone.astype(np.int64))) * self._weights
        if avoid is not None:
            costs = costs * AVOIDED_COST**avoid
        self._program.cost(np.concatenate([costs, costs]))

    def free(self, cells: np.ndarray) -> None:
        """Let the cells at these positions move."""
        columns = np.concatenate([cells, cells + self._n])
        self._program.bound(columns, lower=np.zeros(len(columns)), upper=self._room[columns])

    def fix(self, cells: np.ndarray) -> None:
        """Keep the cells at these positions where they are."""
        columns = np.concatenate([cells, cells + self._n])
        self._program.bound(columns, lower=np.zeros(len(columns)), upper=np.zeros(len(columns)))

    def cheapest(self, cell: int, *, by: int, whole: bool = False) -> np.ndarray | None:
        """Return the cheapest deviation (n,) in which ``cell`` moves ``by``, or None where there is none."""
        up, down = max(by, 0), max(-by, 0)
        columns = np.array([cell, cell + self._n])
        self._program.bound(columns, lower=np.array([up, down]), upper=np.array([up, down]))
        solution = self._program.solve(whole=whole)
        self.free(np.array([cell]))
        if solution is None:
            return None
        deviation = solution[: self._n] - solution[self._n :]
        return np.where(np.abs(deviation) > WHOLE_TOLERANCE, deviation, 0.0)
