"""How many spells of a cohort can be followed at all."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Count, Dimension, Equation, Result, cell
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.linked_counts import METHODS, follow_up_context, source, title_of

STEP = Dimension(
    "step",
    "Steg",
    {
        "included": "Ingår i kohorten",
        "never_at_risk": "Kan inte följas: fördes in i registret först när den var avslutad eller uttaget gjordes",
        "followed": "Följs",
    },
)


def follow_up_base(follow_up: FollowUp) -> Result:
    """Count the spells of the cohort, those that were over before they could be observed, and those that are followed.

    Linked to `life_table`: who came under observation at the horizons and later are those who are followed.

    **Counts** spells.
    **Time** a spell is never at risk if its delayed entry is not before its exit.
    **Missing** nothing is missing: every spell of the cohort stands in one of the two rows.
    **Source** STROBE (2007) item 13; `docs/methods/kaplan_meier.md`.
    """
    n_followed, n_never = len(follow_up.times_table), follow_up.n_never_at_risk
    context = follow_up_context(follow_up)
    count = Count("n_spells", "Registreringar", measure=f"{follow_up.cohort}_follow_up", unit="spells")
    return Result(
        id=f"{follow_up.cohort}_follow_up_base",
        title=f"Vilka som kan följas: {title_of(follow_up)}",
        columns=(STEP, count),
        table=pd.DataFrame({"step": list(STEP.labels), "n_spells": [n_followed + n_never, n_never, n_followed]}),
        context=context,
        equations=_equations(follow_up, measure=count.measure, context=context),
        note="En registrering som fördes in i registret efter sitt startdatum, och då redan var avslutad, har aldrig kunnat observeras "
        "och räknas inte med.",
        source=source(follow_up),
        method=method_of("follow_up_base", METHODS),
    )


def _equations(follow_up: FollowUp, *, measure: str, context: dict[str, str]) -> tuple[Equation, ...]:
    included, never, followed = (cell(measure, **context, step=step) for step in STEP.labels)
    entered = [cell(f"{follow_up.cohort}_entered", **context, **{MONTHS: str(months)}) for months in HORIZONS]
    later = cell(f"{follow_up.cohort}_entered_later", **context)
    chosen = cell("flow_spells", **context, cohort=follow_up.cohort, step="included")
    return (
        Equation("De som ingår följs eller följs inte", ((1, included), (-1, never), (-1, followed))),
        Equation(
            "De som följs kommer under observation", ((1, followed), (-1, later), *((-1, term) for term in entered))
        ),
        Equation("De som ingår är urvalets sista rad", ((1, included), (-1, chosen))),
    )
