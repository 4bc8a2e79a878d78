"""What the gate itself reads out of a released table: its lines, and how each cell must be written. It shares no code with `present`.

The gate is to find what the forms get wrong, so nothing here may be borrowed from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Share, Text
from kaa_analysis.disclosure.released import Released, State

SIGNS: Mapping[State, str] = {State.PROTECTED: "..", State.UNKNOWN: "x", State.NOT_APPLICABLE: "."}
"""What stands in place of a number, as plain characters."""

NOTHING = "-"
"""A true zero in a table, as a plain character: the en dash is a hyphen when characters are plain."""

ALL_TOGETHER = "Totalt"
KEPT_TABLES = 1024
"""How many tables are read once, though every file of a report is held against them: more than the city and its districts have."""

_DIGITS_OF_A_PROPORTION = 3
_P_VALUES = ("p_value", "p_holm")
"""Columns that are no proportions."""


@dataclass(frozen=True)
class LineCell:
    """One released cell: where it comes from, its value (None when it has none) and its state."""

    column: Column
    value: Any
    state: State
    id: str

    @property
    def known(self) -> bool:
        """Whether it has a value to show."""
        return self.state not in SIGNS

    @property
    def number(self) -> str:
        """The value as running text writes it, without its unit."""
        return written_number(self.value, self.column)

    @property
    def below(self) -> bool:
        """Whether it is told as less than its smallest step: a p value that rounds to 0."""
        return self.known and self.column.name in _P_VALUES and self.value == 0

    @property
    def text(self) -> str:
        """What a table writes."""
        if not self.known:
            return SIGNS[self.state]
        if isinstance(self.column, Text):
            return str(self.value)
        if isinstance(self.column, Count) and self.value == 0 and self.state is State.SHOWN:
            return NOTHING
        return ("<" if self.below else "") + self.number + (" %" if is_proportion(self.column) else "")


@dataclass(frozen=True)
class ReleasedLine:
    """A row of a released table: its place by dimension, and its cells by column."""

    place: Mapping[str, str]
    cells: Mapping[str, LineCell]


@lru_cache(maxsize=KEPT_TABLES)
def released_lines(table: Released) -> tuple[ReleasedLine, ...]:
    """Return every row of a table in order."""
    splits = {split.name for split in table.of_role(Dimension)}
    values, states, ids = (
        frame.astype(object).to_dict("records")
        for frame in (table.values_table, table.states_table, table.cell_ids_table)
    )
    ids = ids or [{} for _ in values]
    return tuple(
        ReleasedLine(
            {name: str(row[name]) for name in splits},
            {
                column.name: _cell(column, row[column.name], State(state[column.name]), str(own.get(column.name, "")))
                for column in table.columns
                if column.name not in splits
            },
        )
        for row, state, own in zip(values, states, ids, strict=True)
    )


def _cell(column: Column, value: Any, state: State, cell_id: str) -> LineCell:
    return LineCell(column, None if state in SIGNS else value, state, cell_id)


def split_text(split: Dimension, value: str) -> str:
    """Return what readers see of a value of a split."""
    if value in split.labels:
        return split.labels[value]
    return ALL_TOGETHER if value == split.total else value


def is_proportion(column: Column) -> bool:
    """Return whether a column is read as per cent."""
    is_estimate = isinstance(column, Estimate) and column.name not in _P_VALUES
    return isinstance(column, Share) or (is_estimate and column.digits >= _DIGITS_OF_A_PROPORTION)


def written_number(value: Any, column: Column) -> str:
    """Return a value in Swedish writing with plain characters, without unit: thousands parted by a space, a decimal comma.

    >>> written_number(0.4164, Share("s", "Andel", numerator="a", denominator="b")), written_number(12345, Count("n", "Antal", "m"))
    ('41,6', '12 345')
    """
    exact, decimals = Decimal(str(value)), int(getattr(column, "digits", 0))
    if column.name in _P_VALUES and exact == 0:
        exact = Decimal(1).scaleb(-decimals)
    if is_proportion(column):
        exact, decimals = exact * 100, max(decimals - 2, 0)
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    whole, _, fraction = str(abs(rounded)).partition(".")
    groups = []
    while whole:
        groups.append(whole[-3:])
        whole = whole[:-3]
    return ("-" if rounded < 0 else "") + " ".join(reversed(groups)) + (f",{fraction}" if fraction else "")


def at_totals(
    table: Released, lines: Sequence[ReleasedLine], *, keep: frozenset[str] = frozenset()
) -> list[ReleasedLine]:
    """Return the lines that stand at the total of every split that has one, but for those in ``keep``."""
    totals = {
        split.name: split.total
        for split in table.of_role(Dimension)
        if split.total is not None and split.name not in keep
    }
    return [line for line in lines if all(line.place[name] == total for name, total in totals.items())]


def bounds(table: Released) -> tuple[str, str] | None:
    """Return the names of the columns that are the limits of the first interval, the lower first."""
    return next(iter(all_bounds(table).items()), None)


def all_bounds(table: Released) -> dict[str, str]:
    """Return the name of the upper limit of every interval by that of its lower limit."""
    names = [column.name for column in table.columns]
    found = {}
    for name in names:
        for low, high in (("lower", "upper"), ("low", "high")):
            upper = name.replace(low, high)
            if low in name and upper != name and upper in names:
                found.setdefault(name, upper)
    return found
