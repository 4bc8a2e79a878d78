"""Two strategies followed in the same persons: those at risk and the events of each, weighted for not having deviated.

Everybody who is eligible on the day of origin is followed under both strategies: *begin* within the days of grace, and *do not begin*. Who deviates is
censored there and those who do not are weighted up by the start hazard, so that no time is given to either strategy for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.evaluation.cores.start_hazard import StartHazard, StartTrials, start_trials


class GraceTiming(StrEnum):
    """When those who follow "begin" do so: as they do of themselves, given that they begin within the grace, or on any of its days alike."""

    AS_OBSERVED = "as_observed"
    UNIFORM = "uniform"


def grace_timing(timing: str) -> GraceTiming:
    """Return the timing with that name.

    Raises:
        DefinitionError: there is none.
    """
    if timing not in list(GraceTiming):
        raise DefinitionError(
            f'Starterna inom fristen kan inte fördelas som "{timing}"{did_you_mean(timing, GraceTiming)}.',
            found=f"kända: {', '.join(GraceTiming)}",
        )
    return GraceTiming(timing)


@dataclass(frozen=True)
class Design:
    """Origins (days since time zero), days of grace (a start on origin … origin + grace is within), horizon after each origin, intervals."""

    origins: tuple[int, ...]
    grace: int
    horizon: int
    timing: GraceTiming
    interval_days: int


@dataclass(frozen=True, eq=False)
class ArmSums:
    """Of one arm on the days 0 … horizon: weights at risk, events of any cause and placements among them, each (horizon + 1,)."""

    at_risk: NDArray[np.float64]
    left: NDArray[np.float64]
    placed: NDArray[np.float64]

    def __add__(self, other: ArmSums) -> ArmSums:
        return ArmSums(self.at_risk + other.at_risk, self.left + other.left, self.placed + other.placed)


@dataclass(frozen=True, eq=False)
class Arm:
    """The sums of one arm, and the ``weight`` (n,) of each spell on its last day (0: censored before for having deviated)."""

    sums: ArmSums
    weight: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Arms:
    """The arms of the two strategies."""

    begin: Arm
    not_begin: Arm


@dataclass(frozen=True, eq=False)
class Followed:
    """Spells in falling order of the day on which they begin or leave (``last``), with their trials; ``order`` are their places before.

    ``n_reaching[d]`` spells have ``last`` ≥ d: they are the first so many.
    """

    spells: ParticipationSpells
    design: Design
    counted: StartTrials
    order: NDArray[np.intp]
    last: NDArray[np.int64]
    n_reaching: NDArray[np.intp]


def followed(spells: ParticipationSpells, design: Design) -> Followed:
    """Sort the spells and count their trials on all days that some origin's follow-up needs."""
    last = np.minimum(spells.exit, spells.start).astype(np.int64)
    order = np.argsort(-last, kind="stable")
    spells, last = spells.rows(order), last[order]
    n_days = max(design.origins) + max(design.horizon, design.grace + 1)
    counted = start_trials(
        spells.exit,
        spells.start,
        spells.covariates,
        names=spells.names,
        n_days=n_days,
        interval_days=design.interval_days,
    )
    n_reaching = np.searchsorted(-last, -np.arange(n_days + 2), side="right")
    return Followed(spells, design, counted, order, last, n_reaching)


def eligible(of: Followed, origin: int) -> NDArray[np.bool_]:
    """Return who is there on the day of origin and has not begun before it, shape (n,); at time zero everybody, those who leave on day 0 too."""
    there = of.spells.exit > origin if origin else np.ones(len(of.last), dtype=bool)
    return there & (of.spells.start >= origin)


def begins_within(of: Followed, origin: int) -> NDArray[np.bool_]:
    """Return who is eligible on the day of origin and begins within the grace, shape (n,)."""
    return eligible(of, origin) & (of.spells.start <= origin + of.design.grace)


def arm_sums(of: Followed, hazard: StartHazard, frequency: NDArray, origin: int) -> Arms:
    """Return the two arms from one origin, spell *i* counting ``frequency[i]`` times (n,).

    With h(d) the fitted probability of beginning on day *d* and f, F the distribution of the day of beginning that follows from it, f*, F* that of
    *begin*: not having begun weighs ``kept`` = Π 1 / (1 − h(d)) over d < t under *do not begin*, (1 − F*(t − 1)) × kept under *begin*; having begun on day *a*
    weighs f*(a) / f(a) under *begin*. Somebody must begin within the grace with a probability above 0.
    """
    horizon, grace = of.design.horizon, of.design.grace
    there = eligible(of, origin)
    number = frequency * there
    within = _within_grace(of, hazard, origin)
    share = number / within
    rest = share * (1 - within)
    observed = of.design.timing is GraceTiming.AS_OBSERVED
    kept, growth = np.ones(len(number)), 1 + hazard.odds
    interval = np.repeat(np.arange(len(growth)), np.diff(of.counted.cuts))
    at_risk, may_begin = np.zeros(horizon + 1), np.zeros(horizon + 1)
    at_risk[0] = may_begin[0] = number.sum()
    for day in range(1, horizon + 1):
        n = of.n_reaching[origin + day]
        kept[:n] *= growth[interval[origin + day - 1], :n]
        at_risk[day] = kept[:n] @ number[:n]
        if day <= grace:
            to_come = 1 - day / (grace + 1)
            may_begin[day] = share[:n].sum() - rest[:n] @ kept[:n] if observed else to_come * at_risk[day]
    left_first = there & (of.last == of.spells.exit)
    stayed = left_first | (of.last >= origin + horizon)
    not_begin = Arm(_sums(of, number * kept, left_first, origin, at_risk), number * kept * stayed)
    if observed:
        before, after = share - rest * kept, share
    else:
        spent = np.minimum(of.last - origin, grace + 1) / (grace + 1)
        probability = _probability(of, hazard)
        _refuse_empty_days(of, hazard, origin)
        drawn = number * kept / (grace + 1)
        before, after = number * kept * (1 - spent), np.divide(drawn, probability, out=drawn, where=number > 0)
    early = left_first & (of.last <= origin + grace)
    began = begins_within(of, origin)
    weight = np.where(early, before, np.where(began, after, 0.0))
    at_risk_begun = _between(of, weight * began, began, origin)
    begin = Arm(_sums(of, weight, early | began, origin, may_begin + at_risk_begun), weight)
    return Arms(begin, not_begin)


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
