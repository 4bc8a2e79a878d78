"""Each group against the others: the share that has left by the way sought, as it is and standardised to the group's age and season of entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Column, Count, Equation, Estimate, Result, cell
from kaa_analysis.survival.cores.incidence_contrast import ContrastedSpells, IncidenceContrast, incidence_contrast
from kaa_analysis.survival.counts_to_date import counts_to_date, to_date_equations
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.groups import ALL, group_dimension, groups, split_words
from kaa_analysis.survival.horizons import MONTHS, horizon_times, months_dimension
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.linked_counts import COUNTED_AND_ENTERED, follow_up_context
from kaa_analysis.survival.standard_weights import Season, entry_strata, standard_weights
from kaa_analysis.survival.ways_of_leaving import WAY_OUT, causes, way_dimension

SEASON_WORDS = {Season.MONTH: "månad", Season.QUARTER: "kvartal"}
HORIZONS = (3, 6, 12, 24)
ESTIMATES = ("share", "others", "difference", "lower", "upper")

POINTS = 100
"""Percentage points in the whole."""

NOTE = f"{COUNTED_AND_ENTERED} Skillnaden är gruppens andel minus alla övrigas."
STANDARDISED_NOTE = (
    f"{COUNTED_AND_ENTERED} Andelen bland jämförbara övriga är den som de övriga skulle ha om deras ålder och {{season}} vid inträdet var fördelade som "
    "i gruppen, och skillnaden är gruppens andel minus den. Den vars ålder ingen av de övriga hade är utelämnad ur andelarna och skillnaden. Övriga "
    "olikheter mellan grupperna är kvar."
)


@dataclass(frozen=True, eq=False)
class Side:
    """The spells on one side of a comparison, each with its weight (1 where there is none)."""

    times: pd.DataFrame
    weight: pd.Series | None = None

    def spells(self, follow_up: FollowUp) -> ContrastedSpells:
        """Return them as the estimator takes them."""
        times = self.times
        return ContrastedSpells(
            times["entry_time"].to_numpy(),
            times["exit_time"].to_numpy(),
            causes(times, follow_up).to_numpy(),
            times["person_id"].to_numpy(),
            self.weight,
        )


def placement_contrasts(
    follow_up: FollowUp, *, by: str, horizons: Sequence[int] = HORIZONS, level: float = 0.95
) -> Result:
    """Compare the share of each group that has left by the way sought with that of the others, as it is.

    ``by`` is "sex" or "district"; one row per group (everybody first, compared with nobody) and horizon. ``share`` is the group's cumulative
    incidence (Aalen–Johansen), ``others`` that of all others together, ``difference`` the first less the second in percentage points, with ``lower``
    and ``upper``. No estimate at a horizon past the follow-up of either side. The standard error of a difference is the infinitesimal jackknife's,
    summed over persons. A share rests on what `cumulative_incidence` rests on at the same horizons, a comparison on the same numbers of
    the group and of everybody.

    Raises:
        DefinitionError: no or an unknown split, unknown way out or group, horizons out of order, or times that no estimator can carry.

    **Counts** spells.
    **Time** whole days or months since time zero; events before censorings of the same time; at risk in (entry, exit].
    **Missing** way out, group or time is refused; open spells are censored at the end of observation.
    **Source** `docs/methods/standardised_contrasts.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    everybody, *parts = _groups(follow_up, by=by)
    rows = [_counts(follow_up, everybody[1], ends).assign(**everybody[0], **_shares(follow_up, everybody[1], ends))]
    for place, times in parts:
        found = _contrasts(follow_up, Side(times), Side(everybody[1].drop(times.index)), ends, level=level)
        rows.append(pd.concat([_counts(follow_up, times, ends), found], axis=1).assign(**place))
    sought = follow_up.ways_out[follow_up.sought].lower()
    return follow_up_result(
        follow_up,
        "placement_contrasts",
        title=f"Andel som har lämnat registret för {sought}, jämförd med övrigas{split_words(by, ', efter ')}",
        columns=(*_counted(follow_up, by=by, horizons=horizons), *_estimates(follow_up, by=by, level=level)),
        table=pd.concat(_at(follow_up, rows, horizons), ignore_index=True),
        note=NOTE,
        method=f"placement_contrasts_{follow_up.unit}",
        by=by,
        equations=to_date_equations(follow_up, by=by, horizons=horizons, ways=[follow_up.sought]),
    )


def standardised_contrasts(
    follow_up: FollowUp,
    *,
    by: str,
    horizons: Sequence[int] = HORIZONS,
    season: str = Season.MONTH,
    level: float = 0.95,
) -> Result:
    """Compare the share of each group that has left by the way sought with that of others of the same age who came in at the same time of the year.

    As `placement_contrasts`, but ``others`` is the incidence of the others weighted to the group's distribution over age in whole years and ``season``
    ("month" or "quarter") of entry. Where none of the others came in at that age and season, those of that age stand in; spells at an age that none
    of the others had are left out: ``n_without``, and ``share`` is that of the rest. The weights are taken as known. A comparison rests also on how
    many are left out.

    Raises:
        DefinitionError: as `placement_contrasts`, or an unknown season.

    **Counts** spells.
    **Time** as in `placement_contrasts`.
    **Missing** as in `placement_contrasts`; an unknown age is a stratum of its own.
    **Source** Keiding & Clayton 2014; `docs/methods/standardised_contrasts.md`.
    """
    ends = horizon_times(horizons, unit=follow_up.unit)
    everybody, *parts = _groups(follow_up, by=by)
    rows, n_without = [], 0
    for place, times in parts:
        others = everybody[1].drop(times.index)
        weights = standard_weights(entry_strata(times, season=season), entry_strata(others, season=season))
        found = _contrasts(follow_up, Side(times[weights.group]), Side(others, weights.others), ends, level=level)
        n_of_group = int((~weights.group).sum())
        rows.append(pd.concat([_counts(follow_up, times, ends), found], axis=1).assign(**place, n_without=n_of_group))
        n_without += n_of_group
    nothing = dict.fromkeys(ESTIMATES, np.nan)
    first = _counts(follow_up, everybody[1], ends).assign(**everybody[0], **nothing, n_without=n_without)
    without = f"{follow_up.cohort}_without_counterpart_{by}_{Season(season)}"
    sought = follow_up.ways_out[follow_up.sought].lower()
    return follow_up_result(
        follow_up,
        "standardised_contrasts",
        title=f"Andel som har lämnat registret för {sought}, jämförd med jämförbara övrigas{split_words(by, ', efter ')}",
        columns=(
            *_counted(follow_up, by=by, horizons=horizons),
            Count("n_without", "Utan jämförbara övriga", without, "spells", (WAY_OUT, MONTHS)),
            *_estimates(follow_up, by=by, level=level, standardised=True),
        ),
        table=pd.concat(_at(follow_up, [first, *rows], horizons), ignore_index=True),
        note=STANDARDISED_NOTE.format(season=SEASON_WORDS[Season(season)]),
        method=f"standardised_contrasts_{follow_up.unit}",
        by=by,
        equations=_equations(follow_up, by=by, horizons=horizons, season=Season(season)),
    )


def _groups(follow_up: FollowUp, *, by: str) -> Iterator[tuple[dict[str, str], pd.DataFrame]]:
    if by is None:
        raise DefinitionError("En jämförelse kräver en uppdelning i grupper.", action='ange by, till exempel "sex"')
    return groups(follow_up, by=by)


def _at(follow_up: FollowUp, rows: list[pd.DataFrame], horizons: Sequence[int]) -> list[pd.DataFrame]:
    place = {WAY_OUT: follow_up.sought, MONTHS: [str(months) for months in horizons]}
    return [group.assign(**place) for group in rows]


def _counts(follow_up: FollowUp, times: pd.DataFrame, ends: list[int]) -> pd.DataFrame:
    return counts_to_date(times, ends, way=follow_up.sought)


def _shares(follow_up: FollowUp, everybody: pd.DataFrame, ends: list[int]) -> dict[str, object]:
    """Return the share of everybody at each of ``ends``; who is compared with nobody has nothing else."""
    nobody = Side(everybody.iloc[:0])
    return dict(_contrasts(follow_up, Side(everybody), nobody, ends, level=0.95))


def _contrasts(follow_up: FollowUp, group: Side, others: Side, ends: list[int], *, level: float) -> pd.DataFrame:
    """Return `ESTIMATES` of the way sought, the first cause, at each of ``ends``."""
    sides, n_causes = (group.spells(follow_up), others.spells(follow_up)), len(follow_up.ways_out)
    found = [incidence_contrast(*sides, n_causes=n_causes, cause=1, time=end, level=level) for end in ends]
    return pd.DataFrame([_estimated(one) for one in found], columns=list(ESTIMATES))


def _estimated(found: IncidenceContrast) -> tuple[float, ...]:
    apart = found.difference
    return (found.group.value, found.others.value, *(POINTS * x for x in (apart.value, apart.lower, apart.upper)))


def _counted(follow_up: FollowUp, *, by: str, horizons: Sequence[int]) -> tuple[Column, ...]:
    prefix, sought = follow_up.cohort, follow_up.ways_out[follow_up.sought].lower()
    return (
        group_dimension(by, follow_up=follow_up),
        way_dimension(follow_up),
        months_dimension(horizons),
        Count("n_events_to_date", f"Har lämnat för {sought}", f"{prefix}_events_to_date", "spells"),
        Count("n_at_risk", "Under observation", f"{prefix}_at_risk", "spells", (WAY_OUT,)),
    )


def _estimates(follow_up: FollowUp, *, by: str, level: float, standardised: bool = False) -> tuple[Column, ...]:
    flows = tuple(f"{follow_up.cohort}_{flow}" for flow in ("events_to_date", "entered", "censored"))
    base, left_out = ("n_events_to_date", "n_at_risk"), ("n_without",) if standardised else ()
    label = f"Andel bland {'jämförbara ' if standardised else ''}övriga"
    share = Estimate("share", "Andel", (*base, *left_out), rule="curve", along=MONTHS, among=WAY_OUT, also=flows)
    others = replace(share, name="others", label=label, base=(*reversed(base), *left_out), among=by)
    difference = replace(others, name="difference", label="Skillnad (procentenheter)", digits=1)
    return (share, others, difference, *limit_columns(difference, level=level))


def _equations(follow_up: FollowUp, *, by: str, horizons: Sequence[int], season: Season) -> Iterator[Equation]:
    """Give those of the numbers to date, and that those followed have a counterpart among the others or have none."""
    yield from to_date_equations(follow_up, by=by, horizons=horizons, ways=[follow_up.sought])
    prefix, context = follow_up.cohort, follow_up_context(follow_up)
    for value in group_dimension(by, follow_up=follow_up).labels:
        place = context | ({} if value == ALL else {by: value})
        measures = ("followed", f"with_counterpart_{by}_{season}", f"without_counterpart_{by}_{season}")
        followed, with_, without = (cell(f"{prefix}_{measure}", **place) for measure in measures)
        yield Equation("De som följs har jämförbara övriga eller inte", ((-1, followed), (1, with_), (1, without)))
