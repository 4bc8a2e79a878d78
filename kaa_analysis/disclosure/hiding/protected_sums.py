"""What must keep a whole window of possible values: unsafe counts, and unions of parts of one total that are unsafe together.

Where a row has 1, 1 and 9 and the 9 is shown beside the total, the two ones are hidden but their sum is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse


@dataclass(frozen=True, eq=False)
class Targets:
    """``k`` sums of cells of a system of ``n``. ``forms`` (k, n) holds ones; the first are single cells, in the order of ``cells``."""

    forms: sparse.csr_array
    cells: np.ndarray

    def members(self, target: int) -> np.ndarray:
        """Return the positions of the cells that a target sums."""
        return self.forms.indices[self.forms.indptr[target] : self.forms.indptr[target + 1]]


def targets_of(matrix: sparse.csr_array, *, values: np.ndarray, unsafe: np.ndarray, width: int) -> Targets:
    """Return the targets of a system: its unsafe cells, then every union of unsafe parts of a line that counts ``width`` or fewer,
    and every rest of a total beyond a part of a part that does.

    ``matrix`` (m, n) holds the relations, ``values``, ``unsafe`` (n,) the cells. A line is a relation in which one cell is the sum of the
    others; all its parts together are that cell.
    """
    cells = np.flatnonzero(unsafe)
    sets = [(cell,) for cell in cells.tolist()]
    lines = list(_lines(matrix))
    unions: set[tuple[int, ...]] = set()
    for line in lines:
        small = [part for part in line.parts if unsafe[part] and 1 <= values[part] <= width]
        for union in _small_sums(small, values=values, most=width):
            if 1 < len(union) < len(line.parts):
                unions.add(union)
    unions.update(_rests(lines, values=values, unsafe=unsafe, most=width))
    sets += sorted(unions)
    members = np.array([member for union in sets for member in union], dtype=np.int64)
    starts = np.cumsum([0, *(len(union) for union in sets)])
    shape = (len(sets), len(values))
    return Targets(sparse.csr_array((np.ones(len(members), dtype=np.int64), members, starts), shape=shape), cells)


class _Line(NamedTuple):
    """A relation in which one cell is the sum of others."""

    whole: int
    parts: tuple[int, ...]


def _lines(matrix: sparse.csr_array) -> Iterator[_Line]:
    """Give every relation in which one cell is the sum of at least two others."""
    for row in range(matrix.shape[0]):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        members, signs = matrix.indices[span], matrix.data[span]
        for sign in (1, -1):
            parts = members[signs == sign]
            if len(parts) > 1 and len(parts) == len(members) - 1 and (np.abs(signs) == 1).all():
                yield _Line(int(members[signs == -sign][0]), tuple(sorted(parts.tolist())))


def _rests(lines: Sequence[_Line], *, values: np.ndarray, unsafe: np.ndarray, most: int) -> Iterator[tuple[int, ...]]:
    """Give what a total several lines up has beyond a part of a part, where that counts no more than ``most``.

    The few who left from one time to another are such a rest: the number to date is the sum of the one before and those in between.
    """
    upwards: dict[int, list[_Line]] = defaultdict(list)
    for line in lines:
        for part in line.parts:
            upwards[part].append(line)
    for start in sorted(upwards):
        reached = {start}
        begun: list[tuple[int, tuple[int, ...], int]] = [(start, (), 0)]
        while begun:
            part, rest, total = begun.pop()
            for line in upwards.get(part, ()):
                others = [other for other in line.parts if other != part]
                more = total + int(values[others].sum())
                if line.whole in reached or more > most or not unsafe[others].all():
                    continue
                reached.add(line.whole)
                larger = tuple(sorted({*rest, *others}))
                if rest:
                    yield larger
                begun.append((line.whole, larger, more))


def _small_sums(parts: list[int], *, values: np.ndarray, most: int) -> Iterator[tuple[int, ...]]:
    """Give the sets of parts, in order, that sum to no more than ``most``."""
    begun: list[tuple[tuple[int, ...], int, int]] = [((), 0, 0)]
    while begun:
        union, total, first = begun.pop()
        for number in range(first, len(parts)):
            larger = total + int(values[parts[number]])
            if larger <= most:
                yield (*union, parts[number])
                begun.append(((*union, parts[number]), larger, number + 1))
