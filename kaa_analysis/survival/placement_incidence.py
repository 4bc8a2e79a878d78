"""The incidence of one way out at each horizon, from times of which each has a cause: what the tables about the sought way out rest on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Count
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.horizons import count_by_interval, count_flow
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.ways_of_leaving import SOUGHT, WAY_OUT


def incidence_at(times: pd.DataFrame, cause: pd.Series, *, ends: Sequence[int], level: float) -> pd.DataFrame:
    """Return share, se, lower and upper of cause `SOUGHT` at each of ``ends``, the cause `OTHER` competing, one row per end.

    The standard error is the infinitesimal jackknife, clustered on the person where one has several spells; the limits are log-log.
    """
    estimate = aalen_johansen(
        times["entry_time"],
        times["exit_time"],
        cause.to_numpy(dtype=np.int64),
        n_causes=2,
        cluster=person_clusters(times),
        level=level,
    ).at(ends)
    found = estimate[estimate["cause"] == SOUGHT].reset_index(drop=True)
    return found[["cif", "se", "lower", "upper"]].rename(columns={"cif": "share"})


def sought_counts(times: pd.DataFrame, *, sought: str, ends: Sequence[int]) -> pd.DataFrame:
    """Return n_at_risk just after each of ``ends`` and n_sought, those who have left by the sought way up to it."""
    found = times.loc[times["way_out"] == sought, "exit_time"]
    return pd.DataFrame(
        {
            "n_at_risk": count_flow(times, list(ends))["n_at_risk"],
            "n_sought": count_by_interval(found, list(ends)).cumsum(),
        }
    )


def sought_columns(follow_up: FollowUp) -> tuple[Count, Count]:
    """Return the columns of `sought_counts`: the same cells as in `life_table` and `cumulative_incidence`."""
    prefix = follow_up.cohort
    return (
        Count("n_at_risk", "Under observation", f"{prefix}_at_risk", "spells", regardless_of=(WAY_OUT,)),
        Count("n_sought", "Har lämnat registret hittills", f"{prefix}_events_to_date", "spells"),
    )


def resting_on(follow_up: FollowUp) -> tuple[str, ...]:
    """Return the measures of other tables that a curve of the sought way out rests on too: all that moves the numbers at risk."""
    return tuple(f"{follow_up.cohort}_{flow}" for flow in ("entered", "censored", "events_to_date"))
