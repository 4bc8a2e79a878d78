"""Errors in the files that may be delivered: activities, admissions, notices, surveys and schools."""

from __future__ import annotations

from collections.abc import Mapping

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
from kaa_analysis.synthetic.errors.registration_errors import is_open_registration

LONGEST_CURRENT = 2
"""So many years ago no kind of activity is current any more."""


def known_years_ago(candidate: Candidate) -> Change | None:
    """Let the only running activity of somebody registered have become known years ago."""
    row = candidate.row
    if candidate.others() or row["TOM"] or not is_open_registration(candidate) or row["KAND"] > candidate.extract_day:
        return None
    known = years_later(row["KAND"], -LONGEST_CURRENT)
    start = min(known, row["FROM"]) if row["FROM"] else ""
    return changed(candidate, KAND=known, FROM=start)


def ahead(column: str) -> Injector:
    """Return an injector that dates an event some weeks after the extract."""

    def spoil(candidate: Candidate) -> Change | None:
        if not candidate.row[column]:
            return None
        return changed(candidate, **{column: later(candidate.extract_day, candidate.whole(1, 90))})

    return spoil


def answered_before_invitation(candidate: Candidate) -> Change | None:
    """Date the answer before the invitation."""
    if not candidate.row["BESVARAD"]:
        return None
    return changed(candidate, BESVARAD=later(candidate.row["INBJUDEN"], -candidate.whole(1, 20)))


INJECTORS: Mapping[str, Injector] = {
    "activity_known_years_ago": known_years_ago,
    "activity_known_ahead": ahead("KAND"),
    "activity_days_swapped": swapped("FROM", "TOM", where=lambda c: c.row["FROM"] < c.row["TOM"]),
    "activity_start_missing": blanked("FROM", where=lambda c: bool(c.row["TOM"])),
    "activity_of_sensitive_kind": rewritten("SYSSELSATTNING", lambda code: "SJV"),
    "activity_told_twice": told_twice,
    "guided_ahead": ahead("VAGLEDD"),
    "admission_year_mistyped": rewritten("AR", lambda year: f"{year}4"),
    "admission_told_twice": told_twice,
    "notice_ahead": ahead("DATUM"),
    "notice_code_unknown": rewritten("AVISERING", str.lower),
    "answered_before_invitation": answered_before_invitation,
    "survey_in_words": rewritten("SVAR", lambda items: f"{items} bra bemött"),
    "invited_ahead": lambda candidate: None if candidate.row["BESVARAD"] else ahead("INBJUDEN")(candidate),
    "survey_told_twice": told_twice,
    "school_district_unknown": rewritten("STADSDEL", str.lower),
    "susa_days_swapped": swapped("SUSA_FROM", "SUSA_TOM", where=lambda c: c.row["SUSA_FROM"] < c.row["SUSA_TOM"]),
}
"""How each kind of error is made."""
