"""The linear relations between a release's cells: declared ones, and totals between tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import pandas as pd

from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, rows_by
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount, collect


@dataclass(frozen=True, eq=False)
class Relation:
    """The sum of coefficient × cell is zero. ``terms`` maps cell ids to whole coefficients, in the order of the ids."""

    name: str
    terms: Mapping[str, int]


def relations_of(results: Sequence[Result], *, counts: Mapping[str, PublishedCount]) -> list[Relation]:
    """Return every distinct relation of the release, in an order that does not depend on that of results or rows."""
    equations = [equation for result in results for equation in result.all_equations()]
    equations += [equation for result in results for equation in _totals_elsewhere(result, counts=counts)]
    return distinct(equation_relation(equation) for equation in equations)


def published_equations(results: Sequence[Result]) -> pd.DataFrame:
    """Return the relations whose cells are all in the release, a row per term.

    The columns are equation (number and name), cell_id, coefficient; no value, hidden or shown, is in it.
    """
    counts = collect(results)
    relations = [
        relation for relation in relations_of(results, counts=counts) if counts.keys() >= relation.terms.keys()
    ]
    terms = [
        (f"{number:05d} {relation.name}", cell_id, coefficient)
        for number, relation in enumerate(relations, start=1)
        for cell_id, coefficient in relation.terms.items()
    ]
    return pd.DataFrame(terms, columns=["equation", "cell_id", "coefficient"]).astype({"coefficient": "int64"})


def volumes_of(results: Sequence[Result]) -> frozenset[str]:
    """Return the ids of the terms that equations declare to be volumes of work."""
    equations = [equation for result in results for equation in result.equations]
    return frozenset(
        term.id for equation in equations for _, term in equation.terms if term.measure in equation.volumes
    )


def equation_relation(equation: Equation) -> Relation:
    """Return an equation in terms of cell ids, reduced to its simplest form."""
    return relation_of(equation.name, [(coefficient, term.id) for coefficient, term in equation.terms])


def relation_of(name: str, terms: Iterable[tuple[int, str]]) -> Relation:
    """Return a relation of terms (coefficient, cell id) in its simplest form."""
    sums: dict[str, int] = {}
    for coefficient, cell_id in terms:
        sums[cell_id] = sums.get(cell_id, 0) + coefficient
    sums = {cell_id: sums[cell_id] for cell_id in sorted(sums) if sums[cell_id]}
    divisor = gcd(*sums.values())
    if sums and next(iter(sums.values())) < 0:
        divisor = -divisor
    return Relation(name, {cell_id: coefficient // divisor for cell_id, coefficient in sums.items()})


def distinct(relations: Iterable[Relation]) -> list[Relation]:
    """Return each relation once, in the order of their terms."""
    by_terms: dict[tuple[tuple[str, int], ...], Relation] = {}
    for relation in relations:
        key = tuple(relation.terms.items())
        if key and (key not in by_terms or relation.name < by_terms[key].name):
            by_terms[key] = relation
    return [by_terms[key] for key in sorted(by_terms)]


def _totals_elsewhere(result: Result, *, counts: Mapping[str, PublishedCount]) -> list[Equation]:
    """Totals of a split that the table itself does not print but another table does, where the rows do add up to them."""
    equations = []
    dimensions = result.of_role(Dimension)
    cells = {count.name: result.cells_of(count) for count in result.of_role(Count)}
    for dimension in (dimension for dimension in dimensions if dimension.additive):
        for rows in rows_by(result, [other.name for other in dimensions if other is not dimension]):
            for found in cells.values():
                parts = [found[row] for row in rows]
                total = without(parts[0], dimension.name)
                if _adds_up(total, parts, counts):
                    terms = ((-1, total), *((1, part) for part in parts))
                    equations.append(Equation(f"{dimension.label}: delarna summerar till totalen", terms))
    return equations


def without(place: Cell, name: str) -> Cell:
    """Return the cell at the total of a split."""
    return Cell(place.measure, tuple(item for item in place.place if item[0] != name))


def _adds_up(total: Cell, parts: Sequence[Cell], counts: Mapping[str, PublishedCount]) -> bool:
    if total.id not in counts or total in parts:
        return False
    values = [counts[place.id].value for place in (total, *parts)]
    return None not in values and sum(values[1:]) == values[0]
