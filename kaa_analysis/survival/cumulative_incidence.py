"""Cumulative incidence of every way out of the register at each horizon (Aalen–Johansen), the other ways competing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Column, Count, Equation, Estimate, Result, cell
from kaa_analysis.survival.contact_links import contact_links
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import groups, split_words
from kaa_analysis.survival.horizons import (
    HORIZONS,
    MONTHS,
    count_by_interval,
    count_flow,
    horizon_times,
    months_dimension,
)
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import events_to_date, horizon_places
from kaa_analysis.survival.outcome_words import method_name, words_of
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.ways_of_leaving import ANY, WAY_OUT, causes, leaves_by, way_dimension


def cumulative_incidence(
    follow_up: FollowUp, *, by: str | None = None, horizons: Sequence[int] = HORIZONS, level: float = 0.95
) -> Result:
    """Estimate the share that has left the register, or had a first contact, by each way out after each horizon, the other ways competing.

    ``by`` is None, "sex", "district" (on the day of entry) or, for the time to a first contact, "season"; ``horizons`` are whole months after
    time zero, a month being 365.25/12 days (`months_to_days`) where the follow-up is in days. One row per group (everybody first), way out
    (`ANY` first, then in the order of ``follow_up.ways_out``) and horizon. ``n_events`` left since the horizon before, ``n_events_to_date``
    from the start (the latter alone for a single horizon, which stands first); `ANY` is the total of the ways out and the same cells as
    ``n_left`` in `life_table`.
    ``n_at_risk`` is that of `life_table`, whatever the way out. A share and its limits rest on all counts up to their horizon: the way's
    own, those of `ANY`, and how many `life_table` says have entered and been censored.
    ``share_left`` of a way out is the Aalen–Johansen estimate, with log-log limits from the infinitesimal jackknife, clustered on the person where one has several spells; of `ANY`
    it is one minus `life_table`'s Kaplan–Meier estimate with its limits. It is NaN at a horizon past the last observed
    time of a group of which some are left (R's ``survfit`` extends it flat); the limits are NaN where the share is 0 or 1.

    Raises:
        DefinitionError: unknown split, way out or group, horizons out of order, or times that no estimator can carry.

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; open spells are censored at the end of observation.
    **Source** Aalen & Johansen 1978; `docs/methods/aalen_johansen.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    rows = [
        frame.assign(**place, **{MONTHS: [str(months) for months in horizons]})
        for place, times in groups(follow_up, by=by)
        for frame in _way_rows(follow_up, times, ends, level)
    ]
    columns, words = _columns(follow_up, by=by, horizons=horizons, level=level), words_of(follow_up)
    in_parts, parts_words = ("_in_parts", " med studieplatserna delade") if follow_up.parts_of_ways else ("", "")
    return follow_up_result(
        follow_up,
        f"cumulative_incidence{in_parts}",
        title=f"{words.incidence}{parts_words}{split_words(by, words.joint)}",
        columns=columns,
        table=pd.concat(rows, ignore_index=True),
        note=words.incidence_note,
        method=method_name("cumulative_incidence", follow_up),
        by=by,
        equations=ways_equations(follow_up, by=by, horizons=horizons),
    )


def _way_rows(follow_up: FollowUp, times: pd.DataFrame, ends: list[int], level: float) -> Iterator[pd.DataFrame]:
    """Give the rows of one group: `ANY`, then each way out, one row per horizon."""
    left = leaves_by(times, ANY)
    n_at_risk = count_flow(times, ends)["n_at_risk"]
    cluster = person_clusters(times)
    curve = kaplan_meier(times["entry_time"], times["exit_time"], left, cluster=cluster, level=level).at(ends)
    shares = {"share_left": 1 - curve["survival"], "lower": 1 - curve["upper"], "upper": 1 - curve["lower"]}
    yield _counts(times[left], ends).assign(**{WAY_OUT: ANY}, n_at_risk=n_at_risk, **shares)
    incidence = aalen_johansen(
        times["entry_time"],
        times["exit_time"],
        causes(times, follow_up),
        n_causes=len(follow_up.ways_out),
        cluster=cluster,
        level=level,
    ).at(ends)
    for number, way in enumerate(follow_up.ways_out, start=1):
        estimates = incidence.loc[incidence["cause"] == number, ["cif", "lower", "upper"]].reset_index(drop=True)
        counts = _counts(times[leaves_by(times, way)], ends).assign(**{WAY_OUT: way}, n_at_risk=n_at_risk)
        yield pd.concat([counts, estimates.rename(columns={"cif": "share_left"})], axis=1)


def _counts(events: pd.DataFrame, ends: list[int]) -> pd.DataFrame:
    n_events = count_by_interval(events["exit_time"], ends)
    return pd.DataFrame({"n_events": n_events, "n_events_to_date": n_events.cumsum()})


def _columns(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int], level: float) -> tuple[Column, ...]:
    prefix, base = follow_up.cohort, ("n_events_to_date", "n_at_risk")
    flows, words = (f"{prefix}_entered", f"{prefix}_censored"), words_of(follow_up)
    share = Estimate("share_left", words.share, base, rule="curve", along=MONTHS, among=WAY_OUT, also=flows)
    splits = [*split_dimensions(follow_up, by=by), way_dimension(follow_up, label=words.way, any_way=words.any_way)]
    months, since = months_dimension(horizons), Count("n_events", words.since_before, f"{prefix}_events", "spells")
    return (
        *([*splits, months, since] if len(horizons) > 1 else [months, *splits]),
        Count("n_events_to_date", words.to_date, f"{prefix}_events_to_date", "spells"),
        Count("n_at_risk", words.at_risk, f"{prefix}_at_risk", "spells", regardless_of=(WAY_OUT,)),
        share,
        *limit_columns(share, level=level),
    )


def ways_equations(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> Iterator[Equation]:
    """Give how the ways out hang together from horizon to horizon, and each wider way with its parts."""
    for places in horizon_places(follow_up, by=by, horizons=horizons):
        for way in [None, *follow_up.ways_out]:
            yield from events_to_date(follow_up, places=[place | ({WAY_OUT: way} if way else {}) for place in places])
        for wider, parts in follow_up.parts_of_ways.items():
            for place in places:
                for measure in (f"{follow_up.cohort}_events", f"{follow_up.cohort}_events_to_date"):
                    whole, *divided = (cell(measure, **place, **{WAY_OUT: way}) for way in (wider, *parts))
                    yield Equation(
                        "En väg ut är sina delar tillsammans", ((1, whole), *((-1, part) for part in divided))
                    )
    yield from contact_links(follow_up, by=by, horizons=horizons)
