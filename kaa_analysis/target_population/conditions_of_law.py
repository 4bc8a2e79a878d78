"""All conditions of 29 kap. 9 § skollagen by one set of rules, and the days on which they all hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from kaa_analysis.target_population import conditions as rule
from kaa_analysis.target_population.compulsory_school import compulsory_school, school_left
from kaa_analysis.target_population.conditions import Condition
from kaa_analysis.target_population.education import not_in_education
from kaa_analysis.target_population.intervals import clip, intersection
from kaa_analysis.target_population.numbered_rows import NumberedRows
from kaa_analysis.target_population.settings import TargetRules
from kaa_analysis.target_population.wordings import CONDITIONS, windows, wordings

SCHOOL_LEFT = ("school_record_missing", "school_left_early")
SETTINGS_OF: Mapping[str, tuple[str, ...]] = {
    "residence": ("protected_identity", "one_day_residence"),
    "under_20": ("leap_day_birthday",),
    "compulsory_school": ("law", *SCHOOL_LEFT),
    "not_in_education": (
        "law",
        "summer_rule",
        "accepted_place",
        "komvux_counts",
        "folkhogskola_counts",
        "sfi_counts",
        *SCHOOL_LEFT,
    ),
    "no_gymnasieexamen": ("certificate_day",),
    "no_adapted_certificate": ("certificate_day",),
    "no_equivalent": (
        "ib_completes",
        "foreign_degree_completes",
        "folkhogskola_completes",
        "studiebevis_completes",
        "certificate_day",
    ),
}
"""The settings that each condition goes by. A condition does not change with any other setting."""


def conditions_of_law(rows: NumberedRows, *, rules: TargetRules) -> dict[str, Condition]:
    """Return every condition by its code, in the order of the law."""
    return {name: condition_named(name, rows, rules=rules) for name in CONDITIONS}


def condition_named(name: str, rows: NumberedRows, *, rules: TargetRules) -> Condition:
    """Return one condition; it goes by its own settings (`SETTINGS_OF`) alone."""
    tables, persons = rows.tables, rows.tables["persons"]
    if name == "residence":
        return rule.residence(persons, tables["residence"], municipality=rows.municipality, rules=rules)
    if name == "under_20":
        return rule.under_20(persons, rules=rules)
    if name in ("compulsory_school", "not_in_education"):
        return _of_school(name, rows, rules=rules)
    kinds = {"no_gymnasieexamen": ["gymnasieexamen"], "no_adapted_certificate": ["adapted_certificate"]}
    held = kinds.get(name) or rule.equivalent_kinds(rules)
    return rule.without_credential(persons, tables["credentials"], kinds=held, rules=rules)


def days_inside(conditions: Iterable[Condition], life: pd.DataFrame, *, rules: TargetRules) -> pd.DataFrame:
    """Return the days of ``life`` on which all the conditions hold; none before the first wording unless the rules bridge the law."""
    inside = intersection(life, *(condition.holds for condition in conditions))
    return clip(inside, start=pd.Timestamp(wordings()[0].in_force)) if rules.law == "as_in_force" else inside


def _of_school(name: str, rows: NumberedRows, *, rules: TargetRules) -> Condition:
    tables, persons = rows.tables, rows.tables["persons"]
    applied = windows(rules.law, wordings())
    left = school_left(persons, tables["schooling"], tables["credentials"], rules=rules)
    if name == "compulsory_school":
        return compulsory_school(persons, tables["residence"], tables["schooling"], left, windows=applied)
    return not_in_education(
        persons, tables["schooling"], left, rules=rules, windows=applied, accepted=tables["accepted"]
    )
