"""What always holds of the survival cores with case weights and clusters."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.nelson_aalen import nelson_aalen

N_CAUSES = 2
ROUNDING = 1e-9
"""Both sides are the same sums in another order, or a derivative by its definition."""
ROUNDED_ZERO = 1e-13
"""For variances that are 0 in truth."""
COMPLEX_STEP = 1e-30
SEEDLESS = settings(derandomize=True, max_examples=40, deadline=None)

spell = st.tuples(
    st.one_of(st.just(0), st.integers(1, 5)),
    st.integers(1, 6),
    st.integers(0, N_CAUSES),
    st.sampled_from([0.25, 0.5, 1.0, 1.7, 3.0]),
    st.integers(0, 4),
).map(lambda drawn: (drawn[0], drawn[0] + drawn[1], *drawn[2:]))
on_day_0 = st.tuples(
    st.just(0), st.just(0), st.integers(0, N_CAUSES), st.sampled_from([0.5, 1.0, 2.0]), st.integers(0, 4)
)
drawn_spells = st.lists(st.one_of(spell, spell, on_day_0), min_size=1, max_size=20).map(
    lambda rows: np.array(rows, dtype=float)
)


def estimates_by_hand(rows: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the survival, the hazard and the incidences at each exit time, from one risk set after the other; shape (2 + K, T)."""
    entry, exit_, cause = rows.T[:3]
    survival, hazard, incidence, steps = 1.0 + 0j, 0j, np.zeros(N_CAUSES, dtype=complex), []
    for time in np.unique(exit_):
        at_risk = ((entry < time) | (entry == 0)) & (exit_ >= time)
        ends = at_risk & (exit_ == time)
        total = weight[at_risk].sum()
        leaving = np.array([weight[ends & (cause == k)].sum() for k in range(1, N_CAUSES + 1)])
        staying = weight[at_risk & ~(ends & (cause > 0))].sum()
        incidence = incidence + survival * leaving / total
        hazard = hazard + leaving.sum() / total
        survival = survival * staying / total
        steps.append([survival, hazard, *incidence])
    return np.array(steps).T


def variances_by_hand(rows: np.ndarray) -> np.ndarray:
    """Return the sums over clusters of (Σ weight × derivative with respect to it)², shape (2 + K, T)."""
    weight, cluster = rows[:, 3], rows[:, 4]
    of_clusters = []
    for label in np.unique(cluster):
        moved = weight * (1 + 1j * COMPLEX_STEP * (cluster == label))
        of_clusters.append(estimates_by_hand(rows, moved).imag / COMPLEX_STEP)
    return (np.array(of_clusters) ** 2).sum(axis=0)


