"""All cells and linear relations of a release as one system: what protection works on and an attacker would set up.

A cell that the release does not print (a term of an equation that stands in no table, an unknown count, what a larger group has
beyond a smaller one) is *latent*: readers see nothing of it and know at most that it is not negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.hiding.disclosive_groups import disclosive_groups, soft_cells
from kaa_analysis.disclosure.hiding.latent_cells import complete
from kaa_analysis.disclosure.hiding.nested_groups import differences
from kaa_analysis.disclosure.hiding.protected_sums import Targets, targets_of
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount, collect
from kaa_analysis.disclosure.hiding.relations import Relation, distinct, relations_of, volumes_of
from kaa_analysis.disclosure.hiding.revisions import Earlier, earlier_cells
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy

WEIGHT_PER_TOTAL = 2.0
"""Each split that stands at its total makes a cell this many times as dear to hide."""
WEIGHT_PER_TABLE = 0.5
"""Each further table that prints the cell adds this part of its weight: key cells stand in many tables."""
WEIGHT_UNPROTECTED = 1000.0
"""Volumes of work (letters, calls) are hidden only if nothing else can give way."""


@dataclass(frozen=True, eq=False)
class CellSystem:
    """``n`` cells in the order of their ids and ``m`` relations among them.

    ``values``, ``lowest`` (n,) are whole numbers: the true value, and the lowest that a reader must reckon with if the cell is
    hidden. ``latent``, ``fixed``, ``key``, ``unsafe`` (n,) are booleans: not printed; known whatever is done (true zeros, what an
    earlier release showed); kept as long as anything else can give way; to be hidden. ``rest`` (n,) is the position of the rest of
    its group for a cell where "none" and "all" are unsafe, -1 elsewhere. ``weights`` (n,) say how dear a cell is to readers;
    ``matrix`` (m, n) holds whole coefficients with ``matrix @ values == 0``.
    """

    ids: tuple[str, ...]
    values: np.ndarray
    lowest: np.ndarray
    latent: np.ndarray
    fixed: np.ndarray
    key: np.ndarray
    unsafe: np.ndarray
    rest: np.ndarray
    weights: np.ndarray
    matrix: sparse.csr_array

    def components(self) -> Iterator[np.ndarray]:
        """Yield the positions of the cells of each connected part that holds an unsafe cell, fixed cells left out."""
        live = np.flatnonzero(~self.fixed)
        incidence = self.matrix[:, live] != 0
        _, labels = connected_components(incidence.T @ incidence, directed=False)
        order = np.argsort(labels, kind="stable")
        starts = np.searchsorted(labels[order], np.arange(labels.max(initial=-1) + 2))
        for label in dict.fromkeys(labels[self.unsafe[live]].tolist()):
            yield live[order[starts[label] : starts[label + 1]]]

    def part(self, positions: np.ndarray) -> CellSystem:
        """Return the system of the cells at ``positions``; the others do not move, and their terms fall away."""
        matrix = self.matrix[:, positions]
        number = np.full(len(self.ids) + 1, -1)
        number[positions] = np.arange(len(positions))
        return CellSystem(
            ids=tuple(self.ids[position] for position in positions),
            values=self.values[positions],
            lowest=self.lowest[positions],
            latent=self.latent[positions],
            fixed=self.fixed[positions],
            key=self.key[positions],
            unsafe=self.unsafe[positions],
            rest=number[self.rest[positions]],
            weights=self.weights[positions],
            matrix=matrix[np.diff(matrix.indptr) > 0],
        )

    def targets(self, *, width: int) -> Targets:
        """Return what must keep ``width`` possible values: the unsafe counts, and the unions of parts that are too small together."""
        return targets_of(self.matrix, values=self.values, unsafe=self.unsafe, width=width)


def cell_system(results: Sequence[Result], *, policy: Policy, ledger: Ledger) -> CellSystem:
    """Return the system of all cells of a release; neither the order of results nor of rows changes it.

    Raises:
        DisclosureError: a cell has two values or two units, a relation does not hold across the tables, or a cell has another
            value than an earlier release showed.
    """
    counts = collect(results)
    groups = disclosive_groups(results, counts=counts, policy=policy)
    of_release = [
        *relations_of(results, counts=counts),
        *differences(results, counts=counts, groups=groups, policy=policy),
    ]
    earlier = earlier_cells(ledger, counts=counts, policy=policy, relations=of_release)
    relations = distinct([*of_release, *earlier.relations])
    ids = sorted({*counts, *earlier.values, *(cell_id for relation in relations for cell_id in relation.terms)})
    known = {cell_id: count.value for cell_id, count in counts.items() if count.value is not None} | earlier.values
    _check(relations, known=known)
    matrix = _matrix(relations, ids=ids)
    latent = np.array([cell_id not in known for cell_id in ids], dtype=bool)
    values = np.array([known.get(cell_id, 0) for cell_id in ids], dtype=np.int64)
    lowest = _lowest(ids, latent=latent, soft=soft_cells(relations, groups=groups), earlier=earlier)
    values, certain = complete(matrix, values=values, latent=latent, lowest=lowest)
    fixed = ~latent & ((values == 0) & (lowest == 1) | np.isin(ids, list(earlier.values)))
    countable = _protected(ids, counts=counts, volumes=volumes_of(results), policy=policy) & certain & ~fixed
    rest = _rest(ids, values, groups=groups)
    unsafe = countable & ((values >= 1) & (values < policy.unsafe_below) | (rest >= 0))
    return CellSystem(
        ids=tuple(ids),
        values=values,
        lowest=lowest,
        latent=latent,
        fixed=fixed,
        key=np.array([cell_id in counts and counts[cell_id].key for cell_id in ids], dtype=bool),
        unsafe=unsafe,
        rest=np.where(unsafe, rest, -1),
        weights=_weights(ids, counts, policy),
        matrix=matrix,
    )


def _lowest(ids: Sequence[str], *, latent: np.ndarray, soft: frozenset[str], earlier: Earlier) -> np.ndarray:
    """What a reader knows of a hidden cell: at least 1 where true zeros are shown, else at least 0; a change can go down too."""
    lowest = np.array([0 if cell_id in soft else 1 for cell_id in ids], dtype=np.int64)
    lowest[latent] = 0
    lowest[[cell_id in earlier.changes for cell_id in ids]] = earlier.lowest_change
    return lowest


def _rest(ids: Sequence[str], values: np.ndarray, *, groups: Mapping[str, tuple[str, str]]) -> np.ndarray:
    """Return the position of the rest of the group where none or all, or all but one insider, have what the cell counts."""
    position = {cell_id: number for number, cell_id in enumerate(ids)}
    rest = np.full(len(ids), -1)
    for part, (_, others) in groups.items():
        if min(values[position[part]], values[position[others]]) <= 1:
            rest[position[part]] = position[others]
    return rest


def _matrix(relations: Sequence[Relation], *, ids: Sequence[str]) -> sparse.csr_array:
    position = {cell_id: number for number, cell_id in enumerate(ids)}
    rows = [row for row, relation in enumerate(relations) for _ in relation.terms]
    columns = [position[cell_id] for relation in relations for cell_id in relation.terms]
    coefficients = [coefficient for relation in relations for coefficient in relation.terms.values()]
    shape = (len(relations), len(ids))
    return sparse.csr_array((np.array(coefficients, dtype=np.int64), (rows, columns)), shape=shape)


def _check(relations: Sequence[Relation], *, known: Mapping[str, int]) -> None:
    broken = [
        relation.name
        for relation in relations
        if all(cell_id in known for cell_id in relation.terms)
        and sum(coefficient * known[cell_id] for cell_id, coefficient in relation.terms.items())
    ]
    if broken:
        raise DisclosureError(
            "Angivna summor ska stämma mellan tabellerna.",
            found=sorted(set(broken)),
            action="se till att tabellerna räknar samma sak på samma uttag",
        )


def _protected(
    ids: Sequence[str], *, counts: Mapping[str, PublishedCount], volumes: frozenset[str], policy: Policy
) -> np.ndarray:
    """Return which cells (n, boolean) count persons: those that no table prints do, unless they are declared to be volumes of work."""
    units = [counts[cell_id].unit if cell_id in counts else None for cell_id in ids]
    return np.array(
        [
            cell_id not in volumes and (unit is None or unit in policy.protected_units)
            for cell_id, unit in zip(ids, units, strict=True)
        ],
        dtype=bool,
    )


def _weights(ids: Sequence[str], counts: Mapping[str, PublishedCount], policy: Policy) -> np.ndarray:
    deepest: dict[str, int] = {}
    for count in counts.values():
        deepest[count.cell.measure] = max(deepest.get(count.cell.measure, 0), count.depth)
    return np.array([_weight(counts.get(cell_id), deepest, policy) for cell_id in ids])


def _weight(count: PublishedCount | None, deepest: Mapping[str, int], policy: Policy) -> float:
    if count is None or count.value is None:
        return 0.0
    weight = WEIGHT_PER_TOTAL ** (deepest[count.cell.measure] - count.depth) * (1 + np.log10(1 + count.value))
    weight *= 1 + WEIGHT_PER_TABLE * (len(count.tables) - 1)
    return float(weight if count.unit in policy.protected_units else weight * WEIGHT_UNPROTECTED)
