"""The good deliveries that mutants are made of: the hand-typed ones and the open data of mvad, free texts made recognisable."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from tests.fuzz.packages import Form, Package, Table

DATA = Path(__file__).parents[1] / "data"
CANARY = "Kanarie"
"""Begins every free text: no message or file outside the secure folder may hold it."""
FREE_TEXTS = {"HUVUDMAN": "skola", "UTSKICK": "utskick"}
BER_TABLES = {
    "personer.csv": "persons",
    "folkbokforing.csv": "residence",
    "skolgang.csv": "schooling",
    "bevis.csv": "credentials",
    "kaa.csv": "registrations",
    "kontakter.csv": "contacts",
    "insatser.csv": "interventions",
}
NEW_TABLES = {
    "aktiviteter.csv": "activities",
    "antagning.csv": "admissions",
    "aviseringar.csv": "notices",
    "enkater.csv": "surveys",
    "skolor.csv": "schools",
}


@dataclass(frozen=True)
class Base:
    """A good delivery: its layout, its files, and what the oracle must know of them.

    ``tables`` holds the canonical table that every file's rows go to; ``merged`` those, by file, whose rows are counted once per
    combination of the named source columns; ``identity`` is the source column of the person, ``source`` what pseudonyms of it begin with.
    """

    layout: str
    delimiter: str
    folders: tuple[str, ...]
    tables: Mapping[str, tuple[str, ...]]
    identity: str
    source: str = ""
    merged: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    extract_date: date | None = None


BASES: Mapping[str, Base] = {
    "ber_small": Base(
        "ber_demo", ";", ("ber_small",), {name: (table,) for name, table in BER_TABLES.items()}, "PERSONNUMMER"
    ),
    "ber_new": Base(
        "ber_demo",
        ";",
        ("ber_small", "ber_new"),
        {name: (table,) for name, table in (BER_TABLES | NEW_TABLES).items()},
        "PERSONNUMMER",
    ),
    "mvad": Base(
        "mvad",
        ",",
        ("mvad_spells.csv",),
        {"mvad_spells.csv": ("persons", "registrations")},
        "id",
        source="mvad",
        merged={"mvad_spells.csv": {"persons": ("id", "male")}},
        extract_date=date(1999, 7, 1),
    ),
}


def good_package(name: str) -> Package:
    """Return the good delivery called ``name``, to be changed at will."""
    tables = {file: table.copy() for file, table in _tables(name).items()}
    return Package(name, tables, {file: Form(delimiter=BASES[name].delimiter) for file in tables})


@cache
def _tables(name: str) -> dict[str, Table]:
    base = BASES[name]
    paths = {path.name: path for folder in base.folders for path in _files(DATA / folder)}
    return {file: _with_canaries(_read(path, delimiter=base.delimiter)) for file, path in sorted(paths.items())}


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.csv")) if place.is_dir() else [place]


def _read(path: Path, *, delimiter: str) -> Table:
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=delimiter)
    return Table(header, rows)


def _with_canaries(table: Table) -> Table:
    for place, column in enumerate(table.header):
        if column in FREE_TEXTS:
            for number, row in enumerate(table.rows):
                row[place] = row[place] and f"{CANARY}{FREE_TEXTS[column]} {number % 7} å"
    return table
