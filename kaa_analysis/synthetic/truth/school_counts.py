"""Skolslussen's fork, notices from schools, other ways to studies and the newly arrived. `docs/methods/schools_and_studies.md`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np

from kaa_analysis.synthetic.truth import layout_codes
from kaa_analysis.synthetic.truth.known_tables import Intervals, Whole, day_number
from kaa_analysis.synthetic.truth.outreach_counts import a_month_after, sought_in
from kaa_analysis.synthetic.truth.period_scene import Scene, there_in
from kaa_analysis.synthetic.truth.tallying import Row, Split
from kaa_analysis.synthetic.truth.target_days import target_days

OUTCOMES = Split("admission_outcome", ("not_admitted", "not_applied"))
FORK = Split("fork", ("guided_only", "placed_only", "guided_and_placed", "neither"))
NOTICES = Split("notice", tuple(layout_codes.NOTICES.values()), total=False)
PATHS = Split("path", ("komvux", "folkhogskola", "flexible_national", "flexible_introduction"))
GROUPS = Split("reason", ("folkbokford_after_compulsory_age", "before"))
FIRST_SCHOOL_DAY, SEPTEMBER = (8, 22), (9, 15)


def admission(scene: Scene) -> Iterator[Row]:
    """Give those without an admission in July and the enrolled of them, and the not admitted by what Skolslussen had done on two days."""
    known, year = scene.known.schools.outcomes, scene.period.period.start.year
    extract = day_number(scene.known.extract_date)
    of_year = (known.year == year) & np.isin(known.outcome, [layout_codes.NOT_ADMITTED, layout_codes.NOT_APPLIED])
    of_year &= _registered_in_autumn(scene)[known.who]
    there = np.flatnonzero(of_year)
    who, outcome = known.who[there], np.where(known.outcome[there] == layout_codes.NOT_ADMITTED, 0, 1)
    first, september = (day_number(date(year, *day)) for day in (FIRST_SCHOOL_DAY, SEPTEMBER))
    place = scene.place("without_admission")
    yield from scene.tally.rows_by(place, "n_persons", split=OUTCOMES, category=outcome, who=who)
    if september < extract:
        enrolled = np.isin(who, _pupils_on(scene, september))
        yield from scene.tally.rows_by(
            place, "n_enrolled", split=OUTCOMES, category=outcome[enrolled], who=who[enrolled]
        )
    applied = there[outcome == 0]
    for measure, day in (("n_first_school_day", first), ("n_15_september", september)):
        if day < extract:
            number = 2 * (known.placed[applied] <= day) + (known.guided[applied] <= day)
            branch = np.array([3, 0, 1, 2])[number]
            yield from scene.tally.rows_by(
                scene.place("skolslussen_fork"), measure, split=FORK, category=branch, who=known.who[applied]
            )


def _registered_in_autumn(scene: Scene) -> np.ndarray:
    """Return who has a registered day from 1 July to the end of the year, shape (persons,)."""
    rows, year = scene.known.registrations, scene.period.period.start.year
    first, after = day_number(date(year, 7, 1)), day_number(date(year + 1, 1, 1))
    there = scene.counted & (rows.start < after) & (np.maximum(rows.end, rows.start + 1) > first)
    found = np.zeros(len(scene.known.sex), dtype=bool)
    found[rows.who[there]] = True
    return found


def _pupils_on(scene: Scene, day: int) -> Whole:
    rows = scene.known.schools.enrolments
    there = (rows.start <= day) & (day < rows.end) & np.isin(rows.form, sorted(layout_codes.GYMNASIUM))
    return rows.who[there]


def notices(scene: Scene) -> Iterator[Row]:
    """Give the notices of absence and dropout, their youths, those in the target group within a month, and those registered in it too."""
    rows, extract = scene.known.schools.notices, day_number(scene.known.extract_date)
    in_period = (rows.day >= scene.period.start) & (rows.day < scene.period.end)
    told = np.flatnonzero(in_period & np.isin(rows.kind, list(layout_codes.NOTICES)))
    kind = np.array([list(layout_codes.NOTICES).index(code) for code in rows.kind[told]], dtype=np.int64)
    first = np.unique(rows.who[told] * len(NOTICES.categories) + kind, return_index=True)[1]
    who, day, deadline = rows.who[told[first]], rows.day[told[first]], a_month_after(rows.day[told[first]])
    registered = scene.known.registrations
    in_register = target_days(
        Intervals(
            registered.who[scene.counted],
            registered.start[scene.counted],
            np.maximum(registered.end, registered.start + 1)[scene.counted],
        )
    )
    month = Intervals(who, day, deadline + 1)
    is_covered = (deadline < extract) & scene.target.meets(month)
    is_registered = is_covered & in_register.meets(month)
    every = np.ones(len(first), dtype=bool)
    place = scene.place("notices_from_schools")
    yield from scene.tally.rows_by(place, "n_notices", split=NOTICES, category=kind, who=rows.who[told])
    for measure, kept in (("n_persons", every), ("n_covered", is_covered), ("n_registered", is_registered)):
        yield from scene.tally.rows_by(place, measure, split=NOTICES, category=kind[first][kept], who=who[kept])


def other_paths(scene: Scene) -> Iterator[Row]:
    """Give the persons who began komvux, folkhögskola or flexibly while registered or on the first day not registered."""
    rows, registered = scene.known.schools.enrolments, scene.known.registrations
    path = _paths(rows.form, rows.start)
    until_exit = target_days(
        Intervals(registered.who[scene.counted], registered.start[scene.counted], registered.end[scene.counted] + 1)
    )
    begun = (path >= 0) & (rows.start >= scene.period.start) & (rows.start < scene.period.end)
    begun &= until_exit.meets(Intervals(rows.who, rows.start, rows.start + 1))
    yield from scene.tally.persons_by(
        scene.place("other_study_paths"), "n_persons", split=PATHS, category=path[begun], who=rows.who[begun]
    )


def _paths(form: np.ndarray, start: Whole) -> Whole:
    """Return the place of each enrolment among the paths, -1 for an ordinary one; January and 1 July – 15 September are ordinary starts."""
    days = start.astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    ordinary = (month == 1) | (month == 7) | (month == 8) | ((month == 9) & (day <= 15))
    names = [
        form == "KVX",
        form == "FHS",
        (form == "NP") & ~ordinary,
        np.isin(form, ["IMV", "IMY", "IMA", "IMS"]) & ~ordinary,
    ]
    return np.select(names, range(len(names)), default=-1)


def newly_resident(scene: Scene) -> Iterator[Row]:
    """Give the persons covered, reached and in support by whether they came after compulsory-school age."""
    covered = np.unique(scene.known.registrations.who[scene.covered])
    sought, support = sought_in(scene), scene.known.support
    chosen = {
        "n_persons": covered,
        "n_reached": np.unique(sought.who[sought.reached]),
        "n_in_support": np.intersect1d(covered, support.who[there_in(support, scene.period)]),
    }
    for measure, who in chosen.items():
        group = np.where(scene.known.schools.is_newly_resident[who], 0, 1)
        yield from scene.tally.rows_by(
            scene.place("newly_resident_support"), measure, split=GROUPS, category=group, who=who
        )
