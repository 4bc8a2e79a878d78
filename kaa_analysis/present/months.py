"""Short Swedish names of months for axes."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_date

_ISO_MONTH = re.compile(r"\d{4}-(\d{2})(-\d{2})?")
SHORT_NAMES = tuple(format_date(date(2024, month, 1), "MMM", locale="sv_SE").rstrip(".")[:3] for month in range(1, 13))


def short_month(text: str) -> str:
    """Return a month's name in three letters, from an ISO month, a number or a name; of several, the first and the last; other text as it is.

    >>> [short_month(text) for text in ("2024-01", "september 2024", "12", "läsår", "april–juni 2024")]
    ['jan', 'sep', 'dec', 'läsår', 'apr–jun']
    """
    first, several, last = text.partition("–")
    if several:
        return f"{short_month(first)}–{short_month(last)}"
    iso = _ISO_MONTH.fullmatch(text)
    number = iso[1] if iso else text
    if number.isdigit() and 1 <= int(number) <= 12:
        return SHORT_NAMES[int(number) - 1]
    return text[:3].lower() if text[:3].lower() in SHORT_NAMES else text
