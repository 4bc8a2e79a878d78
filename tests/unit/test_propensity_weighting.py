"""Scores, weights and weighted differences: worked out by hand, and each refusal beside its good twin."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.crude_difference import crude_difference
from kaa_analysis.evaluation.cores.propensity_score import propensity_score
from kaa_analysis.evaluation.cores.score_overlap import score_overlap
from kaa_analysis.evaluation.cores.target_weights import target_weights
from kaa_analysis.evaluation.cores.weighted_difference import weighted_difference

NEAR = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
TREATED = np.array([1, 0, 0, 0, 1, 1, 1, 1, 0, 0])
OUTCOME = np.array([5.0, 1, 2, 3, 7, 9, 6, 6, 4, 2])
AGE = np.array([16.0, 17, 18, 19, 16, 17, 18, 19, 16, 17])
ROUNDING = 1e-9


def near_score():
    return propensity_score(NEAR[:, None], TREATED, names=["near"])


def test_score_on_one_group_or_the_other_is_the_share_treated_in_each():
    np.testing.assert_allclose(near_score().score, np.where(NEAR, 3 / 5, 2 / 5), rtol=ROUNDING)


def test_coefficients_are_the_log_odds_and_their_robust_variance_sums_over_the_cells():
    found = near_score()
    log_odds = np.log([2 / 3, 3 / 2])
    assert found.names == ("konstant", "near")
    np.testing.assert_allclose(found.coefficients, [log_odds[0], log_odds[1] - log_odds[0]], rtol=ROUNDING)
    # A log odds of 2 in 5 has the variance 1/2 + 1/3; the difference of two independent ones the sum.
    variance = np.diag(found.influence.T @ found.influence)
    np.testing.assert_allclose(variance, [1 / 2 + 1 / 3, 2 * (1 / 2 + 1 / 3)], rtol=ROUNDING)


@pytest.mark.parametrize(
    ("target", "shares"),
    [("ate", [0.5, 0.5]), ("att", [2 / 5, 3 / 5]), ("overlap", [0.5, 0.5])],
)
def test_weighted_difference_is_that_of_each_stratum_by_its_share_of_the_target(target, shares):
    """With a score of its own in each stratum weighting is standardising: differences 4 and 4, or by the treated's strata."""
    outcome = OUTCOME + NEAR
    differences = [
        outcome[(near == NEAR) & (TREATED == 1)].mean() - outcome[(near == NEAR) & (TREATED == 0)].mean()
        for near in (0, 1)
    ]
    assert differences == [4, 4]
    outcome = np.where(TREATED * NEAR, outcome + 2, outcome)
    found = weighted_difference(outcome, weights=target_weights(near_score(), target=target))
    assert found.value == pytest.approx(shares[0] * 4 + shares[1] * 6)


def test_standard_error_of_a_stratified_difference_is_that_within_strata_when_strata_and_effect_are_independent():
    """With the score in it the variance is that of standardising: shares squared times variances of the means, plus that of the strata's effects (none here)."""
    found = weighted_difference(OUTCOME, weights=target_weights(near_score(), target="ate"))
    variance = sum(
        0.25 * (OUTCOME[cell].var() / cell.sum())
        for near in (0, 1)
        for arm in (0, 1)
        for cell in [(near == NEAR) & (arm == TREATED)]
    )
    effects = [4.0, 4.0]
    assert np.ptp(effects) == 0
    assert found.se == pytest.approx(np.sqrt(variance))


def test_truncation_brings_weights_to_the_named_quantiles_and_tells_how_many():
    score = propensity_score(np.column_stack([AGE, NEAR]), TREATED)
    free = target_weights(score, target="ate")
    assert (free.truncated_at, free.n_truncated) == ((0.0, np.inf), (0, 0))
    cut = target_weights(score, target="ate", truncation=(0.2, 0.8))
    low, high = np.sort(free.weight)[[1, 7]]
    assert cut.truncated_at == (low, high)
    np.testing.assert_array_equal(cut.weight, np.clip(free.weight, low, high))
    assert cut.n_truncated == ((free.weight < low).sum(), (free.weight > high).sum())
    assert ((cut.slope == 0) == (free.weight < low) | (free.weight > high)).all()


