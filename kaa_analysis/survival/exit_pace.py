"""At what pace those still registered leave by each way, between horizons (Nelson–Aalen)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Column, Count, Estimate, Result
from kaa_analysis.survival.cores.nelson_aalen import nelson_aalen
from kaa_analysis.survival.cumulative_incidence import ways_equations
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.groups import groups
from kaa_analysis.survival.horizons import (
    HORIZONS,
    MONTHS,
    count_by_interval,
    count_flow,
    horizon_times,
    months_dimension,
)
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.ways_of_leaving import ANY, WAY_OUT, leaves_by, way_dimension

PER = 100
NOTE = (
    "Takten är hur många av hundra kvarvarande som lämnar i månaden, från närmast föregående tidpunkt till och med tidpunkten själv. Till skillnad från "
    "en andel av alla gäller den dem som ännu är kvar: den kan stiga fast få är kvar."
)


def exit_pace(follow_up: FollowUp, *, horizons: Sequence[int] = HORIZONS, level: float = 0.95) -> Result:
    """Estimate how many in a hundred of those still registered leave by each way a month, between horizons.

    One row per way out (`ANY` first) and horizon (whole months after time zero), with the counts of `cumulative_incidence`. ``pace`` is 100 × the increment
    of the Nelson–Aalen cumulative hazard in (previous horizon, horizon], over its months; NaN at the first horizon, and where the interval
    reaches past the last observed time. Limits are on the log scale, by Aalen's variance or, where persons have several spells, the infinitesimal
    jackknife clustered on the person; they are NaN where nobody left.

    Raises:
        DefinitionError: a spell has no time or an unknown way out, or horizons out of order.

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** open spells are censored at the end of observation.
    **Source** Nelson 1972; Aalen 1978; `docs/methods/nelson_aalen.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    [(_, times)] = groups(follow_up, by=None)
    n_at_risk = count_flow(times, ends)["n_at_risk"]
    rows = [
        _way_rows(times, leaves_by(times, way), horizons, ends, level=level).assign(
            **{WAY_OUT: way, MONTHS: [str(months) for months in horizons]}, n_at_risk=n_at_risk
        )
        for way in (ANY, *follow_up.ways_out)
    ]
    columns = _columns(follow_up, horizons=horizons, level=level)
    return follow_up_result(
        follow_up,
        "exit_pace",
        title="Takten från registret, efter orsak",
        columns=columns,
        table=pd.concat(rows, ignore_index=True),
        note=NOTE,
        method="exit_pace",
        equations=ways_equations(follow_up, by=None, horizons=horizons),
    )


def _way_rows(
    times: pd.DataFrame, leaves: pd.Series, horizons: Sequence[int], ends: list[int], *, level: float
) -> pd.DataFrame:
    n_events = count_by_interval(times.loc[leaves, "exit_time"], ends)
    paces = [
        _pace(times, leaves, begin, end, level=level) / (later - earlier) * PER
        for (begin, end), (earlier, later) in zip(pairwise(ends), pairwise(horizons), strict=True)
    ]
    found = pd.DataFrame([np.full(3, np.nan), *paces], columns=["pace", "lower", "upper"])
    return found.assign(n_events=n_events, n_events_to_date=n_events.cumsum())


def _pace(times: pd.DataFrame, leaves: pd.Series, begin: int, end: int, *, level: float) -> np.ndarray:
    """Return the increment of the cumulative hazard in (begin, end] with its limits; NaN where nobody is followed to the end."""
    there = (times["exit_time"] > begin) & (times["entry_time"] < end)
    if not (times["exit_time"] >= end).any():
        return np.full(3, np.nan)
    inside, leaves = times[there], leaves[there]
    hazard = nelson_aalen(
        inside["entry_time"].clip(lower=begin).to_numpy(dtype="int64"),
        inside["exit_time"].clip(upper=end).to_numpy(dtype="int64"),
        (leaves & (inside["exit_time"] <= end)).to_numpy(),
        cluster=person_clusters(inside),
        level=level,
    )
    return hazard.at([end])[["hazard", "lower", "upper"]].to_numpy()[0]


def _columns(follow_up: FollowUp, *, horizons: Sequence[int], level: float) -> tuple[Column, ...]:
    prefix = follow_up.cohort
    pace = Estimate(
        "pace",
        "Lämnar per hundra kvarvarande och månad",
        ("n_events_to_date", "n_at_risk"),
        digits=1,
        rule="curve",
        along=MONTHS,
        among=WAY_OUT,
        also=(f"{prefix}_entered", f"{prefix}_censored"),
    )
    return (
        way_dimension(follow_up),
        months_dimension(horizons),
        Count("n_events", "Har lämnat sedan närmast föregående tidpunkt", f"{prefix}_events", "spells"),
        Count("n_events_to_date", "Har lämnat registret hittills", f"{prefix}_events_to_date", "spells"),
        Count("n_at_risk", "Under observation", f"{prefix}_at_risk", "spells", regardless_of=(WAY_OUT,)),
        pace,
        *limit_columns(pace, level=level),
    )
