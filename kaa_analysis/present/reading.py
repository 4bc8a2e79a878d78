"""Reading released cells by where they stand: a row's values with their states, and the rows that stand at totals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.geography import district_located
from kaa_analysis.core.periods import spanned
from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Share
from kaa_analysis.disclosure.released import Released, State
from kaa_analysis.present.formats import ABOUT, HIDDEN_SYMBOLS, cell_text, number, value_text


@dataclass(frozen=True)
class Point:
    """One released cell: its value (None when it has none), its state and its column."""

    value: Any
    state: State
    column: Column

    @property
    def known(self) -> bool:
        """Whether there is a value to show."""
        return self.state not in HIDDEN_SYMBOLS

    @property
    def table_text(self) -> str:
        """The cell as written in a table: a value or a symbol."""
        return cell_text(self.value, self.state, self.column)

    @property
    def prose(self) -> str:
        """The cell as written in running text; only for a known value. A rounded one is said to be so.

        >>> column = Count("n", "Antal", measure="exits", rounded_to=10)
        >>> Point(120, State.ROUNDED, column).prose, Point(0, State.ROUNDED, column).prose, Point(120, State.SHOWN, column).prose
        ('cirka 120', 'färre än 5', '120')
        """
        if self.state is not State.ROUNDED:
            return value_text(self.value, self.column)
        if isinstance(self.column, Count) and self.value == 0 and self.column.rounded_to is not None:
            return f"färre än {number((self.column.rounded_to + 1) // 2)}"
        return f"{ABOUT} {value_text(self.value, self.column)}"


@dataclass(frozen=True)
class Row:
    """A row of a released table: ``place`` maps each dimension to its value, ``points`` each other column to its cell."""

    place: Mapping[str, str]
    points: Mapping[str, Point]

    def point(self, name: str) -> Point:
        """Return the cell of the column called ``name``.

        Raises:
            DefinitionError: the table has no such column.
        """
        if name not in self.points:
            raise DefinitionError(
                f'Formen behöver kolumnen "{name}"{did_you_mean(name, self.points)}.',
                found=f"kolumner: {', '.join(self.points)}",
            )
        return self.points[name]


def rows(released: Released) -> list[Row]:
    """Return every row of a released table, in order."""
    return list(released.answers.answer("rows", lambda: _read_rows(released)))


def _read_rows(released: Released) -> list[Row]:
    dimensions = [dimension.name for dimension in released.of_role(Dimension)]
    others = [column for column in released.columns if column.name not in dimensions]
    return [
        Row(
            place={name: str(record[name]) for name in dimensions},
            points={column.name: _point(record[column.name], states[column.name], column) for column in others},
        )
        for record, states in _records(released)
    ]


def _records(released: Released) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    values = released.values.astype(object).to_dict("records")
    states = released.states.astype(object).to_dict("records")
    yield from zip(values, states, strict=True)


def _point(value: Any, state: str, column: Column) -> Point:
    state = State(state)
    return Point(None if state in HIDDEN_SYMBOLS else value, state, column)


def rows_at_totals(released: Released, *, keep: Collection[str] = (), **fixed: str) -> list[Row]:
    """Return the rows where every dimension stands at its total, but for those in ``keep`` and those ``fixed`` at a value."""
    totals = {
        dimension.name: dimension.total
        for dimension in released.of_role(Dimension)
        if dimension.total is not None and dimension.name not in keep
    }
    wanted = totals | fixed
    return [row for row in rows(released) if all(row.place.get(name) == value for name, value in wanted.items())]


def dimension_named(released: Released, *names: str) -> Dimension:
    """Return the first dimension called one of ``names``.

    Raises:
        DefinitionError: the table is not split by any of them.
    """
    found = [dimension for name in names for dimension in released.of_role(Dimension) if dimension.name == name]
    if not found:
        splits = ", ".join(dimension.name for dimension in released.of_role(Dimension))
        raise DefinitionError(
            f"Formen behöver en tabell som är delad på {' eller '.join(names)}.",
            found=f'"{released.id}" är delad på: {splits or "ingenting"}',
        )
    return found[0]


def column_named(released: Released, *names: str) -> Column:
    """Return the first column called one of ``names``.

    Raises:
        DefinitionError: the table has none of them.
    """
    found = [column for name in names for column in released.columns if column.name == name]
    if not found:
        raise DefinitionError(
            f"Formen behöver kolumnen {' eller '.join(names)}.",
            found=f'"{released.id}" har: {", ".join(column.name for column in released.columns)}',
        )
    return found[0]


DISTRICT = "district"
TIME_DIMENSIONS = ("period", "year", "lasar", "day")


def latest(released: Released, found: Collection[Row], *, keep: Collection[str] = ()) -> list[Row]:
    """Return those of ``found`` that stand at the latest value of each dimension of time that is not in ``keep``.

    Values of time are written so that they sort in order (2023, 2024 or ISO days).
    """
    chosen = list(found)
    for dimension in released.of_role(Dimension):
        if dimension.name in TIME_DIMENSIONS and dimension.name not in keep and chosen:
            last = max(row.place[dimension.name] for row in chosen)
            chosen = [row for row in chosen if row.place[dimension.name] == last]
    return chosen


def latest_note(released: Released) -> str:
    """Return a sentence that names the time a figure of the latest shows, empty where there is only one."""
    times = _times(released)
    return f"Figuren visar {times[-1]}." if times else ""


def located(released: Released) -> str:
    """Return the words that follow a noun in a table on one district: " i Järva", nothing for the whole municipality."""
    district = released.context.get(DISTRICT)
    return f" {district_located()[district]}" if district else ""


def latest_title(released: Released) -> str:
    """Return the title with the latest time in place of the whole series, where it names the series (2022–2024)."""
    times = _times(released)
    return released.title.replace(spanned(times[0], times[-1]), times[-1]) if times else released.title


def _times(released: Released) -> list[str]:
    """Return the texts of the times a table is split by, in order; empty where there is only one."""
    for dimension in released.of_role(Dimension):
        values = sorted({row.place[dimension.name] for row in rows(released)})
        if dimension.name in TIME_DIMENSIONS and len(values) > 1:
            return [dimension.text(value) for value in values]
    return []


def main_dimension(released: Released) -> Dimension:
    """Return the dimension a figure is drawn along: the first that is neither sex nor time, else time, else sex.

    Raises:
        DefinitionError: the table is not split at all.
    """
    dimensions = released.of_role(Dimension)
    if not dimensions:
        raise DefinitionError(f'Figuren behöver en delad tabell, men "{released.id}" är inte delad på något.')
    return min(dimensions, key=lambda dimension: (dimension.name == "sex", dimension.name in TIME_DIMENSIONS))


def number_columns(released: Released) -> list[Column]:
    """Return the columns a figure can draw: counts first, then shares and estimates.

    Raises:
        DefinitionError: the table has none.
    """
    found = [*released.of_role(Count), *released.of_role(Share), *released.of_role(Estimate)]
    if not found:
        raise DefinitionError(f'Figuren behöver tal att rita, men "{released.id}" har inga.')
    return found
