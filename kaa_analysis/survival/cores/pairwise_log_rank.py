"""Log-rank tests of every pair of groups, with p-values adjusted for how many they are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.compared_groups import compared_groups
from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.log_rank_weights import WeightFunction
from kaa_analysis.survival.cores.time_grid import time_grid


@dataclass(frozen=True, eq=False)
class PairwiseLogRank:
    """The tests of ``P`` pairs of groups, each array of shape (P,): ``first`` against ``second``, in the order of the labels.

    ``p`` is that of the pair alone, ``p_holm`` adjusted for all pairs; both are NaN where the two were never at risk together.
    """

    first: NDArray
    second: NDArray
    chi_square: NDArray
    df: NDArray[np.intp]
    p: NDArray
    p_holm: NDArray


def pairwise_log_rank(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    weight_function: str = WeightFunction.FLEMING_HARRINGTON,
    rho: float = 0.0,
    cluster: ArrayLike | None = None,
) -> PairwiseLogRank:
    """Test each pair of groups by itself, with `log_rank` and its arguments, and adjust the p-values after Holm.

    A pair is tested on its own rows alone: who is at risk, and the Kaplan–Meier estimate in the weights, are those of the two groups.
    Each result is adjusted for the tests that could be made.

    >>> pairs = pairwise_log_rank([0] * 9, [1, 2, 5, 3, 4, 6, 7, 8, 9], [1] * 9, list("aaabbbccc"))
    >>> list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)), pairs.p_holm.round(4).tolist()
    ([('a', 'b'), ('a', 'c'), ('b', 'c')], [0.343, 0.0738, 0.0738])

    Raises:
        DefinitionError: as in `log_rank`.

    **Counts** spells.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** Holm 1979; `docs/methods/log_rank.md`.
    """
    groups = compared_groups(group, time_grid(entry, exit), strata=strata, cluster=cluster)
    columns = [np.asarray(column) for column in (entry, exit, event, group)]
    strata = None if strata is None else np.asarray(strata)
    tests, pairs = [], list(combinations(range(len(groups.labels)), 2))
    for pair in pairs:
        rows = np.isin(groups.place, pair)
        own_strata = None if strata is None else strata[rows]
        own = [column[rows] for column in columns]
        tests.append(log_rank(*own, strata=own_strata, weight_function=weight_function, rho=rho))
    first, second = groups.labels[np.array(pairs).T]
    p = np.array([test.p for test in tests])
    chi_square, df = np.array([test.chi_square for test in tests]), np.array([test.df for test in tests])
    return PairwiseLogRank(first, second, chi_square, df, p, holm(p))


def holm(p: NDArray) -> NDArray:
    """Return p-values adjusted after Holm, shape (P,); NaN stays NaN and is not counted among the tests.

    >>> holm(np.array([0.01, 0.04, np.nan, 0.03])).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    order = np.argsort(p)[: int(np.isfinite(p).sum())]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)), 1)
    return adjusted
