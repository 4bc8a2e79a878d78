"""The tables of docs/methods/target_population.md, row by row: each edge case, each setting, each birthday."""

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import birthday
from kaa_analysis.core.vocabularies import codes
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import (
    CONDITIONS,
    TargetRules,
    changes_of_law,
    conditions_on,
    exit_kind,
    explain,
    explanation_text,
    inside_by_rules,
    options,
    target_population,
    wording_on,
    wordings,
)
from kaa_analysis.target_population.conditions_of_law import SETTINGS_OF

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "methods" / "target_population.md"
BORN = "2007-05-10"
GRADE_9 = {"kind": "grundskola", "date": "2023-06-13"}


class HandDrawn:
    """A register drawn by hand: one person called a, unless told otherwise."""

    follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None
    extract_date = date(2028, 1, 1)

    def __init__(self, **rows):
        drawn = {
            "persons": [{"birth_date": BORN}],
            "residence": [{"municipality": "0180", "from_date": BORN}],
            "credentials": [GRADE_9],
        } | rows
        self._tables = {
            name: typed_table(pd.DataFrame([{"person_id": "a", "sex": "female"} | row for row in found]), table=name)
            if name == "persons"
            else typed_table(pd.DataFrame([{"person_id": "a"} | row for row in found]), table=name)
            for name, found in drawn.items()
            if found
        }

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def enrolled(*rows) -> dict:
    names = ("school_form", "from_date", "to_date", "leave_reason")
    return {"schooling": [dict(zip(names, row, strict=False)) for row in rows]}


def lived(*rows) -> dict:
    return {
        "residence": [dict(zip(("municipality", "from_date", "to_date"), row, strict=False)) for row in rows],
    }


def admissions(*rows) -> dict:
    return {"admissions": [dict(zip(("year", "round", "outcome"), row, strict=True)) for row in rows]}


ADMITTED = admissions((2023, "final", "admitted"))


def certificate(kind) -> dict:
    return {"credentials": [GRADE_9, {"kind": kind, "date": "2026-06-11"}]}


def of_law(born, left, *rows) -> dict:
    persons = {"persons": [{"birth_date": born}], "credentials": [{"kind": "grundskola", "date": left}]}
    return persons | lived(("0180", born)) | enrolled(*rows)


CASES = {
    "plain": {},
    "protected_elsewhere": {"persons": [{"birth_date": BORN, "protected_identity": True}], **lived(("0183", BORN))},
    "moved_out": lived(("0180", BORN, "2024-02-01"), ("0183", "2024-02-01")),
    "moved_out_and_in": lived(("0180", BORN, "2024-02-01"), ("0180", "2024-02-01")),
    "one_day": lived(("0183", BORN, "2024-02-01"), ("0180", "2024-02-01", "2024-02-01"), ("0183", "2024-02-02")),
    "returned_at_17": {
        "persons": [{"birth_date": BORN, "folkbokford_after_compulsory_age": True}],
        "credentials": [],
        **lived(("0180", BORN, "2017-08-01"), ("0180", "2024-09-02")),
    },
    "returned_at_13": {
        "credentials": [],
        **lived(("0180", BORN, "2017-08-01"), ("0180", "2021-03-01")),
        **enrolled(("grundskola", "2013-08-20", "2017-06-15", "other")),
    },
    "no_record": {"credentials": []},
    "born_29_february": of_law("2004-02-29", "2020-06-10"),
    "left_at_14": {"persons": [{"birth_date": "2008-11-20"}]},
    "autumn_place": enrolled(("national_programme", "2023-08-16")),
    "accepted_never_started": ADMITTED,
    "accepted_in_reserve": admissions((2023, "final", "not_admitted"), (2023, "reserve_1", "admitted")),
    "accepted_twice": admissions((2023, "final", "admitted"), (2023, "reserve_2", "admitted")),
    "not_admitted": admissions((2023, "final", "not_admitted"), (2023, "reserve_1", "not_applied")),
    "accepted_another_autumn": admissions((2022, "final", "admitted")),
    "accepted_started_15_september": {**ADMITTED, **enrolled(("national_programme", "2023-09-15"))},
    "accepted_started_16_september": {**ADMITTED, **enrolled(("national_programme", "2023-09-16"))},
    "accepted_started_late": {**ADMITTED, **enrolled(("national_programme", "2023-10-02"))},
    "started_and_left": {
        **ADMITTED,
        **enrolled(("national_programme", "2023-08-16", "2023-09-05", "dropout")),
    },
    "between_two_lasar": enrolled(("im_individual", "2023-08-16", "2024-06-14"), ("national_programme", "2024-08-19")),
    "accepted_second_year": {
        **admissions((2024, "final", "admitted")),
        **enrolled(("im_individual", "2023-08-16", "2024-06-14")),
    },
    "accepted_left_in_may": {
        **admissions((2024, "final", "admitted")),
        **enrolled(("im_individual", "2023-08-16", "2024-06-01")),
    },
    "cut_in_june": enrolled(("im_individual", "2023-08-16", "2024-06-14")),
    "komvux": enrolled(("komvux", "2024-01-10", "2024-03-01")),
    "folkhogskola": enrolled(("folkhogskola", "2024-01-10", "2024-03-01")),
    "sfi_alone": enrolled(("sfi", "2024-01-10", "2024-03-01")),
    "gymnasieexamen": certificate("gymnasieexamen"),
    "adapted_certificate": certificate("adapted_certificate"),
    "studiebevis": certificate("studiebevis"),
    "ib": certificate("ib_diploma"),
    "foreign_degree": certificate("foreign_degree"),
    "folkhogskola_eligibility": certificate("folkhogskola_eligibility"),
    "law_im_across": of_law("2000-05-10", "2016-06-14", ("im_individual", "2017-01-09", "2019-06-14")),
    "law_im_before": of_law("2000-05-10", "2016-06-14", ("im_language", "2017-01-09", "2018-03-01")),
    "law_im_from": of_law("2000-05-10", "2016-06-14", ("im_vocational", "2018-07-01")),
    "law_im_then_national": of_law(
        "2000-05-10",
        "2016-06-14",
        ("im_programme_choice", "2016-08-15", "2018-06-15"),
        ("national_programme", "2018-08-20"),
    ),
    "law_national": of_law("2000-05-10", "2016-06-14", ("national_programme", "2016-08-15", "2019-06-14")),
    "law_im_and_20": of_law("1998-07-01", "2016-06-14", ("im_individual", "2017-01-09")),
    "law_2015": of_law("1996-05-10", "2012-06-13"),
}


