"""The augmented difference: worked out by hand, and each refusal beside its good twin."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.augmented_difference import augmented_difference
from kaa_analysis.evaluation.cores.horizon_outcome import incidence_outcome, kept_time_outcome
from kaa_analysis.evaluation.cores.propensity_score import propensity_score
from kaa_analysis.evaluation.cores.target_weights import target_weights
from kaa_analysis.evaluation.cores.weighted_difference import weighted_difference

NEAR = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1])
TREATED = np.array([1, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0])
OUTCOME = np.array([5.0, 1, 2, 3, 7, 9, 6, 6, 4, 2, 4, 5])
EVENT = np.array([1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0])
AGE = np.array([16.0, 17, 18, 19, 16, 17, 18, 19, 16, 17, 17, 18])
X = NEAR[:, None]


@pytest.mark.parametrize("target", ["ate", "att"])
@pytest.mark.parametrize(("outcome", "model"), [(OUTCOME, "linear"), (EVENT, "logistic"), (EVENT, "linear")])
def test_with_a_model_of_its_own_in_each_stratum_all_adjustments_are_the_same_one(target, outcome, model):
    score = propensity_score(X, TREATED)
    augmented = augmented_difference(outcome, X, score=score, target=target, model=model)
    standardised = weighted_difference(outcome, weights=target_weights(score, target=target))
    assert augmented.value == pytest.approx(standardised.value)
    assert augmented.se == pytest.approx(standardised.se)


def test_an_outcome_that_is_linear_without_error_is_told_whatever_the_score():
    outcome = 2 * AGE - NEAR + 3 * TREATED
    covariates = np.column_stack([AGE, NEAR])
    for target in ("ate", "att"):
        found = augmented_difference(
            outcome, covariates, score=propensity_score(X, TREATED), target=target, model="linear"
        )
        assert found.value == pytest.approx(3)
        assert found.se == pytest.approx(0, abs=1e-9)


def test_effect_on_all_is_worked_out_by_hand():
    """Score 1/2 where near, 1/3 elsewhere (a constant would say 5/12); the model of the outcome is of age, here of two ages alone."""
    old = (AGE > 17).astype(float)
    score = np.where(NEAR, 3 / 6, 2 / 6)
    means = {(arm, o): OUTCOME[(arm == TREATED) & (old == o)].mean() for arm in (0, 1) for o in (0, 1)}
    of_treated, of_untreated = (np.array([means[arm, o] for o in old]) for arm in (1, 0))
    by_hand = (
        of_treated
        - of_untreated
        + TREATED / score * (OUTCOME - of_treated)
        - (1 - TREATED) / (1 - score) * (OUTCOME - of_untreated)
    )
    found = augmented_difference(
        OUTCOME,
        old[:, None],
        score=propensity_score(X, TREATED),
        target="ate",
        model="linear",
        nuisance="taken-as-right",
    )
    assert found.value == pytest.approx(by_hand.mean())
    assert found.se == pytest.approx(by_hand.std() / np.sqrt(12))


def test_effect_on_the_treated_needs_no_model_of_their_outcomes():
    """Their covariate may then be the same for all of them, which refuses the effect on all."""
    apart = np.where(TREATED, 0.0, AGE - 17)
    score = propensity_score(X, TREATED)
    given = {"score": score, "model": "linear", "names": ["apart"]}
    assert augmented_difference(OUTCOME, apart[:, None], target="att", **given).se > 0
    with pytest.raises(DefinitionError, match=r"\(behandlade\)\.\n  – apart: samma värde"):
        augmented_difference(OUTCOME, apart[:, None], target="ate", **given)


def test_an_outcome_that_a_covariate_tells_without_error_has_no_logistic_model():
    score = propensity_score(X, TREATED)
    told = np.where(TREATED, AGE > 17, EVENT)
    given = {"score": score, "target": "ate", "model": "logistic", "names": ["age"]}
    with pytest.raises(DefinitionError, match=r"utfallet bland behandlade.\n  – skiljer åt: age"):
        augmented_difference(told, AGE[:, None], **given)
    with pytest.raises(DefinitionError, match=r"ska variera: utfallet bland obehandlade"):
        augmented_difference(TREATED * EVENT, AGE[:, None], **given)
    assert augmented_difference(EVENT, AGE[:, None], **given).se > 0
    assert augmented_difference(TREATED * EVENT, AGE[:, None], **{**given, "model": "linear"}).se > 0


def test_what_is_no_event_has_no_logistic_model():
    score, exits = propensity_score(X, TREATED), np.arange(1, 13)
    given = {"score": score, "target": "att", "model": "logistic"}
    with pytest.raises(DefinitionError, match="annat: 10 av 12"):
        augmented_difference(np.where(OUTCOME == 1, 0, np.where(OUTCOME == 3, 1, OUTCOME)), X, **given)
    causes = np.array([1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 0, 1])
    with pytest.raises(DefinitionError, match="0 eller 1"):
        augmented_difference(kept_time_outcome(exits, causes, treated=TREATED, horizon=8), X, **given)
    incidence = incidence_outcome(exits, causes, treated=TREATED, horizon=9)
    assert augmented_difference(incidence, X, **given).se > 0


def test_an_outcome_of_other_treated_rows_is_refused():
    other = incidence_outcome(np.arange(1, 13), EVENT, treated=1 - TREATED, horizon=5)
    with pytest.raises(DefinitionError, match="samma behandlade"):
        augmented_difference(other, X, score=propensity_score(X, TREATED), target="ate", model="linear")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"target": "overlap", "model": "linear"}, '"ate" och "att"'),
        ({"target": "ate", "model": "logit"}, 'menade du "logistic"'),
        ({"target": "ate", "model": "linear", "nuisance": "known"}, "taken-as-right"),
        ({"target": "ate", "model": "linear", "level": 95}, "mellan 0 och 1"),
    ],
)
def test_unknown_options_are_refused(given, told):
    with pytest.raises(DefinitionError, match=told):
        augmented_difference(OUTCOME, X, score=propensity_score(X, TREATED), **given)
