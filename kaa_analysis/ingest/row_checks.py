"""Checks that need more than one row: keys, persons, and oddities that are counted but kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from kaa_analysis.ingest.coded_text import different_values, rows_where
from kaa_analysis.ingest.convert import Converted
from kaa_analysis.ingest.identity import are_coordination, identity_days, identity_sexes
from kaa_analysis.ingest.problem_table import no_problems, problem_rows
from kaa_analysis.ingest.reasons import Finding, Reason
from kaa_analysis.schema.event_dates import EVENT_DATES
from kaa_analysis.schema.tables import table_schema

FINDING_OF_FLAG = {
    "sex_differs": Finding.SEX_DIFFERS,
    "birth_date_differs": Finding.BIRTH_DATE_DIFFERS,
    "coordination_number": Finding.COORDINATION_NUMBER,
}
LONGEST_SILENCE = pd.Timedelta(days=366)


@dataclass(frozen=True, eq=False)
class FileRows:
    """The tables that one file feeds, and the cells that were spoiled in the file before anything was converted."""

    name: str
    feeds: tuple[Converted, ...]
    spoiled: pd.DataFrame = field(default_factory=no_problems)

    @property
    def problems(self) -> pd.DataFrame:
        """The problems of all its feeds, the same cell told once, in the order of the lines; how a cell was spoiled goes first."""
        converted = pd.concat([feed.problems for feed in self.feeds], ignore_index=True)
        if len(self.spoiled):
            cells = [pd.MultiIndex.from_frame(table[["RAD", "column"]]) for table in (converted, self.spoiled)]
            converted = converted[~cells[0].isin(cells[1])]
        together = pd.concat([self.spoiled, converted], ignore_index=True)
        return together.drop_duplicates().sort_values(["RAD", "column", "reason"], kind="stable", ignore_index=True)

    @property
    def failed_lines(self) -> pd.Index:
        """The lines with at least one problem."""
        return pd.Index(self.problems["RAD"].unique())


def with_repeated_lines(file: FileRows, *, lines: pd.DataFrame) -> FileRows:
    """Add every line of a file that stands in it several times, where it feeds a table whose rows are told apart by their number alone.

    ``lines`` are the rows of the file as text. Which of them is a copy cannot be told: numbered, the same event would count twice.
    """
    if not any(_counts_lines(feed) for feed in file.feeds):
        return file
    repeated = lines.index[lines.duplicated(keep=False)]
    return replace(file, feeds=tuple(_repeated_lines(feed, repeated=repeated) for feed in file.feeds))


def with_duplicate_keys(file: FileRows) -> FileRows:
    """Add every row whose key stands in several rows; identical rows count once where the layout says distinct."""
    return replace(file, feeds=tuple(_duplicate_keys(feed) for feed in file.feeds))


def with_unknown_persons(file: FileRows, *, known: Collection[str], set_aside: Collection[str]) -> FileRows:
    """Add every row whose person is not among the ``known``, apart from rows whose own identity is already a problem."""
    return replace(file, feeds=tuple(_unknown_persons(feed, known=known, set_aside=set_aside) for feed in file.feeds))


def kept_rows(converted: Converted, *, failed_lines: pd.Index) -> pd.DataFrame:
    """Return the rows that enter the register, identical repeats merged where the layout says distinct."""
    rows = whole_rows(converted, failed_lines=failed_lines)
    return rows.drop_duplicates() if converted.feed.distinct else rows


def whole_rows(converted: Converted, *, failed_lines: pd.Index) -> pd.DataFrame:
    """Return the rows whose line has no problem."""
    rows = converted.rows
    return rows[~rows.index.isin(failed_lines)] if len(failed_lines) else rows


def findings(tables: Mapping[str, pd.DataFrame], *, identity: str, extract_date: date) -> dict[Finding, int]:
    """Return the number of rows per oddity that is kept; oddities without rows are left out.

    ``tables`` still hold identities, of the kind ``identity`` of the layout.
    """
    counts = {
        **({} if identity == "record_number" else _identity_findings(tables["persons"])),
        **_registration_findings(tables.get("registrations", pd.DataFrame())),
        Finding.DATED_AFTER_EXTRACT: _after_extract(tables, extract_date=extract_date),
    }
    return {finding: count for finding, count in counts.items() if count}


def identity_flags(persons: pd.DataFrame) -> pd.DataFrame:
    """Return what should be looked into in the identities of persons: person_id (still the identity) and flag, a row per flag.

    ``persons`` still hold identity numbers of twelve digits.
    """
    numbers = np.asarray(persons["person_id"], dtype=object)
    born = persons["birth_date"] if "birth_date" in persons else pd.Series(pd.NaT, index=persons.index)
    told, sexes = identity_days(numbers), identity_sexes(numbers)
    flagged = {
        "sex_differs": np.asarray(persons["sex"], dtype=object) != sexes,
        "birth_date_differs": ~np.isnat(told) & born.notna().to_numpy() & (told != born.to_numpy("datetime64[D]")),
        "coordination_number": are_coordination(numbers),
    }
    rows = [persons.loc[marks, ["person_id"]].assign(flag=flag) for flag, marks in flagged.items()]
    return pd.concat(rows, ignore_index=True)


def source_notes(tables: Mapping[str, pd.DataFrame], *, identity: str, file: str) -> dict[str, pd.DataFrame]:
    """Return the internal tables of a delivery whose persons stand in ``file``; person_id still holds identities.

    The index of the persons is their line in the file. Record numbers have nothing to flag.
    """
    persons = tables["persons"]
    lines = pd.DataFrame({"person_id": persons["person_id"], "file": file, "line": persons.index})
    found = {"person_lines": lines.drop_duplicates("person_id")}
    return found if identity == "record_number" else {"identity_flags": identity_flags(persons), **found}


def _counts_lines(converted: Converted) -> bool:
    return converted.feed.is_numbered and not converted.feed.distinct


def _repeated_lines(converted: Converted, *, repeated: pd.Index) -> Converted:
    if not _counts_lines(converted):
        return converted
    counted = next(column.source for column in converted.feed.columns.values() if column.numbered)
    found = converted.rows.index[converted.rows.index.isin(repeated)]
    return _with(converted, problem_rows(found, column=counted, reason=Reason.DUPLICATE_KEY))


def _duplicate_keys(converted: Converted) -> Converted:
    rows = converted.rows
    key = [name for name in table_schema(converted.feed.table).key if name in rows]
    whole = rows[rows[key].notna().all(axis=1)]
    compared = whole.drop_duplicates() if converted.feed.distinct else whole
    repeated = compared.loc[compared.duplicated(key, keep=False), key]
    if repeated.empty:
        return converted
    lines = whole.index[pd.MultiIndex.from_frame(whole[key]).isin(pd.MultiIndex.from_frame(repeated))]
    column = "+".join(converted.feed.columns[name].source for name in key if name in converted.feed.columns)
    return _with(converted, problem_rows(lines, column=column, reason=Reason.DUPLICATE_KEY))


def _unknown_persons(converted: Converted, *, known: Collection[str], set_aside: Collection[str]) -> Converted:
    if "person_id" not in converted.rows:
        return converted
    identity = converted.rows["person_id"]
    column = converted.feed.columns["person_id"].source
    values = different_values(identity)
    without = rows_where(identity, [value not in known for value in values])
    aside = without & rows_where(identity, [value in set_aside for value in values])
    return _with(
        converted,
        problem_rows(identity.index[aside], column=column, reason=Reason.PERSON_SET_ASIDE),
        problem_rows(identity.index[without & ~aside], column=column, reason=Reason.UNKNOWN_PERSON),
    )


def _with(converted: Converted, *more: pd.DataFrame) -> Converted:
    return replace(converted, problems=pd.concat([converted.problems, *more], ignore_index=True))


def _identity_findings(persons: pd.DataFrame) -> dict[Finding, int]:
    counts = identity_flags(persons)["flag"].value_counts()
    return {finding: int(counts.get(flag, 0)) for flag, finding in FINDING_OF_FLAG.items()}


def _registration_findings(registrations: pd.DataFrame) -> dict[Finding, int]:
    if registrations.empty:
        return {}
    spells = registrations.sort_values(["person_id", "entry_date", "spell"], kind="stable")
    next_entry = spells.groupby("person_id", sort=False)["entry_date"].shift(-1)
    overlaps = next_entry.notna() & (spells["exit_date"].isna() | (spells["exit_date"] > next_entry))
    lonely = spells["exit_reason"].notna() & spells["exit_date"].isna()
    return {Finding.OVERLAPPING_REGISTRATIONS: int(overlaps.sum()), Finding.EXIT_REASON_WITHOUT_DATE: int(lonely.sum())}


def is_silent_long_before(tables: Mapping[str, pd.DataFrame], *, extract_date: date) -> bool:
    """Return whether nothing has happened for more than `LONGEST_SILENCE` before the day of extract: then that day is hardly right."""
    latest = [
        tables[table][column].max()
        for table, columns in EVENT_DATES.items()
        for column in columns
        if column in tables.get(table, ())
    ]
    known = [day for day in latest if pd.notna(day)]
    return bool(known) and pd.Timestamp(extract_date) - max(known) > LONGEST_SILENCE


def _after_extract(tables: Mapping[str, pd.DataFrame], *, extract_date: date) -> int:
    day = pd.Timestamp(extract_date)
    late = 0
    for table, columns in EVENT_DATES.items():
        there = [column for column in columns if column in tables.get(table, ())]
        if there:
            late += int((tables[table][there] > day).any(axis=1).sum())
    return late