def rows_of(first_heading: str) -> list[list[str]]:
    """The rows of the page's table whose first heading is given."""
    lines = iter(PAGE.read_text(encoding="utf-8").splitlines())
    next(line for line in lines if line.startswith(f"| {first_heading} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


ROWS = [(case, setting, inside, why) for case, _, setting, inside, why in rows_of("case")]


def found_in(case, setting):
    name, _, value = setting.partition("=")
    register = HandDrawn(**CASES[case])
    rules = TargetRules(**({name: value} if name else {}))
    return target_population(register, rules=rules)


@pytest.mark.parametrize(("case", "setting", "inside", "why"), ROWS, ids=[" ".join(row[:2]).strip() for row in ROWS])
def test_each_edge_case_of_the_page_is_as_it_says(case, setting, inside, why):
    found = found_in(case, setting).intervals
    told = [f"{start:%Y-%m-%d} – {end:%Y-%m-%d}" for start, end in zip(found["start"], found["end"], strict=True)]
    assert ("; ".join(told) or "never", "; ".join(found["end_reason"])) == (inside, why)


def test_the_page_has_every_drawn_case_and_every_other_value_of_every_setting():
    assert {case for case, *_ in ROWS} == set(CASES)
    assert {setting for _, setting, *_ in ROWS if setting} == set(TargetRules().alternatives())


def test_the_settings_of_the_page_and_their_defaults_are_those_of_the_rules():
    told = {
        name: tuple(cell.strip().strip("`") for cell in allowed.split(",")) for name, allowed, _ in rows_of("setting")
    }
    assert told == options()


def test_every_setting_is_a_question_in_avgoranden_with_its_default():
    with (ROOT / "docs" / "avgoranden.csv").open(encoding="utf-8") as file:
        asked = list(csv.DictReader(file))
    missing = [
        name
        for name, allowed in options().items()
        if not any(f"{name}: {allowed[0]}" in row["default"] and allowed[1] in row["options"] for row in asked)
    ]
    assert missing == []


def test_every_setting_and_every_reason_has_its_swedish_words():
    assert {f"{name}={value}" for name, allowed in options().items() for value in allowed} | {"unchanged"} == codes(
        "target_setting"
    )
    used = {reason for case, setting, *_ in ROWS for reason in found_in(case, setting).conditions["reason"]}
    assert used <= codes("target_reason")


@pytest.mark.parametrize(("age", "first", "second"), rows_of("age"))
def test_each_birthday_of_the_page_is_as_it_says(age, first, second):
    born = pd.to_datetime(pd.Series(["2004-02-29"]))
    told = [f"{birthday(born, int(age), leap_day=rule)[0]:%Y-%m-%d}" for rule in ("1_march", "28_february")]
    assert told == [first, second]


def test_a_misspelt_value_is_refused_with_a_hint():
    with pytest.raises(DefinitionError, match=r'komvux_counts ska vara yes eller no \(menade du "yes"\?\)'):
        TargetRules(komvux_counts="yess")


class TestWordings:
    def test_there_are_three_each_from_its_day(self):
        assert [(wording.in_force, wording.act) for wording in wordings()] == [
            (date(2015, 1, 1), "Lag (2014:1002)"),
            (date(2018, 7, 1), "Lag (2018:749)"),
            (date(2023, 7, 2), "Lag (2022:1315)"),
        ]
        assert [new.same_content(old) for old, new in pairwise(wordings())] == [False, True]

    @pytest.mark.parametrize(
        ("day", "act"),
        [
            ("2015-01-01", "Lag (2014:1002)"),
            ("2018-06-30", "Lag (2014:1002)"),
            ("2018-07-01", "Lag (2018:749)"),
            ("2023-07-01", "Lag (2018:749)"),
            ("2023-07-02", "Lag (2022:1315)"),
        ],
    )
    def test_a_day_has_the_wording_in_force(self, day, act):
        assert wording_on(date.fromisoformat(day)).act == act

    def test_no_day_before_the_first_has_one(self):
        with pytest.raises(DefinitionError, match="aktivitetsansvarets tid"):
            wording_on(date(2014, 12, 31))

    @pytest.mark.parametrize(
        ("day", "label"),
        [
            ("2018-06-30", "Genomför inte nationellt program i gymnasieskolan, gymnasiesärskola eller motsvarande"),
            ("2023-07-01", "Genomför inte gymnasieskola, gymnasiesärskola eller motsvarande"),
            ("2023-07-02", "Genomför inte gymnasieskola, anpassad gymnasieskola eller motsvarande"),
        ],
    )
    def test_an_explanation_names_things_as_the_wording_of_the_day(self, day, label):
        register = HandDrawn(**of_law("2004-05-10", "2018-06-14"))
        explained = explain(register, "a", date.fromisoformat(day)).set_index("condition")
        assert explained.at["not_in_education", "label"] == label

    @pytest.mark.parametrize(
        ("day", "holds", "reason", "since"),
        [
            ("2018-06-30", True, "introduction_programme_inside", "2017-01-09"),
            ("2018-07-01", False, "law_change", "2018-07-01"),
            ("2019-06-14", True, "no_place", "2019-06-14"),
        ],
    )
    def test_the_change_of_the_law_is_the_reason_from_its_day(self, day, holds, reason, since):
        explained = explain(found_in("law_im_across", ""), "a", date.fromisoformat(day)).set_index("condition")
        told = explained.loc["not_in_education", ["holds", "reason", "since"]].tolist()
        assert told == [holds, reason, pd.Timestamp(since)]

    def test_the_new_names_of_2023_end_and_begin_nothing(self):
        population = found_in("plain", "")
        edges = {*population.conditions["start"], *population.intervals["end"]}
        assert pd.Timestamp("2023-07-02") not in edges


class TestExitKind:
    REGISTRATIONS = (
        ("law_im_across", "2016-08-01", "2017-01-09", "introduction_programme", "measure_inside"),
        ("law_im_across", "2016-08-01", "2018-07-01", "introduction_programme", "administrative"),
        ("law_im_across", "2016-08-01", "2018-09-03", "other", "administrative"),
        ("law_im_across", "2016-08-01", "2018-06-30", "moved", "exit"),
        ("law_im_across", "2018-07-01", "2018-09-03", "other", "exit"),
        ("law_im_across", "2016-08-01", "2019-09-01", "komvux", "exit"),
        ("law_im_from", "2016-08-01", "2018-07-01", "introduction_programme", "exit"),
        ("law_im_across", "2016-08-01", None, None, None),
    )

    @pytest.mark.parametrize(("case", "entry", "exit_date", "reason", "kind"), REGISTRATIONS)
    def test_an_exit_is_told_from_an_administrative_end_and_from_a_measure(self, case, entry, exit_date, reason, kind):
        registrations = typed_table(
            pd.DataFrame(
                [{"person_id": "a", "spell": 1, "entry_date": entry, "exit_date": exit_date, "exit_reason": reason}]
            ),
            table="registrations",
        )
        [found] = exit_kind(registrations, population=found_in(case, ""))
        assert (None if pd.isna(found) else found) == kind

    def test_the_kinds_are_those_of_the_vocabulary(self):
        assert {row[-1] for row in self.REGISTRATIONS} - {None} == codes("exit_kind")

    def test_a_bridged_population_knows_no_change(self):
        with pytest.raises(DefinitionError, match="lydelserna som de gällde"):
            exit_kind(pd.DataFrame(), population=found_in("law_im_across", "law=bridged"))


class TestConditionsAsColumns:
    def test_everybody_has_a_row_and_every_condition_its_reason_and_begin_date(self):
        found = conditions_on(found_in("komvux", ""), date(2024, 2, 1))
        told = {name: [True, "not_held", BORN] for name in CONDITIONS} | {
            "residence": [True, "resident", BORN],
            "under_20": [True, "under_20", BORN],
            "compulsory_school": [True, "completed", "2023-06-14"],
            "not_in_education": [False, "enrolled", "2024-01-10"],
        }
        expected = pd.DataFrame({"person_id": ["a"], "in_target": [False]})
        for name, (holds, reason, since) in told.items():
            expected[name], expected[f"{name}_reason"] = holds, reason
            expected[f"{name}_since"] = pd.Timestamp(since)
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)

    @pytest.mark.parametrize("day", [date(2028, 1, 1), date(2014, 12, 31)])
    def test_a_day_without_an_answer_is_refused(self, day):
        with pytest.raises(DefinitionError):
            conditions_on(found_in("plain", ""), day)

    def test_the_names_of_persons_and_their_order_change_nothing(self):
        def register(names):
            drawn = HandDrawn()
            born = [BORN, "2005-02-01", "2006-11-30"]
            persons = pd.DataFrame({"person_id": names, "birth_date": born, "sex": "female"})
            lives = persons[["person_id"]].assign(municipality="0180", from_date=born)
            drawn._tables = {
                "persons": typed_table(persons.sort_values("person_id"), table="persons"),
                "residence": typed_table(lives, table="residence"),
            }
            return drawn

        found = [
            target_population(register(names)).intervals.replace({"person_id": dict(zip(names, "xyz", strict=True))})
            for names in (["a", "b", "c"], ["c", "a", "b"])
        ]
        one, other = (frame.sort_values("person_id", ignore_index=True) for frame in found)
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("case", ["started_and_left", "law_im_across", "accepted_never_started", "returned_at_13"])
def test_all_rules_at_once_give_the_same_days_as_each_alone(case):
    register = HandDrawn(**CASES[case])
    rules = {"unchanged": TargetRules(), **TargetRules().alternatives()}
    found = inside_by_rules(register, rules=rules, persons=pd.Series(["a"]))
    assert list(found) == list(rules)
    for name, chosen in rules.items():
        alone = target_population(register, rules=chosen).intervals[["person_id", "start", "end"]]
        pd.testing.assert_frame_equal(found[name].sort_values("start", ignore_index=True), alone, check_dtype=False)


def test_each_setting_moves_some_condition():
    assert {setting for settings in SETTINGS_OF.values() for setting in settings} == set(options())
    assert list(SETTINGS_OF) == list(CONDITIONS)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (
            "2023-09-15",
            "antagen till en plats till hösten; räknas till och med 15 september [accepted_place], sedan 2023-06-14",
        ),
        ("2023-09-16", "ingen studieplats [no_place], sedan 2023-09-16"),
    ],
)
def test_the_explanation_tells_the_accepted_place(day, words):
    assert f"    {words}" in explanation_text(HandDrawn(**ADMITTED), "a", date.fromisoformat(day)).splitlines()


