"""The true incidence and restricted time: five drawn lives, whole tables worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.truth.incidence import (
    add_up_incidence,
    add_up_time,
    first_episodes,
    incidence,
    restricted_time,
)

ENTRY = pd.Timestamp("2020-01-01")


def lives(*rows: tuple) -> pd.DataFrame:
    """Return a row per person: sex, age at entry, days until the way out, its code, days until 20."""
    table = pd.DataFrame(list(rows), columns=["sex", "age", "stayed", "way", "left"])
    return pd.DataFrame(
        {
            "person": range(1, len(table) + 1),
            "entry": ENTRY,
            "out": ENTRY + pd.to_timedelta(table["stayed"], unit="D"),
            "until": ENTRY + pd.to_timedelta(table["left"], unit="D"),
            "way": table["way"],
            "sex": table["sex"],
            "age": table["age"],
        }
    )


FIVE = lives(
    ("K", 18, 0, "NP", 700),
    ("K", 18, 91, "KVX", 600),
    ("M", 18, 92, "FLY", 600),
    ("M", 19, 300, "F20", 300),
    ("M", 19, 200, "FUL", 300),
)


def counts_of(table: pd.DataFrame, **place: str) -> list[int]:
    rows = table
    for name, value in place.items():
        rows = rows[rows[name] == value]
    return rows["count"].tolist()


def test_the_share_that_has_left_is_counted_at_every_horizon_and_before_20():
    table = incidence(FIVE)
    everybody = table[(table["sex"] == "all") & (table["age_at_entry"] == "all")].reset_index(drop=True)
    expected = pd.DataFrame(
        [
            ("study_placement", "3", 2),
            ("study_placement", "6", 2),
            ("study_placement", "12", 2),
            ("study_placement", "24", 2),
            ("study_placement", "before_20", 2),
            ("turned_20", "3", 0),
            ("turned_20", "6", 0),
            ("turned_20", "12", 1),
            ("turned_20", "24", 1),
            ("turned_20", "before_20", 1),
            ("moved", "3", 0),
            ("moved", "6", 1),
            ("moved", "12", 1),
            ("moved", "24", 1),
            ("moved", "before_20", 1),
            ("other", "3", 0),
            ("other", "6", 0),
            ("other", "12", 1),
            ("other", "24", 1),
            ("other", "before_20", 1),
        ],
        columns=["way_out", "months", "count"],
    ).assign(sex="all", age_at_entry="all", n=5)
    expected["share"] = expected["count"] / 5
    pd.testing.assert_frame_equal(everybody, expected[everybody.columns], check_dtype=False)


def test_sexes_and_ages_add_up_to_everybody():
    table = incidence(FIVE)
    assert counts_of(table, way_out="study_placement", sex="female", age_at_entry="18") == [2, 2, 2, 2, 2]
    assert counts_of(table, way_out="study_placement", sex="male", age_at_entry="18") == [0, 0, 0, 0, 0]
    keys = ["way_out", "months"]
    everybody = table[(table["sex"] == "all") & (table["age_at_entry"] == "all")].set_index(keys)[["n", "count"]]
    by_both = table[(table["sex"] != "all") & (table["age_at_entry"] != "all")].groupby(keys)[["n", "count"]].sum()
    pd.testing.assert_frame_equal(by_both.loc[everybody.index], everybody)


def test_days_without_placement_go_on_to_the_horizon_for_those_never_placed():
    table = restricted_time(FIVE)
    everybody = table[(table["sex"] == "all") & (table["age_at_entry"] == "all")].reset_index(drop=True)
    expected = pd.DataFrame(
        {
            "sex": "all",
            "age_at_entry": "all",
            "months": ["3", "6", "12", "24", "before_20"],
            "n": 5,
            "days_without_placement": [
                0 + 91 + 91 + 91 + 91,
                0 + 91 + 183 + 183 + 183,
                0 + 91 + 365 + 365 + 365,
                0 + 91 + 731 + 731 + 731,
                0 + 91 + 600 + 300 + 300,
            ],
            "days_in_target_group": [
                0 + 91 + 91 + 91 + 91,
                0 + 91 + 92 + 183 + 183,
                0 + 91 + 92 + 300 + 200,
                0 + 91 + 92 + 300 + 200,
                0 + 91 + 92 + 300 + 200,
            ],
        }
    )
    for name in ("days_without_placement", "days_in_target_group"):
        expected[f"mean_{name}"] = expected[name] / 5
    pd.testing.assert_frame_equal(everybody, expected, check_dtype=False)


def test_the_mean_without_placement_is_the_horizon_less_the_area_under_the_incidence():
    placed_on_day = [0, 91]
    area = sum(183 - day for day in placed_on_day) / 5
    table = restricted_time(FIVE).set_index(["sex", "age_at_entry", "months"])
    assert table.loc[("all", "all", "6"), "mean_days_without_placement"] == pytest.approx(183 - area, abs=1e-12)


def test_chunks_without_a_person_in_common_add_up():
    parts = FIVE.iloc[:2], FIVE.iloc[2:]
    pd.testing.assert_frame_equal(add_up_incidence(map(incidence, parts)), incidence(FIVE))
    pd.testing.assert_frame_equal(add_up_time(map(restricted_time, parts)), restricted_time(FIVE))


def test_the_order_of_the_rows_changes_nothing():
    pd.testing.assert_frame_equal(incidence(FIVE.iloc[::-1]), incidence(FIVE))


def test_the_first_episode_is_the_earliest():
    twice = pd.DataFrame({"person": [2, 1, 1], "entry": pd.to_datetime(["2021-05-01", "2021-03-01", "2020-09-01"])})
    expected = pd.DataFrame({"person": [1, 2], "entry": pd.to_datetime(["2020-09-01", "2021-05-01"])})
    pd.testing.assert_frame_equal(first_episodes(twice), expected)


def test_lives_that_are_not_followed_to_an_end_are_refused():
    with pytest.raises(DefinitionError, match=r"slut saknas eller ligger före början: 1 av 5"):
        incidence(FIVE.assign(out=FIVE["out"].where(FIVE["person"] != 3)))
    with pytest.raises(DefinitionError, match=r"slut efter 20-årsdagen: 1 av 5"):
        incidence(FIVE.assign(until=FIVE["until"].where(FIVE["person"] != 3, ENTRY)))
    with pytest.raises(DefinitionError, match=r"okänt kön: 5 av 5"):
        incidence(FIVE.assign(way="XX", sex="X"))
    with pytest.raises(DefinitionError, match=r"samma person igen: 4 av 5"):
        restricted_time(FIVE.assign(person=1))
