"""The groups and strata of a test of difference, and what is at risk and happens in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.row_labels import as_codes, label_codes
from kaa_analysis.survival.cores.time_grid import TimeGrid, time_grid


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
    group: ArrayLike, grid: TimeGrid, *, strata: ArrayLike | None = None, cluster: ArrayLike | None = None
) -> ComparedGroups:
    """Tell which of the rows of ``grid`` are compared with which.

    ``group``, ``strata`` (None = one stratum) and ``cluster`` (None = every row is its own) have shape (n,) and any labels
    that can be put in order.

    >>> compared_groups(["b", "a", "b"], time_grid([0, 0, 0], [1, 2, 3])).labels.tolist()
    ['a', 'b']

    Raises:
        DefinitionError: shapes differ, a label is missing, there are fewer than two groups, or a cluster has two rows.
    """
    place, labels = label_codes(group, grid, what="grupp")
    if len(labels) < 2:
        raise DefinitionError("Ett test av skillnad behöver minst två grupper.", found=f"grupper: {len(labels)}")
    stratum, names = label_codes(np.zeros(len(place)) if strata is None else strata, grid, what="stratum")
    if cluster is not None:
        _refuse_repeated(as_codes(cluster, grid))
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


def _refuse_repeated(cluster: NDArray[np.intp]) -> None:
    n_repeated = int((np.bincount(cluster) > 1).sum())
    if n_repeated:
        raise DefinitionError(
            "Testet gäller oberoende rader: en person (ett kluster) får bara ha en.",
            found=f"personer med flera rader: {n_repeated} av {int(cluster.max()) + 1}",
            action="välj varje persons första period, eller jämför grupperna med en metod vars medelfel är klustrade på person",
        )
