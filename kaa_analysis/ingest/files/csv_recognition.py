"""In which encoding and with which delimiter a CSV file is written: certain, or not read at all."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kaa_analysis.ingest import wording
from kaa_analysis.ingest.expected_columns import ExpectedColumns
from kaa_analysis.ingest.raw_file import NO_HEADER, is_header

UTF_8, UTF_8_MARKED, WINDOWS = "utf-8", "utf-8-sig", "cp1252"
ENCODING_WORDS = {UTF_8: "UTF-8", UTF_8_MARKED: "UTF-8 med BOM", WINDOWS: "Windows-1252"}
DELIMITER_WORDS = {";": "semikolon", ",": "komma", "\t": "tabb", "|": "lodstreck"}

LONGEST_HEADER = 100_000
UTF_16 = "UTF-16"
OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
OTHER_FORMATS = {
    b"PK\x03\x04": "en Excelfil (XLSX) eller ett arkiv",
    b"\xd0\xcf\x11\xe0": "en Excelfil i gammalt eller lösenordsskyddat format",
    b"PAR1": "en Parquetfil",
}

LETTERS = "åäöÅÄÖ"
SWEDISH_BYTES = {
    "Windows-1252": frozenset((LETTERS + "éÉüÜ–\u00a0").encode("cp1252")),
    "DOS (kodsida 850)": frozenset((LETTERS + "éüÜ").encode("cp850")),
    "Mac (MacRoman)": frozenset((LETTERS + "éÉüÜ–").encode("mac_roman")),
}
"""The bytes above ASCII that Swedish text has in each one-byte encoding."""
CERTAIN_BYTES = frozenset(LETTERS.encode("cp1252"))
"""At least one of them must be there: none stands for a letter in Swedish text in the other encodings."""


@dataclass(frozen=True)
class Recognised:
    """What was recognised: a code (an encoding or a delimiter), or, if there is none, why not."""

    code: str | None
    problem: str = ""


def recognised_encoding(content: bytes, *, allowed: Collection[str]) -> Recognised:
    """Return the encoding of a file: a byte-order mark decides, else valid UTF-8, else Windows-1252 if every byte agrees.

    >>> recognised_encoding("Vår".encode("cp1252"), allowed=["utf-8", "cp1252"]).code
    'cp1252'
    >>> recognised_encoding("Väg".encode("cp850"), allowed=["utf-8", "cp1252"]).problem
    'filen ska vara UTF-8 eller Windows-1252; den ser ut att vara DOS (kodsida 850) (inte UTF-8 vid byte 1)'
    """
    wanted = wording.either([ENCODING_WORDS[code] for code in allowed])
    text = content.removeprefix(codecs.BOM_UTF8)
    if not text or text.isspace():
        return Recognised(None, "filen är tom")
    other = next((words for magic, words in OTHER_FORMATS.items() if content.startswith(magic)), None)
    if other is not None:
        return Recognised(None, f"filen heter som en CSV-fil men är {other}")
    if content.startswith(OTHER_MARKS):
        return Recognised(None, f"filen ska vara {wanted}; den är {UTF_16}")
    if b"\x00" in content:
        return Recognised(None, f"filen innehåller nolltecken; den ser ut att vara {UTF_16} eller skadad")
    code = _one_that_decodes(content)
    if code in allowed or (code is not None and content.isascii()):
        return Recognised(code)
    seen = ENCODING_WORDS[code] if code else _looks_like(content)
    return Recognised(None, f"filen ska vara {wanted}; den ser ut att vara {seen}{_first_unread(content)}")


def recognised_delimiter(text: str, *, allowed: Sequence[str], own: str, columns: ExpectedColumns) -> Recognised:
    """Return the delimiter with which the first line is the header that the layout describes; rows of data are never looked at.

    Where it does not matter, as with one column, it is the layout's ``own``.
    """
    headers = {sign: first_record(text, delimiter=sign) for sign in dict.fromkeys((own, *allowed))}
    fitting = [sign for sign in headers if is_header(headers[sign], columns=columns)]
    if not fitting:
        return Recognised(None, _no_header(text, allowed=list(headers), columns=columns))
    if any(headers[sign] != headers[fitting[0]] for sign in fitting):
        words = " och ".join(DELIMITER_WORDS.get(sign, sign) for sign in fitting)
        return Recognised(None, f"rubrikraden går att läsa med både {words} mellan fälten")
    return Recognised(fitting[0])


def first_record(text: str, *, delimiter: str) -> list[str]:
    """Return the fields of the first line; none if its quotes do not match."""
    try:
        return next(csv.reader(io.StringIO(text[:LONGEST_HEADER], newline=""), delimiter=delimiter, strict=True), [])
    except csv.Error:
        return []


def _one_that_decodes(content: bytes) -> str | None:
    if content.startswith(codecs.BOM_UTF8):
        return UTF_8_MARKED if _is_utf_8(content) else None
    if _is_utf_8(content):
        return UTF_8
    high = {byte for byte in content if byte >= 0x80}
    return WINDOWS if high <= SWEDISH_BYTES["Windows-1252"] and high & CERTAIN_BYTES else None


def _first_unread(content: bytes) -> str:
    try:
        content.decode(UTF_8)
    except UnicodeDecodeError as error:
        return f" (inte UTF-8 vid byte {error.start})"
    return ""


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode(UTF_8)
    except UnicodeDecodeError:
        return False
    return True


def _looks_like(content: bytes) -> str:
    high = {byte for byte in content if byte >= 0x80}
    fitting = [name for name, swedish in SWEDISH_BYTES.items() if high <= swedish]
    return " eller ".join(fitting) or "av okänd kodning eller skadad"


def _no_header(text: str, *, allowed: Sequence[str], columns: ExpectedColumns) -> str:
    others = [
        words
        for sign, words in DELIMITER_WORDS.items()
        if sign not in allowed and is_header(first_record(text, delimiter=sign), columns=columns)
    ]
    if not others:
        return NO_HEADER
    wanted = wording.either([DELIMITER_WORDS.get(sign, sign) for sign in allowed])
    return f"fälten ska skiljas åt med {wanted}; filen ser ut att ha {others[0]}"
