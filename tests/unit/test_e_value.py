"""The E-value by hand, and what it refuses."""

from __future__ import annotations

import math

import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.e_value import EValue, e_value, joint_strength

CLOSE = 1e-9
"""Relative error of sums and one square root in double precision, with three digits to spare."""


@pytest.mark.parametrize(
    ("ratio", "lower", "upper", "expected"),
    [
        (1.8, 1.25, 2.5, (1.8 + 1.2, 1.25 + math.sqrt(0.3125))),  # sqrt(1,8 · 0,8) = sqrt(1,44) = 1,2
        (1.25, 0.9, 1.7, (1.25 + math.sqrt(0.3125), 1.0)),  # the interval holds 1
        (1.0, 0.8, 1.2, (1.0, 1.0)),
        (1.5, 1.0, 2.0, (1.5 + math.sqrt(0.75), 1.0)),  # a limit at 1 itself
        (0.8, 0.6, 0.9, (1.25 + math.sqrt(0.3125), 1 / 0.9 + math.sqrt(0.1 / 0.81))),  # turned: 1/0,8 = 1,25
        (4.0, 2.0, math.inf, (4 + math.sqrt(12), 2 + math.sqrt(2))),
    ],
)
def test_by_hand(ratio, lower, upper, expected):
    found = e_value(ratio, lower=lower, upper=upper)
    assert (found.estimate, found.limit) == pytest.approx(expected, rel=CLOSE)


@pytest.mark.parametrize(
    ("ratio", "lower", "upper"),
    [(0, 0, 1), (-1, -2, 1), (math.nan, 1, 2), (1.5, math.nan, 2), (1.5, 1, math.nan), (math.inf, 1, math.inf), (3, 1, 2)],
)  # fmt: skip
def test_what_is_no_ratio_between_its_limits_is_refused(ratio, lower, upper):
    with pytest.raises(DefinitionError):
        e_value(ratio, lower=lower, upper=upper)
    assert isinstance(e_value(1.5, lower=1, upper=2), EValue)


@pytest.mark.parametrize("ratio", [0, -1, math.nan, math.inf])
def test_a_covariate_needs_two_ratios(ratio):
    with pytest.raises(DefinitionError):
        joint_strength(ratio, 2)
    with pytest.raises(DefinitionError):
        joint_strength(2, ratio)
