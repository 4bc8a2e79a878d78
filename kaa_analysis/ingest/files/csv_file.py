"""Reading a delivered CSV file: encoding and delimiter are recognised, lines are numbered, a file cut off is refused."""

from __future__ import annotations

import csv
from pathlib import Path

from kaa_analysis.ingest import wording
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.files.csv_recognition import (
    DELIMITER_WORDS,
    ENCODING_WORDS,
    LONGEST_HEADER,
    recognised_delimiter,
    recognised_encoding,
)
from kaa_analysis.ingest.files.csv_rows import CsvRows, csv_rows, text_of
from kaa_analysis.ingest.layout import FileForm
from kaa_analysis.ingest.raw_file import DeliveredRows, FileReading, file_reading, header_problems


def read_csv_file(path: Path, *, name: str, columns: ExpectedColumns, form: FileForm) -> FileReading:
    """Read the CSV file that the layout calls ``name``; RAD is the line on which a row begins.

    Nothing that stands in a row is ever told; names of columns are, if the header is recognised as one.
    """
    content = path.read_bytes()
    encoding = recognised_encoding(content, allowed=form.encodings)
    if encoding.code is None:
        return FileReading(None, (encoding.problem,))
    beginning = text_of(content, encoding=encoding.code).read(LONGEST_HEADER)
    delimiter = recognised_delimiter(beginning, allowed=form.delimiters, own=form.delimiter, columns=columns)
    if delimiter.code is None:
        return FileReading(None, (delimiter.problem,))
    try:
        found = csv_rows(path, content, encoding=encoding.code, delimiter=delimiter.code, columns=columns)
    except csv.Error:
        return FileReading(None, ("citattecknen går inte ihop; filen kan vara avhuggen",))
    problems = [*header_problems(found.header, columns=columns), *_cut_off(content, found=found)]
    if problems:
        return FileReading(None, tuple(problems))
    told = _told(encoding.code, delimiter.code, form=form, is_ascii=content.isascii())
    del content
    delivered = DeliveredRows(found.rows, found.header, told)
    return file_reading(name, delivered, columns=columns, date_format=form.date_format)


def _cut_off(content: bytes, *, found: CsvRows) -> list[str]:
    problems = ["den sista raden är inte avslutad; filen kan vara avhuggen"] * (not content.endswith(b"\n"))
    told = f"fel antal fält på {wording.rows(found.n_ragged)}; rubrikraden har {len(found.header)} fält"
    return problems + [told] * bool(found.n_ragged)


def _told(encoding: str, delimiter: str, *, form: FileForm, is_ascii: bool) -> tuple[str, ...]:
    other_encoding = encoding != form.encoding and not is_ascii
    other_delimiter = delimiter != form.delimiter
    return (
        *[f"Kodningen är {ENCODING_WORDS[encoding]}."] * other_encoding,
        *[f"Fälten skiljs åt med {DELIMITER_WORDS.get(delimiter, 'ett annat tecken')}."] * other_delimiter,
    )
