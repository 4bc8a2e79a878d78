"""Every check on hand-typed rows: what it must find, and the twin beside it that it must leave alone.

How rows are written: `tests/spec/hand_typed.py`.
"""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.checks import CheckSettings, Severity, State, catalogue, run_checks
from kaa_analysis.checks.check_rules import DELIVERED, KEPT, RULES, SET_ASIDE
from kaa_analysis.checks.delivered_counts import DeliveredCount, period_named
from kaa_analysis.ingest.reasons import Reason
from tests.spec.hand_typed import HandTyped, register


def found(check: str, made: HandTyped, **options) -> list[str]:
    findings = run_checks(made, **options).outcome(check).findings_table
    return [
        " ".join(part for part in row if part)
        for row in zip(findings["person_id"].fillna(""), findings["row_key"], strict=True)
    ]


BORN = ("persons", "person_id birth_date", "a 2005-01-20")
"""Turned 20 on 20 January 2025, twelve days before the extract."""
NOW = ("registrations", "spell entry_date exit_date", "1 2024-02-01 -")

CASES = {
    "K107": [
        (
            "two persons with one record number are both found",
            [("persons", "person_id record_number", "a 17", "b 17", "c 18", "d -", "e -")],
            ["a", "b"],
        ),
        ("other numbers, and missing ones, are not", [("persons", "person_id record_number", "a 17", "b 18")], []),
    ],
    "K201": [
        (
            "an attempt, an answer or an offer after the day of extract",
            [
                ("contacts", "contact date responded_date", "1 2025-02-02 -", "2 2025-01-30 2025-02-03", "3 2025-02-01 -"),
                ("interventions", "intervention_number offered_date", "1 2025-02-02", "2 2025-02-01"),
            ],
            ["a contact=1", "a contact=2", "a intervention_number=1"],
        ),
        (
            "the day of extract itself, a planned visit and a planned end are possible",
            [
                ("contacts", "date planned_visit_date", "2025-02-01 2025-03-01"),
                ("interventions", "offered_date start_date end_date", "2025-01-20 2025-03-01 2025-06-01"),
            ],
            [],
        ),
    ],
    "K202": [
        (
            "a contact and a school before the day of birth",
            [
                ("contacts", "contact date", "1 2006-05-09", "2 2006-05-10"),
                ("schooling", "from_date", "2006-05-09"),
            ],
            ["a contact=1", "a school_form=national_programme from_date=2006-05-09"],
        ),
        ("residence from the day of birth", [("residence", "from_date", "2006-05-10")], []),
    ],
    "K203": [
        (
            "an answer the day before the attempt",
            [("contacts", "contact date responded_date", "1 2024-03-02 2024-03-01", "2 2024-03-02 2024-03-02")],
            ["a contact=1"],
        )
    ],
    "K204": [
        (
            "a visit planned the day before the card",
            [("contacts", "contact channel date planned_visit_date", "1 knackakort 2024-03-02 2024-03-01", "2 knackakort 2024-03-02 2024-03-02")],
            ["a contact=1"],
        )
    ],
    "K205": [
        (
            "a start the day before the offer",
            [("interventions", "intervention_number offered_date start_date", "1 2024-03-02 2024-03-01", "2 2024-03-02 2024-03-02", "3 2024-03-02 -")],
            ["a intervention_number=1"],
        )
    ],
    "K206": [
        (
            "an answer the day before the invitation, of nobody in particular",
            [("surveys", "survey_number invited_date answered_date", "1 2024-03-02 2024-03-01", "2 2024-03-02 2024-03-02", "3 2024-03-02 -")],
            ["instrument=aim survey_number=1"],
        )
    ],
    "K301": [
        (
            "a spell that begins before the first one ends, or inside a longer one",
            [("registrations", "spell entry_date exit_date", "1 2023-01-01 2024-06-01", "2 2023-02-01 2023-03-01", "3 2024-05-31 -")],
            ["a spell=2", "a spell=3"],
        ),
        (
            "one that begins on the first day outside, another person's, and a mistake",
            [("registrations", "person_id spell entry_date exit_date exit_reason", "a 1 2023-01-01 2024-06-01 moved", "a 2 2024-06-01 - -", "b 1 2023-01-01 - -", "a 3 2023-02-01 2023-02-02 misregistered")],
            [],
        ),
        (
            "a spell beside one that never ended",
            [("registrations", "spell entry_date exit_date", "1 2023-01-01 -", "2 2024-05-31 2024-06-10")],
            ["a spell=2"],
        ),
    ],
    "K302": [
        (
            "two addresses the same day",
            [("residence", "from_date to_date", "2006-05-10 2020-01-02", "2020-01-01 -")],
            ["a from_date=2020-01-01"],
        ),
        ("a move", [("residence", "from_date to_date", "2006-05-10 2020-01-01", "2020-01-01 -")], []),
    ],
    "K303": [
        (
            "two programmes the same day",
            [("schooling", "school_form from_date to_date", "national_programme 2022-08-16 -", "im_individual 2023-08-15 -")],
            ["a school_form=im_individual from_date=2023-08-15"],
        ),
        (
            "a switch, and sfi or komvux beside a programme",
            [("schooling", "school_form from_date to_date", "national_programme 2022-08-16 2023-08-15", "im_language 2023-08-15 -", "sfi 2023-09-01 -", "komvux 2023-09-01 -")],
            [],
        ),
    ],
    "K401": [
        (
            "the day before the 15th birthday",
            [("registrations", "spell entry_date", "1 2021-05-09", "2 2021-05-10")],
            ["a spell=1"],
        )
    ],
    "K402": [
        (
            "still registered on the 20th birthday",
            [BORN, ("registrations", "spell entry_date exit_date", "1 2024-02-01 -", "2 2023-02-01 2025-01-21", "3 2025-01-25 -")],
            ["a spell=1", "a spell=2", "a spell=3"],
        ),
        (
            "the 20th birthday is the first day outside",
            [BORN, ("registrations", "entry_date exit_date", "2024-02-01 2025-01-20")],
            [],
        ),
        (
            "a birthday on the day of extract is not observed",
            [("persons", "person_id birth_date", "a 2005-02-01"), NOW],
            [],
        ),
    ],
    "K403": [
        (
            "a call on the birthday, and a letter that comes too late",
            [BORN, ("contacts", "contact channel date", "1 phone 2025-01-20", "2 phone 2025-01-19", "3 letter 2025-01-20", "4 letter 2025-01-31")],
            ["a contact=1"],
        ),
        (
            "the youth's own contact",
            [BORN, ("contacts", "contact direction channel date", "1 incoming phone 2025-01-25", "2 outgoing drop_in 2025-01-25")],
            [],
        ),
    ],
    "K404": [("a person without", [("persons", "person_id birth_date", "a 2006-05-10", "b -")], ["b"])],
    "K501": [
        (
            "the flag of ingest, and no other",
            [("persons", "person_id", "a", "b"), ("identity_flags", "person_id flag", "a sex_differs", "b birth_date_differs")],
            ["a"],
        )
    ],
    "K502": [
        (
            "the flag of ingest, and no other",
            [("persons", "person_id", "a", "b"), ("identity_flags", "person_id flag", "a sex_differs", "b birth_date_differs")],
            ["b"],
        )
    ],
    "K503": [
        (
            "the flag of ingest, and no other",
            [("persons", "person_id", "a", "b"), ("identity_flags", "person_id flag", "a sex_differs", "b coordination_number")],
            ["b"],
        )
    ],
    "K504": [
        (
            "a personnummer whose records begin 180 days after those of a samordningsnummer",
            [
                ("persons", "person_id birth_date sex", "a 2006-05-10 female", "b 2006-05-10 female"),
                ("identity_flags", "person_id flag", "a coordination_number"),
                ("registrations", "person_id entry_date exit_date", "a 2023-01-01 2023-06-01"),
                ("residence", "person_id from_date", "b 2023-11-28"),
            ],
            ["a", "b"],
        ),
        (
            "a day later, before the end, of another sex, of another day, or both coordination numbers",
            [
                ("persons", "person_id birth_date sex", "a 2006-05-10 female", "b 2006-05-10 female", "c 2006-05-10 female", "d 2006-05-10 male", "e 2006-05-11 female", "f 2006-05-10 female"),
                ("identity_flags", "person_id flag", "a coordination_number", "f coordination_number"),
                ("registrations", "person_id entry_date exit_date", "a 2023-01-01 2023-06-01"),
                ("residence", "person_id from_date", "b 2023-11-29", "c 2023-05-31", "d 2023-06-01", "e 2023-06-01", "f 2023-06-01"),
            ],
            [],
        ),
        (
            "records that have not ended are followed by nobody",
            [
                ("persons", "person_id birth_date sex", "a 2006-05-10 female", "b 2006-05-10 female"),
                ("identity_flags", "person_id flag", "a coordination_number"),
                ("registrations", "person_id entry_date exit_date", "a 2023-01-01 -"),
                ("residence", "person_id from_date", "b 2023-06-01"),
            ],
            [],
        ),
    ],
    "K601": [
        (
            "an end without a reason",
            [("registrations", "spell entry_date exit_date exit_reason", "1 2022-01-01 2022-05-01 -", "2 2023-01-01 2023-05-01 moved", "3 2024-01-01 - -")],
            ["a spell=1"],
        )
    ],
    "K602": [
        (
            "a reason without an end",
            [("registrations", "spell entry_date exit_date exit_reason", "1 2022-01-01 - moved", "2 2023-01-01 2023-05-01 moved", "3 2024-01-01 - -")],
            ["a spell=1"],
        )
    ],
    "K603": [
        (
            "a row that came on the first day outside",
            [("registrations", "spell entry_date exit_date registered_at", "1 2024-01-01 2024-02-01 2024-02-01", "2 2024-03-01 2024-04-01 2024-03-31", "3 2024-06-01 - 2024-12-01")],
            ["a spell=1"],
        )
    ],
    "K611": [
        (
            "registered although in school all along",
            [
                ("persons", "person_id birth_date", "a 2006-05-10", "b 2006-05-10"),
                ("residence", "person_id from_date", "a 2006-05-10", "b 2006-05-10"),
                ("credentials", "person_id date", "a 2022-06-14", "b 2022-06-14"),
                ("schooling", "person_id from_date", "a 2022-08-16"),
                ("registrations", "person_id entry_date", "a 2024-02-01", "b 2024-02-01"),
            ],
            ["a"],
        )
    ],
    "K612": [
        (
            "in the target group and not registered on the last day",
            [
                ("persons", "person_id birth_date", "a 2006-05-10", "b 2006-05-10", "c 2006-05-10"),
                ("residence", "person_id from_date", "a 2006-05-10", "b 2006-05-10", "c 2006-05-10"),
                ("credentials", "person_id date", "a 2022-06-14", "b 2022-06-14", "c 2022-06-14"),
                ("registrations", "person_id entry_date exit_date", "a 2024-02-01 2025-01-31", "b 2024-02-01 2025-02-01", "c 2024-02-01 -"),
            ],
            ["a"],
        )
    ],
    "K701": [
        (
            "the day before the first entry, and to somebody never registered",
            [
                ("persons", "person_id", "a", "b"),
                ("registrations", "spell entry_date exit_date", "1 2024-02-01 2024-03-01", "2 2024-06-01 -"),
                ("contacts", "person_id contact date", "a 1 2024-01-31", "a 2 2024-02-01", "a 3 2024-04-01", "b 1 2024-02-01"),
            ],
            ["a contact=1", "b contact=1"],
        ),
        (
            "the youth's own contact may come first",
            [NOW, ("contacts", "direction channel date", "incoming drop_in 2024-01-15")],
            [],
        ),
    ],
    "K702": [
        (
            "one and none are fewer than two; unknown is not told",
            [("contacts", "contact channel date staff_count", "1 home_visit 2024-03-01 1", "2 home_visit 2024-03-02 2", "3 home_visit 2024-03-03 -", "4 phone 2024-03-04 1", "5 home_visit 2024-03-05 0")],
            ["a contact=1", "a contact=5"],
        )
    ],
    "K703": [
        (
            "a home visit alone must tell",
            [("contacts", "contact channel date staff_count", "1 home_visit 2024-03-01 -", "2 home_visit 2024-03-02 2", "3 phone 2024-03-03 -")],
            ["a contact=1"],
        )
    ],
    "K704": [
        (
            "three calls on one day are one occasion",
            [("contacts", "contact channel date", "1 phone 2024-03-01", "2 phone 2024-03-01", "3 phone 2024-03-01", "4 phone 2024-03-02")],
            ["a contact=1", "a contact=2", "a contact=3"],
        ),
        (
            "two calls and a text, an incoming call, or three days",
            [("contacts", "contact direction channel date", "1 outgoing phone 2024-03-01", "2 outgoing phone 2024-03-01", "3 outgoing sms 2024-03-01", "4 incoming phone 2024-03-01", "5 outgoing phone 2024-03-02", "6 outgoing phone 2024-03-03")],
            [],
        ),
    ],
    "K705": [
        (
            "three calls on two days",
            [NOW, ("contacts", "contact channel date", "1 phone 2024-03-01", "2 phone 2024-03-01", "3 phone 2024-03-02", "4 knackakort 2024-04-01")],
            ["a contact=4"],
        ),
        (
            "three days, the last one that of the card",
            [NOW, ("contacts", "contact channel date", "1 phone 2024-03-01", "2 phone 2024-03-02", "3 phone 2024-04-01", "4 knackakort 2024-04-01")],
            [],
        ),
        (
            "days of an earlier spell do not count",
            [
                ("registrations", "spell entry_date exit_date", "1 2023-01-01 2023-06-01", "2 2024-03-02 -"),
                ("contacts", "contact channel date", "1 phone 2023-03-01", "2 phone 2024-03-02", "3 phone 2024-03-03", "4 knackakort 2024-04-01"),
            ],
            ["a contact=4"],
        ),
        (
            "who has no phone cannot be called",
            [("persons", "person_id has_phone", "a no"), NOW, ("contacts", "contact channel date", "1 knackakort 2024-04-01")],
            [],
        ),
    ],
    "K801": [
        (
            "a no",
            [("interventions", "intervention_number provider consent", "1 amf no", "2 amf yes", "3 amf -", "4 utbf no")],
            ["a intervention_number=1"],
        )
    ],
    "K802": [
        (
            "nothing told",
            [("interventions", "intervention_number provider consent", "1 amf no", "2 amf yes", "3 amf -", "4 utbf -")],
            ["a intervention_number=3"],
        )
    ],
    "K803": [
        (
            "reached the day after, or by a guardian alone",
            [
                ("contacts", "contact outcome date", "1 guardian_only 2024-02-10", "2 reached 2024-03-02"),
                ("interventions", "intervention_number start_date", "1 2024-03-01", "2 2024-03-02", "3 -"),
            ],
            ["a intervention_number=1"],
        ),
        (
            "own contact is contact",
            [("contacts", "direction channel outcome date", "incoming drop_in reached 2024-03-01"), ("interventions", "start_date", "2024-03-01")],
            [],
        ),
    ],
    "K804": [
        (
            "an end without a reason",
            [("interventions", "intervention_number start_date end_date end_reason", "1 2024-03-01 2024-05-01 -", "2 2024-03-01 2024-05-01 work", "3 2024-03-01 - -")],
            ["a intervention_number=1"],
        )
    ],
    "K805": [
        (
            "the later numbered row of two that begin seven days apart, whichever begins first, and each one after the first",
            [
                ("persons", "person_id", "a", "b", "c"),
                ("interventions", "person_id intervention_number provider kind step start_date", "a 1 amf coaching - 2024-03-01", "a 2 amf coaching - 2024-03-08", "b 1 amf aim practice 2024-03-08", "b 2 amf aim - 2024-03-01", "c 1 amf aim preparation 2024-03-01", "c 2 amf aim preparation 2024-03-01", "c 3 amf aim preparation 2024-03-02"),
            ],
            ["a intervention_number=2", "b intervention_number=2", "c intervention_number=2", "c intervention_number=3"],
        ),
        (
            "eight days apart, another kind, another provider, another step, not begun, another person",
            [
                ("persons", "person_id", "a", "b", "c", "d", "e", "f", "g"),
                ("interventions", "person_id intervention_number provider kind step start_date", "a 1 amf coaching - 2024-03-01", "a 2 amf coaching - 2024-03-09", "b 1 amf coaching - 2024-03-01", "b 2 amf aim - 2024-03-01", "c 1 utbf coaching - 2024-03-01", "c 2 amf coaching - 2024-03-01", "d 1 amf aim preparation 2024-03-01", "d 2 amf aim practice 2024-03-02", "e 1 amf coaching - -", "e 2 amf coaching - -", "f 1 amf coaching - 2024-03-01", "g 2 amf coaching - 2024-03-01"),
            ],
            [],
        ),
    ],
    "K811": [
        (
            "90 days ago is the first day on which it has lapsed",
            [
                ("persons", "person_id", "a", "b"),
                ("registrations", "person_id entry_date", "a 2024-02-01", "b 2024-02-01"),
                ("activities", "person_id known_at", "a 2024-11-03", "b 2024-11-04"),
            ],
            ["a activity_number=1"],
        ),
        (
            "a later one, one that has ended, another kind, or nobody registered",
            [
                ("persons", "person_id", "a", "b", "c", "d"),
                ("registrations", "person_id entry_date exit_date", "a 2024-02-01 -", "b 2024-02-01 -", "c 2024-02-01 -", "d 2024-02-01 2025-01-31"),
                ("activities", "person_id activity_number kind known_at to_date", "a 1 none 2024-02-01 -", "a 2 none 2025-01-10 -", "b 1 none 2024-02-01 2025-02-01", "c 1 work 2024-11-03 -", "d 1 none 2024-02-01 -"),
            ],
            [],
        ),
        (
            "an old one that never ended, although a later one has, or one is told of a day to come",
            [
                ("persons", "person_id", "a", "b"),
                ("registrations", "person_id entry_date", "a 2024-02-01", "b 2024-02-01"),
                ("activities", "person_id activity_number kind known_at to_date", "a 1 none 2024-02-01 -", "a 2 work 2024-06-01 2024-12-01", "b 1 none 2024-02-01 -", "b 2 none 2026-01-10 -"),
            ],
            ["a activity_number=1", "b activity_number=1"],
        ),
        (
            "of who is registered by mistake",
            [
                ("registrations", "entry_date exit_reason", "2024-02-01 misregistered"),
                ("activities", "known_at", "2024-02-01"),
            ],
            [],
        ),
    ],
    "K901": [
        (
            "a reason for an entry the day before the reasons began",
            [("registrations", "spell entry_date entry_reason", "1 2017-06-30 unknown", "2 2017-07-01 unknown", "3 2017-06-30 -")],
            ["a spell=1"],
        )
    ],
    "K902": [
        (
            "a district on no day of which it existed",
            [("residence", "district from_date to_date", "rinkeby_kista 2023-07-01 -", "jarva 2020-01-01 2023-07-01")],
            ["a from_date=2020-01-01", "a from_date=2023-07-01"],
        ),
        (
            "one common day is enough",
            [("residence", "district from_date to_date", "rinkeby_kista 2023-06-30 -", "jarva 2020-01-01 2023-07-02")],
            [],
        ),
    ],
    "K903": [
        (
            "the day before the change of the law",
            [("registrations", "spell entry_date exit_date exit_reason", "1 2018-01-01 2018-06-30 introduction_programme", "2 2018-01-01 2018-07-01 introduction_programme", "3 2018-01-01 2018-06-30 moved")],
            ["a spell=1"],
        )
    ],
    "K904": [
        (
            "32 days after the start",
            [
                ("schooling", "person_id school_form from_date", "a im_individual 2024-09-01"),
                ("registrations", "spell entry_date exit_date", "1 2024-02-01 2024-10-03"),
            ],
            ["a spell=1"],
        ),
        (
            "31 days after the start, before the law changed, another school, or a programme before the registration",
            [
                ("persons", "person_id birth_date", "a 2006-05-10", "b 2001-05-10", "c 2006-05-10", "d 2006-05-10"),
                ("schooling", "person_id school_form from_date to_date", "a im_individual 2024-09-01 -", "b im_individual 2018-06-30 -", "c national_programme 2024-09-01 -", "d im_individual 2024-01-01 2024-06-01"),
                ("registrations", "person_id entry_date exit_date", "a 2024-02-01 2024-10-02", "b 2018-01-01 2019-01-01", "c 2024-02-01 2024-12-01", "d 2024-02-01 2024-12-01"),
            ],
            [],
        ),
    ],
}  # fmt: skip


