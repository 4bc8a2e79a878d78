"""Work lists for case-workers: who needs something done, most urgent first. They stay inside the secure room and name nobody.

A list carries the register's record number (else the line in the delivered file, else the pseudonym), never a personnummer, and
never somebody whose identity is protected or of whom it is not told whether it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.checks.check_settings import WorkListSettings
from kaa_analysis.checks.contact_checks import called_days, outgoing_calls
from kaa_analysis.checks.found_rows import day_of_person
from kaa_analysis.cohorts.contact_attempts import ANSWERS, is_outgoing
from kaa_analysis.cohorts.registered_day import in_summer, registered_day
from kaa_analysis.cohorts.spells import MISREGISTERED
from kaa_analysis.core.periods import birthday, day_before
from kaa_analysis.indicators.stock import stock_on
from kaa_analysis.target_population.applicability import require_rules

if TYPE_CHECKING:
    from kaa_analysis.store import Register

LIST_TITLES = {
    "utan_forsok": "Inget kontaktförsök sedan registreringen",
    "fyller_20": "Fyller 20 år snart",
    "telefondagar": "För få telefondagar före knackakort",
    "avslutsorsak": "Avslutsorsak saknas inför leverans",
}
"""The lists by name, in the order they are made."""

ROW_COLUMNS = ["number", "what", "since", "until"]
NO_ATTEMPT = "inget försök, månaden går ut"
NO_ATTEMPT_SUMMER = "inget försök, registrerad 1 juni–15 september"
TURNS_20 = "brev med överlämning"
CALLS_LEFT = "fler telefondagar behövs före knackakort"
CARD_SENT = "knackakort skickat efter för få telefondagar"
REASON_MISSING = "avslutsorsak saknas"


@dataclass(frozen=True, eq=False)
class WorkList:
    """One list. ``rows_table`` has a row per youth: number, what (Swedish), since and until (days, NaT where there is none).

    ``n_protected`` left out for a protected identity, ``n_unknown`` because it is not told whether it is protected.
    """

    name: str
    title: str
    rows_table: pd.DataFrame = field(repr=False)
    n_protected: int = 0
    n_unknown: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows_table", self.rows_table.reset_index(drop=True).copy())


def work_lists(register: Register, *, settings: WorkListSettings | None = None) -> tuple[WorkList, ...]:
    """Return the four work lists of a register, as of its day of extract.

    *utan_forsok*: registered the day before the extract, for at least ``attempt_days`` days, without an outgoing attempt since the entry; until
    the day the month ends. *fyller_20*: registered, with the 20th birthday from the day of extract to ``birthday_days`` later. *telefondagar*:
    registered, not answered since the entry, fewer than ``phone_days`` phone days, and either called with no knackakort sent (the next
    step would break the routine) or sent a knackakort with the visit still to come; who has no phone is left out. *avslutsorsak*: ended
    without a reason at most ``exit_days`` days ago. Mistakes (misregistered) are on no list.

    Raises:
        DefinitionError: the rules of the target population cannot be applied to the register.
    """
    require_rules(register, expected="Arbetslistor görs bara ur ett register som lagens regler kan tillämpas på.")
    settings = settings or WorkListSettings()
    persons = register.table(
        "persons", columns=["person_id", "birth_date", "has_phone", "protected_identity", "record_number"]
    )
    lines = register.table("person_lines", columns=["person_id", "file", "line"])
    found = dict(zip(LIST_TITLES, _found(register, persons, settings), strict=True))
    numbers = _numbers(persons, lines)
    return tuple(_work_list(name, rows, persons=persons, numbers=numbers) for name, rows in found.items())


def without_attempt(
    running: pd.DataFrame, contacts: pd.DataFrame, *, extract_date: pd.Timestamp, days: int
) -> pd.DataFrame:
    """Return the running registrations that are ``days`` days old or more without an outgoing attempt since the entry."""
    known = registered_day(running)
    attempts = contacts.loc[is_outgoing(contacts), ["person_id", "date"]]
    last = day_of_person(attempts.groupby("person_id")["date"].max(), running["person_id"])
    waiting = ((extract_date - known).dt.days >= days) & ~(last >= running["entry_date"])
    rows = running.assign(what=NO_ATTEMPT, since=known, until=known + pd.DateOffset(months=1))
    rows["what"] = rows["what"].mask(in_summer(known), NO_ATTEMPT_SUMMER)
    return rows[waiting]


def turning_twenty(running: pd.DataFrame, *, extract_date: pd.Timestamp, days: int) -> pd.DataFrame:
    """Return the running registrations of those who turn 20 from the day of extract to ``days`` days later."""
    twentieth = birthday(running["birth_date"], 20)
    left = (twentieth - extract_date).dt.days
    rows = running.assign(what=TURNS_20, since=pd.NaT, until=twentieth)
    return rows[(left >= 0) & (left <= days)]


def short_of_calls(
    running: pd.DataFrame, contacts: pd.DataFrame, *, extract_date: pd.Timestamp, days: int
) -> pd.DataFrame:
    """Return the running registrations whose next step of outreach would break the routine of ``days`` phone days before a knackakort."""
    asked = running[~running["has_phone"].eq(False).fillna(False)].assign(date=extract_date)
    steps = contacts.merge(asked[["person_id", "entry_date"]], on="person_id", validate="many_to_one")
    steps = steps[steps["date"] >= steps["entry_date"]]
    cards = steps[is_outgoing(steps) & steps["channel"].eq("knackakort")]
    has_card = asked["person_id"].isin(cards["person_id"])
    visit = day_of_person(cards.groupby("person_id")["planned_visit_date"].max(), asked["person_id"])
    called = day_of_person(outgoing_calls(steps).groupby("person_id")["date"].min(), asked["person_id"])
    ahead = called.notna().mask(has_card, visit >= extract_date)
    few = called_days(asked, contacts, since=asked["entry_date"]) < days
    rows = asked.assign(what=CALLS_LEFT, since=called, until=visit)
    rows["what"] = rows["what"].mask(has_card, CARD_SENT)
    return rows[few & ahead & ~asked["person_id"].isin(_answered(steps))]


def reason_missing(spells: pd.DataFrame, *, extract_date: pd.Timestamp, days: int) -> pd.DataFrame:
    """Return the registrations that ended without a reason on the day of extract or at most ``days`` days before."""
    ago = (extract_date - spells["exit_date"]).dt.days
    rows = spells.assign(what=REASON_MISSING, since=spells["exit_date"], until=pd.NaT)
    return rows[spells["exit_reason"].isna() & (ago >= 0) & (ago <= days)]


def _found(register: Register, persons: pd.DataFrame, settings: WorkListSettings) -> tuple[pd.DataFrame, ...]:
    spells = register.table(
        "registrations", columns=["person_id", "spell", "entry_date", "exit_date", "exit_reason", "registered_at"]
    )
    spells = spells[spells["exit_reason"].ne(MISREGISTERED).fillna(True)]
    spells = spells.merge(persons[["person_id", "birth_date", "has_phone"]], on="person_id", validate="many_to_one")
    contacts = register.table(
        "contacts",
        columns=[
            "person_id",
            "contact",
            "date",
            "direction",
            "channel",
            "outcome",
            "planned_visit_date",
            "responded_by",
        ],
    )
    day = pd.Timestamp(register.extract_date)
    running = spells[stock_on(spells, day_before(register.extract_date))].sort_values(
        ["person_id", "entry_date", "spell"]
    )
    running = running.drop_duplicates("person_id", keep="last")
    return (
        without_attempt(running, contacts, extract_date=day, days=settings.attempt_days),
        turning_twenty(running, extract_date=day, days=settings.birthday_days),
        short_of_calls(running, contacts, extract_date=day, days=settings.phone_days),
        reason_missing(spells, extract_date=day, days=settings.exit_days),
    )


def _answered(steps: pd.DataFrame) -> pd.Series:
    """Return the persons whose youth or guardian has answered any of the steps, or been in touch."""
    noted = steps["responded_by"].isin(["youth", "guardian"])
    return steps.loc[noted | (steps["responded_by"].isna() & steps["outcome"].isin(ANSWERS)), "person_id"]


def _work_list(name: str, rows: pd.DataFrame, *, persons: pd.DataFrame, numbers: pd.Series) -> WorkList:
    protected = persons.set_index("person_id")["protected_identity"].reindex(rows["person_id"]).set_axis(rows.index)
    listed = rows[protected.eq(False).fillna(False)]
    listed = listed.assign(number=numbers.reindex(listed["person_id"]).set_axis(listed.index))
    ordered = listed.sort_values(["until", "since", "number"], kind="stable", na_position="last")
    days = {day: ordered[day].astype("datetime64[us]") for day in ("since", "until")}
    return WorkList(
        name,
        LIST_TITLES[name],
        ordered.assign(**days)[ROW_COLUMNS].astype({"number": "string", "what": "string"}),
        n_protected=int(protected.eq(True).fillna(False).sum()),
        n_unknown=int(protected.isna().sum()),
    )


def _numbers(persons: pd.DataFrame, lines: pd.DataFrame) -> pd.Series:
    """Return what stands for each person on a list: the record number, else file and line, else the pseudonym."""
    place = lines.assign(place=lines["file"] + " rad " + lines["line"].astype("string")).set_index("person_id")["place"]
    named = persons["record_number"].fillna(persons["person_id"].map(place).astype("string"))
    return named.fillna(persons["person_id"]).set_axis(persons["person_id"])
