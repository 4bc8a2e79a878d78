"""Secondary suppression: which further cells must be hidden so that no unsafe one can be worked out.

For every unsafe cell, each value below the threshold must be possible for somebody who knows all shown cells, all relations,
that counts are whole and that true zeros are shown. The pattern is found with one linear program that is solved again and
again: move an unsafe cell to the value and let the rest give way as cheaply as possible; what moves is hidden.
"""

from __future__ import annotations

import numpy as np

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.cell_system import CellSystem
from kaa_analysis.disclosure.deviations import Deviations
from kaa_analysis.disclosure.linear_program import WHOLE_TOLERANCE
from kaa_analysis.disclosure.witnesses import Pair, Witnesses

ATTEMPTS = 12
"""Linear programs tried for a whole deviation before a search in whole numbers."""


def hidden_cells(system: CellSystem, *, width: int) -> np.ndarray:
    """Return which cells (n, boolean) to hide: the unsafe ones and those that protect them. Proven before it is returned.

    ``width`` is how many values each unsafe cell must be able to have.

    Raises:
        DisclosureError: a cell cannot be protected, or the solver gave no certain answer.
    """
    hidden = system.unsafe & ~system.latent
    for positions in system.components():
        part = system.part(positions)
        hidden[positions] |= _protect(part, width=width) & ~part.latent
    return hidden


def _protect(part: CellSystem, *, width: int) -> np.ndarray:
    witnesses = Witnesses(part, width=width)
    deviations = Deviations(part)
    hidden = part.unsafe | part.latent
    _widen(part, deviations, witnesses, hidden)
    _narrow(part, deviations, witnesses, hidden)
    witnesses.prove(hidden)
    return hidden


def _order(part: CellSystem) -> list[int]:
    """The unsafe cells that are hardest to protect first: the dearest, then the smallest, then by id."""
    unsafe = np.flatnonzero(part.unsafe)
    return unsafe[np.lexsort((unsafe, part.values[unsafe], -part.weights[unsafe]))].tolist()


def _widen(part: CellSystem, deviations: Deviations, witnesses: Witnesses, hidden: np.ndarray) -> None:
    """Hide, in place, until every unsafe cell has a witness for every value of its window."""
    deviations.price(hidden)
    for cell in _order(part):
        while missing := witnesses.missing(cell):
            move = _move(part, deviations, witnesses, hidden, cell, missing[0])
            if move is None:
                _raise_lowest(part, witnesses, cell, missing[0])
            elif (moved := (move != 0) & ~hidden).any():
                hidden |= moved
                deviations.price(hidden)


def _move(
    part: CellSystem, deviations: Deviations, witnesses: Witnesses, hidden: np.ndarray, cell: int, value: int
) -> np.ndarray | None:
    """Find a whole deviation that gives ``cell`` the value, keep it as a witness and return it; None where there is none.

    Most solutions are whole by themselves. Where one is not, its fractions are made dearer and it is tried again.
    """
    by = value - int(part.values[cell])
    avoid = np.zeros(len(part.ids))
    try:
        for _ in range(ATTEMPTS):
            move = deviations.cheapest(cell, by=by)
            if move is None or witnesses.add(move):
                return move
            avoid += np.abs(move - np.rint(move)) > WHOLE_TOLERANCE
            deviations.price(hidden, avoid=avoid)
        move = deviations.cheapest(cell, by=by, whole=True)
    finally:
        deviations.price(hidden)
    if move is None or witnesses.add(move):
        return move
    raise DisclosureError("Varje osäker cell ska gå att skydda.", found="lösaren gav inga hela tal")


def _raise_lowest(part: CellSystem, witnesses: Witnesses, cell: int, value: int) -> None:
    """Note that the true zeros alone rule out the lowest value of a cell's window."""
    if value != witnesses.lowest[cell] or value >= part.values[cell]:
        raise DisclosureError(
            "Varje osäker cell ska gå att skydda.",
            found="en cell kan inte få ett annat värde ens om allt i dess tabeller döljs",
            action="redovisa grövre, eller se över de angivna summorna",
        )
    witnesses.lowest[cell] += 1


def _narrow(part: CellSystem, deviations: Deviations, witnesses: Witnesses, hidden: np.ndarray) -> None:
    """Show again, in place, every cell that the protection can do without, the dearest first."""
    deviations.price(np.ones_like(hidden))
    deviations.fix(np.flatnonzero(~hidden))
    extra = np.flatnonzero(hidden & ~part.unsafe & ~part.latent)
    for cell in extra[np.lexsort((extra, -part.weights[extra]))].tolist():
        deviations.fix(np.array([cell]))
        if _can_do_without(part, deviations, witnesses, cell):
            witnesses.drop(cell)
            hidden[cell] = False
        else:
            deviations.free(np.array([cell]))


def _can_do_without(part: CellSystem, deviations: Deviations, witnesses: Witnesses, cell: int) -> bool:
    """Look for other witnesses of all that only ``cell`` makes possible; those found are kept in any case."""
    lost: list[Pair] = witnesses.only_by(cell)
    while lost:
        unsafe, value = lost[0]
        move = deviations.cheapest(unsafe, by=value - int(part.values[unsafe]))
        if move is None or not witnesses.add(move, wanted=lost):
            return False
        lost = witnesses.only_by(cell)
    return True
