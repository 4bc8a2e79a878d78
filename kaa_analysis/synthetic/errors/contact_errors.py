"""Errors in the file of contact attempts."""

from __future__ import annotations

from collections.abc import Mapping

from kaa_analysis.synthetic.errors.cell_spoiling import another_serial, day_in_swedish, number_as_day
from kaa_analysis.synthetic.errors.changes import (
    Candidate,
    Change,
    Elsewhere,
    Injector,
    blanked,
    changed,
    later,
    rewritten,
    told_twice,
    with_identity,
    years_later,
)
from kaa_analysis.synthetic.errors.raw_folder import PERSON, Row

OUTGOING, DROP_IN = "U", "DROP"
CALLS_ON_A_DAY = 3


def is_attempt(row: Row) -> bool:
    """Return whether the row is an attempt of ours."""
    return row["RIKTNING"] == OUTGOING and row["KANAL"] != DROP_IN


def is_call(row: Row) -> bool:
    """Return whether the row is an outgoing call."""
    return row["RIKTNING"] == OUTGOING and row["KANAL"] == "TEL"


def next_number(candidate: Candidate) -> str:
    """Return a number that no contact of the person has."""
    return str(max(int(row["KONTAKTNR"]) for _, row in candidate.rows(candidate.file)) + 1)


def entered(candidate: Candidate, until: str) -> str:
    """Return the start of the person's last registration up to a day, empty if there is none."""
    return max((row["STARTDATUM"] for _, row in candidate.rows("kaa.csv") if row["STARTDATUM"] <= until), default="")


def answered_before(candidate: Candidate) -> Change | None:
    """Date the answer before the contact."""
    if not candidate.row["SVARSDATUM"]:
        return None
    return changed(candidate, SVARSDATUM=later(candidate.row["DATUM"], -candidate.whole(1, 20)))


def visit_before_card(candidate: Candidate) -> Change | None:
    """Date the planned visit before the card."""
    if not candidate.row["PLANERAT_BESOK"]:
        return None
    return changed(candidate, PLANERAT_BESOK=later(candidate.row["DATUM"], -candidate.whole(1, 20)))


def before_registration(candidate: Candidate) -> Change | None:
    """Date an attempt some weeks before the first registration."""
    starts = [row["STARTDATUM"] for _, row in candidate.rows("kaa.csv")]
    if not starts or not is_attempt(candidate.row) or candidate.row["DATUM"] < min(starts):
        return None
    return changed(candidate, DATUM=later(min(starts), -candidate.whole(1, 40)))


def past_twenty(candidate: Candidate) -> Change | None:
    """Date an attempt other than a letter after the 20th birthday."""
    twentieth = years_later(candidate.person["FODELSEDATUM"], 20)
    when = later(twentieth, candidate.whole(0, 60))
    undated = not candidate.row["SVARSDATUM"] and not candidate.row["PLANERAT_BESOK"]
    if not is_attempt(candidate.row) or candidate.row["KANAL"] == "BREV" or not undated or when > candidate.extract_day:
        return None
    return changed(candidate, DATUM=when) if candidate.row["DATUM"] < twentieth else None


def ahead(candidate: Candidate) -> Change | None:
    """Date the contact a year too late, after the extract."""
    when = years_later(candidate.row["DATUM"], 1)
    undated = not candidate.row["SVARSDATUM"] and not candidate.row["PLANERAT_BESOK"]
    return changed(candidate, DATUM=when) if undated and when > candidate.extract_day else None


def same_number(candidate: Candidate) -> Change | None:
    """Give the contact the number of another one of the person."""
    others = candidate.others()
    return changed(candidate, KONTAKTNR=others[0][1]["KONTAKTNR"]) if others else None


def told_twice_with_numbers(candidate: Candidate) -> Change | None:
    """Write the contact once more with a number of its own. Not a call: three on a day would be noticed."""
    if candidate.row["KANAL"] == "TEL":
        return None
    return Change(candidate.row, added=({**candidate.row, "KONTAKTNR": next_number(candidate)},))


def three_calls_on_a_day(candidate: Candidate) -> Change | None:
    """Note the next two calls on the day of this one."""
    after = [
        (place, row)
        for place, row in candidate.others()
        if is_call(row) and row["DATUM"] > candidate.row["DATUM"] and not row["SVARSDATUM"]
    ]
    if not is_call(candidate.row) or len(after) < CALLS_ON_A_DAY - 1:
        return None
    nearest = sorted(after, key=lambda found: found[1]["DATUM"])[: CALLS_ON_A_DAY - 1]
    if nearest[-1][1]["DATUM"] > later(candidate.row["DATUM"], 60):
        return None
    moved = [Elsewhere(candidate.file, place, {**row, "DATUM": candidate.row["DATUM"]}) for place, row in nearest]
    return Change(candidate.row, elsewhere=tuple(moved))


def card_before_calls(candidate: Candidate) -> Change | None:
    """Date the card on the day of the first call."""
    row = candidate.row
    entry = entered(candidate, row["DATUM"])
    calls = [
        other["DATUM"] for _, other in candidate.others() if is_call(other) and entry <= other["DATUM"] < row["DATUM"]
    ]
    if (
        row["KANAL"] != "KNACK"
        or not is_attempt(row)
        or candidate.person["TELEFON_FINNS"] != "J"
        or not entry
        or not calls
    ):
        return None
    return changed(candidate, DATUM=min(calls))


