"""Bounds with trends that may part: by hand, by linear programming, by simulation; and each refusal beside what is carried."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import t as student

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.difference_in_differences import EventStudy
from kaa_analysis.evaluation.cores.trend_bounds import breakdown_ratio, relative_magnitude_bounds

DIGITS = 1e-9
N_DRAWS = 1000
FOUR = 4


def study_of(before: list[float], after: list[float], covariance: np.ndarray, *, df: float = np.inf) -> EventStudy:
    """Return an event study of which only what the bounds read is filled in; ``before`` ends with the period before the reference."""
    value = np.array([*before, *after])
    relative = np.array([*range(-1 - len(before), -1), *range(len(after))])
    spread = np.sqrt(np.diag(covariance))
    return EventStudy(
        periods=relative, relative=relative, reference=-1, value=value, se=spread, df=np.full(len(value), df),
        lower=spread, upper=spread, level=0.95, n_clusters=30, covariance=covariance, influence=np.zeros((0, len(value))),
    )  # fmt: skip


def bounds_by_program(study: EventStudy, ratio: float, weights: np.ndarray) -> list[float]:
    """Return the least and largest mean effect over all paths after adoption whose steps are small enough, by linear programming."""
    before, after = study.value[study.relative < 0], study.value[study.relative >= 0]
    largest = ratio * np.abs(np.diff([*before, 0.0])).max()
    steps = np.eye(len(after)) - np.eye(len(after), k=-1)
    limits = {"A_ub": np.vstack([steps, -steps]), "b_ub": np.full(2 * len(after), largest), "bounds": (None, None)}
    return [weights @ after - linprog(-sign * weights, **limits).x @ weights for sign in (1, -1)]


def test_two_periods_after_add_one_and_a_half_steps_to_their_mean():
    """Steps 0.01 and −0.03 before; a step a period adds 1 and 2 of it: half of three. The largest goes by 0.03 · 1.5 · 2 at ratio 2."""
    study = study_of([0.02, 0.03], [0.1, 0.2], 1e-4 * np.eye(4), df=7)
    found = relative_magnitude_bounds(study, ratio=2)
    assert math.isclose(found.value, 0.15, rel_tol=DIGITS)
    np.testing.assert_allclose([found.set_lower, found.set_upper], [0.15 - 0.09, 0.15 + 0.09], rtol=DIGITS)
    step_to_reference = 0.01 * math.sqrt(1 / 2 + 9)
    step_before = 0.01 * math.sqrt(1 / 2 + 18)
    quantile = student.ppf(0.975, 7)
    lower = min(0.06 - quantile * step_to_reference, 0.12 - quantile * step_before)
    upper = max(0.24 + quantile * step_to_reference, 0.18 + quantile * step_before)
    np.testing.assert_allclose([found.lower, found.upper], [lower, upper], rtol=DIGITS)


def test_the_least_degrees_of_freedom_make_the_limits():
    study = study_of([0.02, 0.03], [0.1, 0.2], 1e-4 * np.eye(4), df=5)
    study.df[0] = 50
    half_width = student.ppf(0.975, 5) * 0.01 / math.sqrt(2)
    assert math.isclose(relative_magnitude_bounds(study, ratio=0).lower, 0.15 - half_width, rel_tol=DIGITS)


def test_parallel_trends_are_the_ratio_0():
    study = study_of([0.02, 0.03], [0.1, 0.2], 1e-4 * np.eye(4))
    found = relative_magnitude_bounds(study, ratio=0, level=0.9)
    assert found.set_lower == found.set_upper == found.value
    half_width = 1.6448536269514722 * 0.01 / math.sqrt(2)
    np.testing.assert_allclose([found.lower, found.upper], [0.15 - half_width, 0.15 + half_width], rtol=DIGITS)


@pytest.mark.parametrize("weights", [[1, 0, 0], [0, 0, 1], [1 / 3] * 3, [0.5, 0.7, -0.2], [-1, 0, 2]])
def test_bounds_are_the_least_and_largest_of_all_paths_that_are_allowed(weights):
    generator = np.random.default_rng(8)
    for ratio in (0.5, 1, 3):
        study = study_of(list(generator.normal(size=3)), list(generator.normal(size=3)), np.eye(6))
        found = relative_magnitude_bounds(study, ratio=ratio, weights=weights)
        theirs = bounds_by_program(study, ratio, np.array(weights, dtype=float))
        np.testing.assert_allclose([found.set_lower, found.set_upper], theirs, rtol=1e-7, atol=1e-9)
        assert found.lower < found.set_lower <= found.set_upper < found.upper


@pytest.mark.parametrize("pre", [[0.0, 0.0, 0.0], [0.03, 0.02, 0.01], [0.03, -0.03, 0.0], [0.001, 0.06, 0.0]])
@pytest.mark.parametrize("side", [-1, 1])
def test_limits_hold_an_effect_whose_trend_parts_as_far_as_is_allowed(pre, side):
    """The steps after adoption are all the largest before, upwards or downwards: the worst that the bounds are for."""
    generator = np.random.default_rng(23)
    effect, largest = 0.05, np.abs(np.diff([*pre, 0.0])).max()
    truth = np.array([*pre, effect + side * largest, effect + side * 2 * largest])
    covariance = 0.0001 * (np.eye(5) + 1)
    drawn = truth + generator.standard_normal((N_DRAWS, 5)) @ np.linalg.cholesky(covariance).T
    held = [
        bounds.lower <= effect <= bounds.upper
        for bounds in (relative_magnitude_bounds(study_of(list(one[:3]), list(one[3:]), covariance)) for one in drawn)
    ]
    assert np.mean(held) > 0.95 - FOUR * math.sqrt(0.95 * 0.05 / N_DRAWS)


def test_the_ratio_of_breakdown_is_where_the_limits_meet_no_effect():
    for sign in (1, -1):
        study = study_of([0.004, 0.002], [sign * 0.1, sign * 0.2], 1e-4 * np.eye(4))
        ratio = breakdown_ratio(study)
        bounds = relative_magnitude_bounds(study, ratio=ratio)
        assert math.isclose(bounds.lower if sign > 0 else bounds.upper, 0, abs_tol=1e-9)
    assert breakdown_ratio(study_of([0.004, 0.002], [0.01, 0.0], 1e-4 * np.eye(4))) == 0
    exact = study_of([0.0, 0.0], [0.1, 0.2], 1e-30 * np.eye(4))
    assert breakdown_ratio(exact) == math.inf


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ratio": -1}, "0 eller mer"),
        ({"ratio": math.inf}, "0 eller mer"),
        ({"level": 1}, "mellan 0 och 1"),
        ({"weights": [1, 1]}, "summa 2"),
        ({"weights": [1]}, "1 värden, 2 rader"),
    ],
)
def test_bounds_that_say_nothing_are_refused(given, message):
    study = study_of([0.02, 0.03], [0.1, 0.2], 1e-4 * np.eye(4))
    with pytest.raises(DefinitionError, match=message):
        relative_magnitude_bounds(study, **given)
    with pytest.raises(DefinitionError, match="en period före"):
        relative_magnitude_bounds(study_of([], [0.1, 0.2], 1e-4 * np.eye(2)))
    assert relative_magnitude_bounds(study).ratio == 1
