"""Binding the workbook with a sheet per district: each line by its words to the released cells of that district's own tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kaa_analysis.core.result import Column, Dimension, Text
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.area_stores import area_tables
from kaa_analysis.render.gate.binding import Binding
from kaa_analysis.render.gate.placed_cells import ACROSS, joined
from kaa_analysis.render.gate.released_lines import LineCell, released_lines, split_text
from kaa_analysis.render.gate.sheet_numbers import FIRST_SHEET, SheetReading, beside_the_cells
from kaa_analysis.render.gate.structural_numbers import numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import UNBOUND
from kaa_analysis.render.gate.workbook_cells import Sheet, read_workbook

WORDS = ("Tabell", "Uppdelning", "Mått")
BY_SEX = {"Totalt": "all", "Flickor": "female", "Pojkar": "male"}
ALL_TOGETHER = "Alla"
OTHER_HEAD = "en rubrikrad som inte är områdesbladens"
UNKNOWN_AREA = "ett blad som inte är något områdes"

Key = tuple[str, ...]
Lines = dict[Key, Mapping[str, LineCell]]


def bind_area_workbook(content: bytes, binding: Binding, *, bundle: Path) -> None:
    """Bind every number of the workbook to the store of the city or of the district that its sheet is called by.

    Raises:
        Unreadable: it cannot be read.
        DisclosureError: a district's store is not what was written.
    """
    workbook = read_workbook(content)
    areas = area_tables(bundle, of_city=binding.expected.tables)
    names = {sheet.name for sheet in workbook.sheets if sheet.name in areas}
    binding.allowed = frozenset(plain(name) for name in names)
    for sheet in workbook.sheets:
        if sheet.name in areas:
            _bind_area(sheet, areas[sheet.name], binding)
        else:
            if sheet.name != FIRST_SHEET:
                binding.refuse(UNKNOWN_AREA, UNBOUND)
            SheetReading(sheet, binding).bind_texts()
    for words in beside_the_cells(workbook, names, binding):
        binding.words(words)


def _bind_area(sheet: Sheet, tables: Sequence[Released], binding: Binding) -> None:
    """Bind the lines below the head of an area's sheet to the cells of its tables, and whatever else holds a number."""
    reading = SheetReading(sheet, binding, named=True)
    lines = dict(line for table in tables for line in lines_of(table))
    head = next((row for row in sheet.rows if _texts(sheet, row) == [*WORDS, *BY_SEX]), None)
    if head is None:
        binding.refuse(sheet.name, OTHER_HEAD)
    else:
        for row in (row for row in sheet.rows if row > head):
            _bind_line(reading, row, lines)
    binding.tables |= {f"{sheet.name}:{table.id}" for table in tables}
    for table in tables:
        if numbers_in(without_forms(plain(table.title))):
            binding.refuse(sheet.name, UNBOUND)
    reading.bind_texts()


def _bind_line(reading: SheetReading, row: int, lines: Lines) -> None:
    """Bind a line that is about something known, once; the cells of any other are left and refused where they hold a number."""
    key = tuple(joined(text) for text in _texts(reading.sheet, row)[: len(WORDS)])
    line = lines.pop(key, None)
    if line is None:
        return
    reading.done |= {(row, at) for at in range(1, len(WORDS) + 1)}
    for at, sex in enumerate(BY_SEX.values(), start=len(WORDS) + 1):
        if sex in line and (row, at) in reading.sheet.cells:
            reading.done.add((row, at))
            reading.bind_cell((row, at), line[sex])


def _texts(sheet: Sheet, row: int) -> list[str]:
    places = ((row, at) for at in range(1, len(WORDS) + len(BY_SEX) + 1))
    return [sheet.cells[place].text if place in sheet.cells else "" for place in places]


def lines_of(table: Released) -> Iterator[tuple[Key, Mapping[str, LineCell]]]:
    """Give the words that a line about a table must have, as they are compared, with its cells by sex."""
    splits = [split for split in table.of_role(Dimension) if split.name != ACROSS]
    found: dict[str, dict[str, dict[str, LineCell]]] = {}
    labels = _labels(table)
    for line in released_lines(table):
        place = ": ".join(split_text(split, line.place[split.name]) for split in splits) or ALL_TOGETHER
        for name, cell in line.cells.items():
            if name in labels:
                by_sex = found.setdefault(place, {}).setdefault(name, {})
                by_sex[line.place.get(ACROSS, "all")] = cell
    for place, measures in found.items():
        for name, cells in measures.items():
            yield (joined(table.title), joined(place), joined(labels[name])), cells


def _labels(table: Released) -> dict[str, str]:
    """Return the label of each measure by its name; the second of two alike is numbered."""
    met: Counter[str] = Counter()
    found = {}
    for column in table.columns:
        if _is_measure(column):
            met[column.label.casefold()] += 1
            number = met[column.label.casefold()]
            found[column.name] = column.label if number == 1 else f"{column.label} ({number})"
    return found


def _is_measure(column: Column) -> bool:
    return not isinstance(column, (Dimension, Text))
