"""What a Cox model takes in: rows checked, those without weight left out, groups as codes, covariates centred and scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.survival.cores.covariate_matrix import covariate_matrix, scaled_covariates
from kaa_analysis.survival.cores.event_marks import as_events
from kaa_analysis.survival.cores.partial_likelihood import Ties
from kaa_analysis.survival.cores.row_labels import as_codes, label_codes
from kaa_analysis.survival.cores.time_grid import TimeGrid, time_grid
from kaa_analysis.survival.cores.weighted_spells import as_weights


@dataclass(frozen=True, eq=False, repr=False)
class CoxInput:
    """The ``n`` rows with a weight above 0. ``strata`` and ``cluster`` are codes from 0 (or None); ``levels`` names the strata.

    ``covariates`` (n, p) is centred at ``centre`` and divided by ``scale``, both (p,): weighted means and standard deviations.
    """

    entry: NDArray
    exit: NDArray
    event: NDArray[np.bool_]
    covariates: NDArray
    names: tuple[str, ...]
    centre: NDArray
    scale: NDArray
    weight: NDArray
    strata: NDArray[np.intp]
    levels: tuple
    cluster: NDArray[np.intp] | None


def cox_input(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str] | None,
    strata: ArrayLike | None,
    weight: ArrayLike | None,
    cluster: ArrayLike | None,
) -> CoxInput:
    """Check the arguments of `cox` and return them as arrays.

    Raises:
        DefinitionError: shapes differ, a value is missing or not a number, a weight is negative, there is no event, or a single cluster.
    """
    entry, exit_, event = np.asarray(entry), np.asarray(exit), np.asarray(event)
    n = len(exit_) if exit_.ndim == 1 else 0
    matrix, names = covariate_matrix(covariates, n_rows=n, names=names)
    grid = time_grid(entry, exit_)
    weight = np.ones(n) if weight is None else as_weights(weight, grid)
    kept = weight > 0
    event = (as_events(event, grid) == 1) & kept
    if not event.any():
        raise DefinitionError("Modellen behöver minst en händelse.", found=f"0 händelser bland {n} rader")
    cluster = None if cluster is None else as_codes(cluster, grid)[kept]
    if cluster is not None and not np.ptp(cluster):
        raise DefinitionError(
            "En klustrad varians behöver minst två kluster.", found=f"1 kluster av {len(cluster)} rader"
        )
    stratum, levels = _strata(strata, grid, kept)
    rows = slice(None) if kept.all() else kept
    weight = weight[rows]
    scaled, centre, scale = scaled_covariates(matrix[rows], weight)
    return CoxInput(
        entry=entry[rows],
        exit=exit_[rows],
        event=event[rows],
        covariates=scaled,
        names=names,
        centre=centre,
        scale=scale,
        weight=weight,
        strata=stratum,
        levels=levels,
        cluster=cluster,
    )


def ties_of(ties: str) -> Ties:
    """Return the rule for ties with that name.

    Raises:
        DefinitionError: there is none.
    """
    if ties not in list(Ties):
        raise DefinitionError(
            f'Regeln för samtidiga händelser "{ties}" finns inte{did_you_mean(ties, Ties)}.',
            found=f"kända: {', '.join(Ties)}",
        )
    return Ties(ties)


def _strata(strata: ArrayLike | None, grid: TimeGrid, kept: NDArray[np.bool_]) -> tuple[NDArray[np.intp], tuple]:
    """Return the stratum of each row that is ``kept``, as 0, 1, …, and the labels of those that have one."""
    if strata is None:
        return np.zeros(kept.sum(), dtype=np.intp), ()
    codes, levels = label_codes(strata, grid, what="stratum")
    present, codes = np.unique(codes[kept], return_inverse=True)
    return codes, tuple(levels[present])
