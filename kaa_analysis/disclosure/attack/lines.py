"""Totals and their parts: the equations that say that some cells together make another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kaa_analysis.disclosure.attack.publication import Pair, Terms


@dataclass(frozen=True)
class Line:
    """A total and the parts that add up to it."""

    whole: str
    parts: tuple[str, ...]


def lines_of(equations: Sequence[Terms]) -> list[Line]:
    """Return the equations in which parts make a total: one term against at least two, all with coefficient 1.

    >>> lines_of([((1, "a"), (-1, "all"), (1, "b")), ((1, "a"), (-1, "b"))])
    [Line(whole='all', parts=('a', 'b'))]
    """
    lines = []
    for terms in equations:
        plus = [cell_id for factor, cell_id in terms if factor == 1]
        minus = [cell_id for factor, cell_id in terms if factor == -1]
        if len(plus) + len(minus) == len(terms) > 2 and min(len(plus), len(minus)) == 1:
            (whole,), parts = sorted((plus, minus), key=len)
            lines.append(Line(whole, tuple(parts)))
    return lines


def lines_up(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Return the lines in which each cell is a part."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for part in line.parts:
            found[part].append(line)
    return dict(found)


def not_in_lines(pairs: Iterable[Pair], lines: Iterable[Line]) -> list[Pair]:
    """Return the pairs whose whole is not reached from the part through lines: for the others the equations say it all."""
    upwards = lines_up(lines)
    reached: dict[str, set[str]] = {}
    return [(part, whole) for part, whole in pairs if whole not in _above(part, upwards, reached)]


def _above(cell_id: str, upwards: dict[str, list[Line]], reached: dict[str, set[str]]) -> set[str]:
    if cell_id not in reached:
        reached[cell_id] = found = set()
        queue = [cell_id]
        while queue:
            for line in upwards.get(queue.pop(), ()):
                if line.whole not in found:
                    found.add(line.whole)
                    queue.append(line.whole)
    return reached[cell_id]