def test_weights_for_the_treated_are_truncated_among_the_untreated_alone():
    score = propensity_score(np.column_stack([AGE, NEAR]), TREATED)
    cut = target_weights(score, target="att", truncation=(0, 0.6))
    assert (cut.weight[TREATED == 1] == 1).all()
    assert cut.truncated_at[1] == np.sort(target_weights(score, target="att").weight[TREATED == 0])[2]


def test_crude_difference_by_hand_and_with_each_cluster_a_row():
    found = crude_difference(OUTCOME, TREATED)
    treated, untreated = OUTCOME[TREATED == 1], OUTCOME[TREATED == 0]
    assert found.value == pytest.approx(treated.mean() - untreated.mean())
    assert found.se == pytest.approx(np.sqrt(treated.var(ddof=1) / 5 + untreated.var(ddof=1) / 5))
    twice = crude_difference(np.tile(OUTCOME, 2), np.tile(TREATED, 2), cluster=np.tile(np.arange(10), 2))
    assert (twice.value, twice.se) == (pytest.approx(found.value), pytest.approx(found.se))


def test_overlap_tells_quantiles_of_each_group_and_who_has_nobody_like_them():
    found = score_overlap(propensity_score(AGE[:, None], TREATED), probabilities=[0, 0.5, 1])
    assert found.quantiles.shape == (2, 3)
    assert found.n_outside.tolist() == [0, 0]
    apart = score_overlap(propensity_score(np.where(TREATED, AGE, AGE - 1.5)[:, None], TREATED))
    assert apart.n_outside.tolist() == [2, 3]


@pytest.mark.filterwarnings("error")
def test_a_covariate_that_tells_the_treated_without_error_is_refused_and_one_exception_carried():
    told = np.where(TREATED, 3.0, 1.0) + 0.1 * NEAR
    with pytest.raises(DefinitionError, match="separation") as refused:
        propensity_score(np.column_stack([AGE, told]), TREATED, names=["age", "distans"])
    assert refused.value.found == ("skiljer åt: distans",)
    told[0] = 1.0
    assert propensity_score(np.column_stack([AGE, told]), TREATED).score.max() < 1


def test_a_level_that_only_treated_have_is_refused_and_one_that_both_have_carried():
    only = np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    with pytest.raises(DefinitionError, match="separation"):
        propensity_score(np.column_stack([NEAR, only]), TREATED, names=["near", "only"])
    assert propensity_score(np.column_stack([NEAR, only + (np.arange(10) == 1)]), TREATED).coefficients.shape == (3,)


@pytest.mark.parametrize(
    ("second", "found"),
    [
        (np.full(10, 4.0), "second: samma värde"),
        (3 * AGE - 2, "second: följer av age"),
        (2 * NEAR + AGE, "följer av age, near"),
    ],
)
def test_covariates_that_nothing_tells_apart_are_refused_by_name(second, found):
    with pytest.raises(DefinitionError, match=found):
        propensity_score(np.column_stack([AGE, NEAR, second]), TREATED, names=["age", "near", "second"])
    near_same = second + np.array([0.5, 0, 0.5, 0, 0, 0, 0.1, 0, 0.5, 0])
    assert propensity_score(np.column_stack([AGE, NEAR, near_same]), TREATED).coefficients.shape == (4,)


