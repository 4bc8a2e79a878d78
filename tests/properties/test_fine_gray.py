"""What always holds of Fine and Gray's regression: a slow twin with one weight per spell and time, and what may not matter."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival.fine_gray import FineGray, fine_gray
from kaa_analysis.survival.subdistribution import (
    CensoringTies,
    censoring_residuals,
    likelihood,
    score_residuals,
    subdistribution,
)
from kaa_analysis.survival.time_grid import time_grid

ROUNDING = 1e-9
"""Both sides are the same sums in another order."""
COMPLEX_STEP = 1e-30
SEEDLESS = settings(derandomize=True, max_examples=80, deadline=None)

spell = st.tuples(st.integers(0, 8), st.integers(0, 2), st.integers(-2, 2), st.integers(0, 1))
spells_drawn = st.lists(spell, min_size=3, max_size=20).map(np.array)
"""Exit, cause and two covariates."""
slopes_drawn = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(np.array)
rules = st.sampled_from(CensoringTies)


def weights_by_hand(spells: np.ndarray, ties: CensoringTies) -> tuple[np.ndarray, np.ndarray]:
    """Return the exit times and every spell's weight in the risk set of each, shape (T,) and (n, T)."""
    exit_, cause = spells[:, :2].T
    times = np.unique(exit_)
    not_censored, before = 1.0, {}
    for time in times:
        before[time] = not_censored
        exposed = (exit_ > time) | ((exit_ == time) & ((cause == 0) | (ties == "crr")))
        if exposed.any():
            not_censored *= 1 - ((exit_ == time) & (cause == 0)).sum() / exposed.sum()
    rows = [
        [1.0 if end >= time else before[time] / before[end] * (kind == 2) for time in times]
        for end, kind in zip(exit_, cause, strict=True)
    ]
    return times, np.array(rows)


def log_likelihood_by_hand(spells: np.ndarray, ties: CensoringTies, slopes: np.ndarray) -> complex:
    times, weights = weights_by_hand(spells, ties)
    linear = spells[:, 2:] @ slopes
    total = 0.0
    for time, of_time in zip(times, weights.T, strict=True):
        events = (spells[:, 0] == time) & (spells[:, 1] == 1)
        total += (linear[events] - np.log((of_time * np.exp(linear)).sum())).sum()
    return total


def prepared(spells: np.ndarray, ties: CensoringTies):
    return subdistribution(time_grid(0 * spells[:, 0], spells[:, 0]), spells[:, 1], ties=ties)


def fitted(spells: np.ndarray, ties: CensoringTies = CensoringTies.CRR) -> FineGray:
    exit_, cause = spells[:, :2].T
    return fine_gray(0 * exit_, exit_, cause, spells[:, 2:], n_causes=2, ties=ties)


def many(seed: int, *, censored: bool = True) -> np.ndarray:
    """Return sixty spells on which a fit always exists."""
    random = np.random.default_rng(seed)
    cause = random.integers(0 if censored else 1, 3, 60)
    return np.column_stack([random.integers(0, 12, 60), cause, random.integers(-2, 3, 60), random.integers(0, 2, 60)])


@SEEDLESS
@given(spells_drawn, rules, slopes_drawn)
def test_likelihood_and_its_gradient_equal_those_worked_out_with_every_weight(spells, ties, slopes):
    ours = likelihood(prepared(spells, ties), spells[:, 2:].astype(float), slopes)
    np.testing.assert_allclose(
        ours.value, log_likelihood_by_hand(spells, ties, slopes).real, rtol=ROUNDING, atol=ROUNDING
    )
    steps = 1j * COMPLEX_STEP * np.eye(2)
    score = [log_likelihood_by_hand(spells, ties, slopes + step).imag / COMPLEX_STEP for step in steps]
    np.testing.assert_allclose(ours.score, score, rtol=ROUNDING, atol=ROUNDING)


@SEEDLESS
@given(spells_drawn, rules, slopes_drawn)
def test_information_is_the_slope_of_the_gradient(spells, ties, slopes):
    weighted, covariates, small = prepared(spells, ties), spells[:, 2:].astype(float), 1e-5
    information = likelihood(weighted, covariates, slopes).information
    for row, step in enumerate(small * np.eye(2)):
        up, down = (likelihood(weighted, covariates, slopes + sign * step).score for sign in (1, -1))
        np.testing.assert_allclose(information[row], (down - up) / (2 * small), rtol=1e-6, atol=1e-6)


@SEEDLESS
@given(spells_drawn, rules, slopes_drawn)
def test_residuals_of_the_score_add_up_to_it_and_those_of_censoring_to_nothing(spells, ties, slopes):
    weighted, covariates = prepared(spells, ties), spells[:, 2:].astype(float)
    fit = likelihood(weighted, covariates, slopes)
    residuals = score_residuals(weighted, covariates, fit)
    np.testing.assert_allclose(residuals.sum(axis=0), fit.score, rtol=ROUNDING, atol=ROUNDING)
    of_censoring = censoring_residuals(weighted, covariates, fit)
    np.testing.assert_allclose(of_censoring.sum(axis=0), [0, 0], rtol=0, atol=ROUNDING)


@SEEDLESS
@given(st.integers(0, 10**6), rules)
def test_without_censoring_the_estimation_of_weights_adds_nothing(seed, ties):
    fit = fitted(many(seed, censored=False), ties)
    np.testing.assert_allclose(fit.covariance, fit.covariance_weights_known, rtol=ROUNDING)


@SEEDLESS
@given(st.integers(0, 10**6), rules, st.randoms(use_true_random=False))
def test_order_of_rows_length_of_days_and_origin_of_covariates_change_nothing(seed, ties, random):
    spells = many(seed)
    other = spells[random.sample(range(len(spells)), len(spells))] * [7, 1, 1, 1] + [0, 0, 40, -3]
    one, two = fitted(spells, ties), fitted(other, ties)
    np.testing.assert_allclose(two.coefficients, one.coefficients, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(two.covariance, one.covariance, rtol=1e-7, atol=1e-9)


@SEEDLESS
@given(st.integers(0, 10**6), st.sampled_from([-4.0, 0.01, 1000.0]))
def test_another_unit_of_a_covariate_scales_its_coefficient_alone(seed, unit):
    spells = many(seed)
    one, two = fitted(spells), fitted(spells * np.array([1, 1, unit, 1]))
    np.testing.assert_allclose(two.coefficients * [unit, 1], one.coefficients, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(two.se * [abs(unit), 1], one.se, rtol=1e-7)


@SEEDLESS
@given(st.integers(0, 10**6))
def test_every_row_twice_halves_the_variance_and_changes_no_coefficient(seed):
    spells = many(seed)
    once, twice = fitted(spells), fitted(np.vstack([spells, spells]))
    np.testing.assert_allclose(twice.coefficients, once.coefficients, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(2 * twice.covariance, once.covariance, rtol=1e-7, atol=1e-9)


@SEEDLESS
@given(st.integers(0, 10**6))
def test_the_tie_rules_agree_where_no_event_ties_with_a_censoring(seed):
    spells = many(seed)
    spells[:, 0] = 2 * spells[:, 0] + (spells[:, 1] == 0)
    crr, finegray = (fitted(spells, ties) for ties in CensoringTies)
    np.testing.assert_allclose(crr.coefficients, finegray.coefficients, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(crr.covariance, finegray.covariance, rtol=ROUNDING, atol=ROUNDING)
