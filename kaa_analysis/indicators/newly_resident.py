"""The newly arrived, by the one marker that the register may hold: folkbokförd after compulsory-school age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.asked_periods import AskedPeriods
from kaa_analysis.indicators.attempts import attempts_to
from kaa_analysis.indicators.begun_support import support_during
from kaa_analysis.indicators.funnel import N_REACHED_STEP
from kaa_analysis.indicators.participation import IN_SUPPORT
from kaa_analysis.indicators.splits import COVERED, SEX
from kaa_analysis.indicators.tally import tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

AFTER_COMPULSORY_AGE = "folkbokford_after_compulsory_age"
"""The value under which the policy lists it as disclosive: none and all of a group say something of everybody in it."""

GROUP = Dimension(
    "reason",
    "Grupp",
    {
        "all": "Alla som omfattades",
        AFTER_COMPULSORY_AGE: "Folkbokförda efter skolpliktig ålder",
        "before": "Övriga",
    },
    total="all",
)
N_COVERED = Count("n_persons", "Registrerade", measure=COVERED.measure, cumulative=True)
N_REACHED = Count("n_reached", "varav nådda", measure="persons_reached", cumulative=True)
N_SUPPORT = Count("n_in_support", "varav i stöd", measure=IN_SUPPORT.measure, cumulative=True)
SHARES = (
    Share("share_reached", "Andel nådda", N_REACHED.name, N_COVERED.name),
    Share("share_in_support", "Andel i stöd", N_SUPPORT.name, N_COVERED.name),
)


def newly_resident_support(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the persons covered, reached and in support, by whether they became folkbokförda after compulsory-school age.

    The marker is the register's own: the boolean of the person, or the reason of any registration. No date, origin or permit is held. ``area`` as in `cohorts.registered_during`.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed or that begins before the history.

    **Counts**: persons, each once a period.
    **Time**: covered as in `registered_during`, reached as the step of the funnel, in support as in `support_by_intervention`.
    **Missing**: without a marker a person is among the others.
    **Source**: handlingsplanen avsnitt 4.2.3 and 4.3.3; 29 kap. 9 § 2 skollagen.
    """
    asked = AskedPeriods(register, periods, population, area)
    by = [asked.split, GROUP, SEX]
    persons = asked.in_each(lambda period: _persons(asked, period))
    chosen = {N_COVERED: persons, N_REACHED: persons[persons["reached"]], N_SUPPORT: persons[persons["in_support"]]}
    return asked.result(
        "newly_resident_support",
        "Nyanlända i registret",
        by=by,
        counts={count: tally(rows, by=by) for count, rows in chosen.items()},
        shares=SHARES,
        equations=_reached_as_elsewhere(asked),
        note="Folkbokförda efter skolpliktig ålder är de som kom till landet när de inte längre hade skolplikt. Det är den enda uppgift om invandring som "
        "registret får ha.",
    )


def _persons(asked: AskedPeriods, period: Period) -> pd.DataFrame:
    """Return a row per person covered in a period: person_id, sex, reason, reached, in_support."""
    register, chosen = asked.register, {"population": asked.population, "area": asked.area}
    cohort = registered_during(register, period, **chosen)
    attempts = attempts_to(cohort, register, period=period)
    support = support_during(register, period, **chosen)
    persons = cohort.spells_table[["person_id", "sex"]].drop_duplicates("person_id")
    is_marked = persons["person_id"].isin(answers_of(register).answer("newly resident", lambda: _marked(register)))
    return persons.assign(
        reason=is_marked.map({True: AFTER_COMPULSORY_AGE, False: "before"}),
        reached=persons["person_id"].isin(attempts.loc[attempts["reached"], "person_id"]),
        in_support=persons["person_id"].isin(support.loc[support["took_part"], "person_id"]),
    )


def _marked(register: Register) -> pd.Series:
    """Return the persons with one of the two markers; it does not change from period to period."""
    persons = register.table("persons", columns=["person_id", AFTER_COMPULSORY_AGE])
    registrations = register.table("registrations", columns=["person_id", "entry_reason"])
    by_person = persons[AFTER_COMPULSORY_AGE].fillna(False).astype(bool)
    by_reason = registrations["entry_reason"].eq("newly_resident").fillna(False).astype(bool)
    return pd.concat([persons.loc[by_person, "person_id"], registrations.loc[by_reason, "person_id"]])


def _reached_as_elsewhere(asked: AskedPeriods) -> Iterator[Equation]:
    """Give that all who were reached are the funnel's step *reached* of the same period."""
    for at in asked.places():
        step = at(N_REACHED_STEP.measure, step="reached")
        yield splits.same("De som nåddes är uppsökandets nådda", at(N_REACHED.measure), step)
