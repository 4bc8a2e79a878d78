"""The labels of rows as codes: of groups and strata, in the order of their labels, and of clusters."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.time_grid import TimeGrid


def label_codes(labels: ArrayLike, grid: TimeGrid, *, what: str) -> tuple[NDArray[np.intp], NDArray]:
    """Return the labels (n,) of the spells of ``grid`` as 0, 1, … in their order, and the labels; ``what`` they are is told in refusals.

    Raises:
        DefinitionError: there is not one for each spell, or one is missing.
    """
    labels, n_rows = np.asarray(labels), len(grid.last)
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


def as_codes(cluster: ArrayLike, grid: TimeGrid) -> NDArray[np.intp]:
    """Return the clusters (n,) of the spells of ``grid`` as 0, 1, … in the order in which they come.

    Raises:
        DefinitionError: there is not one for each spell, or a label is missing.
    """
    cluster = (
        cluster if isinstance(cluster, np.ndarray) else pd.Series(cluster)
    )  # which keeps labels of several kinds apart
    if cluster.shape != grid.last.shape:
        raise DefinitionError(
            "Varje tid ska ha ett kluster.", found=f"{cluster.size} kluster för {grid.last.size} tider"
        )
    codes, _ = pd.factorize(cluster)
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError("Varje tid ska ha ett kluster.", found=f"utan: {n_missing} av {cluster.size}")
    return codes
