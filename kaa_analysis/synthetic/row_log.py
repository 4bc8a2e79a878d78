"""Rows written down in blocks of narrow arrays, and the table they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.synthetic.draws import Flags
from kaa_analysis.synthetic.school_calendar import NO_DAY


@dataclass(frozen=True)
class Column:
    """How a column is held: its type, what stands where nothing is told, and the codes its numbers are places of."""

    dtype: str
    empty: Any = 0
    codes: tuple[str, ...] = ()

    def told(self, values: NDArray) -> NDArray | pd.Categorical:
        """Return the values as the table has them: codes as categories, days in seconds."""
        if self.codes:
            return pd.Categorical.from_codes(values, categories=list(self.codes))
        return values.astype("datetime64[s]") if self.dtype == "datetime64[D]" else values


def day_column() -> Column:
    """Return a column of days, missing where nothing is told."""
    return Column("datetime64[D]", empty=NO_DAY)


def code_column(*codes: str) -> Column:
    """Return a column of codes; the first stands where nothing is told."""
    return Column("int8" if len(codes) < 128 else "int16", codes=codes)


class RowLog:
    """Rows of one kind, an ``episode`` (its place) each, in the columns given by name."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self._columns = {"episode": Column("int32"), **columns}
        self._blocks: list[dict[str, NDArray]] = []

    def add(self, **values: ArrayLike) -> dict[str, NDArray]:
        """Write down a row per ``episode`` and return the block; a column left out is empty, a single value stands for all."""
        n = len(values["episode"])
        block = {
            name: np.broadcast_to(np.asarray(values.get(name, column.empty)).astype(column.dtype), n)
            for name, column in self._columns.items()
        }
        self._blocks.append(block)
        return block

    def table(self, *, by: str) -> pd.DataFrame:
        """Return all rows in the order of episode, then the day ``by``, then writing down."""
        held = {name: self._held(name) for name in self._columns}
        order = np.lexsort((held[by].astype(np.int64), held["episode"]))
        return pd.DataFrame({name: self._columns[name].told(values[order]) for name, values in held.items()})

    def _held(self, name: str) -> NDArray:
        blocks = [block[name] for block in self._blocks]
        return np.concatenate(blocks) if blocks else np.empty(0, dtype=self._columns[name].dtype)


def chosen(flags: Flags, **values: ArrayLike) -> dict[str, NDArray]:
    """Return some elements of arrays by name; a single value is kept."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    return {name: array[flags] if array.ndim else array for name, array in arrays.items()}
