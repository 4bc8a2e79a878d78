"""Exits that nobody knows the way of, as bounds: the least and the greatest incidence of the sought way out, and differences between groups."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Cell, Column, Count, Equation, Estimate, Result, cell
from kaa_analysis.survival.cores.confidence_limits import normal_quantile
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import ALL, groups, split_words
from kaa_analysis.survival.horizons import HORIZONS, MONTHS, count_by_interval, horizon_times, months_dimension
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import events_to_date, horizon_places, running_totals
from kaa_analysis.survival.placement_incidence import incidence_at, resting_on, sought_columns, sought_counts
from kaa_analysis.survival.ways_of_leaving import OTHER, SOUGHT, WAY_OUT, sought_or_other, way_dimension

COMPARED = ("female", "male")
"""The groups of a difference: the first less the second."""

NOTE = (
    "För några avslut vet ingen vart ungdomen tog vägen: orsaken saknas. Den lägsta andelen antar att ingen av dem fick en studieplats, den "
    "högsta att alla fick det den dag registreringen slutade. Det rätta talet ligger däremellan, om de angivna orsakerna stämmer; intervallet "
    "rymmer dessutom slumpen, från den lägsta andelens nedre gräns till den högstas övre."
)
DIFFERENCE_NOTE = (
    "Skillnaden är flickornas andel minus pojkarnas, i procentenheter. Den lägsta antar att ingen av de flickor men alla de pojkar vars orsak "
    "saknas fick en studieplats, den högsta tvärtom. Rymmer intervallet noll går det inte att säga att andelarna skiljer sig åt."
)


def unknown_exit_bounds(
    follow_up: FollowUp, *, by: str | None = None, horizons: Sequence[int] = HORIZONS, level: float = 0.95
) -> Result:
    """Give the least and the greatest incidence of the sought way out that the exits of unknown way leave open.

    An exit is unknown where the register gives no reason, or where nobody knows when the registration ended (the censoring
    `known_ends.UNKNOWN_END`). The least counts each as another exit on its day. The greatest counts each as the sought way out on the
    earliest day that it can have been: the day of the exit, for until then the youth was registered, or the day from which nothing is known.
    ``lower`` is the lower limit of the least, ``upper`` the upper limit of the greatest (log-log, each of a two-sided interval of ``level``):
    the probability that they leave out a part of what lies between the true bounds is at most the sum of the two tails, so that they cover all of
    it with at least ``level``. The horizons begin at 0 as in `cumulative_incidence`: a curve rests on every count before it.

    Raises:
        DefinitionError: unknown split, way out or group, horizons out of order, times that no estimator can carry, or a follow-up that does
            not tell which ways out are known or is a part of another (a landmark, lasting placement).

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** an exit without a reason is bounded; one for *another reason* is known; who turned 20 before it, turned 20.
    **Source** Manski 1990; Horowitz & Manski 2000; `docs/methods/unknown_exits.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    _require_told(follow_up)
    rows = [
        _bounds(times, follow_up, ends, level).assign(**place, **_places(follow_up, horizons))
        for place, times in groups(follow_up, by=by)
    ]
    columns = _columns(follow_up, by=by, horizons=horizons, level=level)
    return follow_up_result(
        follow_up,
        "unknown_exit_bounds",
        title=f"Lägsta och högsta andel när orsaken till avslutet saknas{split_words(by, ', efter ')}",
        columns=columns,
        table=pd.concat(rows, ignore_index=True),
        note=NOTE,
        method="unknown_exit_bounds",
        by=by,
        equations=_equations(follow_up, by=by, horizons=horizons),
    )


def unknown_exit_differences(follow_up: FollowUp, *, horizons: Sequence[int] = HORIZONS, level: float = 0.95) -> Result:
    """Give the least and the greatest difference between girls and boys that the exits of unknown way leave open, in percentage points.

    The bounds are those of `unknown_exit_bounds`, from opposite corners: the least difference is the girls' least share less the boys'
    greatest, the greatest the other way round. Of each the variance is the sum of the two (no person is in both groups), and the plain limits
    cover what lies between the bounds as there. A difference stands in the row of the girls and rests on the counts of everybody too.

    Raises:
        DefinitionError: as `unknown_exit_bounds`.

    **Counts** spells.
    **Time** as in `unknown_exit_bounds`.
    **Missing** as in `unknown_exit_bounds`; NaN where a share of either group is.
    **Source** Manski 1990; Horowitz & Manski 2000; `docs/methods/unknown_exits.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    _require_told(follow_up)
    by = "sex"
    bounds = {place[by]: _bounds(times, follow_up, ends, level) for place, times in groups(follow_up, by=by)}
    differences = _differences(*(bounds[group] for group in COMPARED), level=level)
    shown = {ALL: differences * np.nan, COMPARED[0]: differences, COMPARED[1]: differences * np.nan}
    rows = [
        bounds[group].assign(**shown[group]).assign(**{by: group}, **_places(follow_up, horizons)) for group in bounds
    ]
    columns = _difference_columns(follow_up, horizons=horizons, level=level)
    return follow_up_result(
        follow_up,
        "unknown_exit_differences",
        title="Lägsta och högsta skillnad mellan flickor och pojkar när orsaken till avslutet saknas",
        columns=columns,
        table=pd.concat(rows, ignore_index=True),
        note=DIFFERENCE_NOTE,
        method="unknown_exit_differences",
        equations=_equations(follow_up, by=by, horizons=horizons),
    )


