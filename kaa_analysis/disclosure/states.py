"""States and values of a table's cells, once it is known which counts are hidden."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

import pandas as pd

from kaa_analysis.core.result import Column, Count, Estimate, Result, Share
from kaa_analysis.disclosure.released import State


def cell_ids(result: Result) -> pd.DataFrame:
    """Return the id of every count cell: a row per row of the table, a column per count."""
    return pd.DataFrame(
        {count.name: [place.id for place in result.cells_of(count)] for count in result.of_role(Count)},
        index=result.table.index,
        dtype=object,
    )


def states_of(result: Result, *, ids: pd.DataFrame, hidden: frozenset[str]) -> pd.DataFrame:
    """Return the state of every cell of the table; ``hidden`` holds ids of counts."""
    states = pd.DataFrame(State.SHOWN, index=result.table.index, columns=list(result.table.columns), dtype=object)
    for count in result.of_role(Count):
        states[count.name] = [
            State.PROTECTED if cell_id in hidden else State.UNKNOWN if is_unknown else State.SHOWN
            for cell_id, is_unknown in zip(ids[count.name], result.table[count.name].isna(), strict=True)
        ]
    for column in (*result.of_role(Share), *result.of_role(Estimate)):
        values = _numbers(result, column)
        states[column.name] = [
            _resting_on(states.loc[row, list(_base(column))], value) for row, value in values.items()
        ]
    return states.astype(object)


def values_of(result: Result, *, states: pd.DataFrame) -> pd.DataFrame:
    """Return what is shown of the table, ``<NA>`` elsewhere; shares and estimates rounded half up to their digits."""
    columns = {}
    for column in result.columns:
        shown = states[column.name] == State.SHOWN
        if isinstance(column, Count):
            columns[column.name] = result.table[column.name].where(shown, pd.NA)
        elif isinstance(column, (Share, Estimate)):
            numbers = _numbers(result, column).where(shown)
            columns[column.name] = pd.array([_half_up(number, column.digits) for number in numbers], dtype="Float64")
        else:
            columns[column.name] = result.table[column.name].astype(object)
    return pd.DataFrame(columns, index=result.table.index, columns=list(result.table.columns))


def _base(column: Share | Estimate) -> tuple[str, ...]:
    return (column.numerator, column.denominator) if isinstance(column, Share) else column.base


def _resting_on(base: pd.Series, value: Decimal | None) -> State:
    for state in (State.PROTECTED, State.UNKNOWN):
        if (base == state).any():
            return state
    return State.NOT_APPLICABLE if value is None else State.SHOWN


def _numbers(result: Result, column: Column) -> pd.Series:
    """Return a share of the counts, or an estimate, as decimals; None where there is none (nothing to divide by, not finite)."""
    if isinstance(column, Share):
        numerators, denominators = result.table[column.numerator], result.table[column.denominator]
        numbers = [_quotient(part, whole) for part, whole in zip(numerators, denominators, strict=True)]
    else:
        numbers = [_exact(number) for number in result.table[column.name]]
    return pd.Series(numbers, index=result.table.index, dtype=object)


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
    if number is None or pd.isna(number):
        return None
    return float(number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)) + 0.0
