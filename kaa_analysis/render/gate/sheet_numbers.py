"""Binding the numbers of a workbook: each sheet's cells by its headings, and everything else that a sheet can carry unseen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kaa_analysis.core.result import Dimension, Text
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.gate.binding import Binding
from kaa_analysis.render.gate.blocks import Words
from kaa_analysis.render.gate.office_parts import local, other_words
from kaa_analysis.render.gate.placed_cells import joined
from kaa_analysis.render.gate.released_lines import LineCell, ReleasedLine, released_lines
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND, UNKNOWN_PLACE
from kaa_analysis.render.gate.workbook_cells import Sheet, SheetCell, Workbook, read_workbook

FORMULA = "en formel; arbetsboken ska bara hålla visade cellers värden"
FIRST_SHEET = "Läs mig"
UNKNOWN_PART = "en del av arbetsboken som kan bära tal utanför bladen"
LONGEST_NAME = 31

_REFERENCE = re.compile(r"(?:[^!,]*!)?\$?[A-Z]{0,3}\$?[0-9]{0,7}(?::\$?[A-Z]{0,3}\$?[0-9]{0,7})?")
_OWN_PARTS = re.compile(
    r"xl/(?:workbook|sharedStrings|styles|calcChain|metadata)\.xml|xl/(?:worksheets|tables|comments|drawings|threadedComments|persons)/?[^/]*\.(?:xml|vml)|xl/comments[0-9]*\.xml|docProps/.*"
)
_TABLE_NAME = re.compile(r"(?:_xlnm\.[A-Za-z_]+|(?:Table|Tabell)_?[0-9]{1,3}|__Anonymous_Sheet_DB__[0-9]+)")
_SHOWN_FIGURE = re.compile(r"[1-9](?![0-9]*\])")
_OWN_FORMAT = re.compile(r"\[[^\]]*\]|_[^ ]|\\.")
_NUMBERED = re.compile(r" \([0-9]\)$")


def bind_workbook(content: bytes, binding: Binding) -> None:
    """Bind every number of a workbook; ``binding`` gets what cannot be bound.

    Raises:
        Unreadable: it cannot be read.
    """
    workbook = read_workbook(content)
    names = {sheet.name for sheet in workbook.sheets if _is_numbered_title(sheet.name, binding)}
    own = {f"data/{name}.csv" for name in binding.expected.tables} | names
    binding.allowed = frozenset(plain(text) for text in own)
    for sheet in workbook.sheets:
        if sheet.name not in names:
            binding.words(Words("ett blads namn", sheet.name))
        SheetReading(sheet, binding).bind()
    for words in beside_the_cells(workbook, names, binding):
        binding.words(words)


def _is_numbered_title(name: str, binding: Binding) -> bool:
    """Return whether a sheet is called by its number and the first words of a table's title."""
    number, _, words = name.partition(" ")
    titles = (
        " ".join(re.sub(r"[\[\]:*?/\\']", " ", table.title).split()) for table in binding.expected.tables.values()
    )
    return (
        number.isdecimal()
        and int(number) <= len(binding.expected.tables)
        and any(title.startswith(words) for title in titles)
    )


