"""The risks of placement of two groups that are known when the follow-up begins, and their difference, with the influence of each spell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate, effect_estimate
from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.survival.cores.lost_time import incidence_at
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.weighted_spells import as_weights, weighted_spells


@dataclass(frozen=True, eq=False)
class RiskContrast:
    """The risk of placement of those who have ``begun``, of those who have ``not_begun``, and the ``difference`` (begun less not).

    ``n_begun`` and ``n_not_begun`` are the spells on either side; influences have a place for every spell compared.
    """

    begun: EffectEstimate
    not_begun: EffectEstimate
    difference: EffectEstimate
    n_begun: int
    n_not_begun: int


def risk_contrast(
    spells: ParticipationSpells, begun: NDArray[np.bool_], *, horizon: int, weight: ArrayLike | None, level: float
) -> RiskContrast:
    """Compare the spells that have ``begun`` (n,) with the others; strata are averaged by their share of all spells.

    ``weight`` (n,) holds case weights ≥ 0 that are taken as known. The shares of the strata are estimated, and are in the influence.

    Raises:
        DefinitionError: in a stratum a side has no spells (of weight above 0) or is not followed to the horizon, a side has a single cluster, nobody is placed, or
            the horizon is no whole day from 1.
    """
    n_rows = len(spells.exit)
    given = np.ones(n_rows) if weight is None else as_weights(weight, time_grid(np.zeros(n_rows), spells.exit))
    refuse_incomparable(spells, begun & (given > 0), ~begun & (given > 0), horizon=horizon)
    risks, influences = np.zeros(2), np.zeros((2, n_rows))
    of_rows = np.zeros((2, n_rows))
    for code in np.unique(spells.stratum):
        within = spells.stratum == code
        share = within.mean()
        for side, group in enumerate((begun, ~begun)):
            rows = np.flatnonzero(within & group & (given > 0))
            risk, influence = _incidence(spells.rows(rows), given[rows], horizon=horizon)
            risks[side] += share * risk
            influences[side, rows] = share * influence
            of_rows[side, within] = risk
    influences += (of_rows - risks[:, None]) / n_rows
    sides = [
        effect_estimate(risk, influence, cluster=spells.cluster, level=level)
        for risk, influence in zip(
            (*risks, risks[0] - risks[1]), (*influences, influences[0] - influences[1]), strict=True
        )
    ]
    return RiskContrast(*sides, n_begun=int(begun.sum()), n_not_begun=int((~begun).sum()))


def _incidence(group: ParticipationSpells, weight: NDArray, *, horizon: int) -> tuple[float, NDArray[np.float64]]:
    """Return the risk of one group and the influence of each of its spells."""
    grid = time_grid(np.zeros(len(group.exit)), group.exit)
    counted = weighted_spells(grid, group.cause, n_causes=group.n_causes, weight=weight, cluster=None)
    found = incidence_at(counted, time=horizon)
    if horizon > group.exit.max() and not found.ended:
        raise DefinitionError(
            "Båda grupperna ska vara följda till horisonten.",
            found=f"horisont {horizon} dagar: i en grupp är ingen kvar under observation",
            action="välj en kortare horisont",
        )
    return float(found.cif[PLACEMENT - 1]), found.influence[PLACEMENT - 1] * weight


def refuse_incomparable(
    spells: ParticipationSpells, begun: NDArray[np.bool_], others: NDArray[np.bool_], *, horizon: int
) -> None:
    """Refuse two sides, each (n,), that cannot be compared by the horizon.

    Raises:
        DefinitionError: the horizon is no whole day from 1, a side has fewer than two clusters or is missing in a stratum, or nobody on them is placed.
    """
    if not (isinstance(horizon, int | np.integer) and horizon >= 1):
        raise DefinitionError("Horisonten ska vara minst en hel dag.", found=str(horizon))
    groups = {"har börjat": begun, "har inte börjat": others}
    n_clusters = {what: len(np.unique(spells.cluster[rows])) for what, rows in groups.items()}
    if min(n_clusters.values()) < 2:
        raise DefinitionError(
            "En jämförelse behöver minst två personer (kluster) på vardera sidan.",
            found=[f"{what}: {number}" for what, number in n_clusters.items()],
        )
    strata = np.unique(spells.stratum)
    found = [
        f"{what}: saknas i {n_without} av {len(strata)} strata"
        for what, rows in groups.items()
        if (n_without := len(np.setdiff1d(strata, spells.stratum[rows])))
    ]
    if found:
        raise DefinitionError("I varje stratum ska några ha börjat och andra inte.", found=found)
    placed = (spells.cause == PLACEMENT) & (spells.exit <= horizon) & (begun | others)
    if not placed.any():
        raise DefinitionError("Utfallet ska förekomma före horisonten.", found=f"placerade: 0 av {len(placed)}")
