"""Errors in the file of support."""

from __future__ import annotations

from collections.abc import Mapping

from kaa_analysis.synthetic.errors.cell_spoiling import with_apostrophe
from kaa_analysis.synthetic.errors.changes import (
    Candidate,
    Change,
    Injector,
    blanked,
    changed,
    later,
    rewritten,
    swapped,
    told_twice,
    years_later,
)

CONSENT_PROVIDER = "AMF"
NEAR = 7


def needs_consent(candidate: Candidate) -> bool:
    """Return whether consent must be told."""
    return candidate.row["UTFORARE"] == CONSENT_PROVIDER


def in_two_systems(candidate: Candidate) -> Change | None:
    """Tell an intervention once more, as the other system has it: with a number of its own, begun some days apart."""
    row = candidate.row
    if not needs_consent(candidate) or not row["START"]:
        return None
    number = max(int(other["INSATSNR"]) for _, other in candidate.rows(candidate.file)) + 1
    start = later(row["START"], candidate.whole(0, NEAR))
    if start > candidate.extract_day or (row["SLUT"] and start > row["SLUT"]):
        return None
    copy = {**row, "INSATSNR": str(number), "START": start}
    return Change(row, added=(copy,), found_at=copy)


def offered_ahead(candidate: Candidate) -> Change | None:
    """Date an offer that led to nothing a year too late, after the extract."""
    when = years_later(candidate.row["ERBJUDEN"], 1)
    return changed(candidate, ERBJUDEN=when) if when > candidate.extract_day and not candidate.row["START"] else None


INJECTORS: Mapping[str, Injector] = {
    "intervention_in_two_systems": in_two_systems,
    "offered_ahead": offered_ahead,
    "begun_before_offer": swapped("ERBJUDEN", "START", where=lambda c: c.row["START"] > c.row["ERBJUDEN"]),
    "consent_refused": rewritten(
        "SAMTYCKE", {"J": "N"}.get, where=lambda c: needs_consent(c) and c.row["SAMTYCKE"] == "J"
    ),
    "consent_not_told": blanked("SAMTYCKE", where=needs_consent),
    "end_reason_missing": blanked("SLUTORSAK", where=lambda c: bool(c.row["SLUT"])),
    "intervention_days_swapped": swapped("START", "SLUT", where=lambda c: c.row["START"] < c.row["SLUT"]),
    "intervention_start_missing": blanked("START", where=lambda c: bool(c.row["SLUT"])),
    "intervention_told_twice": told_twice,
    "intervention_lost": lambda candidate: Change(None),
    "intervention_of_sensitive_kind": rewritten("INSATS", lambda code: "SVS"),
    "provider_unknown": rewritten(
        "UTFORARE",
        {"UTBF": "UTBILDNING", "AMF": "ARBFÖRV", "AF": "ARBFÖRM"}.get,
        where=lambda c: c.row["UTFORARE"] in ("UTBF", "AMF", "AF"),
    ),
    "accepted_in_words": rewritten("ACCEPTERAD", {"J": "Ja", "N": "Nej"}.get),
    "intervention_number_with_apostrophe": rewritten("INSATSNR", with_apostrophe),
}
"""How each kind of error is made."""