def each_case():
    for check, cases in CASES.items():
        for sentence, written, expected in cases:
            yield pytest.param(check, written, expected, id=f"{check}-{sentence}")


@pytest.mark.parametrize(("check", "written", "expected"), list(each_case()))
def test_a_check_finds_the_rows_it_must_and_no_other(check, written, expected):
    assert sorted(found(check, register(*written))) == sorted(expected)


@pytest.mark.parametrize("check", RULES)
def test_every_check_of_rows_has_something_to_find_and_something_to_leave(check):
    cases = CASES[check]
    n_rows = sum(len(lines) - 2 for _, written, _ in cases for lines in written)
    n_found = sum(len(expected) for _, _, expected in cases)
    assert 0 < n_found < n_rows


class TestCatalogue:
    def test_every_check_is_made_in_one_way(self):
        made = [*RULES, *SET_ASIDE, *KEPT, DELIVERED]
        assert sorted(made) == sorted(catalogue())
        assert len(made) == len(set(made))

    def test_every_reason_to_set_a_row_aside_is_told_by_one_check(self):
        told = [reason for reasons in SET_ASIDE.values() for reason in reasons]
        assert sorted(told) == sorted(map(str, Reason))

    def test_ids_are_in_order_and_every_text_is_a_sentence(self):
        checks = list(catalogue().values())
        assert [check.id for check in checks] == sorted(check.id for check in checks)
        texts = [text for check in checks for text in (check.what, check.why)]
        assert [text for text in texts if not (text[0].isupper() and text.endswith("."))] == []
        assert [check.id for check in checks if not (check.table and check.source)] == []


