"""What becomes of a study start: an enrolment that is carried through, left, or goes over into another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Codes, Days, Draws, Numbers, Shares
from kaa_analysis.synthetic.grade_nine import district_log_odds
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import NEWLY_ARRIVED_PUPIL, Persons
from kaa_analysis.synthetic.school_calendar import (
    NO_DAY,
    autumn_start,
    date_of,
    days,
    graduation_day,
    lasar_end,
    month_of,
    year_of,
)
from kaa_analysis.synthetic.schools import upper_secondary_unit
from kaa_analysis.synthetic.turns import Outside, Starts

INTRODUCTION = ("IMV", "IMY", "IMA", "IMS")
ENTRY_REASON_AFTER = {
    "NP": "AVN",
    "IMV": "IMS",
    "IMY": "IMS",
    "IMA": "IMS",
    "IMS": "IMS",
    "ANG": "AVA",
    "KVX": "OKA",
    "FHS": "OKA",
}
LASAR_FIRST_MONTH = 7
LASAR_AHEAD = 5
"""Longer than any enrolment lasts."""


@dataclass(frozen=True, eq=False)
class StudyOutcome:
    """What came of study starts: the enrolments and certificates, who goes on in another form, who is outside."""

    enrolments: pd.DataFrame
    certificates: pd.DataFrame
    onward: Starts
    outside: Outside


def study(starts: Starts, persons: Persons, draws: Draws, *, margins: Margins) -> StudyOutcome:
    """Return what comes of each start. ``draws`` are those of the starts, in their order."""
    form = _which_introduction(starts.form, persons.of(starts.rows), draws, margins)
    is_introduction = np.isin(form, INTRODUCTION)
    planned = _planned_end(form, starts.day, draws, margins)
    left = _dropout_day(starts, form, persons, planned, draws, margins)
    has_left = ~np.isnat(left)
    end = np.where(has_left, left, planned)
    after = draws.pick("after_introduction", margins.weights("after_introduction_year"))
    goes_on = is_introduction & ~has_left & (after != "out")
    graduates = _graduates(form, persons.of(starts.rows), draws, margins)
    certificate = np.where(has_left | is_introduction, "", graduates)
    is_outside = has_left | (is_introduction & ~goes_on) | (certificate == "STB")
    leave_reason = np.select([has_left, goes_on], ["AV", "BY"], "FU")
    reason = np.where(certificate == "STB", "STB", _reason_after(form))
    onward = np.where(after == "NP", "NP", "IM")
    return StudyOutcome(
        enrolments=_enrolments(persons.number[starts.rows], form, starts.day, end, leave_reason, draws, margins),
        certificates=_certificates(persons.number[starts.rows], certificate, end),
        onward=Starts(starts.rows, onward, autumn_start(year_of(end)), np.ones(len(starts), bool)).of(goes_on),
        outside=Outside(starts.rows, end, reason, form, np.ones(len(starts), bool)).of(is_outside),
    )


def _which_introduction(form: Codes, persons: Persons, draws: Draws, margins: Margins) -> Codes:
    weights = margins.weights("introduction_forms")
    is_new = persons.newly_resident | (persons.origin == NEWLY_ARRIVED_PUPIL)
    language = np.where(is_new, margins.share("language_introduction_newly_arrived"), 1.0)
    drawn = draws.pick("introduction_form", weights | {"IMS": weights["IMS"] * language})
    return np.where(form == "IM", drawn, form)


def _planned_end(form: Codes, start: Days, draws: Draws, margins: Margins) -> Days:
    """Return the first day after studies that are carried through: a 1 July."""
    longer = draws.chance("adult_second_year", margins.share("adult_second_year"))
    years = np.select([form == "NP", form == "ANG", np.isin(form, ("KVX", "FHS"))], [3, 4, 1 + longer], 1)
    first = lasar_end(start)
    return date_of(year_of(first) + years - 1, 7)


def _dropout_day(starts: Starts, form: Codes, persons: Persons, planned: Days, draws: Draws, margins: Margins) -> Days:
    """Return the first day not enrolled of those who leave before the planned end, missing for the others.

    A clock per start: the hazard, cumulated läsår by läsår and month by month from that of the start on, passes an exponential draw. Who would
    leave on the first day or before it, in the month of the start, stays; who would leave on 1 July after the last läsår has carried it through.
    """
    clock = -np.log1p(-draws.uniform("dropout.clock")) / _personal(starts, persons, margins)
    within = np.cumsum(_monthly_pattern(margins))
    first_month = (month_of(starts.day) - LASAR_FIRST_MONTH) % 12
    spent_before = np.append(0.0, within)[first_month]
    hazard = _by_lasar(starts, form, margins)
    passed = np.cumsum(hazard, axis=1) - (hazard[:, 0] * spent_before)[:, None]
    lasar = (passed <= clock[:, None]).sum(axis=1)
    leaves = lasar < LASAR_AHEAD
    rows, at = np.arange(len(starts)), np.minimum(lasar, LASAR_AHEAD - 1)
    left_of_it = np.divide(passed[rows, at] - clock, hazard[rows, at], out=np.zeros(len(starts)), where=leaves)
    month = np.searchsorted(within, 1 - left_of_it, side="right")
    ends = (starts.day.astype("datetime64[M]") - first_month) + 12 * at + np.clip(month, 0, 11)
    day = _day_school_ends(ends, draws, margins)
    return np.where(leaves & (starts.day < day) & (day < planned), day, NO_DAY)


def _monthly_pattern(margins: Margins) -> Shares:
    """Return the share of a läsår's hazard that falls in each of its months, July first."""
    weights = margins.weights("entry_month_after_school")
    months = [(LASAR_FIRST_MONTH + place - 1) % 12 + 1 for place in range(12)]
    return np.array([weights.get(month, 0) for month in months]) / sum(weights.values())


