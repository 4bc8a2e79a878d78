"""The Cox model: hazard ratios with delayed entry, strata, weights and rows that follow a person in pieces, exact as R's on tied times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.collinear_covariates import refuse_collinear
from kaa_analysis.survival.cores.confidence_limits import normal_quantile
from kaa_analysis.survival.cores.cox_input import CoxInput, cox_input, ties_of
from kaa_analysis.survival.cores.cox_residuals import score_residuals
from kaa_analysis.survival.cores.event_slots import event_slots
from kaa_analysis.survival.cores.newton_steps import Maximum, maximum
from kaa_analysis.survival.cores.partial_likelihood import (
    CoxSample,
    RiskSums,
    Ties,
    cox_sample,
    cumulative_hazard_at_risk,
    risk_sums,
    score_and_information,
)

FULL_RANK = 1e-10
"""The least eigenvalue of the correlations of estimates that are tested together; below it there are too few clusters to test them."""


@dataclass(frozen=True)
class ChiSquareTest:
    """A test statistic with its degrees of freedom and its p value from the chi-square distribution; NaN where it cannot be made."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted Cox model with ``p`` covariates.

    ``coefficients`` (log hazard ratios) and ``se`` have shape (p,), ``variance`` (p, p): the infinitesimal jackknife (``robust``), summed
    within clusters if there are any, else the inverse of the information, which ``model_variance`` always is. ``unbounded`` names the
    covariates whose coefficient grows without bound (monotone likelihood): its size and its standard error mean nothing, while
    ``likelihood_ratio`` still does. ``robust_score`` is None unless ``robust``; with no more clusters than
    covariates ``wald`` is NaN. ``rows`` and ``sample`` hold the rows with a weight above 0.
    """

    names: tuple[str, ...]
    coefficients: NDArray
    se: NDArray
    variance: NDArray
    model_variance: NDArray
    robust: bool
    unbounded: tuple[str, ...]
    converged: bool
    n_iterations: int
    n_rows: int
    n_events: int
    ties: Ties
    loglik_null: float
    loglik: float
    likelihood_ratio: ChiSquareTest
    wald: ChiSquareTest
    score: ChiSquareTest
    robust_score: ChiSquareTest | None
    rows: CoxInput = field(repr=False)
    sample: CoxSample = field(repr=False)
    sums: RiskSums = field(repr=False)

    @property
    def influence(self) -> NDArray:
        """The change of each coefficient per row's weight, times the weight, shape (n, p): R's ``residuals(fit, "dfbeta")``."""
        return score_residuals(self.sample, self.sums) @ (self.model_variance * self.rows.scale[:, None])

    def table(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return one row per covariate: coefficient, se, hazard ratio with its limits, z and p value (normal distribution)."""
        width, z = normal_quantile(level) * self.se, self.coefficients / self.se
        return pd.DataFrame(
            {
                "covariate": self.names,
                "coefficient": self.coefficients,
                "se": self.se,
                "hazard_ratio": np.exp(self.coefficients),
                "lower": np.exp(self.coefficients - width),
                "upper": np.exp(self.coefficients + width),
                "z": z,
                "p_value": chi2.sf(z**2, 1),
            }
        )


