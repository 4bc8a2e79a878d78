"""What a Cox model takes in: rows checked, those without weight left out, groups as codes, covariates centred and scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.survival.covariate_matrix import covariate_matrix, scaled_covariates
from kaa_analysis.survival.partial_likelihood import Ties


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
    given = {"händelser": event, "inträden": entry} | {
        what: np.asarray(values)
        for what, values in (("vikter", weight), ("strata", strata), ("kluster", cluster))
        if values is not None
    }
    other = [f"{what}: {values.size}" for what, values in given.items() if values.shape != (n,)]
    if other:
        raise DefinitionError(f"Det ska finnas ett värde för var och en av {n} tider.", found=other)
    weight = _weights(given.get("vikter"), n)
    kept = weight > 0
    event = _events(event) & kept
    if not event.any():
        raise DefinitionError("Modellen behöver minst en händelse.", found=f"0 händelser bland {n} rader")
    strata_codes, levels = _codes(given.get("strata"), "stratum", kept)
    cluster_codes, clusters = _codes(given.get("kluster"), "kluster", kept)
    if len(clusters) == 1:
        raise DefinitionError(
            "En klustrad varians behöver minst två kluster.", found=f"1 kluster av {kept.sum()} rader"
        )
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
        strata=np.zeros(len(weight), dtype=np.intp) if strata_codes is None else strata_codes,
        levels=levels,
        cluster=cluster_codes,
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


def _events(event: NDArray) -> NDArray[np.bool_]:
    n_unclear = int(((event != 0) & (event != 1)).sum())
    if n_unclear:
        raise DefinitionError(
            "En händelse ska vara sann eller falsk.", found=f"varken eller: {n_unclear} av {event.size}"
        )
    return event.astype(bool)


def _weights(weight: NDArray | None, n: int) -> NDArray:
    if weight is None:
        return np.ones(n)
    if weight.dtype.kind not in "biuf":
        raise DefinitionError("Vikterna ska vara tal.", found=f"typ {weight.dtype}")
    n_wrong = int((~(np.isfinite(weight) & (weight >= 0))).sum())
    if n_wrong:
        raise DefinitionError("En vikt ska vara ett känt tal, 0 eller större.", found=f"andra värden: {n_wrong} av {n}")
    return weight.astype(float)


def _codes(values: NDArray | None, what: str, kept: NDArray[np.bool_]) -> tuple[NDArray[np.intp] | None, tuple]:
    if values is None:
        return None, ()
    codes, levels = pd.factorize(values[kept], sort=True)
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError(f"Varje rad ska ha ett känt {what}.", found=f"saknas: {n_missing} av {len(codes)}")
    return codes, tuple(levels)
