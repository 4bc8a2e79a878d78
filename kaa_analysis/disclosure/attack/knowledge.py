"""All that an attacker knows as numbers: the lowest and highest each cell can be, and the equations among the cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.attack.lines import lines_of
from kaa_analysis.disclosure.attack.publication import PROTECTED, ROUNDED, Pair, Publication, Terms
from kaa_analysis.disclosure.attack.rules import Rules

NO_LIMIT = 1 << 40
"""Above every count: a cell with this highest value can be as large as the equations let it."""


@dataclass(frozen=True, eq=False)
class Knowledge:
    """``n`` cells in the order of their ids and ``m`` equations ``matrix @ table == 0`` with whole coefficients (m, n).

    ``lower`` and ``upper`` (n,) are what is known of each cell by itself.
    """

    ids: tuple[str, ...]
    lower: np.ndarray
    upper: np.ndarray
    matrix: sparse.csr_array

    def rows(self, expressions: Sequence[Terms]) -> sparse.csr_array:
        """Return expressions (k) as rows of whole coefficients (k, n)."""
        return matrix_of(expressions, ids=self.ids)


def knowledge_of(
    publication: Publication, *, equations: Sequence[Terms], pairs: Sequence[Pair], rules: Rules
) -> Knowledge:
    """Return what is known: a hidden cell is at least 1, because zeros are shown, but 0 if its zero would be hidden too."""
    soft = _soft_cells(equations, rules)
    bounds = {cell_id: _bounds(publication, cell_id, rules, soft) for cell_id in publication.cells}
    return _knowledge(bounds, equations, pairs)


def only_zeros(
    publication: Publication, *, equations: Sequence[Terms], pairs: Sequence[Pair], rules: Rules
) -> Knowledge:
    """Return what would be known if everything but the shown zeros were hidden."""
    soft = _soft_cells(equations, rules)
    bounds = {}
    for cell_id, cell in publication.cells.items():
        if cell.state == ROUNDED:
            bounds[cell_id] = (0, NO_LIMIT)
        elif cell.bounds is None or cell.bounds == (0, 0):
            bounds[cell_id] = _bounds(publication, cell_id, rules, soft)
        else:
            bounds[cell_id] = (0 if rules.is_disclosive(cell_id) or cell_id in soft else 1, NO_LIMIT)
    return _knowledge(bounds, equations, pairs)


def gap_id(pair: Pair) -> str:
    """Return the name of what the whole has beyond the part."""
    part, whole = pair
    return f"({whole}) - ({part})"


def matrix_of(expressions: Sequence[Terms], *, ids: Sequence[str]) -> sparse.csr_array:
    """Return expressions (k) as rows of whole coefficients (k, n)."""
    position = {cell_id: number for number, cell_id in enumerate(ids)}
    rows = [row for row, terms in enumerate(expressions) for _ in terms]
    columns = [position[cell_id] for terms in expressions for _, cell_id in terms]
    factors = np.array([factor for terms in expressions for factor, _ in terms], dtype=np.int64)
    return sparse.csr_array((factors, (rows, columns)), shape=(len(expressions), len(ids)))


def _soft_cells(equations: Sequence[Terms], rules: Rules) -> frozenset[str]:
    """Return the parts beside a disclosive value in its group: their zeros can be hidden, since they could tell of all the others."""
    found: set[str] = set()
    lines = lines_of(equations)
    disclosive = set(filter(rules.is_disclosive, {cell_id for line in lines for cell_id in (line.whole, *line.parts)}))
    for line in lines:
        if line.whole not in disclosive and not disclosive.isdisjoint(line.parts):
            found.update(line.parts)
    return frozenset(found)


def _bounds(publication: Publication, cell_id: str, rules: Rules, soft: frozenset[str]) -> tuple[int, int]:
    cell = publication.cells[cell_id]
    if cell.bounds is not None:
        return cell.bounds
    certain = cell.state == PROTECTED and not rules.is_disclosive(cell_id) and cell_id not in soft
    return (1 if certain else 0), NO_LIMIT


def _knowledge(bounds: Mapping[str, tuple[int, int]], equations: Sequence[Terms], pairs: Iterable[Pair]) -> Knowledge:
    fixed = {cell_id for cell_id, (lowest, highest) in bounds.items() if lowest == highest}
    open_pairs = [pair for pair in pairs if not set(pair) <= fixed]
    gaps = [((1, whole), (-1, part), (-1, gap_id((part, whole)))) for part, whole in open_pairs]
    everything = [*equations, *gaps]
    ids = sorted({*bounds, *(cell_id for terms in everything for _, cell_id in terms)})
    limits = np.array([bounds.get(cell_id, (0, NO_LIMIT)) for cell_id in ids], dtype=np.int64).reshape(-1, 2)
    return Knowledge(tuple(ids), limits[:, 0].copy(), limits[:, 1].copy(), matrix_of(everything, ids=ids))
