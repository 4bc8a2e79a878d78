"""The lives of a small invented birth year as the tables of the truth."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.synthetic.lives import World
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.simulation import Simulated, lives_in, simulate
from kaa_analysis.synthetic.truth.told_lives import reached_outcomes, true_episodes

SCENARIO = Scenario(
    name="liv",
    why="Prov av sanningens tabeller.",
    seed=5,
    births_per_year=400,
    start=date(2022, 1, 1),
    extract_date=date(2022, 12, 31),
    settings={"without_place": 0.3, "aim_effect": 3.0},
)


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    return simulate(SCENARIO.batches[0], scenario=SCENARIO)


@pytest.fixture(scope="module")
def episodes(simulated) -> pd.DataFrame:
    return true_episodes(simulated.lives, inside=simulated.register.inside)


def outcomes(strategy: str, scenario: Scenario = SCENARIO) -> pd.DataFrame:
    lives = lives_in(scenario.batches[0], scenario=scenario, world=World(aim=strategy))
    return reached_outcomes(lives, strategy=strategy)


def test_every_episode_is_followed_to_its_way_out_even_past_the_day_of_extract(episodes):
    assert episodes.columns.tolist() == [
        "person", "turn", "entry", "registered", "until", "out", "way", "sex", "age",
    ]  # fmt: skip
    assert len(episodes) > 500
    assert (episodes["out"] > pd.Timestamp(SCENARIO.extract_date)).any()
    assert (episodes["entry"] < episodes["out"]).all()
    assert (episodes["out"] <= episodes["until"]).all()
    assert (episodes["out"].eq(episodes["until"]) == episodes["way"].eq("F20")).all()
    assert episodes["age"].between(15, 19).all()
    assert set(episodes["sex"]) == {"K", "M"}


def test_a_time_outside_without_a_day_in_the_target_group_is_no_episode(simulated, episodes):
    gone = episodes["person"].iloc[0]
    inside = simulated.register.inside
    left = true_episodes(simulated.lives, inside=inside[inside["person"] != gone])
    expected = episodes[episodes["person"] != gone].reset_index(drop=True)
    pd.testing.assert_frame_equal(left, expected)


def test_the_reached_are_those_of_the_first_time_outside(episodes):
    reached = outcomes("as_drawn")
    first = episodes.sort_values("entry").drop_duplicates("person")
    joined = reached.merge(first, on="person", how="inner", validate="one_to_one", suffixes=("", "_true"))
    assert len(joined) == len(reached) > 100
    assert joined["out"].equals(joined["out_true"])
    assert joined["time_zero"].between(joined["entry"], joined["out"], inclusive="left").all()
    starts = joined["way"].isin(["NP", "IM", "ANG", "KVX", "FHS"])
    pd.testing.assert_series_equal(joined["placed"], joined["out"].where(starts), check_names=False)


def test_the_same_persons_are_reached_on_the_same_day_whatever_is_done_with_aim():
    drawn, never = outcomes("as_drawn"), outcomes("never")
    pd.testing.assert_frame_equal(drawn[["person", "time_zero"]], never[["person", "time_zero"]])
    assert never["aim"].isna().all()
    sooner = drawn["placed"].notna() & (drawn["placed"] < never["placed"].fillna(pd.Timestamp("2100-01-01")))
    assert sooner.any()
    assert (drawn.loc[sooner, "aim"] <= drawn.loc[sooner, "placed"]).all()
    unchanged = drawn["aim"].isna()
    assert drawn.loc[unchanged, "out"].equals(never.loc[unchanged, "out"])
