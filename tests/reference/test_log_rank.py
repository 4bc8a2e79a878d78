"""The log-rank tests against stored values of R (`log_rank_reference.R`) and against statsmodels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import survdiff

from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.pairwise_log_rank import pairwise_log_rank

HERE = Path(__file__).parent
RELATIVE = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
ABSOLUTE = 1e-12
"""For values that are 0 in one program and the rounding of a sum in the other."""

STORED = pd.read_csv(HERE / "log_rank.csv", dtype={"statistic": "string"})
PUBLIC = pd.read_csv(HERE / "data_log_rank.csv")
MVAD = pd.read_csv(HERE.parent / "data" / "mvad_spells.csv").rename(
    columns={"time": "exit", "prev_state": "group", "male": "stratum"}
)
MVAD["event"] = MVAD["status"] > 0
SMALL = pd.read_csv(HERE / "small_spells.csv").query("case != 'one_subject'")
ROW = SMALL.groupby("case").cumcount() + 1
SMALL = SMALL.assign(event=SMALL["cause"] > 0, group=np.where(ROW % 2, "a", "b"), stratum=ROW > 4)
CASES = (
    {case: rows for case, rows in PUBLIC.groupby("case", sort=False)}
    | {"mvad": MVAD.assign(entry=0), "mvad_delayed_entry": MVAD[MVAD["observed"] == 1]}
    | {case: rows for case, rows in SMALL.groupby("case", sort=False)}
)
WEIGHTS = {
    "logrank": {},
    "half": {"rho": 0.5},
    "peto": {"rho": 1},
    "gehan": {"weight_function": "gehan"},
    "tarone": {"weight_function": "tarone-ware"},
}
SCORES = [0, 1, 3, 6, 10, 15]
PAIRWISE = ["veteran", "pbc", "mgus2_months_of_age", "mvad"]


def stored(case: str, stratified: bool, weight: str, *, pairs: bool = False) -> pd.Series:
    rows = STORED.query("case == @case and stratified == @stratified and weight == @weight").set_index("statistic")
    of_pairs = rows.index.str.contains("^(?:pair|holm)_")
    return rows.loc[of_pairs == pairs, "value"].astype(float)


def assert_same(ours: dict[str, float], theirs: pd.Series) -> None:
    assert set(ours) == set(theirs.index)
    np.testing.assert_allclose([ours[name] for name in theirs.index], theirs, rtol=RELATIVE, atol=ABSOLUTE)


def test_every_case_has_stored_values():
    assert set(STORED["case"]) == set(CASES)
    assert set(STORED["version"]) == {"3.5.3"}


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_log_rank_equals_r(case, stratified, weight):
    rows = CASES[case]
    n_groups = rows["group"].nunique()
    strata = rows["stratum"] if stratified else None
    of_test = {"strata": strata, "trend": SCORES[:n_groups], **WEIGHTS[weight]}
    test = log_rank(rows["entry"], rows["exit"], rows["event"], rows["group"], **of_test)
    ours = {"chi_square": test.chi_square, "df": test.df}
    for name in ("observed", "expected"):
        ours |= {f"{name}_{label}": value for label, value in zip(test.groups, getattr(test, name), strict=True)}
    if test.df:
        ours |= {"p": test.p, "trend": test.trend.chi_square}
    assert_same(ours, stored(case, stratified, weight))


@pytest.mark.parametrize("case", PAIRWISE)
def test_pairs_and_holms_adjustment_equal_r(case):
    rows = CASES[case]
    pairs = pairwise_log_rank(rows["entry"], rows["exit"], rows["event"], rows["group"])
    names = [f"{first}_{second}" for first, second in zip(pairs.first, pairs.second, strict=True)]
    ours = {f"pair_{name}": value for name, value in zip(names, pairs.chi_square, strict=True)}
    ours |= {f"holm_{name}": value for name, value in zip(names, pairs.p_holm, strict=True)}
    assert_same(ours, stored(case, False, "logrank", pairs=True))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({}, {}),
        ({"weight_function": "gehan"}, {"weight_type": "gb"}),
        ({"weight_function": "tarone-ware"}, {"weight_type": "tw"}),
        ({"rho": 1}, {"weight_type": "fh", "fh_p": 1}),
    ],
)
@pytest.mark.parametrize("case", ["lung", "veteran", "colon", "pbc", "mvad"])
def test_weights_equal_those_of_statsmodels(case, ours, theirs):
    rows = CASES[case]
    test = log_rank(rows["entry"], rows["exit"], rows["event"], rows["group"], **ours)
    chi_square, _ = survdiff(rows["exit"], rows["event"], rows["group"], **theirs)
    assert test.chi_square == pytest.approx(chi_square, rel=RELATIVE, abs=0)
