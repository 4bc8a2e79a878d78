"""What has happened up to a horizon, whatever other horizons stand beside it, and how that hangs together with the life table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Cell, Equation, cell
from kaa_analysis.survival.horizons import HORIZONS, MONTHS, count_flow
from kaa_analysis.survival.linked_counts import horizon_places
from kaa_analysis.survival.ways_of_leaving import WAY_OUT

SINCE = "since"


def counts_to_date(times: pd.DataFrame, ends: list[int], *, way: str) -> pd.DataFrame:
    """Count from the start up to each of ``ends``: n_entered_to_date, n_left_to_date, n_events_to_date (those who left by ``way``), n_at_risk."""
    flow = count_flow(times, ends)
    of_way = count_flow(times[times["way_out"] == way], ends)
    return pd.DataFrame(
        {
            "n_entered_to_date": flow["n_entered"].cumsum(),
            "n_left_to_date": flow["n_left_to_date"],
            "n_events_to_date": of_way["n_left_to_date"],
            "n_at_risk": flow["n_at_risk"],
        }
    )


def to_date_equations(
    follow_up: FollowUp, *, by: str | None, horizons: Sequence[int], ways: Sequence[str]
) -> Iterator[Equation]:
    """Give how the numbers to date hang together with each other and, at `HORIZONS`, with those of `life_table` and `cumulative_incidence`.

    In every group and for each of ``ways``; who has entered and is no longer there has left or is censored. How many were censored to date,
    and what happened between other horizons, stand in no table.
    """
    prefix = follow_up.cohort
    entered, events, censored = (f"{prefix}_{flow}" for flow in ("entered", "events", "censored"))
    for places in horizon_places(follow_up, by=by, horizons=horizons):
        for place in places:
            terms = (
                (-1, f"{prefix}_at_risk"),
                (1, f"{entered}_to_date"),
                (-1, f"{events}_to_date"),
                (-1, f"{censored}_to_date"),
            )
            yield Equation(
                "Kvar av dem som har kommit under observation",
                tuple((sign, cell(measure, **place)) for sign, measure in terms),
            )
        for flow in (entered, events, censored):
            yield from _summed(flow, places)
        for way in ways:
            yield from _summed(events, [place | {WAY_OUT: way} for place in places])


def _summed(flow: str, places: Sequence[Mapping[str, str]]) -> Iterator[Equation]:
    """Give that the number to date is the sum of what came before; ``places`` are those of one group, in order."""
    before: Mapping[str, str] | None = None
    for place in places:
        now = cell(f"{flow}_to_date", **place)
        if int(place[MONTHS]) in HORIZONS:
            parts = [
                cell(flow, **{**place, MONTHS: str(months)}) for months in HORIZONS if months <= int(place[MONTHS])
            ]
            yield Equation("Till och med en tidpunkt: summan av det som hände dessförinnan", _is_sum(now, parts))
        if before is not None:
            earlier = cell(f"{flow}_to_date", **before)
            later = cell(flow, **place, **{SINCE: before[MONTHS]})
            yield Equation("Till och med en tidpunkt: till den förra och sedan dess", _is_sum(now, [earlier, later]))
        before = place


def _is_sum(whole: Cell, parts: Sequence[Cell]) -> tuple[tuple[int, Cell], ...]:
    return ((-1, whole), *((1, part) for part in parts))
