"""How and when a time outside school ends: studies, a move, the 20th birthday or something else, each with a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaa_analysis.synthetic.draws import Codes, Days, Draws, Shares
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.grade_nine import district_log_odds
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.rowwise import Rowwise
from kaa_analysis.synthetic.school_calendar import (
    NO_DAY,
    autumn_start,
    date_of,
    days,
    month_of,
    spring_start,
    working_day,
    year_of,
)

STUDY_FORMS = ("NP", "IM", "ANG", "KVX", "FHS")
MOVE, GONE, COMPLETED, TURNED_20 = "FLY", "AVL", "FUL", "F20"
"""Moved away; left the register for good (dead, or emigrated); completed an education; turned 20."""
AUGUST, JANUARY = 8, 1
DAYS_PER_MONTH = 365.25 / 12
MONTHS_AHEAD = 62
"""From 15 to 20."""
DECADES = 20_000
"""Days beyond any 20th birthday."""


@dataclass(frozen=True, eq=False)
class WaysOut(Rowwise):
    """Arrays (n,): the first day not in the target group, and the code of why: a form of study, FLY, AVL, FUL, ANN or F20."""

    day: Days
    reason: Codes


def ways_out(episodes: Episodes, aim_start: Days, draws: Draws, *, margins: Margins) -> WaysOut:
    """Return what ends each episode; at the latest the 20th birthday does. Nothing ends one on its first day.

    The hazard of a study start is the month's, times the person's pace, times the effect of Aim from the day it begins. The other ways have
    constant hazards; who has a protected identity does not move. Each has a draw of its own, so that another effect of Aim changes nothing but the study start.
    """
    studies = _study_day(episodes, aim_start, draws, margins)
    found = WaysOut(episodes.until, np.full(len(episodes), TURNED_20))
    for name, share in margins.weights("other_exits_per_month").items():
        day = episodes.entry + days(1 + _waited(draws.uniform(f"way_out.{name}"), share))
        day = np.where(episodes.is_protected & (name == MOVE), NO_DAY, day)
        found = _earlier(found, day, np.full(len(episodes), name))
    return _earlier(found, studies, _form(episodes, studies, draws, margins), at_once=True)


def _earlier(found: WaysOut, day: Days, reason: Codes, *, at_once: bool = False) -> WaysOut:
    """Return the earlier of two ways; on the same day the new one if it comes ``at_once``."""
    sooner = (day < found.day) | ((day == found.day) & at_once & (found.reason != TURNED_20))
    return WaysOut(np.where(sooner, day, found.day), np.where(sooner, reason, found.reason))


def _waited(uniform: Shares, share_per_month: float) -> np.ndarray:
    """Return whole days until an event of constant hazard, at most `DECADES`; that many if there is no hazard."""
    if share_per_month == 0:
        return np.full(len(uniform), DECADES)
    rate = -np.log1p(-share_per_month) / DAYS_PER_MONTH
    return np.minimum(-np.log1p(-uniform) / rate, DECADES).astype(np.int64)


def _study_day(episodes: Episodes, aim_start: Days, draws: Draws, margins: Margins) -> Days:
    """Return the day of the study start, missing if none comes before 20."""
    weights = margins.weights("study_start_by_month")
    hazard = -np.log1p(-np.array([weights[month] for month in range(1, 13)]))
    pace = _pace(episodes, draws, margins)
    clock = -np.log1p(-draws.uniform("way_out.studies"))
    spent = np.zeros(len(episodes))
    found = np.full(len(episodes), NO_DAY)
    entered = episodes.entry.astype("datetime64[M]")
    for ahead in range(MONTHS_AHEAD):
        month = entered + ahead
        day = _day_in(month, draws.at(episodes.turn * MONTHS_AHEAD + ahead), margins)
        late = (year_of(day) == year_of(episodes.until)) & (month_of(day) >= 7)
        factor = np.where(late, margins.share("study_start_after_gymnasium_age"), 1.0)
        factor *= np.where(day >= aim_start, margins.share("aim_effect"), 1.0)
        open_to_it = (episodes.entry < day) & (day < episodes.until)
        spent += np.where(open_to_it, hazard[month_of(month) - 1] * pace * factor, 0.0)
        found = np.where(np.isnat(found) & open_to_it & (spent >= clock), day, found)
    return found


def _pace(episodes: Episodes, draws: Draws, margins: Margins) -> Shares:
    """Return how much faster than the month's hazard each is: a known part (district, newly resident) and one that nobody sees."""
    known = -margins.share("district_on_pace") * district_log_odds(episodes.district, margins)
    own = margins.weights("own_pace")
    own_pace = own["least"] + own["span"] * draws.at(0).uniform("pace")
    return own_pace * np.exp(known + margins.share("motivation_on_pace") * episodes.motivation)


def _day_in(months: Days, draws: Draws, margins: Margins) -> Days:
    """Return a day in each month on which studies would begin: mostly the first one of a term."""
    month, year = month_of(months), year_of(months)
    at_term = draws.uniform("way_out.at_term")
    first = np.select([month == AUGUST, month == JANUARY], [18, 9], 1)
    any_day = working_day(months.astype("datetime64[D]") + days(draws.whole("way_out.day", first, 28) - 1))
    shares = margins.weights("study_start_at_term")
    in_autumn = (month == AUGUST) & (at_term < shares["autumn"])
    in_spring = (month == JANUARY) & (at_term < shares["spring"])
    return np.select([in_autumn, in_spring], [autumn_start(year), spring_start(year)], any_day)


def _form(episodes: Episodes, day: Days, draws: Draws, margins: Margins) -> Codes:
    """Return the form of the studies; gymnasieskolan can be begun until June of the year of turning 20 (15 kap. 5 § skollagen)."""
    forms = margins.table("study_form_by_age_turned")
    drawn = {group: draws.pick(f"study_form.{group}", weights) for group, weights in forms.items()}
    turns_20 = year_of(episodes.until)
    is_adult = year_of(day) >= turns_20 - 1
    too_late = day >= date_of(turns_20, 7, 1)
    return np.select(
        [too_late, episodes.newly_resident, is_adult],
        [drawn["turning_20_autumn"], drawn["newly_resident"], drawn["adult"]],
        drawn["young"],
    )
