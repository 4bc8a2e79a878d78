"""The workbook with every table of a release: numbers as numbers, symbols as text, one tidy sheet per table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Share, Text
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.present.formats import HIDDEN_SYMBOLS, SYMBOLS, digits_shown, is_below_step, is_proportion, value_text
from kaa_analysis.present.notes import METHOD_SUMMARY, method_lines, rounded_text, source_text
from kaa_analysis.render.data_files.open_data import refuse_inside_room
from kaa_analysis.render.document import DRAFT_MARK, DRAFT_WORDS, Document

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FIRST_SHEET = "Läs mig"
LONGEST_NAME = 31
NOTE_WIDTH = 88
UPRIGHT_WIDTH = 105
"""A table wider than so many characters is printed on a page across."""

PAPER_A4 = 9
FONT = "Calibri"
WIDEST = 46
NARROWEST = 10
COUNT_FORMAT = '#,##0;−#,##0;"–"'
ROUNDED_FORMAT = "#,##0;−#,##0;0"

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")

Formats = Mapping[str, "Format"]


def write_workbook(released: Sequence[Released], path: Path, *, document: Document) -> None:
    """Write ``released``, in order, to ``path``; the same tables and document give the same bytes.

    The first sheet tells the document's title and facts, the symbols and the sheets. A hidden, unknown or not applicable cell is its symbol as text; a true zero is the number 0 and is displayed as a dash.

    Raises:
        BundleError: there is no table.
        DisclosureError: a table may not leave the room.
    """
    import xlsxwriter

    if not released:
        raise BundleError("Arbetsboken behöver minst en tabell.")
    refuse_inside_room(released)
    names = sheet_names(released)
    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_numbers": False}) as workbook:
        set_properties(workbook, document, title=document.title)
        formats = formats_of(workbook, released)
        _write_first(workbook.add_worksheet(FIRST_SHEET), released, names, document, formats)
        for table, name in zip(released, names, strict=True):
            _write_table(workbook.add_worksheet(name), table, formats)


def sheet_names(released: Sequence[Released]) -> list[str]:
    """Return a sheet name per table: its number and the first words of its title, at most 31 characters, none twice."""
    return [numbered_name(number, table.title) for number, table in enumerate(released, start=1)]


def numbered_name(number: int, title: str) -> str:
    """Return the number and as many whole words of the title as a sheet's name can hold.

    >>> numbered_name(3, "Från registrerad till stöd, 2024"), numbered_name(4, "Registrerade, nya och avslutade, 2022–2024")
    ('3 Från registrerad till stöd', '4 Registrerade, nya och')
    """
    words = _FORBIDDEN.sub(" ", title).split()
    name = str(number)
    for word in words:
        if len(name) + 1 + len(word) > LONGEST_NAME:
            break
        name = f"{name} {word}"
    return name.rstrip(" ,.–-")


def formats_of(workbook: Workbook, released: Iterable[Released]) -> dict[str, Format]:
    base = {"font_name": FONT, "font_size": 11, "valign": "top"}
    looks: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_size": 14, "valign": "vcenter"},
        "heading": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"},
        "heading_number": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "align": "right"},
        "label": {"bold": True},
        "text": {},
        "wrapped": {"text_wrap": True},
        "note": {"font_color": "#56616b"},
        "draft": {"bold": True, "font_color": "#8a3d00"},
        "link": {"font_color": "#1b5e9b", "underline": 1},
        "symbol": {"align": "right"},
        "count": {"num_format": COUNT_FORMAT, "align": "right"},
        "rounded": {"num_format": ROUNDED_FORMAT, "align": "right"},
    }
    numeric = {column for table in released for column in table.of_role(Share) + table.of_role(Estimate)}
    for code in sorted({_number_format(column) for column in numeric}):
        looks[code] = {"num_format": code, "align": "right"}
    return {name: workbook.add_format(base | look) for name, look in looks.items()}


def _number_format(column: Column) -> str:
    digits = digits_shown(column)
    decimals = f".{'0' * digits}" if digits else ""
    return f"0{decimals} %" if is_proportion(column) else f"#,##0{decimals}"


def _write_first(
    sheet: Worksheet, released: Sequence[Released], names: Sequence[str], document: Document, formats: Formats
) -> None:
    line = front_lines(sheet, document, formats, title=document.title, widths=(30, 62, 18, 34))
    line = section_of_pairs(sheet, line + 1, "Teckenförklaring", SYMBOLS.items(), formats)
    line = section_line(sheet, line + 1, "Blad", formats)
    for table, name in zip(released, names, strict=True):
        sheet.write_url(line, 0, f"internal:'{name}'!A1", formats["link"], name)
        sheet.write_string(line, 1, table.title, formats["wrapped"])
        sheet.write_string(line, 2, _places(table, document), formats["wrapped"])
        sheet.write_string(line, 3, f"data/{table.id}.csv", formats["note"])
        line += 1


def _places(table: Released, document: Document) -> str:
    """Return where the report shows a table: the numbers of its tables and figures."""
    return ", ".join(item.label for item in document.exhibits() if item.released_id == table.id and item.label)


def set_properties(workbook: Workbook, document: Document, *, title: str) -> None:
    """Set what the file tells of itself. Its day is that of the document, so that the bytes are the same whenever it is made."""
    workbook.set_properties(
        {
            "title": title,
            "subject": "Kommunernas aktivitetsansvar",
            "created": datetime.fromisoformat(document.day),
            "status": DRAFT_MARK if document.draft else "",
        }
    )


def front_lines(sheet: Worksheet, document: Document, formats: Formats, *, title: str, widths: Sequence[int]) -> int:
    """Write the title of a first sheet, that it is a draft, and the facts of the document; return the line after."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, formats["text"])
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.write_string(0, 0, title, formats["title"])
    line = 1
    if document.draft:
        sheet.write_string(line, 0, DRAFT_MARK, formats["draft"])
        sheet.write_string(line, 1, DRAFT_WORDS, formats["draft"])
        line += 1
    for label, text in (*document.facts, ("Körning", document.run)):
        line = _pair_line(sheet, line, label, text, formats)
    return line


