"""Errors in the file of persons."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kaa_analysis.synthetic.errors import cell_spoiling
from kaa_analysis.synthetic.errors.changes import (
    Candidate,
    Change,
    Elsewhere,
    Injector,
    blanked,
    changed,
    day_month_swapped,
    rewritten,
    told_twice,
    years_later,
)
from kaa_analysis.synthetic.errors.double_identity import coordination_number_only, two_identities
from kaa_analysis.synthetic.errors.raw_folder import PERSON

OTHER_SEX = {"K": "M", "M": "K"}
LONG_SLICE = 9


def of_identity(how: Callable[[str], str]) -> Injector:
    """Return an injector that writes the identity of the person's own row otherwise; the other files keep the right one."""
    return rewritten(PERSON, how, where=lambda c: how(c.identity) != c.identity)


def born_a_year_earlier(candidate: Candidate) -> Change | None:
    """Write the year of birth one too low."""
    return changed(candidate, FODELSEDATUM=years_later(candidate.row["FODELSEDATUM"], -1))


def shared_record_number(candidate: Candidate) -> Change | None:
    """Give the person the record number of the next one in the file."""
    other = candidate.neighbour()
    if other is None or not other.get("REGISTERNUMMER"):
        return None
    change = changed(candidate, REGISTERNUMMER=other["REGISTERNUMMER"])
    return Change(change.row, other_identity=other[PERSON])


def record_number_of_identity(candidate: Candidate) -> Change | None:
    """Let the record number be the end of the identity."""
    return changed(candidate, REGISTERNUMMER=candidate.identity[-LONG_SLICE:])


def vanished_person(candidate: Candidate) -> Change | None:
    """Take the person's row away; the events remain."""
    has_events = any(candidate.rows(file) for file in ("folkbokforing.csv", "skolgang.csv", "kaa.csv", "kontakter.csv"))
    return Change(None) if has_events else None


def vanished_wholly(candidate: Candidate) -> Change | None:
    """Take every row of the person away, in all files."""
    rows = [
        Elsewhere(file, place, None)
        for file in candidate.folder.tables
        if file != candidate.file
        for place, _ in candidate.rows(file)
    ]
    return Change(None, elsewhere=tuple(rows))


INJECTORS: Mapping[str, Injector] = {
    "two_identities": two_identities,
    "coordination_number": coordination_number_only,
    "person_told_twice": told_twice,
    "person_vanished": vanished_person,
    "person_never_delivered": vanished_wholly,
    "identity_in_scientific_form": of_identity(cell_spoiling.in_scientific_form),
    "identity_with_apostrophe": of_identity(cell_spoiling.with_apostrophe),
    "identity_with_hyphen": of_identity(cell_spoiling.with_hyphen),
    "identity_without_century": of_identity(cell_spoiling.without_century),
    "identity_mistyped": of_identity(cell_spoiling.mistyped),
    "identity_of_impossible_day": of_identity(cell_spoiling.on_an_impossible_day),
    "reserve_number": of_identity(cell_spoiling.as_reserve_number),
    "birth_date_missing": blanked("FODELSEDATUM"),
    "birth_date_as_number": rewritten("FODELSEDATUM", cell_spoiling.as_serial_day),
    "birth_day_and_month_swapped": rewritten("FODELSEDATUM", day_month_swapped),
    "birth_year_wrong": born_a_year_earlier,
    "sex_wrong": rewritten("KON", lambda sex: OTHER_SEX[sex]),
    "sex_missing": blanked("KON"),
    "sex_code_renamed": rewritten("KON", {"K": "F", "M": "P"}.get),
    "record_number_shared": shared_record_number,
    "record_number_of_identity": record_number_of_identity,
    "record_number_with_letter": rewritten("REGISTERNUMMER", lambda number: f"B{number[1:]}"),
    "protection_lost": rewritten("SKYDDAD", {"J": "N", "N": "N"}.get),
    "phone_not_told": rewritten("TELEFON_FINNS", {"J": "N", "N": "N"}.get),
}
"""How each kind of error is made."""
