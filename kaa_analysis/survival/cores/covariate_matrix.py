"""The covariates of a regression: a matrix of known numbers with a name per column, centred and scaled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError

LEAST_SPREAD = 8 * np.finfo(float).eps
"""A standard deviation no larger than this share of the mean is the rounding of the mean."""


def covariate_matrix(
    covariates: ArrayLike, *, n_rows: int, names: Iterable[str] | None
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Return the covariates, shape (n, p), and their p names (x1, x2, … where none are given).

    >>> covariate_matrix([[0, 1], [1, 1]], n_rows=2, names=None)[1]
    ('x1', 'x2')

    Raises:
        DefinitionError: there is not one row for each of ``n_rows`` with at least one column, a value is missing or no number, or
            the names are not one for each column.
    """
    matrix = _numbers(covariates, n_rows)
    names = _names(names, matrix.shape[1])
    _check_known(matrix, names)
    return matrix, names


def scaled_covariates(matrix: NDArray, weight: NDArray) -> tuple[NDArray, NDArray, NDArray]:
    """Return the covariates (n, p) with the weighted mean 0 and standard deviation 1, and both of what they were, shape (p,).

    They lie column by column; one that does not vary becomes 0.
    """
    share = weight / weight.sum()
    scaled = np.array(matrix, order="F")
    centre, scale = share @ scaled, np.ones(scaled.shape[1])
    for place, column in enumerate(scaled.T):
        column -= centre[place]
        spread = np.sqrt(share @ (column * column))
        if spread > LEAST_SPREAD * abs(centre[place]):
            scale[place] = spread
            column /= spread
        else:
            column[:] = 0
    return scaled, centre, scale


def _numbers(covariates: ArrayLike, n: int) -> NDArray:
    matrix = np.asarray(covariates)
    if matrix.ndim != 2 or len(matrix) != n or not matrix.shape[1]:
        raise DefinitionError(
            f"Kovariaterna ska vara en matris med {n} rader och minst en kolumn.", found=f"form {matrix.shape}"
        )
    try:
        return matrix.astype(float, copy=False)
    except (TypeError, ValueError):
        raise DefinitionError("Kovariaterna ska vara tal.", found=f"typ {matrix.dtype}") from None


def _names(names: Iterable[str] | None, n_columns: int) -> tuple[str, ...]:
    names = tuple(f"x{place}" for place in range(1, n_columns + 1)) if names is None else tuple(names)
    if len(names) != n_columns or len(set(names)) != n_columns:
        raise DefinitionError(
            f"De {n_columns} kovariaterna ska ha var sitt namn.", found=f"{len(set(names))} olika av {len(names)} namn"
        )
    return names


def _check_known(matrix: NDArray, names: Sequence[str]) -> None:
    n_unknown = (~np.isfinite(matrix)).sum(axis=0)
    found = [
        f"{name}: saknas på alla {len(matrix)} rader"
        if number == len(matrix)
        else f"{name}: saknas på {number} av {len(matrix)} rader"
        for name, number in zip(names, n_unknown, strict=True)
        if number
    ]
    if found:
        raise DefinitionError(
            "Varje kovariat ska vara ett känt tal på varje rad.",
            found=found,
            action="uteslut raderna i kohorten, med eget steg i flödet, eller ta bort kovariaten",
        )
