"""Inside two of the interventions: the steps of youth employment, and the routes into Aim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, RowSum, Share
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.begun_support import CONSENT, first_of_each, support_during, support_in_each
from kaa_analysis.indicators.coarser_splits import coarser_groupings
from kaa_analysis.indicators.participation import IN_SUPPORT
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import at_total, share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

YOUTH_EMPLOYMENT, AIM = "youth_employment", "aim"
MISSING = "missing"

STEPS = tuple(labels("intervention_step"))
FOLLOWING = dict(pairwise(STEPS))
"""The step after each; the last one has none."""

STEP = Dimension(
    "intervention_step", "Steg", {**labels("intervention_step"), MISSING: "Steget inte angivet"}, additive=False
)
"""The split of persons by the steps that they began; somebody who began several stands in several rows."""

ROUTE_LABELS = {**labels("route_in"), MISSING: "Uppgift saknas"}
ROUTE = Dimension(
    "route_in",
    "Väg till Aim",
    {"all": "Alla som började", **ROUTE_LABELS},
    total="all",
    coarser=coarser_groupings(
        "route_in",
        split="route_in",
        label="Väg till Aim",
        values=ROUTE_LABELS,
        notes=["Vägarna är sammanslagna till tre grupper för att ingen ska kunna pekas ut."],
    ),
)

N_STEP = Count("n_begun", "Började", measure="youth_employment_begun", cumulative=True)
N_WENT_ON = Count("n_went_on", "Gick vidare till nästa steg", measure="youth_employment_went_on")
N_STILL = Count("n_still", "Kvar i steget", measure="youth_employment_still")
N_LEFT = Count("n_left", "Slutade", measure="youth_employment_left")
N_AIM = Count("n_begun", "Började i Aim", measure="aim_begun")


def youth_employment_steps(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the persons who began each step of youth employment in each period, and where they were at its end.

    They had gone on to the next step, were still in it, or had ended without going on (from the last step: ended). They are persons
    covered in the period; ``area`` is the district they belong to (`cohorts.inhabitants`). Individual matching in place of the preparation
    is not noted in the register.

    Raises:
        DefinitionError: no period, a label twice, or as in `registered_during`.

    **Counts**: persons, once per step that they began; a person can stand in several steps.
    **Time**: start_date of the step in ``[start, end)``, the last one of two; went on by start_date of the next step, on that of this one
        or later and before ``end``; still in it on the last observed day.
    **Missing**: a step that is not noted is a row of its own, if there is any, from which nobody goes on; without end date it goes on.
    **Source**: handlingsplanen avsnitt 5.2.2.
    """
    parts = [_steps_in(register, period, population, area) for period in periods]
    begun = pd.concat(parts, ignore_index=True)
    step = _told_steps(begun)
    by = [splits.period_dimension(periods), step, SEX]
    at_end = {
        N_STEP: begun["has_begun"],
        **{count: begun["at_end"].eq(count.name) for count in (N_WENT_ON, N_STILL, N_LEFT)},
    }
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="youth_employment_steps",
        title=f"Ungdomsanställning steg för steg{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, *at_end),
        table=table({count.name: tally(begun[rows], by=by) for count, rows in at_end.items()}),
        context=context,
        row_sums=(RowSum(N_STEP.name, (N_WENT_ON.name, N_STILL.name, N_LEFT.name)),),
        equations=tuple(
            _part_of_support(YOUTH_EMPLOYMENT, N_STEP, context, period=period.label, sex=sex, intervention_step=code)
            for period in periods
            for code in step.labels
            for sex in SEX.labels
        ),
        note="Varje person räknas en gång i varje steg som personen började under perioden, efter läget vid periodens slut. Från det sista "
        "steget går ingen vidare. Registret visar inte vilka som fick individuell matchning i stället för den förberedande utbildningen. "
        + CONSENT
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("youth_employment_steps", area=area),
    )


