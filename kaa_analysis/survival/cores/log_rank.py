"""The log-rank test and its weighted, stratified and trend versions, with delayed entry, exact on tied times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import connected_components
from scipy.stats import chi2

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.compared_groups import GroupCounts, compared_groups, group_counts
from kaa_analysis.survival.cores.event_marks import as_events
from kaa_analysis.survival.cores.log_rank_weights import WeightFunction, log_rank_weights
from kaa_analysis.survival.cores.time_grid import time_grid


@dataclass(frozen=True, eq=False)
class Trend:
    """A test with one degree of freedom of whether the risk rises or falls with a score of the groups.

    ``statistic`` is Σ score × (observed − expected), positive where high scores have more events than expected, and ``variance`` its
    variance. ``chi_square`` and ``p`` are NaN where only groups with the same score can be compared.
    """

    statistic: float
    variance: float
    chi_square: float
    p: float


@dataclass(frozen=True, eq=False)
class LogRank:
    """The test of ``G`` groups, in the order of their labels.

    ``groups``, ``n_rows``, ``observed`` and ``expected`` have shape (G,), ``variance`` (of observed − expected) has shape (G, G).
    Observed and expected are weighted as the test is, and added up over strata.
    """

    groups: NDArray
    n_rows: NDArray[np.intp]
    observed: NDArray
    expected: NDArray
    variance: NDArray
    chi_square: float
    df: int
    p: float
    trend: Trend | None


def log_rank(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    weight_function: str = WeightFunction.FLEMING_HARRINGTON,
    rho: float = 0.0,
    trend: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> LogRank:
    """Test whether groups leave at the same rate, against what would be expected of them if they did.

    ``entry``, ``exit`` (any numbers ≥ 0), ``event`` (true = left, false = censored), ``group``, ``strata`` and ``cluster`` have
    shape (n,). A row is at risk in (entry, exit]; who enters at 0 is at risk at 0. Within ``strata`` (None = one) groups are compared
    with each other, and the comparisons are added up. ``weight_function`` is "fleming-harrington" (weight S(t−)^rho, S the Kaplan–Meier
    estimate of the whole stratum; rho = 0 is the log-rank test, rho = 1 Peto and Peto's), "gehan" (number at risk) or "tarone-ware"
    (its square root). ``trend`` (G,) holds a score of each group, in the order of the labels. Give ``cluster``, the person of each
    row, so that the test is refused where a person has several: it takes the rows to be independent.

    ``df`` is the number of groups less one for each set of groups that are compared with each other; it is 0, ``chi_square`` 0
    and ``p`` NaN where no two groups are at risk at the same event.

    >>> test = log_rank([0, 0, 0, 0], [1, 3, 2, 4], [True, True, True, True], ["a", "a", "b", "b"])
    >>> test.observed.tolist(), test.expected.round(4).tolist(), round(test.chi_square, 4), test.df
    ([2.0, 2.0], [1.3333, 2.6667], 0.6154, 1)

    Raises:
        DefinitionError: shapes differ, a time or label is missing, a time is negative, an exit lies before its entry or on it after
            0, an event is neither true nor false, there are fewer than two groups, a cluster has two rows, the weight function is
            unknown or not defined, or the scores are not one number for each group, not all the same.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Mantel 1966; Fleming & Harrington 1981; Gehan 1965; Tarone & Ware 1977; `docs/methods/log_rank.md`.
    """
    grid = time_grid(entry, exit)
    groups = compared_groups(group, grid, strata=strata, cluster=cluster)
    observed, expected, variance = 0.0, 0.0, 0.0
    for counts in group_counts(grid, groups, as_events(event, grid), n_causes=1):
        weight = log_rank_weights(counts, weight_function=weight_function, rho=rho)
        in_stratum = _moments(counts, weight)
        observed, expected, variance = observed + in_stratum[0], expected + in_stratum[1], variance + in_stratum[2]
    score = observed - expected
    chi_square, df = _chi_square(score, variance)
    p = float(chi2.sf(chi_square, df)) if df else np.nan
    tested_trend = None if trend is None else _trend(score, variance, scores=trend)
    return LogRank(groups.labels, groups.n_rows, observed, expected, variance, chi_square, df, p, tested_trend)


def _moments(counts: GroupCounts, weight: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Return observed (G,), expected (G,) and the hypergeometric variance (G, G) of one stratum; ``weight`` has shape (T,).

    Each row of the variance sums to 0, so that only what stands off the diagonal is computed.
    """
    [n_event], n_at_risk = counts.n_event, counts.n_at_risk
    n_events, n_risk = n_event.sum(axis=0), n_at_risk.sum(axis=0)
    share = n_at_risk / n_risk
    factor = weight**2 * n_events * (n_risk - n_events) / np.maximum(n_risk - 1, 1)
    between = (share * factor) @ share.T
    np.fill_diagonal(between, 0)
    return n_event @ weight, share @ (weight * n_events), np.diag(between.sum(axis=1)) - between


def _chi_square(score: NDArray, variance: NDArray) -> tuple[float, int]:
    """Return the chi-square and its degrees of freedom: one group is left out of each set that is compared with each other."""
    _, compared_set = connected_components(variance != 0)
    kept = np.delete(np.arange(len(score)), np.unique(compared_set, return_index=True)[1])
    return float(score[kept] @ np.linalg.solve(variance[np.ix_(kept, kept)], score[kept])), len(kept)


def _trend(score: NDArray, variance: NDArray, *, scores: ArrayLike) -> Trend:
    scores = np.asarray(scores, dtype=float)
    if scores.shape != score.shape or not np.isfinite(scores).all() or not np.ptp(scores):
        raise DefinitionError(
            "Ett test av trend behöver ett tal för varje grupp, och talen får inte alla vara lika.",
            found=f"{scores.size} tal för {score.size} grupper",
            action="ge talen i gruppernas ordning",
        )
    statistic = float(scores @ score)
    spread = float(-np.triu(variance, 1).ravel() @ np.subtract.outer(scores, scores).ravel() ** 2)
    chi_square = statistic**2 / spread if spread else np.nan
    return Trend(statistic, spread, chi_square, float(chi2.sf(chi_square, 1)))
