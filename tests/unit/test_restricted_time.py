"""The contract of restricted mean times: worked out by hand at the edges, and each refusal beside what is carried."""

import math

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.restricted_contrast import restricted_contrast
from kaa_analysis.survival.cores.restricted_time import (
    RestrictedTime,
    days_without_placement,
    restricted_mean_time,
    restricted_time_lost,
)

ENTRY = [0, 0, 0, 0, 2, 0]
EXIT = [0, 2, 3, 3, 5, 6]
CAUSE = [1, 2, 1, 0, 1, 0]
DIGITS = 1e-12


def mean_time(entry, exit, event, *, horizon, **given) -> RestrictedTime:
    return restricted_mean_time(entry, exit, event, horizon=horizon, **given)


def lost(horizon=6, **given):
    return restricted_time_lost(ENTRY, EXIT, CAUSE, n_causes=2, horizon=horizon, **given)


def test_mean_time_equals_the_one_worked_out_by_hand():
    """Survival is 4/5 from 0, 3/5 from 2, 9/20 from 3 and 9/40 from 5: entry at 2 is not at risk at 2, the event at 3 is before the censoring."""
    events = [cause > 0 for cause in CAUSE]
    areas = {2: 8 / 5, 4.5: 8 / 5 + 3 / 5 + 1.5 * 9 / 20, 6: 8 / 5 + 3 / 5 + 2 * 9 / 20 + 9 / 40}
    for horizon, area in areas.items():
        assert math.isclose(mean_time(ENTRY, EXIT, events, horizon=horizon).time, area, rel_tol=DIGITS)
    later = np.array([areas[6], areas[6] - 8 / 5, areas[6] - 11 / 5, 9 / 40])
    greenwood = (later**2 * [1 / 20, 1 / 12, 1 / 12, 1 / 2]).sum()
    mean = mean_time(ENTRY, EXIT, events, horizon=6, variance="greenwood")
    assert math.isclose(mean.se, math.sqrt(greenwood), rel_tol=DIGITS)
    assert math.isclose(mean.lower, areas[6] - 1.959963984540054 * mean.se, rel_tol=DIGITS)
    assert math.isclose(mean.upper, areas[6] + 1.959963984540054 * mean.se, rel_tol=DIGITS)
    assert mean_time(ENTRY, EXIT, events, horizon=6, level=0.999).upper == 6


def test_times_lost_equal_those_worked_out_by_hand():
    np.testing.assert_allclose(lost().time, [6 / 5 + 3 * 3 / 20 + 9 / 40, 4 / 5], rtol=DIGITS)
    np.testing.assert_allclose(lost(2).time, [2 / 5, 0], rtol=DIGITS)


def test_without_censoring_the_standard_error_is_that_of_a_mean():
    days = np.array([3.0, 8, 1, 5, 5, 9])
    mean = mean_time(0 * days, days, days > 0, horizon=7)
    kept = np.minimum(days, 7)
    assert math.isclose(mean.time, kept.mean(), rel_tol=DIGITS)
    assert math.isclose(mean.se, kept.std() / math.sqrt(6), rel_tol=DIGITS)


@pytest.mark.parametrize(
    ("entry", "exit", "event", "horizon", "time"),
    [
        pytest.param([0, 0], [4, 5], [0, 0], 5, 5, id="all censored"),
        pytest.param([0, 0], [4, 5], [1, 1], 3, 3, id="before the first event"),
        pytest.param([0, 0], [4, 5], [1, 1], 4, 4, id="at the first event"),
        pytest.param([0], [3], [1], 3, 3, id="one subject"),
        pytest.param([0, 0], [3, 3], [1, 1], 8, 3, id="all left at once, long before the horizon"),
        pytest.param([0, 0], [0, 0], [1, 1], 1, 0, id="all left on day 0"),
        pytest.param([0, 3], [2, 5], [1, 0], 9, 2, id="emptied by events before the next one enters"),
    ],
)
def test_where_nothing_varies_the_time_is_exact_and_has_no_limits(entry, exit, event, horizon, time):
    for variance in ("infinitesimal-jackknife", "greenwood"):
        mean = mean_time(entry, exit, event, horizon=horizon, variance=variance)
        assert (mean.time, mean.se) == (time, 0)
        assert math.isnan(mean.lower) and math.isnan(mean.upper)


