"""Open data: one long CSV per table, and beside it a JSON that says what its columns and codes mean."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Column, Count, Dimension, Share, Text, cell, method_record
from kaa_analysis.disclosure.released import Mark, Released, State
from kaa_analysis.present.formats import HIDDEN_SYMBOLS, round_half_up

FIRST_COLUMNS = ("cell_id", "table", "measure")
LAST_COLUMNS = ("value", "state")

STATE_MEANINGS: dict[State, str] = {
    State.SHOWN: "visas som det är",
    State.ROUNDED: "avrundat",
    State.PROTECTED: "visas inte, för att ingen enskild ska kunna pekas ut",
    State.UNKNOWN: "okänt",
    State.NOT_APPLICABLE: "kan inte förekomma",
}


def write_open_data(released: Sequence[Released], folder: Path) -> list[Path]:
    """Write ``<id>.csv`` and ``<id>.json`` of every table to ``folder`` and return the paths in order.

    The CSV is UTF-8 with comma between fields, decimal point and ``\\n``; its columns are cell_id, table, measure, the table's
    dimensions and texts, value, state. A value that is not shown is empty.

    Raises:
        DisclosureError: a table may not leave the room.
    """
    refuse_inside_room(released)
    folder.mkdir(parents=True, exist_ok=True)
    return [path for table in released for path in (_write_csv(table, folder), _write_metadata(table, folder))]


def refuse_inside_room(released: Iterable[Released]) -> None:
    """Refuse tables that were only made to be looked at inside the room.

    Raises:
        DisclosureError: there is such a table among ``released``.
    """
    inside = [table.id for table in released if table.mark is Mark.INSIDE_ROOM]
    if inside:
        raise DisclosureError(
            "Arbetsmaterial får inte skrivas till filer som lämnar den säkra mappen.",
            found=inside,
            action="låt disclosure.protect släppa resultaten",
        )


def long_rows(table: Released) -> Iterator[dict[str, str]]:
    """Return a record per number of the table, row by row and in the order of its columns.

    The id of a count is that of its cell in the whole release; a share's or estimate's begins with the table's own id, and tells its place
    as a count's does, so that no two reports have the same. A count
    that does not depend on a split (`Count.regardless_of`) is given once, at the split's total, or at nothing if it has none.
    """
    values, states, ids = (
        {name: column.tolist() for name, column in frame.astype(object).items()}
        for frame in (table.values_table, table.states_table, table.cell_ids_table)
    )
    places, texts = table.of_role(Dimension), table.of_role(Text)
    numbers = [column for column in table.columns if not isinstance(column, (Dimension, Text))]
    totals = {column.name: column.total or "" for column in places}
    given: set[str] = set()
    for row in range(len(table.values_table)):
        place = {column.name: _words(values[column.name][row]) for column in (*places, *texts)}
        for column in numbers:
            state = State(states[column.name][row])
            is_count = isinstance(column, Count)
            cell_id = str(ids[column.name][row]) if is_count else _own_id(table, column, place)
            if cell_id in given:
                continue
            given.add(cell_id)
            yield {
                "cell_id": cell_id,
                "table": table.id,
                "measure": _measure(column),
                **place,
                **({name: totals[name] for name in column.regardless_of} if is_count else {}),
                "value": "" if state in HIDDEN_SYMBOLS else _number(values[column.name][row], column),
                "state": str(state),
            }


def metadata(table: Released) -> dict[str, Any]:
    """Return what a reader of the CSV must know: title, note, source, place, columns, codes and states."""
    return {
        "id": table.id,
        "title": table.title,
        "note": table.note,
        "source": table.source,
        "method": method_record(table.method),
        "mark": str(table.mark),
        "context": dict(table.context),
        "released_hash": table.hash,
        "columns": _column_names(table),
        "dimensions": [
            {"name": split.name, "label": split.label, "codes": dict(split.labels), "total": split.total}
            for split in table.of_role(Dimension)
        ],
        "measures": [_measure_record(column) for column in table.columns if not isinstance(column, (Dimension, Text))],
        "texts": [{"name": column.name, "label": column.label} for column in table.of_role(Text)],
        "states": {str(state): meaning for state, meaning in STATE_MEANINGS.items()},
    }


def _write_csv(table: Released, folder: Path) -> Path:
    path = folder / f"{table.id}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=_column_names(table), lineterminator="\n")
        writer.writeheader()
        writer.writerows(long_rows(table))
    return path


def _write_metadata(table: Released, folder: Path) -> Path:
    path = folder / f"{table.id}.json"
    path.write_bytes(json.dumps(metadata(table), ensure_ascii=False, indent=1).encode() + b"\n")
    return path


def _column_names(table: Released) -> list[str]:
    split = [column.name for column in (*table.of_role(Dimension), *table.of_role(Text))]
    return [*FIRST_COLUMNS, *split, *LAST_COLUMNS]


def _measure(column: Column) -> str:
    return column.measure if isinstance(column, Count) else column.name


def _measure_record(column: Column) -> dict[str, Any]:
    record = {"measure": _measure(column), "column": column.name, "label": column.label}
    if isinstance(column, Count):
        record |= {"role": "count", "unit": column.unit, "regardless_of": list(column.regardless_of)}
        return record if column.rounded_to is None else record | {"rounded_to": column.rounded_to}
    record |= {"role": type(column).__name__.lower(), "digits": column.digits}
    if isinstance(column, Share):
        record |= {"numerator": column.numerator, "denominator": column.denominator}
    return record


def _own_id(table: Released, column: Column, place: dict[str, str]) -> str:
    splits: Iterable[Dimension] = table.of_role(Dimension)
    where = {split.name: place[split.name] for split in splits if place[split.name] != split.total}
    return cell(f"{table.id}.{column.name}", **{**table.context, **where}).id


def _words(value: Any) -> str:
    return "" if value is None or value != value else str(value)


def _number(value: Any, column: Column) -> str:
    return str(int(value)) if isinstance(column, Count) else str(round_half_up(value, digits=column.digits))
