"""What a score is made of besides the findings: the list of errors put into an invented register, and the rows that ingest set aside.

Identities become pseudonyms while they are read: nobody behind this module sees one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.errors import ExtractError
from kaa_analysis.core.secure_folder import SecureFolder

ERRORS = "errors.csv"
PERSON = "PERSONNUMMER"
PseudonymOf = Callable[[str], str]


@dataclass(frozen=True)
class KnownError:
    """An error that is known to be in an extract, and what should find it.

    ``row_key`` holds those parts of the row's key that the raw row has, empty for a person; ``lines`` are those of the spoiled rows in the file,
    none where the row is gone or the error came with the simulation. ``found_by`` are checks, with the reason as well where the row is set aside
    (``K103:OKAND_KOD``); ``also`` checks that may find more of the same person because of it.
    """

    kind: str
    name: str
    file: str
    lines: tuple[int, ...]
    table: str
    row_key: str
    person: str
    other_person: str
    found_by: tuple[str, ...]
    also: tuple[str, ...]
    cannot_be_told: str
    read_right: str


@dataclass(frozen=True)
class SetAsideRow:
    """A row that ingest set aside: where it stands, whose it seems to be, and why."""

    file: str
    line: int
    person: str
    reasons: tuple[str, ...]


def known_errors(name: str, *, secure: SecureFolder, pseudonym_of: PseudonymOf) -> tuple[KnownError, ...]:
    """Return the errors put into the invented register called ``name``.

    Raises:
        ExtractError: nothing is known of errors in the extract.
    """
    path = secure.truth / name / ERRORS
    if not path.is_file():
        raise ExtractError(
            "Bara ett påhittat register, där felen är kända, kan poängsättas.",
            found=f"ingen lista över inlagda fel för uttaget: truth/{name}/{ERRORS} finns inte i den säkra mappen",
            action='gör ett påhittat register med "kaa synth", eller kontrollera uttaget utan --score',
        )
    return tuple(_known(row, pseudonym_of) for row in _rows(path))


def set_aside_rows(
    name: str, *, n_rows: int, secure: SecureFolder, pseudonym_of: PseudonymOf
) -> tuple[SetAsideRow, ...]:
    """Return the rows in the problem files of the extract called ``name``.

    Raises:
        ExtractError: they are not the ``n_rows`` rows that were set aside when the extract was read.
    """
    folder = secure.problems / name
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    found = tuple(_set_aside(path.name, row, pseudonym_of) for path in paths for row in _rows(path))
    if len(found) != n_rows:
        raise ExtractError(
            "Problemfilerna ska vara de som skrevs när uttaget lästes in.",
            found=f"{n_rows} undantagna rader men {len(found)} rader i problems/{name}/",
            action=f"ta bort registrets mapp under registers/ i den säkra mappen och läs in {name} på nytt",
        )
    return found


def _known(row: dict[str, str], pseudonym_of: PseudonymOf) -> KnownError:
    return KnownError(
        kind=row["KIND"],
        name=row["NAME"],
        file=row["FILE"],
        lines=tuple(map(int, row["LINES"].split())),
        table=row["TABLE"],
        row_key=row["ROW_KEY"],
        person=_person(row["IDENTITY"], pseudonym_of),
        other_person=_person(row["OTHER_IDENTITY"], pseudonym_of),
        found_by=tuple(row["FOUND_BY"].split()),
        also=tuple(row["ALSO"].split()),
        cannot_be_told=row["CANNOT_BE_TOLD"],
        read_right=row["READ_RIGHT"],
    )


def _set_aside(file: str, row: dict[str, str], pseudonym_of: PseudonymOf) -> SetAsideRow:
    reasons = tuple(cause.rpartition(":")[2] for cause in row["ORSAK"].split())
    return SetAsideRow(file, int(row["RAD"]), _person(row.get(PERSON, ""), pseudonym_of), reasons)


def _person(identity: str, pseudonym_of: PseudonymOf) -> str:
    return pseudonym_of(identity) if identity else ""


def _rows(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))