def _require_told(follow_up: FollowUp) -> None:
    times = follow_up.times_table
    told = "way_known" in times and times["way_known"].notna().all()
    if not told or follow_up.rest not in follow_up.ways_out:
        raise DefinitionError(
            "Uppföljningen ska säga för varje registrering om vägen ut är känd.",
            action="gör uppföljningen med cohorts.follow_up",
        )
    if follow_up.landmark or follow_up.lasting:
        raise DefinitionError(
            "Avslut vars orsak saknas räknas i hela uppföljningen, från start.",
            found=follow_up.cohort,
            action="utgå från uppföljningen av alla",
        )


def _places(follow_up: FollowUp, horizons: Sequence[int]) -> dict[str, object]:
    return {WAY_OUT: follow_up.sought, MONTHS: [str(months) for months in horizons]}


def _bounds(times: pd.DataFrame, follow_up: FollowUp, ends: list[int], level: float) -> pd.DataFrame:
    """Return the rows of one group: the counts, the bounds with their standard errors, and the limits."""
    unknown = ~times["way_known"].astype(bool)
    cause = sought_or_other(times, follow_up.sought)
    least = incidence_at(times, cause.mask(unknown, OTHER), ends=ends, level=level)
    greatest = incidence_at(times, cause.mask(unknown, SOUGHT), ends=ends, level=level)
    without_reason = unknown & (times["way_out"] != CENSORED)
    nowhere = least["share"].eq(0) & greatest["share"].gt(0)
    everywhere = greatest["share"].eq(1) & least["share"].lt(1)
    return sought_counts(times, sought=follow_up.sought, ends=ends).assign(
        n_unknown=count_by_interval(times.loc[without_reason, "exit_time"], ends).cumsum(),
        n_unknown_end=count_by_interval(times.loc[unknown & ~without_reason, "exit_time"], ends).cumsum(),
        share_at_least=least["share"],
        share_at_most=greatest["share"],
        se_at_least=least["se"],
        se_at_most=greatest["se"],
        lower=least["lower"].mask(nowhere, 0.0),
        upper=greatest["upper"].mask(everywhere, 1.0),
    )


def _differences(one: pd.DataFrame, other: pd.DataFrame, *, level: float) -> pd.DataFrame:
    """Return the bounds of the difference and their limits in percentage points, one row per horizon."""
    z = normal_quantile(level)
    least = one["share_at_least"] - other["share_at_most"]
    greatest = one["share_at_most"] - other["share_at_least"]
    width = {
        "least": z * np.hypot(one["se_at_least"], other["se_at_most"]),
        "greatest": z * np.hypot(one["se_at_most"], other["se_at_least"]),
    }
    return 100 * pd.DataFrame(
        {
            "difference_at_least": least,
            "difference_at_most": greatest,
            "lower": (least - width["least"].where(width["least"] > 0)).clip(lower=-1),
            "upper": (greatest + width["greatest"].where(width["greatest"] > 0)).clip(upper=1),
        }
    )


