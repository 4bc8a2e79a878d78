"""Power, size and detectable difference: the textbook formula, each other's inverses, a simulation, and what is refused."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
import pytest
from scipy.stats import norm

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.sample_size import (
    TwoArms,
    design_effect,
    detectable_difference,
    persons_needed,
    power_of,
)


@pytest.mark.parametrize(("control", "difference", "ratio"), [(0.4, 0.1, 1.0), (0.2, -0.05, 2.0), (0.65, 0.04, 0.5)])
def test_the_size_is_that_of_the_textbook(control, difference, ratio):
    """Fleiss: n = (z_α sqrt(p̄ q̄ (1 + 1/r)) + z_β sqrt(p1 q1 + p2 q2 / r))² / d², with r controls per treated; the other tail is less than a person."""
    treated = control + difference
    pooled = (treated + ratio * control) / (1 + ratio)
    alpha, beta = norm.ppf(0.975), norm.ppf(0.8)
    under_null = alpha * sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    under_effect = beta * sqrt(treated * (1 - treated) + control * (1 - control) / ratio)
    expected = ((under_null + under_effect) / difference) ** 2
    assert persons_needed(control_share=control, difference=difference, control_per_treated=ratio) == (
        ceil(expected),
        ceil(expected * ratio),
    )


def test_size_power_and_detectable_difference_agree():
    n_treated, n_control = persons_needed(control_share=0.3, difference=0.08, power=0.9)
    assert power_of(TwoArms(n_treated, n_control), control_share=0.3, difference=0.08) >= 0.9
    assert power_of(TwoArms(n_treated - 1, n_control - 1), control_share=0.3, difference=0.08) < 0.9
    arms = TwoArms(400, 300, per_cluster=15, icc=0.03, cluster_cv=0.4)
    for harm in (False, True):
        least = detectable_difference(arms, control_share=0.3, harm=harm)
        assert (least < 0) == harm
        assert power_of(arms, control_share=0.3, difference=least) == pytest.approx(0.8, abs=1e-9)


def test_clusters_cost_as_many_persons_as_the_design_effect_says():
    effect = design_effect(per_cluster=15, icc=0.03, cluster_cv=0.4)
    assert effect == pytest.approx(1 + (1.16 * 15 - 1) * 0.03)
    clustered, plain = TwoArms(1000, 1000, per_cluster=15, icc=0.03, cluster_cv=0.4), 1000 / effect
    alone = TwoArms(round(plain), round(plain))
    assert power_of(clustered, control_share=0.4, difference=0.1) == pytest.approx(
        power_of(alone, control_share=0.4, difference=0.1), abs=1e-3
    )
    assert persons_needed(control_share=0.4, difference=0.1, design_effect=2)[0] in (775, 776)


def test_the_power_is_how_often_the_test_finds_the_difference():
    draws, n_draws, n = np.random.default_rng(33), 10_000, 5000
    treated, control = draws.binomial(n, 0.42, n_draws) / n, draws.binomial(n, 0.40, n_draws) / n
    pooled = (treated + control) / 2
    found = np.abs(treated - control) > norm.ppf(0.975) * np.sqrt(2 * pooled * (1 - pooled) / n)
    power = power_of(TwoArms(n, n), control_share=0.40, difference=0.02)
    assert abs(found.mean() - power) < 3.3 * sqrt(power * (1 - power) / n_draws)


def test_a_difference_that_no_experiment_of_the_size_finds_is_none():
    assert np.isnan(detectable_difference(TwoArms(5, 5), control_share=0.9))
    assert detectable_difference(TwoArms(500, 500), control_share=0.9) < 0.1


def test_bad_input_is_refused_beside_what_is_carried():
    assert power_of(TwoArms(10, 10), control_share=0.5, difference=0.0) == pytest.approx(0.05)
    for bad in ({"control_share": 1.0, "difference": 0.1}, {"control_share": 0.95, "difference": 0.1}):
        with pytest.raises(DefinitionError, match="mellan 0 och 1"):
            power_of(TwoArms(10, 10), **bad)
    with pytest.raises(DefinitionError, match="ska ha personer"):
        power_of(TwoArms(0, 10), control_share=0.5, difference=0.1)
    with pytest.raises(DefinitionError, match="kräver en skillnad"):
        persons_needed(control_share=0.5, difference=0.0)
    with pytest.raises(DefinitionError, match="minst en person"):
        design_effect(per_cluster=0.5, icc=0.1)
    with pytest.raises(DefinitionError, match="Styrkan"):
        detectable_difference(TwoArms(10, 10), control_share=0.5, power=0.01)
