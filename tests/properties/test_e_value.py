"""The E-value against the bound that it turns round, for every ratio."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.evaluation.cores.e_value import e_value, joint_strength

CLOSE = 1e-9
"""Relative error of sums and one square root in double precision, with three digits to spare."""
STEEP = 1e-7
"""The same near a ratio of 1, where the root makes 1e-16 into 1e-8: of numbers that were turned, and so rounded, first."""
RATIOS = st.floats(min_value=1.0, max_value=50.0)
SEEDLESS = settings(derandomize=True, deadline=None)


@SEEDLESS
@given(RATIOS)
def test_a_cause_just_that_strong_can_explain_just_that_ratio(ratio):
    strength = e_value(ratio, lower=ratio, upper=ratio).estimate
    assert strength * strength / (2 * strength - 1) == pytest.approx(ratio, rel=CLOSE)


@SEEDLESS
@given(RATIOS, RATIOS)
def test_the_strength_of_a_covariate_lies_between_its_two_ratios(one, other):
    strength = joint_strength(one, other)
    assert min(one, other) * (1 - CLOSE) <= strength <= max(one, other) * (1 + CLOSE)
    assert joint_strength(other, one) == pytest.approx(strength, rel=CLOSE)
    assert joint_strength(1 / one, other) == pytest.approx(strength, rel=STEEP)


@SEEDLESS
@given(RATIOS)
def test_a_covariate_that_one_of_the_two_does_not_depend_on_explains_nothing(ratio):
    assert joint_strength(1.0, ratio) == 1.0


@SEEDLESS
@given(RATIOS, RATIOS)
def test_turning_a_ratio_round_changes_nothing(one, other):
    lower, upper = sorted((one, other))
    up, down = e_value(lower, lower=lower, upper=upper), e_value(1 / lower, lower=1 / upper, upper=1 / lower)
    assert (up.estimate, up.limit) == pytest.approx((down.estimate, down.limit), rel=STEEP)
