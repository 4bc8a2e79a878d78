"""Periods and the four calendars a city reports in. Every period is half-open, ``[start, end)``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from kaa_analysis.core.errors import DefinitionError

LASAR_START_MONTH = 7
"""The läsår runs 1 July to 30 June (`docs/avgoranden.csv`)."""


MONTH_NAMES = (
    "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """A half-open interval of days with its Swedish label. ``end`` is the first day outside."""

    start: date
    end: date
    label: str
    calendar: str

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise DefinitionError("En period ska sluta efter att den börjar.", found=f"{self.start} – {self.end}")

    @property
    def last_day(self) -> date:
        """The last day inside the period."""
        return day_before(self.end)

    def month_starts(self) -> list[date]:
        """Return the first day of each month of the period."""
        return [stamp.date() for stamp in pd.date_range(self.start, self.last_day, freq="MS")]


def day_before(day: date) -> date:
    """Return the day before ``day``: the last day of what ``day`` is the first day outside of."""
    return day - timedelta(days=1)


def calendar_year(year: int) -> Period:
    """Return 1 January to 31 December.

    >>> calendar_year(2024).last_day
    datetime.date(2024, 12, 31)
    """
    return Period(date(year, 1, 1), date(year + 1, 1, 1), str(year), "calendar_year")


def lasar(first_year: int) -> Period:
    """Return the school year that begins on 1 July of ``first_year``.

    >>> lasar(2023).label, lasar(2023).end
    ('läsåret 2023/24', datetime.date(2024, 7, 1))
    """
    label = f"läsåret {first_year}/{(first_year + 1) % 100:02d}"
    return Period(date(first_year, LASAR_START_MONTH, 1), date(first_year + 1, LASAR_START_MONTH, 1), label, "lasar")


def lasar_that_ended_in(year: int) -> Period:
    """Return the school year that ended on 30 June of ``year``.

    >>> lasar_that_ended_in(2024).label
    'läsåret 2023/24'
    """
    return lasar(year - 1)


def autumn(year: int) -> Period:
    """Return the part of the school year that lies in ``year``: 1 July to 31 December.

    >>> autumn(2024).label, autumn(2024).start
    ('hösten 2024', datetime.date(2024, 7, 1))
    """
    return Period(date(year, LASAR_START_MONTH, 1), date(year + 1, 1, 1), f"hösten {year}", "autumn")


def tertial(year: int, number: int) -> Period:
    """Return tertial 1 (January–April) or tertial 2 (January–August, cumulative).

    >>> tertial(2024, 2).start, tertial(2024, 2).end
    (datetime.date(2024, 1, 1), datetime.date(2024, 9, 1))
    """
    ends = {1: date(year, 5, 1), 2: date(year, 9, 1)}
    if number not in ends:
        raise DefinitionError("Tertialrapporten är 1 eller 2; hela året är verksamhetsberättelsen.", found=str(number))
    return Period(date(year, 1, 1), ends[number], f"tertial {number} {year}", "tertial")


def half_year(year: int, number: int) -> Period:
    """Return January–June (1) or July–December (2), the agency's reporting periods.

    >>> half_year(2024, 2).label
    'andra halvåret 2024'
    """
    halves = {1: (date(year, 1, 1), date(year, 7, 1), "första"), 2: (date(year, 7, 1), date(year + 1, 1, 1), "andra")}
    if number not in halves:
        raise DefinitionError("Ett halvår är 1 eller 2.", found=str(number))
    start, end, word = halves[number]
    return Period(start, end, f"{word} halvåret {year}", "half_year")


def days_from_to(first_day: str, last_day: str) -> Period:
    """Return the days from ``first_day`` to ``last_day``, both included, as ISO dates. Whole years are called by their years.

    >>> days_from_to("2022-01-01", "2024-12-31").label, days_from_to("1993-07-01", "1999-06-30").label
    ('2022–2024', '1 juli 1993–30 juni 1999')
    """
    start, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    whole_years = first_day.endswith("-01-01") and last_day.endswith("-12-31")
    years = f"{start.year}–{last.year}" if start.year < last.year else str(start.year)
    label = years if whole_years else f"{_in_words(start)}–{_in_words(last)}"
    return Period(start, last + timedelta(days=1), label, "days")


def _in_words(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def age_on(birth_date: pd.Series, day: pd.Series | date) -> pd.Series:
    """Return completed years on ``day``. Someone born 29 February has the birthday on 1 March in years without one.

    That birthday is a setting without a found source, see `docs/avgoranden.csv`.
    """
    day = pd.Series(pd.Timestamp(day), index=birth_date.index) if isinstance(day, date) else day
    had_birthday = (day.dt.month > birth_date.dt.month) | (
        (day.dt.month == birth_date.dt.month) & (day.dt.day >= birth_date.dt.day)
    )
    return (day.dt.year - birth_date.dt.year - (~had_birthday)).astype("Int64")


def birthday(birth_date: pd.Series, years: int) -> pd.Series:
    """Return the day of the ``years``-th birthday (29 February falls on 1 March where the year has none)."""
    leap_born = (birth_date.dt.month == 2) & (birth_date.dt.day == 29)
    year = birth_date.dt.year + years
    is_leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    month_day = birth_date.dt.strftime("-%m-%d").mask(leap_born & ~is_leap, "-03-01")
    return pd.to_datetime(year.astype("Int64").astype("string") + month_day, format="%Y-%m-%d")
