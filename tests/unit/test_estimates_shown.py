"""Means, quantiles, models and curves are shown by the rules of the policy, and the evidence for it never leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.core.errors import DefinitionError, DisclosureError
from kaa_analysis.core.result import (
    Count,
    Dimension,
    Equation,
    Estimate,
    Evidence,
    Result,
    Share,
    cell,
    column_from_record,
    column_record,
    result_from_record,
)
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.policy_rules import CurveRules, MeanRules, ModelRules, QuantileRules
from kaa_analysis.disclosure.protect import inside_room, protect
from kaa_analysis.disclosure.released import SEAL, Mark, Released
from kaa_analysis.disclosure.shown.estimates import mean_is_safe
from kaa_analysis.disclosure.store import write_store

GROUP = Dimension("group", "Grupp")
N = Count("n", "Antal", "persons_counted")


def released(result: Result, policy: Policy | None = None) -> Released:
    return protect([result], policy=policy or Policy(), ledger=Ledger.empty())[result.id]


def cells(table: Released, column: str) -> list[tuple[float | None, str]]:
    """Return value and state of every cell of a column."""
    values = [None if pd.isna(value) else value for value in table.values_table[column]]
    return list(zip(values, map(str, table.states_table[column]), strict=True))


def estimated(column: Estimate, rows: list[tuple[float | None, ...]]) -> Result:
    """A table of groups: the number of persons, the estimate, then its evidence."""
    evidence = tuple(Evidence(name, name) for name in column.evidence)
    names = ["n", column.name, *column.evidence]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    frame = frame.astype({"n": "Int64"} | dict.fromkeys(names[1:], "Float64"))
    frame.insert(0, "group", [f"g{number}" for number in range(len(rows))])
    return Result("estimates", "Titel", (GROUP, N, column, *evidence), frame)


# means

MEAN = Estimate("mean", "Medelvärde", ("n",), digits=1, rule="mean", evidence=("largest", "second", "total"))


def test_a_mean_needs_ten_persons_and_no_contributor_known_within_ten_per_cent() -> None:
    rows = [
        (10, 20.04, 50.0, 40.0, 200.4),
        (9, 20.0, 50.0, 40.0, 180.0),
        (10, 9.5, 50.0, 40.0, 95.0),
        (10, 9.4, 50.0, 40.0, 94.0),
        (10, 10.0, 91.0, 9.0, 100.0),
        (10, 0.0, 0.0, 0.0, 0.0),
        (0, None, 0.0, 0.0, 0.0),
        (4, 20.0, 50.0, 40.0, 180.0),
    ]
    assert cells(released(estimated(MEAN, rows)), "mean") == [
        (20.0, "shown"),
        (None, "protected"),
        (9.5, "shown"),
        (None, "protected"),
        (None, "protected"),
        (None, "protected"),
        (None, "not_applicable"),
        (None, "protected"),
    ]


def test_evidence_that_is_missing_or_impossible_hides_a_mean() -> None:
    rows = [
        (20, 20.0, None, 40.0, 400.0),
        (20, 20.0, float("inf"), 40.0, 400.0),
        (20, 20.0, 40.0, 50.0, 400.0),
        (20, 20.0, 50.0, -40.0, 400.0),
        (20, 20.0, 50.0, 40.0, 400.0),
        (20, 0.3, 0.9, 0.5, 6.0),
    ]
    shown = [(20.0, "shown"), (0.3, "shown")]
    assert cells(released(estimated(MEAN, rows)), "mean") == [(None, "protected")] * 4 + shown


def test_the_policy_decides_what_a_mean_needs() -> None:
    rows = [(12, 20.0, 50.0, 40.0, 100.0)]
    assert cells(released(estimated(MEAN, rows)), "mean") == [(20.0, "shown")]
    for means in (MeanRules(persons_from=13), MeanRules(dominance_percent=21)):
        assert cells(released(estimated(MEAN, rows), Policy(means=means)), "mean") == [(None, "protected")]
    stricter = Policy(unsafe_below=12, means=MeanRules(persons_from=3))
    rows = [(11, 20.0, 50.0, 40.0, 220.0), (12, 20.0, 50.0, 40.0, 220.0)]
    assert cells(released(estimated(MEAN, rows), stricter), "mean") == [(None, "protected"), (20.0, "shown")]


@given(st.lists(st.integers(0, 60), min_size=2, max_size=14))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_mean_is_shown_just_when_the_second_largest_cannot_come_within_ten_per_cent(contributions: list[int]) -> None:
    *_, second, largest = sorted(contributions)
    n, total = len(contributions), sum(contributions)
    guess = total - second  # all that is not the second's own could be the largest's
    is_safe = mean_is_safe(n, [Fraction(largest), Fraction(second), Fraction(total)], Policy())
    assert is_safe == (n >= 10 and largest > 0 and 10 * guess >= 11 * largest)


def test_no_mean_along_the_grid_is_shown_after_a_hidden_count() -> None:
    """The mean within a horizon holds what happened before the earlier ones."""
    found = estimated(MEAN, [(20, 20.0, 50.0, 40.0, 400.0), (3, 1.0, 2.0, 1.0, 3.0), (40, 30.0, 50.0, 40.0, 900.0)])
    grid = Dimension("months", "Tid från start")
    frame = found.frame.drop(columns="group").assign(months=["3", "6", "12"])
    columns = (grid, *found.columns[1:])
    along = replace(found, columns=columns, table=frame[[column.name for column in columns]])
    assert [state for _, state in cells(released(along), "mean")] == ["shown", "protected", "protected"]
    assert [state for _, state in cells(released(found), "mean")] == ["shown", "protected", "shown"]


# quantiles

MEDIAN = Estimate("median", "Median", ("n",), digits=0, rule="quantile", evidence=("below", "above"), unit="days")


def test_a_quantile_needs_five_persons_on_each_side_and_is_shown_in_whole_weeks() -> None:
    rows = [
        (10, 45.0, 5.0, 5.0),
        (10, 45.6, 5.0, 5.0),
        (12, 45.0, 4.0, 8.0),
        (12, 45.0, 8.0, 4.0),
        (12, 45.0, None, 6.0),
    ]
    assert cells(released(estimated(MEDIAN, rows)), "median") == [
        (42.0, "shown"),
        (49.0, "shown"),
        (None, "protected"),
        (None, "protected"),
        (None, "protected"),
    ]


def test_half_a_week_is_rounded_up_and_two_weeks_are_a_policy_too() -> None:
    rows = [(20, 3.5, 10.0, 10.0), (20, 3.4, 10.0, 10.0), (20, 21.0, 10.0, 10.0)]
    assert cells(released(estimated(MEDIAN, rows)), "median") == [(7.0, "shown"), (0.0, "shown"), (21.0, "shown")]
    fortnights = Policy(quantiles=QuantileRules(step_days=14))
    assert cells(released(estimated(MEDIAN, rows), fortnights), "median") == [
        (0.0, "shown"),
        (0.0, "shown"),
        (28.0, "shown"),
    ]


def test_a_quantile_in_weeks_or_months_is_shown_whole() -> None:
    rows = [(20, 3.5, 10.0, 10.0), (20, 3.4, 10.0, 10.0)]
    for unit in ("weeks", "months"):
        table = released(estimated(replace(MEDIAN, unit=unit), rows))
        assert cells(table, "median") == [(4.0, "shown"), (3.0, "shown")]


# models

COEFFICIENT = Estimate(
    "coefficient", "Koefficient", ("n",), digits=2, rule="model", evidence=("residual_df", "smallest")
)


def test_a_model_needs_degrees_of_freedom_and_no_small_cell() -> None:
    rows = [
        (40, 1.234, 10.0, 5.0),
        (40, 1.234, 9.0, 5.0),
        (40, 1.234, 10.0, 4.0),
        (40, 1.234, 10.0, 0.0),
        (40, 1.2, None, 9.0),
    ]
    assert cells(released(estimated(COEFFICIENT, rows)), "coefficient") == [(1.23, "shown")] + [(None, "protected")] * 4
    assert cells(released(estimated(COEFFICIENT, rows[:1]), Policy(models=ModelRules(cell_from=6))), "coefficient") == [
        (None, "protected")
    ]


# the declaration of an estimate

WRONG = {
    "unknown rule": (replace(MEAN, rule="meen"), 'mean: okänd regel (menade du "mean"?)'),
    "no evidence": (replace(MEAN, evidence=()), "mean: regeln mean kräver 3 kolumner av slaget Evidence med tal"),
    "too little": (replace(MEAN, evidence=("largest", "second")), "mean: regeln mean kräver 3 kolumner av slaget Evidence med tal"),
    "too much": (replace(MEAN, rule="counts"), "mean: regeln counts kräver 0 kolumner av slaget Evidence med tal"),
    "of another kind": (replace(MEAN, evidence=("largest", "second", "n")), "mean: regeln mean kräver 3 kolumner av slaget Evidence med tal"),
    "no unit": (replace(MEDIAN, unit=None), "median: en kvantil, och bara den, ska ha en tidsenhet (days, weeks, months)"),
    "unit of a mean": (replace(MEAN, unit="days"), "mean: en kvantil, och bara den, ska ha en tidsenhet (days, weeks, months)"),
    "decimals": (replace(MEDIAN, digits=1), "median: en kvantil ska vara utan decimaler (digits=0)"),
    "curve along nothing": (replace(COEFFICIENT, rule="curve", evidence=()), "coefficient: en kurva, och bara den, ska gå längs en uppdelning i tabellen (along)"),
    "along without curve": (replace(MEAN, along="group"), "mean: en kurva, och bara den, ska gå längs en uppdelning i tabellen (along)"),
    "among without total": (
        replace(COEFFICIENT, rule="curve", evidence=(), along="group", among="group"),
        "coefficient: among ska vara en uppdelning i tabellen som har en total",
    ),
    "also without curve": (replace(MEAN, also=("exits",)), "mean: bara en kurva har among och also"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_an_estimate_without_what_its_rule_needs_is_no_result(case: str) -> None:
    column, problem = WRONG[case]
    whole = next(known for known in (MEAN, MEDIAN, COEFFICIENT) if known.name == column.name)
    made = estimated(whole, [(20, 20.0, *[10.0] * len(whole.evidence))])
    columns = tuple(column if one.name == column.name else one for one in made.columns)
    with pytest.raises(DefinitionError) as refused:
        replace(made, columns=columns)
    assert refused.value.found == (problem,)


def test_evidence_must_be_numbers() -> None:
    made = estimated(MEAN, [(20, 20.0, 50.0, 40.0, 400.0)])
    with pytest.raises(DefinitionError, match="det som dess regel kräver"):
        replace(made, table=made.frame.astype({"largest": "string"}))


# curves

MONTHS = Dimension("months", "Tid från start")
CURVE = Estimate("share", "Andel", ("n_at_risk", "n_left_to_date"), rule="curve", along="months")


def curve(at_risk: list[int], left: list[int], *, months: list[str] | None = None, column: Estimate = CURVE) -> Result:
    """A life table of one group; the numbers at risk and left to date are free of each other."""
    frame = pd.DataFrame({
        "months": months or [str(3 * number) for number in range(len(at_risk))],
        "n_at_risk": at_risk,
        "n_left_to_date": left,
        "share": [1 - number / 100 for number in range(len(at_risk))],
    })  # fmt: skip
    columns = (
        MONTHS,
        Count("n_at_risk", "Under observation", "entering_at_risk", "spells"),
        Count("n_left_to_date", "Har lämnat", "entering_events_to_date", "spells"),
        column,
    )
    return Result("life_table", "Titel", columns, frame)


def test_a_point_of_a_curve_is_shown_only_if_every_point_before_it_is() -> None:
    table = released(curve([50, 40, 30, 20], [0, 3, 10, 20]))
    assert cells(table, "n_left_to_date") == [(0, "shown"), (None, "protected"), (10, "shown"), (20, "shown")]
    assert cells(table, "share") == [(1.0, "shown"), (None, "protected"), (None, "protected"), (None, "protected")]
    as_single_points = replace(CURVE, rule="counts", along=None)
    with pytest.raises(DisclosureError) as refused:
        released(curve([50, 40, 30, 20], [0, 3, 10, 20], column=as_single_points))
    assert refused.value.found == ("punkter på en kurva efter ett dolt antal: 2 (tabeller: life_table)",)


def test_the_order_of_a_curve_is_that_of_its_times_and_not_of_its_rows_or_letters() -> None:
    table = released(curve([50, 20, 40], [6, 3, 30], months=["3", "12", "24"]))
    assert [state for _, state in cells(table, "share")] == ["shown", "protected", "protected"]
    table = released(curve([20, 40, 50], [3, 30, 6], months=["12", "24", "3"]))
    assert [state for _, state in cells(table, "share")] == ["protected", "protected", "shown"]


def test_a_curve_with_all_its_counts_is_shown_whole() -> None:
    assert cells(released(curve([50, 40, 30], [0, 10, 20])), "share") == [
        (1.0, "shown"),
        (0.99, "shown"),
        (0.98, "shown"),
    ]


def test_a_curve_is_unknown_after_an_unknown_count_and_hidden_after_a_hidden_one() -> None:
    assert [state for _, state in cells(released(curve([50, 40, 30], [0, None, 20])), "share")] == [
        "shown",
        "unknown",
        "unknown",
    ]
    table = released(curve([50, 40, 30, 20], [0, None, 3, 20]))
    assert [state for _, state in cells(table, "share")] == ["shown", "unknown", "protected", "protected"]


def test_a_point_that_there_is_none_of_breaks_no_curve() -> None:
    made = curve([50, 40, 30], [0, 10, 20])
    gap = replace(made, table=made.frame.assign(share=[1.0, None, 0.98]))
    assert cells(released(gap), "share") == [(1.0, "shown"), (None, "not_applicable"), (0.98, "shown")]


def test_a_curve_of_each_group_stands_by_itself() -> None:
    made = curve([50, 40], [0, 3])
    both = pd.concat(
        [made.frame.assign(group="a"), curve([60, 50], [0, 10]).frame.assign(group="b")], ignore_index=True
    )
    result = replace(made, columns=(GROUP, *made.columns), table=both[["group", *made.frame.columns]])
    assert [state for _, state in cells(released(result), "share")] == ["shown", "protected", "shown", "shown"]


WAYS = Dimension("way_out", "Väg ut", total="any")
WAY = replace(CURVE, base=("n_events_to_date",), among="way_out", also=("entering_censored",))


def ways(to_date: dict[str, list[int]], *, censored: list[int]) -> list[Result]:
    """The ways out at 3, 6 and 12 months, and beside them how many were censored."""
    rows = [
        (way, months, number, 0.5)
        for way, numbers in to_date.items()
        for months, number in zip(("3", "6", "12"), numbers, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["way_out", "months", "n_events_to_date", "share"])
    count = Count("n_events_to_date", "Har lämnat", "entering_events_to_date", "spells")
    beside = pd.DataFrame({"months": ["3", "6", "12"], "n_censored": censored})
    return [
        Result("incidence", "Titel", (WAYS, MONTHS, count, WAY), frame),
        Result("censored", "Titel", (MONTHS, Count("n_censored", "Följs inte", "entering_censored", "spells")), beside),
    ]


def incidence(to_date: dict[str, list[int]], *, censored: list[int]) -> dict[str, list[str]]:
    table = protect(ways(to_date, censored=censored), policy=Policy(), ledger=Ledger.empty())["incidence"]
    states = [state for _, state in cells(table, "share")]
    return {way: states[3 * number : 3 * number + 3] for number, way in enumerate(to_date)}


SHOWN, HIDDEN = ["shown"] * 3, ["protected"] * 3


def test_a_way_out_is_hidden_from_its_first_hidden_count_and_the_others_are_not() -> None:
    to_date = {"any": [60, 78, 99], "studies": [30, 40, 50], "moved": [20, 25, 30], "other": [10, 13, 19]}
    assert incidence(to_date, censored=[10, 10, 10]) == dict.fromkeys(to_date, SHOWN)
    small = {"any": [60, 78, 99], "studies": [36, 45, 50], "moved": [20, 25, 30], "other": [4, 8, 19]}
    assert incidence(small, censored=[10, 10, 10]) == {"any": SHOWN, "studies": SHOWN, "moved": HIDDEN, "other": HIDDEN}


def test_a_hidden_total_hides_every_way_out_from_that_time() -> None:
    to_date = {"any": [0, 3, 40], "studies": [0, 3, 20], "moved": [0, 0, 20]}
    hidden = ["shown", "protected", "protected"]
    assert incidence(to_date, censored=[10, 10, 10]) == {"any": hidden, "studies": hidden, "moved": hidden}


def test_a_hidden_count_of_another_table_that_moves_the_curve_hides_it() -> None:
    to_date = {"any": [60, 78, 99], "studies": [40, 50, 60], "moved": [20, 28, 39]}
    later = ["shown", "protected", "protected"]
    assert incidence(to_date, censored=[10, 2, 10]) == dict.fromkeys(to_date, later)


def test_a_difference_to_everybody_rests_on_what_is_hidden_of_the_group_and_of_everybody() -> None:
    """``also`` is looked up at the row's own place and at that of the total of ``among``."""
    groups = Dimension("sex", "Kön", total="all", additive=False)
    column = replace(WAY, base=("n_at_risk",), among="sex")
    count = Count("n_at_risk", "Under observation", "entering_at_risk", "spells")
    frame = pd.DataFrame({"sex": ["all", "female", "male"], "months": "3", "n_at_risk": [90, 40, 50], "share": 0.5})
    table = Result("differences", "Titel", (groups, MONTHS, count, column), frame)

    def shown(censored: dict[str, int]) -> list[str]:
        rows = pd.DataFrame({"sex": list(censored), "months": "3", "n_censored": list(censored.values())})
        counted = Count("n_censored", "Följs inte", "entering_censored", "spells")
        beside = Result("censored", "Titel", (groups, MONTHS, counted), rows)
        both = protect([table, beside], policy=Policy(), ledger=Ledger.empty())
        return [state for _, state in cells(both["differences"], "share")]

    assert shown({"all": 30, "female": 20, "male": 10}) == ["shown"] * 3
    assert shown({"all": 30, "female": 20, "male": 3}) == ["shown", "shown", "protected"]
    assert shown({"all": 3}) == ["protected"] * 3


