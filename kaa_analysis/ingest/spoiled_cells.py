"""Values that a spreadsheet program spoiled before the delivery: found, named and set aside, never repaired.

The text of a cell is looked at, so that a CSV file saved from Excel is judged as the workbook itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd

from kaa_analysis.ingest.coded_text import different_values, replaced
from kaa_analysis.ingest.expected_columns import ExpectedValue
from kaa_analysis.ingest.problem_table import no_problems, problem_rows
from kaa_analysis.ingest.reasons import Reason

SCIENTIFIC = re.compile(r"[-+]?\d(?:[.,]\d+)?E\+\d{2,}", re.IGNORECASE)
ROUNDED_IDENTITY = re.compile(r"\d{6}0{6}")
"""Twelve digits of which Excel kept six: no identity ends like this, for its day would be 00."""

SHEET_ERRORS = re.compile(
    "#(N/A|REF!|VALUE!|DIV/0!|NAME\\?|NUM!|NULL!|SPILL!|CALC!|SAKNAS!|REFERENS!|VÄRDEFEL!|DIVISION/0!|NAMN\\?|OGILTIGT!|SKÄRNING!)"
)
"""What stands in a cell whose formula failed, in English and Swedish."""
APOSTROPHE = re.compile(r"['’]\d.*", re.DOTALL)
ROUNDED_END = "000000"
LONGEST_SHORTENED = 5
"""So many digits has a serial day; a municipality that has lost its zeros has fewer."""
SERIAL_DAY = re.compile(r"\d{5}(?:[.,]\d+)?")
SHORT_MUNICIPALITY = re.compile(r"\d{1,3}")
TRAILING = " \u00a0"
MISREAD_UTF8 = re.compile(r"Ã[¤¥¶„…–©]|\ufffd")
"""A Swedish letter of UTF-8 read as Windows-1252 and saved again, or one that was already lost."""


Suspects = Mapping[str, Sequence[str]]
"""The different values of every column that may be spoiled: what is true of a value is found once and then counted."""


def suspect_values(rows: pd.DataFrame, *, expected: Mapping[str, ExpectedValue]) -> Suspects:
    """Return the different values of every column, where it is not coded without whole long numbers: identities are many."""
    is_coded = {name for name, value in expected.items() if value.codes}
    return {
        name: [value for value in different_values(column) if name in is_coded or not _is_whole_number(value)]
        for name, column in rows.items()
    }


def n_misread_letters(rows: pd.DataFrame, *, suspects: Suspects) -> int:
    """Return the number of cells in which Swedish letters have been read in the wrong encoding and saved so."""
    misread = {name: [value for value in suspects[name] if MISREAD_UTF8.search(value)] for name in rows}
    return sum(int(rows[name].isin(found).sum()) for name, found in misread.items() if found)


def without_trailing_spaces(rows: pd.DataFrame, *, suspects: Suspects) -> tuple[pd.DataFrame, int]:
    """Return the rows without spaces and no-break spaces after the values, and the number of cells that had some."""
    n_cells = 0
    changed = {}
    for name, column in rows.items():
        shorter = {value: value.rstrip(TRAILING) for value in suspects[name] if value.endswith(tuple(TRAILING))}
        if shorter:
            n_cells += int(column.isin(list(shorter)).sum())
            changed[name] = replaced(column, shorter)
    return rows.assign(**changed), n_cells


def spoiled_cells(
    rows: pd.DataFrame, *, suspects: Suspects, expected: Mapping[str, ExpectedValue], date_format: str
) -> pd.DataFrame:
    """Return a problem per cell that was spoiled: RAD, column, reason. Columns that ``expected`` does not name are not looked at.

    ``suspects`` may still have the spaces after the values.
    """
    found = [no_problems()]
    for name in [name for name in rows if name in expected]:
        values = dict.fromkeys(value.rstrip(TRAILING) for value in suspects[name])
        how = {value: spoiling(value, expected=expected[name], date_format=date_format) for value in values}
        for reason in [reason for reason in Reason if reason in how.values()]:
            cells = rows[name].isin([value for value, spoilt in how.items() if spoilt is reason])
            found.append(problem_rows(rows.index[cells], column=name, reason=reason))
    return pd.concat(found, ignore_index=True)


def spoiling(value: str, *, expected: ExpectedValue, date_format: str) -> Reason | None:
    """Return how a spreadsheet program spoiled ``value``, or None if it did not.

    >>> spoiling("180", expected=ExpectedValue("municipality"), date_format="%Y-%m-%d").value
    'EXCEL_INLEDANDE_NOLLA'
    >>> spoiling("2,00881E+11", expected=ExpectedValue("key"), date_format="%Y-%m-%d").value
    'EXCEL_SIFFROR_BORTA'
    """
    if not value or value in expected.codes:
        return None
    if SHEET_ERRORS.fullmatch(value):
        return Reason.CELL_ERROR
    if APOSTROPHE.fullmatch(value):
        return Reason.EXCEL_APOSTROPHE
    if SCIENTIFIC.fullmatch(value) or (expected.type == "key" and ROUNDED_IDENTITY.fullmatch(value)):
        return Reason.EXCEL_DIGITS_LOST
    if expected.type == "date" and SERIAL_DAY.fullmatch(value) and not _is_date(value, date_format=date_format):
        return Reason.EXCEL_DATE_AS_NUMBER
    return Reason.EXCEL_ZERO_LOST if _lacks_zeros(value, expected=expected) else None


def _is_whole_number(value: str) -> bool:
    """Return whether a value is a number longer than any serial day or municipality, not rounded: no spoiling leaves such a one."""
    return len(value) > LONGEST_SHORTENED and value.isdecimal() and not value.endswith(ROUNDED_END)


def _lacks_zeros(value: str, *, expected: ExpectedValue) -> bool:
    if expected.type == "municipality":
        return SHORT_MUNICIPALITY.fullmatch(value) is not None
    return value.isdecimal() and any(code != value and code == value.zfill(len(code)) for code in expected.codes)


def _is_date(value: str, *, date_format: str) -> bool:
    try:
        return datetime.strptime(value, date_format).strftime(date_format) == value  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return False
