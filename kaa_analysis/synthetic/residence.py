"""Where a person is folkbokförd: moves in, within and out of the city, and the new divisions of 1 July 2020 and 2023."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.records import Residence
from kaa_analysis.synthetic.school_calendar import birthday

STOCKHOLM = "0180"
NO_DISTRICT = ""
MERGERS = {
    "HLI": (date(2020, 7, 1), "HAL"),
    "ALV": (date(2020, 7, 1), "HAL"),
    "RIK": (date(2023, 7, 1), "JAR"),
    "SPT": (date(2023, 7, 1), "JAR"),
    "NOR": (date(2023, 7, 1), "NIN"),
    "OST": (date(2023, 7, 1), "NIN"),
}
VASTERORT = frozenset({"RIK", "SPT", "JAR", "HVB", "BRO"})
YEAR = timedelta(days=365)


def residence_until(
    last_day: date, *, birth_date: date, moved_in: date | None, newly_resident: bool, draws: Draws, margins: Margins
) -> tuple[Residence, ...]:
    """Return the periods up to ``last_day``, the last one still running.

    Someone who ``moved_in`` has a period in another municipality before, unless ``newly_resident`` in the country.
    """
    district = draws.pick(margins.weights("districts"))
    first = Residence(STOCKHOLM, district, moved_in or birth_date)
    elsewhere = () if moved_in is None or newly_resident else (_elsewhere(birth_date, moved_in, draws, margins),)
    periods = [*elsewhere, first]
    day = max(birthday(birth_date, 16), first.start) + YEAR
    while day < last_day:
        if draws.chance(margins.share("moves_within_city_per_year")):
            move = draws.day(day, day + YEAR)
            periods[-1] = replace(periods[-1], end=move)
            periods.append(Residence(STOCKHOLM, draws.pick(margins.weights("districts")), move))
            day = move
        day += YEAR
    return tuple(periods)


def moved_out(
    periods: tuple[Residence, ...], *, day: date, abroad_or_dead: bool, draws: Draws, margins: Margins
) -> tuple[Residence, ...]:
    """Return the periods with a move out of the city on ``day``; who is abroad or dead has no period after."""
    before = tuple(
        replace(period, end=day) if period.end is None else period for period in periods if period.start < day
    )
    last = replace(before[-1], end=day)
    after = () if abroad_or_dead else (_elsewhere(day, None, draws, margins),)
    return (*before[:-1], last, *after)


def moved_back(periods: tuple[Residence, ...], *, day: date, draws: Draws, margins: Margins) -> tuple[Residence, ...]:
    """Return the periods with a move back into the city on ``day``."""
    district = draws.pick(margins.weights("districts"))
    return (*periods[:-1], replace(periods[-1], end=day), Residence(STOCKHOLM, district, day))


def in_the_division_of_the_time(periods: tuple[Residence, ...], *, is_protected: bool) -> tuple[Residence, ...]:
    """Return the periods as folkbokföringen shows them: split on the day its district was merged, no district if protected."""
    if is_protected:
        return tuple(replace(period, district=NO_DISTRICT) for period in periods)
    return tuple(part for period in periods for part in _split(period))


def _split(period: Residence) -> tuple[Residence, ...]:
    if period.district not in MERGERS:
        return (period,)
    merged, successor = MERGERS[period.district]
    if period.end is not None and period.end <= merged:
        return (period,)
    if period.start >= merged:
        return (replace(period, district=successor),)
    return replace(period, end=merged), replace(period, district=successor, start=merged)


def _elsewhere(start: date, end: date | None, draws: Draws, margins: Margins) -> Residence:
    return Residence(draws.pick(margins.weights("other_municipalities")), NO_DISTRICT, start, end)
