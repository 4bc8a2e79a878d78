"""What one would write without the package: correct on what is compared, and measured beside it in the same run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd

from kaa_analysis.store import Register
from kaa_analysis.target_population import TargetRules

PLAIN_RULES = TargetRules(
    law="bridged",
    summer_rule="literal",
    protected_identity="by_address",
    school_left_early="completed",
    komvux_counts="yes",
)
"""The rules of which the rival is capable: one wording throughout, no summer, addresses as they stand."""
PLACES = {
    "national_programme", "adapted_upper_secondary", "im_programme_choice", "im_vocational", "im_individual", "im_language",
    "komvux", "folkhogskola",
}  # fmt: skip
ENDING = {
    "gymnasieexamen", "adapted_certificate", "equivalent", "ib_diploma", "foreign_degree", "folkhogskola_eligibility",
}  # fmt: skip
DAY_COLUMNS = frozenset(
    {"FODELSEDATUM", "FROM", "TOM", "DATUM", "STARTDATUM", "SLUTDATUM", "REGISTRERAD", "PLANERAT_BESOK", "SVARSDATUM", "ERBJUDEN",
     "START", "SLUT", "UTTAGSDATUM"}
)  # fmt: skip
DAY = pd.Timedelta(days=1)

Interval = tuple[str, pd.Timestamp, pd.Timestamp]


def naive_tables(folder: Path) -> Mapping[str, pd.DataFrame]:
    """Return every raw file read by pandas, days converted and the rest as categories; nothing is checked, replaced or written."""
    return {path.name: _naive_table(path) for path in sorted(folder.glob("*.csv"))}


def naive_workbook_rows(path: Path) -> int:
    """Return how many rows openpyxl finds below the header; every cell is read."""
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(1 for _ in book.worksheets[0].iter_rows(min_row=2, values_only=True))


def _naive_table(path: Path) -> pd.DataFrame:
    rows = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    for name in rows.columns:
        rows[name] = pd.to_datetime(rows[name]) if name in DAY_COLUMNS else rows[name].astype("category")
    return rows


def naive_intervals(register: Register, *, persons: pd.Series) -> list[Interval]:
    """Return the intervals of every person by `PLAIN_RULES`, sorted: person by person, a flag per day and condition."""
    about = register.table("persons").set_index("person_id")
    everybody = {name: register.table(name) for name in ("residence", "schooling", "credentials")}
    tables = {name: table[table["person_id"].isin(persons)] for name, table in everybody.items()}
    history = {name: dict(list(table.groupby("person_id"))) for name, table in tables.items()}
    last = pd.Timestamp(register.extract_date)
    found: list[Interval] = []
    for person in persons:
        rows = {name: by_person.get(person, tables[name].iloc[:0]) for name, by_person in history.items()}
        inside = _inside(about.loc[person], rows, last=last, municipality=register.municipality)
        found += [(person, start, end) for start, end in _runs(inside)]
    return sorted(found)


def _inside(person: pd.Series, rows: Mapping[str, pd.DataFrame], *, last: pd.Timestamp, municipality: str) -> pd.Series:
    """Return a flag per day from birth to the day before ``last``."""
    born = person["birth_date"]
    days = pd.date_range(born, last - DAY)
    here = rows["residence"][rows["residence"]["municipality"] == municipality]
    schooling = rows["schooling"]
    left = _school_left(person, schooling, rows["credentials"], rows["residence"])
    kept = _covered(days, here) & (days < born + pd.DateOffset(years=20))
    kept &= (days >= left) if left is not None else False
    kept &= ~_covered(days, schooling[schooling["school_form"].isin(PLACES)])
    held = rows["credentials"][rows["credentials"]["kind"].isin(ENDING)]["date"].min()
    return pd.Series(kept & ((days < held) if pd.notna(held) else True), index=days)


def _covered(days: pd.DatetimeIndex, rows: pd.DataFrame) -> pd.Series:
    covered = pd.Series(False, index=days).to_numpy()
    for row in rows.itertuples():
        end = row.to_date if pd.notna(row.to_date) else pd.Timestamp("2200-01-01")
        covered = covered | ((days >= row.from_date) & (days < end))
    return covered


def _school_left(
    person: pd.Series, schooling: pd.DataFrame, credentials: pd.DataFrame, residence: pd.DataFrame
) -> pd.Timestamp | None:
    """Return the first day after compulsory school, or of folkbokföring after that age; None if it has not come."""
    school = schooling[schooling["school_form"] == "grundskola"].sort_values("from_date")
    completed = credentials[credentials["kind"] == "grundskola"]["date"].min()
    july = pd.Timestamp(year=person["birth_date"].year + 16, month=7, day=1)
    arrived = _arrival(residence, july) if person["folkbokford_after_compulsory_age"] else None
    ends = [arrived] if arrived is not None else []
    if pd.notna(completed):
        ends.append(completed + DAY)
    elif not school.empty:
        latest = school[school["from_date"] == school["from_date"].max()]
        ended = latest[latest["to_date"].notna() & (latest["leave_reason"].fillna("") != "switched")]["to_date"].max()
        ends += [ended] if pd.notna(ended) else []
    elif not person["folkbokford_after_compulsory_age"]:
        ends.append(july)
    return min(ends) if ends else None


def _arrival(residence: pd.DataFrame, july: pd.Timestamp) -> pd.Timestamp | None:
    rows = residence.sort_values("from_date")
    arrivals = []
    until = None
    for row in rows.itertuples():
        if until is None or row.from_date > until:
            arrivals.append(row.from_date)
        end = row.to_date if pd.notna(row.to_date) else pd.Timestamp("2200-01-01")
        until = end if until is None else max(until, end)
    late = [day for day in arrivals if day >= july]
    return late[0] if late else (arrivals[-1] if arrivals else None)


def _runs(inside: pd.Series) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the unbroken times of true days; the end is the first day outside."""
    true_days = inside.index[inside]
    if true_days.empty:
        return []
    breaks = [*np.flatnonzero(np.diff(true_days) > DAY.to_timedelta64()) + 1]
    starts, ends = [0, *breaks], [*breaks, len(true_days)]
    return [(true_days[start], true_days[end - 1] + DAY) for start, end in zip(starts, ends, strict=True)]