def test_short_and_unsigned_numbers_are_times_like_others():
    given = {"cause": CAUSE, "n_causes": 2, "horizon": 4}
    short = restricted_time_lost(np.array(ENTRY, dtype=np.uint8), np.array(EXIT, dtype=np.uint8), **given)
    np.testing.assert_array_equal(short.time, lost(4).time)


def test_a_cause_without_events_loses_nothing_and_has_no_limits():
    three = restricted_time_lost(ENTRY, EXIT, CAUSE, n_causes=3, horizon=6)
    np.testing.assert_array_equal(three.time[:2], lost().time)
    assert (three.time[2], three.se[2]) == (0, 0)
    assert math.isnan(three.lower[2]) and math.isnan(three.upper[2])
    assert np.isfinite(three.lower[:2]).all() and np.isfinite(three.upper[:2]).all()


def test_a_horizon_past_the_last_follow_up_is_refused_unless_everybody_has_left():
    assert mean_time([0, 0], [2, 4], [1, 1], horizon=40).time == 3
    assert mean_time([0, 0], [2, 4], [1, 0], horizon=4).time == 3
    with pytest.raises(DefinitionError) as told:
        mean_time([0, 0, 0], [2, 4, 4], [1, 0, 1], horizon=4.5)
    assert str(told.value) == (
        "Horisonten ligger efter den sista uppföljda tiden, och alla har inte lämnat.\n"
        "  – kvar vid den sista tiden: 1 av 3\n"
        "Gör så här: välj en horisont som uppföljningen räcker till"
    )


def test_spells_of_weight_zero_do_not_lengthen_the_follow_up():
    given = {"entry": [0, 0, 0], "exit": [2, 4, 9], "event": [1, 0, 0]}
    assert mean_time(**given, horizon=9).time == 9 - 7 / 3
    assert mean_time(**given, horizon=4, weight=[1, 1, 0]).time == 3
    with pytest.raises(DefinitionError, match=r"kvar vid den sista tiden: 1 av 2"):
        mean_time(**given, horizon=9, weight=[1, 1, 0])


def test_days_without_placement_are_the_horizon_less_the_time_lost_to_placement():
    times = lost()
    without = days_without_placement(times, placement=1)
    assert math.isclose(without.time, 6 - times.time[0], rel_tol=DIGITS)
    assert math.isclose(without.se, times.se[0], rel_tol=DIGITS)
    registered = days_without_placement(times, placement=1, not_counted_after=[2])
    mean = mean_time(ENTRY, EXIT, [cause > 0 for cause in CAUSE], horizon=6)
    assert math.isclose(registered.time, mean.time, rel_tol=DIGITS)
    assert math.isclose(registered.se, mean.se, rel_tol=DIGITS)


@pytest.mark.parametrize(("placement", "others"), [(0, []), (3, []), (1, [1]), (1, [2, 2]), (1, [3])])
def test_other_causes_than_those_estimated_are_refused(placement, others):
    with pytest.raises(DefinitionError, match=r"ska vara olika orsaker bland 1–2"):
        days_without_placement(lost(), placement=placement, not_counted_after=others)


@pytest.mark.parametrize("horizon", [0, -1, math.nan, math.inf, "6", None])
def test_a_horizon_that_is_no_positive_number_is_refused(horizon):
    with pytest.raises(DefinitionError, match=r"Horisonten ska vara ett tal större än 0"):
        lost(horizon)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weight": [1, 1, 1, 1, 1, -1]}, "En vikt ska vara ett tal från 0 och uppåt.\n  – andra värden: 1 av 6"),
        (
            {"weight": [1, 1, 1, 1, math.nan, math.inf]},
            "En vikt ska vara ett tal från 0 och uppåt.\n  – andra värden: 2 av 6",
        ),
        ({"weight": list("abcdef")}, "Vikterna ska vara tal.\n  – typ <U1"),
        ({"weight": [1]}, "Varje tid ska ha en vikt.\n  – 1 vikter för 6 tider"),
        ({"weight": [0] * 6}, "Det finns ingen period att räkna på.\n  – perioder med vikt: 0 av 6"),
        (
            {"cluster": ["a", "a", None, "b", "b", "c"]},
            "Varje tid ska ha ett kluster.\n  – utan: 1 av 6",
        ),
        ({"cluster": [1]}, "Varje tid ska ha ett kluster.\n  – 1 kluster för 6 tider"),
        ({"level": 1}, "Konfidensnivån ska ligga mellan 0 och 1.\n  – 1"),
    ],
)
def test_weights_clusters_and_levels_that_cannot_be_used_are_refused(given, message):
    with pytest.raises(DefinitionError) as told:
        lost(**given)
    assert str(told.value) == message


