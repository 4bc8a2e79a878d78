"""Secondary suppression: which further cells must be hidden so that no unsafe one can be worked out.

For every unsafe cell, and every union of parts that are unsafe together, each value below the threshold must be possible for somebody
who knows all shown cells, all relations, that counts are whole and that true zeros are shown. The pattern is found with one linear
program that is solved again and again: move an unsafe cell to the value and let the rest give way as cheaply as possible; what moves is
hidden. What can be shown again then is, and neighbourhoods of what is not large are laid anew where that costs readers less.
"""

from __future__ import annotations

import numpy as np

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.shared_work import shared
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.deviations import Deviations
from kaa_analysis.disclosure.hiding.improvement import improve
from kaa_analysis.disclosure.hiding.linear_program import WHOLE_TOLERANCE
from kaa_analysis.disclosure.hiding.nearby_deviations import LARGE, NearbyDeviations
from kaa_analysis.disclosure.hiding.separate_deviations import SeparateDeviations
from kaa_analysis.disclosure.hiding.witnesses import NEITHER, OTHERS, Pair, Witnesses

ATTEMPTS = 12
"""Linear programs tried for a whole deviation before a search in whole numbers."""
SOLVES = 1000
"""Linear programs for laying neighbourhoods anew in all parts of a release together, by their size."""
LEAST_SOLVES = 100
"""How many a part gets however small it is."""


def hidden_cells(system: CellSystem, *, width: int) -> np.ndarray:
    """Return which cells (n, boolean) to hide: the unsafe ones and those that protect them. Proven before it is returned.

    ``width`` is how many values each unsafe cell must be able to have.

    Raises:
        DisclosureError: a cell cannot be protected, or the solver gave no certain answer.
    """
    hidden = system.unsafe & ~system.latent
    places = sorted(system.components(), key=len)
    sizes = [len(positions) for positions in places]

    def protecting(number: int) -> np.ndarray:
        part = system.part(places[number])
        return _protect(part, width=width, solves=_solves(sizes[number], of=sum(sizes))) & ~part.latent

    numbers = list(range(len(places)))
    for positions, cells in zip(places, shared(protecting, numbers, weights=sizes), strict=True):
        hidden[positions] |= cells
    return hidden


def _solves(size: int, *, of: int) -> int:
    """Return the linear programs that a part gets for laying neighbourhoods anew.

    >>> _solves(500, of=1000), _solves(1, of=1000)
    (500, 100)
    """
    return min(SOLVES, max(LEAST_SOLVES, round(SOLVES * size / of)))


def _protect(part: CellSystem, *, width: int, solves: int) -> np.ndarray:
    witnesses = Witnesses(part, width=width)
    hidden = part.unsafe | part.latent
    _widen(part, witnesses, hidden)
    _narrow(part, witnesses, hidden)
    if len(part.ids) <= LARGE:
        improve(part, witnesses, hidden, solves=solves)
    witnesses.prove(hidden)
    return hidden


def _order(part: CellSystem, witnesses: Witnesses) -> list[int]:
    """The targets that are hardest to protect first: single cells before unions, the dearest, then the smallest, then by position."""
    n_cells, forms = len(witnesses.targets.cells), witnesses.targets.forms
    targets = np.arange(len(witnesses.values))
    weights = forms @ part.weights
    return targets[np.lexsort((targets, witnesses.values, -weights, targets >= n_cells))].tolist()


def _widen(part: CellSystem, witnesses: Witnesses, hidden: np.ndarray) -> None:
    """Hide, in place, until every target has a witness for every value of its window.

    In a large part a deviation is looked for near the target, and among all cells only where there is none.
    """
    everywhere = Deviations(part)
    everywhere.fix(np.flatnonzero(part.key & ~hidden))
    nearby = None
    if len(part.ids) > LARGE:
        witnesses.begin_where_certain()
        nearby = NearbyDeviations(part)
    for target in _order(part, witnesses):
        while missing := witnesses.missing(target):
            pair = (target, missing[0])
            move = None
            if nearby is not None:
                around = nearby.around(_cells(witnesses, pair), hidden=hidden)
                move = _move(part, around, witnesses, hidden, pair)
            if move is None:
                everywhere.price(hidden)
                move = _move_sparing_key_cells(part, everywhere, witnesses, hidden, pair)
            if move is None:
                _raise_lowest(witnesses, pair)
            else:
                hidden |= move != 0


