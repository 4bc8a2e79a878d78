"""The same period one year earlier, in every calendar, and the series it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import Period, autumn, calendar_year, day_before, days_from_to, half_year, lasar, tertial


def previous(period: Period) -> Period:
    """Return the same period one year earlier.

    Tertials, half-years, läsår and autumns keep their number and start month. Other days move one year back; where that year has no
    29 February, a first day there moves to 28 February.

    >>> previous(tertial(2024, 2)).label, previous(lasar(2023)).label
    ('tertial 2 2023', 'läsåret 2022/23')

    Raises:
        DefinitionError: the period is of no known calendar, or the year lies outside the limits.
    """
    if period.calendar not in _EARLIER:
        raise DefinitionError(
            f"Perioden ska höra till en av kalendrarna {', '.join(_EARLIER)}.",
            found=f"{period.label}: {period.calendar}",
        )
    return _EARLIER[period.calendar](period)


def series(period: Period, *, n: int = 3, observed_from: date | None = None) -> list[Period]:
    """Return the period with the same ones of the ``n`` − 1 years before it, the earliest first.

    Earlier ones that begin before ``observed_from`` are left out.

    >>> [each.label for each in series(tertial(2024, 1))]
    ['tertial 1 2022', 'tertial 1 2023', 'tertial 1 2024']

    Raises:
        DefinitionError: ``n`` is not positive, the period is of no known calendar, or a year lies outside the limits.
    """
    if n < 1:
        raise DefinitionError("En serie ska ha minst en period.", found=str(n))
    found = [period]
    while len(found) < n:
        found.insert(0, previous(found[0]))
    return [each for each in found if each is period or observed_from is None or each.start >= observed_from]


def _days_a_year_earlier(period: Period) -> Period:
    """Return the half-open days one year earlier; of those that no year before has, the first moves back and the end forward."""
    leaps = (period.start.month, period.start.day) == (2, 29)
    start = period.start.replace(year=period.start.year - 1, day=28 if leaps else period.start.day)
    leaps = (period.end.month, period.end.day) == (2, 29)
    end = date(period.end.year - 1, 3, 1) if leaps else period.end.replace(year=period.end.year - 1)
    return days_from_to(start.isoformat(), day_before(end).isoformat())


_EARLIER: Mapping[str, Callable[[Period], Period]] = {
    "calendar_year": lambda period: calendar_year(period.start.year - 1),
    "lasar": lambda period: lasar(period.start.year - 1, start_month=period.start.month),
    "autumn": lambda period: autumn(period.start.year - 1, start_month=period.start.month),
    "tertial": lambda period: tertial(period.start.year - 1, 1 if period.end.month == 5 else 2),
    "half_year": lambda period: half_year(period.start.year - 1, 1 if period.start.month == 1 else 2),
    "days": _days_a_year_earlier,
}
