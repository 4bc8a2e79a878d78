"""From the official measure to the entry cohort, step by step, on a hand-typed register."""

from __future__ import annotations

import pytest

from kaa_analysis.cohorts import STUDY_OR_OTHER_ENDS, choose_spells, entering_during, follow_up, landmark
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import official_beside_cohort, share_to_studies, study_measures
from kaa_analysis.survival import cumulative_incidence, follow_up_base
from kaa_analysis.target_population import target_population
from tests.spec.hand_typed import register

YEAR = calendar_year(2023)
LINES = (
    "a 1 2022-09-01 2023-02-01 komvux",  # came the year before
    "b 1 2022-09-01 2023-03-01 completed",
    "c 1 2023-02-01 2023-09-01 national_programme",
    "d 1 2023-02-01 2023-04-01 moved",
    "d 2 2023-06-01 2023-10-01 folkhogskola",  # a later registration of the same person
    "e 1 2023-03-01 2024-02-01 komvux",  # to studies after the period
    "g 1 2023-03-01 - -",
)


def drawn(*lines):
    names = sorted({line.split()[0] for line in lines})
    return register(
        ("persons", "person_id", *names),
        ("residence", "person_id", *names),
        ("credentials", "person_id", *names),
        ("registrations", "person_id spell entry_date exit_date exit_reason", *lines),
    )


def made(*, spells="first", lines=LINES):
    found = drawn(*lines)
    population = target_population(found)
    cohort = choose_spells(entering_during(found, YEAR, population=population), spells)
    followed = follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=True)
    return found, population, cohort, followed


def told(result):
    return [tuple(row) for row in result.frame[["official_step", "n_studies", "n_all"]].itertuples(index=False)]


def test_each_step_changes_one_thing_down_to_the_last_registration():
    found, population, cohort, followed = made()
    result = official_beside_cohort(found, cohort, followed, population=population)
    assert told(result) == [
        ("official", 4, 5),
        ("starts", 3, 5),
        ("entered", 2, 3),
        ("chosen", 1, 2),
        ("still", 1, 4),
        ("to_extract", 2, 4),
        ("followed", 2, 4),
    ]
    assert result.frame["share"].tolist() == [4 / 5, 3 / 5, 2 / 3, 1 / 2, 1 / 4, 2 / 4, 2 / 4]


def test_with_all_registrations_no_step_leaves_out_a_later_one():
    found, population, cohort, followed = made(spells="all")
    result = official_beside_cohort(found, cohort, followed, population=population)
    assert told(result)[2:5] == [("entered", 2, 3), ("chosen", 2, 3), ("still", 2, 5)]


def test_who_turned_20_before_the_studies_is_no_placement_in_the_last_step():
    lines = ("a 1 2023-02-01 2023-09-01 komvux", "c 1 2023-02-01 2023-09-01 komvux")
    found, population, cohort, followed = made(lines=lines)
    twenty = followed.times.assign(way_out=["study_placement", "turned_20"])
    object.__setattr__(followed, "times_table", twenty)
    result = official_beside_cohort(found, cohort, followed, population=population)
    assert told(result)[-2:] == [("to_extract", 2, 2), ("followed", 1, 2)]


def test_the_steps_hold_across_the_tables_that_are_released_beside_them():
    found, population, cohort, followed = made()
    results = [
        share_to_studies(found, periods=[YEAR], population=population),
        study_measures(found, periods=[YEAR], population=population),
        follow_up_base(followed),
        cumulative_incidence(followed),
        official_beside_cohort(found, cohort, followed, population=population),
    ]
    released = protect(results, policy=Policy(), ledger=Ledger.empty())[results[-1].id]
    states = released.states_table
    assert states["n_studies"].tolist() == ["protected"] * 7
    assert states["share"].tolist() == ["protected"] * 7


def test_another_cohort_or_follow_up_is_refused():
    found, population, cohort, followed = made()
    with pytest.raises(DefinitionError, match="uppföljningen av just dem"):
        official_beside_cohort(found, cohort, landmark(followed, months=1), population=population)
    every = choose_spells(entering_during(found, YEAR, population=population), "all")
    with pytest.raises(DefinitionError, match="uppföljningen av just dem"):
        official_beside_cohort(found, every, followed, population=population)
