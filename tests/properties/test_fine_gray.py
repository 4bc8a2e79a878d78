"""What always holds of Fine and Gray's regression: a slow twin with one weight per spell and time, and what may not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.fine_gray import FineGray, fine_gray
from kaa_analysis.survival.cores.retained_weight import CensoringTies
from kaa_analysis.survival.cores.subdistribution import (
    Subdistribution,
    likelihood,
    retention_residuals,
    score_residuals,
    subdistribution,
)
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.weighted_spells import weighted_spells

ROUNDING = 1e-9
"""Both sides are the same sums in another order."""
FITTED = {"rtol": 1e-7, "atol": 1e-9}
"""Two fits by Newton's method."""
COMPLEX_STEP = 1e-30
SEEDLESS = settings(derandomize=True, max_examples=80, deadline=None)
N_CAUSES = 2
ENTRY, EXIT = np.eye(6, dtype=int)[:2]
"""A day in the first and in the second column of `many`."""

covariates_drawn = (st.integers(-2, 2), st.integers(0, 1))
counts_drawn = (st.sampled_from([0.5, 1.0, 1.7, 3.0]), st.sampled_from([0.5, 1.0, 2.0]))
from_0 = st.tuples(st.just(0), st.integers(0, 8), st.integers(0, N_CAUSES), *covariates_drawn, *counts_drawn)
late = st.tuples(st.integers(1, 5), st.integers(1, 4), st.integers(0, N_CAUSES), *covariates_drawn, *counts_drawn)
spells_drawn = st.lists(st.one_of(from_0, from_0, late), min_size=3, max_size=20).map(
    lambda rows: np.array([(start, start + length, *rest) for start, length, *rest in rows])
)
"""Entry, exit, cause, two covariates, weight in the likelihood and in G and H."""
slopes_drawn = st.tuples(st.floats(-1, 1), st.floats(-1, 1)).map(np.array)
rules = st.sampled_from(CensoringTies)


def retained_by_hand(spells: np.ndarray, ties: CensoringTies, counted: np.ndarray) -> dict[float, np.ndarray]:
    """Return every spell's weight in the risk set of each exit time, shape (n,): G time by time, H entry by entry."""
    entry, exit_, cause = spells.T[:3]
    not_censored, entered = {}, {}
    for time in np.unique(exit_):
        exposed = (exit_ >= time) & ((entry < time) | (entry == 0))
        exposed &= (exit_ > time) | (cause == 0) | (ties == "crr")
        censored = (exit_ == time) & (cause == 0)
        not_censored[time] = 1 - counted[censored].sum() / counted[exposed].sum() if exposed.any() else 1.0
    for time in np.unique(entry[entry > 0]):
        there, earlier = (entry <= time) & (exit_ > time), (entry < time) & (exit_ > time)
        entered[time] = counted[earlier].sum() / counted[there].sum() if earlier.any() else 0.0
    weights = {}
    for time in np.unique(exit_):
        of_time = np.where((exit_ >= time) & ((entry < time) | (entry == 0)), 1.0 + 0j, 0j)
        for row in np.flatnonzero((cause == 2) & (exit_ < time)):
            between = [share for at, share in entered.items() if exit_[row] <= at < time]
            staying = np.prod([share for at, share in not_censored.items() if exit_[row] <= at < time])
            of_time[row] = staying / np.prod(between) if all(between) else np.inf
        weights[time] = of_time
    return weights


def log_likelihood_and_score_by_hand(
    spells: np.ndarray, ties: CensoringTies, slopes: np.ndarray, *, weight: np.ndarray, counted: np.ndarray
) -> tuple[complex, np.ndarray]:
    exit_, cause, covariates = spells[:, 1], spells[:, 2], spells[:, 3:5]
    linear, value, score = covariates @ slopes, 0j, np.zeros(2, dtype=complex)
    for time, retained in retained_by_hand(spells, ties, counted).items():
        events = (exit_ == time) & (cause == 1)
        if not events.any():
            continue
        relative = weight * retained * np.exp(linear)
        value += (weight * (linear - np.log(relative.sum())))[events].sum()
        score += weight[events] @ (covariates[events] - relative @ covariates / relative.sum())
    return value, score


def emptied_in_between(spells: np.ndarray) -> bool:
    """Return True if someone who has left another way has no weight at a later event."""
    weights = retained_by_hand(spells, CensoringTies.FINEGRAY, np.ones(len(spells)))
    return any(np.isinf(weights[time]).any() for time in spells[spells[:, 2] == 1, 1])


def prepared(spells: np.ndarray, ties: CensoringTies) -> Subdistribution:
    grid, cause = time_grid(spells[:, 0], spells[:, 1]), spells[:, 2].astype(int)
    weighted, counted = (
        weighted_spells(grid, cause, n_causes=N_CAUSES, weight=weight, cluster=None) for weight in spells.T[5:7]
    )
    return subdistribution(weighted, ties=ties, counted=counted)


