"""How alike treated and untreated are before and after weighting: standardised differences of means, ratios of variances, effective numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.target_weights import Target, TargetWeights
from kaa_analysis.evaluation.cores.two_groups import treated_rows
from kaa_analysis.survival.cores.covariate_matrix import LEAST_SPREAD, covariate_matrix


class Denominator(StrEnum):
    """What a difference of means is divided by, always before weighting: the treated's standard deviation, or the root of the mean of both variances."""

    TREATED = "treated"
    POOLED = "pooled"


@dataclass(frozen=True, eq=False)
class CovariateBalance:
    """The balance of ``k`` covariates; means and variances have shape (2, k), the treated first.

    ``smd_*`` (k,) is (mean of the treated − mean of the untreated) / standard deviation by the named ``denominator``; where that is 0, it is 0 for
    equal means and NaN else. ``variance_ratio_*`` (k,) is the treated's variance by the untreated's, NaN where the latter is 0. ``n_rows`` and
    ``n_effective`` (2,) are the rows and what they are worth with their weights, (Σ w)² / Σ w².
    """

    names: tuple[str, ...]
    denominator: Denominator
    mean_before: NDArray[np.float64]
    mean_after: NDArray[np.float64]
    smd_before: NDArray[np.float64]
    smd_after: NDArray[np.float64]
    variance_ratio_before: NDArray[np.float64]
    variance_ratio_after: NDArray[np.float64]
    n_rows: NDArray[np.intp]
    n_effective: NDArray[np.float64]


def covariate_balance(
    covariates: ArrayLike,
    *,
    treated: ArrayLike,
    weight: ArrayLike,
    denominator: str,
    names: Iterable[str] | None = None,
) -> CovariateBalance:
    """Return the balance of ``covariates`` (n, k) with ``names`` (k,) between the ``treated`` (n,) and the others, without and with ``weight`` (n,).

    ``denominator`` is "treated" (for an effect on the treated) or "pooled" (for one on all); `weighted_balance` chooses by the target. The weights,
    numbers ≥ 0, may be those of a matched sample. Variances have the divisor Σ w − Σ w² / Σ w, which for equal weights is n − 1.

    >>> found = covariate_balance([[1], [3], [0], [1], [5]], treated=[1, 1, 0, 0, 0], weight=[1, 1, 0, 1, 1], denominator="treated")
    >>> found.smd_before.round(4).tolist(), found.smd_after.round(4).tolist(), found.n_effective.tolist()
    ([0.0], [-0.7071], [2.0, 2.0])

    Raises:
        DefinitionError: a covariate is missing or no number, a weight is missing or negative, a group has fewer than two rows with a weight, or the
            denominator is none.

    **Counts** the rows, each with its weight.
    **Missing** is refused.
    **Source** Austin 2009; Austin & Stuart 2015; Kish 1965 (effective number); `docs/methods/propensity_weighting.md`.
    """
    who = treated_rows(treated)
    matrix, covariate_names = covariate_matrix(covariates, n_rows=len(who), names=names)
    weights = _known_weights(weight, who)
    by = _named_denominator(denominator)
    mean_before, variance_before = _moments(matrix, np.ones(len(who)), who)
    mean_after, variance_after = _moments(matrix, weights, who)
    spread = np.sqrt(variance_before[0] if by is Denominator.TREATED else variance_before.mean(axis=0))
    return CovariateBalance(
        names=covariate_names,
        denominator=by,
        mean_before=mean_before,
        mean_after=mean_after,
        smd_before=_standardised(mean_before, spread),
        smd_after=_standardised(mean_after, spread),
        variance_ratio_before=_ratio(variance_before),
        variance_ratio_after=_ratio(variance_after),
        n_rows=np.array([who.sum(), (~who).sum()]),
        n_effective=np.array([weights[arm].sum() ** 2 / (weights[arm] ** 2).sum() for arm in (who, ~who)]),
    )


def weighted_balance(
    covariates: ArrayLike, *, weights: TargetWeights, names: Iterable[str] | None = None
) -> CovariateBalance:
    """Return the balance without and with ``weights``, by the treated's standard deviation for the target "att" and the pooled one for the others.

    Raises:
        DefinitionError: as `covariate_balance`.
    """
    denominator = Denominator.TREATED if weights.target is Target.ATT else Denominator.POOLED
    return covariate_balance(
        covariates, treated=weights.score.treated, weight=weights.weight, denominator=denominator, names=names
    )


def _known_weights(weight: ArrayLike, treated: NDArray[np.bool_]) -> NDArray[np.float64]:
    weights = np.asarray(weight, dtype=float)
    if weights.shape != treated.shape:
        raise DefinitionError("Varje rad ska ha en vikt.", found=f"{weights.size} vikter, {treated.size} rader")
    n_refused = int((~(np.isfinite(weights) & (weights >= 0))).sum())
    if n_refused:
        raise DefinitionError(
            "En vikt ska vara ett tal från 0 och uppåt.", found=f"andra värden: {n_refused} av {weights.size}"
        )
    n_weighing = [int((weights[arm] > 0).sum()) for arm in (treated, ~treated)]
    if min(n_weighing) < 2:
        raise DefinitionError(
            "Balans behöver minst två rader med vikt i varje grupp.",
            found=f"behandlade: {n_weighing[0]}, obehandlade: {n_weighing[1]}",
        )
    return weights


def _named_denominator(denominator: str) -> Denominator:
    if denominator not in tuple(Denominator):
        raise DefinitionError(f'Nämnaren "{denominator}" finns inte.', found=f"kända: {', '.join(Denominator)}")
    return Denominator(denominator)


def _moments(matrix: NDArray, weights: NDArray, treated: NDArray[np.bool_]) -> tuple[NDArray, NDArray]:
    """Return the means and the variances of the treated and the untreated, each (2, k); a spread that is rounding is 0."""
    means, variances = [], []
    for arm in (treated, ~treated):
        weight, values = weights[arm], matrix[arm]
        total = weight.sum()
        mean = weight @ values / total
        variance = weight @ (values - mean) ** 2 / (total - (weight**2).sum() / total)
        means.append(mean)
        variances.append(np.where(np.sqrt(variance) > LEAST_SPREAD * np.abs(mean), variance, 0.0))
    return np.array(means), np.array(variances)


def _standardised(means: NDArray, spread: NDArray) -> NDArray:
    difference = means[0] - means[1]
    equal = np.abs(difference) <= LEAST_SPREAD * np.abs(means).max(axis=0)
    return np.divide(difference, spread, out=np.where(equal, 0.0, np.nan), where=spread > 0)


def _ratio(variances: NDArray) -> NDArray:
    return np.divide(variances[0], variances[1], out=np.full(variances.shape[1], np.nan), where=variances[1] > 0)
