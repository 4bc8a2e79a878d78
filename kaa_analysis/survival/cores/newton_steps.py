"""Newton's method with step halving on a log partial likelihood, with the stopping rule of R's ``coxph``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from kaa_analysis.survival.cores.partial_likelihood import CoxSample, RiskSums, risk_sums, score_and_information

RELATIVE_GAIN = 1e-9
"""Stop when the log likelihood gains less than this share of itself (R's ``eps``)."""
STILL_MOVING = np.finfo(float).eps ** 0.5
"""A coefficient whose next step is larger than this (relative to 1 + itself) has not settled (R's ``toler.inf``)."""
SPREAD = 10
"""… and grows without bound if its standard error, too, is this many times the one at 0."""


@dataclass(frozen=True, eq=False, repr=False)
class Maximum:
    """Where the steps ended, for scaled covariates: ``coefficients`` (p,), ``variance`` (p, p), ``unbounded`` (p,) and the rest told.

    ``score_statistic`` is the score test of all coefficients being 0.
    """

    coefficients: NDArray
    variance: NDArray
    unbounded: NDArray[np.bool_]
    sums: RiskSums
    loglik_null: float
    score_statistic: float
    converged: bool
    n_iterations: int


def maximum(sample: CoxSample, null: RiskSums, *, max_iterations: int) -> Maximum:
    """Climb from the coefficients 0, whose sums are ``null`` and whose information is not singular."""
    now = _point(sample, np.zeros(sample.covariates.shape[1]), null)
    first, trial, n_halvings, n_trials, converged = now, now.coefficients + now.step, 0, 0, False
    while n_trials < max_iterations and not converged:
        n_trials += 1
        sums = risk_sums(sample, trial)
        small = abs(sums.loglik - now.sums.loglik) <= RELATIVE_GAIN * abs(sums.loglik)
        if not np.isfinite(sums.loglik) or (sums.loglik < now.sums.loglik and not (small and n_halvings == 0)):
            n_halvings += 1
            trial = (trial + n_halvings * now.coefficients) / (n_halvings + 1)
            continue
        try:
            reached = _point(sample, trial, sums)
        except (LinAlgError, ValueError):
            break
        converged = bool(small and n_halvings == 0)
        now, n_halvings, trial = reached, 0, reached.coefficients + reached.step
    moving = np.abs(now.step) > STILL_MOVING * (1 + np.abs(now.coefficients))
    return Maximum(
        coefficients=now.coefficients,
        variance=now.variance,
        unbounded=moving & (np.diag(now.variance) > SPREAD**2 * np.diag(first.variance)),
        sums=now.sums,
        loglik_null=null.loglik,
        score_statistic=float(first.score @ first.step),
        converged=converged,
        n_iterations=n_trials,
    )


@dataclass(frozen=True, eq=False, repr=False)
class _Point:
    """One value of the coefficients, with its score, variance and the step to the next."""

    coefficients: NDArray
    sums: RiskSums
    score: NDArray
    variance: NDArray
    step: NDArray


def _point(sample: CoxSample, coefficients: NDArray, sums: RiskSums) -> _Point:
    score, information = score_and_information(sample, sums)
    factor = cho_factor(information)
    variance = cho_solve(factor, np.eye(len(coefficients)))
    return _Point(coefficients, sums, score, variance, step=cho_solve(factor, score))