@pytest.mark.parametrize("given", [{"weight": [2, 1, 0.5, 3, 1, 1]}, {"cluster": list("aabbcd")}, {"level": 0.9}])
def test_weights_clusters_and_levels_that_can_be_used_are(given):
    assert np.isfinite(lost(**given).upper).all()


@pytest.mark.parametrize(
    "cause", [[0, 1, 2, 3, 0, 1], [0, 1, 2, -1, 0, 1], [0, 1, 2, 1.5, 0, 1], [0, 1, 2, math.nan, 0, 1]]
)
def test_an_unknown_cause_is_refused(cause):
    with pytest.raises(DefinitionError) as told:
        restricted_time_lost(ENTRY, EXIT, cause, n_causes=2, horizon=3)
    assert str(told.value) == ("En orsak ska vara 0 (censurerad) eller 1–2.\n  – andra värden: 1 av 6")


def test_an_unclear_event_missing_spells_and_no_causes_are_refused():
    with pytest.raises(DefinitionError, match=r"ska vara 0 \(censurerad\) eller 1\.\n  – andra värden: 2 av 2"):
        mean_time([0, 0], [1, 2], ["ja", "nej"], horizon=1)
    with pytest.raises(DefinitionError, match=r"perioder med vikt: 0 av 0"):
        mean_time([], [], [], horizon=1)
    with pytest.raises(DefinitionError, match=r"Det ska finnas minst en orsak"):
        restricted_time_lost(ENTRY, EXIT, CAUSE, n_causes=0, horizon=3)


def test_greenwood_is_refused_of_clusters_and_parts_of_spells_and_an_unknown_variance_always():
    assert mean_time([0, 0], [2, 4], [1, 0], horizon=4, variance="greenwood", weight=[2, 1]).se > 0
    for given, refused in (
        ({"cluster": [1, 1]}, r'"greenwood" förutsätter oberoende perioder'),
        ({"weight": [0.5, 1]}, r"Greenwoods varians tar en vikt som ett helt antal perioder"),
    ):
        assert mean_time([0, 0], [2, 4], [1, 0], horizon=4, **given).time > 0
        with pytest.raises(DefinitionError, match=refused):
            mean_time([0, 0], [2, 4], [1, 0], horizon=4, variance="greenwood", **given)
    with pytest.raises(DefinitionError, match=r'"greenwod" finns inte här \(menade du "greenwood"\?\)'):
        mean_time([0, 0], [2, 4], [1, 0], horizon=4, variance="greenwod")


def test_contrast_has_no_limits_where_a_group_does_not_vary_and_no_ratio_where_a_time_is_zero():
    one = lost(4)
    none_left = restricted_time_lost([0, 0], [5, 5], [0, 0], n_causes=2, horizon=4)
    contrast = restricted_contrast(one, none_left)
    np.testing.assert_allclose(contrast.difference, one.time, rtol=DIGITS)
    np.testing.assert_allclose(contrast.difference_se, one.se, rtol=DIGITS)
    for missing in ("difference_lower", "difference_upper", "ratio", "ratio_lower", "ratio_upper"):
        assert np.isnan(getattr(contrast, missing)).all()
    same = restricted_contrast(one, one)
    np.testing.assert_array_equal(same.difference, [0, 0])
    np.testing.assert_array_equal(same.ratio, [1, 1])
    np.testing.assert_allclose(same.ratio_lower * same.ratio_upper, 1, rtol=DIGITS)
    np.testing.assert_allclose(same.difference_upper, 1.959963984540054 * math.sqrt(2) * one.se, rtol=DIGITS)


def test_only_times_of_one_kind_and_horizon_are_compared():
    mean = mean_time([0, 0], [2, 4], [1, 0], horizon=4)
    assert restricted_contrast(mean, mean).difference == 0
    with pytest.raises(DefinitionError, match=r"horisonter 4 och 3"):
        restricted_contrast(mean, mean_time([0, 0], [2, 4], [1, 0], horizon=3))
    for other in (lost(4), restricted_time_lost(ENTRY, EXIT, CAUSE, n_causes=3, horizon=4)):
        with pytest.raises(DefinitionError, match=r"av samma slag, med lika många orsaker"):
            restricted_contrast(mean if other.time.size == 2 else lost(4), other)
