"""The landmark told from time zero: who left before the landmark is the same on both sides, so that the risk is that of everybody."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.effect_estimate import effect_estimate
from kaa_analysis.evaluation.cores.landmark_contrast import landmark_contrast
from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.evaluation.cores.risk_contrast import RiskContrast
from kaa_analysis.survival.cores.lost_time import incidence_at
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.weighted_spells import weighted_spells


def landmark_from_zero(
    spells: ParticipationSpells, *, landmark: int, horizon: int, level: float = 0.95
) -> RiskContrast:
    """Give `landmark_contrast` as risks of placement by ``horizon``, both counted from time zero and of everybody.

    The risk of a side is F(landmark) + S(landmark) · its risk from the landmark to the horizon, F the incidence of placement and S the share still there by the landmark,
    both those of everybody: before it nobody is sorted. The difference is the landmark's times S: smaller, for it is told of those too who had left before
    anything could be compared. Who had begun before it and left stands on both sides.

    ``n_begun`` and ``n_not_begun`` are the spells compared, those left at the landmark; influences have a place for every spell.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([2, 4, 6, 8, 9, 9, 5], [1, 1, 1, 1, 0, 0, 1], [None, None, 5, None, 3, None, 0])
    >>> found = landmark_from_zero(spells, landmark=3, horizon=8)
    >>> round(found.begun.value, 4), round(found.not_begun.value, 4)
    (0.5714, 0.7857)

    Raises:
        DefinitionError: the landmark does not lie before the horizon, or what `landmark_contrast` refuses.

    **Counts** spells; the standard error is of persons where they are the clusters.
    **Time** whole days since time zero; events come before censorings of the same day.
    **Missing** is refused when the spells are made.
    **Source** `docs/methods/participation.md`.
    """
    if not landmark < horizon:
        raise DefinitionError(
            "Landmärket ska ligga före horisonten.", found=f"landmärke {landmark}, horisont {horizon} dagar"
        )
    later = landmark_contrast(spells, landmark=landmark, horizon=horizon - landmark, level=level)
    placed, there = _by_landmark(spells, landmark=landmark)
    left = spells.exit > landmark

    def from_zero(value: float, influence: NDArray, before: tuple[float, NDArray]) -> tuple[float, NDArray]:
        spread = np.zeros(len(left))
        spread[left] = influence
        return before[0] + there[0] * value, before[1] + there[1] * value + there[0] * spread

    nothing = (0.0, np.zeros(len(left)))
    sides = [
        effect_estimate(*from_zero(side.value, side.influence, before), cluster=spells.cluster, level=level)
        for side, before in ((later.begun, placed), (later.not_begun, placed), (later.difference, nothing))
    ]
    return RiskContrast(*sides, n_begun=later.n_begun, n_not_begun=later.n_not_begun)


def _by_landmark(
    spells: ParticipationSpells, *, landmark: int
) -> tuple[tuple[float, NDArray[np.float64]], tuple[float, NDArray[np.float64]]]:
    """Return the share placed by the landmark and the share still there, of everybody, each with the influence of every spell."""
    grid = time_grid(np.zeros(len(spells.exit)), spells.exit)
    no_weight: ArrayLike = np.ones(len(spells.exit))
    found = incidence_at(
        weighted_spells(grid, spells.cause, n_causes=spells.n_causes, weight=no_weight, cluster=None), time=landmark
    )
    row = PLACEMENT - 1
    return (float(found.cif[row]), found.influence[row]), (1 - float(found.cif.sum()), -found.influence.sum(axis=0))