def test_more_coefficients_than_rows_missing_values_and_one_group_are_refused():
    with pytest.raises(DefinitionError, match="fler rader än koefficienter"):
        propensity_score(np.random.default_rng(1).normal(size=(10, 9)), TREATED)
    with pytest.raises(DefinitionError, match="near: saknas på 1 av 10"):
        propensity_score(np.where(np.arange(10) == 3, np.nan, NEAR)[:, None], TREATED, names=["near"])
    with pytest.raises(DefinitionError, match="både behandlade och obehandlade"):
        propensity_score(NEAR[:, None], np.ones(10))
    with pytest.raises(DefinitionError, match="0 eller 1"):
        propensity_score(NEAR[:, None], TREATED * 2)


def test_one_row_that_outweighs_its_group_is_refused_until_it_is_truncated():
    untreated = np.append(np.linspace(10, 12, 30), 30.0)
    age, treated = np.append(untreated, 40 - untreated), np.repeat([0, 1], 31)
    score = propensity_score(age[:, None], treated)
    with pytest.raises(DefinitionError, match="överlappar inte") as refused:
        target_weights(score, target="ate")
    assert len(refused.value.found) == 2
    assert target_weights(score, target="overlap").weight.max() <= 1
    assert target_weights(score, target="ate", truncation=(0, 0.95)).n_truncated == (0, 2)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("target", ["ate", "att", "overlap"])
def test_a_row_so_far_away_that_its_score_is_1_to_rounding_weighs_as_it_should(target):
    draw = np.random.default_rng(7)
    x, treated = draw.normal(size=300), draw.integers(0, 2, size=300)
    treated = np.where(draw.random(300) < 0.5, treated, x > 0).astype(int)
    outcome = x + draw.normal(size=300)
    near = weighted_difference(outcome, weights=target_weights(propensity_score(x[:, None], treated), target=target))
    x, treated, outcome = np.append(x, 100.0), np.append(treated, 1), np.append(outcome, outcome.mean())
    score = propensity_score(x[:, None], treated)
    assert score.score[-1] == 1
    found = weighted_difference(outcome, weights=target_weights(score, target=target))
    assert found.value == pytest.approx(near.value, abs=near.se / 4)
    assert found.se == pytest.approx(near.se, rel=0.05)


def test_one_cluster_in_a_group_is_refused_and_two_are_carried():
    weights = target_weights(near_score(), target="ate")
    lone = np.where(TREATED, 0, np.arange(10))
    with pytest.raises(DefinitionError, match="kluster: 1 behandlade, 5 obehandlade"):
        weighted_difference(OUTCOME, weights=weights, cluster=lone)
    with pytest.raises(DefinitionError, match="kluster: 1 behandlade"):
        crude_difference(OUTCOME, TREATED, cluster=lone)
    lone[0] = 77
    assert weighted_difference(OUTCOME, weights=weights, cluster=lone).se > 0
    with pytest.raises(DefinitionError, match="utan: 1 av 10"):
        weighted_difference(OUTCOME, weights=weights, cluster=["a", None, *"bcdefghi"])
    with pytest.raises(DefinitionError, match="9 värden, 10 rader"):
        weighted_difference(OUTCOME, weights=weights, cluster=np.arange(9))


@pytest.mark.parametrize(
    ("outcome", "told"),
    [(OUTCOME[:9], "9 värden, 10 rader"), (np.full(10, 3.0), "ska variera"), ([*OUTCOME[:9], None], "saknas: 1 av 10")],
)
def test_outcomes_that_cannot_be_compared_are_refused(outcome, told):
    with pytest.raises(DefinitionError, match=told):
        weighted_difference(outcome, weights=target_weights(near_score(), target="ate"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"target": "atte"}, 'menade du "att"|menade du "ate"'),
        ({"target": "ate", "truncation": (0.9, 0.1)}, "två kvantiler"),
        ({"target": "ate", "truncation": (0.1, 1.1)}, "två kvantiler"),
        ({"target": "ate", "truncation": (0.5,)}, "två kvantiler"),
    ],
)
def test_unknown_targets_and_quantiles_are_refused(given, told):
    with pytest.raises(DefinitionError, match=told):
        target_weights(near_score(), **given)
