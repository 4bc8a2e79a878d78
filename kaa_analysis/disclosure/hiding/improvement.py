"""Fewer further hidden cells: what protects is taken up again in one neighbourhood after the other, and laid anew as cheaply as possible.

In a neighbourhood all further cells are shown. Every witness that is lost tells of a set of shown cells of which at least one must be
hidden. The cheapest choice that hits all sets told so far is tried; where it fails, more sets are told, until a choice gives every
witness back or none is cheaper than what was there. A small table is one neighbourhood.
"""

from __future__ import annotations

import numpy as np

from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.hitting_set import HittingSet
from kaa_analysis.disclosure.hiding.local_moves import Goal, LocalMoves
from kaa_analysis.disclosure.hiding.surroundings import Surroundings, nearest
from kaa_analysis.disclosure.hiding.witnesses import NEITHER, OTHERS, Pair, Witnesses

CANDIDATES = 40
"""Cells of a neighbourhood that may be hidden or shown anew."""
GIVING = 120
"""Hidden cells around them that may give way, beside those that do so today."""
CHOICES = 20
"""Choices tried in a neighbourhood."""
SETS = 12
"""Sets that one choice that fails tells of."""
GAIN = 0.25
"""How much cheaper than before a choice must be, as a part of the cheapest cell's weight."""


def improve(part: CellSystem, witnesses: Witnesses, hidden: np.ndarray, *, solves: int) -> int:
    """Hide, in place, other cells instead where that is cheaper; ``witnesses`` lose none of what they make possible.

    Neighbourhoods with many further cells come first: there most can be gained. Stops when every further cell has been in one, or
    after ``solves`` linear programs. Returns how many there were.
    """
    surroundings, solved = Surroundings(part), 0
    unseen = hidden & _choosable(part)
    candidates = {centre: _candidates(part, surroundings, centre) for centre in np.flatnonzero(unseen).tolist()}
    while solved < solves and candidates:
        crowds = {centre: unseen[around].sum() for centre, around in candidates.items()}
        centre = max(crowds, key=crowds.__getitem__)
        neighbourhood = _Neighbourhood(
            part, witnesses, hidden, nearness=surroundings.nearness(centre), candidates=candidates[centre]
        )
        neighbourhood.lay_anew()
        solved += neighbourhood.moves.n_solved
        unseen[candidates[centre]] = False
        candidates = {centre: around for centre, around in candidates.items() if unseen[centre]}
    return solved


class _Neighbourhood:
    """Some candidates, of which the further cells are chosen anew, and the cells around them that may give way."""

    def __init__(
        self,
        part: CellSystem,
        witnesses: Witnesses,
        hidden: np.ndarray,
        *,
        nearness: np.ndarray,
        candidates: np.ndarray,
    ) -> None:
        self._part, self._witnesses, self._hidden = part, witnesses, hidden
        self._candidates = candidates
        self._further = self._candidates[hidden[self._candidates]]
        self._cells = self._that_may_move(nearness)
        self._local = np.full(len(part.ids), -1)
        self._local[self._cells] = np.arange(len(self._cells))
        self._doors = self._local[self._candidates]
        self.moves = LocalMoves(part.part(self._cells), shut=self._doors)
        costs = part.weights[self._candidates]
        self._choice = HittingSet(costs, most=costs[hidden[self._candidates]].sum() - GAIN * costs.min())
        self._require_company()
        self._generator = np.random.default_rng(0)

    def _that_may_move(self, nearness: np.ndarray) -> np.ndarray:
        """Return the positions of the candidates, of what moves in the witnesses that could be lost, and of hidden cells nearby."""
        lost = self._witnesses.only_by(self._further)
        members = [self._witnesses.targets.members(target) for target, _ in lost]
        giving = nearest(self._hidden, nearness, GIVING)
        return np.unique(np.concatenate([self._candidates, giving, self._witnesses.moved_for(lost), *members]))

    def lay_anew(self) -> None:
        """Take over the cheapest choice that is cheaper than what is there and gives every witness back, if one is found."""
        for _ in range(CHOICES):
            chosen = self._choice.choose()
            if chosen is None or self._take_over(chosen):
                return

    def _take_over(self, chosen: np.ndarray) -> bool:
        """Hide what is chosen if that gives back every lost witness; else require what it lacks. Returns whether it did."""
        self.moves.shut(self._doors)
        self.moves.open(self._doors[chosen])
        dropped = np.setdiff1d(self._further, self._candidates[chosen])
        lost = sorted(self._witnesses.only_by(dropped), key=self._farthest_first)
        found, missed = self._found_for(lost)
        for pair in missed:
            blocking = self.moves.blocking(self._goals(pair), order=self._generator.random(len(self._cells)))
            self._choice.require_one_of(np.flatnonzero(np.isin(self._doors, blocking)))
        if missed:
            return False
        if not all(any(pair in made for _, made in found) for pair in lost):
            self._choice.require_one_of(np.flatnonzero(~chosen))
            return False
        self._hidden[self._candidates] = chosen
        for move, _ in found:
            self._witnesses.add(move, wanted=lost)
        for cell in dropped.tolist():
            self._witnesses.drop(cell)
        return True

    def _found_for(self, lost: list[Pair]) -> tuple[list[tuple[np.ndarray, set[Pair]]], list[Pair]]:
        """Return deviations with the pairs that they make possible, and the first few pairs that nothing makes possible."""
        found: list[tuple[np.ndarray, set[Pair]]] = []
        missed: list[Pair] = []
        made: set[Pair] = set()
        for pair in lost:
            if pair in made:
                continue
            local = self.moves.towards(self._goals(pair))
            if local is None:
                missed.append(pair)
                if len(missed) == SETS:
                    break
                continue
            move = np.zeros(len(self._part.ids))
            move[self._cells] = local
            found.append((move, self._witnesses.possible_by(move)))
            made |= found[-1][1]
        return found, missed

    def _farthest_first(self, pair: Pair) -> tuple[int, int, int]:
        target, value = pair
        by = OTHERS if value == NEITHER else abs(value - int(self._witnesses.values[target]))
        return -by, target, value

    def _goals(self, pair: Pair) -> tuple[Goal, ...]:
        target, value = pair
        if value != NEITHER:
            members = self._local[self._witnesses.targets.members(target)]
            return (Goal(tuple(members.tolist()), value - int(self._witnesses.values[target])),)
        sides = [side for side in self._witnesses.sides(target) if self._local[side] >= 0]
        return tuple(
            Goal((int(self._local[side]),), OTHERS - int(self._part.values[side]), or_more=True) for side in sides
        )

    def _require_company(self) -> None:
        """No candidate is hidden alone in a relation."""
        elsewhere = self._hidden.copy()
        elsewhere[self._candidates] = False
        number = np.full(len(self._part.ids), -1)
        number[self._candidates] = np.arange(len(self._candidates))
        matrix = self._part.matrix
        for row in np.flatnonzero((matrix != 0).astype(int) @ elsewhere.astype(int) == 0).tolist():
            numbers = number[matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]]
            numbers = numbers[numbers >= 0]
            for one in numbers.tolist():
                self._choice.require_company(one, numbers[numbers != one])


def _choosable(part: CellSystem) -> np.ndarray:
    """Return which cells (n, boolean) can be hidden or shown anew."""
    return ~part.unsafe & ~part.latent & ~part.key


def _candidates(part: CellSystem, surroundings: Surroundings, centre: int) -> np.ndarray:
    """Return the positions of the cells nearest to one that can be hidden or shown anew."""
    return nearest(_choosable(part), surroundings.nearness(centre), CANDIDATES)
