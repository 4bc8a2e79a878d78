"""The conditions of 29 kap. 9 § skollagen: on which days does each hold, and why. Here those on residence, age and certificates.

A condition is a frame of pieces with the columns person_id, start, end, reason. Pieces that hold and pieces that fail are kept
apart; what no piece covers fails with the condition's default reason.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kaa_analysis.core.periods import birthday
from kaa_analysis.target_population.intervals import DAWN, FOREVER, difference, intervals, union
from kaa_analysis.target_population.settings import TargetRules

DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Condition:
    """The pieces on which a condition holds and on which it fails for a known reason; elsewhere it fails for ``otherwise``."""

    holds: pd.DataFrame
    fails: pd.DataFrame
    otherwise: str


def pieces(frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Return the intervals of ``frame``, overlaps melted, with one reason."""
    return union(frame).assign(reason=reason)


def clipped(found: pd.DataFrame, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return the parts of the pieces inside ``[start, end)``, other columns kept."""
    parts = found.assign(start=found["start"].clip(lower=start), end=found["end"].clip(upper=end))
    return parts[parts["start"] < parts["end"]]


def of_each(person_id: pd.Series, dates: pd.Series) -> pd.Series:
    """Return the date of each person (NaT for those without), in the index of ``person_id``."""
    return dates.reindex(person_id).set_axis(person_id.index)


def residence(
    persons: pd.DataFrame, residence_rows: pd.DataFrame, *, municipality: str, rules: TargetRules
) -> Condition:
    """Return residence in the municipality. By default a protected identity does not fail it from the first known residence day on."""
    rows = residence_rows
    if rules.one_day_residence == "one_day":
        rows = rows.assign(to_date=rows["to_date"].mask(rows["to_date"] == rows["from_date"], rows["from_date"] + DAY))
    here = rows[rows["municipality"].eq(municipality).fillna(False)]
    known = intervals(rows["person_id"], rows["from_date"], rows["to_date"])
    resident = intervals(here["person_id"], here["from_date"], here["to_date"])
    sheltered = resident.iloc[:0]
    if rules.protected_identity == "resident":
        first_day = known.groupby("person_id", sort=False)["start"].min()
        protected = persons.loc[persons["protected_identity"].fillna(False).astype(bool), "person_id"]
        sheltered = difference(intervals(protected, of_each(protected, first_day), FOREVER), resident)
    elsewhere = difference(difference(known, resident), sheltered)
    return Condition(
        pd.concat([pieces(resident, "resident"), pieces(sheltered, "protected_identity")]),
        pieces(elsewhere, "resident_elsewhere"),
        "no_residence",
    )


def under_20(persons: pd.DataFrame, *, rules: TargetRules) -> Condition:
    """Return the days before the 20th birthday, which is the first day outside. There is no lower age."""
    known = persons[persons["birth_date"].notna()]
    twenty = birthday(known["birth_date"], 20, leap_day=rules.leap_day_birthday)
    return Condition(
        pieces(intervals(known["person_id"], known["birth_date"], twenty), "under_20"),
        pieces(intervals(known["person_id"], twenty, FOREVER), "turned_20"),
        "birth_date_missing",
    )


def equivalent_kinds(rules: TargetRules) -> list[str]:
    """Return the kinds of certificate that complete an equivalent education."""
    switches = {
        "ib_diploma": rules.ib_completes,
        "foreign_degree": rules.foreign_degree_completes,
        "folkhogskola_eligibility": rules.folkhogskola_completes,
        "studiebevis": rules.studiebevis_completes,
    }
    return ["equivalent", *(kind for kind, completes in switches.items() if completes == "yes")]


def without_credential(
    persons: pd.DataFrame, credentials: pd.DataFrame, *, kinds: list[str], rules: TargetRules
) -> Condition:
    """Return the days before the date of a certificate; by default the person has it on that day."""
    held = credentials[credentials["kind"].isin(kinds)].groupby("person_id", sort=False)["date"].min()
    date = of_each(persons["person_id"], held)
    if rules.certificate_day == "last_day_inside":
        date = date + DAY
    has = intervals(persons.loc[date.notna(), "person_id"], date[date.notna()], FOREVER)
    return Condition(pieces(intervals(persons["person_id"], DAWN, date), "not_held"), pieces(has, "held"), "not_held")
