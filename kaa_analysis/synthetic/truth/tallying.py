"""Counts in long form: a row per indicator, measure, period, division, split, category and sex; what is not there is 0."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

COLUMNS = ["indicator", "measure", "period", "division", "split", "category", "sex", "n"]
KEYS = COLUMNS[:-1]
SEX_NAMES = ("female", "male")
ALL = "all"

Row = tuple[str, str, str, str, str, str, str, int]


@dataclass(frozen=True)
class Place:
    """Which indicator a count is of, in which period, and in which division of the city ("" where none is asked)."""

    indicator: str
    period: str
    division: str = ""


@dataclass(frozen=True)
class Split:
    """A split: its name and its categories; a category's number is its place. Without ``total`` the categories are not added up."""

    name: str
    categories: Sequence[str]
    total: bool = True


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts rows by the sex of their person. ``sex`` (persons,) is the place of each person's sex in `SEX_NAMES`."""

    sex: NDArray[np.int64]

    def rows(self, place: Place, measures: Mapping[str, NDArray[np.int64]]) -> Iterator[Row]:
        """Give the number of entries of each measure; an entry is the place of its person among the persons."""
        for measure, who in measures.items():
            counted = np.bincount(self.sex[who], minlength=len(SEX_NAMES))
            yield from _written(place, measure, "", "", counted)

    def persons(self, place: Place, measures: Mapping[str, NDArray[np.int64]]) -> Iterator[Row]:
        """Give the number of distinct persons of each measure."""
        yield from self.rows(place, {measure: np.unique(who) for measure, who in measures.items()})

    def rows_by(
        self, place: Place, measure: str, *, split: Split, category: NDArray[np.int64], who: NDArray[np.int64]
    ) -> Iterator[Row]:
        """Give the number of entries by category; ``category`` and ``who`` have shape (entries,)."""
        n_sexes, n_categories = len(SEX_NAMES), len(split.categories)
        cells = np.bincount(category * n_sexes + self.sex[who], minlength=n_sexes * n_categories)
        for name, counted in zip(split.categories, cells.reshape(n_categories, n_sexes), strict=True):
            yield from _written(place, measure, split.name, name, counted)
        if split.total:
            yield from _written(place, measure, split.name, ALL, np.bincount(self.sex[who], minlength=len(SEX_NAMES)))

    def persons_by(
        self, place: Place, measure: str, *, split: Split, category: NDArray[np.int64], who: NDArray[np.int64]
    ) -> Iterator[Row]:
        """Give the number of distinct persons by category, and of all of them, each once."""
        found = np.unique(who * len(split.categories) + category)
        each = Split(split.name, split.categories, total=False)
        yield from self.rows_by(
            place, measure, split=each, category=found % len(split.categories), who=found // len(split.categories)
        )
        counted = np.bincount(self.sex[np.unique(who)], minlength=len(SEX_NAMES))
        yield from _written(place, measure, split.name, ALL, counted)


def beside_other_years(rows: Iterable[Row], *, divisions: Sequence[str] = ("",)) -> Iterator[Row]:
    """Give the rows, and once more those of both sexes together in the divisions, which other years stand beside.

    >>> row = ("exits_after_support", "n_exits", "2024", "", "", "", ALL, 2)
    >>> [each[0] for each in beside_other_years([row])]
    ['exits_after_support', 'exits_after_support_by_year']
    """
    for row in rows:
        yield row
        indicator, measure, period, division, split, category, sex, n = row
        if sex == ALL and division in divisions:
            yield f"{indicator}_by_year", measure, period, division, split, category, sex, n


def as_counts(rows: Iterable[Row]) -> pd.DataFrame:
    """Return the rows as a table in the order of its keys."""
    table = pd.DataFrame(list(rows), columns=COLUMNS).astype({"n": "int64"})
    return table.sort_values(KEYS, kind="stable", ignore_index=True)


def add_up(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the sum of the counts of chunks that have no person in common.

    >>> one = as_counts([("stock_and_flow", "n_entries", "2024", "", "", "", "all", 2)])
    >>> add_up([one, one])["n"].tolist()
    [4]
    """
    parts = list(parts) or [as_counts([])]
    return pd.concat(parts, ignore_index=True).groupby(KEYS, as_index=False, sort=True)["n"].sum()


def _written(place: Place, measure: str, split: str, category: str, counted: NDArray) -> Iterator[Row]:
    numbers = {ALL: int(counted.sum())} | {name: int(n) for name, n in zip(SEX_NAMES, counted, strict=True)}
    for sex, n in numbers.items():
        if n:
            yield place.indicator, measure, place.period, place.division, split, category, sex, n
