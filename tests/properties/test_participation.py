"""What must always hold of participation that begins inside a spell."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.followed_spells import Design, GraceTiming, fit_hazards, followed
from kaa_analysis.evaluation.cores.landmark_contrast import landmark_contrast
from kaa_analysis.evaluation.cores.naive_participation import naive_ever_against_never
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells
from kaa_analysis.evaluation.cores.strategy_contrast import placement_risk
from kaa_analysis.evaluation.cores.strategy_sums import arm_sums
from kaa_analysis.evaluation.cores.time_varying_cox import time_varying_cox

SAME = 1e-8
"""The fits stop when a step is below the root of this."""
HORIZON, N = 8, 60


def drawn(seed: int, **changed: NDArray) -> ParticipationSpells:
    rng = np.random.default_rng(seed)
    exit_, start = rng.integers(0, 15, N), rng.integers(0, 12, N)
    covariates = np.column_stack([rng.standard_normal(N), rng.integers(0, 2, N)])
    rows = {
        "exit": exit_,
        "cause": rng.integers(0, 4, N),
        "start": np.where(start < exit_, start, np.nan),
        "covariates": covariates,
        "cluster": rng.integers(0, 40, N),
    }
    return participation_spells(**(rows | changed))


def strategies(spells: ParticipationSpells, *, timing: GraceTiming, frequency: NDArray | None = None) -> list[float]:
    """Return the risks of both strategies, without draws."""
    of = followed(spells, Design((0,), 3, HORIZON, timing, 4, False))
    number = np.ones(len(of.last)) if frequency is None else frequency[of.order]
    arms = arm_sums(of, fit_hazards(of, number), number, 0)
    return [placement_risk(arm.sums) for arm in (arms.begin, arms.not_begin)]


def estimates(spells: ParticipationSpells) -> list[float]:
    """Return every estimate and standard error of the spells that needs no draws; those that are refused are left out alike."""
    naive, landmark = (
        naive_ever_against_never(spells, horizon=HORIZON),
        landmark_contrast(spells, landmark=2, horizon=HORIZON),
    )
    model = time_varying_cox(spells)
    found = [each.difference.value for each in (naive, landmark)] + [each.difference.se for each in (naive, landmark)]
    for timing in GraceTiming:
        found += strategies(spells, timing=timing)
    return [*found, *model.coefficients, *model.se]


def is_carried(seed: int) -> bool:
    try:
        estimates(drawn(seed))
    except DefinitionError:
        return False
    return True


def carried(seed: int) -> ParticipationSpells:
    """Return the spells drawn, or leave the example out where they are refused."""
    assume(is_carried(seed))
    return drawn(seed)


def assert_same(one: list[float], other: list[float]) -> None:
    np.testing.assert_allclose(one, other, rtol=SAME, atol=SAME)


seeds = st.integers(0, 10_000)
few = settings(derandomize=True, max_examples=25, deadline=None)


@few
@given(seeds)
def test_the_order_of_rows_and_the_names_of_clusters_change_nothing(seed):
    spells = carried(seed)
    order = np.random.default_rng(seed).permutation(N)
    moved = spells.rows(order)
    renamed = participation_spells(
        moved.exit,
        moved.cause,
        moved.start,
        covariates=moved.covariates,
        cluster=[f"person {it}" for it in moved.cluster],
    )
    assert_same(estimates(renamed), estimates(spells))


@few
@given(seeds)
def test_every_row_twice_under_the_same_cluster_changes_no_risk_and_no_standard_error(seed):
    spells = carried(seed)
    twice = spells.rows(np.repeat(np.arange(N), 2))
    one, other = (
        [
            value
            for each in (
                naive_ever_against_never(of, horizon=HORIZON),
                landmark_contrast(of, landmark=2, horizon=HORIZON),
            )
            for value in (each.begun.value, each.begun.se, each.not_begun.se, each.difference.se)
        ]
        + [risk for timing in GraceTiming for risk in strategies(of, timing=timing)]
        for of in (spells, twice)
    )
    assert_same(one, other)


@few
@given(seeds, st.floats(0.1, 10), st.floats(-5, 5))
def test_covariates_in_another_unit_and_other_numbers_of_the_other_ways_out_change_nothing(seed, scale, moved):
    spells = carried(seed)
    given = {"start": spells.start, "cluster": spells.cluster}
    cause = np.where(spells.cause > 1, 5 - spells.cause, spells.cause)
    other = participation_spells(spells.exit, cause, covariates=spells.covariates * scale + moved, **given)
    for timing in GraceTiming:
        assert_same(strategies(other, timing=timing), strategies(spells, timing=timing))
    naive, same = (naive_ever_against_never(each, horizon=HORIZON).difference for each in (spells, other))
    assert_same([naive.value, naive.se], [same.value, same.se])
    assert time_varying_cox(other).coefficients[0] == pytest.approx(time_varying_cox(spells).coefficients[0], abs=1e-6)


@few
@given(seeds)
def test_a_frequency_is_a_number_of_equal_rows(seed):
    spells = carried(seed)
    frequency = np.random.default_rng(seed).integers(1, 4, N)
    repeated = spells.rows(np.repeat(np.arange(N), frequency))
    for timing in GraceTiming:
        weighted = strategies(spells, timing=timing, frequency=frequency.astype(float))
        assert_same(weighted, strategies(repeated, timing=timing))


@few
@given(seeds)
def test_risks_are_shares_and_influences_sum_to_nothing(seed):
    spells = carried(seed)
    risks = [risk for timing in GraceTiming for risk in strategies(spells, timing=timing)]
    assert all(-SAME <= risk <= 1 + SAME for risk in risks if np.isfinite(risk))
    for each in (
        naive_ever_against_never(spells, horizon=HORIZON),
        landmark_contrast(spells, landmark=2, horizon=HORIZON),
    ):
        for side in (each.begun, each.not_begun, each.difference):
            assert abs(side.influence.sum()) < SAME


@few
@given(seeds)
def test_what_happens_after_the_horizon_and_starts_after_it_change_nothing(seed):
    spells = carried(seed)
    longer = participation_spells(
        np.where(spells.exit > HORIZON, spells.exit + 30, spells.exit),
        np.where(spells.exit > HORIZON, 0, spells.cause),
        np.where(spells.start >= HORIZON, np.inf, spells.start),
        covariates=spells.covariates,
    )
    for timing in GraceTiming:
        assert_same(strategies(longer, timing=timing), strategies(spells, timing=timing))


def test_most_draws_are_carried_so_that_the_rest_proves_something():
    assert sum(is_carried(seed) for seed in range(40)) > 30
