"""When a quarter, half and three quarters have left by the way that is sought, and by any way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Column, Count, Dimension, Equation, Estimate, Evidence, Result, cell
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.quantile_times import quantile_times
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import groups, split_words
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import COUNTED_AND_ENTERED, follow_up_context, horizon_places
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.ways_of_leaving import ANY, WAY_OUT, causes, leaves_by

QUANTILE = "quantile"
PARTS = {"25": "En fjärdedel", "50": "Hälften", "75": "Tre fjärdedelar"}
"""The parts of those who entered whose waiting times are told, in per cent."""
TIMES = ("time", "lower", "upper")

NOTE = (
    f"{COUNTED_AND_ENTERED} Tiden är den då så stor del av alla som kom in har lämnat registret, av orsaken på raden eller av någon orsak. Den som "
    "har lämnat av en annan orsak räknas med bland alla, så delen av en enda orsak behöver aldrig nås: en punkt betyder att den inte nås under "
    "uppföljningen, och en punkt bara i intervallet att någon av gränserna inte nås."
)


def waiting_times(follow_up: FollowUp, *, by: str | None = None, level: float = 0.95) -> Result:
    """Estimate the times by which a quarter, half and three quarters have left by any way, and by the way that is sought.

    ``by`` is None, "sex" or "district". One row per group (everybody first), way out (`ANY`, then the one sought) and part of those who entered. By
    any way the times are those at which the Kaplan–Meier curve, and its limits, come down; by the way sought those at which its cumulative incidence, the
    other ways competing, and its limits come up. A part that is not reached during the follow-up has no time. Days are shown in whole weeks. Where a
    person has several spells the limits are clustered on the person.

    A time is shown where enough persons are known to have left by then and enough to be under observation longer; so is a limit, by itself.

    Raises:
        DefinitionError: unknown split, way out or group, or times that no estimator can carry.

    **Counts** spells; the evidence persons.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; open spells are censored at the end of observation.
    **Source** `docs/methods/kaplan_meier.md`, *Quantiles*.
    """
    rows = [
        place | row
        for place, times in groups(follow_up, by=by)
        for way in (ANY, follow_up.sought)
        for row in _rows(follow_up, times, way=way, level=level)
    ]
    columns = _columns(follow_up, by=by, level=level)
    return follow_up_result(
        follow_up,
        "waiting_times",
        title=f"Hur lång tid det tar innan en del har lämnat registret{split_words(by, ', efter ')}",
        columns=columns,
        table=pd.DataFrame(rows),
        note=NOTE,
        method=f"waiting_times_{follow_up.unit}",
        by=by,
        equations=_equations(follow_up, by=by),
    )


def _rows(follow_up: FollowUp, times: pd.DataFrame, *, way: str, level: float) -> Iterator[dict[str, object]]:
    """Give the rows of one group and way out, one per part."""
    left = leaves_by(times, way)
    found = _quantiles(follow_up, times, way=way, level=level)
    for number, part in enumerate(PARTS):
        place = {WAY_OUT: way, QUANTILE: part, "n_followed": len(times)}
        proof = {
            name: n
            for of in TIMES
            for name, n in zip(_evidence(of), _each_side(times, left, found[of][number]), strict=True)
        }
        yield place | {of: found[of][number] for of in TIMES} | proof


def _quantiles(follow_up: FollowUp, times: pd.DataFrame, *, way: str, level: float) -> dict[str, list[float]]:
    """Return the times of all parts with their limits."""
    probabilities = [int(part) / 100 for part in PARTS]
    cluster = person_clusters(times)
    if way == ANY:
        curve = kaplan_meier(
            times["entry_time"], times["exit_time"], leaves_by(times, ANY), cluster=cluster, level=level
        )
        return {of: curve.quantiles(probabilities)[of].tolist() for of in TIMES}
    incidence = aalen_johansen(
        times["entry_time"],
        times["exit_time"],
        causes(times, follow_up),
        n_causes=len(follow_up.ways_out),
        cluster=cluster,
        level=level,
    )
    row = list(follow_up.ways_out).index(way)
    curves = {"time": incidence.cif[row], "lower": incidence.upper[row], "upper": incidence.lower[row]}
    return {of: quantile_times(incidence.times, 1 - curve, probabilities).tolist() for of, curve in curves.items()}


def _each_side(times: pd.DataFrame, left: pd.Series, time: float) -> tuple[float, float]:
    """Return how many persons are known to have left by ``time``, and how many are under observation longer; NaN where there is no time."""
    if pd.isna(time):
        return float("nan"), float("nan")
    sides = (left & (times["exit_time"] <= time), times["exit_time"] > time)
    return tuple(float(times.loc[side, "person_id"].nunique()) for side in sides)


def _evidence(of: str) -> tuple[str, str]:
    return f"{of}_below", f"{of}_above"


def _columns(follow_up: FollowUp, *, by: str | None, level: float) -> tuple[Column, ...]:
    prefix = follow_up.cohort
    ways = {ANY: "Alla orsaker", follow_up.sought: follow_up.ways_out[follow_up.sought]}
    followed = Count("n_followed", "Följs", f"{prefix}_followed", "spells", (WAY_OUT, QUANTILE))
    time = Estimate(
        "time",
        {"days": "Dagar (hela veckor)", "months": "Månader"}[follow_up.unit],
        (followed.name,),
        digits=0,
        rule="quantile",
        evidence=_evidence("time"),
        unit=follow_up.unit,
    )
    limits = [replace(limit, evidence=_evidence(limit.name)) for limit in limit_columns(time, level=level)]
    return (
        *split_dimensions(follow_up, by=by),
        Dimension(WAY_OUT, "Orsak", ways, total=ANY, additive=False),
        Dimension(QUANTILE, "Del av dem som kom in", PARTS),
        followed,
        time,
        *limits,
        *(Evidence(name, f"Personer på var sida: {of}") for of in TIMES for name in _evidence(of)),
    )


def _equations(follow_up: FollowUp, *, by: str | None) -> Iterator[Equation]:
    """Give that those followed are those of `follow_up_base`, and in every group come under observation as in `life_table`, or later."""
    prefix, context = follow_up.cohort, follow_up_context(follow_up)
    everybody = cell(f"{prefix}_follow_up", **context, step="followed")
    yield Equation("De som följs", ((-1, everybody), (1, cell(f"{prefix}_followed", **context))))
    for places in horizon_places(follow_up, by=by, horizons=HORIZONS):
        place = {name: value for name, value in places[0].items() if name != MONTHS}
        entered = [cell(f"{prefix}_entered", **each) for each in places]
        later = cell(f"{prefix}_entered_later", **place)
        terms = ((-1, cell(f"{prefix}_followed", **place)), *((1, term) for term in entered), (1, later))
        yield Equation("De som följs kommer under observation", terms)
