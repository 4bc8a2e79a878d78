"""The sums of Fine and Gray's subdistribution hazard regression, per time of the grid instead of per risk set.

Who has left by another cause stays in the risk set with the weight G(t−) / G(exit−), G being the Kaplan–Meier estimate of not yet
being censored. Since the weight is a product of one part of the time and one of the spell, every sum over a risk set is a sum of
those still there and G(t−) times a sum of those who have left (`docs/methods/fine_gray.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.time_grid import TimeGrid


class CensoringTies(StrEnum):
    """Who is at risk of being censored at a time at which others leave: `CRR` they too, as in cmprsk; `FINEGRAY` not they, as in survival."""

    CRR = "crr"
    FINEGRAY = "finegray"


@dataclass(frozen=True, eq=False)
class Subdistribution:
    """``n`` spells with the weights that other causes keep.

    ``outcome`` (n,) is 0 censored, 1 the cause of interest, 2 another; ``kept`` (n,) is 1 / G(exit−) of the latter, else 0. ``n_event``,
    ``n_censored``, ``n_exposed`` (to censoring) and ``not_censored`` (G just before) have shape (T,).
    """

    grid: TimeGrid
    outcome: NDArray[np.int64]
    kept: NDArray
    n_event: NDArray
    n_censored: NDArray
    n_exposed: NDArray
    not_censored: NDArray
    ties: CensoringTies

    def at_risk(self, values: NDArray) -> NDArray:
        """Return the weighted sum of ``values`` (n,) over the risk set of each time, shape (T,)."""
        last = self.grid.last
        still_here = np.cumsum(self.grid.sums(last, values)[::-1])[::-1]
        return still_here + self.not_censored * _before(np.cumsum(self.grid.sums(last, values * self.kept)))

    def while_at_risk(self, steps: NDArray) -> NDArray:
        """Return the weighted sum of ``steps`` (T,) over the times at which each spell is at risk, shape (n,)."""
        last = self.grid.last
        later = np.cumsum(self.not_censored * steps)
        return np.cumsum(steps)[last] + self.kept * (later[-1] - later[last])


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log partial likelihood (Breslow) at some coefficients, its gradient (p,) and information (p, p), and what they rest on.

    ``relative`` (n,) is exp(βz); ``hazard`` (T,) the steps of the baseline; ``mean`` (T, p) the covariates' mean in the risk set.
    """

    value: float
    score: NDArray
    information: NDArray
    relative: NDArray
    hazard: NDArray
    mean: NDArray


def subdistribution(grid: TimeGrid, outcome: NDArray[np.int64], *, ties: CensoringTies) -> Subdistribution:
    """Return the spells on ``grid`` with their weights; ``outcome`` (n,) is 0, 1 or 2."""
    n_censored, n_event, n_other = (grid.sums(grid.last[outcome == kind]) for kind in (0, 1, 2))
    n_exposed = grid.n_at_risk - (n_event + n_other if ties is CensoringTies.FINEGRAY else 0)
    stay = 1 - np.divide(n_censored, n_exposed, out=np.zeros(len(grid.times)), where=n_exposed > 0)
    not_censored = np.concatenate([[1.0], np.cumprod(stay)])[:-1]
    kept = np.where(outcome == 2, 1 / not_censored[grid.last], 0.0)
    return Subdistribution(grid, outcome, kept, n_event, n_censored, n_exposed, not_censored, ties)


def likelihood(spells: Subdistribution, covariates: NDArray, coefficients: NDArray) -> Likelihood:
    """Return the log partial likelihood of ``coefficients`` (p,) and its derivatives; ``covariates`` has shape (n, p)."""
    linear = covariates @ coefficients
    relative = np.exp(linear)
    total = spells.at_risk(relative)
    mean = np.array([spells.at_risk(relative * column) / total for column in covariates.T]).T
    hazard = spells.n_event / total
    events = spells.outcome == 1
    exposure = relative * spells.while_at_risk(hazard)
    return Likelihood(
        value=float(linear[events].sum() - (spells.n_event * np.log(total)).sum()),
        score=covariates[events].sum(axis=0) - spells.n_event @ mean,
        information=(covariates.T * exposure) @ covariates - (mean.T * spells.n_event) @ mean,
        relative=relative,
        hazard=hazard,
        mean=mean,
    )


def score_residuals(spells: Subdistribution, covariates: NDArray, fit: Likelihood) -> NDArray:
    """Return each spell's part of the score, the weights taken as known, shape (n, p)."""
    exposure = spells.while_at_risk(fit.hazard)
    expected = np.array([spells.while_at_risk(fit.hazard * column) for column in fit.mean.T]).T
    events = (spells.outcome == 1)[:, None]
    seen = np.where(events, covariates - fit.mean[spells.grid.last], 0.0)
    return seen - fit.relative[:, None] * (covariates * exposure[:, None] - expected)


def censoring_residuals(spells: Subdistribution, covariates: NDArray, fit: Likelihood) -> NDArray:
    """Return what the estimated weights add to each spell's part of the score, shape (n, p).

    A censoring at *u* moves the weights, at the times from *u* on, of those who left by another cause before *u*.
    """
    grid, last = spells.grid, spells.grid.last
    left = fit.relative * spells.kept
    n_left, hazard = _before(np.cumsum(grid.sums(last, left))), spells.not_censored * fit.hazard
    moved = [
        _before(np.cumsum(grid.sums(last, left * column))) * _from(hazard) - n_left * _from(hazard * mean)
        for column, mean in zip(covariates.T, fit.mean.T, strict=True)
    ]
    per_exposed = np.divide(1.0, spells.n_exposed, out=np.zeros(len(grid.times)), where=spells.n_exposed > 0)
    steps = np.array(moved).T * per_exposed[:, None]
    expected = np.cumsum(steps * (spells.n_censored * per_exposed)[:, None], axis=0)
    exposed = expected[last]
    if spells.ties is CensoringTies.FINEGRAY:
        exposed = np.where((spells.outcome > 0)[:, None], _before(expected)[last], exposed)
    return np.where((spells.outcome == 0)[:, None], steps[last], 0.0) - exposed


def _before(cumulative: NDArray) -> NDArray:
    """Return the value just before each time, of the same shape."""
    return np.concatenate([np.zeros_like(cumulative[:1]), cumulative])[:-1]


def _from(steps: NDArray) -> NDArray:
    """Return the sum of the steps from each time on, shape (T,)."""
    return np.cumsum(steps[::-1])[::-1]
