"""The contract of the log-rank tests: sums worked out by hand, edges, messages."""

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.pairwise_log_rank import holm, pairwise_log_rank

DIGITS = 1e-12
ENTRY = [0, 0, 0, 0, 2, 0]
EXIT = [0, 2, 3, 3, 5, 5]
EVENT = [1, 1, 1, 0, 1, 1]
GROUP = list("abbaba")


def test_sums_equal_those_worked_out_by_hand():
    """Day 0 counts those there from the start; who enters at 2 is not at risk at 2; the event at 3 comes before the censoring."""
    test = log_rank(ENTRY, EXIT, EVENT, GROUP)
    expected_a = 3 / 5 + 2 / 4 + 2 / 4 + 2 * 1 / 2
    variance = 6 / 25 + 1 / 4 + 1 / 4 + 0
    assert test.groups.tolist() == ["a", "b"]
    assert test.n_rows.tolist() == [3, 3]
    assert test.observed.tolist() == [2, 3]
    np.testing.assert_allclose(test.expected, [expected_a, 5 - expected_a], rtol=DIGITS)
    np.testing.assert_allclose(test.variance, [[variance, -variance], [-variance, variance]], rtol=DIGITS)
    assert test.chi_square == pytest.approx((2 - expected_a) ** 2 / variance, rel=DIGITS)
    assert test.df == 1
    assert test.trend is None


def test_weights_equal_those_worked_out_by_hand():
    survival_before = np.array([1, 4 / 5, 3 / 5, 9 / 20])
    n_at_risk, n_event = np.array([5, 4, 4, 2]), np.array([1, 1, 1, 2])
    observed_b = np.array([0, 1, 1, 1])
    weights = {
        ("fleming-harrington", 2): survival_before**2,
        ("gehan", 0): n_at_risk,
        ("tarone-ware", 0): np.sqrt(n_at_risk),
    }
    for (name, rho), weight in weights.items():
        test = log_rank(ENTRY, EXIT, EVENT, GROUP, weight_function=name, rho=rho)
        assert test.observed.sum() == pytest.approx((weight * n_event).sum(), rel=DIGITS)
        assert test.observed[1] == pytest.approx((weight * observed_b).sum(), rel=DIGITS)


def test_a_trend_of_two_groups_is_their_difference():
    test = log_rank(ENTRY, EXIT, EVENT, GROUP, trend=[1, 3])
    assert test.trend.chi_square == pytest.approx(test.chi_square, rel=DIGITS)
    assert test.trend.p == pytest.approx(test.p, rel=DIGITS)
    assert test.trend.statistic == pytest.approx(2 * (test.observed - test.expected)[1], rel=DIGITS)


def test_strata_add_up():
    alone = log_rank(ENTRY, EXIT, EVENT, GROUP)
    twice = log_rank(ENTRY * 2, EXIT * 2, EVENT * 2, GROUP * 2, strata=["x"] * 6 + ["y"] * 6)
    np.testing.assert_allclose(twice.expected, 2 * alone.expected, rtol=DIGITS)
    assert twice.chi_square == pytest.approx(2 * alone.chi_square, rel=DIGITS)


@pytest.mark.parametrize(
    ("entry", "exit_", "event", "group"),
    [
        pytest.param([0, 0, 0], [1, 2, 3], [0, 0, 0], list("aab"), id="all censored"),
        pytest.param([0, 5], [4, 9], [1, 1], list("ab"), id="never at risk together"),
        pytest.param([0, 0], [4, 4], [1, 1], list("ab"), id="all leave at once"),
        pytest.param([0, 4], [4, 9], [1, 1], list("ab"), id="entry at the event of the other"),
    ],
)
def test_where_nothing_can_be_compared_there_is_no_p_value(entry, exit_, event, group):
    test = log_rank(entry, exit_, event, group, trend=[0, 1])
    assert (test.chi_square, test.df) == (0, 0)
    assert np.isnan([test.p, test.trend.p, test.trend.chi_square]).all()


def test_one_row_of_each_group_can_be_compared():
    test = log_rank([0, 3], [4, 9], [1, 1], list("ab"))
    assert (test.chi_square, test.df) == (pytest.approx(1, rel=DIGITS), 1)


def test_a_group_without_events_is_compared_and_one_that_left_before_the_first_is_not():
    test = log_rank([0] * 5, [1, 3, 4, 5, 6], [0, 1, 1, 0, 0], list("cabbd"))
    assert test.df == 2
    assert test.expected[2] == 0
    without = log_rank([0] * 4, [3, 4, 5, 6], [1, 1, 0, 0], list("abbd"))
    assert test.chi_square == pytest.approx(without.chi_square, rel=DIGITS)


