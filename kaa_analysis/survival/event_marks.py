"""Whether each spell ended by the event, as the cause 1 or 0; what is no number is told apart from both."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.time_grid import TimeGrid


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


def as_numbers(values: ArrayLike) -> NDArray:
    """Return ``values`` as numbers of the same shape, NaN where there is none.

    >>> as_numbers([True, None, 2]).tolist()
    [1.0, nan, 2.0]
    """
    values = np.asarray(values)
    if values.dtype.kind in "biuf":
        return values.astype(float)
    return (
        pd.to_numeric(pd.Series(values.ravel()), errors="coerce").to_numpy(float, na_value=np.nan).reshape(values.shape)
    )
