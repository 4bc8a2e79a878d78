"""What the cells of a neighbourhood can do while all others stay where they are, and which of those shown are in the way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.linear_program import WHOLE_TOLERANCE
from kaa_analysis.disclosure.hiding.up_and_down import FARTHEST_UP, UpAndDown

STEP_COST = 0.001
"""What a step of a cell costs beside a step towards the goal: so little that no detour is too long, so much that short ones win."""


@dataclass(frozen=True)
class Goal:
    """The sum of ``cells`` is to move ``by``; with ``or_more`` it may move farther up."""

    cells: tuple[int, ...]
    by: int
    or_more: bool = False

    def is_reached(self, deviation: np.ndarray) -> bool:
        """Return whether a deviation does what is wanted."""
        short = self.by - deviation[list(self.cells)].sum()
        return bool(short < WHOLE_TOLERANCE and (self.or_more or short > -WHOLE_TOLERANCE))


class LocalMoves:
    """Deviations of ``n`` cells of a neighbourhood; those at ``shut`` do not move unless they are opened."""

    def __init__(self, system: CellSystem, *, shut: np.ndarray) -> None:
        self._cells = UpAndDown(system)
        self._shut = np.zeros(self._cells.n, dtype=bool)
        self.shut(shut)
        self.n_solved = 0

    def shut(self, cells: np.ndarray) -> None:
        """Keep the cells at these positions where they are."""
        self._shut[cells] = True
        self._cells.keep(cells)

    def open(self, cells: np.ndarray) -> None:
        """Let the cells at these positions move."""
        self._shut[cells] = False
        self._cells.release(cells)

    def towards(self, goals: tuple[Goal, ...]) -> np.ndarray | None:
        """Return the shortest deviation (n,) that reaches all goals, or None where there is none."""
        deviation, _ = self._nearest(goals)
        return deviation

    def blocking(self, goals: tuple[Goal, ...], *, order: np.ndarray) -> np.ndarray:
        """Return the positions of the shut cells that keep the goals out of reach together, but would not without any one of them.

        There are many such sets; cells that come early in ``order`` (n, lowest first) are left out where they can be.
        """
        shut = np.flatnonzero(self._shut)
        needed = np.zeros(self._cells.n, dtype=bool)
        reached, helpful = self._nearest(goals)
        while reached is None and (rest := np.flatnonzero(self._shut & helpful & ~needed)).size:
            self.open(np.flatnonzero(self._shut & ~helpful))
            cell = rest[[np.argmin(order[rest])]]
            self.open(cell)
            deviation, now_helpful = self._nearest(goals)
            if deviation is None:
                helpful = now_helpful
            else:
                self.shut(cell)
                needed[cell] = True
        self.shut(shut)
        return np.flatnonzero(needed)

    def _nearest(self, goals: tuple[Goal, ...]) -> tuple[np.ndarray | None, np.ndarray]:
        """Return a deviation (n,) that reaches the goals or None, and which shut cells (n, boolean) could bring them nearer."""
        self._aim(goals)
        solution = self._cells.program.solve()
        if solution is None:
            raise DisclosureError(
                "Röjandekontrollen ska ha ett säkert svar för varje cell.",
                found="en tabell som inte ens passar sig själv",
            )
        slopes = np.minimum(*np.split(self._cells.program.slopes(), 2))
        self._leave(goals)
        self.n_solved += 1
        deviation = self._cells.deviation(solution)
        helpful = self._shut & (slopes < -WHOLE_TOLERANCE)
        return (deviation if all(goal.is_reached(deviation) for goal in goals) else None), helpful

    def _aim(self, goals: tuple[Goal, ...]) -> None:
        up, down = np.full((2, self._cells.n), STEP_COST)
        for goal in goals:
            cells = np.array(goal.cells)
            if not goal.or_more or goal.by > 0:
                up[cells] -= np.sign(goal.by)
                down[cells] += np.sign(goal.by)
            if len(cells) > 1:
                self._cells.limit_sum(cells, lower=min(goal.by, 0), upper=max(goal.by, 0))
            else:
                farthest = FARTHEST_UP if goal.or_more and goal.by <= 0 else max(goal.by, 0)
                self._cells.limit(cells, lower=np.zeros(2), upper=np.array([farthest, max(-goal.by, 0)], dtype=float))
        self._cells.program.cost(np.concatenate([up, down]))

    def _leave(self, goals: tuple[Goal, ...]) -> None:
        for goal in goals:
            cells = np.array(goal.cells)
            if len(cells) > 1:
                self._cells.release_sum(cells)
            else:
                self.open(cells)
