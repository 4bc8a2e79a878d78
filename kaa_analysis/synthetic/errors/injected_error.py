"""`InjectedError`: what was made wrong in which row, and what should find it. The list lies in the secure folder, never beside the extract."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.secure_folder import PRIVATE, write_atomically
from kaa_analysis.synthetic.errors.error_kinds import ErrorKind, Origin, error_kinds

KEYS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "personer.csv": ("persons", {}),
    "folkbokforing.csv": ("residence", {"from_date": "FROM"}),
    "skolgang.csv": ("schooling", {"from_date": "FROM"}),
    "bevis.csv": ("credentials", {"date": "DATUM"}),
    "kaa.csv": ("registrations", {"spell": "LOPNR"}),
    "kontakter.csv": ("contacts", {"contact": "KONTAKTNR"}),
    "insatser.csv": ("interventions", {"intervention_number": "INSATSNR"}),
    "aktiviteter.csv": ("activities", {"activity_number": "LOPNR"}),
    "antagning.csv": ("admissions", {"year": "AR"}),
    "aviseringar.csv": ("notices", {"notice_number": "LOPNR"}),
    "enkater.csv": ("surveys", {"survey_number": "LOPNR"}),
    "skolor.csv": ("schools", {"school_unit": "SKOLENHET"}),
}
"""The canonical table of every file and, of its key, the parts that are written the same in both."""

COLUMNS = (
    "KIND", "NAME", "FILE", "LINES", "TABLE", "ROW_KEY", "IDENTITY", "OTHER_IDENTITY", "FOUND_BY", "ALSO", "CANNOT_BE_TOLD",
    "READ_RIGHT", "DETAIL",
)  # fmt: skip


@dataclass(frozen=True)
class InjectedError:
    """One error that is known to be there.

    ``lines`` are the lines of the spoiled rows in the file as it was written last, none where the row is gone or the error came with the
    simulation. ``row_key`` is the row's key without the person as checks tell it, empty for a person. ``person_identity`` is the identity
    of the person whose row it is, as the other files have it; ``other_identity`` a second person whom it concerns. ``detail`` says what was done.
    """

    kind: str
    file: str
    person_identity: str = ""
    row_key: str = ""
    lines: tuple[int, ...] = ()
    other_identity: str = ""
    detail: str = ""


def key_of_row(file: str, row: Mapping[str, str]) -> str:
    """Return the key of a raw row without its person, as checks tell it.

    >>> key_of_row("kontakter.csv", {"PERSONNUMMER": "200281028357", "KONTAKTNR": "3"})
    'contact=3'
    """
    _, parts = KEYS[file]
    return " ".join(f"{name}={row[column]}" for name, column in parts.items())


def process_errors(
    kind: str, *, file: str, identities: Sequence[str], row_keys: Sequence[str] | None = None
) -> tuple[InjectedError, ...]:
    """Return the errors of one kind that came with the simulation: a person each, and the row's key where a row is concerned.

    Raises:
        DefinitionError: the catalogue has no such kind that comes from the simulation.
    """
    known = [name for name, told in error_kinds().items() if told.origin is Origin.SIMULATION]
    if kind not in known:
        raise DefinitionError(
            "Felet ska vara ett av dem som simuleringen själv gör.", found=f"finns: {', '.join(known)}"
        )
    keys = [""] * len(identities) if row_keys is None else row_keys
    return tuple(
        InjectedError(kind, file, identity, key, detail="ur simuleringen")
        for identity, key in zip(identities, keys, strict=True)
    )


def write_errors(path: Path, errors: Iterable[InjectedError]) -> None:
    """Write the list to ``path`` in a private folder, made if missing: a row per error with what the catalogue says of its kind."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_fields(error, error_kinds()[error.kind]) for error in errors)
    write_atomically(path, text.getvalue().encode())


def _fields(error: InjectedError, kind: ErrorKind) -> tuple[str, ...]:
    table, _ = KEYS.get(error.file, ("", {}))
    return (
        error.kind,
        kind.name,
        error.file,
        " ".join(map(str, error.lines)),
        table,
        error.row_key,
        error.person_identity,
        error.other_identity,
        " ".join(kind.found_by),
        " ".join(kind.also),
        kind.cannot_be_told,
        kind.read_right,
        error.detail,
    )
