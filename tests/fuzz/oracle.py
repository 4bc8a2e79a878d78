"""What must hold of every mutant: an answer and no crash, no row lost, no person's value seen, the same answer again."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import duckdb

from kaa_analysis.core.boundary import our_place
from kaa_analysis.core.errors import KaaError, UnexpectedError
from tests.fuzz.bases import BASES, CANARY, Base
from tests.fuzz.mutants import NONE, Mutant, unchanged
from tests.fuzz.packages import NOTE
from tests.fuzz.raw_rows import RawRowsError, rows_of_file
from tests.fuzz.reading import (
    KEY,
    NAME,
    Outcome,
    Sandbox,
    days_that_may_be_told,
    fingerprint,
    read,
    sandbox,
    table_hashes,
)
from tests.fuzz.value_mutations import EXCEL_DAY_ZERO

DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s\-+.,:/'’\u2013\u00a0\u202f]+(?=\d)")
LEAST_SIGNS = 6
"""A spoiled identity or date of birth with fewer signs could be any number."""
PERSONAL_COLUMNS = frozenset({"PERSONNUMMER", "FODELSEDATUM"})

Row = Mapping[str, str]


@dataclass(frozen=True, order=True)
class Failure:
    """What does not hold, and where, without any value of a person."""

    kind: str
    place: str


def verdict(mutant: Mutant, *, again: bool = False) -> tuple[str, list[Failure]]:
    """Read a mutant and return the outcome's word and every failure; ``again`` reads it twice and compares."""
    with sandbox() as place:
        outcome = read(mutant, place)
        failures = [*uncaught(outcome), *lost_rows(outcome, place, mutant), *leaks(outcome, mutant)]
        failures += changed_by_nothing(outcome, mutant)
        told = fingerprint(outcome, place)
    if again and told != _fingerprint(mutant):
        failures.append(Failure("not deterministic", outcome.word))
    return outcome.word, failures


def uncaught(outcome: Outcome) -> list[Failure]:
    """Return the failure of an outcome that is neither a register nor an error that was meant."""
    error = outcome.error
    if error is None or (isinstance(error, KaaError) and not isinstance(error, UnexpectedError)):
        return []
    if isinstance(error, UnexpectedError):
        return [Failure("uncaught", " ".join(error.found))]
    return [Failure("uncaught", f"{type(error).__name__} i {our_place(error)}")]


def lost_rows(outcome: Outcome, place: Sandbox, mutant: Mutant) -> list[Failure]:
    """Return the tables whose rows, with those set aside and those merged, are not the delivered ones; persons are compared one by one."""
    if outcome.register is None:
        return []
    layout = BASES[mutant.package.base]
    extract, problems = place.secure.extracts / NAME, place.secure.problems / NAME
    failures = []
    for file, tables in layout.tables.items():
        try:
            delivered = _rows(_delivered(extract, file), layout)
            set_aside = _rows(problems / file, layout)
        except RawRowsError:
            failures.append(Failure("lost rows", f"{file}: quotes that the register's reading took"))
            continue
        for table in tables:
            expected = _of_persons(delivered, set_aside, layout=layout, file=file, table=table)
            if expected != _of_table(outcome.register.folder / f"{table}.parquet", _engine()):
                failures.append(Failure("lost rows", f"{file}, {table}"))
    return failures


def leaks(outcome: Outcome, mutant: Mutant) -> list[Failure]:
    """Return the kinds of person's values that were seen outside the secure folder, in any form."""
    seen = outcome.seen
    joined = BETWEEN_DIGITS.sub("", seen)
    identities, personal, days = _values(mutant)
    kinds = {
        "free text": CANARY.lower() in seen.lower() or CANARY.encode("utf-16-le").decode("latin-1") in seen,
        "identity": any(identity in joined for identity in identities),
        "spoiled value": any(value in seen for value in personal),
        "day": bool(days & set(DAY.findall(seen))),
        "day of birth": bool(_forms_of_days(mutant) & set(re.findall(r"[\d/.]+", seen))),
    }
    return [Failure("leak", kind) for kind, is_seen in kinds.items() if is_seen]


def changed_by_nothing(outcome: Outcome, mutant: Mutant) -> list[Failure]:
    """Return the failure of a harmless mutation that did not give the register of the good delivery."""
    if mutant.family != NONE:
        return []
    if outcome.register is None:
        return [Failure("changed by nothing", f"{mutant.package.base}: {outcome.word}")]
    same = table_hashes(outcome.register) == good_tables(mutant.package.base)
    return [] if same else [Failure("changed by nothing", mutant.package.base)]


