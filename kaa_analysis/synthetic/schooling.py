"""Enrolments and credentials: grade 9, what came before a registration, what comes after a study start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.records import Credential, Enrolment
from kaa_analysis.synthetic.school_calendar import (
    COMPULSORY_AGE,
    ONE_DAY,
    autumn_start,
    grade_nine_end,
    lasar_end,
    working_day,
)

NATIONAL_YEARS = 3
ADAPTED_YEARS = 4
INTRODUCTION = frozenset({"IMV", "IMY", "IMA", "IMS"})
ENTRY_REASON_AFTER = {"NP": "AVN", "IMV": "IMS", "IMY": "IMS", "IMA": "IMS", "IMS": "IMS", "ANG": "AVA"}
CITY, INDEPENDENT = "Stockholms stad", "Fristående"


@dataclass(frozen=True)
class Studies:
    """What follows a study start. ``out`` is the first day without studies or credential, missing if that day never comes."""

    enrolments: tuple[Enrolment, ...]
    credentials: tuple[Credential, ...]
    out: date | None = None
    entry_reason: str = ""


def enrolment(
    form: str, *, start: date, end: date | None, leave_reason: str, draws: Draws, margins: Margins
) -> Enrolment:
    """Return an enrolment with a drawn programme, school unit and provider."""
    programme = draws.pick(margins.weights("programmes")) if form == "NP" else ""
    independent = form != "GR" and draws.chance(0.4)
    unit = ("91" if form == "GR" else "90") + f"{draws.whole(1, 60) + 100 * independent:06d}"
    return Enrolment(form, programme, unit, INDEPENDENT if independent else CITY, start, end, leave_reason)


def grundskola(birth_year: int, *, repeats: bool, draws: Draws, margins: Margins) -> Studies:
    """Return compulsory school, which ends in June of the year of the 16th birthday (a year later for who ``repeats``)."""
    end = grade_nine_end(birth_year + COMPULSORY_AGE + repeats)
    has_grades = draws.chance(0.97)
    period = enrolment(
        "GR",
        start=autumn_start(birth_year + 7),
        end=end,
        leave_reason="FU" if has_grades else "AN",
        draws=draws,
        margins=margins,
    )
    return Studies((period,), (Credential("GRU", end - ONE_DAY),) if has_grades else ())


def before_registration(reason: str, *, entry: date, birth_year: int, draws: Draws, margins: Margins) -> Studies:
    """Return the gymnasium years that ended the day before ``entry`` for an entry reason; nothing for those who had none.

    They begin the autumn after grade 9 and have no gap but summers.
    """
    first_year = birth_year + COMPULSORY_AGE
    last_year = lasar_end(entry - ONE_DAY).year - 1
    if reason == "STB":
        begun = entry.year - NATIONAL_YEARS
        certificate = (Credential("STB", graduation_day(entry.year)),)
        return Studies(_two_forms("NP", first_year, begun, entry, "FU", draws, margins), certificate)
    if reason == "AVA":
        return Studies((_enrolled("ANG", autumn_start(first_year), entry, "AV", draws, margins),), ())
    if reason == "IMS":
        form = draws.pick(margins.weights("introduction_forms"))
        begun = _begun(first_year, last_year, longest=2, draws=draws)
        leave_reason = draws.pick({"AV": 0.65, "FU": 0.15, "AN": 0.2})
        return Studies(_two_forms(form, first_year, begun, entry, leave_reason, draws, margins), ())
    if reason == "AVN":
        begun = _begun(first_year, last_year, longest=NATIONAL_YEARS, draws=draws)
        return Studies(_two_forms("NP", first_year, begun, entry, "AV", draws, margins), ())
    return Studies((), ())


def studies_from(form: str, *, start: date, horizon: date, dropout: bool, draws: Draws, margins: Margins) -> Studies:
    """Return what follows a start in ``form`` (``IM`` = any introduction programme) until ``horizon``.

    Without ``dropout`` the studies are carried through: an introduction programme leads to a national one, that to an examen.
    """
    if form == "IM":
        return _introduction_from(start, horizon, dropout, draws, margins)
    leaves = _dropout_day(start, draws, margins) if dropout and draws.chance(_risk(form, margins)) else None
    if leaves is not None:
        period = _enrolled(form, start, leaves, "AV", draws, margins)
        return Studies((period,), (), leaves, ENTRY_REASON_AFTER.get(form, "OKA"))
    years = {"NP": NATIONAL_YEARS, "ANG": ADAPTED_YEARS}.get(form, draws.whole(1, 2))
    end = date(lasar_end(start).year + years - 1, 7, 1)
    period = _enrolled(form, start, end, "FU", draws, margins)
    if form == "NP" and dropout and not draws.chance(margins.share("graduates")):
        return Studies((period,), (Credential("STB", graduation_day(end.year)),), end, "STB")
    kind = {"NP": "GEX", "ANG": "ANB"}.get(form, "MOT" if draws.chance(0.6) else "GEX")
    return Studies((period,), (Credential(kind, graduation_day(end.year)),))


def graduation_day(year: int) -> date:
    """Return the day certificates of the gymnasium are dated, about a week before grade 9 ends."""
    return working_day(date(year, 6, 4))


def _enrolled(form: str, start: date, end: date | None, leave_reason: str, draws: Draws, margins: Margins) -> Enrolment:
    return enrolment(form, start=start, end=end, leave_reason=leave_reason, draws=draws, margins=margins)


def _risk(form: str, margins: Margins) -> float:
    return margins.weights("dropout_again")["IM" if form in INTRODUCTION else form]


def _begun(first_year: int, last_year: int, *, longest: int, draws: Draws) -> int:
    """Return the year of the autumn in which the last form was begun, at most ``longest`` läsår before it ended."""
    if last_year - first_year < longest and draws.chance(0.55):
        return first_year
    return max(first_year, last_year - draws.whole(0, longest - 1))


def _two_forms(
    form: str, first_year: int, begun: int, entry: date, leave_reason: str, draws: Draws, margins: Margins
) -> tuple[Enrolment, ...]:
    """Return an enrolment from the autumn of ``begun`` to ``entry``, and one from grade 9 until then if there is time for it."""
    last = _enrolled(form, autumn_start(begun), entry, leave_reason, draws, margins)
    if begun <= first_year:
        return (last,)
    earlier = "NP" if draws.chance(0.45) else draws.pick(margins.weights("introduction_forms"))
    return _enrolled(earlier, autumn_start(first_year), date(begun, 7, 1), "BY", draws, margins), last


def _introduction_from(start: date, horizon: date, dropout: bool, draws: Draws, margins: Margins) -> Studies:
    form = draws.pick(margins.weights("introduction_forms"))
    if dropout and draws.chance(_risk(form, margins)):
        leaves = _dropout_day(start, draws, margins)
        return Studies((_enrolled(form, start, leaves, "AV", draws, margins),), (), leaves, "IMS")
    weights = margins.weights("after_introduction_year")
    after = draws.pick(weights if dropout else {"NP": 1.0})
    end = lasar_end(start)
    if after == "IM":
        end, after = date(end.year + 1, 7, 1), draws.pick({"NP": weights["NP"], "out": weights["out"]})
    if after == "out":
        return Studies((_enrolled(form, start, end, "FU", draws, margins),), (), end, "IMS")
    introduction = _enrolled(form, start, end, "BY", draws, margins)
    if end > horizon:
        return Studies((introduction,), ())
    onward = studies_from(
        "NP", start=autumn_start(end.year), horizon=horizon, dropout=dropout, draws=draws, margins=margins
    )
    return Studies((introduction, *onward.enrolments), onward.credentials, onward.out, onward.entry_reason)


def _dropout_day(start: date, draws: Draws, margins: Margins) -> date:
    month = draws.pick(margins.weights("entry_month_after_school"))
    year = start.year + (month <= start.month) + draws.chance(0.25)
    return day_school_ends(year, month, draws)


def day_school_ends(year: int, month: int, draws: Draws) -> date:
    """Return a first day not enrolled in a month: 1 July at the end of the läsår, from the second week of term in August."""
    if month == 7:
        return date(year, 7, 1)
    if draws.chance(0.25):
        return date(year, month, 1) if month not in (8, 1) else date(year, month, 31)
    return draws.day(date(year, month, 25 if month == 8 else 10 if month == 1 else 2), date(year, month, 28))