class TestStates:
    def test_a_check_without_its_table_is_not_run_and_tells_why(self):
        outcome = run_checks(register()).outcome("K702")
        assert (outcome.state, outcome.reason, outcome.n_rows) == (
            State.NOT_RUN, "tabellen contacts har inga rader", None,
        )  # fmt: skip

    def test_a_check_whose_column_is_empty_is_not_run(self):
        made = register(("contacts", "channel date", "home_visit 2024-03-01"))
        assert run_checks(made).outcome("K702").reason == "kolumnen contacts.staff_count är tom"
        assert run_checks(made).outcome("K703").state is State.FOUND

    def test_what_the_register_is_and_what_its_identities_are_is_asked_for_first(self):
        made = register(NOW, is_kaa=False, follows_law=False, identity_kind="record_number")
        report = run_checks(made, delivered=())
        told = {check: report.outcome(check).reason for check in ("K402", "K501", "K611", "K903", "K921")}
        assert told == {
            "K402": "uttaget är inte ett KAA-register",
            "K501": "källan har löpnummer, inte personnummer",
            "K611": "uttaget är inte ett KAA-register",
            "K903": "uttaget är inte ett KAA-register",
            "K921": "uttaget är inte ett KAA-register",
        }
        assert report.outcome("K301").state is State.NONE

    def test_what_ingest_set_aside_is_told_by_its_counts(self):
        counts = {"DUBBLETT": 4, "OKAND_PERSON": 2, "PERSONEN_UNDANTAGEN": 1}
        report = run_checks(register(problem_counts=counts, findings={"sensitive_code": 5, "other_municipality": 3}))
        told = {check: (report.outcome(check).n_rows, report.outcome(check).n_persons) for check in (*SET_ASIDE, *KEPT)}
        assert told == {
            "K101": (4, None), "K102": (3, None), "K103": (0, 0), "K104": (0, 0), "K105": (0, 0), "K106": (5, None),
            "K108": (0, 0), "K109": (0, 0), "K110": (3, None),
        }  # fmt: skip
        assert report.outcome("K101").remarks == ("raderna ligger i problems/prov/ i den säkra mappen",)

    def test_rows_and_persons_are_counted_apart_and_the_findings_are_dated(self):
        report = run_checks(register(NOW, ("contacts", "contact date", "1 2024-01-05", "2 2024-01-06")))
        outcome = report.outcome("K701")
        assert (outcome.n_rows, outcome.n_persons) == (2, 1)
        expected = pd.DataFrame(
            {
                "check_id": "K701",
                "table": "contacts",
                "person_id": "a",
                "row_key": ["contact=1", "contact=2"],
                "day": pd.to_datetime(["2024-01-05", "2024-01-06"]),
            }
        ).astype({name: "string" for name in ("check_id", "table", "person_id", "row_key")} | {"day": "datetime64[us]"})
        of_check = report.findings[report.findings["check_id"] == "K701"].reset_index(drop=True)
        pd.testing.assert_frame_equal(of_check, expected)

    def test_only_the_gravest_findings_stop_an_extract(self):
        stopped = run_checks(register(("interventions", "provider consent", "amf no")))
        passed = run_checks(register(("interventions", "provider consent", "amf -")))
        assert [outcome.check.id for outcome in stopped.stopping] == ["K801"]
        assert passed.stopping == ()
        assert catalogue()["K801"].severity is Severity.STOP


