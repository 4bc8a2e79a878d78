"""The difference of means between treated and untreated as they are: the answer of an experiment, and the naive one elsewhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.evaluation.cores.arm_clusters import arm_clusters
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate, effect_estimate
from kaa_analysis.evaluation.cores.two_groups import numbers, treated_rows


def crude_difference(
    outcome: ArrayLike, treated: ArrayLike, *, cluster: ArrayLike | None = None, level: float = 0.95
) -> EffectEstimate:
    """Estimate the mean ``outcome`` (n,) of the treated less that of the untreated; nothing is adjusted for.

    The variance is Neyman's: in each group the sum of the squared deviations, summed within ``cluster`` (n,) first, times G / (G − 1) with G the
    clusters (without them the rows) of the group. Without clusters that is s₁²/n₁ + s₀²/n₀ ("HC2").

    >>> found = crude_difference([1, 2, 6, 0, 1, 2], [1, 1, 1, 0, 0, 0])
    >>> found.value, round(found.se, 4)
    (2.0, 1.633)

    Raises:
        DefinitionError: an outcome is missing or no number, somebody is neither treated nor not, or a group is empty or is one cluster.

    **Counts** the rows, each once.
    **Missing** is refused.
    **Source** Neyman 1923; `docs/methods/propensity_weighting.md`.
    """
    who = treated_rows(treated)
    values = numbers(outcome, n_rows=len(who), name="utfallet")
    codes = arm_clusters(cluster, who)
    value, influence = 0.0, np.zeros(len(who))
    for arm, sign in ((who, 1), (~who, -1)):
        mean, n_clusters = values[arm].mean(), np.unique(codes[arm]).size
        value += sign * mean
        influence[arm] = sign * (values[arm] - mean) / arm.sum() * np.sqrt(n_clusters / (n_clusters - 1))
    return effect_estimate(value, influence, cluster=codes, level=level)
