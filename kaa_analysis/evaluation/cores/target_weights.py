"""Weights that make treated and untreated stand for the same persons: everybody, the treated, or those who could be either."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.propensity_score import PropensityScore

LARGEST_SHARE = 0.5
"""One row that weighs more than this share of its group answers alone: there is no overlap."""


class Target(StrEnum):
    """For whom the effect is asked: all rows, the treated, or all in proportion to how uncertain their treatment was."""

    ATE = "ate"
    ATT = "att"
    OVERLAP = "overlap"


@dataclass(frozen=True, eq=False)
class TargetWeights:
    """The ``weight`` (n,) of each row and its ``slope`` (n,), the derivative by the linear predictor of the score; 0 where the weight was truncated.

    ``truncated_at`` are the two limits that the weights were brought within (0 and infinity without truncation), ``n_truncated`` the rows below and
    above.
    """

    score: PropensityScore
    target: Target
    weight: NDArray[np.float64]
    slope: NDArray[np.float64]
    truncated_at: tuple[float, float]
    n_truncated: tuple[int, int]


def target_weights(
    score: PropensityScore, *, target: str, truncation: tuple[float, float] | None = None
) -> TargetWeights:
    """Return the weights with which the difference of means is the effect for the ``target``, with *p* the score:

    =========  ===========  ============
    target     treated      untreated
    =========  ===========  ============
    "ate"      1 / p        1 / (1 − p)
    "att"      1            p / (1 − p)
    "overlap"  1 − p        p
    =========  ===========  ============

    ``truncation`` names two quantiles, as (0.01, 0.99): weights outside those quantiles are set to them. For "att" they are the quantiles among the
    untreated, the only ones whose weights differ, else among all. A quantile is the smallest weight that so large a share of the rows does not
    exceed.

    >>> from kaa_analysis.evaluation.cores.propensity_score import propensity_score
    >>> score = propensity_score([[0], [0], [0], [1], [1]], [0, 0, 1, 0, 1])
    >>> target_weights(score, target="att").weight.round(4).tolist()
    [0.5, 0.5, 1.0, 1.0, 1.0]

    Raises:
        DefinitionError: the target is unknown, the quantiles are not two that lie in order in 0 … 1, or one of three rows or more in a group
            outweighs all others of it together.

    **Source** Hirano, Imbens & Ridder 2003; Li, Morgan & Zaslavsky 2018 (overlap); Cole & Hernán 2008 (truncation); `docs/methods/propensity_weighting.md`.
    """
    wanted = named_target(target)
    weight, slope = _weights(score.score, score.treated, wanted)
    limits, n_truncated = (0.0, np.inf), (0, 0)
    if truncation is not None:
        varying = ~score.treated if wanted is Target.ATT else np.ones(len(weight), dtype=bool)
        limits = _limits(weight[varying], truncation)
        below, above = varying & (weight < limits[0]), varying & (weight > limits[1])
        n_truncated = (int(below.sum()), int(above.sum()))
        weight = np.where(below, limits[0], np.where(above, limits[1], weight))
        slope = np.where(below | above, 0.0, slope)
    _refuse_one_row(weight, score.treated)
    return TargetWeights(score, wanted, weight, slope, limits, n_truncated)


def named_target(target: str) -> Target:
    """Return the target of that name.

    Raises:
        DefinitionError: there is none.
    """
    if target not in tuple(Target):
        hint = did_you_mean(target, Target)
        raise DefinitionError(f'Målet "{target}" finns inte{hint}.', found=f"kända: {', '.join(Target)}")
    return Target(target)


def _weights(score: NDArray, treated: NDArray[np.bool_], target: Target) -> tuple[NDArray, NDArray]:
    with np.errstate(divide="ignore"):  # a treated row's score may be 1, an untreated row's 0, to rounding
        odds, against = score / (1 - score), (1 - score) / score
    if target is Target.ATE:
        return np.where(treated, 1 + against, 1 + odds), np.where(treated, -against, odds)
    if target is Target.ATT:
        return np.where(treated, 1.0, odds), np.where(treated, 0.0, odds)
    spread = score * (1 - score)
    return np.where(treated, 1 - score, score), np.where(treated, -spread, spread)


def _limits(weight: NDArray, truncation: tuple[float, float]) -> tuple[float, float]:
    quantiles = np.asarray(truncation, dtype=float)
    if quantiles.shape != (2,) or not 0 <= quantiles[0] < quantiles[1] <= 1:
        raise DefinitionError(
            "Vikterna trunkeras vid två kvantiler i ordning mellan 0 och 1.",
            found=str(tuple(quantiles.ravel().tolist())),
        )
    low, high = np.quantile(weight, quantiles, method="inverted_cdf")
    return float(low), float(high)


def _refuse_one_row(weight: NDArray, treated: NDArray[np.bool_]) -> None:
    arms = {"behandlade": weight[treated], "obehandlade": weight[~treated]}
    found = [
        f"{name}: en rad bär mer än hälften av vikten, {arm.size} rader"
        for name, arm in arms.items()
        if arm.size > 2 and arm.max() > LARGEST_SHARE * arm.sum()
    ]
    found += [f"{name}: ingen ändlig vikt" for name, arm in arms.items() if not 0 < arm.sum() < np.inf]
    if found:
        raise DefinitionError(
            "Ingen rad får väga mer än alla andra i sin grupp tillsammans: grupperna överlappar inte.",
            found=found,
            action='snäva in vilka som jämförs, välj målet "overlap" eller trunkera vikterna',
        )
