"""Who takes part in support, and how many interventions begin, end and go on: in total, by intervention or by provider."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.begun_support import ALL_KINDS, ANY_KIND, CONSENT, N_ENDED, support_in_each
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import share, spread, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

SupportSplit = Literal["kind", "provider"]
FlowSplit = Literal["all", "kind", "provider"]

SPLITS = {
    "kind": ANY_KIND,
    "provider": Dimension(
        "provider", "Utförare", {"all": "Någon insats", **labels("provider")}, total="all", additive=False
    ),
}
"""The splits of persons, whose rows overlap."""

FLOW_SPLITS = {
    "kind": ALL_KINDS,
    "provider": Dimension("provider", "Utförare", {"all": "Alla insatser", **labels("provider")}, total="all"),
}
"""The splits of interventions, whose rows add up."""

IN_SUPPORT = Count("n_persons", "Personer i stöd", measure="in_support", cumulative=True, key=True)
N_START = Count("n_start", "Pågick vid periodens början", measure="support_start", unit="spells")
N_BEGUN = Count("n_begun", "Påbörjade", measure="support_begun", unit="spells", cumulative=True)
N_END = Count("n_end", "Pågick vid periodens slut", measure="support_end", unit="spells")


def support_by_intervention(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    by: SupportSplit = "kind",
) -> Result:
    """Count the persons covered in each period who took part in an intervention in it, by kind or by provider, and their share.

    ``area`` is the district that the persons belong to in the period (`cohorts.inhabitants`), None the whole municipality.

    Raises:
        DefinitionError: ``by`` is unknown, no period, a label twice, or as in `registered_during`.

    **Counts**: persons, each once per row; who had several interventions stands in several rows, so the rows do not add up.
    **Time**: start_date before the end of the period and end_date (first day after) missing or after its start.
    **Missing**: an offer without start date is no participation; an intervention without end date goes on.
    **Source**: handlingsplanen avsnitt 7.2.
    """
    split, period_split = _chosen(by, SPLITS), splits.period_dimension(periods)
    dimensions = [split, period_split, SEX]
    rows = support_in_each(register, periods, population=population, area=area)
    n_persons = tally(rows[rows["took_part"]], by=dimensions, distinct="person_id")
    n_covered = _covered(register, periods, population, area, period_split)
    n_covered = spread(n_covered, over=n_persons, split=split)
    everybody = Count(
        "n_covered", "Alla som omfattades", splits.COVERED.measure, regardless_of=(split.name,), cumulative=True
    )
    return Result(
        id=f"support_by_{by}" if by != "kind" else "support_by_intervention",
        title=f"Personer i stöd per {split.label.lower()}{splits.located(area)}, {splits.span(periods)}",
        columns=(*dimensions, IN_SUPPORT, everybody, Share("share_in_support", "Andel", "n_persons", "n_covered")),
        table=table({"n_persons": n_persons, "n_covered": n_covered, "share_in_support": share(n_persons, n_covered)}),
        context=splits.place(register.extract_date, area=area),
        note=f"En person med flera insatser står på flera rader, men bara en gång i totalen. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("support_by_intervention", area=area),
    )


def support_flow(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    by: FlowSplit = "all",
) -> Result:
    """Count the interventions that began and ended in each period and that went on at its end, of the persons covered in it.

    Start + begun − ended = end holds in every row. Without a split (``by="all"``) those running at the start stand in the table; by kind
    or by provider they follow from the others. ``area`` as in `support_by_intervention`.

    Raises:
        DefinitionError: ``by`` is unknown, no period, a label twice, or as in `registered_during`.

    **Counts**: interventions that somebody took part in, so that a person can have several; offers that did not begin are none.
    **Time**: start_date, and end_date (first day after), in ``[start, end)``; running by start_date ≤ day < end_date.
    **Missing**: an intervention without end date goes on.
    **Source**: handlingsplanen avsnitt 7.2.
    """
    split = [] if by == "all" else [_chosen(by, FLOW_SPLITS)]
    dimensions = [*split, splits.period_dimension(periods), SEX]
    rows = support_in_each(register, periods, population=population, area=area)
    happened = {N_START: "was_running", N_BEGUN: "has_begun", N_ENDED: "has_ended", N_END: "is_running"}
    shown = [count for count in happened if count is not N_START or by == "all"]
    counts = {count.name: tally(rows[rows[happened[count]]], by=dimensions) for count in shown}
    context = splits.place(register.extract_date, area=area)
    per = f" per {split[0].label.lower()}" if split else ""
    return Result(
        id=f"support_flow_by_{by}" if split else "support_flow",
        title=f"Påbörjade och avslutade insatser{per}{splits.located(area)}, {splits.span(periods)}",
        columns=(*dimensions, *shown),
        table=table(counts),
        context=context,
        equations=tuple(_flow_equations(dimensions, context)),
        note="Tabellen räknar insatser, inte personer, för dem som omfattades i perioden. De som pågick vid periodens början plus de påbörjade "
        f"minus de avslutade är de som pågick vid dess slut. {CONSENT}"
        + splits.whose_in_each(area, periods)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("support_flow", area=area),
    )


def _chosen(by: str, known: Mapping[str, Dimension]) -> Dimension:
    if by not in known:
        raise DefinitionError(f"Indelningen ska vara {' eller '.join(known)}{did_you_mean(by, known)}.", found=str(by))
    return known[by]


def _covered(
    register: Register,
    periods: Sequence[Period],
    population: TargetPopulation | None,
    area: ChosenArea | None,
    period_split: Dimension,
) -> pd.Series:
    """Return the persons covered, by period and sex."""
    cohorts = [registered_during(register, period, population=population, area=area) for period in periods]
    spells = pd.concat([cohort.spells_table.assign(period=cohort.period.label) for cohort in cohorts])
    return tally(spells, by=[period_split, SEX], distinct="person_id")


def _flow_equations(dimensions: Sequence[Dimension], context: Mapping[str, str]) -> list[Equation]:
    """Return that start + begun − ended is end at every place of the table, whether or not it prints the start."""
    signs = {N_START: 1, N_BEGUN: 1, N_ENDED: -1, N_END: -1}
    index = pd.MultiIndex.from_product([list(dimension.labels) for dimension in dimensions])
    names = [dimension.name for dimension in dimensions]
    return [
        Equation(
            "Början plus påbörjade minus avslutade är slutet",
            tuple(
                (sign, splits.at(count.measure, context, **dict(zip(names, place, strict=True))))
                for count, sign in signs.items()
            ),
        )
        for place in index
    ]
