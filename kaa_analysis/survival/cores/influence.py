"""The infinitesimal-jackknife variance of cumulative incidences, exact at every time without a matrix of spells × times.

The influence of a spell on the incidence ``F`` at time *t* is ``θ(t) − F(t) ψ(t)``. While the spell is at risk, each of θ and ψ
is (what had been summed before its first time) − (what has been summed by *t*); once it has ended, the latter is a value that
depends on nothing but its cause and its last time. Multiplied out, the sum of squares over all spells needs only sums per
grid time and cause (`docs/methods/aalen_johansen.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.time_grid import TimeGrid


@dataclass(frozen=True, eq=False)
class Exits:
    """The exits of ``n`` spells by cause (0 = censored) and grid time.

    ``code`` (n,) is cause × T + last time; ``number`` (K + 1, T) counts the exits.
    """

    grid: TimeGrid
    code: NDArray[np.intp]
    number: NDArray[np.intp]

    def sums(self, weight: NDArray) -> NDArray:
        """Return the sum of ``weight`` (n,) over the exits of each cause and time, shape (K + 1, T)."""
        return np.bincount(self.code, weights=weight, minlength=self.number.size).reshape(self.number.shape)


def exits_by_cause(grid: TimeGrid, cause: NDArray, *, n_causes: int) -> Exits:
    """Return the exits of the spells on ``grid`` with ``cause`` (n,) 0 … ``n_causes``."""
    code = cause * len(grid.times) + grid.last
    number = np.bincount(code, minlength=(n_causes + 1) * len(grid.times))
    return Exits(grid, code, number.reshape(n_causes + 1, -1))


@dataclass(frozen=True, eq=False)
class Term:
    """θ or ψ of all spells: ``summed`` (T,) by each time; ``at_exit`` (K + 1, T), what the exit leaves after the sum before entry.

    ``before_entry`` (K + 1, T) adds up the sums before entry of the spells of each exit.
    """

    summed: NDArray
    at_exit: NDArray
    before_entry: NDArray


def influence_variances(exits: Exits, *, n_at_risk: NDArray, survival_before: NDArray, cif: NDArray) -> NDArray:
    """Return the variance of ``cif``, both of shape (K, T); ``n_at_risk`` and ``survival_before`` have shape (T,).

    From the time at which all at risk have left by an event nothing moves any more.
    """
    n_any = exits.number[1:].sum(axis=0)
    n_left = n_at_risk - n_any
    inverse_left = np.divide(1.0, n_left, out=np.zeros(len(n_left)), where=(n_left > 0) & (survival_before > 0))
    step = n_any / n_at_risk * inverse_left
    psi = _term(exits, np.cumsum(step), at_event=inverse_left)
    psi_psi = _product(exits, psi, psi)
    variances = []
    for cause, incidence in enumerate(cif):
        summed = np.cumsum(np.diff(incidence, prepend=0.0) / n_at_risk + incidence * step)
        own = np.zeros_like(cif)
        own[cause] = survival_before / n_at_risk
        theta = _term(exits, summed, at_event=own + incidence * inverse_left)
        psi_theta, theta_theta = _product(exits, psi, theta), _product(exits, theta, theta)
        variances.append(np.maximum(incidence**2 * psi_psi - 2 * incidence * psi_theta + theta_theta, 0))
    return np.array(variances)


def _term(exits: Exits, summed: NDArray, *, at_event: NDArray) -> Term:
    at_exit = np.tile(-summed, (len(exits.number), 1))
    at_exit[1:] += at_event
    first = exits.grid.first
    before_entry = exits.sums(_before(summed)[first]) if first.any() else np.zeros(at_exit.shape)
    return Term(summed, at_exit, before_entry)


def _product(exits: Exits, x: Term, y: Term) -> NDArray:
    """Return Σ x(t) y(t) over all spells that have entered by each time *t*, shape (T,)."""
    n_entered = exits.grid.n_entered
    n_active = np.cumsum(n_entered - exits.number.sum(axis=0))
    x_before, y_before = _before(x.summed), _before(y.summed)
    x_active = np.cumsum(n_entered * x_before - x.before_entry.sum(axis=0))
    y_active = np.cumsum(n_entered * y_before - y.before_entry.sum(axis=0))
    of_exits = exits.number * x.at_exit * y.at_exit + x.at_exit * y.before_entry + y.at_exit * x.before_entry
    return (
        np.cumsum(n_entered * x_before * y_before + of_exits.sum(axis=0))
        + n_active * x.summed * y.summed
        - y.summed * x_active
        - x.summed * y_active
    )


def _before(cumulative: NDArray) -> NDArray:
    """Return the value just before each time, shape (T,)."""
    return np.concatenate([[0.0], cumulative])[:-1]
