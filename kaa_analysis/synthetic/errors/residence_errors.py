"""Errors in the file of residence."""

from __future__ import annotations

from collections.abc import Mapping

from kaa_analysis.synthetic.errors.cell_spoiling import without_leading_zeros
from kaa_analysis.synthetic.errors.changes import (
    Candidate,
    Change,
    Injector,
    changed,
    day_month_swapped,
    found_at,
    later,
    rewritten,
    swapped,
    told_twice,
    years_later,
)
from kaa_analysis.synthetic.errors.raw_folder import Row
from kaa_analysis.synthetic.errors.registration_errors import is_open_registration

NEW_DIVISION = "2023-07-01"
"""The first day of the district Järva, and the first without Rinkeby-Kista."""
ONLY_NEW, ONLY_OLD = "JAR", "RIK"
STOCKHOLM = "0180"


def following(candidate: Candidate) -> Row | None:
    """Return the person's next residence period."""
    later_ones = [row for _, row in candidate.others() if row["FROM"] > candidate.row["FROM"]]
    return min(later_ones, key=lambda row: row["FROM"], default=None)


def last_day_is_day_of_move(candidate: Candidate) -> Change | None:
    """Let the period end on the first day of the next one, as where the day of the move is delivered as the last day."""
    after = following(candidate)
    if after is None or candidate.row["TOM"] != later(after["FROM"], -1):
        return None
    return found_at(changed(candidate, TOM=after["FROM"]), after)


def old_address_kept(candidate: Candidate) -> Change | None:
    """Let the period go on for months into the next one."""
    after = following(candidate)
    if after is None or not candidate.row["TOM"]:
        return None
    last = later(after["FROM"], candidate.whole(30, 200))
    return found_at(changed(candidate, TOM=last), after) if last <= candidate.extract_day else None


def last_day_lost(candidate: Candidate) -> Change | None:
    """Let the period end a day too early, as where the first day outside is counted back once too often."""
    after = following(candidate)
    if after is None or not candidate.row["TOM"] or later(candidate.row["TOM"], -1) < candidate.row["FROM"]:
        return None
    return changed(candidate, TOM=later(candidate.row["TOM"], -1))


def district_of_another_time(candidate: Candidate) -> Change | None:
    """Write a district that did not exist on any day of the period."""
    row = candidate.row
    if row["KOMMUN"] != STOCKHOLM or not row["STADSDEL"]:
        return None
    if row["TOM"] and row["TOM"] < NEW_DIVISION:
        return changed(candidate, STADSDEL=ONLY_NEW)
    return changed(candidate, STADSDEL=ONLY_OLD) if row["FROM"] >= NEW_DIVISION else None


def since_before_birth(candidate: Candidate) -> Change | None:
    """Let the first period begin ten years too early."""
    row = candidate.row
    if row["FROM"] != min(other["FROM"] for _, other in candidate.rows(candidate.file)):
        return None
    start = years_later(row["FROM"], -10)
    return changed(candidate, FROM=start) if start < candidate.person["FODELSEDATUM"] else None


def current_residence_lost(candidate: Candidate) -> Change | None:
    """Take the present address of somebody registered away; not where protection makes the person count as resident anyway."""
    is_current = candidate.row["KOMMUN"] == STOCKHOLM and not candidate.row["TOM"]
    return (
        Change(None) if is_current and candidate.person["SKYDDAD"] != "J" and is_open_registration(candidate) else None
    )


INJECTORS: Mapping[str, Injector] = {
    "last_day_is_day_of_move": last_day_is_day_of_move,
    "old_address_kept": old_address_kept,
    "last_residence_day_lost": last_day_lost,
    "district_of_another_time": district_of_another_time,
    "resident_before_birth": since_before_birth,
    "current_residence_lost": current_residence_lost,
    "residence_told_twice": told_twice,
    "residence_days_swapped": swapped("FROM", "TOM", where=lambda c: c.row["FROM"] < c.row["TOM"]),
    "municipality_zero_lost": rewritten("KOMMUN", without_leading_zeros),
    "municipality_as_name": rewritten(
        "KOMMUN", {STOCKHOLM: "Stockholm"}.get, where=lambda c: c.row["KOMMUN"] == STOCKHOLM
    ),
    "district_unknown": rewritten("STADSDEL", lambda code: f"0{len(code)}{code[0]}"),
    "district_cell_error": rewritten("STADSDEL", lambda code: "#SAKNAS!"),
    "residence_day_and_month_swapped": rewritten(
        "FROM",
        day_month_swapped,
        where=lambda c: bool(c.row["TOM"]) and day_month_swapped(c.row["FROM"]) > c.row["TOM"],
    ),
}
"""How each kind of error is made."""
