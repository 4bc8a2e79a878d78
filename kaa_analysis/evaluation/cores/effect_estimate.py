"""An estimated effect with its standard error, made from what each row contributes to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from kaa_analysis.core.errors import DefinitionError


@dataclass(frozen=True, eq=False)
class EffectEstimate:
    """An estimate, its standard error and normal limits at ``level``.

    ``influence`` (n,) is what each row moves the estimate by (to first order): the rows sum to about 0, and the square root of the sum of their squares,
    summed within clusters first, is ``se``.
    """

    value: float
    se: float
    lower: float
    upper: float
    level: float
    influence: NDArray[np.float64] = field(repr=False)


def effect_estimate(
    value: float, influence: ArrayLike, *, cluster: ArrayLike | None = None, level: float = 0.95
) -> EffectEstimate:
    """Return the estimate whose rows have the given influence, those of one cluster (a person, a coordinator) held together.

    ``influence`` and ``cluster`` have shape (n,); without a cluster each row is its own.

    >>> found = effect_estimate(0.1, [0.03, -0.04, 0.0], cluster=["a", "b", "b"])
    >>> round(found.se, 4), round(found.lower, 4), round(found.upper, 4)
    (0.05, 0.002, 0.198)

    Raises:
        DefinitionError: the level does not lie between 0 and 1, or the cluster has not a value per row.
    """
    influence = np.asarray(influence, dtype=float)
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")
    se = float(np.sqrt((cluster_sums(influence, cluster) ** 2).sum()))
    half_width = float(ndtri((1 + level) / 2)) * se
    return EffectEstimate(float(value), se, float(value) - half_width, float(value) + half_width, level, influence)


def cluster_sums(rows: ArrayLike, cluster: ArrayLike | None) -> NDArray[np.float64]:
    """Return the sums of ``rows`` (n,) or (n, k) within each cluster, in the order of the clusters' labels; the rows themselves without clusters.

    >>> cluster_sums([1.0, 2.0, 4.0], ["b", "a", "b"]).tolist()
    [2.0, 5.0]

    Raises:
        DefinitionError: the cluster has not a value per row.
    """
    rows = np.asarray(rows, dtype=float)
    if cluster is None:
        return rows
    labels = np.asarray(cluster)
    if labels.shape != rows.shape[:1]:
        raise DefinitionError(
            "Klustret ska ha ett värde per rad.", found=f"{labels.size} värden, {rows.shape[0]} rader"
        )
    _, number = np.unique(labels, return_inverse=True)
    sums = np.zeros((number.max(initial=-1) + 1, *rows.shape[1:]))
    np.add.at(sums, number, rows)
    return sums
