"""The time lost to each cause before a horizon, the incidence at it, and each spell's influence on them, from sums per grid time.

While a spell is at risk its influence grows by what depends on the time alone, and an exit adds what depends on its cause and
time: cumulative sums over the grid, read at the spell's first and last time, give it exactly (`docs/methods/restricted_time.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.weighted_spells import WeightedSpells


@dataclass(frozen=True, eq=False)
class LostTime:
    """The ``time`` (K,) lost to each cause and the ``influence`` (K, n) of each spell's weight on it.

    ``greenwood`` is Greenwood's variance of the time lost to all causes together; ``ended`` says that everybody has left.
    """

    time: NDArray
    influence: NDArray
    greenwood: float
    ended: bool


@dataclass(frozen=True, eq=False)
class IncidenceAt:
    """The cumulative incidence ``cif`` (K,) of each cause at one time and the ``influence`` (K, n) of each spell's weight on it.

    ``ended`` says that everybody has left.
    """

    cif: NDArray
    influence: NDArray
    ended: bool


@dataclass(frozen=True, eq=False)
class _Risk:
    """The survival before and after each time (T,), and what of it each weight moves.

    ``per_staying`` (T,) is one by the weight that stays; where everybody at risk leaves, nothing moves any more and it is 0. ``step`` (T,) is
    the step of Greenwood's sum.
    """

    survival_before: NDArray
    survival: NDArray
    per_staying: NDArray
    step: NDArray


def incidence_at(spells: WeightedSpells, *, time: float) -> IncidenceAt:
    """Return the share that has left by each cause just after ``time``: what would be lost if each exit until then cost 1."""
    risk = _risk(spells)
    per_exit = (spells.grid.times <= time) * risk.survival_before / spells.n_at_risk
    left = per_exit * spells.n_event
    return IncidenceAt(
        cif=left.sum(axis=1),
        influence=_influence(spells, risk, per_exit, left, _summed_after(left)),
        ended=bool(risk.survival[-1] == 0),
    )


def lost_time(spells: WeightedSpells, *, horizon: float) -> LostTime:
    """Return the time before ``horizon`` that is lost to each cause, the others competing."""
    risk = _risk(spells)
    remaining = np.maximum(horizon - spells.grid.times.astype(float), 0.0)
    per_exit = remaining * risk.survival_before / spells.n_at_risk
    lost = per_exit * spells.n_event
    lost_later = _summed_after(lost)
    kept_later = remaining * risk.survival - lost_later.sum(axis=0)
    return LostTime(
        time=lost.sum(axis=1),
        influence=_influence(spells, risk, per_exit, lost, lost_later),
        greenwood=float(np.sum(kept_later**2 * risk.step)),
        ended=bool(risk.survival[-1] == 0),
    )


def _influence(spells: WeightedSpells, risk: _Risk, per_exit: NDArray, lost: NDArray, lost_later: NDArray) -> NDArray:
    """Return the derivative of each cause's lost time with respect to each spell's weight, shape (K, n)."""
    first, last = spells.grid.first, spells.grid.last
    summed = np.cumsum(lost_later * risk.step - lost / spells.n_at_risk, axis=1)
    before = np.concatenate([np.zeros((len(lost), 1)), summed], axis=1)
    influence = summed[:, last] - before[:, first]
    influence -= np.where(spells.cause > 0, (lost_later * risk.per_staying)[:, last], 0.0)
    for row in range(len(lost)):
        influence[row] += np.where(spells.cause == row + 1, per_exit[last], 0.0)
    return influence


def _risk(spells: WeightedSpells) -> _Risk:
    at_risk, left = spells.n_at_risk, spells.n_event.sum(axis=0)
    emptied = spells.grid.n_at_risk == spells.exits.number[1:].sum(axis=0)
    staying = np.where(emptied, 0.0, at_risk - left)
    survival = np.cumprod(staying / at_risk)
    per_staying = np.divide(1.0, staying, out=np.zeros(len(staying)), where=~emptied)
    return _Risk(np.concatenate([[1.0], survival])[:-1], survival, per_staying, step=left / at_risk * per_staying)


def _summed_after(values: NDArray) -> NDArray:
    """Return the sum of what comes after each time, along the last axis."""
    from_here = np.cumsum(values[..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([from_here[..., 1:], np.zeros((*values.shape[:-1], 1))], axis=-1)
