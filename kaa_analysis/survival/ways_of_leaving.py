"""The ways out of a follow-up: as the numbers that estimators take, and as the dimension that tables have."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.core.result import Dimension

WAY_OUT = "way_out"
ANY = "any"
"""Leaving for any reason: the total of the ways out."""
SOUGHT, OTHER = 1, 2
"""The causes of `sought_or_other`; 0 is censored."""


def causes(times: pd.DataFrame, follow_up: FollowUp) -> pd.Series:
    """Return the way out of each spell as a number: 0 = censored, 1 … in the order of ``follow_up.ways_out``."""
    numbers = {way: number for number, way in enumerate([CENSORED, *follow_up.ways_out])}
    return times[WAY_OUT].map(numbers).astype("int64")


def sought_or_other(times: pd.DataFrame, sought: str) -> pd.Series:
    """Return the cause of each spell: 0 (censored), `SOUGHT` or `OTHER`.

    >>> sought_or_other(pd.DataFrame({"way_out": ["study_placement", "moved", "censored"]}), "study_placement").tolist()
    [1, 2, 0]
    """
    cause = pd.Series(OTHER, index=times.index, dtype="int64")
    return cause.mask(times[WAY_OUT] == sought, SOUGHT).mask(times[WAY_OUT] == CENSORED, 0)


def leaves_by(times: pd.DataFrame, way: str) -> pd.Series:
    """Return which spells end by a way out, by whichever for `ANY`.

    >>> leaves_by(pd.DataFrame({"way_out": ["moved", "censored"]}), ANY).tolist()
    [True, False]
    """
    return times[WAY_OUT] != CENSORED if way == ANY else times[WAY_OUT] == way


def way_dimension(follow_up: FollowUp, *, label: str = "Orsak", any_way: str = "Alla orsaker") -> Dimension:
    """Return the dimension of the ways out, `ANY` its total."""
    return Dimension(WAY_OUT, label, {ANY: any_way} | dict(follow_up.ways_out), total=ANY)
