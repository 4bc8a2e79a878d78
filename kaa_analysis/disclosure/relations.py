"""The linear relations that an attacker knows: declared ones, totals between tables, and the complement of every share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import pandas as pd

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, Share
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.published_cells import PublishedCount, collect


@dataclass(frozen=True, eq=False)
class Relation:
    """The sum of coefficient × cell is zero. ``terms`` maps cell ids to whole coefficients, in the order of the ids."""

    name: str
    terms: Mapping[str, int]


def relations_of(results: Sequence[Result], *, counts: Mapping[str, PublishedCount]) -> list[Relation]:
    """Return every distinct relation of the release, in an order that does not depend on that of results or rows."""
    equations = [equation for result in results for equation in result.all_equations()]
    equations += [equation for result in results for equation in _totals_elsewhere(result, counts=counts)]
    return _distinct(equation_relation(equation) for equation in equations)


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


def complements(results: Sequence[Result], *, counts: Mapping[str, PublishedCount], policy: Policy) -> list[Relation]:
    """Return, for every part of a whole, *part + complement = whole*; the complement is a latent cell.

    Parts are the numerator of a share and the rows of a split that does not add up (persons in one channel among all sought).
    Whoever sees a part and its whole sees the complement, and knows that it is not negative.

    Raises:
        DisclosureError: a part is larger than its whole.
    """
    known = {cell_id for cell_id, count in counts.items() if count.value is not None}
    found, too_large = [], []
    for result in results:
        for name, part, whole in (*_shares(result, policy), *_overlapping(result, policy)):
            if part == whole or not {part, whole} <= known:
                continue
            if counts[part].value > counts[whole].value:
                too_large.append(f"{result.id}: {name}")
            found.append(_relation(name, [(-1, whole), (1, part), (1, f"({whole}) - ({part})")]))
    if too_large:
        raise DisclosureError(
            "En del ska ingå i det hela (en andels täljare i dess nämnare).", found=sorted(set(too_large))
        )
    return _distinct(found)


def _shares(result: Result, policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Give name, part and whole of every share of protected counts."""
    for share in result.of_role(Share):
        units = {result.column(share.numerator).unit, result.column(share.denominator).unit}
        if units & set(policy.protected_units):
            parts, wholes = (result.cells_of(result.column(name)) for name in (share.numerator, share.denominator))
            for part, whole in zip(parts, wholes, strict=True):
                yield share.name, part.id, whole.id


def _overlapping(result: Result, policy: Policy) -> Iterator[tuple[str, str, str]]:
    """Give name, part and whole of every row of a split whose rows overlap, for protected counts."""
    protected = {
        count.name: (count, result.cells_of(count))
        for count in result.of_role(Count)
        if count.unit in policy.protected_units
    }
    for dimension in result.of_role(Dimension):
        if dimension.additive or dimension.total is None:
            continue
        for row, value in result.table[dimension.name].items():
            for count, cells in protected.values():
                if value != dimension.total and dimension.name not in count.regardless_of:
                    part = cells[row]
                    whole = _without(part, dimension.name).id
                    yield count.name, part.id, whole


def volumes_of(results: Sequence[Result]) -> frozenset[str]:
    """Return the ids of the terms that equations declare to be volumes of work."""
    equations = [equation for result in results for equation in result.equations]
    return frozenset(
        term.id for equation in equations for _, term in equation.terms if term.measure in equation.volumes
    )


def equation_relation(equation: Equation) -> Relation:
    """Return an equation in terms of cell ids, reduced to its simplest form."""
    return _relation(equation.name, [(coefficient, term.id) for coefficient, term in equation.terms])


def _relation(name: str, terms: Iterable[tuple[int, str]]) -> Relation:
    sums: dict[str, int] = {}
    for coefficient, cell_id in terms:
        sums[cell_id] = sums.get(cell_id, 0) + coefficient
    sums = {cell_id: sums[cell_id] for cell_id in sorted(sums) if sums[cell_id]}
    divisor = gcd(*sums.values())
    if sums and next(iter(sums.values())) < 0:
        divisor = -divisor
    return Relation(name, {cell_id: coefficient // divisor for cell_id, coefficient in sums.items()})


def _distinct(relations: Iterable[Relation]) -> list[Relation]:
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
        others = [other.name for other in dimensions if other is not dimension]
        groups = result.table.groupby(others, sort=False, dropna=False) if others else [((), result.table)]
        for _, rows in groups:
            if rows.empty or (dimension.total is not None and (rows[dimension.name] == dimension.total).any()):
                continue
            for count in result.of_role(Count):
                parts = [cells[count.name][row] for row in rows.index]
                total = _without(parts[0], dimension.name)
                if _adds_up(total, parts, counts):
                    terms = ((-1, total), *((1, part) for part in parts))
                    equations.append(Equation(f"{dimension.label}: delarna summerar till totalen", terms))
    return equations


def _without(place: Cell, name: str) -> Cell:
    return Cell(place.measure, tuple(item for item in place.place if item[0] != name))


def _adds_up(total: Cell, parts: Sequence[Cell], counts: Mapping[str, PublishedCount]) -> bool:
    if total.id not in counts or total in parts:
        return False
    values = [counts[place.id].value for place in (total, *parts)]
    return None not in values and sum(values[1:]) == values[0]
