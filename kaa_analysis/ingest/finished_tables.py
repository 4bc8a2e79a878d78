"""Finished tables of other units: numbers told as they are, with unit, period, source and contact. They are no part of the register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from kaa_analysis.core.boundary import boundary
from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder, secure_folder
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.convert import IDENTITY_LIKE
from kaa_analysis.ingest.expected_columns import TEXT, ExpectedColumns
from kaa_analysis.ingest.extract import Extract, open_extract
from kaa_analysis.ingest.files.csv_file import read_csv_file
from kaa_analysis.ingest.layout import FinishedLayout
from kaa_analysis.ingest.layout_files import read_finished_layout

NUMBER = re.compile(r"-?[0-9]{1,12}(?:[.,][0-9]{1,6})?")
TABLE_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
FACTS = ("title", "unit", "period", "source", "contact")
"""What is told once of a table: the same in all its rows."""


@dataclass(frozen=True)
class FinishedCell:
    """One number of a finished table, exactly as it was told."""

    row: str
    column: str
    value: Decimal


@dataclass(frozen=True)
class FinishedTable:
    """A table made by another unit, its cells in the order of the file. ``contact`` is the unit that answers for it."""

    id: str
    title: str
    unit: str
    period: str
    source: str
    contact: str
    cells: tuple[FinishedCell, ...]


def read_finished_tables(name: str, *, secure: SecureFolder | None = None) -> tuple[FinishedTable, ...]:
    """Return the finished tables of the extract called ``name``, in the order of the file. Nothing is added up, rounded or left out.

    The extract is one of finished tables, or a register's with finished tables beside it.

    Raises:
        ExtractError: there is no such extract, its file is not what the layout says, a value is no number, something that must be told is missing, a
            cell stands twice, a table has two sources, or a text could hold an identity; every kind is told with its number of rows.
        ParameterError: the extract is of another layout.
        SecureFolderError: the secure folder is missing or open to others.
    """
    secure = secure or secure_folder()
    with boundary("Inläsningen av färdiga tabeller", log_folder=secure.logs):
        extract = open_extract(name, secure=secure)
        layout = read_finished_layout(next(iter(extract.finished_layouts), extract.layout))
        rows = _rows(extract, layout=layout)
        problems = _problems(rows, sources=layout.columns)
        if problems:
            raise _error(extract, problems)
        return tuple(_table(table_id, cells) for table_id, cells in rows.groupby("table_id", sort=False))


def _rows(extract: Extract, *, layout: FinishedLayout) -> pd.DataFrame:
    names = [path.name for path in extract.files]
    if extract.layout == layout.name and names != [layout.file]:
        raise _error(extract, [f"{layout.file} ska vara den enda filen; uttaget har {wording.files(len(names))}"])
    if layout.file not in names:
        raise _error(extract, [f"{layout.file}: filen saknas"])
    columns = tuple(layout.columns.values())
    expected = ExpectedColumns(columns, columns, expected=dict.fromkeys(columns, TEXT))
    reading = read_csv_file(extract.folder / layout.file, name=layout.file, columns=expected, form=layout)
    if reading.file is None:
        raise _error(extract, [f"{layout.file}: {problem}" for problem in reading.problems])
    rows = reading.file.rows.astype(str)  # texts that repeat are read as categories
    return rows.rename(columns={source: field for field, source in layout.columns.items()})


def _problems(rows: pd.DataFrame, *, sources: Mapping[str, str]) -> list[str]:
    found = []
    for field, source in sources.items():
        text = rows[field]
        found.append((f"{source} saknas", text.str.strip() == ""))
        found.append(
            (f"{source} ser ut att innehålla ett personnummer", text.map(lambda told: bool(IDENTITY_LIKE.search(told))))
        )
    told = rows["value"] != ""
    found.append((f"{sources['value']} är inget tal", told & ~rows["value"].map(_matches(NUMBER))))
    named = rows["table_id"] != ""
    found.append(
        (
            f"{sources['table_id']} ska vara små bokstäver a–z, siffror och understreck",
            named & ~rows["table_id"].map(_matches(TABLE_ID)),
        )
    )
    found.append(("samma cell står flera gånger", rows.duplicated(["table_id", "row", "column"], keep=False)))
    for field in FACTS:
        n_told = rows.groupby("table_id")[field].transform("nunique")
        found.append((f"{sources[field]} är inte samma i hela tabellen", n_told > 1))
    problems = [f"{what} – {wording.rows(int(where.sum()))}" for what, where in found if where.any()]
    return problems if len(rows) else ["filen har inga rader"]


def _matches(pattern: re.Pattern[str]):
    return lambda told: bool(pattern.fullmatch(told))


def _table(table_id: str, cells: pd.DataFrame) -> FinishedTable:
    facts = {field: cells[field].iloc[0] for field in FACTS}
    told = tuple(
        FinishedCell(row, column, Decimal(value.replace(",", ".")))
        for row, column, value in zip(cells["row"], cells["column"], cells["value"], strict=True)
    )
    return FinishedTable(id=table_id, cells=told, **facts)


def _error(extract: Extract, problems: Sequence[str]) -> ExtractError:
    return ExtractError(
        f'Uttaget "{extract.name}" ska ha färdiga tabeller i den form som layouten anger.',
        found=problems,
        action="be avsändaren rätta filen och hämta in den under ett nytt namn; ett uttag ändras aldrig",
    )
