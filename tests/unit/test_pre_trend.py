"""The test before adoption and what it could have found: by hand, by simulation, and each refusal beside what is carried."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import f as fisher
from scipy.stats import ncf

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.cell_panel import CellPanel, cell_panel
from kaa_analysis.evaluation.cores.difference_in_differences import EventStudy, difference_in_differences, event_study
from kaa_analysis.evaluation.cores.pre_trend import detectable_trend, pre_trend_test

DIGITS = 1e-10
N_DRAWS = 20_000
N_SLOPES = 400
FOUR = 4
"""Standard errors of a share of so many draws: a right program fails once in 16 000."""


def study_of(value: list[float], covariance: np.ndarray, *, df: float, n_after: int = 1) -> EventStudy:
    """Return an event study of which only what the tests read is filled in."""
    n_before = len(value) - n_after
    relative = np.array([*range(-1 - n_before, -1), *range(n_after)])
    spread = np.sqrt(np.diag(covariance))
    return EventStudy(
        periods=relative, relative=relative, reference=-1, value=np.array(value), se=spread, df=np.full(len(value), df),
        lower=spread, upper=spread, level=0.95, n_clusters=round(df) + 1, covariance=covariance, influence=np.zeros((0, len(value))),
    )  # fmt: skip


def panel_of(shares: np.ndarray, *, n_treated: int, adopted: int, cluster: np.ndarray | None = None) -> CellPanel:
    """Return equal-weight cells of 10 000 pupils with the shares (U, T)."""
    unit, period = np.divmod(np.arange(shares.size), shares.shape[1])
    return cell_panel(
        unit, period, n=np.full(shares.size, 10_000), n_outcome=(shares * 10_000).round().ravel(), treated=unit < n_treated,
        adopted=adopted, weight="units", cluster=None if cluster is None else cluster[unit],
    )  # fmt: skip


def test_with_one_period_to_test_it_is_the_square_of_the_t_test():
    study = study_of([0.03, 0.2], np.diag([0.0004, 0.0009]), df=12)
    found = pre_trend_test(study)
    assert math.isclose(found.statistic, (0.03 / 0.02) ** 2, rel_tol=DIGITS)
    assert (found.n_periods, found.df) == (1, 12)
    assert math.isclose(found.p_value, fisher.sf(2.25, 1, 12), rel_tol=DIGITS)


def test_the_joint_test_weighs_by_the_inverse_covariance():
    """With variances 1 and covariance 1/2 the inverse is (4 −2; −2 4) / 3."""
    covariance = np.array([[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    found = pre_trend_test(study_of([2.0, 1.0, 5.0], covariance, df=9))
    assert math.isclose(found.wald, (4 * 4 - 2 * 2 * 2 + 4) / 3, rel_tol=DIGITS)
    assert math.isclose(found.statistic, found.wald * 8 / 18, rel_tol=DIGITS)
    assert (found.n_periods, found.df) == (2, 8)


@pytest.mark.parametrize(("power", "alpha"), [(0.8, 0.05), (0.5, 0.1)])
def test_a_trend_of_the_detectable_slope_is_found_as_often_as_said(power, alpha):
    """Coefficients are drawn around the trend, their covariance from Wishart's distribution with as many degrees of freedom as the test takes."""
    generator = np.random.default_rng(2022)
    df, steps = 11, np.array([-3.0, -2.0, -1.0])
    root = np.linalg.cholesky(0.0004 * (np.eye(3) + 1))
    errors = generator.standard_normal((N_DRAWS, df, 3)) @ root.T
    estimated = np.swapaxes(errors, 1, 2) @ errors / df
    squares = [slope_of(covariance, df=df, power=power, alpha=alpha) ** 2 for covariance in estimated[:N_SLOPES]]
    centrality = np.mean(squares) * (steps @ np.linalg.solve(root @ root.T, steps))
    exact = brentq(lambda size: ncf.sf(fisher.isf(alpha, 3, df - 2), 3, df - 2, size) - power, 0.1, 100)
    assert abs(centrality - exact) < FOUR * exact * np.std(squares) / np.mean(squares) / math.sqrt(N_SLOPES)
    slope = math.sqrt(exact / (steps @ np.linalg.solve(root @ root.T, steps)))
    drawn = slope * steps + generator.standard_normal((N_DRAWS, 3)) @ root.T
    wald = np.einsum("ni,ni->n", drawn, np.linalg.solve(estimated, drawn[:, :, np.newaxis])[:, :, 0])
    share = (fisher.sf(wald * (df - 2) / (df * 3), 3, df - 2) < alpha).mean()
    assert abs(share - power) < FOUR * math.sqrt(power * (1 - power) / N_DRAWS)


