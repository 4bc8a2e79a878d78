"""Score residuals of a Cox model, and the infinitesimal-jackknife variance of its coefficients that is made of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.partial_likelihood import CoxSample, RiskSums, cumulative_hazard_at_risk


def score_residuals(sample: CoxSample, sums: RiskSums) -> NDArray:
    """Return the derivative of the score with respect to each row's weight, times the weight, shape (n, p).

    Their sum over the rows is the score itself. With Efron's rule tied events share their risk sets as in R's
    ``residuals(fit, "score", weighted = TRUE)``.
    """
    slots = sample.slots
    residuals = slots.summed_while_at_risk(sums.mean_steps)
    residuals -= sample.covariates * cumulative_hazard_at_risk(sample, sums)[:, None]
    residuals *= sums.risk[:, None]
    _, one, two = sums.hazard_squared[:, :, None]
    own_share = one * sums.at_risk - two * sums.tied
    event_weight = slots.event_sums(sample.weight)
    mean = (sums.hazard[0][:, None] * sums.at_risk - sums.hazard[1][:, None] * sums.tied) / event_weight[:, None]
    events, own = slots.events, slots.own
    residuals[events] += sample.weight[events, None] * (sample.covariates[events] - mean[own])
    residuals[events] -= sums.risk[events, None] * own_share[own]
    return residuals


def summed_by_cluster(residuals: NDArray, cluster: NDArray[np.intp] | None) -> NDArray:
    """Return the sum of ``residuals`` (n, p) over the rows of each cluster (codes from 0), shape (C, p); None: each row for itself."""
    if cluster is None:
        return residuals
    return np.column_stack([np.bincount(cluster, weights=column) for column in residuals.T])
