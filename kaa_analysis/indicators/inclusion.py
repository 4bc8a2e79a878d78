"""The flow of inclusion of a cohort as a table."""

from __future__ import annotations

from kaa_analysis.cohorts import Cohort
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits

UNITS = {"n_spells": "Registreringar", "n_persons": "Personer"}


def inclusion_flow(cohort: Cohort) -> Result:
    """Show how the cohort was chosen: all registrations, what was left out and why, what is included.

    Raises:
        DefinitionError: the flow does not add up.

    **Counts**: registrations (spells) and persons; an exclusion counts the persons left without any registration.
    **Time**: as in the rule of the cohort.
    **Missing**: as in the rule of the cohort.
    **Source**: STROBE (2007) item 13; handlingsplanen avsnitt 7.
    """
    flow = cohort.flow
    step = Dimension("step", "Steg", dict(zip(flow["step"], flow["label"], strict=True)))
    context = splits.place(cohort.observed_to, cohort=cohort.name, period=cohort.period.label)
    counts = (
        Count("n_spells", UNITS["n_spells"], measure="flow_spells", unit="spells"),
        Count("n_persons", UNITS["n_persons"], measure="flow_persons"),
    )
    return Result(
        id=f"inclusion_{cohort.name}",
        title=f"Vilka som ingår: {cohort.title[0].lower()}{cohort.title[1:]}",
        columns=(step, *counts),
        table=flow[["step", "n_spells", "n_persons"]],
        context=context,
        equations=(*(_balance(flow, count, context) for count in counts), *_links(cohort, context)),
        note="Läs uppifrån: från alla registreringar dras varje rad bort, och sista raden är de som redovisas.",
        source=splits.citation(cohort.source, cohort.observed_to),
        method=method_of(f"inclusion_{cohort.name.removesuffix('_first')}", splits.METHODS),
    )


def _balance(flow, count: Count, context: dict[str, str]) -> Equation:
    signs = {"start": 1, "excluded": -1, "included": -1}
    terms = tuple(
        (signs[kind], splits.at(count.measure, context, step=step))
        for step, kind in zip(flow["step"], flow["kind"], strict=True)
    )
    return Equation("Alla minus de som lämnas utanför är de som ingår", terms)


def _links(cohort: Cohort, context: dict[str, str]) -> list[Equation]:
    """Return that the persons included are the persons covered, where the cohort is that of the period."""
    if cohort.name != "registered":
        return []
    included = splits.at("flow_persons", context, step="included")
    covered = splits.at(splits.COVERED.measure, splits.place(cohort.observed_to, period=cohort.period.label))
    return [splits.same("De som ingår är de som omfattas under perioden", included, covered)]
