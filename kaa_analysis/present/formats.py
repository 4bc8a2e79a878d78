"""Swedish formats: numbers, per cent, days, and the symbols that stand where no number can.

Thousands are parted by U+00A0, decimals by a comma, minus is U+2212, a range has an en dash; halves are rounded away from zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date

from kaa_analysis.core.result import Column, Count, Estimate, Share
from kaa_analysis.disclosure.released import State

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"

TRUE_ZERO = EN_DASH
PROTECTED = ".."
UNKNOWN = "x"
NOT_APPLICABLE = "."

SYMBOLS: dict[str, str] = {
    TRUE_ZERO: "inget finns att redovisa (noll)",
    PROTECTED: "värdet visas inte, för att ingen enskild ska kunna pekas ut",
    UNKNOWN: "uppgiften är okänd",
    NOT_APPLICABLE: "uppgift kan inte förekomma",
}
"""What each symbol means, in the order it is explained under a table."""

HIDDEN_SYMBOLS: dict[State, str] = {
    State.PROTECTED: PROTECTED,
    State.UNKNOWN: UNKNOWN,
    State.NOT_APPLICABLE: NOT_APPLICABLE,
}

ABOUT = "cirka"
"""Said before a rounded number in running text."""

PROPORTION_DIGITS = 3
"""A share, or an estimate declared with at least this many digits, is a proportion 0–1 and is read as per cent."""

P_VALUES = frozenset({"p_value", "p_holm"})
"""The names of estimates that are p values: they are read as numbers, and one that rounds to 0 as less than the smallest step."""


def round_half_up(value: float | Decimal, *, digits: int = 0) -> Decimal:
    """Return ``value`` rounded to ``digits`` decimals, halves away from zero, as the decimal number it is written as.

    >>> round_half_up(0.125, digits=2), round_half_up(2.5)
    (Decimal('0.13'), Decimal('3'))
    """
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def number(value: float | Decimal, *, digits: int = 0) -> str:
    """Return a number in Swedish writing.

    >>> number(12345.67, digits=1).replace(NO_BREAK_SPACE, "_"), number(-3)
    ('12_345,7', '−3')
    """
    rounded = round_half_up(value, digits=digits)
    sign = MINUS if rounded < 0 else ""
    return sign + f"{abs(rounded):,}".replace(",", NO_BREAK_SPACE).replace(".", ",")


def percent(proportion: float | Decimal, *, digits: int = 1) -> str:
    """Return a proportion 0–1 as per cent.

    >>> percent(0.1234).replace(NO_BREAK_SPACE, "_")
    '12,3_%'
    """
    return percent_number(proportion, digits=digits) + NO_BREAK_SPACE + "%"


def percent_number(proportion: float | Decimal, *, digits: int = 1) -> str:
    """Return a proportion 0–1 as a percentage without its sign, for ranges and axes.

    >>> percent_number(0.1235)
    '12,4'
    """
    return number(Decimal(str(proportion)) * 100, digits=digits)


def iso_date(day: date) -> str:
    """Return a day as written in tables.

    >>> iso_date(date(2024, 12, 31))
    '2024-12-31'
    """
    return day.isoformat()


def long_date(day: date | str) -> str:
    """Return a day as written in running text; a string is read as ISO.

    >>> long_date("2024-12-31").replace(NO_BREAK_SPACE, "_")
    '31_december 2024'
    """
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return format_date(day, "d MMMM y", locale="sv_SE").replace(" ", NO_BREAK_SPACE, 1)


def iso_week(day: date | str) -> str:
    """Return the week of a day (ISO 8601: from Monday, week 1 holds the year's first Thursday); the year where it is another.

    >>> iso_week("2025-02-20").replace(NO_BREAK_SPACE, "_"), iso_week("2024-12-31").replace(NO_BREAK_SPACE, "_")
    ('vecka_8', 'vecka_1 2025')
    """
    day = date.fromisoformat(day) if isinstance(day, str) else day
    year, week, _ = day.isocalendar()
    return f"vecka{NO_BREAK_SPACE}{week}" + (f" {year}" if year != day.year else "")


def listing(words: Iterable[str], *, last_word: str = "och") -> str:
    """Return words as a Swedish enumeration, joined at its end by ``last_word``.

    >>> listing(["brev", "sms", "samtal"]), listing(["brev", "sms"], last_word="eller")
    ('brev, sms och samtal', 'brev eller sms')
    """
    *first, last = list(words) or [""]
    return f"{', '.join(first)} {last_word} {last}" if first else last


def is_proportion(column: Column) -> bool:
    """Tell whether the column's values lie in 0–1 and are read as per cent."""
    if isinstance(column, Share):
        return True
    return isinstance(column, Estimate) and column.digits >= PROPORTION_DIGITS and column.name not in P_VALUES


def digits_shown(column: Column) -> int:
    """Return the number of decimals a column is written with (for proportions: of the percentage)."""
    if is_proportion(column):
        return max(column.digits - 2, 0)
    return getattr(column, "digits", 0)


def is_below_step(value: Any, column: Column) -> bool:
    """Tell whether a known value is a p value that rounds to 0: it is told as less than its smallest step."""
    return column.name in P_VALUES and value == 0


def value_text(value: Any, column: Column) -> str:
    r"""Return a known value as a reader sees it, by the role of its column (zero is written 0).

    >>> [value_text(p, Estimate("p_value", "p", ("n",))) for p in (0.0, 0.043)], value_text(0.043, Estimate("share", "Andel", ("n",)))
    (['<0,001', '0,043'], '4,3\xa0%')
    """
    if is_below_step(value, column):
        return "<" + number(Decimal(1).scaleb(-column.digits), digits=column.digits)
    if is_proportion(column):
        return percent(value, digits=digits_shown(column))
    if isinstance(column, (Count, Estimate)):
        return number(value, digits=digits_shown(column))
    return str(value)


def cell_text(value: Any, state: State | str, column: Column) -> str:
    """Return the text of a cell: its value, or the symbol of its state. A count that is truly zero is a dash.

    >>> column = Count("n", "Antal", measure="registered")
    >>> [cell_text(0, "shown", column), cell_text(0, "rounded", column), cell_text(None, "protected", column)]
    ['–', '0', '..']
    """
    state = State(state)
    if state in HIDDEN_SYMBOLS:
        return HIDDEN_SYMBOLS[state]
    if isinstance(column, Count) and state is State.SHOWN and value == 0:
        return TRUE_ZERO
    return value_text(value, column)


def interval_text(lower: str, upper: str) -> str:
    """Return two cell texts as a range; the unit stands once, and a bound that is not shown hides the whole.

    Where a bound is below zero the word *till* stands between them: a dash would run together with the minus sign.

    >>> interval_text("30,1 %", "35,2 %")
    '30,1–35,2 %'
    >>> interval_text("..", "35,2")
    '..'
    >>> interval_text("−2,5", "−0,2").split()
    ['−2,5', 'till', '−0,2']
    """
    symbols = [text for text in (lower, upper) if text in HIDDEN_SYMBOLS.values()]
    if symbols:
        return symbols[0]
    joint = f"{NO_BREAK_SPACE}till{NO_BREAK_SPACE}" if MINUS in lower + upper else EN_DASH
    return lower.removesuffix("%").removesuffix(NO_BREAK_SPACE).removesuffix(" ") + joint + upper


def symbol_legend(shown: Iterable[str]) -> list[tuple[str, str]]:
    """Return (symbol, explanation) for those symbols that occur among ``shown``, in a fixed order."""
    occurring = set(shown)
    return [(symbol, meaning) for symbol, meaning in SYMBOLS.items() if symbol in occurring]
