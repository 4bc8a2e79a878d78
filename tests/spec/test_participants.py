"""Who is followed from the first conversation, when an intervention begins, and what ends the time: on hand-drawn registers."""

import pandas as pd
import pytest

from kaa_analysis.cohorts import CENSORED, entering_during, participation
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year
from tests.spec.test_indicators import HandDrawn, contact, numbered, offer, spell

YEAR = calendar_year(2024)
TALK = "2024-03-01"


def enrolment(person_id, start, end=None, school_form="national_programme") -> dict:
    return {"person_id": person_id, "school_form": school_form, "from_date": start, "to_date": end}


def drawn(spells=None, *, talks=((TALK, "reached"),), starts=(), enrolled=(), **columns) -> HandDrawn:
    """A girl registered 1 February 2024, reached on 1 March; somebody else's enrolment is always there."""
    return HandDrawn(
        spells or [spell("a", "2024-02-01", **columns)],
        contacts=numbered([contact("a", day, outcome) for day, outcome in talks], "contact"),
        interventions=numbered([offer("a", day, kind="aim") for day in starts], "intervention_number"),
        schooling=[enrolment("z", "2020-08-15"), *(enrolment("a", *days) for days in enrolled)],
    )


def followed(register, intervention="aim"):
    return participation(entering_during(register, YEAR), register, intervention=intervention)


def row(register) -> tuple:
    [found] = followed(register).times[["start_time", "exit_time", "way_out"]].itertuples(index=False, name=None)
    return tuple(None if pd.isna(value) else value for value in found)


CASES = {
    "goes on": ({}, (None, 337, CENSORED)),
    "begins Aim": ({"starts": ["2024-03-31"]}, (30, 337, CENSORED)),
    "the first of two": ({"starts": ["2024-05-01", "2024-03-31"]}, (30, 337, CENSORED)),
    "is enrolled": ({"enrolled": [("2024-08-19",)]}, (None, 171, "study_placement")),
    "begins, then is enrolled": (
        {"starts": ["2024-03-31"], "enrolled": [("2024-08-19",)]},
        (30, 171, "study_placement"),
    ),
    "begins on the day of studies": (
        {"starts": ["2024-08-19"], "enrolled": [("2024-08-19",)]},
        (None, 171, "study_placement"),
    ),
    "begins after studies": ({"starts": ["2024-09-19"], "enrolled": [("2024-08-19",)]}, (None, 171, "study_placement")),
    "enrolled on the last observed day": ({"enrolled": [("2025-01-31",)]}, (None, 336, "study_placement")),
    "enrolled on the day of extract": ({"enrolled": [("2025-02-01",)]}, (None, 337, CENSORED)),
    "sfi is no placement": ({"enrolled": [("2024-08-19", None, "sfi")]}, (None, 337, CENSORED)),
    "an earlier enrolment": ({"enrolled": [("2023-08-19", "2024-01-31")]}, (None, 337, CENSORED)),
    "exit to studies on the day": (
        {"leaving": "2024-08-19", "reason": "komvux", "enrolled": [("2024-08-19", None, "komvux")]},
        (None, 171, "study_placement"),
    ),
    "exit to studies that begin within 30 days": (
        {"leaving": "2024-08-19", "reason": "komvux", "enrolled": [("2024-09-18", None, "komvux")]},
        (None, 201, "study_placement"),
    ),
    "exit to studies that begin later": (
        {"leaving": "2024-08-19", "reason": "komvux", "enrolled": [("2024-09-19", None, "komvux")]},
        (None, 171, "unseen_placement"),
    ),
    "exit to studies that nobody sees": (
        {"leaving": "2024-08-19", "reason": "komvux"},
        (None, 171, "unseen_placement"),
    ),
    "moves before studies": (
        {"leaving": "2024-08-01", "reason": "moved", "enrolled": [("2024-08-19",)]},
        (None, 153, "moved"),
    ),
    "other exit on the day of studies": (
        {"leaving": "2024-08-19", "reason": "other", "enrolled": [("2024-08-19",)]},
        (None, 171, "study_placement"),
    ),
    "exit without a reason": ({"leaving": "2024-08-19", "reason": None}, (None, 171, "other")),
    "exit on the day of extract": ({"leaving": "2025-02-01", "reason": "moved"}, (None, 337, CENSORED)),
}


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_time_runs_from_the_conversation_to_what_comes_first(given, expected):
    assert row(drawn(**given)) == expected


