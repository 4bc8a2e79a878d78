"""A law of leaving and of beginning to participate whose risks under each strategy are summed day by day, not simulated.

On each day from 1 somebody still there is placed, leaves otherwise, or stays; who stays (and everybody on day 0) may then begin. What a person is like
(``x``, 0 or 1, as likely) moves placement and beginning; having begun moves placement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells

LAST_DAY = 80
CENSORED_FROM = 50


@dataclass(frozen=True)
class ParticipationLaw:
    """Daily probabilities: ``placed`` and ``begins`` by *x*, ``other``; ``times`` is what having begun multiplies ``placed`` by.

    ``lost`` is the daily probability by *x* of being censored, beside the last days that are observed of everybody.
    """

    placed: tuple[float, float]
    begins: tuple[float, float]
    times: float
    other: float = 0.004
    lost: tuple[float, float] = (0.0, 0.0)

    def draw(self, n: int, *, seed: int) -> ParticipationSpells:
        """Return ``n`` spells, censored between day 50 and 80, or before where some are lost."""
        rng = np.random.default_rng(seed)
        x = rng.integers(0, 2, n)
        exit_, cause, start = np.full(n, LAST_DAY), np.zeros(n, dtype=int), np.full(n, np.inf)
        there = np.ones(n, dtype=bool)
        for day in range(LAST_DAY):
            if day:
                chance, placed = rng.random(n), np.array(self.placed)[x] * np.where(start < day, self.times, 1.0)
                leaves = there & (chance < placed + self.other)
                exit_[leaves], cause[leaves] = day, np.where(chance < placed, 1, 2)[leaves]
                there &= ~leaves
            begins = there & np.isinf(start) & (rng.random(n) < np.array(self.begins)[x])
            start[begins] = day
        censored = rng.integers(CENSORED_FROM, LAST_DAY + 1, n)
        if any(self.lost):
            censored = np.minimum(censored, rng.geometric(np.array(self.lost)[x]))
        cause = np.where(exit_ <= censored, cause, 0)
        exit_ = np.minimum(exit_, censored)
        start[start >= exit_] = np.inf
        return participation_spells(exit_, cause, start, covariates=x[:, None].astype(float), names=["x"])

    def risk(self, x: int, *, begin_within: int | None, horizon: int) -> float:
        """Return the risk of placement by ``horizon`` if nobody begins (None), or if all begin on one of the days 0 … ``begin_within``.

        The day is drawn as it comes of itself: from the daily probability of beginning, given that it comes within those days.
        """
        waiting, begun, risk = 1.0, 0.0, 0.0
        for day in range(horizon + 1):
            if day:
                placed = self.placed[x]
                risk += waiting * placed + begun * placed * self.times
                waiting *= 1 - placed - self.other
                begun *= 1 - placed * self.times - self.other
            if begin_within is not None and day <= begin_within:
                left = 1 - (1 - self.begins[x]) ** (begin_within - day + 1)
                moved = waiting * self.begins[x] / left
                waiting, begun = waiting - moved, begun + moved
        return risk

    def difference(self, *, begin_within: int, horizon: int, mass: tuple[float, float] = (1.0, 1.0)) -> float:
        """Return the risk if all begin less that if nobody does, averaged over *x* by ``mass``."""
        apart = [
            self.risk(x, begin_within=begin_within, horizon=horizon) - self.risk(x, begin_within=None, horizon=horizon)
            for x in (0, 1)
        ]
        return float(np.average(apart, weights=mass))

    def eligible(self, days: tuple[int, ...]) -> tuple[float, float]:
        """Return, by *x*, the number of ``days`` on which somebody is expected to be there and not to have begun before."""
        staying: NDArray = (1 - np.array(self.placed) - self.other) * (1 - np.array(self.begins))
        first, second = sum(staying**day for day in days)
        return float(first), float(second)
