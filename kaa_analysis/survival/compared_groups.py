"""The groups and strata of a test of difference, and what is at risk and happens in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.time_grid import TimeGrid, time_grid


@dataclass(frozen=True, eq=False)
class ComparedGroups:
    """The ``G`` groups of ``n`` rows, in the order of their labels, and the rows of each stratum.

    ``labels`` (G,), ``n_rows`` (G,) and ``place`` (n,), the group of each row as 0 … G − 1.
    """

    labels: NDArray
    n_rows: NDArray[np.intp]
    place: NDArray[np.intp]
    rows_of_strata: tuple[NDArray[np.intp], ...]


@dataclass(frozen=True, eq=False)
class GroupCounts:
    """One stratum at its ``T`` event times: ``n_at_risk`` (G, T), and ``n_event`` (K, G, T) of each cause."""

    n_at_risk: NDArray[np.intp]
    n_event: NDArray[np.intp]


def compared_groups(
    group: ArrayLike, *, n_rows: int, strata: ArrayLike | None = None, cluster: ArrayLike | None = None
) -> ComparedGroups:
    """Tell which of ``n_rows`` rows are compared with which.

    ``group``, ``strata`` (None = one stratum) and ``cluster`` (None = every row is its own) have shape (n,) and any labels
    that can be put in order.

    >>> compared_groups(["b", "a", "b"], n_rows=3).labels.tolist()
    ['a', 'b']

    Raises:
        DefinitionError: shapes differ, a label is missing, there are fewer than two groups, or a cluster has two rows.
    """
    place, labels = _codes(group, n_rows, "grupp")
    if len(labels) < 2:
        raise DefinitionError("Ett test av skillnad behöver minst två grupper.", found=f"grupper: {len(labels)}")
    stratum, names = _codes(np.zeros(n_rows) if strata is None else strata, n_rows, "stratum")
    if cluster is not None:
        _refuse_repeated(_codes(cluster, n_rows, "kluster")[0])
    ends = np.cumsum(np.bincount(stratum, minlength=len(names)))[:-1]
    rows_of_strata = tuple(np.split(np.argsort(stratum, kind="stable"), ends))
    return ComparedGroups(labels, np.bincount(place, minlength=len(labels)), place, rows_of_strata)


def group_counts(grid: TimeGrid, groups: ComparedGroups, cause: NDArray, *, n_causes: int) -> Iterator[GroupCounts]:
    """Count who is at risk and who leaves, stratum by stratum, at the stratum's own event times.

    ``cause`` (n,) is 0 (censored) … ``n_causes``.
    """
    for rows in groups.rows_of_strata:
        # A row is at risk at the places first … last of the whole grid: as times, in (first, last + 1].
        own = time_grid(grid.first[rows], grid.last[rows] + 1)
        shape = (len(groups.labels), len(own.times))
        of_group = groups.place[rows] * shape[1]
        size = shape[0] * shape[1]
        n_entered = np.bincount(of_group + own.first, minlength=size).reshape(shape)
        exits = np.bincount(cause[rows] * size + of_group + own.last, minlength=(n_causes + 1) * size)
        exits = exits.reshape(n_causes + 1, *shape)
        n_left = exits.sum(axis=0)
        n_at_risk = np.cumsum(n_entered, axis=1) - np.cumsum(n_left, axis=1) + n_left
        with_event = exits[1:].any(axis=(0, 1))
        yield GroupCounts(n_at_risk[:, with_event], exits[1:, :, with_event])


def _codes(labels: ArrayLike, n_rows: int, what: str) -> tuple[NDArray[np.intp], NDArray]:
    labels = np.asarray(labels)
    if labels.shape != (n_rows,):
        raise DefinitionError(f"Varje tid ska ha ett värde för {what}.", found=f"{labels.size} värden, {n_rows} tider")
    codes, names = pd.factorize(labels, sort=True)
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError(
            f"Värdet för {what} får inte saknas.",
            found=f"saknas på {n_missing} av {n_rows} rader",
            action="uteslut raderna i kohorten, med eget steg i flödet",
        )
    return codes, np.asarray(names)


def _refuse_repeated(cluster: NDArray[np.intp]) -> None:
    n_repeated = int((np.bincount(cluster) > 1).sum())
    if n_repeated:
        raise DefinitionError(
            "Testet gäller oberoende rader: en person (ett kluster) får bara ha en.",
            found=f"personer med flera rader: {n_repeated} av {int(cluster.max()) + 1}",
            action="välj varje persons första period, eller jämför grupperna med en metod vars medelfel är klustrade på person",
        )
