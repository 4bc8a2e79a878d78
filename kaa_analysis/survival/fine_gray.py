"""Fine and Gray's regression of the subdistribution hazard: how covariates go with the cumulative incidence of one way out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.survival.confidence_limits import normal_quantile
from kaa_analysis.survival.counted_spells import CountedSpells, counted_spells
from kaa_analysis.survival.subdistribution import (
    CensoringTies,
    Likelihood,
    Subdistribution,
    censoring_residuals,
    likelihood,
    score_residuals,
    subdistribution,
)

DECREMENT = 1e-16
"""Newton's method has converged when a step raises the log likelihood by less."""
MOST_STEPS = 60
MOST_HALVINGS = 30
WIDEST = 25.0
"""Fitted log hazards further apart than this are on their way to infinity (a monotone likelihood)."""
SINGULAR = 1e-10
"""Covariates whose correlations, or information, have an eigenvalue this small beside the largest cannot be told apart."""
NOT_ESTIMABLE = "Modellen går inte att skatta."


@dataclass(frozen=True, eq=False)
class FineGray:
    """The fit of ``p`` covariates: ``coefficients`` (log ratios of the subdistribution hazard), ``se``, ``lower``, ``upper`` of shape (p,).

    ``covariance`` (p, p) is the sandwich with the weights estimated, as in cmprsk's ``crr``; ``covariance_weights_known`` without what
    their estimation adds, as survival's ``coxph`` gives for ``finegray`` data. ``se`` and the limits rest on the first.
    """

    coefficients: NDArray
    se: NDArray
    lower: NDArray
    upper: NDArray
    covariance: NDArray
    covariance_weights_known: NDArray
    log_likelihood: float
    n_spells: int
    n_events: int


def fine_gray(
    entry: ArrayLike,
    exit: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    *,
    n_causes: int,
    cause_of_interest: int = 1,
    ties: str = CensoringTies.CRR,
    level: float = 0.95,
) -> FineGray:
    """Regress the subdistribution hazard of one cause on covariates that are known at time zero, the other causes competing.

    ``entry`` (all 0: delayed entry needs weights that are not there yet), ``exit`` and ``cause`` (0 = censored, 1 … ``n_causes``) have shape
    (n,), ``covariates`` (n, p). Tied events are treated after Breslow. ``ties`` says who may be censored at a time at which others
    leave: "crr", they too, or "finegray", not they.

    >>> exit, cause, group = [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 0, 1, 2, 1, 0], [0, 1, 1, 0, 0, 1, 0, 1]
    >>> fit = fine_gray([0] * 8, exit, cause, np.array(group)[:, None], n_causes=2)
    >>> fit.coefficients.round(4).tolist(), fit.n_events
    ([-1.5466], 4)

    Raises:
        DefinitionError: a time or cause that cannot be counted (`counted_spells`), a delayed entry, covariates of another length or
            with missing values, constant or collinear ones, no event of the cause, coefficients that go to infinity, or an unknown
            tie rule or level.

    **Counts** spells.
    **Time** since time zero; at risk in (entry, exit]; events come before censorings of the same time.
    **Missing** is refused.
    **Source** Fine & Gray 1999; `docs/methods/fine_gray.md`.
    """
    rule, z = _tie_rule(ties), normal_quantile(level)
    spells = counted_spells(entry, exit, cause, n_causes=n_causes)
    _check_entries(spells)
    kinds = np.where(spells.cause == cause_of_interest, 1, np.where(spells.cause > 0, 2, 0))
    n_events = int((kinds == 1).sum())
    if n_events == 0:
        raise DefinitionError(NOT_ESTIMABLE, found=f"händelser av orsaken: 0 av {len(kinds)} perioder")
    standard, scale = _standardised(covariates, n_spells=len(kinds))
    weighted = subdistribution(spells.grid, kinds, ties=rule)
    fitted, fit = _maximum(weighted, standard)
    inverse = np.linalg.inv(fit.information)
    known = score_residuals(weighted, standard, fit)
    residuals = known + censoring_residuals(weighted, standard, fit)
    covariance, of_known = (inverse @ (part.T @ part) @ inverse / np.outer(scale, scale) for part in (residuals, known))
    coefficients, se = fitted / scale, np.sqrt(np.diag(covariance))
    return FineGray(
        coefficients=coefficients,
        se=se,
        lower=coefficients - z * se,
        upper=coefficients + z * se,
        covariance=covariance,
        covariance_weights_known=of_known,
        log_likelihood=fit.value,
        n_spells=len(kinds),
        n_events=n_events,
    )


