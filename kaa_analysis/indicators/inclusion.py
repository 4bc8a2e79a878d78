"""The flow of inclusion of a cohort as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kaa_analysis.cohorts import Cohort
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, cell
from kaa_analysis.indicators import splits

OTHER_AREA = "other_area"
UNITS = {"n_spells": "Registreringar", "n_persons": "Personer"}


def inclusion_flow(cohort: Cohort) -> Result:
    """Show how the cohort was chosen: all registrations, what was left out and why, what is included.

    The last step of the cohort of a district leaves out the others; what stands above it is the whole municipality's.

    Raises:
        DefinitionError: the flow does not add up.

    **Counts**: registrations (spells) and persons; an exclusion counts the persons left without any registration.
    **Time**: as in the rule of the cohort.
    **Missing**: as in the rule of the cohort.
    **Source**: STROBE (2007) item 13; handlingsplanen avsnitt 7.
    """
    flow = cohort.flow
    step = Dimension("step", "Steg", dict(zip(flow["step"], flow["label"], strict=True)))
    context = splits.place(cohort.observed_to, area=cohort.area, cohort=cohort.name, period=cohort.period.label)
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
        equations=(
            *(_balance(flow, count, context) for count in counts),
            *(_of_everybody(cohort, counts, context) if cohort.area else ()),
            *_links(cohort, context),
        ),
        note="Läs uppifrån: från alla registreringar dras varje rad bort, och sista raden är de som redovisas."
        + _whose(cohort),
        source=splits.citation(cohort.source, cohort.observed_to),
        method=splits.method(f"inclusion_{cohort.name.removesuffix('_first')}", area=cohort.area),
    )


def _at(count: Count, context: Mapping[str, str], step: str) -> Cell:
    """Return the cell of a step; no step is a total of the others, not even the first one, whose code is "all"."""
    return cell(count.measure, **context, step=step)


def _balance(flow, count: Count, context: dict[str, str]) -> Equation:
    signs = {"start": 1, "excluded": -1, "included": -1}
    terms = tuple(
        (signs[kind], _at(count, context, step)) for step, kind in zip(flow["step"], flow["kind"], strict=True)
    )
    return Equation("Alla minus de som lämnas utanför är de som ingår", terms)


def _of_everybody(cohort: Cohort, counts: Sequence[Count], context: Mapping[str, str]) -> Iterator[Equation]:
    """Give that the steps above the choice of district are the whole municipality's, and what is included there is what the choice is made of."""
    everywhere = {name: value for name, value in context.items() if name != "district"}
    steps = list(cohort.flow_table["step"])
    for count in counts:
        for step in steps[: steps.index(OTHER_AREA)]:
            here, there = (_at(count, place, step) for place in (context, everywhere))
            yield splits.same("Stegen före valet av område gäller hela kommunen", here, there)
        parts = [(1, _at(count, context, step)) for step in (OTHER_AREA, "included")]
        if steps[-2] == OTHER_AREA:
            yield Equation("Området och de andra är alla som ingår", (*parts, (-1, _at(count, everywhere, "included"))))


def _whose(cohort: Cohort) -> str:
    """Return which rows are about everybody and who belongs to the district, or the empty string."""
    if cohort.area is None:
        return ""
    return f" Raderna före den om andra områden gäller hela kommunen. De som ingår bodde {cohort.area.located} {splits.LAST_TARGET_DAY}."


def _links(cohort: Cohort, context: dict[str, str]) -> list[Equation]:
    """Return that the persons included are the persons covered, where the cohort is that of the period."""
    if cohort.name != "registered":
        return []
    included = splits.at("flow_persons", context, step="included")
    place = splits.place(cohort.observed_to, area=cohort.area, period=cohort.period.label)
    covered = splits.at(splits.COVERED.measure, place)
    return [splits.same("De som ingår är de som omfattas under perioden", included, covered)]