def ours(
    rows: np.ndarray, *, clustered: bool = True, variance: str | None = None, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates and variances as above, from the three cores."""
    entry, exit_, cause, weight, cluster = rows.T
    cluster = (cluster if labels is None else labels) if clustered else None
    of_one = {None: (None, None), "closed": ("greenwood", "aalen")}[variance]
    curve = kaplan_meier(entry, exit_, cause > 0, weight=weight, cluster=cluster, variance=of_one[0])
    hazard = nelson_aalen(entry, exit_, cause > 0, weight=weight, cluster=cluster, variance=of_one[1])
    incidence = aalen_johansen(
        entry, exit_, cause, n_causes=N_CAUSES, weight=weight, cluster=cluster, variance=of_one[0]
    )
    return (
        np.vstack([curve.survival, hazard.hazard, incidence.cif]),
        np.vstack([curve.se, hazard.se, incidence.se]) ** 2,
    )


def assert_same(found: tuple[np.ndarray, np.ndarray], expected: tuple[np.ndarray, np.ndarray]) -> None:
    np.testing.assert_allclose(found[0], expected[0], rtol=ROUNDING, atol=ROUNDED_ZERO)
    np.testing.assert_allclose(found[1], expected[1], rtol=ROUNDING, atol=ROUNDED_ZERO)


@SEEDLESS
@given(drawn_spells)
def test_estimates_and_variances_are_those_of_the_definition(rows):
    assert_same(ours(rows), (estimates_by_hand(rows, rows[:, 3]).real, variances_by_hand(rows)))


@SEEDLESS
@given(drawn_spells)
def test_without_clusters_each_spell_is_its_own(rows):
    alone = rows.copy()
    alone[:, 4] = np.arange(len(rows))
    assert_same(ours(rows, clustered=False), ours(alone))
    assert_same(ours(alone), (estimates_by_hand(rows, rows[:, 3]).real, variances_by_hand(alone)))


@SEEDLESS
@given(drawn_spells)
def test_weights_of_one_and_clusters_of_one_change_nothing(rows):
    rows[:, 3] = 1
    plain = aalen_johansen(*rows.T[:3], n_causes=N_CAUSES)
    found = aalen_johansen(*rows.T[:3], n_causes=N_CAUSES, weight=rows[:, 3], cluster=np.arange(len(rows)))
    np.testing.assert_array_equal(found.cif, plain.cif)
    np.testing.assert_allclose(found.se**2, plain.se**2, rtol=ROUNDING, atol=ROUNDED_ZERO)


@SEEDLESS
@given(drawn_spells, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_clusters_change_nothing(rows, random):
    shuffled = rows[random.sample(range(len(rows)), len(rows))]
    names = np.array(["c", "a", "e", "b", "d"])[shuffled[:, 4].astype(int)]
    assert_same(ours(shuffled, labels=names), ours(rows))


@SEEDLESS
@given(drawn_spells)
def test_every_row_twice_in_the_same_cluster_changes_no_error(rows):
    assert_same(ours(np.vstack([rows, rows])), ours(rows))


@SEEDLESS
@given(drawn_spells)
def test_the_weight_two_is_the_same_as_the_row_twice(rows):
    double = rows.copy()
    double[:, 3] = np.where(rows[:, 3] > 1, 2, 1)
    twice = np.vstack([rows, rows[rows[:, 3] > 1]])
    twice[:, 3] = 1
    assert_same(ours(double), ours(twice))
    assert_same(ours(double, clustered=False, variance="closed"), ours(twice, clustered=False, variance="closed"))


@SEEDLESS
@given(drawn_spells, st.sampled_from([0.001, 7.0, 1e6]))
def test_the_size_of_the_weights_changes_no_robust_error(rows, factor):
    scaled = rows * [1, 1, 1, factor, 1]
    assert_same(ours(scaled), ours(rows))


@SEEDLESS
@given(drawn_spells, st.data())
def test_who_has_the_weight_zero_is_as_if_not_there(rows, data):
    left_out = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    zeros = rows.copy()
    zeros[left_out, 3] = 0
    for clustered in (True, False):
        assert_same(ours(zeros, clustered=clustered), ours(rows[~left_out], clustered=clustered))


@SEEDLESS
@given(drawn_spells, st.data())
def test_splitting_a_spell_within_its_cluster_changes_nothing(rows, data):
    row = data.draw(st.integers(0, len(rows) - 1))
    entry, exit_, cause, weight, cluster = rows[row]
    inner = [time for time in np.unique(rows[:, 1]) if entry < time < exit_]
    if not inner:
        return
    cut = data.draw(st.sampled_from(inner))
    parts = [[entry, cut, 0, weight, cluster], [cut, exit_, cause, weight, cluster]]
    assert_same(ours(np.vstack([np.delete(rows, row, axis=0), parts])), ours(rows))


@SEEDLESS
@given(drawn_spells, st.integers(1, 50))
def test_shifting_all_times_of_delayed_entries_changes_nothing(rows, shift):
    late = rows + np.array([1, 2, 0, 0, 0])
    assert_same(ours(late + np.array([shift, shift, 0, 0, 0])), ours(late))


@SEEDLESS
@given(drawn_spells, st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_a_quantile_lies_between_its_limits_where_none_turns_back_and_rises_with_the_share(rows, shares):
    shares = sorted(shares)
    curve = kaplan_meier(*rows.T[:2], rows[:, 2] > 0, weight=rows[:, 3], interval="plain")
    falling = [(np.diff(limit) <= 0).all() for limit in (curve.lower, curve.upper)]  # more can be at risk later
    found = curve.quantiles(shares)
    known = found["time"].dropna()
    assert known.is_monotonic_increasing
    if all(falling):
        assert (found["lower"] <= found["time"])[found["time"].notna() & found["lower"].notna()].all()
        assert (found["upper"] >= found["time"])[found["time"].notna() & found["upper"].notna()].all()
