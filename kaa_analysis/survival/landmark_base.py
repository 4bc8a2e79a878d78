"""Who is left at a landmark, of those who are followed, and how the counts from there hang together with those from time zero."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Count, Dimension, Equation, Result, cell
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.horizons import HORIZONS, MONTHS, horizon_times
from kaa_analysis.survival.linked_counts import follow_up_context, horizon_places
from kaa_analysis.survival.ways_of_leaving import WAY_OUT

STEPS = {
    "followed": "Följs från start",
    "left": "Har lämnat registret",
    "lost": "Följs inte längre",
    "later": "Har ännu inte kommit under observation",
    "there": "Kvar och under observation",
}


def landmark_base(follow_up: FollowUp, landmarked: FollowUp) -> Result:
    """Count those followed by what they were at the landmark: gone, no longer followed, not yet under observation, or still there.

    ``landmarked`` is `cohorts.landmark` of ``follow_up``. The rows after the first add up to it. The numbers are those of `life_table` at the
    landmark where it is one of its horizons; the equations also tie every count after the landmark to the counts at the same day from time
    zero, so that nobody can be worked out from the difference of the two.

    Raises:
        DefinitionError: ``landmarked`` does not come from ``follow_up``.

    **Counts** spells.
    **Time** just after the landmark: an exit on its day is before it.
    **Missing** nothing is missing: every spell that is followed stands in one of the rows.
    **Source** Anderson, Cain & Gelber 1983; van Houwelingen 2007; `docs/methods/landmark.md`.
    """
    months = landmarked.landmark
    if not months or landmarked.cohort != f"{follow_up.cohort}_landmark_{months}":
        raise DefinitionError(
            "Uppföljningen från ett senare tillfälle ska vara gjord av den från start.",
            found=f"{landmarked.cohort} och {follow_up.cohort}",
            action="gör den med cohorts.landmark av samma uppföljning",
        )
    [start] = horizon_times([months], unit=follow_up.unit)
    times = follow_up.times_table
    gone = times["exit_time"] <= start
    left = gone & (times["way_out"] != CENSORED)
    counts = {
        "followed": len(times),
        "left": int(left.sum()),
        "lost": int((gone & ~left).sum()),
        "later": int((~gone & (times["entry_time"] > start)).sum()),
        "there": len(landmarked.times_table),
    }
    count = Count("n_spells", "Registreringar", measure=f"{landmarked.cohort}_follow_up", unit="spells")
    return follow_up_result(
        landmarked,
        "base",
        title="Vilka som är kvar",
        columns=(Dimension("step", "Steg", STEPS), count),
        table=pd.DataFrame({"step": list(counts), "n_spells": list(counts.values())}),
        note="De som är kvar är inte som de som har lämnat registret: ju senare tillfälle, desto större är skillnaden.",
        method="landmark_base",
        equations=_equations(follow_up, landmarked),
    )


def _equations(follow_up: FollowUp, landmarked: FollowUp) -> Iterator[Equation]:
    whole, part, months = follow_up.cohort, landmarked.cohort, landmarked.landmark
    context = follow_up_context(follow_up)
    step = {name: cell(f"{part}_follow_up", **context, step=name) for name in STEPS}
    followed = cell(f"{whole}_follow_up", **context, step="followed")
    yield Equation("De som följs är desamma i båda tabellerna", ((1, followed), (-1, step["followed"])))
    yield Equation(
        "De som följs är borta, ännu inte här eller kvar",
        ((-1, step["followed"]), *((1, step[name]) for name in ("left", "lost", "later", "there"))),
    )
    if months not in HORIZONS:
        return
    earlier = [{**context, MONTHS: str(horizon)} for horizon in HORIZONS if horizon <= months]
    for name, terms in {
        "left": [cell(f"{whole}_events_to_date", **earlier[-1])],
        "there": [cell(f"{whole}_at_risk", **earlier[-1])],
        "lost": [cell(f"{whole}_censored", **place) for place in earlier],
    }.items():
        yield Equation(
            "De som är borta eller kvar är livslängdstabellens", ((-1, step[name]), *((1, one) for one in terms))
        )
    for places in horizon_places(follow_up, by="sex", horizons=HORIZONS):
        yield from _of_group(follow_up, landmarked, {int(place[MONTHS]): place for place in places})


def _of_group(follow_up: FollowUp, landmarked: FollowUp, places: dict[int, dict[str, str]]) -> Iterator[Equation]:
    """Give, for one group, what the counts after the landmark are of those from time zero."""
    whole, part, months = follow_up.cohort, landmarked.cohort, landmarked.landmark
    yield Equation(
        "De som är kvar kommer under observation vid tillfället",
        ((1, cell(f"{whole}_at_risk", **places[months])), (-1, cell(f"{part}_entered", **places[0]))),
    )
    for horizon in HORIZONS[1:]:
        total = months + horizon
        if total not in places:
            continue
        passed = [places[one] for one in HORIZONS if months < one <= total]
        here, there = places[horizon], places[total]
        yield Equation(
            "De som kommer under observation senare har lämnat, är kvar eller följs inte längre",
            (
                *((-1, cell(f"{whole}_entered", **place)) for place in passed),
                *((1, cell(f"{part}_{what}", **here)) for what in ("late_events", "late_at_risk", "late_censored")),
            ),
        )
        sign = _edge(follow_up, months, horizon)
        edge = ((sign, cell(f"{part}_edge_at_risk", **here)),) if sign else ()
        yield Equation(
            "Kvar: från tillfället och från start",
            (
                (-1, cell(f"{whole}_at_risk", **there)),
                (1, cell(f"{part}_at_risk", **here)),
                (1, cell(f"{part}_late_at_risk", **here)),
                *edge,
            ),
        )
        ways = ({}, *({WAY_OUT: way} for way in follow_up.ways_out))
        yield Equation(
            "De som kom senare och har lämnat: efter orsak",
            (
                (-1, cell(f"{part}_late_events", **here)),
                *((1, cell(f"{part}_late_events", **here, **way)) for way in ways[1:]),
            ),
        )
        for way in ways:
            edge = ((-sign, cell(f"{part}_edge_events", **here, **way)),) if sign else ()
            yield Equation(
                "Har lämnat: från tillfället och från start",
                (
                    (-1, cell(f"{whole}_events_to_date", **there, **way)),
                    (1, cell(f"{whole}_events_to_date", **places[months], **way)),
                    (1, cell(f"{part}_events_to_date", **here, **way)),
                    (1, cell(f"{part}_late_events", **here, **way)),
                    *edge,
                ),
            )


def _edge(follow_up: FollowUp, months: int, horizon: int) -> int:
    """Return how the last day of the horizon from the landmark lies to that from time zero: 0 = the same, 1 = later, -1 = earlier.

    Months are rounded to whole days, so that the two can be a day apart.
    """
    at = horizon_times([0, horizon, months + horizon], unit=follow_up.unit)
    [start] = horizon_times([months], unit=follow_up.unit)
    apart = start + at[1] - at[2]
    return (apart > 0) - (apart < 0)