def test_who_turns_20_leaves_on_that_day():
    register = drawn([spell("a", "2026-02-01")], talks=[("2027-03-01", "reached")])
    register.extract_date = pd.Timestamp("2028-01-01").date()
    found = participation(entering_during(register, calendar_year(2026)), register, intervention="aim").times
    assert found[["exit_time", "way_out"]].to_numpy().tolist() == [[70, "turned_20"]]


LEFT_OUT = {
    "never reached": ({"talks": [(TALK, "no_answer")]}, "never_reached"),
    "reached before the registration": ({"talks": [("2024-01-31", "reached")]}, "never_reached"),
    "reached on the exit date": ({"leaving": TALK, "reason": "moved"}, "never_reached"),
    "began on the day of the conversation": ({"starts": [TALK]}, "already_taking_part"),
    "began before": ({"starts": ["2023-10-01"]}, "already_taking_part"),
    "enrolled on the day of the conversation": ({"enrolled": [(TALK,)]}, "studying_or_20"),
    "studying since before": ({"enrolled": [("2024-02-20", "2024-04-01")]}, "studying_or_20"),
}


@pytest.mark.parametrize(("given", "step"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_who_is_not_followed_stands_in_the_flow(given, step):
    found = followed(drawn(**given))
    assert found.times.empty
    flow = found.flow_table.set_index("step")["n_persons"]
    assert flow[["never_reached", "already_taking_part", "studying_or_20", "included"]].to_dict() == {
        name: int(name == step) for name in ("never_reached", "already_taking_part", "studying_or_20", "included")
    }


def test_an_offer_without_start_or_declined_is_no_participation():
    offers = [offer("a", None, kind="aim"), offer("a", "2024-03-31", kind="aim") | {"accepted": False}]
    offers.append(offer("a", "2024-03-31", kind="coaching"))
    register = drawn()
    register._tables |= HandDrawn(
        [spell("a", "2024-02-01")], interventions=numbered(offers, "intervention_number")
    )._tables
    assert row(register)[0] is None
    assert followed(register, "coaching").times["start_time"].tolist() == [30]


def test_what_is_known_on_the_day_of_the_conversation():
    spells = [
        spell("a", "2023-09-01", "2023-10-01", "komvux", number=1),
        spell("a", "2024-02-01", number=2, entry_reason="dropout"),
    ]
    [found] = followed(drawn(spells, talks=[("2024-05-09", "reached")])).times.to_dict("records")
    known = ("sex", "age_at_zero", "days_waited", "earlier_spells", "month")
    assert [found[name] for name in known] == ["female", 16, 98, 1, 5]
    [found] = followed(drawn(spells, talks=[("2024-05-10", "reached")])).times.to_dict("records")
    assert found["age_at_zero"] == 17


def test_the_order_of_persons_is_the_cohort_s_whatever_they_are_called():
    days = {"a": "2024-02-20", "b": "2024-02-01", "c": "2024-02-10"}

    def zeros(names: dict[str, str]) -> list[str]:
        register = HandDrawn(
            [spell(names[name], day) for name, day in days.items()],
            contacts=numbered([contact(names[name], TALK, "reached") for name in days], "contact"),
            schooling=[enrolment("z", "2020-08-15")],
        )
        waited = followed(register).times["days_waited"]
        return waited.tolist()

    assert zeros({"a": "a", "b": "b", "c": "c"}) == zeros({"a": "c", "b": "a", "c": "b"}) == [29, 20, 10]


def test_bad_input_is_refused_beside_what_is_carried():
    register = drawn()
    assert len(followed(register).times) == 1
    with pytest.raises(DefinitionError, match='menade du "aim"'):
        followed(register, "ami")
    with pytest.raises(DefinitionError, match="samma uttag"):
        other = drawn()
        cohort = entering_during(other, YEAR)
        other.extract_date = pd.Timestamp("2025-03-01").date()
        participation(cohort, other, intervention="aim")
    with pytest.raises(DefinitionError, match="inga inskrivningar"):
        followed(HandDrawn([spell("a", "2024-02-01")]))