GRIDS = {
    "days": (replace(CURVE, along="days"), ["0", "91"], "life_table: kurvan går längs days, rutnätet är months"),
    "words": (CURVE, ["0", "start"], "life_table: tiderna i months ska vara hela tal"),
    "halves": (CURVE, ["0", "0.5"], "life_table: tiderna i months ska vara hela tal"),
    "near": (CURVE, ["0", "2"], "life_table: två tider ligger närmare varandra än 3 months"),
}


@pytest.mark.parametrize("case", GRIDS)
def test_a_curve_by_the_day_or_finer_than_the_policy_says_stops_the_release(case: str) -> None:
    column, times, problem = GRIDS[case]
    made = curve([50, 40], [0, 10], months=times)
    frame = made.frame.rename(columns={"months": column.along})
    columns = (Dimension(column.along, "Tid"), *made.columns[1:3], column)
    result = replace(made, columns=columns, table=frame)
    with pytest.raises(DisclosureError) as refused:
        released(result, Policy(curves=CurveRules(step_from=3)))
    assert refused.value.found == (problem,)


def test_a_curve_with_just_the_step_of_the_policy_is_shown() -> None:
    table = released(curve([50, 40, 30], [0, 10, 20]), Policy(curves=CurveRules(step_from=3)))
    assert [state for _, state in cells(table, "share")] == ["shown"] * 3


