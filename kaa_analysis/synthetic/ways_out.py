"""How and when a spell in the target group ends: studies, a move, the 20th birthday or something else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.school_calendar import autumn_start, spring_start, working_day

STUDIES = "studies"
AUGUST, JANUARY = 8, 1


@dataclass(frozen=True)
class WayOut:
    """The first day not in the target group and the code of the reason; ``form`` if it is a study start."""

    day: date
    reason: str
    form: str = ""


def way_out(
    entry: date, *, twentieth: date, newly_resident: bool, pace: float, draws: Draws, margins: Margins
) -> WayOut:
    """Return what ends a spell that began on ``entry``; at the latest the 20th birthday does.

    ``pace`` multiplies the monthly chance of a study start. Nothing ends a spell on its first day.
    """
    for year, month in _months(entry, twentieth):
        way = draws.pick(_monthly_ways(year, month, twentieth, pace, margins))
        if not way:
            continue
        day = _day_of(way, year, month, draws)
        if not entry < day < twentieth:
            continue
        if way != STUDIES:
            return WayOut(day, way)
        form = draws.pick(_forms(day, twentieth, newly_resident, margins))
        return WayOut(day, form, form)
    return WayOut(twentieth, "F20")


def _months(entry: date, twentieth: date) -> list[tuple[int, int]]:
    first, last = entry.year * 12 + entry.month - 1, twentieth.year * 12 + twentieth.month - 1
    return [(number // 12, number % 12 + 1) for number in range(first, last + 1)]


def _monthly_ways(year: int, month: int, twentieth: date, pace: float, margins: Margins) -> dict[str, float]:
    studies = margins.weights("study_start_by_month")[month] * pace
    if year == twentieth.year and month >= 7:
        studies *= margins.share("study_start_after_gymnasium_age")
    others = margins.weights("other_exits_per_month")
    return {STUDIES: studies, **others, "": 1 - studies - sum(others.values())}


def _day_of(way: str, year: int, month: int, draws: Draws) -> date:
    if way == STUDIES and month == AUGUST and draws.chance(0.75):
        return autumn_start(year)
    if way == STUDIES and month == JANUARY and draws.chance(0.6):
        return spring_start(year)
    if way == STUDIES:
        return working_day(date(year, month, draws.whole(18 if month == AUGUST else 9 if month == JANUARY else 1, 28)))
    return date(year, month, draws.whole(1, 28))


def _forms(day: date, twentieth: date, newly_resident: bool, margins: Margins) -> dict[str, float]:
    forms = margins.table("study_form_by_age_turned")
    if day >= date(twentieth.year, 7, 1):
        return forms["turning_20_autumn"]
    if newly_resident:
        return forms["newly_resident"]
    return forms["adult" if day.year >= twentieth.year - 1 else "young"]
