"""The strategies for participation that begins inside a spell, held against a calculation day by day and against R's survival."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from kaa_analysis.evaluation.cores.clone_censor_weight import clone_censor_weight
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells
from kaa_analysis.evaluation.cores.person_bootstrap import person_draws
from kaa_analysis.evaluation.cores.sequential_trials import sequential_trials
from tests.reference.day_by_day_strategies import arm_rows, censoring_probabilities, risks_of, start_probabilities

SAME = 1e-8
"""Both fits stop when a step is below the root of this."""
N_SPELLS, HORIZON, INTERVAL, N_REPLICATES, SEED = 180, 12, 4, 50, 3
DRAWS_COMPARED = 2


def drawn_spells(seed: int) -> ParticipationSpells:
    rng = np.random.default_rng(seed)
    covariates = np.column_stack([rng.standard_normal(N_SPELLS), rng.random(N_SPELLS) < 0.5])
    exit_ = np.floor(rng.exponential(20, N_SPELLS))
    start = np.floor(rng.exponential(12 / np.exp(covariates @ [0.5, -0.4])))
    censored = np.minimum(np.floor(rng.exponential(40 / np.exp(covariates @ [0.8, 0.5]))), 30)
    cause = np.where(exit_ <= censored, rng.integers(1, 3, N_SPELLS), 0)
    exit_ = np.minimum(exit_, censored)
    return participation_spells(exit_, cause, np.where(start < exit_, start, np.nan), covariates=covariates)


def by_hand(
    spells: ParticipationSpells,
    frequency: NDArray,
    *,
    origins: list[int],
    grace: int,
    timing: str,
    censoring: bool = False,
) -> NDArray:
    """Return the two risks worked out day by day, the trials pooled."""
    options = {"n_days": max(origins) + HORIZON, "interval_days": INTERVAL, "frequency": frequency}
    probability = start_probabilities(spells.exit, spells.start, spells.covariates, **options)
    censored = np.zeros_like(probability)
    if censoring:
        censored = censoring_probabilities(spells.exit, spells.cause, spells.covariates, **options)
    given = (spells.exit, spells.cause, spells.start, probability, censored)
    rows = [arm_rows(*given, origin=origin, grace=grace, horizon=HORIZON, timing=timing) for origin in origins]
    return np.array(risks_of(pd.concat(rows), frequency, horizon=HORIZON))


@pytest.mark.parametrize("timing", ["as_observed", "uniform"])
@pytest.mark.parametrize("grace", [0, 3, 6])
def test_clone_censor_weight_equals_the_sum_over_days_also_when_persons_are_drawn_and_the_weights_fitted_anew(
    timing, grace
):
    spells = drawn_spells(seed=1)
    found = clone_censor_weight(
        spells,
        grace=grace,
        horizon=HORIZON,
        timing=timing,
        interval_days=INTERVAL,
        n_replicates=N_REPLICATES,
        seed=SEED,
    )
    wanted = by_hand(spells, np.ones(N_SPELLS), origins=[0], grace=grace, timing=timing)
    np.testing.assert_allclose([found.begin.value, found.not_begin.value], wanted, atol=SAME)
    draws = person_draws(N_SPELLS, n_replicates=N_REPLICATES, seed=SEED)
    for place, frequency in zip(range(DRAWS_COMPARED), draws, strict=False):
        wanted = by_hand(spells, frequency, origins=[0], grace=grace, timing=timing)
        ours = [found.begin.replicates[place], found.not_begin.replicates[place]]
        np.testing.assert_allclose(ours, wanted, atol=SAME)


@pytest.mark.parametrize("every", [1, 4])
def test_sequential_trials_equal_the_sum_over_days(every):
    spells = drawn_spells(seed=2)
    found = sequential_trials(
        spells, every=every, last=4, horizon=HORIZON, interval_days=INTERVAL, n_replicates=N_REPLICATES, seed=SEED
    )
    origins = [0, 4] if every == 4 else [0, 1, 2, 3, 4]
    origins = [day for day in origins if ((spells.start >= day) & (spells.start < day + every)).any()]
    wanted = by_hand(spells, np.ones(N_SPELLS), origins=origins, grace=every - 1, timing="as_observed")
    np.testing.assert_allclose([found.begin.value, found.not_begin.value], wanted, atol=SAME)


@pytest.mark.parametrize(
    ("every", "grace", "timing"), [(None, 3, "as_observed"), (None, 3, "uniform"), (4, 3, "as_observed")]
)
def test_weights_for_censoring_equal_the_sum_over_days_also_when_persons_are_drawn(every, grace, timing):
    spells = drawn_spells(seed=4)
    options = {"horizon": HORIZON, "interval_days": INTERVAL, "n_replicates": N_REPLICATES, "seed": SEED}
    if every is None:
        origins = [0]
        found = clone_censor_weight(spells, grace=grace, timing=timing, weigh_censoring=True, **options)
    else:
        origins = [0, 4]
        found = sequential_trials(spells, every=every, last=4, weigh_censoring=True, **options)
    given = {"origins": origins, "grace": grace, "timing": timing}
    wanted = by_hand(spells, np.ones(N_SPELLS), censoring=True, **given)
    np.testing.assert_allclose([found.begin.value, found.not_begin.value], wanted, atol=SAME)
    assert np.abs(wanted - by_hand(spells, np.ones(N_SPELLS), **given)).max() > 1e-3
    frequency = next(person_draws(N_SPELLS, n_replicates=N_REPLICATES, seed=SEED))
    ours = [found.begin.replicates[0], found.not_begin.replicates[0]]
    np.testing.assert_allclose(ours, by_hand(spells, frequency, censoring=True, **given), atol=SAME)