def test_law_and_summer_can_be_named_without_other_rules():
    found = target_population(HandDrawn(), law="bridged", summer_rule="literal").rules
    assert found == TargetRules(law="bridged", summer_rule="literal")


@pytest.mark.parametrize("case", sorted(CASES))
def test_after_the_last_change_both_laws_have_the_same_days(case):
    def days(law):
        found = target_population(HandDrawn(**CASES[case]), law=law).intervals[["start", "end"]]
        found = found.assign(start=found["start"].clip(lower=pd.Timestamp(changes_of_law()[-1])))
        return found[found["start"] < found["end"]].reset_index(drop=True)

    pd.testing.assert_frame_equal(days("as_in_force"), days("bridged"))


def test_only_those_asked_about_are_answered_and_as_among_all():
    register = HandDrawn()
    asked = target_population(register, persons=pd.Series(["a"]))
    pd.testing.assert_frame_equal(asked.intervals, target_population(register).intervals)
    assert target_population(register, persons=pd.Series(["b"])).intervals.empty


def test_the_explanation_in_words_says_neither_pseudonym_nor_birth_date():
    text = explanation_text(HandDrawn(), "a", date(2027, 6, 1))
    assert "sedan 20-årsdagen" in text
    assert BORN not in text
    assert "2027-05-10" not in text