def section_of_pairs(
    sheet: Worksheet, line: int, heading: str, pairs: Iterable[tuple[str, str]], formats: Formats
) -> int:
    """Write a heading with a line per label and text under it, and return the line after."""
    line = section_line(sheet, line, heading, formats)
    for label, text in pairs:
        line = _pair_line(sheet, line, label, text, formats)
    return line


def section_line(sheet: Worksheet, line: int, heading: str, formats: Formats) -> int:
    """Write a heading, and return the line after."""
    sheet.write_string(line, 0, heading, formats["label"])
    return line + 1


def _pair_line(sheet: Worksheet, line: int, label: str, text: str, formats: Formats) -> int:
    sheet.write_string(line, 0, label, formats["text"])
    sheet.write_string(line, 1, text, formats["wrapped"])
    return line + 1


def _write_table(sheet: Worksheet, table: Released, formats: Formats) -> None:
    texts = (table.note, rounded_text(table), source_text(table) if table.source else "")
    above = [line for text in texts for line in wrap(text, NOTE_WIDTH)]
    sheet.write_string(0, 0, table.title, formats["title"])
    for line, text in enumerate(above, start=1):
        sheet.write_string(line, 0, text, formats["note"])
    head = len(above) + 2
    _write_head(sheet, table, head, formats)
    _write_rows(sheet, table, head + 1, formats)
    _write_method(sheet, table, head + len(table.values) + 2, formats)
    sheet.freeze_panes(head + 1, len(table.of_role(Dimension)))
    sheet.repeat_rows(head)
    if sum(_width(table, column) for column in table.columns) > UPRIGHT_WIDTH:
        sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&Rsida &P (&N)")


def _write_head(sheet: Worksheet, table: Released, head: int, formats: Formats) -> None:
    """Write the headings and declare the range below them a table, so that programs and screen readers know its header row."""
    columns = []
    for place, (column, label) in enumerate(zip(table.columns, different_labels(table.columns), strict=True)):
        numeric = not isinstance(column, (Dimension, Text))
        look = formats["heading_number" if numeric else "heading"]
        sheet.write_string(head, place, label, look)
        sheet.set_column(place, place, _width(table, column), formats["text"])
        columns.append({"header": label, "header_format": look})
    if len(table.values):
        options = {"columns": columns, "autofilter": False, "style": None, "description": table.title}
        sheet.add_table(head, 0, head + len(table.values), len(columns) - 1, options)


def different_labels(columns: Sequence[Column]) -> list[str]:
    """Return the labels: the columns of a table in a workbook have names of their own.

    One that has been met (as the limits of a second interval) says after which new one it stands, and is numbered if that has been met too.
    """
    seen: Counter[str] = Counter()
    labels, new = [], ""
    for column in columns:
        label = column.label
        if seen[label.casefold()]:
            label = f"{label}: {new}"
        else:
            new = label
        seen[label.casefold()] += 1
        number = seen[label.casefold()]
        labels.append(label if number == 1 else f"{label} ({number})")
    return labels


def _write_rows(sheet: Worksheet, table: Released, first: int, formats: Formats) -> None:
    rows = zip(table.values_table.astype(object).to_numpy(), table.states_table.to_numpy(), strict=True)
    for row, (values, states) in enumerate(rows):
        for place, (column, value, state) in enumerate(zip(table.columns, values, states, strict=True)):
            write_cell(sheet, (first + row, place), column, value, State(state), formats)


def _write_method(sheet: Worksheet, table: Released, line: int, formats: Formats) -> None:
    if table.method is None:
        return
    sheet.write_string(line, 0, METHOD_SUMMARY, formats["label"])
    for label, text in method_lines(table.method):
        for part in wrap(f"{label}: {text}", NOTE_WIDTH):
            line += 1
            sheet.write_string(line, 0, part, formats["note"])


def write_cell(
    sheet: Worksheet, at: tuple[int, int], column: Column, value: Any, state: State, formats: Formats
) -> None:
    if isinstance(column, Dimension):
        sheet.write_string(*at, column.text(str(value)), formats["text"])
    elif state in HIDDEN_SYMBOLS:
        sheet.write_string(*at, HIDDEN_SYMBOLS[state], formats["symbol"])
    elif isinstance(column, Text):
        sheet.write_string(*at, str(value), formats["text"])
    elif is_below_step(value, column):
        sheet.write_string(*at, value_text(value, column), formats["symbol"])
    elif isinstance(column, Count):
        sheet.write_number(*at, int(value), formats["rounded" if state is State.ROUNDED else "count"])
    else:
        sheet.write_number(*at, float(value), formats[_number_format(column)])


def _width(table: Released, column: Column) -> int:
    if isinstance(column, Dimension):
        longest = max([len(column.text(str(value))) for value in table.values[column.name]], default=0)
        return min(max(longest, len(column.label)) + 2, WIDEST)
    longest_word = max((len(word) for word in column.label.split()), default=0)
    return max(NARROWEST, longest_word + 3, min(len(column.label) // 2 + 3, 24))
