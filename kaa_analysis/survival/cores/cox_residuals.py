"""Score residuals of a Cox model, of which the infinitesimal-jackknife variance of its coefficients is made."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.partial_likelihood import CoxSample, RiskSums, cumulative_hazard_at_risk


def score_residuals(sample: CoxSample, sums: RiskSums, *, cluster: NDArray[np.intp] | None = None) -> NDArray:
    """Return the derivative of the score with respect to each row's weight, times the weight, shape (n, p).

    With ``cluster`` (n,), codes from 0 to C − 1, they are summed by cluster: shape (C, p). Their sum is the score itself. With Efron's rule
    tied events share their risk sets as in R's ``residuals(fit, "score", weighted = TRUE)``.
    """
    columns = _columns(sample, sums)
    return np.array([column if cluster is None else np.bincount(cluster, weights=column) for column in columns]).T


def _columns(sample: CoxSample, sums: RiskSums) -> Iterator[NDArray]:
    slots = sample.slots
    events, own = slots.events, slots.own
    hazard = cumulative_hazard_at_risk(sample, sums)
    event_weight = slots.event_sums(sample.weight)
    own_weight, own_risk = sample.weight[events], sums.risk[events]
    none, one, two = sums.hazard_squared
    for covariate, at_risk, tied in zip(sample.covariates.T, sums.at_risk.T, sums.tied.T, strict=True):
        column = slots.summed_while_at_risk(none * at_risk - one * tied)
        column -= covariate * hazard
        column *= sums.risk
        mean = (sums.hazard[0] * at_risk - sums.hazard[1] * tied) / event_weight
        column[events] += own_weight * (covariate[events] - mean[own]) - own_risk * (one * at_risk - two * tied)[own]
        yield column
