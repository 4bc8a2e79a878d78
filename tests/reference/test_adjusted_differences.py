"""Weighted and augmented differences against published values, delicatessen (`stacked_reference.py`), statsmodels and the survival cores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kaa_analysis.evaluation.cores.augmented_difference import augmented_difference
from kaa_analysis.evaluation.cores.crude_difference import crude_difference
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate, cluster_sums
from kaa_analysis.evaluation.cores.horizon_outcome import HorizonOutcome, incidence_outcome, kept_time_outcome
from kaa_analysis.evaluation.cores.propensity_score import propensity_score
from kaa_analysis.evaluation.cores.target_weights import target_weights
from kaa_analysis.evaluation.cores.weighted_difference import weighted_difference
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.restricted_time import (
    days_without_placement,
    restricted_mean_time,
    restricted_time_lost,
)

HERE = Path(__file__).parent
ROWS = pd.read_csv(HERE / "data_job_training.csv")
NSW = ROWS[ROWS["sample"] == "nsw"]
CPS = ROWS[(ROWS["sample"] == "cps") | (ROWS["treat"] == 1)]
STACKED = pd.read_csv(HERE / "stacked.csv", keep_default_na=False)
MVAD = pd.read_csv(HERE.parent / "data" / "mvad_spells.csv")
COVARIATES = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
SOLVED = 1e-6
"""The reference's roots are found by least squares to 1e-9 in the equations."""
ROUNDING = 1e-9


def matrix(rows: pd.DataFrame, *, model: str = "none") -> np.ndarray:
    """Return the covariates; the model of having any earnings leaves out `hisp`: none of the treated of that group is without."""
    return rows[[name for name in COVARIATES if not (model == "logistic" and name == "hisp")]].to_numpy(dtype=float)


def estimated(rows: pd.DataFrame, target: str, model: str = "none", **given) -> EffectEstimate:
    score = propensity_score(matrix(rows, model=model), rows["treat"])
    if model == "none":
        return weighted_difference(rows["re78"], weights=target_weights(score, target=target), **given)
    outcome = rows["re78"] > 0 if model == "logistic" else rows["re78"]
    return augmented_difference(outcome, matrix(rows, model=model), score=score, target=target, model=model, **given)


def test_the_experiment_gives_the_published_difference_with_neymans_standard_error():
    """1 794.34 (671.0): s₁²/n₁ + s₀²/n₀. Without the small-sample factor it would be 669.3, with one pooled over both groups 670.8."""
    found = crude_difference(NSW["re78"], NSW["treat"])
    assert (round(found.value, 2), round(found.se, 1)) == (1794.34, 671.0)
    fit = sm.OLS(NSW["re78"], sm.add_constant(NSW["treat"])).fit(cov_type="HC2")
    assert found.se == pytest.approx(fit.bse["treat"], rel=ROUNDING)


def test_inverse_probability_weighting_gives_the_published_effect_with_the_scores_uncertainty():
    """1 641.3 (671): weights divided by their sum in each group, the score in the standard error; with the score as known it would be 685.5."""
    found = estimated(NSW, "ate")
    assert (round(found.value, 1), round(found.se)) == (1641.3, 671)


def test_the_bootstrap_of_the_weighted_difference_gives_the_published_standard_error():
    """672, as far as the number of draws tells: the standard deviation of that many has itself one of 1 / √(2 × draws) of it."""
    draw, n_draws = np.random.default_rng(4), 1000
    covariates, treated, outcome = matrix(NSW), NSW["treat"].to_numpy(), NSW["re78"].to_numpy()
    values = []
    for _ in range(n_draws):
        drawn = draw.integers(0, len(NSW), size=len(NSW))
        weights = target_weights(propensity_score(covariates[drawn], treated[drawn]), target="ate")
        values.append(weighted_difference(outcome[drawn], weights=weights).value)
    assert np.std(values, ddof=1) == pytest.approx(672, rel=3 / np.sqrt(2 * n_draws))


def test_augmented_weighting_gives_the_published_effect_and_its_standard_error_with_the_models_taken_as_right():
    """1 619.1 (670.8) is the efficient influence alone, models linear in each group; with both models stacked it is 674.4."""
    found = estimated(NSW, "ate", "linear", nuisance="taken-as-right")
    assert (round(found.value, 1), round(found.se, 1)) == (1619.1, 670.8)
    stacked = estimated(NSW, "ate", "linear")
    assert (stacked.value, round(stacked.se, 1)) == (found.value, 674.4)


