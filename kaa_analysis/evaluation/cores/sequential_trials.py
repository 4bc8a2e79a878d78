"""Sequential target trials: at each of a grid of days, those still there who have not begun, begin now against do not begin."""

from __future__ import annotations

import numpy as np

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.followed_spells import Design, GraceTiming
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells
from kaa_analysis.evaluation.cores.strategy_contrast import StrategyContrast, strategy_contrast


def sequential_trials(
    spells: ParticipationSpells,
    *,
    every: int = 28,
    last: int,
    horizon: int,
    interval_days: int = 28,
    weigh_censoring: bool = False,
    n_replicates: int,
    seed: int,
    level: float = 0.95,
) -> StrategyContrast:
    """Estimate the risk of placement within ``horizon`` days of each trial's baseline if those eligible begin now, and if they do not begin.

    A trial begins on day 0, ``every``, … up to ``last``. Eligible are those still there who have not begun. *Begin* is to begin on one of the ``every`` days from the
    baseline; within them both strategies are followed in copies, as in `clone_censor_weight`, so that nobody is given the days until the start for nothing. With
    ``every=1`` it is: begin today or not. Who does not begin is censored at a later start. Both are weighted by a pooled logistic model of
    beginning on a day, on the covariates and on the day since time zero, so that each trial's arms stand for its eligible; the trials are pooled. Trials
    in which nobody begins are left out. ``weigh_censoring`` weighs by the inverse probability of not being censored, too, from such a model: where the end of observation depends
    on the covariates, or comes sooner in later trials. All trials of a person are drawn together, the model fitted again in each draw.

    The estimand is of the eligible of all trials, a person counted once in each: who stays longer counts more often than at time zero.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([9, 4, 7, 9, 6, 5, 9, 8, 9], [0, 1, 1, 0, 1, 2, 0, 1, 1], [1, None, 2, None, None, 0, 4, None, 5])
    >>> found = sequential_trials(spells, every=3, last=3, horizon=5, interval_days=3, n_replicates=50, seed=1)
    >>> found.n_trials, found.n_eligible, found.n_begun
    (2, 15, 5)

    Raises:
        DefinitionError: the days of the grid are none, the horizon is not longer than ``every`` − 1 days, or what `clone_censor_weight` refuses.

    **Counts** spells in trials, drawn by person.
    **Time** whole days since each trial's baseline; who leaves on that day is not eligible, but on day 0 that is an event.
    **Missing** is refused when the spells are made.
    **Source** Hernán et al., Epidemiology 2008; Danaei et al., Stat Methods Med Res 2013; `docs/methods/participation.md`.
    """
    if not (isinstance(every, int | np.integer) and isinstance(last, int | np.integer) and every >= 1 and last >= 0):
        raise DefinitionError(
            "Försöken ska börja med minst en hel dags mellanrum, det första dag 0.",
            found=f"mellanrum {every}, sista dag {last}",
        )
    design = Design(
        tuple(range(0, last + 1, every)), every - 1, horizon, GraceTiming.AS_OBSERVED, interval_days, weigh_censoring
    )
    return strategy_contrast(spells, design, n_replicates=n_replicates, seed=seed, level=level)
