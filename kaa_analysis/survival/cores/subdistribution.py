"""The sums of Fine and Gray's subdistribution hazard regression, per time of the grid instead of per risk set.

Who has left by another cause stays in the risk set with the weight G(t−)H(t−) / (G(exit−)H(exit−)) of `retained_weight`. Since it is a
product of one part of the time and one of the spell, every sum over a risk set is a sum of those still there and G(t−)H(t−) times a sum
of those who have left (`docs/methods/fine_gray.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.retained_weight import CensoringTies, RetainedWeight, retained_weight
from kaa_analysis.survival.cores.time_grid import TimeGrid
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells


@dataclass(frozen=True, eq=False)
class Subdistribution:
    """``n`` spells with the weights that other causes keep.

    ``outcome`` (n,) is 0 censored, 1 the cause of interest, 2 another; ``weight`` and ``counted`` (n,) are how much each counts in the
    likelihood, and in G and H; ``kept`` (n,) is 1 / (G(exit−)H(exit−)) of those who left another way, else 0. ``n_event`` (T,) is the
    sum of the weights of the events of interest; ``later`` holds the spells that are not at risk from the first time on.
    """

    grid: TimeGrid
    outcome: NDArray[np.int64]
    weight: NDArray
    counted: NDArray
    retained: RetainedWeight
    kept: NDArray
    n_event: NDArray
    later: NDArray[np.intp]

    def at_risk(self, values: NDArray) -> NDArray:
        """Return the sum of ``values`` (n,), as far as they are retained, over the risk set of each time, shape (T,).

        Summed from the last time, those who have not yet entered subtracted.
        """
        grid = self.grid
        leaving = grid.sums(grid.last, values)
        if len(self.later):
            leaving[:-1] -= grid.sums(grid.first[self.later], values[self.later])[1:]
        return _from(leaving) + self.retained.just_before * self.left(values)

    def left(self, values: NDArray) -> NDArray:
        """Return the sum of ``values`` × ``kept`` over those who have left another way before each time, shape (T,)."""
        return _before(np.cumsum(self.grid.sums(self.grid.last, values * self.kept)))

    def while_at_risk(self, steps: NDArray) -> NDArray:
        """Return the sum of ``steps`` (T,), as far as they are retained, over the times at which each spell is at risk, shape (n,)."""
        later = np.cumsum(self.retained.just_before * steps)
        return self.under_observation(steps) + self.kept * (later[-1] - later[self.grid.last])

    def under_observation(self, steps: NDArray) -> NDArray:
        """Return the sum of ``steps`` (T,) from each spell's first to its last time, shape (n,)."""
        summed = np.cumsum(steps)
        return summed[self.grid.last] - _before(summed)[self.grid.first]


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log partial likelihood (Breslow) at some coefficients, its gradient (p,) and information (p, p), and what they rest on.

    ``relative`` (n,) is weight × exp(βz); ``exposure`` (n,) that times the hazard while at risk; ``hazard`` (T,) the steps of the
    baseline; ``mean`` (T, p) the covariates' mean in the risk set.
    """

    value: float
    score: NDArray
    information: NDArray
    relative: NDArray
    exposure: NDArray
    hazard: NDArray
    mean: NDArray


def subdistribution(spells: WeightedSpells, *, ties: CensoringTies, counted: WeightedSpells) -> Subdistribution:
    """Return the spells, whose causes are 1 and 2, with G and H of ``counted``: the same spells as they count in these.

    Raises:
        DefinitionError: nobody is left at some time between an exit of cause 2 and a later event of interest.
    """
    retained = retained_weight(counted, ties=ties)
    return Subdistribution(
        grid=spells.grid,
        outcome=spells.cause,
        weight=_numbers(spells),
        counted=_numbers(counted),
        retained=retained,
        kept=np.where(spells.cause == 2, 1 / retained.just_before[spells.grid.last], 0.0),
        n_event=spells.n_event[0],
        later=np.flatnonzero(spells.grid.first),
    )


def likelihood(spells: Subdistribution, covariates: NDArray, coefficients: NDArray) -> Likelihood:
    """Return the log partial likelihood of ``coefficients`` (p,) and its derivatives; ``covariates`` has shape (n, p)."""
    linear = covariates @ coefficients
    relative = spells.weight * np.exp(linear)
    total = np.maximum(spells.at_risk(relative), spells.grid.sums(spells.grid.last, relative))
    mean = np.array([spells.at_risk(relative * column) / total for column in covariates.T]).T
    hazard = spells.n_event / total
    seen = np.where(spells.outcome == 1, spells.weight, 0.0)
    exposure = relative * spells.while_at_risk(hazard)
    return Likelihood(
        value=float(seen @ linear - (spells.n_event * np.log(total)).sum()),
        score=covariates.T @ seen - spells.n_event @ mean,
        information=(covariates.T * exposure) @ covariates - (mean.T * spells.n_event) @ mean,
        relative=relative,
        exposure=exposure,
        hazard=hazard,
        mean=mean,
    )


def score_residuals(spells: Subdistribution, covariates: NDArray, fit: Likelihood) -> NDArray:
    """Return each spell's part of the score, G and H taken as known, shape (n, p)."""
    seen = np.where(spells.outcome == 1, spells.weight, 0.0)
    columns = [
        seen * (column - mean[spells.grid.last])
        - column * fit.exposure
        + fit.relative * spells.while_at_risk(fit.hazard * mean)
        for column, mean in zip(covariates.T, fit.mean.T, strict=True)
    ]
    return np.column_stack(columns)