def fitted(spells: np.ndarray, **asked) -> FineGray:
    entry, exit_, cause = spells[:, :3].T
    return fine_gray(entry, exit_, cause, spells[:, 3:5], n_causes=N_CAUSES, **asked)


def many(seed: int, *, censored: bool = True, delayed: bool = False) -> np.ndarray:
    """Return sixty spells on which a fit always exists; the last outlives the others."""
    random = np.random.default_rng(seed)
    entry = np.where(random.random(60) < 0.4, random.integers(1, 7, 60), 0) if delayed else np.zeros(60, dtype=int)
    length, cause = random.integers(1 if delayed else 0, 12, 60), random.integers(0 if censored else 1, 3, 60)
    spells = np.column_stack(
        [entry, entry + length, cause, random.integers(-2, 3, 60), random.integers(0, 2, 60), random.integers(1, 4, 60)]
    )
    spells[-1, :3] = 0, 30, 0 if censored else 1
    return spells


def assert_same(one: FineGray, two: FineGray) -> None:
    np.testing.assert_allclose(two.coefficients, one.coefficients, **FITTED)
    np.testing.assert_allclose(two.covariance, one.covariance, **FITTED)
    np.testing.assert_allclose(two.covariance_weights_known, one.covariance_weights_known, **FITTED)


@SEEDLESS
@given(spells_drawn)
def test_a_risk_set_is_refused_just_where_a_weight_has_no_bound(spells):
    if emptied_in_between(spells):
        with pytest.raises(DefinitionError, match=r"om ingen är kvar däremellan"):
            prepared(spells, CensoringTies.FINEGRAY)
    else:
        assert np.isfinite(prepared(spells, CensoringTies.FINEGRAY).kept).all()


@SEEDLESS
@given(spells_drawn.filter(lambda spells: not emptied_in_between(spells)), rules, slopes_drawn)
def test_likelihood_and_its_gradient_equal_those_worked_out_with_every_weight(spells, ties, slopes):
    ours = likelihood(prepared(spells, ties), spells[:, 3:5], slopes)
    value, score = log_likelihood_and_score_by_hand(spells, ties, slopes, weight=spells[:, 5], counted=spells[:, 6])
    np.testing.assert_allclose(ours.value, value.real, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(ours.score, score.real, rtol=ROUNDING, atol=ROUNDING)


@SEEDLESS
@given(spells_drawn.filter(lambda spells: not emptied_in_between(spells)), rules, slopes_drawn)
def test_information_is_the_slope_of_the_gradient(spells, ties, slopes):
    weighted, covariates, small = prepared(spells, ties), spells[:, 3:5], 1e-5
    information = likelihood(weighted, covariates, slopes).information
    for row, step in enumerate(small * np.eye(2)):
        up, down = (likelihood(weighted, covariates, slopes + sign * step).score for sign in (1, -1))
        np.testing.assert_allclose(information[row], (down - up) / (2 * small), rtol=1e-6, atol=1e-6)


@SEEDLESS
@given(spells_drawn.filter(lambda spells: not emptied_in_between(spells)), rules, slopes_drawn)
def test_residuals_of_the_score_add_up_to_it_and_those_of_g_and_h_to_nothing(spells, ties, slopes):
    weighted, covariates = prepared(spells, ties), spells[:, 3:5]
    fit = likelihood(weighted, covariates, slopes)
    residuals = score_residuals(weighted, covariates, fit)
    np.testing.assert_allclose(residuals.sum(axis=0), fit.score, rtol=ROUNDING, atol=ROUNDING)
    of_g_and_h = retention_residuals(weighted, covariates, fit)
    np.testing.assert_allclose(of_g_and_h.sum(axis=0), [0, 0], rtol=0, atol=ROUNDING)


def derivatives_of_the_score(spells: np.ndarray, slopes: np.ndarray, *, of_counted: bool) -> np.ndarray:
    """Return the derivative of the score by each spell's weight (or that in G and H), times it, shape (n, 2)."""
    rows = []
    for row in range(len(spells)):
        step = np.zeros((2, len(spells)), dtype=complex)
        step[int(of_counted), row] = 1j * COMPLEX_STEP
        weight, counted = spells[:, 5:7].T * (1 + step)
        _, score = log_likelihood_and_score_by_hand(
            spells, CensoringTies.FINEGRAY, slopes, weight=weight, counted=counted
        )
        rows.append(score.imag / COMPLEX_STEP)
    return np.array(rows)


@SEEDLESS
@given(spells_drawn.filter(lambda spells: not emptied_in_between(spells)), slopes_drawn)
def test_score_residuals_are_the_derivatives_by_the_weights(spells, slopes):
    weighted = prepared(spells, CensoringTies.FINEGRAY)
    ours = score_residuals(weighted, spells[:, 3:5], likelihood(weighted, spells[:, 3:5], slopes))
    theirs = derivatives_of_the_score(spells, slopes, of_counted=False)
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING)