def test_limits_of_a_share_say_nothing_beyond_its_two_counts_and_go_with_them() -> None:
    """Wilson's limits are worked out of the numerator and the denominator alone, both shown wherever the limits are."""
    columns = (
        GROUP,
        Count("all", "Alla", "exits", "spells"),
        Count("part", "Del", "exits_to_studies", "spells"),
        Share("share", "Andel", "part", "all"),
        Estimate("low", "Nedre", ("part", "all")),
    )
    frame = pd.DataFrame(
        {"group": ["a", "b", "c"], "all": [40, 40, 40], "part": [20, 37, 3], "low": [0.35, 0.81, 0.03]}
    )
    frame.insert(3, "share", frame["part"] / frame["all"])
    table = released(Result("limits", "Titel", columns, frame))
    assert cells(table, "low") == [(0.35, "shown"), (None, "protected"), (None, "protected")]
    assert [state for _, state in cells(table, "share")] == ["shown", "protected", "protected"]


# evidence

SECRET = st.integers(min_value=10**9, max_value=10**12)


@given(st.lists(st.tuples(st.integers(0, 40), SECRET, SECRET, SECRET), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_evidence_is_in_no_released_table_and_no_store(tmp_path_factory: pytest.TempPathFactory, rows: list) -> None:
    result = estimated(MEAN, [(n, 1.5, *map(float, secrets)) for n, *secrets in rows])
    words = {"largest", "second", "evidence", "Evidence", *(str(secret) for _, *secrets in rows for secret in secrets)}
    folder = tmp_path_factory.mktemp("door") / "store"
    table = released(result)
    write_store({table.id: table}, folder)
    written = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))
    for text in (json.dumps(table.as_record()), json.dumps(inside_room(result).as_record()), written):
        text = text.replace('"evidence": []', "").replace('"evidence":[]', "")
        assert [word for word in sorted(words) if word in text] == []
    noted = json.dumps(result.as_record())
    assert all(word in noted for word in ("largest", "second", "total"))


