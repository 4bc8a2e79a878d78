"""Printed tables as an attacker reads them: the roles of their columns, what each cell says, and the ids of the counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from kaa_analysis.core.result import Column, Count, Dimension, Share
from kaa_analysis.disclosure.attack.publication import (
    PROTECTED,
    ROUNDED,
    SHOWN,
    UNKNOWN,
    Pair,
    Publication,
    SeenCell,
    Terms,
    id_of,
    merged,
    place_of,
)


@dataclass(frozen=True, eq=False)
class Printed:
    """A table: ``numbers``, ``states`` (words) by row and column, ``ids`` by row and count column."""

    name: str
    columns: tuple[Column, ...]
    numbers: pd.DataFrame
    states: pd.DataFrame
    ids: pd.DataFrame

    def of_role(self, role: type[Column]) -> list[Column]:
        """Return the columns of one role, in order."""
        return [column for column in self.columns if isinstance(column, role)]


def publication_of(
    tables: Sequence[Printed], *, equations: Iterable[Terms], rounding_base: int | None = None
) -> Publication:
    """Return what is published in some tables, with declared equations among their cells (and cells of no table).

    Raises:
        DisclosureError: a cell is printed with two values.
    """
    cells = merged(cell for table in tables for cell in _cells(table, rounding_base))
    return Publication(
        cells,
        equations=tuple(equations),
        sums=tuple(sum_ for table in tables for sum_ in _sums(table) if _is_whole(sum_, cells)),
        shares=tuple(pair for table in tables for pair in _shares(table)),
        cumulative=frozenset(count.measure for table in tables for count in table.of_role(Count) if count.cumulative),
    )


def _cells(table: Printed, base: int | None) -> Iterator[SeenCell]:
    for count in table.of_role(Count):
        columns = (table.ids[count.name], table.states[count.name], table.numbers[count.name])
        for cell_id, state, value in zip(*columns, strict=True):
            known = state in (SHOWN, ROUNDED) and not pd.isna(value)
            yield SeenCell(
                cell_id,
                state if known or state == PROTECTED else UNKNOWN,
                int(value) if known else None,
                count.unit,
                (count.rounded_to or base) if state == ROUNDED else None,
                (table.name,),
            )


def _sums(table: Printed) -> Iterator[Terms]:
    """Every total over a split that adds up: in the table itself, or the cell that another table would print."""
    for dimension in table.of_role(Dimension):
        for count in table.of_role(Count):
            if not dimension.additive or dimension.name in count.regardless_of:
                continue
            parts: dict[str, dict[str, None]] = {}
            for cell_id in table.ids[count.name]:
                place = place_of(cell_id)
                if dimension.name in place:
                    del place[dimension.name]
                    parts.setdefault(id_of(count.measure, place), {})[cell_id] = None
            for whole, cell_ids in parts.items():
                yield ((-1, whole), *((1, cell_id) for cell_id in cell_ids))


def _is_whole(terms: Terms, cells: dict[str, SeenCell]) -> bool:
    return terms[0][1] in cells


def _shares(table: Printed) -> Iterator[Pair]:
    for share in table.of_role(Share):
        yield from zip(table.ids[share.numerator], table.ids[share.denominator], strict=True)
