"""Is the routine kept: calls on three different days to who does not answer, and two of the staff at every home visit?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.outreach_rules import RULES, OutreachRules
from kaa_analysis.indicators.seeking import Seeking
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.step_tables import N_TRIED, AskedSteps
from kaa_analysis.indicators.tally import tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

ROUTINE = Dimension(
    "routine",
    "Rutin",
    {
        "calls": "Ringda som inte svarade: samtal minst tre olika dagar",
        "visits": "Hembesökta: alltid minst två ur personalen",
    },
)
STEP_OF = {"calls": "phone", "visits": "home_visit"}
N_CONCERNED = Count("n_concerned", "Personer", measure="routine_concerned")
N_KEPT = Count("n_kept", "Enligt rutinen", measure="routine_kept")
BROKEN, YOUTH_ANSWERED = "routine_broken", "routine_not_concerned"


def outreach_routine(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count with how many the routine was kept: calls on three different days, home visits by two of the staff.

    Calls concern who was called in the step (`outreach_by_step`) and answered no call; visits everybody visited, and the routine
    is kept with who was visited by two every time.

    Raises:
        DefinitionError: as in `outreach_by_step`.

    **Counts**: persons, each once per row.
    **Time**: attempts in ``[start, end)`` before the day of extract; two calls on one day are one day.
    **Missing**: a visit without a number of staff does not keep the routine.
    **Source**: handlingsplanen avsnitt 4.3.2 points 2 and 5.
    """
    asked = AskedSteps(register, periods, population, area, rules)
    by = [ROUTINE, asked.split, SEX]
    rows = asked.rows(lambda found: _concerned(found, rules))
    return asked.result(
        "outreach_routine",
        "Samtal på tre dagar och hembesök av två",
        by=by,
        counts={N_CONCERNED: tally(rows, by=by), N_KEPT: tally(rows[rows["kept"]], by=by)},
        shares=[Share("share_kept", "Andel enligt rutinen", N_KEPT.name, N_CONCERNED.name)],
        equations=_kept_or_not(asked),
        note="Den som lämnade registret eller svarade på något annat innan det blev tre dagar ingår bland de ringda. Ett hembesök där antalet ur "
        "personalen inte har skrivits in räknas inte som gjort enligt rutinen.",
    )


def _concerned(found: Seeking, rules: OutreachRules) -> pd.DataFrame:
    """Return a row per person and routine: person_id, sex, routine, kept."""
    calls = found.attempts[found.attempts["step"].eq("phone")].groupby(["person_id", "sex"], sort=False)
    called = calls.agg(days=("day", "nunique"), answered=("youth_answered", "any")).reset_index()
    called = called[~called["answered"].astype(bool)]
    called = called.assign(routine="calls", kept=called["days"] >= rules.days_of_calls)
    visits = found.attempts[found.attempts["step"].eq("home_visit")]
    visits = visits.assign(kept=visits["staff_count"].ge(rules.visiting_staff).fillna(False).astype(bool))
    visited = visits.groupby(["person_id", "sex"], sort=False)["kept"].all().reset_index().assign(routine="visits")
    columns = ["person_id", "sex", "routine", "kept"]
    return pd.concat([called[columns], visited[columns]], ignore_index=True).astype({"kept": bool})


def _kept_or_not(asked: AskedSteps) -> Iterator[Equation]:
    """Give that the routine was kept or not with who is concerned, and that these belong to those with whom the step was taken."""
    for period, routine, sex in product(asked.split.labels, ROUTINE.labels, SEX.labels):
        at = partial(splits.at, context=asked.context, period=period, sex=sex)
        concerned, kept, broken, others = (
            at(measure, routine=routine) for measure in (N_CONCERNED.measure, N_KEPT.measure, BROKEN, YOUTH_ANSWERED)
        )
        tried = at(N_TRIED.measure, outreach_step=STEP_OF[routine])
        yield Equation("Enligt rutinen eller inte", ((1, concerned), (-1, kept), (-1, broken)))
        if routine == "visits":
            yield splits.same("De hembesökta är desamma som i stegen", concerned, tried)
        else:
            yield Equation("De ringda: svarade eller inte", ((1, tried), (-1, concerned), (-1, others)))
