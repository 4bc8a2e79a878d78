"""What the persons did after their interventions, and within which bounds the share in work or studies lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, RowSum, Share
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.begun_support import CONSENT, N_ENDED, support_in_each
from kaa_analysis.indicators.coarser_splits import coarser_groupings
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.support_ends import NOT_TOLD
from kaa_analysis.indicators.tally import at_total, share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

WORK_OR_STUDIES = ("work", "studies", "studies_abroad")
"""The activities that are work or studies; an internship is none of them."""

ACTIVITY_LABELS = {code: label for code, label in labels("activity").items() if code != NOT_TOLD}
ACTIVITY = Dimension(
    "activity",
    "Sysselsättning efter insatsen",
    {"all": "Alla avslutade insatser", **ACTIVITY_LABELS, NOT_TOLD: labels("activity")[NOT_TOLD]},
    total="all",
    coarser=coarser_groupings(
        "activity",
        split="activity",
        label="Sysselsättning efter insatsen",
        values=labels("activity"),
        notes=["Sysselsättningarna är sammanslagna till tre grupper för att ingen ska kunna pekas ut."],
    ),
)

N_ACTIVE = Count(
    "n_active", "Arbete eller studier", measure="support_to_work_or_studies", unit="spells", cumulative=True
)
N_UNKNOWN = Count("n_unknown", "Okänt", measure="support_to_unknown", unit="spells", cumulative=True)
N_ELSEWHERE = Count("n_elsewhere", "Annat", measure="support_to_other", unit="spells", cumulative=True)
N_POSSIBLY = Count(
    "n_possibly", "Arbete, studier eller okänt", measure="support_possibly_to_work_or_studies", unit="spells", cumulative=True
)  # fmt: skip


def activity_after_support(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the interventions that ended in each period by what the person did afterwards, with the share of all that ended.

    They are those of the persons covered in the period; ``area`` is the district these belong to (`cohorts.inhabitants`).

    Raises:
        DefinitionError: no period, a label twice, or as in `registered_during`.

    **Counts**: interventions that ended.
    **Time**: end_date, the first day after, in ``[start, end)``; the activity is the one noted when the intervention ended.
    **Missing**: an activity that is not noted stands with the unknown ones, which are in the denominator.
    **Source**: handlingsplanen avsnitt 7.2; förordning 2006:39 § 4 (sysselsättning).
    """
    by = [splits.period_dimension(periods), ACTIVITY, SEX]
    n_ended = tally(_ended(register, periods, population, area), by=by)
    n_all = at_total(n_ended, ACTIVITY)
    everything = Count("n_all_ended", "Alla avslutade", N_ENDED.measure, "spells", (ACTIVITY.name,), cumulative=True)
    return Result(
        id="activity_after_support",
        title=f"Sysselsättning efter avslutade insatser{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, N_ENDED, everything, Share("share_of_ended", "Andel", N_ENDED.name, everything.name)),
        table=table({N_ENDED.name: n_ended, everything.name: n_all, "share_of_ended": share(n_ended, n_all)}),
        context=splits.place(register.extract_date, area=area),
        note=f"Tabellen räknar avslutade insatser, inte personer. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("activity_after_support", area=area),
    )


def work_or_studies_after_support(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the interventions that ended in each period with work or studies after, and give the bounds that the unknown leave.

    The share is at least that of the known ones (every unknown is something else) and at most that of the known and the unknown together
    (every unknown is work or studies). ``area`` as in `activity_after_support`.

    Raises:
        DefinitionError: no period, a label twice, or as in `registered_during`.

    **Counts**: interventions that ended; work or studies is work, studies, and studies abroad.
    **Time**: end_date, the first day after, in ``[start, end)``.
    **Missing**: an activity that is not noted is unknown; nothing ended, no share.
    **Source**: handlingsplanen avsnitt 7.2; arbetsdefinition Shares with unknown status.
    """
    split = splits.period_dimension(periods)
    ended = _ended(register, periods, population, area)
    active, unknown = ended["activity"].isin(WORK_OR_STUDIES), ended["activity"].eq(NOT_TOLD)
    chosen = {
        N_ENDED: active | ~active, N_ACTIVE: active, N_UNKNOWN: unknown, N_ELSEWHERE: ~(active | unknown), N_POSSIBLY: active | unknown,
    }  # fmt: skip
    counts = {count.name: tally(ended[rows], by=[split, SEX]) for count, rows in chosen.items()}
    shares = {
        "share_at_least": share(counts[N_ACTIVE.name], counts[N_ENDED.name]),
        "share_at_most": share(counts[N_POSSIBLY.name], counts[N_ENDED.name]),
    }
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="work_or_studies_after_support",
        title=f"Arbete eller studier efter avslutade insatser{splits.located(area)}, {splits.span(periods)}",
        columns=(
            split,
            SEX,
            *chosen,
            Share("share_at_least", "Andel, minst", N_ACTIVE.name, N_ENDED.name),
            Share("share_at_most", "Andel, högst", N_POSSIBLY.name, N_ENDED.name),
        ),
        table=table(counts | shares),
        context=context,
        row_sums=(
            RowSum(N_ENDED.name, (N_POSSIBLY.name, N_ELSEWHERE.name)),
            RowSum(N_POSSIBLY.name, (N_ACTIVE.name, N_UNKNOWN.name)),
        ),
        equations=tuple(_sums_of_activities(split, context)),
        note="Den lägsta andelen antar att ingen av de okända hade arbete eller studier, den högsta att alla hade det. Den verkliga andelen "
        f"ligger någonstans emellan. Praktik räknas inte som arbete. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("work_or_studies_after_support", area=area),
    )


def _ended(
    register: Register,
    periods: Sequence[Period],
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> pd.DataFrame:
    rows = support_in_each(register, periods, population=population, area=area)
    return rows[rows["has_ended"]].assign(activity=lambda ended: ended["activity_after"].fillna(NOT_TOLD))


def _sums_of_activities(period_split: Dimension, context: Mapping[str, str]) -> list[Equation]:
    """Return how the counts of `work_or_studies_after_support` follow from the cells of `activity_after_support`."""
    elsewhere = [code for code in ACTIVITY_LABELS if code not in WORK_OR_STUDIES]
    return [
        _sum_of(count, activities, context, period=period, sex=sex)
        for count, activities in ((N_ACTIVE, WORK_OR_STUDIES), (N_UNKNOWN, [NOT_TOLD]), (N_ELSEWHERE, elsewhere))
        for period in period_split.labels
        for sex in SEX.labels
    ]


def _sum_of(count: Count, activities: Iterable[str], context: Mapping[str, str], **place: str) -> Equation:
    parts = [splits.at(N_ENDED.measure, context, activity=activity, **place) for activity in activities]
    whole = splits.at(count.measure, context, **place)
    return Equation(f"{count.label}: summan av sysselsättningarna", ((-1, whole), *((1, part) for part in parts)))
