"""Rows that follow one person in pieces, which only a model with covariates that change over time can mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError

A_THIRD = 1 / 3
"""Where fewer of the clusters with several rows are cut in pieces than this, their rows meet by chance."""


def refuse_pieces(entry: NDArray, exit: NDArray, censored: NDArray[np.bool_], *, cluster: NDArray[np.intp]) -> None:
    """Refuse rows (n,) of persons (``cluster``, codes from 0) that cut time in pieces.

    A cluster is cut if its rows follow one after another and one begins at the very time at which the one before is censored. Spells
    that each have a time zero of their own lie over each other in time, and so do the rows of a school or a district.

    Raises:
        DefinitionError: a third or more of the clusters with several rows are cut.
    """
    order = np.lexsort((exit, entry, cluster))
    begins, ends, of_cluster = entry[order][1:], exit[order][:-1], cluster[order]
    same = of_cluster[1:] == of_cluster[:-1]
    several, overlapping, meeting = (
        np.unique(of_cluster[1:][same & which])
        for which in (True, begins < ends, (begins == ends) & censored[order][:-1])
    )
    n_cut = len(np.setdiff1d(meeting, overlapping))
    if n_cut and n_cut >= A_THIRD * len(several):
        raise DefinitionError(
            "Fine och Grays modell följer inte kovariater som ändras under tiden: en period ska vara en rad.",
            found=f"kluster där en rad börjar när en censurerad slutar: {n_cut} av {len(several)} med flera rader",
            action="lägg ihop bitarna, med det som var känt vid tid 0, eller använd en orsaksspecifik Coxmodell",
        )
