"""A delivered file as text, the same whatever format it came in: what its header must hold, what is discarded, what was spoiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.column_names import sensitive_kind, shown_together, unneeded_kind
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.problem_table import no_problems
from kaa_analysis.ingest.spoiled_cells import n_misread_letters, spoiled_cells, suspect_values, without_trailing_spaces

PRESENT, ABSENT = "finns", "saknas"
NO_HEADER = "rubrikraden saknas: inget av fälten på första raden är en kolumn som layouten känner"


@dataclass(frozen=True, eq=False)
class RawFile:
    """A delivered file as text. ``rows`` holds coded text, an empty one = missing; its index RAD is the line of the file or the row of the sheet.

    ``name`` is the layout's. ``discarded`` are the Swedish words for the kinds of columns that were there but lawfully unneeded; none
    of them is in ``rows``. ``told`` are sentences about how the file was read, without any value. ``problems`` has a row per cell that was
    spoiled before anything was converted: RAD, column, reason.
    """

    name: str
    rows: pd.DataFrame
    discarded: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    problems: pd.DataFrame = field(default_factory=no_problems)


@dataclass(frozen=True, eq=False)
class FileReading:
    """What came of reading a file: the file, or (if there is none) what is wrong with it, safe to tell."""

    file: RawFile | None
    problems: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DeliveredRows:
    """The rows of a file as its format gives them: a frame of coded text with the kept columns, the whole header, and what was told and found.

    ``problems`` are cells that the format itself shows to be spoiled or unfit.
    """

    rows: pd.DataFrame
    header: tuple[str, ...]
    told: tuple[str, ...] = ()
    problems: pd.DataFrame = field(default_factory=no_problems)


def header_problems(header: Sequence[str], *, columns: ExpectedColumns, no_header: str = NO_HEADER) -> list[str]:
    """Return what is wrong with a header; ``no_header`` is told where none of its fields is a column that the layout names.

    Names of columns are told only if the header is recognised as one.
    """
    if not is_header(header, columns=columns):
        return [no_header]
    missing = [column for column in columns.used if column not in header]
    unknown = [column for column in dict.fromkeys(header) if column not in columns.named and not unneeded_kind(column)]
    repeated = [column for column in dict.fromkeys(header) if header.count(column) > 1 and column in columns.named]
    problems = [f"kolumnen {column} saknas" for column in missing]
    told = shown_together(unknown)
    problems += [_unknown_column(column, told=told[column], options=missing or columns.named) for column in unknown]
    return problems + [f"kolumnen {column} finns {header.count(column)} gånger" for column in repeated]


def is_header(fields: Sequence[str], *, columns: ExpectedColumns) -> bool:
    """Return whether some field is a column that the layout names."""
    return any(field in columns.named for field in fields)


def kept_columns(header: Sequence[str], *, columns: ExpectedColumns) -> list[str]:
    """Return the columns that are read: those that the layout names, apart from those of an unneeded kind.

    A column of which only presence is read is kept, its value is not.
    """
    return [
        column
        for column in header
        if column in columns.named and (column in columns.only_presence or not unneeded_kind(column))
    ]


def presence(value: str) -> str:
    """Return whether something stands in a cell, never what.

    >>> presence(" "), presence("något")
    ('saknas', 'finns')
    """
    return PRESENT if value.strip() else ABSENT


def file_reading(name: str, delivered: DeliveredRows, *, columns: ExpectedColumns, date_format: str) -> FileReading:
    """Return the file that the layout calls ``name``, with what a spreadsheet program spoiled in it; misread letters refuse it."""
    suspects = suspect_values(delivered.rows, expected=columns.expected)
    n_misread = n_misread_letters(delivered.rows, suspects=suspects)
    if n_misread:
        return FileReading(
            None,
            (
                f"å, ä och ö är förvanskade i {wording.cells(n_misread)}: filen har lästs i fel kodning och sparats om;"
                " be leverantören om en ny",
            ),
        )
    rows, n_trailing = without_trailing_spaces(delivered.rows, suspects=suspects)
    trailing = [f"Tog bort blanksteg efter värdet i {wording.cells(n_trailing)}."] * bool(n_trailing)
    spoiled = spoiled_cells(rows, suspects=suspects, expected=columns.expected, date_format=date_format)
    problems = pd.concat([delivered.problems, spoiled], ignore_index=True).drop_duplicates(["RAD", "column"])
    raw = RawFile(name, rows, _discarded(delivered), (*delivered.told, *trailing), problems)
    return FileReading(raw, ())


def _discarded(delivered: DeliveredRows) -> tuple[str, ...]:
    kinds = [unneeded_kind(column) for column in delivered.header if column not in delivered.rows]
    return tuple(dict.fromkeys(kind for kind in kinds if kind))


def _unknown_column(column: str, *, told: str, options: Sequence[str]) -> str:
    kind = sensitive_kind(column)
    if kind is not None:
        return f"kolumnen {told} får inte finnas i ett KAA-register ({kind})"
    return f"kolumnen {told} känner layouten inte{did_you_mean(column, options)}"
