"""A person under a samordningsnummer, alone or before the personnummer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kaa_analysis.synthetic.errors.cell_spoiling import as_samordningsnummer
from kaa_analysis.synthetic.errors.changes import Candidate, Change, Elsewhere, later, with_identity
from kaa_analysis.synthetic.errors.raw_folder import Row

CUT = ("folkbokforing.csv", "skolgang.csv")
"""Files whose periods go on under the new identity."""
DAYS: Mapping[str, str] = {
    "bevis.csv": "DATUM",
    "kontakter.csv": "DATUM",
    "aktiviteter.csv": "KAND",
    "aviseringar.csv": "DATUM",
}
SWITCHED = "BY"
NEAR = 400
"""Somebody else of the same day of birth and sex, whose rows begin within so many days after the change, could be taken for the same person."""


def coordination_number_only(candidate: Candidate) -> Change | None:
    """Write the person's samordningsnummer in place of the identity in every file. Not for somebody whose residence has ended."""
    if all(row["TOM"] for _, row in candidate.rows("folkbokforing.csv")):
        return None
    other = as_samordningsnummer(candidate.identity)
    rows = [
        Elsewhere(file, place, with_identity(other, row))
        for file in candidate.folder.tables
        if file != candidate.file
        for place, row in candidate.rows(file)
    ]
    return Change(with_identity(other, candidate.row), elsewhere=tuple(rows), identity=other)


def two_identities(candidate: Candidate) -> Change | None:
    """Let the personnummer begin with the last registration; what was before it stands under a samordningsnummer, in a row of its own.

    Residence and schooling that go on are cut there. Everything else must lie on one side; rounds of admission until that year are the old one's.
    """
    spells = [row["STARTDATUM"] for _, row in candidate.rows("kaa.csv")]
    if not spells or _is_cut_through(candidate, max(spells)):
        return None
    old, alike = as_samordningsnummer(candidate.identity), _alike(candidate)
    if candidate.taken & set(alike) or any(_begins_near(other, max(spells), candidate) for other in alike):
        return None
    moved = tuple(_moved(candidate, change_day=max(spells), old=old))
    if not any(part.file == "folkbokforing.csv" and part.added for part in moved):
        return None
    person = with_identity(old, candidate.row)
    if "REGISTERNUMMER" in person:
        person = {**person, "REGISTERNUMMER": ""}
    return Change(candidate.row, added=(person,), elsewhere=moved, other_identity=old, left_alone=alike)


def _alike(candidate: Candidate) -> tuple[str, ...]:
    same = candidate.folder.alike[candidate.row["FODELSEDATUM"], candidate.row["KON"]]
    return tuple(identity for identity in same if identity != candidate.identity)


def _begins_near(identity: str, change_day: str, candidate: Candidate) -> bool:
    """Return whether the first row of another person lies near the change."""
    starts = {
        "folkbokforing.csv": "FROM",
        "skolgang.csv": "FROM",
        "kaa.csv": "STARTDATUM",
        "kontakter.csv": "DATUM",
        "bevis.csv": "DATUM",
    }
    days = [row[column] for file, column in starts.items() for _, row in candidate.folder.rows_of(file, identity)]
    return bool(days) and change_day <= min(days) <= later(change_day, NEAR)


def _is_cut_through(candidate: Candidate, change_day: str) -> bool:
    """Return whether a registration or an intervention from before ``change_day`` goes on over it."""
    spells = [(row["STARTDATUM"], row["SLUTDATUM"]) for _, row in candidate.rows("kaa.csv")]
    begun = [(row["START"], row["SLUT"]) for _, row in candidate.rows("insatser.csv") if row["START"]]
    return any(start < change_day and not (end and end < change_day) for start, end in spells + begun)


def _moved(candidate: Candidate, *, change_day: str, old: str) -> Iterator[Elsewhere]:
    starts = {"kaa.csv": "STARTDATUM", "insatser.csv": "ERBJUDEN", **DAYS}
    for file, column in starts.items():
        for place, row in candidate.rows(file):
            if row[column] < change_day:
                yield Elsewhere(file, place, with_identity(old, row))
    for place, row in candidate.rows("antagning.csv"):
        if row["AR"] <= change_day[:4]:
            yield Elsewhere("antagning.csv", place, with_identity(old, row))
    for file in CUT:
        for place, row in candidate.rows(file):
            if row["FROM"] < change_day:
                yield _period_moved(file, place, row, change_day=change_day, old=old)


def _period_moved(file: str, place: int, row: Row, *, change_day: str, old: str) -> Elsewhere:
    if row["TOM"] and row["TOM"] < change_day:
        return Elsewhere(file, place, with_identity(old, row))
    before = {**with_identity(old, row), "TOM": later(change_day, -1)}
    if "AVGANGSORSAK" in row:
        before["AVGANGSORSAK"] = SWITCHED
    return Elsewhere(file, place, before, added={**row, "FROM": change_day})
