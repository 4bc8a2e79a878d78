"""Numbers printed although a count behind them is hidden: an error by itself, whatever can or cannot be worked out from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from kaa_analysis.core.result import Dimension, Estimate, Share
from kaa_analysis.disclosure.attack.findings import Finding
from kaa_analysis.disclosure.attack.printed import Printed
from kaa_analysis.disclosure.attack.publication import ROUNDED, SHOWN

TIME_SPLITS = ("months",)
"""The splits along which a curve runs: a point rests on the counts of its own and all earlier rows."""


def shown_over_hidden(tables: Sequence[Printed], *, time_splits: Iterable[str] = TIME_SPLITS) -> tuple[Finding, ...]:
    """Return every share, estimate or point of a curve that is shown although a count that it rests on is not."""
    along = frozenset(time_splits)
    return tuple(finding for table in tables for finding in (*_rows(table), *_curves(table, along)))


def _rows(table: Printed) -> Iterator[Finding]:
    for column in (*table.of_role(Share), *table.of_role(Estimate)):
        wrong = _is_shown(table, column.name) & ~_base_is_shown(table, column)
        kind = "share" if isinstance(column, Share) else "estimate"
        yield from [Finding(kind, (table.name,))] * int(wrong.sum())


def _curves(table: Printed, along: frozenset[str]) -> Iterator[Finding]:
    times = [dimension for dimension in table.of_role(Dimension) if dimension.name in along]
    for time in times:
        others = [dimension.name for dimension in table.of_role(Dimension) if dimension is not time]
        points = table.numbers.assign(order=_order(table.numbers[time.name], time.total)).sort_values(
            "order", kind="stable"
        )
        points = points[points["order"].notna()]
        groups = points.groupby(others, sort=False, dropna=False) if others else [((), points)]
        for _, rows in groups:
            for column in table.of_role(Estimate):
                hidden_before = (~_base_is_shown(table, column)[rows.index]).cummax()
                own = _base_is_shown(table, column)[rows.index]
                wrong = _is_shown(table, column.name)[rows.index] & hidden_before & own
                yield from [Finding("curve", (table.name,))] * int(wrong.sum())


def _order(values: pd.Series, total: str | None) -> pd.Series:
    """Where each value stands in time: by its number if all are numbers, else in the order of the rows."""
    kept = values.astype(str).where(values != total)
    numbers = pd.to_numeric(kept, errors="coerce")
    if numbers.notna().equals(kept.notna()):
        return numbers
    first = {value: number for number, value in reversed(list(enumerate(kept.tolist())))}
    return kept.map(first).where(kept.notna())


def _is_shown(table: Printed, name: str) -> pd.Series:
    return table.states[name].isin([SHOWN, ROUNDED])


def _base_is_shown(table: Printed, column: Share | Estimate) -> pd.Series:
    base = (column.numerator, column.denominator) if isinstance(column, Share) else column.base
    return table.states[list(base)].isin([SHOWN, ROUNDED]).all(axis=1)
