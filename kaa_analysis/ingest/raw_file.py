"""Reading one delivered file into text: encoding, delimiter, header, rows; what is wrong with the file as a whole is collected."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kaa_analysis.core.errors import did_you_mean
from kaa_analysis.ingest import wording
from kaa_analysis.ingest.column_names import sensitive_kind, shown, unneeded_kind

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "UTF-8 med BOM",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
SWEDISH_BYTES = {
    "Windows-1252": frozenset("åäöÅÄÖéÉüÜ–".encode("cp1252")),
    "DOS (kodsida 850)": frozenset("åäöÅÄÖéüÜ".encode("cp850")),
}
PRESENT, ABSENT = "finns", "saknas"
OTHER_DELIMITERS = {";": "semikolon", ",": "komma", "\t": "tabb", "|": "lodstreck"}


@dataclass(frozen=True, eq=False)
class RawFile:
    """A delivered file as text. ``rows`` holds strings, an empty one = missing; its index is the line in the file.

    ``discarded`` are the Swedish words for the kinds of columns that were there but lawfully unneeded; none of them is in ``rows``.
    """

    name: str
    rows: pd.DataFrame
    discarded: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FileReading:
    """What came of reading a file: the file, or (if there is none) what is wrong with it, safe to tell."""

    file: RawFile | None
    problems: tuple[str, ...]


def read_raw_file(
    path: Path,
    *,
    encoding: str,
    delimiter: str,
    used: Sequence[str],
    named: Sequence[str],
    only_presence: Collection[str] = (),
) -> FileReading:
    """Read a delimited file with a header whose columns are ``used`` (must be there) and ``named`` (may be there).

    Columns of names, addresses, telephone numbers and e-mail are discarded, named or not. Of those in ``only_presence`` it is kept whether
    something stands there (`PRESENT` or `ABSENT`), never what.

    Nothing that stands in a row is ever told; names of columns are, if the header is recognised as one.
    """
    content = path.read_bytes()
    problems = _byte_problems(content, encoding=encoding)
    if problems:
        return FileReading(None, tuple(problems))
    text = content.decode(encoding)
    try:
        lines = list(_numbered_rows(text, delimiter=delimiter))
    except csv.Error:
        return FileReading(None, ("citattecknen går inte ihop; filen kan vara avhuggen",))
    header = lines[0][1]
    problems = [*_header_problems(header, delimiter=delimiter, used=used, named=named)]
    if not text.endswith("\n"):
        problems.append("den sista raden är inte avslutad; filen kan vara avhuggen")
    n_ragged = sum(len(row) != len(header) for _, row in lines[1:])
    if n_ragged:
        problems.append(f"fel antal fält på {wording.rows(n_ragged)}; rubrikraden har {len(header)} fält")
    if problems:
        return FileReading(None, tuple(problems))
    numbers = pd.Index([number for number, _ in lines[1:]], name="RAD")
    kept = [column for column in header if column in named and (column in only_presence or not unneeded_kind(column))]
    rows = pd.DataFrame(
        _kept_values([row for _, row in lines[1:]], header=header, kept=kept, only_presence=only_presence),
        columns=kept,
        index=numbers,
        dtype=object,
    )
    discarded = dict.fromkeys(unneeded_kind(column) for column in header if column not in kept)
    return FileReading(RawFile(path.name, rows, tuple(kind for kind in discarded if kind)), ())


def _kept_values(
    rows: list[list[str]], *, header: list[str], kept: list[str], only_presence: Collection[str]
) -> list[list[str]]:
    for place, column in enumerate(header):
        if column in only_presence:
            for row in rows:
                row[place] = PRESENT if row[place].strip() else ABSENT
    if kept == header:
        return rows
    places = [place for place, column in enumerate(header) if column in kept]
    return [[row[place] for place in places] for row in rows]


def _byte_problems(content: bytes, *, encoding: str) -> list[str]:
    if not content.strip():
        return ["filen är tom"]
    wanted = encoding.upper()
    for mark, words in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return [f"filen börjar med ett BOM-tecken ({words}) men ska vara {wanted} utan BOM"]
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        n_bad = content.decode(encoding, errors="replace").count("\ufffd")
        return [
            f"filen ska vara {wanted} men {n_bad} tecken går inte att läsa, det första vid byte {error.start};"
            f" den ser ut att vara {_looks_like(content)}"
        ]
    return ["filen innehåller nolltecken; den ser ut att vara UTF-16 eller skadad"] if b"\x00" in content else []


def _looks_like(content: bytes) -> str:
    high = {byte for byte in content if byte >= 0x80}
    fitting = [name for name, swedish in SWEDISH_BYTES.items() if high <= swedish]
    if b"\x00" in content:
        return "UTF-16"
    return fitting[0] if fitting else "av okänd kodning eller skadad"


def _numbered_rows(text: str, *, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for row in reader:
        yield line, row
        line = reader.line_num + 1


def _header_problems(header: list[str], *, delimiter: str, used: Sequence[str], named: Sequence[str]) -> list[str]:
    if not any(column in named for column in header):
        return [_no_header(header, delimiter=delimiter)]
    missing = [column for column in used if column not in header]
    unknown = [column for column in dict.fromkeys(header) if column not in named and not unneeded_kind(column)]
    repeated = [column for column in dict.fromkeys(header) if header.count(column) > 1 and column in named]
    problems = [f"kolumnen {column} saknas" for column in missing]
    problems += [_unknown_column(column, options=missing or named) for column in unknown]
    return problems + [f"kolumnen {column} finns {header.count(column)} gånger" for column in repeated]


def _no_header(header: list[str], *, delimiter: str) -> str:
    others = [words for sign, words in OTHER_DELIMITERS.items() if sign != delimiter and header and sign in header[0]]
    if len(header) == 1 and others:
        return f"fälten ska skiljas åt med {OTHER_DELIMITERS.get(delimiter, 'layoutens tecken')}; filen ser ut att ha {others[0]}"
    return "rubrikraden saknas: inget av fälten på första raden är en kolumn som layouten känner"


def _unknown_column(column: str, *, options: Sequence[str]) -> str:
    kind = sensitive_kind(column)
    if kind is not None:
        return f"kolumnen {shown(column)} får inte finnas i ett KAA-register ({kind})"
    return f"kolumnen {shown(column)} känner layouten inte{did_you_mean(column, options)}"
