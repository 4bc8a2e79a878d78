"""Witnesses: whole tables that fit everything shown, and which values of which targets they make possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.certain_lowest import certain_lowest
from kaa_analysis.disclosure.hiding.linear_program import WHOLE_TOLERANCE

Pair = tuple[int, int]
"""A target (its number) and a value it must be able to have, or `NEITHER`."""

NEITHER = -1
"""In place of a value: neither none nor all of a group, not even for one of them who knows the own record."""

OTHERS = 2
"""At least so many on each side: whoever is one of them knows of one more that is on the same side."""

CODES = 1024
"""Room in the code of a pair for the values of one target: larger than any threshold and any sum of lowest values below one."""


class Witnesses:
    """Whole deviations of a system of ``n`` cells, kept if they make a new value of a target possible.

    Each target must be able to have ``width`` consecutive values. The lowest is 1, or, where its parts alone make more than that
    certain (each of two hidden parts is at least 1), the lowest value that fits the true zeros. A cell where none and all are unsafe
    must be possible with `OTHERS` on each side.
    """

    def __init__(self, system: CellSystem, *, width: int) -> None:
        self._system = system
        self.width = width
        self.targets = system.targets(width=width)
        self.values = self.targets.forms @ system.values
        self.lowest = np.maximum(self.targets.forms @ system.lowest, 1)
        self.split = np.flatnonzero(system.rest[self.targets.cells] >= 0)
        self._counted = (self.values >= 1) & (self.values <= width)
        self._moves: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self._with: dict[int, set[int]] = defaultdict(set)
        self._reached = np.zeros(len(self.values) * CODES, dtype=np.int64)
        self._n_kept = 0
        self._keep(np.zeros(len(system.ids), dtype=np.int64), set())

    def begin_where_certain(self) -> None:
        """Begin each window at what the parts of its cells are at least together, so that nothing lower has to be looked for in vain."""
        lowest = certain_lowest(self._system.matrix, values=self._system.values, lowest=self._system.lowest)
        self.lowest = np.maximum(self.targets.forms @ lowest, 1)

    def window(self, target: int) -> list[int]:
        """Return the values that a target must be able to have."""
        lowest = int(self.lowest[target])
        values = list(range(lowest, lowest + self.width)) if self._counted[target] else []
        return [*values, NEITHER] if target in self.split else values

    def missing(self, target: int) -> list[int]:
        """Return the values without a witness, the farthest from the true one first."""
        value = int(self.values[target])
        lacking = [w for w in self.window(target) if not self._reached[_code(target, w)]]
        return sorted(lacking, key=lambda w: (-abs(w - value), w))

    def sides(self, target: int) -> tuple[int, int]:
        """Return the positions of a cell and of the rest of its group."""
        cell = int(self.targets.cells[target])
        return cell, int(self._system.rest[cell])

    def add(self, deviation: np.ndarray, *, wanted: Iterable[Pair] = ()) -> bool:
        """Keep a deviation and its multiples as far as they fit and reach a new or a wanted pair; return whether it was whole."""
        moves, codes = self._multiples(deviation), {_code(*pair) for pair in wanted}
        for move in moves:
            if self._fits(move):
                self._keep(move, codes)
        return bool(moves)

    def _multiples(self, deviation: np.ndarray) -> list[np.ndarray]:
        """Return a whole deviation, after its multiples; nothing if it is not whole or breaks a relation."""
        whole = np.rint(deviation).astype(np.int64)
        if np.abs(deviation - whole).max() > WHOLE_TOLERANCE or (self._system.matrix @ whole).any():
            return []
        step = whole // max(np.gcd.reduce(whole), 1)
        return [*(times * step for size in range(1, self.width) for times in (size, -size)), whole]

    def _keep(self, move: np.ndarray, wanted: set[int]) -> None:
        codes = self._codes(move)
        if not (self._reached[codes] == 0).any() and wanted.isdisjoint(codes.tolist()):
            return
        self._moves[self._n_kept] = (move, codes)
        for cell in np.flatnonzero(move).tolist():
            self._with[cell].add(self._n_kept)
        self._reached[codes] += 1
        self._n_kept += 1

    def _fits(self, move: np.ndarray) -> bool:
        return bool((self._system.values + move >= self._system.lowest)[move != 0].all())

    def _codes(self, move: np.ndarray) -> np.ndarray:
        """Return the codes of the pairs that a move makes possible: of what it moves, or of everything if it is no move."""
        steps = self.targets.forms @ move
        moved = np.flatnonzero(self._counted & (steps != 0) if move.any() else self._counted)
        values = (self.values + steps)[moved]
        inside = (values >= self.lowest[moved]) & (values < self.lowest[moved] + self.width)
        cells, after = self.targets.cells[self.split], self._system.values + move
        apart = (after[cells] >= OTHERS) & (after[self._system.rest[cells]] >= OTHERS)
        return np.concatenate([_code(moved[inside], values[inside]), _code(self.split[apart], NEITHER)])

    def only_by(self, cells: np.ndarray) -> list[Pair]:
        """Return the required pairs that would lose all their witnesses if none of the cells at these positions could move."""
        numbers = sorted(set().union(*(self._with[cell] for cell in cells.tolist())))
        if not numbers:
            return []
        codes, n = np.unique(np.concatenate([self._moves[number][1] for number in numbers]), return_counts=True)
        pairs = [_pair(code) for code in codes[n == self._reached[codes]].tolist()]
        return [pair for pair in pairs if pair[1] in self.window(pair[0])]

    def moved_for(self, pairs: Iterable[Pair]) -> np.ndarray:
        """Return the positions of the cells that move in a short witness of each pair."""
        wanted, moved = {_code(*pair) for pair in pairs}, np.zeros(len(self._system.ids), dtype=bool)
        for move, codes in sorted(self._moves.values(), key=lambda witness: np.count_nonzero(witness[0])):
            if not wanted.isdisjoint(made := codes.tolist()):
                wanted.difference_update(made)
                moved |= move != 0
        return np.flatnonzero(moved)

    def possible_by(self, deviation: np.ndarray) -> set[Pair]:
        """Return the pairs that a deviation and its multiples make possible: none if it is not whole."""
        return {
            _pair(code)
            for move in self._multiples(deviation)
            if self._fits(move)
            for code in self._codes(move).tolist()
        }

    def drop(self, cell: int) -> None:
        """Forget every witness in which ``cell`` moves."""
        for number in sorted(self._with.pop(cell, ())):
            move, codes = self._moves.pop(number)
            self._reached[codes] -= 1
            for other in np.flatnonzero(move).tolist():
                self._with[other].discard(number)

    def prove(self, hidden: np.ndarray) -> None:
        """Check from scratch, in whole numbers, that every target can have every value of its window.

        Raises:
            DisclosureError: a witness is missing or wrong.
        """
        possible: set[int] = set()
        for move, _ in self._moves.values():
            relations_hold = not (self._system.matrix @ move).any()
            if relations_hold and self._fits(move) and not move[~hidden].any():
                possible.update(self._codes(move).tolist())
        unproven = [
            target
            for target in range(len(self.values))
            if not hidden[self.targets.members(target)].all()
            or any(_code(target, w) not in possible for w in self.window(target))
        ]
        if unproven:
            raise DisclosureError("Varje osäker cell ska gå att skydda.", found=f"{len(unproven)} celler utan bevis")


def _code(target: Any, value: Any) -> Any:
    """Return one number for a pair; arrays give an array."""
    return target * CODES + value + 1


def _pair(code: int) -> Pair:
    return code // CODES, code % CODES - 1
