"""The files of an extract as `docs/layouts/ber.md` and `docs/layouts/supplements.md` have them: columns, inclusive end dates, missing = empty."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

import duckdb
import pandas as pd

from kaa_analysis.synthetic.known_rows import Tables

DELIVERY = "leverans.csv"
DELIVERY_COLUMNS = ("FIL", "RADER", "UTTAGSDATUM")
NO_STAFF = 0


@dataclass(frozen=True)
class RawFile:
    """A file: the table it shows, and per column of the file the SQL that makes it from the table's columns."""

    table: str
    columns: Mapping[str, str]
    in_delivery_note: bool = True


def _text(name: str) -> str:
    return f"nullif(CAST({name} AS VARCHAR), '')"


def _day(name: str) -> str:
    return f'CAST("{name}" AS DATE)'


def _last_day(name: str) -> str:
    return f'CAST("{name}" AS DATE) - 1'


def _yes(name: str) -> str:
    return f"CASE WHEN {name} THEN 'J' WHEN NOT {name} THEN 'N' END"


PERSON = {"PERSONNUMMER": "identity"}
FILES: Mapping[str, RawFile] = MappingProxyType({
    "personer.csv": RawFile("persons", PERSON | {
        "FODELSEDATUM": _day("birth_date"), "KON": _text("sex"), "FOLKBOKFORD_EFTER_SKOLPLIKT": _yes("newly_resident"),
        "TELEFON_FINNS": _yes("has_phone"), "SKYDDAD": _yes("is_protected"), "REGISTERNUMMER": "record",
    }),
    "folkbokforing.csv": RawFile("residence", PERSON | {
        "KOMMUN": _text("municipality"), "STADSDEL": _text("district"), "FROM": _day("start"), "TOM": _last_day("end"),
    }),
    "skolgang.csv": RawFile("schooling", PERSON | {
        "SKOLFORM": _text("form"), "PROGRAM": _text("programme"), "SKOLENHET": _text("unit"), "HUVUDMAN": _text("provider"),
        "FROM": _day("start"), "TOM": _last_day("end"), "AVGANGSORSAK": _text("leave_reason"),
    }),
    "bevis.csv": RawFile("credentials", PERSON | {"BEVIS": _text("kind"), "DATUM": _day("day")}),
    "kaa.csv": RawFile("registrations", PERSON | {
        "LOPNR": "number", "STARTDATUM": _day("start"), "STARTORSAK": _text("entry_reason"), "SLUTDATUM": _last_day("end"),
        "AVSLUTSORSAK": _text("exit_reason"), "SENASTE_SKOLA": _text("last_school"), "REGISTRERAD": _day("registered"),
    }),
    "kontakter.csv": RawFile("contacts", PERSON | {
        "KONTAKTNR": "number", "DATUM": _day("day"), "RIKTNING": _text("direction"), "KANAL": _text("channel"),
        "UTSKICK": _text("campaign"), "ANTAL_PERSONAL": f"nullif(staff, {NO_STAFF})", "PLANERAT_BESOK": _day("planned_visit"),
        "UTFALL": _text("outcome"), "SVARSDATUM": _day("responded"), "SVARAT_AV": _text("responder"),
    }),
    "insatser.csv": RawFile("offers", PERSON | {
        "INSATSNR": "number", "INSATS": _text("kind"), "UTFORARE": _text("provider"), "ERBJUDEN": _day("offered"),
        "ACCEPTERAD": _text("accepted"), "START": _day("start"), "SLUT": _last_day("end"), "SLUTORSAK": _text("end_reason"),
        "AKTIVITET_EFTER": _text("activity_after"), "SAMTYCKE": _text("consent"), "STEG": _text("step"), "VAG_IN": _text("route_in"),
        "EJ_ERBJUDEN_ORSAK": _text("not_offered_reason"),
    }),
    "aktiviteter.csv": RawFile("activities", PERSON | {
        "LOPNR": "number", "SYSSELSATTNING": _text("kind"), "FROM": _day("start"), "TOM": _last_day("end"), "KAND": _day("known"),
    }),
    "antagning.csv": RawFile("admissions", PERSON | {
        "AR": "year", "OMGANG": _text("round"), "ANTAGEN": _text("outcome"), "VAGLEDD": _day("guided"), "PLACERAD": _day("placed"),
    }),
    "aviseringar.csv": RawFile("notices", PERSON | {
        "LOPNR": "number", "AVISERING": _text("kind"), "DATUM": _day("day"), "SKOLENHET": _text("unit"),
    }),
    "enkater.csv": RawFile("surveys", {
        "ENKAT": _text("instrument"), "LOPNR": "number", "INBJUDEN": _day("invited"), "BESVARAD": _day("answered"), "SVAR": _text("items"),
    }),
    "skolor.csv": RawFile("schools", {
        "SKOLENHET": _text("unit"), "STADSDEL": _text("district"), "HUVUDMAN": _text("provider"), "SUSA_FROM": _day("susa_from"),
        "SUSA_TOM": _last_day("susa_to"), "PRIORITERAT_OMRADE": _text("area"),
    }),
    "skolkullar.csv": RawFile("school_cohorts", {
        "SKOLENHET": _text("unit"), "AR": "year", "ELEVER": "n_pupils", "EJ_INSKRIVNA_15_OKTOBER": "n_not_enrolled", "BEHORIGA": "n_eligible",
    }, in_delivery_note=False),
})  # fmt: skip
"""The raw files. The supplement's is not in the main delivery's note."""
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType({name: tuple(file.columns) for name, file in FILES.items()})


