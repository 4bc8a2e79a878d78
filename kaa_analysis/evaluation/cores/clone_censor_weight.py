"""Clone, censor, weight: begin within a grace period against never begin, both followed from time zero."""

from __future__ import annotations

from kaa_analysis.evaluation.cores.followed_spells import Design, GraceTiming
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells
from kaa_analysis.evaluation.cores.strategy_contrast import StrategyContrast, strategy_contrast


def clone_censor_weight(
    spells: ParticipationSpells,
    *,
    grace: int,
    horizon: int,
    timing: str = GraceTiming.AS_OBSERVED,
    interval_days: int = 28,
    weigh_censoring: bool = False,
    n_replicates: int,
    seed: int,
    level: float = 0.95,
) -> StrategyContrast:
    """Estimate the risk of placement by ``horizon`` if all began within ``grace`` days and if nobody began before the horizon.

    Everybody is followed from time zero under both strategies. A copy is censored when it deviates: under *do not begin* on the day of the start, under
    *begin* when the strategy would have had it begin. The rest are weighted by the inverse probability of that from a pooled logistic model of beginning on
    a day, on the covariates at time zero and on time in intervals of ``interval_days``. A start on day ``grace`` is within it. Who leaves within the grace without
    having begun has followed both.

    ``timing`` says on what days of the grace those who follow *begin* do so: "as_observed" (as those do who begin within it, given the covariates: each begun
    weighs the inverse probability of beginning within the grace) or "uniform". ``weigh_censoring`` weighs by the inverse probability of not being censored too, from a model
    of the same kind: where the end of observation depends on the covariates. In each of ``n_replicates`` draws of persons the model is fitted again.

    >>> from kaa_analysis.evaluation.cores.participation_spells import participation_spells
    >>> spells = participation_spells([9, 4, 7, 9, 6, 5, 9, 8], [0, 1, 1, 0, 1, 2, 0, 1], [1, None, 2, None, None, 0, 2, None])
    >>> found = clone_censor_weight(spells, grace=2, horizon=8, n_replicates=50, seed=1)
    >>> round(found.begin.value, 4), round(found.not_begin.value, 4), found.n_begun
    (0.25, 0.75, 4)

    Raises:
        DefinitionError: the grace does not end before the horizon, nobody or a single person begins within it, an arm is not followed to the horizon, there is no
            placement, a covariate does not vary among those who could begin, follows from others or separates who begins, or draws fail.

    **Counts** spells, drawn by person.
    **Time** whole days since time zero; events come before censorings, and both before a start, on the same day.
    **Missing** is refused when the spells are made.
    **Source** Hernán, BMJ 2018; Cain et al., Int J Biostat 2010; `docs/methods/participation.md`.
    """
    design = Design((0,), grace, horizon, timing, interval_days, weigh_censoring)
    return strategy_contrast(spells, design, n_replicates=n_replicates, seed=seed, level=level)
