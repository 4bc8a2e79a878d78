"""The weighted difference of means between treated and untreated, its standard error with the score's own uncertainty."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.evaluation.cores.arm_clusters import arm_clusters
from kaa_analysis.evaluation.cores.arm_outcome import EstimatedOutcome, arm_outcome
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate, effect_estimate
from kaa_analysis.evaluation.cores.target_weights import TargetWeights


def weighted_difference(
    outcome: ArrayLike | EstimatedOutcome,
    *,
    weights: TargetWeights,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> EffectEstimate:
    """Estimate the effect for the weights' target: the mean of the treated less that of the untreated, each divided by its sum of weights (Hájek).

    ``outcome`` (n,) holds numbers, or is an `incidence_outcome` or `kept_time_outcome` of censored times; ``cluster`` (n,) labels rows that belong
    together. The influence holds the score's coefficients and the model of censoring, by stacked estimating equations; limits at which weights were
    truncated are taken as given.

    >>> from kaa_analysis.evaluation.cores.propensity_score import propensity_score
    >>> from kaa_analysis.evaluation.cores.target_weights import target_weights
    >>> score = propensity_score([[0], [0], [0], [0], [1], [1], [1]], [0, 0, 1, 1, 0, 1, 1])
    >>> found = weighted_difference([1, 3, 4, 2, 5, 6, 8], weights=target_weights(score, target="ate"))
    >>> round(found.value, 4)
    1.4286

    Raises:
        DefinitionError: an outcome is missing, does not vary or was made for other treated rows, a group is one cluster, or the level is none.

    **Counts** the rows, each with its weight.
    **Missing** is refused.
    **Source** Lunceford & Davidian 2004; Stefanski & Boos 2002; `docs/methods/propensity_weighting.md`.
    """
    treated = weights.score.treated
    observed = arm_outcome(outcome, treated)
    codes = arm_clusters(cluster, treated)
    total = np.where(treated, weights.weight[treated].sum(), weights.weight[~treated].sum())
    share = np.where(treated, 1, -1) * weights.weight / total
    means = [np.average(observed.value[arm], weights=weights.weight[arm]) for arm in (treated, ~treated)]
    away = observed.value - np.where(treated, *means)
    slope = np.where(treated, 1, -1) * weights.slope / total * away
    influence = share * away + weights.score.carried(slope) + observed.carried(share)
    return effect_estimate(means[0] - means[1], influence, cluster=codes, level=level)
