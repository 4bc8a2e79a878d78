"""29 kap. 9 § skollagen, rule by rule, on hand-drawn persons. The table of each rule is the one in docs/methods."""

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.target_population import TargetRules, explain, target_population

EXTRACT = date(2028, 1, 1)
BORN = "2007-05-10"
LEFT_SCHOOL = "2023-06-14"
"""The first day after compulsory school: the credential is of the day before."""
TWENTY = "2027-05-10"


class HandDrawn:
    """A register drawn by hand: one person called a, unless told otherwise."""

    follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None

    def __init__(self, *, extract_date=EXTRACT, **rows):
        self.extract_date = extract_date
        drawn = {
            "persons": [{"person_id": "a", "birth_date": BORN, "sex": "female"}],
            "residence": [{"municipality": "0180", "from_date": BORN}],
            "credentials": [{"kind": "grundskola", "date": "2023-06-13"}],
        } | rows
        self._tables = {
            name: typed_table(pd.DataFrame([{"person_id": "a"} | row for row in found]), table=name)
            for name, found in drawn.items()
            if found
        }

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def person(**columns) -> list[dict]:
    return [{"birth_date": BORN, "sex": "female"} | columns]


def enrolment(school_form, from_date, to_date=None, leave_reason=None) -> dict:
    return {"school_form": school_form, "from_date": from_date, "to_date": to_date, "leave_reason": leave_reason}


