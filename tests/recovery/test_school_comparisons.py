"""Invented schools with a known effect: how often the intervals of a difference in differences hold it, and how often tests see one that is none."""

import math

import numpy as np
import pytest

from kaa_analysis.evaluation.cores.cell_panel import CellPanel, cell_panel
from kaa_analysis.evaluation.cores.difference_in_differences import difference_in_differences, event_study
from kaa_analysis.evaluation.cores.group_time_averages import AverageKind, overall_effect
from kaa_analysis.evaluation.cores.group_time_effects import group_time_effects
from kaa_analysis.evaluation.cores.placebo_in_space import placebo_in_space
from kaa_analysis.evaluation.cores.pre_trend import detectable_trend, pre_trend_test
from kaa_analysis.evaluation.cores.wild_bootstrap import wild_cluster_bootstrap

N_PANELS = 200
FOUR = 4
"""Standard errors of a share of so many panels: a right program fails about once in 30 000."""
EFFECT = -0.04
AREAS = np.arange(24) % 6


def drawn_panel(
    generator: np.random.Generator, *, effect: float, trend: float = 0.0, area_shocks: float = 0.0, n_treated: int = 8
) -> CellPanel:
    """Return 24 schools in six areas, five cohorts before adoption and two after; schools differ in size, level and from year to year."""
    unit, period = np.divmod(np.arange(24 * 7), 7)
    treated = unit < n_treated
    n = generator.integers(30, 120, 24)[unit]
    probability = (
        generator.uniform(0.2, 0.4, 24)[unit] + 0.01 * period + generator.normal(0, 0.02, len(unit))
        + generator.normal(0, 1, (6, 7))[AREAS[unit], period] * area_shocks + treated * (effect * (period >= 5) + trend * period)
    )  # fmt: skip
    return cell_panel(
        unit, period, n=n, n_outcome=generator.binomial(n, probability), treated=treated, adopted=5,
        cluster=AREAS[unit] if area_shocks else None,
    )  # fmt: skip


def error_of(share: float) -> float:
    return FOUR * math.sqrt(share * (1 - share) / N_PANELS)


@pytest.mark.parametrize("area_shocks", [0.0, 0.03])
def test_limits_hold_the_true_effect_as_often_as_they_say(area_shocks):
    """By school, and by area where what happens in an area happens to all its schools: six clusters."""
    generator = np.random.default_rng(15)
    held, values = [], []
    for _ in range(N_PANELS):
        found = difference_in_differences(drawn_panel(generator, effect=EFFECT, area_shocks=area_shocks))
        held.append(found.lower <= EFFECT <= found.upper)
        values.append(found.value)
    assert abs(np.mean(held) - 0.95) < error_of(0.95)
    assert abs(np.mean(values) - EFFECT) < FOUR * np.std(values) / math.sqrt(N_PANELS)


def test_bootstrap_by_area_and_placebo_among_schools_refuse_no_effect_as_seldom_as_they_say():
    generator = np.random.default_rng(16)
    by_area, by_school = [], []
    for number in range(N_PANELS):
        panel = drawn_panel(generator, effect=0.0, area_shocks=0.03)
        by_area.append(wild_cluster_bootstrap(panel, seed=number, level=0.9).p_value)
        by_school.append(placebo_in_space(drawn_panel(generator, effect=0.0), seed=number, n_draws=99).p_value)
    assert np.mean(np.array(by_area) <= 0.1) < 0.1 + error_of(0.1)
    assert abs(np.mean(np.array(by_school) <= 0.1) - 0.1) < error_of(0.1)


def test_a_trend_of_the_detectable_slope_is_found_about_four_times_in_five():
    """The slope is the root mean square of what the panels' own covariances give; two points are left for what schools of unlike size add."""
    generator = np.random.default_rng(17)
    studies = [event_study(drawn_panel(generator, effect=0.0)) for _ in range(N_PANELS)]
    slope = math.sqrt(np.mean([detectable_trend(study).slope ** 2 for study in studies]))
    tilted = (event_study(drawn_panel(generator, effect=0.0, trend=slope)) for _ in range(N_PANELS))
    found = [pre_trend_test(study).p_value < 0.05 for study in tilted]
    assert abs(np.mean(found) - 0.8) < error_of(0.8) + 0.02
    assert np.mean([pre_trend_test(study).p_value < 0.05 for study in studies]) < 0.05 + error_of(0.05)


def test_staggered_limits_hold_averages_of_effects_that_grow_and_differ_by_group():
    """160 units adopt in the third, fourth or fifth of six periods or never, each group as likely; the effect is 0.02 by group and 0.01 by period since."""
    generator = np.random.default_rng(18)
    unit, period = np.divmod(np.arange(160 * 6), 6)
    grown = {2: [2, 3, 4, 5], 3: [4, 5, 6], 4: [6, 7]}
    since = [np.mean([2, 4, 6]), np.mean([3, 5, 7]), np.mean([4, 6]), 5]
    by_period = [2, np.mean([3, 4]), np.mean([4, 5, 6]), np.mean([5, 6, 7])]
    truth = {"simple": np.concatenate(list(grown.values())).mean(), "dynamic": np.mean(since)}
    truth |= {"group": np.mean([np.mean(part) for part in grown.values()]), "calendar": np.mean(by_period)}
    held = {kind: [] for kind in AverageKind}
    for _ in range(N_PANELS):
        adopted = generator.choice([2, 3, 4, math.inf], 160)[unit]
        treated = period >= adopted
        effect = np.where(
            treated, 0.02 * (np.where(treated, adopted, 0) - 1) + 0.01 * (period - np.where(treated, adopted, 0)), 0
        )
        outcome = generator.normal(size=160)[unit] + 0.03 * period + effect + generator.normal(0, 0.05, len(unit))
        found = group_time_effects(unit, period, outcome=outcome, first_treated=adopted, controls="not-yet-treated")
        for kind in AverageKind:
            estimate = overall_effect(found, kind=kind)
            held[kind].append(estimate.lower <= truth[kind] / 100 <= estimate.upper)
    for kind in AverageKind:
        assert abs(np.mean(held[kind]) - 0.95) < error_of(0.95), kind
