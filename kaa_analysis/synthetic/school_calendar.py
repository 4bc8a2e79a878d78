"""The days the simulated year turns on: terms, the end of grade 9, the big letter, birthdays. All of them on whole arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Days = NDArray[np.datetime64]
Years = NDArray[np.int64]

ONE_DAY = np.timedelta64(1, "D")
NO_DAY = np.datetime64("NaT", "D")
COMPULSORY_AGE = 16
MONDAY, TUESDAY, WEDNESDAY, SATURDAY = 0, 1, 2, 5
EPOCH_WEEKDAY = 3
"""1970-01-01, day 0 of the arrays, was a Thursday."""


def date_of(year: ArrayLike, month: ArrayLike, day: ArrayLike = 1) -> Days:
    """Return the days of year, month and day of month; a day beyond its month runs on into the next.

    >>> date_of([2023, 2024], 2, 29).astype(str).tolist()
    ['2023-03-01', '2024-02-29']
    """
    months = (np.asarray(year, dtype=np.int64) - 1970) * 12 + np.asarray(month, dtype=np.int64) - 1
    return months.astype("datetime64[M]").astype("datetime64[D]") + days(np.asarray(day, dtype=np.int64) - 1)


def days(number: ArrayLike) -> NDArray[np.timedelta64]:
    """Return a number of days as a length of time."""
    return np.asarray(number, dtype=np.int64).astype("timedelta64[D]")


def year_of(day: Days) -> Years:
    """Return the calendar years."""
    return np.asarray(day).astype("datetime64[Y]").astype(np.int64) + 1970


def month_of(day: Days) -> Years:
    """Return the months, 1–12."""
    return np.asarray(day).astype("datetime64[M]").astype(np.int64) % 12 + 1


def weekday_of(day: Days) -> Years:
    """Return the weekdays, Monday = 0."""
    return (np.asarray(day).astype("datetime64[D]").astype(np.int64) + EPOCH_WEEKDAY) % 7


def on_or_after(day: Days, *, weekday: int) -> Days:
    """Return the first given weekday (Monday = 0) from each day on."""
    return day + days((weekday - weekday_of(day)) % 7)


def working_day(day: Days) -> Days:
    """Return each day, or the Monday after if it is a Saturday or Sunday."""
    return np.where(weekday_of(day) < SATURDAY, day, on_or_after(day, weekday=MONDAY))


def grade_nine_end(year: ArrayLike) -> Days:
    """Return the first day after grade 9, the day after a Wednesday in mid-June.

    >>> grade_nine_end(2024)
    np.datetime64('2024-06-13')
    """
    return on_or_after(date_of(year, 6, 9), weekday=WEDNESDAY) + ONE_DAY


def autumn_start(year: ArrayLike) -> Days:
    """Return the first day of the autumn term, a Tuesday in the middle of August."""
    return on_or_after(date_of(year, 8, 15), weekday=TUESDAY)


def spring_start(year: ArrayLike) -> Days:
    """Return the first day of the spring term, a Wednesday after Epiphany."""
    return on_or_after(date_of(year, 1, 8), weekday=WEDNESDAY)


def lasar_end(day: Days) -> Days:
    """Return the first day after the läsår that each day is in, always a 1 July."""
    return date_of(year_of(day) + (month_of(day) >= 7), 7)


def graduation_day(year: ArrayLike) -> Days:
    """Return the day certificates of the gymnasium are dated, about a week before grade 9 ends."""
    return working_day(date_of(year, 6, 4))


def final_admission(year: ArrayLike) -> Days:
    """Return the day of the final admission."""
    return date_of(year, 7, 1)


def reserve_admission_end(year: ArrayLike) -> Days:
    """Return 16 September, the day after the reserve admission, when a youth without a place is in the register."""
    return date_of(year, 9, 16)


def big_letter_day(year: ArrayLike) -> Days:
    """Return the day of the big letter round, the first Tuesday after 15 September plus the time to print."""
    return on_or_after(date_of(year, 9, 18), weekday=TUESDAY)


def is_one_summer(left: Days, begun: Days) -> NDArray[np.bool_]:
    """Return whether only a summer lies between two places: the last day in the first 1 June or later, the second begun by 15 September that year.

    ``left`` is the first day after the first place; false where either day is missing.
    """
    year = year_of(left - ONE_DAY)
    return (left > date_of(year, 6, 1)) & (left <= begun) & (begun < reserve_admission_end(year))


def in_summer_pause(day: Days) -> NDArray[np.bool_]:
    """Return true from Midsummer to 10 August, when nobody is sought."""
    year = year_of(day)
    return (date_of(year, 6, 21) <= day) & (day <= date_of(year, 8, 10))


def after_summer_pause(day: Days) -> Days:
    """Return working days outside the summer pause, each day itself if it is one."""
    day = working_day(day)
    return np.where(in_summer_pause(day), working_day(date_of(year_of(day), 8, 11)), day)


def birthday(birth_date: Days, age: ArrayLike) -> Days:
    """Return the day someone turns ``age``; 29 February becomes 1 March in years without one.

    >>> birthday(np.array(["2004-02-29"] * 2, dtype="datetime64[D]"), [20, 19]).astype(str).tolist()
    ['2024-02-29', '2023-03-01']
    """
    day_of_month = (birth_date - np.asarray(birth_date).astype("datetime64[M]")).astype(np.int64) + 1
    return date_of(year_of(birth_date) + age, month_of(birth_date), day_of_month)