def cox(
    entry: ArrayLike,
    exit: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    ties: str = Ties.EFRON,
    strata: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    robust: bool = False,
    max_iterations: int = 20,
) -> CoxModel:
    """Fit the log hazard ratios of covariates by partial likelihood.

    ``entry``, ``exit`` (any numbers ≥ 0) and ``event`` (0 or 1) have shape (n,), ``covariates`` (n, p), with one of ``names`` (x1, x2, …) per
    column. ``ties`` is "efron" or "breslow". ``strata``, ``weight`` and ``cluster`` have shape (n,): each stratum has a baseline hazard of its
    own; clusters (and ``robust``) ask for the infinitesimal-jackknife variance. A covariate that changes over time comes as several rows of
    one person, (entry, exit] after (entry, exit]: coefficients and model variance need no cluster for that.

    >>> model = cox([0, 0, 0, 0, 0, 0], [1, 2, 2, 3, 4, 5], [1, 1, 0, 1, 1, 1], [[0], [1], [1], [0], [1], [0]], names=["girl"])
    >>> model.table().round(4)[["covariate", "hazard_ratio", "lower", "upper"]].values.tolist()
    [['girl', 1.0717, 0.1454, 7.8972]]

    Raises:
        DefinitionError: shapes differ, a value is missing, a time is none that `time_grid` takes, a weight is negative, there is no event or a
            single cluster, a covariate does not vary in the risk sets or follows from others (each is named), the steps do not end, or
            the rule for ties is unknown.

    **Counts** rows: a person may have several; only ``cluster`` makes them one.
    **Time** since time zero; at risk in (entry, exit], who enters at 0 is at risk at 0; events come before censorings of the same time.
    **Missing** is refused; a row of weight 0 is not there.
    **Source** Cox 1972; Efron 1977; Breslow 1974; Lin & Wei 1989; Therneau & Grambsch 2000; steps as in R's ``coxph``. `docs/methods/cox.md`.
    """
    rule = ties_of(ties)
    rows = cox_input(entry, exit, event, covariates, names=names, strata=strata, weight=weight, cluster=cluster)
    slots = event_slots(rows.entry, rows.exit, rows.event, strata=rows.strata)
    sample = cox_sample(slots, rows.covariates, rows.weight, ties=rule)
    null = risk_sums(sample, np.zeros(len(rows.names)))
    _refuse_collinear(sample, null, rows.names)
    peak = maximum(sample, null, max_iterations=max_iterations)
    if not (peak.converged or peak.unbounded.any()):
        raise DefinitionError(
            "Anpassningen ska ha stannat.",
            found=f"stegen tog inte slut efter {peak.n_iterations} försök",
            action="se efter om någon kovariat har orimliga värden, eller höj max_iterations",
        )
    return _model(rows, sample, null, peak, rule=rule, robust=robust or rows.cluster is not None)


def _refuse_collinear(sample: CoxSample, null: RiskSums, names: Sequence[str]) -> None:
    own = (null.risk * cumulative_hazard_at_risk(sample, null)) @ sample.covariates**2
    _, information = score_and_information(sample, null)
    refuse_collinear(information, own, names=names)


def _model(rows: CoxInput, sample: CoxSample, null: RiskSums, peak: Maximum, *, rule: Ties, robust: bool) -> CoxModel:
    n_covariates = len(rows.names)
    variance, robust_score = peak.variance, None
    if robust:
        influence = score_residuals(sample, peak.sums, cluster=rows.cluster) @ peak.variance
        variance = influence.T @ influence
        robust_score = _robust_score(score_residuals(sample, null, cluster=rows.cluster))
    scales = np.outer(rows.scale, rows.scale)
    return CoxModel(
        names=rows.names,
        coefficients=peak.coefficients / rows.scale,
        se=np.sqrt(np.diag(variance)) / rows.scale,
        variance=variance / scales,
        model_variance=peak.variance / scales,
        robust=robust,
        unbounded=tuple(name for name, grows in zip(rows.names, peak.unbounded, strict=True) if grows),
        converged=peak.converged,
        n_iterations=peak.n_iterations,
        n_rows=len(rows.exit),
        n_events=int(rows.event.sum()),
        ties=rule,
        loglik_null=null.loglik,
        loglik=peak.sums.loglik,
        likelihood_ratio=_test(2 * (peak.sums.loglik - null.loglik), n_covariates),
        wald=_test(_quadratic_form(peak.coefficients, variance), n_covariates),
        score=_test(peak.score_statistic, n_covariates),
        robust_score=robust_score,
        rows=rows,
        sample=sample,
        sums=peak.sums,
    )


def _robust_score(residuals: NDArray) -> ChiSquareTest:
    return _test(_quadratic_form(residuals.sum(axis=0), residuals.T @ residuals), residuals.shape[1])


def _quadratic_form(vector: NDArray, variance: NDArray) -> float:
    """Return vector′ variance⁻¹ vector, or NaN where the variance has not full rank."""
    root = np.sqrt(np.diag(variance))
    if not (root > 0).all():
        return np.nan
    values, directions = np.linalg.eigh(variance / np.outer(root, root))
    if values[0] < FULL_RANK:
        return np.nan
    return float(((directions.T @ (vector / root)) ** 2 / values).sum())


def _test(statistic: float, df: int) -> ChiSquareTest:
    return ChiSquareTest(statistic=statistic, df=df, p_value=float(chi2.sf(statistic, df)))