def calls_lost(candidate: Candidate) -> Change | None:
    """Take away every call of somebody who was sent a card."""
    calls = [(place, row) for place, row in candidate.rows(candidate.file) if is_call(row)]
    cards = [row for _, row in candidate.others() if row["KANAL"] == "KNACK" and is_attempt(row)]
    if not is_call(candidate.row) or not cards or candidate.person["TELEFON_FINNS"] != "J":
        return None
    lost = tuple(Elsewhere(candidate.file, place, None) for place, _ in calls if place != candidate.place)
    return Change(None, elsewhere=lost, found_at=cards[0])


def conversation_lost(candidate: Candidate) -> Change | None:
    """Take away the only conversation before an intervention began."""
    begun = [row["START"] for _, row in candidate.rows("insatser.csv") if row["START"]]
    if candidate.row["UTFALL"] != "NA" or not begun:
        return None
    first = min(begun)
    others = [row for _, row in candidate.others() if row["UTFALL"] == "NA" and row["DATUM"] <= first]
    return Change(None) if candidate.row["DATUM"] <= first and not others else None


def attempts_lost(candidate: Candidate) -> Change | None:
    """Take away every contact of somebody without support: nothing tells that there were any."""
    if any(row["START"] for _, row in candidate.rows("insatser.csv")):
        return None
    lost = tuple(Elsewhere(candidate.file, place, None) for place, _ in candidate.others())
    return Change(None, elsewhere=lost)


def on_wrong_person(candidate: Candidate) -> Change | None:
    """Note an attempt on another person who was registered that day."""
    other = candidate.neighbour()
    if other is None or not is_attempt(candidate.row) or candidate.row["KANAL"] in ("TEL", "KNACK"):
        return None
    number = (
        max((int(row["KONTAKTNR"]) for _, row in candidate.folder.rows_of(candidate.file, other[PERSON])), default=0)
        + 1
    )
    when = candidate.row["DATUM"]
    spells = [row for _, row in candidate.folder.rows_of("kaa.csv", other[PERSON])]
    if not any(row["STARTDATUM"] <= when and not (row["SLUTDATUM"] and row["SLUTDATUM"] < when) for row in spells):
        return None
    return Change(
        {**with_identity(other[PERSON], candidate.row), "KONTAKTNR": str(number)}, other_identity=other[PERSON]
    )


def of_unknown_person(candidate: Candidate) -> Change | None:
    """Write an identity that nobody has, with a check digit that fits."""
    other = another_serial(candidate.identity)
    return (
        None if other in candidate.folder.tables["personer.csv"].places else Change(with_identity(other, candidate.row))
    )


def is_visit(candidate: Candidate) -> bool:
    """Return whether the row is a home visit."""
    return candidate.row["KANAL"] == "HEM"


INJECTORS: Mapping[str, Injector] = {
    "card_before_calls": card_before_calls,
    "calls_lost": calls_lost,
    "visit_before_card": visit_before_card,
    "home_visit_alone": rewritten("ANTAL_PERSONAL", lambda told: "1", where=is_visit),
    "home_visit_staff_not_told": blanked("ANTAL_PERSONAL", where=is_visit),
    "staff_in_words": rewritten(
        "ANTAL_PERSONAL",
        {"1": "en", "2": "två", "3": "tre"}.get,
        where=lambda c: c.row["ANTAL_PERSONAL"] in ("1", "2", "3"),
    ),
    "conversation_lost": conversation_lost,
    "three_calls_on_a_day": three_calls_on_a_day,
    "sought_past_twenty": past_twenty,
    "contact_ahead": ahead,
    "answered_before_contact": answered_before,
    "contact_before_registration": before_registration,
    "contact_before_birth": rewritten(
        "DATUM", lambda text: years_later(text, -100), where=lambda c: not c.row["SVARSDATUM"]
    ),
    "contact_told_twice": told_twice,
    "contact_number_used_twice": same_number,
    "contact_told_twice_with_numbers": told_twice_with_numbers,
    "contacts_lost": attempts_lost,
    "contact_on_wrong_person": on_wrong_person,
    "contact_of_unknown_person": of_unknown_person,
    "outcome_code_renamed": rewritten("UTFALL", lambda code: f"{code}1"),
    "channel_in_lower_case": rewritten("KANAL", str.lower),
    "channel_wrong": rewritten(
        "KANAL",
        {"TEL": "SMS", "SMS": "EPOST", "BREV": "EPOST"}.get,
        where=lambda c: c.row["KANAL"] in ("TEL", "SMS", "BREV"),
    ),
    "guardian_taken_for_youth": rewritten("UTFALL", {"VH": "NA"}.get, where=lambda c: c.row["UTFALL"] == "VH"),
    "contact_day_missing": blanked("DATUM"),
    "contact_day_by_hand": rewritten("DATUM", day_in_swedish),
    "contact_number_as_day": rewritten("KONTAKTNR", number_as_day),
}
"""How each kind of error is made."""
