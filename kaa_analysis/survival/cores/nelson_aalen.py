"""The Nelson–Aalen estimator of the cumulative hazard with delayed entry, exact on tied times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.clustered_influence import hazard_variance
from kaa_analysis.survival.cores.confidence_limits import IntervalScale, hazard_limits
from kaa_analysis.survival.cores.event_marks import as_events
from kaa_analysis.survival.cores.step_function import step_values
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.variance_kinds import VarianceKind, chosen_variance
from kaa_analysis.survival.cores.weighted_spells import weighted_spells


@dataclass(frozen=True, eq=False)
class CumulativeHazard:
    """A cumulative hazard on the ``T`` distinct exit times; every array has shape (T,).

    ``se`` is the standard error of ``hazard`` by the named ``variance``. With weights the numbers are sums of weights.
    """

    times: NDArray
    n_at_risk: NDArray
    n_entered: NDArray
    n_event: NDArray
    n_censored: NDArray
    hazard: NDArray
    se: NDArray
    lower: NDArray
    upper: NDArray
    variance: VarianceKind

    def at(self, times: ArrayLike) -> pd.DataFrame:
        """Return hazard, se, lower and upper just after each of ``times``, one row per time in the order given.

        Before the first exit the hazard is 0; beyond the last it is not known and NaN.
        """
        start = {"hazard": 0.0, "se": 0.0, "lower": np.nan, "upper": np.nan}
        values = {
            name: step_values(self.times, getattr(self, name), at=times, start=value, extend=False)
            for name, value in start.items()
        }
        return pd.DataFrame({"time": np.asarray(times)} | values)


def nelson_aalen(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    variance: str | None = None,
    interval: str = IntervalScale.LOG,
    level: float = 0.95,
) -> CumulativeHazard:
    """Estimate the cumulative hazard of the event after each time; of one cause among several where the others are given as censored.

    ``entry``, ``exit`` (any numbers ≥ 0, whole ones fastest) and ``event`` (true = left, false = censored) have shape (n,).
    A spell is at risk in (entry, exit]; who enters at 0 is at risk at 0, so that an exit at 0 is an event of day 0.
    ``weight`` (n,) holds case weights ≥ 0 (0: as if not there), ``cluster`` (n,) labels of any kind of spells that belong together.
    ``variance`` is "aalen" (the default without weights and clusters; of independent spells, a weight standing for so many equal ones)
    or "infinitesimal-jackknife" (the default with them; each spell's influence times its weight, summed per cluster).
    ``interval`` is "log" or "plain".

    >>> estimate = nelson_aalen([0, 0, 0, 2], [2, 2, 5, 5], [True, False, True, True])
    >>> estimate.times.tolist(), estimate.hazard.round(4).tolist()
    ([2, 5], [0.3333, 1.3333])

    Raises:
        DefinitionError: shapes differ, a time is missing or negative, an exit lies before its entry or on it after 0,
            an event is neither true nor false, a weight is negative, a weight or label is missing, scale, level or variance is unknown,
            or Aalen's is asked for with clusters.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Nelson 1972; Aalen 1978; the infinitesimal jackknife as in R's survival.
    """
    grid = time_grid(entry, exit)
    spells = weighted_spells(grid, as_events(event, grid), n_causes=1, weight=weight, cluster=cluster)
    aalen, jackknife = VarianceKind.AALEN, VarianceKind.JACKKNIFE
    unasked = aalen if spells.plain else jackknife
    kind = chosen_variance(variance, closed_form=aalen, unasked=unasked, clustered=cluster is not None)
    n_event, n_at_risk = spells.n_event[0], spells.n_at_risk
    hazard = np.cumsum(n_event / n_at_risk)
    se = np.sqrt(np.cumsum(n_event / n_at_risk**2) if kind is aalen else hazard_variance(spells))
    lower, upper = hazard_limits(hazard, se=se, interval=interval, level=level)
    return CumulativeHazard(
        times=spells.grid.times,
        n_at_risk=n_at_risk,
        n_entered=spells.n_entered,
        n_event=n_event,
        n_censored=spells.n_censored,
        hazard=hazard,
        se=se,
        lower=lower,
        upper=upper,
        variance=kind,
    )
