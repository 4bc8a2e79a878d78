"""States and values of every cell of a table, by itself: what is hidden, unknown, rounded, not applicable, and what the rest says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Estimate, Evidence, Result, Share, Text
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.policy_rules import CurveRules, MeanRules, ModelRules, QuantileRules, ShareRules
from kaa_analysis.disclosure.released import State
from kaa_analysis.disclosure.shown.curve_points import curve_states, refuse_fine_grids
from kaa_analysis.disclosure.shown.estimates import (
    columns_released,
    estimate_states,
    mean_is_safe,
    model_is_safe,
    quantile_is_safe,
)
from kaa_analysis.disclosure.shown.states import cell_ids, states_of, values_of

PLACE = Dimension("place", "Plats", total="all")
N = Count("n", "Antal", "many")
K = Count("k", "Del", "few")
SHARE = Share("share", "Andel", "k", "n")
LIMIT = Estimate("low", "Nedre", ("k", "n"), digits=2)
WORDS = Text("words", "Ord")
NONE: frozenset[str] = frozenset()


def counted(n: Sequence[int | None], k: Sequence[int | None], *more: Share | Estimate) -> Result:
    """Numbers n and k at p0, p1, …; every estimate is 0.125."""
    frame = pd.DataFrame({"place": [f"p{row}" for row in range(len(n))]})
    frame["n"], frame["k"] = pd.array(n, dtype="Int64"), pd.array(k, dtype="Int64")
    for column in more:
        frame[column.name] = 0.125
    return Result("table", "T", (PLACE, N, K, *more), frame)


def looked_at(
    result: Result, policy: Policy | None, *, hidden: frozenset[str] = NONE
) -> dict[str, list[tuple[object, str]]]:
    """The value and the state of every cell, column by column."""
    states = states_of(result, ids=cell_ids(result), hidden=hidden, policy=policy)
    values = values_of(result, states=states, policy=policy)
    assert list(values.columns) == list(states.columns)
    return {
        name: [
            (None if value is pd.NA else value, str(state))
            for value, state in zip(values[name], states[name], strict=True)
        ]
        for name in states.columns
    }


# ids


def test_every_count_cell_has_the_id_of_its_place_and_other_columns_have_none() -> None:
    frame = pd.DataFrame({"place": ["p", "all"], "n": [1, 1], "k": [1, 1], "share": [1.0, 1.0]})
    result = Result("table", "T", (PLACE, N, K, SHARE), frame, context={"period": "2024"})
    expected = {
        "n": ["many|period=2024|place=p", "many|period=2024"],
        "k": ["few|period=2024|place=p", "few|period=2024"],
    }
    pd.testing.assert_frame_equal(cell_ids(result), pd.DataFrame(expected, dtype=object))
    bare = Result("words", "T", (PLACE, WORDS), pd.DataFrame({"place": ["p", "q"], "words": ["x", "y"]}))
    assert cell_ids(bare).shape == (2, 0)


# states and values


def test_each_count_has_a_state_of_its_own_and_what_rests_on_two_has_the_worse() -> None:
    result = counted([40, 40, None, 40, None, 0, 40], [20, 20, 2, None, 7, 0, 0], SHARE, LIMIT)
    hidden = frozenset({"few|place=p1", "few|place=p2", "many|place=p6"})
    shown = looked_at(result, Policy(), hidden=hidden)
    assert shown == {
        "place": [(f"p{row}", "shown") for row in range(7)],
        "n": [
            (40, "shown"), (40, "shown"), (None, "unknown"), (40, "shown"), (None, "unknown"), (0, "shown"), (None, "protected"),
        ],
        "k": [
            (20, "shown"), (None, "protected"), (None, "protected"), (None, "unknown"), (7, "shown"), (0, "shown"), (0, "shown"),
        ],
        "share": [
            (0.5, "shown"), (None, "protected"), (None, "protected"), (None, "unknown"), (None, "unknown"),
            (None, "not_applicable"), (None, "protected"),
        ],
        "low": [
            (0.13, "shown"), (None, "protected"), (None, "protected"), (None, "unknown"), (None, "unknown"), (0.13, "shown"),
            (None, "protected"),
        ],
    }  # fmt: skip


def test_inside_the_room_all_is_shown_but_what_there_is_none_of() -> None:
    evidence = Evidence("e", "E")
    mean = Estimate("mean", "Medel", ("n",), digits=1, rule="mean", evidence=("e", "e", "e"))
    days = Estimate("days", "Dagar", ("n",), digits=0, rule="quantile", evidence=("e", "e"), unit="days")
    frame = pd.DataFrame(
        {"place": [*"pqr"], "n": [1, 2, 0], "k": [1, 0, 0], "share": 0.0, "mean": [2.25, None, float("inf")]}
    )
    frame["days"], frame["e"], frame["words"] = [4.5, 3.0, 2.4], 0.0, ["ett", "två", "tre"]
    result = Result("table", "T", (PLACE, N, K, SHARE, mean, days, evidence, WORDS), frame)
    assert looked_at(result, None) == {
        "place": [("p", "shown"), ("q", "shown"), ("r", "shown")],
        "n": [(1, "shown"), (2, "shown"), (0, "shown")],
        "k": [(1, "shown"), (0, "shown"), (0, "shown")],
        "share": [(1.0, "shown"), (0.0, "shown"), (None, "not_applicable")],
        "mean": [(2.3, "shown"), (None, "not_applicable"), (None, "not_applicable")],
        "days": [(5.0, "shown"), (3.0, "shown"), (2.0, "shown")],
        "words": [("ett", "shown"), ("två", "shown"), ("tre", "shown")],
    }


def test_rounded_counts_and_their_shares_are_of_the_rounded_numbers() -> None:
    result = counted([14, 15, 24, 40, None, 0, 44], [14, 15, 5, 4, 3, 0, None], SHARE, LIMIT)
    policy = Policy(rounding={"many": 10, "few": 10}, shares=ShareRules(20))
    assert looked_at(result, policy) == {
        "place": [(f"p{row}", "shown") for row in range(7)],
        "n": [
            (10, "rounded"), (20, "rounded"), (20, "rounded"), (40, "rounded"), (None, "unknown"), (0, "rounded"), (40, "rounded"),
        ],
        "k": [
            (10, "rounded"), (20, "rounded"), (10, "rounded"), (0, "rounded"), (0, "rounded"), (0, "rounded"), (None, "unknown"),
        ],
        "share": [
            (None, "protected"), (1.0, "rounded"), (0.5, "rounded"), (0.0, "rounded"), (None, "unknown"), (None, "not_applicable"),
            (None, "unknown"),
        ],
        "low": [
            (None, "protected"), (None, "protected"), (None, "protected"), (None, "protected"), (None, "unknown"),
            (None, "protected"), (None, "unknown"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rounding", "share"),
    [
        ({"many": 10}, [(0.65, "rounded"), (1.0, "rounded")]),
        ({"few": 10}, [(0.435, "rounded"), (0.909, "rounded")]),
        ({"many": 10, "few": 20}, [(1.0, "rounded"), (1.0, "rounded")]),
        ({}, [(0.565, "shown"), (0.955, "shown")]),
    ],
)
def test_a_share_is_rounded_where_one_of_its_counts_is_and_never_above_one(
    rounding: dict[str, int], share: list[tuple[float, str]]
) -> None:
    assert looked_at(counted([23, 22], [13, 21], SHARE), Policy(rounding=rounding))["share"] == share


def test_a_share_beside_one_of_rounded_counts_is_shown_as_it_is() -> None:
    other = Count("m", "M", "more")
    exact = Share("exact", "Andel", "k", "m", digits=1)
    frame = counted([26, 30], [13, 4], SHARE).frame.assign(m=[20, 20], exact=0.0)
    result = Result("table", "T", (PLACE, N, K, SHARE, other, exact), frame)
    shown = looked_at(result, Policy(rounding={"many": 10}))
    assert shown["share"] == [(0.433, "rounded"), (0.133, "rounded")]
    assert shown["exact"] == [(0.7, "shown"), (0.2, "shown")]


@pytest.mark.parametrize(
    ("unit", "step", "shown"),
    [
        ("days", 7, [0, 7, 7, 14]),
        ("days", 14, [0, 0, 14, 14]),
        ("weeks", 7, [3, 4, 10, 11]),
        ("months", 7, [3, 4, 10, 11]),
    ],
)
def test_a_quantile_is_rounded_half_up_in_days_to_whole_steps(unit: str, step: int, shown: list[float]) -> None:
    quantile = Estimate("q", "Q", ("n",), digits=0, rule="quantile", evidence=("below", "above"), unit=unit)
    frame = pd.DataFrame({"place": [*"pqrs"], "n": 20, "q": [3.4, 3.5, 10.4, 10.5], "below": 9.0, "above": 9.0})
    result = Result("table", "T", (PLACE, N, quantile, Evidence("below", "U"), Evidence("above", "Ö")), frame)
    policy = Policy(quantiles=QuantileRules(step_days=step))
    assert looked_at(result, policy)["q"] == [(float(number), "shown") for number in shown]


def test_numbers_below_zero_are_rounded_away_from_it_and_nothing_is_not_minus_nothing() -> None:
    column = replace(LIMIT, digits=1)
    result = counted([40] * 4, [20] * 4, column)
    found = replace(result, table=result.frame.assign(low=[-0.25, -0.24, -0.05, -0.04]))
    assert [str(value) for value, _ in looked_at(found, Policy())["low"]] == ["-0.3", "-0.2", "-0.1", "0.0"]


# columns that leave


def test_evidence_and_every_word_of_it_stay_and_counts_say_what_they_are_rounded_to() -> None:
    evidence = tuple(Evidence(name, name) for name in "xyz")
    mean = Estimate("mean", "Medel", ("n",), rule="mean", evidence=("x", "y", "z"))
    frame = counted([9], [1], SHARE).frame.assign(mean=1.0, x=1.0, y=1.0, z=1.0)
    result = Result("table", "T", (PLACE, N, K, SHARE, mean, *evidence), frame)
    bare = replace(mean, evidence=())
    assert columns_released(result, policy=None) == (PLACE, N, K, SHARE, bare)
    rounded = columns_released(result, policy=Policy(rounding={"few": 10}))
    assert rounded == (PLACE, N, replace(K, rounded_to=10), SHARE, bare)


# what it takes for a mean, a quantile and a model


def mean(n: int, *evidence: str, **rules: object) -> bool:
    return mean_is_safe(n, [Fraction(number) for number in evidence], Policy(**rules))


def test_a_mean_is_safe_just_to_the_person_and_to_the_per_cent() -> None:
    assert [mean(n, "50", "40", "300") for n in (9, 10)] == [False, True]
    rest = ["4.9", "4.96", "4.9999", "5", "5.0001"]
    assert [mean(10, "50", "40", str(Fraction(90) + Fraction(r))) for r in rest] == [False, False, False, True, True]
    assert [mean(10, "0.01", second, "1") for second in ("0.01", "0.011", "0", "-0.01")] == [True, False, True, False]
    assert [mean(10, largest, "0", largest) for largest in ("0", "1")] == [False, False]
    assert [mean(n, "5", "4", "60", unsafe_below=12, means=MeanRules(persons_from=3)) for n in (11, 12)] == [
        False,
        True,
    ]
    assert [mean(n, "5", "4", "60", means=MeanRules(persons_from=3)) for n in (4, 5)] == [False, True]


@pytest.mark.parametrize(("below", "above", "safe"), [(5, 5, True), (4, 50, False), (50, 4, False)])
def test_a_quantile_needs_persons_on_both_sides(below: int, above: int, safe: bool) -> None:
    evidence = [Fraction(below), Fraction(above)]
    assert quantile_is_safe(60, evidence, Policy()) is safe
    assert quantile_is_safe(60, evidence, Policy(quantiles=QuantileRules(persons_each_side=4))) is safe
    assert quantile_is_safe(60, evidence, Policy(quantiles=QuantileRules(persons_each_side=6))) is False
    assert quantile_is_safe(60, evidence, Policy(unsafe_below=4, quantiles=QuantileRules(persons_each_side=4))) is True


@pytest.mark.parametrize(
    ("residual", "smallest", "safe"), [(10, 5, True), (9, 5, False), (10, 4, False), (100, 4, False), (9, 100, False)]
)
def test_a_model_needs_degrees_of_freedom_and_no_small_cell(residual: int, smallest: int, safe: bool) -> None:
    evidence = [Fraction(residual), Fraction(smallest)]
    assert model_is_safe(40, evidence, Policy()) is safe
    assert model_is_safe(40, evidence, Policy(models=ModelRules(residual_df_from=9, cell_from=4))) is (smallest >= 5)
    assert model_is_safe(40, evidence, Policy(models=ModelRules(cell_from=6))) is (residual >= 10 and smallest >= 6)


def test_an_estimate_is_proven_by_the_smallest_of_its_counts_and_by_all_of_its_evidence() -> None:
    names = ("x", "y", "z")
    column = Estimate("mean", "Medel", ("n", "k"), rule="mean", evidence=names)
    rows = [
        (10, 30, 5.0, 4.0, 60.0), (30, 10, 5.0, 4.0, 60.0), (9, 30, 5.0, 4.0, 60.0), (30, 9, 5.0, 4.0, 60.0),
        (None, 30, 5.0, 4.0, 60.0), (30, 30, None, 4.0, 60.0), (30, 30, 5.0, 4.0, float("inf")), (30, 30, 5.0, None, 60.0),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["n", "k", *names]).astype({"n": "Int64"})
    frame.insert(0, "place", [f"p{row}" for row in range(len(rows))])
    columns = (PLACE, N, K, column, *(Evidence(name, name) for name in names))
    frame.insert(3, "mean", 2.0)
    result = Result("means", "T", columns, frame)
    found = estimate_states(
        result,
        column,
        states=pd.DataFrame(State.SHOWN, index=frame.index, columns=["n", "k"]),
        resting=[State.SHOWN] * len(rows),
        hidden=NONE,
        policy=Policy(),
    )
    assert found == [State.SHOWN] * 2 + [State.PROTECTED] * 6
    others = [State.UNKNOWN, State.NOT_APPLICABLE, State.PROTECTED, State.UNKNOWN] * 2
    states = pd.DataFrame(State.SHOWN, index=frame.index, columns=["n", "k"])
    assert estimate_states(result, column, states=states, resting=others, hidden=NONE, policy=Policy()) == others


# curves

MONTHS = Dimension("months", "Tid")
WAY = Dimension("way", "Väg", total="any", additive=False)
CURVE = Estimate("curve", "Kurva", ("n",), rule="curve", along="months")
OF_WAY = replace(CURVE, among="way", also=("censored", "late"))


def of_ways(*rows: tuple[str, str], column: Estimate = CURVE) -> Result:
    frame = pd.DataFrame(rows, columns=["way", "months"]).assign(n=10, curve=0.5)
    return Result("curves", "T", (WAY, MONTHS, N, column), frame, context={"period": "2024"})


def points(result: Result, resting: str, *, hidden: frozenset[str] = NONE) -> str:
    """The points of a curve, a letter each: s shown, p protected, u unknown, n not applicable, r rounded."""
    named = {str(state)[0]: state for state in State}
    column = result.column("curve")
    found = curve_states(result, column, resting=[named[letter] for letter in resting], hidden=hidden)
    return "".join(str(state)[0] for state in found)


@pytest.mark.parametrize(
    ("resting", "expected"),
    [
        ("ssss", "ssss"), ("spss", "sppp"), ("suss", "suuu"), ("susp", "suup"), ("spus", "sppp"), ("upss", "uppp"),
        ("snss", "snss"), ("nsps", "nspp"), ("snus", "snuu"), ("pnsn", "pppp"), ("usns", "uuuu"), ("srss", "srss"),
    ],
)  # fmt: skip
def test_a_point_is_hidden_or_unknown_from_the_first_that_is(resting: str, expected: str) -> None:
    result = of_ways(*(("a", str(month)) for month in (1, 2, 3, 4)))
    assert points(result, resting) == expected


def test_each_curve_goes_by_its_own_times_in_their_order() -> None:
    result = of_ways(("a", "10"), ("b", "9"), ("a", "9"), ("b", "100"), ("a", "100"), ("b", "10"))
    assert points(result, "pssnss") == "pssnps"
    assert points(result, "spsuss") == "spspsp"


def test_a_way_is_hidden_where_its_total_is_and_nothing_of_it_is_told_of_the_others() -> None:
    result = of_ways(
        ("a", "1"), ("any", "1"), ("b", "1"), ("a", "2"), ("b", "2"), ("any", "2"), ("c", "3"), column=OF_WAY
    )
    assert points(result, "sssssss") == "sssssss"
    assert points(result, "sssssps") == "sssppps"
    assert points(result, "ssspsss") == "ssspsss"
    assert points(result, "susssss") == "uuuuuus"
    assert points(result, "ssssssp") == "ssssssp"
    assert points(replace(result, columns=(WAY, MONTHS, N, CURVE)), "sssssps") == "sssssps"


def test_the_total_of_a_way_is_found_wherever_its_split_stands() -> None:
    rows = [(sex, months, way) for sex in "fm" for months in "12" for way in ("a", "any")]
    frame = pd.DataFrame(rows, columns=["sex", "months", "way"]).assign(n=10, curve=0.5)
    for order in (["sex", "months", "way"], ["sex", "way", "months"], ["way", "sex", "months"]):
        split = {"sex": Dimension("sex", "Kön"), "months": MONTHS, "way": WAY}
        columns = (*(split[name] for name in order), N, OF_WAY)
        result = Result("curves", "T", columns, frame[[*order, "n", "curve"]], context={"period": "2024"})
        assert points(result, "spssssss") == "ppppssss"
        assert points(result, "sssssssu") == "ssssssuu"


def test_the_states_of_a_table_know_what_is_hidden_in_the_others() -> None:
    result = of_ways(("any", "1"), ("a", "1"), ("any", "2"), ("a", "2"), column=OF_WAY)
    shown = looked_at(result, Policy(), hidden=frozenset({"late|months=2|period=2024"}))
    assert shown["curve"] == [(0.5, "shown"), (0.5, "shown"), (None, "protected"), (None, "protected")]
    assert shown["n"] == [(10, "shown")] * 4


def test_a_way_is_hidden_where_a_count_it_rests_on_in_another_table_is() -> None:
    result = of_ways(("any", "1"), ("a", "1"), ("any", "2"), ("a", "2"), column=OF_WAY)
    for measure in ("censored", "late"):
        assert points(result, "ssss", hidden=frozenset({f"{measure}|months=1|period=2024"})) == "pppp"
        assert points(result, "ssss", hidden=frozenset({f"{measure}|months=2|period=2024"})) == "sspp"
        assert points(result, "ssss", hidden=frozenset({f"{measure}|months=2|period=2024|way=a"})) == "sssp"
    assert points(result, "ssss", hidden=frozenset({"censored|months=1", "other|months=1|period=2024"})) == "ssss"
    alone = of_ways(("any", "1"), ("a", "1"), column=replace(OF_WAY, among=None))
    assert points(alone, "ss", hidden=frozenset({"late|months=1|period=2024|way=a"})) == "sp"


def on_grid(name: str, *times: str, along: str = "months", rule: str = "curve") -> Result:
    column = Estimate("curve", "Kurva", ("n",), rule=rule, along=along if rule == "curve" else None)
    frame = pd.DataFrame({along: times, "n": 10, "curve": 0.5})
    return Result(name, "T", (Dimension(along, "Tid"), N, column), frame)


def test_all_curves_off_the_grid_are_told_together_in_order() -> None:
    tables = [
        on_grid("near", "0", "3", "12", "14"),
        on_grid("days", "0", "91", along="days"),
        on_grid("words", "0", "start"),
        on_grid("good", "12", "0", "3", "6"),
        on_grid("points", "0", "1", rule="counts"),
        on_grid("alone", "5"),
    ]
    with pytest.raises(DisclosureError) as refused:
        refuse_fine_grids(tables, policy=Policy(curves=CurveRules(step_from=3)))
    assert refused.value.found == (
        "days: kurvan går längs days, rutnätet är months",
        "near: två tider ligger närmare varandra än 3 months",
        "words: tiderna i months ska vara hela tal",
    )
    assert refused.value.expected == "Kurvor och risktabeller ska stå på policyns tidsrutnät, aldrig dag för dag."
    assert refused.value.action == "räkna kurvan vid hela månader (horizons) eller ändra params/disclosure.yaml"
    refuse_fine_grids(tables[3:], policy=Policy(curves=CurveRules(step_from=3)))
    refuse_fine_grids([on_grid("close", "0", "2")], policy=Policy(curves=CurveRules(step_from=2)))
