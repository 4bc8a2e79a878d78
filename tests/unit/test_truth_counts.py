"""The truth's counts of the indicators: four persons drawn by hand, each number worked out from the definitions."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.truth.indicator_counts import indicator_counts
from kaa_analysis.synthetic.truth.tallying import KEYS, add_up, as_counts

START, EXTRACT = date(2023, 1, 1), date(2024, 3, 1)
YEAR = "2023"

PERSONS = pd.DataFrame(
    {
        "person": [1, 2, 3, 4],
        "sex": ["K", "K", "M", "M"],
        "is_protected": [False, False, False, True],
        "has_phone": [True, True, True, False],
        "birth_date": pd.to_datetime(["2004-11-10", "2003-09-01", "2003-03-02", "2003-12-01"]),
    }
)


def dated(columns: str, *lines: str) -> pd.DataFrame:
    """Return a table of written rows; ``-`` is a missing value, columns of days are given as days."""
    names = columns.split()
    table = pd.DataFrame([line.split() for line in lines], columns=names)
    days = {"start", "end", "registered", "day", "responded", "planned_visit", "known"}
    for name in names:
        if name in days:
            table[name] = pd.to_datetime(table[name].where(table[name] != "-"))
        elif name in {"person", "number", "staff"}:
            table[name] = table[name].astype("int64")
        else:
            table[name] = table[name].where(table[name] != "-", "")
    return table


TABLES = {
    "persons": PERSONS,
    "residence": dated(
        "person district start end",
        "1 RIK 2005-01-01 2023-07-01",
        "1 JAR 2023-07-01 -",
        "2 SOD 2005-01-01 2023-10-01",
        "2 - 2023-10-01 -",
        "3 SOD 2005-01-01 -",
        "4 SOD 2005-01-01 -",
    ),
    "registrations": dated(
        "person number start registered end exit_reason entry_reason",
        "1 1 2022-11-01 2022-11-05 2023-05-01 NP ALD",
        "1 2 2023-10-02 2023-10-02 - - STB",
        "2 1 2023-02-01 2023-02-01 2023-10-01 FLY -",
        "3 1 2023-03-01 2023-03-01 2023-03-01 - -",
        "3 2 2023-04-01 2023-04-01 2023-04-20 FEL -",
        "4 1 2023-06-20 2023-06-20 2024-01-01 F20 -",
    ),
    "contacts": dated(
        "person day direction channel outcome responded responder campaign staff planned_visit",
        "1 2022-10-15 U BREV NA 2022-10-15 U - 0 -",
        "1 2023-11-03 U TEL NA - - - 0 -",
        "2 2023-03-01 U BREV VH 2023-03-05 V - 0 -",
        "2 2023-03-02 U SMS EJ - - - 0 -",
        "2 2023-04-01 I TEL NA - - - 0 -",
        "4 2023-09-01 U BREV SV 2024-01-10 U - 0 -",
    ),
    "offers": dated(
        "person kind provider step route_in start end end_reason activity_after",
        "1 AIM AMF - EGEN 2023-11-03 - - -",
        "1 SYV UTBF - - - - - -",
        "2 SYV UTBF - - 2022-05-01 2023-01-01 STU STU",
        "2 COA UTBF - - 2023-05-01 2023-05-01 - -",
        "3 SYV UTBF - - 2023-08-01 - - -",
        "4 UNG AMF FOB - 2023-07-03 2023-07-10 ANN PRA",
        "4 UNG AMF PRA - 2023-07-10 2023-08-21 ARB UTL",
    ),
    "activities": dated(
        "person number kind start end known",
        "2 1 ARB - - 2023-03-05",
        "4 1 ING - - 2022-11-30",
        "4 2 OKA - 2023-11-30 2023-10-01",
    ),
}
INSIDE = dated(
    "person start end",
    "1 2022-11-01 2023-05-01",
    "1 2023-10-02 -",
    "2 2023-02-01 2023-09-01",
    "3 2023-03-01 2023-03-02",
    "4 2023-06-20 2023-12-01",
)


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    return indicator_counts(TABLES, inside=INSIDE, start=START, extract_date=EXTRACT)


@pytest.fixture(scope="module")
def of_other_ages() -> pd.DataFrame:
    """The counts where one is under 18 the whole läsår and two others turn 20 outside it."""
    born = pd.to_datetime(["2005-11-20", "2005-05-01", "2005-03-01", "2004-01-01"])
    tables = TABLES | {"persons": PERSONS.assign(birth_date=born)}
    return indicator_counts(tables, inside=INSIDE, start=START, extract_date=EXTRACT)


def in_all(counts: pd.DataFrame, indicator: str, *, period: str = YEAR, division: str = "") -> dict:
    """Return the counts of both sexes together by measure and category."""
    rows = counts[(counts["indicator"] == indicator) & (counts["period"] == period) & (counts["sex"] == "all")]
    rows = rows[rows["division"] == division]
    return {
        (measure, category): n for measure, category, n in rows[["measure", "category", "n"]].itertuples(index=False)
    }


def test_the_periods_are_those_that_begin_in_the_observed_time(counts):
    assert sorted(counts["period"].unique()) == ["2023", "2024", "hösten 2023", "läsåret 2023/24"]


def test_stock_and_flow_leave_mistakes_out(counts):
    rows = counts[(counts["indicator"] == "stock_and_flow") & (counts["period"] == YEAR)]
    assert rows.set_index(["measure", "sex"])["n"].to_dict() == {
        ("n_stock_start", "all"): 1, ("n_stock_start", "female"): 1,
        ("n_entries", "all"): 4, ("n_entries", "female"): 2, ("n_entries", "male"): 2,
        ("n_exits", "all"): 3, ("n_exits", "female"): 2, ("n_exits", "male"): 1,
        ("n_stock_end", "all"): 2, ("n_stock_end", "female"): 1, ("n_stock_end", "male"): 1,
        ("n_persons", "all"): 4, ("n_persons", "female"): 2, ("n_persons", "male"): 2,
    }  # fmt: skip
    assert in_all(counts, "stock_and_flow", period="2024") == {
        ("n_stock_start", ""): 2,
        ("n_exits", ""): 1,
        ("n_stock_end", ""): 1,
        ("n_persons", ""): 1,
    }


def test_monthly_flow_is_by_the_month_of_entry_and_of_the_first_day_outside(counts):
    assert in_all(counts, "monthly_flow") == {
        ("n_entries", "2023-02"): 1,
        ("n_entries", "2023-03"): 1,
        ("n_entries", "2023-06"): 1,
        ("n_entries", "2023-10"): 1,
        ("n_entries", "all"): 4,
        ("n_exits", "2023-03"): 1,
        ("n_exits", "2023-05"): 1,
        ("n_exits", "2023-10"): 1,
        ("n_exits", "all"): 3,
    }


def test_exits_have_their_reasons_and_a_missing_one_is_no_study_start(counts):
    assert in_all(counts, "exits_by_reason") == {
        ("n_exits", "missing"): 1,
        ("n_exits", "moved"): 1,
        ("n_exits", "national_programme"): 1,
        ("n_exits", "all"): 3,
    }
    assert in_all(counts, "share_to_studies") == {
        ("n_exits", ""): 3,
        ("n_to_studies", ""): 1,
        ("n_study_starts", ""): 1,
        ("n_elsewhere", ""): 2,
    }


def test_a_person_has_the_district_of_the_last_day_in_the_target_group(counts):
    assert in_all(counts, "registered_by_district", division="2023") == {
        ("n_persons", "jarva"): 1,
        ("n_persons", "sodermalm"): 2,
        ("n_persons", "not_shown"): 1,
        ("n_persons", "all"): 4,
    }
    assert in_all(counts, "registered_by_part_of_city", division="2023") == {
        ("n_persons", "vasterort"): 1,
        ("n_persons", "innerstaden"): 2,
        ("n_persons", "not_shown"): 1,
        ("n_persons", "all"): 4,
    }
    assert in_all(counts, "stock_by_district", division="2023") == {
        ("n_stock", "jarva"): 1,
        ("n_stock", "not_shown"): 1,
        ("n_stock", "all"): 2,
    }
    assert in_all(counts, "entries_by_district", division="2023") == {
        ("n_entries", "jarva"): 1,
        ("n_entries", "sodermalm"): 2,
        ("n_entries", "not_shown"): 1,
        ("n_entries", "all"): 4,
    }


def test_the_funnel_counts_the_last_step_and_an_answer_after_the_period_has_not_come(counts):
    assert in_all(counts, "outreach_funnel") == {
        ("n", "registered"): 4,
        ("n", "sought"): 3,
        ("n", "responded"): 2,
        ("n", "youth_responded"): 1,
        ("n", "reached"): 1,
        ("n", "in_support"): 1,
        ("n_stopped", "registered"): 1,
        ("n_stopped", "sought"): 1,
        ("n_stopped", "responded"): 1,
        ("n_stopped", "in_support"): 1,
    }


def test_volumes_count_attempts_and_persons_from_the_first_entry_on(counts):
    assert in_all(counts, "contact_volumes") == {
        ("n_attempts", "letter"): 2,
        ("n_attempts", "sms"): 1,
        ("n_attempts", "phone"): 1,
        ("n_attempts", "all"): 4,
        ("n_persons", "letter"): 2,
        ("n_persons", "sms"): 1,
        ("n_persons", "phone"): 1,
        ("n_persons", "all"): 3,
    }


def test_the_first_attempt_has_a_calendar_month_and_the_summer_a_row_of_its_own(counts):
    assert in_all(counts, "first_attempt_within_month") == {
        ("n_spells", "within"): 1,
        ("n_spells", "later_or_none"): 1,
        ("n_spells", "left_before"): 1,
        ("n_spells", "summer"): 1,
        ("n_spells", "all"): 4,
    }


def test_support_is_of_those_covered_and_an_offer_that_never_began_is_none(counts):
    assert in_all(counts, "support_by_intervention") == {
        ("n_persons", "aim"): 1,
        ("n_persons", "coaching"): 1,
        ("n_persons", "guidance"): 1,
        ("n_persons", "youth_employment"): 1,
        ("n_persons", "all"): 4,
    }
    assert in_all(counts, "support_by_provider") == {
        ("n_persons", "amf"): 2,
        ("n_persons", "utbf"): 2,
        ("n_persons", "all"): 4,
    }


def test_support_at_the_start_and_begun_less_ended_is_that_at_the_end(counts):
    assert in_all(counts, "support_flow") == {
        ("n_start", ""): 1, ("n_begun", ""): 5, ("n_ended", ""): 4, ("n_end", ""): 2,
    }  # fmt: skip
    assert in_all(counts, "support_flow_by_provider") == {
        ("n_begun", "amf"): 3, ("n_begun", "utbf"): 2, ("n_begun", "all"): 5,
        ("n_ended", "amf"): 2, ("n_ended", "utbf"): 2, ("n_ended", "all"): 4,
        ("n_end", "amf"): 1, ("n_end", "utbf"): 1, ("n_end", "all"): 2,
    }  # fmt: skip


def test_support_ends_for_a_reason_and_with_an_activity_and_what_is_not_noted_is_unknown(counts):
    reasons = in_all(counts, "support_end_reasons")
    assert {category: n for (_, category), n in reasons.items()} == {
        "guidance/studies": 1, "guidance/all": 1,
        "coaching/unknown": 1, "coaching/all": 1,
        "youth_employment/other": 1, "youth_employment/work": 1, "youth_employment/all": 2,
        "all/studies": 1, "all/unknown": 1, "all/other": 1, "all/work": 1, "all/all": 4,
    }  # fmt: skip
    assert in_all(counts, "activity_after_support") == {
        ("n_ended", "studies"): 1,
        ("n_ended", "unknown"): 1,
        ("n_ended", "internship"): 1,
        ("n_ended", "studies_abroad"): 1,
        ("n_ended", "all"): 4,
    }
    assert in_all(counts, "work_or_studies_after_support") == {
        ("n_ended", ""): 4,
        ("n_active", ""): 2,
        ("n_unknown", ""): 1,
        ("n_elsewhere", ""): 1,
        ("n_possibly", ""): 3,
    }


def test_an_exit_has_the_support_with_a_day_in_the_registration(counts):
    exits = in_all(counts, "exits_after_support")
    assert {category: n for (_, category), n in exits.items()} == {
        "coaching/moved": 1,
        "coaching/all": 1,
        "all/moved": 1,
        "all/all": 1,
    }
    of_next_year = in_all(counts, "exits_after_support", period="2024")
    assert of_next_year == {
        ("n_exits", f"{kind}/{reason}"): 1 for kind in ("youth_employment", "all") for reason in ("turned_20", "all")
    }


def test_the_steps_of_youth_employment_and_the_routes_into_aim(counts):
    assert in_all(counts, "youth_employment_steps") == {
        ("n_begun", "preparation"): 1,
        ("n_went_on", "preparation"): 1,
        ("n_begun", "practice"): 1,
        ("n_left", "practice"): 1,
    }
    assert in_all(counts, "routes_into_aim") == {("n_begun", "own_contact"): 1, ("n_begun", "all"): 1}


def test_coverage_holds_register_and_true_days_together(counts):
    assert in_all(counts, "coverage") == {
        ("n_persons", "both"): 1,
        ("n_persons", "register_other_day"): 1,
        ("n_persons", "all"): 2,
    }
    assert in_all(counts, "registered_share") == {("n_target", ""): 1, ("n_registered", ""): 1, ("n_outside", ""): 1}


def test_the_flow_of_inclusion_counts_registrations_and_persons(counts):
    assert in_all(counts, "inclusion_registered") == {
        ("n_spells", "all"): 6,
        ("n_spells", "misregistered"): 1,
        ("n_spells", "included"): 5,
        ("n_persons", "all"): 4,
        ("n_persons", "included"): 4,
    }
    assert in_all(counts, "inclusion_entering") == {
        ("n_spells", "all"): 6,
        ("n_spells", "not_entering"): 1,
        ("n_spells", "misregistered"): 1,
        ("n_spells", "included"): 4,
        ("n_persons", "all"): 4,
        ("n_persons", "included"): 4,
    }


def test_the_flow_is_told_in_its_parts_and_in_persons(counts):
    assert in_all(counts, "flow_in_parts") == {
        ("n_stock_start", ""): 1,
        ("n_first", ""): 3,
        ("n_again_within_year", ""): 1,
        ("n_to_studies", ""): 1,
        ("n_otherwise", ""): 2,
        ("n_stock_end", ""): 2,
    }
    assert in_all(counts, "persons_in_flow") == {
        ("n_persons_start", ""): 1,
        ("n_persons_first", ""): 3,
        ("n_persons_left", ""): 2,
        ("n_persons_end", ""): 2,
    }
    assert in_all(counts, "flow_in_parts", period="2024") == {
        ("n_stock_start", ""): 2,
        ("n_turned_20", ""): 1,
        ("n_stock_end", ""): 1,
    }


def test_the_two_measures_follow_the_new_ones_and_those_who_were_there(counts):
    assert in_all(counts, "study_measures") == {
        ("n_base", "entered"): 4,
        ("n_base", "before"): 1,
        ("n_base", "all"): 5,
        ("n_to_studies", "before"): 1,
        ("n_to_studies", "all"): 1,
        ("n_elsewhere", "entered"): 2,
        ("n_elsewhere", "all"): 2,
        ("n_stock_end", "entered"): 2,
        ("n_stock_end", "all"): 2,
        ("n_exits", "entered"): 2,
        ("n_exits", "before"): 1,
        ("n_exits", "all"): 3,
    }
    assert in_all(counts, "studies_within_year") == {
        ("n_entries", ""): 4,
        ("n_not_yet", ""): 2,
        ("n_followed", ""): 2,
        ("n_elsewhere_within_year", ""): 2,
    }
    assert in_all(counts, "study_bounds") == {
        ("n_exits", ""): 3,
        ("n_to_studies", ""): 1,
        ("n_unknown", ""): 1,
        ("n_at_most", ""): 2,
    }


def test_those_who_turned_20_are_told_by_the_day_before(counts):
    assert in_all(counts, "handover_at_20") == {
        ("n_persons", "all"): 2,
        ("n_persons", "sought_only"): 2,
        ("n_persons", "activity_known"): 1,
        ("n_persons", "activity_unknown"): 1,
    }


def test_the_law_in_force_is_told_alone_unless_the_days_by_the_present_law_are_known(counts):
    assert in_all(counts, "series_by_law") == {("n_entries", "as_in_force"): 4, ("n_stock_end", "as_in_force"): 2}
    bridged = INSIDE[INSIDE["person"] != 4]
    both = indicator_counts(TABLES, inside=INSIDE, inside_bridged=bridged, start=START, extract_date=EXTRACT)
    assert in_all(both, "series_by_law") == {
        ("n_entries", "as_in_force"): 4,
        ("n_entries", "bridged"): 3,
        ("n_entries", "only_as_in_force"): 1,
        ("n_stock_end", "as_in_force"): 2,
        ("n_stock_end", "bridged"): 1,
        ("n_stock_end", "only_as_in_force"): 1,
    }


SCHOOL_YEAR = "läsåret 2023/24"


def test_the_steps_of_a_school_year_are_those_of_who_is_still_sought(counts):
    assert in_all(counts, "outreach_by_step", period=SCHOOL_YEAR) == {
        ("n_eligible", "term_letter"): 1,
        ("n_eligible", "phone"): 2,
        ("n_eligible", "further_letter"): 2,
        ("n_eligible", "knackakort"): 1,
        ("n_tried", "phone"): 1,
        ("n_tried", "further_letter"): 1,
    }
    assert in_all(counts, "attempts_by_step", period=SCHOOL_YEAR) == {
        ("n_attempts", "phone"): 1,
        ("n_attempts", "further_letter"): 1,
    }
    assert in_all(counts, "response_by_step", period=SCHOOL_YEAR) == {
        ("n_tried", "phone"): 1,
        ("n_tried", "further_letter"): 1,
        ("n_responded", "phone"): 1,
    }
    assert in_all(counts, "response_of_delivered", period=SCHOOL_YEAR) == {("n_delivered", "further_letter"): 1}
    assert in_all(counts, "reached_by_step", period=SCHOOL_YEAR) == {
        ("n_tried", "phone"): 1,
        ("n_tried", "further_letter"): 1,
        ("n_reached", "phone"): 1,
    }


def test_the_routine_is_kept_with_three_days_of_calls_and_two_visitors():
    contacts = dated(
        "person day direction channel outcome responded responder campaign staff planned_visit",
        "4 2023-09-19 U BREV RET - - HT2023 0 -",
        *(f"4 2023-10-{day} U TEL EJ - - - 0 -" for day in (16, 17, 18)),
        "4 2023-10-20 U KNACK EJ - - - 0 2023-11-01",
        "4 2023-11-01 U HEM EJ - - - 2 -",
        "1 2023-10-20 U TEL EJ - - - 0 -",
        "1 2023-11-01 U HEM EJ - - - 1 -",
    )
    counts = indicator_counts(TABLES | {"contacts": contacts}, inside=INSIDE, start=START, extract_date=EXTRACT)
    assert in_all(counts, "outreach_routine", period=SCHOOL_YEAR) == {
        ("n_concerned", "calls"): 2,
        ("n_concerned", "visits"): 2,
        ("n_kept", "calls"): 1,
        ("n_kept", "visits"): 1,
    }
    assert in_all(counts, "attempts_by_step", period=SCHOOL_YEAR) == {
        ("n_attempts", "term_letter"): 1,
        ("n_attempts", "phone"): 4,
        ("n_attempts", "knackakort"): 1,
        ("n_attempts", "home_visit"): 2,
        ("n_returned", "term_letter"): 1,
    }


def test_support_is_chosen_from_the_conversation_on(counts):
    assert in_all(counts, "support_after_reached", period=SCHOOL_YEAR) == {
        ("n_persons", "amf_only"): 1,
        ("n_persons", "all"): 1,
    }
    assert in_all(counts, "support_chosen", period=SCHOOL_YEAR) == {("n_chose", "amf"): 1}


def test_the_letters_of_the_plan_are_due_to_who_has_a_studiebevis_and_to_who_turns_20(of_other_ages):
    assert in_all(of_other_ages, "routine_letters", period=SCHOOL_YEAR) == {
        ("n_due", "studiebevis"): 1,
        ("n_due", "at_twenty"): 1,
    }


def test_everybody_covered_was_reached_or_answered_or_was_tried_or_not(of_other_ages):
    assert in_all(of_other_ages, "persons_by_reach", period=SCHOOL_YEAR) == {
        ("n", "reached"): 1,
        ("n", "answered"): 1,
        ("n", "no_attempt"): 1,
        ("n", "all"): 3,
    }
    assert in_all(of_other_ages, "reached_by_age", period=SCHOOL_YEAR) == {
        ("n_covered", "under_18"): 1,
        ("n_covered", "from_18"): 2,
        ("n_covered", "all"): 3,
        ("n_reached", "under_18"): 1,
        ("n_reached", "all"): 1,
    }


def test_chunks_of_different_persons_add_up(counts):
    parts = []
    for persons in ([1, 4], [2, 3]):
        of_chunk = {name: rows[rows["person"].isin(persons)] for name, rows in TABLES.items()}
        inside = INSIDE[INSIDE["person"].isin(persons)]
        parts.append(indicator_counts(of_chunk, inside=inside, start=START, extract_date=EXTRACT))
    pd.testing.assert_frame_equal(add_up(parts), counts)
    pd.testing.assert_frame_equal(add_up([]), as_counts([]))


def test_neither_the_order_of_rows_nor_the_numbers_of_persons_change_anything(counts):
    turned = {name: rows.iloc[::-1].reset_index(drop=True) for name, rows in TABLES.items()}
    renamed = {name: rows.assign(person=rows["person"] * -7) for name, rows in turned.items()}
    inside = INSIDE.assign(person=INSIDE["person"] * -7)
    again = indicator_counts(renamed, inside=inside, start=START, extract_date=EXTRACT)
    pd.testing.assert_frame_equal(again, counts)
    assert not counts.duplicated(KEYS).any()


def test_a_row_without_a_person_and_a_code_outside_the_layout_are_refused():
    with pytest.raises(DefinitionError, match=r"utan person: 1"):
        indicator_counts(
            TABLES | {"persons": PERSONS.iloc[:3]}, inside=INSIDE.iloc[:0], start=START, extract_date=EXTRACT
        )
    wrong = TABLES["offers"].assign(kind="XXX")
    with pytest.raises(DefinitionError, match=r"kind: 6"):
        indicator_counts(TABLES | {"offers": wrong}, inside=INSIDE, start=START, extract_date=EXTRACT)
    with pytest.raises(DefinitionError, match=r"stå en gång"):
        indicator_counts(
            TABLES | {"persons": pd.concat([PERSONS, PERSONS])}, inside=INSIDE, start=START, extract_date=EXTRACT
        )