@dataclass
class SheetReading:
    """One sheet being bound; ``done`` are the cells that are. A ``named`` one is called by a name of the report's own."""

    sheet: Sheet
    binding: Binding
    done: set[tuple[int, int]] = field(default_factory=set)
    named: bool = False

    def bind(self) -> None:
        """Bind the table of the sheet, then every text beside it."""
        self._formulas()
        table = self._table()
        if table is not None:
            self._rows(table)
        self._texts()

    def bind_texts(self) -> None:
        """Bind everything that is not done."""
        self._formulas()
        self._texts()

    def place(self, at: tuple[int, int]) -> str:
        """Return the sheet and the address of a cell, as they are told."""
        return f"{self._sheet_name()}!{_column_name(at[1])}{at[0]}"

    def _sheet_name(self) -> str:
        """Return the name of a sheet of the report's own; what others have called theirs may be anything."""
        is_ours = self.named or self.sheet.name == FIRST_SHEET or _is_numbered_title(self.sheet.name, self.binding)
        has_number = numbers_in(without_forms(plain(self.sheet.name.partition(" ")[2])))
        return self.sheet.name if is_ours and not has_number else "ett blad"

    def _formulas(self) -> None:
        for at, cell in self.sheet.cells.items():
            if cell.formula:
                self.binding.refuse(self.place(at), FORMULA)
                self.done.add(at)

    def _table(self) -> Released | None:
        title = self.sheet.cells.get((1, 1))
        known = self.binding.expected.tables.values()
        shown = [table for table in known if title is not None and joined(table.title) == joined(title.text)]
        unused = [table for table in shown if f"sheet:{table.id}" not in self.binding.tables]
        return next(iter(unused or shown), None)

    def _rows(self, table: Released) -> None:
        labels = {joined(label): name for label, name in _headings(table)}
        head = next((row for row in self.sheet.rows if self._is_head(row, labels)), None)
        if head is None:
            return
        self.binding.tables.add(f"sheet:{table.id}")
        columns = {
            at: labels[joined(cell.text)]
            for (row, at), cell in self.sheet.cells.items()
            if row == head and joined(cell.text) in labels
        }
        self.done |= {(head, at) for at in columns}
        lines = {_line_key(table, line): line for line in released_lines(table)}
        splits = [split.name for split in table.of_role(Dimension)]
        for row in (row for row in self.sheet.rows if row > head):
            self._row(row, columns, splits, lines)

    def _is_head(self, row: int, labels: dict[str, str]) -> bool:
        texts = [joined(cell.text) for (at, _), cell in self.sheet.cells.items() if at == row]
        return len(texts) >= len(labels) and set(labels) <= set(texts)

    def _row(
        self, row: int, columns: dict[int, str], splits: list[str], lines: dict[tuple[str, ...], ReleasedLine]
    ) -> None:
        own = {name: (row, at) for at, name in columns.items() if (row, at) in self.sheet.cells}
        key = tuple(joined(self.sheet.cells[own[name]].text) if name in own else "" for name in splits)
        line = lines.pop(key, None)
        if line is None:
            return
        self.done |= {own[name] for name in splits}
        for name, at in own.items():
            if name not in splits:
                self.done.add(at)
                self.bind_cell(at, line.cells[name])

    def bind_cell(self, at: tuple[int, int], expected: LineCell) -> None:
        """Bind a cell to the released one that must stand there."""
        cell = self.sheet.cells[at]
        if cell.formula:
            return
        if _says(cell, expected):
            self.binding.bound += int(expected.known)
        elif cell.text or expected.known:
            self.binding.refuse(self.place(at), CHANGED)

    def _texts(self) -> None:
        """Bind what stands outside the table; a text that is broken over rows is read as one."""
        left = {at: cell for at, cell in self.sheet.cells.items() if at not in self.done}
        for at, cell in left.items():
            if cell.number:
                kind = UNKNOWN_PLACE if f"sheet:{self.sheet.name}" in self.binding.tables else UNBOUND
                self.binding.refuse(self.place(at), kind)
            elif holds_number(cell.text):
                self._text(at, left)

    def _text(self, at: tuple[int, int], left: dict[tuple[int, int], SheetCell]) -> None:
        row, column = at
        texts = [left[at].text, f"{left[row, 1].text}: {left[at].text}" if column == 2 and (row, 1) in left else ""]
        texts.append(" ".join(left[one, column].text for one in _run(row, column, left)))
        facts = self.binding.expected.facts | {self.binding.expected.run} | self.binding.allowed
        free = [text for text in texts if text and (plain(text) in facts or not numbers_in(without_forms(plain(text))))]
        self.binding.words(Words(self.place(at), free[0] if free else texts[0]))


def _run(row: int, column: int, left: dict[tuple[int, int], SheetCell]) -> Sequence[int]:
    first = last = row
    while (first - 1, column) in left and not left[first - 1, column].number:
        first -= 1
    while (last + 1, column) in left and not left[last + 1, column].number:
        last += 1
    return range(first, last + 1)


def _says(cell: SheetCell, expected: LineCell) -> bool:
    if not expected.known or expected.below or isinstance(expected.column, Text):
        return not cell.number and plain(cell.text) == plain(expected.text)
    try:
        return cell.number and float(cell.text) == float(expected.value)
    except ValueError:
        return False


def _headings(table: Released) -> Iterator[tuple[str, str]]:
    """Give the heading of each column and its name; one met before tells the new one that it follows, and is numbered if that was met too."""
    met: Counter[str] = Counter()
    follows = ""
    for column in table.columns:
        heading = f"{column.label}: {follows}" if met[column.label.casefold()] else column.label
        follows = follows if heading != column.label else heading
        met[heading.casefold()] += 1
        number = met[heading.casefold()]
        yield (heading if number == 1 else f"{heading} ({number})"), column.name


def _line_key(table: Released, line: ReleasedLine) -> tuple[str, ...]:
    return tuple(joined(split.text(line.place[split.name])) for split in table.of_role(Dimension))


def beside_the_cells(workbook: Workbook, names: set[str], binding: Binding) -> Iterator[Words]:
    """Give what stands in the workbook outside the cells: names, comments, notes, formats and texts that no cell shows."""
    for text in workbook.unused:
        yield Words("en text som ingen cell visar", text)
    for name, root in workbook.parts.items():
        if not _OWN_PARTS.fullmatch(name):
            binding.refuse(name, UNKNOWN_PART)
        elif name == "xl/styles.xml":
            yield from _formats(root)
        elif name not in ("xl/sharedStrings.xml", "xl/calcChain.xml"):
            for words in other_words(name, root):
                text = _without_references(words.text, names)
                if holds_number(text):
                    yield Words(words.place, text)


def _without_references(text: str, names: set[str]) -> str:
    """Return a text without sheet names and references to cells, or nothing if that is all it is."""
    if _TABLE_NAME.fullmatch(text):
        return ""
    for name in sorted(names, key=len, reverse=True):
        if text == name:
            return ""
        for written, plainly in ((f"'{name}'", "blad"), (f"#{name}", "blad"), (f"{name}!", "blad!")):
            text = text.replace(written, plainly)
    return "" if all(_REFERENCE.fullmatch(part) for part in text.split(",")) and "blad" in text else text


def _formats(root: object) -> Iterator[Words]:
    for element in root.iter():
        if local(element.tag) == "numFmt":
            code = element.get("formatCode", "")
            if _SHOWN_FIGURE.search(_OWN_FORMAT.sub("", code)):
                yield Words("ett talformat", code)


def _column_name(column: int) -> str:
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