def _maximum(spells: Subdistribution, covariates: NDArray) -> tuple[NDArray, Likelihood]:
    """Return the coefficients of the largest likelihood, by Newton's method with halved steps, and the likelihood there."""
    fitted = np.zeros(covariates.shape[1])
    fit = likelihood(spells, covariates, fitted)
    for _ in range(MOST_STEPS):
        if not _estimable(fit.information) or np.ptp(covariates @ fitted) > WIDEST:
            break
        step = np.linalg.solve(fit.information, fit.score)
        converged = fit.score @ step < DECREMENT
        fitted, fit = _climbed(spells, covariates, fitted, fit, step)
        if converged:
            return fitted, fit
    raise DefinitionError(
        NOT_ESTIMABLE,
        found=f"ett samband saknar gräns, eller syns inte bland de {int(spells.n_event.sum())} händelserna",
        action="ta bort eller slå ihop kovariater där en grupp saknar händelser",
    )


def _climbed(
    spells: Subdistribution, covariates: NDArray, fitted: NDArray, fit: Likelihood, step: NDArray
) -> tuple[NDArray, Likelihood]:
    lowest = fit.value - 1e-12 * abs(fit.value)
    for _ in range(MOST_HALVINGS):
        with np.errstate(over="ignore", invalid="ignore"):
            tried = likelihood(spells, covariates, fitted + step)
        if tried.value >= lowest:
            return fitted + step, tried
        step = step / 2
    return fitted, fit


def _estimable(matrix: NDArray) -> bool:
    eigenvalues = np.linalg.eigvalsh(matrix)
    return bool(eigenvalues[0] > SINGULAR * eigenvalues[-1])


def _standardised(covariates: ArrayLike, *, n_spells: int) -> tuple[NDArray, NDArray]:
    """Return the covariates less their means, by their standard deviations, and the latter."""
    covariates = np.asarray(covariates)
    if covariates.ndim != 2 or len(covariates) != n_spells or covariates.shape[1] == 0:
        raise DefinitionError(
            "Kovariaterna ska ha en rad per period och minst en kolumn.",
            found=f"form {covariates.shape} för {n_spells} perioder",
        )
    if covariates.dtype.kind not in "biuf":
        raise DefinitionError("Kovariaterna ska vara tal.", found=f"typ {covariates.dtype}")
    covariates = covariates.astype(float)
    n_missing = int((~np.isfinite(covariates)).any(axis=1).sum())
    if n_missing:
        raise DefinitionError("Kovariaterna ska vara kända för varje period.", found=f"utan: {n_missing} av {n_spells}")
    centred = covariates - covariates.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0))
    constant = scale <= SINGULAR * np.abs(covariates).max(axis=0)
    if constant.any() or not _estimable(centred.T / scale[:, None] @ (centred / scale) / n_spells):
        raise DefinitionError(
            "Kovariaterna ska variera och får inte följa av varandra.",
            found=f"konstanta kolumner: {constant.sum()} av {len(constant)}",
        )
    return centred / scale, scale


def _check_entries(spells: CountedSpells) -> None:
    n_late = int((spells.grid.first > 0).sum())
    if n_late:
        raise DefinitionError(
            "Fine och Grays modell räknas bara på perioder som följs från tid 0.",
            found=f"senare inträden: {n_late} av {len(spells.cause)}",
            action="välj en annan skattning (kumulativ incidens, orsaksspecifik modell) eller en annan tid 0",
        )


def _tie_rule(ties: str) -> CensoringTies:
    if ties not in list(CensoringTies):
        hint = did_you_mean(ties, CensoringTies)
        raise DefinitionError(f'Regeln "{ties}" finns inte{hint}.', found=f"kända: {', '.join(CensoringTies)}")
    return CensoringTies(ties)
