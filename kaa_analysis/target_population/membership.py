"""`TargetPopulation`: the days on which persons belong to the target group by 29 kap. 9 § skollagen, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.kept_answers import KeptAnswers, answers_of
from kaa_analysis.target_population.conditions_of_law import conditions_of_law, days_inside
from kaa_analysis.target_population.endings import with_endings
from kaa_analysis.target_population.kept_population import kept_population
from kaa_analysis.target_population.numbered_rows import NumberedRows, named, read_numbered_rows
from kaa_analysis.target_population.settings import Law, SummerRule, TargetRules
from kaa_analysis.target_population.timeline import timeline

if TYPE_CHECKING:
    from kaa_analysis.store import Register

INTERVALS, CONDITION_ROWS = "intervals", "conditions"


@dataclass(frozen=True, eq=False)
class TargetPopulation:
    """Who belongs to the target group on which days, by ``rules``.

    ``intervals`` has a row per unbroken time: person_id, start, end (first day outside, at most ``observed_to``), ended_by (the condition
    that fails on that day, the first in the order of the law; "end_of_observation" where none is known to) and end_reason (why; "law_change" where
    nothing but a new wording ended it: an administrative end). ``conditions`` has a row per person, condition and unbroken reason:
    person_id, condition, holds, reason, start (the day it began; the day of birth for what has always been so), end. ``answers`` keeps what
    has been found out of them.
    """

    observed_to: date
    intervals_table: pd.DataFrame
    conditions_table: pd.DataFrame
    rules: TargetRules = field(default_factory=TargetRules)
    answers: KeptAnswers = field(default_factory=KeptAnswers, init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("intervals_table", "conditions_table"):
            object.__setattr__(self, name, getattr(self, name).reset_index(drop=True).copy())

    @property
    def intervals(self) -> pd.DataFrame:
        """A copy of the intervals."""
        return self.intervals_table.copy()

    @property
    def conditions(self) -> pd.DataFrame:
        """A copy of the conditions."""
        return self.conditions_table.copy()


def target_population(
    register: Register,
    *,
    observed_to: date | None = None,
    rules: TargetRules | None = None,
    law: Law | None = None,
    summer_rule: SummerRule | None = None,
    persons: pd.Series | None = None,
) -> TargetPopulation:
    """Find the days on which all conditions of 29 kap. 9 § skollagen hold, by the wording in force on each day.

    Residence in the register's own municipality; before the 20th birthday, no lower age; compulsory school ended, or folkbokförd after
    that age; no place in upper-secondary or equivalent education; no gymnasieexamen, certificate of the adapted school or equivalent.
    Introduction programmes are inside until 2018-06-30 and places from 2018-07-01. What the law leaves open is settled by ``rules``
    (default: `TargetRules`), of which ``law`` and ``summer_rule`` can be named here. Who accepted a place of an autumn is told by the
    register's admissions; without them a place that was never begun cannot count. ``persons`` names those who are asked about
    (default: everybody).

    Days before ``observed_to`` (default: the day of extract) are answered. Nobody is inside before the first wording unless the rules bridge
    the law. What is found for everybody in a written register is kept beside it and opened the next time.

    Raises:
        DefinitionError: a setting has a value that it does not know, or ``observed_to`` lies after the day of extract.
    """
    observed_to = _observed_to(register, observed_to)
    rules = _settled(TargetRules() if rules is None else rules, law=law, summer_rule=summer_rule)
    if persons is None and (known := answers_of(register).known(_question(observed_to, rules))) is not None:
        return known
    if persons is None:
        everybody = register.table("persons", columns=["person_id"])["person_id"]
        found = kept_population(
            register,
            observed_to=observed_to,
            rules=rules,
            find=lambda: _found(read_numbered_rows(register, asked=None), observed_to=observed_to, rules=rules),
        )
    else:
        numbered = read_numbered_rows(register, asked=persons)
        everybody, found = numbered.identities, _found(numbered, observed_to=observed_to, rules=rules)
    intervals, conditions = (named(found[name], everybody) for name in (INTERVALS, CONDITION_ROWS))
    return TargetPopulation(observed_to, intervals, conditions, rules)


def hold_population(register: Register, population: TargetPopulation) -> None:
    """Keep the population of everybody with its register, for as long as the register is there."""
    answers_of(register).answer(_question(population.observed_to, population.rules), lambda: population)


def _question(observed_to: date, rules: TargetRules) -> tuple[object, ...]:
    return "target population", observed_to, rules


def _found(numbered: NumberedRows, *, observed_to: date, rules: TargetRules) -> dict[str, pd.DataFrame]:
    """Return the frames of the population, their persons still numbered."""
    found, life = conditions_of_law(numbered, rules=rules), numbered.life(observed_to=observed_to)
    inside = days_inside(found.values(), life, rules=rules)
    rows = _in_time_order(timeline(found, life))
    return {INTERVALS: _in_time_order(with_endings(inside, rows, observed_to=observed_to)), CONDITION_ROWS: rows}


def _settled(rules: TargetRules, **named: str | None) -> TargetRules:
    return replace(rules, **{name: value for name, value in named.items() if value is not None})


def _observed_to(register: Register, observed_to: date | None) -> date:
    if observed_to is None:
        return register.extract_date
    if observed_to > register.extract_date:
        raise DefinitionError(
            "Målgruppen kan bara bestämmas för dagar före uttaget.",
            found=f"observed_to {observed_to}, uttag {register.extract_date}",
        )
    return observed_to


def _in_time_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["start", "end"], kind="stable", ignore_index=True)
