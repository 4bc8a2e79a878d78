"""How many spells of a cohort can be followed at all."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.known_ends import ADMINISTRATIVE, MEASURE_INSIDE
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Count, Dimension, Equation, Result, cell
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.linked_counts import METHODS, follow_up_context, law_words, source, title_of

STEPS = {
    "included": "Ingår i kohorten",
    "never_at_risk": "Kan inte följas: fördes in i registret först när den var avslutad eller uttaget gjordes",
    "followed": "Följs",
}
STEPS_ACROSS_LAW = {
    "to_law_change": "Följs bara till lagändringen, som ensam gjorde att ungdomen inte längre omfattas (censureras då)",
    "went_on": "Följs vidare efter ett avslut till introduktionsprogram, som då var en åtgärd inom målgruppen",
}
"""Further rows, of those followed, where the period began before a change of the law."""


def follow_up_base(follow_up: FollowUp) -> Result:
    """Count the spells of the cohort, those that were over before they could be observed, and those that are followed.

    Linked to `life_table`: who came under observation at the horizons and later are those who are followed. Where a change of the law lies
    between the start of the period and the end of observation, two more rows tell, of those followed, whom the law alone put outside
    and who went on after an exit that was none.

    **Counts** spells.
    **Time** a spell is never at risk if its delayed entry is not before its exit.
    **Missing** nothing is missing: every spell of the cohort stands in one of the first rows.
    **Source** STROBE (2007) item 13; `docs/methods/kaplan_meier.md`; Lag (2018:749).
    """
    times, n_never = follow_up.times_table, follow_up.n_never_at_risk
    counts = {"included": len(times) + n_never, "never_at_risk": n_never, "followed": len(times)}
    if follow_up.law_changes:
        counts["to_law_change"] = int(times["censored_by"].eq(ADMINISTRATIVE).sum())
        counts["went_on"] = int(times["exit_kind"].eq(MEASURE_INSIDE).sum())
    labels = {step: (STEPS | STEPS_ACROSS_LAW)[step] for step in counts}
    context = follow_up_context(follow_up)
    count = Count("n_spells", "Registreringar", measure=f"{follow_up.cohort}_follow_up", unit="spells")
    return Result(
        id=f"{follow_up.cohort}_follow_up_base",
        title=f"Vilka som kan följas: {title_of(follow_up)}",
        columns=(Dimension("step", "Steg", labels), count),
        table=pd.DataFrame({"step": list(counts), "n_spells": list(counts.values())}),
        context=context,
        equations=_equations(follow_up, measure=count.measure, context=context),
        note="En registrering som fördes in i registret efter sitt startdatum, och då redan var avslutad, har aldrig kunnat observeras "
        "och räknas inte med." + law_words(follow_up),
        source=source(follow_up),
        method=method_of("follow_up_base", METHODS),
    )


def _equations(follow_up: FollowUp, *, measure: str, context: dict[str, str]) -> tuple[Equation, ...]:
    included, never, followed = (cell(measure, **context, step=step) for step in STEPS)
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
