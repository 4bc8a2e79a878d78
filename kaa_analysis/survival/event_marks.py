"""Whether each spell ended by the event, as the cause 1 or 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.time_grid import TimeGrid


def as_events(event: ArrayLike, grid: TimeGrid) -> NDArray[np.int64]:
    """Return 1 where ``event`` (n,) is true and 0 where the spell is censored, shape (n,).

    Raises:
        DefinitionError: there is not one for each spell of ``grid``, or one is neither true nor false.
    """
    event = np.asarray(event)
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
