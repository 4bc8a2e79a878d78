"""Who was reached during a period and who was not: how far each person came, and by age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.cohorts.spells import leap_day_of
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period, age_on
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.asked_periods import AskedPeriods
from kaa_analysis.indicators.funnel import N_REACHED_STEP, N_STOPPED, STEP, furthest_step
from kaa_analysis.indicators.splits import COVERED, SEX
from kaa_analysis.indicators.tally import at_total, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

OF_STEP = {
    "registered": "no_attempt",
    "sought": "no_answer",
    "responded": "answered",
    "youth_responded": "answered",
    "reached": "reached",
    "in_support": "reached",
}
"""How far a person came, by the last step of the funnel."""
REACH = Dimension(
    "reach",
    "Hur långt",
    {
        "all": "Alla som omfattades",
        "reached": "Nådda (samtal med ungdomen)",
        "answered": "Svar, men inget samtal med ungdomen",
        "no_answer": "Försök utan svar",
        "no_attempt": "Inget försök",
    },
    total="all",
)
AGE = Dimension(
    "age", "Ålder", {"all": "Alla åldrar", "under_18": "Under 18 år", "from_18": "18 år eller äldre"}, total="all"
)
ADULT = 18
N_AT_REACH = Count("n", "Personer", measure="reach")
N_ALL = Count("n_covered", "Alla", measure=COVERED.measure, regardless_of=(REACH.name,), cumulative=True)
N_COVERED = Count("n_covered", "Omfattades", measure=COVERED.measure, cumulative=True)
N_REACHED_BY_AGE = Count("n_reached", "Nåddes", measure="reached_persons", cumulative=True)
NOT_REACHED = "not_reached_persons"


def persons_by_reach(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the persons covered in each period by how far the outreach came: reached, answered, tried without an answer, not tried.

    The groups are those of the funnel (`outreach_funnel`) by the last step that a person came to.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed.

    **Counts**: persons, each once; the groups add up to all who were covered.
    **Time**: what was dated in the period; who was reached in an earlier period counts by what happened in this one.
    **Missing**: as in the funnel.
    **Source**: handlingsplanen avsnitt 4.3.2 and 8.1.
    """
    asked = AskedPeriods(register, periods, population, area)
    by = [asked.split, REACH, SEX]
    n = tally(asked.in_each(lambda period: _reach(asked, period)), by=by)
    return asked.result(
        "persons_by_reach",
        "Nådda och inte nådda",
        by=by,
        counts={N_AT_REACH: n, N_ALL: at_total(n, REACH)},
        shares=[Share("share_of_covered", "Andel", N_AT_REACH.name, N_ALL.name)],
        equations=_by_last_step(asked),
        note="Varje ungdom räknas efter det som hände under perioden: den som nåddes ett tidigare läsår men inte under detta är här inte nådd. "
        "Egen kontakt räknas inte.",
    )


def reached_by_age(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the persons covered in each period, and those reached, by age on the first registered day of the period.

    Raises:
        DefinitionError: as in `persons_by_reach`.

    **Counts**: persons, each once.
    **Time**: the age on the first day of the period, for who came later on the entry date.
    **Missing**: who has no date of birth is in the total alone.
    **Source**: handlingsplanen avsnitt 8.1.
    """
    asked = AskedPeriods(register, periods, population, area)
    by = [AGE, asked.split, SEX]
    rows = asked.in_each(lambda period: _reach(asked, period))
    return asked.result(
        "reached_by_age",
        "Nådda efter ålder",
        by=by,
        counts={N_COVERED: tally(rows, by=by), N_REACHED_BY_AGE: tally(rows[rows["reach"].eq("reached")], by=by)},
        shares=[Share("share_reached", "Andel nådda", N_REACHED_BY_AGE.name, N_COVERED.name)],
        equations=_reached_or_not(asked),
        note="Åldern är den vid periodens början, eller för den som kom senare den dag registreringen började.",
    )


def _reach(asked: AskedPeriods, period: Period) -> pd.DataFrame:
    """Return a row per person covered in a period: sex, reach, age."""
    cohort = registered_during(asked.register, period, population=asked.population, area=asked.area)
    persons = furthest_step(asked.register, cohort, period=period)
    born = cohort.spells_table.drop_duplicates("person_id").set_index("person_id")["birth_date"]
    birth_date = born.reindex(persons["person_id"]).set_axis(persons.index)
    first_day = persons["entered"].clip(lower=pd.Timestamp(period.start))
    age = age_on(birth_date, first_day, leap_day=leap_day_of(asked.population))
    group = pd.Series(np.where(age.lt(ADULT).fillna(False), "under_18", "from_18"), index=persons.index)
    reach = persons["rank"].map(dict(enumerate(OF_STEP[step] for step in STEP.labels)))
    return persons[["sex"]].assign(reach=reach, age=group.where(age.notna()))


def _by_last_step(asked: AskedPeriods) -> Iterator[Equation]:
    """Give that each group holds those for whom certain steps of the funnel were the last."""
    for at in asked.places():
        yield splits.same("Alla omfattade", at(N_AT_REACH.measure), at(COVERED.measure))
        for group in dict.fromkeys(OF_STEP.values()):
            stopped = ((-1, at(N_STOPPED.measure, step=step)) for step, of in OF_STEP.items() if of == group)
            here = at(N_AT_REACH.measure, reach=group)
            yield Equation("Hur långt: de vars sista steg det var", ((1, here), *stopped))


def _reached_or_not(asked: AskedPeriods) -> Iterator[Equation]:
    """Give that those reached are the same as elsewhere, and that who was covered was reached or not."""
    for at in asked.places():
        reached = at(N_REACHED_BY_AGE.measure)
        yield splits.same("Nådda efter ålder är de som nåddes", reached, at(N_REACHED_STEP.measure, step="reached"))
        yield splits.same("Nådda är samma i båda tabellerna", reached, at(N_AT_REACH.measure, reach="reached"))
        for age in AGE.labels:
            whole, some, rest = (
                at(measure, age=age) for measure in (COVERED.measure, N_REACHED_BY_AGE.measure, NOT_REACHED)
            )
            yield Equation("Omfattade: nådda eller inte", ((1, whole), (-1, some), (-1, rest)))
