"""Balance before and after weighting, and the gate: worked out by hand, refusals beside their good twins."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.balance_gate import BalanceFailure, balance_gate
from kaa_analysis.evaluation.cores.covariate_balance import covariate_balance, weighted_balance
from kaa_analysis.evaluation.cores.propensity_score import propensity_score
from kaa_analysis.evaluation.cores.target_weights import target_weights

TREATED = np.array([1, 1, 1, 0, 0, 0, 0])
AGE = np.array([16.0, 18, 20, 15, 16, 17, 20])
NEAR = np.array([1, 0, 1, 0, 0, 1, 0])
WEIGHT = np.array([1, 1, 1, 0.5, 1, 2, 1])


def balance(**changed):
    given = {"treated": TREATED, "weight": WEIGHT, "denominator": "treated", "names": ["age", "near"]}
    return covariate_balance(np.column_stack([AGE, NEAR]), **{**given, **changed})


def test_differences_are_divided_by_the_treated_standard_deviation_before_weighting():
    found = balance()
    assert found.mean_before.tolist() == [[18.0, 2 / 3], [17.0, 0.25]]
    np.testing.assert_allclose(found.mean_after[1], [(7.5 + 16 + 34 + 20) / 4.5, 2 / 4.5])
    np.testing.assert_allclose(found.smd_before, [1 / 2, (2 / 3 - 1 / 4) / np.std([1, 0, 1], ddof=1)])
    np.testing.assert_allclose(found.smd_after[0], (18 - 77.5 / 4.5) / 2)


def test_the_pooled_denominator_is_the_root_of_the_mean_variance_before_weighting():
    found = balance(denominator="pooled")
    spread = np.sqrt((np.var([16, 18, 20], ddof=1) + np.var([15, 16, 17, 20], ddof=1)) / 2)
    np.testing.assert_allclose([found.smd_before[0], found.smd_after[0]], [1 / spread, (18 - 77.5 / 4.5) / spread])


def test_variance_ratios_and_effective_numbers_by_hand():
    found = balance()
    np.testing.assert_allclose(found.variance_ratio_before[0], 4 / np.var([15, 16, 17, 20], ddof=1))
    mean, weight = 77.5 / 4.5, WEIGHT[3:]
    weighted = (weight * (AGE[3:] - mean) ** 2).sum() / (4.5 - (weight**2).sum() / 4.5)
    np.testing.assert_allclose(found.variance_ratio_after[0], 4 / weighted)
    assert (found.n_rows.tolist(), found.n_effective.tolist()) == ([3, 4], [3.0, 4.5**2 / 6.25])


def test_a_covariate_without_spread_is_balanced_if_equal_and_not_defined_else():
    covariates = np.column_stack([np.full(7, 0.1), np.where(TREATED, 0.0, AGE), AGE])
    found = covariate_balance(covariates, treated=TREATED, weight=WEIGHT, denominator="treated", names=["a", "b", "c"])
    assert found.smd_after[0] == 0 and np.isnan(found.smd_after[1])
    gate = balance_gate(found)
    assert [(one.code, one.names) for one in gate.failures] == [("smd-over-limit", ("c",)), ("smd-not-defined", ("b",))]


@pytest.mark.parametrize(("target", "denominator"), [("ate", "pooled"), ("att", "treated"), ("overlap", "pooled")])
def test_the_denominator_follows_from_the_target(target, denominator):
    near, treated = np.tile(NEAR, 2)[:, None], np.tile(TREATED, 2)
    found = weighted_balance(near, weights=target_weights(propensity_score(near, treated), target=target))
    assert found.denominator == denominator
    assert found.smd_before[0] > 0.5
    assert found.smd_after[0] == pytest.approx(0, abs=1e-9)


def test_the_gate_passes_what_is_within_its_limit_and_stops_the_rest_with_codes_numbers_and_names():
    passed = balance_gate(balance(), largest_smd=1)
    assert passed.passed and passed.n_covariates == 2
    passed.require()
    stopped = balance_gate(balance(), variance_ratios=(0.99, 1.01), least_effective=3.5)
    assert [(one.code, one.number) for one in stopped.failures] == [
        (BalanceFailure.SMD_OVER_LIMIT, 2),
        (BalanceFailure.VARIANCE_RATIO_OUTSIDE, 2),
        (BalanceFailure.TOO_FEW_EFFECTIVE, 2),
    ]
    with pytest.raises(DefinitionError, match=r"smd-over-limit: 2 \(age, near\)"):
        stopped.require()


def test_the_limit_itself_passes():
    limit = abs(balance().smd_after).max()
    assert balance_gate(balance(), largest_smd=limit).passed
    assert not balance_gate(balance(), largest_smd=np.nextafter(limit, 0)).passed


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"weight": WEIGHT[:6]}, "6 vikter, 7 rader"),
        ({"weight": -WEIGHT}, "andra värden: 7 av 7"),
        ({"weight": np.where(np.arange(7) == 2, np.nan, 1)}, "andra värden: 1 av 7"),
        ({"weight": [1, 0, 0, 1, 1, 1, 1]}, "behandlade: 1, obehandlade: 4"),
        ({"denominator": "control"}, "kända: treated, pooled"),
        ({"names": ["age"]}, "var sitt namn"),
    ],
)
def test_what_cannot_be_balanced_is_refused(changed, told):
    with pytest.raises(DefinitionError, match=told):
        balance(**changed)
    assert balance(weight=[1, 1, 0, 1, 1, 0, 0]).n_effective.tolist() == [2, 2]


@pytest.mark.parametrize(
    "limits",
    [
        {"largest_smd": 0},
        {"largest_smd": float("nan")},
        {"largest_smd": "0.1"},
        {"variance_ratios": (2, 0.5)},
        {"least_effective": -1},
    ],
)
def test_limits_that_are_none_are_refused(limits):
    with pytest.raises(DefinitionError, match="gräns"):
        balance_gate(balance(), **limits)
