"""How many spells of a cohort can be followed at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.known_ends import ADMINISTRATIVE, MEASURE_INSIDE
from kaa_analysis.core.result import Count, Dimension, Equation, Result, cell
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.outcome_words import words_of

STEPS = {
    "included": "Ingår i kohorten",
    "never_at_risk": "Kan inte följas: fördes in i registret först när den var avslutad eller uttaget gjordes",
    "day_0_excluded": "Utesluten: avslutades samma dag som den började",
    "before": "Avslutad innan tillräckligt många följs",
    "followed": "Följs",
    "to_law_change": "Följs bara till lagändringen, som ensam gjorde att ungdomen inte längre omfattas (censureras då)",
    "went_on": "Följs vidare efter ett avslut till introduktionsprogram, som då var en åtgärd inom målgruppen",
}
"""The rows. The third and fourth only where the choices or a small beginning leave somebody out, the last two, of those followed, only where the
period began before a change of the law."""


def follow_up_base(follow_up: FollowUp, *, horizons: Sequence[int] = HORIZONS) -> Result:
    """Count the spells of the cohort, those that were over before they could be observed, and those that are followed.

    Linked to `life_table` at the same ``horizons``: who came under observation at them and later are those who are followed. Where a
    change of the law lies between the start of the period and the end of observation, two more rows tell, of those followed, whom
    the law alone put outside and who went on after an exit that was none.

    **Counts** spells.
    **Time** a spell is never at risk if its delayed entry is not before its exit.
    **Missing** nothing is missing: every spell of the cohort stands in one of the first rows.
    **Source** STROBE (2007) item 13; `docs/methods/kaplan_meier.md`; Lag (2018:749).
    """
    times = follow_up.times_table
    left_out = {"never_at_risk": follow_up.n_never_at_risk}
    if follow_up.choices.day_0 == "excluded":
        left_out["day_0_excluded"] = follow_up.n_day_0_excluded
    if follow_up.conditioned_on:
        left_out["before"] = follow_up.n_before
    counts = {"included": len(times) + sum(left_out.values())} | left_out | {"followed": len(times)}
    if follow_up.law_changes:
        counts["to_law_change"] = int(times["censored_by"].eq(ADMINISTRATIVE).sum())
        counts["went_on"] = int(times["exit_kind"].eq(MEASURE_INSIDE).sum())
    labels = {step: STEPS[step] for step in counts}
    context = follow_up_context(follow_up)
    count = Count("n_spells", "Registreringar", measure=f"{follow_up.cohort}_follow_up", unit="spells")
    return follow_up_result(
        follow_up,
        "follow_up_base",
        title="Vilka som kan följas",
        columns=(Dimension("step", "Steg", labels), count),
        table=pd.DataFrame({"step": list(counts), "n_spells": list(counts.values())}),
        note="En registrering som fördes in i registret efter sitt startdatum, och då redan var avslutad, har aldrig kunnat observeras "
        "och räknas inte med.",
        method=words_of(follow_up).base_method,
        equations=_equations(follow_up, measure=count.measure, context=context, left_out=left_out, horizons=horizons),
    )


def _equations(
    follow_up: FollowUp, *, measure: str, context: dict[str, str], left_out: Iterable[str], horizons: Sequence[int]
) -> tuple[Equation, ...]:
    included, followed, *others = (cell(measure, **context, step=step) for step in ("included", "followed", *left_out))
    entered = [cell(f"{follow_up.cohort}_entered", **context, **{MONTHS: str(months)}) for months in horizons]
    later = cell(f"{follow_up.cohort}_entered_later", **context)
    chosen = cell("flow_spells", **context, cohort=follow_up.of_cohort, step="included")
    return (
        Equation(
            "De som ingår följs eller följs inte", ((1, included), (-1, followed), *((-1, other) for other in others))
        ),
        Equation(
            "De som följs kommer under observation", ((1, followed), (-1, later), *((-1, term) for term in entered))
        ),
        Equation("De som ingår är urvalets sista rad", ((1, included), (-1, chosen))),
    )
