"""The Cox model against stored values of R's survival (`cox_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.survival.cores.confidence_limits import ROUNDING
from kaa_analysis.survival.cores.cox_curves import standardised_curve
from kaa_analysis.survival.cores.cox_model import CoxModel, cox
from kaa_analysis.survival.cores.proportional_hazards_test import TimeScale, proportional_hazards_test

HERE = Path(__file__).parent
RELATIVE = 1e-6
"""Both programs stop their steps by the same rule; the stored values have 13 digits."""
ABSOLUTE = 1e-9
"""For test statistics and coefficients near 0."""

CASES = pd.read_csv(HERE / "cox_cases.csv").set_index("case")
VALUES = pd.read_csv(HERE / "cox.csv", keep_default_na=False)
ROWS = {data: pd.read_csv(HERE / f"data_cox_{data}.csv") for data in CASES["data"].unique()}
SETTLED = [case for case in CASES.index if case != "lung_monotone"]
INFLUENCES = ["lung_weight", "veteran_breslow", "mvad_weight"]
NO_COVARIATE = ["entry", "exit", "event", "strata", "weight", "cluster"]


def fitted(case: str) -> CoxModel:
    chosen = CASES.loc[case]
    rows = ROWS[chosen["data"]]
    covariates = rows.drop(columns=NO_COVARIATE)
    given = {name: rows[name] for name in ("strata", "weight", "cluster") if chosen[name]}
    return cox(
        rows["entry"], rows["exit"], rows["event"], covariates, names=covariates.columns, ties=chosen["ties"], **given
    )


def stored(case: str, statistic: str) -> pd.Series:
    """Return the stored values of one statistic by key."""
    found = VALUES[(VALUES["case"] == case) & (VALUES["statistic"] == statistic)]
    assert len(found)
    return found.set_index("key")["value"].astype(float)


def assert_same(ours: object, theirs: pd.Series) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE)


def test_every_case_has_stored_values_of_one_version():
    assert set(VALUES["case"]) == set(CASES.index)
    assert set(VALUES["version"]) == {"3.5.3"}


@pytest.mark.parametrize("case", SETTLED)
def test_coefficients_standard_errors_and_tests_equal_r(case):
    model = fitted(case)
    assert model.converged
    assert model.unbounded == ()
    assert list(stored(case, "coefficient").index) == list(model.names)
    assert_same(model.coefficients, stored(case, "coefficient"))
    assert_same(model.se, stored(case, "se"))
    assert_same(np.sqrt(np.diag(model.model_variance)), stored(case, "model_se"))
    for name in ("loglik_null", "loglik"):
        assert_same(getattr(model, name), stored(case, name))
    for name in ("likelihood_ratio", "score", "wald", *(["robust_score"] if model.robust else [])):
        assert_same(getattr(model, name).statistic, stored(case, name))


@pytest.mark.parametrize("transform", TimeScale)
@pytest.mark.parametrize("case", SETTLED)
def test_the_proportional_hazards_test_equals_r(case, transform):
    told = proportional_hazards_test(fitted(case), transform=transform).table()
    assert list(stored(case, f"zph_{transform}").index) == list(told["covariate"])
    assert_same(told["statistic"], stored(case, f"zph_{transform}"))


@pytest.mark.parametrize("case", SETTLED)
def test_the_predicted_curve_of_the_first_row_equals_r(case):
    model = fitted(case)
    first = ROWS[CASES.loc[case, "data"]].iloc[[0]]
    stratum = first["strata"].iloc[0] if CASES.loc[case, "strata"] else None
    curve = standardised_curve(model, first[list(model.names)], stratum=stratum)
    ours = curve.at(stored(case, "survival").index.astype(float)).rename(columns={"se": "se_of_survival"})
    for name in ("survival", "se_of_survival"):
        assert_same(ours[name], stored(case, name))
    known = ours["survival"] > ROUNDING
    for name in ("lower", "upper"):
        assert_same(ours[name], stored(case, name).where(known.to_numpy()))


def test_the_standardised_curve_is_the_mean_of_r_s_predicted_ones():
    model = fitted("lung")
    theirs = stored("lung", "standardised")
    curve = standardised_curve(model, ROWS["lung"][list(model.names)])
    assert_same(curve.at(theirs.index.astype(float))["survival"], theirs)


@pytest.mark.parametrize("case", INFLUENCES)
def test_the_influence_of_a_row_equals_r(case):
    model = fitted(case)
    for place in range(len(model.names)):
        assert_same(model.influence[:5, place], stored(case, f"influence_{place + 1}"))


def test_a_group_without_events_is_told_and_the_rest_equals_r():
    model = fitted("lung_monotone")
    assert model.unbounded == ("without",)
    for name in ("loglik_null", "loglik"):
        assert_same(getattr(model, name), stored("lung_monotone", name))
    for name in ("likelihood_ratio", "score"):
        assert_same(getattr(model, name).statistic, stored("lung_monotone", name))
