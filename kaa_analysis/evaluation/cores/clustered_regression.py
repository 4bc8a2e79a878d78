"""Weighted least squares with standard errors by cluster, corrected for few of them (CR1, CR2 with Satterthwaite's degrees of freedom)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.cell_panel import label_numbers
from kaa_analysis.evaluation.cores.effect_estimate import cluster_sums
from kaa_analysis.evaluation.cores.two_groups import numbers

LEAST_SHARE = 1e-9
"""A column of which the others leave no larger share (of its length) differs from them by rounding alone; so for the eigenvalues of I − H, which lie in [0, 1]."""


class ClusterVariance(StrEnum):
    """How a cluster's residuals are made as large as its errors: by one factor for all (CR1), or by its own leverage (CR2)."""

    CR1 = "CR1"
    CR2 = "CR2"


@dataclass(frozen=True, eq=False)
class ClusteredRegression:
    """``K`` coefficients of interest: ``value``, ``se``, ``df``, ``lower`` and ``upper`` have shape (K,), ``covariance`` (K, K).

    ``influence`` (n, K) is what each row moves the coefficients by, small-sample correction included: summed within the clusters, its squares add up to
    the covariance.
    """

    value: NDArray[np.float64]
    se: NDArray[np.float64]
    df: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    covariance: NDArray[np.float64]
    influence: NDArray[np.float64] = field(repr=False)
    n_clusters: int


def clustered_regression(
    outcome: ArrayLike,
    columns: ArrayLike,
    *,
    others: ArrayLike,
    cluster: ArrayLike,
    weight: ArrayLike | None = None,
    variance: str = "CR2",
    level: float = 0.95,
) -> ClusteredRegression:
    """Return the coefficients of ``columns`` (n, K), beside ``others`` (n, L; an intercept or dummies), with standard errors by cluster.

    ``outcome``, ``weight`` (inverse variances, up to a factor) and ``cluster`` have shape (n,). CR1 multiplies the variance by G/(G − 1) · (n − 1)/(n − k),
    k all columns, with G − 1 degrees of freedom. CR2 multiplies the residuals of each cluster by a (pseudo-)inverse root of I − H there, which makes the variance
    unbiased were the errors independent with the variances that the weights say; its degrees of freedom are Satterthwaite's. The limits are those of Student's t.

    >>> found = clustered_regression([1.0, 3.0, 4.0, 8.0], [[0], [0], [1], [1]], others=np.ones((4, 1)), cluster=[1, 2, 3, 4])
    >>> found.value.round(6).tolist(), found.se.round(6).tolist(), found.df.round(6).tolist()  # (2/2 + 8/2) ** 0.5
    ([4.0], [2.236068], [2.0])

    Raises:
        DefinitionError: a value is missing or there is not one per row, a weight is 0 or less, there are fewer than two clusters or no more rows than columns,
            a column does not vary or follows from the others, the level does not lie between 0 and 1, or the variance is unknown.

    **Counts** rows, as their weights say.
    **Time** knows none.
    **Missing** is refused.
    **Source** Bell & McCaffrey 2002; Pustejovsky & Tipton 2018 (J Bus Econ Stat); `docs/methods/difference_in_differences.md`.
    """
    kind = _variance_kind(variance)
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")
    y = numbers(outcome, n_rows=np.shape(outcome)[0] if np.ndim(outcome) else 0, name="utfallet")
    cluster_, _ = label_numbers(cluster, name="klustret", n_rows=len(y))
    root = np.sqrt(_positive(weight, n_rows=len(y)))
    columns_, others_ = (numbers(part, n_rows=len(y), name="kolumnerna") for part in (columns, others))
    y = root * y
    basis = orthonormal(root[:, np.newaxis] * others_)
    own = left_over(root[:, np.newaxis] * columns_, basis, refuse=True)
    whole = np.hstack([basis, orthonormal(own)])
    _check_sizes(n_rows=len(y), n_columns=whole.shape[1], n_clusters=int(cluster_.max()) + 1)
    bread = np.linalg.inv(own.T @ own)
    value = bread @ (own.T @ y)
    residual = y - whole @ (whole.T @ y)
    if kind is ClusterVariance.CR1:
        influence, df = _one_factor(own @ bread, residual, whole, cluster_)
    else:
        influence, df = _own_leverage(own @ bread, residual, whole, cluster_, variances=root**-2)
    meat = cluster_sums(influence, cluster_)
    covariance = meat.T @ meat
    se = np.sqrt(np.diag(covariance))
    half_width = student.ppf((1 + level) / 2, df) * se
    return ClusteredRegression(
        value, se, df, value - half_width, value + half_width, level, covariance, influence, len(meat)
    )


