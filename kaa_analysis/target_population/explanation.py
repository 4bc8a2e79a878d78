"""The conditions of a person, or of everybody, on one day: whether each holds, why and since when. Only inside the secure room."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.target_population.applicability import require_rules
from kaa_analysis.target_population.membership import TargetPopulation, target_population
from kaa_analysis.target_population.settings import TargetRules
from kaa_analysis.target_population.wordings import CONDITIONS, Wording, wording_on, wordings

if TYPE_CHECKING:
    from kaa_analysis.store import Register

INSTEAD_OF_DATE = {"turned_20": "sedan 20-årsdagen", "under_20": "sedan födelsen"}
"""What is said where a date would tell the birth date."""


def explain(population: Register | TargetPopulation, person_id: str, day: date) -> pd.DataFrame:
    """Show the conditions of one person on one day. Only inside the secure room: the table is about one person.

    ``population`` is a `TargetPopulation`, or a register whose population is then found with the default rules. Returns one row
    per condition in the order of the law: condition, label (in the wording applied that day), holds, reason, explanation (the
    reason in Swedish), since (the day it began).

    Raises:
        DefinitionError: the law's rules cannot be applied to the register, the person is not in it, or the day is not observed or lies before the
            first wording.
    """
    found = _population(population, person_id)
    label = _applied(found.rules, day).label
    rows = found.conditions_table
    rows = _on(rows[rows["person_id"] == person_id], day)
    if rows.empty:
        raise DefinitionError(
            "Personen och dagen ska finnas i registret.",
            found="ingen rad för den sökta pseudonymen den dagen",
            action="kontrollera pseudonymen och att dagen ligger efter födelsedagen och före uttaget",
        )
    rows = rows.set_index("condition").loc[list(CONDITIONS)].reset_index()
    return pd.DataFrame(
        {
            "condition": rows["condition"],
            "label": rows["condition"].map(label),
            "holds": rows["holds"],
            "reason": rows["reason"],
            "explanation": rows["reason"].map(labels("target_reason")),
            "since": rows["start"],
        }
    )


def explanation_text(population: Register | TargetPopulation, person_id: str, day: date) -> str:
    """Return what `explain` shows as Swedish lines: the conclusion, the wording, and a line per condition.

    Neither the pseudonym nor the birth date is told: what has been so since birth, and the 20th birthday, stand without a date.

    Raises:
        DefinitionError: as in `explain`.
    """
    population = _population(population, person_id)
    explained = explain(population, person_id, day)
    born = population.conditions_table.loc[population.conditions_table["person_id"] == person_id, "start"].min()
    inside = "hör personen till" if explained["holds"].all() else "hör personen inte till"
    wording = _applied(population.rules, day)
    lines = [
        "ARBETSMATERIAL – får inte lämna den säkra mappen",
        f"Den {day.isoformat()} {inside} målgruppen enligt 29 kap. 9 § skollagen.",
        f"Lydelse: {wording.act}, i kraft {wording.in_force.isoformat()}.",
        "",
    ]
    for row in explained.itertuples():
        mark = "uppfyllt" if row.holds else "INTE uppfyllt"
        lines.append(f"{row.label}: {mark}")
        lines.append(f"    {row.explanation} [{row.reason}], {_since(row, born)}")
    return "\n".join(lines)


def conditions_on(population: TargetPopulation, day: date) -> pd.DataFrame:
    """Return the conditions of everybody on one day as columns. Only inside the secure room.

    One row per person observed and born that day, in the order of the register's conditions: person_id, in_target, and for every condition
    its own column (boolean), ``<condition>_reason`` and ``<condition>_since``.

    Raises:
        DefinitionError: the day is not observed or lies before the first wording.
    """
    _applied(population.rules, day)
    if pd.Timestamp(day) >= pd.Timestamp(population.observed_to):
        raise DefinitionError(
            "Dagen ska vara observerad.",
            found=f"{day}, observerat till {population.observed_to}",
            action="välj en tidigare dag",
        )
    rows = _on(population.conditions_table, day).set_index("person_id")
    columns: dict[str, pd.Series] = {}
    for condition in CONDITIONS:
        own = rows[rows["condition"] == condition]
        columns |= {condition: own["holds"], f"{condition}_reason": own["reason"], f"{condition}_since": own["start"]}
    wide = pd.DataFrame(columns).rename_axis("person_id")
    wide.insert(0, "in_target", wide[list(CONDITIONS)].all(axis="columns"))
    return wide.reset_index()


def _population(population: Register | TargetPopulation, person_id: str) -> TargetPopulation:
    if isinstance(population, TargetPopulation):
        return population
    require_rules(
        population, expected="Målgruppen kan bara förklaras för ett register som lagens regler kan tillämpas på."
    )
    return target_population(population, persons=pd.Series([person_id]))


def _applied(rules: TargetRules, day: date) -> Wording:
    return wordings()[-1] if rules.law == "bridged" else wording_on(day)


def _on(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    stamp = pd.Timestamp(day)
    return rows[(rows["start"] <= stamp) & (stamp < rows["end"])]


def _since(row, born: pd.Timestamp) -> str:
    if row.reason in INSTEAD_OF_DATE:
        return INSTEAD_OF_DATE[row.reason]
    return "sedan födelsen" if row.since == born else f"sedan {row.since:%Y-%m-%d}"
