"""Infinitesimal-jackknife variances with weights and clusters, exact at every time without a matrix of clusters × times.

The influence of a cluster is the sum of its spells' influences, each times its weight: ``a(t) − w(t) X(t)``, where *X* is the same for
all, *w* is the weight that the cluster has at risk and *a* and *w* change at its own entries and exits alone. So the sum of squares over
all clusters is ``Σ a² − 2 X Σ a w + X² Σ w²``, and each of the three sums changes by what the clusters with an entry or exit at that time
change. Sorted by cluster and time, the 2n changes are run through once: O(n log n) time, some ten arrays of 2n numbers of memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.step_function import held_values
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells


@dataclass(frozen=True, eq=False)
class ClusterChanges:
    """The entries and exits of ``n`` spells, by cluster and within it by time; ``order`` and ``place`` have shape (2n,).

    ``order`` is the place of each change in the list of all entries followed by all exits, ``place`` its grid time. ``begins`` (C,) is
    where each cluster begins, ``at_risk`` (2n,) the weight that the cluster has at risk after each change.
    """

    spells: WeightedSpells
    order: NDArray[np.intp]
    place: NDArray[np.intp]
    begins: NDArray[np.intp]
    at_risk: NDArray

    def variance(self, x: Influence, y: Influence) -> NDArray:
        """Return Σ x(t) y(t) over all clusters after each time, shape (T,)."""
        return (
            self._product(x.of_cluster, y.of_cluster)
            - y.summed * self._product(x.of_cluster, self.at_risk)
            - x.summed * self._product(y.of_cluster, self.at_risk)
            + x.summed * y.summed * self._product(self.at_risk, self.at_risk)
        )

    def influence(self, summed: NDArray, *, at_event: NDArray) -> Influence:
        """Return the influence of a spell that is −(the part of ``summed`` (T,) while at risk) + ``at_event`` (K, T) when it ends so."""
        grid, cause = self.spells.grid, self.spells.cause
        before = np.concatenate([[0.0], summed])[grid.first]
        jump = np.vstack([np.zeros(len(summed)), at_event])[cause, grid.last]
        return Influence(summed, _running(self.spells, self.order, self.begins, (before, jump - summed[grid.last])))

    def _product(self, x: NDArray, y: NDArray) -> NDArray:
        after = x * y
        change = np.diff(after, prepend=0.0)
        change[self.begins] = after[self.begins]
        return np.cumsum(np.bincount(self.place, weights=change, minlength=len(self.spells.grid.times)))


@dataclass(frozen=True, eq=False)
class Influence:
    """The influences of all clusters, ``of_cluster − weight at risk × summed``; shapes (2n,) and (T,)."""

    summed: NDArray
    of_cluster: NDArray


def cluster_changes(spells: WeightedSpells) -> ClusterChanges:
    """Sort the entries and exits of ``spells`` by cluster and time; without clusters each spell is its own."""
    grid = spells.grid
    n_spells, n_times = len(grid.last), len(grid.times)
    cluster = np.arange(n_spells) if spells.cluster is None else spells.cluster
    place = np.concatenate([grid.first, grid.last])
    code = np.concatenate([cluster, cluster]) * n_times + place
    order = np.argsort(code, kind="stable")
    of_change = code[order] // max(n_times, 1)
    begins = np.flatnonzero(np.diff(of_change, prepend=-1))
    ones = np.ones(n_spells)
    return ClusterChanges(spells, order, place[order], begins, at_risk=_running(spells, order, begins, (ones, -ones)))


def log_survival_variance(spells: WeightedSpells, *, survival_before: NDArray) -> NDArray:
    """Return the variance of the logarithm of the Kaplan–Meier estimate (one cause), shape (T,), until the estimate is 0."""
    changes = cluster_changes(spells)
    step, inverse_left = _log_steps(spells, survival_before)
    psi = changes.influence(np.cumsum(step), at_event=inverse_left[np.newaxis])
    return _settled(changes.variance(psi, psi), moves=spells.n_event[0] > 0)


def hazard_variance(spells: WeightedSpells) -> NDArray:
    """Return the variance of the Nelson–Aalen estimate (one cause), shape (T,)."""
    changes = cluster_changes(spells)
    summed = np.cumsum(spells.n_event[0] / spells.n_at_risk**2)
    own = changes.influence(summed, at_event=1 / spells.n_at_risk[np.newaxis])
    return _settled(changes.variance(own, own), moves=spells.n_event[0] > 0)


def incidence_variances(spells: WeightedSpells, *, survival_before: NDArray, cif: NDArray) -> NDArray:
    """Return the variance of ``cif``, both of shape (K, T); ``survival_before`` has shape (T,).

    The same θ and ψ as in `influence_variances`, with the incidence counted from its last value: late in a curve, where few are left
    and ψ is large, it is then small, and little is lost in the differences of large sums.
    """
    changes = cluster_changes(spells)
    step, inverse_left = _log_steps(spells, survival_before)
    psi = changes.influence(np.cumsum(step), at_event=np.tile(inverse_left, (len(cif), 1)))
    psi_psi = changes.variance(psi, psi)
    variances = np.zeros(cif.shape)
    for cause, incidence in enumerate(cif):
        ahead = incidence - incidence[-1:]
        summed = np.cumsum(np.diff(incidence, prepend=0.0) / spells.n_at_risk + ahead * step)
        jump = np.tile(ahead * inverse_left, (len(cif), 1))
        jump[cause] += survival_before / spells.n_at_risk
        theta = changes.influence(summed, at_event=jump)
        theta_theta, theta_psi = changes.variance(theta, theta), changes.variance(theta, psi)
        variances[cause] = theta_theta - 2 * ahead * theta_psi + ahead**2 * psi_psi
    moves = (spells.n_event.sum(axis=0) > 0) & (cif > 0)
    return _settled(variances, moves=moves)


def _settled(variance: NDArray, *, moves: NDArray[np.bool_]) -> NDArray:
    """Return the variance, which changes at events alone, without what is only the rounding of its sums."""
    return np.maximum(held_values(variance, moves=moves), 0)


def _log_steps(spells: WeightedSpells, survival_before: NDArray) -> tuple[NDArray, NDArray]:
    """Return the steps of −log S per weight and 1 / (weight that stays), 0 from the time when all at risk leave by an event."""
    n_any = spells.n_event.sum(axis=0)
    n_left = spells.n_at_risk - n_any
    inverse_left = np.divide(1.0, n_left, out=np.zeros(len(n_left)), where=(n_left > 0) & (survival_before > 0))
    return n_any / spells.n_at_risk * inverse_left, inverse_left


def _running(
    spells: WeightedSpells,
    order: NDArray[np.intp],
    begins: NDArray[np.intp],
    at_entry_and_exit: tuple[NDArray, NDArray],
) -> NDArray:
    """Return the weighted sum within each cluster after each change, shape (2n,).

    At the beginning of a cluster the sum of the one before is taken off, so that no rounding adds up.
    """
    steps = np.concatenate(at_entry_and_exit)
    if spells.weight is not None:
        steps *= np.concatenate([spells.weight, spells.weight])
    steps = steps[order]
    if len(steps):
        steps[begins[1:]] -= np.add.reduceat(steps, begins)[:-1]
    return np.cumsum(steps)
