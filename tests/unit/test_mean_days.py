"""Mean time without placement and after each way out: hand-computed tables, what protects them, what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts import FollowUpChoices
from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival import (
    cumulative_incidence,
    days_without_placement,
    life_table,
    restricted_time_lost,
    restricted_times,
    times_lost,
)
from kaa_analysis.survival.mean_evidence import Contributions, contributions

WAYS = {"study_placement": "Studieplats", "turned_20": "Fyllt 20 år", "other": "Annat avslut"}
DIGITS = 1e-12


def follow_up(*, unit="months", **columns) -> FollowUp:
    """Four girls and two boys; nobody is censored before a year."""
    times = {
        "person_id": list("abcdef"),
        "spell": 1,
        "entry_time": 0,
        "exit_time": [2, 6, 10, 30, 4, 30],
        "way_out": ["study_placement", "turned_20", "study_placement", "censored", "other", "censored"],
        "sex": ["female"] * 4 + ["male"] * 2,
    }
    table = pd.DataFrame(times | columns)
    return FollowUp("new_2024", "Nya 2024", calendar_year(2024), date(2025, 3, 1), unit, WAYS, table)


def of_many(n: int, *, n_placed: int) -> FollowUp:
    """``n`` persons, of whom the first were placed in the fifth month; the others are there still."""
    placed = np.arange(n) < n_placed
    table = pd.DataFrame(
        {
            "person_id": [f"p{number}" for number in range(n)],
            "spell": 1,
            "entry_time": 0,
            "exit_time": np.where(placed, 5, 30),
            "way_out": np.where(placed, "study_placement", "censored"),
            "sex": "female",
        }
    )
    return replace(follow_up(), times_table=table)


def states(result) -> dict[str, list[str]]:
    released = protect([result], policy=Policy(), ledger=Ledger.empty())[result.id]
    return {name: list(map(str, released.states_table[name])) for name in released.states_table}


def test_time_without_placement_is_the_horizon_less_what_is_lost_to_it():
    """Of 12 months the six had 2, 12, 10, 12, 12 and 12 without a place; before 20 the second had 6."""
    found = restricted_times(follow_up(), horizons=(12,)).frame
    expected = pd.DataFrame(
        {
            "way_out": ["study_placement"],
            "months": ["12"],
            "n_entered_to_date": [6],
            "n_left_to_date": [4],
            "n_events_to_date": [2],
            "n_or_20_to_date": [3],
            "mean": [60 / 6],
            "before_20": [54 / 6],
        }
    )
    expected = expected.astype({name: "Int64" for name in expected if name.startswith("n_")})
    pd.testing.assert_frame_equal(found[expected.columns], expected, rtol=DIGITS)


def test_what_is_lost_to_each_way_out_adds_up_with_the_time_in_the_register():
    found = times_lost(follow_up(), by="sex", horizons=(12,)).frame.set_index(["sex", "way_out"])["mean"]
    assert found["all"].tolist() == pytest.approx([12 / 6, 6 / 6, 8 / 6], rel=DIGITS)
    assert found["female"].tolist() == pytest.approx([12 / 4, 6 / 4, 0], rel=DIGITS)
    assert found["male"].tolist() == pytest.approx([0, 0, 8 / 2], rel=DIGITS)


def test_limits_are_those_of_the_cores_and_clustered_where_a_person_has_several_spells():
    for persons, cluster in ((list("abcdef"), None), (list("aabbcc"), list("aabbcc"))):
        given = follow_up(person_id=persons)
        times = given.times
        lost = restricted_time_lost(
            times["entry_time"], times["exit_time"], [1, 2, 1, 0, 3, 0], n_causes=3, horizon=12, cluster=cluster
        )
        found = restricted_times(given, horizons=(12,)).frame
        for names, not_after in (
            (["mean", "lower", "upper"], []),
            (["before_20", "before_20_low", "before_20_high"], [2]),
        ):
            time = days_without_placement(lost, placement=1, not_counted_after=not_after)
            assert found.loc[0, names].tolist() == [time.time, time.lower, time.upper]
        after = times_lost(given, horizons=(12,)).frame
        np.testing.assert_array_equal(after["lower"], lost.lower)
        np.testing.assert_array_equal(after["upper"], lost.upper)


def test_a_kaplan_meier_with_other_exits_censored_would_say_another_time():
    times = follow_up().times
    hypothetical = restricted_time_lost(
        times["entry_time"], times["exit_time"], [1, 0, 1, 0, 0, 0], n_causes=1, horizon=12
    )
    assert restricted_times(follow_up(), horizons=(12,)).frame["mean"][0] > 12 - hypothetical.time[0] + 0.1


def test_time_before_20_stands_only_where_turning_20_is_a_way_out_that_competes():
    competing = restricted_times(follow_up(), horizons=(12,))
    as_if = replace(follow_up(), choices=FollowUpChoices(turning_20="censored"))
    histories = replace(
        follow_up(way_out=["education", "other", "education", "censored", "other", "censored"]),
        ways_out={"education": "Utbildning", "other": "Annat avslut"},
    )
    assert {"before_20", "n_or_20_to_date"} <= set(competing.frame)
    for other in (as_if, histories):
        assert not {"before_20", "n_or_20_to_date"} & set(restricted_times(other, horizons=(12,)).frame)
    assert restricted_times(histories, horizons=(12,)).title.startswith("Månader utan utbildning")


def test_a_horizon_past_the_follow_up_of_a_group_has_no_estimate_there():
    given = follow_up(exit_time=[2, 6, 10, 30, 4, 8])
    found = restricted_times(given, by="sex", horizons=(12, 24)).frame
    known = found.assign(known=found["mean"].notna()).groupby("sex")["known"].all()
    assert known.to_dict() == {"all": True, "female": True, "male": False}
    all_left = follow_up(exit_time=[2, 6, 10, 30, 4, 8], way_out=[*follow_up().times["way_out"][:5], "other"])
    assert restricted_times(all_left, by="sex", horizons=(12, 24)).frame["mean"].notna().all()
    nobody = restricted_times(follow_up(sex="female"), by="sex", horizons=(12,)).frame.query("sex == 'male'")
    assert nobody["mean"].isna().all()
    assert nobody["n_entered_to_date"].eq(0).all()


def test_the_counts_are_the_cells_of_the_other_tables_of_the_follow_up():
    own = restricted_times(follow_up(), by="sex").cells()
    others = life_table(follow_up(), by="sex").cells() | cumulative_incidence(follow_up(), by="sex").cells()
    shared = set(own) & set(others)
    assert {place.measure for place in shared} == {"new_2024_events_to_date"}
    assert len(shared) == 3 * 2 * 2
    assert {place: own[place] for place in shared} == {place: others[place] for place in shared}


def test_who_has_entered_to_date_is_the_sum_of_the_life_tables_entries():
    equations = restricted_times(follow_up(), horizons=(9, 12)).equations
    known = life_table(follow_up()).cells() | restricted_times(follow_up(), horizons=(9, 12)).cells()
    whole = [equation for equation in equations if all(term in known for _, term in equation.terms)]
    assert [sum(factor * known[term] for factor, term in equation.terms) for equation in whole] == [0] * len(whole)
    place = {"extract": "2025-03-01", "period": "2024"}
    entered = cell("new_2024_entered_to_date", **place, months="12")
    assert any((-1, entered) in equation.terms and len(equation.terms) == 5 for equation in whole)
    since = cell("new_2024_entered", **place, months="12", since="9")
    assert any((1, since) in equation.terms for equation in equations)


def test_contributions_are_those_of_the_scale_on_which_two_persons_weigh_most():
    spells = pd.DataFrame(
        {"person_id": list("aabcd"), "entry_time": 0, "exit_time": [2, 4, 7, 30, 1], "way_out": "other"}
    )
    spells = spells.assign(way_out=["studies", "studies", "studies", "censored", "censored"])
    assert contributions(spells, ways=["studies"], horizon=10) == Contributions(14, 3, 17)
    early = spells.assign(exit_time=[0, 0, 0, 10, 1], person_id=list("abcde"))
    assert contributions(early, ways=["studies"], horizon=10) == Contributions(10, 1, 11)
    nobody = contributions(spells.iloc[:0], ways=["studies"], horizon=10)
    assert nobody == Contributions(0, 0, 0)
    assert nobody.rest == -np.inf


def test_a_mean_over_few_placed_is_hidden_and_over_many_shown():
    shown = states(restricted_times(of_many(60, n_placed=20), horizons=(12,)))
    assert shown["mean"] == shown["before_20"] == ["shown"]
    few = states(restricted_times(of_many(60, n_placed=3), horizons=(12,)))
    assert few["mean"] == few["lower"] == few["upper"] == few["before_20"] == ["protected"]
    nearly_ten = states(restricted_times(of_many(60, n_placed=9), horizons=(12,)))
    assert nearly_ten["n_events_to_date"] == ["shown"]
    assert nearly_ten["mean"] == ["protected"]


def test_the_time_before_20_is_hidden_where_few_have_turned_20_for_the_other_less_it_is_theirs():
    given = of_many(60, n_placed=20)
    three = given.times.assign(way_out=lambda times: times["way_out"].mask(times.index >= 57, "turned_20"))
    three.loc[57:, "exit_time"] = 7
    found = states(restricted_times(replace(given, times_table=three), horizons=(12,)))
    assert "protected" in found["n_or_20_to_date"] + found["n_events_to_date"]
    assert found["before_20"] == found["before_20_low"] == found["before_20_high"] == ["protected"]
    none = states(restricted_times(given, horizons=(12,)))
    assert none["n_or_20_to_date"] == none["before_20"] == ["shown"]


def test_no_mean_is_shown_at_a_horizon_after_a_hidden_one():
    given = of_many(60, n_placed=20)
    late = given.times.assign(exit_time=lambda times: times["exit_time"].where(times.index >= 20, 20))
    late.loc[:2, "exit_time"] = 5
    found = states(restricted_times(replace(given, times_table=late), horizons=(12, 24)))
    assert found["n_events_to_date"] == ["protected", "shown"]
    assert found["mean"] == found["before_20"] == ["protected"] * 2


def test_bad_input_is_refused_beside_what_is_carried():
    assert restricted_times(follow_up(), horizons=(12,)).frame["mean"].notna().all()
    with pytest.raises(DefinitionError, match="tidpunkt efter start"):
        restricted_times(follow_up(), horizons=(0, 12))
    with pytest.raises(DefinitionError, match="stigande ordning"):
        times_lost(follow_up(), horizons=(12, 6))
    with pytest.raises(DefinitionError, match='menade du "sex"'):
        restricted_times(follow_up(), by="sexx")
    with pytest.raises(DefinitionError, match="way_out"):
        times_lost(follow_up(way_out="secret"))
