"""States and values of a table's cells, once it is known which counts are hidden."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

import pandas as pd

from kaa_analysis.core.result import Column, Count, Estimate, Result, Share
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.released import State
from kaa_analysis.disclosure.rounded.rounding import is_rounded, rounded_to
from kaa_analysis.disclosure.shown.estimates import columns_released, estimate_states


def cell_ids(result: Result) -> pd.DataFrame:
    """Return the id of every count cell: a row per row of the table, a column per count."""
    return pd.DataFrame(
        {count.name: [place.id for place in result.cells_of(count)] for count in result.of_role(Count)},
        index=result.table.index,
        dtype=object,
    )


def states_of(result: Result, *, ids: pd.DataFrame, hidden: frozenset[str], policy: Policy | None) -> pd.DataFrame:
    """Return the state of every cell that can leave; ``hidden`` holds ids of counts. No policy: inside the room all is shown."""
    names = [column.name for column in columns_released(result, policy=policy)]
    states = pd.DataFrame(State.SHOWN, index=result.table.index, columns=names, dtype=object)
    for count in result.of_role(Count):
        visible = State.ROUNDED if policy is not None and is_rounded(count, policy) else State.SHOWN
        states[count.name] = [
            State.PROTECTED if cell_id in hidden else State.UNKNOWN if is_unknown else visible
            for cell_id, is_unknown in zip(ids[count.name], result.table[count.name].isna(), strict=True)
        ]
    for column in result.columns:
        if not isinstance(column, (Share, Estimate)):
            continue
        numbers = _numbers(result, column)
        bases = states[list(_base(column))].itertuples(index=False, name=None)
        found = [_resting_on(base, value) for base, value in zip(bases, numbers, strict=True)]
        if policy is not None and isinstance(column, Share):
            found = _share_states(result, column, states=states, resting=found, policy=policy)
        elif policy is not None:
            found = estimate_states(result, column, states=states, resting=found, hidden=hidden, policy=policy)
        states[column.name] = found
    return states.astype(object)


def values_of(result: Result, *, states: pd.DataFrame, policy: Policy | None) -> pd.DataFrame:
    """Return what is shown of the table, ``<NA>`` elsewhere.

    Shares and estimates are rounded half up to their digits, quantiles in days to whole steps (weeks); rounded counts to their base, and
    shares of them are worked out of the rounded counts.
    """
    columns = {}
    for name in states.columns:
        column = result.column(name)
        shown = states[name].isin([State.SHOWN, State.ROUNDED])
        if isinstance(column, Count):
            columns[name] = _counts_shown(result, column, policy).where(shown, pd.NA)
        elif isinstance(column, (Share, Estimate)):
            rounded = states[name] == State.ROUNDED
            numbers = _numbers(result, column)
            numbers = numbers.mask(rounded, _quotients_shown(result, column, policy)) if rounded.any() else numbers
            kept = [number if is_shown else None for number, is_shown in zip(numbers, shown, strict=True)]
            columns[name] = pd.array([_rounded(number, column, policy) for number in kept], dtype="Float64")
        else:
            columns[name] = result.table[name].astype(object)
    return pd.DataFrame(columns, columns=list(states.columns))


def _share_states(
    result: Result, share: Share, *, states: pd.DataFrame, resting: list[State], policy: Policy
) -> list[State]:
    """Return the states of a share: one of rounded counts is rounded, and hidden where its rounded denominator is too small."""
    least = policy.shares.rounded_denominator_from
    wholes = _counts_shown(result, result.column(share.denominator), policy)
    rounded = (states[[share.numerator, share.denominator]] == State.ROUNDED).any(axis=1)
    found = []
    for state, is_round, whole in zip(resting, rounded, wholes, strict=True):
        if state is State.SHOWN and is_round:
            state = State.ROUNDED if whole >= least else State.PROTECTED
        found.append(state)
    return found


def _counts_shown(result: Result, count: Count, policy: Policy | None) -> pd.Series:
    """Return the counts of a column as they are shown: rounded where the policy says so."""
    counts = result.table[count.name]
    if policy is None or not is_rounded(count, policy):
        return counts
    base = policy.rounding[count.measure]
    return counts.map(lambda number: rounded_to(int(number), base), na_action="ignore").astype("Int64")


def _quotients_shown(result: Result, share: Share, policy: Policy) -> pd.Series:
    """Return a share of the counts as they are shown; rounding can make a part larger than the whole, a share never."""
    parts, wholes = (_counts_shown(result, result.column(name), policy) for name in _base(share))
    found = [_quotient(part, whole) for part, whole in zip(parts, wholes, strict=True)]
    return pd.Series([None if number is None else min(number, Decimal(1)) for number in found], dtype=object)


def _rounded(number: Decimal | None, column: Share | Estimate, policy: Policy | None) -> float | None:
    """Return a number as it is shown: to its digits, a quantile in days to whole steps of the policy."""
    if number is None or policy is None or not (isinstance(column, Estimate) and column.unit == "days"):
        return _half_up(number, column.digits)
    step = policy.quantiles.step_days
    return _half_up(number / step, 0) * step


def _base(column: Share | Estimate) -> tuple[str, ...]:
    return (column.numerator, column.denominator) if isinstance(column, Share) else column.base


def _resting_on(base: tuple[State, ...], value: Decimal | None) -> State:
    for state in (State.PROTECTED, State.UNKNOWN):
        if state in base:
            return state
    return State.NOT_APPLICABLE if value is None else State.SHOWN


def _numbers(result: Result, column: Column) -> pd.Series:
    """Return a share of the counts, or an estimate, as decimals; None where there is none (nothing to divide by, not finite)."""
    if isinstance(column, Share):
        numerators, denominators = result.table[column.numerator], result.table[column.denominator]
        numbers = [_quotient(part, whole) for part, whole in zip(numerators, denominators, strict=True)]
    else:
        numbers = [_exact(number) for number in result.table[column.name]]
    return pd.Series(numbers, dtype=object)


def _exact(number: float | None) -> Decimal | None:
    return Decimal(repr(float(number))) if pd.notna(number) and isfinite(number) else None


def _quotient(part: int | None, whole: int | None) -> Decimal | None:
    if pd.isna(part) or pd.isna(whole) or whole == 0:
        return None
    return Decimal(int(part)) / Decimal(int(whole))


def _half_up(number: Decimal | None, digits: int) -> float | None:
    """Round half away from zero to ``digits`` decimals.

    >>> _half_up(Decimal("0.0125"), 3), _half_up(Decimal("-2.5"), 0)
    (0.013, -3.0)
    """
    if number is None:
        return None
    return float(number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)) + 0.0
