"""Outcomes at a horizon with censoring: worked out by hand, and each refusal beside its good twin."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.horizon_outcome import incidence_outcome, kept_time_outcome

EXIT = np.array([0, 2, 2, 3, 5, 8, 0, 1, 4, 4, 6, 9])
CAUSE = np.array([1, 0, 1, 2, 0, 1, 0, 1, 0, 1, 2, 0])
TREATED = np.repeat([1, 0], 6)


def incidence(**changed):
    given = {"treated": TREATED, "horizon": 6, "n_causes": 2}
    return incidence_outcome(EXIT, CAUSE, **{**given, **changed})


def test_who_was_seen_to_leave_stands_for_who_was_lost_before():
    """Treated: one of four left is lost on day 2 (who leaves that day goes first). Others: one of six on day 0, then one of three on day 4."""
    assert incidence().value.round(6).tolist() == [1, 0, 1, 0, 0, 0, 0, 1.2, 0, 1.2, 0, 0]
    other = incidence(of=2).value
    np.testing.assert_allclose(other[[3, 10]], [4 / 3, 6 / 5 * 3 / 2])
    assert other.sum() == pytest.approx(4 / 3 + 9 / 5)


def test_an_event_at_the_horizon_counts_and_one_after_it_does_not():
    assert incidence(of=2, horizon=6).value[10] > 0
    assert incidence(of=2, horizon=5.9).value[10] == 0


def test_kept_time_takes_off_what_is_left_to_the_horizon_of_who_left():
    kept = kept_time_outcome(EXIT, CAUSE, treated=TREATED, horizon=6, n_causes=2).value
    np.testing.assert_allclose(kept, [0, 6, 2, 6 - 3 * 4 / 3, 6, 6, 6, 6 - 5 * 1.2, 6, 6 - 2 * 1.2, 6, 6])
    of_one = kept_time_outcome(EXIT, CAUSE, treated=TREATED, horizon=6, n_causes=2, of=1).value
    np.testing.assert_allclose(of_one, [0, 6, 2, 6, 6, 6, 6, 0, 6, 6 - 2 * 1.2, 6, 6])


def test_strata_have_their_own_model_of_censoring():
    """With the lost of day 2 in another stratum than the leaver of day 3 nobody was lost beside them."""
    year = np.array([1, 2, 1, 1, 2, 2, 1, 1, 2, 2, 2, 2])
    assert incidence(of=2, strata=year, horizon=3).value[3] == 1
    with pytest.raises(DefinitionError, match="når inte dit: 1 av 4"):
        incidence(strata=np.array([1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]), horizon=3)


def test_without_censoring_the_outcome_is_what_happened():
    found = incidence_outcome(EXIT, np.ones(12), treated=TREATED, horizon=4)
    assert found.value.tolist() == (EXIT <= 4).astype(float).tolist()
    np.testing.assert_array_equal(found.carried(np.arange(12.0)), np.zeros(12))


def test_late_entry_is_refused_and_entry_at_zero_carried():
    entry = np.where(np.arange(12) == 5, 3, 0)
    with pytest.raises(DefinitionError, match="sent inträde: 1 av 12"):
        incidence(entry=entry)
    np.testing.assert_array_equal(incidence(entry=0 * entry).value, incidence().value)


def test_a_group_that_is_not_followed_to_the_horizon_is_refused():
    with pytest.raises(DefinitionError, match="når inte dit: 1 av 2"):
        incidence(horizon=9.5)
    assert incidence(horizon=9).value.shape == (12,)


def test_a_group_that_has_all_left_needs_no_longer_follow_up():
    assert incidence_outcome([1, 2, 5, 9], [1, 1, 0, 0], treated=[1, 1, 0, 0], horizon=9).value.tolist() == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"of": 3}, "en av 1–2"),
        ({"n_causes": 1}, "andra värden: 2 av 12"),
        ({"horizon": 0}, "större än 0"),
        ({"horizon": float("inf")}, "större än 0"),
        ({"strata": np.zeros(5)}, "5 strata, 12 rader"),
        ({"strata": [None, *"aaaaaaaaaaa"]}, "utan: 1 av 12"),
        ({"treated": np.ones(12)}, "både behandlade och obehandlade"),
        ({"treated": TREATED[:9]}, "12 tider, 9 rader"),
    ],
)
def test_what_cannot_be_counted_is_refused(changed, told):
    with pytest.raises(DefinitionError, match=told):
        incidence(**changed)


def test_missing_and_negative_times_are_refused():
    for bad in (np.nan, -1.0):
        with pytest.raises(DefinitionError, match="1 av 12"):
            incidence_outcome(np.where(np.arange(12) == 4, bad, EXIT), CAUSE, treated=TREATED, horizon=6, n_causes=2)
    with pytest.raises(DefinitionError, match="en av 1–2"):
        kept_time_outcome(EXIT, CAUSE, treated=TREATED, horizon=6, n_causes=2, of=0)
