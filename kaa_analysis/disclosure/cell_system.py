"""All cells and linear relations of a release as one system: what protection works on and an attacker would set up.

A cell that the release does not print (a term of an equation that stands in no table, an unknown count, the complement of a
share) is *latent*: readers see nothing of it and know only that it is not negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.latent_cells import complete
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.published_cells import PublishedCount, collect
from kaa_analysis.disclosure.relations import Relation, complements, relations_of, volumes_of

WEIGHT_PER_TOTAL = 2.0
"""Each split that stands at its total makes a cell this many times as dear to hide."""
WEIGHT_PER_TABLE = 0.5
"""Each further table that prints the cell adds this part of its weight: key cells stand in many tables."""
WEIGHT_UNPROTECTED = 1000.0
"""Volumes of work (letters, calls) are hidden only if nothing else can give way."""


@dataclass(frozen=True, eq=False)
class CellSystem:
    """``n`` cells in the order of their ids and ``m`` relations among them.

    ``values`` (n,) are whole numbers; ``latent``, ``unsafe`` (n,) are booleans; ``weights`` (n,) say how dear a cell is to
    readers; ``matrix`` (m, n) holds whole coefficients with ``matrix @ values == 0``.
    """

    ids: tuple[str, ...]
    values: np.ndarray
    latent: np.ndarray
    unsafe: np.ndarray
    weights: np.ndarray
    matrix: sparse.csr_array

    @property
    def lowest(self) -> np.ndarray:
        """What an attacker knows of a hidden cell: at least 1 where true zeros are shown, at least 0 if it is latent."""
        return np.where(self.latent, 0, 1)

    def components(self) -> Iterator[np.ndarray]:
        """Yield the positions of the cells of each connected part that holds an unsafe cell, true zeros left out."""
        live = np.flatnonzero(self.latent | (self.values > 0))
        incidence = self.matrix[:, live] != 0
        _, labels = connected_components(incidence.T @ incidence, directed=False)
        for label in dict.fromkeys(labels[self.unsafe[live]].tolist()):
            yield live[labels == label]

    def part(self, positions: np.ndarray) -> CellSystem:
        """Return the system of the cells at ``positions``; terms of the others (true zeros) fall away."""
        matrix = self.matrix[:, positions]
        return CellSystem(
            ids=tuple(self.ids[position] for position in positions),
            values=self.values[positions],
            latent=self.latent[positions],
            unsafe=self.unsafe[positions],
            weights=self.weights[positions],
            matrix=matrix[np.diff(matrix.indptr) > 0],
        )


def cell_system(results: Sequence[Result], *, policy: Policy) -> CellSystem:
    """Return the system of all cells of a release; neither the order of results nor of rows changes it.

    Raises:
        DisclosureError: a cell has two values or two units, or a relation does not hold across the tables.
    """
    counts = collect(results)
    relations = relations_of(results, counts=counts) + complements(results, counts=counts, policy=policy)
    ids = sorted({*counts, *(cell_id for relation in relations for cell_id in relation.terms)})
    matrix = _matrix(relations, ids=ids)
    known = {cell_id: count.value for cell_id, count in counts.items() if count.value is not None}
    latent = np.array([cell_id not in known for cell_id in ids], dtype=bool)
    values = np.array([known.get(cell_id, 0) for cell_id in ids], dtype=np.int64)
    _check(relations, known=known)
    values, certain = complete(matrix, values=values, latent=latent)
    volumes = volumes_of(results)
    protected = np.array(
        [cell_id not in volumes and _is_protected(cell_id, counts, policy) for cell_id in ids], dtype=bool
    )
    unsafe = protected & certain & (values >= 1) & (values < policy.unsafe_below)
    return CellSystem(tuple(ids), values, latent, unsafe, _weights(ids, counts, policy), matrix)


def _matrix(relations: Sequence[Relation], *, ids: Sequence[str]) -> sparse.csr_array:
    position = {cell_id: number for number, cell_id in enumerate(ids)}
    rows = [row for row, relation in enumerate(relations) for _ in relation.terms]
    columns = [position[cell_id] for relation in relations for cell_id in relation.terms]
    coefficients = [coefficient for relation in relations for coefficient in relation.terms.values()]
    shape = (len(relations), len(ids))
    return sparse.csr_array((np.array(coefficients, dtype=np.int64), (rows, columns)), shape=shape)


def _check(relations: Sequence[Relation], *, known: dict[str, int]) -> None:
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


def _is_protected(cell_id: str, counts: dict[str, PublishedCount], policy: Policy) -> bool:
    return cell_id not in counts or counts[cell_id].unit in policy.protected_units


def _weights(ids: Sequence[str], counts: dict[str, PublishedCount], policy: Policy) -> np.ndarray:
    deepest: dict[str, int] = {}
    for count in counts.values():
        deepest[count.measure] = max(deepest.get(count.measure, 0), count.depth)
    return np.array([_weight(counts.get(cell_id), deepest, policy) for cell_id in ids])


def _weight(count: PublishedCount | None, deepest: dict[str, int], policy: Policy) -> float:
    if count is None or count.value is None:
        return 0.0
    weight = WEIGHT_PER_TOTAL ** (deepest[count.measure] - count.depth) * (1 + np.log10(1 + count.value))
    weight *= 1 + WEIGHT_PER_TABLE * (len(count.tables) - 1)
    return float(weight if count.unit in policy.protected_units else weight * WEIGHT_UNPROTECTED)
