"""Short Swedish names of months for axes."""

from __future__ import annotations

import re
from datetime import date

from babel.dates import format_date

_ISO_MONTH = re.compile(r"\d{4}-(\d{2})(-\d{2})?")
SHORT_NAMES = tuple(format_date(date(2024, month, 1), "MMM", locale="sv_SE").rstrip(".")[:3] for month in range(1, 13))


def short_month(text: str) -> str:
    """Return a month's name in three letters, from an ISO month, a number or a name; other text as it is.

    >>> [short_month(text) for text in ("2024-01", "september 2024", "12", "läsår")]
    ['jan', 'sep', 'dec', 'läsår']
    """
    iso = _ISO_MONTH.fullmatch(text)
    number = iso[1] if iso else text
    if number.isdigit() and 1 <= int(number) <= 12:
        return SHORT_NAMES[int(number) - 1]
    return text[:3].lower() if text[:3].lower() in SHORT_NAMES else text
