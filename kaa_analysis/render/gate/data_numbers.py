"""Binding the numbers of data files: each row of a CSV to the cell whose id it names, and each leaf of a JSON to what the store or plan says."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kaa_analysis.core.result import Column, Count, Dimension, Text
from kaa_analysis.disclosure.released import Released
from kaa_analysis.render.gate.binding import Binding
from kaa_analysis.render.gate.blocks import Words
from kaa_analysis.render.gate.expectation import leaves
from kaa_analysis.render.gate.released_lines import LineCell, released_lines
from kaa_analysis.render.gate.structural_numbers import holds_number, numbers_in, plain, without_forms
from kaa_analysis.render.gate.table_reading import CHANGED, UNBOUND
from kaa_analysis.render.gate.unreadable import Unreadable

FOREIGN_ROW = "en rad vars cell inte finns bland de visade på det stället"
TWICE = "en rad som står två gånger"
FILE_NAME = re.compile(r"(?:[a-zåäö0-9_-]+/)*[A-Za-zÅÄÖåäö0-9_-]+\.[a-z0-9]{2,5}", re.IGNORECASE)
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,3}(?:[a-z]+[0-9]{1,3})?")

Row = Mapping[str, str]


def bind_table_csv(content: bytes, table: Released, binding: Binding) -> None:
    """Bind each row of the open data of a table: its cell, its place, its value and its state."""
    reader = csv.DictReader(io.StringIO(_text(content)), strict=True)
    expected = {record["cell_id"]: record for record in expected_rows(table)}
    columns = list(next(iter(expected.values()))) if expected else []
    if list(reader.fieldnames or []) != columns:
        binding.refuse("rubrikraden", CHANGED)
        return
    met: set[str] = set()
    for row in reader:
        place = f"rad {reader.line_num}"
        cell_id = row.get("cell_id") or ""
        if cell_id not in expected:
            binding.refuse(place, FOREIGN_ROW)
        elif cell_id in met:
            binding.refuse(place, TWICE)
        elif dict(row) != expected[cell_id]:
            binding.refuse(place, CHANGED)
        else:
            binding.bound += int(bool(row["value"]))
        met.add(cell_id)
    binding.tables.add(f"csv:{table.id}")


def expected_rows(table: Released) -> Iterator[dict[str, str]]:
    """Give what the open data of a table must say of each of its cells, told from the table alone."""
    splits, texts = table.of_role(Dimension), table.of_role(Text)
    given: set[str] = set()
    for line in released_lines(table):
        for name, cell in line.cells.items():
            if isinstance(cell.column, Text):
                continue
            place = dict(line.place)
            if isinstance(cell.column, Count):
                totals = {split.name: split.total or "" for split in splits}
                place |= {own: totals[own] for own in cell.column.regardless_of}
            cell_id = cell.id if isinstance(cell.column, Count) else _own_id(table, name, place)
            if cell_id in given:
                continue
            given.add(cell_id)
            yield {
                "cell_id": cell_id,
                "table": table.id,
                "measure": cell.column.measure if isinstance(cell.column, Count) else name,
                **{split.name: place[split.name] for split in splits},
                **{text.name: _words(line.cells[text.name]) for text in texts},
                "value": _value(cell.value, cell.column) if cell.known else "",
                "state": str(cell.state),
            }


def _own_id(table: Released, name: str, place: Mapping[str, str]) -> str:
    splits = [split for split in table.of_role(Dimension) if place[split.name] != split.total]
    where = {**table.context, **{split.name: place[split.name] for split in splits}}
    return "|".join([f"{table.id}.{name}", *(f"{split}={where[split]}" for split in sorted(where))])


def _value(value: Any, column: Column) -> str:
    if isinstance(column, Count):
        return str(int(value))
    return str(Decimal(str(value)).quantize(Decimal(1).scaleb(-column.digits), rounding=ROUND_HALF_UP))


def _words(cell: LineCell) -> str:
    return "" if cell.value is None or cell.value != cell.value else str(cell.value)


def bind_equations(content: bytes, kept: bytes, binding: Binding) -> None:
    """Bind the equations: they must be those of the release store, byte for byte; else the lines that are not are told."""
    known = set(kept.splitlines())
    for number, line in enumerate(content.splitlines(), start=1):
        if line not in known:
            binding.refuse(f"rad {number}", FOREIGN_ROW)
        else:
            binding.structural["koefficienter"] += 1


def bind_metadata(content: bytes, table: Released, binding: Binding) -> None:
    """Bind the description of a table's open data: what it says must stand in the table's own record."""
    record = {name: value for name, value in table.as_record().items() if name not in ("values", "states", "cell_ids")}
    known = {plain(text) for text in leaves(record) if any(sign.isalpha() for sign in text)} | {table.hash}
    own = {("measures.digits", str(getattr(column, "digits", ""))) for column in table.columns}
    own |= {("dimensions.codes", value) for split in table.of_role(Dimension) for value in split.labels}
    _bind_leaves(_json(content), lambda place, text: text in known or (place, text) in own, binding)


def bind_manifest(content: bytes, binding: Binding) -> None:
    """Bind a manifest: what it says must stand in the plan, be an exhibit's record, or be a checksum."""
    plan = binding.expected.plan
    known = {(place, plain(text)) for place, text in _placed_leaves(plan.manifest, "")}
    exhibits = {text for shown in binding.expected.exhibits for text in (shown.slug, shown.form, shown.table.id)}
    _bind_leaves(_json(content), lambda place, text: (place, text) in known or text in exhibits, binding)


def bind_store_or_plan(content: bytes, binding: Binding) -> None:
    """Count what the store or plan says: everything else is bound to them, and their own hashes and twin are compared before."""
    binding.structural["lager och plan"] += len(leaves(_json(content)))


def bind_clock(content: bytes, binding: Binding) -> None:
    """Bind the file that has a clock: it holds two moments."""
    for key, value in _object(_json(content)).items():
        if key not in ("started", "finished") or numbers_in(without_forms(plain(str(value)))):
            binding.refuse("", UNBOUND)
        else:
            binding.structural["datum"] += 1


def _bind_leaves(record: Any, known: Callable[[str, str], bool], binding: Binding) -> None:
    for place, value in _placed_leaves(record, ""):
        text = plain(value)
        if not holds_number(text):
            continue
        if known(place, text):
            binding.structural["uppgifter om körningen"] += 1
        elif FILE_NAME.fullmatch(text) or _VERSION.fullmatch(text):
            binding.structural["filnamn och versioner"] += 1
        else:
            binding.words(Words(place or "filen", value))


def _placed_leaves(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Give each leaf with the keys that lead to it; a key that holds a number is a leaf itself and is not part of a place."""
    if isinstance(value, Mapping):
        for key, own in value.items():
            yield place, str(key)
            step = "" if holds_number(str(key)) else str(key)
            yield from _placed_leaves(own, ".".join(part for part in (place, step) if part))
    elif isinstance(value, list):
        for own in value:
            yield from _placed_leaves(own, place)
    else:
        yield place, value if isinstance(value, str) else json.dumps(value)


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable("är inte skriven av kaa report")
    return value


def _json(content: bytes) -> Any:
    try:
        return json.loads(_text(content))
    except ValueError:
        raise Unreadable("är inte JSON") from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("är inte text i UTF-8") from None
