"""Placed before 20, within reachable horizons and by other choices: rows worked out by hand, what is refused, what must not be subtracted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts import FollowUpChoices
from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.variants import HEADLINE
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.survival import (
    aalen_johansen,
    cumulative_incidence,
    follow_up_base,
    placement_before_20,
    placement_by_quarter,
    reachable_horizons,
    sensitivity,
)

WAYS = {"study_placement": "Studieplats", "turned_20": "Fyllt 20 år", "moved": "Flyttat", "other": "Annat"}
ROWS = [  # person, age, months left to 20, entry, exit, way out
    ("a", 19, 6, 0, 2, "study_placement"),
    ("b", 19, 6, 0, 6, "turned_20"),
    ("c", 19, 4, 1, 4, "turned_20"),
    ("d", 19, 9, 0, 3, "moved"),
    ("e", 18, 20, 0, 12, "study_placement"),
    ("f", 18, 14, 0, 14, "turned_20"),
    ("g", 18, 20, 2, 20, "turned_20"),
    ("h", 18, 20, 0, 5, "censored"),
    ("i", 14, 60, 0, 13, "censored"),
]


def follow_up(rows=ROWS, **changed) -> FollowUp:
    columns = ["person_id", "age_at_entry", "time_to_20", "entry_time", "exit_time", "way_out"]
    times = pd.DataFrame(rows, columns=columns).assign(spell=range(len(rows)), sex="female")
    times = times.astype({name: "Int64" for name in ("age_at_entry", "time_to_20", "entry_time", "exit_time")})
    made = FollowUp("new", "Nya", calendar_year(2024), date(2025, 2, 1), "months", WAYS, times)
    return replace(made, **changed)


def test_placed_before_20_is_the_last_value_of_each_ages_curve():
    found = placement_before_20(follow_up()).frame.set_index("age_at_entry")
    parts = ["n_followed", "n_placed", "n_turned_20", "n_left_otherwise", "n_not_yet_known"]
    assert found.loc["all", parts].tolist() == [9, 2, 4, 1, 2]
    assert found.loc["19", parts].tolist() == [4, 1, 2, 1, 0]
    assert found.loc["15", parts].tolist() == [1, 0, 0, 0, 1]  # 14 years and still there
    assert found.loc["19", "share_before_20"] == pytest.approx(1 / 4, abs=1e-15)
    assert found.loc["18", "share_before_20"] == pytest.approx(1 / 3, abs=1e-15)
    assert np.isnan(found.loc[["15", "16", "all"], "share_before_20"].astype(float)).all()


def test_everybodys_share_is_the_mean_over_the_spells_where_every_age_has_one():
    found = placement_before_20(follow_up(ROWS[:8])).frame.set_index("age_at_entry")
    assert found.loc["all", "share_before_20"] == pytest.approx((4 / 4 + 4 / 3) / 8, abs=1e-15)
    alone = [aalen_johansen([0, 0, 1, 0], [2, 6, 4, 3], [1, 2, 2, 2], n_causes=2).se[0, -1]]
    alone += [aalen_johansen([0, 0, 2, 0], [12, 14, 20, 5], [1, 2, 2, 0], n_causes=2).se[0, -1]]
    width = np.hypot(*alone) / 2
    share = found.loc["all", "share_before_20"]
    lower = share ** np.exp(1.959963984540054 * width / (share * -np.log(share)))
    assert found.loc["all", "lower"] == pytest.approx(lower, rel=1e-12)


def test_with_several_spells_of_a_person_the_interval_is_wider_than_that_of_as_many_persons():
    again = [(name.replace("e", "a"), *row) for name, *row in ROWS[:8]]
    apart, together = (placement_before_20(follow_up(rows)).frame.iloc[0] for rows in (ROWS[:8], again))
    assert together["share_before_20"] == apart["share_before_20"]
    assert together["upper"] - together["lower"] > apart["upper"] - apart["lower"]


def test_a_horizon_counts_those_who_reach_it_before_20():
    found = reachable_horizons(follow_up(), horizons=(3, 6, 12)).frame.set_index("months")
    parts = ["n_spells", "n_placed", "n_left_otherwise", "n_censored", "n_still"]
    assert found.loc["3", parts].tolist() == [9, 1, 1, 0, 7]
    assert found.loc["6", parts].tolist() == [8, 1, 2, 1, 4]
    assert found.loc["12", parts].tolist() == [5, 1, 0, 1, 3]
    # At 12: five reach it, one of them under observation from 2, one censored at 5; four are at risk at 12.
    assert found.loc["12", "share_placed"] == pytest.approx(1 / 4, abs=1e-15)


def test_turning_20_must_be_a_competing_end():
    for estimate in (placement_before_20, reachable_horizons):
        assert len(estimate(follow_up()).frame)
        with pytest.raises(DefinitionError, match=r"kräver att fylla 20 är en egen väg ut"):
            estimate(follow_up(ways_out={"education": "Utbildning"}))
        with pytest.raises(DefinitionError, match=r"kräver att fylla 20 är en egen väg ut"):
            estimate(follow_up(choices=FollowUpChoices(turning_20="censored")))


def test_an_age_that_the_law_does_not_know_is_refused():
    with pytest.raises(DefinitionError, match=r"högst 19 år"):
        placement_before_20(follow_up([("a", 20, 0, 0, 0, "other")]))


def test_the_rows_of_the_sensitivity_are_those_of_each_follow_up():
    censored = [row if row[5] != "moved" else (*row[:5], "censored") for row in ROWS]
    found = sensitivity(
        {HEADLINE: follow_up(), "moves_censored": follow_up(censored, choices=FollowUpChoices(moves="censored"))},
        horizons=(6,),
    ).frame.set_index("variant")
    parts = ["n_spells", "n_placed", "n_left_otherwise", "n_censored", "n_still"]
    assert found.loc[HEADLINE, parts].tolist() == [9, 1, 3, 1, 4]
    assert found.loc["moves_censored", parts].tolist() == [9, 1, 2, 2, 4]
    assert found.loc["moves_censored", "share_placed"] > found.loc[HEADLINE, "share_placed"] - 1e-15
    with pytest.raises(DefinitionError, match=r"rapportens val först"):
        sensitivity({"moves_censored": follow_up()})


def test_every_equation_holds_with_the_numbers_of_the_other_tables():
    followed = follow_up()
    results = [
        follow_up_base(followed),
        cumulative_incidence(followed),
        placement_before_20(followed),
        reachable_horizons(followed),
        sensitivity({HEADLINE: followed}),
    ]
    cells = {}
    for result in results:
        for cell, value in result.cells().items():
            assert cells.setdefault(cell, value) == value
    whole = 0
    for result in results:
        for equation in result.all_equations():
            known = [factor * cells[term] for factor, term in equation.terms if term in cells]
            if len(known) == len(equation.terms):
                assert sum(known) == 0, equation.name
                whole += 1
            elif len(known) == len(equation.terms) - 1:
                [rest] = [factor for factor, term in equation.terms if term not in cells]
                assert -sum(known) / rest >= 0, equation.name
    assert whole > 40


def test_the_quarters_are_of_the_first_registered_day_and_add_up_to_the_year():
    days = pd.to_datetime(["2024-01-05", "2024-03-31", "2024-04-01", "2024-06-30", "2024-07-01", "2024-08-20", "2024-09-30", "2024-10-01", "2024-12-31"])  # fmt: skip
    followed = follow_up()
    followed = replace(followed, times_table=followed.times.assign(entry_date=days))
    found = placement_by_quarter(followed, horizons=(12,)).frame.set_index("entry_quarter")
    parts = ["n_spells", "n_placed", "n_left_otherwise", "n_censored", "n_still"]
    assert found[parts].to_numpy(dtype=int).tolist() == [
        [9, 2, 3, 1, 3], [2, 1, 1, 0, 0], [2, 0, 2, 0, 0], [3, 1, 0, 0, 2], [2, 0, 0, 1, 1],
    ]  # fmt: skip
    assert found.loc["1", "share_placed"] == pytest.approx(1 / 2, abs=1e-15)
    headline = sensitivity({HEADLINE: followed}, horizons=(12,)).frame.iloc[0]
    assert found.loc["all", "share_placed"] == headline["share_placed"]
