"""How each spell ended, as whole numbers: the event or a cause, 0 for censored. What is no number is refused with a count."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.time_grid import TimeGrid


def as_events(event: ArrayLike, grid: TimeGrid) -> NDArray[np.int64]:
    """Return 1 where ``event`` (n,) is true and 0 where the spell is censored, shape (n,).

    Raises:
        DefinitionError: there is not one for each spell of ``grid``, or one is neither true nor false.
    """
    event = as_numbers(event)
    if event.shape != grid.last.shape:
        raise DefinitionError(
            "Varje tid ska ha en uppgift om händelse.", found=f"{event.size} uppgifter för {grid.last.size} tider"
        )
    n_unclear = int(((event != 0) & (event != 1)).sum())
    if n_unclear:
        raise DefinitionError(
            "En händelse ska vara sann eller falsk.", found=f"varken eller: {n_unclear} av {event.size}"
        )
    return event.astype(np.int64)


def as_causes(cause: ArrayLike, grid: TimeGrid, *, n_causes: int) -> NDArray[np.int64]:
    """Return the causes (n,) as whole numbers: 0 where the spell is censored, else 1 … ``n_causes``.

    Raises:
        DefinitionError: there is not one for each spell of ``grid``, or one is not among them.
    """
    cause = as_numbers(cause)
    if cause.shape != grid.last.shape:
        raise DefinitionError("Varje tid ska ha en orsak.", found=f"{cause.size} orsaker för {grid.last.size} tider")
    if n_causes < 1:
        raise DefinitionError("Det ska finnas minst en orsak.", found=str(n_causes))
    n_unknown = int((~((cause >= 0) & (cause <= n_causes) & (cause == np.floor(cause)))).sum())
    if n_unknown:
        known = "1" if n_causes == 1 else f"1–{n_causes}"
        raise DefinitionError(
            f"En orsak ska vara 0 (censurerad) eller {known}.", found=f"andra värden: {n_unknown} av {cause.size}"
        )
    return cause.astype(np.int64)


def as_numbers(values: ArrayLike) -> NDArray:
    """Return ``values`` as numbers of the same shape, NaN where there is none; true is 1 and false 0.

    >>> as_numbers([True, None, 2]).tolist()
    [1.0, nan, 2.0]
    """
    values = np.asarray(values)
    if values.dtype.kind in "biuf":
        return values.astype(np.int8) if values.dtype.kind == "b" else values
    return (
        pd.to_numeric(pd.Series(values.ravel()), errors="coerce").to_numpy(float, na_value=np.nan).reshape(values.shape)
    )
