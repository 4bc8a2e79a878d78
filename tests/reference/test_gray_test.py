"""Gray's test against stored values of R's cmprsk (`gray_test_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.survival.cores.gray_test import gray_test

HERE = Path(__file__).parent
RELATIVE = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
ABSOLUTE = 1e-12
"""For p-values, which cmprsk computes as one minus the distribution function."""

STORED = pd.read_csv(HERE / "gray_test.csv")
PUBLIC = pd.read_csv(HERE / "data_gray_test.csv")
MVAD = pd.read_csv(HERE.parent / "data" / "mvad_spells.csv").rename(
    columns={"time": "exit", "status": "cause", "prev_state": "group", "male": "stratum"}
)
SMALL = pd.read_csv(HERE / "small_spells.csv")
SMALL = SMALL[SMALL["case"].isin(["event_and_censoring_tied", "cause_without_events", "events_on_day_0"])]
ROW = SMALL.groupby("case").cumcount() + 1
SMALL = SMALL.assign(group=np.where(ROW % 2, "a", "b"), stratum=ROW > 4)
CASES = (
    {case: rows for case, rows in PUBLIC.groupby("case", sort=False)}
    | {"mvad": MVAD}
    | {case: rows for case, rows in SMALL.groupby("case", sort=False)}
)


def test_every_case_has_stored_values():
    assert set(STORED["case"]) == set(CASES)
    assert set(STORED["version"]) == {"2.2.11"}


@pytest.mark.parametrize("rho", [0, 1, -0.5])
@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_gray_test_equals_cuminc(case, stratified, rho):
    rows = CASES[case]
    strata = rows["stratum"] if stratified else None
    test = gray_test(rows["exit"], rows["cause"], rows["group"], strata=strata, rho=rho)
    theirs = STORED.query("case == @case and stratified == @stratified and rho == @rho")
    assert test.causes.tolist() == theirs["cause"].tolist()
    assert {test.df} == set(theirs["df"])
    np.testing.assert_allclose(test.chi_square, theirs["chi_square"], rtol=RELATIVE)
    np.testing.assert_allclose(test.p, theirs["p"], rtol=RELATIVE, atol=ABSOLUTE)