@cache
def good_tables(base: str) -> dict[str, str]:
    """Return the hashes of the tables that the good delivery gives."""
    with sandbox() as place:
        register = read(unchanged(base), place).register
        return {} if register is None else table_hashes(register)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def _fingerprint(mutant: Mutant) -> str:
    with sandbox() as place:
        return fingerprint(read(mutant, place), place)


def _delivered(extract: Path, file: str) -> Path:
    """Return the delivered file that is the layout's, in whatever format."""
    stem, suffixes = Path(file).stem, (".csv", ".xlsx", ".parquet")
    there = [path for path in extract.iterdir() if path.stem == stem and path.suffix.lower() in suffixes]
    return there[0] if there else extract / file


def _rows(path: Path, layout: Base) -> list[Row]:
    return rows_of_file(path, delimiter=layout.delimiter) if path.is_file() else []


def _of_persons(
    delivered: Sequence[Row], set_aside: Sequence[Row], *, layout: Base, file: str, table: str
) -> Counter[str]:
    """Return how many rows every person's pseudonym should have in the table; rows without a person stand under the empty word."""
    if len({row["RAD"] for row in set_aside}) != len(set_aside):
        return Counter({"a line is set aside twice": 1})
    merged = layout.merged.get(file, {}).get(table)
    if merged:
        kept = {tuple(row[name] for name in merged) for row in _difference(delivered, set_aside)}
        identities = Counter(values[0] for values in kept)
    else:
        identities = Counter(row.get(layout.identity, "") for row in delivered)
        identities.subtract(row.get(layout.identity, "") for row in set_aside)
    return Counter({_pseudonym(name, layout): number for name, number in identities.items() if number})


def _difference(delivered: Sequence[Row], set_aside: Sequence[Row]) -> list[Row]:
    """Return the delivered rows that are not set aside, equal ones as often as they are left over."""
    columns = [name for name in delivered[0] if not set_aside or name in set_aside[0]] if delivered else []
    left = Counter(tuple(row[name] for name in columns) for row in delivered)
    left.subtract(tuple(row[name] for name in columns) for row in set_aside)
    return [dict(zip(columns, values, strict=True)) for values, number in left.items() if number > 0]


def _of_table(file: Path, engine: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Return how many rows every pseudonym has in a table of the register; rows without one stand under the empty word."""
    columns = [name for name, *_ in engine.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()]
    person = "coalesce(person_id, '')" if "person_id" in columns else "''"
    return Counter(
        dict(engine.execute(f"SELECT {person}, count(*) FROM read_parquet(?) GROUP BY 1", [str(file)]).fetchall())
    )


def _pseudonym(identity: str, layout: Base) -> str:
    if not identity:
        return ""
    words = f"{layout.source}:{identity}" if layout.source else identity
    return hmac.new(KEY, words.encode("latin-1"), hashlib.sha256).hexdigest()[:16]


def _values(mutant: Mutant) -> tuple[set[str], set[str], set[str]]:
    """Return the identities (the last ten digits), the spoiled values of personal columns, and the days of the rows."""
    good = unchanged(mutant.package.base).package.tables
    tables = [table for tables in (good, mutant.package.tables) for name, table in tables.items() if name != NOTE]
    told = days_that_may_be_told() | _days_of_note(mutant)
    identities, personal, days = set(), set(), set()
    for table in tables:
        for row in table.rows:
            identities |= {value[-10:] for value in row if re.fullmatch(r"(19|20)\d{10}", value)}
            days |= {value for value in row if DAY.fullmatch(value)}
            personal |= {value for name, value in zip(table.header, row, strict=False) if name in PERSONAL_COLUMNS}
    personal = {value for value in personal if len(value) >= LEAST_SIGNS and any(map(str.isdigit, value))}
    return identities, personal - told, days - told


def _days_of_note(mutant: Mutant) -> set[str]:
    rows = mutant.package.tables[NOTE].rows if NOTE in mutant.package.tables else []
    return {value for row in rows for value in row if DAY.fullmatch(value)} | {"2025-01-31", "2020-01-01"}


@cache
def _birth_days(base: str) -> frozenset[str]:
    table = unchanged(base).package.tables.get("personer.csv")
    return frozenset() if table is None else frozenset(row[1] for row in table.rows)


def _forms_of_days(mutant: Mutant) -> set[str]:
    forms: set[str] = set()
    for day in _birth_days(mutant.package.base):
        year, month, day_of_month = day.split("-")
        serial = (date.fromisoformat(day) - EXCEL_DAY_ZERO).days
        forms |= {f"{year}{month}{day_of_month}", f"{year[2:]}{month}{day_of_month}", f"{day_of_month}/{month}/{year}", f"{month}/{day_of_month}/{year}",
                  f"{day_of_month}.{month}.{year}", str(serial)}  # fmt: skip
    return forms
