"""The intervals whose coverage is tried: for each family of them what they should hold, and our limits in a replicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.survival import aalen_johansen, cox, kaplan_meier, restricted_mean_time, restricted_time_lost
from kaa_analysis.survival.cores.confidence_limits import IntervalScale, confidence_limits, normal_quantile
from kaa_analysis.survival.cores.variance_kinds import VarianceKind
from tests.recovery.coverage_draws import (
    HAZARD_RATIO,
    HORIZONS,
    PROBABILITIES,
    Replicate,
    true_quantile,
    truth_of_registers,
    truth_of_returning,
)
from tests.recovery.known_law import WAYS_OUT, Spells

SCALES = (IntervalScale.PLAIN, IntervalScale.LOG, IntervalScale.LOG_LOG)
DAYS = list(HORIZONS.values())
N_CAUSES = len(WAYS_OUT)
WAYS = ("placement", "other", "turning 20")


def limits_of(drawn: Replicate, family: str) -> NDArray:
    """Return the lower and upper limits of a family in a replicate, one row per row of `rows_of`, shape (rows, 2)."""
    return LIMITS[family](drawn)


@cache
def rows_of(family: str) -> pd.DataFrame:
    """Return the intervals of a family, in the order of their limits: interval, of (what), at (months or share), truth, share.

    ``share`` is the probability that is estimated, NaN for what is no probability.
    """
    of_family = _ROWS[family]()
    table = pd.DataFrame(of_family, columns=["interval", "of", "at", "truth", "share"])
    return table.assign(family=family)[["family", *table.columns]]


def _survival(drawn: Replicate) -> NDArray:
    curve = kaplan_meier(*_any_way(drawn.heaped)).at(DAYS)
    return _on_scales(curve["survival"], curve["se"], SCALES)


def _quantile(drawn: Replicate) -> NDArray:
    """The upper limit is infinite where the curve's upper limit never comes so far down."""
    curves = [kaplan_meier(*_any_way(drawn.heaped), interval=scale).quantiles(PROBABILITIES) for scale in SCALES]
    return np.concatenate([curve[["lower", "upper"]].fillna({"upper": np.inf}).to_numpy() for curve in curves])


def _incidence(drawn: Replicate) -> NDArray:
    found = aalen_johansen(*_by_cause(drawn.heaped), n_causes=N_CAUSES).at(DAYS)
    return _on_scales(found["cif"], found["se"], SCALES)


def _incidence_greenwood(drawn: Replicate) -> NDArray:
    found = aalen_johansen(*_by_cause(drawn.heaped), n_causes=N_CAUSES, variance=VarianceKind.GREENWOOD).at(DAYS)
    return found[["lower", "upper"]].to_numpy()


def _restricted(drawn: Replicate) -> NDArray:
    return _mean_times(drawn, VarianceKind.JACKKNIFE)


def _restricted_greenwood(drawn: Replicate) -> NDArray:
    return _mean_times(drawn, VarianceKind.GREENWOOD)


def _lost(drawn: Replicate) -> NDArray:
    arrays, last = _by_cause(drawn.heaped), _followed_to(drawn.heaped)
    limits = np.full((N_CAUSES, len(DAYS), 2), np.nan)
    for place, horizon in enumerate(DAYS):
        if horizon <= last:
            lost = restricted_time_lost(*arrays, n_causes=N_CAUSES, horizon=horizon)
            limits[:, place] = np.stack([lost.lower, lost.upper], axis=1)
    return limits.reshape(-1, 2)


def _hazard_ratio(drawn: Replicate) -> NDArray:
    """Limits by the model's own variance, which a robust fit has too, then by the robust one."""
    limits = np.full((2, 2, 2), np.nan)
    for place, spells in enumerate((drawn.heaped, drawn.even)):
        model = cox(spells.entry, spells.exit, spells.cause == 1, spells.group[:, None], robust=True)
        if not model.unbounded:
            width = normal_quantile(0.95) * np.sqrt(model.model_variance[0, 0])
            limits[place, 0] = np.exp(model.coefficients[0] + np.array([-width, width]))
            limits[place, 1] = model.table()[["lower", "upper"]].to_numpy()
    return limits.reshape(-1, 2)


def _returning_survival(drawn: Replicate) -> NDArray:
    curves = [
        kaplan_meier(*_any_way(drawn.returning), cluster=cluster).at(DAYS) for cluster in (drawn.returning.group, None)
    ]
    return np.concatenate([curve[["lower", "upper"]].to_numpy() for curve in curves])


def _returning_incidence(drawn: Replicate) -> NDArray:
    arrays = _by_cause(drawn.returning)
    found = [
        aalen_johansen(*arrays, n_causes=N_CAUSES, cluster=cluster).at(DAYS)
        for cluster in (drawn.returning.group, None)
    ]
    return np.concatenate([incidence[["lower", "upper"]].to_numpy() for incidence in found])