def test_groups_that_are_only_compared_inside_two_pairs_lose_a_degree_of_freedom_for_each():
    early, late = [0, 0, 0, 0], [10, 10, 10, 10]
    exits = [1, 2, 3, 4]
    pairs = [log_rank(entry, [entry[0] + exit_ for exit_ in exits], [1] * 4, list("aabb")) for entry in (early, late)]
    both = log_rank(early + late, exits + [10 + exit_ for exit_ in exits], [1] * 8, list("aabbccdd"))
    assert both.df == 2
    assert both.chi_square == pytest.approx(sum(pair.chi_square for pair in pairs), rel=DIGITS)


def test_an_emptied_risk_set_ends_nothing():
    """All at risk leave at 2; those who enter later are compared, with weight 0 if the weight is the survival."""
    entry, exit_, event, group = [0, 0, 3, 3], [2, 2, 5, 6], [1] * 4, list("abab")
    assert log_rank(entry, exit_, event, group).df == 1
    assert log_rank(entry, exit_, event, group, rho=1).df == 0
    with pytest.raises(DefinitionError) as told:
        log_rank(entry, exit_, event, group, rho=-1)
    assert told.value.found == ("händelsetider därefter: 2 av 3",)


def test_holm_is_monotone_and_at_most_one():
    assert holm(np.array([0.02, 0.011, 0.5, 0.9])).tolist() == [0.06, 0.044, 1.0, 1.0]


def test_pairs_that_cannot_be_compared_are_not_counted():
    entry, exit_ = [0, 0, 0, 0, 9, 9], [1, 2, 3, 4, 10, 11]
    pairs = pairwise_log_rank(entry, exit_, [1] * 6, list("ababcc"))
    assert pairs.df.tolist() == [1, 0, 0]
    assert pairs.p_holm[0] == pairs.p[0]
    assert np.isnan(pairs.p_holm[1:]).all()


@pytest.mark.parametrize("test", [log_rank, pairwise_log_rank])
def test_a_person_with_several_rows_is_refused_and_one_row_each_is_tested(test):
    with pytest.raises(DefinitionError) as told:
        test(ENTRY, EXIT, EVENT, GROUP, cluster=["p", "q", "r", "q", "s", "p"])
    assert str(told.value) == (
        "Testet gäller oberoende rader: en person (ett kluster) får bara ha en.\n"
        "  – personer med flera rader: 2 av 4\n"
        "Gör så här: välj varje persons första period, eller jämför grupperna med en metod vars medelfel är klustrade på person"
    )
    one_each = test(ENTRY, EXIT, EVENT, GROUP, cluster=list("pqrstu"))
    assert one_each.chi_square == test(ENTRY, EXIT, EVENT, GROUP).chi_square


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"group": list("aaaaaa")}, "grupper: 1"),
        ({"group": list("abba")}, "4 värden, 6 tider"),
        ({"group": ["a", "b", None, "a", "b", "a"]}, "saknas på 1 av 6 rader"),
        ({"strata": [1, 1, np.nan, 1, np.nan, 1]}, "saknas på 2 av 6 rader"),
        ({"cluster": [1, 2, 3]}, "3 kluster för 6 tider"),
        ({"event": [1, 1, 1, 0, 1, 2]}, "varken eller: 1 av 6"),
        ({"event": [True, None, True, False, pd.NA, True]}, "varken eller: 2 av 6"),
        ({"event": [1, 1]}, "2 uppgifter för 6 tider"),
        ({"exit": [0, 2, 3, 3, 2, 5]}, "utträden samma dag som ett senare inträde: 1 av 6"),
        ({"entry": [0, 0, 0, 0, -1, 0]}, "inträden före tid 0: 1 av 6"),
        ({"trend": [1, 2, 3]}, "3 tal för 2 grupper"),
        ({"trend": [1, 1]}, "2 tal för 2 grupper"),
        ({"trend": [1, np.nan]}, "2 tal för 2 grupper"),
        ({"weight_function": "gehan", "rho": 1}, "1 med gehan"),
        ({"rho": np.inf}, "inf med fleming-harrington"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_counts(changed, found):
    given = {"entry": ENTRY, "exit": EXIT, "event": EVENT, "group": GROUP}
    assert log_rank(**given).df == 1
    with pytest.raises(DefinitionError) as told:
        log_rank(**given | changed)
    assert told.value.found == (found,)


def test_a_misspelt_weight_function_is_refused_with_the_nearest():
    with pytest.raises(DefinitionError) as told:
        log_rank(ENTRY, EXIT, EVENT, GROUP, weight_function="gehans")
    assert told.value.expected == 'Viktfunktionen "gehans" finns inte (menade du "gehan"?).'
