"""The delivery note: how many rows each file should have, and of which day the extract is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from kaa_analysis.ingest import wording
from kaa_analysis.ingest.delivered_names import layout_file
from kaa_analysis.ingest.layout import DeliveryNote, Layout
from kaa_analysis.ingest.raw_file import RawFile
from kaa_analysis.ingest.reasons import REASON_LABELS, Reason

MAX_COUNT_DIGITS = 8
"""Longer numbers are no counts of rows and are not told: they could be identities in the wrong column."""


@dataclass(frozen=True, eq=False)
class NoteReading:
    """The day of the extract (None if it cannot be read) and what is wrong, safe to tell."""

    extract_date: date | None
    problems: tuple[str, ...]


def read_delivery_note(
    note: RawFile, *, layout: Layout, n_rows: Mapping[str, int], delivered: Collection[str]
) -> NoteReading:
    """Compare the note with the files; it may name them as the layout does or in any format that is read. ``n_rows`` is the number of rows, the header apart, of every file that could be read.

    A file that the layout lets be absent is named in the note exactly if it is among those ``delivered``.
    """
    form = layout.delivery_note
    names = [layout_file(name, layout=layout) or name for name in note.rows[form.file_column]]
    rows = note.rows.assign(**{form.file_column: names})
    told = dict(zip(names, rows[form.rows_column], strict=True))
    problems = _spoiled(note, name=form.file) + _file_problems(rows, form=form, layout=layout, delivered=delivered)
    for name in layout.noted_files:
        if name in told and name in n_rows:
            problems += _count_problems(name, told=told[name], n_rows=n_rows[name], note=form.file)
    extract_date, date_problems = _extract_date(rows[form.date_column], layout=layout)
    return NoteReading(extract_date, (*problems, *date_problems))


def _spoiled(note: RawFile, *, name: str) -> list[str]:
    counts = note.problems.groupby(["column", "reason"], sort=True).size()
    return [
        f"{name}, {column}: {REASON_LABELS[Reason(reason)]} – {wording.rows(int(n))}"
        for (column, reason), n in counts.items()
    ]


def _file_problems(rows: pd.DataFrame, *, form: DeliveryNote, layout: Layout, delivered: Collection[str]) -> list[str]:
    names = list(rows[form.file_column])
    expected = [name for name, file in layout.noted_files.items() if not file.optional or name in delivered]
    problems = [f"{form.file}: {name} saknas i leveransfilen" for name in expected if name not in names]
    problems += [
        f"{name}: filen saknas men nämns i {form.file}"
        for name in layout.noted_files
        if name in names and name not in expected
    ]
    n_unknown = sum(name not in layout.noted_files for name in names)
    n_repeated = len(names) - len(set(names))
    problems += [f"{form.file}: nämner {wording.files(n_unknown)} som layouten inte känner"] * bool(n_unknown)
    return problems + [f"{form.file}: nämner {wording.files(n_repeated)} mer än en gång"] * bool(n_repeated)


def _count_problems(name: str, *, told: str, n_rows: int, note: str) -> list[str]:
    if not told.isascii() or not told.isdigit() or len(told) > MAX_COUNT_DIGITS:
        return [f"{note}: radantalet för {name} är inte ett rimligt heltal"]
    if int(told) == n_rows:
        return []
    guess = "; filen kan vara avhuggen" if n_rows < int(told) else ""
    return [f"{name}: ska ha {wording.rows(int(told))} enligt {note} men har {n_rows}{guess}"]


def _extract_date(days: pd.Series, *, layout: Layout) -> tuple[date | None, list[str]]:
    form = layout.delivery_note
    if days.nunique() != 1:
        return None, [
            f"{form.file}: {form.date_column} ska vara samma dag på alla rader men det finns {days.nunique()} olika"
        ]
    try:
        return datetime.strptime(days.iloc[0], layout.date_format).date(), []  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None, [f"{form.file}: {form.date_column} är inte ett giltigt datum"]
