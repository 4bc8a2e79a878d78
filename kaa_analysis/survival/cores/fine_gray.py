"""Fine and Gray's regression of the subdistribution hazard: how covariates go with the cumulative incidence of one way out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.survival.cores.collinear_covariates import refuse_collinear
from kaa_analysis.survival.cores.confidence_limits import normal_quantile
from kaa_analysis.survival.cores.covariate_matrix import covariate_matrix, scaled_covariates
from kaa_analysis.survival.cores.event_marks import as_causes
from kaa_analysis.survival.cores.retained_weight import CensoringTies
from kaa_analysis.survival.cores.rows_in_pieces import refuse_pieces
from kaa_analysis.survival.cores.subdistribution import (
    Likelihood,
    Subdistribution,
    likelihood,
    retention_residuals,
    score_residuals,
    subdistribution,
)
from kaa_analysis.survival.cores.time_grid import TimeGrid, time_grid
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells, as_codes, weighted_spells

DECREMENT = 1e-16
"""Newton's method has converged when a step raises the log likelihood by less (times the mean weight)."""
MOST_STEPS = 60
MOST_HALVINGS = 30
VANISHED = 1e-10
"""Where no larger share than this is left of the information that there was at 0, a coefficient is on its way to infinity (a monotone likelihood)."""
NOT_ESTIMABLE = "Modellen går inte att skatta."


@dataclass(frozen=True, eq=False)
class FineGray:
    """The fit of ``p`` covariates: ``coefficients`` (log ratios of the subdistribution hazard), ``se``, ``lower``, ``upper`` of shape (p,).

    ``covariance`` (p, p) is the sandwich with G and H estimated, as in cmprsk's ``crr``; ``covariance_weights_known`` without what
    their estimation adds, as survival's ``coxph`` gives for ``finegray`` data. ``se`` and the limits rest on the first. ``ties`` is the
    rule of the censorings. ``n_spells`` and ``n_events`` count rows with a weight above 0.
    """

    coefficients: NDArray
    se: NDArray
    lower: NDArray
    upper: NDArray
    covariance: NDArray
    covariance_weights_known: NDArray
    log_likelihood: float
    ties: CensoringTies
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
    ties: str | None = None,
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    weighted_g: bool = True,
    level: float = 0.95,
) -> FineGray:
    """Regress the subdistribution hazard of one cause on covariates that are known at time zero, the other causes competing.

    ``entry``, ``exit`` and ``cause`` (0 = censored, 1 … ``n_causes``) have shape (n,), ``covariates`` (n, p). Tied events are treated after
    Breslow. ``ties`` says who may be censored at a time at which others leave: "crr", they too, or "finegray", not they. Left out it is
    "crr" where all are followed from the first exit, else "finegray", the only one that is defined with delayed entry.

    ``weight`` and ``cluster`` have shape (n,): the sandwich sums within clusters (left out: each spell is its own). Weights count in G and H
    too, so that a weight of 2 is the spell twice; with ``weighted_g`` false each spell counts once in these, as in survival's ``finegray``.

    >>> exit, cause, group = [1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 1, 0, 1, 2, 1, 0], [0, 1, 1, 0, 0, 1, 0, 1]
    >>> fit = fine_gray([0] * 8, exit, cause, np.array(group)[:, None], n_causes=2)
    >>> fit.coefficients.round(4).tolist(), fit.n_events, str(fit.ties)
    ([-1.5466], 4, 'crr')
    >>> late = fine_gray([0, 0, 0, 0, 0, 2, 3, 4], exit, cause, np.array(group)[:, None], n_causes=2)
    >>> late.coefficients.round(4).tolist(), str(late.ties)
    ([-1.7097], 'finegray')

    Raises:
        DefinitionError: a time, cause, weight or cluster that cannot be counted (`time_grid`, `as_causes`, `weighted_spells`), a single
            cluster, rows that follow a person in pieces (`refuse_pieces`), covariates of another length or with missing values, one that
            does not vary in the risk sets or follows from others (each is named), no event of the cause, coefficients that go to
            infinity, nobody left between an exit of another cause and a later event, an unknown level or tie rule, or "crr" with delayed entry.

    **Counts** spells.
    **Time** since time zero; at risk in (entry, exit]; events come before censorings of the same time, entries after both.
    **Missing** is refused; a spell of weight 0 is not there.
    **Source** Fine & Gray 1999; Geskus 2011; `docs/methods/fine_gray.md`.
    """
    z = normal_quantile(level)
    grid = time_grid(entry, exit)
    causes = as_causes(cause, grid, n_causes=n_causes)
    matrix, names = covariate_matrix(covariates, n_rows=len(causes), names=None)
    if cluster is not None:
        _check_clusters(entry, exit, causes == 0, cluster=as_codes(cluster, grid))
    outcome = np.where(causes == cause_of_interest, 1, np.where(causes > 0, 2, 0))
    spells = weighted_spells(grid, outcome, n_causes=2, weight=weight, cluster=cluster)
    n_events = int((spells.cause == 1).sum())
    if n_events == 0:
        raise DefinitionError(NOT_ESTIMABLE, found=f"händelser av orsaken: 0 av {len(spells.cause)} perioder")
    rows = slice(None) if spells.weight is None else np.asarray(weight) > 0
    counted = (
        spells if weighted_g else weighted_spells(spells.grid, spells.cause, n_causes=2, weight=None, cluster=None)
    )
    sums = subdistribution(spells, ties=_tie_rule(ties, spells.grid), counted=counted)
    standard, _, scale = scaled_covariates(matrix[rows], sums.weight)
    null = likelihood(sums, standard, np.zeros(len(names)))
    refuse_collinear(null.information, null.exposure @ standard**2, names=names)
    fitted, fit = _maximum(sums, standard, null)
    inverse = np.linalg.inv(fit.information) / scale
    known = score_residuals(sums, standard, fit)
    covariance = _sandwich(spells, known + retention_residuals(sums, standard, fit), inverse)
    coefficients, se = fitted / scale, np.sqrt(np.diag(covariance))
    return FineGray(
        coefficients=coefficients,
        se=se,
        lower=coefficients - z * se,
        upper=coefficients + z * se,
        covariance=covariance,
        covariance_weights_known=_sandwich(spells, known, inverse),
        log_likelihood=fit.value,
        ties=sums.retained.ties,
        n_spells=len(spells.cause),
        n_events=n_events,
    )


