"""Workbooks and Parquet files: writers of the mutants' tables, and readers that share nothing with ingest but, for Parquet, the engine."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import isinf
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import duckdb
import pandas as pd
import xlsxwriter

NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WHOLE = re.compile(r"0|[1-9][0-9]{0,14}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"

Lines = list[list[str]]


def workbook_bytes(lines: Lines, *, typed: bool) -> bytes:
    """Return the lines as a workbook: all texts, or whole numbers and days as such if ``typed``."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001
        sheet, as_day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, line in enumerate(lines):
            for place, value in enumerate(line):
                held = _typed(value) if typed and number else value
                if isinstance(held, date):
                    sheet.write_datetime(number, place, held, as_day)
                elif isinstance(held, int):
                    sheet.write_number(number, place, held)
                elif held:
                    sheet.write_string(number, place, held)
    return target.getvalue()


def parquet_bytes(lines: Lines) -> bytes:
    """Return the lines as a Parquet file of texts; rows are cut or filled to the header, whose names are made different."""
    header, *rows = lines
    names: list[str] = []
    for place, name in enumerate(header):
        taken = {other.lower() for other in names}
        names.append(name if name and name.lower() not in taken else f"{name}_{place}")
    filled = [[value or None for value in [*row, *[""] * len(names)][: len(names)]] for row in rows]
    frame = pd.DataFrame(filled, columns=names, dtype="string")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        _engine().register("frame", frame)
        _engine().execute(f"COPY (SELECT * FROM frame) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


def repacked(content: bytes, change, draw: Random, *, part: str | None = None) -> bytes:
    """Return the package with one part changed (any if None, oftenest the sheet); what is no package is changed whole."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except zipfile.BadZipFile:
        return change(content, draw)
    chosen = part or draw.choice([SHEET, SHEET, TEXTS, *parts])
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, held in parts.items():
            changed = change(held, draw) if name == chosen else held
            package.writestr(zipfile.ZipInfo(name), changed, compress_type=zipfile.ZIP_DEFLATED)
    return target.getvalue()


def workbook_lines(content: bytes) -> Lines:
    """Return the filled rows of a workbook as text; an empty row leaves none."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        items = ElementTree.fromstring(package.read(TEXTS)) if TEXTS in package.namelist() else ()
        texts = ["".join(text.text or "" for text in item.iter(f"{NAMESPACE}t")) for item in items]
        rows = [_cells(row, texts) for row in ElementTree.fromstring(package.read(SHEET)).iter(f"{NAMESPACE}row")]
    width = max((max(row, default=-1) for row in rows), default=-1) + 1
    return [[row.get(place, "") for place in range(width)] for row in rows if any(row.values())]


def parquet_lines(content: bytes) -> Lines:
    """Return header and rows of a Parquet file as text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.parquet"
        path.write_bytes(content)
        found = _engine().execute("SELECT * FROM read_parquet(?)", [str(path)])
        header = [name for name, *_ in found.description]
        return [header, *([("" if value is None else str(value)) for value in row] for row in found.fetchall())]


def _typed(value: str) -> str | int | date:
    if WHOLE.fullmatch(value):
        return int(value)
    with suppress(ValueError):
        if DAY.fullmatch(value) and value >= "1900-03-01":
            return date.fromisoformat(value)
    return value


def _cells(row: ElementTree.Element, texts: list[str]) -> dict[int, str]:
    cells: dict[int, str] = {}
    place = -1
    for cell in row:
        letters = cell.get("r", "").rstrip("0123456789")
        place = place + 1 if "r" not in cell.attrib else _place(letters)
        cells[place] = _shown(cell, texts)
    return cells


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter.upper()) - 64
    return place - 1


def _shown(cell: ElementTree.Element, texts: list[str]) -> str:
    kind, value = cell.get("t", "n"), cell.findtext(f"{NAMESPACE}v") or ""
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{NAMESPACE}t"))
    if value == "" and cell.find(f"{NAMESPACE}f") is not None and kind != "str":
        return " "
    if kind == "s" and value:
        return texts[int(value)]
    if kind == "b" and value:
        return "SANT" if int(value) else "FALSKT"
    if kind != "n" or not value:
        return value
    if cell.get("s", "0") != "0" and WHOLE.fullmatch(value) and 61 <= int(value) < 2_958_466:
        return (date(1899, 12, 30) + timedelta(int(value))).isoformat()
    number = Decimal(value)
    if isinf(float(value)):  # more than a number of a sheet can be
        return str(float(value))
    return f"{number:.0f}" if number == number.to_integral_value() else str(float(value))


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})