LIMITS: Mapping[str, Callable[[Replicate], NDArray]] = {
    "survival": _survival,
    "quantile": _quantile,
    "incidence": _incidence,
    "incidence_greenwood": _incidence_greenwood,
    "restricted": _restricted,
    "restricted_greenwood": _restricted_greenwood,
    "lost": _lost,
    "hazard_ratio": _hazard_ratio,
    "returning_survival": _returning_survival,
    "returning_incidence": _returning_incidence,
}


def _any_way(spells: Spells) -> tuple[NDArray, NDArray, NDArray]:
    return spells.entry, spells.exit, spells.cause > 0


def _by_cause(spells: Spells) -> tuple[NDArray, NDArray, NDArray]:
    return spells.entry, spells.exit, spells.cause


def _on_scales(probability: pd.Series, se: pd.Series, scales: tuple[IntervalScale, ...]) -> NDArray:
    found = [confidence_limits(probability.to_numpy(), se=se.to_numpy(), interval=scale) for scale in scales]
    return np.concatenate([np.stack(limits, axis=1) for limits in found])


def _mean_times(drawn: Replicate, variance: VarianceKind) -> NDArray:
    arrays, last = _any_way(drawn.heaped), _followed_to(drawn.heaped)
    limits = np.full((len(DAYS), 2), np.nan)
    for place, horizon in enumerate(DAYS):
        if horizon <= last:
            mean = restricted_mean_time(*arrays, horizon=horizon, variance=variance)
            limits[place] = mean.lower, mean.upper
    return limits


def _followed_to(spells: Spells) -> float:
    """Return the last day to which a mean time is known: without end where everybody has left."""
    last = spells.exit.max()
    return np.inf if (spells.cause[spells.exit == last] > 0).all() else float(last)


def _rows_of_survival() -> list[tuple]:
    survival = 1 - truth_of_registers().sum(axis=0)
    return [
        (f"Greenwood, {scale}", "survival", months, survival[day], survival[day])
        for scale in SCALES
        for months, day in HORIZONS.items()
    ]


def _rows_of_quantile() -> list[tuple]:
    truth = truth_of_registers()
    return [
        (f"Greenwood, {scale}", "day by which a share has left", share, true_quantile(truth, share), np.nan)
        for scale in SCALES
        for share in PROBABILITIES
    ]


def _rows_of_incidence(intervals: tuple[str, ...], truth: NDArray) -> list[tuple]:
    return [
        (interval, way, months, truth[row, day], truth[row, day])
        for interval in intervals
        for row, way in enumerate(WAYS)
        for months, day in HORIZONS.items()
    ]


def _rows_of_restricted(variance: str) -> list[tuple]:
    survival = 1 - truth_of_registers().sum(axis=0)
    return [
        (f"{variance}, plain", "restricted mean time", months, survival[:day].sum(), np.nan)
        for months, day in HORIZONS.items()
    ]


def _rows_of_lost() -> list[tuple]:
    truth = truth_of_registers()
    return [
        ("jackknife, plain", f"time lost to {way}", months, truth[row, :day].sum(), np.nan)
        for row, way in enumerate(WAYS)
        for months, day in HORIZONS.items()
    ]


def _rows_of_hazard_ratio() -> list[tuple]:
    return [
        (variance, "hazard ratio", ties, HAZARD_RATIO, np.nan)
        for ties in ("term starts", "even days")
        for variance in ("model", "robust")
    ]


def _rows_of_returning_survival() -> list[tuple]:
    survival = 1 - truth_of_returning().sum(axis=0)
    return [
        (interval, "survival", months, survival[day], survival[day])
        for interval in ("clustered, log-log", "not clustered, log-log")
        for months, day in HORIZONS.items()
    ]


_ROWS: Mapping[str, Callable[[], list[tuple]]] = {
    "survival": _rows_of_survival,
    "quantile": _rows_of_quantile,
    "incidence": lambda: _rows_of_incidence(tuple(f"jackknife, {scale}" for scale in SCALES), truth_of_registers()),
    "incidence_greenwood": lambda: _rows_of_incidence(("Greenwood type, log-log",), truth_of_registers()),
    "restricted": lambda: _rows_of_restricted("jackknife"),
    "restricted_greenwood": lambda: _rows_of_restricted("Greenwood"),
    "lost": _rows_of_lost,
    "hazard_ratio": _rows_of_hazard_ratio,
    "returning_survival": _rows_of_returning_survival,
    "returning_incidence": lambda: _rows_of_incidence(
        ("clustered, log-log", "not clustered, log-log"), truth_of_returning()
    ),
}
