"""Binding the rows of the page of differences: each to one cell of the two releases, by what it says before and what it says after.

A cell is the same in two releases by its key, whatever table, place and measure it is called by in each: a run can have been made
with other columns, measures or splits than the one before. How its values are written is told anew here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from kaa_analysis.core.result import Text
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.data_files.open_data import STATE_MEANINGS
from kaa_analysis.render.difference.cells import ABSENT, Pair, Reading, paired
from kaa_analysis.render.gate.binding import Binding
from kaa_analysis.render.gate.blocks import TableBlock, Words
from kaa_analysis.render.gate.released_lines import LineCell
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND

DIFFERENT_CELLS = "skillnad-celler-"
TABLE, PLACE, MEASURE = "Tabell", "Plats", "Mått"
BEFORE, AFTER = "Före", "Efter"
NAMES_OF_CELLS = "platser och mått i jämförelsen"

Name = tuple[str, str, str]
"""What a row calls its cell: the id or the title of its table, its place and its measure."""

Writings = tuple[str, ...]
"""What a row can write before and after."""

ToldPairs = Mapping[Name, Sequence[Writings]]


def told_pairs(before: Sequence[Released], after: Sequence[Released]) -> dict[Name, list[Writings]]:
    """Return what can be written of each cell of two releases, by its name; several cells can have the same name."""
    found: dict[Name, list[Writings]] = {}
    for pair in paired(before, after).values():
        told = pair[1] or pair[0]
        for table in (told.table, plain(told.title)):
            name = table, plain(told.place), plain(told.column.label)
            found.setdefault(name, []).extend(_writings(pair))
    return found


def bind_differences(block: TableBlock, binding: Binding, pairs: ToldPairs) -> None:
    """Bind the rows about cells to a cell each, and every other text of a table of the page to what may stand there."""
    heads = [plain(cell.text) for row in block.head for cell in row]
    for row in block.head:
        for cell in row:
            binding.words(Words(block.slug or block.place, cell.text))
    for number, row in enumerate(block.body, start=1):
        place = f"{block.slug or block.place}, rad {number}"
        texts = [plain(cell.text) for cell in row]
        own = dict(zip(heads, texts, strict=False))
        if len(heads) == len(texts) == len(own) and {PLACE, MEASURE, BEFORE, AFTER} <= own.keys():
            _bind_row(own, _pairs_of(own, block, pairs), place, binding)
            texts = [text for head, text in own.items() if head not in (PLACE, MEASURE, BEFORE, AFTER)]
        for text in texts:
            binding.words(Words(place, text))


def _pairs_of(own: Mapping[str, str], block: TableBlock, pairs: ToldPairs) -> Sequence[Writings]:
    if block.slug.startswith(DIFFERENT_CELLS):
        table = block.slug.removeprefix(DIFFERENT_CELLS)
    else:
        table = own.get(TABLE) or plain(block.title)
    return pairs.get((table, own[PLACE], own[MEASURE]), ())


def _bind_row(own: Mapping[str, str], pairs: Sequence[Writings], place: str, binding: Binding) -> None:
    said = own[BEFORE], own[AFTER]
    if said in pairs:
        binding.bound += sum(holds_number(text) for text in said)
        _count_names((own[PLACE], own[MEASURE]), binding)
        return
    n_wrong = min((_wrong_sides(said, pair) for pair in pairs), default=len(said))
    for _ in range(n_wrong):
        binding.refuse(place, CHANGED if pairs else UNBOUND)


def _count_names(names: Iterable[str], binding: Binding) -> None:
    for name in names:
        if numbers_in(without_forms(name, counts=binding.structural)):
            binding.structural[NAMES_OF_CELLS] += 1


def _wrong_sides(said: Writings, pair: Writings) -> int:
    return sum(text != expected for text, expected in zip(said, pair, strict=True))


def _writings(pair: Pair) -> Iterator[Writings]:
    """Give what can be written before and after; where both sides read alike each can tell its state too."""
    bare = tuple(ABSENT if reading is None else _text(reading) for reading in pair)
    yield bare
    if bare[0] == bare[1] and None not in pair:
        yield tuple(f"{_text(reading)} ({_state(reading)})" for reading in pair)


def _text(reading: Reading) -> str:
    value = reading.value if isinstance(reading.column, Text) else Decimal(reading.value) if reading.value else None
    return plain(LineCell(reading.column, value, reading.state, "").text)


def _state(reading: Reading) -> str:
    return plain(STATE_MEANINGS[reading.state] + (f", {reading.value}" if reading.value else ""))
