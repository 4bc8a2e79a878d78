"""Two strategies followed in the same persons: those at risk and the events of each, weighted for not having deviated.

Everybody who is eligible on the day of origin is followed under both strategies: *begin* within the days of grace, and *do not begin*. Who deviates is
censored there and those who do not are weighted up by the start hazard, so that no time is given to either strategy for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.followed_spells import Followed, GraceTiming, Hazards, begins_within, eligible
from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT
from kaa_analysis.evaluation.cores.start_hazard import StartHazard


@dataclass(frozen=True, eq=False, repr=False)
class ArmSums:
    """Of one arm on the days 0 … horizon: weights at risk, events of any cause and placements among them, each (horizon + 1,)."""

    at_risk: NDArray[np.float64]
    left: NDArray[np.float64]
    placed: NDArray[np.float64]

    def __add__(self, other: ArmSums) -> ArmSums:
        return ArmSums(self.at_risk + other.at_risk, self.left + other.left, self.placed + other.placed)


@dataclass(frozen=True, eq=False, repr=False)
class Arm:
    """The sums of one arm, and the ``weight`` (n,) of each spell on its last day (0: censored before for having deviated)."""

    sums: ArmSums
    weight: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Arms:
    """The arms of the two strategies."""

    begin: Arm
    not_begin: Arm


@dataclass(frozen=True, eq=False, repr=False)
class _Waiting:
    """Those who have not begun: ``kept`` and ``uncensored`` (n,), the inverse probabilities of that by a spell's last day (or the horizon).

    ``at_risk`` (horizon + 1,) are their weights under *do not begin*, ``may_begin`` under *begin*.
    """

    kept: NDArray[np.float64]
    uncensored: NDArray[np.float64]
    at_risk: NDArray[np.float64]
    may_begin: NDArray[np.float64]


def arm_sums(of: Followed, hazards: Hazards, frequency: NDArray, origin: int) -> Arms:
    """Return the two arms from one origin, spell *i* counting ``frequency[i]`` times (n,).

    With h(d) the fitted probability of beginning on day *d* and f, F the distribution of the day of beginning that follows from it, f*, F* that of
    *begin*: not having begun weighs ``kept`` = Π 1 / (1 − h(d)) over d < t under *do not begin*, (1 − F*(t − 1)) × kept under *begin*; having begun on day *a*
    weighs f*(a) / f(a) under *begin*. Where censoring is weighed, all of it times Π 1 / (1 − c(d)). Somebody must begin within the grace with a
    probability above 0.
    """
    there = eligible(of, origin)
    number = frequency * there
    within = _within_grace(of, hazards.start, origin)
    share = number / within
    waiting = _waiting(of, hazards, (number, share, share * (1 - within)), origin)
    left_first = there & (of.last == of.spells.exit)
    stayed = left_first | (of.last >= origin + of.design.horizon)
    weight = number * waiting.kept * waiting.uncensored
    not_begin = Arm(_sums(of, weight, left_first, origin, waiting.at_risk), weight * stayed)
    early = left_first & (of.last <= origin + of.design.grace)
    began = begins_within(of, origin)
    before, after = _weights_of_begin(of, hazards.start, (number, share, within), waiting.kept, origin)
    weight = np.where(early, before * waiting.uncensored, np.where(began, after, 0.0))
    at_risk, uncensored = _begun_at_risk(of, hazards.censored, weight, began, origin)
    weight = weight * uncensored
    return Arms(Arm(_sums(of, weight, early | began, origin, waiting.may_begin + at_risk), weight), not_begin)


def _waiting(of: Followed, hazards: Hazards, numbers: tuple[NDArray, NDArray, NDArray], origin: int) -> _Waiting:
    """Follow those who have not begun day by day; ``numbers`` (n,) are how often a spell counts, that by F(g), and that times 1 − F(g)."""
    number, share, rest = numbers
    horizon, grace = of.design.horizon, of.design.grace
    observed = of.design.timing is GraceTiming.AS_OBSERVED
    growth, interval = 1 + hazards.start.odds, _interval_of_days(of)
    losses = None if hazards.censored is None else 1 + hazards.censored.odds
    kept, uncensored = np.ones(len(number)), np.ones(len(number))
    at_risk, may_begin = np.zeros(horizon + 1), np.zeros(horizon + 1)
    at_risk[0] = may_begin[0] = number.sum()
    for day in range(1, horizon + 1):
        n, before = of.n_reaching[origin + day], origin + day - 1
        kept[:n] *= growth[interval[before], :n]
        weight = kept[:n]
        if losses is not None and _can_be_lost(before, origin):
            uncensored[:n] *= losses[interval[before], :n]
        if losses is not None:
            weight = weight * uncensored[:n]
        at_risk[day] = weight @ number[:n]
        if day <= grace:
            to_come = (grace + 1 - day) / (grace + 1)
            may_begin[day] = share[:n] @ uncensored[:n] - rest[:n] @ weight if observed else to_come * at_risk[day]
    return _Waiting(kept, uncensored, at_risk, may_begin)


def _weights_of_begin(
    of: Followed, hazard: StartHazard, numbers: tuple[NDArray, NDArray, NDArray], kept: NDArray, origin: int
) -> tuple[NDArray, NDArray]:
    """Return the weights under *begin* on a spell's last day if it has not begun before, and if it begins on it, each (n,)."""
    number, share, within = numbers
    if of.design.timing is GraceTiming.AS_OBSERVED:
        return share - share * (1 - within) * kept, share
    _refuse_empty_days(of, hazard, origin)
    n_days = of.design.grace + 1
    spent = np.minimum(of.last - origin, n_days) / n_days
    drawn = number * kept / n_days
    after = np.divide(drawn, _probability(of, hazard), out=drawn, where=number > 0)
    return number * kept * (1 - spent), after


