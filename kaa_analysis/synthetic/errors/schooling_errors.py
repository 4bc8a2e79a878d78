"""Errors in the files of schooling and of certificates."""

from __future__ import annotations

from collections.abc import Mapping

from kaa_analysis.synthetic.errors.cell_spoiling import in_scientific_form
from kaa_analysis.synthetic.errors.changes import (
    Candidate,
    Change,
    Injector,
    blanked,
    changed,
    found_at,
    later,
    rewritten,
    swapped,
    told_twice,
    years_later,
)

BESIDE = ("SFI", "KVX", "ANN")
"""School forms that may run beside another."""
FINISHED = ("GEX", "ANB", "MOT")
"""Certificates of those who have finished."""
GYMNASIUM = ("NP", "ANG")


def never_ended(candidate: Candidate) -> Change | None:
    """Let an enrolment that was followed by another go on for ever."""
    row = candidate.row
    if row["SKOLFORM"] in BESIDE or not row["TOM"]:
        return None
    after = [
        other for _, other in candidate.others() if other["FROM"] > row["FROM"] and other["SKOLFORM"] not in BESIDE
    ]
    if not after:
        return None
    return found_at(changed(candidate, TOM="", AVGANGSORSAK=""), min(after, key=lambda other: other["FROM"]))


def current_enrolment_lost(candidate: Candidate) -> Change | None:
    """Take away the gymnasium of a pupil who is not in the register; then nothing tells of a place."""
    row = candidate.row
    is_pupil = row["SKOLFORM"] in GYMNASIUM and not row["TOM"] and row["FROM"] < later(candidate.extract_day, -1)
    alone = not candidate.rows("kaa.csv") and not any(not other["TOM"] for _, other in candidate.others())
    return Change(None) if is_pupil and alone and would_be_in_target_group(candidate) else None


def certificate_lost(candidate: Candidate) -> Change | None:
    """Take away the certificate of somebody who has finished and is not in the register."""
    certificates = [row for _, row in candidate.rows("bevis.csv") if row["BEVIS"] in FINISHED]
    enrolled = any(not row["TOM"] or row["TOM"] >= candidate.extract_day for _, row in candidate.rows("skolgang.csv"))
    registered = any(
        not row["SLUTDATUM"] or row["SLUTDATUM"] >= later(candidate.extract_day, -1)
        for _, row in candidate.rows("kaa.csv")
    )
    is_only = certificates == [candidate.row] and candidate.row["DATUM"] < later(candidate.extract_day, -1)
    return Change(None) if is_only and not enrolled and not registered and would_be_in_target_group(candidate) else None


def would_be_in_target_group(candidate: Candidate) -> bool:
    """Return whether the person is resident and under 20 the day before the extract, and left compulsory school before the last autumn."""
    born, day_before = candidate.person["FODELSEDATUM"], later(candidate.extract_day, -1)
    at_home = any(row["KOMMUN"] == "0180" and not row["TOM"] for _, row in candidate.rows("folkbokforing.csv"))
    out_of_school = any(
        row["SKOLFORM"] == "GR" and row["TOM"] and row["TOM"] < years_later(candidate.extract_day, -1)
        for _, row in candidate.rows("skolgang.csv")
    )
    return at_home and out_of_school and years_later(born, 20) > day_before


def identity_in_programme(candidate: Candidate) -> Change | None:
    """Write the person's identity in the column of the programme."""
    return changed(candidate, PROGRAM=candidate.identity) if candidate.row["SKOLFORM"] in GYMNASIUM else None


def dated_ahead(candidate: Candidate) -> Change:
    """Date the certificate some weeks after the extract."""
    return changed(candidate, DATUM=later(candidate.extract_day, candidate.whole(1, 150)))


INJECTORS: Mapping[str, Injector] = {
    "enrolment_never_ended": never_ended,
    "current_enrolment_lost": current_enrolment_lost,
    "enrolment_told_twice": told_twice,
    "enrolment_days_swapped": swapped("FROM", "TOM", where=lambda c: c.row["FROM"] < c.row["TOM"]),
    "enrolment_start_missing": blanked("FROM"),
    "school_form_in_lower_case": rewritten("SKOLFORM", str.lower),
    "enrolment_day_with_slashes": rewritten("FROM", lambda text: text.replace("-", "/")),
    "school_unit_in_scientific_form": rewritten(
        "SKOLENHET", in_scientific_form, where=lambda c: c.row["SKOLENHET"].isdecimal()
    ),
    "school_unit_mistyped": rewritten(
        "SKOLENHET",
        lambda unit: f"{unit[:-1]}{(int(unit[-1]) + 1) % 10}",
        where=lambda c: c.row["SKOLENHET"].isdecimal(),
    ),
    "identity_in_programme": identity_in_programme,
    "certificate_lost": certificate_lost,
    "certificate_told_twice": told_twice,
    "certificate_ahead": dated_ahead,
    "certificate_before_birth": rewritten("DATUM", lambda text: years_later(text, -100)),
    "certificate_code_renamed": rewritten(
        "BEVIS",
        {"GRU": "BETYG", "GEX": "EXAMEN", "STB": "SB", "ANB": "GSB", "MOT": "MOTSV"}.get,
        where=lambda c: c.row["BEVIS"] in ("GRU", "GEX", "STB", "ANB", "MOT"),
    ),
}
"""How each kind of error is made."""
