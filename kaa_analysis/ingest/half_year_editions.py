"""The editions of the agency's half-year file: which columns and codes hold in which half-year. The tables are data files in `editions/`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from kaa_analysis.core.errors import ParameterError, did_you_mean

if TYPE_CHECKING:
    from kaa_analysis.ingest.layout import Feed, FileLayout, Layout

REQUIRED, OPTIONAL, ABSENT = "required", "optional", "absent"
EDITION = re.compile(r"[0-9]{4}-[12]")
SENSITIVE = "sensitive"
"""Stands for the canonical code of codes that reveal health or social services: they are read as the list's code for other."""


@dataclass(frozen=True)
class EditionCode:
    """A code number of a list: what it means, the editions it holds in (the last one None while it holds), where that is known from."""

    code_list: str
    number: str
    code: str
    first_edition: str
    last_edition: str | None
    source: str
    mark: str

    def holds_in(self, edition: str) -> bool:
        """Return whether the number holds in an edition, ends included."""
        return self.first_edition <= edition <= (self.last_edition or edition)


@dataclass(frozen=True)
class EditionColumn:
    """A column in one edition: required, optional or absent, and where that is known from."""

    edition: str
    column: str
    status: str
    source: str
    mark: str


def closed_half_year(day: date) -> str:
    """Return the name of the last half-year that has ended when ``day`` is over: an edition.

    >>> closed_half_year(date(2023, 6, 30)), closed_half_year(date(2023, 6, 29)), closed_half_year(date(2024, 1, 31))
    ('2023-1', '2022-2', '2023-2')
    """
    after = day + timedelta(days=1)
    return f"{after.year}-1" if after.month > 6 else f"{after.year - 1}-2"


def first_day(edition: str) -> date | None:
    """Return the first day of the half-year that an edition is named after, None if the name is not one.

    >>> first_day("2023-2")
    datetime.date(2023, 7, 1)
    """
    if not EDITION.fullmatch(edition):
        return None
    year, half = edition.split("-")
    return date(int(year), 1 if half == "1" else 7, 1)


def edition_names(table: str) -> tuple[str, ...]:
    """Return the names of the editions, the earliest first.

    >>> edition_names("kaa_halvar")[0]
    '2018-2'
    """
    return tuple(sorted({column.edition for column in edition_columns(table)}))


def require_edition(edition: str, *, table: str) -> None:
    """Refuse an edition that the table does not have.

    Raises:
        ParameterError: there is no such edition.
    """
    names = edition_names(table)
    if edition not in names:
        raise ParameterError(
            f"Upplagan finns inte{did_you_mean(edition, names)}.",
            found=f"finns: {names[0]} till och med {names[-1]}",
            action=f"ange halvåret, till exempel {names[-1]}, eller lägg till upplagan i ingest/editions/{table}_columns.csv",
        )


@cache
def edition_columns(table: str) -> tuple[EditionColumn, ...]:
    """Return every column of every edition."""
    return tuple(EditionColumn(**row) for row in _rows(f"{table}_columns.csv"))


@cache
def edition_codes(table: str) -> tuple[EditionCode, ...]:
    """Return every code number of every list."""
    return tuple(
        EditionCode(**row | {"last_edition": row["last_edition"] or None}) for row in _rows(f"{table}_codes.csv")
    )


def codes_of_editions(table: str, *, edition: str | None = None) -> dict[str, Any]:
    """Return the code lists, the sensitive codes and the codes of other editions, as a layout states them; every edition's where none is named.

    A number that is sensitive in any edition is sensitive in all where it has no other meaning: it must not come into a problem file.
    """
    rows = edition_codes(table)
    lists: dict[str, dict[str, str]] = {row.code_list: {} for row in rows}
    for row in rows:
        if row.code != SENSITIVE and (edition is None or row.holds_in(edition)):
            lists[row.code_list][row.number] = row.code
    others = [row for row in rows if row.number not in lists[row.code_list]]
    sensitive = _numbers(row for row in others if row.code == SENSITIVE)
    outside = _numbers(row for row in others if row.number not in sensitive.get(row.code_list, ()))
    return {
        "code_lists": lists,
        "sensitive_codes": {name: _sensitive(lists[name], numbers) for name, numbers in sensitive.items()},
        "other_editions": outside,
    }


def with_edition(layout: Layout, *, edition: str | None) -> Layout:
    """Return the layout with the columns and codes of one edition; a layout without editions is returned as it is.

    A column that is absent in the edition is neither read nor known, one that is optional need not be delivered.

    Raises:
        ParameterError: the edition is not one, or there is none to choose.
    """
    if layout.editions is None:
        if edition is not None:
            raise ParameterError(f'Layouten "{layout.name}" har inga upplagor.', action="utelämna upplagan")
        return layout
    require_edition(edition or "", table=layout.editions)
    status = {row.column: row.status for row in edition_columns(layout.editions) if row.edition == edition}
    codes = codes_of_editions(layout.editions, edition=edition)
    narrowed = {name: _file(file, status=status) for name, file in layout.files.items()}
    record = layout.model_dump() | codes | {"files": {name: file.model_dump() for name, file in narrowed.items()}}
    return type(layout).model_validate(record)


def _file(file: FileLayout, *, status: Mapping[str, str]) -> FileLayout:
    there = {name for name in file.named if status.get(name, REQUIRED) != ABSENT}
    feeds = [_feed(feed, there=there, status=status) for feed in file.feeds if there.issuperset(feed.when_any)]
    ignored = tuple(name for name in file.ignored if name in there)
    municipality = file.municipality if file.municipality in there else None
    return file.model_copy(update={"feeds": tuple(feeds), "ignored": ignored, "municipality": municipality})


def _feed(feed: Feed, *, there: set[str], status: Mapping[str, str]) -> Feed:
    columns = {
        name: column.model_copy(
            update={"optional": column.optional or (status.get(column.source) == OPTIONAL and not feed.optional)}
        )
        for name, column in feed.columns.items()
        if column.source in there
    }
    return feed.model_copy(update={"columns": columns})


def _numbers(rows: Iterable[EditionCode]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row.code_list] = (*found.get(row.code_list, ()), row.number)
    return {name: tuple(dict.fromkeys(numbers)) for name, numbers in found.items()}


def _sensitive(code_list: Mapping[str, str], numbers: tuple[str, ...]) -> dict[str, Any]:
    read_as = next(number for number, code in code_list.items() if code == "other")
    return {"read_as": read_as, "codes": numbers}


def _rows(name: str) -> list[dict[str, str]]:
    with files("kaa_analysis.ingest").joinpath("editions", name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
