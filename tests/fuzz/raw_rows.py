"""Readers that share nothing with ingest: they count what was delivered."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.binary_files import parquet_lines, workbook_lines

BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

DELIMITERS = (";", ",", "\t")


class RawRowsError(ValueError):
    """The quotes of a file do not match."""


def raw_rows(content: bytes, *, delimiter: str) -> list[list[str]]:
    r"""Return every line of delimited text, the header first; a quoted field may hold delimiters, quotes and line ends.

    Identities and codes are ASCII, so that bytes without a mark are read as Latin-1, which never fails.

    >>> raw_rows(b'A;B\r\n1;"x;\n""y"\n\n', delimiter=";")
    [['A', 'B'], ['1', 'x;\n"y'], []]
    """
    return _lines(_text(content), delimiter)


def rows_of_file(path: Path, *, delimiter: str) -> list[dict[str, str]]:
    """Return the rows of a file below its header, by column; the bytes of UTF-8 stand as Latin-1 in all of them.

    Delimited text may have another of the delimiters that ingest takes: the one that gives the widest header. Spaces after values are no part of them (and a space alone is how a workbook's formula without value stands here).
    """
    content = path.read_bytes()
    if content.startswith(b"PK"):
        lines = _as_latin(workbook_lines(content))
    elif content.startswith(b"PAR1"):
        lines = _as_latin(parquet_lines(content))
    else:
        lines = max(_read_with_each(content, own=delimiter), key=lambda lines: len(lines[0]) if lines else 0)
    bare = [[_without_trailing_spaces(value) for value in line] for line in lines]
    return [dict(zip(bare[0], row, strict=False)) for row in bare[1:]]


def _read_with_each(content: bytes, *, own: str) -> list[list[list[str]]]:
    readings = []
    for delimiter in dict.fromkeys((own, *DELIMITERS)):
        try:
            readings.append(raw_rows(content, delimiter=delimiter))
        except RawRowsError:
            continue
    if not readings:
        raise RawRowsError
    return readings


def _without_trailing_spaces(value: str) -> str:
    while value.endswith((" ", "\u00c2\u00a0")):
        value = value.removesuffix(" ").removesuffix("\u00c2\u00a0")
    return value


def _as_latin(lines: list[list[str]]) -> list[list[str]]:
    return [[value.encode("utf-8", errors="replace").decode("latin-1") for value in line] for line in lines]


def _text(content: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").removeprefix("\ufeff")
    return content.decode("latin-1")


def _lines(text: str, delimiter: str) -> list[list[str]]:
    lines: list[list[str]] = []
    fields: list[str] = []
    place = 0
    while place < len(text):
        value, place = _field(text, place, delimiter)
        fields.append(value)
        if place < len(text) and text[place] == delimiter:
            place += 1
            if place < len(text):
                continue
            fields.append("")
        place += 2 if text[place : place + 2] == "\r\n" else 1
        lines.append([] if fields == [""] else fields)
        fields = []
    return lines


def _field(text: str, place: int, delimiter: str) -> tuple[str, int]:
    """Return the field that begins at ``place``, and where it ends: at a delimiter, a line end or the end."""
    if text[place] != '"':
        end = place
        while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
            end += 1
        return text[place:end], end
    value = ""
    while True:
        closing = text.find('"', place + 1)
        if closing < 0:
            raise RawRowsError
        value += text[place + 1 : closing]
        if text[closing + 1 : closing + 2] != '"':
            return value, closing + 1
        value, place = value + '"', closing + 1
