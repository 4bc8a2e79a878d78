"""The days that stocks and follow-ups are read on: fixed ones in the year, and the last day of a period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.periods import Period, calendar_year, in_words

Kind = Literal["15_september", "15_october", "31_december"]

FIXED: Mapping[str, tuple[int, int]] = {"15_september": (9, 15), "15_october": (10, 15), "31_december": (12, 31)}
"""Month and day: the great round of letters comes after the first, the pupil register is read on the second, a year's stock on the last."""


@dataclass(frozen=True)
class ReferenceDay:
    """A day with its Swedish label."""

    day: date
    label: str

    def is_observed(self, extract_date: date) -> bool:
        """Return whether the day lies before the day of extract, the first one not observed."""
        return self.day < extract_date


def reference_day(kind: Kind, *, year: int) -> ReferenceDay:
    """Return a fixed day of a year.

    >>> reference_day("15_october", year=2024)
    ReferenceDay(day=datetime.date(2024, 10, 15), label='15 oktober 2024')

    Raises:
        DefinitionError: there is no such reference day, or the year lies outside the limits.
    """
    if kind not in FIXED:
        raise DefinitionError(f"Mätdagen ska vara {', '.join(FIXED)}{did_you_mean(kind, FIXED)}.", found=str(kind))
    day = calendar_year(year).start.replace(month=FIXED[kind][0], day=FIXED[kind][1])
    return ReferenceDay(day, in_words(day))


def last_day_of(period: Period) -> ReferenceDay:
    """Return the last day of a period, whether observed or not.

    >>> last_day_of(calendar_year(2024)).label
    '31 december 2024, sista dagen i 2024'
    """
    return ReferenceDay(period.last_day, f"{in_words(period.last_day)}, sista dagen i {period.label}")
