"""The lowest value that a number can have when everything protected is hidden except the true zeros."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kaa_analysis.disclosure.attack.knowledge import Knowledge
from kaa_analysis.disclosure.attack.publication import Terms
from kaa_analysis.disclosure.attack.table_search import TableSearch


class LowestValues:
    """Answers from ``zeros``, what is known when nothing but the zeros is shown, and ``base`` (n,), a table that fits it."""

    def __init__(self, zeros: Knowledge, *, base: np.ndarray) -> None:
        self._zeros, self._base = zeros, base
        self._position = {cell_id: number for number, cell_id in enumerate(zeros.ids)}
        self._lower = _raised(zeros.matrix, zeros.lower)
        self._searches: dict[tuple[int, ...], tuple[TableSearch, np.ndarray]] = {}

    @cached_property
    def _part_of(self) -> np.ndarray:
        """The number of the connected part that each cell (n,) belongs to; zeros connect nothing."""
        live = np.flatnonzero(self._zeros.lower < self._zeros.upper)
        links = sparse.csr_array(self._zeros.matrix[:, live] != 0).astype(np.int64)
        parts = np.full(len(self._zeros.ids), -1)
        parts[live] = connected_components(links.T @ links, directed=False)[1]
        return parts

    def at_least(self, terms: Terms) -> int:
        """Return a number that is surely not above the lowest, and at least 1, without solving anything."""
        if any(factor < 0 for factor, _ in terms):
            return 1
        return max(1, sum(factor * int(self._lower[self._position[cell_id]]) for factor, cell_id in terms))

    def reaches(self, terms: Terms, *, at_most: int) -> bool:
        """Return whether some table gives the number one of the values 1 … ``at_most``.

        Raises:
            DisclosureError: the solver gave no certain answer.
        """
        columns = np.array([self._position[cell_id] for _, cell_id in terms])
        factors = np.array([factor for factor, _ in terms])
        moves = self._part_of[columns] >= 0
        fixed = int(factors[~moves] @ self._base[columns[~moves]])
        if not moves.any():
            return 1 <= fixed <= at_most
        search, cells = self._search_in(tuple(np.unique(self._part_of[columns[moves]]).tolist()))
        at = np.searchsorted(cells, columns[moves])
        return search.move([(at, factors[moves], 1 - fixed, at_most - fixed)]) is not None

    def _search_in(self, parts: tuple[int, ...]) -> tuple[TableSearch, np.ndarray]:
        if parts not in self._searches:
            cells = np.flatnonzero(np.isin(self._part_of, parts))
            matrix = self._zeros.matrix[:, cells]
            rows = matrix[np.diff(matrix.indptr) > 0]
            bounds = {"lower": self._zeros.lower[cells], "upper": self._zeros.upper[cells]}
            self._searches[parts] = (TableSearch(rows, base=self._base[cells], **bounds, demands=1), cells)
        return self._searches[parts]


def _raised(matrix: sparse.csr_array, lower: np.ndarray) -> np.ndarray:
    """Raise what each total is at least to the sum of what its parts are at least, as long as anything gives."""
    least = lower.tolist()
    ends = matrix.indptr.tolist()
    columns, factors = matrix.indices.tolist(), matrix.data.tolist()
    totals = []
    for start, end in pairwise(ends):
        terms = list(zip(columns[start:end], factors[start:end], strict=True))
        for sign in (1, -1):
            alone = [column for column, factor in terms if sign * factor > 0]
            if len(alone) == 1 and (alone[0], sign) in terms:
                totals.append((alone[0], [(column, -sign * factor) for column, factor in terms if column != alone[0]]))
    changed = True
    while changed:
        changed = False
        for total, parts in totals:
            together = sum(factor * least[part] for part, factor in parts)
            if together > least[total]:
                least[total], changed = together, True
    return np.array(least, dtype=np.int64)
