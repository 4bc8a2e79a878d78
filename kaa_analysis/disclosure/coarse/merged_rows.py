"""A table with the rows of one split put together into coarser groups: counts are added, shares follow from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Result, Share, Text


def can_be_merged(result: Result) -> bool:
    """Return whether rows of the table can be added up: an estimate cannot be made anew from its parts, nor can words."""
    return not result.of_role(Estimate) and not result.of_role(Text)


def merged(result: Result, *, split: str, grouping: Grouping) -> Result:
    """Return the table with the values of ``split`` put together, without declared equations.

    The groups stand where the first of their rows stood. A group with an unknown count is unknown. The title names the coarser split
    where it named the finer one, and the note says what was put together.
    """
    old = result.column(split)
    names = {name: grouping.name if name == split else name for name in _dimensions(result)}
    codes = grouping.of_value() | ({old.total: old.total} if old.total is not None else {})
    table = result.frame.assign(**{split: result.frame[split].map(codes)}).rename(columns=names)
    columns = tuple(_column(column, split=old, grouping=grouping) for column in result.columns)
    return replace(
        result,
        columns=columns,
        table=_added(table, columns, within=grouping.name),
        title=re.sub(rf"\b{re.escape(old.label.lower())}\b", grouping.label.lower(), result.title),
        note=f"{result.note} {grouping.note}".strip(),
        equations=(),
    )


def _dimensions(result: Result) -> list[str]:
    return [dimension.name for dimension in result.of_role(Dimension)]


def _column(column: Column, *, split: Dimension, grouping: Grouping) -> Column:
    if isinstance(column, Count):
        places = (grouping.name if name == split.name else name for name in column.regardless_of)
        return replace(column, regardless_of=tuple(places))
    if column != split:
        return column
    total = {} if split.total is None else {split.total: split.text(split.total)}
    return replace(split, name=grouping.name, label=grouping.label, labels={**total, **grouping.labels}, coarser=())


def _added(table: pd.DataFrame, columns: Sequence[Column], *, within: str) -> pd.DataFrame:
    """Return a row per combination of the dimensions, in the order of the first of each."""
    places = [column.name for column in columns if isinstance(column, Dimension)]
    groups = table.groupby(places, sort=False, dropna=False)
    found = {}
    for column in columns:
        if isinstance(column, Count):
            counts = groups[column.name]
            found[column.name] = counts.first() if within in column.regardless_of else counts.sum(skipna=False)
    for column in columns:
        if isinstance(column, Share):
            found[column.name] = _share(found[column.numerator], found[column.denominator])
    return pd.DataFrame(found).reset_index()[[column.name for column in columns]]


def _share(parts: pd.Series, wholes: pd.Series) -> pd.Series:
    return (parts / wholes.mask(wholes == 0)).astype("Float64")
