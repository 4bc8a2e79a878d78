"""What is kept of a register or a target population: found once, handed out as copies, gone with its owner."""

import gc
import pickle
from dataclasses import replace

import pandas as pd
import pytest

from kaa_analysis.cohorts import counted_spells, entering_during, registered_during
from kaa_analysis.cohorts.area import district_on
from kaa_analysis.cohorts.asked_districts import asked_districts
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.spells import all_spells
from kaa_analysis.core.kept_answers import KeptAnswers, answers_of
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.store import register as register_module
from kaa_analysis.store.register import Register, write_register
from kaa_analysis.target_population import TargetRules, target_population
from tests.unit.described_register import described_register

ANNA, BO, CLEO = "a" * 16, "b" * 16, "c" * 16
YEAR = calendar_year(2024)


def days(*texts) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts))).astype("datetime64[us]")


@pytest.fixture
def register(tmp_path) -> Register:
    everybody = [ANNA, BO, CLEO]
    rows = {
        "persons": {
            "person_id": everybody,
            "birth_date": days("2007-02-28", "2006-05-10", "2007-09-01"),
            "sex": ["female", "male", "female"],
        },
        "residence": {
            "person_id": [ANNA, ANNA, BO, CLEO],
            "municipality": ["0180"] * 4,
            "district": ["01", "03", "04", "08"],
            "from_date": days("2007-02-28", "2024-03-01", "2006-05-10", "2007-09-01"),
            "to_date": days("2024-03-01", None, None, None),
        },
        "credentials": {
            "person_id": everybody,
            "kind": ["grundskola"] * 3,
            "date": days("2023-06-13", "2022-06-13", "2023-06-13"),
        },
        "registrations": {
            "person_id": [ANNA, ANNA, BO, CLEO],
            "spell": [1, 2, 1, 1],
            "entry_date": days("2023-09-15", "2024-09-15", "2024-01-10", "2024-09-20"),
            "exit_date": days("2024-02-01", None, "2024-11-01", None),
            "exit_reason": ["komvux", None, "misregistered", None],
        },
        "contacts": {
            "person_id": [ANNA, BO, ANNA],
            "contact": [1, 1, 2],
            "date": days("2023-10-01", "2024-02-01", "2024-10-01"),
            "direction": ["outgoing", "incoming", "outgoing"],
            "channel": ["letter", "phone", "phone"],
            "outcome": ["no_answer", "reached", "reached"],
        },
    }
    described = described_register(tmp_path / "registers" / "prov-1")
    return write_register(described, tables_to_write={name: pd.DataFrame(columns) for name, columns in rows.items()})


ASKED = {
    "columns": lambda register, population: register.table("contacts", columns=["date", "person_id"]),
    "all spells": lambda register, population: all_spells(register),
    "counted spells": lambda register, population: counted_spells(register, population=population),
    "registered": lambda register, population: registered_during(register, YEAR, population=population).spells,
    "entering": lambda register, population: entering_during(register, YEAR, population=population).spells,
    "intervals": lambda register, population: target_population(register).intervals,
    "conditions": lambda register, population: target_population(register).conditions,
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=list(ASKED))
def test_an_answer_that_somebody_has_changed_is_the_same_the_next_time_and_for_a_register_that_keeps_nothing_yet(
    register, ask
):
    population = target_population(register)
    first = ask(register, population)
    expected = first.copy(deep=True)
    first.iloc[0, 0] = first.iloc[-1, 0]
    first["person_id"] = "d" * 16
    first.loc[first.index[0]] = first.loc[first.index[-1]]
    pd.testing.assert_frame_equal(ask(register, population), expected)
    pd.testing.assert_frame_equal(ask(replace(register), target_population(replace(register))), expected)


def test_a_column_is_read_once_whichever_columns_it_is_asked_with(register, monkeypatch):
    read = []
    original = Register._read
    monkeypatch.setattr(
        Register, "_read", lambda self, schema, columns: read.append(columns) or original(self, schema, columns=columns)
    )
    whole = register.table("residence")
    assert list(register.table("persons", columns=["sex", "person_id"])) == ["sex", "person_id"]
    assert list(register.table("persons", columns=["person_id", "birth_date"])) == ["person_id", "birth_date"]
    register.table("persons", columns=["birth_date", "sex"])
    assert read == [list(whole.columns), ["sex", "person_id"], ["birth_date"]]


def test_a_table_too_large_to_be_kept_is_read_anew_with_the_same_rows(register, monkeypatch):
    expected = register.table("registrations", columns=["spell", "person_id"])
    monkeypatch.setattr(register_module, "KEPT_ROWS", 3)
    another = replace(register)
    for _ in range(2):
        pd.testing.assert_frame_equal(another.table("registrations", columns=["spell", "person_id"]), expected)
    assert another.answers.answer(("columns", "registrations"), lambda: None) == {}


def test_spells_are_counted_for_each_population_by_itself(register):
    wide, narrow = (
        target_population(register, rules=TargetRules(school_record_missing=rule, certificate_day=day))
        for rule, day in (("assumed_at_16", "first_day_outside"), ("fails", "last_day_inside"))
    )
    nobody = replace(wide, intervals_table=wide.intervals_table.iloc[:0])
    assert [len(counted_spells(register, population=found)) for found in (wide, narrow, nobody, wide)] == [3, 3, 0, 3]


def test_districts_asked_before_and_anew_are_those_that_the_register_answers(register):
    persons = pd.Series([ANNA, BO, ANNA, CLEO], dtype="string", index=[7, 3, 5, 1])
    for asked in (
        days("2024-02-29", "2024-02-29", "2024-03-01", None),
        days("2024-02-29", "2005-01-01", None, "2024-03-01"),
        days(None, None, None, None),
    ):
        day = asked.set_axis(persons.index)
        for _ in range(2):
            found = asked_districts(register, persons, day)
            pd.testing.assert_series_equal(found, district_on(register, persons, day), check_names=False)


def test_a_person_whom_the_register_does_not_hold_is_asked_about_like_any_other(register):
    persons, day = pd.Series([ANNA, "f" * 16], dtype="string"), days("2024-01-01", "2024-01-01")
    pd.testing.assert_series_equal(asked_districts(register, persons, day), district_on(register, persons, day))


def test_attempts_are_those_that_go_out(register):
    found = all_attempts(register)
    assert found.rows["channel"].tolist() == ["letter", "phone"]
    assert found.rows[["answered", "youth_answered", "reached"]].to_numpy().tolist() == [[False] * 3, [True] * 3]
    assert found.numbers_of(pd.Series([ANNA, BO, CLEO])).tolist() == [0, 1, -1]
    assert all_attempts(register) is found


class Owner:
    def __init__(self):
        self.answers = KeptAnswers()


def test_what_is_kept_beside_another_object_is_gone_with_it():
    owner, other, found = Owner(), Owner(), []

    def find():
        found.append(1)
        return len(found)

    assert [owner.answers.answer("n", find, beside=other) for _ in range(2)] == [1, 1]
    assert owner.answers.answer("n", find) == 2
    del other
    gc.collect()
    assert len(owner.answers._beside) == 0


def test_one_that_keeps_nothing_is_asked_anew_and_a_copy_sent_away_begins_with_nothing():
    found = iter(range(3))
    assert [answers_of(object()).answer("n", lambda: next(found)) for _ in range(2)] == [0, 1]
    kept = KeptAnswers()
    kept.answer("n", lambda: 7)
    assert pickle.loads(pickle.dumps(kept)).answer("n", lambda: 8) == 8
