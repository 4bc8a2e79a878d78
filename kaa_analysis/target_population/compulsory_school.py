"""The second condition: compulsory school has ended, or the person was folkbokförd at an age without it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from kaa_analysis.target_population.conditions import Condition, clipped, pieces
from kaa_analysis.target_population.intervals import DAWN, FOREVER, difference, intervals, union
from kaa_analysis.target_population.settings import TargetRules
from kaa_analysis.target_population.wordings import Window

ASSUMED_AGE = 16
"""Compulsory school ends with the spring term of the tenth year (7 kap. 12–13 §§ skollagen): 1 July of the year of turning 16."""

EARLIEST_AGE = 15
"""No pupil ends compulsory school before the year of turning 15: one year early at most."""


def school_left(
    persons: pd.DataFrame, schooling: pd.DataFrame, credentials: pd.DataFrame, *, rules: TargetRules
) -> pd.DataFrame:
    """Return person_id, start, reason: the first day after compulsory school and how it is known.

    It is the day after the date of the credential; without one, the first day not enrolled after the last enrolment in
    grundskola, unless that enrolment still runs, ended with a change of school, or ended early (``rules.school_left_early``).
    ``rules.school_record_missing`` says what holds for those without any such record who were not folkbokförda after that age.
    """
    rows = schooling[schooling["school_form"] == "grundskola"]
    if rules.school_left_early == "as_no_record":
        rows = rows[~rows["person_id"].isin(_early_leavers(rows, persons))]
    completed = credentials[credentials["kind"] == "grundskola"].groupby("person_id", sort=False)["date"].min()
    last = rows[rows["from_date"] == rows.groupby("person_id", sort=False)["from_date"].transform("max")]
    last = last[last["to_date"].notna() & last["leave_reason"].ne("switched").fillna(True)]
    ended = last.groupby("person_id", sort=False)["to_date"].max()
    found = (completed + pd.Timedelta(days=1)).combine_first(ended)
    left = found.rename("start").rename_axis("person_id").reset_index().assign(reason="completed")
    if rules.school_record_missing == "fails":
        return left
    recorded = set(rows["person_id"]) | set(completed.index)
    unknown = persons[~persons["person_id"].isin(recorded) & ~arrived_later(persons) & persons["birth_date"].notna()]
    assumed = pd.DataFrame(
        {
            "person_id": unknown["person_id"],
            "start": first_july(unknown["birth_date"], age=ASSUMED_AGE),
            "reason": "assumed_completed",
        }
    )
    return pd.concat([left, assumed], ignore_index=True)


def compulsory_school(
    persons: pd.DataFrame,
    residence_rows: pd.DataFrame,
    schooling: pd.DataFrame,
    left: pd.DataFrame,
    *,
    windows: Sequence[Window],
) -> Condition:
    """Return the days after compulsory school, or from the first residence of those folkbokförda after that age."""
    arrived = _arrivals(persons, residence_rows)
    newly_resident = intervals(arrived["person_id"], arrived["start"], FOREVER)
    counted = [clipped(newly_resident, window.start, window.end) for window in windows if window.wording.newly_resident]
    newly_resident = pd.concat([newly_resident.iloc[:0], *counted], ignore_index=True)
    after_school = intervals(left["person_id"], left["start"], FOREVER)
    by_reason = [pieces(rows, reason) for reason, rows in after_school.groupby(left["reason"].array, sort=False)]
    if not newly_resident.empty or not by_reason:
        by_reason.append(pieces(difference(newly_resident, after_school), "folkbokford_after_compulsory_age"))
    in_school = schooling.loc[schooling["school_form"] == "grundskola", "person_id"].drop_duplicates()
    still = difference(intervals(in_school, DAWN, FOREVER), pd.concat([after_school, newly_resident]))
    return Condition(pd.concat(by_reason), pieces(still, "not_completed"), "no_school_record")


def arrived_later(persons: pd.DataFrame) -> pd.Series:
    """Return who was folkbokförd in the country at an age without compulsory school."""
    return persons["folkbokford_after_compulsory_age"].fillna(False).astype(bool)


def first_july(birth_date: pd.Series, *, age: int) -> pd.Series:
    """Return 1 July of the year of turning ``age``."""
    return pd.to_datetime((birth_date.dt.year + age).astype("Int64").astype("string") + "-07-01")


def _early_leavers(rows: pd.DataFrame, persons: pd.DataFrame) -> pd.Series:
    """Return those whose last enrolment ended before the year of turning `EARLIEST_AGE`, neither as completed nor at a change of school."""
    born = persons.set_index("person_id")["birth_date"].dt.year
    last = rows[rows["from_date"] == rows.groupby("person_id", sort=False)["from_date"].transform("max")]
    early = last["to_date"].dt.year < last["person_id"].map(born) + EARLIEST_AGE
    return last.loc[early & ~last["leave_reason"].isin(["completed", "switched"]), "person_id"]


def _arrivals(persons: pd.DataFrame, residence_rows: pd.DataFrame) -> pd.DataFrame:
    """Return person_id, start: the arrival of those folkbokförda after that age.

    An arrival begins an unbroken time of folkbokföring, in whichever municipality. The first one from `ASSUMED_AGE` on counts (who returns
    from abroad lived here as a child too); if none is so late, the last.
    """
    newly = persons.loc[arrived_later(persons), ["person_id", "birth_date"]]
    rows = residence_rows[residence_rows["person_id"].isin(newly["person_id"])]
    lived = union(intervals(rows["person_id"], rows["from_date"], rows["to_date"]))
    arrivals = lived.merge(newly, on="person_id", how="left", validate="many_to_one")
    late = arrivals["start"] >= first_july(arrivals["birth_date"], age=ASSUMED_AGE)
    first_late = arrivals[late].groupby("person_id", sort=False)["start"].min()
    found = first_late.combine_first(arrivals.groupby("person_id", sort=False)["start"].max())
    return found.rename("start").rename_axis("person_id").reset_index()
