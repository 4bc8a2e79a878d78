"""Spells with case weights and clusters on their grid of times, and the weighted numbers at risk at each time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.influence import Exits, exits_by_cause
from kaa_analysis.survival.cores.row_labels import as_codes
from kaa_analysis.survival.cores.time_grid import TimeGrid


@dataclass(frozen=True, eq=False)
class WeightedSpells:
    """``n`` spells with a weight above 0, on the grid of their ``T`` exit times.

    ``exits`` knows them by ``K`` causes and time. ``weight`` (n,) is None where each counts once, ``cluster`` (n,) (0, 1, …) where each
    is its own. With weights the numbers are sums of weights. ``n_entered``, ``n_at_risk`` and ``n_censored`` have shape (T,), ``n_event`` (K, T).
    """

    grid: TimeGrid
    cause: NDArray[np.int64]
    exits: Exits
    weight: NDArray | None
    cluster: NDArray[np.intp] | None
    n_entered: NDArray
    n_at_risk: NDArray
    n_censored: NDArray
    n_event: NDArray

    @property
    def plain(self) -> bool:
        """True if each spell counts once and is its own cluster."""
        return self.weight is None and self.cluster is None

    def cluster_sums(self, values: NDArray) -> NDArray:
        """Return the weighted sums of ``values`` (K, n) in each of the ``C`` clusters, shape (K, C)."""
        weighted = values if self.weight is None else values * self.weight
        if self.cluster is None:
            return weighted
        return np.array([np.bincount(self.cluster, weights=row) for row in weighted])


def weighted_spells(
    grid: TimeGrid, cause: NDArray[np.int64], *, n_causes: int, weight: ArrayLike | None, cluster: ArrayLike | None
) -> WeightedSpells:
    """Put weights and clusters to the spells of ``grid`` with ``cause`` (n,) 0 (censored) … ``n_causes``.

    ``weight`` (n,) holds numbers ≥ 0, ``cluster`` (n,) labels of any kind. Who has the weight 0 is left out, and its exit time with it.

    Raises:
        DefinitionError: shapes differ, a weight is missing, infinite or negative, or a label is missing.
    """
    codes = None if cluster is None else as_codes(cluster, grid)
    weights = None if weight is None else as_weights(weight, grid)
    if weights is not None and not weights.all():
        there = weights > 0
        grid, cause, weights = _of_rows(grid, there), cause[there], weights[there]
        codes = None if codes is None else codes[there]
    exits = exits_by_cause(grid, cause, n_causes=n_causes)
    number = exits.number if weights is None else exits.sums(weights)
    return WeightedSpells(
        grid=grid,
        cause=cause,
        exits=exits,
        weight=weights,
        cluster=codes,
        n_entered=grid.n_entered if weights is None else grid.sums(grid.first, weights),
        n_at_risk=grid.n_at_risk if weights is None else _weight_at_risk(grid, weights),
        n_censored=number[0],
        n_event=number[1:],
    )


def as_weights(weight: ArrayLike, grid: TimeGrid) -> NDArray[np.float64]:
    """Return the weights (n,) of the spells of ``grid``.

    Raises:
        DefinitionError: there is not one for each spell, or one is negative, infinite or no number.
    """
    weight = np.asarray(weight)
    if weight.shape != grid.last.shape:
        raise DefinitionError("Varje tid ska ha en vikt.", found=f"{weight.size} vikter för {grid.last.size} tider")
    if weight.dtype.kind not in "iuf":
        raise DefinitionError("Vikterna ska vara tal.", found=f"typ {weight.dtype}")
    n_refused = int((~(np.isfinite(weight) & (weight >= 0))).sum())
    if n_refused:
        raise DefinitionError(
            "En vikt ska vara ett tal från 0 och uppåt.", found=f"andra värden: {n_refused} av {weight.size}"
        )
    return weight.astype(float)


def _of_rows(grid: TimeGrid, rows: NDArray[np.bool_]) -> TimeGrid:
    """Return the grid of the chosen rows (n,) alone; exit times that no chosen row has are left out."""
    present = grid.sums(grid.last[rows]) > 0
    n_before = np.cumsum(present) - present
    return TimeGrid(grid.times[present], n_before[grid.first[rows]], n_before[grid.last[rows]])


def _weight_at_risk(grid: TimeGrid, weight: NDArray) -> NDArray:
    """Return the sum of the weights at risk at each time, shape (T,).

    Summed from the last time, and nothing but the exits of the time where nobody stays: a risk set that is emptied is emptied exactly.
    """
    leaving = grid.sums(grid.last, weight)
    entering = grid.sums(grid.first, weight)
    still_to_enter = _sum_from_end(entering) - entering
    at_risk = np.maximum(_sum_from_end(leaving) - still_to_enter, leaving)
    return np.where(grid.n_at_risk == grid.sums(grid.last), leaving, at_risk)


def _sum_from_end(values: NDArray) -> NDArray:
    return np.cumsum(values[::-1])[::-1]
