"""What always holds of effects by adoption group and period, and of their averages."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.evaluation.cores.group_time_averages import averaged_effects, overall_effect
from kaa_analysis.evaluation.cores.group_time_effects import GroupTimeEffects, group_time_effects

ROUNDING = 1e-9
STEP = 1e-6
SLOPE = 1e-5
"""Of a central difference with that step, relative to the largest influence."""
SEEDLESS = settings(derandomize=True, max_examples=40, deadline=None)
KINDS = ["simple", "dynamic", "group", "calendar"]
settings_drawn = st.tuples(
    st.sampled_from(["never-treated", "not-yet-treated"]), st.sampled_from(["varying", "universal"])
)


@st.composite
def panels_drawn(draw) -> dict[str, np.ndarray]:
    """Return units of three adoption groups and of none, two or more of each, with weights."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=4, max_size=4))
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    adopted = np.repeat([1, 2, 4, math.inf], sizes)
    return {
        "outcomes": generator.normal(size=(len(adopted), 5)),
        "adopted": adopted,
        "weight": generator.integers(1, 4, len(adopted)).astype(float),
        "cluster": np.arange(len(adopted)),
    }


def effects_of(panel: dict[str, np.ndarray], setting: tuple[str, str]) -> GroupTimeEffects:
    n_units, n_periods = panel["outcomes"].shape
    unit, period = np.divmod(np.arange(n_units * n_periods), n_periods)
    rows = {"outcome": panel["outcomes"].ravel(), "first_treated": panel["adopted"][unit]}
    rows |= {"weight": panel["weight"][unit], "cluster": panel["cluster"][unit]}
    return group_time_effects(unit, period, **rows, controls=setting[0], base=setting[1])


@pytest.mark.parametrize("kind", KINDS)
@SEEDLESS
@given(panels_drawn(), settings_drawn, st.data())
def test_influence_is_the_derivative_by_the_weight(kind, panel, setting, data):
    """The infinitesimal jackknife by definition: weight × derivative, of the means and of what the groups weigh alike."""
    unit = data.draw(st.integers(0, len(panel["weight"]) - 1))
    values = []
    for sign in (1, -1):
        weight = panel["weight"].copy()
        weight[unit] *= 1 + sign * STEP
        values.append(overall_effect(effects_of(panel | {"weight": weight}, setting), kind=kind).value)
    influence = overall_effect(effects_of(panel, setting), kind=kind).influence
    slope = (values[0] - values[1]) / (2 * STEP)
    assert abs(slope - influence[unit]) < SLOPE * np.abs(influence).max()
    assert abs(influence.sum()) < ROUNDING


@SEEDLESS
@given(panels_drawn(), settings_drawn)
def test_a_weight_is_a_number_of_equal_units_in_one_cluster(panel, setting):
    rows = np.repeat(np.arange(len(panel["weight"])), panel["weight"].astype(int))
    repeated = {name: values[rows] for name, values in panel.items()} | {"weight": np.ones(len(rows))}
    one, two = effects_of(panel, setting), effects_of(repeated, setting)
    np.testing.assert_allclose([two.value, two.se], [one.value, one.se], rtol=ROUNDING, atol=ROUNDING)
    for kind in KINDS:
        ours, theirs = overall_effect(one, kind=kind), overall_effect(two, kind=kind)
        np.testing.assert_allclose([theirs.value, theirs.se], [ours.value, ours.se], rtol=ROUNDING)


@SEEDLESS
@given(panels_drawn(), settings_drawn, st.randoms(use_true_random=False), st.floats(-5, 5))
def test_order_labels_and_a_constant_per_unit_and_period_change_nothing(panel, setting, random, constant):
    units = random.sample(range(len(panel["weight"])), len(panel["weight"]))
    other = {name: values[units] for name, values in panel.items()}
    other["outcomes"] = other["outcomes"] + constant * np.arange(5) + np.arange(len(units))[:, np.newaxis]
    other["weight"] = 7 * other["weight"]
    one, two = effects_of(panel, setting), effects_of(other, setting)
    np.testing.assert_allclose([two.value, two.se], [one.value, one.se], rtol=1e-7, atol=ROUNDING)
    for kind in KINDS[1:]:
        ours, theirs = (averaged_effects(found, kind=kind) for found in (one, two))
        assert ours.labels.tolist() == theirs.labels.tolist()
        pairs = [[(part.value, part.se) for part in found.estimates] for found in (ours, theirs)]
        np.testing.assert_allclose(pairs[1], pairs[0], rtol=1e-7, atol=ROUNDING)


@SEEDLESS
@given(panels_drawn(), settings_drawn, st.floats(-3, 3))
def test_an_effect_that_is_added_is_found(panel, setting, effect):
    """The same for all from adoption on: each effect and each average moves by it, no standard error does."""
    treated = np.arange(5) >= panel["adopted"][:, np.newaxis]
    one = effects_of(panel, setting)
    two = effects_of(panel | {"outcomes": panel["outcomes"] + effect * treated}, setting)
    moved = np.where(one.period >= one.group, effect, 0)
    np.testing.assert_allclose(two.value, one.value + moved, rtol=ROUNDING, atol=ROUNDING)
    for kind in KINDS:
        ours, theirs = overall_effect(one, kind=kind), overall_effect(two, kind=kind)
        np.testing.assert_allclose([theirs.value, theirs.se], [ours.value + effect, ours.se], rtol=1e-7, atol=ROUNDING)
