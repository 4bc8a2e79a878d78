"""Reading a delivered CSV file: encoding and delimiter are recognised, lines are numbered, a file cut off is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pandas as pd

from kaa_analysis.ingest import wording
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.files.csv_recognition import (
    DELIMITER_WORDS,
    ENCODING_WORDS,
    recognised_delimiter,
    recognised_encoding,
)
from kaa_analysis.ingest.layout import FileForm
from kaa_analysis.ingest.raw_file import (
    DeliveredRows,
    FileReading,
    file_reading,
    header_problems,
    kept_columns,
    presence,
)


def read_csv_file(path: Path, *, name: str, columns: ExpectedColumns, form: FileForm) -> FileReading:
    """Read the CSV file that the layout calls ``name``; RAD is the line on which a row begins.

    Nothing that stands in a row is ever told; names of columns are, if the header is recognised as one.
    """
    content = path.read_bytes()
    encoding = recognised_encoding(content, allowed=form.encodings)
    if encoding.code is None:
        return FileReading(None, (encoding.problem,))
    text = content.decode(encoding.code)
    delimiter = recognised_delimiter(text, allowed=form.delimiters, own=form.delimiter, columns=columns)
    if delimiter.code is None:
        return FileReading(None, (delimiter.problem,))
    try:
        lines = list(_numbered_rows(text, delimiter=delimiter.code))
    except csv.Error:
        return FileReading(None, ("citattecknen går inte ihop; filen kan vara avhuggen",))
    header = lines[0][1]
    problems = [*header_problems(header, columns=columns), *_cut_off(text, lines=lines)]
    if problems:
        return FileReading(None, tuple(problems))
    kept = kept_columns(header, columns=columns)
    rows = pd.DataFrame(
        _kept_values([row for _, row in lines[1:]], header=header, kept=kept, only_presence=columns.only_presence),
        columns=kept,
        index=pd.Index([number for number, _ in lines[1:]], name="RAD"),
        dtype=object,
    )
    told = _told(encoding.code, delimiter.code, form=form, is_ascii=content.isascii())
    return file_reading(name, DeliveredRows(rows, tuple(header), told), columns=columns, date_format=form.date_format)


def _numbered_rows(text: str, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _cut_off(text: str, *, lines: Sequence[tuple[int, list[str]]]) -> list[str]:
    width = len(lines[0][1])
    n_ragged = sum(len(row) != width for _, row in lines[1:])
    problems = ["den sista raden är inte avslutad; filen kan vara avhuggen"] * (not text.endswith("\n"))
    return problems + [f"fel antal fält på {wording.rows(n_ragged)}; rubrikraden har {width} fält"] * bool(n_ragged)


def _kept_values(
    rows: list[list[str]], *, header: list[str], kept: list[str], only_presence: Collection[str]
) -> list[list[str]]:
    for place, column in enumerate(header):
        if column in only_presence:
            for row in rows:
                row[place] = presence(row[place])
    if kept == header:
        return rows
    places = [place for place, column in enumerate(header) if column in kept]
    return [[row[place] for place in places] for row in rows]


def _told(encoding: str, delimiter: str, *, form: FileForm, is_ascii: bool) -> tuple[str, ...]:
    other_encoding = encoding != form.encoding and not is_ascii
    other_delimiter = delimiter != form.delimiter
    return (
        *[f"Kodningen är {ENCODING_WORDS[encoding]}."] * other_encoding,
        *[f"Fälten skiljs åt med {DELIMITER_WORDS.get(delimiter, 'ett annat tecken')}."] * other_delimiter,
    )
