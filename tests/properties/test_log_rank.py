"""What always holds of the log-rank tests."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.pairwise_log_rank import pairwise_log_rank

ROUNDING = 1e-9
"""Both sides are the same sums in another order."""
SMALL = 1e-12
"""For sums that are 0 but for the rounding of their terms."""
SEEDLESS = settings(derandomize=True, max_examples=50, deadline=None)
WEIGHTS = st.sampled_from([{}, {"rho": 0.5}, {"weight_function": "gehan"}, {"weight_function": "tarone-ware"}])

row = st.one_of(st.tuples(st.just(0), st.integers(0, 9)), st.tuples(st.integers(1, 6), st.integers(1, 6))).flatmap(
    lambda times: st.tuples(
        st.just(times[0]), st.just(sum(times)), st.integers(0, 1), st.integers(0, 2), st.integers(0, 1)
    )
)
rows_drawn = st.lists(row, max_size=25).map(lambda rows: np.array([*rows, (0, 4, 1, 0, 0), (0, 5, 1, 1, 0)]))


def result_of(rows: np.ndarray, **options):
    entry, exit_, event, group, stratum = rows.T
    return log_rank(entry, exit_, event, group, strata=stratum, **options)


def assert_same(ours, other, *, times: float = 1) -> None:
    assert ours.df == other.df
    np.testing.assert_allclose(other.chi_square, times * ours.chi_square, rtol=ROUNDING, atol=SMALL)


def sums_by_hand(rows: np.ndarray, *, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return observed, expected and variance, from one risk set after the other."""
    labels = np.unique(rows[:, 3])
    observed, expected = np.zeros(len(labels)), np.zeros(len(labels))
    variance = np.zeros((len(labels), len(labels)))
    for stratum in np.unique(rows[:, 4]):
        entry, exit_, event, group = rows[rows[:, 4] == stratum, :4].T
        survival_before = 1.0
        for time in np.unique(exit_[event == 1]):
            at_risk = ((entry < time) | (entry == 0)) & (exit_ >= time)
            now = at_risk & (exit_ == time) & (event == 1)
            n, d, weight = at_risk.sum(), now.sum(), survival_before**rho
            share = np.array([(group[at_risk] == label).mean() for label in labels])
            observed += weight * np.array([(group[now] == label).sum() for label in labels])
            expected += weight * d * share
            if n > 1:
                spread = weight**2 * d * (n - d) / (n - 1)
                variance += spread * (np.diag(share) - np.outer(share, share))
            survival_before *= 1 - d / n
    return observed, expected, variance


@SEEDLESS
@given(rows_drawn, st.sampled_from([0, 0.5, 1]))
def test_sums_equal_those_worked_out_one_risk_set_after_the_other(rows, rho):
    test = result_of(rows, rho=rho)
    for ours, theirs in zip((test.observed, test.expected, test.variance), sums_by_hand(rows, rho=rho), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=ROUNDING, atol=SMALL)


@SEEDLESS
@given(rows_drawn, WEIGHTS)
def test_as_many_are_expected_as_are_observed(rows, weights):
    test = result_of(rows, **weights)
    np.testing.assert_allclose(test.expected.sum(), test.observed.sum(), rtol=ROUNDING)
    np.testing.assert_allclose(test.variance.sum(axis=1), 0, atol=SMALL * test.variance.max())


@SEEDLESS
@given(rows_drawn, WEIGHTS, st.randoms(use_true_random=False), st.permutations(range(3)))
def test_order_of_rows_and_names_of_groups_change_nothing(rows, weights, random, names):
    shuffled = rows[random.sample(range(len(rows)), len(rows))]
    shuffled[:, 3] = np.array(names)[shuffled[:, 3]]
    assert_same(result_of(rows, **weights), result_of(shuffled, **weights))


@SEEDLESS
@given(rows_drawn, WEIGHTS, st.data())
def test_splitting_a_row_at_an_inner_time_changes_nothing(rows, weights, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    entry, exit_, event, *rest = rows[place]
    cuts = range(entry + 1, exit_)
    if not cuts:
        return
    cut = data.draw(st.sampled_from(cuts))
    split = np.vstack([np.delete(rows, place, axis=0), [entry, cut, 0, *rest], [cut, exit_, event, *rest]])
    assert_same(result_of(rows, **weights), result_of(split, **weights))


@SEEDLESS
@given(rows_drawn, WEIGHTS, st.integers(1, 40))
def test_shifting_and_stretching_time_change_nothing(rows, weights, shift):
    later = rows[rows[:, 1] > 0]
    moved = later.copy()
    moved[:, :2] = moved[:, :2] * 3 + shift
    assert_same(result_of(later, **weights), result_of(moved, **weights))


@SEEDLESS
@given(rows_drawn)
def test_the_same_rows_in_new_strata_double_the_chi_square(rows):
    again = np.add(rows, [0, 0, 0, 0, 2])
    assert_same(result_of(rows), result_of(np.vstack([rows, again])), times=2)


@SEEDLESS
@given(rows_drawn, st.floats(-5, 5), st.floats(0.1, 10))
def test_a_trend_depends_on_the_scores_distances_alone(rows, shift, stretch):
    labels = np.unique(rows[:, 3])
    scores = np.arange(len(labels)) ** 2
    one, other = (result_of(rows, trend=trend).trend for trend in (scores, shift + stretch * scores))
    np.testing.assert_allclose(other.chi_square, one.chi_square, rtol=1e-7, atol=SMALL)


@SEEDLESS
@given(rows_drawn, WEIGHTS)
def test_a_pair_is_tested_on_its_own_rows_and_its_adjusted_p_value_is_no_smaller(rows, weights):
    entry, exit_, event, group, stratum = rows.T
    pairs = pairwise_log_rank(entry, exit_, event, group, strata=stratum, **weights)
    for place, pair in enumerate(zip(pairs.first, pairs.second, strict=True)):
        alone = result_of(rows[np.isin(group, pair)], **weights)
        assert (pairs.chi_square[place], pairs.df[place]) == (alone.chi_square, alone.df)
    tested_pairs = np.isfinite(pairs.p)
    assert (pairs.p_holm[tested_pairs] >= pairs.p[tested_pairs]).all()
