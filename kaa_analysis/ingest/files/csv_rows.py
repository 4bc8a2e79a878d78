"""The rows of a CSV file whose encoding and delimiter are known: each field as it stands, each row with the line on which it begins.

The rules of quoting are those of Python's csv, strictly held. Where a file has no quotation mark, no empty line and one kind of line end they say only that a field
is what stands between two delimiters: then the engine reads it, many times faster. What it does not take whole is read by csv.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from kaa_analysis.ingest.coded_text import coded, different_values, joined, with_values
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.files.csv_recognition import UTF_8, UTF_8_MARKED
from kaa_analysis.ingest.files.engine_text import coded_text, text_engine
from kaa_analysis.ingest.raw_file import kept_columns, presence
from kaa_analysis.store.queries import sql_text

ROWS_AT_ONCE = 50_000
"""So many rows are texts of their own at a time."""
LONGEST_FIELD = csv.field_size_limit()
CSV_FILE = (
    "read_csv({file}, columns = {columns}, delim = {delimiter}, new_line = '\\n', skip = 1, max_line_size = {longest},"
    " auto_detect = false, header = false, quote = '', escape = '', strict_mode = true)"
)


@dataclass(frozen=True, eq=False)
class CsvRows:
    """The whole header, the rows with the kept columns, coded, and how many rows have another number of fields than the header."""

    header: tuple[str, ...]
    rows: pd.DataFrame
    n_ragged: int = 0


def csv_rows(path: Path, content: bytes, *, encoding: str, delimiter: str, columns: ExpectedColumns) -> CsvRows:
    """Read the rows of the file at ``path``, whose bytes are ``content``. Rows with another number of fields than the header are only counted.

    Raises:
        csv.Error: the quotation marks do not match, or a field is longer than any can be.
    """
    found = None
    if encoding in (UTF_8, UTF_8_MARKED) and _is_plain(content):
        found = _read_by_engine(path, content, encoding=encoding, delimiter=delimiter, columns=columns)
    return found or _read_by_csv(content, encoding=encoding, delimiter=delimiter, columns=columns)


def text_of(content: bytes, *, encoding: str) -> io.TextIOWrapper:
    """Return bytes as a stream of text whose line ends are left as they are."""
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _is_plain(content: bytes) -> bool:
    """Return whether no rule of quoting can matter: no quotation mark, no empty row, and no carriage return, with which DuckDB 2.0 finds no row."""
    return content.endswith(b"\n") and not any(sign in content for sign in (b'"', b"\r", b"\n\n"))


def _read_by_engine(
    path: Path, content: bytes, *, encoding: str, delimiter: str, columns: ExpectedColumns
) -> CsvRows | None:
    """Return the rows of a plain file, or None if there are none or the engine does not find every one of them whole."""
    n_rows = content.count(b"\n") - 1
    header = content[: content.index(b"\n")].decode(encoding).split(delimiter)
    kept = kept_columns(header, columns=columns)
    is_regular = content.count(delimiter.encode()) == (len(header) - 1) * (n_rows + 1)
    if not n_rows or not kept or not is_regular:  # the engine overlooks an empty field too many; too few it refuses
        return None
    source = CSV_FILE.format(
        file=sql_text(str(path)),
        columns="{" + ", ".join(f"'f{place}': 'VARCHAR'" for place in range(len(header))) + "}",
        delimiter=sql_text(delimiter),
        longest=LONGEST_FIELD,
    )
    texts = {column: f"coalesce(f{header.index(column)}, '')" for column in kept}
    try:
        with text_engine() as engine:
            rows = coded_text(engine, expressions=texts, source=source, first_line=2)
    except duckdb.Error:
        return None
    return CsvRows(tuple(header), _with_presence(rows, columns=columns)) if len(rows) == n_rows else None


def _read_by_csv(content: bytes, *, encoding: str, delimiter: str, columns: ExpectedColumns) -> CsvRows:
    lines = _numbered_rows(text_of(content, encoding=encoding), delimiter=delimiter)
    _, header = next(lines)
    kept = kept_columns(header, columns=columns)
    parts, n_ragged = (
        [pd.DataFrame({column: coded([]) for column in kept}, index=pd.Index([], name="RAD", dtype="int64"))],
        0,
    )
    while some := list(islice(lines, ROWS_AT_ONCE)):
        whole = [(line, row) for line, row in some if len(row) == len(header)]
        n_ragged += len(some) - len(whole)
        texts = {column: coded([row[header.index(column)] for _, row in whole]) for column in kept}
        parts.append(pd.DataFrame(texts, index=pd.Index([line for line, _ in whole], name="RAD", dtype="int64")))
    return CsvRows(tuple(header), _with_presence(_together(parts), columns=columns), n_ragged)


def _numbered_rows(text: io.TextIOWrapper, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    lines = parts[0].index.append([part.index for part in parts[1:]])
    return pd.DataFrame({name: joined([part[name] for part in parts]) for name in parts[0]}, index=lines)


def _with_presence(rows: pd.DataFrame, *, columns: ExpectedColumns) -> pd.DataFrame:
    """Return the rows with nothing but whether something stands there in the columns of which only presence is read."""
    told = {
        name: np.array([presence(value) for value in different_values(rows[name])], dtype=object)
        for name in columns.only_presence.intersection(rows)
    }
    return rows.assign(**{name: with_values(rows[name], values) for name, values in told.items()})
