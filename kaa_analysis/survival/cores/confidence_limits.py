"""Pointwise confidence limits of a probability on one of three scales, as R's ``survfit`` computes them, and of a cumulative hazard."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from kaa_analysis.core.errors import DefinitionError, did_you_mean

ROUNDING = 1e-12
"""A probability this near 0 or 1 is taken to be 0 or 1: it differs only by the rounding of its sum."""


class IntervalScale(StrEnum):
    """The scale on which an interval is symmetric."""

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"


def confidence_limits(
    probability: NDArray, *, se: NDArray, interval: str = IntervalScale.LOG_LOG, level: float = 0.95
) -> tuple[NDArray, NDArray]:
    """Return the lower and upper limits, each of the shape of ``probability``.

    ``se`` is the standard error of the probability itself. Limits are NaN where the scale cannot carry them: at 0 (log)
    and at 0 and 1 (log-log). Plain limits are cut at 0 and 1, log limits at 1.

    >>> lower, upper = confidence_limits(np.array([0.5]), se=np.array([0.1]))
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.2952], [0.6745])

    Raises:
        DefinitionError: the scale is none of the three, or the level does not lie between 0 and 1.
    """
    scale, z = _scale(interval), normal_quantile(level)
    probability, se = np.asarray(probability, dtype=float), np.asarray(se, dtype=float)
    if scale is IntervalScale.PLAIN:
        return np.maximum(probability - z * se, 0), np.minimum(probability + z * se, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale is IntervalScale.LOG:
            inside = np.where(probability > ROUNDING, probability, np.nan)
            width = z * se / inside
            return inside * np.exp(-width), np.minimum(inside * np.exp(width), 1)
        inside = np.where((probability > ROUNDING) & (probability < 1 - ROUNDING), probability, np.nan)
        width = np.exp(z * se / (inside * -np.log(inside)))
        return inside**width, inside ** (1 / width)


def hazard_limits(
    hazard: NDArray, *, se: NDArray, interval: str = IntervalScale.LOG, level: float = 0.95
) -> tuple[NDArray, NDArray]:
    """Return the lower and upper limits of a cumulative hazard, each of the shape of ``hazard``.

    Plain limits are cut at 0; log limits, ``H · exp(± z · se / H)``, are NaN at 0.

    >>> lower, upper = hazard_limits(np.array([0.5]), se=np.array([0.1]))
    >>> lower.round(4).tolist(), upper.round(4).tolist()
    ([0.3379], [0.74])

    Raises:
        DefinitionError: the scale is neither log nor plain, or the level does not lie between 0 and 1.
    """
    scale, z = _scale(interval), normal_quantile(level)
    if scale is IntervalScale.LOG_LOG:
        raise DefinitionError(
            "En kumulativ intensitet har inga gränser på log-log-skalan.",
            action=f'välj "{IntervalScale.LOG}" eller "{IntervalScale.PLAIN}"',
        )
    if scale is IntervalScale.PLAIN:
        return np.maximum(hazard - z * se, 0), hazard + z * se
    inside = np.where(hazard > 0, hazard, np.nan)
    width = np.exp(z * se / inside)
    return inside / width, inside * width


def _scale(interval: str) -> IntervalScale:
    if interval not in list(IntervalScale):
        hint = did_you_mean(interval, IntervalScale)
        raise DefinitionError(
            f'Intervallskalan "{interval}" finns inte{hint}.', found=f"kända: {', '.join(IntervalScale)}"
        )
    return IntervalScale(interval)


def normal_quantile(level: float) -> float:
    """Return how many standard errors an interval of ``level`` reaches to each side.

    >>> round(normal_quantile(0.95), 6)
    1.959964

    Raises:
        DefinitionError: the level does not lie between 0 and 1.
    """
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=str(level))
    return float(ndtri((1 + level) / 2))
