"""Each group against the others: the share that has left by the way sought, as it is and standardised to the group's age and season of entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Column, Count, Dimension, Equation, Estimate, Result, cell
from kaa_analysis.survival.cores.incidence_contrast import (
    ContrastedSpells,
    IncidenceContrast,
    Limited,
    incidence_contrast,
)
from kaa_analysis.survival.counts_to_date import WAY_OUT, causes, counts_to_date, to_date_equations
from kaa_analysis.survival.cumulative_incidence import ANY
from kaa_analysis.survival.groups import ALL, group_dimension, groups, split_words
from kaa_analysis.survival.horizons import MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import (
    COUNTED_AND_ENTERED,
    METHODS,
    follow_up_context,
    follow_up_words,
    source,
    title_of,
)
from kaa_analysis.survival.standard_weights import Season, entry_strata, standard_weights

SEASON_WORDS = {Season.MONTH: "månad", Season.QUARTER: "kvartal"}

POINTS = 100
"""Percentage points in the whole."""


def placement_contrasts(
    follow_up: FollowUp,
    *,
    by: str,
    horizons: Sequence[int] = (3, 6, 12, 24),
    season: str = Season.MONTH,
    level: float = 0.95,
) -> Result:
    """Compare the share of each group that has left by the way sought with that of the others, as it is and standardised.

    ``by`` is "sex" or "district"; one row per group (everybody first, compared with nobody) and horizon. ``share`` is the group's cumulative
    incidence (Aalen–Johansen), ``difference`` what it is above that of all others. ``others`` is the incidence of the others weighted to the group's
    distribution over age in whole years and ``season`` ("month" or "quarter") of entry, ``standardised`` what the group is above that. Where none of the
    others came in at that age and season, those of that age stand in; spells at an age that none of the others had are left out of the standardised
    difference: ``n_without``. No estimate at a horizon past the follow-up of either
    side. Differences are in percentage points. The standard errors are the infinitesimal jackknife's, summed over persons, the weights taken as known.

    A share rests on what `cumulative_incidence` rests on at the same horizons, a comparison on the same numbers of the group and of everybody, and on
    how many are left out.

    Raises:
        DefinitionError: no or an unknown split or season, unknown way out or group, horizons out of order, or times that no estimator can carry.

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; an unknown age is a stratum of its own; open spells are censored at the end of observation.
    **Source** `docs/methods/standardised_contrasts.md`.
    """
    if by is None:
        raise DefinitionError("En jämförelse kräver en uppdelning i grupper.", action='ange by, till exempel "sex"')
    ends = horizon_times(horizons, unit=follow_up.unit)
    everybody, *parts = groups(follow_up, by=by)
    compared = [
        _group_rows(follow_up, place, times, everybody[1].drop(times.index), horizons, ends, season, level)
        for place, times in parts
    ]
    first = _everybody_rows(follow_up, everybody, horizons, ends, level=level)
    first = first.assign(n_without=sum(int(rows["n_without"].iloc[0]) for rows in compared))
    columns = _columns(follow_up, by=by, horizons=horizons, season=Season(season), level=level)
    return Result(
        id=f"{follow_up.cohort}_placement_contrasts_by_{by}",
        title=f"Andel som har lämnat registret för {follow_up.ways_out[follow_up.sought].lower()}, jämförd med övrigas"
        f"{split_words(by, ', efter ')}: {title_of(follow_up)}",
        columns=columns,
        table=pd.concat([first, *compared], ignore_index=True)[[column.name for column in columns]],
        context=follow_up_context(follow_up),
        equations=tuple(_equations(follow_up, by=by, horizons=horizons, season=Season(season))),
        note=_note(Season(season)) + follow_up_words(follow_up),
        source=source(follow_up),
        method=method_of(f"placement_contrasts_{follow_up.unit}", METHODS),
    )


def _note(season: Season) -> str:
    return (
        f"{COUNTED_AND_ENTERED} Skillnaden är gruppens andel minus alla övrigas. Andelen bland jämförbara övriga är den som de övriga skulle ha "
        f"om deras ålder och {SEASON_WORDS[season]} vid inträdet var fördelade som i gruppen; den justerade skillnaden jämför med den. Den vars ålder "
        "ingen av de övriga hade är utelämnad ur den justerade skillnaden. Övriga olikheter mellan grupperna är kvar."
    )


def _group_rows(
    follow_up: FollowUp,
    place: dict[str, str],
    group: pd.DataFrame,
    others: pd.DataFrame,
    horizons: Sequence[int],
    ends: list[int],
    season: str,
    level: float,
) -> pd.DataFrame:
    """Return the rows of a group compared with the others, one per horizon."""
    weights = standard_weights(entry_strata(group, season=season), entry_strata(others, season=season))
    crude = _contrasts(follow_up, group, others, ends, level=level)
    alike = _contrasts(follow_up, group[weights.group], others, ends, weight=weights.others, level=level)
    rows = [
        _named("share", one.group)
        | _named("difference", one.difference, times=POINTS)
        | _named("others", other.others)
        | _named("standardised", other.difference, times=POINTS)
        for one, other in zip(crude, alike, strict=True)
    ]
    counts = counts_to_date(group, ends, way=follow_up.sought)
    return pd.concat([counts, pd.DataFrame(rows)], axis=1).assign(
        **place,
        **{WAY_OUT: follow_up.sought, MONTHS: [str(months) for months in horizons]},
        n_without=int((~weights.group).sum()),
    )


def _everybody_rows(
    follow_up: FollowUp,
    everybody: tuple[dict[str, str], pd.DataFrame],
    horizons: Sequence[int],
    ends: list[int],
    *,
    level: float,
) -> pd.DataFrame:
    """Return the rows of everybody, who are compared with nobody."""
    place, times = everybody
    contrasts = _contrasts(follow_up, times, times.iloc[:0], ends, level=level)
    none = [_named(name, contrasts[0].difference) for name in ("difference", "others", "standardised")]
    rows = [_named("share", one.group) | none[0] | none[1] | none[2] for one in contrasts]
    return pd.concat([counts_to_date(times, ends, way=follow_up.sought), pd.DataFrame(rows)], axis=1).assign(
        **place, **{WAY_OUT: follow_up.sought, MONTHS: [str(months) for months in horizons]}
    )


def _contrasts(
    follow_up: FollowUp,
    group: pd.DataFrame,
    others: pd.DataFrame,
    ends: list[int],
    *,
    weight: pd.Series | None = None,
    level: float,
) -> list[IncidenceContrast]:
    """Return the contrast of the way sought, the first cause, at each of ``ends``."""
    sides = [
        ContrastedSpells(
            times["entry_time"].to_numpy(),
            times["exit_time"].to_numpy(),
            causes(times, follow_up).to_numpy(),
            times["person_id"].to_numpy(),
            weights,
        )
        for times, weights in ((group, None), (others, weight))
    ]
    n_causes = len(follow_up.ways_out)
    return [incidence_contrast(*sides, n_causes=n_causes, cause=1, time=end, level=level) for end in ends]


def _named(name: str, found: Limited, *, times: float = 1.0) -> dict[str, float]:
    return {name: times * found.value, f"{name}_low": times * found.lower, f"{name}_high": times * found.upper}


def _columns(
    follow_up: FollowUp, *, by: str, horizons: Sequence[int], season: Season, level: float
) -> tuple[Column, ...]:
    prefix = follow_up.cohort
    sought = follow_up.ways_out[follow_up.sought].lower()
    n_without = f"{prefix}_without_counterpart_{by}_{season}"
    flows = tuple(f"{prefix}_{flow}" for flow in ("events_to_date", "entered", "censored"))
    share = Estimate(
        "share",
        f"Andel som har lämnat för {sought}",
        ("n_events_to_date", "n_at_risk"),
        rule="curve",
        along=MONTHS,
        among=WAY_OUT,
        also=flows,
    )
    difference = replace(
        share,
        name="difference",
        label="Skillnad mot övriga (procentenheter)",
        digits=1,
        base=("n_at_risk", "n_events_to_date"),
        among=by,
    )
    rests_on = (*difference.base, "n_without")
    others = replace(
        difference, name="others", label="Andel bland jämförbara övriga", digits=share.digits, base=rests_on
    )
    standardised = replace(difference, name="standardised", label="Justerad skillnad (procentenheter)", base=rests_on)
    return (
        group_dimension(by, follow_up=follow_up),
        Dimension(WAY_OUT, "Orsak", {ANY: "Alla orsaker"} | dict(follow_up.ways_out), total=ANY),
        months_dimension(horizons),
        Count("n_events_to_date", f"Har lämnat för {sought}", f"{prefix}_events_to_date", "spells"),
        Count("n_at_risk", "Under observation", f"{prefix}_at_risk", "spells", (WAY_OUT,)),
        Count("n_without", "Utan jämförbara övriga", n_without, "spells", (WAY_OUT, MONTHS)),
        share,
        *_limits(share, level=level),
        difference,
        *_limits(difference, level=level),
        others,
        standardised,
        *_limits(standardised, level=level),
    )


def _limits(estimate: Estimate, *, level: float) -> Iterator[Estimate]:
    for limit, bound in zip(limit_columns(estimate, level=level), ("low", "high"), strict=True):
        yield replace(limit, name=f"{estimate.name}_{bound}")


def _equations(follow_up: FollowUp, *, by: str, horizons: Sequence[int], season: Season) -> Iterator[Equation]:
    """Give those of the numbers to date, and that those followed have a counterpart among the others or have none."""
    yield from to_date_equations(follow_up, by=by, horizons=horizons, ways=[follow_up.sought])
    prefix, context = follow_up.cohort, follow_up_context(follow_up)
    for value in group_dimension(by, follow_up=follow_up).labels:
        place = context | ({} if value == ALL else {by: value})
        measures = ("followed", f"with_counterpart_{by}_{season}", f"without_counterpart_{by}_{season}")
        followed, with_, without = (cell(f"{prefix}_{measure}", **place) for measure in measures)
        yield Equation("De som följs har jämförbara övriga eller inte", ((-1, followed), (1, with_), (1, without)))
