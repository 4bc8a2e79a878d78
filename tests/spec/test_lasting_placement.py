"""Study placement that lasts: the table of docs/methods/lasting_placement.md row by row, the end of observation, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kaa_analysis.cohorts import (
    STUDY_OR_OTHER_ENDS,
    choose_spells,
    entering_during,
    follow_up,
    landmark,
    lasting_placement,
)
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival import cumulative_incidence, lasting_base, life_table
from kaa_analysis.target_population import target_population
from tests.spec.hand_typed import register

PAGE = Path(__file__).resolve().parents[2] / "docs" / "methods" / "lasting_placement.md"
NO_ENROLMENT = ("z", "komvux", "2020-01-01", "2020-02-01", "-")


def rows_of_page():
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    next(line for line in lines if line.startswith("| exit |"))
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield tuple(cell.strip().strip("`") for cell in line.strip("|").split("|"))


ROWS = list(rows_of_page())


def followed(exit_day, enrolments, *, reason="komvux", entry="2023-02-01"):
    found = register(
        ("persons", "person_id", "a", "z"),
        ("residence", "person_id", "a"),
        ("credentials", "person_id", "a"),
        ("registrations", "entry_date exit_date exit_reason", f"{entry} {exit_day} {reason}"),
        (
            "schooling",
            "person_id school_form from_date to_date leave_reason",
            *map(" ".join, [NO_ENROLMENT, *enrolments]),
        ),
        extract_date=date(2025, 2, 1),
    )
    cohort = choose_spells(
        entering_during(found, calendar_year(int(entry[:4])), population=target_population(found)), "first"
    )
    return found, follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=False, least_at_risk=1)


def enrolments_of(text):
    return [("a", *one.split()) for one in text.split(";") if one.strip() != "none"]


@pytest.mark.parametrize(
    ("exit_day", "enrolments", "days", "october"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS]
)
def test_each_placement_of_the_page_lasts_or_not_as_it_says(exit_day, enrolments, days, october):
    found, times = followed(exit_day, enrolments_of(enrolments))
    for lasting, expected in (("90_days", days), ("15_october", october)):
        judged = lasting_placement(times, found, lasting=lasting)
        [told] = judged.times.itertuples()
        assert told.way_out == expected
        assert list(judged.ways_out) == [
            "lasting_placement",
            "short_placement",
            "unseen_placement",
            "turned_20",
            "moved",
            "other",
        ]


def test_a_placement_too_near_the_extract_is_censored_on_the_last_day_that_can_be_judged():
    enrolled = [("komvux", "2024-10-20", "-", "-")]
    found, times = followed("2024-10-20", [("a", *one) for one in enrolled], entry="2024-03-01")
    [in_october] = lasting_placement(times, found, lasting="15_october").times.itertuples()
    assert (in_october.way_out, in_october.censored_by) == ("censored", "end_of_observation")
    assert in_october.exit_time == (date(2024, 10, 15) - date(2024, 3, 1)).days
    [in_days] = lasting_placement(times, found, lasting="90_days").times.itertuples()
    assert (in_days.way_out, in_days.exit_time) == ("lasting_placement", (date(2024, 10, 20) - date(2024, 3, 1)).days)


def test_a_follow_up_that_nobody_is_in_before_the_last_day_is_refused():
    found, times = followed("2024-12-01", [("a", "komvux", "2024-12-01", "-", "-")], entry="2024-11-15")
    with pytest.raises(DefinitionError, match="Ingen studieplats kan bedömas"):
        lasting_placement(times, found, lasting="90_days")


def test_other_ways_out_stay_what_they_are():
    found, times = followed("2023-09-01", [], reason="moved")
    judged = lasting_placement(times, found, lasting="90_days")
    assert judged.times["way_out"].tolist() == ["moved"]
    assert judged.cohort == "entering_first_lasting_90_days"
    note = cumulative_incidence(judged).note
    assert "till den sista dag vars studieplatser kan bedömas" in note
    assert judged.times["exit_time"].notna().all() and "2024-11-02" not in note, "a day could be a person's"


def placed(n_late=0):
    """Sixty placed in June 2023, five of them without an enrolment, and further ones after the last 15 October."""
    lines, enrolled, names = [], [NO_ENROLMENT], []
    for number in range(60 + n_late):
        name, day = f"p{number}", "2023-06-01" if number < 60 else "2024-10-20"
        names.append(name)
        lines.append(f"{name} 2023-02-01 {day} komvux")
        until = "2023-07-01" if number < 10 else "2023-10-01" if number < 30 else "-"
        enrolled += [(name, "komvux", day, until, "-")] * (number >= 5)
    found = register(
        ("persons", "person_id", *names, "z"),
        ("residence", "person_id", *names),
        ("credentials", "person_id", *names),
        ("registrations", "person_id entry_date exit_date exit_reason", *lines),
        ("schooling", "person_id school_form from_date to_date leave_reason", *map(" ".join, enrolled)),
    )
    cohort = choose_spells(entering_during(found, calendar_year(2023), population=target_population(found)), "first")
    times = follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=True)
    return times, [lasting_placement(times, found, lasting=lasting) for lasting in ("90_days", "15_october")]


def test_the_base_counts_each_criterion_and_hangs_together_with_the_follow_ups():
    times, judged = placed()
    base = lasting_base(times, judged)
    assert base.frame["n_spells"].tolist() == [60, 50, 5, 5, 60, 30, 25, 5]
    tables = [cumulative_incidence(times), life_table(times), *map(cumulative_incidence, judged), base]
    released = protect(tables, policy=Policy(), ledger=Ledger.empty())
    assert released[base.id].states_table["share"].tolist() == ["shown"] * 8
    with pytest.raises(DefinitionError, match="var och en en gång"):
        lasting_base(times, [judged[0], judged[0]])


def test_two_placements_that_only_one_criterion_can_judge_are_not_told_by_the_difference():
    times, judged = placed(n_late=2)
    base = lasting_base(times, judged)
    assert base.frame["n_judged"].unique().tolist() == [62, 60]
    released = protect([base], policy=Policy(), ledger=Ledger.empty())[base.id]
    assert "protected" in set(released.states_table["n_judged"])


def test_what_cannot_be_judged_is_refused():
    found, times = followed("2023-09-01", [])
    with pytest.raises(DefinitionError, match='menade du "90_days"'):
        lasting_placement(times, found, lasting="90_day")
    with pytest.raises(DefinitionError, match="från början"):
        lasting_placement(landmark(times, months=1), found, lasting="90_days")
    found.tables.pop("schooling")
    with pytest.raises(DefinitionError, match="kräver inskrivningar"):
        lasting_placement(times, found, lasting="90_days")
