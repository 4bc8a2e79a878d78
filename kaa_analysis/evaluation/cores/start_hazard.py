"""The daily probability of beginning to participate: a pooled logistic model on covariates and time, fast enough to be fitted thousands of times.

Every day on which a spell is still there and has not begun is a trial. The probability is constant within intervals of days, but for the covariates, so that
the trials of a spell in an interval are one binomial number: nothing is lost against a row per day (`docs/methods/participation.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.collinear_covariates import refuse_collinear
from kaa_analysis.survival.cores.covariate_matrix import scaled_covariates

SETTLED = 1e-6
"""The last step of a coefficient on the scale of log odds; after it the error is of the order of its square."""
LONGEST_STEP = 2.0
MOST_STEPS = 30


@dataclass(frozen=True, eq=False, repr=False)
class StartTrials:
    """The trials of ``n`` spells in ``K`` intervals of days.

    Interval *k* holds the days ``cuts[k]`` … ``cuts[k + 1]`` − 1; ``trials`` (K, n) is the number of days on which a spell could begin, ``began_in`` (n,) the
    interval in which it did, −1 where it did not. ``covariates`` (n, p) have mean 0 and standard deviation 1. ``what`` begins is told in refusals.
    """

    cuts: NDArray[np.int64]
    trials: NDArray[np.float64]
    began_in: NDArray[np.intp]
    covariates: NDArray[np.float64]
    names: tuple[str, ...]
    what: str


@dataclass(frozen=True, eq=False, repr=False)
class StartHazard:
    """A fitted model: ``intercepts`` (K,) (−∞ in an interval without starts) and ``slopes`` (p,) of the scaled covariates, log odds per day.

    ``odds`` (K, n) are the odds of beginning on a day of each interval.
    """

    intercepts: NDArray[np.float64]
    slopes: NDArray[np.float64]
    odds: NDArray[np.float64]
    n_steps: int


def start_trials(
    exit: NDArray,
    start: NDArray,
    covariates: NDArray,
    *,
    names: Sequence[str],
    n_days: int,
    interval_days: int,
    what: str = "deltagande",
) -> StartTrials:
    """Count the trials on the days 0 … ``n_days`` − 1 in intervals of ``interval_days``, the last of them shorter where it must be.

    ``exit`` and ``start`` (n,) are as in `ParticipationSpells`. A spell has trials until it begins or leaves, the day of leaving excepted.

    >>> counted = start_trials(np.array([3, 9]), np.array([np.inf, 4.0]), np.zeros((2, 0)), names=(), n_days=7, interval_days=4)
    >>> counted.trials.tolist(), counted.began_in.tolist()
    ([[3.0, 4.0], [0.0, 1.0]], [-1, 1])
    """
    cuts = np.append(np.arange(0, n_days, interval_days), n_days)
    n_trials = np.minimum(np.minimum(start + 1, exit), n_days)
    trials = np.clip(n_trials[None, :] - cuts[:-1, None], 0, np.diff(cuts)[:, None])
    began = start < n_days
    began_in = np.where(began, np.searchsorted(cuts, np.where(began, start, 0), side="right") - 1, -1)
    scaled, _, _ = scaled_covariates(covariates, np.ones(len(exit)))
    return StartTrials(cuts, np.ascontiguousarray(trials), began_in, scaled, tuple(names), what)


def fit_start_hazard(counted: StartTrials, frequency: NDArray, *, begin_at: StartHazard | None = None) -> StartHazard:
    """Fit the model by maximum likelihood, spell *i* counting ``frequency[i]`` times (n,).

    ``begin_at`` is a fit near by, whose coefficients the steps set out from. An interval without starts has the probability 0, the limit of the likelihood.

    Raises:
        DefinitionError: nobody begins, covariates do not vary among those who could begin or follow from each other, or the steps do not end (separation).
    """
    began = counted.began_in >= 0
    n_began = np.bincount(counted.began_in[began], weights=frequency[began], minlength=len(counted.trials))
    trials = counted.trials * frequency
    if not n_began.any():
        raise DefinitionError(f"{counted.what.capitalize()} ska förekomma.", found=f"förekommer: 0 av {len(frequency)}")
    began_sum = frequency[began] @ counted.covariates[began]
    if begin_at is None:
        intercepts, slopes = _unadjusted(n_began, trials.sum(axis=1)), np.zeros(counted.covariates.shape[1])
    else:
        intercepts, slopes = np.where(n_began > 0, begin_at.intercepts, -np.inf), begin_at.slopes
    for n_steps in range(1, MOST_STEPS + 1):
        odds = _odds(intercepts, slopes, counted.covariates)
        step_of_intercepts, step_of_slopes = _step(
            counted, trials, odds, n_began, began_sum, checked=begin_at is None and n_steps == 1
        )
        longest = max(np.abs(step_of_intercepts).max(), np.abs(step_of_slopes).max(initial=0.0))
        damping = min(1.0, LONGEST_STEP / longest) if longest > 0 else 1.0
        intercepts, slopes = intercepts + damping * step_of_intercepts, slopes + damping * step_of_slopes
        if longest < SETTLED:
            return StartHazard(intercepts, slopes, _odds(intercepts, slopes, counted.covariates), n_steps)
    raise _separated(counted, MOST_STEPS)


def _unadjusted(n_began: NDArray, n_trials: NDArray) -> NDArray:
    """Return the log odds in each interval without covariates, shape (K,)."""
    at_most = np.minimum(n_began, n_trials - 0.5)
    odds = np.divide(at_most, n_trials - at_most, out=np.zeros(len(n_began)), where=n_began > 0)
    return np.log(odds, out=np.full(len(odds), -np.inf), where=n_began > 0)


def _odds(intercepts: NDArray, slopes: NDArray, covariates: NDArray) -> NDArray:
    return np.exp(intercepts)[:, None] * np.exp(covariates @ slopes)[None, :]


def _step(
    counted: StartTrials,
    trials: NDArray,
    odds: NDArray,
    n_began: NDArray,
    began_sum: NDArray,
    *,
    checked: bool,
) -> tuple[NDArray, NDArray]:
    """Return Newton's step of the intercepts (K,) and the slopes (p,): the intercepts are eliminated, their information being diagonal."""
    probability = odds / (1 + odds)
    expected = trials * probability
    information = expected * (1 - probability)
    of_intercepts = information.sum(axis=1)
    inverse = np.divide(1.0, of_intercepts, out=np.zeros(len(of_intercepts)), where=n_began > 0)
    score = n_began - expected.sum(axis=1)
    if not len(began_sum):
        return inverse * score, np.zeros(0)
    mixed = information @ counted.covariates
    own = (counted.covariates * information.sum(axis=0)[:, None]).T @ counted.covariates
    slopes_alone = own - mixed.T @ (inverse[:, None] * mixed)
    if checked:
        refuse_collinear(slopes_alone, np.diag(own), names=counted.names)
    score_of_slopes = began_sum - expected.sum(axis=0) @ counted.covariates - mixed.T @ (inverse * score)
    try:
        step = np.linalg.solve(slopes_alone, score_of_slopes)
    except np.linalg.LinAlgError:
        raise _separated(counted, 0) from None
    return inverse * (score - mixed @ step), step


def _separated(counted: StartTrials, n_steps: int) -> DefinitionError:
    n_began = int((counted.began_in >= 0).sum())
    return DefinitionError(
        f"Modellen för {counted.what} ska ha en lösning: i varje grupp som kovariaterna skiljer ut ska det förekomma för några och inte för andra.",
        found=f"stegen tog inte slut efter {n_steps} försök; förekommer: {n_began} av {len(counted.began_in)}",
        action="slå ihop kovariater eller grupper där det förekommer för ingen eller alla, eller uteslut dem ur urvalet",
    )
