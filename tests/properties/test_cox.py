"""What always holds of the Cox model, whatever the rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival import cox, proportional_hazards_test, standardised_curve

SEEDLESS = settings(derandomize=True, max_examples=40, deadline=None)
ROUNDING = 1e-7
"""Both sides take the same steps over the same sums in another order."""
N = 40
TIES = pytest.mark.parametrize("ties", ["efron", "breslow"])

seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int) -> dict[str, np.ndarray]:
    """Return 40 rows with heavy ties, delayed entry, two covariates, three strata, weights and clusters."""
    random = np.random.default_rng(seed)
    entry = random.integers(0, 4, N)
    return {
        "entry": entry,
        "exit": entry + random.integers(1, 9, N),
        "event": random.random(N) < 0.7,
        "covariates": np.column_stack([random.normal(size=N), random.normal(size=N) + 5]),
        "strata": random.integers(0, 3, N),
        "weight": random.integers(1, 4, N) / 2,
        "cluster": random.integers(0, 15, N),
    }


def fitted(rows: dict[str, np.ndarray], **given):
    rows = rows | given
    arrays = [rows.pop(name) for name in ("entry", "exit", "event", "covariates")]
    return cox(*arrays, **rows)


def twice(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([values, values]) for name, values in rows.items()}


def assert_same_model(one, other) -> None:
    for name in ("coefficients", "se", "model_variance", "loglik", "loglik_null"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=ROUNDING, err_msg=name)
    for name in ("likelihood_ratio", "wald", "score", "robust_score"):
        ours, theirs = getattr(one, name).statistic, getattr(other, name).statistic
        np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=ROUNDING, err_msg=name)


def loglik_by_hand(rows: dict[str, np.ndarray], coefficients: np.ndarray, *, ties: str) -> float:
    """Return the log partial likelihood from one risk set after the other."""
    entry, exit_, event, strata, weight = (rows[name] for name in ("entry", "exit", "event", "strata", "weight"))
    predictor = rows["covariates"] @ coefficients
    risk, total = weight * np.exp(predictor), 0.0
    for stratum in np.unique(strata):
        own = strata == stratum
        for time in np.unique(exit_[own & event]):
            tied = own & event & (exit_ == time)
            at_risk = own & ((entry < time) | (entry == 0)) & (exit_ >= time)
            total += weight[tied] @ predictor[tied]
            for place in range(tied.sum()):
                gone = place / tied.sum() if ties == "efron" else 0
                total -= weight[tied].mean() * np.log(risk[at_risk].sum() - gone * risk[tied].sum())
    return total


@TIES
@SEEDLESS
@given(seeds)
def test_the_likelihood_is_that_of_one_risk_set_after_the_other_and_nowhere_higher_near_by(ties, seed):
    rows = drawn(seed)
    model = fitted(rows, ties=ties)
    np.testing.assert_allclose(loglik_by_hand(rows, model.coefficients, ties=ties), model.loglik, rtol=ROUNDING)
    for step in np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) * 0.01:
        assert loglik_by_hand(rows, model.coefficients + step, ties=ties) < model.loglik


@TIES
@SEEDLESS
@given(seeds)
def test_the_order_of_rows_and_the_names_of_strata_and_clusters_change_nothing(ties, seed):
    rows = drawn(seed)
    order = np.random.default_rng(seed).permutation(N)
    other = {name: values[order] for name, values in rows.items()}
    other |= {"strata": np.array(["c", "a", "b"])[other["strata"]], "cluster": -other["cluster"] / 2}
    assert_same_model(fitted(rows, ties=ties), fitted(other, ties=ties))


@TIES
@SEEDLESS
@given(seeds, st.integers(1, 9))
def test_rows_split_at_an_inner_time_under_the_same_cluster_change_nothing(ties, seed, time):
    rows = drawn(seed)
    inner = (rows["entry"] < time) & (time < rows["exit"])
    before = {name: values[inner] for name, values in rows.items()}
    before |= {"exit": np.full(inner.sum(), time), "event": np.zeros(inner.sum(), dtype=bool)}
    after = rows | {"entry": np.where(inner, time, rows["entry"])}
    split = {name: np.concatenate([values, before[name]]) for name, values in after.items()}
    whole, parts = fitted(rows, ties=ties), fitted(split, ties=ties)
    assert_same_model(whole, parts)
    for transform in ("km", "identity", "log"):
        tests = [proportional_hazards_test(model, transform=transform).statistic for model in (whole, parts)]
        np.testing.assert_allclose(*tests, rtol=ROUNDING, atol=ROUNDING)


@TIES
@SEEDLESS
@given(seeds, st.integers(1, 1000))
def test_shifting_time_changes_nothing(ties, seed, shift):
    rows = drawn(seed)
    later = rows | {"entry": rows["entry"] + shift, "exit": rows["exit"] + shift}
    assert_same_model(fitted(rows, ties=ties), fitted(later, ties=ties))


@TIES
@SEEDLESS
@given(seeds)
def test_another_unit_and_zero_of_the_covariates_changes_the_unit_of_the_coefficients_alone(ties, seed):
    rows = drawn(seed)
    model, other = (
        fitted(rows, ties=ties),
        fitted(rows, covariates=rows["covariates"] * [10, 0.1] - [7, 1e3], ties=ties),
    )
    np.testing.assert_allclose(other.coefficients * [10, 0.1], model.coefficients, rtol=ROUNDING)
    np.testing.assert_allclose(other.se * [10, 0.1], model.se, rtol=ROUNDING)
    curves = [
        standardised_curve(one, covariates, stratum=0).survival
        for one, covariates in ((model, rows["covariates"]), (other, rows["covariates"] * [10, 0.1] - [7, 1e3]))
    ]
    np.testing.assert_allclose(*curves, rtol=ROUNDING)


@TIES
@SEEDLESS
@given(seeds)
def test_a_row_of_weight_zero_is_not_there(ties, seed):
    rows = drawn(seed)
    kept = np.random.default_rng(seed).random(N) < 0.8
    there = {name: values[kept] for name, values in rows.items()}
    assert_same_model(fitted(rows, weight=rows["weight"] * kept, ties=ties), fitted(there, ties=ties))


@SEEDLESS
@given(seeds)
def test_weight_two_is_the_row_twice_with_breslow(seed):
    rows = drawn(seed)
    heavy = fitted(rows, weight=2 * rows["weight"], ties="breslow")
    assert_same_model(fitted(twice(rows), ties="breslow"), heavy)


@TIES
@SEEDLESS
@given(seeds)
def test_every_weight_twice_changes_the_model_variance_alone(ties, seed):
    rows = drawn(seed)
    once, double = fitted(rows, ties=ties), fitted(rows, weight=2 * rows["weight"], ties=ties)
    np.testing.assert_allclose(double.coefficients, once.coefficients, rtol=ROUNDING)
    np.testing.assert_allclose(double.se, once.se, rtol=ROUNDING)
    np.testing.assert_allclose(2 * double.model_variance, once.model_variance, rtol=ROUNDING)


@SEEDLESS
@given(seeds)
def test_every_row_twice_under_the_same_cluster_changes_no_clustered_error_with_breslow(seed):
    rows = drawn(seed)
    once, double = fitted(rows, ties="breslow"), fitted(twice(rows), ties="breslow")
    np.testing.assert_allclose(double.coefficients, once.coefficients, rtol=ROUNDING)
    np.testing.assert_allclose(double.se, once.se, rtol=ROUNDING)


@TIES
@SEEDLESS
@given(seeds)
def test_the_influence_of_a_row_is_the_change_of_the_coefficients_with_its_weight(ties, seed):
    rows, step = drawn(seed), 1e-4
    change = step * (np.arange(N) == seed % N)
    up, down = (fitted(rows, weight=rows["weight"] + sign * change, ties=ties).coefficients for sign in (1, -1))
    by_hand = (up - down) / (2 * step) * rows["weight"][seed % N]
    np.testing.assert_allclose(fitted(rows, ties=ties).influence[seed % N], by_hand, rtol=1e-3, atol=1e-5)