def test_every_estimator_has_stored_values():
    assert set(STACKED["software"] + STACKED["version"].astype(str)) == {"delicatessen4.3"}
    assert set(STACKED["model"]) == {"none", "linear", "logistic"}
    assert set(STACKED["target"]) == {"ate", "att", "overlap"}


@pytest.mark.parametrize(
    "stored", STACKED.to_dict("records"), ids=lambda row: "-".join(map(str, list(row.values())[:4]))
)
def test_estimates_and_stacked_standard_errors_equal_delicatessen(stored):
    rows = NSW if stored["sample"] == "nsw" else CPS
    cluster = rows["age"].to_numpy() if stored["clustered"] else None
    found = estimated(rows, stored["target"], stored["model"], cluster=cluster)
    np.testing.assert_allclose([found.value, found.se], [stored["value"], stored["se"]], rtol=SOLVED)


@pytest.mark.parametrize("rows", [NSW, CPS], ids=["nsw", "cps"])
def test_score_and_its_robust_covariances_equal_statsmodels(rows):
    found = propensity_score(matrix(rows), rows["treat"], names=COVARIATES)
    design = sm.add_constant(rows[COVARIATES].astype(float))
    fit = sm.Logit(rows["treat"], design).fit(disp=0, method="newton", tol=1e-12, cov_type="HC0")
    np.testing.assert_allclose(found.coefficients, fit.params, rtol=SOLVED)
    np.testing.assert_allclose(found.score, fit.predict(), rtol=SOLVED)
    np.testing.assert_allclose(found.influence.T @ found.influence, fit.cov_params(), rtol=SOLVED, atol=1e-12)
    clustered = sm.Logit(rows["treat"], design).fit(
        disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": rows["age"].to_numpy(), "use_correction": False}
    )
    summed = cluster_sums(found.influence, rows["age"])
    np.testing.assert_allclose(np.sqrt(np.diag(summed.T @ summed)), clustered.bse, rtol=SOLVED)


def arm_mean(outcome: HorizonOutcome, arm: np.ndarray, cluster: np.ndarray | None) -> list[float]:
    """Return the mean in one group and its standard error, the model of censoring in it."""
    share = arm / arm.sum()
    mean = float(share @ outcome.value)
    influence = cluster_sums(share * (outcome.value - mean) + outcome.carried(share), cluster)
    return [mean, float(np.sqrt((influence**2).sum()))]


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize("horizon", [3, 12, 30.5])
def test_means_of_censored_outcomes_are_the_estimates_that_are_held_against_r(horizon, clustered):
    """Aalen–Johansen, restricted mean time and time lost of each group, with the infinitesimal jackknife as standard error."""
    male, time, cause = MVAD["male"].to_numpy() == 1, MVAD["time"].to_numpy(), MVAD["status"].to_numpy()
    cluster = MVAD["id"].to_numpy() if clustered else None
    given = {"treated": male, "horizon": horizon, "n_causes": 3}
    for arm in (male, ~male):
        entry, kept = np.zeros(arm.sum(), dtype=int), {"cluster": None if cluster is None else cluster[arm]}
        curve = aalen_johansen(entry, time[arm], cause[arm], n_causes=3, variance="infinitesimal-jackknife", **kept)
        at_horizon = curve.at([horizon]).set_index("cause")
        for of in (1, 2, 3):
            ours = arm_mean(incidence_outcome(time, cause, of=of, **given), arm, cluster)
            np.testing.assert_allclose(ours, at_horizon.loc[of, ["cif", "se"]].to_numpy(dtype=float), rtol=ROUNDING)
        mean = restricted_mean_time(entry, time[arm], cause[arm] > 0, horizon=horizon, **kept)
        np.testing.assert_allclose(
            arm_mean(kept_time_outcome(time, cause, **given), arm, cluster), [mean.time, mean.se], rtol=ROUNDING
        )
        lost = restricted_time_lost(entry, time[arm], cause[arm], n_causes=3, horizon=horizon, **kept)
        without = days_without_placement(lost, placement=1)
        np.testing.assert_allclose(
            arm_mean(kept_time_outcome(time, cause, of=1, **given), arm, cluster),
            [without.time, without.se],
            rtol=ROUNDING,
        )
