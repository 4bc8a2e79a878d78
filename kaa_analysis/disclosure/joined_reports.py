"""What links the reports of a release: a count of the whole is the sum of those reports that are about a part each, and of a rest.

Readers who lay the city's report beside the districts' see every total and its parts. Who belongs to no part, or to one that has no
report, is the *rest*: it stands in no table, and all that readers know of it is that it is not negative.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kaa_analysis.core.result import Cell, Equation, Result

REST = "rest"
"""The value of a split that stands for all who belong to none of the parts with a report."""
NAME = "Rapporternas delar och resten är det hela"


class _Whole(NamedTuple):
    """A place without its value in one split, and that split."""

    cell: Cell
    split: str


def joining_equations(results: Sequence[Result]) -> tuple[Equation, ...]:
    """Return *whole = parts + rest* for every count of the release whose parts stand in reports about one part each.

    A split joins reports if it is in what some results are about (`Result.context`) and not in what others are. Where the parts
    add up to more than the whole (they overlap, or each of them is the whole) each part has a rest of its own. The first term is the
    whole. The order of results changes nothing.
    """
    counts = {place: value for result in results for place, value in result.cells().items()}
    volumes = {place.measure for result in results for place, unit in result.units().items() if unit == "attempts"}
    wholes = _wholes(counts, splits=_joining_splits(results))
    return tuple(
        Equation(NAME, terms, volumes=(whole.cell.measure,) if whole.cell.measure in volumes else ())
        for whole in sorted(wholes)
        for terms in _sums(whole, wholes[whole], counts)
    )


def _joining_splits(results: Sequence[Result]) -> frozenset[str]:
    about = [frozenset(result.context) for result in results]
    return frozenset().union(*about) - frozenset.intersection(*about) if about else frozenset()


def _wholes(counts: Mapping[Cell, int | None], *, splits: frozenset[str]) -> dict[_Whole, list[Cell]]:
    """Return the parts of every whole with a known count, in the order of their ids."""
    found: dict[_Whole, list[Cell]] = {}
    for part in sorted(counts):
        for split in sorted(splits & {name for name, _ in part.place}):
            whole = Cell(part.measure, tuple(item for item in part.place if item[0] != split))
            if counts.get(whole) is not None:
                found.setdefault(_Whole(whole, split), []).append(part)
    return found


def _sums(
    whole: _Whole, parts: Sequence[Cell], counts: Mapping[Cell, int | None]
) -> Iterator[tuple[tuple[int, Cell], ...]]:
    """Give the terms of the one sum with a rest, or of one per part where the parts are more than the whole."""
    if sum(counts[part] or 0 for part in parts) <= counts[whole.cell]:
        yield ((-1, whole.cell), *((1, part) for part in parts), (1, _rest(whole, REST)))
        return
    for part in parts:
        if counts[part] is not None and counts[part] < counts[whole.cell]:
            yield ((-1, whole.cell), (1, part), (1, _rest(whole, f"{REST}_{dict(part.place)[whole.split]}")))


def _rest(whole: _Whole, value: str) -> Cell:
    return Cell(whole.cell.measure, tuple(sorted((*whole.cell.place, (whole.split, value)))))