def orthonormal(columns: NDArray) -> NDArray[np.float64]:
    """Return an orthonormal basis of the space of the columns (n, L), whatever their units, shape (n, rank)."""
    length = np.linalg.norm(columns, axis=0)
    left, size, _ = np.linalg.svd(columns / np.where(length > 0, length, 1), full_matrices=False)
    return left[:, size > LEAST_SHARE * size.max(initial=0.0)]


def left_over(columns: NDArray, basis: NDArray, *, refuse: bool = False) -> NDArray[np.float64]:
    """Return what the basis (n, r) does not explain of the columns (n, K); by ``refuse`` they must leave K columns that can be told apart.

    Raises:
        DefinitionError: a column follows from the basis or from the other columns, and ``refuse``.
    """
    left = columns - basis @ (basis.T @ columns)
    if refuse:
        length = np.linalg.norm(columns, axis=0)
        following = np.linalg.norm(left, axis=0) <= LEAST_SHARE * np.where(length > 0, length, 1)
        if following.any() or orthonormal(left).shape[1] < left.shape[1]:
            raise DefinitionError(
                "Varje kolumn ska variera och inte följa av de andra.",
                found=f"kolumner: {left.shape[1]}, som följer av de andra: minst {max(int(following.sum()), 1)}",
            )
    return left


def _one_factor(part: NDArray, residual: NDArray, whole: NDArray, cluster: NDArray) -> tuple[NDArray, NDArray]:
    n_rows, n_columns = whole.shape
    n_clusters = int(cluster.max()) + 1
    factor = n_clusters / (n_clusters - 1) * (n_rows - 1) / (n_rows - n_columns)
    return np.sqrt(factor) * part * residual[:, np.newaxis], np.full(part.shape[1], n_clusters - 1.0)


def _own_leverage(
    part: NDArray, residual: NDArray, whole: NDArray, cluster: NDArray, *, variances: NDArray
) -> tuple[NDArray, NDArray]:
    """Return the influences, and Satterthwaite's degrees of freedom (tr P)² / tr P²: P has the products of (I − H) A_g part_g between clusters.

    On rows times the root of their weight, A_g is B_g^(+1/2) V_g with B_g = V_g (I − H)_g V_g and V_g the variances (Pustejovsky & Tipton 2018).
    """
    corrected, factors = np.zeros(len(residual)), np.zeros(part.shape)
    for one in range(int(cluster.max()) + 1):
        rows = np.flatnonzero(cluster == one)
        scale = variances[rows]
        hat = whole[rows] @ whole[rows].T
        values, vectors = np.linalg.eigh((np.eye(len(rows)) - hat) * np.outer(scale, scale))
        kept = values > LEAST_SHARE * scale.max() ** 2
        inverse_root = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
        corrected[rows] = inverse_root @ (scale * residual[rows])
        factors[rows] = scale[:, np.newaxis] * (inverse_root @ part[rows])
    df = np.zeros(part.shape[1])
    for place, factor in enumerate(factors.T):
        across = cluster_sums(whole * factor[:, np.newaxis], cluster)
        products = np.diag(cluster_sums(factor**2, cluster)) - across @ across.T
        df[place] = np.trace(products) ** 2 / (products**2).sum()
    return part * corrected[:, np.newaxis], df


def _check_sizes(*, n_rows: int, n_columns: int, n_clusters: int) -> None:
    if n_clusters < 2 or n_rows <= n_columns:
        raise DefinitionError(
            "Skattningen kräver minst två kluster och fler rader än kolumner.",
            found=f"kluster: {n_clusters}, rader: {n_rows}, kolumner: {n_columns}",
        )


def _positive(weight: ArrayLike | None, *, n_rows: int) -> NDArray[np.float64]:
    values = np.ones(n_rows) if weight is None else numbers(weight, n_rows=n_rows, name="vikten")
    if (values <= 0).any():
        raise DefinitionError(
            "Varje rads vikt ska vara större än 0.", found=f"0 eller mindre: {int((values <= 0).sum())} av {n_rows}"
        )
    return values


def _variance_kind(variance: str) -> ClusterVariance:
    try:
        return ClusterVariance(variance)
    except ValueError:
        raise DefinitionError(f"Variansen ska vara CR1 eller CR2{did_you_mean(variance, ClusterVariance)}.") from None