class TestSettings:
    @pytest.mark.parametrize(
        ("check", "setting", "written"),
        [
            ("K401", {"lowest_age": 16}, [("registrations", "entry_date", "2022-05-09")]),
            ("K403", {"birthday_letter_days": 11}, [BORN, ("contacts", "channel date", "letter 2025-01-31")]),
            ("K702", {"home_visit_staff": 3}, [("contacts", "channel date staff_count", "home_visit 2024-03-01 2")]),
            ("K802", {"consent_providers": ("utbf",)}, [("interventions", "provider consent", "utbf -")]),
            ("K805", {"double_intervention_days": 8}, [("interventions", "intervention_number provider start_date", "1 amf 2024-03-01", "2 amf 2024-03-09")]),
            ("K805", {"double_intervention_providers": ("utbf",)}, [("interventions", "intervention_number provider start_date", "1 utbf 2024-03-01", "2 utbf 2024-03-09", "3 utbf 2024-03-02")]),
            ("K303", {"schooling_beside": ()}, [("schooling", "school_form from_date", "sfi 2023-09-01", "komvux 2023-09-02")]),
            ("K811", {"activity_days": {"none": 10}}, [NOW, ("activities", "known_at", "2025-01-22")]),
            ("K904", {"late_exit_days": 30}, [("schooling", "school_form from_date", "im_individual 2024-09-01"), ("registrations", "entry_date exit_date", "2024-02-01 2024-10-02")]),
        ],
    )  # fmt: skip
    def test_a_setting_moves_the_bound_of_its_check(self, check, setting, written):
        made = register(*written)
        assert found(check, made) == []
        assert len(found(check, made, settings=CheckSettings(**setting))) == 1

    def test_the_gap_between_two_identities_is_a_setting(self):
        made = register(*CASES["K504"][0][1])
        assert found("K504", made, settings=CheckSettings(double_identity_days=179)) == []


