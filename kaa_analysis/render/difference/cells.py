"""Cell by cell: what each cell of two releases says, and where they do not say the same.

A count is one cell in the whole release, in however many tables it stands; a share, an estimate or a word belongs to its table,
column and place. What a whole table is about (its context: the day of the extract, the period) is not part of a cell's place
here where it differs between the bundles, so that a later extract is compared with an earlier one number by number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pandas as pd

from kaa_analysis.core.result import Column, Dimension, Estimate, Text
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.present.formats import cell_text
from kaa_analysis.present.grid import dimension_text
from kaa_analysis.render.data_files.open_data import STATE_MEANINGS, long_rows
from kaa_analysis.render.difference.causes import Cause
from kaa_analysis.render.difference.explanations import WITHIN_TOLERANCE, cell_reason, words_reason

WHOLE_TABLE = "Totalt"
ABSENT = "finns inte"


class Change(StrEnum):
    """What happened to a cell or a text."""

    CHANGED = "ändrad"
    ADDED = "tillkommen"
    REMOVED = "borttagen"


@dataclass(frozen=True)
class Reading:
    """What one cell says. ``value`` is the number as it was released, with decimal point; empty where none is shown."""

    table: str
    title: str
    place: str
    column: Column
    value: str
    state: State

    @property
    def text(self) -> str:
        """The text that a reader of the table meets."""
        value = Decimal(self.value) if self.value and not isinstance(self.column, Text) else self.value
        return cell_text(value, self.state, self.column)


Pair = tuple[Reading | None, Reading | None]
"""What a cell says before and after; None where there is no such cell."""


@dataclass(frozen=True)
class Difference:
    """A cell that does not say the same. A side that has no such cell has state None and the text *finns inte*."""

    key: str
    table: str
    title: str
    place: str
    measure: str
    change: Change
    before: str
    after: str
    before_state: State | None
    after_state: State | None
    before_value: str
    after_value: str
    reason: str


@dataclass(frozen=True)
class CellComparison:
    """The outcome: ``compared`` cells are equal, within the tolerance, or among the differences."""

    compared: int
    equal: int
    within_tolerance: tuple[Difference, ...]
    differences: tuple[Difference, ...]


def compare_cells(before: Sequence[Released], after: Sequence[Released], *, causes: Sequence[Cause]) -> CellComparison:
    """Compare every cell of two releases, in the reading order of ``after``; what only ``before`` has comes last.

    Counts and shares are compared exactly, as decimals. An estimate that differs by one unit in its last released decimal is
    within the tolerance.
    """
    within, differences, equal = [], [], 0
    for key, pair in paired(before, after).items():
        if _same(*pair):
            equal += 1
        elif _within_tolerance(*pair):
            within.append(_difference(key, *pair, reason=WITHIN_TOLERANCE))
        else:
            differences.append(_difference(key, *pair, reason=_reason(*pair, causes)))
    return CellComparison(equal + len(within) + len(differences), equal, tuple(within), tuple(differences))


def paired(before: Sequence[Released], after: Sequence[Released]) -> dict[str, Pair]:
    """Return what every cell of two releases says before and after, by its key, in the order of `compare_cells`.

    A cell is told by its table, place and measure in ``after``, by those of ``before`` only where ``after`` does not have it.
    """
    earlier, later = readings(before, moved=_moved_contexts(before, after)), readings(after, moved={})
    keys = (*later, *(key for key in earlier if key not in later))
    return {key: (earlier.get(key), later.get(key)) for key in keys}


def readings(tables: Sequence[Released], *, moved: Mapping[str, Mapping[str, str]]) -> dict[str, Reading]:
    """Return what every cell says by its key; a cell of several tables is read in the first of them.

    ``moved`` says, by the table's id, which parts of a count's id are written in another way in its key.
    """
    found: dict[str, Reading] = {}
    for table in tables:
        for key, reading in (*_numbers(table, moved.get(table.id, {})), *_words(table)):
            found.setdefault(key, reading)
    return found


def _moved_contexts(before: Sequence[Released], after: Sequence[Released]) -> dict[str, dict[str, str]]:
    """Return for each earlier table how the parts of its context are written in the later release.

    A table that only the earlier release has follows the others, where they all moved a part in the same way.
    """
    contexts = {table.id: table.context for table in after}
    own = {table.id: _moved_parts(table, contexts[table.id]) for table in before if table.id in contexts}
    ways: dict[str, set[str]] = {}
    for parts in own.values():
        for part, moved in parts.items():
            ways.setdefault(part, set()).add(moved)
    agreed = {part: next(iter(moved)) for part, moved in ways.items() if len(moved) == 1}
    return {table.id: own.get(table.id, agreed) for table in before}


def _moved_parts(table: Released, towards: Mapping[str, str]) -> dict[str, str]:
    splits = {split.name for split in table.of_role(Dimension)}
    return {
        f"{name}={value}": f"{name}={towards[name]}"
        for name, value in table.context.items()
        if name in towards and name not in splits
    }


def _numbers(table: Released, moved: Mapping[str, str]) -> Iterator[tuple[str, Reading]]:
    counts = _columns_of_ids(table)
    for record in long_rows(table):
        key = record["cell_id"]
        column = counts.get(key) or table.column(record["measure"])
        key = "|".join(moved.get(part, part) for part in key.split("|"))
        yield key, _reading(table, record, column, value=record["value"], state=State(record["state"]))


def _words(table: Released) -> Iterator[tuple[str, Reading]]:
    texts, names = table.of_role(Text), [split.name for split in table.of_role(Dimension)]
    if not texts:
        return
    cells = table.values_table.astype(object)
    words = cells[[*names, *(column.name for column in texts)]]
    for row in words.map(lambda value: "" if pd.isna(value) else str(value)).to_dict("records"):
        where = [f"{name}={row[name]}" for name in names]
        for column in texts:
            key = "|".join([f"{table.id}.{column.name}", *where])
            yield key, _reading(table, row, column, value=row[column.name], state=State.SHOWN)


def _columns_of_ids(table: Released) -> dict[str, Column]:
    """Return the count column that each cell id is first met in."""
    columns: dict[str, Column] = {}
    for row in table.cell_ids.to_dict("records"):
        for name, cell_id in row.items():
            columns.setdefault(str(cell_id), table.column(str(name)))
    return columns


def _reading(table: Released, row: Mapping[str, str], column: Column, *, value: str, state: State) -> Reading:
    at = [
        f"{split.label}: {dimension_text(split, row[split.name])}"
        for split in table.of_role(Dimension)
        if row[split.name] not in ("", split.total)
    ]
    return Reading(table.id, table.title, ", ".join(at) or WHOLE_TABLE, column, value, state)


def _same(before: Reading | None, after: Reading | None) -> bool:
    if before is None or after is None or before.state != after.state:
        return False
    if isinstance(before.column, Text) or isinstance(after.column, Text) or not (before.value and after.value):
        return before.value == after.value
    return Decimal(before.value) == Decimal(after.value)


def _within_tolerance(before: Reading | None, after: Reading | None) -> bool:
    """Tell whether both show the same estimate up to one unit in its last decimal: another processor rounds another way."""
    if before is None or after is None or {before.state, after.state} != {State.SHOWN}:
        return False
    columns = before.column, after.column
    if not all(isinstance(column, Estimate) for column in columns) or columns[0].digits != columns[1].digits:
        return False
    unit = Decimal(1).scaleb(-columns[0].digits)
    return abs(Decimal(before.value) - Decimal(after.value)) <= unit


def _reason(before: Reading | None, after: Reading | None, causes: Sequence[Cause]) -> str:
    if any(reading is not None and isinstance(reading.column, Text) for reading in (before, after)):
        return words_reason(causes)
    return cell_reason(before.state if before else None, after.state if after else None, causes)


def _difference(key: str, before: Reading | None, after: Reading | None, *, reason: str) -> Difference:
    told = after or before
    texts = [ABSENT if reading is None else reading.text for reading in (before, after)]
    if texts[0] == texts[1] and before is not None and after is not None:
        texts = [_with_state(reading) for reading in (before, after)]
    return Difference(
        key=key,
        table=told.table,
        title=told.title,
        place=told.place,
        measure=told.column.label,
        change=Change.ADDED if before is None else Change.REMOVED if after is None else Change.CHANGED,
        before=texts[0],
        after=texts[1],
        before_state=before.state if before else None,
        after_state=after.state if after else None,
        before_value=before.value if before else "",
        after_value=after.value if after else "",
        reason=reason,
    )


def _with_state(reading: Reading) -> str:
    """Return a cell's text so that it can be told from the same text in another state."""
    return f"{reading.text} ({STATE_MEANINGS[reading.state]}{', ' + reading.value if reading.value else ''})"
