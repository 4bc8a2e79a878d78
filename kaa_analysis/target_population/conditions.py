"""The conditions of 29 kap. 9 § skollagen, one function each: on which days does it hold, and why.

A condition is a frame of pieces with the columns person_id, start, end, reason. Pieces that hold and pieces that fail are kept
apart; what no piece covers fails with the condition's default reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from kaa_analysis.core.periods import birthday
from kaa_analysis.target_population.intervals import DAWN, FOREVER, difference, intervals, union
from kaa_analysis.target_population.summer import SummerRule, autumn_places, summer_gaps

CONDITIONS = {
    "residence": "Hemkommun",
    "under_20": "Har inte fyllt 20 år",
    "compulsory_school": "Har fullgjort skolplikten eller folkbokförts efter skolpliktig ålder",
    "not_in_education": "Genomför inte gymnasieskola, anpassad gymnasieskola eller motsvarande",
    "no_gymnasieexamen": "Har inte gymnasieexamen",
    "no_adapted_certificate": "Har inte gymnasiebevis från anpassad gymnasieskola",
    "no_equivalent": "Har inte fullföljt motsvarande utbildning",
}
"""The residence and the six numbered conditions of the present wording (Lag 2022:1315), in the order of the law."""

UPPER_SECONDARY = (
    "national_programme",
    "im_programme_choice",
    "im_vocational",
    "im_individual",
    "im_language",
    "adapted_upper_secondary",
)
EQUIVALENT = ("komvux", "folkhogskola")

MissingRecordRule = Literal["fails", "assumed_at_16"]
MISSING_RECORD_RULES: tuple[MissingRecordRule, ...] = ("fails", "assumed_at_16")


@dataclass(frozen=True, eq=False)
class Condition:
    """The pieces on which a condition holds and on which it fails for a known reason; elsewhere it fails for ``otherwise``."""

    holds: pd.DataFrame
    fails: pd.DataFrame
    otherwise: str


def pieces(frame: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Return the intervals of ``frame``, overlaps melted, with one reason."""
    return union(frame).assign(reason=reason)


def of_each(person_id: pd.Series, dates: pd.Series) -> pd.Series:
    """Return the date of each person (NaT for those without), in the index of ``person_id``."""
    return dates.reindex(person_id).set_axis(person_id.index)


def residence(persons: pd.DataFrame, residence_rows: pd.DataFrame, *, municipality: str) -> Condition:
    """Return residence in the municipality. A protected identity does not fail it from the first known residence day on."""
    rows = intervals(residence_rows["person_id"], residence_rows["from_date"], residence_rows["to_date"])
    here = residence_rows["municipality"].eq(municipality).fillna(False)
    resident = intervals(
        residence_rows.loc[here, "person_id"],
        residence_rows.loc[here, "from_date"],
        residence_rows.loc[here, "to_date"],
    )
    first_day = rows.groupby("person_id", sort=False)["start"].min()
    protected = persons.loc[persons["protected_identity"].fillna(False).astype(bool), "person_id"]
    sheltered = difference(intervals(protected, of_each(protected, first_day), FOREVER), resident)
    elsewhere = difference(difference(rows, resident), sheltered)
    return Condition(
        pd.concat([pieces(resident, "resident"), pieces(sheltered, "protected_identity")]),
        pieces(elsewhere, "resident_elsewhere"),
        "no_residence",
    )


def under_20(persons: pd.DataFrame) -> Condition:
    """Return the days before the 20th birthday, which is the first day outside. There is no lower age."""
    known = persons[persons["birth_date"].notna()]
    twenty = birthday(known["birth_date"], 20)
    return Condition(
        pieces(intervals(known["person_id"], known["birth_date"], twenty), "under_20"),
        pieces(intervals(known["person_id"], twenty, FOREVER), "turned_20"),
        "birth_date_missing",
    )


