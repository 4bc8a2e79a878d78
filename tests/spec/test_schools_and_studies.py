"""Skolslussen's fork, notices from schools, other ways to studies and the newly arrived, on registers typed by hand: whole tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import chosen_area
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import calendar_year, lasar
from kaa_analysis.core.result import cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import (
    newly_resident_support,
    notices_from_schools,
    other_study_paths,
    outreach_funnel,
    skolslussen_fork,
    stock_and_flow,
    support_by_intervention,
    without_admission,
)
from kaa_analysis.store.register import UsedGrant
from tests.spec.hand_typed import HandTyped, register
from tests.spec.test_indicators import assert_cells_agree

YEAR = calendar_year(2024)
GRANTS = tuple(
    UsedGrant(table, "UTBN 2025/1", "2025-01-15", "Utbildningsnämnden", "2026-12-31")
    for table in ("admissions", "notices")
)
EVERYBODY = (*GRANTS, replace(GRANTS[0], table="youths_outside_kaa"))
"""With these also those who have never been registered are told of."""
PERSONS = (
    "persons",
    "person_id birth_date sex",
    *(f"{name} 2006-05-10 {'female' if name < 'e' else 'male'}" for name in "abcdefgh"),
)
HOMES = ("residence", "person_id", *"abcdefgh")
GRADE_NINE = ("credentials", "person_id date", *(f"{name} 2022-06-14" for name in "abcdefgh"))


def drawn(*written, grants=GRANTS, **facts) -> HandTyped:
    return register(PERSONS, HOMES, GRADE_NINE, *written, grants=grants, **facts)


def of_both_sexes(result, *columns) -> list[tuple]:
    frame = result.frame
    return list(frame.loc[frame["sex"] == "all", list(columns)].astype(object).itertuples(index=False, name=None))


ADMISSIONS = (
    "admissions",
    "person_id year round outcome guided_date placed_date",
    "a 2024 final not_admitted 2024-07-02 -",  # guided only
    "b 2024 final not_admitted 2024-06-28 -",  # guided, and placed on 15 September in a later round
    "b 2024 reserve_2 admitted - 2024-09-15",
    "c 2024 final not_admitted - 2024-08-22",  # placed on the first school day without being guided
    "d 2024 final not_admitted 2024-09-16 -",  # guided a day too late
    "e 2024 final not_applied 2024-08-01 -",
    "f 2024 final admitted - -",
    "g 2024 reserve_1 not_admitted 2024-08-01 -",  # no row of the final admission
    "h 2023 final not_admitted - -",
)
PLACES = (
    "schooling",
    "person_id school_form from_date to_date",
    "b national_programme 2024-09-16 -",
    "c im_individual 2024-08-23 2024-09-16",
    "d adapted_upper_secondary 2024-09-15 -",
    "a komvux 2024-08-20 -",
    "e national_programme 2024-08-20 2024-09-15",
)


def test_those_without_an_admission_are_told_with_the_enrolled_of_them():
    result = without_admission(drawn(ADMISSIONS, PLACES, grants=EVERYBODY), periods=[YEAR])
    assert of_both_sexes(result, "admission_outcome", "n_persons", "n_enrolled") == [
        ("all", 5, 2),
        ("not_admitted", 4, 2),
        ("not_applied", 1, 0),
    ]
    by_sex = result.frame.set_index(["sex", "admission_outcome"])["n_persons"]
    assert (by_sex["female", "not_admitted"], by_sex["male", "not_admitted"], by_sex["male", "not_applied"]) == (
        4,
        0,
        1,
    )
    assert result.title == "Inte antagna och de som inte sökte, 2024"


def test_the_fork_is_read_on_the_first_school_day_and_on_15_september():
    typed = drawn(ADMISSIONS, PLACES, grants=EVERYBODY)
    result = skolslussen_fork(typed, periods=[YEAR])
    assert of_both_sexes(result, "fork", "n_first_school_day", "n_15_september") == [
        ("all", 4, 4),
        ("guided_only", 2, 1),
        ("placed_only", 1, 1),
        ("guided_and_placed", 0, 1),
        ("neither", 1, 1),
    ]
    assert result.title == "Inte antagna, vägledda och placerade, 2024"
    assert_cells_agree(result, without_admission(typed, periods=[YEAR]))


def test_each_year_has_its_own_admission():
    typed, years = drawn(ADMISSIONS, PLACES, grants=EVERYBODY), [calendar_year(2023), YEAR]
    rows = skolslussen_fork(typed, periods=years).frame.set_index(["period", "fork", "sex"])["n_15_september"]
    assert (rows["2023", "all", "all"], rows["2023", "neither", "male"], rows["2024", "neither", "all"]) == (1, 1, 1)
    assert of_both_sexes(without_admission(typed, periods=years), "period", "n_persons")[::3] == [
        ("2023", 1),
        ("2024", 5),
    ]


def test_a_day_that_is_not_observed_is_unknown():
    typed = drawn(ADMISSIONS, PLACES, grants=EVERYBODY, extract_date=date(2024, 9, 15))
    fork, without = (make(typed, periods=[YEAR]).frame for make in (skolslussen_fork, without_admission))
    assert fork["n_first_school_day"].notna().all()
    assert fork["n_15_september"].isna().all()
    assert without["n_persons"].notna().all()
    assert without["n_enrolled"].isna().all()


@pytest.mark.parametrize(
    ("spell", "is_told"),
    [
        ("2024-12-31 -", True),
        ("2025-01-01 -", False),
        ("2024-01-01 2024-07-02", True),
        ("2024-01-01 2024-07-01", False),  # the first day not registered
        ("2024-07-01 2024-07-01", True),
        ("2023-01-01 2023-12-01", False),
    ],
)
def test_of_a_register_of_youths_covered_only_those_of_the_autumn_are_told(spell, is_told):
    typed = drawn(
        ("admissions", "person_id year round outcome guided_date", "a 2024 final not_admitted 2024-07-02"),
        ("registrations", "person_id spell entry_date exit_date", f"a 1 {spell}"),
    )
    found = [make(typed, periods=[YEAR]) for make in (without_admission, skolslussen_fork)]
    assert [result.frame.iloc[0, 3] for result in found] == [int(is_told)] * 2
    assert found[0].note.startswith("Tabellen gäller dem som var registrerade någon dag under hösten.")


def test_the_fork_of_a_district_holds_those_who_lived_there_on_15_september():
    homes = (
        "residence",
        "person_id district from_date to_date",
        "a jarva 2006-05-10 2024-09-15",
        "a bromma 2024-09-15 -",
        "b bromma 2006-05-10 2024-09-15",
        "b jarva 2024-09-15 -",
        "c jarva 2006-05-10 -",
    )
    typed = register(PERSONS, homes, ADMISSIONS, PLACES, grants=EVERYBODY)
    result = skolslussen_fork(typed, periods=[YEAR], area=chosen_area("jarva", division="2023"))
    assert {fork: n for fork, n in of_both_sexes(result, "fork", "n_15_september") if n} == {
        "all": 2,
        "placed_only": 1,
        "guided_and_placed": 1,
    }
    place = {"extract": "2025-02-01", "period": "2024", "district": "jarva"}
    assert cell("fork_15_september", fork="neither", **place) in result.cells()
    assert result.note.endswith("Tabellen gäller dem som bodde i Järva den 15 september.")


def test_small_branches_are_put_together_and_the_total_stays():
    outcomes = [("guided_only", 6), ("placed_only", 2), ("guided_and_placed", 3), ("neither", 9)]
    days = {
        "guided_only": "2024-07-02 -",
        "placed_only": "- 2024-07-02",
        "guided_and_placed": "2024-07-02 2024-07-02",
        "neither": "- -",
    }
    written = [days[branch] for branch, n in outcomes for _ in range(n)]
    names = [f"p{number:02d}" for number in range(len(written))]
    typed = register(
        ("persons", "person_id", *names),
        ("admissions", "person_id year round outcome guided_date placed_date",
         *(f"{name} 2024 final not_admitted {day}" for name, day in zip(names, written, strict=True))),
        grants=EVERYBODY,
    )  # fmt: skip
    result = skolslussen_fork(typed, periods=[YEAR])
    released = protect([result], policy=Policy(coarsen_above=0.2), ledger=Ledger.empty())[result.id]
    values = released.values_table
    girls = values[values["sex"] == "female"][["fork", "n_15_september"]]
    assert [tuple(row) for row in girls.astype(object).to_numpy()] == [("all", 20), ("helped", 11), ("neither", 9)]


def test_the_fork_is_of_calendar_years():
    with pytest.raises(DefinitionError, match=r"redovisas per kalenderår"):
        skolslussen_fork(drawn(ADMISSIONS), periods=[lasar(2023)])


@pytest.mark.parametrize(
    ("make", "table"),
    [(without_admission, "admissions"), (skolslussen_fork, "admissions"), (notices_from_schools, "notices")],
)
def test_without_a_grant_the_table_is_a_sentence_that_says_so(make, table):
    others = tuple(grant for grant in GRANTS if grant.table != table)
    result = make(drawn(ADMISSIONS, grants=others), periods=[YEAR])
    assert result.frame.empty
    assert result.note.endswith("De tillhör utbildningsnämnden och läses in bara med ett registrerat beslut.")
    assert make(drawn(), periods=[YEAR]).note != result.note  # a grant without rows gives a table of zeros
    assert make(drawn(), periods=[YEAR]).frame.iloc[:, 3:5].fillna(0).eq(0).all(axis=None)


NOTICES = (
    "notices",
    "person_id notice_number kind date",
    "a 1 started 2024-01-10",
    "a 2 substantial_absence 2024-02-01",
    "a 3 substantial_absence 2024-03-01",
    "a 4 dropout 2024-05-01",
    "b 1 dropout 2024-05-31",
    "c 1 dropout 2024-05-01",
    "d 1 dropout 2023-12-31",
    "e 1 dropout 2024-12-31",
    "f 1 dropout 2024-06-01",
)
SPELLS = (
    "registrations",
    "person_id spell entry_date exit_date exit_reason",
    "a 1 2024-06-01 - -",  # the same day of the next month
    "b 1 2024-07-01 - -",  # the day after 30 June
    "c 1 2024-01-01 2024-05-01 national_programme",  # the first day not registered
    "e 1 2025-01-01 - -",  # within a month that is not over on 31 January
    "f 1 2024-06-10 - misregistered",
)


def test_notices_count_youths_once_a_kind_and_hold_the_first_against_a_month():
    result = notices_from_schools(drawn(NOTICES, SPELLS, extract_date=date(2025, 1, 31)), periods=[YEAR])
    assert of_both_sexes(
        result, "notice", "n_notices", "n_persons", "n_covered", "n_registered", "share_registered"
    ) == [
        ("substantial_absence", 2, 1, 1, 0, 0.0),
        ("dropout", 5, 5, 4, 1, 0.25),
    ]
    assert_cells_agree(result)
    men = result.frame.set_index(["notice", "sex"])["n_persons"]
    assert (men["dropout", "female"], men["dropout", "male"]) == (3, 2)


def test_who_is_not_in_the_target_group_within_the_month_need_not_be_registered():
    typed = drawn(
        ("notices", "person_id notice_number kind date", "a 1 dropout 2024-05-01", "b 1 dropout 2024-05-01"),
        SPELLS,
        ("schooling", "person_id school_form from_date to_date", "a national_programme 2024-01-01 2024-06-02",
         "b national_programme 2024-01-01 2024-06-01"),
    )  # fmt: skip
    result = notices_from_schools(typed, periods=[YEAR])
    assert of_both_sexes(result, "n_persons", "n_covered", "n_registered")[1] == (2, 1, 0)


def test_a_month_is_decided_when_its_last_day_is_observed():
    result = notices_from_schools(drawn(NOTICES, SPELLS, extract_date=date(2025, 2, 1)), periods=[YEAR])
    assert of_both_sexes(result, "notice", "n_covered", "n_registered")[1] == ("dropout", 5, 2)


@pytest.mark.parametrize(
    ("spell", "n"),
    [
        ("2024-02-01 2024-05-02", 1),  # registered on the day of the notice, the last one
        ("2024-02-01 2024-05-01", 0),  # not any more
        ("2024-05-01 2024-05-01", 1),  # in and out on the day of the notice
        ("2024-06-01 -", 1),
        ("2024-06-02 -", 0),
    ],
)
def test_registered_within_a_month_holds_both_days(spell, n):
    typed = drawn(
        ("notices", "person_id notice_number kind date", "a 1 dropout 2024-05-01"),
        ("registrations", "person_id spell entry_date exit_date", f"a 1 {spell}"),
    )
    assert of_both_sexes(notices_from_schools(typed, periods=[YEAR]), "n_registered")[1] == (n,)


def test_the_notices_of_a_district_are_of_those_who_lived_there_on_the_day():
    homes = (
        "residence",
        "person_id district from_date to_date",
        "a jarva 2006-05-10 2024-02-15",
        "a bromma 2024-02-15 -",
    )
    typed = register(PERSONS, homes, GRADE_NINE, NOTICES, SPELLS, grants=GRANTS)
    result = notices_from_schools(typed, periods=[YEAR], area=chosen_area("jarva", division="2023"))
    assert of_both_sexes(result, "notice", "n_notices", "n_persons") == [
        ("substantial_absence", 2, 1),
        ("dropout", 0, 0),
    ]


STUDIES = (
    "schooling",
    "person_id school_form from_date to_date",
    "a komvux 2024-03-01 -",  # on the first day not registered
    "a folkhogskola 2024-02-10 2024-02-20",  # while registered
    "b national_programme 2024-09-15 -",  # an ordinary start
    "c national_programme 2024-09-16 -",
    "d im_language 2024-02-01 -",
    "e im_language 2024-01-31 -",
    "f komvux 2024-03-02 -",  # the day after
    "g folkhogskola 2024-02-01 -",  # before the entry
    "h sfi 2024-03-01 -",
)


def test_other_ways_to_studies_begin_while_registered_or_on_the_day_of_exit():
    spells = (
        "registrations",
        "person_id spell entry_date exit_date",
        *(f"{name} 1 2024-01-15 2024-03-01" for name in "aefh"),
    )
    longer = tuple(
        f"{name} 1 {day} -"
        for name, day in (("b", "2024-01-15"), ("c", "2024-01-15"), ("d", "2024-01-31"), ("g", "2024-02-02"))
    )
    result = other_study_paths(drawn((*spells, *longer), STUDIES), periods=[calendar_year(2023), YEAR])
    assert [row for row in of_both_sexes(result, "period", "path", "n_persons") if row[0] == "2024"] == [
        ("2024", "all", 3),
        ("2024", "komvux", 1),
        ("2024", "folkhogskola", 1),
        ("2024", "flexible_national", 1),
        ("2024", "flexible_introduction", 1),
    ]
    assert result.frame.loc[result.frame["period"] == "2023", "n_persons"].eq(0).all()


def test_a_start_on_new_years_day_belongs_to_the_registration_that_ended_there():
    typed = drawn(
        ("registrations", "person_id spell entry_date exit_date", "a 1 2023-09-01 2024-01-01"),
        ("schooling", "person_id school_form from_date", "a komvux 2024-01-01"),
    )
    result = other_study_paths(typed, periods=[YEAR])
    assert of_both_sexes(result, "path", "n_persons")[:2] == [("all", 1), ("komvux", 1)]


NEW = (
    "persons",
    "person_id birth_date sex folkbokford_after_compulsory_age",
    "a 2006-05-10 female yes",
    "b 2006-05-10 female no",
    "c 2006-05-10 male -",
    "d 2006-05-10 male -",
)


def newly_arrived() -> HandTyped:
    """Four registered in 2024: a by the person's marker, b by the reason of an earlier registration, c and d by none."""
    return register(
        NEW,
        ("residence", "person_id", *"abcd"),
        ("credentials", "person_id date", *(f"{name} 2022-06-14" for name in "bcd")),
        (
            "registrations",
            "person_id spell entry_date exit_date entry_reason",
            "a 1 2024-02-01 - unknown",
            "b 1 2023-02-01 2023-03-01 newly_resident",
            "b 2 2024-02-01 - never_started",
            "c 1 2024-02-01 - -",
            "d 1 2024-02-01 - never_started",
        ),
        (
            "contacts",
            "person_id contact date outcome",
            "a 1 2024-03-01 reached",
            "b 1 2024-03-01 answered",
            "c 1 2024-03-01 reached",
            "d 1 2024-01-31 reached",
        ),
        ("interventions", "person_id start_date end_date", "b 2024-04-01 -", "c 2023-11-01 2024-01-01"),
    )


def test_the_newly_arrived_are_those_with_a_lawful_marker():
    result = newly_resident_support(newly_arrived(), periods=[YEAR])
    expected = pd.DataFrame(
        [
            ["all", 4, 2, 1, 0.5, 0.25],
            ["folkbokford_after_compulsory_age", 2, 1, 1, 0.5, 0.5],
            ["before", 2, 1, 0, 0.5, 0.0],
        ],
        columns=["reason", "n_persons", "n_reached", "n_in_support", "share_reached", "share_in_support"],
    )
    found = result.frame.query("sex == 'all'")[list(expected)].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_all_who_were_covered_reached_and_supported_are_those_of_the_other_tables():
    typed = newly_arrived()
    covered = registered_during(typed, YEAR)
    assert_cells_agree(
        newly_resident_support(typed, periods=[YEAR]),
        stock_and_flow(typed, periods=[YEAR]),
        support_by_intervention(typed, periods=[YEAR]),
        outreach_funnel(typed, covered, period=YEAR),
    )
