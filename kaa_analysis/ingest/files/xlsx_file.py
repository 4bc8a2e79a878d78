"""Reading a delivered workbook: one sheet with a header in row one; what cannot be read with certainty is refused or set aside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from kaa_analysis.ingest import wording
from kaa_analysis.ingest.coded_text import coded_rows
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.files.xlsx_cells import CellText, cell_text
from kaa_analysis.ingest.files.xlsx_package import DAMAGE, OpenedWorkbook, UnfitWorkbookError, opened_workbook
from kaa_analysis.ingest.files.xlsx_sheet import RawCell, SheetReading
from kaa_analysis.ingest.layout import FileForm
from kaa_analysis.ingest.raw_file import (
    DeliveredRows,
    FileReading,
    file_reading,
    header_problems,
    kept_columns,
    presence,
)

MAX_REMEMBERED = 100_000
DAMAGED = "filen är skadad och går inte att läsa som en Excelfil"


def read_xlsx_file(path: Path, *, name: str, columns: ExpectedColumns, form: FileForm) -> FileReading:
    """Read the workbook that is the file the layout calls ``name``; RAD is the row of the sheet.

    Nothing that stands in a row is ever told; names of columns are, if the header is recognised as one.
    """
    try:
        with opened_workbook(path) as workbook:
            _refuse_other_sheets(workbook)
            rows = _SheetRows(columns, date_format=form.date_format, epoch=workbook.book.epoch)
            delivered = _delivered(SheetReading(workbook, 0), rows=rows)
    except UnfitWorkbookError as unfit:
        return FileReading(None, (str(unfit),))
    except DAMAGE:
        return FileReading(None, (DAMAGED,))
    if rows.problems:
        return FileReading(None, tuple(rows.problems))
    return file_reading(name, delivered, columns=columns, date_format=form.date_format)


@dataclass(eq=False)
class _SheetRows:
    """Takes the rows of a sheet: the first as header, of the others the kept columns as text."""

    columns: ExpectedColumns
    date_format: str
    epoch: datetime
    header: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    failed: list[tuple[int, str, str]] = field(default_factory=list)
    n_formulas: int = 0
    n_wide: int = 0
    kept: list[tuple[int, str, dict[RawCell | None, str]]] = field(default_factory=list)

    def take(self, rows: Iterable[tuple[int, dict[int, RawCell]]]) -> None:
        """Take the rows that are not empty, in order."""
        for number, cells in rows:
            if number == 1:
                self._take_header(cells)
            elif self.header and not self.problems:
                self._take_row(number, cells)

    def _take_header(self, cells: dict[int, RawCell]) -> None:
        read = {place: self._read(cell, is_date=False).text for place, cell in cells.items()}
        self.header = [read.get(place, "") for place in range(max(cells) + 1)]
        self.problems += header_problems(self.header, columns=self.columns)
        kept = kept_columns(self.header, columns=self.columns)
        self.kept = [
            (place, column, {None: presence("") if column in self.columns.only_presence else ""})
            for place, column in enumerate(self.header)
            if column in kept
        ]

    def _take_row(self, number: int, cells: dict[int, RawCell]) -> None:
        self.n_wide += max(cells) >= len(self.header)
        row = []
        for place, column, remembered in self.kept:
            cell = cells.get(place)
            text = remembered.get(cell)
            row.append(self._text(cell, number=number, column=column, remembered=remembered) if text is None else text)
        self.numbers.append(number)
        self.texts.append(row)

    def _read(self, cell: RawCell, *, is_date: bool) -> CellText:
        return cell_text(cell, is_date=is_date, date_format=self.date_format, epoch=self.epoch)

    def _text(self, cell: RawCell, *, number: int, column: str, remembered: dict[RawCell | None, str]) -> str:
        """Return a cell as text, remembered if it is nothing more than that."""
        expected = self.columns.expected.get(column)
        read = self._read(cell, is_date=expected is not None and expected.type == "date")
        text = presence(read.text) if column in self.columns.only_presence else read.text
        *_, value, is_formula = cell
        self.n_formulas += is_formula and value is not None
        if read.reason is not None and expected is not None:
            self.failed.append((number, column, str(read.reason)))
        elif not is_formula and len(remembered) < MAX_REMEMBERED:
            remembered[cell] = text
        return text


def _delivered(sheet: SheetReading, *, rows: _SheetRows) -> DeliveredRows:
    rows.take(sheet.rows())
    if not rows.header:
        rows.problems += header_problems([], columns=rows.columns)
    if rows.n_wide:
        rows.problems.append(f"{wording.rows(rows.n_wide)} har något till höger om rubrikradens kolumner")
    if sheet.n_merged:
        areas = wording.amount(sheet.n_merged, "område med sammanslagna celler", "områden med sammanslagna celler")
        rows.problems.append(f"bladet har {areas}; dela upp dem, så att varje rad har sina egna värden")
    kept = [column for _, column, _ in rows.kept]
    frame = pd.DataFrame(
        rows.texts, columns=kept, index=pd.Index(rows.numbers, name="RAD", dtype="int64"), dtype=object
    )
    failed = pd.DataFrame(rows.failed, columns=["RAD", "column", "reason"]).astype({"RAD": np.int64})
    return DeliveredRows(coded_rows(frame), tuple(rows.header), _told(sheet, rows=rows), failed)


def _told(sheet: SheetReading, *, rows: _SheetRows) -> tuple[str, ...]:
    hidden = wording.amount(sheet.n_hidden, "dold rad", "dolda rader")
    formulas = wording.amount(rows.n_formulas, "formel", "formler")
    return (
        *[f"Läste också {hidden}."] * bool(sheet.n_hidden),
        *[f"Läste {formulas} med det sparade värdet."] * bool(rows.n_formulas),
    )


def _refuse_other_sheets(workbook: OpenedWorkbook) -> None:
    others = range(1, len(workbook.book.worksheets))
    n_others = workbook.n_charts + sum(any(SheetReading(workbook, place).rows()) for place in others)
    if n_others:
        sheets = wording.amount(n_others, "blad", "blad")
        raise UnfitWorkbookError(f"filen har {sheets} med innehåll utöver det första; lämna en fil per tabell")