def school_left(
    persons: pd.DataFrame, schooling: pd.DataFrame, credentials: pd.DataFrame, *, record_missing: MissingRecordRule
) -> pd.DataFrame:
    """Return person_id, start, reason: the first day after compulsory school and how it is known.

    It is the day after the date of the credential; without one, the first day not enrolled after the last enrolment in
    grundskola, unless that enrolment still runs or ended with a change of school. ``record_missing`` "assumed_at_16" puts it on
    1 July of the year of the 16th birthday for those without any record of grundskola who were not folkbokförda after that age.
    """
    rows = schooling[schooling["school_form"] == "grundskola"]
    completed = credentials[credentials["kind"] == "grundskola"].groupby("person_id", sort=False)["date"].min()
    last = rows[rows["from_date"] == rows.groupby("person_id", sort=False)["from_date"].transform("max")]
    last = last[last["to_date"].notna() & last["leave_reason"].ne("switched").fillna(True)]
    ended = last.groupby("person_id", sort=False)["to_date"].max()
    found = (completed + pd.Timedelta(days=1)).combine_first(ended)
    left = found.rename("start").rename_axis("person_id").reset_index().assign(reason="completed")
    if record_missing == "fails":
        return left
    recorded = set(rows["person_id"]) | set(completed.index)
    arrived_later = persons["folkbokford_after_compulsory_age"].fillna(False).astype(bool)
    unknown = persons[~persons["person_id"].isin(recorded) & ~arrived_later & persons["birth_date"].notna()]
    sixteen = pd.to_datetime((unknown["birth_date"].dt.year + 16).astype("string") + "-07-01")
    assumed = pd.DataFrame({"person_id": unknown["person_id"], "start": sixteen, "reason": "assumed_completed"})
    return pd.concat([left, assumed], ignore_index=True)


def compulsory_school(
    persons: pd.DataFrame, residence_rows: pd.DataFrame, schooling: pd.DataFrame, left: pd.DataFrame
) -> Condition:
    """Return the days after compulsory school, or from the first residence day for those registered after that age."""
    newly = persons.loc[persons["folkbokford_after_compulsory_age"].fillna(False).astype(bool), "person_id"]
    arrived = of_each(newly, residence_rows.groupby("person_id", sort=False)["from_date"].min())
    newly_resident = intervals(newly[arrived.notna()], arrived[arrived.notna()], FOREVER)
    after_school = intervals(left["person_id"], left["start"], FOREVER)
    by_reason = [pieces(rows, reason) for reason, rows in after_school.groupby(left["reason"].array, sort=False)]
    if not newly_resident.empty or not by_reason:
        by_reason.append(pieces(difference(newly_resident, after_school), "folkbokford_after_compulsory_age"))
    in_school = schooling.loc[schooling["school_form"] == "grundskola", "person_id"].drop_duplicates()
    still = difference(intervals(in_school, DAWN, FOREVER), pd.concat([after_school, newly_resident]))
    return Condition(pd.concat(by_reason), pieces(still, "not_completed"), "no_school_record")


def not_in_education(
    persons: pd.DataFrame,
    schooling: pd.DataFrame,
    left: pd.DataFrame,
    *,
    summer_rule: SummerRule,
    komvux_counts: bool,
    folkhogskola_counts: bool,
) -> Condition:
    """Return the days without a place in upper-secondary or equivalent education, the summer filled by ``summer_rule``."""
    switches = {"komvux": komvux_counts, "folkhogskola": folkhogskola_counts}
    forms = [*UPPER_SECONDARY, *(form for form in EQUIVALENT if switches[form])]
    enrolments = schooling[schooling["school_form"].isin(forms)]
    places = intervals(enrolments["person_id"], enrolments["from_date"], enrolments["to_date"])
    enrolled = union(places)
    taken = [pieces(enrolled, "enrolled")]
    if summer_rule == "until_15_september":
        break_days = summer_gaps(enrolled)
        autumn = difference(autumn_places(left, enrolled), union(enrolled, break_days))
        taken += [pieces(break_days, "summer_between_places"), pieces(autumn, "autumn_place")]
    fails = pd.concat(taken)
    always = intervals(persons["person_id"], DAWN, FOREVER)
    return Condition(pieces(difference(always, fails), "no_place"), fails, "enrolled")


def without_credential(persons: pd.DataFrame, credentials: pd.DataFrame, *, kind: str) -> Condition:
    """Return the days before the date of a credential; on that day the person has it."""
    held = credentials[credentials["kind"] == kind].groupby("person_id", sort=False)["date"].min()
    date = of_each(persons["person_id"], held)
    has = intervals(persons.loc[date.notna(), "person_id"], date[date.notna()], FOREVER)
    return Condition(pieces(intervals(persons["person_id"], DAWN, date), "not_held"), pieces(has, "held"), "not_held")
