"""Fine and Gray's regression against stored values of R's cmprsk and survival (`fine_gray_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.hazard_regression import PHReg

from kaa_analysis.survival.cores.fine_gray import FineGray, fine_gray

HERE = Path(__file__).parent
RELATIVE = 1e-6
"""Both are fits by Newton's method."""

STORED = pd.read_csv(HERE / "fine_gray.csv")
MVAD = pd.read_csv(HERE.parent / "data" / "mvad_spells.csv").rename(
    columns={"time": "exit", "status": "cause", "male": "z1", "gcse5eq": "z2", "funemp": "z3"}
)
CASES = {"mvad": MVAD, **dict(iter(pd.read_csv(HERE / "fine_gray_spells.csv").groupby("case", sort=False)))}
RUNS = list(STORED[["case", "cause"]].drop_duplicates().itertuples(index=False, name=None))


def fitted(case: str, cause: int, ties: str) -> FineGray:
    spells = CASES[case]
    return fine_gray(
        0 * spells["exit"],
        spells["exit"],
        spells["cause"],
        spells[["z1", "z2", "z3"]],
        n_causes=spells["cause"].max(),
        cause_of_interest=cause,
        ties=ties,
    )


def stored(case: str, cause: int, software: str) -> dict[str, np.ndarray]:
    rows = STORED[(STORED["case"] == case) & (STORED["cause"] == cause) & (STORED["software"] == software)]
    return {name: values.to_numpy() for name, values in rows.groupby("statistic")["value"]}


def test_every_case_has_stored_values():
    assert set(STORED["case"]) == set(CASES)
    assert {*STORED[["software", "version"]].itertuples(index=False, name=None)} == {
        ("R cmprsk", "2.2.11"),
        ("R survival", "3.5.3"),
    }


@pytest.mark.parametrize(("case", "cause"), RUNS)
def test_fit_with_estimated_weights_equals_crr(case, cause):
    fit, theirs = fitted(case, cause, "crr"), stored(case, cause, "R cmprsk")
    np.testing.assert_allclose(fit.coefficients, theirs["coefficient"], rtol=RELATIVE)
    np.testing.assert_allclose(fit.se, theirs["se"], rtol=RELATIVE)
    np.testing.assert_allclose(fit.log_likelihood, theirs["log_likelihood"], rtol=RELATIVE)


@pytest.mark.parametrize(("case", "cause"), RUNS)
def test_fit_with_known_weights_equals_coxph_on_finegray_data(case, cause):
    fit, theirs = fitted(case, cause, "finegray"), stored(case, cause, "R survival")
    np.testing.assert_allclose(fit.coefficients, theirs["coefficient"], rtol=RELATIVE)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance_weights_known)), theirs["se"], rtol=RELATIVE)
    np.testing.assert_allclose(fit.log_likelihood, theirs["log_likelihood"], rtol=RELATIVE)


def test_the_two_tie_rules_differ_where_events_tie_with_censorings():
    """Months: many tie in mvad."""
    crr, finegray = (fitted("mvad", 1, ties).coefficients for ties in ("crr", "finegray"))
    assert np.abs(crr - finegray).max() > 100 * RELATIVE


def test_with_one_way_out_the_fit_is_that_of_cox():
    """statsmodels, Breslow: without other causes nobody keeps a weight."""
    covariates, left = MVAD[["z1", "z2", "z3"]].to_numpy(dtype=float), MVAD["cause"] > 0
    ours = fine_gray(0 * MVAD["exit"], MVAD["exit"], left, covariates, n_causes=1)
    theirs = PHReg(MVAD["exit"], covariates, status=left, ties="breslow").fit()
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=RELATIVE)
    np.testing.assert_allclose(ours.log_likelihood, theirs.llf, rtol=RELATIVE)
