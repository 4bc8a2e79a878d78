"""A logistic regression by Newton's steps, with what each row moves its coefficients by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.model_design import CONSTANT
from kaa_analysis.evaluation.cores.separated_outcomes import separating_columns

SETTLED = 1e-10
"""Stop when no row's linear predictor moves more than this; Newton's next step would be about its square."""
MOST_STEPS = 60
"""Where a maximum exists, some ten steps find it; without one each step moves linear predictors on by about one."""
CERTAIN = 15.0
"""A row whose linear predictor is this far from 0 (a share of 3 in ten million) may be on its way to infinity, where the steps end by rounding alone."""


@dataclass(frozen=True, eq=False)
class LogitFit:
    """``coefficients`` (p,) of the rows; ``fitted`` (n,) shares; ``inverse_information`` (p, p); ``influence`` (n, p) of each row."""

    coefficients: NDArray[np.float64]
    fitted: NDArray[np.float64]
    inverse_information: NDArray[np.float64]
    influence: NDArray[np.float64]


def logit_fit(rows: NDArray[np.float64], outcome: NDArray[np.float64], *, names: Sequence[str], what: str) -> LogitFit:
    """Return where Σ rows (outcome − fitted share) is 0; ``what`` is the model's name in Swedish, for refusals.

    ``rows`` (n, p) is a design of full rank with ``names`` (p,), ``outcome`` (n,) 0 or 1, or any numbers whose mean is a share.

    >>> rows = np.array([[1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0]])
    >>> logit_fit(rows, np.array([0.0, 1, 0, 1, 1]), names=["konstant", "x"], what="poängen").fitted.round(4).tolist()
    [0.5, 0.5, 0.6667, 0.6667, 0.6667]

    Raises:
        DefinitionError: the outcome is told without error by some combination of columns (separation), or no maximum was found.
    """
    coefficients, step, gain = np.zeros(rows.shape[1]), np.zeros(rows.shape[1]), -np.inf
    events, looked = bool(np.isin(outcome, (0, 1)).all()), False
    for _ in range(MOST_STEPS):
        linear = rows @ (coefficients + step)
        reached = float(outcome @ linear - np.logaddexp(0, linear).sum())
        if reached < gain - SETTLED * abs(gain):
            step = step / 2
            continue
        coefficients, gain, fitted = coefficients + step, reached, expit(linear)
        far = np.abs(linear).max() > CERTAIN
        if far and events and not looked:
            looked = True
            if len(separating_columns(rows, outcome > 0)):
                break
        try:
            factor = cho_factor((rows * (fitted * (1 - fitted))[:, np.newaxis]).T @ rows)
            step = cho_solve(factor, rows.T @ (outcome - fitted))
        except (LinAlgError, ValueError):
            break
        if np.abs(rows @ step).max() <= SETTLED:
            if far and not events:
                break
            inverse = cho_solve(factor, np.eye(len(coefficients)))
            influence = (rows * (outcome - fitted)[:, np.newaxis]) @ inverse
            return LogitFit(coefficients, fitted, inverse, influence)
    raise _no_maximum(rows, outcome, names=names, what=what)


def _no_maximum(rows: NDArray, outcome: NDArray, *, names: Sequence[str], what: str) -> DefinitionError:
    if np.ptp(outcome) == 0:
        return DefinitionError(f"Utfallet ska variera: {what}.", found=f"samma värde på alla {len(outcome)} rader")
    columns = separating_columns(rows, outcome > 0) if np.isin(outcome, (0, 1)).all() else []
    if not len(columns):
        return DefinitionError(
            f"Modellen har inget största värde som går att finna: {what}.",
            found=f"{len(names)} koefficienter, {len(outcome)} rader",
            action="välj färre kovariater eller en annan modell",
        )
    return DefinitionError(
        f"Ingen kombination av kovariater får skilja utfallen helt åt (separation): {what}.",
        found=f"skiljer åt: {', '.join(names[place] for place in columns if names[place] != CONSTANT)}",
        action="snäva in vilka som jämförs till dem som kunde ha fått båda, eller slå ihop nivåer av de kovariater som nämns",
    )
