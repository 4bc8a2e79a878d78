"""What a cell of a workbook holds, as text or as the reason why it cannot be read; shared texts; which styles are dates."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from kaa_analysis.ingest.files.xlsx_package import Attributes, parse
from kaa_analysis.ingest.reasons import Reason

DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""The built-in number formats that show a day or a time."""
NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
SHOWS_TIME = re.compile(r"[dmyhs]", re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
KEPT_DIGITS = 15
"""Excel keeps fifteen digits of a number and writes zeros for the rest."""
SHIFT_1904 = 1462
FIRST_CERTAIN_DAY = 61
"""Before 1 March 1900 the numbers of days are off by one, for Excel has a 29 February 1900."""


RawCell = tuple[str, str, str | None, bool]
"""A cell as it stands in the sheet: its type and style, the text of its value (None if there is none), whether it has a formula."""


@dataclass(frozen=True)
class CellText:
    """A cell as text, and why it cannot be read if it cannot; the text then only shows what stood there."""

    text: str
    reason: Reason | None = None


@dataclass(frozen=True, eq=False)
class CellReader:
    """What is needed to read the cells of a workbook: shared texts, which styles are dates, the first day of its calendar."""

    texts: list[str]
    date_styles: frozenset[str]
    from_1904: bool = False

    def cell_text(self, cell: RawCell, *, is_date: bool, date_format: str) -> CellText:
        """Return a cell of a column, one of days if ``is_date``, as text; days are written as ``date_format`` says."""
        kind, style, value, is_formula = cell
        if value is None:
            return CellText("", Reason.FORMULA_WITHOUT_VALUE if is_formula else None)
        if kind == "s":
            return CellText(self.texts[int(value)])
        if kind in ("str", "inlineStr"):
            return CellText(unescaped(value))
        if kind == "b":
            return CellText("SANT" if value == "1" else "FALSKT", Reason.UNFIT_CELL)
        if kind == "e":
            return CellText(value, Reason.CELL_ERROR)
        if kind == "d":
            return _day_text(_iso_day(value), value, is_date=is_date, date_format=date_format)
        if style in self.date_styles:
            return _day_text(self._day(value), value, is_date=is_date, date_format=date_format)
        return number_text(value)

    def _day(self, value: str) -> date | None:
        number = _decimal(value)
        days = None if number is None or number != number.to_integral_value() else int(number)
        days = days + SHIFT_1904 if days is not None and self.from_1904 else days
        return (
            date(1899, 12, 30) + timedelta(days) if days is not None and FIRST_CERTAIN_DAY <= days < 2_958_466 else None
        )


def number_text(value: str) -> CellText:
    """Return a number as digits; one with decimals, or with more digits than Excel keeps, cannot be read.

    >>> number_text("200881031234.0").text, number_text("2.5").reason.value
    ('200881031234', 'OGILTIG_CELL')
    """
    number = _decimal(value)
    if number is None or number != number.to_integral_value():
        return CellText(value, Reason.UNFIT_CELL)
    digits = f"{number:.0f}"
    return CellText(digits, Reason.EXCEL_DIGITS_LOST if len(digits.lstrip("-")) > KEPT_DIGITS else None)


def unescaped(text: str) -> str:
    r"""Return a text of a workbook with its escaped signs put back.

    >>> unescaped("a_x000A_b"), unescaped("_x005F_x000A_"), unescaped("_xD800_")
    ('a\nb', '_x000A_', '_xD800_')
    """
    if "_x" not in text:
        return text
    return ESCAPED.sub(
        lambda found: sign if (sign := chr(int(found[1], 16))).isprintable() or sign in "\t\r\n" else found[0], text
    )


def shared_texts(package: zipfile.ZipFile, *, part: str | None) -> list[str]:
    """Return the texts that cells refer to by number: parts of a text with several fonts joined, reading aids left out."""
    texts: list[str] = []
    pieces: list[str] = []
    state = {"in_text": False, "in_aid": False}

    def opened(name: str, _: Attributes) -> None:
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            state["in_aid"] = True
        elif name == "t":
            state["in_text"] = not state["in_aid"]

    def closed(name: str) -> None:
        if name == "si":
            texts.append(unescaped("".join(pieces)))
        elif name == "rPh":
            state["in_aid"] = False
        elif name == "t":
            state["in_text"] = False

    def text(characters: str) -> None:
        if state["in_text"]:
            pieces.append(characters)

    if part is not None:
        with package.open(part) as stream:
            parse(stream, opened=opened, closed=closed, text=text)
    return texts


def date_styles(package: zipfile.ZipFile, *, part: str | None) -> frozenset[str]:
    """Return the numbers of the cell styles that show a number as a day or a time."""
    own: dict[int, str] = {}
    formats: list[int] = []
    inside = {"cellXfs": False}

    def opened(name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            own[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name == "cellXfs":
            inside["cellXfs"] = True
        elif name == "xf" and inside["cellXfs"]:
            formats.append(int(attributes.get("numFmtId", 0)))

    def closed(name: str) -> None:
        inside["cellXfs"] = inside["cellXfs"] and name != "cellXfs"

    if part is not None:
        with package.open(part) as stream:
            parse(stream, opened=opened, closed=closed)
    return frozenset(
        str(place) for place, number in enumerate(formats) if _is_date_format(number, code=own.get(number))
    )


def is_date_code(code: str) -> bool:
    """Return whether a number format shows a day or a time.

    >>> is_date_code("yyyy-mm-dd"), is_date_code('0" dagar"'), is_date_code("[Red]0.00"), is_date_code("[h]:mm")
    (True, False, False, True)
    """
    return SHOWS_TIME.search(NOT_SHOWN.sub("", code.split(";")[0])) is not None


def _is_date_format(number: int, *, code: str | None) -> bool:
    return number in DATE_FORMATS if code is None else is_date_code(code)


def _decimal(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < 400 else None


def _iso_day(value: str) -> date | None:
    day, _, clock = value.partition("T")
    try:
        return date.fromisoformat(day) if not clock.strip("0:.Z") else None
    except ValueError:
        return None


def _day_text(day: date | None, value: str, *, is_date: bool, date_format: str) -> CellText:
    if day is None:
        return CellText(value, Reason.UNFIT_CELL)
    return CellText(day.strftime(date_format)) if is_date else CellText(day.isoformat(), Reason.EXCEL_VALUE_AS_DATE)