def retention_residuals(spells: Subdistribution, covariates: NDArray, fit: Likelihood) -> NDArray:
    """Return what the estimation of G and H adds to each spell's part of the score, shape (n, p).

    A censoring at *u* lowers the weights, at the times from *u* on, of those who left by another cause before *u*; an entry just before
    *u* raises the same.
    """
    retained, hazard = spells.retained, spells.retained.just_before * fit.hazard
    n_left = spells.left(fit.relative)
    columns = []
    for column, mean in zip(covariates.T, fit.mean.T, strict=True):
        moved = spells.left(fit.relative * column) * _from(hazard) - n_left * _from(hazard * mean)
        of_censoring = _censoring_residuals(spells, moved * retained.per_exposed)
        columns.append(spells.counted * (of_censoring - _entry_residuals(spells, moved * retained.per_earlier)))
    return np.column_stack(columns)


def _censoring_residuals(spells: Subdistribution, steps: NDArray) -> NDArray:
    """Return ``steps`` (T,) at each spell's censoring less what was expected of them while it was exposed, shape (n,)."""
    expected = steps * spells.retained.censored
    exposed = spells.under_observation(expected)
    if spells.retained.ties is CensoringTies.FINEGRAY:
        exposed = exposed - np.where(spells.outcome > 0, expected[spells.grid.last], 0.0)
    return np.where(spells.outcome == 0, steps[spells.grid.last], 0.0) - exposed


def _entry_residuals(spells: Subdistribution, steps: NDArray) -> NDArray:
    """Return ``steps`` (T,) at each spell's entry less what was expected of them while it was at risk, shape (n,)."""
    return steps[spells.grid.first] - spells.under_observation(steps * spells.retained.entered)


def _numbers(spells: WeightedSpells) -> NDArray:
    return np.ones(len(spells.cause)) if spells.weight is None else spells.weight


def _before(cumulative: NDArray) -> NDArray:
    """Return the value just before each time, of the same shape."""
    return np.concatenate([np.zeros_like(cumulative[:1]), cumulative])[:-1]


def _from(steps: NDArray) -> NDArray:
    """Return the sum of the steps from each time on, shape (T,)."""
    return np.cumsum(steps[::-1])[::-1]
