"""The guard: an exposure that is dated after time zero is not compared as if it were known at time zero."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.participation_spells import start_days


class LateStartStrategy(StrEnum):
    """What may be done with an exposure that begins after time zero."""

    LANDMARK = "landmark"
    SEQUENTIAL_TRIALS = "sequential_trials"
    CLONE_CENSOR_WEIGHT = "clone_censor_weight"
    TIME_VARYING = "time_varying"


def refuse_later_exposure(start: ArrayLike, *, strategy: str | None = None) -> LateStartStrategy | None:
    """Refuse an exposure that is dated after time zero unless a strategy for it is named; return the strategy, None where none was named.

    ``start`` (n,) is the day of the exposure since time zero, NaN or infinite where there is none. Who was exposed after time zero had to be there
    until then: sorting the persons at time zero by what came later gives the exposed that time for nothing (immortal time).

    >>> refuse_later_exposure([0, np.nan, 0]) is None
    True
    >>> str(refuse_later_exposure([0, 30, np.inf], strategy="landmark"))
    'landmark'

    Raises:
        DefinitionError: an exposure comes after time zero and no strategy is named, one is named that does not exist, or a day is no number.
    """
    if strategy is not None and strategy not in list(LateStartStrategy):
        raise DefinitionError(
            f'Strategin "{strategy}" finns inte{did_you_mean(strategy, LateStartStrategy)}.',
            found=f"kända: {', '.join(LateStartStrategy)}",
        )
    begins = start_days(start)
    n_later = int((np.isfinite(begins) & (begins > 0)).sum())
    if strategy is None and n_later:
        raise DefinitionError(
            "En exponering efter tid 0 får inte jämföras som om den var känd vid tid 0 (odödlig tid).",
            found=f"exponerade efter tid 0: {n_later} av {begins.size}",
            action=f"namnge hur den ska behandlas: {', '.join(LateStartStrategy)}",
        )
    return None if strategy is None else LateStartStrategy(strategy)
