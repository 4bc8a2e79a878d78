"""Groups against the others: hand-computed contrasts, the weights, districts, what protects them, and how often the intervals cover."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import Result
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.survival import aalen_johansen, cumulative_incidence, placement_contrasts, standardised_contrasts
from kaa_analysis.survival.cores.incidence_contrast import ContrastedSpells, incidence_contrast
from kaa_analysis.survival.standard_weights import entry_strata, standard_weights

WAYS = {"study_placement": "Studieplats", "other": "Annat avslut"}
DIGITS = 1e-12
ROWS = [  # sex, age, day of entry, months until the exit, way out
    ("female", 16, "2024-02-01", 2, "study_placement"),
    ("female", 16, "2024-02-20", 30, "censored"),
    ("female", 17, "2024-08-20", 4, "study_placement"),
    ("female", 19, "2024-08-20", 5, "other"),
    ("male", 16, "2024-02-03", 1, "study_placement"),
    ("male", 17, "2024-08-01", 30, "censored"),
    ("male", 17, "2024-08-09", 2, "other"),
    ("male", 18, "2024-10-01", 5, "study_placement"),
]


def follow_up(rows=ROWS, **columns) -> FollowUp:
    table = pd.DataFrame(rows, columns=["sex", "age_at_entry", "entry_date", "exit_time", "way_out"])
    table = table.assign(
        person_id=[f"p{number}" for number in range(len(rows))],
        spell=1,
        entry_time=0,
        entry_date=pd.to_datetime(table["entry_date"]),
        age_at_entry=table["age_at_entry"].astype("Int64"),
        **columns,
    )
    return FollowUp("new_2024", "Nya 2024", calendar_year(2024), date(2027, 3, 1), "months", WAYS, table)


def of(result, **place) -> pd.Series:
    found = result.frame
    for name, value in place.items():
        found = found[found[name] == value]
    [row] = found.to_dict("records")
    return pd.Series(row)


def test_a_group_is_compared_with_the_others_as_they_are_and_as_if_they_were_like_it():
    """Of the girls 2 of 4 are placed within a year, of the boys 2 of 4. The girl of 19 has nobody like her; for the others the boy of 16 stands for
    two and the two of 17 for one together: 2 of 3 girls against 2 of 3 boys."""
    crude, alike = (
        make(follow_up(), by="sex", horizons=(12,)) for make in (placement_contrasts, standardised_contrasts)
    )
    found = of(crude, sex="female")
    assert found[["n_events_to_date", "n_at_risk"]].tolist() == [2, 1]
    assert found[["share", "others"]].tolist() == pytest.approx([1 / 2, 1 / 2], rel=DIGITS)
    assert found["difference"] == pytest.approx(0, abs=DIGITS)
    found = of(alike, sex="female")
    assert found["n_without"] == 1
    assert found[["share", "others"]].tolist() == pytest.approx([2 / 3, 2 / 3], rel=DIGITS)
    assert found["difference"] == pytest.approx(0, abs=DIGITS)
    boys = of(alike, sex="male")
    assert boys["others"] == pytest.approx((1 / 2 + 2 * 1) / 3, rel=DIGITS)
    assert boys["difference"] == pytest.approx(100 * (1 / 3 - 2.5 / 3), rel=DIGITS)


def test_everybody_has_a_share_and_is_compared_with_nobody():
    everybody = placement_contrasts(follow_up(), by="sex", horizons=(6, 12)).frame.query("sex == 'all'")
    assert everybody["share"].tolist() == pytest.approx([1 / 2, 1 / 2], rel=DIGITS)
    assert everybody[["others", "difference", "lower", "upper"]].isna().all(axis=None)
    everybody = standardised_contrasts(follow_up(), by="sex", horizons=(6, 12)).frame.query("sex == 'all'")
    assert everybody[["share", "others", "difference", "lower", "upper"]].isna().all(axis=None)
    assert everybody["n_without"].tolist() == [2, 2]


def test_shares_are_those_of_the_table_of_incidences():
    result = placement_contrasts(follow_up(), by="sex", horizons=(3, 12))
    incidence = cumulative_incidence(follow_up(), by="sex", horizons=(3, 12)).frame.query(
        "way_out == 'study_placement'"
    )
    np.testing.assert_allclose(result.frame["share"], incidence["share_left"], rtol=DIGITS)


def test_a_contrast_has_the_variances_of_the_weighted_clustered_estimator():
    draws = np.random.default_rng(11)
    n = 60
    entry, person = draws.integers(0, 5, n), draws.integers(0, 25, n)
    exit_, cause, weight = entry + draws.integers(1, 30, n), draws.integers(0, 3, n), draws.uniform(0.2, 3, n)
    one = ContrastedSpells(entry, exit_, cause, person)
    other = ContrastedSpells(entry, exit_, cause, person + 100, weight)
    found = incidence_contrast(one, other, n_causes=2, cause=2, time=15)
    for side, weights in ((found.group, None), (found.others, weight)):
        core = aalen_johansen(entry, exit_, cause, n_causes=2, weight=weights, cluster=person).at([15])
        assert (side.value, side.se) == pytest.approx(tuple(core.loc[1, ["cif", "se"]]), rel=1e-9)
        assert (side.lower, side.upper) == pytest.approx(tuple(core.loc[1, ["lower", "upper"]]), rel=1e-9)
    apart = found.difference
    assert apart.se == pytest.approx(np.hypot(found.group.se, found.others.se), rel=DIGITS)
    assert apart.upper - apart.value == pytest.approx(apart.value - apart.lower, rel=1e-9)
    itself = incidence_contrast(one, ContrastedSpells(entry, exit_, cause, person), n_causes=2, cause=2, time=15)
    assert itself.difference.se == pytest.approx(0, abs=DIGITS)


def test_a_contrast_is_not_known_where_one_side_is_not_followed_so_far():
    one = ContrastedSpells([0, 0], [3, 20], [1, 0], ["a", "b"])
    short = ContrastedSpells([0, 0], [3, 5], [1, 0], ["c", "d"])
    all_left = ContrastedSpells([0, 0], [3, 5], [1, 1], ["c", "d"])
    found = incidence_contrast(one, short, n_causes=1, cause=1, time=12)
    assert (found.group.value, np.isnan(found.others.value), np.isnan(found.difference.value)) == (0.5, True, True)
    assert incidence_contrast(one, all_left, n_causes=1, cause=1, time=12).difference.value == -0.5
    assert np.isnan(incidence_contrast(one, all_left, n_causes=1, cause=1, time=12).difference.lower)


def test_season_is_the_month_or_the_quarter_and_age_alone_where_nobody_came_in_then():
    group = pd.DataFrame({"age_at_entry": [16, 17], "entry_date": pd.to_datetime(["2024-01-05", "2024-01-05"])})
    others = pd.DataFrame(
        {"age_at_entry": [16, 16, 17], "entry_date": pd.to_datetime(["2024-01-09", "2024-03-09", "2024-09-09"])}
    )
    weights = {
        season: standard_weights(
            entry_strata(group, season=season), entry_strata(others, season=season)
        ).others.tolist()
        for season in ("month", "quarter")
    }
    assert weights == {"month": [1, 0, 1], "quarter": [0.5, 0.5, 1]}


def test_districts_are_those_of_the_period_and_the_pooled_one_has_a_row():
    districts = ["rinkeby_kista", "spanga_tensta", "jarva", "jarva", "bromma", "bromma", "not_shown", "bromma"]
    result = placement_contrasts(follow_up(district=districts), by="district", horizons=(12,))
    assert dict(result.column("district").labels)["not_shown"] == "Område redovisas inte"
    found = result.frame.set_index("district")["n_events_to_date"]
    assert found[["all", "jarva", "bromma", "not_shown"]].tolist() == [4, 2, 2, 0]
    assert "rinkeby_kista" not in found.index
    with pytest.raises(DefinitionError, match="känt värde i district"):
        placement_contrasts(follow_up(district=pd.array([None] * 8, dtype="string")), by="district")


def of_many(n: int, *, alone: int = 0) -> FollowUp:
    """As many girls as boys, a third of each placed in the fourth month and a third left; ``alone`` girls are of an age that no boy has."""
    number = np.arange(2 * n)
    way = np.array(["study_placement", "other", "censored"])[number % 3]
    rows = pd.DataFrame(
        {
            "sex": np.where(number < n, "female", "male"),
            "age_at_entry": np.where(number < alone, 19, 16),
            "entry_date": "2024-02-01",
            "exit_time": np.where(way == "censored", 30, 4),
            "way_out": way,
        }
    )
    return follow_up(rows.to_numpy().tolist())


def test_a_comparison_is_hidden_where_few_are_left_out_of_it_and_shown_where_none_are():
    def states(result: Result) -> pd.DataFrame:
        released = protect([result], policy=Policy(), ledger=Ledger.empty())[result.id]
        found = released.states_table.astype(str).assign(
            sex=released.values_table["sex"], months=result.frame["months"]
        )
        return found[found["months"] == "12"].set_index("sex")

    estimates = ["share", "others", "difference"]
    for make in (placement_contrasts, standardised_contrasts):
        shown = states(make(of_many(60), by="sex", horizons=(3, 12)))
        assert set(shown.loc[["female", "male"], estimates].to_numpy().ravel()) == {"shown"}
        assert shown.loc["all", "difference"] == "not_applicable"
    few = of_many(60, alone=3)
    crude = states(placement_contrasts(few, by="sex", horizons=(3, 12)))
    assert set(crude.loc[["female", "male"], estimates].to_numpy().ravel()) == {"shown"}
    hidden = states(standardised_contrasts(few, by="sex", horizons=(3, 12)))
    assert hidden.loc["female", "n_without"] == "protected"
    assert set(hidden.loc[["female", "male"], ["others", "difference", "lower"]].to_numpy().ravel()) == {"protected"}
    assert hidden.loc[["female", "male"], "share"].tolist() == ["protected", "shown"]


def test_a_difference_rests_on_the_hidden_counts_of_everybody():
    for make in (placement_contrasts, standardised_contrasts):
        result = make(of_many(60), by="sex", horizons=(12,))
        for name in ("others", "difference", "upper"):
            column = result.column(name)
            assert (column.rule, column.along, column.among) == ("curve", "months", "sex")
            assert column.also == tuple(f"new_2024_{flow}" for flow in ("events_to_date", "entered", "censored"))


def test_bad_input_is_refused_beside_what_is_carried():
    girls = standardised_contrasts(follow_up(), by="sex", season="quarter").frame.query("sex == 'female'")
    assert girls["share"].notna().all()
    with pytest.raises(DefinitionError, match='menade du "quarter"'):
        standardised_contrasts(follow_up(), by="sex", season="quartr")
    for make in (placement_contrasts, standardised_contrasts):
        with pytest.raises(DefinitionError, match="kräver en uppdelning"):
            make(follow_up(), by=None)
        with pytest.raises(DefinitionError, match='menade du "sex"'):
            make(follow_up(), by="sexx")


SHARES = {"female": {16: 0.7, 17: 0.4, 18: 0.2}, "male": {16: 0.5, 17: 0.4, 18: 0.3}}
SIZES = {"female": {16: 60, 17: 30, 18: 10}, "male": {16: 30, 17: 50, 18: 90}}
N_DRAWS = 400
LEAST_COVERED = 0.95 - 2.58 * np.sqrt(0.95 * 0.05 / N_DRAWS)
"""An interval that covers in 95 per cent falls below this in one simulation of two hundred."""


def test_intervals_of_the_standardised_difference_cover_at_least_as_often_as_they_say():
    """The truth is the difference at the girls' own ages; a tenth are censored on the way, and the shares differ by age in opposite ways."""
    draws = np.random.default_rng(20)
    who = [(sex, age) for sex in SIZES for age, n in SIZES[sex].items() for _ in range(n)]
    share = np.array([SHARES[sex][age] for sex, age in who])
    n_girls = sum(SIZES["female"].values())
    truth = sum(n * (SHARES["female"][age] - SHARES["male"][age]) for age, n in SIZES["female"].items()) / n_girls
    strata = pd.DataFrame({"age": [str(age) for _, age in who]})
    weights = standard_weights(strata[:n_girls], strata[n_girls:])
    covered = crude_covered = 0
    for _ in range(N_DRAWS):
        placed = draws.random(len(who)) < share
        leaves = draws.integers(1, 12, len(who))
        is_censored = draws.random(len(who)) < 0.1
        exit_ = np.where(is_censored, np.minimum(leaves, draws.integers(1, 12, len(who))), np.where(placed, leaves, 20))
        cause = np.where(placed & (exit_ >= leaves) & (exit_ < 20), 1, 0)
        rows = [(slice(0, n_girls), None), (slice(n_girls, None), weights.others)]
        sides = [ContrastedSpells(exit_[at] * 0, exit_[at], cause[at], np.arange(len(who))[at], w) for at, w in rows]
        found = incidence_contrast(*sides, n_causes=1, cause=1, time=12).difference
        covered += found.lower <= truth <= found.upper
        crude = incidence_contrast(sides[0], replace(sides[1], weight=None), n_causes=1, cause=1, time=12).difference
        crude_covered += crude.lower <= truth <= crude.upper
    assert covered / N_DRAWS >= LEAST_COVERED
    assert crude_covered / N_DRAWS < LEAST_COVERED
