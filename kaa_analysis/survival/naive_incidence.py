"""The naive incidence of the sought way out, one minus a Kaplan–Meier that censors all others, beside the right one and the error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Column, Equation, Estimate, Result
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import groups, split_words
from kaa_analysis.survival.horizons import HORIZONS, MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.linked_counts import events_to_date, horizon_places
from kaa_analysis.survival.placement_incidence import incidence_at, resting_on, sought_columns, sought_counts
from kaa_analysis.survival.ways_of_leaving import SOUGHT, WAY_OUT, sought_or_other, way_dimension

NOTE = (
    "Den naiva andelen behandlar den som har lämnat registret på annat sätt som om ungdomen fortfarande kunde få en plats. Den svarar på hur "
    "stor andelen skulle bli om ingen lämnade på annat sätt, och om de som gjorde det annars hade varit som de som är kvar. Så är det inte: den "
    "som har fyllt 20 år eller flyttat får ingen plats här, och felet är hur mycket den naiva andelen därför överskattar."
)


def naive_incidence(follow_up: FollowUp, *, by: str | None = None, horizons: Sequence[int] = HORIZONS) -> Result:
    """Estimate the share that has left by the sought way out as if nobody could leave by another, beside the right share.

    ``share_left`` is the Aalen–Johansen incidence of `cumulative_incidence`, ``share_naive`` one minus the Kaplan–Meier estimate with every
    other exit censored, ``error`` the second less the first in percentage points, never below 0. Both rest on the counts of `cumulative_incidence`
    and `life_table`, with every count before them; the horizons begin at 0 therefore.

    Raises:
        DefinitionError: unknown split, way out or group, horizons out of order, or times that no estimator can carry.

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time, so that the other exits of a time come after
    those by the sought way; at risk in (entry, exit].
    **Missing** as in `cumulative_incidence`; NaN past the last observed time of a group of which some are left.
    **Source** Gooley et al. 1999; `docs/methods/aalen_johansen.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    rows = [
        _rows(times, follow_up.sought, ends).assign(
            **place, **{WAY_OUT: follow_up.sought, MONTHS: [str(months) for months in horizons]}
        )
        for place, times in groups(follow_up, by=by)
    ]
    columns = _columns(follow_up, by=by, horizons=horizons)
    return follow_up_result(
        follow_up,
        "naive_incidence",
        title=f"Rätt och naiv andel för {follow_up.ways_out[follow_up.sought].lower()}{split_words(by, ', efter ')}",
        columns=columns,
        table=pd.concat(rows, ignore_index=True),
        note=NOTE,
        method="naive_incidence",
        by=by,
        equations=_equations(follow_up, by=by, horizons=horizons),
    )


def _rows(times: pd.DataFrame, sought: str, ends: list[int]) -> pd.DataFrame:
    cause = sought_or_other(times, sought)
    right = incidence_at(times, cause, ends=ends, level=0.95)["share"]
    naive = 1 - kaplan_meier(times["entry_time"], times["exit_time"], cause == SOUGHT).at(ends)["survival"]
    naive = naive.where(right.notna())
    counts = sought_counts(times, sought=sought, ends=ends)
    return counts.assign(share_left=right, share_naive=naive, error=100 * (naive - right))


def _equations(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> Iterator[Equation]:
    for places in horizon_places(follow_up, by=by, horizons=horizons):
        yield from events_to_date(follow_up, places=[place | {WAY_OUT: follow_up.sought} for place in places])


def _columns(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> tuple[Column, ...]:
    counts = sought_columns(follow_up)
    base = tuple(count.name for count in counts)
    also = resting_on(follow_up)
    return (
        *split_dimensions(follow_up, by=by),
        way_dimension(follow_up),
        months_dimension(horizons),
        *counts,
        Estimate("share_left", "Rätt andel", base, rule="curve", along=MONTHS, also=also),
        Estimate("share_naive", "Naiv andel", base, rule="curve", along=MONTHS, also=also),
        Estimate("error", "Fel (procentenheter)", base, digits=1, rule="curve", along=MONTHS, also=also),
    )
