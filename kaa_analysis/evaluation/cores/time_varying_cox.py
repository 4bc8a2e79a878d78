"""A Cox model in which participation is a covariate that changes on the day it begins."""

from __future__ import annotations

import numpy as np

from kaa_analysis.evaluation.cores.participation_spells import PLACEMENT, ParticipationSpells
from kaa_analysis.survival.cores.cox_model import CoxModel, cox
from kaa_analysis.survival.cores.partial_likelihood import Ties


def time_varying_cox(spells: ParticipationSpells, *, ties: str = Ties.EFRON) -> CoxModel:
    """Fit the log hazard ratio of placement after against before the start of participation, with the covariates at time zero.

    A spell is cut at its start: (0, start] without, (start, exit] with participation; who begins on day 0 has it throughout. The first coefficient is
    ``begun``; the other ways out are censored (a cause-specific hazard); strata have hazards of their own; the variance is of the clusters.

    It stands beside the other estimates, not among them: a hazard ratio is no difference of risks, it compares those still there on each day (who are a
    selection once there is an effect), and what changes over time and leads to both start and placement is not adjusted for.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([2, 4, 6, 8, 9, 9], [1, 1, 1, 1, 0, 0], [None, None, 5, None, 3, None])
    >>> time_varying_cox(spells).coefficients.round(3).tolist()
    [-0.053]

    Raises:
        DefinitionError: nobody is placed, participation does not vary among those at risk when somebody is, or what `cox` refuses.

    **Counts** rows of spells; the variance is of persons where they are the clusters.
    **Time** whole days since time zero; an event on the day on which another begins comes before that start.
    **Missing** is refused when the spells are made.
    **Source** Crowley & Hu, J Am Stat Assoc 1977; Therneau & Grambsch 2000; `docs/methods/participation.md`.
    """
    later = np.flatnonzero(np.isfinite(spells.start) & (spells.start > 0))
    n_rows = len(spells.exit)
    row = np.concatenate([np.arange(n_rows), later])
    begun = np.concatenate([spells.start == 0, np.ones(len(later), dtype=bool)])
    entry = np.concatenate([np.zeros(n_rows), spells.start[later]])
    exit_ = np.concatenate(
        [np.minimum(spells.exit, np.where(spells.start > 0, spells.start, np.inf)), spells.exit[later]]
    )
    event = (spells.cause[row] == PLACEMENT) & (exit_ == spells.exit[row])
    return cox(
        entry,
        exit_,
        event,
        np.column_stack([begun, spells.covariates[row]]),
        names=("begun", *spells.names),
        ties=ties,
        strata=spells.stratum[row],
        cluster=spells.cluster[row],
    )
