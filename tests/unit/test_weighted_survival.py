"""Weights, clusters, quantiles and Nelson–Aalen by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.nelson_aalen import nelson_aalen
from kaa_analysis.survival.cores.quantile_times import quantile_times

ENTRY, EXIT, EVENT = [0, 0, 0, 2], [2, 2, 5, 5], [True, False, True, True]


def incidence(entry, exit_, event, **asked):
    return aalen_johansen(entry, exit_, event, n_causes=1, **asked)


ESTIMATORS = {"kaplan_meier": kaplan_meier, "nelson_aalen": nelson_aalen, "aalen_johansen": incidence}
every_estimator = pytest.mark.parametrize("estimate", ESTIMATORS.values(), ids=ESTIMATORS)


def test_weighted_numbers_and_the_survival_by_hand():
    curve = kaplan_meier(ENTRY, EXIT, EVENT, weight=[0.5, 1.5, 2, 4])
    assert curve.n_entered.tolist() == [4.0, 4.0]
    assert curve.n_at_risk.tolist() == [4.0, 6.0]
    assert curve.n_event.tolist() == [0.5, 6.0]
    assert curve.n_censored.tolist() == [1.5, 0.0]
    assert curve.survival.tolist() == [0.875, 0.0]


def test_a_risk_set_with_weights_is_emptied_exactly():
    curve = kaplan_meier([0, 0, 0, 3, 4], [1, 2, 2, 5, 6], [1, 1, 1, 1, 0], weight=[0.1, 0.2, 0.3, 0.7, 0.1])
    assert curve.survival[1:].tolist() == curve.se[1:].tolist() == [0.0, 0.0, 0.0]
    assert curve.n_at_risk.tolist() == pytest.approx([0.6, 0.5, 0.8, 0.1], rel=1e-14)


def test_the_robust_error_of_a_share_is_that_of_a_mean_of_clusters():
    """Without censoring 1 − S is the mean of who has left: each cluster deviates by (left − share × size) / n."""
    left = kaplan_meier([0] * 6, [1, 1, 1, 2, 2, 2], [True] * 6, cluster=["a", "a", "b", "b", "c", "c"])
    deviations = (np.array([2, 1, 0]) - 0.5 * 2) / 6
    assert left.se[0] == pytest.approx(np.sqrt((deviations**2).sum()), rel=1e-14)
    assert left.variance == "infinitesimal-jackknife"


def test_the_error_of_the_hazard_by_hand():
    assert nelson_aalen(ENTRY, EXIT, EVENT).se.tolist() == pytest.approx([1 / 3, np.sqrt(1 / 9 + 2 / 4)], rel=1e-14)


def test_the_hazard_goes_on_after_an_emptied_risk_set_but_is_not_known_beyond_the_last_exit():
    estimate = nelson_aalen([0, 3], [2, 5], [True, True])
    assert estimate.at([1, 2, 4, 5])["hazard"].tolist() == [0.0, 1.0, 1.0, 2.0]
    assert np.isnan(estimate.at([6])["hazard"].item())


def test_the_variance_that_holds_where_none_is_chosen():
    def named(**asked):
        return [str(estimate(ENTRY, EXIT, EVENT, **asked).variance) for estimate in ESTIMATORS.values()]

    robust = "infinitesimal-jackknife"
    assert named() == ["greenwood", "aalen", robust]
    assert named(weight=[1, 1, 2, 1]) == [robust] * 3
    assert named(cluster=[1, 1, 2, 2]) == [robust] * 3
    assert named(variance=robust) == [robust] * 3


def test_the_two_variances_of_an_incidence_agree_but_with_delayed_entry():
    kinds = ("greenwood", "infinitesimal-jackknife")
    whole = [incidence([0] * 5, [1, 2, 2, 3, 4], [1, 1, 0, 1, 1][::-1], variance=kind).se for kind in kinds]
    late = [incidence([0, 0, 0, 2, 2], [2, 3, 4, 5, 6], [1, 1, 0, 1, 0], variance=kind).se for kind in kinds]
    np.testing.assert_allclose(*whole, rtol=1e-12, atol=1e-8)
    assert not np.allclose(*late, rtol=1e-3)


@every_estimator
def test_weights_that_are_all_zero_leave_nothing(estimate):
    found = estimate(ENTRY, EXIT, EVENT, weight=[0, 0, 0, 0], cluster=[1, 1, 2, 2])
    assert found.times.tolist() == found.n_at_risk.tolist() == []
    assert found.se.size == 0


@every_estimator
def test_labels_of_any_kind_name_the_same_clusters(estimate):
    labels = [[1, 2, 1, 2], ["b", "a", "b", "a"], pd.Series(["x", "y", "x", "y"], dtype="string"), [None, 1, None, 1]]
    found = [estimate(ENTRY, EXIT, EVENT, cluster=cluster).se.tolist() for cluster in labels[:3]]
    assert found[0] == found[1] == found[2]
    with pytest.raises(DefinitionError, match=r"Varje tid ska ha ett kluster\.\n  – utan: 2 av 4"):
        estimate(ENTRY, EXIT, EVENT, cluster=labels[3])


@every_estimator
@pytest.mark.parametrize(
    "asked",
    [
        {"weight": [1, 0, 2.5, 1e-3]},
        {"weight": np.array([1, 1, 1, 2])},
        {"cluster": [1, 1, "a", (2, 3)]},
        {"variance": "infinitesimal-jackknife"},
        {"interval": "plain"},
        {"level": 0.9},
    ],
)
def test_what_is_like_the_refused_but_whole_runs(estimate, asked):
    found = estimate(ENTRY, EXIT, EVENT, **asked)
    assert found.times.tolist() == [2, 5]
    assert found.n_at_risk.min() > 0


@every_estimator
@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"weight": [1, 1, 1]}, r"Varje tid ska ha en vikt\.\n  – 3 vikter för 4 tider"),
        ({"weight": [1, -1, 1, 1]}, r"En vikt ska vara ett tal från 0 och uppåt\.\n  – andra värden: 1 av 4"),
        (
            {"weight": [1, np.nan, np.inf, 1]},
            r"En vikt ska vara ett tal från 0 och uppåt\.\n  – andra värden: 2 av 4",
        ),
        ({"weight": ["1", "1", "1", "1"]}, r"Vikterna ska vara tal\."),
        ({"cluster": ["a", np.nan, "b", "b"]}, r"Varje tid ska ha ett kluster\.\n  – utan: 1 av 4"),
        ({"cluster": [1, 1]}, r"Varje tid ska ha ett kluster\.\n  – 2 kluster för 4 tider"),
        ({"variance": "jackknife"}, r'Variansen "jackknife" finns inte här'),
        ({"interval": "probit"}, r'Intervallskalan "probit" finns inte'),
        ({"level": 1.0}, r"Konfidensnivån ska ligga mellan 0 och 1"),
    ],
)
def test_what_cannot_be_carried_is_refused(estimate, asked, told):
    with pytest.raises(DefinitionError, match=told):
        estimate(ENTRY, EXIT, EVENT, **asked)


@pytest.mark.parametrize(
    ("estimate", "closed"), [(kaplan_meier, "greenwood"), (incidence, "greenwood"), (nelson_aalen, "aalen")]
)
def test_the_variance_of_independent_spells_is_refused_with_clusters_and_good_with_weights(estimate, closed):
    assert estimate(ENTRY, EXIT, EVENT, weight=[1, 2, 1, 3], variance=closed).variance == closed
    with pytest.raises(DefinitionError, match=rf'Variansen "{closed}" förutsätter oberoende perioder'):
        estimate(ENTRY, EXIT, EVENT, cluster=[1, 1, 2, 2], variance=closed)


def test_a_hazard_has_limits_on_two_scales():
    plain, log = (nelson_aalen(ENTRY, EXIT, EVENT, interval=scale) for scale in ("plain", "log"))
    assert plain.lower.tolist() == [0.0, 0.0]
    assert (log.lower * log.upper).tolist() == pytest.approx((log.hazard**2).tolist(), rel=1e-14)
    with pytest.raises(DefinitionError, match=r"inga gränser på log-log-skalan"):
        nelson_aalen(ENTRY, EXIT, EVENT, interval="log-log")


def test_quantiles_are_midpoints_on_a_flat_stretch_and_nan_beyond_the_curve():
    curve = kaplan_meier([0] * 4, [1, 2, 4, 5], [True, True, True, False], interval="plain")
    found = curve.quantiles([0, 0.25, 0.4, 0.5, 0.75, 0.8, 1])
    assert found["probability"].tolist() == [0, 0.25, 0.4, 0.5, 0.75, 0.8, 1]
    np.testing.assert_array_equal(found["time"], [0, 1.5, 2, 3, 4.5, np.nan, np.nan])
    np.testing.assert_array_equal(found["upper"], [0, 4, np.nan, np.nan, np.nan, np.nan, np.nan])
    assert found["lower"].tolist()[:4] == [0, 1, 1, 1]


def test_quantiles_of_a_curve_that_never_moves_or_has_no_limits():
    flat = kaplan_meier([0, 0], [1, 2], [False, False]).quantiles([0, 0.5])
    np.testing.assert_array_equal(flat["time"], [0, np.nan])
    np.testing.assert_array_equal(quantile_times(np.array([1, 2]), np.array([np.nan, np.nan]), [0.5]), [np.nan])
    np.testing.assert_array_equal(quantile_times(np.array([]), np.array([]), [0.5]), [np.nan])


@pytest.mark.parametrize("share", [-0.1, 1.1, np.nan])
def test_a_share_outside_0_to_1_has_no_quantile(share):
    with pytest.raises(DefinitionError, match=r"En sannolikhet ska ligga mellan 0 och 1"):
        kaplan_meier(ENTRY, EXIT, EVENT).quantiles([0.5, share])
