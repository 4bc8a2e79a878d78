"""Tables by step of the outreach, läsår under läsår: how they are asked for and laid out, and what their columns count."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.asked_periods import AskedPeriods
from kaa_analysis.indicators.outreach_rules import OutreachRules
from kaa_analysis.indicators.seeking import Seeking, seeking
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

OUTREACH_STEP = Dimension(
    "outreach_step",
    "Steg",
    {
        "term_letter": "Brev och sms vid läsårets början",
        "phone": "Telefonsamtal",
        "further_letter": "Ytterligare brev",
        "knackakort": "Knackakort",
        "home_visit": "Hembesök",
    },
)
MAIL_STEPS = ("term_letter", "further_letter", "knackakort")
"""The steps that come by post."""

N_ELIGIBLE = Count("n_eligible", "Hade kommit så långt", measure="step_eligible", cumulative=True)
N_TRIED = Count("n_tried", "Steget togs", measure="step_tried", cumulative=True)
N_STEP_ATTEMPTS = Count("n_attempts", "Försök", measure="step_attempts", unit="attempts")
N_RETURNED = Count("n_returned", "Personer med post i retur", measure="step_returned")
N_DELIVERED = Count("n_delivered", "Posten kom fram", measure="step_delivered", cumulative=True)
N_RESPONDED = Count("n_responded", "Svarade", measure="step_responded", cumulative=True)
N_REACHED = Count("n_reached", "Nåddes i samtal", measure="step_reached", cumulative=True)


@dataclass(frozen=True)
class AskedSteps(AskedPeriods):
    """What a table of the steps is asked about: läsår, area and the choices."""

    rules: OutreachRules

    def rows(self, choose: Callable[[Seeking], pd.DataFrame]) -> pd.DataFrame:
        """Return the chosen rows of every läsår."""
        found = self.in_each(
            lambda period: choose(_steps_of(self.register, period, self.rules, self.population, self.area))
        )
        return found.rename(columns={"step": OUTREACH_STEP.name})

    def cells(self, steps: Sequence[str]) -> Iterator[tuple[str, Callable[..., Cell]]]:
        """Give, for every step, läsår and sex, the step and a function that names the cell of a measure there, or elsewhere in the läsår."""
        for step, period, sex in product(steps, self.split.labels, SEX.labels):
            yield step, partial(splits.at, context=self.context, period=period, sex=sex)


def tried_rows(found: Seeking) -> pd.DataFrame:
    """Return the persons with whom a step was taken."""
    return found.steps[found.steps["tried"]]


def flagged_rows(flag: str) -> Callable[[Seeking], pd.DataFrame]:
    """Return a choice of the persons at a step of whom ``flag`` is true."""
    return lambda found: found.steps[found.steps[flag]]


def _steps_of(
    register: Register,
    period: Period,
    rules: OutreachRules,
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> Seeking:
    """Return the outreach to the persons of the area."""
    found = seeking(register, period, rules=rules, population=population)
    if area is None:
        return found
    chosen = registered_during(register, period, population=population, area=area).spells_table["person_id"]
    return Seeking(*(frame[frame["person_id"].isin(chosen)] for frame in (found.steps, found.attempts)))


def table_by_step(
    asked: AskedSteps,
    name: str,
    title: str,
    chosen: Mapping[Count, pd.DataFrame],
    *,
    note: str,
    steps: Sequence[str] = tuple(OUTREACH_STEP.labels),
    share_of: Share | None = None,
    equations: Iterator[Equation],
) -> Result:
    """Return the table of the rows of each count, läsår beside läsår in every step."""
    step = replace(OUTREACH_STEP, labels={code: OUTREACH_STEP.labels[code] for code in steps})
    by = [step, asked.split, SEX]
    counts = {count: tally(rows[rows[step.name].isin(steps)], by=by) for count, rows in chosen.items()}
    shares = [share_of] if share_of else []
    return asked.result(name, title, by=by, counts=counts, shares=shares, equations=equations, note=note)
