"""The probability of being placed within each horizon, of those who can reach the horizon before they turn 20."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Equation, Result, cell
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.horizons import MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.placed_within import SUMS, placed_within, placed_within_columns
from kaa_analysis.survival.placement_before_20 import AGE, AGES, OLDEST
from kaa_analysis.survival.time_to_20 import times_to_20

REACHED_HORIZONS = (12, 24)
"""Hardly anybody has less than half a year left: those few would be the difference to everybody's table, and hide the shorter horizons."""
NOTE = (
    "Vid varje tidpunkt räknas bara de som vid starten hade så lång tid kvar till 20-årsdagen; därför är de olika många. Andelen är sannolikheten "
    "att ha fått en studieplats, skattad enligt Aalen–Johansen bland dem."
)


def reachable_horizons(
    follow_up: FollowUp, *, horizons: Sequence[int] = REACHED_HORIZONS, level: float = 0.95
) -> Result:
    """Estimate, at each horizon, the probability of having left by the way sought, of those who reach the horizon before 20.

    One row per horizon (whole months after time zero): how many of those followed have at least so long to the 20th birthday, and of them how many
    have been placed by then, have left otherwise, are no longer followed, and are still there. ``share_placed`` is the Aalen–Johansen estimate
    among them, with log-log limits from the infinitesimal jackknife, clustered on the person where persons have several spells; it is
    NaN past the last observed time.

    Raises:
        DefinitionError: turning 20 is no competing way out of the follow-up, a date of birth is missing, or horizons out of order.

    **Counts** spells.
    **Time** whole days or months since time zero; a month is 365.25/12 days (`months_to_days`).
    **Missing** a spell that is not yet over is censored at the end of observation.
    **Source** Aalen & Johansen 1978; `docs/methods/placement_before_twenty.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    times = follow_up.times.assign(to_20=times_to_20(follow_up))
    rows = [placed_within(times[times["to_20"] >= end], end, sought=follow_up.sought, level=level) for end in ends]
    counted = placed_within_columns(f"{follow_up.cohort}_reaching", all_of_them="Hinner före 20 år", level=level)
    columns = (months_dimension(horizons), *counted)
    table = pd.DataFrame(rows).assign(**{MONTHS: [str(months) for months in horizons]})
    return follow_up_result(
        follow_up,
        "reachable_horizons",
        title="Studieplats inom en viss tid, bland dem som hinner före 20 år",
        columns=columns,
        table=table,
        note=NOTE,
        method="reachable_horizons",
        equations=_equations(follow_up, horizons=horizons),
        row_sums=SUMS,
    )


def _equations(follow_up: FollowUp, *, horizons: Sequence[int]) -> Iterator[Equation]:
    """Give how those who reach a horizon hang together with the horizon before, everybody's tables and the ages at entry."""
    context, prefix = follow_up_context(follow_up), f"{follow_up.cohort}_reaching"
    before = cell(f"{follow_up.cohort}_follow_up", **context, step="followed")
    for months in horizons:
        place = context | {MONTHS: str(months)}
        reaching = cell(prefix, **place)
        between = cell(f"{prefix}_only_earlier", **place)
        yield Equation("De som hinner längre är färre", ((1, before), (-1, reaching), (-1, between)))
        before = reaching
        everybody = cell(f"{follow_up.cohort}_events_to_date", **place, way_out=follow_up.sought)
        others = cell(f"{prefix}_placed_too_old", **place)
        yield Equation(
            "Placerade är de som hinner och de övriga",
            ((1, everybody), (-1, cell(f"{prefix}_placed", **place)), (-1, others)),
        )
        if months % 12 == 0:
            ages = [age for age in AGES if int(age) <= OLDEST - months // 12]
            own = [cell(f"{follow_up.cohort}_before_20_followed", **context, **{AGE: age}) for age in ages]
            on_birthday = cell(f"{prefix}_on_the_birthday", **place)
            yield Equation(
                "De som hinner är de yngre och de som började på födelsedagen",
                ((1, reaching), (-1, on_birthday), *((-1, term) for term in own)),
            )