def _sandwich(spells: WeightedSpells, residuals: NDArray, inverse: NDArray) -> NDArray:
    """Return the sum over clusters of the squared influences, shape (p, p): ``residuals`` (n, p) by the inverse information (p, p)."""
    influences = residuals @ inverse
    if spells.cluster is not None:
        influences = np.column_stack([np.bincount(spells.cluster, weights=column) for column in influences.T])
    return influences.T @ influences


def _maximum(spells: Subdistribution, covariates: NDArray, null: Likelihood) -> tuple[NDArray, Likelihood]:
    """Return the coefficients of the largest likelihood, by Newton's method with halved steps from ``null`` at 0, and the likelihood there."""
    fitted, fit = np.zeros(covariates.shape[1]), null
    for _ in range(MOST_STEPS):
        if eigh(fit.information, null.information, eigvals_only=True)[0] < VANISHED:
            break
        step = np.linalg.solve(fit.information, fit.score)
        converged = fit.score @ step < DECREMENT * spells.weight.mean()
        fitted, fit = _climbed(spells, covariates, fitted, fit, step)
        if converged:
            return fitted, fit
    raise DefinitionError(
        NOT_ESTIMABLE,
        found=f"ett samband saknar gräns, eller syns inte bland de {int((spells.outcome == 1).sum())} händelserna",
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


def _check_clusters(
    entry: ArrayLike, exit: ArrayLike, censored: NDArray[np.bool_], *, cluster: NDArray[np.intp]
) -> None:
    if len(cluster) and cluster.max() == 0:
        raise DefinitionError(
            "En klustrad varians behöver minst två kluster.", found=f"1 kluster av {len(cluster)} perioder"
        )
    refuse_pieces(np.asarray(entry), np.asarray(exit), censored, cluster=cluster)


def _tie_rule(ties: str | None, grid: TimeGrid) -> CensoringTies:
    n_late = int((grid.first > 0).sum())
    if ties is None:
        return CensoringTies.FINEGRAY if n_late else CensoringTies.CRR
    if ties not in list(CensoringTies):
        hint = did_you_mean(ties, CensoringTies)
        raise DefinitionError(f'Regeln "{ties}" finns inte{hint}.', found=f"kända: {', '.join(CensoringTies)}")
    if n_late and ties == CensoringTies.CRR:
        raise DefinitionError(
            f'Regeln "{ties}" gäller bara perioder som följs från tid 0.',
            found=f"senare inträden: {n_late} av {len(grid.first)}",
            action=f'välj "{CensoringTies.FINEGRAY}"',
        )
    return CensoringTies(ties)
