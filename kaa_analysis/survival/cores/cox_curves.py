"""Survival curves of a fitted Cox model: predicted for one set of covariates, or standardised over many."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.confidence_limits import IntervalScale, confidence_limits
from kaa_analysis.survival.cores.cox_model import CoxModel
from kaa_analysis.survival.cores.step_function import step_values

BLOCK = 2**20
"""So many values (times × rows) are looked at together."""


@dataclass(frozen=True, eq=False)
class ModelCurve:
    """A survival curve of a model on the ``T`` distinct event times of one stratum; every array has shape (T,).

    ``survival`` is the mean, over the rows it is standardised to, of exp(−cumulative hazard); ``se`` is its standard error, these rows being
    given. ``last`` is the last end of follow-up in the stratum: beyond it the curve is not known.
    """

    times: NDArray
    survival: NDArray
    se: NDArray
    lower: NDArray
    upper: NDArray
    last: float

    @property
    def se_log(self) -> NDArray:
        """The standard error of the logarithm of the survival: what R's ``survfit`` keeps as ``std.err`` of one predicted curve."""
        return self.se / self.survival

    def at(self, times: ArrayLike) -> pd.DataFrame:
        """Return survival, se, lower and upper just after each of ``times``; NaN beyond the last end of follow-up."""
        times = np.asarray(times)
        start = {"survival": 1.0, "se": 0.0, "lower": np.nan, "upper": np.nan}
        values = {
            name: np.where(
                times > self.last,
                np.nan,
                step_values(self.times, getattr(self, name), at=times, start=value, extend=True),
            )
            for name, value in start.items()
        }
        return pd.DataFrame({"time": times} | values)


def standardised_curve(
    model: CoxModel,
    covariates: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    stratum: Hashable = None,
    interval: str = IntervalScale.LOG_LOG,
    level: float = 0.95,
) -> ModelCurve:
    """Return the mean of the survival curves that the model predicts for each row of ``covariates`` (m, p).

    With one row this is the predicted curve of R's ``survfit`` of the model (baseline hazard of Efron or Breslow, as the model's ties). To
    compare groups give everybody's covariates twice, with the group's own column set to each value. ``weight`` (m,) weighs the rows;
    ``stratum`` names the stratum whose baseline hazard holds, and is needed where the model has strata.

    >>> from kaa_analysis.survival.cores.cox_model import cox
    >>> model = cox([0, 0, 0, 0, 0, 0], [1, 2, 2, 3, 4, 5], [1, 1, 0, 1, 1, 1], [[0], [1], [1], [0], [1], [0]])
    >>> standardised_curve(model, [[0], [1]]).at([0, 2, 4])[["time", "survival"]].round(4).values.tolist()
    [[0.0, 1.0], [2.0, 0.694], [4.0, 0.3007]]

    Raises:
        DefinitionError: the covariates are none of the model's, unknown or without weight, the stratum is unknown, a coefficient grows
            without bound, or scale or level is unknown.

    **Counts** the rows that are given: each has its own predicted curve in the mean.
    **Time** event times of the stratum; the covariates are taken to stay as they are.
    **Missing** is refused.
    **Source** Breslow 1974; Efron 1977; Tsiatis 1981 (variance); Therneau & Grambsch 2000, 10. `docs/methods/cox.md`.
    """
    if model.unbounded:
        raise DefinitionError(
            "En kurva kan skattas när alla koefficienter har en gräns.",
            found=[f"{name}: växer utan gräns" for name in model.unbounded],
            action="ta bort eller slå ihop kovariaterna",
        )
    rows, share = _rows(model, covariates, weight)
    code = _stratum_code(model, stratum)
    own = model.sample.slots.strata == code
    steps = model.sums.hazard[0][own] * np.exp(-model.sums.shift)
    squares = model.sums.hazard_squared[0][own] * np.exp(-2 * model.sums.shift)
    hazard, mean_steps = np.cumsum(steps), np.cumsum(model.sums.mean_steps[own] * np.exp(-model.sums.shift), axis=0)
    survival, slope = _mean_curve(hazard, rows, share, ratio=np.exp(rows @ (model.coefficients * model.rows.scale)))
    of_coefficients = hazard[:, None] * slope[:, 1:] - slope[:, :1] * mean_steps
    variance = model.variance * np.outer(model.rows.scale, model.rows.scale)
    se = np.sqrt(slope[:, 0] ** 2 * np.cumsum(squares) + ((of_coefficients @ variance) * of_coefficients).sum(axis=1))
    lower, upper = confidence_limits(survival, se=se, interval=interval, level=level)
    return ModelCurve(
        times=model.sample.slots.times[own],
        survival=survival,
        se=se,
        lower=lower,
        upper=upper,
        last=float(model.rows.exit[model.rows.strata == code].max()),
    )


def _mean_curve(hazard: NDArray, rows: NDArray, share: NDArray, *, ratio: NDArray) -> tuple[NDArray, NDArray]:
    """Return the mean survival (T,) and, (T, 1 + p), the means of survival × hazard ratio and of the same × covariates."""
    block = max(1, BLOCK // len(rows))
    survival, slope = [], []
    for start in range(0, len(hazard), block):
        of_row = share * np.exp(-np.outer(hazard[start : start + block], ratio))
        survival.append(of_row.sum(axis=1))
        of_row *= ratio
        slope.append(np.column_stack([of_row.sum(axis=1), of_row @ rows]))
    return np.concatenate(survival), np.concatenate(slope)


def _rows(model: CoxModel, covariates: ArrayLike, weight: ArrayLike | None) -> tuple[NDArray, NDArray]:
    """Return the covariates as the model has scaled them, and each row's share of the weight."""
    rows = np.asarray(covariates, dtype=float)
    if rows.ndim != 2 or rows.shape[1] != len(model.names) or not len(rows) or not np.isfinite(rows).all():
        raise DefinitionError(
            f"Raderna ska ha modellens {len(model.names)} kovariater, alla kända.",
            found=f"form {rows.shape}, saknade värden: {int((~np.isfinite(rows)).sum())}",
        )
    weight = np.ones(len(rows)) if weight is None else np.asarray(weight, dtype=float)
    if weight.shape != (len(rows),) or not (np.isfinite(weight) & (weight >= 0)).all() or not weight.sum():
        raise DefinitionError(
            "Raderna ska ha var sin vikt, 0 eller större, och någon vikt över 0.",
            found=f"{weight.size} vikter för {len(rows)} rader",
        )
    return (rows - model.rows.centre) / model.rows.scale, weight / weight.sum()


def _stratum_code(model: CoxModel, stratum: Hashable) -> int:
    levels = model.rows.levels
    if not levels and stratum is None:
        return 0
    if stratum not in levels:
        raise DefinitionError(
            "En kurva ska gälla ett av modellens strata.", found=f"{len(levels)} strata, inget av dem angivet"
        )
    return levels.index(stratum)
