"""What always holds of restricted mean times and of the times lost to each cause."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.restricted_time import RestrictedTimeLost, restricted_mean_time, restricted_time_lost

N_CAUSES = 3
ROUNDING = 1e-10
"""Both sides are the same sums in another order."""
SMALLEST = 1e-12
"""For variances: one of exactly 0 is the rounding of a sum on one of the sides."""
COMPLEX_STEP = 1e-30
SEEDLESS = settings(derandomize=True, max_examples=100, deadline=None)

spell = st.one_of(
    st.tuples(st.just(0), st.integers(0, 9), st.integers(0, N_CAUSES), st.integers(1, 3)),
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(0, N_CAUSES), st.integers(1, 3)),
).map(lambda drawn: (drawn[0], drawn[0] + drawn[1], *drawn[2:]))
spells_drawn = st.lists(spell, min_size=1, max_size=20).map(lambda rows: np.array([*rows, (0, 12, 0, 1)]))
"""Entry, exit, cause and weight; the last spell is followed to 12, so that horizons up to 12 can be asked for."""
horizons_drawn = st.one_of(st.integers(1, 12), st.floats(0.25, 12))


def lost_by_hand(spells: np.ndarray, weights: np.ndarray, horizon: float) -> np.ndarray:
    """Return the time lost to each cause before the horizon, from one risk set after the other; shape (K,)."""
    survival, lost = 1.0 + 0j, np.zeros(N_CAUSES, dtype=complex)
    entry, exit_, cause = spells[:, :3].T
    for time in np.unique(exit_[exit_ < horizon]):
        at_risk = ((entry < time) | (entry == 0)) & (exit_ >= time)
        total = weights[at_risk].sum()
        leaving = np.array([weights[at_risk & (exit_ == time) & (cause == k + 1)].sum() for k in range(N_CAUSES)])
        lost = lost + (horizon - time) * survival * leaving / total
        survival = survival * weights[at_risk & ~((exit_ == time) & (cause > 0))].sum() / total
    return lost


def influence_by_hand(spells: np.ndarray, horizon: float) -> np.ndarray:
    """Return weight × derivative of each time lost with respect to each spell's weight, shape (n, K)."""
    rows = []
    for row, weight in enumerate(spells[:, 3]):
        weights = spells[:, 3].astype(complex)
        weights[row] += 1j * COMPLEX_STEP
        rows.append(weight * lost_by_hand(spells, weights, horizon).imag / COMPLEX_STEP)
    return np.array(rows)


def lost_of(spells: np.ndarray, horizon: float, **given) -> RestrictedTimeLost:
    return restricted_time_lost(*spells[:, :3].T, n_causes=N_CAUSES, horizon=horizon, **given)


def assert_same(ours: RestrictedTimeLost, theirs: RestrictedTimeLost) -> None:
    np.testing.assert_allclose(ours.time, theirs.time, rtol=ROUNDING)
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=ROUNDING, atol=SMALLEST * ours.horizon**2)


@SEEDLESS
@given(spells_drawn, horizons_drawn)
def test_times_lost_equal_those_worked_out_one_risk_set_after_the_other(spells, horizon):
    lost = lost_of(spells, horizon, weight=spells[:, 3])
    np.testing.assert_allclose(lost.time, lost_by_hand(spells, spells[:, 3], horizon).real, rtol=ROUNDING)


@SEEDLESS
@given(spells_drawn, horizons_drawn, st.integers(1, 5))
def test_covariance_is_the_infinitesimal_jackknife_by_definition(spells, horizon, n_clusters):
    influence = influence_by_hand(spells, horizon)
    lost = lost_of(spells, horizon, weight=spells[:, 3])
    np.testing.assert_allclose(lost.covariance, influence.T @ influence, rtol=ROUNDING, atol=SMALLEST * horizon**2)
    cluster = np.arange(len(spells)) % n_clusters
    summed = np.array([influence[cluster == one].sum(axis=0) for one in range(n_clusters)])
    clustered = lost_of(spells, horizon, weight=spells[:, 3], cluster=cluster)
    np.testing.assert_allclose(clustered.covariance, summed.T @ summed, rtol=ROUNDING, atol=SMALLEST * horizon**2)


@SEEDLESS
@given(spells_drawn, st.integers(1, 12))
def test_times_are_the_areas_under_the_curves(spells, horizon):
    days = np.arange(horizon)
    entry, exit_, cause = spells[:, :3].T
    mean = restricted_mean_time(entry, exit_, cause > 0, horizon=horizon)
    np.testing.assert_allclose(
        mean.time, kaplan_meier(entry, exit_, cause > 0).at(days)["survival"].sum(), rtol=ROUNDING
    )
    incidence = aalen_johansen(entry, exit_, cause, n_causes=N_CAUSES).at(days)
    areas = incidence.groupby("cause")["cif"].sum()
    np.testing.assert_allclose(lost_of(spells, horizon).time, areas, rtol=ROUNDING)


@SEEDLESS
@given(spells_drawn, horizons_drawn)
def test_mean_time_and_times_lost_add_up_to_the_horizon_with_one_variance(spells, horizon):
    entry, exit_, cause, weight = spells.T
    mean = restricted_mean_time(entry, exit_, cause > 0, horizon=horizon, weight=weight)
    lost = lost_of(spells, horizon, weight=weight)
    np.testing.assert_allclose(mean.time + lost.time.sum(), horizon, rtol=ROUNDING)
    np.testing.assert_allclose(mean.se**2, lost.covariance.sum(), rtol=ROUNDING, atol=SMALLEST * horizon**2)


