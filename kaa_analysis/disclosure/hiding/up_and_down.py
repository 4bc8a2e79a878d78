"""The deviations of some cells as a linear program: each cell goes up or down, and every relation still holds."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.linear_program import LinearProgram

FARTHEST_UP = 1000.0
"""No cell has to rise by more than this to make room for values below a threshold."""


class UpAndDown:
    """A program with two columns for each of the ``n`` cells of a system: how far it goes up, and how far down.

    A cell goes up by at most `FARTHEST_UP` and down to its lowest value, until it is kept or limited further.
    """

    def __init__(self, system: CellSystem) -> None:
        self.n = len(system.ids)
        self.room = np.concatenate([np.full(self.n, FARTHEST_UP), system.values - system.lowest]).astype(float)
        self.program = LinearProgram(
            sparse.csr_array(sparse.hstack([system.matrix, -system.matrix])),
            right_side=np.zeros(system.matrix.shape[0]),
            costs=np.zeros(2 * self.n),
            upper=self.room,
        )
        self._rows: dict[tuple[int, ...], int] = {}

    def columns(self, cells: np.ndarray) -> np.ndarray:
        """Return the columns of the cells at these positions: those of going up, then those of going down."""
        return np.concatenate([cells, cells + self.n])

    def release(self, cells: np.ndarray) -> None:
        """Let the cells at these positions move as far as they can."""
        self.limit(cells, lower=np.zeros(2 * len(cells)), upper=self.room[self.columns(cells)])

    def keep(self, cells: np.ndarray) -> None:
        """Keep the cells at these positions where they are."""
        self.limit(cells, lower=np.zeros(2 * len(cells)), upper=np.zeros(2 * len(cells)))

    def limit(self, cells: np.ndarray, *, lower: np.ndarray, upper: np.ndarray) -> None:
        """Set how far the k cells at these positions go: up, then down (two arrays of 2 k)."""
        self.program.bound(self.columns(cells), lower=lower, upper=upper)

    def limit_sum(self, cells: np.ndarray, *, lower: float, upper: float) -> None:
        """Set how far the sum of the cells at these positions moves."""
        self.program.bound_row(self._row_of(cells), lower=lower, upper=upper)

    def release_sum(self, cells: np.ndarray) -> None:
        """Let the sum of the cells at these positions move as far as it can."""
        self.limit_sum(cells, lower=-np.inf, upper=np.inf)

    def deviation(self, solution: np.ndarray) -> np.ndarray:
        """Return how far each cell (n,) moves in a solution (2 n,) of the program."""
        return solution[: self.n] - solution[self.n :]

    def _row_of(self, cells: np.ndarray) -> int:
        """Return the number of the row that sums ``cells``; made the first time it is asked for."""
        key = tuple(cells.tolist())
        if key not in self._rows:
            signs = np.concatenate([np.ones(len(cells)), -np.ones(len(cells))])
            self._rows[key] = self.program.add_row(self.columns(cells), signs)
        return self._rows[key]