@SEEDLESS
@given(spells_drawn, slopes_drawn)
def test_residuals_of_h_are_the_derivatives_by_the_weights_in_it(spells, slopes):
    spells[:, 2] = np.maximum(spells[:, 2], 1)
    if emptied_in_between(spells):
        return
    weighted = prepared(spells, CensoringTies.FINEGRAY)
    ours = retention_residuals(weighted, spells[:, 3:5], likelihood(weighted, spells[:, 3:5], slopes))
    theirs = derivatives_of_the_score(spells, slopes, of_counted=True)
    np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING)


@SEEDLESS
@given(st.integers(0, 10**6), rules)
def test_without_censoring_the_estimation_of_weights_adds_nothing(seed, ties):
    fit = fitted(many(seed, censored=False), ties=ties)
    np.testing.assert_allclose(fit.covariance, fit.covariance_weights_known, rtol=ROUNDING)


@SEEDLESS
@given(st.integers(0, 10**6), st.booleans(), st.randoms(use_true_random=False))
def test_order_of_rows_length_of_days_and_origin_of_covariates_change_nothing(seed, delayed, random):
    spells = many(seed, delayed=delayed)
    other = spells[random.sample(range(len(spells)), len(spells))] * [7, 7, 1, 1, 1, 1] + [0, 0, 0, 40, -3, 0]
    assert_same(fitted(spells), fitted(other))


@SEEDLESS
@given(st.integers(0, 10**6), st.integers(1, 1000), st.booleans())
def test_a_later_time_zero_of_all_changes_nothing(seed, later, delayed):
    spells = many(seed, delayed=delayed) + EXIT
    assert_same(fitted(spells), fitted(spells + later * (ENTRY + EXIT)))


@SEEDLESS
@given(st.integers(0, 10**6), st.sampled_from([-4.0, 0.01, 1000.0]), st.booleans())
def test_another_unit_of_a_covariate_scales_its_coefficient_alone(seed, unit, delayed):
    spells = many(seed, delayed=delayed)
    one, two = fitted(spells), fitted(spells * np.array([1, 1, 1, unit, 1, 1]))
    np.testing.assert_allclose(two.coefficients * [unit, 1], one.coefficients, **FITTED)
    np.testing.assert_allclose(two.se * [abs(unit), 1], one.se, rtol=1e-7)


@SEEDLESS
@given(st.integers(0, 10**6), st.booleans())
def test_every_row_twice_halves_the_variance_and_changes_no_coefficient(seed, delayed):
    spells = many(seed, delayed=delayed)
    once, twice = fitted(spells), fitted(np.vstack([spells, spells]))
    np.testing.assert_allclose(twice.coefficients, once.coefficients, **FITTED)
    np.testing.assert_allclose(2 * twice.covariance, once.covariance, **FITTED)


@SEEDLESS
@given(st.integers(0, 10**6), st.booleans(), st.integers(2, 25))
def test_every_row_twice_under_the_same_cluster_changes_nothing(seed, delayed, n_clusters):
    spells, cluster = many(seed, delayed=delayed), np.arange(60) % n_clusters
    once = fitted(spells, cluster=cluster)
    assert_same(once, fitted(np.vstack([spells, spells]), cluster=np.tile(cluster, 2)))
    assert_same(once, fitted(spells, cluster=[f"kluster {code}" for code in cluster[::-1]][::-1]))


@SEEDLESS
@given(st.integers(0, 10**6), st.booleans())
def test_a_whole_weight_is_as_many_rows_of_one_cluster(seed, delayed):
    spells = many(seed, delayed=delayed)
    rows = np.repeat(np.arange(60), spells[:, 5])
    assert_same(fitted(spells, weight=spells[:, 5]), fitted(spells[rows], cluster=rows))


@SEEDLESS
@given(st.integers(0, 10**6), st.booleans(), st.sampled_from([1e-12, 7.0, 1e9]), st.booleans())
def test_the_unit_of_the_weights_does_not_matter(seed, delayed, unit, weighted_g):
    spells = many(seed, delayed=delayed)
    one, two = (fitted(spells, weight=weight, weighted_g=weighted_g) for weight in (spells[:, 5], unit * spells[:, 5]))
    assert_same(one, two)


@SEEDLESS
@given(st.integers(0, 10**6))
def test_weights_in_g_and_h_matter_only_where_there_is_something_to_estimate(seed):
    spells = many(seed, censored=False)
    assert_same(fitted(spells, weight=spells[:, 5]), fitted(spells, weight=spells[:, 5], weighted_g=False))


@SEEDLESS
@given(st.integers(0, 10**6))
def test_the_tie_rules_agree_where_no_event_ties_with_a_censoring(seed):
    spells = many(seed)
    spells[:, 1] = 2 * spells[:, 1] + (spells[:, 2] == 0)
    crr, finegray = (fitted(spells, ties=ties) for ties in CensoringTies)
    np.testing.assert_allclose(crr.coefficients, finegray.coefficients, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(crr.covariance, finegray.covariance, rtol=ROUNDING, atol=ROUNDING)
