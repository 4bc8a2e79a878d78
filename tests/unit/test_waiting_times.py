"""The times by which parts of those who entered have left: hand-computed, clustered, protected."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival import kaplan_meier, life_table, waiting_times

WAYS = {"study_placement": "Studieplats", "other": "Annat avslut"}


def follow_up(exit_time, way_out, *, unit="days", **columns) -> FollowUp:
    times = {
        "person_id": [f"p{number}" for number in range(len(exit_time))],
        "spell": 1,
        "entry_time": 0,
        "exit_time": exit_time,
        "way_out": way_out,
        "sex": "female",
    }
    table = pd.DataFrame(times | columns)
    return FollowUp("new_2024", "Nya 2024", calendar_year(2024), date(2025, 3, 1), unit, WAYS, table)


EIGHT = follow_up(
    [10, 20, 30, 40, 50, 60, 70, 80],
    ["study_placement", "other", "study_placement", "study_placement", "other", "other", "study_placement", "censored"],
)


def test_a_part_of_all_who_came_in_is_reached_by_any_way_and_by_the_one_sought():
    """By any way 2, 4 and 6 of 8 have left on days 20, 40 and 60, flat until the next; placed are 2 of 8 on day 30 and 4 on day 70."""
    found = waiting_times(EIGHT).frame
    assert found["way_out"].tolist() == ["any"] * 3 + ["study_placement"] * 3
    assert found["quantile"].tolist() == ["25", "50", "75"] * 2
    assert found["n_followed"].tolist() == [8] * 6
    assert found["time"][:5].tolist() == [25, 45, 65, 35, 75]
    assert np.isnan(found["time"][5])
    assert found["time_below"][:5].tolist() == [2, 4, 6, 2, 4]
    assert found["time_above"][:5].tolist() == [6, 4, 2, 5, 1]


def test_quantiles_by_any_way_are_those_of_the_curve_and_clustered_where_persons_repeat():
    for persons, cluster in ((list("abcdefgh"), None), (list("aabbccdd"), list("aabbccdd"))):
        given = replace(EIGHT, times_table=EIGHT.times.assign(person_id=persons))
        times = given.times
        curve = kaplan_meier(times["entry_time"], times["exit_time"], times["way_out"] != "censored", cluster=cluster)
        expected = curve.quantiles([0.25, 0.5, 0.75])
        found = waiting_times(given).frame[:3]
        for name in ("time", "lower", "upper"):
            np.testing.assert_array_equal(found[name].to_numpy(float), expected[name])


def test_limits_enclose_the_time_and_evidence_counts_persons_not_spells():
    many = follow_up(np.arange(1, 101), np.where(np.arange(100) % 2, "study_placement", "other"))
    found = waiting_times(many).frame
    assert (found["lower"].fillna(0) <= found["time"].fillna(np.inf)).all()
    assert (found["upper"].fillna(np.inf) >= found["time"].fillna(0)).all()
    twice = replace(EIGHT, times_table=EIGHT.times.assign(person_id=list("abababab")))
    assert waiting_times(twice).frame["time_below"][:2].tolist() == [2, 2]


def test_those_followed_hang_together_with_the_life_table():
    result, table = waiting_times(EIGHT, by="sex"), life_table(EIGHT, by="sex")
    known = result.cells() | table.cells()
    linked = [equation for equation in result.equations if equation.name == "De som följs kommer under observation"]
    assert len(linked) == 3
    entered = [[known[term] for factor, term in equation.terms[1:-1]] for equation in linked]
    assert [sum(numbers) for numbers in entered] == [8, 8, 0]


def test_a_time_with_few_on_one_side_is_hidden_and_one_not_reached_is_told():
    many = follow_up([*range(1, 41), *[400] * 40], [*["study_placement"] * 24, *["other"] * 16, *["censored"] * 40])
    released = protect([waiting_times(many)], policy=Policy(), ledger=Ledger.empty())["new_2024_waiting_times"]
    shown = dict(
        zip(
            zip(released.values_table["way_out"], released.values_table["quantile"], strict=True),
            map(str, released.states_table["time"]),
            strict=True,
        )
    )
    assert shown == {
        ("any", "25"): "shown",
        ("any", "50"): "shown",
        ("any", "75"): "not_applicable",
        ("study_placement", "25"): "shown",
        ("study_placement", "50"): "not_applicable",
        ("study_placement", "75"): "not_applicable",
    }
    assert released.values_table["time"].dropna().mod(7).eq(0).all()
    few = protect([waiting_times(EIGHT)], policy=Policy(), ledger=Ledger.empty())["new_2024_waiting_times"]
    assert set(map(str, few.states_table["time"])) == {"protected", "not_applicable"}


def test_a_group_without_spells_has_no_times_and_an_unknown_split_is_refused():
    nobody = waiting_times(EIGHT, by="sex").frame.query("sex == 'male'")
    assert nobody[["time", "lower", "upper"]].isna().all(axis=None)
    with pytest.raises(DefinitionError, match='menade du "sex"'):
        waiting_times(EIGHT, by="sexx")