@SEEDLESS
@given(spells_drawn, horizons_drawn)
def test_jackknife_and_greenwood_agree_where_nobody_enters_late(spells, horizon):
    exit_, cause = spells[:, 1:3].T
    jackknife, greenwood = (
        restricted_mean_time(0 * exit_, exit_, cause > 0, horizon=horizon, variance=kind)
        for kind in ("infinitesimal-jackknife", "greenwood")
    )
    np.testing.assert_allclose(jackknife.se**2, greenwood.se**2, rtol=ROUNDING, atol=SMALLEST * horizon**2)


@SEEDLESS
@given(spells_drawn, horizons_drawn, st.randoms(use_true_random=False), st.permutations(range(N_CAUSES)))
def test_order_of_rows_and_names_of_causes_and_clusters_change_nothing(spells, horizon, random, names):
    cluster = np.arange(len(spells)) // 2
    rows = random.sample(range(len(spells)), len(spells))
    renamed = spells[rows]
    renamed[:, 2] = np.array([0, *(name + 1 for name in names)])[renamed[:, 2]]
    ours = lost_of(spells, horizon, cluster=cluster)
    other = lost_of(renamed, horizon, cluster=[f"p{9 - name}" for name in cluster[rows]])
    np.testing.assert_allclose(other.time[list(names)], ours.time, rtol=ROUNDING)
    back = other.covariance[list(names)][:, list(names)]
    np.testing.assert_allclose(back, ours.covariance, rtol=ROUNDING, atol=SMALLEST * horizon**2)


@SEEDLESS
@given(spells_drawn, horizons_drawn, st.data())
def test_splitting_a_spell_within_its_cluster_changes_nothing(spells, horizon, data):
    row = data.draw(st.integers(0, len(spells) - 1))
    entry, exit_, cause, weight = spells[row]
    if exit_ - entry < 2:
        return
    cut = data.draw(st.integers(entry + 1, exit_ - 1))
    split = np.vstack([spells, [cut, exit_, cause, weight]])
    split[row] = [entry, cut, 0, weight]
    cluster = [*range(len(spells)), row]
    assert_same(
        lost_of(split, horizon, weight=split[:, 3], cluster=cluster), lost_of(spells, horizon, weight=spells[:, 3])
    )


@SEEDLESS
@given(spells_drawn, horizons_drawn)
def test_a_weight_is_a_number_of_equal_rows(spells, horizon):
    rows = np.repeat(np.arange(len(spells)), spells[:, 3])
    repeated = spells[rows]
    weighted = lost_of(spells, horizon, weight=spells[:, 3])
    assert_same(weighted, lost_of(repeated, horizon, cluster=rows))
    greenwood = [
        restricted_mean_time(*part[:, :2].T, part[:, 2] > 0, horizon=horizon, weight=weight, variance="greenwood")
        for part, weight in ((spells, spells[:, 3]), (repeated, None))
    ]
    np.testing.assert_allclose(greenwood[0].time, greenwood[1].time, rtol=ROUNDING)
    np.testing.assert_allclose(greenwood[0].se, greenwood[1].se, rtol=ROUNDING)


@SEEDLESS
@given(spells_drawn, horizons_drawn)
def test_every_row_twice_under_the_same_cluster_changes_nothing(spells, horizon):
    once = lost_of(spells, horizon)
    twice = lost_of(np.vstack([spells, spells]), horizon, cluster=np.tile(np.arange(len(spells)), 2))
    assert_same(twice, once)


@SEEDLESS
@given(spells_drawn, horizons_drawn, st.lists(spell, max_size=5))
def test_spells_of_weight_zero_count_as_not_there(spells, horizon, further):
    added = np.vstack([spells, np.array(further, dtype=int).reshape(-1, 4)])
    weight = np.where(np.arange(len(added)) < len(spells), added[:, 3], 0)
    assert_same(lost_of(added, horizon, weight=weight), lost_of(spells, horizon, weight=spells[:, 3]))


@SEEDLESS
@given(spells_drawn, horizons_drawn, st.integers(1, 30), st.integers(2, 9))
def test_a_later_time_zero_adds_to_the_mean_and_another_unit_scales_all(spells, horizon, shift, scale):
    entry, exit_, cause, _ = spells.T
    mean = restricted_mean_time(entry, exit_, cause > 0, horizon=horizon)
    shifted = restricted_mean_time(
        np.where(entry == 0, 0, entry + shift), exit_ + shift, cause > 0, horizon=horizon + shift
    )
    np.testing.assert_allclose(shifted.time, mean.time + shift, rtol=ROUNDING)
    np.testing.assert_allclose(shifted.se**2, mean.se**2, rtol=ROUNDING, atol=SMALLEST * (horizon + shift) ** 2)
    scaled = restricted_mean_time(entry * scale, exit_ * scale, cause > 0, horizon=horizon * scale)
    np.testing.assert_allclose(scaled.time, mean.time * scale, rtol=ROUNDING)
    np.testing.assert_allclose(scaled.se**2 / scale**2, mean.se**2, rtol=ROUNDING, atol=SMALLEST * horizon**2)
