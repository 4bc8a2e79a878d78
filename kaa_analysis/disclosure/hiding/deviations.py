"""How far the cells of a system can move together: the tables that fit what is shown, as deviations from the true one."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.hiding.able_cells import able_to_move
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.linear_program import WHOLE_TOLERANCE
from kaa_analysis.disclosure.hiding.up_and_down import UpAndDown

HIDDEN_COST = 0.001
"""What moving a hidden cell costs, as a part of its weight: nearly nothing, but short detours win over long ones."""
AVOIDED_COST = 4.0
"""How many times dearer a cell becomes each time it is to be avoided."""
LATENT_COST = 0.001
"""What moving a latent cell costs."""


class Deviations:
    """Deviations of ``n`` cells under which every relation holds: each cell goes up or down, a hidden one not below its lowest value.

    Only the cells at the positions ``movable`` (all, if None) ever move: the fewer they are, the faster an answer. Of those, what stands
    alone in a relation cannot move either, and is left out.
    """

    def __init__(self, system: CellSystem, *, movable: np.ndarray | None = None) -> None:
        self._n_cells = len(system.ids)
        cells = np.arange(self._n_cells) if movable is None else movable
        around = system.part(cells)
        able = np.flatnonzero(able_to_move(around.matrix))
        self._movable = cells[able]
        self._number = np.full(self._n_cells, -1)
        self._number[self._movable] = np.arange(len(self._movable))
        part = around.part(able)
        self._incidence = sparse.csr_array((part.matrix != 0).astype(np.int64))
        self._relations_of = sparse.csr_array(self._incidence.T)
        self._priced: np.ndarray | None = None
        self._weights = np.maximum(part.weights, LATENT_COST / HIDDEN_COST * part.latent)
        self._fixed: set[int] = set()
        self._cells = UpAndDown(part)
        self._cells.program.cost(np.concatenate([self._weights, self._weights]))

    def price(self, hidden: np.ndarray, *, avoid: np.ndarray | None = None) -> None:
        """Set what moving each cell costs: a hidden cell (n, boolean) nearly nothing, the others their weight.

        A cell is cheaper the more relations it stands in where only one cell is hidden, since each of those needs one more;
        it is dearer each time it is to be avoided (n, whole numbers).
        """
        hidden = hidden[self._movable]
        if avoid is None and self._priced is not None and (hidden == self._priced).all():
            return
        self._priced = hidden if avoid is None else None
        alone = self._incidence @ hidden.astype(np.int64) == 1
        costs = np.where(hidden, HIDDEN_COST, 1 / (1 + self._relations_of @ alone.astype(np.int64))) * self._weights
        if avoid is not None:
            costs = costs * AVOIDED_COST ** avoid[self._movable]
        self._cells.program.cost(np.concatenate([costs, costs]))

    def free(self, cells: np.ndarray) -> None:
        """Let the cells at these positions move."""
        self._fixed.difference_update(cells.tolist())
        self._cells.release(self._numbers(cells))

    def fix(self, cells: np.ndarray) -> None:
        """Keep the cells at these positions where they are."""
        self._fixed.update(cells.tolist())
        self._cells.keep(self._numbers(cells))

    def to_sum(self, cells: np.ndarray, *, by: int, whole: bool = False) -> np.ndarray | None:
        """Return the cheapest deviation (n,) in which the sum of ``cells`` moves ``by``, or None where there is none."""
        numbers = self._numbers(cells)
        if not len(numbers):
            return None if by else np.zeros(self._n_cells)
        if len(cells) > 1:
            self._cells.limit_sum(numbers, lower=by, upper=by)
            solution = self._cells.program.solve(whole=whole)
            self._cells.release_sum(numbers)
            return self._deviation(solution)
        ends = np.array([max(by, 0), max(-by, 0)])
        self._cells.limit(numbers, lower=ends, upper=ends)
        solution = self._cells.program.solve(whole=whole)
        self._cells.release(numbers)
        return self._deviation(solution)

    def to_at_least(self, cells: np.ndarray, *, by: np.ndarray, whole: bool = False) -> np.ndarray | None:
        """Return the cheapest deviation (n,) in which each of ``cells`` moves ``by`` or more, or None where there is none."""
        still = (self._number[cells] < 0) | np.isin(cells, list(self._fixed))
        if (by[still] > 0).any():
            return None
        moving, steps = cells[~still], by[~still].astype(float)
        if not len(moving):
            return np.zeros(self._n_cells)
        numbers = self._number[moving]
        up, down = np.split(self._cells.room[self._cells.columns(numbers)], 2)
        lower = np.concatenate([np.maximum(steps, 0), np.zeros(len(moving))])
        upper = np.concatenate([up, np.minimum(np.maximum(-steps, 0), down)])
        self._cells.limit(numbers, lower=lower, upper=upper)
        solution = self._cells.program.solve(whole=whole)
        self.free(moving)
        return self._deviation(solution)

    def _numbers(self, cells: np.ndarray) -> np.ndarray:
        """Return the numbers of those of the cells that are able to move."""
        numbers = self._number[cells]
        return numbers[numbers >= 0]

    def _deviation(self, solution: np.ndarray | None) -> np.ndarray | None:
        if solution is None:
            return None
        moved = self._cells.deviation(solution)
        deviation = np.zeros(self._n_cells)
        deviation[self._movable] = np.where(np.abs(moved) > WHOLE_TOLERANCE, moved, 0.0)
        return deviation
