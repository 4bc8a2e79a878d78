"""Groups inside each other: what the larger has beyond the smaller is a cell too, which no table prints and nobody may work out.

Pairs of a whole and a part are: the two counts of a share; a split that does not add up, each row in its total; a measure at a
place and at another with more splits at their totals; a cumulative count over a period and over a longer one that holds it; and a
group with the values that are disclosive in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.periods import period_called
from kaa_analysis.core.result import Cell, Count, Dimension, Place, Result, Share
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount
from kaa_analysis.disclosure.hiding.relations import Relation, relation_of, without
from kaa_analysis.disclosure.policy import Policy

PERIOD = "period"
"""The name that periods have in the place of a cell, where their labels stand."""

MOVES = frozenset({"district", "part_of_city"})
"""Splits between which a person can move: in a longer period somebody may be counted at another value than in a shorter one.

The count over the longer period can then be the smaller one, and the difference is no group; few persons they are all the same."""

Pair = tuple[str, str, str]
"""What makes it a pair, the id of the part, and that of the whole."""


def differences(
    results: Sequence[Result],
    *,
    counts: Mapping[str, PublishedCount],
    groups: Mapping[str, tuple[str, str]],
    policy: Policy,
) -> list[Relation]:
    """Return *whole = part + rest* for every pair whose counts are both known; the rest is a latent cell.

    Whoever sees a part and its whole sees the rest, and knows that it is not negative. ``groups`` are those of
    `disclosive_groups.disclosive_groups`.

    Raises:
        DisclosureError: a part is larger than its whole.
    """
    pairs = [pair for result in results for pair in (*shares(result, policy), *_overlapping(result, policy))]
    protected = {cell_id: count for cell_id, count in counts.items() if count.unit in policy.protected_units}
    pairs += [*_deeper(protected, policy), *_longer(protected)]
    pairs += [("känsliga värden i en grupp", part, whole) for part, (whole, _) in groups.items()]
    found, too_large = [], set()
    for name, part, whole in dict.fromkeys(pairs):
        if part == whole or not all(
            cell_id in counts and counts[cell_id].value is not None for cell_id in (part, whole)
        ):
            continue
        if counts[part].value > counts[whole].value:
            too_large.add(f"{', '.join(counts[part].tables)}: {name}")
        found.append(relation_of(name, [(-1, whole), (1, part), (1, rest_id(part, whole=whole))]))
    if too_large:
        raise DisclosureError(
            "En del ska ingå i det hela (en andels täljare i dess nämnare, en period i en längre).",
            found=sorted(too_large),
        )
    return found


def rest_id(part: str, *, whole: str) -> str:
    """Return the id of what the whole has beyond the part."""
    return f"({whole}) - ({part})"


def shares(result: Result, policy: Policy) -> Iterator[Pair]:
    """Give every share of protected counts, row by row."""
    for share in result.of_role(Share):
        units = {result.column(share.numerator).unit, result.column(share.denominator).unit}
        if units & set(policy.protected_units):
            parts, wholes = (result.cells_of(result.column(name)) for name in (share.numerator, share.denominator))
            for part, whole in zip(parts, wholes, strict=True):
                yield share.name, part.id, whole.id


def _overlapping(result: Result, policy: Policy) -> Iterator[Pair]:
    """Give every row of a split whose rows overlap, for protected counts; a total, or a count regardless of the split, is its own whole."""
    protected = {
        count.name: result.cells_of(count) for count in result.of_role(Count) if count.unit in policy.protected_units
    }
    for dimension in result.of_role(Dimension):
        if dimension.additive or dimension.total is None:
            continue
        for row in range(len(result.table)):
            for name, cells in protected.items():
                yield name, cells[row].id, without(cells[row], dimension.name).id


def _deeper(counts: Mapping[str, PublishedCount], policy: Policy) -> Iterator[Pair]:
    """Give the pairs more than one split apart whose difference is unsafe: one split apart it is a union of the parts beside.

    That what is left is not negative follows from the steps between, so that pairs far apart add no knowledge.
    """
    for cells in _by_measure(counts.values()).values():
        by_place = {count.cell.place: count for count in cells if count.value is not None}
        always = set.intersection(*({name for name, _ in place} for place in by_place)) if by_place else set()
        for place, count in by_place.items():
            for larger in _larger_places(place, always=always):
                whole = by_place.get(larger)
                if whole is not None and policy.is_unsafe(whole.value - count.value):
                    yield "en grupp i en större", count.cell.id, whole.cell.id


def _larger_places(place: Place, *, always: set[str]) -> Iterator[Place]:
    """Give the places with two or more of the splits at their totals."""
    splits = [item for item in place if item[0] not in always]
    for n_left in range(2, len(splits) + 1):
        for left in combinations(splits, n_left):
            yield tuple(item for item in place if item not in left)


def _longer(counts: Mapping[str, PublishedCount]) -> Iterator[Pair]:
    """Give each cumulative count over a period with the same over every longer period that holds it, where nobody can have moved."""
    for cells in _by_measure(count for count in counts.values() if count.cumulative).values():
        over: dict[Place, list[PublishedCount]] = defaultdict(list)
        for count in cells:
            names = {name for name, _ in count.cell.place}
            if PERIOD in names and names.isdisjoint(MOVES):
                over[without(count.cell, PERIOD).place].append(count)
        for same in over.values():
            for part, whole in combinations(same, 2):
                if is_inside(part.cell, whole.cell):
                    yield "en period i en längre", part.cell.id, whole.cell.id
                elif is_inside(whole.cell, part.cell):
                    yield "en period i en längre", whole.cell.id, part.cell.id


def is_inside(part: Cell, whole: Cell) -> bool:
    """Return whether the period of a cell's place lies inside that of another's."""
    inner, outer = (period_called(dict(place.place).get(PERIOD, "")) for place in (part, whole))
    return inner is not None and outer is not None and outer.start <= inner.start and inner.end <= outer.end


def _by_measure(counts: Iterable[PublishedCount]) -> dict[str, list[PublishedCount]]:
    found: dict[str, list[PublishedCount]] = defaultdict(list)
    for count in counts:
        found[count.cell.measure].append(count)
    return found
