"""The same table as CSV, workbook and Parquet, for measuring what reading each of them costs."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import xlsxwriter


def written_as(source: Path, *, suffix: str, folder: Path) -> Path:
    """Return the file at ``source`` (CSV with semicolons) in the format of ``suffix``, every value a text; written once."""
    if suffix == source.suffix:
        return source
    path = folder / f"{source.stem}{suffix}"
    if not path.exists():
        _WRITERS[suffix](source, path)
    return path


def _workbook(source: Path, path: Path) -> None:
    with (
        source.open(encoding="utf-8", newline="") as stream,
        xlsxwriter.Workbook(path, {"constant_memory": True}) as book,
    ):
        sheet = book.add_worksheet()
        for number, row in enumerate(csv.reader(stream, delimiter=";")):
            for place in [place for place, value in enumerate(row) if value]:
                sheet.write_string(number, place, row[place])


def _parquet(source: Path, path: Path) -> None:
    rows = duckdb.read_csv(str(source), delimiter=";", all_varchar=True, connection=duckdb.connect())
    rows.write_parquet(str(path))


_WRITERS = {".xlsx": _workbook, ".parquet": _parquet}
