"""What the limits of a coverage study come to: a row per size and interval, ours beside R's on the draws that R did."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.recovery.coverage_run import FoundLimits
from tests.recovery.interval_families import LIMITS, rows_of

LOWER, UPPER = 0, 1


def coverage_table(found: Iterable[FoundLimits]) -> pd.DataFrame:
    """Return a row per size and interval, families in their order.

    ``expected`` is n·F(1 − F) of what is a probability. ``coverage`` counts an interval that is not defined as one that misses; ``width`` is
    the mean of those that are finite, ``undefined`` and ``endless`` are shares of the replicates. Columns with ``r_`` are R's, those with ``same_``
    ours on the same draws; ``difference`` is the greatest relative difference of a limit, ``only_one`` the number of intervals that
    only one of the two gives.
    """
    return pd.concat([_of_family(limits, family) for limits in found for family in LIMITS], ignore_index=True)


def coverage(limits: NDArray, truth: NDArray) -> NDArray:
    """Return the share of replicates whose limits hold the truth (rows,), of limits (replicates, rows, 2)."""
    with np.errstate(invalid="ignore"):
        return ((limits[..., LOWER] <= truth) & (truth <= limits[..., UPPER])).mean(axis=0)


def _of_family(found: FoundLimits, family: str) -> pd.DataFrame:
    rows, ours, r = rows_of(family), found.ours[family], found.r[family]
    same, truth = ours[: len(r)], rows["truth"].to_numpy()
    return rows.drop(columns="share").assign(
        n=found.n,
        expected=found.n * rows["share"] * (1 - rows["share"]),
        replicates=len(ours),
        coverage=coverage(ours, truth),
        width=_width(ours),
        undefined=_undefined(ours).mean(axis=0),
        endless=np.isinf(ours).any(axis=-1).mean(axis=0),
        r_replicates=len(r),
        r_coverage=coverage(r, truth),
        r_width=_width(r),
        same_coverage=coverage(same, truth),
        same_width=_width(same),
        difference=_difference(same, r),
        only_one=(_undefined(same) != _undefined(r)).sum(axis=0),
    )


def _undefined(limits: NDArray) -> NDArray[np.bool_]:
    return np.isnan(limits).any(axis=-1)


def _width(limits: NDArray) -> NDArray:
    with np.errstate(invalid="ignore"):
        width = limits[..., UPPER] - limits[..., LOWER]
    finite = np.isfinite(width)
    return np.where(finite, width, 0.0).sum(axis=0) / np.maximum(finite.sum(axis=0), 1)


def _difference(ours: NDArray, r: NDArray) -> NDArray:
    """Return the greatest relative difference of a limit that both give, shape (rows,)."""
    alike = (ours == r) | np.isnan(ours) | np.isnan(r)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.abs(ours - r) / np.abs(r)
    return np.where(alike, 0.0, difference).max(axis=(0, 2))
