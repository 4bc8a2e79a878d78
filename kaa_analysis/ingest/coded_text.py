"""Columns of text as a code per row and the list of their different values: what is true of a value is found once, not row by row.

The values of a column stand in order, so that a code is less than another where its text is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd


def coded(text: Sequence[str] | pd.Series) -> pd.Categorical:
    """Return text as codes; what is missing has none. What is coded already is returned as it is.

    >>> coded(["b", "", "b"]).codes.tolist()
    [1, 0, 1]
    """
    if isinstance(getattr(text, "dtype", None), pd.CategoricalDtype):
        return text.array if isinstance(text, pd.Series) else text
    codes, values = pd.factorize(np.asarray(text, dtype=object))
    return _with_codes(codes, values=values)


def coded_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of text with every column coded."""
    return pd.DataFrame({name: coded(column) for name, column in rows.items()}, index=rows.index)


def in_order(codes: np.ndarray, *, values: Iterable[str]) -> pd.Categorical:
    """Return coded text of different values that stand in order already."""
    return pd.Categorical.from_codes(codes, dtype=values_in_order(values), validate=False)


def values_in_order(values: Iterable[str]) -> pd.CategoricalDtype:
    """Return the type of columns that are coded with these different values; several columns may share it."""
    return pd.CategoricalDtype(pd.Index(sorted(values), dtype=object), ordered=True)


def renamed(text: pd.Series, *, places: Mapping[str, int], names: pd.CategoricalDtype) -> pd.Series:
    """Return a column with the name of each value instead, coded by ``names``, of which ``places`` tells the place; other values become missing."""
    codes = np.array([*[places.get(value, -1) for value in different_values(text)], -1], dtype=np.int32)
    return pd.Series(pd.Categorical.from_codes(codes[coded(text).codes], dtype=names, validate=False), index=text.index)


def repeated_text(value: str, *, times: int) -> pd.Categorical:
    """Return a coded column of one value."""
    return _with_codes(np.zeros(times, dtype=np.int8), values=np.array([value], dtype=object))


def different_values(text: pd.Series | pd.Categorical) -> np.ndarray:
    """Return the different values of a column, in order."""
    return np.asarray(coded(text).categories, dtype=object)


def with_values(text: pd.Series | pd.Categorical, values: np.ndarray) -> pd.Categorical:
    """Return the column with other values in the place of its different ones; they may repeat, and be None where it becomes missing.

    >>> list(with_values(coded(["x", "y", "z"]), np.array(["b", None, "b"], dtype=object)))
    ['b', nan, 'b']
    """
    before = coded(text)
    if np.array_equal(values, different_values(before)):
        return before
    places, different = pd.factorize(values)
    return _with_codes(np.append(places, -1)[before.codes], values=different)


def replaced(text: pd.Series, values: Mapping[str, str]) -> pd.Series:
    """Return a coded column in which each value that is a key has become the text beside it."""
    new = np.array([values.get(value, value) for value in different_values(text)], dtype=object)
    return pd.Series(with_values(text, new), index=text.index)


def emptied(text: pd.Series, *, where: pd.Series) -> pd.Series:
    """Return a coded column with the empty text in some rows."""
    before = different_values(text)
    places, different = pd.factorize(np.array([*before, ""], dtype=object))
    codes = np.where(where, len(before), coded(text).codes)
    return pd.Series(_with_codes(places[codes], values=different), index=text.index)


def joined(parts: Sequence[pd.Series]) -> pd.Categorical:
    """Return coded columns one after the other as one."""
    values = [different_values(part) for part in parts]
    places, different = pd.factorize(np.concatenate(values))
    firsts = np.cumsum([0, *map(len, values)])
    codes = [places[first + coded(part).codes.astype(np.int64)] for first, part in zip(firsts, parts, strict=False)]
    return _with_codes(np.concatenate(codes), values=different)


def rows_where(text: pd.Series, holds: Sequence[bool]) -> pd.Series:
    """Return the rows whose value is one for which something ``holds``, told per different value; nothing holds for what is missing."""
    return pd.Series(np.append(np.asarray(holds, dtype=bool), False)[coded(text).codes], index=text.index)


def _with_codes(codes: np.ndarray, *, values: np.ndarray) -> pd.Categorical:
    """Return coded text of different values in any order."""
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values) + 1, dtype=np.int32)
    rank[order], rank[-1] = np.arange(len(values), dtype=np.int32), -1
    return in_order(rank[codes], values=values[order])
