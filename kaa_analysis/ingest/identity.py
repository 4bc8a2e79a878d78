"""Identity numbers: whether one is possible, and the keyed pseudonym that stands for it in the register."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from enum import StrEnum

import numpy as np

TWELVE = 12
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


def identity_findings(identities: Sequence[str], *, kind: str) -> np.ndarray:
    """Return what is the matter with each identity for a layout of ``kind`` personnummer, synthetic or record_number.

    A personnummer is twelve digits YYYYMMDDNNNC, the last one Luhn over YYMMDDNNN. In a synthetic one the month is 81–92; each kind
    is refused by layouts of the other. Both may be samordningsnummer.

    >>> identity_findings(["1890010198", "189001019802"], kind="personnummer").tolist()
    ['format', 'possible']
    """
    found = np.full(len(identities), IdentityFinding.FORMAT, dtype=object)
    if kind == "record_number":
        found[[RECORD_NUMBER.fullmatch(identity) is not None for identity in identities]] = IdentityFinding.POSSIBLE
        return found
    whole = have_twelve_digits(identities)
    found[whole] = _findings(np.asarray(identities, dtype=object)[whole], kind=kind)
    return found


def have_twelve_digits(identities: Sequence[str]) -> np.ndarray:
    """Return which texts are twelve digits and nothing else."""
    whole = np.array([len(identity) == TWELVE for identity in identities], dtype=bool)
    whole[whole] = (_digits(np.asarray(identities, dtype=object)[whole]) <= 9).all(axis=1)
    return whole


def are_coordination(identities: Sequence[str]) -> np.ndarray:
    """Return which numbers of twelve digits are samordningsnummer, real or invented: day + 60. Month 00 and day 60 occur in real ones.

    >>> are_coordination(["200683692388", "200683092381"]).tolist()
    [True, False]
    """
    digits = _digits(identities)
    written, day = _number(digits, 4, 6), _number(digits, 6, 8)
    month = written - SYNTHETIC_MONTHS * (written > SYNTHETIC_MONTHS)
    return (day >= COORDINATION_DAYS) & (day <= COORDINATION_DAYS + 31) & (month <= 12)


def identity_days(identities: Sequence[str]) -> np.ndarray:
    """Return the day in each number of twelve digits (synthetic and coordination numbers decoded), NaT where there is no such day.

    >>> identity_days(["189002289800", "189002299808"]).astype(str).tolist()
    ['1890-02-28', 'NaT']
    """
    digits = _digits(identities)
    year, month, day = _number(digits, 0, 4), _number(digits, 4, 6), _number(digits, 6, 8)
    synthetic = month > SYNTHETIC_MONTHS
    month = month - SYNTHETIC_MONTHS * synthetic
    day = day - COORDINATION_DAYS * (day > COORDINATION_DAYS)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    exists = (year >= EARLIEST_YEAR) & (month >= 1) & (month <= 12) & (days.astype("datetime64[M]") == months)
    return np.where(exists, days, np.datetime64("NaT", "D"))


def identity_sexes(identities: Sequence[str]) -> np.ndarray:
    """Return the sex in each number of twelve digits: the third digit of the serial is odd for men, even for women.

    >>> identity_sexes(["189001019802"]).tolist()
    ['female']
    """
    return np.where(_digits(identities)[:, 10] % 2, "male", "female").astype(object)


def _findings(identities: Sequence[str], *, kind: str) -> np.ndarray:
    digits = _digits(identities)
    synthetic, coordination = _number(digits, 4, 6) > SYNTHETIC_MONTHS, are_coordination(identities)
    wrong_kind = synthetic != (kind == "synthetic")
    found = np.where(coordination, IdentityFinding.COORDINATION, IdentityFinding.POSSIBLE).astype(object)
    found[_luhn_sums(digits[:, 2:]) % 10 != 0] = IdentityFinding.CHECK_DIGIT
    found[np.isnat(identity_days(identities)) & ~coordination] = IdentityFinding.DATE
    found[wrong_kind & synthetic] = IdentityFinding.SYNTHETIC
    found[wrong_kind & ~synthetic] = IdentityFinding.NOT_SYNTHETIC
    return found


def _digits(identities: Sequence[str]) -> np.ndarray:
    """Return the digits of texts of twelve characters, uint8 of shape (n, 12); what is no digit is more than nine."""
    written = "".join(identities).encode("ascii", "replace")
    return np.frombuffer(written, dtype=np.uint8).reshape(-1, TWELVE) - np.uint8(ord("0"))


def _number(digits: np.ndarray, first: int, end: int) -> np.ndarray:
    """Return the number that the digits from ``first`` to before ``end`` write, one per row."""
    return digits[:, first:end].astype(np.int64) @ 10 ** np.arange(end - first)[::-1]


def _luhn_sums(digits: np.ndarray) -> np.ndarray:
    """Return the sum over ten digits of which every other one, the first among them, is doubled and its digits added."""
    doubled = digits * np.array([2, 1] * 5, dtype=np.uint8)
    return (doubled // 10 + doubled % 10).sum(axis=1)


def pseudonym(identity: str, *, key: bytes, source: str) -> str:
    """Return the first sixteen hex digits of HMAC-SHA256 over the identity.

    ``source`` is empty for identity numbers, which mean the same person everywhere, and the layout's name for record numbers, which do not.

    >>> pseudonym("7", key=b"k" * 32, source="mvad") == pseudonym("7", key=b"l" * 32, source="mvad")
    False
    """
    message = f"{source}:{identity}" if source else identity
    return hmac.digest(key, message.encode(), "sha256").hex()[:PSEUDONYM_DIGITS]
