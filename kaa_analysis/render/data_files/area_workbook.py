"""The workbook with a sheet for the city and one for each of its districts: every cell of their reports, one line per measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.errors import BundleError
from kaa_analysis.core.result import Column, Dimension, Text
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.present.formats import SYMBOLS
from kaa_analysis.present.grid import GROUP_JOINT, SPREAD, dimension_text
from kaa_analysis.render.data_files.open_data import refuse_inside_room
from kaa_analysis.render.data_files.workbook import (
    FIRST_SHEET,
    PAPER_A4,
    different_labels,
    formats_of,
    front_lines,
    section_line,
    section_of_pairs,
    set_properties,
    write_cell,
)
from kaa_analysis.render.document import Document

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

    from kaa_analysis.render.data_files.workbook import Formats

WORDS = ("Tabell", "Uppdelning", "Mått")
SEXES = {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}
WIDTHS = (58, 40, 36, 11, 11, 11)
UNDIVIDED = "Alla"
HEAD = 1
HOW_TO_READ = (
    ("Rader", "En rad per tabell, uppdelning och mått. Uppdelningen är till exempel perioden och orsaken."),
    ("Kolumner", "En tabell som inte är delad på kön har bara tal under Totalt."),
    ("Områdenas blad", "De tabeller som gäller området. Tabeller som gäller hela staden står bara på stadens blad."),
    ("Samma tal", "Varje tal är detsamma som i rapporten om staden eller området. Hur det är räknat står där."),
)


@dataclass(frozen=True)
class Line:
    """A line of a sheet: the three texts that say what it is about, its column, and its value and state by sex."""

    words: tuple[str, str, str]
    column: Column
    cells: Mapping[str, tuple[Any, State]]


def write_area_workbook(areas: Mapping[str, Sequence[Released]], path: Path, *, document: Document) -> None:
    """Write a sheet per area, called by its name, with the cells of its tables; the same tables and document give the same bytes.

    Raises:
        BundleError: there is no area, or one without a table.
        DisclosureError: a table may not leave the room.
    """
    import xlsxwriter

    if not areas or not all(areas.values()):
        raise BundleError("Arbetsboken med områden behöver minst ett område, och minst en tabell om vart och ett.")
    tables = [table for own in areas.values() for table in own]
    refuse_inside_room(tables)
    with xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_numbers": False}) as workbook:
        set_properties(workbook, document, title=_title(document))
        formats = formats_of(workbook, tables)
        _write_first(workbook.add_worksheet(FIRST_SHEET), list(areas), document, formats)
        for name, own in areas.items():
            _write_area(workbook.add_worksheet(name), name, own, document, formats)


def lines_of(table: Released) -> Iterator[Line]:
    """Give a line per combination of the splits but sex, and per measure, in the order of the table."""
    splits = table.of_role(Dimension)
    others = [split for split in splits if split.name != SPREAD]
    measures = [column for column in table.columns if not isinstance(column, (Dimension, Text))]
    found: dict[tuple[str, ...], dict[str, int]] = {}
    values, states = (frame.astype(object).to_dict("list") for frame in (table.values_table, table.states_table))
    for row in range(len(table.values_table)):
        sex = str(values[SPREAD][row]) if len(others) < len(splits) else "all"
        found.setdefault(tuple(str(values[split.name][row]) for split in others), {})[sex] = row
    for place, by_sex in found.items():
        divided = GROUP_JOINT.join(dimension_text(*pair) for pair in zip(others, place, strict=True)) or UNDIVIDED
        for column, label in zip(measures, different_labels(measures), strict=True):
            cells = {sex: (values[column.name][row], State(states[column.name][row])) for sex, row in by_sex.items()}
            yield Line((table.title, divided, label), column, cells)


def _title(document: Document) -> str:
    return f"{document.title} – staden och områdena"


def _write_first(sheet: Worksheet, names: Sequence[str], document: Document, formats: Formats) -> None:
    line = front_lines(sheet, document, formats, title=_title(document), widths=(30, 90))
    line = section_of_pairs(sheet, line + 1, "Så läser du bladen", HOW_TO_READ, formats)
    line = section_of_pairs(sheet, line + 1, "Teckenförklaring", SYMBOLS.items(), formats)
    line = section_line(sheet, line + 1, "Blad", formats)
    for row, name in enumerate(names, start=line):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)


def _write_area(sheet: Worksheet, name: str, tables: Sequence[Released], document: Document, formats: Formats) -> None:
    lines = [line for table in tables for line in lines_of(table)]
    sheet.write_string(0, 0, f"{document.title} – {name}", formats["title"])
    columns = []
    for place, (label, width) in enumerate(zip((*WORDS, *SEXES.values()), WIDTHS, strict=True)):
        look = formats["heading" if place < len(WORDS) else "heading_number"]
        sheet.write_string(HEAD, place, label, look)
        sheet.set_column(place, place, width, formats["text"])
        columns.append({"header": label, "header_format": look})
    for row, line in enumerate(lines, start=HEAD + 1):
        for place, text in enumerate(line.words):
            sheet.write_string(row, place, text, formats["text"])
        for place, sex in enumerate(SEXES, start=len(WORDS)):
            if sex in line.cells:
                write_cell(sheet, (row, place), line.column, *line.cells[sex], formats)
    options = {"columns": columns, "style": None, "description": f"{document.title} – {name}"}
    sheet.add_table(HEAD, 0, HEAD + len(lines), len(columns) - 1, options)
    sheet.freeze_panes(HEAD + 1, len(WORDS))
    sheet.repeat_rows(HEAD)
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&Rsida &P (&N)")
