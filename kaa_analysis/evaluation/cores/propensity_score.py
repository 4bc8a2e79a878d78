"""The propensity score: the probability of being treated given the covariates, by a logistic regression."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.evaluation.cores.logit_fit import logit_fit
from kaa_analysis.evaluation.cores.model_design import ModelDesign, model_design
from kaa_analysis.evaluation.cores.two_groups import treated_rows


@dataclass(frozen=True, eq=False)
class PropensityScore:
    """The ``score`` (n,) of each row, who is ``treated`` (n,), and the logistic model that it is from.

    ``names``, ``coefficients`` (p,) and ``influence`` (n, p), what each row moves the coefficients by, are those of the constant and the covariates
    as given: ``influence.T @ influence``, the rows summed within clusters first, is the robust covariance. ``design`` holds the rows that were fitted
    and ``scaled_influence`` (n, p) the influence on their coefficients: what stands on the score moves by it.
    """

    score: NDArray[np.float64]
    treated: NDArray[np.bool_]
    names: tuple[str, ...]
    coefficients: NDArray[np.float64]
    influence: NDArray[np.float64]
    design: ModelDesign
    scaled_influence: NDArray[np.float64]

    def carried(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each row moves an estimate by through the score, shape (n,); ``slope`` (n,) is its derivative by each linear predictor."""
        return self.scaled_influence @ (slope @ self.design.rows)


def propensity_score(
    covariates: ArrayLike, treated: ArrayLike, *, names: Iterable[str] | None = None
) -> PropensityScore:
    """Fit the score of ``treated`` (n,), 0 or 1, on a constant and ``covariates`` (n, k) with ``names`` (k,).

    >>> found = propensity_score([[0], [0], [0], [1], [1]], [0, 0, 1, 0, 1], names=["near"])
    >>> found.score.round(4).tolist()
    [0.3333, 0.3333, 0.3333, 0.5, 0.5]

    Raises:
        DefinitionError: somebody is neither treated nor not, or all are the same; a covariate is missing, does not vary or follows from the others;
            there are not more rows than coefficients; or covariates tell the treated apart without error (separation: some could not have been
            treated, or could not have been left).

    **Counts** the rows, each once.
    **Time** is that of the covariates: the caller sees that they were known at time zero.
    **Missing** is refused.
    **Source** Rosenbaum & Rubin 1983; `docs/methods/propensity_weighting.md`.
    """
    who = treated_rows(treated)
    design = model_design(covariates, n_rows=len(who), names=names)
    fit = logit_fit(design.rows, who.astype(float), names=design.names, what="sannolikheten för behandling")
    return PropensityScore(
        score=fit.fitted,
        treated=who,
        names=design.names,
        coefficients=design.unscaling @ fit.coefficients,
        influence=fit.influence @ design.unscaling.T,
        design=design,
        scaled_influence=fit.influence,
    )
