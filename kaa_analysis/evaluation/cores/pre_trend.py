"""Did treated and untreated units part before adoption already, and what would a test of it have found?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import f as fisher
from scipy.stats import ncf

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.difference_in_differences import EventStudy

LEAST_DF = 1 - 1e-9
"""With less than one degree of freedom left, give or take rounding, no statistic is large enough."""
MOST_POWER = 0.999


@dataclass(frozen=True, eq=False)
class PreTrendTest:
    """The joint test that all differences before adoption are 0: ``statistic`` is F with ``n_periods`` and ``df`` degrees of freedom, ``wald`` that of Wald."""

    wald: float
    statistic: float
    n_periods: int
    df: float
    p_value: float


@dataclass(frozen=True, eq=False)
class DetectableTrend:
    """The smallest linear trend, per period, that the test finds with the given power, and what it would do to the estimates if it went on.

    ``bias`` (periods from adoption on,) is what it adds to each estimate of the event study, ``mean_bias`` to their mean.
    """

    slope: float
    power: float
    alpha: float
    bias: NDArray[np.float64]
    mean_bias: float


def pre_trend_test(study: EventStudy) -> PreTrendTest:
    """Test that the differences in the periods before adoption are all that of the last of them.

    W = b'V⁻¹b over the q periods before; with ν the least degrees of freedom of their standard errors, W (ν − q + 1)/(ν q) is held against
    F(q, ν − q + 1) (Hotelling's T²): with few clusters W/q against F(q, ν) would find trends that are none. That it finds nothing
    is no evidence of parallel trends: see `detectable_trend`.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> from kaa_analysis.evaluation.cores.difference_in_differences import event_study
    >>> counts = {"n": [10] * 15, "n_outcome": [5, 5, 1, 4, 6, 2, 4, 4, 4, 6, 5, 6, 3, 3, 4], "treated": [1] * 6 + [0] * 9}
    >>> study = event_study(cell_panel([*"aaabbbcccdddeee"], [1, 2, 3] * 5, **counts, adopted=3))
    >>> found = pre_trend_test(study)
    >>> round(found.wald, 6), round(found.statistic, 6), round(found.p_value, 4)  # (2/15)² / (1/90)
    (1.6, 1.6, 0.3201)

    Raises:
        DefinitionError: there is one period alone before adoption, or too few clusters for so many periods.

    **Counts** what the event study counts.
    **Time** the periods before adoption.
    **Missing** is refused when the cells are made.
    **Source** Hotelling 1931; `docs/methods/pre_trend.md`.
    """
    value, covariance, df = _before(study)
    q = len(value)
    wald = float(value @ np.linalg.solve(covariance, value))
    statistic = wald * (df - q + 1) / (df * q)
    return PreTrendTest(wald, statistic, q, df - q + 1, float(fisher.sf(statistic, q, df - q + 1)))


def detectable_trend(study: EventStudy, *, power: float = 0.8, alpha: float = 0.05) -> DetectableTrend:
    """Return the smallest linear difference in trend that `pre_trend_test` at ``alpha`` would find with probability ``power``.

    A difference that grows by γ a period adds γ·(r + 1) to the estimate at relative period r. The statistic then is F with the non-centrality γ² t'Σ⁻¹t, with
    t = r + 1 before adoption; γ is solved from it. As t'V⁻¹t of the estimated covariance is too large on average, it is taken (ν − q + 1)/ν times, which
    makes γ² unbiased where ν V has Wishart's distribution; with many clusters the factor is 1.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> from kaa_analysis.evaluation.cores.difference_in_differences import event_study
    >>> counts = {"n": [10] * 15, "n_outcome": [5, 5, 1, 4, 6, 2, 4, 4, 4, 6, 5, 6, 3, 3, 4], "treated": [1] * 6 + [0] * 9}
    >>> study = event_study(cell_panel([*"aaabbbcccdddeee"], [1, 2, 3] * 5, **counts, adopted=3))
    >>> round(detectable_trend(study).slope, 4), round(detectable_trend(study).mean_bias, 4)
    (0.5352, 0.5352)

    Raises:
        DefinitionError: as `pre_trend_test`, or the power does not lie between alpha and 0.999, or alpha is not above 0.

    **Counts** what the event study counts.
    **Time** periods, taken as equally far apart.
    **Missing** is refused when the cells are made.
    **Source** Roth 2022 (AER: Insights); `docs/methods/pre_trend.md`.
    """
    if not 0 < alpha < power <= MOST_POWER:
        raise DefinitionError(
            "Styrkan ska ligga mellan testets nivå och 0,999, och nivån över 0.",
            found=f"styrka {power:g}, nivå {alpha:g}",
        )
    value, covariance, df = _before(study)
    q = len(value)
    critical = fisher.isf(alpha, q, df - q + 1)
    centrality = brentq(
        lambda size: ncf.sf(critical, q, df - q + 1, size) - power, 1e-9, _above(critical, q, df, power)
    )
    trend = study.relative + 1.0
    before = trend[: len(value)]
    information = before @ np.linalg.solve(covariance, before) * (df - q + 1) / df
    slope = float(np.sqrt(centrality / information))
    bias = slope * trend[len(value) :]
    return DetectableTrend(slope, power, alpha, bias, float(bias.mean()))


def _above(critical: float, q: int, df: float, power: float) -> float:
    size = 1.0
    while ncf.sf(critical, q, df - q + 1, size) < power:
        size *= 2
    return size


def _before(study: EventStudy) -> tuple[NDArray, NDArray, float]:
    before = study.relative < 0
    q = int(before.sum())
    if not q:
        raise DefinitionError(
            "En trend före införandet kan bara prövas med minst två perioder före.", found="en period före"
        )
    df = float(study.df[before].min())
    covariance = study.covariance[np.ix_(before, before)]
    if df - q + 1 < LEAST_DF or np.linalg.matrix_rank(covariance, hermitian=True) < q:
        raise DefinitionError(
            "Det är för få kluster för att pröva så många perioder före införandet tillsammans.",
            found=f"kluster: {study.n_clusters}, frihetsgrader: {df:.1f}, perioder att pröva: {q}",
            action="slå ihop perioder, eller redovisa skattningarna före införandet med sina intervall utan gemensamt test",
        )
    return study.value[before], covariance, df