def _cells(witnesses: Witnesses, pair: Pair) -> np.ndarray:
    """Return the positions of the cells that have to move for a pair."""
    target, value = pair
    return np.array(witnesses.sides(target)) if value == NEITHER else witnesses.targets.members(target)


def _move_sparing_key_cells(
    part: CellSystem, deviations: Deviations, witnesses: Witnesses, hidden: np.ndarray, pair: Pair
) -> np.ndarray | None:
    """Find a deviation as `_move`, one in which a key cell that is still shown moves only if there is no other."""
    move = _move(part, deviations, witnesses, hidden, pair)
    kept = part.key & ~hidden
    if move is not None or not kept.any():
        return move
    deviations.free(np.flatnonzero(kept))
    move = _move(part, deviations, witnesses, hidden, pair)
    deviations.fix(np.flatnonzero(kept if move is None else kept & (move == 0)))
    return move


def _move(
    part: CellSystem, deviations: Deviations, witnesses: Witnesses, hidden: np.ndarray, pair: Pair
) -> np.ndarray | None:
    """Find a whole deviation that gives a target the value, keep it as a witness and return it; None where there is none.

    Most solutions are whole by themselves. Where one is not, its fractions are made dearer and it is tried again.
    """
    avoid = np.zeros(len(part.ids))
    try:
        for _ in range(ATTEMPTS):
            move = _cheapest(part, deviations, witnesses, pair)
            if move is None or witnesses.add(move):
                return move
            avoid += np.abs(move - np.rint(move)) > WHOLE_TOLERANCE
            deviations.price(hidden, avoid=avoid)
        move = _cheapest(part, deviations, witnesses, pair, whole=True)
    finally:
        deviations.price(hidden)
    if move is None or witnesses.add(move):
        return move
    raise DisclosureError("Varje osäker cell ska gå att skydda.", found="lösaren gav inga hela tal")


def _cheapest(
    part: CellSystem, deviations: Deviations, witnesses: Witnesses, pair: Pair, *, whole: bool = False
) -> np.ndarray | None:
    (target, value), cells = pair, _cells(witnesses, pair)
    if value == NEITHER:
        return deviations.to_at_least(cells, by=OTHERS - part.values[cells], whole=whole)
    return deviations.to_sum(cells, by=value - int(witnesses.values[target]), whole=whole)


def _raise_lowest(witnesses: Witnesses, pair: Pair) -> None:
    """Note that the true zeros alone rule out the lowest value of a target's window."""
    target, value = pair
    if value != witnesses.lowest[target] or value >= witnesses.values[target]:
        raise DisclosureError(
            "Varje osäker cell ska gå att skydda.",
            found="en cell kan inte få ett annat värde ens om allt i dess tabeller döljs",
            action="redovisa grövre, eller se över de angivna summorna",
        )
    witnesses.lowest[target] += 1


def _narrow(part: CellSystem, witnesses: Witnesses, hidden: np.ndarray) -> None:
    """Show again, in place, every cell that the protection can do without, the dearest first."""
    deviations = SeparateDeviations(part, hidden=hidden)
    extra = np.flatnonzero(hidden & ~part.unsafe & ~part.latent)
    for cell in extra[np.lexsort((extra, -part.weights[extra]))].tolist():
        deviations.fix(cell)
        if _can_do_without(part, deviations, witnesses, cell):
            witnesses.drop(cell)
            hidden[cell] = False
        else:
            deviations.free(cell)


def _can_do_without(part: CellSystem, deviations: SeparateDeviations, witnesses: Witnesses, cell: int) -> bool:
    """Look for other witnesses of all that only ``cell`` makes possible; those found are kept in any case."""
    lost: list[Pair] = witnesses.only_by(np.array([cell]))
    while lost:
        move = _cheapest(part, deviations.of(_cells(witnesses, lost[0])), witnesses, lost[0])
        if move is None or not witnesses.add(move, wanted=lost):
            return False
        lost = witnesses.only_by(np.array([cell]))
    return True
