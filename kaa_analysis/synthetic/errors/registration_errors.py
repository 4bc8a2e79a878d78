"""Errors in the file of KAA registrations."""

from __future__ import annotations

from collections.abc import Mapping

from kaa_analysis.synthetic.errors.cell_spoiling import another_serial, as_serial_day, number_as_day
from kaa_analysis.synthetic.errors.changes import (
    Candidate,
    Change,
    Injector,
    blanked,
    changed,
    day_month_swapped,
    found_at,
    later,
    rewritten,
    swapped,
    told_twice,
    years_later,
)
from kaa_analysis.synthetic.errors.raw_folder import PERSON, Row

TURNED_20, MISREGISTERED = "F20", "FEL"
OLD_DAY = "2017-06-01"
"""Before reasons for an entry were asked for (1 July 2017)."""
PLACE_SINCE = "2018-07-01"
"""The first day on which an introduction programme ends a registration."""


def is_open_registration(candidate: Candidate) -> bool:
    """Return whether the person is registered with nothing told of an end."""
    spells = [row for _, row in candidate.rows("kaa.csv")]
    return any(not row["SLUTDATUM"] and not row["AVSLUTSORSAK"] for row in spells)


def following(candidate: Candidate) -> Row | None:
    """Return the person's next registration that is no mistake."""
    after = [
        row
        for _, row in candidate.others()
        if row["STARTDATUM"] > candidate.row["STARTDATUM"] and row["AVSLUTSORSAK"] != MISREGISTERED
    ]
    return min(after, key=lambda row: row["STARTDATUM"], default=None)


def twentieth(candidate: Candidate) -> str:
    """Return the person's 20th birthday."""
    return years_later(candidate.person["FODELSEDATUM"], 20)


def ended(candidate: Candidate) -> bool:
    """Return whether the registration is whole: a real one, ended for a reason that is told."""
    row = candidate.row
    return bool(row["SLUTDATUM"]) and row["AVSLUTSORSAK"] not in ("", MISREGISTERED)


def overlapping_next(candidate: Candidate) -> Change | None:
    """Let the registration end some days into the next one."""
    after = following(candidate)
    if after is None or not ended(candidate):
        return None
    last = later(after["STARTDATUM"], candidate.whole(0, 30))
    return found_at(changed(candidate, SLUTDATUM=last), after) if last < twentieth(candidate) else None


def twentieth_birthday_inside(candidate: Candidate) -> Change | None:
    """Let the 20th birthday be the last day in place of the day before."""
    is_last = candidate.row["AVSLUTSORSAK"] == TURNED_20 and later(
        candidate.row["SLUTDATUM"] or "1900-01-01", 1
    ) == twentieth(candidate)
    if not is_last or twentieth(candidate) >= candidate.extract_day:
        return None
    return changed(candidate, SLUTDATUM=twentieth(candidate))


def never_closed_at_20(candidate: Candidate) -> Change | None:
    """Let a registration that ended at 20 go on."""
    if candidate.row["AVSLUTSORSAK"] != TURNED_20 or twentieth(candidate) >= candidate.extract_day:
        return None
    return changed(candidate, SLUTDATUM="", AVSLUTSORSAK="")


def entered_ahead(candidate: Candidate) -> Change | None:
    """Date the start of a running registration after the extract: the year is one too high."""
    start = years_later(candidate.row["STARTDATUM"], 1)
    is_running = not candidate.row["SLUTDATUM"] and not candidate.row["AVSLUTSORSAK"]
    return changed(candidate, STARTDATUM=start) if is_running and start > candidate.extract_day else None


def entered_as_a_child(candidate: Candidate) -> Change | None:
    """Date the start of the first registration six years too early."""
    starts = [row["STARTDATUM"] for _, row in candidate.rows("kaa.csv")]
    start = years_later(candidate.row["STARTDATUM"], -6)
    is_first = candidate.row["STARTDATUM"] == min(starts) and candidate.row["AVSLUTSORSAK"] != MISREGISTERED
    return (
        changed(candidate, STARTDATUM=start)
        if is_first and start < years_later(candidate.person["FODELSEDATUM"], 15)
        else None
    )


def reason_before_its_time(candidate: Candidate) -> Change | None:
    """Let a first registration with a reason begin before reasons were asked for, the person being 15 or more."""
    row = candidate.row
    is_first = row["STARTDATUM"] == min(other["STARTDATUM"] for _, other in candidate.rows("kaa.csv"))
    old_enough = years_later(candidate.person["FODELSEDATUM"], 15) <= OLD_DAY
    return (
        changed(candidate, STARTDATUM=OLD_DAY)
        if is_first and old_enough and row["STARTORSAK"] and row["STARTDATUM"] > OLD_DAY
        else None
    )


