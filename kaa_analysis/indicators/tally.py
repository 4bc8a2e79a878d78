"""Counting rows or persons over every combination of some splits, totals included."""

from __future__ import annotations

from collections.abc import Sequence

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
    names = [dimension.name for dimension in by]
    _check_labels(rows, by)
    kept = rows[[*names, distinct]].drop_duplicates() if distinct else rows[names]
    counted = (
        kept.assign(n=1)
        if distinct
        else kept.groupby(names, dropna=False, observed=True).size().rename("n").reset_index()
    )
    for dimension in by:
        if dimension.total is not None:
            counted = pd.concat([counted, counted.assign(**{dimension.name: dimension.total})], ignore_index=True)
    if distinct:
        counted = counted.drop_duplicates([*names, distinct])
    found = counted.groupby(names)["n"].sum()
    return found.reindex(combinations(by), fill_value=0).astype("Int64")


def combinations(by: Sequence[Dimension]) -> pd.Index:
    """Return every combination of the values of the dimensions, in the order of their labels."""
    if len(by) == 1:
        return pd.Index(list(by[0].labels), name=by[0].name)
    return pd.MultiIndex.from_product([list(dimension.labels) for dimension in by], names=[item.name for item in by])


def table(counts: dict[str, pd.Series]) -> pd.DataFrame:
    """Return the counts side by side with the dimensions as columns before them."""
    return pd.DataFrame(counts).reset_index()


def share(numerator: pd.Series, denominator: pd.Series) -> pd.Series:
    """Return the proportions; missing where the denominator is 0."""
    return (numerator / denominator.mask(denominator == 0)).astype("Float64")


def _check_labels(rows: pd.DataFrame, by: Sequence[Dimension]) -> None:
    unknown = [dimension.name for dimension in by if not rows[dimension.name].dropna().isin([*dimension.labels]).all()]
    if unknown:
        raise DefinitionError(
            "Varje värde i en indelning ska ha en etikett.", found=f"utan etikett: {', '.join(unknown)}"
        )
