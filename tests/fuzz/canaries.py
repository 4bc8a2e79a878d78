"""A small extract with a canary in every column that can carry one, and what tells a canary wherever it turns up."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.bases import CANARY, good_package
from tests.fuzz.packages import Form, Package, Table
from tests.fuzz.reading import KEY

EXTRACT = "prov"
WORDS = frozenset({"PROGRAM", "SKOLENHET", "HUVUDMAN", "UTSKICK"})
NUMBERS = {"LOPNR": 7_310_000, "KONTAKTNR": 8_420_000, "INSATSNR": 9_530_000, "REGISTERNUMMER": 964_000_000}
IDENTITY, BORN = "PERSONNUMMER", "FODELSEDATUM"

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_END_OF_PERIOD = re.compile(r"[0-9]{4}-(?:01-01|04-30|05-01|06-30|07-01|08-31|09-01|12-31)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-+.,:/'’\u2013\u00a0\u202f]+(?=\d)")
_NUMBER = re.compile(r"(?<![0-9A-Za-z.])[0-9]{7,9}(?![0-9A-Za-z])")
_DATED = re.compile(r"(?<!\d)(?:\d{4}-\d{2}-\d{2}|(?:19|20)\d{6}|\d{2}[/.]\d{2}[/.]\d{4})(?!\d)")
_HEXADECIMAL = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")


@dataclass(frozen=True)
class Canaries:
    """What may be seen nowhere outside the secure folder; every free text begins with `CANARY`."""

    identities: frozenset[str]
    numbers: frozenset[str]
    days: frozenset[str]
    pseudonyms: frozenset[str]

    def kinds_in(self, text: str) -> list[str]:
        """Return the kinds of canaries that a text holds, in any of their forms."""
        joined = _BETWEEN_DIGITS.sub("", text)
        runs = {run[place : place + 10] for run in re.findall(r"\d{10,}", joined) for place in range(len(run) - 9)}
        kinds = {
            "free text": CANARY.lower() in text.lower() or CANARY.encode("utf-16-le").decode("latin-1") in text,
            "identity": bool(runs & self.identities),
            "number": not self.numbers.isdisjoint(_NUMBER.findall(text)),
            "day": not self.days.isdisjoint(_DATED.findall(text)),
            "pseudonym": not self.pseudonyms.isdisjoint(_HEXADECIMAL.findall(text.lower())),
        }
        return [kind for kind, is_there in kinds.items() if is_there]


def canary_package() -> Package:
    """Return the good delivery of all the register's files with a canary in every column that takes one."""
    package = good_package("ber_new")
    package.tables["personer.csv"].header.append("REGISTERNUMMER")
    for row in package.tables["personer.csv"].rows:
        row.append("x")
    package.tables["skolkullar.csv"] = Table(
        ["SKOLENHET", "AR", "ELEVER", "EJ_INSKRIVNA_15_OKTOBER"],
        [["20000001", str(year), "61", "9"] for year in range(2014, 2020)],
    )
    package.forms["skolkullar.csv"] = Form()
    for number, table in enumerate(package.tables.values()):
        _plant(table, first=number * 1000)
    return package


def canaries_of(package: Package) -> Canaries:
    """Return what tells the canaries of a package; days that end or begin a period of the calendar are no canaries."""
    values = [
        (name, value)
        for file, table in package.tables.items()
        if file != "leverans.csv"
        for row in table.rows
        for name, value in zip(table.header, row, strict=True)
    ]
    identities = {value for name, value in values if name == IDENTITY}
    days = {value for _, value in values if _DAY.fullmatch(value) and not _END_OF_PERIOD.fullmatch(value)}
    days |= {value for name, value in values if name == BORN}
    return Canaries(
        frozenset(identity[-10:] for identity in identities),
        frozenset(value for name, value in values if name in NUMBERS),
        frozenset(form for day in days for form in _forms(day)),
        frozenset(hmac.new(KEY, identity.encode(), hashlib.sha256).hexdigest()[:16] for identity in identities),
    )


def put_key(secure: Path) -> None:
    """Put the key with which the canaries' pseudonyms are known in a secure folder."""
    secure.mkdir(mode=0o700, exist_ok=True)
    (secure / "keys").mkdir(mode=0o700, exist_ok=True)
    (secure / "keys" / "pseudonym.key").write_bytes(KEY)
    (secure / "keys" / "pseudonym.key").chmod(0o600)


def _plant(table: Table, *, first: int) -> None:
    for place, name in enumerate(table.header):
        for number, row in enumerate(table.rows):
            if name in WORDS and row[place]:
                row[place] = f"{CANARY}{name.lower()}{row[place]}"
            elif name in NUMBERS and row[place]:
                row[place] = str(NUMBERS[name] + first + number)


def _forms(day: str) -> Iterable[str]:
    year, month, day_of_month = day.split("-")
    return (day, f"{year}{month}{day_of_month}", f"{day_of_month}/{month}/{year}", f"{day_of_month}.{month}.{year}")
