"""What a trace looks like: an identity number, a pseudonym, a path on a machine; each is counted in a text, never told.

What is written as something else cannot be told apart from it, and passes: a whole date, then a space and four digits (a date and a
count); the date and the last digits in two cells, or with more than one line break between; a decimal in a cell of CSV or JSON; a date
parted by spaces with a number right before or after it (a row of a table); a date from 2020 on, then a hyphen and a time of day.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

PSEUDONYM_DIGITS = 16

_INVISIBLE = "\0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
_SIGNS = "\u02d7\u058a\u05be\u1400\u1806\u2010-\u2015\u2043\u207b\u208b\u2212\u2796\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d"
_PLUS_SIGNS = "\u207a\u208a\u2795\ufb29\ufe62\uff0b"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_WRITTEN_AS = ((_INVISIBLE, ""), (_SIGNS, "-"), (_PLUS_SIGNS, "+"), (_SPACES, " "))
_PLAIN = tuple((re.compile(f"[{characters}]"), plain) for characters, plain in _WRITTEN_AS)
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")

_FIRST_DIGIT = r"[0-9](?<![0-9]{2})(?<![0-9]\.[0-9])"
_CENTURY = r"(?:(?<=1)[89]|(?<=2)0)[0-9]{2}"
_NO_COMPANY = r"(?!(?<=5)5[89]|(?<=[79])69)"
_MONTH = r"(?:0[1-9]|1[0-2]|8[1-9]|9[0-2])"
_DAY = r"(?:0[1-9]|[12][0-9]|3[01]|[678][0-9]|9[01])"
_DAY_WITHOUT_MONTH = r"00(?:[678][0-9]|9[01])"
_HYPHEN = r"(?: {0,2}[-+]\s{0,2})"
_LINE_BREAK = r"(?: ?(?:\r\n|[\n\r\v\f\x85\u2028\u2029]) {0,12})"
_TEMPORARY = r"[JKLMNRSTUWXjklmnrstuwx][0-9]{3}(?![0-9A-Za-z])"
_TOGETHER = (
    rf"(?:{_CENTURY}|{_NO_COMPANY}[0-9])(?:{_MONTH}{_DAY}|{_DAY_WITHOUT_MONTH})"
    rf"(?:(?:{_HYPHEN}| {{1,2}})?[0-9]{{4}}(?![0-9])|{_HYPHEN}{_TEMPORARY}|(?:[/._\t]|{_LINE_BREAK})[0-9]{{4}}(?![0-9A-Za-z]))"
)
_END_OF_INTERVAL = r"(?<=19[0-9]{2}|20[0-9]{2})(?P=between)(?:0[1-9]|1[0-2])(?![0-9])"
_APART = (
    rf"(?:{_CENTURY}|[0-9])(?P<between>[-/.]|(?<![0-9] [0-9]{{2}})(?<![0-9] [0-9]{{4}})(?<!\[[0-9]{{2}})(?<!\[[0-9]{{4}}) )"
    rf"(?:{_MONTH}(?P=between){_DAY}|00(?P=between)(?:[678][0-9]|9[01]))"
    rf"(?:[-+][0-9]{{4}}(?![0-9])(?!{_END_OF_INTERVAL})|(?<= [0-9]{{2}}) [0-9]{{4}}(?! ?[0-9])|[-+]{_TEMPORARY})"
)
_IDENTITY = re.compile(f"{_FIRST_DIGIT}(?:{_TOGETHER}|{_APART})")
"""Year with or without century, month (or month + 80, invented; 00 in some coordination numbers), day (or day + 60), and four digits, or
after a hyphen a letter and three digits (the temporary numbers of health care); the date can be parted by hyphens, slashes, dots, spaces.

