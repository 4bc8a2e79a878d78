"""The Kaplan–Meier estimator with delayed entry, exact on tied times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.clustered_influence import log_survival_variance
from kaa_analysis.survival.cores.confidence_limits import IntervalScale, confidence_limits
from kaa_analysis.survival.cores.event_marks import as_events
from kaa_analysis.survival.cores.quantile_times import quantile_times
from kaa_analysis.survival.cores.step_function import step_values
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.variance_kinds import VarianceKind, chosen_variance
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells, weighted_spells


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A survival curve on the ``T`` distinct exit times; every array has shape (T,).

    ``n_entered`` came under observation since the previous time. ``se`` is the standard error of the survival by the named ``variance``,
    ``se_log`` that of its logarithm (what R's ``survfit`` keeps as ``std.err`` of Greenwood's). Where the survival is 0, ``se`` is NaN for
    Greenwood's and 0 for the infinitesimal jackknife, as in R. With weights the numbers are sums of weights.
    """

    times: NDArray
    n_at_risk: NDArray
    n_entered: NDArray
    n_event: NDArray
    n_censored: NDArray
    survival: NDArray
    se: NDArray
    se_log: NDArray
    lower: NDArray
    upper: NDArray
    variance: VarianceKind

    def at(self, times: ArrayLike) -> pd.DataFrame:
        """Return survival, se, lower and upper just after each of ``times``, one row per time in the order given.

        Before the first exit the survival is 1. Beyond the last exit a curve that has reached 0 stays there; any other
        is not defined and gives NaN (R's ``survfit`` extends it flat).
        """
        ended = len(self.times) > 0 and self.survival[-1] == 0
        start = {"survival": 1.0, "se": 0.0, "lower": np.nan, "upper": np.nan}
        values = {
            name: step_values(self.times, getattr(self, name), at=times, start=value, extend=ended)
            for name, value in start.items()
        }
        return pd.DataFrame({"time": np.asarray(times)} | values)

    def quantiles(self, probabilities: ArrayLike) -> pd.DataFrame:
        """Return the times by which the shares ``probabilities`` have left, with their limits, one row per probability.

        Where the curve is flat at 1 − p, the time is the midpoint of that stretch. ``lower`` and ``upper`` are the times at which the
        lower and the upper limits of the curve reach 1 − p in the same way. A time that lies beyond the curve is NaN.

        >>> curve = kaplan_meier([0, 0, 0, 0], [1, 2, 4, 5], [True, True, True, False])
        >>> curve.quantiles([0.25, 0.5, 0.9])["time"].tolist()
        [1.5, 3.0, nan]

        Raises:
            DefinitionError: a probability does not lie in 0 … 1.
        """
        curves = {"time": self.survival, "lower": self.lower, "upper": self.upper}
        found = {name: quantile_times(self.times, curve, probabilities) for name, curve in curves.items()}
        return pd.DataFrame({"probability": np.asarray(probabilities, dtype=float)} | found)


def kaplan_meier(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    variance: str | None = None,
    interval: str = IntervalScale.LOG_LOG,
    level: float = 0.95,
) -> SurvivalCurve:
    """Estimate the probability of still being there after each time.

    ``entry``, ``exit`` (any numbers ≥ 0, whole ones fastest) and ``event`` (true = left, false = censored) have shape (n,).
    A spell is at risk in (entry, exit]; who enters at 0 is at risk at 0, so that an exit at 0 is an event of day 0.
    ``weight`` (n,) holds case weights ≥ 0 (0: as if not there), ``cluster`` (n,) labels of any kind of spells that belong together.
    ``variance`` is "greenwood" (the default without weights and clusters; of independent spells, a weight standing for so many equal ones)
    or "infinitesimal-jackknife" (the default with them; each spell's influence times its weight, summed per cluster).

    >>> curve = kaplan_meier([0, 0, 0, 2], [2, 2, 5, 5], [True, False, True, True])
    >>> curve.times.tolist(), curve.n_at_risk.tolist(), curve.survival.round(4).tolist()
    ([2, 5], [3, 2], [0.6667, 0.0])

    Raises:
        DefinitionError: shapes differ, a time is missing or negative, an exit lies before its entry or on it after 0,
            an event is neither true nor false, a weight is negative, a weight or label is missing, scale, level or variance is unknown,
            or Greenwood's is asked for with clusters.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Kaplan & Meier 1958; Greenwood 1926; log-log limits as in Kalbfleisch & Prentice 2002; the infinitesimal jackknife as in R's survival.
    """
    grid = time_grid(entry, exit)
    spells = weighted_spells(grid, as_events(event, grid), n_causes=1, weight=weight, cluster=cluster)
    greenwood, jackknife = VarianceKind.GREENWOOD, VarianceKind.JACKKNIFE
    unasked = greenwood if spells.plain else jackknife
    kind = chosen_variance(variance, closed_form=greenwood, unasked=unasked, clustered=cluster is not None)
    survival = np.cumprod(1 - spells.n_event[0] / spells.n_at_risk)
    se_log = np.sqrt(_log_variance(spells, kind, survival))
    with np.errstate(invalid="ignore"):
        se = survival * se_log
    if kind is jackknife:
        se = np.where(survival > 0, se, 0.0)
    lower, upper = confidence_limits(survival, se=se, interval=interval, level=level)
    return SurvivalCurve(
        times=spells.grid.times,
        n_at_risk=spells.n_at_risk,
        n_entered=spells.n_entered,
        n_event=spells.n_event[0],
        n_censored=spells.n_censored,
        survival=survival,
        se=se,
        se_log=se_log,
        lower=lower,
        upper=upper,
        variance=kind,
    )


def _log_variance(spells: WeightedSpells, kind: VarianceKind, survival: NDArray) -> NDArray:
    """Return the variance of log S, shape (T,); where S is 0 it is infinite (Greenwood's) or not defined (the jackknife's)."""
    if kind is VarianceKind.GREENWOOD:
        n_event, n_at_risk = spells.n_event[0], spells.n_at_risk
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.cumsum(n_event / (n_at_risk * (n_at_risk - n_event)))
    survival_before = np.concatenate([[1.0], survival])[:-1]
    return np.where(survival > 0, log_survival_variance(spells, survival_before=survival_before), np.nan)
