"""What an attacker concludes from a publication beyond what is declared: totals, groups inside groups, periods, earlier releases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, permutations

from kaa_analysis.disclosure.attack.lines import lines_of, not_in_lines
from kaa_analysis.disclosure.attack.period_labels import inside_pairs
from kaa_analysis.disclosure.attack.publication import Pair, Publication, Terms, id_of, place_of, without

EXTRACT = "extract"
PERIOD = "period"
MOVES = frozenset({"district", "part_of_city"})
"""Splits between which a person can move, so that somebody may be counted elsewhere in a longer period than in a shorter one."""


def equations_of(publication: Publication, *, known: Mapping[str, int]) -> tuple[Terms, ...]:
    """Return every equation that an attacker uses: the declared, the sums that ``known`` numbers do not contradict, and the
    same equations among what earlier releases printed.
    """
    believed = [terms for terms in publication.sums if not contradicted(terms, known)]
    now = [*publication.equations, *believed]
    return distinct([*now, *_among_earlier(now, publication)])


def pairs_of(publication: Publication, *, equations: Sequence[Terms], known: Mapping[str, int]) -> tuple[Pair, ...]:
    """Return pairs of a part and its whole that no equation need hold together: shares, groups inside groups, periods."""
    pairs = [*_within_whole(publication, known=known)]
    pairs += [pair for pair in period_pairs(publication) if MOVES.isdisjoint(publication.cells[pair[0]].place)]
    pairs += [pair for pair in publication.shares if pair[0] != pair[1]]
    return tuple(not_in_lines(sorted({pair for pair in pairs if not _larger(pair, known)}), lines_of(equations)))


def contradicted(terms: Terms, known: Mapping[str, int]) -> bool:
    """Return whether the known numbers show that an equation does not hold."""
    values = [known.get(cell_id) for _, cell_id in terms]
    return None not in values and sum(factor * value for (factor, _), value in zip(terms, values, strict=True)) != 0


def _larger(pair: Pair, known: Mapping[str, int]) -> bool:
    part, whole = (known.get(cell_id) for cell_id in pair)
    return part is not None and whole is not None and part > whole


def distinct(equations: Iterable[Terms]) -> tuple[Terms, ...]:
    """Return every equation once, like terms gathered, in a fixed order."""
    found = set()
    for terms in equations:
        sums: dict[str, int] = defaultdict(int)
        for factor, cell_id in terms:
            sums[cell_id] += factor
        gathered = tuple((factor, cell_id) for cell_id, factor in sorted(sums.items()) if factor)
        if gathered:
            sign = 1 if gathered[0][0] > 0 else -1
            found.add(tuple((sign * factor, cell_id) for factor, cell_id in gathered))
    return tuple(sorted(found, key=lambda terms: [(cell_id, factor) for factor, cell_id in terms]))


def _within_whole(publication: Publication, *, known: Mapping[str, int]) -> list[Pair]:
    """Pairs of a cell and the same cell with one split at its total, unless the numbers show that this split is no split."""
    families: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for cell_id, cell in publication.cells.items():
        for name in cell.place:
            whole = without(cell_id, name)
            if whole in publication.cells:
                families[cell.measure, name].append((cell_id, whole))
    return [pair for pairs in families.values() if not any(_larger(pair, known) for pair in pairs) for pair in pairs]


def period_pairs(publication: Publication) -> list[Pair]:
    """Return the pairs of a shorter and a longer period of counts that only grow."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for cell_id, cell in publication.cells.items():
        if cell.measure in publication.cumulative and PERIOD in cell.place:
            groups[without(cell_id, PERIOD)][cell.place[PERIOD]] = cell_id
    return [
        (by_period[inner], by_period[outer])
        for by_period in groups.values()
        for inner, outer in inside_pairs(by_period)
    ]


def periods_across(publication: Publication) -> list[Pair]:
    """Return the pairs of a shorter and a longer period of one cumulative count at two extracts, of which one is published now."""
    groups: dict[str, list[str]] = defaultdict(list)
    for cell_id, cell in publication.cells.items():
        if cell.measure in publication.cumulative and {PERIOD, EXTRACT} <= cell.place.keys():
            groups[without(without(cell_id, PERIOD), EXTRACT)].append(cell_id)
    found = []
    for cell_ids in groups.values() if publication.earlier else ():
        places = {cell_id: publication.cells[cell_id].place for cell_id in sorted(cell_ids)}
        inside = set(inside_pairs({place[PERIOD]: place[PERIOD] for place in places.values()}))
        for shorter, longer in permutations(places, 2):
            periods = (places[shorter][PERIOD], places[longer][PERIOD])
            apart = places[shorter][EXTRACT] != places[longer][EXTRACT]
            if apart and periods in inside and not {shorter, longer} <= publication.earlier:
                found.append((shorter, longer))
    return found


def revisions(publication: Publication) -> list[Pair]:
    """Return the pairs of an older and a newer number of one cell, of which at least one is published now."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for cell_id, cell in publication.cells.items():
        if EXTRACT in cell.place:
            groups[without(cell_id, EXTRACT)][cell.place[EXTRACT]] = cell_id
    return [
        (by_extract[older], by_extract[newer])
        for by_extract in groups.values()
        for older, newer in combinations(sorted(by_extract), 2)
        if not {by_extract[older], by_extract[newer]} <= publication.earlier
    ]


def _among_earlier(equations: Iterable[Terms], publication: Publication) -> list[Terms]:
    """The same equations for other extracts, where every printed cell of the equation was printed then too."""
    extracts = {place_of(cell_id).get(EXTRACT) for cell_id in publication.earlier} - {None}
    translated = []
    for terms in equations if extracts else ():
        for extract in sorted(extracts):
            moved = tuple((factor, _at_extract(cell_id, extract)) for factor, cell_id in terms)
            if moved != terms and all(cell_id in publication.cells for _, cell_id in moved):
                translated.append(moved)
    return translated


def _at_extract(cell_id: str, extract: str) -> str:
    place = place_of(cell_id)
    return id_of(cell_id.split("|")[0], place | {EXTRACT: extract}) if EXTRACT in place else cell_id
