"""What always holds of Gray's test."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival.cores.gray_test import gray_test
from kaa_analysis.survival.cores.log_rank import log_rank

ROUNDING = 1e-8
"""Both sides are the same sums in another order, and the chi-square divides by what is left of them."""
SMALL = 1e-9
"""For sums that are 0 but for the rounding of their terms."""
SEEDLESS = settings(derandomize=True, max_examples=50, deadline=None)
RHO = st.sampled_from([0, 1])

row = st.tuples(st.integers(0, 12), st.integers(0, 2), st.integers(0, 2), st.integers(0, 1))
rows_drawn = st.lists(row, min_size=8, max_size=30).map(lambda rows: np.array([*rows, (13, 0, 0, 0), (13, 0, 1, 0)]))


def result_of(rows: np.ndarray, **options):
    exit_, cause, group, stratum = rows.T
    return gray_test(exit_, cause, group, strata=stratum, **options)


def assert_same(ours, other, *, times: float = 1) -> None:
    assert ours.causes.tolist() == other.causes.tolist()
    np.testing.assert_allclose(other.chi_square, times * ours.chi_square, rtol=ROUNDING, atol=SMALL)


@SEEDLESS
@given(rows_drawn)
def test_with_a_single_cause_the_score_is_that_of_the_log_rank_test(rows):
    exit_, event, group, stratum = np.minimum(rows, [13, 1, 2, 1]).T
    if not event.any():
        return
    logrank = log_rank(np.zeros(len(rows), dtype=int), exit_, event, group, strata=stratum)
    score = gray_test(exit_, event, group, strata=stratum).score[0]
    np.testing.assert_allclose(score, logrank.observed - logrank.expected, rtol=ROUNDING, atol=SMALL)


@SEEDLESS
@given(rows_drawn, RHO)
def test_scores_and_variances_sum_to_0(rows, rho):
    test = result_of(rows, rho=rho)
    np.testing.assert_allclose(test.score.sum(axis=1), 0, atol=SMALL)
    defined = np.isfinite(test.variance).all(axis=(1, 2))
    scale = np.abs(test.variance[defined]).max(initial=1)
    np.testing.assert_allclose(test.variance[defined].sum(axis=2), 0, atol=SMALL * scale)


@SEEDLESS
@given(rows_drawn, RHO, st.randoms(use_true_random=False), st.permutations(range(3)))
def test_order_of_rows_and_names_of_groups_change_nothing(rows, rho, random, names):
    shuffled = rows[random.sample(range(len(rows)), len(rows))]
    shuffled[:, 2] = np.array(names)[shuffled[:, 2]]
    assert_same(result_of(rows, rho=rho), result_of(shuffled, rho=rho))


@SEEDLESS
@given(rows_drawn, RHO)
def test_only_the_order_of_times_matters(rows, rho):
    stretched = rows.copy()
    stretched[:, 0] = rows[:, 0] ** 2 + 5
    assert_same(result_of(rows, rho=rho), result_of(stretched, rho=rho))


@SEEDLESS
@given(rows_drawn, RHO)
def test_the_same_rows_in_new_strata_double_the_chi_square(rows, rho):
    again = np.add(rows, [0, 0, 0, 2])
    assert_same(result_of(rows, rho=rho), result_of(np.vstack([rows, again]), rho=rho), times=2)
