"""The score of Gray's test in one stratum and its variance, in sums per event time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.compared_groups import GroupCounts

REACHED_1 = 1e-12
"""An incidence this near 1 is taken to be 1: it differs only by the rounding of its sum."""


@dataclass(frozen=True, eq=False)
class Incidences:
    """What is estimated in each group (G, T), and in common if all groups have the same incidence (T,).

    ``n_adjusted`` is the number at risk over the survival before; ``several`` tells where more than one group is followed.
    """

    followed: NDArray[np.bool_]
    survival: NDArray
    survival_before: NDArray
    incidence_before: NDArray
    n_adjusted: NDArray
    total: NDArray
    common: NDArray
    common_before: NDArray
    several: NDArray[np.bool_]


def gray_score(counts: GroupCounts, *, cause: int, rho: float) -> tuple[NDArray, NDArray]:
    """Return the score (G,) and its variance (G, G) of the cause at place ``cause``.

    The variance is NaN where ``rho`` is less than 1 and the common incidence reaches 1 while several groups are still followed: it is
    not defined there.
    The formulas are in `docs/methods/gray_test.md`.
    """
    n_at_risk, n_event = counts.n_at_risk, counts.n_event[cause]
    n_other = counts.n_event.sum(axis=0) - n_event
    estimated = _incidences(n_at_risk, n_event, n_other)
    free = estimated.n_adjusted * (1 - estimated.incidence_before)
    score = (n_event - n_event.sum(axis=0) * free / free.sum(axis=0)) @ _power(estimated, rho)
    return score, _variance(n_at_risk, n_event, n_other, estimated, rho)


def _incidences(n_at_risk: NDArray, n_event: NDArray, n_other: NDArray) -> Incidences:
    followed = n_at_risk > 0
    inverse = _over(1.0, n_at_risk, where=followed)
    survival = np.cumprod(1 - (n_event + n_other) * inverse, axis=1)
    survival_before = _before(survival, start=1.0)
    incidence_before = _before(np.cumsum(survival_before * n_event * inverse, axis=1), start=0.0)
    n_adjusted = _over(n_at_risk, survival_before, where=followed)
    total = n_adjusted.sum(axis=0)
    common = np.cumsum(n_event.sum(axis=0) / total)
    return Incidences(
        followed=followed,
        survival=survival,
        survival_before=survival_before,
        incidence_before=incidence_before,
        n_adjusted=n_adjusted,
        total=total,
        common=common,
        common_before=_before(common, start=0.0),
        several=followed.sum(axis=0) > 1,
    )


def _variance(n_at_risk: NDArray, n_event: NDArray, n_other: NDArray, estimated: Incidences, rho: float) -> NDArray:
    """Return the sum, over groups, of the variances that the group's own events give to the scores of all groups."""
    n_events, n_groups = n_event.sum(axis=0), len(n_at_risk)
    weight = _power(estimated, rho)
    step = np.where(n_events > 0, n_events / estimated.total * _power(estimated, rho - 1), 0)
    variance = np.zeros((n_groups, n_groups))
    for group in range(n_groups):
        at_risk, before, after = (
            values[group] for values in (n_at_risk, estimated.survival_before, estimated.survival)
        )
        here = estimated.followed[group]
        own = -estimated.n_adjusted * (estimated.n_adjusted[group] / estimated.total)
        own[group] += estimated.n_adjusted[group]
        summed = np.cumsum(own * step, axis=1)
        later = summed[:, -1:] - summed
        staying = _over(1 - estimated.common, after, where=here & (after > 0))
        by_cause = own * weight + (1 - staying) * later
        spread = n_events * _over(before, estimated.total * at_risk, where=here)
        spread = spread * _untied(n_events, estimated.total * before, where=here)
        by_others = staying * later
        spread_of_others = n_other[group] * _over(before, at_risk, where=here) ** 2
        spread_of_others = spread_of_others * _untied(n_other[group], at_risk, where=here)
        variance += (by_cause * spread) @ by_cause.T + (by_others * spread_of_others) @ by_others.T
    return variance


def _power(estimated: Incidences, power: float) -> NDArray:
    """Return (1 − F(t−))^power of the common incidence, 0 where nothing is compared and NaN where it is not defined."""
    free = 1 - estimated.common_before
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.where(np.abs(free) < REACHED_1, 0, free) ** power
    return np.where(estimated.several, np.where(np.isfinite(raised), raised, np.nan), 0)


def _untied(n_events: NDArray, n_at_risk: NDArray, *, where: NDArray) -> NDArray:
    """Return the factor by which ties lessen a variance, 1 where at most one event happens and elsewhere than ``where``."""
    return 1 - _over(n_events - 1, n_at_risk - 1, where=where & (n_events > 1))


def _over(numerator: NDArray | float, denominator: NDArray, *, where: NDArray) -> NDArray:
    """Return the quotient, 0 elsewhere than ``where``."""
    return np.divide(numerator, denominator, out=np.zeros(denominator.shape), where=where)


def _before(cumulative: NDArray, *, start: float) -> NDArray:
    """Return the values just before each time, of the same shape."""
    first = np.full((*cumulative.shape[:-1], 1), start)
    return np.concatenate([first, cumulative], axis=-1)[..., : cumulative.shape[-1]]
