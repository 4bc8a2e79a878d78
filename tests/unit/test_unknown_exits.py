"""Exits of unknown way as bounds, and the naive incidence beside the right one: hand-computed values, edges, protection."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts import STUDY_OR_OTHER_ENDS, entering_during, follow_up
from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival import (
    aalen_johansen,
    cumulative_incidence,
    kaplan_meier,
    life_table,
    naive_incidence,
    unknown_exit_bounds,
    unknown_exit_differences,
)
from kaa_analysis.survival.cores.confidence_limits import confidence_limits, normal_quantile
from kaa_analysis.target_population import target_population
from tests.spec.hand_typed import register

DIGITS = 1e-12
HORIZONS = (0, 3, 6)
WAYS = {"studies": "Studier", "other": "Annat"}
S, A, C = "studies", "other", "censored"
REPLICATES, ROWS, NOMINAL_LESS_NOISE = 150, 200, 0.93
"""Two points below 95 %, for the noise of so few replicates; the draws are the same each time."""


def followed(ways, exits, *, known=True, entry=0, sex="female", person=None, law_changes=()):
    n = len(ways)
    times = pd.DataFrame(
        {
            "person_id": person or [f"p{number}" for number in range(n)],
            "spell": 1,
            "entry_time": entry,
            "exit_time": exits,
            "way_out": ways,
            "way_known": known,
            "sex": sex,
        }
    )
    return FollowUp(
        "new_2024",
        "Nya 2024",
        calendar_year(2024),
        date(2025, 3, 1),
        "months",
        WAYS,
        times,
        rest="other",
        law_changes=law_changes,
    )


def test_only_an_exit_without_a_reason_before_20_is_of_unknown_way():
    lines = {"a": "2023-09-01 -", "b": "2023-09-01 other", "c": "- -", "d": "2026-06-01 -"}
    found = register(
        ("persons", "person_id", *lines),
        ("residence", "person_id", *lines),
        ("credentials", "person_id", *lines),
        (
            "registrations",
            "person_id entry_date exit_date exit_reason",
            *(f"{name} 2023-02-01 {end}" for name, end in lines.items()),
        ),
        extract_date=date(2026, 7, 1),
    )
    cohort = entering_during(found, calendar_year(2023), population=target_population(found))
    times = follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=False, least_at_risk=1)
    told = times.times.set_index("person_id")[["way_out", "way_known"]]
    assert told.loc[["a", "b", "c", "d"]].to_numpy().tolist() == [
        ["other", False],
        ["other", True],
        ["turned_20", True],
        ["turned_20", True],
    ]
    assert times.rest == "other"


EIGHT = {
    "ways": [S, A, A, S, A, S, A, A],
    "exits": [1, 1, 2, 2, 4, 4, 5, 6],
    "known": [True, True, False, True, False, True, True, True],
}


def test_bounds_without_censoring_are_proportions_with_the_limits_of_each():
    found = unknown_exit_bounds(followed(**EIGHT), horizons=HORIZONS).frame
    assert found["n_at_risk"].tolist() == [8, 4, 0]
    assert found["n_sought"].tolist() == [0, 2, 3]
    assert found["n_unknown"].tolist() == [0, 1, 2]
    np.testing.assert_allclose(found["share_at_least"], [0, 2 / 8, 3 / 8], rtol=DIGITS)
    np.testing.assert_allclose(found["share_at_most"], [0, 3 / 8, 5 / 8], rtol=DIGITS)
    least, greatest = np.array([2 / 8, 3 / 8]), np.array([3 / 8, 5 / 8])
    lower, _ = confidence_limits(least, se=np.sqrt(least * (1 - least) / 8))
    _, upper = confidence_limits(greatest, se=np.sqrt(greatest * (1 - greatest) / 8))
    np.testing.assert_allclose(found["lower"][1:], lower, rtol=DIGITS)
    np.testing.assert_allclose(found["upper"][1:], upper, rtol=DIGITS)


def test_the_least_is_the_incidence_of_the_report_where_only_reasons_are_missing():
    given = followed(**EIGHT)
    share = cumulative_incidence(given, horizons=HORIZONS).frame.query("way_out == 'studies'")["share_left"]
    np.testing.assert_array_equal(unknown_exit_bounds(given, horizons=HORIZONS).frame["share_at_least"], share)


def test_who_went_on_until_a_day_that_nobody_knows_is_bounded_from_that_day():
    """Censored at 2 of an unknown end: the least takes an exit there, the greatest a placement there."""
    given = followed([S, C, S, C], [1, 2, 3, 4], known=[True, False, True, True], law_changes=(date(2018, 7, 1),))
    found = unknown_exit_bounds(given, horizons=(0, 3)).frame
    assert found["n_unknown"].tolist() == [0, 0]
    assert found["n_unknown_end"].tolist() == [0, 1]
    np.testing.assert_allclose(found["share_at_least"], [0, 2 / 4], rtol=DIGITS)
    np.testing.assert_allclose(found["share_at_most"], [0, 3 / 4], rtol=DIGITS)
    treated = aalen_johansen([0] * 4, [1, 2, 3, 4], [1, 2, 1, 0], n_causes=2).at([3])
    np.testing.assert_array_equal(found["lower"][1], treated["lower"][0])


def test_a_least_share_of_none_and_a_greatest_of_all_have_limits_at_the_end_of_the_scale():
    found = unknown_exit_bounds(followed([A, A, S], [1, 1, 2], known=[False, False, True]), horizons=(0, 1, 2)).frame
    assert found.loc[1, ["share_at_least", "lower"]].tolist() == [0, 0]
    assert found.loc[2, ["share_at_most", "upper"]].tolist() == [1, 1]
    assert found.loc[0, ["lower", "upper"]].isna().all()


def test_every_row_twice_under_the_same_person_changes_no_limit():
    twice = {name: values * 2 for name, values in EIGHT.items()}
    alone = unknown_exit_bounds(followed(**EIGHT), horizons=HORIZONS).frame
    clustered = unknown_exit_bounds(
        followed(**twice, person=[f"p{number}" for number in range(8)] * 2), horizons=HORIZONS
    ).frame
    names = ["share_at_least", "share_at_most", "lower", "upper"]
    np.testing.assert_allclose(clustered[names], alone[names], rtol=1e-9)


def test_a_difference_comes_from_opposite_corners_and_its_variances_add_up():
    twice = {name: values * 2 for name, values in EIGHT.items()}
    twice["ways"] = [*EIGHT["ways"], S, A, A, A, A, S, A, A]
    given = followed(**twice, sex=["female"] * 8 + ["male"] * 8)
    result = unknown_exit_differences(given, horizons=HORIZONS).frame
    girls = result.query("sex == 'female'").reset_index(drop=True)
    least, greatest = np.array([3 / 8, 5 / 8]), np.array([2 / 8, 4 / 8])  # girls' least and greatest, boys' at 6
    np.testing.assert_allclose(girls.loc[2, "difference_at_least"], 100 * (least[0] - greatest[1]), rtol=DIGITS)
    np.testing.assert_allclose(girls.loc[2, "difference_at_most"], 100 * (least[1] - greatest[0]), rtol=DIGITS)
    width = normal_quantile(0.95) * np.sqrt((3 / 8) * (5 / 8) / 8 + (4 / 8) * (4 / 8) / 8)
    np.testing.assert_allclose(girls.loc[2, "lower"], 100 * (least[0] - greatest[1] - width), rtol=DIGITS)
    others = result.query("sex != 'female'")
    assert others[["difference_at_least", "difference_at_most", "lower", "upper"]].isna().all(axis=None)


def test_the_interval_covers_everything_between_the_true_bounds():
    """A third of the other exits have no reason: the true bounds after 3 are 0.3 and 0.5."""
    draws = np.random.default_rng(20)
    covered = 0
    for _ in range(REPLICATES):
        kind = draws.random(ROWS)
        ways = np.where(kind < 0.3, S, A).tolist()
        given = followed(ways, draws.integers(1, 4, ROWS), known=(kind < 0.3) | (kind >= 0.5))
        [bounds] = unknown_exit_bounds(given, horizons=(3,)).frame[["lower", "upper"]].to_numpy()
        covered += bounds[0] <= 0.3 and bounds[1] >= 0.5
    assert covered / REPLICATES >= NOMINAL_LESS_NOISE


def test_unknown_exits_are_a_part_of_the_rest_and_hidden_where_they_are_few():
    ways = [S] * 60 + [A] * 40
    exits = [1, 2, 4] * 20 + [2, 5] * 20
    few = followed(ways, exits, known=[True] * 97 + [False] * 3)
    many = followed(ways, exits, known=[True] * 80 + [False] * 20)
    states = {}
    for name, given in {"few": few, "many": many}.items():
        results = [unknown_exit_bounds(given, horizons=HORIZONS), cumulative_incidence(given, horizons=HORIZONS)]
        states[name] = protect(results, policy=Policy(), ledger=Ledger.empty())[results[0].id].states_table
    assert states["many"]["share_at_most"].tolist() == ["shown"] * 3
    assert states["few"]["share_at_most"].tolist()[1:] == ["protected"] * 2
    assert states["few"]["n_unknown"].tolist() == ["shown", "protected", "protected"]


def test_a_difference_is_hidden_where_a_count_of_either_group_is():
    ways, exits = [S] * 60 + [A] * 40, [1, 2, 4] * 20 + [2, 5] * 20
    both = followed(ways * 2, exits * 2, known=[True] * 200, sex=["female"] * 100 + ["male"] * 100)
    few = followed(ways * 2, exits * 2, known=[True] * 197 + [False] * 3, sex=["female"] * 100 + ["male"] * 100)
    for given, state in ((both, "shown"), (few, "protected")):
        result = unknown_exit_differences(given, horizons=HORIZONS)
        released = protect([result], policy=Policy(), ledger=Ledger.empty())[result.id]
        girls = result.frame["sex"] == "female"
        assert released.states_table.loc[girls, "difference_at_most"].tolist()[1:] == [state] * 2


def test_a_follow_up_that_does_not_tell_which_ways_are_known_is_refused():
    given = followed(**EIGHT)
    silent = FollowUp(
        "new_2024", "Nya 2024", given.period, given.observed_to, "months", WAYS, given.times.drop(columns="way_known")
    )
    with pytest.raises(DefinitionError, match="om vägen ut är känd"):
        unknown_exit_bounds(silent)
    with pytest.raises(DefinitionError, match="om vägen ut är känd"):
        unknown_exit_differences(silent)
    with pytest.raises(DefinitionError, match="i hela uppföljningen"):
        unknown_exit_bounds(replace(given, landmark=3))


# the naive incidence


def test_the_naive_share_censors_the_other_exits_and_the_error_is_its_excess():
    found = naive_incidence(followed(**EIGHT), horizons=HORIZONS).frame
    np.testing.assert_allclose(found["share_left"], [0, 2 / 8, 3 / 8], rtol=DIGITS)
    naive = [0, 1 - 7 / 8 * 5 / 6, 1 - 7 / 8 * 5 / 6 * 3 / 4]
    np.testing.assert_allclose(found["share_naive"], naive, rtol=DIGITS)
    np.testing.assert_allclose(found["error"], 100 * (np.array(naive) - [0, 2 / 8, 3 / 8]), rtol=DIGITS, atol=DIGITS)


def test_the_two_are_one_where_nobody_leaves_by_another_way():
    found = naive_incidence(followed([S, S, C, S], [1, 2, 2, 4]), horizons=HORIZONS).frame
    np.testing.assert_allclose(found["error"], 0, atol=1e-9)
    curve = kaplan_meier([0] * 4, [1, 2, 2, 4], [True, True, False, True]).at(list(HORIZONS))
    np.testing.assert_allclose(found["share_naive"], 1 - curve["survival"], rtol=DIGITS)


def test_the_counts_are_the_cells_of_the_other_tables():
    given = followed(**EIGHT, sex=["female", "male"] * 4)
    own = naive_incidence(given, by="sex", horizons=HORIZONS).cells()
    others = (
        cumulative_incidence(given, by="sex", horizons=HORIZONS).cells()
        | life_table(given, by="sex", horizons=HORIZONS).cells()
    )
    assert own.items() <= others.items()


def test_a_naive_share_is_hidden_with_the_counts_before_it():
    given = followed([S] * 3 + [A] * 60 + [S] * 60, [1] * 3 + [2] * 60 + [5] * 60)
    result = naive_incidence(given, horizons=HORIZONS)
    released = protect([result], policy=Policy(), ledger=Ledger.empty())[result.id]
    assert released.states_table["share_naive"].tolist() == ["shown", "protected", "protected"]