def _begun_at_risk(
    of: Followed, hazard: StartHazard | None, weight: NDArray, began: NDArray[np.bool_], origin: int
) -> tuple[NDArray, NDArray]:
    """Return the weights at risk of those that ``began``, shape (horizon + 1,), from the day after the start to that of leaving, and 1 / P(not censored), (n,)."""
    uncensored = np.ones(len(weight))
    if hazard is None:
        return _between(of, weight * began, began, origin), uncensored
    rows = np.flatnonzero(began)
    rows = rows[np.argsort(-of.spells.exit[rows], kind="stable")]
    begins, horizon = of.last[rows] - origin, of.design.horizon
    n_there = np.searchsorted(-of.spells.exit[rows], -(origin + np.arange(horizon + 1)), side="right")
    losses, interval = 1 + hazard.odds[:, rows], _interval_of_days(of)
    kept, number, at_risk = np.ones(len(rows)), weight[rows], np.zeros(horizon + 1)
    for day in range(1, horizon + 1):
        n, before = n_there[day], origin + day - 1
        if _can_be_lost(before, origin):
            kept[:n] *= losses[interval[before], :n]
        there = number[:n] if day > of.design.grace + 1 else number[:n] * (begins[:n] < day)
        at_risk[day] = there @ kept[:n]
    uncensored[rows] = kept
    return at_risk, uncensored


def _can_be_lost(day: int, origin: int) -> bool:
    """Tell whether somebody followed from the origin can be censored on ``day``: on that of the origin at time zero alone, where all are eligible."""
    return day > origin or origin == 0


def _interval_of_days(of: Followed) -> NDArray[np.intp]:
    """Return the interval in which each day since time zero lies."""
    return np.repeat(np.arange(len(of.counted.trials)), np.diff(of.counted.cuts))


def _days_of_grace(of: Followed, origin: int) -> NDArray:
    """Return the number of days of grace in each interval, shape (K,)."""
    cuts = of.counted.cuts
    return np.clip(np.minimum(cuts[1:], origin + of.design.grace + 1) - np.maximum(cuts[:-1], origin), 0, None)


def _within_grace(of: Followed, hazard: StartHazard, origin: int) -> NDArray:
    """Return the fitted probability of beginning within the grace while there, shape (n,)."""
    n_days = _days_of_grace(of, origin)
    chosen = np.flatnonzero(n_days)
    return -np.expm1(-(n_days[chosen] @ np.log1p(hazard.odds[chosen])))


def _refuse_empty_days(of: Followed, hazard: StartHazard, origin: int) -> None:
    empty = np.isneginf(hazard.intercepts) & (_days_of_grace(of, origin) > 0)
    if empty.any():
        raise DefinitionError(
            "Ska starterna fördelas jämnt måste någon börja i varje intervall av fristen.",
            found=f"intervall utan starter: {int(empty.sum())}",
            action='välj längre intervall, en kortare frist eller "as_observed"',
        )


def _probability(of: Followed, hazard: StartHazard) -> NDArray:
    """Return the fitted probability of beginning on the day on which a spell did, shape (n,); 1 where it did not."""
    began = np.flatnonzero(of.counted.began_in >= 0)
    odds = hazard.odds[of.counted.began_in[began], began]
    probability = np.ones(len(of.last))
    probability[began] = odds / (1 + odds)
    return probability


def _between(of: Followed, weight: NDArray, began: NDArray[np.bool_], origin: int) -> NDArray:
    """Return the weights at risk of those that ``began``, from the day after their start to that of leaving, shape (horizon + 1,)."""
    rows, size = np.flatnonzero(began), of.design.horizon + 2
    enter = np.minimum(of.last[rows] - origin + 1, size - 1)
    leave = np.minimum(of.spells.exit[rows] - origin + 1, size - 1)
    steps = np.bincount(enter, weights=weight[rows], minlength=size)
    steps -= np.bincount(leave, weights=weight[rows], minlength=size)
    return np.cumsum(steps)[:-1]


def _sums(of: Followed, weight: NDArray, rows: NDArray[np.bool_], origin: int, at_risk: NDArray) -> ArmSums:
    """Return the sums of an arm whose events are those of ``rows`` (n,) within the horizon, at the ``weight`` (n,) they have when they leave."""
    size = of.design.horizon + 1
    left = np.flatnonzero(rows & (of.spells.cause > 0) & (of.spells.exit < origin + size))
    day, of_placement = of.spells.exit[left] - origin, of.spells.cause[left] == PLACEMENT
    return ArmSums(
        at_risk=at_risk,
        left=np.bincount(day, weights=weight[left], minlength=size),
        placed=np.bincount(day, weights=weight[left] * of_placement, minlength=size),
    )
