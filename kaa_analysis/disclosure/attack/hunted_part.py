"""One connected set of cells and what is hunted for in it: each target's demand, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.attack.demonstrated import Demonstrated
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT, Knowledge
from kaa_analysis.disclosure.attack.lowest_values import LowestValues
from kaa_analysis.disclosure.attack.table_search import Demanded, TableSearch
from kaa_analysis.disclosure.attack.target import Demand, Target


@dataclass(frozen=True, eq=False)
class Means:
    """What a hunt works with: all that is known, a table ``base`` (n,) that fits it, the lowest values and the threshold."""

    knowledge: Knowledge
    base: np.ndarray
    floors: LowestValues
    unsafe_below: int

    @cached_property
    def by_cell(self) -> sparse.csc_array:
        """The equations, quick to take the columns of some cells from."""
        return sparse.csc_array(self.knowledge.matrix)

    @cached_property
    def value_of(self) -> dict[str, int]:
        """The values of the base table by the ids of its cells."""
        return dict(zip(self.knowledge.ids, self.base.tolist(), strict=True))


class Part:
    """One connected set of cells and its targets."""

    def __init__(self, cells: np.ndarray, *, targets: Sequence[Target], rows: sparse.csr_array, means: Means) -> None:
        knowledge, base = means.knowledge, means.base
        self._targets, self._floors, self._below = targets, means.floors, means.unsafe_below
        self._cells, self._means = cells, means
        self._base, self._lower, self._upper = base[cells], knowledge.lower[cells], knowledge.upper[cells]
        self._rows = rows[:, cells]
        self._fixed = rows @ base - self._rows @ self._base
        position = {knowledge.ids[cell]: number for number, cell in enumerate(cells)}
        self._groups = [(position.get(t.group), means.value_of.get(t.group, 0) if t.group else 0) for t in targets]
        self._shown = Demonstrated(
            self._rows,
            fixed=self._fixed,
            base=self._base,
            lower=self._lower,
            upper=self._upper,
            highest=2 * self._below,
        )

    @cached_property
    def _search(self) -> TableSearch:
        """What looks for tables of these cells; made when the first is looked for."""
        matrix = self._means.by_cell[:, self._cells]
        rows = sparse.csr_array(matrix[np.unique(matrix.indices)])
        return TableSearch(rows, base=self._base, lower=self._lower, upper=self._upper)

    def given_away(self) -> list[int]:
        """Return the numbers of the targets that lack a table."""
        return [number for number, target in enumerate(self._targets) if self._lacks(number, target)]

    def possible(self, values: range) -> np.ndarray:
        """Return which values (k, len(values)) some table gives each target (k)."""
        return np.array([[self._has(number, value) for value in values] for number in range(len(self._targets))])

    def _lacks(self, number: int, target: Target) -> bool:
        match target.demand:
            case Demand.EACH:
                return self._lacks_each(number, target)
            case Demand.EITHER_SIGN:
                return any(not self._has_either(number, value) for value in range(1, self._below))
            case Demand.SAFE:
                return not self._has_safe(number)
            case Demand.UNCHANGED:
                return not self._has_unchanged(number)
            case Demand.OPEN:
                return not self._has_safe(number) and self._lacks_window(number, target)
            case Demand.TWO:
                return not self._has_two(number)
            case Demand.NEITHER:
                return not self._has_neither(number)

    def _lacks_each(self, number: int, target: Target) -> bool:
        floor = self._floors.at_least(target.terms)
        while (missing := self._first_missing(number, range(floor, floor + self._below - 1))) is not None:
            if missing >= self._shown.values[number] or self._floors.reaches(target.terms, at_most=missing):
                return True
            floor = missing + 1
        return False

    def _lacks_window(self, number: int, target: Target) -> bool:
        floor = self._floors.at_least(target.terms)
        return self._first_missing(number, range(floor, floor + self._below - 1)) is not None

    def _first_missing(self, number: int, window: range) -> int | None:
        """Look for the values of a window, the farthest from the base first; return one that no table has."""
        here = self._shown.values[number]
        for value in sorted(window, key=lambda value: (-abs(value - here), value)):
            if not self._has(number, value):
                return value
        return None

    def _has(self, number: int, value: int) -> bool:
        if self._shown.seen[number, value]:
            return True
        return self._found(number, value, value)

    def _has_either(self, number: int, value: int) -> bool:
        if self._shown.seen[number, value] or self._shown.seen_negative[number, value]:
            return True
        return self._found(number, value, value) or self._found(number, -value, -value)

    def _has_safe(self, number: int) -> bool:
        if self._shown.most[number] >= self._below or self._shown.least[number] <= 0:
            return True
        return self._found(number, self._below, NO_LIMIT) or self._found(number, -NO_LIMIT, 0)

    def _has_unchanged(self, number: int) -> bool:
        if self._shown.seen[number, 0] or max(self._shown.most[number], -self._shown.least[number]) >= self._below:
            return True
        ends = ((0, 0), (self._below, NO_LIMIT), (-NO_LIMIT, -self._below))
        return any(self._found(number, low, high) for low, high in ends)

    def _has_two(self, number: int) -> bool:
        if self._shown.least[number] < self._shown.most[number]:
            return True
        here = int(self._shown.values[number])
        return self._found(number, here + 1, NO_LIMIT) or self._found(number, -NO_LIMIT, here - 1)

    def _has_neither(self, number: int) -> bool:
        columns, factors = self._row(number)
        group, size = self._groups[number]
        value = int(self._shown.values[number])
        if 2 <= value <= size - 2:
            return True
        fixed = int(self._fixed[number])
        if group is None:
            return self._found(number, 2, size - 2)
        beyond = (np.append(columns, group), np.append(-factors, 1), 2 + fixed, NO_LIMIT)
        return self._credited([(columns, factors, 2 - fixed, NO_LIMIT), beyond])

    def _row(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        span = slice(self._rows.indptr[number], self._rows.indptr[number + 1])
        return self._rows.indices[span], self._rows.data[span]

    def _found(self, number: int, low: int, high: int) -> bool:
        columns, factors = self._row(number)
        if not len(columns):
            return False
        fixed = int(self._fixed[number])
        low, high = (low if low <= -NO_LIMIT else low - fixed), (high if high >= NO_LIMIT else high - fixed)
        return low <= high and self._credited([(columns, factors, low, high)])

    def _credited(self, demanded: Sequence[Demanded]) -> bool:
        steps = self._search.move(demanded)
        if steps is None:
            return False
        table = self._base + steps
        met = all(low <= int(factors @ table[columns]) <= high for columns, factors, low, high in demanded)
        if met:
            self._shown.credit(steps)
        return met
