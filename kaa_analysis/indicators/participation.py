"""Who takes part in support: persons by kind of intervention or by provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from kaa_analysis.cohorts import Cohort
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import table, tally

if TYPE_CHECKING:
    from kaa_analysis.store import Register

SupportSplit = Literal["kind", "provider"]

SPLITS = {
    "kind": Dimension("kind", "Insats", {"all": "Någon insats", **labels("intervention")}, total="all", additive=False),
    "provider": Dimension(
        "provider", "Utförare", {"all": "Någon insats", **labels("provider")}, total="all", additive=False
    ),
}
IN_SUPPORT = "in_support"


def support_by_intervention(register: Register, cohort: Cohort, *, period: Period, by: SupportSplit = "kind") -> Result:
    """Count the persons registered during a period who began or went on with an intervention in it, by kind or by provider.

    Raises:
        DefinitionError: ``by`` is unknown, or the cohort is of another period or extract.

    **Counts**: persons, each once per row; who had several interventions stands in several rows, so the rows do not add up.
    **Time**: start_date before the end of the period and end_date (first day after) missing or after its start.
    **Missing**: an offer without start date is no participation; an intervention without end date goes on.
    **Source**: handlingsplanen avsnitt 7.2.
    """
    splits.require_registered(register, cohort, period)
    if by not in SPLITS:
        raise DefinitionError(
            f"Indelningen ska vara {' eller '.join(SPLITS)}{did_you_mean(by, SPLITS)}.", found=str(by)
        )
    dimensions = [SPLITS[by], SEX]
    count = Count("n_persons", "Personer i stöd", measure=IN_SUPPORT, cumulative=True)
    took_part = _participations(register, cohort, period)
    return Result(
        id=f"support_by_{by}" if by != "kind" else "support_by_intervention",
        title=f"Personer i stöd per {SPLITS[by].label.lower()}{splits.located(cohort.area)}, {period.label}",
        columns=(*dimensions, count),
        table=table({count.name: tally(took_part, by=dimensions, distinct="person_id")}),
        context=splits.place(register.extract_date, area=cohort.area, period=period.label),
        note="En person med flera insatser står på flera rader, men bara en gång i totalen. Insatser som kräver samtycke saknas för dem som "
        "inte har lämnat det, så stödet hos arbetsmarknadsförvaltningen kan vara underskattat."
        + splits.whose(cohort.area)
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("support_by_intervention", area=cohort.area),
    )


def _participations(register: Register, cohort: Cohort, period: Period) -> pd.DataFrame:
    offers = register.table("interventions", columns=["person_id", "kind", "provider", "start_date", "end_date"])
    end = pd.Timestamp(observed_end(period, register.extract_date))
    running = (offers["start_date"] < end) & (
        offers["end_date"].isna()
        | (offers["end_date"] > pd.Timestamp(period.start))
        | (offers["start_date"] >= pd.Timestamp(period.start))
    )
    persons = cohort.spells[["person_id", "sex"]].drop_duplicates("person_id")
    return offers[running].merge(persons, on="person_id", how="inner", validate="many_to_one")