def _unknown_columns(follow_up: FollowUp) -> tuple[Count, ...]:
    prefix, regardless = follow_up.cohort, (WAY_OUT,)
    ended = Count("n_unknown", "Orsak saknas hittills", f"{prefix}_unknown_to_date", "spells", regardless_of=regardless)
    lost = Count(
        "n_unknown_end",
        "Slutet okänt hittills",
        f"{prefix}_unknown_ends_to_date",
        "spells",
        regardless_of=regardless,
    )
    return (ended, lost) if follow_up.law_changes else (ended,)


def _columns(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int], level: float) -> tuple[Column, ...]:
    counts = (*sought_columns(follow_up), *_unknown_columns(follow_up))
    base = tuple(count.name for count in counts)
    least = Estimate("share_at_least", "Andel, lägst", base, rule="curve", along=MONTHS, also=resting_on(follow_up))
    greatest = Estimate("share_at_most", "Andel, högst", base, rule="curve", along=MONTHS, also=resting_on(follow_up))
    return (
        *split_dimensions(follow_up, by=by),
        way_dimension(follow_up),
        months_dimension(horizons),
        *counts,
        least,
        greatest,
        *limit_columns(least, level=level),
    )


def _difference_columns(follow_up: FollowUp, *, horizons: Sequence[int], level: float) -> tuple[Column, ...]:
    counts = (*sought_columns(follow_up), *_unknown_columns(follow_up))
    least, greatest = (
        Estimate(
            name,
            label,
            tuple(count.name for count in counts),
            digits=1,
            rule="curve",
            along=MONTHS,
            among="sex",
            also=resting_on(follow_up),
        )
        for name, label in (
            ("difference_at_least", "Skillnad mot pojkar, lägst (procentenheter)"),
            ("difference_at_most", "Skillnad mot pojkar, högst (procentenheter)"),
        )
    )
    return (
        *split_dimensions(follow_up, by="sex"),
        way_dimension(follow_up),
        months_dimension(horizons),
        *counts,
        least,
        greatest,
        *limit_columns(least, level=level),
    )


def _equations(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> Iterator[Equation]:
    """Give how the counts grow from one horizon to the next, and that the unknown are a part of the rest, or of the censored."""
    prefix = follow_up.cohort
    for places in horizon_places(follow_up, by=by, horizons=horizons):
        yield from events_to_date(follow_up, places=[place | {WAY_OUT: follow_up.sought} for place in places])
        yield from running_totals(
            f"{prefix}_unknown_to_date",
            {f"{prefix}_unknown": 1},
            places=places,
            name="Orsak saknas: från en tidpunkt till nästa",
        )
        for place in places:
            for when in ("", "_to_date"):
                yield _part_of(
                    "Orsak saknas är en del av resten",
                    cell(f"{prefix}_events{when}", **place, **{WAY_OUT: follow_up.rest}),
                    measure=f"{prefix}_unknown{when}",
                    other=f"{prefix}_told{when}",
                    place=place,
                )
        if follow_up.law_changes:
            yield from _unknown_ends(prefix, places)


def _unknown_ends(prefix: str, places: list[dict[str, str]]) -> Iterator[Equation]:
    yield from running_totals(
        f"{prefix}_unknown_ends_to_date",
        {f"{prefix}_unknown_ends": 1},
        places=places,
        name="Slutet okänt: från en tidpunkt till nästa",
    )
    for place in places:
        yield _part_of(
            "De vars slut är okänt är en del av dem som inte längre följs",
            cell(f"{prefix}_censored", **place),
            measure=f"{prefix}_unknown_ends",
            other=f"{prefix}_censored_otherwise",
            place=place,
        )


def _part_of(name: str, whole: Cell, *, measure: str, other: str, place: dict[str, str]) -> Equation:
    return Equation(name, ((-1, whole), (1, cell(measure, **place)), (1, cell(other, **place))))
