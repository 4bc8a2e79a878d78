"""What the steps of the outreach led to: who responded, also of those whom the post came to, and who was reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Equation, Result, Share
from kaa_analysis.indicators.outreach_rules import RULES, OutreachRules
from kaa_analysis.indicators.step_tables import (
    MAIL_STEPS,
    N_DELIVERED,
    N_REACHED,
    N_RESPONDED,
    N_TRIED,
    OUTREACH_STEP,
    AskedSteps,
    flagged_rows,
    table_by_step,
    tried_rows,
)
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

NO_RESPONSE, SILENT, OTHERWISE = "step_no_response", "step_silent", "step_answered_only"

ANSWERED = (
    "Svarade: ungdomen eller vårdnadshavaren hörde av sig före nästa steg eller inom tre veckor, för knackakort före det planerade besöket. "
    "Bara svar som står vid försöket räknas; egen kontakt är inget svar."
)


def response_by_step(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count, step by step, the persons with whom it was taken and those who responded, with their share.

    *Responded*: the youth or a guardian answered an attempt of the step before the next step or within 21 days; a knackakort before the
    planned visit.

    Raises:
        DefinitionError: as in `outreach_by_step`.

    **Counts**: persons, each once per step.
    **Time**: attempt and answer in ``[start, end)`` before the day of extract.
    **Missing**: an answer without a day counts on the day of the attempt; a knackakort without a planned day waits 21 days.
    **Source**: handlingsplanen avsnitt 7.1 (svarsfrekvens).
    """
    asked = AskedSteps(register, periods, population, area, rules)
    return table_by_step(
        asked,
        "response_by_step",
        "Svar per steg",
        {N_TRIED: asked.rows(tried_rows), N_RESPONDED: asked.rows(flagged_rows("responded"))},
        share_of=Share("share_responded", "Svarsfrekvens", N_RESPONDED.name, N_TRIED.name),
        equations=_responded_or_not(asked),
        note=ANSWERED,
    )


def response_of_delivered(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count, for the steps that come by post, the persons whose post was not returned and those who responded, with their share.

    Raises:
        DefinitionError: as in `outreach_by_step`.

    **Counts**: persons, each once per step.
    **Time**: as in `response_by_step`.
    **Missing**: a letter that is not noted as returned arrived.
    **Source**: handlingsplanen avsnitt 7.1 (svarsfrekvens).
    """
    asked = AskedSteps(register, periods, population, area, rules)
    delivered = asked.rows(lambda one: one.steps[one.steps["tried"] & ~one.steps["returned"]])
    return table_by_step(
        asked,
        "response_of_delivered",
        "Svar när posten kom fram",
        {N_DELIVERED: delivered, N_RESPONDED: asked.rows(flagged_rows("responded"))},
        steps=MAIL_STEPS,
        share_of=Share("share_of_delivered", "Svarsfrekvens", N_RESPONDED.name, N_DELIVERED.name),
        equations=_answered_or_not(asked),
        note="De vars post kom i retur är borträknade. " + ANSWERED,
    )


def reached_by_step(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count, step by step, the persons with whom it was taken and those reached by it, with their share; of home visits, of those visited.

    *Reached*: the response (`response_by_step`) was a two-way conversation with the youth.

    Raises:
        DefinitionError: as in `outreach_by_step`.

    **Counts**: persons, each once per step.
    **Time**: as in `response_by_step`.
    **Missing**: as in `response_by_step`.
    **Source**: handlingsplanen avsnitt 7.1 (antal nådda via hembesök).
    """
    asked = AskedSteps(register, periods, population, area, rules)
    return table_by_step(
        asked,
        "reached_by_step",
        "Nådda per steg",
        {N_TRIED: asked.rows(tried_rows), N_REACHED: asked.rows(flagged_rows("reached"))},
        share_of=Share("share_reached", "Andel nådda", N_REACHED.name, N_TRIED.name),
        equations=_reached_or_otherwise(asked),
        note="Nådd betyder ett samtal med ungdomen själv. Samtal med bara en vårdnadshavare är ett svar.",
    )


def _responded_or_not(asked: AskedSteps) -> Iterator[Equation]:
    """Give that with whom a step was taken responded or not."""
    for step, at in asked.cells(tuple(OUTREACH_STEP.labels)):
        tried, answered, rest = (
            at(measure, outreach_step=step) for measure in (N_TRIED.measure, N_RESPONDED.measure, NO_RESPONSE)
        )
        yield Equation("Steget togs: svarade eller inte", ((1, tried), (-1, answered), (-1, rest)))


def _answered_or_not(asked: AskedSteps) -> Iterator[Equation]:
    """Give that whom a step came to responded or not."""
    for step, at in asked.cells(MAIL_STEPS):
        delivered, answered, silent = (
            at(measure, outreach_step=step) for measure in (N_DELIVERED.measure, N_RESPONDED.measure, SILENT)
        )
        yield Equation("Posten kom fram: svarade eller inte", ((1, delivered), (-1, answered), (-1, silent)))


def _reached_or_otherwise(asked: AskedSteps) -> Iterator[Equation]:
    """Give that who responded was reached or answered otherwise."""
    for step, at in asked.cells(tuple(OUTREACH_STEP.labels)):
        answered, reached, otherwise = (
            at(measure, outreach_step=step) for measure in (N_RESPONDED.measure, N_REACHED.measure, OTHERWISE)
        )
        yield Equation("Svarade: i samtal eller annars", ((1, answered), (-1, reached), (-1, otherwise)))
