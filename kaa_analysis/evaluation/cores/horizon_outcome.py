"""What had happened to each row by a horizon, when some were censored before it: those still seen stand for those who were lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.censoring_weight import CensoringWeight, censoring_weight
from kaa_analysis.evaluation.cores.two_groups import treated_rows
from kaa_analysis.survival.cores.event_marks import as_causes
from kaa_analysis.survival.cores.time_grid import TimeGrid, is_past, time_grid


@dataclass(frozen=True, eq=False)
class HorizonOutcome:
    """An outcome at ``horizon`` for `weighted_difference` and `augmented_difference`: ``value`` (n,), whose mean in each group is what is asked.

    ``lost`` (n,) is the part of the value that has the weight of who was still seen (with its sign); ``models`` holds, for each group and stratum,
    its rows and its model of censoring.
    """

    value: NDArray[np.float64]
    treated: NDArray[np.bool_]
    is_share: bool
    horizon: float
    lost: NDArray[np.float64]
    models: tuple[tuple[NDArray[np.intp], CensoringWeight], ...]

    def carried(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each row moves an estimate by through the models of censoring, shape (n,); ``slope`` (n,) is its derivative by each value."""
        through = np.zeros(len(slope))
        for rows, model in self.models:
            through[rows] = model.carried((slope * self.lost)[rows])
        return through


