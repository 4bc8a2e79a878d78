"""True effects from the same persons under several strategies, and the files of the truth: hand-made tables, whole results."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.truth.effects import add_up_effects, aim_effects, susa_effects
from kaa_analysis.synthetic.truth.writing import write_truth

ZERO = pd.Timestamp("2021-01-01")
COLUMNS = ["effect", "comparison", "persons", "n_first", "count_first", "n_second", "count_second"]


def outcomes(**placed_after: dict[int, int | None]) -> pd.DataFrame:
    """Return outcomes by strategy: the day of placement by person; persons 1 and 2 begin Aim on day 30, person 3 would on day 400."""
    rows = [
        {
            "person": person,
            "strategy": strategy,
            "time_zero": ZERO,
            "aim": {1: 30, 2: 30, 3: 400}.get(person),
            "placed": day,
            "out": 390 if day is None else day,
        }
        for strategy, days in placed_after.items()
        for person, day in days.items()
    ]
    table = pd.DataFrame(rows)
    for name in ("aim", "placed", "out"):
        table[name] = ZERO + pd.to_timedelta(table[name], unit="D")
    return table


FOUR = outcomes(
    as_drawn={1: 100, 2: 365, 3: 20, 4: None},
    never={1: 100, 2: 366, 3: 20, 4: None},
    within_90_days={1: 90, 2: 200, 3: 20, 4: 300},
)


def test_the_effects_of_aim_are_differences_of_the_same_persons_and_the_naive_one_is_not():
    expected = pd.DataFrame(
        [
            ("aim", "as_drawn_against_never", "began_aim", 2, 2, 2, 1, 1.0, 0.5, 0.5),
            ("aim", "as_drawn_against_never", "everybody", 4, 3, 4, 2, 0.75, 0.5, 0.25),
            ("aim", "ever_against_never", "everybody", 2, 2, 2, 1, 1.0, 0.5, 0.5),
            ("aim", "within_90_days_against_never", "began_aim", 2, 2, 2, 1, 1.0, 0.5, 0.5),
            ("aim", "within_90_days_against_never", "everybody", 4, 4, 4, 2, 1.0, 0.5, 0.5),
        ],
        columns=[*COLUMNS, "share_first", "share_second", "difference"],
    )
    pd.testing.assert_frame_equal(aim_effects(FOUR), expected)


def test_where_aim_changes_nothing_the_effect_is_nought_but_the_naive_difference_is_not():
    same = {1: 100, 2: 200, 3: 500, 4: None}
    found = aim_effects(outcomes(as_drawn=same, never=same)).set_index(["comparison", "persons"])["difference"]
    assert found.to_dict() == {
        ("as_drawn_against_never", "began_aim"): 0.0,
        ("as_drawn_against_never", "everybody"): 0.0,
        ("ever_against_never", "everybody"): pytest.approx(2 / 3, abs=1e-12),
    }


def test_strategies_must_be_of_the_same_persons():
    with pytest.raises(DefinitionError, match=r"saknas: never"):
        aim_effects(FOUR[FOUR["strategy"] != "never"])
    with pytest.raises(DefinitionError, match=r"never"):
        aim_effects(FOUR[(FOUR["strategy"] != "never") | (FOUR["person"] != 4)])
    with pytest.raises(DefinitionError, match=r"en gång var"):
        aim_effects(pd.concat([FOUR, FOUR]))


def schools(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["unit", "year", "n_pupils", "n_not_enrolled"])


def test_the_effect_of_susa_is_by_year_and_of_all_years():
    found = susa_effects(
        schools(("a", 2016, 50, 4), ("b", 2016, 50, 1), ("a", 2017, 100, 5)),
        schools(("a", 2016, 50, 6), ("b", 2016, 50, 2), ("a", 2017, 100, 5)),
    )
    expected = pd.DataFrame(
        [
            ("susa", "with_against_without", "2016", 100, 5, 100, 8, 0.05, 0.08, 0.05 - 0.08),
            ("susa", "with_against_without", "2017", 100, 5, 100, 5, 0.05, 0.05, 0.0),
            ("susa", "with_against_without", "all_years", 200, 10, 200, 13, 0.05, 0.065, 0.05 - 0.065),
        ],
        columns=[*COLUMNS, "share_first", "share_second", "difference"],
    )
    pd.testing.assert_frame_equal(found, expected)


def test_other_pupils_are_refused():
    with pytest.raises(DefinitionError, match=r"samma elever"):
        susa_effects(schools(("a", 2016, 50, 4)), schools(("a", 2016, 51, 4)))
    with pytest.raises(DefinitionError, match=r"samma elever"):
        susa_effects(schools(("a", 2016, 50, 4)), schools(("b", 2016, 50, 4)))


def test_chunks_add_up_and_a_group_of_nobody_has_no_share():
    nobody = aim_effects(outcomes(as_drawn={4: 10}, never={4: 10}))
    naive = nobody[nobody["comparison"] == "ever_against_never"].reset_index(drop=True)
    assert naive[COLUMNS[3:]].to_numpy().tolist() == [[0, 0, 1, 1]]
    assert naive[["share_first", "difference"]].isna().all(axis=None)
    parts = [FOUR[FOUR["person"] <= 1], FOUR[FOUR["person"] > 1]]
    pd.testing.assert_frame_equal(add_up_effects(map(aim_effects, parts)), aim_effects(FOUR))


def test_the_files_hold_days_whole_numbers_and_six_decimals(tmp_path):
    episodes = pd.DataFrame({"identity": ["200881031234"], "entry": [ZERO], "out": [pd.NaT], "way": [""]})
    tables = dict.fromkeys(["indicators", "incidence", "restricted_time", "margins"], pd.DataFrame({"n": [1]}))
    for _ in range(2):
        write_truth(
            tmp_path / "sanning",
            effects=pd.DataFrame(
                {"persons": ["everybody"], "n_first": [3], "share_first": [1 / 3], "difference": [None]}
            ),
            episodes=[episodes, episodes],
            **tables,
        )
    written = {path.name: path.read_bytes().decode() for path in sorted((tmp_path / "sanning").iterdir())}
    assert written == {
        "effects.csv": "persons,n_first,share_first,difference\neverybody,3,0.333333,\n",
        "episodes.csv": "identity,entry,out,way\n" + 2 * "200881031234,2021-01-01,,\n",
        "incidence.csv": "n\n1\n",
        "indicators.csv": "n\n1\n",
        "margins.csv": "n\n1\n",
        "restricted_time.csv": "n\n1\n",
    }
