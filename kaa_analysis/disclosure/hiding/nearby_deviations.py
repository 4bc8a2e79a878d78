"""Deviations of the cells around a target: in a large system hardly any has to be looked for farther away."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.deviations import Deviations
from kaa_analysis.disclosure.hiding.surroundings import Surroundings, nearest

LARGE = 5000
"""Cells of a system in which neighbourhoods are worth their while: in a smaller one a look at all cells hides a few fewer."""
REACH = 600
"""Cells of a neighbourhood."""
CORE = 150
"""Cells nearest to the centre of a neighbourhood: what is asked of them is asked in it."""


class NearbyDeviations:
    """Neighbourhoods of a system of ``n`` cells, made when they are asked for. Key cells move in none that is made while they are shown.

    A deviation of a neighbourhood is one of the whole system in which all other cells stay where they are.
    """

    def __init__(self, system: CellSystem) -> None:
        self._system = system
        self._surroundings = Surroundings(system)
        self._incidence = sparse.csr_array((system.matrix != 0).astype(np.int64))
        self._relations_of = sparse.csr_array(self._incidence.T)
        self._giving = self._that_only_give()
        self._made: list[Deviations] = []
        self._number = np.full(len(system.ids), -1)

    def around(self, cells: np.ndarray, *, hidden: np.ndarray) -> Deviations:
        """Return the deviations of a neighbourhood of the cells at these positions, priced by what is ``hidden`` (n, boolean)."""
        numbers = np.unique(self._number[cells])
        if len(numbers) > 1 or numbers[0] < 0:
            numbers = [self._make(cells, hidden=hidden)]
        deviations = self._made[numbers[0]]
        deviations.price(hidden)
        return deviations

    def _make(self, cells: np.ndarray, *, hidden: np.ndarray) -> int:
        """Make a neighbourhood and return its number; what has none yet of the cells in its core is asked about in it from now on."""
        nearness = self._surroundings.nearness(int(cells[0]))
        may_move = (~self._system.key | hidden) & ~self._giving
        inside = np.zeros(len(hidden), dtype=bool)
        inside[nearest(may_move, nearness, REACH)] = True
        inside[cells] = True
        relations = self._incidence @ inside.astype(np.int64) > 0
        inside |= self._giving & (self._relations_of @ relations.astype(np.int64) > 0)
        core = nearest(may_move, nearness, CORE)
        self._number[core[self._number[core] < 0]] = len(self._made)
        self._number[cells] = len(self._made)
        self._made.append(Deviations(self._system, movable=np.flatnonzero(inside)))
        return len(self._made) - 1

    def _that_only_give(self) -> np.ndarray:
        """Return the latent cells (n, boolean) of a single relation: they belong to whatever neighbourhood reaches it."""
        giving = self._system.latent & ~self._system.unsafe & (self._incidence.sum(axis=0) == 1)
        giving[self._system.rest[self._system.rest >= 0]] = False
        return giving