def slope_of(covariance: np.ndarray, *, df: float, power: float, alpha: float) -> float:
    whole = np.eye(len(covariance) + 1)
    whole[:-1, :-1] = covariance
    return detectable_trend(study_of([0.0] * len(whole), whole, df=df), power=power, alpha=alpha).slope


def test_what_the_trend_would_add_is_what_it_adds_to_the_estimates():
    shares = np.random.default_rng(5).uniform(0.2, 0.4, size=(16, 7)).round(4)
    plain = panel_of(shares, n_treated=7, adopted=4)
    trend = detectable_trend(event_study(plain))
    slope = round(trend.slope, 3)
    tilted = panel_of(shares + slope * np.arange(7) * (np.arange(16) < 7)[:, np.newaxis], n_treated=7, adopted=4)
    added = event_study(tilted).value - event_study(plain).value
    np.testing.assert_allclose(added[3:] / slope, trend.bias / trend.slope, rtol=DIGITS)
    np.testing.assert_allclose(added[:3], slope * np.array([-3, -2, -1]), rtol=DIGITS)
    assert math.isclose(trend.mean_bias, trend.bias.mean(), rel_tol=DIGITS)
    moved = difference_in_differences(tilted).value - difference_in_differences(plain).value
    assert math.isclose(moved, slope * (5 - 1.5), rel_tol=DIGITS)


def test_twice_the_noise_hides_twice_the_trend_and_more_power_asks_for_more():
    covariance = np.diag([0.0004, 0.0003, 0.0009])
    slopes = [detectable_trend(study_of([0.0] * 3, factor * covariance, df=20)).slope for factor in (1, 4)]
    assert math.isclose(slopes[1], 2 * slopes[0], rel_tol=1e-6)
    assert detectable_trend(study_of([0.0] * 3, covariance, df=20), power=0.9).slope > slopes[0]


def test_without_a_trend_the_test_finds_one_as_seldom_as_its_level_says():
    """400 panels of 6 treated and 10 untreated schools, four periods before; the level holds within four standard errors of the count."""
    generator = np.random.default_rng(11)
    n_panels = 400
    found = [
        pre_trend_test(event_study(panel_of(generator.normal(0.3, 0.02, (16, 6)), n_treated=6, adopted=4))).p_value
        for _ in range(n_panels)
    ]
    assert np.mean(np.array(found) < 0.05) < 0.05 + FOUR * math.sqrt(0.05 * 0.95 / n_panels)


def test_too_few_periods_or_clusters_are_refused_and_enough_are_carried():
    shares = np.random.default_rng(3).uniform(0.2, 0.4, size=(8, 6))
    with pytest.raises(DefinitionError, match="en period före"):
        pre_trend_test(event_study(panel_of(shares, n_treated=3, adopted=1)))
    for variance in ("CR1", "CR2"):
        few = event_study(
            panel_of(shares, n_treated=3, adopted=5, cluster=np.array([0, 0, 1, 2, 2, 3, 3, 3])), variance=variance
        )
        with pytest.raises(DefinitionError, match="kluster: 4"):
            pre_trend_test(few)
    enough = event_study(panel_of(shares, n_treated=3, adopted=3))
    assert pre_trend_test(enough).n_periods == 2
    for wrong in ({"power": 0.04}, {"power": 0.9999}, {"alpha": 0}):
        with pytest.raises(DefinitionError, match="mellan testets nivå och 0,999"):
            detectable_trend(enough, **wrong)
    few = study_of([0.1, 0.2, 0.3], np.diag([0.01, 0.02, 0.03]), df=2)
    assert detectable_trend(few, power=0.999).slope > detectable_trend(few).slope > 0
    with pytest.raises(DefinitionError, match="perioder att pröva: 2"):
        pre_trend_test(study_of([0.1, 0.2, 0.3], np.diag([0.01, 0.02, 0.03]), df=1.9))
