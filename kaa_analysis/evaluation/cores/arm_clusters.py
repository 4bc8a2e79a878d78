"""Rows that belong together (a person, a coordinator, a school) as codes, at least two of them among the treated and among the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError


def arm_clusters(cluster: ArrayLike | None, treated: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the cluster of each row of ``treated`` (n,) as 0, 1, … in the order in which they come; without clusters each row is its own.

    >>> arm_clusters(["b", "a", "b", "c"], np.array([True, True, False, False])).tolist()
    [0, 1, 0, 2]

    Raises:
        DefinitionError: there is not a label for each row, one is missing, or the treated or the others all belong to one cluster, so that nothing
            tells how such groups vary.
    """
    if cluster is None:
        codes = np.arange(len(treated))
    else:
        labels = cluster if isinstance(cluster, np.ndarray) else pd.Series(cluster)
        if labels.shape != treated.shape:
            raise DefinitionError(
                "Klustret ska ha ett värde per rad.", found=f"{labels.size} värden, {len(treated)} rader"
            )
        codes, _ = pd.factorize(labels)
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError("Varje rad ska ha ett kluster.", found=f"utan: {n_missing} av {codes.size}")
    n_in_arms = [np.unique(codes[arm]).size for arm in (treated, ~treated)]
    if min(n_in_arms) < 2:
        raise DefinitionError(
            "En jämförelse behöver minst två kluster bland de behandlade och två bland de andra.",
            found=f"kluster: {n_in_arms[0]} behandlade, {n_in_arms[1]} obehandlade",
            action="välj en mindre enhet som kluster om det går att försvara, annars kan frågan inte avgöras",
        )
    return codes
