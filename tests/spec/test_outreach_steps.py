"""The outreach as a history, on hand-typed registers: who had come to each step, what was tried, what it led to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import chosen_area
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.periods import calendar_year, lasar
from kaa_analysis.core.result import Count
from kaa_analysis.indicators import (
    attempts_by_step,
    outreach_by_step,
    outreach_funnel,
    outreach_routine,
    persons_by_reach,
    reached_by_age,
    reached_by_step,
    response_by_step,
    response_of_delivered,
    routine_letters,
    support_after_reached,
    support_chosen,
)
from kaa_analysis.indicators.outreach_rules import OutreachRules
from tests.spec.hand_typed import HandTyped, register

LASAR = lasar(2023)
SENT, CAME = "n_tried", "n_eligible"
CONTACTS = "person_id contact date channel campaign outcome responded_date responded_by planned_visit_date staff_count"


def school_year(*contacts: str, registrations: tuple[str, ...] = ("a 2023-08-20 - -",), **facts) -> HandTyped:
    """Return a register of boys and girls who left school in June 2022; a contact is written as its columns in `CONTACTS` without the number."""
    names = list(dict.fromkeys(line.split()[0] for line in registrations))
    numbered = [[*line.split()[:1], str(number), *line.split()[1:]] for number, line in enumerate(contacts, start=1)]
    tables = {
        "registrations": ("registrations", "person_id entry_date exit_date entry_reason", *registrations),
        "persons": ("persons", "person_id", *names),
        "residence": ("residence", "person_id", *names),
        "credentials": ("credentials", "person_id", *names),
        "contacts": ("contacts", CONTACTS, *(" ".join(line + ["-"] * (10 - len(line))) for line in numbered)),
    } | facts.pop("tables", {})
    made = register(*(table for table in tables.values() if len(table) > 2), **facts)
    made.answers = KeptAnswers()
    return made


def at_steps(result, *columns: str) -> dict[str, tuple]:
    """Return the numbers of both sexes by step, the steps with only zeros left out."""
    frame = result.frame[result.frame["sex"] == "all"]
    rows = {row.outreach_step: tuple(getattr(row, name) for name in columns) for row in frame.itertuples()}
    return {step: numbers for step, numbers in rows.items() if any(numbers)}


def by(result, split: str, column: str, **chosen: str) -> dict[str, int]:
    frame = result.frame[result.frame["sex"] == "all"]
    for name, value in chosen.items():
        frame = frame[frame[name] == value]
    return {value: n for value, n in zip(frame[split], frame[column], strict=True) if n}


LETTER = "a 2023-09-19 letter HT2023 no_answer"
SMS = "a 2023-09-19 sms HT2023 no_answer"
CALLS = tuple(f"a 2023-10-{day} phone - no_answer" for day in (12, 16, 20))
FURTHER = "a 2023-11-01 letter - no_answer"
CARD = "a 2023-12-01 knackakort - no_answer - - 2023-12-12"
VISIT = "a 2023-12-12 home_visit - reached 2023-12-12 youth - 2"


def test_each_step_is_next_when_the_one_before_has_been_waited_for():
    made = school_year(LETTER, SMS, *CALLS, FURTHER, CARD, VISIT)
    assert at_steps(outreach_by_step(made, periods=[LASAR]), CAME, SENT) == dict.fromkeys(
        ("term_letter", "phone", "further_letter", "knackakort", "home_visit"), (1, 1)
    )
    attempts = attempts_by_step(made, periods=[LASAR])
    assert at_steps(attempts, "n_attempts", "n_returned") == {
        "term_letter": (1, 0),
        "phone": (3, 0),
        "further_letter": (1, 0),
        "knackakort": (1, 0),
        "home_visit": (1, 0),
    }
    assert {count.name: count.unit for count in attempts.of_role(Count)} == {
        "n_attempts": "attempts",
        "n_returned": "persons",
    }
    assert at_steps(response_by_step(made, periods=[LASAR]), "n_responded") == {"home_visit": (1,)}
    assert at_steps(reached_by_step(made, periods=[LASAR]), "n_reached") == {"home_visit": (1,)}


@pytest.mark.parametrize(
    ("contacts", "came"),
    [
        ((), {"term_letter", "further_letter"}),
        ((LETTER,), {"term_letter", "phone", "further_letter"}),
        ((LETTER, *CALLS[:2]), {"term_letter", "phone", "further_letter"}),
        ((LETTER, *CALLS), {"term_letter", "phone", "further_letter", "knackakort"}),
        ((LETTER, CALLS[0], CALLS[0], CALLS[1]), {"term_letter", "phone", "further_letter"}),
        ((LETTER, *CALLS, CARD), {"term_letter", "phone", "further_letter", "knackakort", "home_visit"}),
        (("a 2023-09-19 letter HT2023 answered 2023-09-25 youth",), {"term_letter"}),
        (("a 2023-09-19 letter HT2023 answered 2023-09-25 guardian",), {"term_letter"}),
        (("a 2023-09-19 letter HT2023 answered 2023-09-25 other",), {"term_letter", "phone", "further_letter"}),
        (("a 2023-09-19 letter HT2023 answered 2023-10-10 youth",), {"term_letter"}),
        (("a 2023-09-19 letter HT2023 answered 2023-10-11 youth",), {"term_letter", "phone", "further_letter"}),
        (("a 2023-09-19 email - answered 2023-09-25 youth", LETTER), {"term_letter"}),
    ],
)
def test_who_had_come_to_a_step_although_it_was_not_taken(contacts, came):
    assert set(at_steps(outreach_by_step(school_year(*contacts), periods=[LASAR]), CAME)) == came


@pytest.mark.parametrize(
    ("registration", "came"),
    [
        ("a 2023-08-20 - -", {"term_letter", "further_letter"}),
        ("a 2023-09-16 - -", {"term_letter", "further_letter"}),
        ("a 2023-09-17 - -", {"further_letter"}),
        ("a 2023-08-20 2023-09-16 -", {"further_letter"}),
        ("a 2024-06-30 - -", {"further_letter"}),
        ("a 2024-07-01 - -", set()),
    ],
)
def test_the_letter_at_the_start_of_term_is_for_who_is_registered_on_16_september(registration, came):
    made = school_year(registrations=(registration, "b 2023-07-02 2023-07-02 -"))
    steps = at_steps(outreach_by_step(made, periods=[LASAR]), CAME)
    assert {step for step, (n,) in steps.items() if n > (step == "further_letter")} == came


def test_who_left_before_a_step_was_next_had_not_come_to_it():
    left = school_year(LETTER, registrations=("a 2023-08-20 2023-10-11 -",))
    assert set(at_steps(outreach_by_step(left, periods=[LASAR]), CAME)) == {"term_letter"}
    stayed = school_year(LETTER, registrations=("a 2023-08-20 2023-10-12 -",))
    assert set(at_steps(outreach_by_step(stayed, periods=[LASAR]), CAME)) == {"term_letter", "phone", "further_letter"}


def test_who_has_no_phone_number_comes_to_the_card_when_others_are_called():
    phones = {"persons": ("persons", "person_id has_phone", "a no")}
    made = school_year(LETTER, tables=phones)
    assert "knackakort" in at_steps(outreach_by_step(made, periods=[LASAR]), CAME)
    unknown = school_year(LETTER, tables={"persons": ("persons", "person_id has_phone", "a -")})
    assert "knackakort" not in at_steps(outreach_by_step(unknown, periods=[LASAR]), CAME)


def test_who_has_talked_with_us_before_gets_the_letter_and_is_sought_no_further():
    before = "a 2023-06-01 phone - reached 2023-06-01 youth"
    made = school_year(before, LETTER, *CALLS, registrations=("a 2023-05-01 - -",))
    assert at_steps(outreach_by_step(made, periods=[LASAR]), CAME, SENT) == {"term_letter": (1, 1)}
    earlier_registration = school_year(before, LETTER, *CALLS)
    assert at_steps(outreach_by_step(earlier_registration, periods=[LASAR]), SENT) == {
        "term_letter": (1,),
        "phone": (1,),
    }


def test_a_contact_of_the_youths_own_ends_the_seeking_and_is_no_answer():
    tables = {
        "contacts": (
            "contacts",
            "person_id contact date channel direction campaign outcome",
            "a 1 2023-09-19 letter outgoing HT2023 no_answer",
            "a 2 2023-10-01 drop_in incoming - reached",
            "a 3 2023-10-12 phone outgoing - no_answer",
        )
    }
    made = school_year(tables=tables)
    assert at_steps(outreach_by_step(made, periods=[LASAR]), CAME, SENT) == {"term_letter": (1, 1)}
    assert at_steps(response_by_step(made, periods=[LASAR]), SENT, "n_responded") == {"term_letter": (1, 0)}


@pytest.mark.parametrize(
    ("contacts", "responded"),
    [
        (("a 2023-09-19 letter HT2023 answered 2023-10-10 youth",), {"term_letter"}),
        (("a 2023-09-19 letter HT2023 answered 2023-10-11 youth",), set()),
        (("a 2023-09-19 letter HT2023 answered 2023-10-11 youth", "a 2023-10-11 phone - no_answer"), set()),
        (("a 2023-09-19 letter HT2023 answered 2023-10-11 youth", "a 2023-10-12 phone - no_answer"), set()),
        (("a 2023-09-19 letter HT2023 answered 2023-10-05 youth", "a 2023-10-01 phone - no_answer"), {"term_letter"}),
        (
            ("a 2023-09-19 letter HT2023 no_answer", "a 2023-09-19 sms HT2023 answered 2023-09-20 youth"),
            {"term_letter"},
        ),
        (("a 2023-12-01 knackakort - answered 2023-12-11 youth 2023-12-12",), {"knackakort"}),
        (("a 2023-12-01 knackakort - answered 2023-12-12 youth 2023-12-12",), set()),
        (("a 2023-12-01 knackakort - answered 2023-12-22 youth",), {"knackakort"}),
        (("a 2023-12-01 knackakort - answered 2023-12-23 youth",), set()),
        (("a 2024-06-25 letter - answered 2024-06-30 youth",), {"further_letter"}),
        (("a 2024-06-25 letter - answered 2024-07-01 youth",), set()),
        (("a 2023-10-12 phone - guardian_only",), {"phone"}),
        (("a 2023-10-12 phone - declined",), {"phone"}),
    ],
)
def test_an_answer_comes_before_the_next_step_or_within_21_days(contacts, responded):
    assert set(at_steps(response_by_step(school_year(*contacts), periods=[LASAR]), "n_responded")) == responded


def test_an_answer_after_21_days_but_before_the_next_step_is_one():
    late = "a 2023-09-19 letter HT2023 answered 2023-10-20 other"
    answered = "a 2023-09-19 sms HT2023 answered 2023-10-20 youth"
    called = "a 2023-10-20 phone - no_answer"
    made = school_year(late, answered, called)
    assert at_steps(response_by_step(made, periods=[LASAR]), "n_responded") == {}
    rules = replace(OutreachRules(), answer_days=31)
    assert at_steps(response_by_step(made, periods=[LASAR], rules=rules), "n_responded") == {"term_letter": (1,)}
    two = school_year("a 2023-09-19 letter HT2023 answered 2023-10-15 youth", "b 2023-10-20 phone - no_answer")
    assert at_steps(response_by_step(two, periods=[LASAR]), "n_responded") == {}


@pytest.mark.parametrize(
    ("contacts", "numbers"),
    [
        (("a 2023-09-19 letter HT2023 returned_mail",), (1, 1, 0, 0)),
        (("a 2023-09-19 letter HT2023 returned_mail", "a 2023-09-19 sms HT2023 no_answer"), (1, 1, 0, 0)),
        (
            ("a 2023-09-19 letter HT2023 returned_mail", "a 2023-09-19 sms HT2023 answered 2023-09-20 youth"),
            (1, 0, 1, 1),
        ),
        (("a 2023-09-19 letter HT2023 returned_mail", "a 2023-10-03 letter HT2023 no_answer"), (1, 0, 1, 0)),
        (("a 2023-09-19 letter HT2023 no_answer",), (1, 0, 1, 0)),
    ],
)
def test_mail_is_returned_if_no_letter_of_the_step_arrived_and_nobody_answered(contacts, numbers):
    made = school_year(*contacts)
    found = at_steps(attempts_by_step(made, periods=[LASAR]), "n_returned")
    delivered = at_steps(response_of_delivered(made, periods=[LASAR]), "n_delivered", "n_responded")
    sent = at_steps(response_by_step(made, periods=[LASAR]), SENT)
    assert (sent["term_letter"][0], found.get("term_letter", (0,))[0], *delivered.get("term_letter", (0, 0))) == numbers


def test_the_letter_at_20_and_what_is_sent_outside_the_registration_is_no_step():
    made = school_year(
        "a 2023-11-01 letter F20 no_answer",
        "a 2023-08-19 letter - no_answer",
        "a 2024-03-01 letter - no_answer",
        "a 2023-11-05 email - no_answer",
        registrations=("a 2023-08-20 2024-03-01 -",),
    )
    assert at_steps(attempts_by_step(made, periods=[LASAR]), "n_attempts") == {}


def test_without_names_the_first_letter_in_the_window_is_that_of_the_start_of_term():
    lines = ("a 2023-09-15 letter - no_answer", "a 2023-09-20 letter - no_answer", "a 2023-10-20 letter - no_answer")
    made = school_year(*lines)
    window = replace(OutreachRules(), term_letter="window")
    attempts = [
        at_steps(attempts_by_step(made, periods=[LASAR], rules=one), "n_attempts") for one in (OutreachRules(), window)
    ]
    assert attempts == [{"further_letter": (3,)}, {"term_letter": (1,), "further_letter": (2,)}]


def test_only_school_years_have_these_steps():
    with pytest.raises(DefinitionError, match=r"räknas per läsår"):
        outreach_by_step(school_year(), periods=[calendar_year(2023)])
    with pytest.raises(DefinitionError, match=r"campaign eller window"):
        replace(OutreachRules(), term_letter="name")
    with pytest.raises(DefinitionError, match=r"minst 1"):
        replace(OutreachRules(), answer_days=0)


def test_the_school_years_stand_beside_each_other():
    made = school_year(
        "a 2022-09-20 letter HT2022 no_answer", LETTER, registrations=("a 2022-08-20 - -", "b 2023-08-20 - -")
    )
    result = outreach_by_step(made, periods=[lasar(2022), LASAR])
    assert result.title == "Det uppsökande arbetets steg, läsåret 2022/23–2023/24"
    sent = result.frame[(result.frame["sex"] == "female") & (result.frame["outreach_step"] == "term_letter")]
    assert sent[["period", CAME, SENT, "share_tried"]].to_numpy().tolist() == [
        ["läsåret 2022/23", 1, 1, 1.0],
        ["läsåret 2023/24", 2, 1, 0.5],
    ]


@pytest.mark.parametrize(
    ("contacts", "calls"),
    [
        (CALLS, (1, 1)),
        (CALLS[:2], (1, 0)),
        ((CALLS[0], CALLS[0], CALLS[1]), (1, 0)),
        ((*CALLS[:2], "a 2023-10-20 phone - guardian_only"), (1, 1)),
        ((*CALLS[:2], "a 2023-10-20 phone - declined"), (0, 0)),
        ((CALLS[0], "a 2023-10-20 phone - reached"), (0, 0)),
    ],
)
def test_who_does_not_answer_is_called_on_three_days(contacts, calls):
    result = outreach_routine(school_year(*contacts), periods=[LASAR])
    of_calls = (by(result, "routine", name).get("calls", 0) for name in ("n_concerned", "n_kept"))
    assert tuple(of_calls) == calls


@pytest.mark.parametrize(
    ("staff", "kept"),
    [
        (("2",), (1, 1)),
        (("3", "2"), (1, 1)),
        (("1",), (1, 0)),
        (("2", "1"), (1, 0)),
        (("-",), (1, 0)),
        (("2", "-"), (1, 0)),
    ],
)
def test_home_visits_are_made_by_two(staff, kept):
    visits = [f"a 2023-12-{12 + place} home_visit - no_answer - - - {n}" for place, n in enumerate(staff)]
    result = outreach_routine(school_year(*visits), periods=[LASAR])
    assert tuple(by(result, "routine", name).get("visits", 0) for name in ("n_concerned", "n_kept")) == kept


REACHED = "a 2023-10-12 phone - reached"


def offers(*lines: str) -> dict[str, tuple[str, ...]]:
    header = "person_id intervention_number provider start_date end_date accepted"
    return {"interventions": ("interventions", header, *lines)}


@pytest.mark.parametrize(
    ("lines", "choice"),
    [
        ((), "neither"),
        (("a 1 utbf 2023-10-12 - yes",), "utbf_only"),
        (("a 1 amf 2023-10-12 - yes",), "amf_only"),
        (("a 1 amf 2023-10-12 - -",), "amf_only"),
        (("a 1 amf 2023-10-12 - no",), "neither"),
        (("a 1 amf - - yes",), "neither"),
        (("a 1 af 2023-10-12 - yes",), "neither"),
        (("a 1 utbf 2023-10-12 - yes", "a 2 amf 2023-12-10 - yes"), "both"),
        (("a 1 utbf 2023-10-12 - yes", "a 2 amf 2023-12-11 - yes"), "utbf_only"),
        (("a 1 utbf 2023-10-11 - yes", "a 2 amf 2023-10-12 - yes"), "already"),
        (("a 1 utbf 2023-10-01 2023-10-12 yes",), "neither"),
        (("a 1 utbf 2023-10-01 2023-10-13 yes",), "already"),
    ],
)
def test_a_choice_is_support_accepted_and_begun_in_the_sixty_days_from_the_conversation(lines, choice):
    made = school_year(REACHED, tables=offers(*lines) if lines else {})
    assert by(support_after_reached(made, periods=[LASAR]), "choice", "n_persons") == {"all": 1, choice: 1}


@pytest.mark.parametrize(
    ("extract", "choice"), [(date(2023, 12, 10), "not_yet_decided"), (date(2023, 12, 11), "utbf_only")]
)
def test_a_choice_is_decided_when_sixty_days_have_been_observed(extract, choice):
    made = school_year(REACHED, tables=offers("a 1 utbf 2023-10-20 - yes"), extract_date=extract)
    assert by(support_after_reached(made, periods=[LASAR]), "choice", "n_persons") == {"all": 1, choice: 1}


@pytest.mark.parametrize(
    ("contact", "n"),
    [
        ("a 2023-06-30 phone - reached", 0),
        ("a 2023-08-01 letter - reached 2024-07-01 youth", 0),
        ("a 2023-10-12 phone - answered", 0),
    ],
)
def test_first_reached_is_by_a_conversation_in_the_period_and_none_before(contact, n):
    made = school_year(contact, registrations=("a 2023-05-01 - -",))
    assert by(support_after_reached(made, periods=[LASAR]), "choice", "n_persons") == ({"all": n} if n else {})
    again = school_year("a 2023-06-30 phone - reached", REACHED, registrations=("a 2023-05-01 - -",))
    assert by(support_after_reached(again, periods=[LASAR]), "choice", "n_persons") == {}


def test_the_shares_of_the_administrations_are_of_those_decided():
    names = "abcdef"
    lines = [f"{name} 2023-10-{12 if name < 'f' else 30} phone - reached" for name in names]
    registrations = tuple(f"{name} 2023-08-20 - -" for name in names)
    given = offers(
        "a 1 utbf 2023-10-13 - yes",
        "b 1 amf 2023-10-13 - yes",
        "c 1 utbf 2023-10-01 - yes",
        "d 1 amf 2023-10-13 - yes",
        "d 2 utbf 2023-10-14 - yes",
        "f 1 amf 2023-10-31 - yes",
    )
    made = school_year(*lines, registrations=registrations, tables=given, extract_date=date(2023, 12, 12))
    frame = support_chosen(made, periods=[LASAR]).frame
    assert frame[frame["sex"] == "female"].drop(columns=["period", "sex"]).to_numpy().tolist() == [
        ["utbf", 5, 2, 0.4],
        ["amf", 5, 2, 0.4],
    ]


@pytest.mark.parametrize(
    ("registration", "contact", "numbers"),
    [
        ("a 2023-08-20 - studiebevis", "a 2023-09-01 letter - no_answer", (1, 1)),
        ("a 2023-08-20 - studiebevis", "a 2023-10-31 letter STB2023 no_answer", (1, 1)),
        ("a 2023-08-20 - studiebevis", "a 2023-11-01 letter STB2023 no_answer", (1, 0)),
        ("a 2023-08-20 - studiebevis", "a 2023-10-01 sms - no_answer", (1, 0)),
        ("a 2023-10-31 - studiebevis", "a 2023-10-31 letter - no_answer", (1, 1)),
        ("a 2023-11-01 - studiebevis", "a 2023-11-01 letter - no_answer", (0, 0)),
        ("a 2023-08-20 2023-09-01 studiebevis", "a 2023-08-25 letter - no_answer", (0, 0)),
        ("a 2023-08-20 - unknown", "a 2023-10-01 letter - no_answer", (0, 0)),
        ("a 2023-08-20 - -", "a 2023-10-01 letter - no_answer", (0, 0)),
    ],
)
def test_who_has_a_studiebevis_gets_a_letter_in_september_or_october(registration, contact, numbers):
    result = routine_letters(school_year(contact, registrations=(registration,)), periods=[LASAR])
    assert tuple(by(result, "letter", name).get("studiebevis", 0) for name in ("n_due", "n_sent")) == numbers


@pytest.mark.parametrize(
    ("born", "leaving", "contact", "numbers"),
    [
        ("2004-03-10", "2024-03-10", "a 2024-02-08 letter F20 no_answer", (1, 1)),
        ("2004-03-10", "2024-03-10", "a 2024-02-07 letter F20 no_answer", (1, 0)),
        ("2004-03-10", "2024-03-10", "a 2024-04-10 letter F20-vt no_answer", (1, 1)),
        ("2004-03-10", "2024-03-10", "a 2024-03-01 letter HT2023 no_answer", (1, 0)),
        ("2004-03-10", "2024-03-10", "a 2024-03-01 sms F20 no_answer", (1, 0)),
        ("2004-03-10", "2024-03-09", "a 2024-03-01 letter F20 no_answer", (0, 0)),
        ("2004-07-01", "2024-07-01", "a 2024-06-20 letter F20 no_answer", (1, 1)),
        ("2004-07-02", "2024-07-02", "a 2024-06-20 letter F20 no_answer", (0, 0)),
        ("2003-07-01", "2023-07-01", "a 2023-06-20 letter F20 no_answer", (0, 0)),
        ("2004-02-29", "2024-02-29", "a 2024-02-20 letter F20 no_answer", (1, 1)),
    ],
)
def test_who_turns_20_while_registered_gets_a_letter_about_then(born, leaving, contact, numbers):
    persons = {"persons": ("persons", "person_id birth_date", f"a {born}")}
    made = school_year(contact, registrations=(f"a 2023-01-20 {leaving} -",), tables=persons)
    result = routine_letters(made, periods=[LASAR])
    assert tuple(by(result, "letter", name).get("at_twenty", 0) for name in ("n_due", "n_sent")) == numbers


def test_nobody_is_due_a_letter_until_its_last_day_is_over():
    persons = {"persons": ("persons", "person_id birth_date", "a 2003-10-10")}
    for extract, due in (
        (date(2023, 10, 31), {}),
        (date(2023, 11, 1), {"studiebevis": 1}),
        (date(2023, 11, 10), {"studiebevis": 1}),
        (date(2023, 11, 11), {"studiebevis": 1, "at_twenty": 1}),
    ):
        made = school_year(
            "a 2023-10-01 letter F20 no_answer",
            registrations=("a 2023-08-20 2023-10-10 studiebevis",),
            tables=persons,
            extract_date=extract,
        )
        result = routine_letters(made, periods=[LASAR])
        assert by(result, "letter", "n_due") == by(result, "letter", "n_sent") == due


REACHES = (
    "a 2023-10-12 phone - reached",
    "b 2023-10-12 phone - declined",
    "c 2023-10-12 phone - guardian_only",
    "d 2023-10-12 phone - no_answer",
)
FIVE = tuple(f"{name} 2023-08-20 - -" for name in "abcde")


def test_everybody_covered_is_in_one_group_and_they_are_those_of_the_funnel():
    made = school_year(*REACHES, registrations=FIVE)
    result = persons_by_reach(made, periods=[LASAR])
    assert by(result, "reach", "n") == {"all": 5, "reached": 1, "answered": 2, "no_answer": 1, "no_attempt": 1}
    cohort = registered_during(made, LASAR)
    known = (
        outreach_funnel(made, cohort, period=LASAR).cells()
        | result.cells()
        | reached_by_age(made, periods=[LASAR]).cells()
    )
    checked = 0
    for equation in (*result.all_equations(), *reached_by_age(made, periods=[LASAR]).all_equations()):
        values = [known.get(place) for _, place in equation.terms]
        if None not in values:
            checked += 1
            assert sum(factor * n for (factor, _), n in zip(equation.terms, values, strict=True)) == 0
    assert checked


def test_age_is_that_on_the_first_registered_day_of_the_period():
    persons = {
        "persons": (
            "persons",
            "person_id birth_date",
            "a 2005-08-20",
            "b 2005-08-21",
            "c 2005-07-01",
            "d 2005-07-02",
        )
    }
    entries = ("a 2023-08-20 - -", "b 2023-08-20 - -", "c 2023-05-20 - -", "d 2023-05-20 - -")
    made = school_year("a 2023-10-12 phone - reached", registrations=entries, tables=persons)
    result = reached_by_age(made, periods=[LASAR])
    assert by(result, "age", "n_covered") == {"all": 4, "under_18": 2, "from_18": 2}
    assert by(result, "age", "n_reached") == {"all": 1, "from_18": 1}


def test_a_district_has_its_own_and_together_they_are_the_city():
    homes = {
        "residence": (
            "residence",
            "person_id district from_date",
            "a farsta 2010-01-01",
            "b farsta 2010-01-01",
            "c bromma 2010-01-01",
            "d bromma 2010-01-01",
            "e bromma 2010-01-01",
        )
    }
    letters = tuple(f"{name} 2023-09-19 letter HT2023 no_answer" for name in "acde")
    made = school_year(*letters, registrations=FIVE, tables=homes)
    areas = [chosen_area(name, division="2023") for name in ("farsta", "bromma")]
    sent = [at_steps(outreach_by_step(made, periods=[LASAR], area=area), CAME, SENT)["term_letter"] for area in areas]
    assert sent == [(2, 1), (3, 3)]
    assert at_steps(outreach_by_step(made, periods=[LASAR]), CAME, SENT)["term_letter"] == (5, 4)
    reach = [by(persons_by_reach(made, periods=[LASAR], area=area), "reach", "n")["all"] for area in areas]
    assert reach == [2, 3]
