"""Study placement that lasts: the sought way out of a follow-up split by whether the youth was still enrolled some time later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.cohorts.exit_ways import STUDY_PLACEMENT
from kaa_analysis.cohorts.known_ends import END_OF_OBSERVATION
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.target_population.intervals import intervals, union
from kaa_analysis.target_population.summer import summer_gaps

if TYPE_CHECKING:
    from kaa_analysis.store import Register

Lasting = Literal["90_days", "15_october"]
DAYS = 90
OCTOBER = (10, 15)

STUDY_FORMS = (
    "national_programme", "im_programme_choice", "im_vocational", "im_individual", "im_language", "adapted_upper_secondary",
    "komvux", "folkhogskola",
)  # fmt: skip
"""The school forms that a study placement is a place in."""
COMPLETED = "completed"

WORDS = {"90_days": "efter nittio dagar", "15_october": "den 15 oktober"}
TITLES = {"90_days": "studieplats som varar i nittio dagar", "15_october": "studieplats som varar till den 15 oktober"}
LASTS, SHORT, UNSEEN = "lasting_placement", "short_placement", "unseen_placement"


def lasting_placement(follow_up: FollowUp, register: Register, *, lasting: Lasting) -> FollowUp:
    """Return the follow-up with study placement as three ways out: one that lasts, one that does not, and one that no enrolment tells of.

    A placement (the day of the exit) *lasts* by ``lasting`` "90_days" if the person is enrolled 90 days after it, by "15_october" if on the
    first 15 October from it on; in the same place or another, in any of `STUDY_FORMS`. A summer between two places counts as enrolled
    (`target_population.summer`), and who has completed an education in between has not left it. It *does not last* if an enrolment runs on some day from the
    placement to the day it is judged but not on that day. Without any such enrolment nothing is known: a way out of its own, so that it
    is neither hidden among the others nor taken for an interruption.

    Only placements whose day of judgement is observed can be judged. The follow-up of everybody ends on `last_judged_day` therefore, the
    spells that go on then being censored; those that had not come under observation by then are counted in ``n_never_at_risk``.

    Raises:
        DefinitionError: ``lasting`` is unknown, the follow-up is not one of KAA in days from time zero, the register has no enrolments in such
            forms, or nobody is followed before the last day that can be judged.
    """
    if lasting not in get_args(Lasting):
        known = get_args(Lasting)
        raise DefinitionError(
            f"Studieplatsen ska vara {' eller '.join(known)}{did_you_mean(str(lasting), known)}.", found=str(lasting)
        )
    if follow_up.unit != "days" or follow_up.sought != STUDY_PLACEMENT or follow_up.landmark:
        raise DefinitionError(
            "Studieplats som varar räknas för KAA i dagar, från början.",
            found=f"enhet {follow_up.unit}, väg ut {follow_up.sought}, från månad {follow_up.landmark}",
            action="utgå från uppföljningen av alla i dagar",
        )
    times = _ended_on(follow_up.times, last_judged_day(lasting, extract_date=follow_up.observed_to))
    if times.empty:
        raise DefinitionError(
            "Ingen studieplats kan bedömas: alla kom under observation för sent.",
            action="välj en tidigare period eller läs in ett nyare uttag",
        )
    placed = times["way_out"] == STUDY_PLACEMENT
    judged = _judged(times[placed], register, lasting=lasting)
    times["way_out"] = times["way_out"].mask(placed, judged.reindex(times.index))
    n_left_out = len(follow_up.times_table) - len(times)
    return replace(
        follow_up,
        cohort=f"{follow_up.cohort}_lasting_{lasting}",
        title=f"{follow_up.title}, {TITLES[lasting]}",
        ways_out=_ways_out(follow_up, lasting),
        times_table=times,
        n_never_at_risk=follow_up.n_never_at_risk + n_left_out,
        lasting=lasting,
    )


def last_judged_day(lasting: Lasting, *, extract_date: date) -> date:
    """Return the last day of a placement that can be judged from an extract, whose day itself is not observed.

    >>> last_judged_day("90_days", extract_date=date(2025, 1, 31)), last_judged_day("15_october", extract_date=date(2025, 1, 31))
    (datetime.date(2024, 11, 1), datetime.date(2024, 10, 15))
    """
    last_day = extract_date - timedelta(days=1)
    if lasting == "90_days":
        return last_day - timedelta(days=DAYS)
    this_year = date(last_day.year, *OCTOBER)
    return this_year if this_year <= last_day else date(last_day.year - 1, *OCTOBER)


def _ways_out(follow_up: FollowUp, lasting: Lasting) -> dict[str, str]:
    when = WORDS[lasting]
    split = {
        LASTS: f"Studieplats, inskriven {when}",
        SHORT: f"Studieplats, inte inskriven {when}",
        UNSEEN: "Studieplats, ingen inskrivning i registret",
    }
    return split | {way: label for way, label in follow_up.ways_out.items() if way != STUDY_PLACEMENT}


def _ended_on(times: pd.DataFrame, last: date) -> pd.DataFrame:
    """Return the times of a follow-up that ends on ``last``: exits on it still count, who goes on is censored there."""
    left = (pd.Timestamp(last) - times["time_zero"]).dt.days.astype("Int64")
    goes_on = times["exit_time"] > left
    ended = times.assign(
        exit_time=times["exit_time"].mask(goes_on, left),
        way_out=times["way_out"].mask(goes_on, CENSORED),
        censored_by=times["censored_by"].mask(goes_on, END_OF_OBSERVATION),
        exit_kind=times["exit_kind"].mask(goes_on),
        way_known=times["way_known"] | goes_on,
    )
    return ended[~goes_on | (ended["entry_time"] < ended["exit_time"])].reset_index(drop=True)


def _judged(placed: pd.DataFrame, register: Register, *, lasting: Lasting) -> pd.Series:
    """Return the way out of each placement, by the index of ``placed``."""
    rows = register.table("schooling", columns=["person_id", "school_form", "from_date", "to_date", "leave_reason"])
    rows = rows[rows["school_form"].isin(STUDY_FORMS)]
    if rows.empty:
        raise DefinitionError(
            "Studieplats som varar kräver inskrivningar i uttaget.",
            found="inga inskrivningar i gymnasieskola eller motsvarande",
        )
    days = pd.DataFrame({"person_id": placed["person_id"], "row": placed.index})
    days["placed"] = placed["time_zero"] + pd.to_timedelta(placed["exit_time"].astype("int64"), unit="D")
    days["judged"] = _day_of_judgement(days["placed"], lasting)
    enrolled = union(intervals(rows["person_id"], rows["from_date"], rows["to_date"]))
    taking_part = union(enrolled, summer_gaps(enrolled))
    completed = rows.loc[rows["leave_reason"].eq(COMPLETED).fillna(False), ["person_id", "to_date"]].dropna()
    ran = _pairs(days, enrolled)
    there = _pairs(days, taking_part)
    ended = _pairs(days, completed)
    seen = ran.loc[(ran["start"] <= ran["judged"]) & (ran["end"] > ran["placed"]), "row"]
    lasts = there.loc[(there["start"] <= there["judged"]) & (there["end"] > there["judged"]), "row"]
    finished = ended.loc[(ended["to_date"] > ended["placed"]) & (ended["to_date"] <= ended["judged"]), "row"]
    way = pd.Series(UNSEEN, index=placed.index, dtype="string")
    way[way.index.isin(seen)] = SHORT
    way[way.index.isin(seen) & (way.index.isin(lasts) | way.index.isin(finished))] = LASTS
    return way


def _pairs(days: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    return days.merge(others, on="person_id", how="inner", validate="many_to_many")


def _day_of_judgement(placed: pd.Series, lasting: Lasting) -> pd.Series:
    if lasting == "90_days":
        return placed + pd.Timedelta(days=DAYS)
    month, day = OCTOBER
    this_year = pd.to_datetime(placed.dt.year.astype("string") + f"-{month:02d}-{day:02d}")
    next_year = pd.to_datetime((placed.dt.year + 1).astype("string") + f"-{month:02d}-{day:02d}")
    return this_year.where(placed <= this_year, next_year)
