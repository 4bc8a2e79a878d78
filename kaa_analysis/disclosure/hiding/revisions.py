"""What earlier releases showed, as cells and relations of the system: an attacker lays them beside the new release.

A cell that an earlier release showed is known, whatever is done now. The same count at a later extract is another cell; the net
change between the two, or between cumulative counts over a shorter and a longer period, is a few persons like any other few: where it
is unsafe it is protected, and since what was shown cannot be taken back the new count gives way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Cell, cell_called
from kaa_analysis.disclosure.hiding.nested_groups import MOVES, PERIOD, is_inside, rest_id
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount
from kaa_analysis.disclosure.hiding.relations import Relation, relation_of
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy

EXTRACT = "extract"
"""The name under which the day of extract stands in the place of a cell."""
LOWEST_CHANGE = -1000
"""A revision takes away no more than this, as far as a reader knows."""


@dataclass(frozen=True, eq=False)
class Earlier:
    """``values`` by id that earlier releases showed, ``relations`` that they add, and the ids of the net ``changes`` among their terms."""

    values: Mapping[str, int]
    relations: tuple[Relation, ...]
    changes: frozenset[str]
    lowest_change: int = LOWEST_CHANGE


def earlier_cells(
    ledger: Ledger, *, counts: Mapping[str, PublishedCount], policy: Policy, relations: Iterable[Relation] = ()
) -> Earlier:
    """Return what a reader of earlier releases knows beside ``counts`` and ``relations``, those of the new one.

    A number shown before is known wherever a relation names it, also one of the new release that prints it no more.

    Raises:
        DisclosureError: a cell of the new release has another value than an earlier release showed.
    """
    shown = {published.cell_id: published.value for published in ledger.published if published.value is not None}
    _refuse_other_values(shown, counts=counts)
    sums = tuple(relation_of("en summa i en tidigare release", terms) for terms in ledger.sums)
    changes = list(_changes(shown, counts=counts, policy=policy))
    named = _terms([*sums, *changes, *relations])
    values = {cell_id: value for cell_id, value in shown.items() if cell_id in named or cell_id in counts}
    return Earlier(values, (*sums, *changes), _terms(changes) - counts.keys() - shown.keys() - _terms(sums))


def _refuse_other_values(shown: Mapping[str, int], *, counts: Mapping[str, PublishedCount]) -> None:
    other = {
        counts[cell_id].cell.measure
        for cell_id, value in shown.items()
        if cell_id in counts and counts[cell_id].value != value
    }
    if other:
        raise DisclosureError(
            "En cell ska ha samma värde som när den publicerades ur samma uttag.",
            found=sorted(other),
            action="gör rapporten med samma kod och inställningar som då, eller av ett nytt uttag",
        )


class _Number(NamedTuple):
    """A known count: its cell, its value, and whether this release prints it."""

    cell: Cell
    value: int
    is_new: bool


def _changes(shown: Mapping[str, int], *, counts: Mapping[str, PublishedCount], policy: Policy) -> Iterator[Relation]:
    """Give *larger = smaller + change* for every unsafe net change from one day of extract, or one period, to another."""
    cumulative = {count.cell.measure for count in counts.values() if count.cumulative}
    alike: dict[Cell, list[_Number]] = defaultdict(list)
    for count in counts.values():
        if count.value is not None and count.unit in policy.protected_units:
            alike[_anywhen(count.cell)].append(_Number(count.cell, count.value, is_new=True))
    for cell_id in sorted(shown.keys() - counts.keys()):
        found = cell_called(cell_id)
        if _anywhen(found) in alike:
            alike[_anywhen(found)].append(_Number(found, shown[cell_id], is_new=False))
    for numbers in alike.values():
        for one, other in combinations(numbers, 2):
            smaller, larger = sorted((one, other), key=lambda number: (number.value, number.cell))
            change = larger.value - smaller.value
            if (
                (one.is_new or other.is_new)
                and policy.is_unsafe(change)
                and _is_change(one.cell, other.cell, cumulative)
            ):
                part, whole = smaller.cell.id, larger.cell.id
                terms = [(-1, whole), (1, part), (1, rest_id(part, whole=whole))]
                yield relation_of("ändringen från en dag eller period till en annan", terms)


def _is_change(one: Cell, other: Cell, cumulative: Collection[str]) -> bool:
    """Return whether a count is another at another extract, or over a longer period.

    Within one extract, periods inside each other are groups inside each other (`nested_groups`), unless people can have moved.
    """
    first, second = dict(one.place), dict(other.place)
    if first.get(PERIOD) == second.get(PERIOD):
        return first.get(EXTRACT) != second.get(EXTRACT)
    are_groups = first.get(EXTRACT) == second.get(EXTRACT) and MOVES.isdisjoint(first)
    return one.measure in cumulative and not are_groups and (is_inside(one, other) or is_inside(other, one))


def _anywhen(found: Cell) -> Cell:
    return Cell(found.measure, tuple(item for item in found.place if item[0] not in (EXTRACT, PERIOD)))


def _terms(relations: Iterable[Relation]) -> frozenset[str]:
    return frozenset(cell_id for relation in relations for cell_id in relation.terms)