def test_a_released_table_with_evidence_cannot_be_made() -> None:
    result = estimated(MEAN, [(20, 20.0, 50.0, 40.0, 400.0)])
    with pytest.raises(DisclosureError, match="får aldrig lämna den säkra mappen"):
        Released(
            "t", "T", result.columns, result.frame, result.frame, result.frame, {}, "", "", Mark.DRAFT, "", seal=SEAL
        )


def test_a_result_with_evidence_comes_back_from_its_record() -> None:
    result = estimated(MEDIAN, [(20, 21.0, 10.0, 10.0), (20, None, None, None)])
    again = result_from_record(json.loads(json.dumps(result.as_record())))
    assert again.columns == result.columns
    assert again.as_record() == result.as_record()
    pd.testing.assert_frame_equal(again.frame, result.frame.astype({"group": object}))
    for column in (CURVE, WAY, MEAN, MEDIAN, Evidence("e", "E")):
        assert column_from_record(json.loads(json.dumps(column_record(column)))) == column


def test_evidence_takes_no_part_in_the_hiding() -> None:
    small = estimated(MEAN, [(20, 20.0, 1.0, 1.0, 400.0)])
    assert cells(released(small), "n") == [(20, "shown")]
    linked = replace(
        small, equations=(Equation("allt", ((-1, cell("all")), (1, cell("persons_counted", group="g0")))),)
    )
    assert cells(released(linked), "n") == [(20, "shown")]
