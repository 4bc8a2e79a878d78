"""The life table of a follow-up: who is left at each horizon, and the share still registered (Kaplan–Meier)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Column, Count, Equation, Estimate, Result
from kaa_analysis.survival.contact_links import contact_links
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.follow_up_result import follow_up_result, split_dimensions
from kaa_analysis.survival.groups import groups, split_words
from kaa_analysis.survival.horizons import HORIZONS, MONTHS, count_flow, horizon_times, months_dimension
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import events_to_date, horizon_places, running_totals
from kaa_analysis.survival.outcome_words import method_name, words_of
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.ways_of_leaving import ANY, leaves_by


def life_table(
    follow_up: FollowUp, *, by: str | None = None, horizons: Sequence[int] = HORIZONS, level: float = 0.95
) -> Result:
    """Count who enters, leaves and remains between horizons, and estimate the share still registered after each.

    ``by`` is None, "sex", "district" (on the day of entry) or, for the time to a first contact, "season"; ``horizons`` are whole months after
    time zero, a month being 365.25/12 days (`months_to_days`) where the follow-up is in days. One row per group (everybody first) and horizon;
    in each group
    n_at_risk = n_at_risk at the horizon before + n_entered − n_left − n_censored, declared as an equation.
    ``share_registered`` with ``lower`` and ``upper`` (log-log; Greenwood, or where a person has several spells the infinitesimal jackknife
    clustered on the person) is NaN at a horizon past the last observed time of a group of which some are left (R's ``survfit`` extends it flat);
    the limits are NaN where the share is 0 or 1.

    Raises:
        DefinitionError: unknown split, way out or group, horizons out of order, or times that no estimator can carry.

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; open spells are censored at the end of observation.
    **Source** Kaplan & Meier 1958; `docs/methods/kaplan_meier.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    rows = [_group_rows(place, times, horizons, ends, level) for place, times in groups(follow_up, by=by)]
    columns, words = _columns(follow_up, by=by, horizons=horizons, level=level), words_of(follow_up)
    return follow_up_result(
        follow_up,
        "life_table",
        title=f"{words.life_table}{split_words(by, ' efter ')}",
        columns=columns,
        table=pd.concat(rows, ignore_index=True),
        note=words.life_note,
        method=method_name("life_table", follow_up),
        by=by,
        equations=_equations(follow_up, by=by, horizons=horizons),
    )


def _group_rows(
    place: dict[str, str], times: pd.DataFrame, horizons: Sequence[int], ends: list[int], level: float
) -> pd.DataFrame:
    curve = kaplan_meier(
        times["entry_time"],
        times["exit_time"],
        leaves_by(times, ANY),
        cluster=person_clusters(times),
        level=level,
    )
    estimates = curve.at(ends)[["survival", "lower", "upper"]].rename(columns={"survival": "share_registered"})
    return pd.concat([count_flow(times, ends), estimates], axis=1).assign(
        **place, **{MONTHS: [str(months) for months in horizons]}
    )


def _columns(follow_up: FollowUp, *, by: str | None, horizons: Iterable[int], level: float) -> tuple[Column, ...]:
    prefix, words = follow_up.cohort, words_of(follow_up)
    base = ("n_at_risk", "n_left_to_date", "n_entered", "n_censored")
    share = Estimate("share_registered", words.share_remaining, base, rule="curve", along=MONTHS)
    return (
        *split_dimensions(follow_up, by=by),
        months_dimension(horizons),
        Count("n_entered", "Nya under observation", f"{prefix}_entered", "spells"),
        Count("n_left", words.since_last, f"{prefix}_events", "spells"),
        Count("n_censored", "Följs inte längre", f"{prefix}_censored", "spells"),
        Count("n_at_risk", words.at_risk, f"{prefix}_at_risk", "spells"),
        Count("n_left_to_date", words.left_to_date, f"{prefix}_events_to_date", "spells"),
        share,
        *limit_columns(share, level=level),
    )


def _equations(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int]) -> Iterable[Equation]:
    prefix = follow_up.cohort
    flows = {f"{prefix}_entered": 1, f"{prefix}_events": -1, f"{prefix}_censored": -1}
    for places in horizon_places(follow_up, by=by, horizons=horizons):
        yield from running_totals(f"{prefix}_at_risk", flows, places=places, name="Kvar: från en tidpunkt till nästa")
        yield from events_to_date(follow_up, places=places)
    yield from contact_links(follow_up, by=by, horizons=horizons)
