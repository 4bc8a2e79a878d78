"""The text that must stand at each place of a table: by its headings, never by the order in which some form laid it out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kaa_analysis.core.result import Dimension, Text
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.gate.released_lines import (
    KEPT_TABLES,
    SIGNS,
    LineCell,
    ReleasedLine,
    all_bounds,
    released_lines,
    split_text,
)
from kaa_analysis.render.gate.structural_numbers import KEPT_TEXTS, plain

ACROSS = "sex"
"""The split that can be spread over columns."""

YEARS = "period"
"""The split that can be spread over columns where the table is not split by sex."""

BESIDE = ("district", ACROSS)
"""The splits of a table that can have its measures as rows and both splits over columns."""

INTERVAL = "Intervall (95 %)"
VALUE = "Värde"


@dataclass(frozen=True)
class Heading:
    """Where a cell stands: the label of its row group, its row header, and the column headings above it."""

    group: str
    row: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Placed:
    """What must stand at a place; ``known`` says whether it is a value."""

    text: str
    known: bool


Places = dict[Heading, list[Placed]]
"""The texts at each place. Where headings are alike there are several, in the order of the table."""


def places_of(table: Released) -> Places:
    """Return what must stand at each place of a table, in each of the layouts that a released table can have."""
    found: Places = {}
    for own in _layouts(table):
        found = own | found
    return found


def shapes_of(table: Released) -> frozenset[tuple[int, int]]:
    """Return how many rows, and at most how many columns with values, a table has in each of its layouts."""
    return frozenset((len({(place.group, place.row) for place in own}), _width(own)) for own in _layouts(table))


def _width(own: Places) -> int:
    """Return the number of columns, those with the same headings counted apart."""
    columns = {place.columns: len(placed) for place, placed in own.items()}
    return sum(columns.values())


@lru_cache(maxsize=KEPT_TABLES)
def _layouts(table: Released) -> list[Places]:
    lines, splits = released_lines(table), table.of_role(Dimension)
    sex, period = (next((split for split in splits if split.name == name), None) for name in (ACROSS, YEARS))
    layouts = [_Layout(table, splits, None)] if splits else []
    layouts.append(_Layout(table, [split for split in splits if split is not sex], sex))
    if sex is None and period is not None and len(splits) > 1:
        layouts.append(_Layout(table, [split for split in splits if split is not period], period))
    found = []
    for layout in layouts:
        own: Places = defaultdict(list)
        for heading, placed in layout.places(lines):
            own[heading].append(placed)
        found.append(dict(own))
    if [split.name for split in splits] == list(BESIDE):
        found.append(_beside(table, lines, *splits))
    return found


def _beside(table: Released, lines: Sequence[ReleasedLine], first: Dimension, second: Dimension) -> Places:
    """Return the layout with a row per measure, and both splits over the columns."""
    own: Places = defaultdict(list)
    for line in lines:
        above = tuple(split_text(split, line.place[split.name]) for split in (first, second))
        for label, names, _ in _measures(table):
            own[_heading("", label, above)].append(_placed(line, names))
    return dict(own)


@dataclass(frozen=True)
class _Layout:
    """The splits that make rows, and the one that is spread over columns, if any. Without rows there is a row per measure."""

    table: Released
    rows: list[Dimension]
    across: Dimension | None

    def places(self, lines: Sequence[ReleasedLine]) -> Iterator[tuple[Heading, Placed]]:
        across = self._values(lines)
        by_row: dict[tuple[str, ...], dict[str, ReleasedLine]] = defaultdict(dict)
        for line in lines:
            by_row[tuple(line.place[split.name] for split in self.rows)][self._across(line)] = line
        for place, found in by_row.items():
            for label, names, words in _measures(self.table):
                for value in across[:1] if words else across:
                    yield self._heading(place, label, "" if words else value), _placed(found.get(value), names)

    def _across(self, line: ReleasedLine) -> str:
        return line.place[self.across.name] if self.across is not None else ""

    def _values(self, lines: Sequence[ReleasedLine]) -> list[str]:
        values = list(dict.fromkeys(self._across(line) for line in lines))
        total = self.across.total if self.across is not None else None
        return sorted(values, key=lambda value: value != total)

    def _heading(self, place: tuple[str, ...], label: str, value: str) -> Heading:
        spread = split_text(self.across, value) if self.across is not None and value else ""
        if not self.rows:
            return _heading("", label, (spread or VALUE,))
        texts = [split_text(split, own) for split, own in zip(self.rows, place, strict=True)]
        return _heading(": ".join(texts[:-1]), texts[-1], (label, *([spread] if spread else [])))


def _heading(group: str, row: str, columns: tuple[str, ...]) -> Heading:
    return Heading(joined(group), joined(row), tuple(joined(column) for column in columns))


@lru_cache(maxsize=KEPT_TEXTS)
def joined(text: str) -> str:
    r"""Return a heading as it is compared: without spaces and hyphens, which change where a line is broken.

    >>> joined("Hägersten-\nÄlvsjö"), joined("Intervall (95 %)")
    ('HägerstenÄlvsjö', 'Intervall(95%)')
    """
    return "".join(plain(text).replace("-", "").split())


def _measures(table: Released) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    pairs, of_what = all_bounds(table), ""
    first = next(iter(pairs), None)
    for column in table.columns:
        if isinstance(column, Dimension) or column.name in pairs.values():
            continue
        if column.name in pairs:
            heading = INTERVAL if column.name == first else f"{INTERVAL} för {of_what[0].lower()}{of_what[1:]}"
            yield heading, (column.name, pairs[column.name]), False
        else:
            of_what = column.label
            yield of_what, (column.name,), isinstance(column, Text)


def _placed(line: ReleasedLine | None, names: tuple[str, ...]) -> Placed:
    if line is None:
        return Placed(".", known=False)
    cells = [line.cells[name] for name in names]
    if len(cells) == 1:
        return Placed(plain(cells[0].text), cells[0].known)
    return Placed(plain(interval(*cells)), all(cell.known for cell in cells))


def interval(lower: LineCell, upper: LineCell) -> str:
    """Return two limits as one text; a limit that is not shown hides the whole, and one below zero takes a word between them."""
    hidden = [SIGNS[cell.state] for cell in (lower, upper) if not cell.known]
    if hidden:
        return hidden[0]
    is_below_zero = any(cell.number.startswith("-") for cell in (lower, upper))
    return f"{lower.number}{' till ' if is_below_zero else '-'}{upper.text}"
