"""What readers of a coarsened release still know of the rows that were put together: by other tables, and by declared equations.

Of a group's values those that nothing else names are told by nothing but the group's own number. Values that are always named together
are one unknown, their **bundle**: if it is the whole group, it is the group's number; else it is a term in no table, and the group is the
sum of its bundles. A bundle that readers can work out is then protected like a printed number (`cell_system`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.result import Cell, Count, Equation, Result, cell
from kaa_analysis.disclosure.coarse.merged_rows import merged

JOINT = "+"
"""Between the values of a bundle in its name."""

GROUP_IS_SUM = "Gruppen är summan av det som har slagits samman"


@dataclass(frozen=True)
class _Bundles:
    """The bundles of a split on its way to a grouping.

    ``lost`` maps each cell that is printed now and not when the rows are put together to its value of the split; ``of_value`` maps each
    value to its bundle, which has the code of the group where it is the whole of it.
    """

    split: str
    grouping: Grouping
    lost: Mapping[Cell, str]
    of_value: Mapping[str, str]

    @cached_property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of each bundle, in their order."""
        found: dict[str, tuple[str, ...]] = {}
        for value, bundle in self.of_value.items():
            found[bundle] = (*found.get(bundle, ()), value)
        return found

    @cached_property
    def group_of(self) -> dict[str, str]:
        """The group of each bundle."""
        group_of_value = self.grouping.of_value()
        return {bundle: group_of_value[values[0]] for bundle, values in self.values.items()}

    def is_whole(self, bundle: str) -> bool:
        """Return whether a bundle is all of its group."""
        group = self.group_of[bundle]
        return self.values[bundle] == tuple(self.grouping.groups[group])

    def cell_of(self, place: Cell, bundle: str) -> Cell:
        """Return the cell of a bundle where ``place`` stands: that of its group if it is the whole of it."""
        if self.is_whole(bundle):
            return self.group_cell(place, bundle)
        return _moved(place, self.split, name=self.split, value=bundle)

    def group_cell(self, place: Cell, bundle: str) -> Cell:
        """Return the cell of a bundle's group where ``place`` stands."""
        return _moved(place, self.split, name=self.grouping.name, value=self.group_of[bundle])


def merge_together(
    results: Sequence[Result], *, at: Collection[int], split: str, grouping: Grouping, published: Collection[str] = ()
) -> list[Result]:
    """Return the results with the split of those numbered ``at`` put together and all that is known of the lost rows kept as equations.

    ``published`` are ids of cells that readers have from elsewhere.
    """
    coarse = {number: merged(results[number], split=split, grouping=grouping) for number in at}
    shown = [coarse.get(number, result) for number, result in enumerate(results)]
    lost = _lost([results[number] for number in at], list(coarse.values()), split=split)
    elsewhere = {place for number, result in enumerate(results) if number not in coarse for place in result.cells()}
    known = [place for place in lost if place in elsewhere or place.id in published]
    declared = [equation for result in results for equation in result.equations]
    bundles = _Bundles(split, grouping, lost, _bundled(lost, grouping, declared, known=known, split=split))
    equations = [tuple(_rewritten(result.equations, bundles)) for result in results]
    for number in coarse:
        equations[number] += tuple(_links(results[number], bundles))
    return [
        result if result.equations == now else replace(result, equations=now)
        for result, now in zip(shown, equations, strict=True)
    ]


def _lost(fine: Sequence[Result], coarse: Sequence[Result], *, split: str) -> dict[Cell, str]:
    kept = {place for result in coarse for place in result.cells()}
    values = {place: dict(place.place).get(split) for result in fine for place in result.cells()}
    return {place: value for place, value in values.items() if value is not None and place not in kept}


def _bundled(
    lost: Mapping[Cell, str],
    grouping: Grouping,
    equations: Sequence[Equation],
    *,
    known: Sequence[Cell],
    split: str,
) -> dict[str, str]:
    """Return the bundle of every value: those of a group that are named by the same equations, at the same places, alike."""
    named: dict[str, set[tuple[str, ...]]] = {value: set() for value in grouping.of_value()}
    for place in known:
        named[lost[place]].add((lost[place],))
    for number, equation in enumerate(equations):
        for place, factor in _factors(equation).items():
            if place in lost:
                where = _moved(place, split, name=grouping.name, value="").id
                named[lost[place]].add((str(number), where, str(factor)))
    found = {}
    for group, values in grouping.groups.items():
        alike: dict[frozenset[tuple[str, ...]], list[str]] = {}
        for value in values:
            alike.setdefault(frozenset(named[value]), []).append(value)
        for together in alike.values():
            found |= dict.fromkeys(together, group if len(alike) == 1 else JOINT.join(together))
    return found


def _rewritten(equations: Sequence[Equation], bundles: _Bundles) -> Iterator[Equation]:
    """Give the equations with each bundle in place of its values; one that says nothing any more is left out."""
    for equation in equations:
        factors = _factors(equation)
        if not any(place in bundles.lost for place in factors):
            yield equation
            continue
        named = {
            bundles.cell_of(place, bundles.of_value[bundles.lost[place]]): factor
            for place, factor in factors.items()
            if place in bundles.lost
        }
        others = [(factor, place) for place, factor in factors.items() if place not in bundles.lost]
        left = _factors(replace(equation, terms=(*others, *((factor, place) for place, factor in named.items()))))
        if left:
            yield replace(equation, terms=tuple((factor, place) for place, factor in left.items()))


def _links(fine: Result, bundles: _Bundles) -> Iterator[Equation]:
    """Give that each group is the sum of its bundles, and that these add up over the other splits, as the rows did."""
    if all(bundles.is_whole(bundle) for bundle in bundles.values):
        return
    names = dict.fromkeys(bundles.values, "")
    unprinted = merged(fine, split=bundles.split, grouping=Grouping(bundles.split, "", bundles.values, names, ""))
    yield from _group_sums(unprinted, bundles)
    for equation in unprinted.all_equations():
        named = {dict(place.place).get(bundles.split) for _, place in equation.terms}
        if None not in named and not any(bundles.is_whole(bundle) for bundle in named):
            yield equation


def _group_sums(unprinted: Result, bundles: _Bundles) -> Iterator[Equation]:
    sums: dict[Cell, list[Cell]] = {}
    for count in unprinted.of_role(Count):
        for place in unprinted.cells_of(count):
            bundle = dict(place.place).get(bundles.split)
            if bundle is not None and not bundles.is_whole(bundle):
                sums.setdefault(bundles.group_cell(place, bundle), []).append(place)
    for group, places in sums.items():
        yield Equation(GROUP_IS_SUM, ((-1, group), *((1, place) for place in places)))


def _factors(equation: Equation) -> dict[Cell, int]:
    """Return the factor of every cell of an equation."""
    sums: dict[Cell, int] = {}
    for factor, place in equation.terms:
        sums[place] = sums.get(place, 0) + factor
    return {place: factor for place, factor in sums.items() if factor}


def _moved(place: Cell, split: str, *, name: str, value: str) -> Cell:
    """Return the cell at the same place but for the split, which is called ``name`` and stands at ``value``."""
    rest = {key: found for key, found in place.place if key != split}
    return cell(place.measure, **{**rest, name: value})
