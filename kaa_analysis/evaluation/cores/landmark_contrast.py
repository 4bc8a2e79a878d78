"""The landmark: of those still there on a day, those who have begun by it against those who have not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells
from kaa_analysis.evaluation.cores.risk_contrast import RiskContrast, risk_contrast


def landmark_contrast(
    spells: ParticipationSpells,
    *,
    landmark: int,
    horizon: int,
    weight: ArrayLike | None = None,
    level: float = 0.95,
) -> RiskContrast:
    """Compare, of those still there just after day ``landmark``, those who have begun by it with the others, over ``horizon`` days from it.

    Begun is a start on day ``landmark`` or before. Time counts from the landmark, so a risk is P(T ≤ landmark + horizon, placement | T > landmark): the
    ``horizon`` = 365 of the landmark is not the first year's. It differs from the estimand that counts from time zero in three ways: it is of those
    who are left, the outcomes before the landmark are in neither group, and those who begin later stay among those who have not begun. It is *begun by
    the landmark, whatever later* against *not begun by it, whatever later*, in those left.

    ``weight`` (n,) holds given weights ≥ 0 of all spells (of a score fitted elsewhere), taken as known: the standard error does not hold their uncertainty. Without
    them nothing is adjusted for but the strata; an influence has a place for each spell left, in their order.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([2, 4, 6, 8, 9, 9, 5], [1, 1, 1, 1, 0, 0, 1], [None, None, 5, None, 3, None, 0])
    >>> found = landmark_contrast(spells, landmark=3, horizon=5)
    >>> found.n_begun, found.begun.value, round(found.not_begun.value, 4)
    (2, 0.5, 0.75)

    Raises:
        DefinitionError: the landmark is no whole day from 0, weights are not one number ≥ 0 for each spell, a side has fewer than two persons left, is missing in a
            stratum or is not followed to the horizon, or nobody is placed.

    **Counts** spells; the standard error is of persons where they are the clusters.
    **Time** whole days since the landmark; events come before censorings of the same day.
    **Missing** is refused when the spells are made.
    **Source** Anderson, Cain & Gelber, J Clin Oncol 1983; `docs/methods/participation.md`.
    """
    left, begun = left_at_landmark(spells, landmark=landmark)
    if weight is not None and np.shape(weight) != spells.exit.shape:
        raise DefinitionError(
            "Det ska vara en vikt per rad.", found=f"{np.size(weight)} vikter, {len(spells.exit)} rader"
        )
    return risk_contrast(
        left,
        begun,
        horizon=horizon,
        weight=None if weight is None else np.asarray(weight)[spells.exit > landmark],
        level=level,
    )


def left_at_landmark(spells: ParticipationSpells, *, landmark: int) -> tuple[ParticipationSpells, NDArray[np.bool_]]:
    """Return the spells left just after day ``landmark``, their exits counted from it, and which of them have begun by it.

    Raises:
        DefinitionError: the landmark is no whole day from 0, or nobody is left.
    """
    if not (isinstance(landmark, int | np.integer) and landmark >= 0):
        raise DefinitionError("Landmärket ska vara en hel dag från 0.", found=str(landmark))
    there = spells.exit > landmark
    if not there.any():
        raise DefinitionError("Några ska vara kvar vid landmärket.", found=f"kvar: 0 av {len(there)}")
    left = spells.rows(there)
    return replace(left, exit=left.exit - landmark), left.start <= landmark
