"""Restricted mean time: how long spells last, and how much time is lost to each way out, before a horizon."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.confidence_limits import ROUNDING, IntervalScale, confidence_limits
from kaa_analysis.survival.cores.event_marks import as_causes
from kaa_analysis.survival.cores.lost_time import LostTime, lost_time
from kaa_analysis.survival.cores.time_grid import is_past, time_grid
from kaa_analysis.survival.cores.variance_kinds import VarianceKind, chosen_variance
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells, weighted_spells


@dataclass(frozen=True)
class RestrictedTime:
    """A mean time before ``horizon``: ``time``, its standard error and limits, in the unit of the times.

    The limits are NaN where ``se`` is 0: nobody has left, or all at once.
    """

    horizon: float
    time: float
    se: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class RestrictedTimeLost:
    """The mean times lost before ``horizon`` to ``K`` causes: ``time``, ``se``, ``lower`` and ``upper`` have shape (K,).

    ``covariance`` has shape (K, K). Place 0 is cause 1. The limits are NaN where ``se`` is 0, as for a cause without events.
    """

    horizon: float
    time: NDArray
    se: NDArray
    lower: NDArray
    upper: NDArray
    covariance: NDArray


def restricted_mean_time(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    *,
    horizon: float,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    variance: str | None = None,
    level: float = 0.95,
) -> RestrictedTime:
    """Estimate the mean time before the event within ``horizon``: the area under the Kaplan–Meier curve from 0 to the horizon.

    ``entry``, ``exit`` (any numbers ≥ 0), ``event`` (true = left, false = censored), ``weight`` (≥ 0) and ``cluster`` (any
    labels, as of the persons) have shape (n,). A spell is at risk in (entry, exit]; who enters at 0 is at risk at 0. ``variance`` is
    "infinitesimal-jackknife" (the default), over clusters where there are any, or "greenwood", which takes weights as whole numbers of equal
    spells. The limits are plain, cut at 0 and at the horizon.

    >>> mean = restricted_mean_time([0, 0, 0, 0], [1, 2, 3, 4], [True, True, True, False], horizon=4)
    >>> mean.time, round(mean.se, 4)
    (2.5, 0.559)

    Raises:
        DefinitionError: a time, event, weight or cluster that cannot be counted (`time_grid`, `weighted_spells`) or nobody with a weight, a horizon that is not a
            positive number or past the last follow-up while some are left (R's ``survfit`` extends the curve flat), an unknown
            variance or level, or Greenwood's variance of clusters or of parts of spells.

    **Counts** spells, or the sum of their weights.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Irwin 1949; Royston & Parmar 2013; `docs/methods/restricted_time.md`.
    """
    greenwood, jackknife = VarianceKind.GREENWOOD, VarianceKind.JACKKNIFE
    kind = chosen_variance(variance, closed_form=greenwood, unasked=jackknife, clustered=cluster is not None)
    spells = _counted(entry, exit, event, n_causes=1, weight=weight, cluster=cluster)
    lost = _lost_within(spells, horizon=horizon)
    if kind is greenwood:
        _check_whole_weights(spells)
        return _restricted_time(horizon - lost.time[0], lost.greenwood, horizon=horizon, level=level)
    return _restricted_time(horizon - lost.time[0], _covariance(spells, lost)[0, 0], horizon=horizon, level=level)


def restricted_time_lost(
    entry: ArrayLike,
    exit: ArrayLike,
    cause: ArrayLike,
    *,
    n_causes: int,
    horizon: float,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> RestrictedTimeLost:
    """Estimate the mean time within ``horizon`` after leaving by each cause: the area under its cumulative incidence (Aalen–Johansen).

    Arrays as in `restricted_mean_time`; ``cause`` is 0 (censored) or 1 … ``n_causes``. The times lost to all causes and the
    restricted mean time add up to the horizon. The standard errors are the infinitesimal jackknife's, over clusters where there are any.

    >>> lost = restricted_time_lost([0, 0, 0, 0], [1, 2, 2, 3], [1, 2, 0, 1], n_causes=2, horizon=3)
    >>> lost.time.tolist(), lost.se.round(4).tolist()
    ([0.5, 0.25], [0.433, 0.2165])

    Raises:
        DefinitionError: as `restricted_mean_time`, or a cause is not one of 0 … ``n_causes``.

    **Counts** spells, or the sum of their weights.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Andersen 2013 (Decomposition of number of life years lost according to causes of death); `docs/methods/restricted_time.md`.
    """
    spells = _counted(entry, exit, cause, n_causes=n_causes, weight=weight, cluster=cluster)
    lost = _lost_within(spells, horizon=horizon)
    covariance = _covariance(spells, lost)
    se = np.sqrt(np.diag(covariance))
    lower, upper = _limits(lost.time, se, horizon=horizon, level=level)
    return RestrictedTimeLost(horizon, lost.time, se, lower, upper, covariance)


def days_without_placement(
    lost: RestrictedTimeLost, *, placement: int, not_counted_after: Sequence[int] = (), level: float = 0.95
) -> RestrictedTime:
    """Return the mean days without a placement within the horizon: the horizon less the time lost to ``placement``.

    ``placement`` is the cause that is a placement. Days after any other way out count as days without one, but for the causes in
    ``not_counted_after`` (as turning 20): their days are not counted. The unit is that of the times.

    >>> lost = restricted_time_lost([0, 0, 0, 0], [1, 2, 2, 3], [1, 2, 0, 1], n_causes=2, horizon=3)
    >>> days_without_placement(lost, placement=1).time, days_without_placement(lost, placement=1, not_counted_after=[2]).time
    (2.5, 2.25)

    Raises:
        DefinitionError: a cause is not one of those of ``lost`` or is named twice, or the level does not lie between 0 and 1.

    **Counts** what ``lost`` counts.
    **Time** from time zero to the horizon.
    **Missing** is refused when ``lost`` is estimated.
    **Source** `docs/methods/restricted_time.md`.
    """
    causes = [placement, *not_counted_after]
    n_causes = len(lost.time)
    if len(set(causes)) < len(causes) or not set(causes) <= set(range(1, n_causes + 1)):
        raise DefinitionError(
            f"Placering och orsaker vars dagar inte räknas ska vara olika orsaker bland 1–{n_causes}.",
            found=str(causes),
        )
    taken = np.isin(np.arange(1, n_causes + 1), causes)
    time = lost.horizon - lost.time[taken].sum()
    return _restricted_time(time, lost.covariance[taken][:, taken].sum(), horizon=lost.horizon, level=level)


def _counted(
    entry: ArrayLike,
    exit: ArrayLike,
    cause: ArrayLike,
    *,
    n_causes: int,
    weight: ArrayLike | None,
    cluster: ArrayLike | None,
) -> WeightedSpells:
    """Return the spells that count, of which there is at least one."""
    grid = time_grid(entry, exit)
    causes = as_causes(cause, grid, n_causes=n_causes)
    spells = weighted_spells(grid, causes, n_causes=n_causes, weight=weight, cluster=cluster)
    if not len(spells.cause):
        raise DefinitionError("Det finns ingen period att räkna på.", found=f"perioder med vikt: 0 av {len(causes)}")
    return spells


def _lost_within(spells: WeightedSpells, *, horizon: float) -> LostTime:
    if not (isinstance(horizon, Real) and math.isfinite(horizon) and horizon > 0):
        raise DefinitionError("Horisonten ska vara ett tal större än 0.", found=str(horizon))
    lost = lost_time(spells, horizon=horizon)
    if is_past(horizon, spells.grid.times[-1]) and not lost.ended:
        n_left = int((spells.grid.last == len(spells.grid.times) - 1)[spells.cause == 0].sum())
        raise DefinitionError(
            "Horisonten ligger efter den sista uppföljda tiden, och alla har inte lämnat.",
            found=f"kvar vid den sista tiden: {n_left} av {len(spells.cause)}",
            action="välj en horisont som uppföljningen räcker till",
        )
    return lost


def _covariance(spells: WeightedSpells, lost: LostTime) -> NDArray:
    sums = spells.cluster_sums(lost.influence)
    return sums @ sums.T


def _restricted_time(time: float, variance: float, *, horizon: float, level: float) -> RestrictedTime:
    se = math.sqrt(max(variance, 0.0))
    lower, upper = _limits(np.array(time), np.array(se), horizon=horizon, level=level)
    return RestrictedTime(horizon, float(time), se, float(lower), float(upper))


def _limits(time: NDArray, se: NDArray, *, horizon: float, level: float) -> tuple[NDArray, NDArray]:
    """Return plain limits, those of the mean time as a share of the horizon; NaN where nothing varies."""
    share_se = np.where(se > ROUNDING * horizon, se / horizon, np.nan)
    lower, upper = confidence_limits(time / horizon, se=share_se, interval=IntervalScale.PLAIN, level=level)
    return lower * horizon, upper * horizon


def _check_whole_weights(spells: WeightedSpells) -> None:
    n_parts = 0 if spells.weight is None else int((spells.weight % 1 > 0).sum())
    if n_parts:
        raise DefinitionError(
            "Greenwoods varians tar en vikt som ett helt antal perioder.",
            found=f"delade vikter: {n_parts} av {len(spells.cause)}",
            action=f'välj variance="{VarianceKind.JACKKNIFE}"',
        )
