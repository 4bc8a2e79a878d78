"""The proof that rounded numbers tell no unsafe count: for each of them, whole tables with every unsafe value that are rounded alike.

A rounded number says between which two numbers the count lies, and sums narrow that: parts shown as 50, 40, 0 and 0 of a total shown
as 110 are at least 105 together, so neither of the small ones is less than 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse.csgraph import connected_components

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.hiding.nested_groups import differences
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount, collect
from kaa_analysis.disclosure.hiding.relations import Relation, relations_of
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.rounded.rounding import rounded_to, rounding_bounds

SECONDS = 10.0
"""A table that is not found in this time counts as none."""


def refuse_narrowed(results: Sequence[Result], *, policy: Policy) -> None:
    """Refuse rounded numbers from whose sums an unsafe count can be narrowed down.

    Raises:
        DisclosureError: for some unsafe count, a value below the threshold is in no whole table that is rounded to what is shown.
    """
    counts = collect(results) if policy.rounding else {}
    if not any(count.cell.measure in policy.rounding for count in counts.values()):
        return
    relations = [*relations_of(results, counts=counts), *differences(results, counts=counts, groups={}, policy=policy)]
    narrowed = list(_narrowed(counts, relations, policy))
    if narrowed:
        per_measure = [counts[cell_id].cell.measure for cell_id in narrowed]
        raise DisclosureError(
            "Avrundade tal ska inte gå att snäva in med hjälp av summorna.",
            found=[f"{measure}: {per_measure.count(measure)} celler" for measure in sorted(set(per_measure))],
            action="välj en annan bas, eller dölj måttet i stället, i params/disclosure.yaml",
        )


def _narrowed(counts: Mapping[str, PublishedCount], relations: Sequence[Relation], policy: Policy) -> Iterator[str]:
    """Give the ids of the unsafe rounded counts that cannot have each unsafe value, in order."""
    for ids, part in _parts(counts, relations, policy):
        matrix = _matrix(ids, part)
        least, most = np.array([_bounds(counts.get(cell_id), policy) for cell_id in ids], dtype=float).T
        for place, cell_id in enumerate(ids):
            count = counts.get(cell_id)
            if _is_rounded(count, policy) and policy.is_unsafe(count.value):
                values = range(1, policy.unsafe_below)
                if not all(_has_table(matrix, least, most, place=place, value=value) for value in values):
                    yield cell_id


def _parts(
    counts: Mapping[str, PublishedCount], relations: Sequence[Relation], policy: Policy
) -> Iterator[tuple[list[str], list[Relation]]]:
    """Give the cells and relations of each connected part that holds a rounded count."""
    ids = sorted({cell_id for relation in relations for cell_id in relation.terms})
    incidence = _matrix(ids, relations) != 0
    _, labels = connected_components(incidence.T @ incidence, directed=False)
    label_of = dict(zip(ids, labels.tolist(), strict=True))
    wanted = dict.fromkeys(label_of[cell_id] for cell_id in ids if _is_rounded(counts.get(cell_id), policy))
    for label in wanted:
        yield (
            [cell_id for cell_id in ids if label_of[cell_id] == label],
            [relation for relation in relations if label_of[next(iter(relation.terms))] == label],
        )


def _matrix(ids: Sequence[str], relations: Sequence[Relation]) -> sparse.csr_array:
    position = {cell_id: number for number, cell_id in enumerate(ids)}
    terms = [
        (row, position[cell_id], factor) for row, one in enumerate(relations) for cell_id, factor in one.terms.items()
    ]
    rows, columns, factors = zip(*terms, strict=True) if terms else ((), (), ())
    return sparse.csr_array((np.array(factors, dtype=float), (rows, columns)), shape=(len(relations), len(ids)))


def _is_rounded(count: PublishedCount | None, policy: Policy) -> bool:
    return count is not None and count.value is not None and count.cell.measure in policy.rounding


def _bounds(count: PublishedCount | None, policy: Policy) -> tuple[float, float]:
    """Return what a reader knows of a count: where a rounded one lies, a shown volume of work itself, of all else that it is no less than 0."""
    if _is_rounded(count, policy):
        base = policy.rounding[count.cell.measure]
        return rounding_bounds(rounded_to(count.value, base), base)
    if count is None or count.value is None or count.unit in policy.protected_units:
        return 0, np.inf
    return count.value, count.value


def _has_table(matrix: sparse.csr_array, least: np.ndarray, most: np.ndarray, *, place: int, value: int) -> bool:
    """Tell whether some whole table within the bounds has ``value`` at ``place``."""
    low, high = least.copy(), most.copy()
    low[place] = high[place] = value
    found = milp(
        np.zeros(len(low)),
        integrality=np.ones(len(low)),
        bounds=Bounds(low, high),
        constraints=LinearConstraint(matrix, 0, 0),
        options={"time_limit": SECONDS},
    )
    if found.x is None:
        return False
    table = np.rint(found.x)
    return bool((table >= low).all() and (table <= high).all() and not (matrix @ table).any())