def left_for_introduction_too_early(candidate: Candidate) -> Change | None:
    """Let a registration that ended before 1 July 2018 have ended for an introduction programme."""
    row = candidate.row
    is_early = ended(candidate) and later(row["SLUTDATUM"], 1) < PLACE_SINCE
    return changed(candidate, AVSLUTSORSAK="IM") if is_early and row["AVSLUTSORSAK"] != "IM" else None


def typed_in_afterwards(candidate: Candidate) -> Change | None:
    """Let the row have come to the source after the registration had ended."""
    if not ended(candidate):
        return None
    first = later(candidate.row["SLUTDATUM"], candidate.whole(1, 60))
    return changed(candidate, REGISTRERAD=first) if first <= candidate.extract_day else None


def exit_year_wrong(candidate: Candidate) -> Change | None:
    """Date the last end a year too late, of somebody who goes to school: the registration seems to go on."""
    row = candidate.row
    last = years_later(row["SLUTDATUM"], 1) if row["SLUTDATUM"] else ""
    is_last = following(candidate) is None and row["AVSLUTSORSAK"] in ("NP", "ANG")
    goes_to_school = any(
        not other["TOM"] and other["SKOLFORM"] in ("NP", "ANG") and other["FROM"] < candidate.extract_day
        for _, other in candidate.rows("skolgang.csv")
    )
    return (
        changed(candidate, SLUTDATUM=last)
        if is_last and goes_to_school and candidate.extract_day < last < twentieth(candidate)
        else None
    )


def registration_lost(candidate: Candidate) -> Change | None:
    """Take away the only registration of somebody who has been sought."""
    sought = any(row["RIKTNING"] == "U" and row["KANAL"] != "DROP" for _, row in candidate.rows("kontakter.csv"))
    return Change(None) if sought and not candidate.others() else None


def same_number(candidate: Candidate) -> Change | None:
    """Give the registration the number of another one of the person."""
    others = candidate.others()
    return changed(candidate, LOPNR=others[0][1]["LOPNR"]) if others else None


def start_day_and_month_swapped(candidate: Candidate) -> Change | None:
    """Let day and month of the start change places where nothing becomes impossible by it."""
    row, person = candidate.row, candidate.person
    start = day_month_swapped(row["STARTDATUM"])
    contacts = [other["DATUM"] for _, other in candidate.rows("kontakter.csv")]
    first_row = not candidate.others() and row["AVSLUTSORSAK"] != MISREGISTERED
    fits = (
        years_later(person["FODELSEDATUM"], 16) <= start <= min([row["SLUTDATUM"] or candidate.extract_day, *contacts])
        and start != row["STARTDATUM"]
        and not (row["REGISTRERAD"] and row["REGISTRERAD"] < start)
    )
    return changed(candidate, STARTDATUM=start) if first_row and fits else None


def of_unknown_person(candidate: Candidate) -> Change | None:
    """Write an identity that nobody has, with a check digit that fits."""
    other = another_serial(candidate.identity)
    if other in candidate.folder.tables["personer.csv"].places:
        return None
    return Change({**candidate.row, PERSON: other})


INJECTORS: Mapping[str, Injector] = {
    "registrations_overlap": overlapping_next,
    "twentieth_birthday_inside": twentieth_birthday_inside,
    "never_closed_at_20": never_closed_at_20,
    "left_for_introduction_too_early": left_for_introduction_too_early,
    "entry_reason_before_its_time": reason_before_its_time,
    "exit_year_wrong": exit_year_wrong,
    "entered_ahead": entered_ahead,
    "entered_as_a_child": entered_as_a_child,
    "registration_lost": registration_lost,
    "registration_number_used_twice": same_number,
    "registration_told_twice": told_twice,
    "registration_of_unknown_person": of_unknown_person,
    "exit_reason_missing": blanked("AVSLUTSORSAK", where=ended),
    "exit_day_missing": blanked("SLUTDATUM", where=ended),
    "typed_in_afterwards": typed_in_afterwards,
    "registration_days_swapped": swapped(
        "STARTDATUM", "SLUTDATUM", where=lambda c: c.row["STARTDATUM"] < c.row["SLUTDATUM"]
    ),
    "start_swapped_past_end": rewritten(
        "STARTDATUM",
        day_month_swapped,
        where=lambda c: bool(c.row["SLUTDATUM"]) and day_month_swapped(c.row["STARTDATUM"]) > c.row["SLUTDATUM"],
    ),
    "start_day_and_month_swapped": start_day_and_month_swapped,
    "exit_code_renamed": rewritten("AVSLUTSORSAK", lambda code: f"{code}_OLD"),
    "exit_day_as_number": rewritten("SLUTDATUM", as_serial_day),
    "registration_number_as_day": rewritten("LOPNR", number_as_day),
    "registration_mark_lost": rewritten(
        "AVSLUTSORSAK", {MISREGISTERED: "ANN"}.get, where=lambda c: c.row["AVSLUTSORSAK"] == MISREGISTERED
    ),
}
"""How each kind of error is made."""
