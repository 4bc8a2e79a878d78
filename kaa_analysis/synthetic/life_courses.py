"""Whole life courses: out of grade 9, in and out of school, in and out of the target group."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.records import Credential, LifeCourse, Residence
from kaa_analysis.synthetic.registrations import STUDY_REASONS, TargetSpell, misregistration, registration
from kaa_analysis.synthetic.residence import in_the_division_of_the_time, moved_back, moved_out, residence_until
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.school_calendar import (
    COMPULSORY_AGE,
    autumn_start,
    birthday,
    grade_nine_end,
    reserve_admission_end,
)
from kaa_analysis.synthetic.schooling import (
    ENTRY_REASON_AFTER,
    Studies,
    before_registration,
    day_school_ends,
    grundskola,
    studies_from,
)
from kaa_analysis.synthetic.ways_out import WayOut, way_out

SCHOOL_REASONS = frozenset({"AVN", "IMS", "AVA"})
NO_SCHOOLING = Studies((), ())
YEARS_BACK = 4
"""Nobody can be in the register for longer than from 16 to 20."""


@dataclass(frozen=True)
class Entry:
    """How someone first comes into the target group."""

    day: date
    reason: str
    birth_date: date
    repeats: bool
    moved_in: date | None


@dataclass(frozen=True)
class Course:
    """Schooling and residence so far, and the next day in the target group, if there is one."""

    studies: Studies
    residences: tuple[Residence, ...]
    day: date | None
    reason: str
    last_school: str


def target_group_life(scenario: Scenario, *, is_missed: bool, draws: Draws, margins: Margins) -> LifeCourse | None:
    """Return a life with at least one spell in the target group, registered unless ``is_missed``.

    Missing if nothing of it falls between the start of observation and the day of extract.
    """
    entry = _first_entry(scenario, draws, margins)
    if entry is None:
        return None
    truths, studies, residences = _history(entry, scenario, draws, margins)
    twentieth = birthday(entry.birth_date, 20)
    following = [truth.entry for truth in truths[1:]] + [None]
    registrations = [
        registration(truth, twentieth=twentieth, next_entry=after, draws=draws, margins=margins)
        for truth, after in zip(truths, following, strict=True)
    ]
    spells = tuple(spell for spell in registrations if spell is not None)
    observed = [s for s in spells if s.end > scenario.start and max(s.start, s.registered) <= scenario.extract_date]
    if not observed:
        return None
    life = _life(entry.birth_date, residences, studies, scenario, draws, margins, newly_resident=entry.reason == "NYF")
    return replace(life, spells=() if is_missed else spells)


def school_life(scenario: Scenario, *, is_misregistered: bool, draws: Draws, margins: Margins) -> LifeCourse | None:
    """Return a life that goes straight through school; ``is_misregistered`` adds a registration while enrolled.

    Missing if there is no day to be misregistered on.
    """
    birth_date = _birth_date(
        draws.whole(scenario.start.year - 20, scenario.extract_date.year - 1 - COMPULSORY_AGE), draws
    )
    moved_in = draws.day(birthday(birth_date, 3), birthday(birth_date, 16)) if draws.chance(0.15) else None
    residences = residence_until(
        scenario.extract_date,
        birth_date=birth_date,
        moved_in=moved_in,
        newly_resident=False,
        draws=draws,
        margins=margins,
    )
    first_autumn = autumn_start(birth_date.year + COMPULSORY_AGE)
    form = draws.pick({"NP": 0.82, "IM": 0.14, "ANG": 0.04})
    after = studies_from(
        form, start=first_autumn, horizon=scenario.extract_date, dropout=False, draws=draws, margins=margins
    )
    studies = _joined(grundskola(birth_date.year, repeats=False, draws=draws, margins=margins), after)
    life = _life(birth_date, residences, studies, scenario, draws, margins, newly_resident=False)
    if not is_misregistered:
        return life
    first = max(after.enrolments[0].start, scenario.start)
    last = min(after.enrolments[0].end, birthday(birth_date, 20), scenario.extract_date) - timedelta(days=75)
    if first >= last:
        return None
    form = after.enrolments[0].form
    spell = misregistration(
        draws.day(first, last), entry_reason=ENTRY_REASON_AFTER[form], last_school=form, draws=draws
    )
    return replace(life, spells=(spell,))


def _first_entry(scenario: Scenario, draws: Draws, margins: Margins) -> Entry | None:
    year = draws.whole(scenario.start.year - YEARS_BACK, scenario.extract_date.year)
    age = draws.pick(margins.weights("age_turned_in_entry_year"))
    reason = draws.pick(margins.table("entry_reason_by_age_turned")[age])
    birth_date = _birth_date(year - age, draws)
    repeats = reason == "ALD" and age == 17 and draws.chance(0.5)
    leaves_school = age == COMPULSORY_AGE or repeats
    day = _entry_day(year, reason, leaves_school, draws, margins)
    if day > scenario.extract_date or day >= birthday(birth_date, 20):
        return None
    if leaves_school and day < grade_nine_end(year):
        return None
    resident_all_along = leaves_school or draws.chance(0.4)
    moves_in = reason in {"NYF", "OKA"} or (reason == "ALD" and not resident_all_along)
    return Entry(day, reason, birth_date, repeats, day if moves_in else None)


def _entry_day(year: int, reason: str, leaves_school: bool, draws: Draws, margins: Margins) -> date:
    if reason == "STB":
        return date(year, 7, 1)
    if reason == "ALD" and leaves_school:
        return reserve_admission_end(year) if draws.chance(0.85) else autumn_start(year)
    if reason not in SCHOOL_REASONS:
        return date(year, draws.pick(margins.weights("entry_month_other")), draws.whole(1, 28))
    months = margins.weights("entry_month_after_school")
    months = {month: weight for month, weight in months.items() if month >= 8} if leaves_school else months
    return day_school_ends(year, draws.pick(months), draws)


def _history(
    entry: Entry, scenario: Scenario, draws: Draws, margins: Margins
) -> tuple[list[TargetSpell], Studies, tuple[Residence, ...]]:
    """Return the spells in the target group with the schooling and residence that make them so."""
    newly_resident, twentieth = entry.reason == "NYF", birthday(entry.birth_date, 20)
    studies, last_school = _before(entry, draws, margins)
    residences = residence_until(
        scenario.extract_date,
        birth_date=entry.birth_date,
        moved_in=entry.moved_in,
        newly_resident=newly_resident,
        draws=draws,
        margins=margins,
    )
    pace = 0.6 + 0.8 * draws.number()
    course = Course(studies, residences, entry.day, entry.reason, last_school)
    truths = []
    while course.day is not None:
        out = way_out(
            course.day, twentieth=twentieth, newly_resident=newly_resident, pace=pace, draws=draws, margins=margins
        )
        truths.append(TargetSpell(course.day, course.reason, course.last_school, out))
        course = _after(out, course, scenario.extract_date, twentieth, draws, margins)
    return truths, course.studies, course.residences


def _after(out: WayOut, course: Course, extract_date: date, twentieth: date, draws: Draws, margins: Margins) -> Course:
    """Return the course after a way out; its ``day`` is that of the next entry, missing if none comes before 20 or the extract."""
    until = min(twentieth, extract_date + timedelta(days=1))
    if out.day >= until:
        return replace(course, day=None)
    if out.reason in STUDY_REASONS:
        onward = studies_from(out.form, start=out.day, horizon=extract_date, dropout=True, draws=draws, margins=margins)
        again = onward.out if onward.out is not None and onward.out < until else None
        return replace(
            course,
            studies=_joined(course.studies, onward),
            day=again,
            reason=onward.entry_reason,
            last_school=onward.enrolments[-1].form,
        )
    if out.reason == "FUL":
        certificate = Credential(draws.pick({"GEX": 0.6, "MOT": 0.4}), out.day)
        return replace(course, studies=_joined(course.studies, Studies((), (certificate,))), day=None)
    if out.reason in {"FLY", "AVL"}:
        return _after_move(out, course, until, draws, margins)
    return replace(course, day=None)


def _after_move(out: WayOut, course: Course, until: date, draws: Draws, margins: Margins) -> Course:
    is_final = out.reason == "AVL"
    residences = moved_out(course.residences, day=out.day, abroad_or_dead=is_final, draws=draws, margins=margins)
    if is_final or not draws.chance(margins.share("returns_after_move")):
        return replace(course, residences=residences, day=None)
    back = out.day + timedelta(days=draws.whole(60, 400))
    if back >= until:
        return replace(course, residences=residences, day=None)
    return replace(course, residences=moved_back(residences, day=back, draws=draws, margins=margins), day=back)


def _before(entry: Entry, draws: Draws, margins: Margins) -> tuple[Studies, str]:
    """Return the schooling before the first spell and the code of the last school."""
    if entry.reason == "NYF":
        return NO_SCHOOLING, ""
    if entry.reason == "OKA":
        known = draws.chance(0.75)
        compulsory = grundskola(entry.birth_date.year, repeats=False, draws=draws, margins=margins)
        return (compulsory, "GR") if known else (NO_SCHOOLING, "")
    compulsory = grundskola(entry.birth_date.year, repeats=entry.repeats, draws=draws, margins=margins)
    gymnasium = before_registration(
        entry.reason, entry=entry.day, birth_year=entry.birth_date.year, draws=draws, margins=margins
    )
    studies = _joined(compulsory, gymnasium)
    return studies, studies.enrolments[-1].form


def _life(
    birth_date: date,
    residences: tuple[Residence, ...],
    studies: Studies,
    scenario: Scenario,
    draws: Draws,
    margins: Margins,
    *,
    newly_resident: bool,
) -> LifeCourse:
    is_protected = draws.chance(margins.share("protected"))
    return LifeCourse(
        birth_date=birth_date,
        sex="M" if draws.chance(margins.share("men")) else "K",
        newly_resident=newly_resident,
        has_phone=draws.chance(margins.share("has_phone")),
        is_protected=is_protected,
        openness=draws.number(),
        residences=in_the_division_of_the_time(residences, is_protected=is_protected),
        enrolments=studies.enrolments,
        credentials=studies.credentials,
        spells=(),
    )


def _joined(earlier: Studies, later: Studies) -> Studies:
    return Studies(
        earlier.enrolments + later.enrolments,
        earlier.credentials + later.credentials,
        later.out,
        later.entry_reason,
    )


def _birth_date(year: int, draws: Draws) -> date:
    return draws.day(date(year, 1, 1), date(year, 12, 31))
