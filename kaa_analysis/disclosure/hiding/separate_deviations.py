"""Deviations of the few cells that are hidden: they hang together in parts that are asked about each by itself."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kaa_analysis.disclosure.hiding.able_cells import able_to_move
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.deviations import Deviations


class SeparateDeviations:
    """Deviations in which only the cells ``hidden`` (n, boolean) move, made for each connected part of them when it is asked about."""

    def __init__(self, system: CellSystem, *, hidden: np.ndarray) -> None:
        self._system, self._hidden = system, hidden.copy()
        cells = np.flatnonzero(hidden)
        matrix = system.matrix[:, cells]
        able = able_to_move(matrix)
        links = sparse.csr_array((matrix[:, able] != 0).astype(np.int64))
        self._part_of = np.full(len(hidden), -1)
        self._part_of[cells[able]] = connected_components(links.T @ links, directed=False)[1]
        self._made: dict[tuple[int, ...], Deviations] = {}
        self._fixed: set[int] = set()

    def of(self, cells: np.ndarray) -> Deviations:
        """Return the deviations of the part, or the parts, that the cells at these positions belong to."""
        parts = tuple(np.unique(self._part_of[cells]).tolist())
        if parts not in self._made:
            inside = np.flatnonzero(np.isin(self._part_of, [part for part in parts if part >= 0]))
            deviations = Deviations(self._system, movable=inside)
            deviations.price(self._hidden)
            deviations.fix(np.array(sorted(self._fixed), dtype=np.int64))
            self._made[parts] = deviations
        return self._made[parts]

    def fix(self, cell: int) -> None:
        """Keep the cell at this position where it is."""
        self._fixed.add(cell)
        for deviations in self._with(cell):
            deviations.fix(np.array([cell]))

    def free(self, cell: int) -> None:
        """Let the cell at this position move."""
        self._fixed.discard(cell)
        for deviations in self._with(cell):
            deviations.free(np.array([cell]))

    def _with(self, cell: int) -> list[Deviations]:
        return [deviations for parts, deviations in self._made.items() if self._part_of[cell] in parts]
