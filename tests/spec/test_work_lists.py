"""The work lists on hand-typed youths: who stands on them, who does not, and that nobody can be named by them."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.checks import WorkListSettings, work_lists
from kaa_analysis.core.errors import DefinitionError
from tests.spec.hand_typed import register

NOW = ("registrations", "entry_date registered_at", "2024-12-01 2024-12-10")
"""Registered since 1 December, in the register since 10 December: 53 days before the extract of 1 February 2025."""
SHOWN = ("persons", "person_id protected_identity record_number", "a no 17")
NO_ATTEMPT = "inget försök, månaden går ut"
CALLS = "fler telefondagar behövs före knackakort"


def listed(name: str, *written, **options) -> list[tuple[str, ...]]:
    """The rows of one list, days as text, missing ones left out."""
    made = register(*(written if any(table == "persons" for table, *_ in written) else (SHOWN, *written)))
    (chosen,) = [one for one in work_lists(made, **options) if one.name == name]
    days = {day: chosen.rows_table[day].dt.strftime("%Y-%m-%d") for day in ("since", "until")}
    rows = chosen.rows_table.assign(**days).itertuples(index=False)
    return [tuple(value for value in row if pd.notna(value)) for row in rows]


class TestNoAttempt:
    def test_the_month_runs_from_the_day_the_row_came(self):
        assert listed("utan_forsok", NOW) == [("17", NO_ATTEMPT, "2024-12-10", "2025-01-10")]

    @pytest.mark.parametrize(
        ("written", "n_listed"),
        [
            ([("registrations", "entry_date", "2025-01-07")], 1),
            ([("registrations", "entry_date", "2025-01-08")], 0),
            ([("registrations", "entry_date exit_date", "2024-12-01 2025-01-31")], 0),
            ([("registrations", "entry_date exit_date", "2024-12-01 2025-02-01")], 1),
            ([("registrations", "entry_date exit_reason", "2024-12-01 misregistered")], 0),
            ([NOW, ("contacts", "date", "2024-12-01")], 0),
            ([NOW, ("contacts", "date", "2024-11-30")], 1),
            ([NOW, ("contacts", "direction date", "incoming 2024-12-20")], 1),
            ([NOW, ("contacts", "channel date", "drop_in 2024-12-20")], 1),
        ],
        ids=[
            "25 days", "24 days", "left before the last day", "leaves on the day of extract", "a mistake", "on the day of entry",
            "before the entry", "the youth's own contact", "drop-in",
        ],
    )  # fmt: skip
    def test_each_bound_has_its_twin(self, written, n_listed):
        assert len(listed("utan_forsok", *written)) == n_listed

    def test_a_registration_of_the_summer_says_so(self):
        (row,) = listed("utan_forsok", ("registrations", "entry_date", "2024-07-01"))
        assert row[1] == "inget försök, registrerad 1 juni–15 september"

    def test_the_oldest_month_stands_first_and_the_number_settles_ties(self):
        written = (
            ("persons", "person_id protected_identity record_number", "a no 30", "b no 20", "c no 10"),
            ("registrations", "person_id entry_date", "a 2024-12-01", "b 2024-11-01", "c 2024-12-01"),
        )
        assert [row[0] for row in listed("utan_forsok", *written)] == ["20", "10", "30"]

    def test_the_number_of_days_is_a_setting(self):
        assert listed("utan_forsok", NOW, settings=WorkListSettings(attempt_days=54)) == []


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ("2005-01-31", []),
        ("2005-02-01", [("17", "brev med överlämning", "2025-02-01")]),
        ("2005-04-02", [("17", "brev med överlämning", "2025-04-02")]),
        ("2005-04-03", []),
    ],
)
def test_a_20th_birthday_within_60_days_counts_from_the_day_of_extract(born, expected):
    persons = ("persons", "person_id protected_identity record_number birth_date", f"a no 17 {born}")
    assert listed("fyller_20", persons, NOW) == expected


class TestPhoneDays:
    TWO_DAYS = ("1 phone 2024-12-11 -", "2 phone 2024-12-11 -", "3 phone 2024-12-12 -")
    HEADER = "contact channel date planned_visit_date"

    def test_two_days_of_calls_need_a_third(self):
        assert listed("telefondagar", NOW, ("contacts", self.HEADER, *self.TWO_DAYS)) == [("17", CALLS, "2024-12-11")]

    def test_a_card_sent_too_early_is_listed_until_its_visit(self):
        card = "4 knackakort 2025-01-20 2025-02-01"
        (row,) = listed("telefondagar", NOW, ("contacts", self.HEADER, *self.TWO_DAYS, card))
        assert row == ("17", "knackakort skickat efter för få telefondagar", "2024-12-11", "2025-02-01")

    @pytest.mark.parametrize(
        "contacts",
        [
            ("contacts", HEADER, *TWO_DAYS, "4 phone 2024-12-13 -"),
            ("contacts", HEADER, *TWO_DAYS, "4 knackakort 2025-01-20 2025-01-31"),
            ("contacts", HEADER, "1 letter 2024-12-11 -"),
            ("contacts", "contact date outcome", "1 2024-12-11 no_answer", "2 2024-12-12 reached"),
            ("contacts", "contact date outcome responded_by", "1 2024-12-11 no_answer -", "2 2024-12-12 no_answer guardian"),
            ("contacts", "contact date", "1 2024-11-30"),
        ],
        ids=["three days", "a visit that is over", "not called yet", "reached", "a guardian was in touch", "before the entry"],
    )  # fmt: skip
    def test_others_are_not_listed(self, contacts):
        assert listed("telefondagar", NOW, contacts) == []

    def test_who_has_no_phone_is_not_listed(self):
        persons = ("persons", "person_id protected_identity record_number has_phone", "a no 17 no")
        assert listed("telefondagar", persons, NOW, ("contacts", self.HEADER, *self.TWO_DAYS)) == []


def test_an_end_without_a_reason_is_listed_for_a_half_year_and_the_time_to_the_delivery():
    spells = (
        "registrations", "spell entry_date exit_date exit_reason",
        "1 2023-01-01 2024-05-31 -", "2 2024-05-31 2024-06-01 -", "3 2024-07-01 2024-08-01 moved", "4 2024-09-01 2025-02-02 -",
    )  # fmt: skip
    assert listed("avslutsorsak", spells) == [
        ("17", "avslutsorsak saknas", "2024-06-01"),
    ]  # fmt: skip


class TestWhoIsShown:
    PERSONS = (
        "persons", "person_id protected_identity record_number",
        "a no 17", "b yes 18", "c - 19", "d no -", "e no -",
    )  # fmt: skip
    REGISTERED = ("registrations", "person_id entry_date", *(f"{name} 2024-12-01" for name in "abcde"))
    LINES = ("person_lines", "person_id file line", "d personer.csv 12")

    def test_a_protected_identity_or_an_unknown_one_is_never_listed_but_counted(self):
        (first, *_) = work_lists(register(self.PERSONS, self.REGISTERED, self.LINES))
        assert (first.n_protected, first.n_unknown) == (1, 1)
        assert list(first.rows_table["number"]) == ["17", "e", "personer.csv rad 12"]

    def test_the_columns_hold_no_person_and_no_birth_date(self):
        columns = {tuple(one.rows_table.columns) for one in work_lists(register(self.PERSONS, self.REGISTERED))}
        assert columns == {("number", "what", "since", "until")}


def test_the_list_is_of_the_latest_registration_and_holds_each_youth_once():
    spells = ("registrations", "spell entry_date exit_date", "1 2024-11-01 -", "2 2024-12-01 -")
    assert listed("utan_forsok", spells) == [("17", NO_ATTEMPT, "2024-12-01", "2025-01-01")]


def test_a_register_outside_the_law_has_no_work_lists():
    with pytest.raises(DefinitionError, match="lagens regler"):
        work_lists(register(SHOWN, NOW, is_kaa=False, follows_law=False))


def test_a_register_without_contacts_or_registrations_has_empty_lists():
    assert [len(one.rows_table) for one in work_lists(register(SHOWN))] == [0, 0, 0, 0]


def test_a_list_that_a_notebook_shows_by_mistake_names_nobody():
    made = register(SHOWN, ("registrations", "entry_date exit_date", "2024-02-01 2024-12-01"))
    [*_, listed] = work_lists(made)
    assert listed.rows_table["number"].tolist() == ["17"]
    assert "17" not in repr(listed)
