"""The day a registration came to the register, which the month to the first contact attempt runs from, and the summer's registrations."""

from __future__ import annotations

import pandas as pd

SUMMER_FROM, SUMMER_TO = 601, 915
"""1 June and 15 September as month × 100 + day: by routine the letter goes out after 15 September."""


def registered_day(spells: pd.DataFrame) -> pd.Series:
    """Return the day each spell came to the register: ``registered_at``, or the entry date where that is missing."""
    return spells["registered_at"].fillna(spells["entry_date"])


def in_summer(day: pd.Series) -> pd.Series:
    """Return which days lie from 1 June to 15 September, both included.

    >>> list(in_summer(pd.to_datetime(pd.Series(["2024-05-31", "2024-06-01", "2024-09-15", "2024-09-16"]))))
    [False, True, True, False]
    """
    return (day.dt.month * 100 + day.dt.day).between(SUMMER_FROM, SUMMER_TO)