def routes_into_aim(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the persons who began Aim in each period by the route they came, with their share of all who began.

    They are persons covered in the period; ``area`` is the district they belong to (`cohorts.inhabitants`).

    Raises:
        DefinitionError: no period, a label twice, or as in `registered_during`.

    **Counts**: persons, each once: by the first Aim that began in the period.
    **Time**: start_date in ``[start, end)``.
    **Missing**: a route that is not noted is a row of its own, which is in the denominator.
    **Source**: handlingsplanen avsnitt 5.2.1.
    """
    by = [splits.period_dimension(periods), ROUTE, SEX]
    rows = support_in_each(register, periods, population=population, area=area)
    begun = first_of_each(rows[rows["kind"].eq(AIM) & rows["has_begun"]], ["period", "person_id"])
    n_begun = tally(begun.assign(route_in=begun["route_in"].fillna(MISSING)), by=by)
    n_all = at_total(n_begun, ROUTE)
    everybody = Count("n_all_begun", "Alla som började", N_AIM.measure, regardless_of=(ROUTE.name,))
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="routes_into_aim",
        title=f"Vägar till Aim{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, N_AIM, everybody, Share("share_of_begun", "Andel", N_AIM.name, everybody.name)),
        table=table({N_AIM.name: n_begun, everybody.name: n_all, "share_of_begun": share(n_begun, n_all)}),
        context=context,
        equations=tuple(
            _part_of_support(AIM, N_AIM, context, period=period.label, sex=sex)
            for period in periods
            for sex in SEX.labels
        ),
        note=f"Den som började i Aim flera gånger under perioden räknas en gång, med vägen den första gången. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("routes_into_aim", area=area),
    )


def _steps_in(
    register: Register, period: Period, population: TargetPopulation | None, area: ChosenArea | None
) -> pd.DataFrame:
    """Return a row per person and step begun in the period: the last one, with where the person was at its end (a count's name)."""
    rows = support_during(register, period, population=population, area=area)
    rows = rows[rows["kind"].eq(YOUTH_EMPLOYMENT)]
    rows = rows.assign(intervention_step=rows["step"].fillna(MISSING))
    begun = rows[rows["has_begun"]].sort_values(["start_date", "intervention_number"], kind="stable")
    begun = begun.drop_duplicates(["person_id", "intervention_step"], keep="last")
    went_on = begun.index.isin(_gone_on(begun, rows))
    at_end = begun["is_running"].map({True: N_STILL.name, False: N_LEFT.name}).mask(went_on, N_WENT_ON.name)
    return begun.assign(at_end=at_end)


def _told_steps(begun: pd.DataFrame) -> Dimension:
    """Return the split by step, without the row for those not noted where there are none in any period."""
    if begun["intervention_step"].eq(MISSING).any():
        return STEP
    return replace(STEP, labels={code: label for code, label in STEP.labels.items() if code != MISSING})


def _gone_on(begun: pd.DataFrame, rows: pd.DataFrame) -> pd.Index:
    """Return the labels of the steps after which the person began the next one."""
    asked = begun.assign(intervention_step=begun["intervention_step"].map(FOLLOWING), row=begun.index)
    asked = asked.loc[asked["intervention_step"].notna(), ["person_id", "intervention_step", "start_date", "row"]]
    following = rows[["person_id", "intervention_step", "start_date"]].rename(columns={"start_date": "next_date"})
    pairs = asked.merge(following, on=["person_id", "intervention_step"], how="inner", validate="many_to_many")
    return pd.Index(pairs.loc[pairs["next_date"] >= pairs["start_date"], "row"].unique())


def _part_of_support(
    kind: str, count: Count, context: Mapping[str, str], *, period: str, sex: str, **split: str
) -> Equation:
    """Return that those who began are a part of those who took part in the intervention; the rest had begun before, or another step."""
    return Equation(
        "De som började är en del av dem som deltog",
        (
            (-1, splits.at(IN_SUPPORT.measure, context, kind=kind, period=period, sex=sex)),
            (1, splits.at(count.measure, context, period=period, sex=sex, **split)),
            (1, splits.at(f"{count.measure}_rest", context, period=period, sex=sex, **split)),
        ),
    )
