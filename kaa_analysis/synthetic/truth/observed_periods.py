"""The periods of which a simulated register observes a first day: whole calendar years, läsår and autumns, the last one often cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kaa_analysis.core.periods import Period, autumn, calendar_year, day_before, lasar
from kaa_analysis.synthetic.truth.known_tables import day_number


@dataclass(frozen=True)
class Observed:
    """A period as far as it is observed: the days ``[start, end)`` as whole days since 1970-01-01, and the last one as a date."""

    period: Period
    start: int
    end: int
    last_day: date

    @property
    def label(self) -> str:
        """The period's Swedish label."""
        return self.period.label


def observed_periods(start: date, *, extract_date: date) -> tuple[Observed, ...]:
    """Return the calendar years, then the läsår, then the autumns that begin on ``start`` or later and before the day of extract.

    >>> [one.label for one in observed_periods(date(2023, 1, 1), extract_date=date(2024, 2, 1))]
    ['2023', '2024', 'läsåret 2023/24', 'hösten 2023']
    """
    years = range(start.year, extract_date.year + 1)
    periods = [make(year) for make in (calendar_year, lasar, autumn) for year in years]
    return tuple(
        observed(period, extract_date=extract_date) for period in periods if start <= period.start < extract_date
    )


def observed(period: Period, *, extract_date: date) -> Observed:
    """Return the part of a period before the day of extract, which is the first day that is not observed."""
    end = min(period.end, extract_date)
    return Observed(period, day_number(period.start), day_number(end), day_before(end))
