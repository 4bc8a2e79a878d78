"""Identity numbers: whether one is possible, and the keyed pseudonym that stands for it in the register."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import date
from enum import StrEnum

from stdnum import luhn

TWELVE_DIGITS = re.compile(r"[0-9]{12}")
RECORD_NUMBER = re.compile(r"[0-9]{1,12}")
SYNTHETIC_MONTHS = 80
"""Added to the month of an invented identity, so that no real person can have it (`docs/layouts/ber.md`)."""
COORDINATION_DAYS = 60
"""Added to the day of a samordningsnummer."""
EARLIEST_YEAR = 1850
PSEUDONYM_DIGITS = 16


class IdentityFinding(StrEnum):
    """What is the matter with an identity number, if anything. `COORDINATION` is a possible number and only noted."""

    POSSIBLE = "possible"
    COORDINATION = "coordination"
    FORMAT = "format"
    DATE = "date"
    CHECK_DIGIT = "check_digit"
    SYNTHETIC = "synthetic"
    NOT_SYNTHETIC = "not_synthetic"


def check_identity(identity: str, *, kind: str) -> IdentityFinding:
    """Return what is the matter with ``identity`` for a layout of ``kind`` personnummer, synthetic or record_number.

    A personnummer is twelve digits YYYYMMDDNNNC, the last one Luhn over YYMMDDNNN. In a synthetic one the month is 81–92; each kind
    is refused by layouts of the other.

    >>> check_identity("1890010198", kind="personnummer").value
    'format'
    """
    if kind == "record_number":
        return IdentityFinding.POSSIBLE if RECORD_NUMBER.fullmatch(identity) else IdentityFinding.FORMAT
    if not TWELVE_DIGITS.fullmatch(identity):
        return IdentityFinding.FORMAT
    if is_synthetic(identity) != (kind == "synthetic"):
        return IdentityFinding.SYNTHETIC if is_synthetic(identity) else IdentityFinding.NOT_SYNTHETIC
    if identity_date(identity) is None and not is_coordination(identity):
        return IdentityFinding.DATE
    if not luhn.is_valid(identity[2:]):
        return IdentityFinding.CHECK_DIGIT
    return IdentityFinding.COORDINATION if is_coordination(identity) else IdentityFinding.POSSIBLE


def is_synthetic(identity: str) -> bool:
    """Return whether the month of a twelve-digit number is one that no real number can have."""
    return int(identity[4:6]) > SYNTHETIC_MONTHS


def is_coordination(identity: str) -> bool:
    """Return whether a twelve-digit number is a samordningsnummer: day + 60. Month 00 and day 60 occur in real ones."""
    return COORDINATION_DAYS <= int(identity[6:8]) <= COORDINATION_DAYS + 31 and int(identity[4:6]) <= 12


def identity_date(identity: str) -> date | None:
    """Return the day in a twelve-digit number (synthetic and coordination numbers decoded), or None if there is no such day."""
    year, month, day = int(identity[:4]), int(identity[4:6]), int(identity[6:8])
    if is_synthetic(identity):
        month -= SYNTHETIC_MONTHS
    elif day > COORDINATION_DAYS:
        day -= COORDINATION_DAYS
    try:
        return date(year, month, day) if year >= EARLIEST_YEAR else None
    except ValueError:
        return None


def identity_sex(identity: str) -> str:
    """Return the sex in a twelve-digit number: the third digit of the serial is odd for men, even for women.

    >>> identity_sex("189001019802")
    'female'
    """
    return "male" if int(identity[10]) % 2 else "female"


def pseudonym(identity: str, *, key: bytes, source: str) -> str:
    """Return the first sixteen hex digits of HMAC-SHA256 over the identity.

    ``source`` is empty for identity numbers, which mean the same person everywhere, and the layout's name for record numbers, which do not.

    >>> pseudonym("7", key=b"k" * 32, source="mvad") == pseudonym("7", key=b"l" * 32, source="mvad")
    False
    """
    message = f"{source}:{identity}" if source else identity
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_DIGITS]
