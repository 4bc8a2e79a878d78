"""Periods in the calendars a city reports in, and birthdays. A period is half-open, ``[start, end)``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from kaa_analysis.core.errors import DefinitionError, did_you_mean

if TYPE_CHECKING:
    import pandas as pd

FIRST_YEAR, LAST_YEAR = 1990, 2100
"""The years that periods may lie in: no register of the kind is older."""

LASAR_START_MONTH = 7
"""The läsår runs 1 July to 30 June (`docs/avgoranden.csv`)."""

LASAR_START_MONTHS = (7, 8)
"""The months whose first day may begin a läsår."""

LeapDayBirthday = Literal["1_march", "28_february"]
"""The birthday of someone born 29 February, in years without that day (`docs/avgoranden.csv`)."""

LEAP_DAYS: tuple[str, ...] = get_args(LeapDayBirthday)

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
        _year(self.start.year)
        _year(self.last_day.year)

    @property
    def last_day(self) -> date:
        """The last day inside the period."""
        return day_before(self.end)

    def is_preliminary(self, extract_date: date) -> bool:
        """Return whether the extract cuts the period: its day, and those after it, are not observed.

        >>> autumn(2024).is_preliminary(date(2024, 12, 31)), autumn(2024).is_preliminary(date(2025, 1, 1))
        (True, False)
        """
        return self.end > extract_date

    def month_starts(self) -> list[date]:
        """Return the first day of each month of the period."""
        months = (date(year, month, 1) for year in range(self.start.year, self.end.year + 1) for month in range(1, 13))
        return [day for day in months if self.start <= day < self.end]


def day_before(day: date) -> date:
    """Return the day before ``day``: the last day of what ``day`` is the first day outside of."""
    return day - timedelta(days=1)


def calendar_year(year: int) -> Period:
    """Return 1 January to 31 December.

    >>> calendar_year(2024).last_day
    datetime.date(2024, 12, 31)
    """
    return Period(date(_year(year), 1, 1), date(year + 1, 1, 1), str(year), "calendar_year")


def lasar(first_year: int, *, start_month: int = LASAR_START_MONTH) -> Period:
    """Return the school year that begins in ``first_year``, on the first day of ``start_month``.

    >>> lasar(2023).label, lasar(2023).end
    ('läsåret 2023/24', datetime.date(2024, 7, 1))
    """
    label = f"läsåret {first_year}/{(first_year + 1) % 100:02d}"
    start = _lasar_start(first_year, start_month)
    return Period(start, _lasar_start(first_year + 1, start_month), label, "lasar")


def lasar_that_ended_in(year: int, *, start_month: int = LASAR_START_MONTH) -> Period:
    """Return the school year that ended in ``year``, before its ``start_month``.

    >>> lasar_that_ended_in(2024).label
    'läsåret 2023/24'
    """
    return lasar(year - 1, start_month=start_month)


def autumn(year: int, *, start_month: int = LASAR_START_MONTH) -> Period:
    """Return the part of the school year that lies in ``year``: by default 1 July to 31 December.

    >>> autumn(2024).label, autumn(2024).start
    ('hösten 2024', datetime.date(2024, 7, 1))
    """
    return Period(_lasar_start(year, start_month), date(year + 1, 1, 1), f"hösten {year}", "autumn")


def tertial(year: int, number: int) -> Period:
    """Return tertial 1 (January–April) or tertial 2 (January–August, cumulative).

    >>> tertial(2024, 2).start, tertial(2024, 2).end
    (datetime.date(2024, 1, 1), datetime.date(2024, 9, 1))
    """
    ends = {1: date(_year(year), 5, 1), 2: date(year, 9, 1)}
    if number not in ends:
        raise DefinitionError("Tertialrapporten är 1 eller 2; hela året är verksamhetsberättelsen.", found=str(number))
    return Period(date(year, 1, 1), ends[number], f"tertial {number} {year}", "tertial")


def half_year(year: int, number: int) -> Period:
    """Return January–June (1) or July–December (2), the agency's reporting periods.

    >>> half_year(2024, 2).label
    'andra halvåret 2024'
    """
    halves = {
        1: (date(_year(year), 1, 1), date(year, 7, 1), "första"),
        2: (date(year, 7, 1), date(year + 1, 1, 1), "andra"),
    }
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
    label = years if whole_years else f"{in_words(start)}–{in_words(last)}"
    return Period(start, last + timedelta(days=1), label, "days")


def spanned(first: str, last: str) -> str:
    """Return the words for a series of periods with these labels; what both begin with is said once.

    >>> spanned("2022", "2024"), spanned("tertial 2 2022", "tertial 2 2024"), spanned("2024", "2024")
    ('2022–2024', 'tertial 2 2022–2024', '2024')
    """
    if first == last:
        return first
    kind, _, year = last.rpartition(" ")
    return f"{first}–{year if first.rpartition(' ')[0] == kind else last}"


def period_called(label: str) -> Period | None:
    """Return the period that a label of this module stands for, by the usual läsår; None for any other text.

    >>> period_called("tertial 2 2024").last_day, period_called("läsåret 2023/24").start, period_called("mars")
    (datetime.date(2024, 8, 31), datetime.date(2023, 7, 1), None)
    """
    numbers = [int(number) for number in re.findall(r"[0-9]+", label)]
    for n_numbers, of_numbers in _CALENDARS:
        if len(numbers) == n_numbers:
            try:
                period = of_numbers(*numbers)
            except (DefinitionError, ValueError):
                continue
            if period.label == label:
                return period
    return None


_CALENDARS: tuple[tuple[int, Callable[..., Period]], ...] = (
    (1, calendar_year),
    (1, autumn),
    (1, lambda year: half_year(year, 1)),
    (1, lambda year: half_year(year, 2)),
    (2, lambda first_year, _: lasar(first_year)),
    (2, lambda number, year: tertial(year, number)),
    (2, lambda first_year, last_year: days_from_to(f"{first_year}-01-01", f"{last_year}-12-31")),
)
"""How many numbers stand in a label, and the period that they may be of."""


def in_words(day: date) -> str:
    """Return the Swedish words for a day.

    >>> in_words(date(2024, 9, 15))
    '15 september 2024'
    """
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def age_on(birth_date: pd.Series, day: pd.Series | date, *, leap_day: LeapDayBirthday = "1_march") -> pd.Series:
    """Return completed years on ``day``; ``leap_day`` as in `birthday`.

    Raises:
        DefinitionError: ``leap_day`` is unknown.
    """
    import pandas as pd  # here: checking parameters asks for periods and needs no tables

    day = pd.Series(pd.Timestamp(day), index=birth_date.index) if isinstance(day, date) else day
    years = day.dt.year - birth_date.dt.year
    return (years - (birthday(birth_date, years, leap_day=leap_day) > day)).astype("Int64")


def birthday(birth_date: pd.Series, years: pd.Series | int, *, leap_day: LeapDayBirthday = "1_march") -> pd.Series:
    """Return the day of the ``years``-th birthday; ``leap_day`` says which day it is for 29 February in a year without one.

    No source is known for that setting, see `docs/avgoranden.csv`. A missing date of birth gives a missing day.

    >>> import pandas as pd
    >>> born = pd.to_datetime(pd.Series(["2004-02-29"]))
    >>> [str(birthday(born, years, leap_day="28_february")[0].date()) for years in (17, 20)]
    ['2021-02-28', '2024-02-29']

    Raises:
        DefinitionError: ``leap_day`` is unknown.
    """
    import numpy as np
    import pandas as pd

    if leap_day not in LEAP_DAYS:
        raise DefinitionError(
            f"Födelsedagen för den som är född 29 februari ska vara {' eller '.join(LEAP_DAYS)}"
            f"{did_you_mean(leap_day, LEAP_DAYS)}.",
            found=str(leap_day),
        )
    years = pd.Series(years, index=birth_date.index)
    known = birth_date.notna() & years.notna()
    born = birth_date[known].to_numpy(dtype="datetime64[D]")
    month = born.astype("datetime64[M]")
    same_month = month + 12 * years[known].to_numpy(dtype="int64")
    days = same_month.astype("datetime64[D]") + (born - month.astype("datetime64[D]"))
    if leap_day == "28_february":
        days = days - (days.astype("datetime64[M]") != same_month).astype("int64")
    found = np.full(len(birth_date), np.datetime64("NaT"), dtype="datetime64[us]")
    found[known] = days
    return pd.Series(found, index=birth_date.index)


def _year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise DefinitionError(f"Året ska ligga mellan {FIRST_YEAR} och {LAST_YEAR}.", found=str(year))
    return year


def _lasar_start(year: int, month: int) -> date:
    if month not in LASAR_START_MONTHS:
        allowed = " eller ".join(f"{each} ({MONTH_NAMES[each - 1]})" for each in LASAR_START_MONTHS)
        raise DefinitionError(f"Läsåret ska börja den första i månad {allowed}.", found=str(month))
    return date(_year(year), month, 1)


def months_to_days(months: int) -> int:
    """Return ``months`` of 365.25/12 days in whole days, halves upwards.

    >>> [months_to_days(months) for months in (0, 3, 6, 12, 24)]
    [0, 91, 183, 365, 731]
    """
    return (487 * months + 8) // 16  # 365.25/12 = 487/16
