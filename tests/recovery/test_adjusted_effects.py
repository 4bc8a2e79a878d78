"""Adjusted effects find a known truth: unbiased with one of two models wrong, and intervals that cover it, censored outcomes too."""

import numpy as np
import pytest

from kaa_analysis.evaluation.cores.augmented_difference import augmented_difference
from kaa_analysis.evaluation.cores.crude_difference import crude_difference
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate
from kaa_analysis.evaluation.cores.horizon_outcome import incidence_outcome, kept_time_outcome
from kaa_analysis.evaluation.cores.propensity_score import propensity_score
from kaa_analysis.evaluation.cores.target_weights import target_weights
from kaa_analysis.evaluation.cores.weighted_difference import weighted_difference

N_DRAWS = 120
N_PERSONS = 600
BEYOND = 3.3
"""Standard errors of a mean over the draws, and of a share covered: passed once in a thousand times by chance."""
LEVEL = 0.95
COVERED = LEVEL - BEYOND * np.sqrt(LEVEL * (1 - LEVEL) / N_DRAWS)
HORIZON = 2.0


def shares(linear: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-linear))


def assert_found(found: list[EffectEstimate], truth: float) -> None:
    values = np.array([one.value for one in found])
    assert abs(values.mean() - truth) < BEYOND * values.std(ddof=1) / np.sqrt(len(found))
    assert np.mean([one.lower <= truth <= one.upper for one in found]) >= COVERED


def assert_missed(found: list[EffectEstimate], truth: float) -> None:
    values = np.array([one.value for one in found])
    assert abs(values.mean() - truth) > BEYOND * values.std(ddof=1) / np.sqrt(len(found))


def persons(draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    """Return what may be adjusted for, who is treated, the outcome, and the effects on all and on the treated among these.

    The covariates are bounded, so that the weights are too: of weights without a variance no standard error holds.
    """
    base = draw.uniform(-np.sqrt(3), np.sqrt(3), size=N_PERSONS)
    curved = base**2 - 1
    probability = shares(0.7 * base + 0.5 * curved)
    treated = draw.random(N_PERSONS) < probability
    effect = 1 + 0.5 * base
    outcome = base + curved + effect * treated + draw.normal(size=N_PERSONS)
    return np.column_stack([base, curved]), treated, outcome, 1.0, (effect * probability).sum() / probability.sum()


@pytest.mark.parametrize("target", ["ate", "att"])
def test_with_one_of_two_models_wrong_the_augmented_difference_is_unbiased_and_its_interval_holds(target):
    """Wrong is a model without the curve. With both wrong, as with nothing adjusted, the truth is missed."""
    draw = np.random.default_rng(20)
    found: dict[tuple[str, str], list[EffectEstimate]] = {}
    crude, truths = [], []
    for _ in range(N_DRAWS):
        covariates, treated, outcome, on_all, on_treated = persons(draw)
        sets = {"right": covariates, "wrong": covariates[:, :1]}
        truths.append(on_all if target == "ate" else on_treated)
        crude.append(crude_difference(outcome, treated))
        for score_name, of_score in sets.items():
            score = propensity_score(of_score, treated)
            for model_name, of_model in sets.items():
                estimate = augmented_difference(outcome, of_model, score=score, target=target, model="linear")
                found.setdefault((score_name, model_name), []).append(estimate)
    truth = float(np.mean(truths))
    for models in (("right", "right"), ("right", "wrong"), ("wrong", "right")):
        assert_found(found[models], truth)
    assert_missed(found["wrong", "wrong"], truth)
    assert_missed(crude, truth)


def test_the_stacked_standard_error_holds_where_that_of_models_taken_as_right_does_not():
    """With the model of the outcome wrong, the score's uncertainty is part of the estimate's: its spread over the draws tells."""
    draw = np.random.default_rng(21)
    found = {"stacked": [], "taken-as-right": []}
    for _ in range(N_DRAWS):
        covariates, treated, outcome, _, _ = persons(draw)
        score = propensity_score(covariates, treated)
        for nuisance, estimates in found.items():
            estimates.append(
                augmented_difference(
                    outcome, covariates[:, :1], score=score, target="ate", model="linear", nuisance=nuisance
                )
            )
    spread = np.std([one.value for one in found["stacked"]], ddof=1)
    means = {name: np.mean([one.se for one in estimates]) for name, estimates in found.items()}
    within = BEYOND / np.sqrt(2 * N_DRAWS)
    assert means["stacked"] / spread == pytest.approx(1, abs=within)
    assert means["taken-as-right"] / spread > 1 + within


HAZARD_OF_CENSORING = {True: 0.25, False: 0.1}


def hazards(near: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the hazards of placement and of any other way out."""
    return 0.3 + 0.7 * near + 0.25 * treated, 0.2 - 0.1 * near + 0.0 * treated


def incidence(near: float, treated: float) -> float:
    of_interest, other = hazards(np.float64(near), np.float64(treated))
    total = of_interest + other
    return float(of_interest / total * (1 - np.exp(-total * HORIZON)))


def kept(near: float, treated: float) -> float:
    total = float(sum(hazards(np.float64(near), np.float64(treated))))
    return (1 - np.exp(-total * HORIZON)) / total


@pytest.mark.parametrize("target", ["ate", "att"])
@pytest.mark.parametrize("outcome", ["incidence", "kept"])
def test_effects_on_censored_outcomes_are_found_by_weighting_and_by_augmented_weighting(target, outcome):
    """One in two is near and likelier to be treated; the treated are lost from sight more often."""
    draw = np.random.default_rng(22)
    of_near = {"ate": 0.5, "att": 0.65 / (0.65 + 0.35)}[target]
    by_law = incidence if outcome == "incidence" else kept
    truth = sum(share * (by_law(near, 1) - by_law(near, 0)) for near, share in ((1, of_near), (0, 1 - of_near)))
    weighted, augmented, crude = [], [], []
    for _ in range(N_DRAWS):
        near = draw.integers(0, 2, size=N_PERSONS)
        treated = draw.random(N_PERSONS) < np.where(near, 0.65, 0.35)
        of_interest, other = hazards(near, treated)
        time = draw.exponential(1 / (of_interest + other))
        cause = np.where(draw.random(N_PERSONS) < of_interest / (of_interest + other), 1, 2)
        lost = draw.exponential(1 / np.where(treated, HAZARD_OF_CENSORING[True], HAZARD_OF_CENSORING[False]))
        exit_, seen = np.minimum(time, lost), np.where(time <= lost, cause, 0)
        given = {"treated": treated, "horizon": HORIZON, "n_causes": 2}
        values = (incidence_outcome if outcome == "incidence" else kept_time_outcome)(exit_, seen, **given)
        score = propensity_score(near[:, None], treated)
        weighted.append(weighted_difference(values, weights=target_weights(score, target=target)))
        augmented.append(augmented_difference(values, near[:, None], score=score, target=target, model="linear"))
        crude.append(crude_difference((exit_ <= HORIZON) & (seen == 1), treated))
    assert_found(weighted, truth)
    assert_found(augmented, truth)
    if outcome == "incidence":
        assert_missed(crude, truth)
