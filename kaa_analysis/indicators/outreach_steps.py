"""The steps of the outreach: how many had come that far, with how many the step was taken, the attempts, and the post that came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Equation, Result, Share
from kaa_analysis.indicators.outreach_rules import RULES, OutreachRules
from kaa_analysis.indicators.step_tables import (
    N_DELIVERED,
    N_ELIGIBLE,
    N_RETURNED,
    N_STEP_ATTEMPTS,
    N_TRIED,
    OUTREACH_STEP,
    AskedSteps,
    flagged_rows,
    table_by_step,
    tried_rows,
)
from kaa_analysis.indicators.volumes import N_SOUGHT
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

CHANNEL_STEPS = ("phone", "knackakort", "home_visit")
"""The steps whose attempts are all of one channel, by its name."""
NOT_TRIED, OTHER_CONTACT, REPEATS = "step_not_tried", "step_other_contact", "step_repeated_attempts"


def outreach_by_step(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count, step by step, the persons who had come that far and those with whom the step was taken.

    A step is taken with who is still sought (`seeking.seeking`). *Had come that far* is who was registered, in the target group and
    still sought on some day of the period on which the step was next, or with whom it was taken all the same:

    - the letter at the start of term: on 16 September, whoever has answered before;
    - calls: when the first letter has been out for the days that an answer is waited for;
    - further letters: when the letter at the start of term has; for who got none, from the first day;
    - knackakort: after calls on three different days; for who has no phone number, as calls;
    - home visit: on the day that the knackakort tells of.

    Raises:
        DefinitionError: a period is no läsår or autumn, stands twice, or no day of it is observed.

    **Counts**: persons, each once per step.
    **Time**: attempts in ``[start, end)`` before the day of extract; an attempt on the day of the answer is a step.
    **Missing**: without a note on a phone number there is one; a mailing without a name is a further letter.
    **Source**: handlingsplanen avsnitt 4.3.2 and 7.1.
    """
    asked = AskedSteps(register, periods, population, area, rules)
    return table_by_step(
        asked,
        "outreach_by_step",
        "Det uppsökande arbetets steg",
        {N_ELIGIBLE: asked.rows(lambda one: one.steps), N_TRIED: asked.rows(tried_rows)},
        share_of=Share("share_tried", "Andel med vilka steget togs", N_TRIED.name, N_ELIGIBLE.name),
        equations=_tried_or_not(asked),
        note="Stegen följer handlingsplanens ordning. Den som har svarat eller själv tagit kontakt söks inte vidare, men brevet vid läsårets "
        "början går till alla. Uppföljande kontakter med den som redan är nådd ingår inte.",
    )


def attempts_by_step(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count the attempts of every step, and the persons whose letters came back.

    *Returned*: every letter of the step came back and nobody responded. Letter and SMS of a day are one attempt.

    Raises:
        DefinitionError: as in `outreach_by_step`.

    **Counts**: attempts (volumes of work); persons in ``n_returned``.
    **Time**: attempts in ``[start, end)`` before the day of extract.
    **Missing**: a letter that is not noted as returned arrived.
    **Source**: handlingsplanen avsnitt 7.1 (antal utskickade brev, knackakort, telefonsamtal, hembesök).
    """
    asked = AskedSteps(register, periods, population, area, rules)
    return table_by_step(
        asked,
        "attempts_by_step",
        "Försök och post i retur per steg",
        {N_STEP_ATTEMPTS: asked.rows(lambda one: one.attempts), N_RETURNED: asked.rows(flagged_rows("returned"))},
        equations=_returned_or_not(asked),
        note="Brev och sms samma dag är ett försök. Posten räknas som i retur när inget brev i steget kom fram och ingen svarade.",
    )


def _tried_or_not(asked: AskedSteps) -> Iterator[Equation]:
    """Give that who had come to a step was tried or not, and that a channel's persons were tried in its step or met in another way."""
    for step, at in asked.cells(tuple(OUTREACH_STEP.labels)):
        eligible, tried, rest, otherwise = (
            at(measure, outreach_step=step)
            for measure in (N_ELIGIBLE.measure, N_TRIED.measure, NOT_TRIED, OTHER_CONTACT)
        )
        yield Equation("Hade kommit så långt: steget togs eller inte", ((1, eligible), (-1, tried), (-1, rest)))
        if step in CHANNEL_STEPS:
            sought = at(N_SOUGHT.measure, channel=step)
            yield Equation("Kontaktade i kanalen: i steget eller annars", ((1, sought), (-1, tried), (-1, otherwise)))


def _returned_or_not(asked: AskedSteps) -> Iterator[Equation]:
    """Give that post came back or arrived (what does not come by post arrives), and that one attempt is one person, the rest repeats."""
    for step, at in asked.cells(tuple(OUTREACH_STEP.labels)):
        tried, returned, delivered = (
            at(count.measure, outreach_step=step) for count in (N_TRIED, N_RETURNED, N_DELIVERED)
        )
        yield Equation("Post: kom fram eller i retur", ((1, tried), (-1, delivered), (-1, returned)))
        attempts, repeats = (at(measure, outreach_step=step) for measure in (N_STEP_ATTEMPTS.measure, REPEATS))
        terms = ((1, attempts), (-1, tried), (-1, repeats))
        yield Equation("Försöken är minst så många som personerna", terms, volumes=(REPEATS,))