def _by_lasar(starts: Starts, form: Codes, margins: Margins) -> Shares:
    """Return the hazard of each läsår ahead, shape (n, `LASAR_AHEAD`): that of the form and year, higher after a time outside."""
    table = margins.table("dropout_by_year")
    names = np.unique(form)
    levels = np.array([_extended(table["IM" if name.startswith("IM") else name]) for name in names])
    again = np.where(starts.from_school, 1.0, margins.share("dropout_again"))
    return levels[np.searchsorted(names, form)] * again[:, None]


def _extended(levels: list[float]) -> list[float]:
    return (levels + levels[-1:] * LASAR_AHEAD)[:LASAR_AHEAD]


def _personal(starts: Starts, persons: Persons, margins: Margins) -> Shares:
    chosen = persons.of(starts.rows)
    men = np.where(chosen.sex == "M", margins.share("dropout_men"), 0.0)
    by_motivation = margins.share("motivation_on_dropout") * chosen.motivation
    return np.exp(men + district_log_odds(chosen.district, margins) - by_motivation)


def _day_school_ends(months: Days, draws: Draws, margins: Margins) -> Days:
    """Return a first day not enrolled in each month: 1 July at the end of the läsår, from the second week of term in August."""
    month = month_of(months)
    first = months.astype("datetime64[D]")
    start = np.select([month == 8, month == 1], [25, 10], 2)
    drawn = first + days(draws.whole("dropout.day", start, 28) - 1)
    whole_month = np.where(np.isin(month, (1, 8)), first + days(30), first)
    day = np.where(draws.chance("dropout.whole_month", margins.share("dropout_after_whole_month")), whole_month, drawn)
    return np.where(month == 7, first, day)


def _graduates(form: Codes, persons: Persons, draws: Draws, margins: Margins) -> Codes:
    """Return the certificate of those who carry their studies through."""
    odds = 1 / margins.share("graduates") - 1
    share = 1 / (1 + odds * np.exp(-margins.share("motivation_on_place") * persons.motivation))
    examen = draws.chance("graduates", share)
    adult = np.where(draws.chance("graduates.equivalent", margins.share("adult_equivalent")), "MOT", "GEX")
    return np.select([form == "NP", form == "ANG"], [np.where(examen, "GEX", "STB"), "ANB"], adult)


def _reason_after(form: Codes) -> Codes:
    names = np.array(sorted(ENTRY_REASON_AFTER))
    reasons = np.array([ENTRY_REASON_AFTER[name] for name in names])
    return reasons[np.searchsorted(names, form)]


def _enrolments(
    person: Numbers, form: Codes, start: Days, end: Days, leave_reason: Codes, draws: Draws, margins: Margins
) -> pd.DataFrame:
    unit, provider = upper_secondary_unit(draws, margins)
    programme = np.where(form == "NP", draws.pick("programme", margins.weights("programmes")), "")
    return pd.DataFrame({
        "person": person, "form": form, "programme": programme, "unit": unit, "provider": provider,
        "start": start, "end": end, "leave_reason": leave_reason,
    })  # fmt: skip


def _certificates(person: Numbers, kind: Codes, end: Days) -> pd.DataFrame:
    rows = pd.DataFrame({"person": person, "kind": kind, "day": graduation_day(year_of(end))})
    return rows[rows["kind"].ne("")]
