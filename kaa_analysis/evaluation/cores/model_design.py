"""The rows of a regression: a constant and the covariates on a scale of their own; what nothing in the data can tell apart is refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.covariate_matrix import LEAST_SPREAD, covariate_matrix, scaled_covariates

CONSTANT = "konstant"
"""The name of the first column."""
LEAST_SHARE = 1e-11
"""A covariate of whose variance no larger share is left, the others held still, differs from them only by rounding."""
PART = 1e-6
"""A covariate with a smaller part than this in another (both with standard deviation 1) has no part in it."""


@dataclass(frozen=True, eq=False)
class ModelDesign:
    """The design of a regression with ``p`` columns, the constant first.

    ``rows`` (n, p) holds 1 and the covariates with mean 0 and standard deviation 1; ``names`` (p,); coefficients of ``rows`` become those of the
    covariates as they were given by ``unscaling`` (p, p) @ coefficients.
    """

    rows: NDArray[np.float64]
    names: tuple[str, ...]
    unscaling: NDArray[np.float64]


def model_design(covariates: ArrayLike, *, n_rows: int, names: Iterable[str] | None = None) -> ModelDesign:
    """Return the design of ``covariates`` (n, k), whose ``names`` (k,) are x1, x2, … where none are given.

    >>> design = model_design([[0, 1], [1, 1], [2, 3], [3, 1]], n_rows=4, names=["age", "distance"])
    >>> design.names, design.rows[:, 0].tolist()
    (('konstant', 'age', 'distance'), [1.0, 1.0, 1.0, 1.0])

    Raises:
        DefinitionError: there is not one row for each of ``n_rows``, a value is missing or no number, names are not one per column, there are not
            more rows than columns and the constant, or a covariate does not vary or follows from others; each is named.
    """
    matrix, covariate_names = covariate_matrix(covariates, n_rows=n_rows, names=names)
    scaled, centre, scale = scaled_covariates(matrix, np.ones(n_rows))
    refuse_undetermined(matrix, names=covariate_names)
    unscaling = np.diag(np.concatenate([[1.0], 1 / scale]))
    unscaling[0, 1:] = -centre / scale
    return ModelDesign(np.column_stack([np.ones(n_rows), scaled]), (CONSTANT, *covariate_names), unscaling)


def refuse_undetermined(covariates: NDArray[np.float64], *, names: Sequence[str], among: str = "alla rader") -> None:
    """Refuse ``covariates`` (n, k) whose coefficients beside a constant the rows cannot tell; ``among`` says in Swedish which rows they are.

    Raises:
        DefinitionError: there are not more rows than coefficients, or a covariate does not vary or follows from those before it.
    """
    n_rows, n_columns = covariates.shape
    if n_rows <= n_columns + 1:
        raise DefinitionError(
            f"En modell behöver fler rader än koefficienter ({among}).",
            found=f"{n_rows} rader, {n_columns + 1} koefficienter",
            action="välj färre kovariater",
        )
    found = _undetermined(_correlation(covariates), names)
    if found:
        raise DefinitionError(
            f"Varje kovariat ska variera och inte följa av de andra ({among}).",
            found=found,
            action="ta bort de kovariater som nämns, eller slå ihop dem med andra",
        )


def _correlation(covariates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlations (k, k), with 0 on the diagonal for a covariate that does not vary."""
    mean = covariates.mean(axis=0)
    centred = covariates - mean
    covariance = centred.T @ centred / len(covariates)
    spread = np.sqrt(np.diag(covariance))
    varies = spread > LEAST_SPREAD * np.abs(mean)
    divisor = np.where(varies, spread, 1.0)
    return np.where(np.outer(varies, varies), covariance / np.outer(divisor, divisor), 0.0)


def _undetermined(correlation: NDArray, names: Sequence[str]) -> list[str]:
    """Return what is wrong with each covariate of the ``correlation`` (k, k), whose diagonal is 0 for one that does not vary."""
    kept: list[int] = []
    found: list[str] = []
    for place, name in enumerate(names):
        if correlation[place, place] == 0:
            found.append(f"{name}: samma värde på alla rader")
            continue
        parts = np.linalg.solve(correlation[np.ix_(kept, kept)], correlation[kept, place])
        if correlation[place, place] - correlation[place, kept] @ parts < LEAST_SHARE:
            others = [names[other] for other, part in zip(kept, parts, strict=True) if abs(part) > PART]
            found.append(f"{name}: följer av {', '.join(others)}")
        else:
            kept.append(place)
    return found
