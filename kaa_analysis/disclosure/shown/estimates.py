"""Which estimates can be shown: means, quantiles, models and curves by the rules of the policy, on top of the counts they rest on.

What is unknown of the evidence is never taken for safe: a value without its evidence is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import isfinite

import pandas as pd

from kaa_analysis.core.result import Column, Count, Estimate, Evidence, Result
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.released import State
from kaa_analysis.disclosure.shown.curve_points import curve_states, states_along_grid


def mean_is_safe(n: int, evidence: Sequence[Fraction], policy: Policy) -> bool:
    """Tell whether a mean of ``n`` persons can be shown; ``evidence`` is the largest contribution, the second largest and the sum.

    The second largest contributor knows the sum (mean × n) and the own part; what is left over is the largest plus the rest. Where the
    rest is less than p % of the largest, the largest is known within p % (the p % rule). A mean of nothing but zeros tells
    everybody's value.

    >>> mean_is_safe(10, [Fraction(50), Fraction(40), Fraction(95)], Policy())
    True
    >>> mean_is_safe(10, [Fraction(50), Fraction(40), Fraction(94)], Policy())
    False
    """
    largest, second, total = evidence
    if n < max(policy.means.persons_from, policy.unsafe_below) or not 0 <= second <= largest:
        return False
    return largest > 0 and 100 * (total - largest - second) >= policy.means.dominance_percent * largest


def quantile_is_safe(n: int, evidence: Sequence[Fraction], policy: Policy) -> bool:
    """Tell whether a quantile, or a limit of its interval, has enough persons below and above it.

    >>> quantile_is_safe(12, [Fraction(5), Fraction(6)], Policy()), quantile_is_safe(12, [Fraction(7), Fraction(4)], Policy())
    (True, False)
    """
    return min(evidence) >= max(policy.quantiles.persons_each_side, policy.unsafe_below)


def model_is_safe(n: int, evidence: Sequence[Fraction], policy: Policy) -> bool:
    """Tell whether a model has residual degrees of freedom enough, and no cell so small that the model tells it.

    A model with as many parameters as cells reproduces each of them, so its smallest cell must be safe.

    >>> model_is_safe(40, [Fraction(10), Fraction(5)], Policy()), model_is_safe(40, [Fraction(36), Fraction(4)], Policy())
    (True, False)
    """
    residual_df, smallest_cell = evidence
    smallest = max(policy.models.cell_from, policy.unsafe_below)
    return residual_df >= policy.models.residual_df_from and smallest_cell >= smallest


PROOFS: dict[str, Callable[[int, Sequence[Fraction], Policy], bool]] = {
    "mean": mean_is_safe,
    "quantile": quantile_is_safe,
    "model": model_is_safe,
}
PUBLISHED = "published"
"""The rule of numbers that another unit has protected and published: nothing of ours is told by them."""
TELLS_ITS_COUNTS = ("counts", "curve")
"""The rules of estimates that are worked out of their counts: exact beside rounded counts they would tell the exact ones."""


def estimate_states(
    result: Result,
    column: Estimate,
    *,
    states: pd.DataFrame,
    resting: Sequence[State],
    hidden: frozenset[str],
    policy: Policy,
) -> list[State]:
    """Return the state of each cell of an estimate; ``resting`` says what the counts of its row make of it, ``states`` what they are."""
    if column.rule == PUBLISHED:
        return list(resting)
    if column.rule == "curve":
        resting = curve_states(result, column, resting=resting, hidden=hidden)
    elif column.rule in PROOFS:
        resting = states_along_grid(result, resting=resting, policy=policy)
    if column.rule in TELLS_ITS_COUNTS:
        rounded = (states[list(column.base)] == State.ROUNDED).any(axis=1).tolist()
        shown = [not is_rounded for is_rounded in rounded]
    else:
        shown = [_is_proven(result, row, column, policy) for row in range(len(result.table))]
    return [
        State.PROTECTED if state is State.SHOWN and not is_safe else state
        for state, is_safe in zip(resting, shown, strict=True)
    ]


def columns_released(result: Result, *, policy: Policy | None) -> tuple[Column, ...]:
    """Return the columns of a result that can leave: no evidence and no word of it, and counts that say what they are rounded to."""
    kept = [column for column in result.columns if not isinstance(column, Evidence)]
    return tuple(_released(column, {} if policy is None else policy.rounding) for column in kept)


def _released(column: Column, bases: Mapping[str, int]) -> Column:
    if isinstance(column, Estimate):
        return replace(column, evidence=())
    return replace(column, rounded_to=bases.get(column.measure)) if isinstance(column, Count) else column


def _is_proven(result: Result, row: int, column: Estimate, policy: Policy) -> bool:
    counts = [result.table.at[row, name] for name in column.base]
    found = [result.table.at[row, name] for name in column.evidence]
    if any(pd.isna(number) or not isfinite(number) for number in (*counts, *found)):
        return False
    return PROOFS[column.rule](int(min(counts)), [Fraction(float(number)) for number in found], policy)
