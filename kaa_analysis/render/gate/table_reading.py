"""Reading a table as an exhibit: each cell by its headings, held against the released cell that they lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kaa_analysis.render.gate.blocks import TableBlock, TableCell
from kaa_analysis.render.gate.expectation import Shown
from kaa_analysis.render.gate.placed_cells import Heading, Placed, joined
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms

UNBOUND = "ett tal som inte hör till någon visad cell"
CHANGED = "en tabellcell som inte säger vad den visade cellen säger"
UNKNOWN_PLACE = "ett tal i en tabellcell vars rubriker inte leder till någon visad cell"
UNKNOWN_TABLE = "en tabell med tal som inte är någon av rapportens"
Layout = tuple[tuple[Heading, ...], ...]
"""The headings of every cell of a table's body, row by row; the first of a row is that of its row header."""


@dataclass
class TableReading:
    """One table read as one exhibit: how many cells its headings lead to, how many values are bound, and what is wrong where."""

    shown: Shown
    title: bool
    resolved: int = 0
    bound: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    layout: list[list[Heading]] = field(default_factory=list)
    before: Layout | None = None

    @property
    def merit(self) -> tuple[int, int, int]:
        """How well the table can be read so, to be compared."""
        return self.resolved, int(self.title), -len(self.problems)

    @classmethod
    def of(cls, block: TableBlock, shown: Shown, *, before: Layout | None = None) -> TableReading:
        same_shape = before is not None and [len(row) for row in before] == [len(row) for row in block.body]
        titled = bool(block.title) and plain(shown.table.title) in plain(block.title)
        trial = cls(shown, title=titled, before=before if same_shape else None)
        columns = column_paths(block.head)
        met: Counter[Heading] = Counter()
        group = ""
        known = _labels(shown)
        for line in block.head:
            trial._headings(line, known, "rubrikraden")
        for number, row in enumerate(block.body, start=1):
            place = f"rad {number}"
            if len(row) == 1 and (row[0].columns > 1 or len(columns) > 1):
                group = joined(row[0].text)
                trial.layout.append([Heading(group, "", ())])
                trial._headings(row, known, place)
                continue
            trial._headings(row[:1], known, place)
            trial._row(row, columns, group, place, met)
        return trial

    def _row(
        self,
        row: Sequence[TableCell],
        columns: Sequence[tuple[str, ...]],
        group: str,
        place: str,
        met: Counter[Heading],
    ) -> None:
        self.layout.append([])
        if not row:
            return
        header, at = joined(row[0].text), row[0].columns
        self.layout[-1].append(Heading(group, header, ()))
        for number, cell in enumerate(row[1:], start=1):
            heading = self._heading(Heading(group, header, columns[at] if at < len(columns) else ()), number)
            self.layout[-1].append(heading)
            found = self.shown.places.get(heading, [])
            met[heading] += 1
            expected = found[met[heading] - 1] if met[heading] <= len(found) else None
            self._cell(plain(cell.text), expected, f"{place}, kolumn {at + 1}")
            at += cell.columns

    def _heading(self, heading: Heading, number: int) -> Heading:
        """Return the heading of a cell, that of the same place in the original if the table has no such cell."""
        if heading in self.shown.places or self.before is None:
            return heading
        return self.before[len(self.layout) - 1][number]

    def _cell(self, text: str, expected: Placed | None, place: str) -> None:
        if expected is None:
            if holds_number(text):
                self.problems.append((place, UNKNOWN_PLACE))
            return
        self.resolved += 1
        if text == expected.text:
            self.bound += int(expected.known)
        elif holds_number(text) or expected.known or text:
            self.problems.append((place, CHANGED))

    def _headings(self, cells: Iterable[TableCell], known: frozenset[str], place: str) -> None:
        for cell in cells:
            text = plain(cell.text)
            if holds_number(text) and joined(text) not in known and numbers_in(without_forms(text)):
                self.problems.append((place, UNBOUND))


def _labels(shown: Shown) -> frozenset[str]:
    return frozenset(text for heading in shown.places for text in (heading.group, heading.row, *heading.columns))


def column_paths(head: Sequence[Sequence[TableCell]]) -> list[tuple[str, ...]]:
    """Return the headings above each column, from the top; cells that cover several lines or columns count in each."""
    paths: list[list[str]] = []
    taken: set[tuple[int, int]] = set()
    for line, row in enumerate(head):
        at = 0
        for cell in row:
            while (line, at) in taken:
                at += 1
            for column in range(at, at + cell.columns):
                taken |= {(line + below, column) for below in range(cell.lines)}
                while len(paths) <= column:
                    paths.append([])
                if cell.text.strip():
                    paths[column].append(joined(cell.text))
            at += cell.columns
    return [tuple(path) for path in paths]
