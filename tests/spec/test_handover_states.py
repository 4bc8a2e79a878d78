"""Handover at 20 on hand-typed registers: who had been sought and reached, had support and was known the day before the birthday."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.core.periods import calendar_year
from kaa_analysis.indicators import handover_at_20
from kaa_analysis.target_population import target_population
from tests.spec.hand_typed import HandTyped, register

YEAR = calendar_year(2024)
BORN = "2004-05-10"
STATES = ["all", "not_sought", "sought_only", "reached", "in_support", "activity_known", "activity_unknown"]


def typed(
    *more: tuple[str, ...], entry: str = "2023-09-01", leaving: str = "2024-05-10", born: str = BORN, **facts
) -> HandTyped:
    """Return a register of one girl who was born on the day, registered and, unless the exit is missing, deregistered."""
    return register(
        ("persons", "person_id birth_date", f"a {born}"),
        ("registrations", "person_id entry_date exit_date exit_reason", f"a {entry} {leaving} turned_20"),
        *more,
        **{"follows_law": False} | facts,
    )


def states(drawn: HandTyped) -> set[str]:
    """Return the states of the one who turned 20; none if nobody is counted."""
    frame = handover_at_20(drawn, periods=[YEAR]).frame
    mine = frame[(frame["sex"] == "female") & (frame["n_persons"] == 1)]
    assert list(frame.loc[frame["sex"] == "male", "n_persons"]) == [0] * len(STATES)
    return set(mine["handover"])


@pytest.mark.parametrize(
    ("facts", "counted"),
    [
        ({}, True),
        ({"leaving": "2024-05-09"}, False),
        ({"leaving": "2024-06-30"}, True),
        ({"leaving": "-"}, True),
        ({"entry": "2024-05-09"}, True),
        ({"entry": "2024-05-10", "leaving": "-"}, False),
        ({"born": "2004-01-01", "leaving": "2024-01-01"}, True),
        ({"born": "2003-12-31", "leaving": "-"}, False),
        ({"born": "2004-12-31", "leaving": "-"}, True),
        ({"born": "2005-01-01", "leaving": "-"}, False),
    ],
)
def test_who_is_registered_the_day_before_a_birthday_in_the_period_is_counted(facts, counted):
    assert states(typed(**facts)) == ({"all", "not_sought", "activity_unknown"} if counted else set())


@pytest.mark.parametrize(
    ("attempt", "state"),
    [
        ("2023-05-10 outgoing phone reached -", "reached"),
        ("2023-05-09 outgoing phone reached -", "not_sought"),
        ("2024-05-09 outgoing phone reached -", "reached"),
        ("2024-05-10 outgoing phone reached -", "not_sought"),
        ("2024-05-01 outgoing letter reached 2024-05-09", "reached"),
        ("2024-05-01 outgoing letter reached 2024-05-10", "sought_only"),
        ("2024-05-01 outgoing letter guardian_only -", "sought_only"),
        ("2024-05-01 incoming phone reached -", "not_sought"),
        ("2024-05-01 outgoing drop_in reached -", "not_sought"),
    ],
)
def test_the_outreach_of_the_last_year_is_what_counts(attempt, state):
    drawn = typed(("contacts", "date direction channel outcome responded_date", attempt))
    assert states(drawn) == {"all", state, "activity_unknown"}


@pytest.mark.parametrize(
    ("support", "has_it"),
    [
        ("2024-01-01 -", True),
        ("2024-05-09 -", True),
        ("2024-05-10 -", False),
        ("2024-01-01 2024-05-10", True),
        ("2024-01-01 2024-05-09", False),
        ("- -", False),
    ],
)
def test_support_is_that_which_runs_on_the_last_day(support, has_it):
    drawn = typed(("interventions", "start_date end_date", support))
    assert ("in_support" in states(drawn)) == has_it


@pytest.mark.parametrize(
    ("activities", "known"),
    [
        (["1 2024-02-01 - work"], True),
        (["1 2024-02-01 - unknown"], False),
        (["1 2023-05-10 - work"], True),
        (["1 2023-05-09 - work"], False),
        (["1 2024-02-01 2024-05-09 work"], False),
        (["1 2024-02-01 2024-05-10 work"], True),
        (["1 2024-05-10 - work"], False),
        (["1 2024-02-01 - work", "2 2024-03-01 - unknown"], False),
        (["1 2024-02-01 - none"], True),
    ],
)
def test_an_activity_is_known_if_the_last_one_told_in_the_year_before_still_goes_on(activities, known):
    drawn = typed(("activities", "activity_number known_at to_date kind", *activities))
    assert states(drawn) == {"all", "not_sought", "activity_known" if known else "activity_unknown"}


def test_the_table_holds_each_person_once_per_group_of_rows_with_its_share():
    drawn = register(
        ("persons", "person_id birth_date sex", "a 2004-05-10 female", "b 2004-06-01 male", "c 2004-07-01 male"),
        (
            "registrations", "person_id spell entry_date exit_date exit_reason",
            "a 1 2023-09-01 2024-05-10 turned_20", "b 1 2022-09-01 2023-01-01 moved", "b 2 2023-09-01 - -",
            "c 1 2023-09-01 2024-06-01 komvux",
        ),
        ("contacts", "person_id date outcome", "a 2024-01-10 reached", "b 2024-01-10 no_answer", "c 2024-01-10 reached"),
        ("interventions", "person_id start_date", "b 2024-02-01"),
        follows_law=False,
    )  # fmt: skip
    result = handover_at_20(drawn, periods=[calendar_year(2023), YEAR])
    rows = result.frame[(result.frame["sex"] == "all") & (result.frame["period"] == "2024")]
    expected = pd.DataFrame(
        {
            "handover": STATES,
            "n_persons": [2, 0, 1, 1, 1, 0, 2],
            "n_all": [2] * 7,
            "share_of_turned_20": [1, 0, 0.5, 0.5, 0.5, 0, 1],
        }
    )
    pd.testing.assert_frame_equal(rows[list(expected)].reset_index(drop=True), expected, check_dtype=False)
    assert result.frame.loc[result.frame["period"] == "2023", "n_persons"].sum() == 0
    assert "Registret har ingen uppgift om vilka som fördes över" in result.note


def test_nobody_who_was_never_in_the_target_group_is_counted():
    drawn = typed(follows_law=True)
    result = handover_at_20(drawn, periods=[YEAR], population=target_population(drawn))
    assert result.frame["n_persons"].sum() == 0
    living = typed(("residence", "from_date", BORN), ("credentials", "date", "2020-06-12"), follows_law=True)
    assert "all" in states(living)