class TestDeliveredCounts:
    """Two youths registered all of 2024, a third one who left in it."""

    WRITTEN = (
        ("persons", "person_id", "a", "b", "c"),
        ("residence", "person_id from_date", "a 2006-05-10", "b 2006-05-10", "c 2006-05-10"),
        ("credentials", "person_id date", "a 2022-06-14", "b 2022-06-14", "c 2022-06-14"),
        ("registrations", "person_id entry_date exit_date", "a 2023-02-01 -", "b 2024-02-01 -", "c 2023-02-01 2024-06-01"),
    )  # fmt: skip

    def told(self, *counts: tuple[str, str, int]) -> tuple[DeliveredCount, ...]:
        return tuple(DeliveredCount(what, period_named(period), n, date(2025, 1, 20)) for what, period, n in counts)

    def outcome(self, *counts, **facts):
        made = register(*self.WRITTEN, **facts)
        return run_checks(made, delivered=self.told(*counts)).outcome("K921")

    def test_equal_counts_are_no_finding(self):
        same = self.outcome(
            ("BESTAND", "2024", 2), ("NYA", "2024-H1", 1), ("AVSLUTADE", "2024-T2", 1), ("PERSONER", "2023/24", 3)
        )
        assert (same.state, same.n_rows, same.remarks) == (State.NONE, 0, ())

    def test_each_difference_is_told_with_both_counts(self):
        other = self.outcome(("BESTAND", "2024", 3), ("NYA", "2024", 1))
        assert (other.state, other.n_rows) == (State.FOUND, 1)
        assert other.remarks == ("registrerade vid periodens slut, 2024: lämnat 3 (2025-01-20), nu 2",)

    def test_a_period_that_the_extract_does_not_cover_is_told_and_is_no_difference(self):
        outcome = self.outcome(("NYA", "2022", 9), ("NYA", "2024", 1), observed_from=date(2023, 1, 1))
        assert (outcome.state, outcome.n_rows) == (State.NONE, 0)
        assert outcome.remarks == ("nya registreringar, 2022: lämnat 9 (2025-01-20), täcks inte av uttaget",)
        uncovered = self.outcome(("NYA", "2025", 1))
        assert (uncovered.state, uncovered.reason) == (
            State.NOT_RUN, "inget antal i delivered_counts.csv täcks av uttaget",
        )  # fmt: skip

    def test_without_the_file_it_is_not_run_and_never_passed(self):
        outcome = run_checks(register(*self.WRITTEN)).outcome("K921")
        assert (outcome.state, outcome.reason) == (
            State.NOT_RUN, "filen delivered_counts.csv finns inte i den säkra mappen",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("check", "reason", "expected"),
    [
        (check, reason, ["a spell=1"] if reason == "moved" else [])
        for check in ("K401", "K402", "K603", "K904")
        for reason in ("moved", "misregistered")
    ],
)
def test_what_is_told_to_be_a_mistake_is_not_found_once_more(check, reason, expected):
    made = register(
        ("persons", "person_id birth_date", "a 2004-01-20"),
        (
            "registrations",
            "entry_date exit_date registered_at exit_reason",
            f"2018-07-01 2024-06-01 2024-06-02 {reason}",
        ),
        ("schooling", "school_form from_date", "im_individual 2022-08-17"),
    )
    assert found(check, made) == expected


@pytest.mark.parametrize(
    ("counts", "remarks"),
    [
        ({"OKAND_KOD": 3, "OGILTIGT_DATUM": 2}, 2),
        ({"OKAND_KOD": 3, "DUBBLETT": 2}, 1),
        ({}, 0),
    ],
)
def test_a_count_of_several_reasons_says_that_a_row_may_be_in_it_twice(counts, remarks):
    told = run_checks(register(problem_counts=counts)).outcome("K103").remarks
    assert len(told) == remarks
    assert ("en rad som undantogs av flera skäl räknas en gång för varje" in told) == (remarks == 2)
