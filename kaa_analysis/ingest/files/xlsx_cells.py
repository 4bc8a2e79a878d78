"""What a cell of a workbook holds, as text or as the reason why it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from openpyxl.utils.datetime import to_excel

from kaa_analysis.ingest.files.xlsx_sheet import RawCell
from kaa_analysis.ingest.reasons import Reason

KEPT_DIGITS = 15
"""Excel keeps fifteen digits of a number and writes zeros for the rest."""
FIRST_CERTAIN_DAY = date(1900, 3, 1)
"""Before it the numbers of days are off by one, for Excel has a 29 February 1900."""


@dataclass(frozen=True)
class CellText:
    """A cell as text, and why it cannot be read if it cannot; the text then only shows what stood there."""

    text: str
    reason: Reason | None = None


def cell_text(cell: RawCell, *, is_date: bool, date_format: str, epoch: datetime) -> CellText:
    """Return a cell of a column, one of days if ``is_date``, as text; days are written as ``date_format`` says.

    >>> cell_text(("b", True, False), is_date=False, date_format="%Y", epoch=datetime(1899, 12, 30)).text
    'SANT'
    """
    kind, value, _ = cell
    if value is None:
        return CellText("", Reason.FORMULA_WITHOUT_VALUE)
    if kind == "s":
        return CellText(str(value))
    if kind == "b":
        return CellText("SANT" if value else "FALSKT", Reason.UNFIT_CELL)
    if kind == "e":
        return CellText(str(value), Reason.CELL_ERROR)
    if kind == "d":
        return _day_text(value, is_date=is_date, date_format=date_format, epoch=epoch)
    return number_text(value) if isinstance(value, int | float) else CellText(str(value), Reason.UNFIT_CELL)


def number_text(value: float) -> CellText:
    """Return a number as digits; one with decimals, or with more digits than Excel keeps, cannot be read.

    >>> number_text(200881031234.0).text, number_text(2.5).reason.value
    ('200881031234', 'OGILTIG_CELL')
    """
    if isinstance(value, float) and not value.is_integer():
        return CellText(str(value), Reason.UNFIT_CELL)
    digits = f"{Decimal(str(value)):.0f}"
    return CellText(digits, Reason.EXCEL_DIGITS_LOST if len(digits.lstrip("-")) > KEPT_DIGITS else None)


def _day_text(value: object, *, is_date: bool, date_format: str, epoch: datetime) -> CellText:
    """Return a day as text; one with a clock time, or a clock time alone, is shown as the number that it is to Excel."""
    day = value.date() if isinstance(value, datetime) and value.time() == time() else value
    if isinstance(day, datetime) or not isinstance(day, date) or day < FIRST_CERTAIN_DAY:
        return CellText(number_text(to_excel(value, epoch)).text, Reason.UNFIT_CELL)
    return CellText(day.strftime(date_format)) if is_date else CellText(day.isoformat(), Reason.EXCEL_VALUE_AS_DATE)
