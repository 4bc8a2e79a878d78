"""The cells of one sheet as openpyxl reads them, with what it does not show: hidden rows, merged cells, formulas, a sheet in disorder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO
from xml.etree.ElementTree import Element, iterparse

from openpyxl.utils import column_index_from_string
from openpyxl.xml.constants import SHEET_MAIN_NS

from kaa_analysis.ingest.files.xlsx_package import OpenedWorkbook, UnfitWorkbookError

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
"""Excel's own bounds of a sheet."""
ROW, FORMULA, VALUE, MERGED = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("row", "f", "v", "mergeCell"))
NO_DAY = "no day"
"""The type of a number in the form of a day that is no day's; openpyxl makes an error of it and forgets the number."""
DIGITS = "0123456789"

RawCell = tuple[str, object, bool]
"""A cell as openpyxl reads it: its type, its value (None if it is a formula whose value was not saved), whether it has a formula."""


@dataclass(eq=False)
class SheetReading:
    """Reads a sheet; counts the merged areas and those of the rows read that are hidden.

    The sheet is gone through twice side by side: by openpyxl for the values, and for the order of rows and cells, on which openpyxl relies.
    """

    workbook: OpenedWorkbook
    place: int
    n_hidden: int = 0
    n_merged: int = 0

    def rows(self) -> Iterator[tuple[int, dict[int, RawCell]]]:
        """Yield number and cells, by place from 0, of every row that has a cell with something in it.

        A cell has something in it if it has a text or a number, or a formula whose value was not saved.

        Raises:
            UnfitWorkbookError: rows or cells are not in order, or a cell stands where there are no cells.
        """
        sheet = self.workbook.book.worksheets[self.place]
        sheet.reset_dimensions()
        values, passed = sheet.iter_rows(), 0
        with self.workbook.package.open(self.workbook.parts[self.place]) as stream:
            for row, number in self._elements(stream, after=0):
                elements = _by_place(row)
                cells = _filled(next(islice(values, number - passed - 1, None)), elements=elements)
                passed = number
                if cells:
                    self.n_hidden += row.get("hidden") in ("1", "true")
                    yield number, cells

    def _elements(self, stream: IO[bytes], *, after: int) -> Iterator[tuple[Element, int]]:
        for _, element in iterparse(stream):
            if element.tag == ROW:
                number = int(element.get("r", after + 1))
                if not after < number <= MAX_ROW:
                    raise UnfitWorkbookError("filen är skadad: bladets rader står inte i ordning")
                yield element, number
                after = number
                element.clear()
            self.n_merged += element.tag == MERGED


def _by_place(row: Element) -> dict[int, Element]:
    """Return the cells of a row by place from 0 after a look at their order."""
    elements: dict[int, Element] = {}
    last = -1
    for cell in row:
        reference = cell.get("r")
        place = last + 1 if reference is None else _place(reference.rstrip(DIGITS))
        if place == last:
            raise UnfitWorkbookError("filen är skadad: samma cell står två gånger")
        if place < last:
            raise UnfitWorkbookError("filen är skadad: radens celler står inte i ordning")
        elements[place] = cell
        last = place
    return elements


def _place(letters: str) -> int:
    try:
        column = column_index_from_string(letters)
    except ValueError:
        column = MAX_COLUMN + 1
    if column > MAX_COLUMN:
        raise UnfitWorkbookError("filen är skadad: en cell har en omöjlig plats")
    return column - 1


def _filled(row: tuple, *, elements: dict[int, Element]) -> dict[int, RawCell]:
    """Return the cells with something in them; of a formula, a text may be saved as empty, a number may not."""
    cells: dict[int, RawCell] = {}
    for place, element in elements.items():
        cell, is_formula = row[place], element.find(FORMULA) is not None
        kind, value = cell.data_type, cell.value
        if kind == "e" and element.get("t") != "e":
            kind, value = NO_DAY, element.findtext(VALUE)
        if value is not None and value != "":
            cells[place] = (kind, value, is_formula)
        elif is_formula and kind != "str":
            cells[place] = (kind, None, True)
    return cells
