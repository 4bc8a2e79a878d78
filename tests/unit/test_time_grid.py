"""Which times are one time: those that differ by rounding alone, entries and exits together."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.cox_model import cox
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.restricted_time import restricted_mean_time
from kaa_analysis.survival.cores.time_grid import time_grid

A_TENTH_MORE = 0.1 + 0.2
"""0.3 with another last bit."""


@pytest.mark.parametrize(
    ("entry", "exit_", "found"),
    [
        ([0, 0.3], [2, A_TENTH_MORE], "utträden samma dag som ett senare inträde: 1 av 2"),
        ([0, A_TENTH_MORE], [2, 0.3], "utträden samma dag som ett senare inträde: 1 av 2"),
        ([0, 0.31], [2, A_TENTH_MORE], "utträden före inträdet: 1 av 2"),
        ([0, -1e-6], [2, 1.5], "inträden före tid 0: 1 av 2"),
        ([0, np.nan], [2.5, 1.5], "saknade tider: 1 av 2"),
        ([0, 0], [np.inf, 1.5], "saknade tider: 1 av 2"),
    ],
)
def test_intervals_that_collapse_by_rounding_are_refused_with_counts(entry, exit_, found):
    with pytest.raises(DefinitionError) as refused:
        time_grid(entry, exit_)
    assert refused.value.found == (found,)
    assert time_grid([0, 0.3], [2, A_TENTH_MORE + 1e-6]).n_at_risk.tolist() == [2, 1]


def test_what_is_0_but_for_rounding_is_time_zero():
    grid = time_grid([-1e-17, 1e-17, 0], [1.5, 0, 1e-9])
    assert grid.times.tolist() == [0, 1.5]
    assert grid.n_at_risk.tolist() == [3, 1]


def test_who_enters_as_another_leaves_is_not_at_risk_then_however_the_time_is_written():
    grid = time_grid([0, A_TENTH_MORE, 0.3], [0.3, 1.1 * 3, 3.3])
    assert grid.times.tolist() == [0.3, 3.3]
    assert grid.n_at_risk.tolist() == [1, 2]


def test_times_that_differ_by_more_are_times_of_their_own():
    assert time_grid([0, 0], [0.3, 0.3 + 1e-7]).times.tolist() == [0.3, 0.3 + 1e-7]
    assert time_grid([0, 0], [1000.3, 1000.3 + 1e-7]).times.tolist() == [1000.3]


def test_whole_numbers_are_never_put_together():
    """R would: its rule is a share of the mean time."""
    seconds = [2_000_000_000, 2_000_000_001]
    assert time_grid([0, 0], seconds).times.tolist() == seconds
    assert time_grid([0.0, 0.0], np.array(seconds, dtype=float)).times.tolist() == seconds


def test_the_last_time_is_reached_however_it_is_written():
    entry, exit_, event = [0, 0, 0], [0.1, 0.3, A_TENTH_MORE], [1, 1, 0]
    curve = kaplan_meier(entry, exit_, event)
    at_end = curve.at([0.3, A_TENTH_MORE, 0.31])["survival"].round(4).tolist()
    assert at_end[:2] == [0.3333, 0.3333]
    assert np.isnan(at_end[2])
    means = [restricted_mean_time(entry, exit_, event, horizon=horizon).time for horizon in (0.3, A_TENTH_MORE)]
    np.testing.assert_allclose(means, 0.1 + 0.2 * 2 / 3)
    with pytest.raises(DefinitionError, match=r"Horisonten ligger efter"):
        restricted_mean_time(entry, exit_, event, horizon=0.31)


def test_events_tied_by_rounding_are_tied_in_a_model():
    exit_, event, covariates = [1, 2, 2, 3, 4, 5], [1, 1, 1, 1, 0, 1], [[0], [1], [0], [0], [1], [1]]
    tenths = np.array(exit_) * 0.3
    tenths[1] = 0.1 + 0.2 + 0.3
    assert tenths[1] != tenths[2]
    whole, fractions = (cox([0] * 6, times, event, covariates) for times in (exit_, tenths))
    assert whole.coefficients.tolist() == fractions.coefficients.tolist()
