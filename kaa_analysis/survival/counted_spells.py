"""Spells with an outcome, a weight and a cluster each: checked, without those of weight 0, placed on the grid of exit times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.event_marks import as_causes
from kaa_analysis.survival.time_grid import TimeGrid, time_grid
from kaa_analysis.survival.weighted_spells import as_codes, as_weights


@dataclass(frozen=True, eq=False)
class CountedSpells:
    """``n`` spells that count: ``cause`` (0 = censored), ``weight`` (> 0) and ``cluster`` (0, 1, …) have shape (n,).

    ``cluster`` is None where every spell is one of its own.
    """

    grid: TimeGrid
    cause: NDArray[np.int64]
    weight: NDArray[np.float64]
    cluster: NDArray[np.intp] | None

    def cluster_sums(self, values: NDArray) -> NDArray:
        """Return the weighted sums of ``values`` (K, n) in each of the ``C`` clusters, shape (K, C)."""
        weighted = values * self.weight
        if self.cluster is None:
            return weighted
        return np.array([np.bincount(self.cluster, weights=row) for row in weighted])


def counted_spells(
    entry: ArrayLike,
    exit: ArrayLike,
    cause: ArrayLike,
    *,
    n_causes: int,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> CountedSpells:
    """Return the spells that count, all arrays of shape (n,) on the way in.

    ``cause`` is 0 (censored) or 1 … ``n_causes``; ``weight`` is finite and ≥ 0 (left out: 1 each), ``cluster`` any labels (left out:
    every spell is one of its own). Spells of weight 0 are checked like the others and then left out, of the grid too.

    Raises:
        DefinitionError: a time that no estimator can carry (`time_grid`), an unknown cause, a weight that is negative or not
            finite, a missing label, shapes that differ, or nobody left to count.
    """
    grid = time_grid(entry, exit)
    causes = as_causes(cause, grid, n_causes=n_causes)
    weights = np.ones(len(causes)) if weight is None else as_weights(weight, grid)
    clusters = None if cluster is None else as_codes(cluster, grid)
    counted = weights > 0
    if not counted.any():
        raise DefinitionError("Det finns ingen period att räkna på.", found=f"perioder med vikt: 0 av {len(weights)}")
    if not counted.all():
        grid = time_grid(np.asarray(entry)[counted], np.asarray(exit)[counted])
        causes, weights = causes[counted], weights[counted]
        clusters = None if clusters is None else clusters[counted]
    return CountedSpells(grid, causes, weights, clusters)
