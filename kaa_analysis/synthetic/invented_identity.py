"""Identities that cannot exist: twelve digits with month + 80, right parity and right check digit."""

from __future__ import annotations

from datetime import date

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.draws import Draws

IMPOSSIBLE_MONTHS = 80
SERIALS = 1000


def check_digit(nine_digits: str) -> int:
    """Return the Luhn digit (weights 2, 1, 2, …) of nine digits.

    >>> check_digit("640823323")
    4
    """
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine_digits))
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def impossible_identity(written_date: date, *, serial: int) -> str:
    """Return YYYYMMDDNNNC with month + 80; the check digit is that of the nine digits as written.

    >>> impossible_identity(date(2006, 3, 9), serial=238)
    '200683092381'
    """
    body = f"{written_date.year:04d}{written_date.month + IMPOSSIBLE_MONTHS:02d}{written_date.day:02d}{serial:03d}"
    return f"{body}{check_digit(body[2:])}"


def draw_identity(written_date: date, *, sex: str, taken: set[str], draws: Draws) -> str:
    """Return an identity that is not in ``taken``; the serial is odd for men (``M``) and even for women.

    Raises:
        DefinitionError: every serial of that day and sex is taken.
    """
    odd = int(sex == "M")
    first = draws.whole(0, SERIALS // 2 - 1)
    for step in range(SERIALS // 2):
        identity = impossible_identity(written_date, serial=2 * ((first + step) % (SERIALS // 2)) + odd)
        if identity not in taken:
            return identity
    raise DefinitionError("Identitetsnumren räcker inte för så många personer födda samma dag.")
