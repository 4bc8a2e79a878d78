"""`TargetPopulation`: the days on which persons belong to the target group by 29 kap. 9 § skollagen, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.target_population import conditions as rule
from kaa_analysis.target_population.compulsory_school import compulsory_school, school_left
from kaa_analysis.target_population.conditions import Condition
from kaa_analysis.target_population.education import not_in_education
from kaa_analysis.target_population.endings import with_endings
from kaa_analysis.target_population.intervals import DAWN, clip, intersection, intervals
from kaa_analysis.target_population.settings import SummerRule, TargetRules
from kaa_analysis.target_population.timeline import timeline
from kaa_analysis.target_population.wordings import windows, wordings

if TYPE_CHECKING:
    from kaa_analysis.store import Register

PERSON_COLUMNS = ["person_id", "birth_date", "folkbokford_after_compulsory_age", "protected_identity"]
HISTORY_COLUMNS = {
    "residence": ["person_id", "municipality", "from_date", "to_date"],
    "schooling": ["person_id", "school_form", "from_date", "to_date", "leave_reason"],
    "credentials": ["person_id", "kind", "date"],
}


@dataclass(frozen=True, eq=False)
class TargetPopulation:
    """Who belongs to the target group on which days, by ``rules``.

    ``intervals`` has a row per unbroken time: person_id, start, end (first day outside, at most ``observed_to``), ended_by (the condition
    that fails on that day, the first in the order of the law; "end_of_observation" where none is known to) and end_reason (why; "law_change" where
    nothing but a new wording ended it: an administrative end). ``conditions`` has a row per person, condition and unbroken reason:
    person_id, condition, holds, reason, start (the day it began; the day of birth for what has always been so), end.
    """

    observed_to: date
    intervals_table: pd.DataFrame
    conditions_table: pd.DataFrame
    rules: TargetRules = field(default_factory=TargetRules)

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
    summer_rule: SummerRule | None = None,
    accepted: pd.DataFrame | None = None,
    persons: pd.Series | None = None,
) -> TargetPopulation:
    """Find the days on which all conditions of 29 kap. 9 § skollagen hold, by the wording in force on each day.

    Residence in the register's own municipality; before the 20th birthday, no lower age; compulsory school ended, or folkbokförd after
    that age; no place in upper-secondary or equivalent education; no gymnasieexamen, certificate of the adapted school or equivalent.
    Introduction programmes are inside until 2018-06-30 and places from 2018-07-01. What the law leaves open is settled by ``rules``
    (default: `TargetRules`), of which ``summer_rule`` alone can be named here. ``accepted`` tells who accepted a place of which autumn
    (person_id, year); without it a place that was never begun cannot count. ``persons`` names those who are asked about (default: everybody).

    Days before ``observed_to`` (default: the day of extract) are answered. Nobody is inside before the first wording unless the rules bridge
    the law.

    Raises:
        DefinitionError: a setting has a value that it does not know, or ``observed_to`` lies after the day of extract.
    """
    observed_to = _observed_to(register, observed_to)
    rules = TargetRules() if rules is None else rules
    rules = rules if summer_rule is None else replace(rules, summer_rule=summer_rule)
    identities, tables = _numbered(register, accepted, asked=persons)
    found = _conditions(tables, municipality=register.municipality, rules=rules)
    born = tables["persons"]["birth_date"].fillna(DAWN)
    life = intervals(tables["persons"]["person_id"], born, pd.Timestamp(observed_to))
    inside = intersection(life, *(condition.holds for condition in found.values()))
    if rules.law == "as_in_force":
        inside = clip(inside, start=pd.Timestamp(wordings()[0].in_force))
    rows = _in_time_order(timeline(found, life))
    ended = _in_time_order(with_endings(inside, rows, observed_to=observed_to))
    return TargetPopulation(observed_to, _named(ended, identities), _named(rows, identities), rules)


def _observed_to(register: Register, observed_to: date | None) -> date:
    if observed_to is None:
        return register.extract_date
    if observed_to > register.extract_date:
        raise DefinitionError(
            "Målgruppen kan bara bestämmas för dagar före uttaget.",
            found=f"observed_to {observed_to}, uttag {register.extract_date}",
        )
    return observed_to


def _numbered(
    register: Register, accepted: pd.DataFrame | None, *, asked: pd.Series | None
) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
    """Return the pseudonyms and the tables with each pseudonym replaced by its place among them: numbers compare faster."""
    persons = register.table("persons", columns=PERSON_COLUMNS)
    persons = persons if asked is None else persons[persons["person_id"].isin(asked)].reset_index(drop=True)
    identities = persons["person_id"]
    numbers = pd.Series(np.arange(len(identities)), index=identities)
    rows = {name: register.table(name, columns=columns) for name, columns in HISTORY_COLUMNS.items()}
    rows["accepted"] = pd.DataFrame({"person_id": [], "year": []}) if accepted is None else accepted
    tables = {"persons": persons.assign(person_id=numbers.to_numpy())}
    for name, found in rows.items():
        known = found.assign(person_id=numbers.reindex(found["person_id"]).to_numpy()).dropna(subset="person_id")
        tables[name] = known.astype({"person_id": numbers.dtype})
    return identities, tables


def _named(rows: pd.DataFrame, identities: pd.Series) -> pd.DataFrame:
    return rows.assign(person_id=identities.array.take(rows["person_id"].to_numpy()))


def _conditions(
    tables: Mapping[str, pd.DataFrame], *, municipality: str | None, rules: TargetRules
) -> dict[str, Condition]:
    """Return every condition by its code, in the order of the law."""
    persons, credentials, schooling = tables["persons"], tables["credentials"], tables["schooling"]
    applied = windows(rules.law, wordings())
    left = school_left(persons, schooling, credentials, rules=rules)
    certificates = {
        "no_gymnasieexamen": ["gymnasieexamen"],
        "no_adapted_certificate": ["adapted_certificate"],
        "no_equivalent": rule.equivalent_kinds(rules),
    }
    return {
        "residence": rule.residence(persons, tables["residence"], municipality=municipality, rules=rules),
        "under_20": rule.under_20(persons, rules=rules),
        "compulsory_school": compulsory_school(persons, tables["residence"], schooling, left, windows=applied),
        "not_in_education": not_in_education(
            persons, schooling, left, rules=rules, windows=applied, accepted=tables["accepted"]
        ),
        **{
            name: rule.without_credential(persons, credentials, kinds=kinds, rules=rules)
            for name, kinds in certificates.items()
        },
    }


def _in_time_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["start", "end"], kind="stable", ignore_index=True)
