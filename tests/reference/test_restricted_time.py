"""Restricted mean times against stored values of R's survival (`restricted_time_reference.R`), and by hand at the edges."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.survival.cores.restricted_contrast import restricted_contrast
from kaa_analysis.survival.cores.restricted_time import (
    days_without_placement,
    restricted_mean_time,
    restricted_time_lost,
)

HERE = Path(__file__).parent
RELATIVE = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
ABSOLUTE = 1e-12
"""For standard errors that are 0 in one program and the root of the rounding of a sum of squares in the other."""

MVAD = pd.read_csv(HERE.parent / "data" / "mvad_spells.csv")
TIMES = pd.read_csv(HERE / "restricted_time.csv")
CONTRASTS = pd.read_csv(HERE / "restricted_contrast.csv")


def of_mvad(spells: pd.DataFrame, *, delayed: bool) -> pd.DataFrame:
    named = spells.rename(columns={"time": "exit", "status": "cause", "id": "cluster"}).assign(group=spells["male"] + 1)
    return named if delayed else named.assign(entry=0)


SMALL = pd.read_csv(HERE / "small_spells.csv").assign(weight=1)
CASES = {
    "mvad": of_mvad(MVAD, delayed=False),
    "mvad_delayed_entry": of_mvad(MVAD[MVAD["observed"] == 1], delayed=True),
    **dict(iter(SMALL.groupby("case", sort=False))),
    **dict(iter(pd.read_csv(HERE / "restricted_time_spells.csv").groupby("case", sort=False))),
}
RUNS = list(TIMES[["case", "variant", "horizon"]].drop_duplicates().itertuples(index=False, name=None))
PAIRS = list(CONTRASTS[["case", "horizon"]].drop_duplicates().itertuples(index=False, name=None))


def arrays(spells: pd.DataFrame, variant: str) -> dict[str, pd.Series]:
    given = {"entry": spells["entry"], "exit": spells["exit"]}
    if variant != "unweighted":
        given["weight"] = spells["weight"]
    if variant == "clustered":
        given["cluster"] = spells["cluster"]
    return given


def stored(case: str, variant: str, horizon: float, *statistics: str, mean: bool) -> list[float]:
    chosen = (TIMES["case"] == case) & (TIMES["variant"] == variant) & (TIMES["horizon"] == horizon)
    rows = TIMES[chosen & ((TIMES["cause"] == 0) == mean)]
    return [value for name in statistics for value in rows.loc[rows["statistic"] == name, "value"]]


def assert_same(ours: object, theirs: object) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE)


def test_every_case_has_stored_values():
    assert set(TIMES["case"]) == set(CASES)
    assert set(CONTRASTS["case"]) == {case for case, spells in CASES.items() if "group" in spells and len(spells) > 9}
    assert set(TIMES["version"]) == set(CONTRASTS["version"]) == {"3.5.3"}
    assert set(TIMES["variant"]) == {"unweighted", "weighted", "clustered"}


@pytest.mark.parametrize(("case", "variant", "horizon"), RUNS)
def test_mean_time_with_the_infinitesimal_jackknife_equals_r(case, variant, horizon):
    spells = CASES[case]
    mean = restricted_mean_time(event=spells["cause"] > 0, horizon=horizon, **arrays(spells, variant))
    assert_same([mean.time, mean.se], stored(case, variant, horizon, "time", "se", mean=True))


@pytest.mark.parametrize(("case", "variant", "horizon"), [run for run in RUNS if run[1] == "unweighted"])
def test_standard_error_after_greenwood_equals_r(case, variant, horizon):
    spells = CASES[case]
    mean = restricted_mean_time(
        event=spells["cause"] > 0, horizon=horizon, variance="greenwood", **arrays(spells, variant)
    )
    assert_same([mean.time, mean.se], stored(case, variant, horizon, "time", "se_greenwood", mean=True))


@pytest.mark.parametrize(("case", "variant", "horizon"), RUNS)
def test_time_lost_to_each_cause_equals_r(case, variant, horizon):
    spells = CASES[case]
    theirs = stored(case, variant, horizon, "time", "se", mean=False)
    n_causes = len(theirs) // 2
    lost = restricted_time_lost(cause=spells["cause"], n_causes=n_causes, horizon=horizon, **arrays(spells, variant))
    assert_same([*lost.time, *lost.se], theirs)
    without = days_without_placement(lost, placement=1)
    assert_same([without.time, without.se], stored(case, variant, horizon, "without_time", "without_se", mean=False))
    two = days_without_placement(lost, placement=1, not_counted_after=[2])
    assert_same([two.time, two.se], stored(case, variant, horizon, "without_two_time", "without_two_se", mean=False))


@pytest.mark.parametrize(("case", "horizon"), PAIRS)
def test_differences_and_ratios_of_two_groups_equal_those_worked_out_in_r(case, horizon):
    chosen = CONTRASTS[(CONTRASTS["case"] == case) & (CONTRASTS["horizon"] == horizon)]
    theirs = chosen.pivot(index="cause", columns="statistic", values="value")
    n_causes = max(2, CASES[case]["cause"].max())
    groups = [CASES[case][CASES[case]["group"] == group] for group in (1, 2)]
    means = [restricted_mean_time(part["entry"], part["exit"], part["cause"] > 0, horizon=horizon) for part in groups]
    losts = [
        restricted_time_lost(part["entry"], part["exit"], part["cause"], n_causes=n_causes, horizon=horizon)
        for part in groups
    ]
    ours = [asdict(restricted_contrast(*pair)) for pair in (means, losts)]
    for name in theirs:
        both = pd.Series(np.concatenate([[ours[0][name]], ours[1][name]]))
        assert_same(both[theirs.index], theirs[name])


def test_difference_between_the_arms_of_pbc_is_the_published_one():
    """The vignette of R's survRM2 (Uno et al.), ten years: the difference, to the three decimals that are printed."""
    pbc = CASES["pbc"]
    active, placebo = (
        restricted_mean_time(part["entry"], part["exit"], part["cause"] == 2, horizon=10)
        for part in (pbc[pbc["group"] == 1], pbc[pbc["group"] == 2])
    )
    assert round(float(restricted_contrast(active, placebo).difference), 3) == -0.137
