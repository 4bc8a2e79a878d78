"""`TargetPopulation`: the days on which persons belong to the target group by 29 kap. 9 § skollagen, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.target_population import conditions as rules
from kaa_analysis.target_population.conditions import CONDITIONS, MISSING_RECORD_RULES, Condition, MissingRecordRule
from kaa_analysis.target_population.intervals import DAWN, difference, intersection, intervals
from kaa_analysis.target_population.summer import SUMMER_RULES, SummerRule

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
    """Who belongs to the target group on which days.

    ``intervals`` has a row per unbroken time: person_id, start, end (first day outside, at most ``observed_to``).
    ``conditions`` has a row per person, condition and unbroken reason: person_id, condition, holds, reason, start (the day it
    began; the day of birth for what has always been so), end.
    """

    observed_to: date
    intervals_table: pd.DataFrame
    conditions_table: pd.DataFrame

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
    summer_rule: SummerRule = "until_15_september",
    komvux_counts: bool = True,
    folkhogskola_counts: bool = True,
    school_record_missing: MissingRecordRule = "assumed_at_16",
) -> TargetPopulation:
    """Find the days on which all conditions of 29 kap. 9 § skollagen hold, in the present wording for all years.

    Residence in the register's own municipality (a protected identity does not fail it); before the 20th birthday, no lower age; compulsory
    school ended, or first residence day of those registered after that age; no place in upper-secondary or equivalent education
    (komvux and folkhögskola by their switches; sfi alone never); no gymnasieexamen, certificate of the adapted school or
    equivalent. Studiebevis ends nothing. ``summer_rule`` "until_15_september" counts the summer between a place (or compulsory
    school) that ended 1 June or later and one that began by 15 September as taking part; "literal" does not. A place that was
    accepted but never started is not in the register and cannot count.

    Who has no record of grundskola at all (it was elsewhere) with ``school_record_missing`` "fails" never fulfils the condition, with
    "assumed_at_16" fulfils it from 1 July of the year of the 16th birthday.

    Days before ``observed_to`` (default: the day of extract) are answered. The law before 2018-07-01 is not applied.

    Raises:
        DefinitionError: a rule is unknown or ``observed_to`` lies after the day of extract.
    """
    observed_to = _observed_to(register, observed_to)
    _check_rule("Sommarregeln", summer_rule, SUMMER_RULES)
    _check_rule("Regeln för saknad grundskola", school_record_missing, MISSING_RECORD_RULES)
    identities, tables = _numbered(register)
    found = _conditions(
        **tables,
        municipality=register.municipality,
        summer_rule=summer_rule,
        komvux_counts=komvux_counts,
        folkhogskola_counts=folkhogskola_counts,
        record_missing=school_record_missing,
    )
    persons = tables["persons"]
    life = intervals(persons["person_id"], persons["birth_date"].fillna(DAWN), pd.Timestamp(observed_to))
    inside = _in_time_order(intersection(life, *(condition.holds for condition in found.values())))
    timeline = _in_time_order(_timeline(found, life))
    return TargetPopulation(observed_to, _named(inside, identities), _named(timeline, identities))


def explain(population: Register | TargetPopulation, person_id: str, day: date) -> pd.DataFrame:
    """Show the conditions of one person on one day. Only inside the secure room: the table is about one person.

    ``population`` is a `TargetPopulation`, or a register whose population is then found with the default rules. Returns one row
    per condition in the order of the law: condition, label, holds, reason, since (the day it began).

    Raises:
        DefinitionError: the person is not in the register, or the day is not observed.
    """
    if not isinstance(population, TargetPopulation):
        population = target_population(population)
    stamp = pd.Timestamp(day)
    rows = population.conditions_table
    rows = rows[(rows["person_id"] == person_id) & (rows["start"] <= stamp) & (stamp < rows["end"])]
    if rows.empty:
        raise DefinitionError(
            "Personen och dagen ska finnas i registret.",
            found="ingen rad för den sökta pseudonymen den dagen",
            action="kontrollera pseudonymen och att dagen ligger efter födelsedagen och före uttaget",
        )
    order = {condition: number for number, condition in enumerate(CONDITIONS)}
    rows = rows.sort_values("condition", key=lambda names: names.map(order))
    return pd.DataFrame(
        {
            "condition": rows["condition"],
            "label": rows["condition"].map(CONDITIONS),
            "holds": rows["holds"],
            "reason": rows["reason"],
            "since": rows["start"],
        }
    ).reset_index(drop=True)


def _check_rule(what: str, rule: str, options: Sequence[str]) -> None:
    if rule not in options:
        hint = did_you_mean(rule, options)
        raise DefinitionError(f"{what} ska vara {' eller '.join(options)}{hint}.", found=str(rule))


def _observed_to(register: Register, observed_to: date | None) -> date:
    if observed_to is None:
        return register.extract_date
    if observed_to > register.extract_date:
        raise DefinitionError(
            "Målgruppen kan bara bestämmas för dagar före uttaget.",
            found=f"observed_to {observed_to}, uttag {register.extract_date}",
        )
    return observed_to


def _numbered(register: Register) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
    """Return the pseudonyms and the tables with each pseudonym replaced by its place among them: numbers compare faster."""
    persons = register.table("persons", columns=PERSON_COLUMNS)
    identities = persons["person_id"]
    numbers = pd.Series(np.arange(len(identities)), index=identities)
    tables = {"persons": persons.assign(person_id=numbers.to_numpy())}
    for name, columns in HISTORY_COLUMNS.items():
        rows = register.table(name, columns=columns)
        tables[name] = rows.assign(person_id=numbers.reindex(rows["person_id"]).to_numpy()).dropna(subset="person_id")
        tables[name]["person_id"] = tables[name]["person_id"].astype(numbers.dtype)
    return identities, tables


def _named(rows: pd.DataFrame, identities: pd.Series) -> pd.DataFrame:
    return rows.assign(person_id=identities.array.take(rows["person_id"].to_numpy()))


def _conditions(
    *,
    persons: pd.DataFrame,
    residence: pd.DataFrame,
    schooling: pd.DataFrame,
    credentials: pd.DataFrame,
    municipality: str,
    summer_rule: SummerRule,
    komvux_counts: bool,
    folkhogskola_counts: bool,
    record_missing: MissingRecordRule,
) -> dict[str, Condition]:
    left = rules.school_left(persons, schooling, credentials, record_missing=record_missing)
    return {
        "residence": rules.residence(persons, residence, municipality=municipality),
        "under_20": rules.under_20(persons),
        "compulsory_school": rules.compulsory_school(persons, residence, schooling, left),
        "not_in_education": rules.not_in_education(
            persons,
            schooling,
            left,
            summer_rule=summer_rule,
            komvux_counts=komvux_counts,
            folkhogskola_counts=folkhogskola_counts,
        ),
        "no_gymnasieexamen": rules.without_credential(persons, credentials, kind="gymnasieexamen"),
        "no_adapted_certificate": rules.without_credential(persons, credentials, kind="adapted_certificate"),
        "no_equivalent": rules.without_credential(persons, credentials, kind="equivalent"),
    }


def _timeline(found: dict[str, Condition], life: pd.DataFrame) -> pd.DataFrame:
    """Return every condition from birth to the end of observation, with the pieces that hold and those that fail."""
    parts = []
    for name, condition in found.items():
        rest = difference(difference(life, condition.holds), condition.fails).assign(reason=condition.otherwise)
        for piece, holds in ((condition.holds, True), (condition.fails, False), (rest, False)):
            parts.append(_within(piece, life).assign(condition=name, holds=holds))
    columns = ["person_id", "condition", "holds", "reason", "start", "end"]
    return pd.concat(parts, ignore_index=True)[columns]


def _within(pieces: pd.DataFrame, life: pd.DataFrame) -> pd.DataFrame:
    kept = [intersection(rows, life).assign(reason=reason) for reason, rows in pieces.groupby("reason", sort=False)]
    return pd.concat(kept, ignore_index=True) if kept else pieces


def _in_time_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["start", "end"], kind="stable", ignore_index=True)
