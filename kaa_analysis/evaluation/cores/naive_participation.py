"""Naive comparisons of those who ever with those who never participate: wrong, and made to be shown beside what is right."""

from __future__ import annotations

import numpy as np

from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.evaluation.cores.risk_contrast import RiskContrast, risk_contrast
from kaa_analysis.survival.cores.cox_model import CoxModel, cox
from kaa_analysis.survival.cores.partial_likelihood import Ties


def naive_ever_against_never(spells: ParticipationSpells, *, horizon: int, level: float = 0.95) -> RiskContrast:
    """Compare the risk of placement by ``horizon`` of those who ever with that of those who never begin, from time zero: *not* an effect.

    This is wrong. To begin one must still be there: those who ever begin cannot have left before (immortal time), and whoever is placed early is
    counted among those who never began. With no effect at all participation seems to keep from placement, the more so the later it begins. It is
    the first rung of the ladder, to be shown with this reason and never alone.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([2, 4, 6, 8, 9, 9], [1, 1, 1, 1, 0, 0], [None, None, 5, None, 3, None])
    >>> found = naive_ever_against_never(spells, horizon=8)
    >>> found.begun.value, found.not_begun.value
    (0.5, 0.75)

    Raises:
        DefinitionError: a side has fewer than two persons, is missing in a stratum or is not followed to the horizon, or nobody is placed.

    **Counts** spells; the standard error is of persons where they are the clusters.
    **Time** whole days since time zero; events come before censorings of the same day.
    **Missing** is refused when the spells are made.
    **Source** Suissa, Am J Epidemiol 2008; `docs/methods/participation.md`.
    """
    return risk_contrast(spells, np.isfinite(spells.start), horizon=horizon, weight=None, level=level)


def naive_ever_against_never_cox(spells: ParticipationSpells, *, ties: str = Ties.EFRON) -> CoxModel:
    """Fit a Cox model of placement on ever having begun and the covariates, from time zero: *not* an effect.

    Wrong for the same reason as `naive_ever_against_never`: the time until the start is counted as time of participants. The first coefficient is
    ``begun``; the other ways out are censored; strata have hazards of their own, and the variance is of the clusters.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([2, 4, 6, 8, 9, 9], [1, 1, 1, 1, 0, 0], [None, None, 5, None, 3, None])
    >>> naive_ever_against_never_cox(spells).coefficients.round(3).tolist()
    [-0.67]

    Raises:
        DefinitionError: nobody is placed, or what `cox` refuses.

    **Counts** spells. **Time** as above. **Missing** is refused when the spells are made. **Source** `docs/methods/participation.md`.
    """
    ever = np.isfinite(spells.start).astype(float)
    return cox(
        np.zeros(len(ever)),
        spells.exit,
        spells.cause == PLACEMENT,
        np.column_stack([ever, spells.covariates]),
        names=("begun", *spells.names),
        ties=ties,
        strata=spells.stratum,
        cluster=spells.cluster,
    )
