"""Days that cannot be right: after the extract, before birth, in an impossible order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from kaa_analysis.checks.found_rows import day_of_person, found_rows, together
from kaa_analysis.schema.event_dates import EVENT_DATES

STARTS: Mapping[str, tuple[str, ...]] = {
    "residence": ("from_date",),
    "schooling": ("from_date",),
    "activities": ("from_date",),
    "interventions": ("start_date",),
}
"""First days of what may be planned; birth comes before them too."""


def after_extract(tables: Mapping[str, pd.DataFrame], *, extract_date: date) -> pd.DataFrame:
    """Find the rows with an event dated after the day of extract. Planned days and ends may lie later."""
    day = pd.Timestamp(extract_date)
    return together([_outside(tables[name], name, EVENT_DATES[name], after=day) for name in EVENT_DATES])


def before_birth(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Find the rows with an event, or a first day, before the person's day of birth."""
    born = tables["persons"].set_index("person_id")["birth_date"]
    dated = {name: (*EVENT_DATES.get(name, ()), *STARTS.get(name, ())) for name in {**EVENT_DATES, **STARTS}}
    found = []
    for name, columns in dated.items():
        rows = tables[name]
        if name != "persons" and "person_id" in rows:
            births = day_of_person(born, rows["person_id"])
            found.append(_outside(rows, name, columns, before=births))
    return together(found)


def answered_before_contact(contacts: pd.DataFrame) -> pd.DataFrame:
    """Find the contacts answered before they were made; the same day is possible."""
    rows = contacts[(contacts["responded_date"] < contacts["date"]).fillna(False)]
    return found_rows(rows, table="contacts", day="responded_date")


def visit_before_card(contacts: pd.DataFrame) -> pd.DataFrame:
    """Find the contacts whose planned visit lies before the contact itself; the same day is possible."""
    rows = contacts[(contacts["planned_visit_date"] < contacts["date"]).fillna(False)]
    return found_rows(rows, table="contacts", day="date")


def begun_before_offer(interventions: pd.DataFrame) -> pd.DataFrame:
    """Find the interventions that began before they were offered; the same day is possible."""
    rows = interventions[(interventions["start_date"] < interventions["offered_date"]).fillna(False)]
    return found_rows(rows, table="interventions", day="start_date")


def answered_before_invitation(surveys: pd.DataFrame) -> pd.DataFrame:
    """Find the surveys answered before the invitation; the same day is possible."""
    rows = surveys[(surveys["answered_date"] < surveys["invited_date"]).fillna(False)]
    return found_rows(rows, table="surveys", day="answered_date")


def _outside(
    rows: pd.DataFrame,
    table: str,
    columns: tuple[str, ...],
    *,
    after: pd.Timestamp | None = None,
    before: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the rows of which any of the days is outside, dated by the first such day of the row."""
    days = rows[list(columns)]
    outside = days.gt(after) if before is None else days.lt(before, axis=0)
    first = days.where(outside).min(axis=1).astype("datetime64[us]")
    return found_rows(rows.assign(outside_day=first)[outside.any(axis=1)], table=table, day="outside_day")
