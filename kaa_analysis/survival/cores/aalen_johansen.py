"""The Aalen–Johansen estimator of cumulative incidences with delayed entry, exact on tied times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.clustered_influence import incidence_variances
from kaa_analysis.survival.cores.confidence_limits import IntervalScale, confidence_limits
from kaa_analysis.survival.cores.event_marks import as_causes
from kaa_analysis.survival.cores.greenwood import greenwood_variances
from kaa_analysis.survival.cores.influence import influence_variances
from kaa_analysis.survival.cores.step_function import step_values
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.variance_kinds import VarianceKind, chosen_variance
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells, weighted_spells


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """The cumulative incidences of ``K`` causes on the ``T`` distinct exit times.

    ``times``, ``n_at_risk``, ``n_entered``, ``n_censored`` and ``survival`` have shape (T,); ``n_event``, ``cif``, ``se`` (of the incidence
    itself, by the named ``variance``), ``lower`` and ``upper`` have shape (K, T). Row 0 is cause 1. With weights the numbers are sums of
    weights.
    """

    times: NDArray
    n_at_risk: NDArray
    n_entered: NDArray
    n_event: NDArray
    n_censored: NDArray
    survival: NDArray
    cif: NDArray
    se: NDArray
    lower: NDArray
    upper: NDArray
    variance: VarianceKind

    def at(self, times: ArrayLike) -> pd.DataFrame:
        """Return cif, se, lower and upper just after each of ``times``, one row per cause and time (causes outermost).

        Beyond the last exit the incidences are known only if everybody has left; otherwise they are NaN.
        """
        times = np.asarray(times)
        ended = len(self.times) > 0 and self.survival[-1] == 0
        start = {"cif": 0.0, "se": 0.0, "lower": np.nan, "upper": np.nan}
        frames = [
            pd.DataFrame(
                {"cause": cause, "time": times}
                | {
                    name: step_values(self.times, getattr(self, name)[cause - 1], at=times, start=value, extend=ended)
                    for name, value in start.items()
                }
            )
            for cause in range(1, len(self.cif) + 1)
        ]
        return pd.concat(frames, ignore_index=True)


def aalen_johansen(
    entry: ArrayLike,
    exit: ArrayLike,
    cause: ArrayLike,
    *,
    n_causes: int,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    variance: str | None = None,
    interval: str = IntervalScale.LOG_LOG,
    level: float = 0.95,
) -> CumulativeIncidence:
    """Estimate the probability of having left by each cause after each time, the other causes competing.

    ``entry``, ``exit`` (any numbers ≥ 0, whole ones fastest) and ``cause`` (0 = censored, 1 … ``n_causes``) have shape (n,).
    A spell is at risk in (entry, exit]; who enters at 0 is at risk at 0, so that an exit at 0 is an event of day 0.
    ``weight`` (n,) holds case weights ≥ 0 (0: as if not there), ``cluster`` (n,) labels of any kind of spells that belong together.
    ``variance`` is "infinitesimal-jackknife" (the default; each spell's influence times its weight, summed per cluster) or "greenwood"
    (of independent spells, a weight standing for so many equal ones).

    >>> incidence = aalen_johansen([0, 0, 0, 0], [1, 2, 2, 3], [1, 2, 0, 1], n_causes=2)
    >>> incidence.cif.round(4).tolist()
    [[0.25, 0.25, 0.75], [0.0, 0.25, 0.25]]

    Raises:
        DefinitionError: shapes differ, a time is missing or negative, an exit lies before its entry or on it after 0,
            a cause is not one of 0 … ``n_causes``, a weight is negative, a weight or label is missing, scale, level or variance is
            unknown, or the Greenwood type is asked for with clusters.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Aalen & Johansen 1978; the infinitesimal jackknife as in R's survival, ``survfit`` of a multi-state model, the Greenwood type
    as in R's etm (Andersen, Borgan, Gill & Keiding 1993, 4.4.20).
    """
    grid = time_grid(entry, exit)
    causes = as_causes(cause, grid, n_causes=n_causes)
    spells = weighted_spells(grid, causes, n_causes=n_causes, weight=weight, cluster=cluster)
    jackknife, greenwood = VarianceKind.JACKKNIFE, VarianceKind.GREENWOOD
    kind = chosen_variance(variance, closed_form=greenwood, unasked=jackknife, clustered=cluster is not None)
    n_at_risk, n_event = spells.n_at_risk, spells.n_event
    survival = np.cumprod(1 - n_event.sum(axis=0) / n_at_risk)
    survival_before = np.concatenate([[1.0], survival])[:-1]
    cif = np.cumsum(survival_before * n_event / n_at_risk, axis=1)
    se = np.sqrt(_variances(spells, kind, survival_before=survival_before, cif=cif))
    lower, upper = confidence_limits(cif, se=se, interval=interval, level=level)
    return CumulativeIncidence(
        times=spells.grid.times,
        n_at_risk=n_at_risk,
        n_entered=spells.n_entered,
        n_event=n_event,
        n_censored=spells.n_censored,
        survival=survival,
        cif=cif,
        se=se,
        lower=lower,
        upper=upper,
        variance=kind,
    )


def _variances(spells: WeightedSpells, kind: VarianceKind, *, survival_before: NDArray, cif: NDArray) -> NDArray:
    if kind is VarianceKind.GREENWOOD:
        return greenwood_variances(spells, survival_before=survival_before, cif=cif)
    if spells.plain:
        return influence_variances(spells.exits, n_at_risk=spells.n_at_risk, survival_before=survival_before, cif=cif)
    return incidence_variances(spells, survival_before=survival_before, cif=cif)
