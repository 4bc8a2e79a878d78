"""Counting rows or persons over every combination of some splits, totals included."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Dimension


def tally(rows: pd.DataFrame, *, by: Sequence[Dimension], distinct: str | None = None) -> pd.Series:
    """Return the number of rows (or of distinct values of the column ``distinct``) for every combination of the splits.

    ``rows`` has a column per dimension. The index runs over the labels of the dimensions in their order, a combination without
    rows is 0. A row without a value stands in the totals alone.

    Raises:
        DefinitionError: a value that its dimension has no label for.
    """
    codes = _codes(rows, by)
    counts = (
        _rows_per_combination(codes, by) if distinct is None else _values_per_combination(codes, rows[distinct], by)
    )
    return pd.Series(counts.ravel(), index=combinations(by), name="n", dtype="Int64")


def combinations(by: Sequence[Dimension]) -> pd.Index:
    """Return every combination of the values of the dimensions, in the order of their labels."""
    if len(by) == 1:
        return pd.Index(list(by[0].labels), name=by[0].name)
    return pd.MultiIndex.from_product([list(dimension.labels) for dimension in by], names=[item.name for item in by])


def table(counts: dict[str, pd.Series]) -> pd.DataFrame:
    """Return the counts side by side with the dimensions as columns before them."""
    return pd.DataFrame(counts).reset_index()


def table_of_each(tables: Mapping[str, pd.DataFrame], *, split: str = "period") -> pd.DataFrame:
    """Return the tables of several values of a split below each other, the value as the first column.

    >>> table_of_each({"2023": pd.DataFrame({"n": [1, 2]}), "2024": pd.DataFrame({"n": [3]})}).to_numpy().tolist()
    [['2023', 1], ['2023', 2], ['2024', 3]]
    """
    return pd.concat(tables, names=[split]).reset_index(level=split).reset_index(drop=True)


def at_total(counts: pd.Series, split: Dimension) -> pd.Series:
    """Return, on every row, the count at the total of a split.

    >>> from kaa_analysis.core.result import Dimension
    >>> sex = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")
    >>> rows = pd.DataFrame({"year": ["2024", "2024", "2024"], "sex": ["female", "male", "male"]})
    >>> counts = tally(rows, by=[Dimension("year", "År", {"2023": "2023", "2024": "2024"}), sex])
    >>> at_total(counts, sex).tolist()
    [0, 0, 0, 3, 3, 3]
    """
    return spread(counts.xs(split.total, level=split.name), over=counts, split=split)


def spread(counts: pd.Series, *, over: pd.Series, split: Dimension) -> pd.Series:
    """Return counts without a split on every row of the counts ``over``, which have it."""
    return counts.reindex(over.index.droplevel(split.name)).set_axis(over.index)


def share(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Return the proportions; missing where the denominator is 0."""
    return (numerator / denominator.mask(denominator == 0)).astype("Float64")


def _codes(rows: pd.DataFrame, by: Sequence[Dimension]) -> list[np.ndarray]:
    """Return the place of every row's value among the labels of each dimension; a missing value has the place after the last."""
    codes, unknown = [], []
    for dimension in by:
        values = rows[dimension.name]
        code = pd.Index(list(dimension.labels), dtype="object").get_indexer(values.to_numpy(dtype="object"))
        if ((code < 0) & values.notna().to_numpy()).any():
            unknown.append(dimension.name)
        codes.append(np.where(code < 0, len(dimension.labels), code))
    if unknown:
        raise DefinitionError(
            "Varje värde i en indelning ska ha en etikett.", found=f"utan etikett: {', '.join(unknown)}"
        )
    return codes


def _shape(by: Sequence[Dimension]) -> tuple[int, ...]:
    return tuple(len(dimension.labels) + 1 for dimension in by)


def _rows_per_combination(codes: Sequence[np.ndarray], by: Sequence[Dimension]) -> np.ndarray:
    shape = _shape(by)
    counts = np.bincount(np.ravel_multi_index(codes, shape), minlength=math.prod(shape)).reshape(shape)
    for axis, dimension in enumerate(by):
        if dimension.total is not None:
            at_total = (slice(None),) * axis + (_place(dimension),)
            counts[at_total] += counts.sum(axis=axis)
    return counts[(slice(-1),) * len(by)]


def _values_per_combination(codes: Sequence[np.ndarray], values: pd.Series, by: Sequence[Dimension]) -> np.ndarray:
    shape = _shape(by)
    number, different = pd.factorize(values, use_na_sentinel=False)
    keys = np.unique(np.ravel_multi_index(codes, shape) * len(different) + number)
    for axis, dimension in enumerate(by):
        if dimension.total is not None:
            place, number = np.divmod(keys, max(len(different), 1))
            in_total = [*np.unravel_index(place, shape)]
            in_total[axis] = np.full_like(place, _place(dimension))
            keys = np.union1d(keys, np.ravel_multi_index(in_total, shape) * len(different) + number)
    counts = np.bincount(keys // max(len(different), 1), minlength=math.prod(shape)).reshape(shape)
    return counts[(slice(-1),) * len(by)]


def _place(dimension: Dimension) -> int:
    return list(dimension.labels).index(dimension.total)
