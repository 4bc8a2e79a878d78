"""How people and spreadsheet programs write a value wrong: each function takes a cell's text and returns what stands there instead."""

from __future__ import annotations

from datetime import date

from kaa_analysis.synthetic.errors.changes import day
from kaa_analysis.synthetic.invented_identity import check_digit

EXCEL_DAY_ZERO = date(1899, 12, 30)
MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
SAMORDNING_DAYS = 60
RESERVE_MONTHS = 60
"""Taken from the month of an invented identity (81–92): 21–32 is the month of no real number and of no invented one."""


def in_scientific_form(digits: str) -> str:
    """Return a long number as Excel shows it, most of its digits gone.

    >>> in_scientific_form("200281028357"), in_scientific_form("91000043")
    ('2,00281E+11', '9,1E+07')
    """
    leading = f"{digits[0]},{digits[1:6]}".rstrip("0").rstrip(",")
    return f"{leading}E+{len(digits) - 1:02d}"


def without_leading_zeros(digits: str) -> str:
    """Return the number as Excel shows it: the zeros in front are gone.

    >>> without_leading_zeros("0180")
    '180'
    """
    return digits.lstrip("0")


def as_serial_day(text: str) -> str:
    """Return the day as the number of days that Excel keeps.

    >>> as_serial_day("2024-01-31")
    '45322'
    """
    return str((day(text) - EXCEL_DAY_ZERO).days)


def number_as_day(number: str) -> str:
    """Return a small number as the day that Excel makes of it.

    >>> number_as_day("3")
    '03-mar'
    """
    return f"{int(number):02d}-{MONTHS[(int(number) - 1) % 12]}" if 1 <= int(number) <= 31 else number


def with_apostrophe(text: str) -> str:
    """Return the text with the apostrophe that keeps Excel from changing it."""
    return f"'{text}"


def day_in_swedish(text: str) -> str:
    """Return the day as it is written by hand.

    >>> day_in_swedish("2024-03-05")
    '5/3 2024'
    """
    there = day(text)
    return f"{there.day}/{there.month} {there.year}"


def with_hyphen(identity: str) -> str:
    """Return an identity with a hyphen before its last four digits."""
    return f"{identity[:8]}-{identity[8:]}"


def without_century(identity: str) -> str:
    """Return the ten digits of an identity."""
    return identity[2:]


def with_checked_body(body: str) -> str:
    """Return eleven digits with their check digit: an identity whose form is right, whatever its date is.

    >>> with_checked_body("20068309238")
    '200683092381'
    """
    return f"{body}{check_digit(body[2:])}"


def mistyped(identity: str) -> str:
    """Return the identity with one digit of its serial wrong: the check digit no longer fits."""
    wrong = (int(identity[9]) + 1) % 10
    return f"{identity[:9]}{wrong}{identity[10:]}"


def another_serial(identity: str) -> str:
    """Return the identity with another serial of the same sex and the check digit that fits it."""
    serial = (int(identity[8:11]) + 500) % 1000
    return with_checked_body(f"{identity[:8]}{serial:03d}")


def on_an_impossible_day(identity: str) -> str:
    """Return the identity with a day between 32 and 59, which neither a personnummer nor a samordningsnummer has."""
    return (
        with_checked_body(f"{identity[:6]}{int(identity[6:8]) + 31:02d}{identity[8:11]}")
        if identity[6:8] < "29"
        else identity
    )


def as_samordningsnummer(identity: str) -> str:
    """Return the invented identity as a samordningsnummer: day + 60, and the check digit that fits it.

    >>> as_samordningsnummer("200683092381")
    '200683692388'
    """
    return with_checked_body(f"{identity[:6]}{int(identity[6:8]) + SAMORDNING_DAYS}{identity[8:11]}")


def as_reserve_number(identity: str) -> str:
    """Return a school's own number in place of the identity: a month that no person's number has."""
    return with_checked_body(f"{identity[:4]}{int(identity[4:6]) - RESERVE_MONTHS:02d}{identity[6:11]}")