def incidence_outcome(
    exit: ArrayLike,
    cause: ArrayLike,
    *,
    treated: ArrayLike,
    horizon: float,
    of: int = 1,
    n_causes: int = 1,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> HorizonOutcome:
    """Return the outcome *left by cause ``of`` by the horizon, the other causes competing*; its mean in a group is the Aalen–Johansen estimate there.

    ``exit`` (n,) is the time of each row, ``cause`` (n,) 0 (censored) or 1 … ``n_causes``, ``treated`` (n,) 0 or 1. Who left so by the horizon has
    the value 1 / G(exit −), all others 0, where G is the share not yet censored, by Kaplan–Meier within the group or, with ``strata`` (n,), within
    each stratum of it (as the year of entry, where the end of the extract censors). ``entry`` (n,) may be given to show that all entered at 0.

    >>> found = incidence_outcome([1, 2, 3, 4, 1, 4], [0, 1, 1, 0, 1, 0], treated=[1, 1, 1, 1, 0, 0], horizon=3)
    >>> found.value.round(4).tolist()
    [0.0, 1.3333, 1.3333, 0.0, 1.0, 0.0]

    Raises:
        DefinitionError: a time, cause, group or stratum is missing or none, somebody entered late (the model of censoring would have to know when),
            the cause or horizon is none, or a group or stratum is not followed to the horizon while some are left in it.

    **Counts** the rows, each once.
    **Time** since time zero; events come before censorings of the same time, an event at the horizon counts.
    **Missing** is refused.
    **Source** Robins & Rotnitzky 1992; Scheike, Zhang & Gerds 2008; `docs/methods/horizon_outcomes.md`.
    """
    who, grid, causes = _times(exit, cause, treated=treated, entry=entry, n_causes=n_causes, horizon=horizon)
    if of not in range(1, n_causes + 1):
        raise DefinitionError(f"Orsaken ska vara en av 1–{n_causes}.", found=str(of))
    models = _models(grid, causes == 0, who, strata, horizon=horizon)
    lost = ((causes == of) & (grid.times[grid.last] <= horizon)) * _weights(models, len(who))
    return HorizonOutcome(lost, who, True, float(horizon), lost, models)


def kept_time_outcome(
    exit: ArrayLike,
    cause: ArrayLike,
    *,
    treated: ArrayLike,
    horizon: float,
    of: int | None = None,
    n_causes: int = 1,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
) -> HorizonOutcome:
    """Return the outcome *time within the horizon before leaving*; its mean in a group is the restricted mean time there.

    Arguments as in `incidence_outcome`. With ``of`` only the time after leaving by that cause is taken off (as days without a placement, the time
    after any other way out counting as without), else that after leaving by any. The value is the horizon, less, for who left so before it, (horizon
    − exit) / G(exit −).

    >>> kept_time_outcome([1, 2, 3, 4, 1, 4], [0, 1, 1, 0, 1, 0], treated=[1, 1, 1, 1, 0, 0], horizon=3).value.round(4).tolist()
    [3.0, 1.6667, 3.0, 3.0, 1.0, 3.0]

    Raises:
        DefinitionError: as `incidence_outcome`.

    **Counts** the rows, each once.
    **Time** since time zero; events come before censorings of the same time.
    **Missing** is refused.
    **Source** Robins & Rotnitzky 1992; Andersen 2013; `docs/methods/horizon_outcomes.md`.
    """
    who, grid, causes = _times(exit, cause, treated=treated, entry=entry, n_causes=n_causes, horizon=horizon)
    if of is not None and of not in range(1, n_causes + 1):
        raise DefinitionError(f"Orsaken ska vara en av 1–{n_causes}.", found=str(of))
    models = _models(grid, causes == 0, who, strata, horizon=horizon)
    left = causes > 0 if of is None else causes == of
    lost = -np.maximum(horizon - grid.times[grid.last], 0.0) * left * _weights(models, len(who))
    return HorizonOutcome(horizon + lost, who, False, float(horizon), lost, models)


def _times(
    exit: ArrayLike, cause: ArrayLike, *, treated: ArrayLike, entry: ArrayLike | None, n_causes: int, horizon: float
) -> tuple[NDArray[np.bool_], TimeGrid, NDArray[np.int64]]:
    who = treated_rows(treated)
    times = np.asarray(exit)
    if times.shape != who.shape:
        raise DefinitionError("Varje rad ska ha en tid.", found=f"{times.size} tider, {who.size} rader")
    grid = time_grid(np.zeros(len(who), dtype=int) if entry is None else entry, times)
    n_late = 0 if entry is None else int((np.asarray(entry) > 0).sum())
    if n_late:
        raise DefinitionError(
            "Censureringsvikter förutsätter att alla följs från tid 0.",
            found=f"sent inträde: {n_late} av {who.size}",
            action="räkna från en tid då alla är under observation (landmärke)",
        )
    if not (isinstance(horizon, Real) and math.isfinite(horizon) and horizon > 0):
        raise DefinitionError("Horisonten ska vara ett tal större än 0.", found=str(horizon))
    return who, grid, as_causes(cause, grid, n_causes=n_causes)


def _models(
    grid: TimeGrid, censored: NDArray[np.bool_], treated: NDArray[np.bool_], strata: ArrayLike | None, *, horizon: float
) -> tuple[tuple[NDArray[np.intp], CensoringWeight], ...]:
    """Return the rows of each group and stratum with its model of censoring."""
    groups = 2 * _strata_codes(strata, len(treated)) + treated
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    exits = grid.times[grid.last]
    grids = [time_grid(np.zeros(len(rows), dtype=int), exits[rows]) for rows in rows_of]
    n_short = sum(
        bool(is_past(horizon, of_rows.times[-1])) and bool(censored[rows][of_rows.last == len(of_rows.times) - 1].any())
        for rows, of_rows in zip(rows_of, grids, strict=True)
    )
    if n_short:
        raise DefinitionError(
            "Varje grupp och stratum ska kunna följas till horisonten.",
            found=f"når inte dit: {n_short} av {len(rows_of)}",
            action="välj en kortare horisont eller färre strata",
        )
    return tuple(
        (rows, censoring_weight(of_rows, censored[rows])) for rows, of_rows in zip(rows_of, grids, strict=True)
    )


def _strata_codes(strata: ArrayLike | None, n_rows: int) -> NDArray[np.intp]:
    if strata is None:
        return np.zeros(n_rows, dtype=np.intp)
    labels = strata if isinstance(strata, np.ndarray) else pd.Series(strata)
    if labels.shape != (n_rows,):
        raise DefinitionError("Varje rad ska ha ett stratum.", found=f"{labels.size} strata, {n_rows} rader")
    codes, _ = pd.factorize(labels)
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError("Varje rad ska ha ett stratum.", found=f"utan: {n_missing} av {n_rows}")
    return codes


def _weights(models: tuple[tuple[NDArray[np.intp], CensoringWeight], ...], n_rows: int) -> NDArray[np.float64]:
    weights = np.zeros(n_rows)
    for rows, model in models:
        weights[rows] = model.weight()
    return weights
