"""The Kaplan–Meier estimator with delayed entry, exact on tied times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.confidence_limits import IntervalScale, confidence_limits
from kaa_analysis.survival.step_function import step_values
from kaa_analysis.survival.time_grid import TimeGrid, time_grid


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A survival curve on the ``T`` distinct exit times; every array has shape (T,).

    ``n_entered`` came under observation since the previous time. ``se`` is Greenwood's standard error of the survival,
    ``se_log`` that of its logarithm (what R's ``survfit`` keeps as ``std.err``). Where the survival is 0, ``se`` is NaN.
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


def kaplan_meier(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    *,
    interval: str = IntervalScale.LOG_LOG,
    level: float = 0.95,
) -> SurvivalCurve:
    """Estimate the probability of still being there after each time.

    ``entry``, ``exit`` (any numbers ≥ 0, whole ones fastest) and ``event`` (true = left, false = censored) have shape (n,).
    A spell is at risk in (entry, exit]; who enters at 0 is at risk at 0, so that an exit at 0 is an event of day 0.

    >>> curve = kaplan_meier([0, 0, 0, 2], [2, 2, 5, 5], [True, False, True, True])
    >>> curve.times.tolist(), curve.n_at_risk.tolist(), curve.survival.round(4).tolist()
    ([2, 5], [3, 2], [0.6667, 0.0])

    Raises:
        DefinitionError: shapes differ, a time is missing or negative, an exit lies before its entry or on it after 0,
            an event is neither true nor false, or scale or level is unknown.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Kaplan & Meier 1958; Greenwood 1926; log-log limits as in Kalbfleisch & Prentice 2002.
    """
    grid = time_grid(entry, exit)
    n_event = grid.sums(grid.last[_as_events(event, grid)])
    n_at_risk = grid.n_at_risk
    survival = np.cumprod(1 - n_event / n_at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        se_log = np.sqrt(np.cumsum(n_event / (n_at_risk * (n_at_risk - n_event))))
        se = survival * se_log
    lower, upper = confidence_limits(survival, se=se, interval=interval, level=level)
    return SurvivalCurve(
        times=grid.times,
        n_at_risk=n_at_risk,
        n_entered=grid.n_entered,
        n_event=n_event,
        n_censored=grid.sums(grid.last) - n_event,
        survival=survival,
        se=se,
        se_log=se_log,
        lower=lower,
        upper=upper,
    )


def _as_events(event: ArrayLike, grid: TimeGrid) -> NDArray[np.bool_]:
    event = np.asarray(event)
    if event.shape != grid.last.shape:
        raise DefinitionError(
            "Varje tid ska ha en uppgift om händelse.", found=f"{event.size} uppgifter för {grid.last.size} tider"
        )
    n_unclear = int(((event != 0) & (event != 1)).sum())
    if n_unclear:
        raise DefinitionError(
            "En händelse ska vara sann eller falsk.", found=f"varken eller: {n_unclear} av {event.size}"
        )
    return event.astype(bool)
