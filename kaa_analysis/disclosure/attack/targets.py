"""Which numbers are attacked, for somebody who holds the true counts: unsafe counts and everything that adds up to one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kaa_analysis.disclosure.attack.inference import MOVES, period_pairs, periods_across, revisions
from kaa_analysis.disclosure.attack.lines import Line, lines_of, lines_up
from kaa_analysis.disclosure.attack.publication import PROTECTED, UNKNOWN, Pair, Publication, Terms, without
from kaa_analysis.disclosure.attack.rules import MEASURES, Rules
from kaa_analysis.disclosure.attack.target import Demand, Target


@dataclass(frozen=True)
class Ground:
    """What targets are chosen from: the publication, its equations and pairs, the true counts and the rules."""

    publication: Publication
    equations: Sequence[Terms]
    pairs: Sequence[Pair]
    truth: Mapping[str, int]
    rules: Rules

    def is_person(self, cell_id: str) -> bool:
        """Return whether a cell counts persons, published now."""
        cell = self.publication.cells.get(cell_id)
        return not self.rules.is_volume(cell_id, cell) and cell_id not in self.publication.earlier

    def is_small(self, cell_id: str) -> bool:
        """Return whether a cell is an unsafe count of persons."""
        return self.is_person(cell_id) and self.rules.is_unsafe(self.truth.get(cell_id, 0))


def targets_of(ground: Ground) -> list[Target]:
    """Return every target once, in a fixed order: a kind that is told before another keeps it."""
    lines = lines_of(ground.equations)
    makers = (_counts, _unions, _differences, _nested, _periods, _revisions, _disclosive, _latent)
    found: dict[tuple[Terms, Demand, str], Target] = {}
    for maker in makers:
        for target in maker(ground, lines):
            found.setdefault((tuple(sorted(target.terms)), target.demand, target.group), target)
    return list(found.values())


def outsider_targets(ground: Ground) -> list[Target]:
    """Return what an outsider tries who holds no true count: every hidden count of persons, and every two of one line.

    That a hidden count is surely "small" gives nothing away by itself, as long as each value below the threshold is possible.
    """
    hidden = [
        cell_id
        for cell_id, cell in sorted(ground.publication.cells.items())
        if cell.state == PROTECTED and ground.is_person(cell_id)
    ]
    known = frozenset(hidden)
    targets = [
        Target(kind, ((1, cell_id),), demand)
        for kind, demand in (("determined", Demand.TWO), ("narrowed", Demand.OPEN), ("small", Demand.SAFE))
        for cell_id in hidden
    ]
    pairs = {
        (first, second)
        for line in lines_of(ground.equations)
        for number, first in enumerate(line.parts)
        for second in line.parts[number + 1 :]
        if {first, second} <= known
    }
    return targets + [Target("union", ((1, first), (1, second)), Demand.OPEN) for first, second in sorted(pairs)]


def small_subsets(values: Mapping[str, int], *, below: int) -> Iterator[tuple[str, ...]]:
    """Yield every choice of two or more cells whose values (all at least 1) sum to less than ``below``.

    >>> sorted(small_subsets({"a": 1, "b": 2, "c": 3}, below=5))
    [('a', 'b'), ('a', 'c')]
    """
    ordered = sorted(values, key=lambda cell_id: (values[cell_id], cell_id))

    def extend(start: int, chosen: tuple[str, ...], total: int) -> Iterator[tuple[str, ...]]:
        for number in range(start, len(ordered)):
            more = total + values[ordered[number]]
            if more >= below:
                return
            if chosen:
                yield (*chosen, ordered[number])
            yield from extend(number + 1, (*chosen, ordered[number]), more)

    return extend(0, (), 0)


def _counts(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    for cell_id in sorted(ground.truth):
        if ground.is_small(cell_id):
            yield Target("count", ((1, cell_id),))


def _unions(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    for line in lines:
        small = {cell_id: ground.truth[cell_id] for cell_id in line.parts if ground.is_small(cell_id)}
        nonzero = sum(ground.truth.get(cell_id, 1) > 0 for cell_id in line.parts)
        for parts in small_subsets(small, below=ground.rules.unsafe_below):
            if len(parts) < nonzero or line.whole not in ground.truth:
                yield Target("union", tuple((1, cell_id) for cell_id in sorted(parts)))


def _differences(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    between_periods = set(period_pairs(ground.publication))
    for part, whole in (pair for pair in ground.pairs if pair not in between_periods):
        yield from _between(ground, "difference", part, whole)


def _between(ground: Ground, kind: str, part: str, whole: str) -> Iterator[Target]:
    if not (ground.is_person(part) and ground.is_person(whole)) or not {part, whole} <= ground.truth.keys():
        return
    if ground.rules.is_unsafe(ground.truth[whole] - ground.truth[part]):
        yield Target(kind, ((1, whole), (-1, part)))


def _nested(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    """The rest of a total beyond a part of a part, and so on: the other parts of every line on the way up."""
    upwards = lines_up(lines)
    for start in sorted(upwards):
        if not ground.truth.get(start, 0):
            continue
        reached = {start: frozenset()}
        for rest in _rests(ground, upwards, start, frozenset(), 0, reached):
            if len(rest) > 1:
                yield Target("nested", tuple((1, cell_id) for cell_id in sorted(rest)))


def _rests(
    ground: Ground, upwards: Mapping[str, list[Line]], part: str, rest: frozenset[str], total: int, reached: dict
) -> Iterator[frozenset[str]]:
    for line in upwards.get(part, ()):
        others = [cell_id for cell_id in line.parts if cell_id != part and ground.truth.get(cell_id, 1)]
        more = total + sum(ground.truth.get(cell_id, ground.rules.unsafe_below) for cell_id in others)
        if more >= ground.rules.unsafe_below or line.whole in reached or not all(map(ground.is_person, others)):
            continue
        reached[line.whole] = rest.union(others)
        if rest and others:
            yield reached[line.whole]
        yield from _rests(ground, upwards, line.whole, reached[line.whole], more, reached)


def _periods(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    publication = ground.publication
    for inner, outer in period_pairs(publication):
        if MOVES.isdisjoint(publication.cells[inner].place):
            yield from _between(ground, "period", inner, outer)
        else:
            yield from _changed(ground, "period", inner, outer)
    for inner, outer in periods_across(publication):
        yield from _changed(ground, "period", inner, outer)


def _revisions(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    for older, newer in revisions(ground.publication):
        yield from _changed(ground, "revision", older, newer)


def _changed(ground: Ground, kind: str, before: str, after: str) -> Iterator[Target]:
    """What separates two numbers of which either can be the larger."""
    cells, rules = ground.publication.cells, ground.rules
    if any(rules.is_volume(cell_id, cells[cell_id]) for cell_id in (before, after)):
        return
    values = [ground.truth.get(cell_id) for cell_id in (before, after)]
    if None in values:
        yield Target(kind, ((1, after), (-1, before)), Demand.UNCHANGED)
    elif rules.is_unsafe(abs(values[1] - values[0])):
        sign = 1 if values[1] > values[0] else -1
        yield Target(kind, ((sign, after), (-sign, before)), Demand.EITHER_SIGN)


def _disclosive(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    for cell_id, group in sorted(set(_groups(ground))):
        if not {cell_id, group} <= ground.truth.keys() or cell_id in ground.rules.structural:
            continue
        value, size = ground.truth[cell_id], ground.truth[group]
        if size > 0 and min(value, size - value) <= 1 and ground.is_person(cell_id):
            yield Target("disclosive", ((1, cell_id),), Demand.NEITHER, group)


def _groups(ground: Ground) -> Iterator[Pair]:
    """Every cell of a disclosive value with the cell of its whole group."""
    measures = ground.rules.disclosive.get(MEASURES, ())
    yield from (pair for pair in ground.publication.shares if pair[0].split("|")[0] in measures)
    for name, values in ground.rules.disclosive.items():
        for cell_id, cell in ground.publication.cells.items():
            if cell.place.get(name) in values and without(cell_id, name) in ground.publication.cells:
                yield cell_id, without(cell_id, name)


def _latent(ground: Ground, lines: Sequence[Line]) -> Iterator[Target]:
    """Numbers whose true value is not known here: unknown ones, and those that stand in equations but in no table."""
    terms = {cell_id for equation in ground.equations for _, cell_id in equation} - ground.publication.cells.keys()
    unknown = {cell_id for cell_id, cell in ground.publication.cells.items() if cell.state == UNKNOWN}
    for cell_id in sorted((terms | unknown) - ground.truth.keys()):
        if ground.is_person(cell_id):
            yield Target("latent", ((1, cell_id),), Demand.OPEN)
