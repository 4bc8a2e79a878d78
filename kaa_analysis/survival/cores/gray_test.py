"""Gray's test of whether groups have the same cumulative incidence of a cause, the other causes competing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.compared_groups import compared_groups, group_counts
from kaa_analysis.survival.cores.event_marks import as_numbers
from kaa_analysis.survival.cores.gray_score import gray_score
from kaa_analysis.survival.cores.time_grid import TimeGrid, time_grid

DEPENDENT = 1e-7
"""What is left of a column of the variance, as a share of it, when those before it are taken away, and it counts as nothing (as R's ``qr``)."""


@dataclass(frozen=True, eq=False)
class GrayTest:
    """The tests of ``K`` causes in ``G`` groups, in the order of their labels.

    ``causes``, ``chi_square`` and ``p`` have shape (K,), ``groups`` and ``n_rows`` (G,), ``score`` (K, G) and its ``variance`` (K, G, G).
    Where the variance does not have full rank ``chi_square`` and ``p`` are NaN (``cuminc`` gives −1 there). ``df`` is G − 1.
    """

    causes: NDArray[np.intp]
    groups: NDArray
    n_rows: NDArray[np.intp]
    score: NDArray
    variance: NDArray
    chi_square: NDArray
    df: int
    p: NDArray


def gray_test(
    exit: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    rho: float = 0.0,
    cluster: ArrayLike | None = None,
) -> GrayTest:
    """Test, for each cause that occurs, whether groups have the same cumulative incidence.

    ``exit`` (any numbers ≥ 0), ``cause`` (0 = censored, else a whole number), ``group``, ``strata`` and ``cluster`` have shape (n,).
    Within ``strata`` (None = one) groups are compared with each other, and scores and variances are added up. Differences at *t*
    weigh (1 − F(t−))^rho, F the incidence if all groups have the same. Everybody is followed from 0: ``entry`` may be given to
    say so, and a later entry is refused. Give ``cluster``, the person of each row, so that the test is refused where a person has
    several: it takes the rows to be independent.

    >>> test = gray_test([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 2, 1, 2, 0, 1, 2], list("aababbab"))
    >>> test.causes.tolist(), test.chi_square.round(4).tolist(), test.df
    ([1, 2], [6.1306, 1.8081], 1)

    Raises:
        DefinitionError: shapes differ, a time or label is missing, a time is negative, an entry is later than 0, a cause is not 0 or
            a positive whole number, there are fewer than two groups, a cluster has two rows, or ``rho`` is not a number.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time; tied events as in R's cmprsk, ``cuminc``.
    **Missing** is refused.
    **Source** Gray 1988; `docs/methods/gray_test.md`.
    """
    grid = _grid_from_0(entry, exit)
    groups = compared_groups(group, grid, strata=strata, cluster=cluster)
    cause = _as_causes(cause, grid)
    if not np.isfinite(rho):
        raise DefinitionError("rho ska vara ett tal.", found=str(rho))
    causes, place = np.unique(np.append(cause, 0), return_inverse=True)
    strata_counts = list(group_counts(grid, groups, place[:-1], n_causes=len(causes) - 1))
    shape = (len(causes) - 1, len(groups.labels))
    score, variance = np.zeros(shape), np.zeros((*shape, shape[1]))
    for number in range(shape[0]):
        for counts in strata_counts:
            of_stratum = gray_score(counts, cause=number, rho=rho)
            score[number] += of_stratum[0]
            variance[number] += of_stratum[1]
    chi_square = np.array([_chi_square(*of_cause) for of_cause in zip(score, variance, strict=True)])
    df = shape[1] - 1
    return GrayTest(causes[1:], groups.labels, groups.n_rows, score, variance, chi_square, df, chi2.sf(chi_square, df))


def _grid_from_0(entry: ArrayLike | None, exit: ArrayLike) -> TimeGrid:
    exit_ = np.asarray(exit)
    entry = np.zeros(exit_.shape, dtype=np.int64) if entry is None else np.asarray(entry)
    grid = time_grid(entry, exit_)
    n_later = int((entry > 0).sum())
    if n_later:
        raise DefinitionError(
            "Grays test gäller dem som följs från tid 0.",
            found=f"senare inträden: {n_later} av {len(entry)}",
            action="jämför de orsaksspecifika riskerna med log_rank, som räknar med sena inträden",
        )
    return grid


def _as_causes(cause: ArrayLike, grid: TimeGrid) -> NDArray[np.int64]:
    cause = as_numbers(cause)
    if cause.shape != grid.last.shape:
        raise DefinitionError("Varje tid ska ha en orsak.", found=f"{cause.size} orsaker för {grid.last.size} tider")
    n_unknown = int((~(np.isfinite(cause) & (cause >= 0) & (cause == np.floor(cause)))).sum())
    if n_unknown:
        raise DefinitionError(
            "En orsak ska vara 0 (censurerad) eller ett positivt heltal.",
            found=f"andra värden: {n_unknown} av {cause.size}",
        )
    return cause.astype(np.int64)


def _chi_square(score: NDArray, variance: NDArray) -> float:
    """Return the chi-square of all groups but the last: the scores of a cause sum to 0."""
    score, variance = score[:-1], variance[:-1, :-1]
    if not np.isfinite(variance).all():
        return np.nan
    left = np.abs(np.diag(np.linalg.qr(variance, mode="r")))
    if (left <= DEPENDENT * np.linalg.norm(variance, axis=0)).any():
        return np.nan
    return float(score @ np.linalg.solve(variance, score))