def as_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a file's text: header and rows, ``;`` between fields, every row ended.

    >>> as_text(("FIL", "RADER"), [("bevis.csv", "2")])
    'FIL;RADER\nbevis.csv;2\n'
    """
    return "".join(";".join(row) + "\n" for row in (columns, *rows))


class RawFolder:
    """A folder of raw files that grows by one batch of persons after the other; ``rows`` tells how many each file has."""

    def __init__(self, folder: Path, *, with_header: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.rows = dict.fromkeys(FILES, 0)
        for name, file in FILES.items():
            header = as_text(tuple(file.columns), ()) if with_header else ""
            (folder / name).write_text(header, encoding="utf-8", newline="\n")

    def append(self, tables: Tables) -> None:
        """Write the rows of ``tables`` below those that are there, in their order."""
        with duckdb.connect() as engine:
            for name, file in FILES.items():
                if file.table in tables and len(tables[file.table]):
                    self._append(name, file, tables[file.table], engine)

    def join(self, part: Path, *, rows: Mapping[str, int]) -> None:
        """Add the files of a folder without headers below those that are there, and take that folder away."""
        for name, n_rows in rows.items():
            self._add(name, part / name, n_rows)
        part.rmdir()

    def finish(self, *, extract_date: date) -> None:
        """Write the delivery note, last, so that a folder with one is whole."""
        noted = [
            (name, str(self.rows[name]), str(extract_date)) for name, file in FILES.items() if file.in_delivery_note
        ]
        text = as_text(DELIVERY_COLUMNS, noted)
        (self._folder / DELIVERY).write_text(text, encoding="utf-8", newline="\n")

    def _append(self, name: str, file: RawFile, rows: pd.DataFrame, engine: duckdb.DuckDBPyConnection) -> None:
        part = self._folder / f".{name}.part"
        columns = ", ".join(f"{sql} AS {column}" for column, sql in file.columns.items())
        engine.register("rows", _compact(rows))
        target = str(part).replace("'", "''")
        engine.execute(f"COPY (SELECT {columns} FROM rows) TO '{target}' (HEADER false, DELIMITER ';', NULLSTR '')")
        engine.unregister("rows")
        self._add(name, part, len(rows))

    def _add(self, name: str, part: Path, n_rows: int) -> None:
        with part.open("rb") as source, (self._folder / name).open("ab") as target:
            shutil.copyfileobj(source, target, length=1 << 20)
        part.unlink()
        self.rows[name] += n_rows


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with texts as categories, which the engine reads at once."""
    texts = rows.select_dtypes(include=["object", "string"]).columns
    return rows.astype(dict.fromkeys(texts, "category"))
