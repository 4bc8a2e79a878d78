"""What estimators of an effect ask of their input: a row per person or spell, each treated or not, nothing missing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError


def treated_rows(treated: ArrayLike) -> NDArray[np.bool_]:
    """Return who is treated, shape (n,), from 0/1 or booleans.

    >>> treated_rows([1, 0, 1]).tolist()
    [True, False, True]

    Raises:
        DefinitionError: a value is neither 0 nor 1, or one of the two groups is empty.
    """
    values = np.asarray(treated)
    if values.ndim != 1 or values.dtype.kind not in "buif":
        raise DefinitionError("Behandlingen ska vara 0 eller 1 för varje rad.", found=f"{values.ndim} dimensioner")
    n_other = int((~np.isin(values, (0, 1))).sum())
    if n_other:
        raise DefinitionError(
            "Behandlingen ska vara 0 eller 1 för varje rad.", found=f"något annat: {n_other} av {values.size}"
        )
    treated_ = values.astype(bool)
    if treated_.all() or not treated_.any():
        raise DefinitionError(
            "En jämförelse behöver både behandlade och obehandlade.",
            found=f"behandlade: {int(treated_.sum())} av {treated_.size}",
        )
    return treated_


def numbers(values: ArrayLike, *, n_rows: int, name: str) -> NDArray[np.float64]:
    """Return ``values`` as floats of shape (n_rows,) or (n_rows, k); ``name`` is what they are called in Swedish.

    >>> numbers([1, 2], n_rows=2, name="utfallet").tolist()
    [1.0, 2.0]

    Raises:
        DefinitionError: they are no numbers, one is missing or infinite, or there is not one (a row) for each of ``n_rows``.
    """
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise DefinitionError(f"Det ska vara ett tal per rad: {name}.", found="annat än tal") from None
    if found.shape[:1] != (n_rows,):
        rows = found.shape[0] if found.ndim else 0
        raise DefinitionError(f"Det ska vara ett tal per rad: {name}.", found=f"{rows} värden, {n_rows} rader")
    n_missing = int((~np.isfinite(found)).sum())
    if n_missing:
        raise DefinitionError(
            f"Inget värde får saknas eller vara oändligt: {name}.", found=f"saknas: {n_missing} av {found.size}"
        )
    return found
