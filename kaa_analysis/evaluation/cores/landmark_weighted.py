"""The landmark with weights by the covariates, fitted anew in every draw of persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.landmark_contrast import left_at_landmark
from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.evaluation.cores.person_bootstrap import bootstrap_estimate, person_draws
from kaa_analysis.evaluation.cores.risk_contrast import refuse_incomparable
from kaa_analysis.evaluation.cores.start_hazard import StartHazard, StartTrials, fit_start_hazard, start_trials
from kaa_analysis.evaluation.cores.strategy_contrast import ArmEvidence, StrategyContrast, placement_risk
from kaa_analysis.evaluation.cores.strategy_sums import ArmSums


@dataclass(frozen=True, eq=False, repr=False)
class _Group:
    """The spells of a stratum that are left, with a single trial each: to have begun by the landmark or not."""

    spells: ParticipationSpells
    begun: NDArray[np.bool_]
    counted: StartTrials
    horizon: int

    def weights(self, score: StartHazard) -> NDArray[np.float64]:
        """Return the inverse probability of being on the side on which each spell is, shape (n,)."""
        odds = score.odds[0]
        return np.where(self.begun, (1 + odds) / odds, 1 + odds)

    def risks(self, score: StartHazard, frequency: NDArray) -> NDArray[np.float64]:
        """Return the risk of placement by the horizon of each side, shape (2,)."""
        weight = frequency * self.weights(score)
        return np.array([placement_risk(self._sums(weight * side)) for side in (self.begun, ~self.begun)])

    def _sums(self, weight: NDArray) -> ArmSums:
        size = self.horizon + 1
        day, cause = np.minimum(self.spells.exit, size), self.spells.cause
        leaving = np.bincount(day, weights=weight, minlength=size + 1)
        left = np.bincount(day, weights=weight * (cause > 0), minlength=size + 1)
        placed = np.bincount(day, weights=weight * (cause == PLACEMENT), minlength=size + 1)
        return ArmSums(np.cumsum(leaving[::-1])[::-1][:size], left[:size], placed[:size])


def landmark_weighted(
    spells: ParticipationSpells, *, landmark: int, horizon: int, n_replicates: int, seed: int, level: float = 0.95
) -> StrategyContrast:
    """Estimate `landmark_contrast` with both sides weighted to all who are left at the landmark, the weights fitted anew in each draw of persons.

    The weight is the inverse probability of having begun by the landmark, or of not having, from a logistic model on the covariates among those left. With
    ``landmark=0`` it is the comparison of those who begin on day 0 with the others. What is estimated is that of `landmark_contrast`: of those left.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> exit, start = [2, 4, 6, 8, 9, 9, 5, 7, 9, 6], [None, None, 5, None, 3, None, 0, 1, 2, None]
    >>> spells = participation_spells(exit, [1, 1, 1, 1, 0, 0, 1, 2, 1, 1], start)
    >>> found = landmark_weighted(spells, landmark=3, horizon=5, n_replicates=50, seed=1)
    >>> found.n_begun, found.begin.value, found.not_begin.value
    (4, 0.25, 0.8)

    Raises:
        DefinitionError: what `landmark_contrast` refuses, a covariate does not vary, follows from others or separates who has begun, or draws fail.

    **Counts** spells, drawn by person.
    **Time** whole days since the landmark; events come before censorings of the same day.
    **Missing** is refused when the spells are made.
    **Source** Anderson, Cain & Gelber, J Clin Oncol 1983; Cole & Hernán, Comput Methods Programs Biomed 2004; `docs/methods/participation.md`.
    """
    spells = spells.numbered()
    left, begun = left_at_landmark(spells, landmark=landmark)
    refuse_incomparable(left, begun, ~begun, horizon=horizon)
    groups = [_group(left, begun, left.stratum == code, horizon) for code in np.unique(left.stratum)]
    everyone = np.ones(spells.n_clusters)
    scores = [fit_start_hazard(group.counted, everyone[group.spells.cluster]) for group in groups]
    risks = _averaged(groups, scores, everyone)
    if np.isnan(risks).any():
        raise DefinitionError(
            "Båda grupperna ska vara följda till horisonten.",
            found=f"horisont {horizon} dagar: i en grupp är ingen kvar under observation",
            action="välj en kortare horisont",
        )
    draws = person_draws(len(everyone), n_replicates=n_replicates, seed=seed)
    drawn = np.array([_replicate(groups, scores, frequency) for frequency in draws])
    weight = np.concatenate([group.weights(score) for group, score in zip(groups, scores, strict=True)])
    side = np.concatenate([group.begun for group in groups])
    return StrategyContrast(
        begin=bootstrap_estimate(risks[0], drawn[:, 0], level=level),
        not_begin=bootstrap_estimate(risks[1], drawn[:, 1], level=level),
        difference=bootstrap_estimate(risks[0] - risks[1], drawn @ [1.0, -1.0], level=level),
        n_eligible=len(begun),
        n_begun=int(begun.sum()),
        n_trials=1,
        of_begin=ArmEvidence.of(weight[side]),
        of_not_begin=ArmEvidence.of(weight[~side]),
    )


def _group(spells: ParticipationSpells, begun: NDArray, rows: NDArray, horizon: int) -> _Group:
    """Return the spells of one stratum; the one trial of each is whether it has begun."""
    chosen = spells.rows(rows)
    start = np.where(begun[rows], 0.0, np.inf)
    counted = start_trials(np.ones(len(start)), start, chosen.covariates, names=spells.names, n_days=1, interval_days=1)
    return _Group(chosen, begun[rows], counted, horizon)


def _averaged(groups: list[_Group], scores: list[StartHazard], drawn: NDArray) -> NDArray[np.float64]:
    """Return the two risks, averaged over those left in all strata; ``drawn`` (C,) is how often each cluster counts."""
    number = [drawn[group.spells.cluster] for group in groups]
    risks = [group.risks(score, of) for group, score, of in zip(groups, scores, number, strict=True)]
    return np.average(risks, axis=0, weights=[of.sum() for of in number])


def _replicate(groups: list[_Group], scores: list[StartHazard], drawn: NDArray) -> NDArray[np.float64]:
    try:
        fitted = [
            fit_start_hazard(group.counted, drawn[group.spells.cluster], begin_at=score)
            for group, score in zip(groups, scores, strict=True)
        ]
        return _averaged(groups, fitted, drawn)
    except (DefinitionError, ZeroDivisionError):
        return np.full(2, np.nan)
