"""Witnesses: whole tables that fit everything shown, and which values of which unsafe cells they make possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.cell_system import CellSystem
from kaa_analysis.disclosure.linear_program import WHOLE_TOLERANCE

Pair = tuple[int, int]
"""An unsafe cell (its position) and a value it must be able to have."""


class Witnesses:
    """Whole deviations of a system of ``n`` cells, kept if they make a new value of an unsafe cell possible.

    Each unsafe cell must be able to have ``width`` consecutive values. The lowest is 1, or, where its parts alone make more
    than that certain (each of two hidden parts is at least 1), the lowest value that fits the true zeros.
    """

    def __init__(self, system: CellSystem, *, width: int) -> None:
        self._system = system
        self.width = width
        self.cells = np.flatnonzero(system.unsafe)
        self.lowest = np.ones(len(system.ids), dtype=np.int64)
        self._moves: list[tuple[np.ndarray, list[Pair]]] = []
        self._reached: Counter[Pair] = Counter()

    def window(self, cell: int) -> range:
        """Return the values that an unsafe cell must be able to have."""
        lowest = int(self.lowest[cell])
        return range(lowest, lowest + self.width)

    def missing(self, cell: int) -> list[int]:
        """Return the values without a witness, the farthest from the true one first."""
        value = int(self._system.values[cell])
        lacking = [w for w in self.window(cell) if w != value and not self._reached[cell, w]]
        return sorted(lacking, key=lambda w: (-abs(w - value), w))

    def add(self, deviation: np.ndarray, *, wanted: Iterable[Pair] = ()) -> bool:
        """Keep a deviation and its multiples as far as they fit and reach a new or a wanted pair; return whether it was whole."""
        whole = np.rint(deviation).astype(np.int64)
        if np.abs(deviation - whole).max() > WHOLE_TOLERANCE or (self._system.matrix @ whole).any():
            return False
        step = whole // max(np.gcd.reduce(whole), 1)
        for times in (n for size in range(1, self.width) for n in (size, -size)):
            self._keep(times * step, set(wanted))
        self._keep(whole, set(wanted))
        return True

    def _keep(self, move: np.ndarray, wanted: set[Pair]) -> None:
        if not self._fits(move):
            return
        pairs = self._pairs(move)
        if any(pair in wanted or not self._reached[pair] for pair in pairs):
            self._moves.append((move, pairs))
            self._reached.update(pairs)

    def _fits(self, move: np.ndarray) -> bool:
        return bool((self._system.values + move >= self._system.lowest)[move != 0].all())

    def _pairs(self, move: np.ndarray) -> list[Pair]:
        moved = self.cells[move[self.cells] != 0]
        values = (self._system.values + move)[moved] - self.lowest[moved]
        inside = (values >= 0) & (values < self.width)
        return list(zip(moved[inside].tolist(), (values + self.lowest[moved])[inside].tolist(), strict=True))

    def only_by(self, cell: int) -> list[Pair]:
        """Return the required pairs that would lose all their witnesses if ``cell`` could not move."""
        lost = Counter(pair for move, pairs in self._moves if move[cell] for pair in pairs)
        return sorted(pair for pair, n in lost.items() if n == self._reached[pair] and pair[1] in self.window(pair[0]))

    def drop(self, cell: int) -> None:
        """Forget every witness in which ``cell`` moves."""
        for move, pairs in self._moves:
            if move[cell]:
                self._reached.subtract(pairs)
        self._moves = [(move, pairs) for move, pairs in self._moves if not move[cell]]

    def prove(self, hidden: np.ndarray) -> None:
        """Check from scratch, in whole numbers, that every unsafe cell can have every value of its window.

        Raises:
            DisclosureError: a witness is missing or wrong.
        """
        possible: set[Pair] = set()
        for move, _ in self._moves:
            relations_hold = not (self._system.matrix @ (self._system.values + move)).any()
            if relations_hold and self._fits(move) and not move[~hidden].any():
                possible.update(self._pairs(move))
        values = self._system.values
        unproven = [
            cell
            for cell in self.cells.tolist()
            if not hidden[cell] or any(w != values[cell] and (cell, w) not in possible for w in self.window(cell))
        ]
        if unproven:
            raise DisclosureError("Varje osäker cell ska gå att skydda.", found=f"{len(unproven)} celler utan bevis")
