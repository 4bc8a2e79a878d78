"""Horizons in months after time zero: their times in the unit of a follow-up, and what happened between them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, TimeUnit
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import months_to_days
from kaa_analysis.core.result import Dimension

HORIZONS = (0, 3, 6, 12, 24)
"""The grid at which curves leave the secure folder, in months."""

FIRST_MONTHS = (1, 2, 3, 6)
"""The grid of what mostly happens soon after time zero, in months: the first contact.

Without the start: few are contacted that very day, and a curve rests on all its earlier counts, so that one hidden there would hide it all.
"""

FIRST_MONTH = (1,)
"""The month of the rule alone, for splits in which hardly anybody is left waiting soon after it."""

MONTHS = "months"


def horizon_times(horizons: Iterable[int], *, unit: TimeUnit) -> list[int]:
    """Return the horizons (months) in whole ``unit``.

    Raises:
        DefinitionError: there is no horizon, or they are not whole months ≥ 0 in rising order.
    """
    horizons = list(horizons)
    whole = all(isinstance(months, int) and months >= 0 for months in horizons)
    if not horizons or not whole or horizons != sorted(set(horizons)):
        raise DefinitionError(
            "Horisonterna ska vara hela månader från 0 och uppåt, i stigande ordning.", found=str(horizons)
        )
    return horizons if unit == "months" else [months_to_days(months) for months in horizons]


def months_dimension(horizons: Iterable[int]) -> Dimension:
    """Return the dimension of horizons; its values are the months as text."""
    return Dimension(
        MONTHS,
        "Tid från start",
        {
            str(months): "Vid start" if months == 0 else f"{months}\N{NO-BREAK SPACE}månad{'er' if months > 1 else ''}"
            for months in horizons
        },
    )


def count_by_interval(times: pd.Series, ends: list[int]) -> np.ndarray:
    """Return how many of ``times`` fall in each interval: up to the first end, then (previous end, end]; shape (len(ends),)."""
    return np.diff(np.searchsorted(np.sort(times.to_numpy()), ends, side="right"), prepend=0)


def count_flow(times: pd.DataFrame, ends: list[int]) -> pd.DataFrame:
    """Count who entered, left and was censored in each interval, and who is under observation just after its end.

    One row per interval: n_entered, n_left, n_left_to_date, n_censored, n_at_risk. In every row
    n_at_risk = the n_at_risk before + n_entered − n_left − n_censored.
    """
    censored = times["way_out"] == CENSORED
    flow = pd.DataFrame(
        {
            "n_entered": count_by_interval(times["entry_time"], ends),
            "n_left": count_by_interval(times.loc[~censored, "exit_time"], ends),
            "n_censored": count_by_interval(times.loc[censored, "exit_time"], ends),
        }
    )
    flow["n_left_to_date"] = flow["n_left"].cumsum()
    flow["n_at_risk"] = (flow["n_entered"] - flow["n_left"] - flow["n_censored"]).cumsum()
    return flow