def in_target(register, *, observed_to=None, **settings) -> list[tuple[str, str]]:
    """The unbroken times in the target group, as dates."""
    found = target_population(register, observed_to=observed_to, rules=TargetRules(**settings)).intervals
    return [(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}") for start, end in zip(found["start"], found["end"], strict=True)]


def reasons(register, day, **settings) -> dict[str, str]:
    """The reason of each condition on a day."""
    population = target_population(register, rules=TargetRules(**settings))
    explained = explain(population, "a", date.fromisoformat(day))
    return dict(zip(explained["condition"], explained["reason"], strict=True))


def test_a_youth_without_a_place_is_inside_from_the_day_after_compulsory_school_to_the_20th_birthday():
    assert in_target(HandDrawn()) == [(LEFT_SCHOOL, TWENTY)]


def test_the_days_after_the_extract_are_not_answered():
    assert in_target(HandDrawn(extract_date=date(2024, 3, 1))) == [(LEFT_SCHOOL, "2024-03-01")]


def test_an_earlier_end_of_observation_can_be_asked_for_but_no_later_one():
    assert in_target(HandDrawn(), observed_to=date(2024, 1, 1)) == [(LEFT_SCHOOL, "2024-01-01")]
    with pytest.raises(DefinitionError, match="före uttaget"):
        target_population(HandDrawn(), observed_to=date(2028, 1, 2))


class TestAge:
    @pytest.mark.parametrize(
        ("born", "first_day_outside"),
        [
            ("2007-05-10", "2027-05-10"),
            ("2004-02-29", "2024-02-29"),
            ("2003-12-31", "2023-12-31"),
            ("2004-01-01", "2024-01-01"),
        ],
    )
    def test_the_20th_birthday_is_the_first_day_outside(self, born, first_day_outside):
        register = HandDrawn(
            persons=person(birth_date=born),
            residence=[{"municipality": "0180", "from_date": born}],
            credentials=[{"kind": "grundskola", "date": "2020-06-10"}],
        )
        assert in_target(register) == [("2020-06-11", first_day_outside)]

    def test_there_is_no_lower_age(self):
        register = HandDrawn(persons=person(birth_date="2008-11-20"))
        assert in_target(register)[0][0] == LEFT_SCHOOL, "leaves grade 9 at 14 years and 6 months"

    def test_without_a_birth_date_nobody_is_inside(self):
        register = HandDrawn(persons=person(birth_date=None))
        assert in_target(register) == []
        assert reasons(register, "2024-01-01")["under_20"] == "birth_date_missing"


class TestResidence:
    @pytest.mark.parametrize(
        ("residence", "expected"),
        [
            ([{"municipality": "0180", "from_date": BORN}], [(LEFT_SCHOOL, TWENTY)]),
            ([{"municipality": "0183", "from_date": BORN}], []),
            ([], []),
            ([{"municipality": "0180", "from_date": BORN, "to_date": "2024-02-01"}], [(LEFT_SCHOOL, "2024-02-01")]),
            (
                [
                    {"municipality": "0183", "from_date": BORN, "to_date": "2024-02-01"},
                    {"municipality": "0180", "from_date": "2024-02-01"},
                ],
                [("2024-02-01", TWENTY)],
            ),
            (
                [
                    {"municipality": "0180", "from_date": BORN, "to_date": "2024-02-01", "district": "rinkeby_kista"},
                    {"municipality": "0180", "from_date": "2024-02-01", "district": "jarva"},
                ],
                [(LEFT_SCHOOL, TWENTY)],
            ),
        ],
    )
    def test_every_day_of_residence_in_the_municipality_counts(self, residence, expected):
        assert in_target(HandDrawn(residence=residence)) == expected

    @pytest.mark.parametrize("residence", [[{"municipality": "0183", "from_date": BORN}], []])
    def test_a_protected_identity_elsewhere_or_nowhere_does_not_fail(self, residence):
        register = HandDrawn(persons=person(protected_identity=True), residence=residence)
        assert in_target(register) == [(LEFT_SCHOOL, TWENTY)]
        assert reasons(register, "2024-01-01")["residence"] == "protected_identity"

    def test_the_municipality_is_that_of_the_register(self):
        register = HandDrawn(residence=[{"municipality": "0183", "from_date": BORN}])
        assert in_target(register) == []
        register.municipality = "0183"
        assert in_target(register) == [(LEFT_SCHOOL, TWENTY)]


class TestCompulsorySchool:
    @pytest.mark.parametrize(
        ("schooling", "credentials", "expected"),
        [
            ([enrolment("grundskola", "2013-08-20", "2023-06-14")], [], [(LEFT_SCHOOL, TWENTY)]),
            ([enrolment("grundskola", "2013-08-20", "2023-06-14", "dropout")], [], [(LEFT_SCHOOL, TWENTY)]),
            ([enrolment("grundskola", "2013-08-20")], [], []),
            ([enrolment("grundskola", "2013-08-20", "2019-06-14", "switched")], [], []),
            (
                [
                    enrolment("grundskola", "2013-08-20", "2019-06-14", "switched"),
                    enrolment("grundskola", "2019-08-20", "2024-06-12", "completed"),
                ],
                [],
                [("2024-06-12", TWENTY)],
            ),
            (
                [enrolment("grundskola", "2013-08-20", "2023-06-20")],
                [{"kind": "grundskola", "date": "2023-06-13"}],
                [(LEFT_SCHOOL, TWENTY)],
            ),
            ([], [], [("2023-07-01", TWENTY)]),
        ],
        ids=["ended", "left early", "still running", "moved away", "two schools", "credential first", "no record"],
    )
    def test_the_first_day_after_school_begins_the_time(self, schooling, credentials, expected):
        assert in_target(HandDrawn(schooling=schooling, credentials=credentials)) == expected

    def test_without_a_record_school_is_taken_to_have_ended_in_the_year_of_turning_16(self):
        register = HandDrawn(credentials=[])
        assert in_target(register) == [("2023-07-01", TWENTY)]

    def test_a_missing_record_can_be_held_to_fail_the_condition(self):
        register = HandDrawn(credentials=[])
        assert reasons(register, "2024-01-01", school_record_missing="fails")["compulsory_school"] == "no_school_record"
        assert in_target(register, school_record_missing="fails") == []

    def test_the_assumption_is_not_made_for_someone_who_has_a_record(self):
        register = HandDrawn(credentials=[], schooling=[enrolment("grundskola", "2013-08-20")])
        assert in_target(register, school_record_missing="assumed_at_16") == []

    def test_someone_folkbokford_after_that_age_is_inside_from_the_first_residence_day(self):
        register = HandDrawn(
            persons=person(folkbokford_after_compulsory_age=True),
            residence=[{"municipality": "0180", "from_date": "2024-09-02"}],
            credentials=[],
        )
        assert in_target(register) == [("2024-09-02", TWENTY)]
        assert reasons(register, "2024-09-02")["compulsory_school"] == "folkbokford_after_compulsory_age"

    def test_the_first_residence_day_may_have_been_elsewhere(self):
        register = HandDrawn(
            persons=person(folkbokford_after_compulsory_age=True),
            residence=[
                {"municipality": "1280", "from_date": "2024-02-01", "to_date": "2024-09-02"},
                {"municipality": "0180", "from_date": "2024-09-02"},
            ],
            credentials=[],
        )
        explained = explain(register, "a", date(2024, 9, 2)).set_index("condition")
        assert explained.at["compulsory_school", "since"] == pd.Timestamp("2024-02-01")
        assert in_target(register) == [("2024-09-02", TWENTY)]


class TestEducation:
    @pytest.mark.parametrize(
        "form",
        [
            "national_programme",
            "im_programme_choice",
            "im_vocational",
            "im_individual",
            "im_language",
            "adapted_upper_secondary",
            "komvux",
            "folkhogskola",
        ],
    )
    def test_an_enrolment_takes_its_days_out_and_its_last_day_is_the_one_before_to_date(self, form):
        register = HandDrawn(schooling=[enrolment(form, "2024-01-10", "2024-03-01")])
        assert in_target(register) == [(LEFT_SCHOOL, "2024-01-10"), ("2024-03-01", TWENTY)]

    @pytest.mark.parametrize("form", ["sfi", "other", "grundskola"])
    def test_sfi_and_other_education_are_no_place(self, form):
        register = HandDrawn(schooling=[enrolment(form, "2024-01-10", "2024-03-01")])
        assert in_target(register) == [(LEFT_SCHOOL, TWENTY)]

    @pytest.mark.parametrize(("form", "switch"), [("komvux", "komvux_counts"), ("folkhogskola", "folkhogskola_counts")])
    def test_komvux_and_folkhogskola_have_their_switches(self, form, switch):
        register = HandDrawn(schooling=[enrolment(form, "2024-01-10", "2024-03-01")])
        assert in_target(register, **{switch: "no"}) == [(LEFT_SCHOOL, TWENTY)]

    def test_a_running_enrolment_has_no_end(self):
        register = HandDrawn(schooling=[enrolment("national_programme", "2024-01-10")])
        assert in_target(register) == [(LEFT_SCHOOL, "2024-01-10")]

    def test_enrolments_that_meet_or_overlap_leave_no_day_between(self):
        register = HandDrawn(
            schooling=[
                enrolment("im_language", "2024-01-10", "2024-03-01"),
                enrolment("komvux", "2024-02-10", "2024-02-20"),
                enrolment("national_programme", "2024-03-01", "2024-04-01"),
            ]
        )
        assert in_target(register) == [(LEFT_SCHOOL, "2024-01-10"), ("2024-04-01", TWENTY)]


class TestSummer:
    @pytest.mark.parametrize(
        ("first_day", "expected"),
        [
            ("2023-08-16", [("2024-02-01", TWENTY)]),
            ("2023-09-15", [("2024-02-01", TWENTY)]),
            ("2023-09-16", [(LEFT_SCHOOL, "2023-09-16"), ("2024-02-01", TWENTY)]),
        ],
    )
    def test_a_place_begun_by_15_september_counts_from_the_end_of_compulsory_school(self, first_day, expected):
        register = HandDrawn(schooling=[enrolment("national_programme", first_day, "2024-02-01", "dropout")])
        assert in_target(register) == expected

    def test_the_literal_rule_puts_every_school_leaver_inside_in_july(self):
        register = HandDrawn(schooling=[enrolment("national_programme", "2023-08-16", "2024-02-01")])
        assert in_target(register, summer_rule="literal") == [(LEFT_SCHOOL, "2023-08-16"), ("2024-02-01", TWENTY)]

    def test_started_and_left_before_15_september_is_inside_from_the_day_after_the_last(self):
        register = HandDrawn(schooling=[enrolment("national_programme", "2023-08-16", "2023-09-05", "dropout")])
        assert in_target(register) == [("2023-09-05", TWENTY)]

    @pytest.mark.parametrize(
        ("ended", "began", "expected"),
        [
            ("2024-06-14", "2024-08-19", []),
            ("2024-06-02", "2024-09-15", []),
            ("2024-06-01", "2024-08-19", [("2024-06-01", "2024-08-19")]),
            ("2024-06-14", "2024-09-16", [("2024-06-14", "2024-09-16")]),
            ("2024-06-14", "2025-08-19", [("2024-06-14", "2025-08-19")]),
        ],
        ids=["between two läsår", "both edges inside", "last day 31 May", "begun 16 September", "the year after"],
    )
    def test_the_summer_between_two_places_counts_at_any_school(self, ended, began, expected):
        register = HandDrawn(
            schooling=[
                enrolment("im_individual", "2023-08-16", ended),
                enrolment("national_programme", began),
            ]
        )
        assert in_target(register) == expected

    def test_no_place_in_the_autumn_begins_the_time_in_june(self):
        register = HandDrawn(schooling=[enrolment("im_individual", "2023-08-16", "2024-06-14")])
        assert in_target(register) == [("2024-06-14", TWENTY)]

    def test_the_reasons_tell_a_summer_from_a_first_autumn(self):
        register = HandDrawn(
            schooling=[
                enrolment("im_individual", "2023-08-16", "2024-06-14"),
                enrolment("national_programme", "2024-08-19"),
            ]
        )
        assert reasons(register, "2023-07-01")["not_in_education"] == "autumn_place"
        assert reasons(register, "2024-07-01")["not_in_education"] == "summer_between_places"
        assert reasons(register, "2024-09-01")["not_in_education"] == "enrolled"

    def test_a_misspelt_rule_is_refused_with_a_hint(self):
        with pytest.raises(DefinitionError, match='menade du "literal"'):
            target_population(HandDrawn(), summer_rule="litteral")


class TestCompleted:
    @pytest.mark.parametrize("kind", ["gymnasieexamen", "adapted_certificate", "equivalent"])
    def test_a_completed_education_ends_the_time_on_the_day_of_the_certificate(self, kind):
        credentials = [{"kind": "grundskola", "date": "2023-06-13"}, {"kind": kind, "date": "2026-06-11"}]
        assert in_target(HandDrawn(credentials=credentials)) == [(LEFT_SCHOOL, "2026-06-11")]

    def test_studiebevis_ends_nothing(self):
        register = HandDrawn(
            schooling=[enrolment("national_programme", "2023-08-16", "2026-06-12", "completed")],
            credentials=[{"kind": "grundskola", "date": "2023-06-13"}, {"kind": "studiebevis", "date": "2026-06-11"}],
        )
        assert in_target(register) == [("2026-06-12", TWENTY)]


class TestExplain:
    def test_it_shows_every_condition_in_the_order_of_the_law_with_the_day_it_began(self):
        register = HandDrawn(schooling=[enrolment("national_programme", "2024-01-10")])
        explained = explain(register, "a", date(2024, 2, 1))
        expected = pd.DataFrame(
            {
                "condition": [
                    "residence",
                    "under_20",
                    "compulsory_school",
                    "not_in_education",
                    "no_gymnasieexamen",
                    "no_adapted_certificate",
                    "no_equivalent",
                ],
                "holds": [True, True, True, False, True, True, True],
                "reason": ["resident", "under_20", "completed", "enrolled", "not_held", "not_held", "not_held"],
                "since": [BORN, BORN, LEFT_SCHOOL, "2024-01-10", BORN, BORN, BORN],
            }
        )
        found = explained.drop(columns=["label", "explanation"]).assign(
            since=explained["since"].dt.strftime("%Y-%m-%d")
        )
        pd.testing.assert_frame_equal(found, expected, check_dtype=False)

    def test_an_unknown_person_or_day_is_refused_without_the_pseudonym(self):
        population = target_population(HandDrawn())
        for asked, day in (("hemlig", date(2024, 1, 1)), ("a", date(2028, 1, 1))):
            with pytest.raises(DefinitionError) as refusal:
                explain(population, asked, day)
            assert "hemlig" not in str(refusal.value)
