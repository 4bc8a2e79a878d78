"""The cells of one sheet, row by row, with what a reader of the table must know: hidden rows, merged cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from kaa_analysis.ingest.files.xlsx_cells import RawCell
from kaa_analysis.ingest.files.xlsx_package import Attributes, UnfitWorkbookError, parse

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
"""Excel's own bounds of a sheet."""
DIGITS = "0123456789"

TakeRow = Callable[[int, dict[int, RawCell]], object]


@dataclass(eq=False)
class SheetReading:
    """Reads a sheet and gives every row that has a cell with something in it to ``take``: its number and its cells by place from 0.

    A cell has something in it if it has a text or a number, or a formula whose value was not saved. Counts how many of those rows are hidden, and the merged areas.
    """

    take: TakeRow
    n_hidden: int = 0
    n_merged: int = 0
    _number: int = 0
    _place: int = -1
    _is_hidden: bool = False
    _cells: dict[int, RawCell] = field(default_factory=dict)
    _type: str = "n"
    _style: str = "0"
    _is_formula: bool = False
    _value: str | None = None
    _collects: bool = False
    _in_aid: bool = False
    _places: dict[str, int] = field(default_factory=dict)

    def read(self, stream: IO[bytes]) -> None:
        """Read the sheet from beginning to end."""
        parse(stream, opened=self._opened, closed=self._closed, text=self._text)

    def _opened(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            reference = attributes.get("r")
            self._place = self._place + 1 if reference is None else self._place_of(reference.rstrip(DIGITS))
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._is_formula, self._value, self._collects = False, None, False
        elif name == "v" or (name == "t" and not self._in_aid):
            self._collects = True
            self._value = self._value or ""
        elif name == "row":
            self._begin_row(attributes)
        else:
            self._collects = False
            self._is_formula = self._is_formula or name == "f"
            self._in_aid = self._in_aid or name == "rPh"
            self.n_merged += name == "mergeCell"

    def _closed(self, name: str) -> None:
        if name == "c":
            if self._value or self._lacks_value():
                self._end_cell()
        elif name == "row":
            if self._cells:
                self.n_hidden += self._is_hidden
                self.take(self._number, self._cells)
        elif name == "rPh":
            self._in_aid = False
        else:
            self._collects = False

    def _text(self, characters: str) -> None:
        if self._collects:
            self._value += characters

    def _begin_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if not self._number < number <= MAX_ROW:
            raise UnfitWorkbookError("filen är skadad: bladets rader står inte i ordning")
        self._number, self._place, self._cells = number, -1, {}
        self._is_hidden = attributes.get("hidden") in ("1", "true")

    def _lacks_value(self) -> bool:
        """Return whether the cell is a formula without a saved value; a text may be saved as empty, a number may not."""
        return self._is_formula and (self._value is None or self._type != "str")

    def _end_cell(self) -> None:
        if self._place in self._cells:
            raise UnfitWorkbookError("filen är skadad: samma cell står två gånger")
        self._cells[self._place] = (self._type, self._style, self._value or None, self._is_formula)

    def _place_of(self, letters: str) -> int:
        place = self._places.get(letters)
        if place is None:
            place = -1
            for letter in letters:
                place = (place + 1) * 26 + ord(letter) - ord("A")
            if not (letters.isascii() and letters.isupper() and 0 <= place < MAX_COLUMN):
                raise UnfitWorkbookError("filen är skadad: en cell har en omöjlig plats")
            self._places[letters] = place
        return place


def has_cells(stream: IO[bytes]) -> bool:
    """Return whether a sheet has any cell with something in it."""
    rows: list[int] = []
    SheetReading(lambda number, _: rows.append(number)).read(stream)
    return bool(rows)
