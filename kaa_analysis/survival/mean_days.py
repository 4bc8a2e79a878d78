"""Mean time without placement within a horizon, and mean time after leaving by each way out, from the cumulative incidences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import nan

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.exit_ways import TURNED_20
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Column, Count, Equation, Estimate, Evidence, Result, cell
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.restricted_time import RestrictedTimeLost, days_without_placement, restricted_time_lost
from kaa_analysis.survival.counts_to_date import counts_to_date, to_date_equations
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import groups, split_words
from kaa_analysis.survival.horizons import MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import COUNTED_AND_ENTERED, horizon_places
from kaa_analysis.survival.mean_evidence import EVIDENCE, EVIDENCE_20, contributions
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.ways_of_leaving import ANY, WAY_OUT, causes, leaves_by, way_dimension

MEAN = ("mean", "lower", "upper")
BEFORE_20 = ("before_20", "before_20_low", "before_20_high")
UNITS = {"days": ("Dagar", 0), "months": ("Månader", 1)}
"""What a mean is given in, and with how many decimals."""


def restricted_times(
    follow_up: FollowUp, *, by: str | None = None, horizons: Sequence[int] = (12, 24), level: float = 0.95
) -> Result:
    """Estimate the mean time without placement within each horizon: the horizon less the time lost to the way out that is sought.

    The time lost is the area under its cumulative incidence, the other ways competing. ``mean`` counts all time after another way out as time
    without placement; ``before_20``, where turning 20 is a way out that competes, not the time after turning 20. ``by`` is None, "sex" or "district"; one
    row per group (everybody first) and horizon (whole months > 0), in the unit of the follow-up. There is no estimate for a group whose follow-up
    ends before the horizon. Where a person has several spells the standard errors are clustered on the person.

    Each mean is shown by the rule of means, on the contributions of `mean_evidence.contributions`, and rests on those who have come under
    observation, who have left, and who have left by the way sought. ``before_20`` rests also on those who have left by it or turned 20, for what it is
    below ``mean`` is the time lost to turning 20.

    Raises:
        DefinitionError: unknown split, way out or group, horizons out of order or at 0, or times that no estimator can carry.

    **Counts** spells.
    **Time** from time zero to the horizon; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; open spells are censored at the end of observation.
    **Source** Andersen 2013 (Stat Med); `docs/methods/restricted_time.md`.
    """
    sought, ends = follow_up.sought, _positive_times(follow_up, horizons)
    label = follow_up.ways_out[sought].lower()
    by_20 = TURNED_20 in follow_up.ways_out and follow_up.choices.turning_20 == "competing"
    rows = []
    for place, times in groups(follow_up, by=by):
        counts = counts_to_date(times, ends, way=sought)
        n_turned_20 = counts_to_date(times, ends, way=TURNED_20)["n_events_to_date"]
        counts = counts.assign(n_or_20_to_date=counts["n_events_to_date"] + n_turned_20)
        for row, (months, end) in enumerate(zip(horizons, ends, strict=True)):
            lost = _lost(follow_up, times, horizon=end, level=level)
            found = _without(follow_up, lost, not_after=[], names=MEAN, level=level)
            proof = _evidence(times, ways=[sought], horizon=end, names=EVIDENCE)
            if by_20:
                found |= _without(follow_up, lost, not_after=[TURNED_20], names=BEFORE_20, level=level)
                proof |= _evidence(times, ways=[sought, TURNED_20], horizon=end, names=EVIDENCE_20)
            rows.append(place | {WAY_OUT: sought, MONTHS: str(months)} | dict(counts.iloc[row]) | found | proof)
    note = (
        f"{COUNTED_AND_ENTERED} Medelvärdet räknar tiden från start till tidpunkten: för den som lämnar registret för {label} tiden "
        f"dessförinnan, för den som lämnar på annat sätt hela, eftersom {label} då inte kom."
    )
    if by_20:
        note += " Före 20 år räknas inte tiden efter 20-årsdagen för den som fyller 20 år utan att ha lämnat."
    return follow_up_result(
        follow_up,
        "restricted_times",
        title=f"{UNITS[follow_up.unit][0]} utan {label}{split_words(by, ', efter ')}",
        note=note,
        table=pd.DataFrame(rows),
        by=by,
        columns=_columns_without(follow_up, by=by, horizons=horizons, by_20=by_20, level=level),
        method=f"restricted_times_{follow_up.unit}",
        equations=(
            *to_date_equations(follow_up, by=by, horizons=horizons, ways=[sought, TURNED_20] if by_20 else [sought]),
            *(_or_20_equations(follow_up, by=by, horizons=horizons) if by_20 else ()),
        ),
    )


def times_lost(
    follow_up: FollowUp, *, by: str | None = None, horizons: Sequence[int] = (12, 24), level: float = 0.95
) -> Result:
    """Estimate the mean time within each horizon after leaving by each way out: the area under its cumulative incidence, the others competing.

    As `restricted_times`, with one row per group, horizon and way out. The times of all ways out and the mean time in the register add up to the
    horizon.

    Raises:
        DefinitionError: as `restricted_times`.

    **Counts** spells.
    **Time** from time zero to the horizon; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; open spells are censored at the end of observation.
    **Source** Andersen 2013 (Stat Med); `docs/methods/restricted_time.md`.
    """
    ends = _positive_times(follow_up, horizons)
    rows = []
    for place, times in groups(follow_up, by=by):
        counts = {way: counts_to_date(times, ends, way=way) for way in follow_up.ways_out}
        for row, (months, end) in enumerate(zip(horizons, ends, strict=True)):
            lost = _lost(follow_up, times, horizon=end, level=level)
            for number, way in enumerate(follow_up.ways_out):
                row_place = place | {MONTHS: str(months), WAY_OUT: way}
                proof = _evidence(times, ways=[way], horizon=end, names=EVIDENCE)
                rows.append(row_place | dict(counts[way].iloc[row]) | _after(lost, number) | proof)
    return follow_up_result(
        follow_up,
        "times_lost",
        title=f"{UNITS[follow_up.unit][0]} efter utträde ur registret, efter orsak{split_words(by, ' och ')}",
        note=f"{COUNTED_AND_ENTERED} Medelvärdet räknar, av alla som kom in, dagarna från utträdet till tidpunkten; den som är kvar har inga. "
        "Läggs medelvärdena för alla orsaker ihop är resten av tiden dagar i registret.",
        table=pd.DataFrame(rows),
        by=by,
        columns=_columns_after(follow_up, by=by, horizons=horizons, level=level),
        method=f"times_lost_{follow_up.unit}",
        equations=to_date_equations(follow_up, by=by, horizons=horizons, ways=list(follow_up.ways_out)),
    )


def _positive_times(follow_up: FollowUp, horizons: Sequence[int]) -> list[int]:
    ends = horizon_times(horizons, unit=follow_up.unit)
    if ends[0] == 0:
        raise DefinitionError("Ett medelvärde inom en tidpunkt kräver en tidpunkt efter start.", found="tidpunkt: 0")
    return ends


def _lost(follow_up: FollowUp, times: pd.DataFrame, *, horizon: int, level: float) -> RestrictedTimeLost | None:
    """Return the times lost within the horizon, None where the group is not followed so far."""
    if not _is_followed(times, horizon):
        return None
    return restricted_time_lost(
        times["entry_time"],
        times["exit_time"],
        causes(times, follow_up),
        n_causes=len(follow_up.ways_out),
        horizon=horizon,
        cluster=person_clusters(times),
        level=level,
    )


def _is_followed(times: pd.DataFrame, horizon: int) -> bool:
    """Tell whether somebody is followed to the horizon, or everybody has left before it."""
    if times.empty:
        return False
    if times["exit_time"].max() >= horizon:
        return True
    curve = kaplan_meier(times["entry_time"], times["exit_time"], leaves_by(times, ANY))
    return bool(curve.survival[-1] == 0)


def _without(
    follow_up: FollowUp,
    lost: RestrictedTimeLost | None,
    *,
    not_after: list[str],
    names: tuple[str, str, str],
    level: float,
) -> dict[str, float]:
    if lost is None:
        return dict.fromkeys(names, nan)
    number = {way: number for number, way in enumerate(follow_up.ways_out, start=1)}
    time = days_without_placement(
        lost,
        placement=number[follow_up.sought],
        not_counted_after=[number[way] for way in not_after],
        level=level,
    )
    return dict(zip(names, (time.time, time.lower, time.upper), strict=True))


def _after(lost: RestrictedTimeLost | None, number: int) -> dict[str, float]:
    if lost is None:
        return dict.fromkeys(MEAN, nan)
    return dict(zip(MEAN, (lost.time[number], lost.lower[number], lost.upper[number]), strict=True))


def _evidence(
    times: pd.DataFrame, *, ways: list[str], horizon: int, names: tuple[Evidence, Evidence, Evidence]
) -> dict[str, float]:
    found = contributions(times, ways=ways, horizon=horizon)
    return {
        column.name: number for column, number in zip(names, (found.largest, found.second, found.total), strict=True)
    }


def _counts(follow_up: FollowUp) -> tuple[Count, ...]:
    prefix = follow_up.cohort
    return (
        Count("n_entered_to_date", "Har kommit under observation", f"{prefix}_entered_to_date", "spells", (WAY_OUT,)),
        Count("n_left_to_date", "Har lämnat registret hittills", f"{prefix}_events_to_date", "spells", (WAY_OUT,)),
        Count("n_events_to_date", "därav av denna orsak", f"{prefix}_events_to_date", "spells"),
    )


def _mean(follow_up: FollowUp, *, label: str) -> Estimate:
    return Estimate(
        MEAN[0],
        label,
        tuple(count.name for count in _counts(follow_up)),
        digits=UNITS[follow_up.unit][1],
        rule="mean",
        evidence=tuple(column.name for column in EVIDENCE),
    )


def _columns_after(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int], level: float) -> tuple[Column, ...]:
    mean = _mean(follow_up, label=f"{UNITS[follow_up.unit][0]} i medeltal")
    return (
        *split_dimensions(follow_up, by=by),
        months_dimension(horizons),
        way_dimension(follow_up),
        *_counts(follow_up),
        mean,
        *limit_columns(mean, level=level),
        *EVIDENCE,
    )


def _columns_without(
    follow_up: FollowUp, *, by: str | None, horizons: Sequence[int], by_20: bool, level: float
) -> tuple[Column, ...]:
    unit = UNITS[follow_up.unit][0]
    mean = _mean(follow_up, label=f"Alla {unit.lower()}")
    dimensions = [*split_dimensions(follow_up, by=by), way_dimension(follow_up), months_dimension(horizons)]
    limits = limit_columns(mean, level=level)
    if not by_20:
        return (*dimensions, *_counts(follow_up), mean, *limits, *EVIDENCE)
    or_20 = Count("n_or_20_to_date", "eller har fyllt 20 år", f"{follow_up.cohort}_or_20_to_date", "spells", (WAY_OUT,))
    before_20 = [
        replace(
            column,
            name=name,
            base=(*column.base, or_20.name),
            evidence=tuple(evidence.name for evidence in EVIDENCE_20),
        )
        for column, name in zip((mean, *limits), BEFORE_20, strict=True)
    ]
    before_20[0] = replace(before_20[0], label=f"Bara {unit.lower()} före 20 år")
    return (*dimensions, *_counts(follow_up), or_20, mean, *limits, *before_20, *EVIDENCE, *EVIDENCE_20)


def _or_20_equations(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> Iterator[Equation]:
    """Give that who has left by the way sought or turned 20 has done the one or the other."""
    prefix = follow_up.cohort
    for places in horizon_places(follow_up, by=by, horizons=horizons):
        for place in places:
            either = cell(f"{prefix}_or_20_to_date", **place)
            ways = [
                cell(f"{prefix}_events_to_date", **place, **{WAY_OUT: way}) for way in (follow_up.sought, TURNED_20)
            ]
            yield Equation(
                "Har lämnat av den sökta orsaken eller fyllt 20 år", ((-1, either), *((1, way) for way in ways))
            )
