"""The register queries: SQL text, one file each in `sql/`, that means the same to every engine (``tests/contract/portable_sql.py``).

The lines on top of a file are its contract, read by `register_query`: what a *row* is, the columns it is *asked* with and the *values* it
takes (each with a type of the schema), the *tables* it reads, the columns it *gives*, the *key* they are ordered by, and its *bounds*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kaa_analysis.core.errors import DefinitionError, did_you_mean

ASKED = "asked"
"""The name by which a query reads the rows that are asked about."""

ASKED_ROW = "asked_row"
"""The number of a row asked, from 0; every query that is asked with rows sees it as a column of `ASKED`."""

SUFFIX = ".sql"


@dataclass(frozen=True)
class RegisterQuery:
    """One query and its contract. ``asked``, ``takes`` (the values) and ``gives`` hold the type of the schema by name, in their order."""

    name: str
    row: str
    asked: Mapping[str, str]
    takes: Mapping[str, str]
    tables: tuple[str, ...]
    gives: Mapping[str, str]
    key: tuple[str, ...]
    bounds: str
    text: str


@cache
def register_queries() -> Mapping[str, RegisterQuery]:
    """Return every register query by name.

    >>> sorted(register_queries())
    ['activity_known_on_day', 'residence_on_day', 'rows_per_month']
    """
    found = sorted(
        (path for path in files("kaa_analysis.store").joinpath("sql").iterdir() if path.name.endswith(SUFFIX)),
        key=lambda path: path.name,
    )
    names = [path.name.removesuffix(SUFFIX) for path in found]
    return {name: query_of(name, path.read_text(encoding="utf-8")) for name, path in zip(names, found, strict=True)}


def register_query(name: str) -> RegisterQuery:
    """Return one register query.

    Raises:
        DefinitionError: there is no such query.
    """
    if name not in register_queries():
        raise DefinitionError(f'Registret har ingen fråga "{name}"{did_you_mean(name, register_queries())}.')
    return register_queries()[name]


def query_of(name: str, source: str) -> RegisterQuery:
    """Return the query that the text of a file is.

    >>> query = query_of("n", "-- row: a person\\n-- tables: persons\\n-- gives: person_id key\\n-- key: person_id\\nSELECT person_id …")
    >>> query.gives, query.asked, query.text
    ({'person_id': 'key'}, {}, 'SELECT person_id …')
    """
    lines = source.splitlines()
    n_told = next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))
    told = _told(lines[:n_told])
    return RegisterQuery(
        name=name,
        row=told.get("row", ""),
        asked=_typed(told.get("asked", "")),
        takes=_typed(told.get("values", "")),
        tables=_listed(told.get("tables", "")),
        gives=_typed(told.get("gives", "")),
        key=_listed(told.get("key", "")),
        bounds=told.get("bounds", ""),
        text="\n".join(lines[n_told:]),
    )


def _told(lines: list[str]) -> dict[str, str]:
    """Return what is told by its word; a line that is indented goes on with the one above."""
    told: dict[str, str] = {}
    for line in (each.removeprefix("-- ") for each in lines):
        word, _, rest = line.partition(": ")
        if line.startswith(" "):
            last = next(reversed(told))
            told[last] += f" {line.strip()}"
        else:
            told[word] = rest
    return told


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _typed(text: str) -> dict[str, str]:
    return dict(part.split() for part in _listed(text))
