"""Augmented inverse probability weighting: right on average when either the score or the model of the outcome is."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.arm_clusters import arm_clusters
from kaa_analysis.evaluation.cores.arm_outcome import EstimatedOutcome, arm_outcome
from kaa_analysis.evaluation.cores.arm_outcome_model import ArmPrediction, OutcomeModel, arm_prediction, named_model
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate, effect_estimate
from kaa_analysis.evaluation.cores.model_design import ModelDesign, model_design
from kaa_analysis.evaluation.cores.propensity_score import PropensityScore
from kaa_analysis.evaluation.cores.target_weights import Target, target_weights


class NuisanceModels(StrEnum):
    """What the standard error takes the two models to be: fitted, so that their uncertainty is in it, or both right."""

    STACKED = "stacked"
    TAKEN_AS_RIGHT = "taken-as-right"


def augmented_difference(
    outcome: ArrayLike | EstimatedOutcome,
    covariates: ArrayLike,
    *,
    score: PropensityScore,
    target: str,
    model: str,
    names: Iterable[str] | None = None,
    nuisance: str = NuisanceModels.STACKED,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> EffectEstimate:
    """Estimate the effect for ``target`` ("ate" or "att") from a score and a ``model`` ("linear" or "logistic") of the outcome within each group.

    ``outcome`` (n,) is as in `weighted_difference` (0 or 1 for a logistic model of a known one), ``covariates`` (n, k) with ``names`` (k,) are those
    of the outcome's model, which need not be the score's; ``cluster`` (n,) labels rows that belong together. ``nuisance`` "stacked" has the
    coefficients of all models in the influence, so that the standard error holds when one of them is wrong; "taken-as-right" is the efficient
    influence alone, which holds when both are right.

    >>> from kaa_analysis.evaluation.cores.propensity_score import propensity_score
    >>> x, treated = [[0], [0], [0], [1], [0], [1], [1], [1]], [0, 0, 1, 0, 1, 0, 1, 1]
    >>> score = propensity_score(x, treated)
    >>> found = augmented_difference([1, 3, 4, 2, 5, 6, 8, 9], x, score=score, target="att", model="linear")
    >>> round(found.value, 4)
    3.5

    Raises:
        DefinitionError: the target, model or kind of nuisance is unknown or cannot be had together; an outcome or covariate is missing, a covariate
            does not vary within a group or follows from others there; a logistic model meets an outcome that is no event or is told apart without
            error; one row outweighs its group; a group is one cluster; or the level is none.

    **Counts** the rows, each once.
    **Missing** is refused.
    **Source** Robins, Rotnitzky & Zhao 1994; Lunceford & Davidian 2004 (ATE); Shu et al. 2018 (ATT); `docs/methods/augmented_weighting.md`.
    """
    weights, kind, form = target_weights(score, target=target), _named_nuisance(nuisance), named_model(model)
    treated, of_treated = score.treated, _of_treated(weights.target)
    observed, codes = arm_outcome(outcome, score.treated), arm_clusters(cluster, treated)
    if form is OutcomeModel.LOGISTIC:
        _check_events(observed)
    design = model_design(covariates, n_rows=len(treated), names=names)
    arms = _arm_predictions(observed, design, model=form, of_treated=of_treated)

    standard = treated / treated.sum() if of_treated else np.full(len(treated), 1 / len(treated))
    sign, n_standard = np.where(treated, 1, -1), treated.sum() if of_treated else len(treated)
    share = sign * weights.weight / n_standard
    left = observed.value - sum(arm.arm * arm.expected for _, arm in arms)
    part = standard * sum(side * arm.expected for side, arm in arms) + share * left
    value = part.sum()

    influence, per_outcome = part - standard * value, share
    if kind is NuisanceModels.STACKED:
        influence = influence + score.carried(sign * weights.slope / n_standard * left)
        for side, arm in arms:
            slope = side * standard - arm.arm * share
            influence, per_outcome = influence + arm.carried(slope), per_outcome + arm.per_outcome(slope)
    return effect_estimate(value, influence + observed.carried(per_outcome), cluster=codes, level=level)


def _arm_predictions(
    observed: EstimatedOutcome, design: ModelDesign, *, model: OutcomeModel, of_treated: bool
) -> list[tuple[int, ArmPrediction]]:
    """Return the model of each group with its sign; for an effect on the treated that of the untreated alone: the treated's cancels out."""
    value, treated = observed.value, observed.treated
    untreated = (-1, arm_prediction(value, design, arm=~treated, model=model, among="obehandlade"))
    if of_treated:
        return [untreated]
    return [(1, arm_prediction(value, design, arm=treated, model=model, among="behandlade")), untreated]


def _of_treated(target: Target) -> bool:
    if target is Target.OVERLAP:
        raise DefinitionError(
            'Den dubbelt robusta skattningen finns för målen "ate" och "att".',
            found=f'"{target}"',
            action="välj ett av dem, eller den viktade skillnaden",
        )
    return target is Target.ATT


def _named_nuisance(nuisance: str) -> NuisanceModels:
    if nuisance not in tuple(NuisanceModels):
        hint = did_you_mean(nuisance, NuisanceModels)
        raise DefinitionError(
            f'Så kan modellerna inte räknas in: "{nuisance}"{hint}.', found=f"kända: {', '.join(NuisanceModels)}"
        )
    return NuisanceModels(nuisance)


def _check_events(observed: EstimatedOutcome) -> None:
    if not observed.is_share:
        raise DefinitionError(
            "En logistisk modell tar en händelse som utfall: 0 eller 1.",
            found=f"annat: {int((~np.isin(observed.value, (0, 1))).sum())} av {observed.value.size}",
            action=f'välj model="{OutcomeModel.LINEAR}"',
        )
