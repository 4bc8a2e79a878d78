"""The days the simulated year turns on: terms, the end of grade 9, the big letter, the 20th birthday."""

from __future__ import annotations

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
COMPULSORY_AGE = 16
WEDNESDAY, TUESDAY = 2, 1


def on_or_after(day: date, *, weekday: int) -> date:
    """Return the first given weekday (Monday = 0) from ``day`` on."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def working_day(day: date) -> date:
    """Return ``day``, or the Monday after if it is a Saturday or Sunday."""
    return day if day.weekday() < 5 else on_or_after(day, weekday=0)


def grade_nine_end(year: int) -> date:
    """Return the first day after grade 9, the day after a Wednesday in mid-June.

    >>> grade_nine_end(2024)
    datetime.date(2024, 6, 13)
    """
    return on_or_after(date(year, 6, 9), weekday=WEDNESDAY) + ONE_DAY


def autumn_start(year: int) -> date:
    """Return the first day of the autumn term, a Tuesday in the middle of August."""
    return on_or_after(date(year, 8, 15), weekday=TUESDAY)


def spring_start(year: int) -> date:
    """Return the first day of the spring term, a Wednesday after Epiphany."""
    return on_or_after(date(year, 1, 8), weekday=WEDNESDAY)


def lasar_end(day: date) -> date:
    """Return the first day after the läsår that ``day`` is in, always a 1 July."""
    return date(day.year + (day.month >= 7), 7, 1)


def reserve_admission_end(year: int) -> date:
    """Return the day after the reserve admission, when a youth without a place is in the register."""
    return date(year, 9, 16)


def big_letter_day(year: int) -> date:
    """Return the day of the big letter round, the first Tuesday after 15 September plus the time to print."""
    return on_or_after(date(year, 9, 18), weekday=TUESDAY)


def in_summer_pause(day: date) -> bool:
    """Return true from Midsummer to 10 August, when nobody is sought."""
    return date(day.year, 6, 21) <= day <= date(day.year, 8, 10)


def after_summer_pause(day: date) -> date:
    """Return a working day outside the summer pause, ``day`` itself if it is one."""
    day = working_day(day)
    return working_day(date(day.year, 8, 11)) if in_summer_pause(day) else day


def birthday(birth_date: date, age: int) -> date:
    """Return the day someone turns ``age``; 29 February becomes 1 March in years without one.

    >>> birthday(date(2004, 2, 29), 20), birthday(date(2004, 2, 29), 19)
    (datetime.date(2024, 2, 29), datetime.date(2023, 3, 1))
    """
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)
