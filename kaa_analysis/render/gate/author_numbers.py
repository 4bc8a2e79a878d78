"""What the authors' texts must say in numbers, told anew from the plan and the released cells: it shares no code with what fills them in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kaa_analysis.core.definitions import definition_from_record, tables_showing
from kaa_analysis.core.result import Count, Dimension
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.present.author_slots import author_slot_of, author_title
from kaa_analysis.render.gate.released_lines import LineCell, ReleasedLine, is_proportion, released_lines
from kaa_analysis.render.gate.structural_numbers import MASK, numbers_in, plain, without_forms
from kaa_analysis.render.plan import Plan
from kaa_analysis.render.texts.author_references import Reference, references_in, replaced
from kaa_analysis.render.texts.typed_numbers import without_typed

TIMES = ("period", "year", "lasar", "day")
HIDDEN = "visas inte"

_MARK = re.compile(r"\A(?:#+|-) ")

Cells = Mapping[str, LineCell]


def author_slugs(plan: Plan) -> dict[str, str]:
    """Return where each text of the plan stands, by its name."""
    placed = {author_slot_of(placement.form): placement.slug for placement in plan.placements}
    return {slot: placed[slot] for slot in plan.texts if slot in placed}


def referred_cells(plan: Plan, tables: Mapping[str, Released]) -> dict[str, LineCell]:
    """Return the cell of each reference in the plan's texts by the reference's name; one that names none is left out."""
    found = {}
    for text in plan.texts.values():
        for reference in references_in(text):
            cells = list(_cells(reference, plan, tables))
            known = [cell for cell in cells if cell.known]
            if cells:
                found[reference.name] = (known or cells)[0]
    return found


def block_numbers(text: str, plan: Plan, cells: Cells) -> Iterator[tuple[str, ...] | None]:
    """Give the numbers of each heading, paragraph and point of a text in order; None where a reference names no cell."""
    told = {name: told_text(cell) for name, cell in cells.items()} | dict.fromkeys(plan.merged, HIDDEN)
    for line in text.splitlines():
        if not line.strip():
            continue
        if any(reference.name not in told for reference in references_in(line)):
            yield None
            continue
        words = _MARK.sub("", replaced(line, by=lambda reference: told[reference.name])).replace("*", "")
        yield numbers_in(without_forms(plain(words)))


def told_text(cell: LineCell) -> str:
    """Return what a text says of a cell, as plain characters."""
    if not cell.known:
        return HIDDEN
    said = cell.number + (" %" if is_proportion(cell.column) else "")
    if cell.state is not State.ROUNDED:
        return said
    base = cell.column.rounded_to if isinstance(cell.column, Count) else None
    return f"färre än {(base + 1) // 2}" if base is not None and cell.value == 0 else f"cirka {said}"


def typed_problems(plan: Plan) -> Iterator[str]:
    """Give the name of each text of the plan with a number that may not be typed."""
    for slot, text in plan.texts.items():
        if numbers_in(without_typed(plain(replaced(text, by=lambda _: MASK)))):
            yield slot


def review_rows(plan: Plan, cells: Cells) -> set[tuple[str, ...]]:
    """Return the rows that the page for the reviewer can have about the texts' references, as plain characters."""
    return {
        (plain(author_title(slot)), plain(f"{{{reference.name}}}"), *values)
        for slot, text in plan.texts.items()
        for reference in references_in(text)
        if (values := _seen_and_released(reference, cells.get(reference.name)))
    }


def _seen_and_released(reference: Reference, cell: LineCell | None) -> tuple[str, str]:
    known = cell is not None and cell.known
    return (plain(reference.seen), plain(told_text(cell))) if known else ("", HIDDEN)


def _cells(reference: Reference, plan: Plan, tables: Mapping[str, Released]) -> Iterator[LineCell]:
    definitions = [definition_from_record(record) for record in plan.definitions]
    columns = {name: [column.name for column in table.columns] for name, table in tables.items()}
    shown = tables_showing(definitions, columns)
    of_indicator = {one.id: one.column for one in definitions}
    for name in shown.get(reference.indicator, ()):
        lines = [line for line in released_lines(tables[name]) if _stands_at(line, tables[name], reference)]
        if len(lines) == 1:
            yield lines[0].cells[of_indicator[reference.indicator]]


def _stands_at(line: ReleasedLine, table: Released, reference: Reference) -> bool:
    splits = {split.name: split.total for split in table.of_role(Dimension) if split.name not in TIMES}
    times = [value for name, value in line.place.items() if name in TIMES]
    times = times or [value for name, value in table.context.items() if name in TIMES]
    asked = dict(reference.split)
    if not asked.keys() <= splits.keys():
        return False
    at_period = any(plain(time).casefold() == plain(reference.period).casefold() for time in times)
    return at_period and all(line.place[name] == asked.get(name, total) for name, total in splits.items())
