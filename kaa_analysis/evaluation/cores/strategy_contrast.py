"""The risks of placement under two strategies and their difference, the weights fitted anew in every draw of persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.followed_spells import (
    Design,
    Followed,
    Hazards,
    begins_within,
    eligible,
    fit_hazards,
    followed,
)
from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.evaluation.cores.person_bootstrap import BootstrapEstimate, bootstrap_estimate, person_draws
from kaa_analysis.evaluation.cores.strategy_sums import Arm, ArmSums, arm_sums

NEARLY_NOBODY = 1e-9
"""A weight at risk below this share of that at the beginning is the rounding of a sum."""


@dataclass(frozen=True)
class ArmEvidence:
    """What an arm rests on: spells not censored for having deviated before their last day (one per trial), the largest of their weights, and (Σw)²/Σw²."""

    n_spells: int
    largest_weight: float
    effective_size: float

    @classmethod
    def of(cls, weight: NDArray) -> ArmEvidence:
        """Return the evidence of spells with a ``weight`` (n,) each, those of weight 0 left out."""
        kept = weight[weight > 0]
        return cls(len(kept), float(kept.max()), float(kept.sum() ** 2 / (kept**2).sum()))


@dataclass(frozen=True, eq=False)
class StrategyContrast:
    """The risk of placement by the horizon if all ``begin``, if nobody does (``not_begin``), and the ``difference`` (begin less not).

    ``n_eligible`` and ``n_begun`` are spells summed over trials, ``n_trials`` the trials in which somebody begins.
    """

    begin: BootstrapEstimate
    not_begin: BootstrapEstimate
    difference: BootstrapEstimate
    n_eligible: int
    n_begun: int
    n_trials: int
    of_begin: ArmEvidence
    of_not_begin: ArmEvidence


@dataclass(frozen=True, eq=False, repr=False)
class _Pooled:
    """Both arms of all trials of one stratum, in which ``mass`` spells (weighted) are eligible."""

    begin: tuple[Arm, ...]
    not_begin: tuple[Arm, ...]
    mass: float

    def risks(self) -> NDArray[np.float64]:
        return np.array([placement_risk(_added(arms)) for arms in (self.begin, self.not_begin)])


def strategy_contrast(
    spells: ParticipationSpells, design: Design, *, n_replicates: int, seed: int, level: float
) -> StrategyContrast:
    """Return the contrast of the two strategies of ``design``, stratum by stratum, averaged over the eligible of all strata.

    Raises:
        DefinitionError: the design has no day of grace or horizon, nobody (or a single person) begins or does not, an arm is not followed to the horizon, there
            is no placement, the start hazard has no solution, or more than one in a hundred draws has no estimate.
    """
    _check(spells, design)
    spells = spells.numbered()
    strata = [followed(spells.rows(spells.stratum == code), design) for code in np.unique(spells.stratum)]
    fits = [fit_hazards(of, np.ones(len(of.last))) for of in strata]
    pooled = [_pooled(of, fit, np.ones(len(of.last))) for of, fit in zip(strata, fits, strict=True)]
    risks = _averaged(pooled)
    if np.isnan(risks).any():
        raise _not_followed(design)
    draws = person_draws(spells.n_clusters, n_replicates=n_replicates, seed=seed)
    replicates = np.array([_replicate(strata, fits, drawn) for drawn in draws])
    value_of = {"begin": risks[0], "not_begin": risks[1], "difference": risks[0] - risks[1]}
    drawn_of = {"begin": replicates[:, 0], "not_begin": replicates[:, 1], "difference": replicates @ [1.0, -1.0]}
    chosen = [(of, origin) for of in strata for origin in design.origins if begins_within(of, origin).any()]
    return StrategyContrast(
        **{name: bootstrap_estimate(value, drawn_of[name], level=level) for name, value in value_of.items()},
        n_eligible=sum(int(eligible(of, origin).sum()) for of, origin in chosen),
        n_begun=sum(int(begins_within(of, origin).sum()) for of, origin in chosen),
        n_trials=len({origin for _, origin in chosen}),
        of_begin=ArmEvidence.of(np.concatenate([arm.weight for one in pooled for arm in one.begin])),
        of_not_begin=ArmEvidence.of(np.concatenate([arm.weight for one in pooled for arm in one.not_begin])),
    )


def placement_risk(sums: ArmSums) -> float:
    """Return Aalen and Johansen's cumulative incidence of placement on the last day of ``sums``; NaN where nobody is followed so far.

    >>> placement_risk(ArmSums(np.array([4.0, 4.0, 2.0]), np.array([0.0, 2.0, 1.0]), np.array([0.0, 1.0, 1.0])))
    0.5
    """
    at_risk = np.maximum(sums.at_risk, sums.left)
    at_risk[at_risk < NEARLY_NOBODY * sums.at_risk[0]] = 0.0
    share = np.divide(sums.left, at_risk, out=np.zeros(len(at_risk)), where=at_risk > 0)
    staying = np.cumprod(1 - share)
    if at_risk[-1] == 0 and staying[-1] > NEARLY_NOBODY:
        return np.nan
    before = np.concatenate([[1.0], staying[:-1]])
    return float(before @ np.divide(sums.placed, at_risk, out=np.zeros(len(at_risk)), where=at_risk > 0))


def _pooled(of: Followed, fit: Hazards, frequency: NDArray) -> _Pooled:
    """Add the trials in which somebody begins; a trial without has nothing to compare with."""
    chosen = [origin for origin in of.design.origins if frequency[begins_within(of, origin)].any()]
    if not chosen:
        raise DefinitionError("I varje stratum ska någon börja inom fristen.", found=f"började: 0 av {len(of.last)}")
    arms = [arm_sums(of, fit, frequency, origin) for origin in chosen]
    mass = sum(float(frequency[eligible(of, origin)].sum()) for origin in chosen)
    return _Pooled(tuple(each.begin for each in arms), tuple(each.not_begin for each in arms), mass)


def _averaged(pooled: list[_Pooled]) -> NDArray[np.float64]:
    """Return the two risks, averaged over the eligible of all strata."""
    return np.average([each.risks() for each in pooled], axis=0, weights=[each.mass for each in pooled])


def _replicate(strata: list[Followed], fits: list[Hazards], drawn: NDArray) -> NDArray[np.float64]:
    """Return the two risks with every person counted as often as ``drawn`` (C,), the start hazards fitted anew; NaN where there is no solution."""
    try:
        pooled = []
        for of, fit in zip(strata, fits, strict=True):
            frequency = drawn[of.spells.cluster]
            pooled.append(_pooled(of, fit_hazards(of, frequency, begin_at=fit), frequency))
    except DefinitionError:
        return np.full(2, np.nan)
    return _averaged(pooled)


def _added(arms: tuple[Arm, ...]) -> ArmSums:
    total = arms[0].sums
    for arm in arms[1:]:
        total = total + arm.sums
    return total


def _check(spells: ParticipationSpells, design: Design) -> None:
    if not (spells.cause == PLACEMENT).any():
        raise DefinitionError("Utfallet ska förekomma.", found=f"placerade: 0 av {len(spells.cause)}")
    began = np.zeros(len(spells.exit), dtype=bool)
    for origin in design.origins:
        began |= (spells.start >= origin) & (spells.start <= origin + design.grace)
    groups = {"började inom fristen": began, "började inte inom fristen": ~began}
    found = {what: len(np.unique(spells.cluster[rows])) for what, rows in groups.items()}
    if min(found.values()) < 2:
        raise DefinitionError(
            "En jämförelse behöver minst två personer (kluster) på vardera sidan.",
            found=[f"{what}: {number}" for what, number in found.items()],
        )


def _not_followed(design: Design) -> DefinitionError:
    return DefinitionError(
        "Båda strategierna ska vara följda till horisonten.",
        found=f"horisont {design.horizon} dagar: i en av dem är ingen kvar under observation",
        action="välj en kortare horisont",
    )
