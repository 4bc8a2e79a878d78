"""Spells with an outcome, a weight and a cluster each: checked, without those of weight 0, placed on the grid of exit times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.time_grid import TimeGrid, time_grid


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
    causes = _as_outcomes(cause, grid.last.shape, n_causes)
    weights = np.ones(len(causes)) if weight is None else _as_weights(weight, grid.last.shape)
    clusters = None if cluster is None else _as_clusters(cluster, grid.last.shape)
    counted = weights > 0
    if not counted.any():
        raise DefinitionError("Det finns ingen period att räkna på.", found=f"perioder med vikt: 0 av {len(weights)}")
    if not counted.all():
        grid = time_grid(np.asarray(entry)[counted], np.asarray(exit)[counted])
        causes, weights = causes[counted], weights[counted]
        clusters = None if clusters is None else clusters[counted]
    return CountedSpells(grid, causes, weights, clusters)


def _as_outcomes(cause: ArrayLike, shape: tuple[int, ...], n_causes: int) -> NDArray[np.int64]:
    cause = _same_shape(cause, shape, "en händelse eller orsak")
    if n_causes < 1:
        raise DefinitionError("Det ska finnas minst en orsak.", found=str(n_causes))
    numbers = cause.dtype.kind in "biuf"
    n_unknown = int((~((cause >= 0) & (cause <= n_causes) & (cause % 1 == 0))).sum()) if numbers else cause.size
    if n_unknown:
        known = "1" if n_causes == 1 else f"1–{n_causes}"
        raise DefinitionError(
            f"En händelse eller orsak ska vara 0 (censurerad) eller {known}.",
            found=f"andra värden: {n_unknown} av {cause.size}",
        )
    return cause.astype(np.int64)


def _as_weights(weight: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float64]:
    weight = _same_shape(weight, shape, "en vikt")
    wrong = weight.size if weight.dtype.kind not in "biuf" else int((~(np.isfinite(weight) & (weight >= 0))).sum())
    if wrong:
        raise DefinitionError("En vikt ska vara ett tal från 0 och uppåt.", found=f"andra: {wrong} av {weight.size}")
    return weight.astype(float)


def _as_clusters(cluster: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.intp]:
    codes, _ = pd.factorize(_same_shape(cluster, shape, "en person eller grupp"))
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError(
            "Varje period ska höra till en person eller grupp.", found=f"utan: {n_missing} av {codes.size}"
        )
    return codes


def _same_shape(values: ArrayLike, shape: tuple[int, ...], what: str) -> NDArray:
    values = np.asarray(values)
    if values.shape != shape:
        raise DefinitionError(f"Varje period ska ha {what}.", found=f"{values.size} uppgifter för {shape[0]} perioder")
    return values