The first digit stands before what is said about it, which lets the search skip to digits. 55[89], 769 and 969 without century begin
organisation numbers, not the date of anyone. A date whose four digits begin another date is the first day of an interval."""
_POINT_IN_TIME = re.compile(
    r"20[2-9][0-9]([-/. ])(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12][0-9]|3[01])[- ](?:[01][0-9]|2[0-3])[0-5][0-9]"
    r"|[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\+(?:0[0-9]|1[0-4])(?:00|30|45)"
)
"""A day from 2020 on with a time of day, or any day with its distance from Greenwich: nobody born so late is in the register."""
_IN_TWO_LINES = re.compile(r"[0-9]+(?! )\s+[0-9]+")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+")
_BEFORE_DECIMAL = re.compile(r'(?:[,;:\[\t\n]|": )\Z')
_NEXT_CELL = re.compile(r"[,;\t](?=\S)")
_END_OF_CELL = re.compile(r"[,;]?\r?\n|[\]}]")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])", re.IGNORECASE)
_HASH_LENGTHS = frozenset({32, 40, 64})
_HASH = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]+")
_DRAWN_ID = re.compile(r'(?:id="|href="#|url\(#)(?:[mph]|image|C[0-9a-f]+_[0-9a-f]+_)[0-9]{10}[")]\Z')
_LONGEST_DRAWN_ID = 40
"""An id that matplotlib makes of a letter and ten hexadecimal digits: they can all be figures."""

_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{16,}")
_ALONE = re.compile(r"(?<![0-9A-Za-z])(?<![0-9]\.)(?:[0-9a-f]{16}|[0-9A-F]{16})(?![0-9A-Za-z])")
_POWER_OF_TEN = re.compile(r"[0-9]{15}[eE][-+][0-9]")

_MACHINE_PATHS = (
    re.compile(
        r"/(?<![\w./-]/)(?:(?:var/)?home/[^\s/\"'<>]|(?:[A-Za-z]/)?Users/[^\s/\"'<>]|root/|tmp/|private/var/|var/folders"
        r"|mnt/[^\s/\"'<>]|media/[^\s/\"'<>]|Volumes/[^\s/\"'<>]|run/user/|cygdrive/)"
    ),
    re.compile(r":(?<=[A-Za-z]:)(?<![A-Za-z]{2}:)(?:[\\/]+Users[\\/]+\w|\\+\w+\\|/{1,2}\w[\w .~$-]*/)", re.IGNORECASE),
    re.compile(r"\\\\(?<![\w\\]\\\\)[A-Za-z][\w.-]+\\+\w"),
    re.compile(r"file:/(?<![A-Za-z]file:/)"),
    re.compile(r"FILE:/"),
)
_SEGMENT = re.compile(r"[^/\\]+")


def written_out(text: str) -> str:
    r"""Return ``text`` without invisible characters, and with every hyphen, space and digit as the plain one.

    >>> written_out("2\u200b0\u00ad06\u00a0\u2011\uff11")
    '2006 -1'
    """
    if text.isascii():
        return text.replace("\0", "")
    for characters, plain in _PLAIN:
        text = characters.sub(plain, text)
    return _FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)


def count_identities(text: str, *, runs: frozenset[str] = frozenset()) -> int:
    """Return how many places of a written-out text are shaped like an identity number, right or wrong.

    Digits inside a hash, a UUID, a drawing's own id or the id of one of ``runs`` are none, nor is a point in time or a cell of CSV.

    >>> count_identities("20088103-1234, 08-508 253 45, 559012-1234 och 2022-01-01-2024-12-31")
    1
    """
    count = place = 0
    while found := _IDENTITY.search(text, place):
        other = _is_of_hash(text, found, runs) or _is_of_cells(text, found) or _POINT_IN_TIME.fullmatch(found[0])
        count, place = (count, found.start() + 1) if other else (count + 1, found.end())
    return count


def _is_of_hash(text: str, found: re.Match[str], runs: frozenset[str]) -> bool:
    start, end = found.span()
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    word = text[start:end]
    hashed = word in runs or (len(word) in _HASH_LENGTHS and _HASH.fullmatch(word.lower()) is not None)
    drawn = _DRAWN_ID.search(text[max(0, end - _LONGEST_DRAWN_ID) : end + 1]) is not None
    return hashed or drawn or _UUID.match(text, start) is not None


def _is_of_cells(text: str, found: re.Match[str]) -> bool:
    """Return whether the place is two cells, in one line of CSV or the next, or a decimal in a cell of CSV or JSON."""
    start, end = found.span()
    goes_on = _NEXT_CELL.match(text, end) is not None
    if _DECIMAL.fullmatch(found[0]):
        ends = goes_on or _END_OF_CELL.match(text, end) is not None
        return ends and _BEFORE_DECIMAL.search(text[max(0, start - 3) : start]) is not None
    return _IN_TWO_LINES.fullmatch(found[0]) is not None and (
        goes_on or text[max(0, start - 1) : start] in {",", ";", "\t"}
    )


def count_pseudonyms(text: str, *, known: frozenset[str]) -> int:
    """Return how many known pseudonyms a written-out text holds, anywhere, and how many words are shaped like one.

    The shape: sixteen hexadecimal digits, figures and letters both, alone; decimals and powers of ten are numbers.

    >>> count_pseudonyms("id=0f1e2d3c4b5a6978; 6.123233995736766e-17", known=frozenset())
    1
    """
    places: set[int] = set()
    for run in _HEXADECIMAL.finditer(text):
        if _is_shaped(text, run):
            places.add(run.start())
        if known:
            places.update(_known_in(run, known))
    return len(places)


def _is_shaped(text: str, run: re.Match[str]) -> bool:
    word = run[0]
    if len(word) != PSEUDONYM_DIGITS or word.isdigit() or word.isalpha() or _POWER_OF_TEN.match(text, run.start()):
        return False
    return _ALONE.match(text, run.start()) is not None


def _known_in(run: re.Match[str], known: frozenset[str]) -> Iterable[int]:
    digits = run[0].lower()
    windows = range(len(digits) - PSEUDONYM_DIGITS + 1)
    return (run.start() + first for first in windows if digits[first : first + PSEUDONYM_DIGITS] in known)


def count_paths(text: str, *, given: tuple[GivenPath, ...]) -> int:
    """Return how many places of a text are one of the given paths or shaped like a path on a person's machine."""
    places = {found.start() for shape in _MACHINE_PATHS for found in shape.finditer(text)}
    for path in given:
        if path.beginning in text:
            places.update(found.start() for found in path.pattern.finditer(text))
    return len(places)


@dataclass(frozen=True)
class GivenPath:
    """A path to be found as it stands or as the beginning of another; ``beginning`` is what any finding begins with."""

    beginning: str
    pattern: re.Pattern[str]


def given_paths(paths: Iterable[str]) -> tuple[GivenPath, ...]:
    """Return what finds each of ``paths``: with single or doubled backslashes, and as it is written in an address.

    Those of one segment (``/code``) are left out: they say nothing of a person, and can be the end of a tag or a name in a PDF.
    """
    words = {path.rstrip("/\\") for path in paths}
    words = {word for word in words if len(_SEGMENT.findall(word)) > 1}
    words |= {quote(word) for word in words if "/" in word}
    return tuple(_given_path(word) for word in sorted(words))


def _given_path(word: str) -> GivenPath:
    written = re.escape(word).replace(r"\\", r"\\+")
    return GivenPath(word.partition("\\")[0], re.compile(rf"(?<![\w.-]){written}(?![A-Za-z0-9_])"))
