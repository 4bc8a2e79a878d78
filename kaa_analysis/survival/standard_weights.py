"""Weights that give one group of spells another group's distribution over strata, on the support that both have."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean


class Season(StrEnum):
    """How finely the time of the year of entry is told apart."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, eq=False)
class StandardWeights:
    """``group`` (n,) tells which spells of the group have a counterpart; ``others`` (m,) are the weights of the others, 0 of those that are none's.

    The others' weights add up to the number of spells of the group that have a counterpart.
    """

    group: NDArray[np.bool_]
    others: NDArray[np.float64]


def entry_strata(times: pd.DataFrame, *, season: str) -> pd.DataFrame:
    """Return the strata of each spell, from finer to coarser: age at entry in whole years with month or quarter of entry, and age alone.

    An unknown age is one of its own.

    >>> spells = pd.DataFrame({"age_at_entry": [16, 17], "entry_date": pd.to_datetime(["2024-02-01", "2024-08-20"])})
    >>> entry_strata(spells, season="quarter")["age_and_season"].tolist()
    ['16:1', '17:3']

    Raises:
        DefinitionError: the season is none of the two.
    """
    if season not in list(Season):
        raise DefinitionError(
            f"Tiden på året ska vara {' eller '.join(Season)}{did_you_mean(str(season), Season)}.", found=str(season)
        )
    entry = times["entry_date"].dt
    time_of_year = (entry.month if season == Season.MONTH else entry.quarter).astype("string")
    age = times["age_at_entry"].astype("Int64").astype("string").fillna("")
    return pd.DataFrame({"age_and_season": age + ":" + time_of_year, "age": age})


def standard_weights(group: pd.DataFrame, others: pd.DataFrame) -> StandardWeights:
    """Return the weights by which ``others`` (m rows) are distributed over the strata as ``group`` (n rows).

    Both have a column per stratification, from finer to coarser. Each spell of the group stands for itself, and is shared equally among those of the others
    that are in its stratum by the first stratification in which there are any. One that has a counterpart in none is left out.

    >>> group = pd.DataFrame({"fine": ["a1", "a1", "b1", "c1"], "coarse": ["a", "a", "b", "c"]})
    >>> others = pd.DataFrame({"fine": ["a1", "b2", "b3", "d1"], "coarse": ["a", "b", "b", "d"]})
    >>> weights = standard_weights(group, others)
    >>> weights.group.tolist(), weights.others.tolist()
    ([True, True, True, False], [2.0, 0.5, 0.5, 0.0])
    """
    weight = pd.Series(0.0, index=others.index)
    alone = pd.Series(True, index=group.index)
    for name in group.columns:
        n_others = others[name].value_counts()
        matched = alone & group[name].isin(n_others.index)
        share = group.loc[matched, name].value_counts() / n_others
        weight += others[name].map(share).fillna(0.0).astype(float)
        alone &= ~matched
    return StandardWeights(group=~alone.to_numpy(dtype=bool), others=weight.to_numpy(dtype=float))
