"""Spells as they are followed under two strategies: the design, the order in which they are summed, and the hazards that weigh them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells
from kaa_analysis.evaluation.cores.start_hazard import StartHazard, StartTrials, fit_start_hazard, start_trials


class GraceTiming(StrEnum):
    """When those who follow "begin" do so: as they do of themselves, given that they begin within the grace, or on any of its days alike."""

    AS_OBSERVED = "as_observed"
    UNIFORM = "uniform"


def _grace_timing(timing: str) -> GraceTiming:
    if timing not in list(GraceTiming):
        raise DefinitionError(
            f'Starterna inom fristen kan inte fördelas som "{timing}"{did_you_mean(timing, GraceTiming)}.',
            found=f"kända: {', '.join(GraceTiming)}",
        )
    return GraceTiming(timing)


@dataclass(frozen=True)
class Design:
    """Origins (days since time zero), days of grace (a start on origin … origin + grace is within), horizon after each origin, intervals.

    ``weigh_censoring`` asks for the inverse probability of not being censored, too.
    """

    origins: tuple[int, ...]
    grace: int
    horizon: int
    timing: GraceTiming
    interval_days: int
    weigh_censoring: bool

    def __post_init__(self) -> None:
        """Refuse a timing that is not known, and days that are not whole or do not hang together."""
        object.__setattr__(self, "timing", _grace_timing(self.timing))
        days = (*self.origins, self.grace, self.horizon, self.interval_days)
        whole = all(isinstance(day, int | np.integer) for day in days)
        if not (whole and self.origins and self.horizon > self.grace >= 0 and self.interval_days >= 1):
            raise DefinitionError(
                "Fristen ska vara hela dagar från 0 och sluta före horisonten, och intervallen minst en hel dag.",
                found=f"frist {self.grace}, horisont {self.horizon}, intervall {self.interval_days}",
            )


@dataclass(frozen=True, eq=False, repr=False)
class Followed:
    """Spells in falling order of the day on which they begin or leave (``last``), with their trials; ``order`` are their places before.

    ``n_reaching[d]`` spells have ``last`` ≥ d: they are the first so many. ``counted`` are the trials of beginning, ``censored`` those of being censored on a
    day (None where that is not asked for, or nobody is).
    """

    spells: ParticipationSpells
    design: Design
    counted: StartTrials
    censored: StartTrials | None
    order: NDArray[np.intp]
    last: NDArray[np.int64]
    n_reaching: NDArray[np.intp]


@dataclass(frozen=True, eq=False, repr=False)
class Hazards:
    """The fitted hazards of beginning and, where they are weighed, of being censored."""

    start: StartHazard
    censored: StartHazard | None


def followed(spells: ParticipationSpells, design: Design) -> Followed:
    """Sort the spells and count their trials on all days that some origin's follow-up needs."""
    last = np.minimum(spells.exit, spells.start).astype(np.int64)
    order = np.argsort(-last, kind="stable")
    spells, last = spells.rows(order), last[order]
    n_days = max(design.origins) + max(design.horizon, design.grace + 1)
    options = {"names": spells.names, "n_days": n_days, "interval_days": design.interval_days}
    counted = start_trials(spells.exit, spells.start, spells.covariates, **options)
    n_reaching = np.searchsorted(-last, -np.arange(n_days + 2), side="right")
    censored = _censoring_trials(spells, options) if design.weigh_censoring else None
    return Followed(spells, design, counted, censored, order, last, n_reaching)


def fit_hazards(of: Followed, frequency: NDArray, *, begin_at: Hazards | None = None) -> Hazards:
    """Fit the hazards, spell *i* counting ``frequency[i]`` times (n,), from ``begin_at`` if there is a fit near by.

    Raises:
        DefinitionError: a model has no solution.
    """
    start = fit_start_hazard(of.counted, frequency, begin_at=None if begin_at is None else begin_at.start)
    if of.censored is None or not frequency[of.censored.began_in >= 0].any():
        return Hazards(start, None)
    near = None if begin_at is None else begin_at.censored
    return Hazards(start, fit_start_hazard(of.censored, frequency, begin_at=near))


def eligible(of: Followed, origin: int) -> NDArray[np.bool_]:
    """Return who is there on the day of origin and has not begun before it, shape (n,); at time zero everybody, those who leave on day 0 too."""
    there = of.spells.exit > origin if origin else np.ones(len(of.last), dtype=bool)
    return there & (of.spells.start >= origin)


def begins_within(of: Followed, origin: int) -> NDArray[np.bool_]:
    """Return who is eligible on the day of origin and begins within the grace, shape (n,)."""
    return eligible(of, origin) & (of.spells.start <= origin + of.design.grace)


def _censoring_trials(spells: ParticipationSpells, options: dict) -> StartTrials | None:
    """Count the days on which each spell could be censored: all to that on which it is, or to the one before the day of leaving."""
    censored = spells.cause == 0
    trials = start_trials(
        spells.exit + censored,
        np.where(censored, spells.exit, np.inf),
        spells.covariates,
        what="censurering",
        **options,
    )
    return trials if (trials.began_in >= 0).any() else None
