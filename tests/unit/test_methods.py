"""The method text of every result: each entry belongs to a result, each result carries one, and a wrong file is refused."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kaa_analysis import cohorts, indicators, survival
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.periods import calendar_year, lasar
from kaa_analysis.core.result import Method, Result, result_from_record
from kaa_analysis.core.strict_yaml import read_strict_yaml
from kaa_analysis.indicators.splits import METHODS as INDICATOR_METHODS
from kaa_analysis.store.dtypes import empty_table, typed_table
from kaa_analysis.survival.linked_counts import METHODS as SURVIVAL_METHODS
from kaa_analysis.target_population import target_population
from tests.spec.asked_by_hand import AskedByHand
from tests.unit.model_follow_up import drawn

YEAR = calendar_year(2024)
ENTRY = "a: {counts: Personer., time: Dagen., missing: Ingen., source: Lagen.}\n"
ARRAY_FUNCTIONS = {
    "aalen_johansen",
    "cox",
    "days_without_placement",
    "fine_gray",
    "gray_test",
    "kaplan_meier",
    "log_rank",
    "nelson_aalen",
    "pairwise_log_rank",
    "proportional_hazards_test",
    "restricted_contrast",
    "restricted_mean_time",
    "restricted_time_lost",
    "standardised_curve",
}
NO_RESULT = {"definitions", "latest_in_area", "three_lasar", "three_years"}
LINE_LENGTH = 140
MOST_SENTENCES = 3


class HandDrawn(AskedByHand):
    """Two persons born 10 May 2007 who left compulsory school in June 2023; every date is the first of a month."""

    is_kaa = follows_law = True
    source = "BER-uttag"
    municipality = "0180"
    observed_from = None
    accepted_problem_rows = 1
    grants = ()
    extract_date = date(2025, 2, 1)

    def __init__(self):
        names = ["a", "b"]
        drawn = {
            "persons": [{"person_id": name, "birth_date": "2007-05-10", "sex": "female"} for name in names],
            "residence": [{"person_id": name, "municipality": "0180", "from_date": "2007-05-10"} for name in names],
            "credentials": [{"person_id": name, "kind": "grundskola", "date": "2023-06-13"} for name in names],
            "schooling": [{"person_id": "b", "school_form": "komvux", "from_date": "2024-05-01"}],
            "registrations": [
                {"person_id": "a", "spell": 1, "entry_date": "2024-02-01"},
                {
                    "person_id": "b",
                    "spell": 1,
                    "entry_date": "2024-03-01",
                    "exit_date": "2024-05-01",
                    "exit_reason": "komvux",
                },
            ],
        }
        self._tables = {name: typed_table(pd.DataFrame(rows), table=name) for name, rows in drawn.items()}
        self.answers = KeptAnswers()

    def table(self, name, *, columns):
        return self._tables.get(name, empty_table(name))[list(columns)].copy()


def indicator_results() -> dict[str, list[Result]]:
    """The results of every indicator, in every variant that has rows or words of its own."""
    register = HandDrawn()
    covered = cohorts.registered_during(register, YEAR)
    covered_school_year = cohorts.registered_during(register, lasar(2023))
    new = cohorts.entering_during(register, YEAR)
    areas = ("district", "part_of_city")
    chosen = [covered, cohorts.first_spells(covered), new, cohorts.first_spells(new)]
    return {
        "activity_after_support": [indicators.activity_after_support(register, periods=[YEAR])],
        "contact_volumes": [indicators.contact_volumes(register, covered, period=YEAR)],
        "coverage": [indicators.coverage(register, day=date(2024, 4, 1))],
        "district_beside_city": [
            indicators.district_beside_city(
                register, period=YEAR, school_year=lasar(2023), area=cohorts.chosen_area("jarva", division="2023")
            )
        ],
        "entries_by_district": [indicators.entries_by_district(register, period=YEAR, by=by) for by in areas],
        "exits_after_support": [indicators.exits_after_support(register, period=YEAR)],
        "exits_after_support_by_year": [indicators.exits_after_support_by_year(register, periods=[YEAR])],
        "exits_by_reason": [indicators.exits_by_reason(register, periods=[YEAR])],
        "first_attempt_within_month": [indicators.first_attempt_within_month(register, periods=[YEAR])],
        "flow_in_parts": [indicators.flow_in_parts(register, periods=[YEAR])],
        "handover_at_20": [indicators.handover_at_20(register, periods=[YEAR])],
        "inclusion_flow": [indicators.inclusion_flow(cohort) for cohort in chosen],
        "monthly_flow": [indicators.monthly_flow(register, period=YEAR)],
        "monthly_flow_by_year": [indicators.monthly_flow_by_year(register, period=YEAR)],
        "newly_resident_support": [indicators.newly_resident_support(register, periods=[YEAR])],
        "notices_from_schools": [indicators.notices_from_schools(register, periods=[YEAR])],
        "official_beside_cohort": [
            indicators.official_beside_cohort(
                register,
                new,
                cohorts.follow_up(new, ways_out=cohorts.STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=True),
            )
        ],
        "other_study_paths": [indicators.other_study_paths(register, periods=[YEAR])],
        "outreach_funnel": [
            indicators.outreach_funnel(register, covered, period=YEAR),
            indicators.outreach_funnel(register, covered_school_year, period=lasar(2023)),
        ],
        **{
            name: [getattr(indicators, name)(register, periods=[lasar(2023)])]
            for name in (
                "attempts_by_step",
                "outreach_by_step",
                "outreach_routine",
                "persons_by_reach",
                "reached_by_age",
                "reached_by_step",
                "response_by_step",
                "response_of_delivered",
                "routine_letters",
                "support_after_reached",
                "support_chosen",
            )
        },
        "persons_in_flow": [indicators.persons_in_flow(register, periods=[YEAR])],
        "registered_by_district": [indicators.registered_by_district(covered, by=by) for by in areas],
        "registered_by_district_by_year": [
            indicators.registered_by_district_by_year(register, periods=[YEAR], by=by) for by in areas
        ],
        "registered_outside": [indicators.registered_outside(register, day=date(2024, 4, 1))],
        "registered_share": [indicators.registered_share(register, period=YEAR)],
        "routes_into_aim": [indicators.routes_into_aim(register, periods=[YEAR])],
        "rows_set_aside": [indicators.rows_set_aside(register)],
        "series_by_law": [indicators.series_by_law(register, periods=[year]) for year in (calendar_year(2018), YEAR)],
        "share_to_studies": [indicators.share_to_studies(register, periods=[YEAR])],
        "skolslussen_fork": [indicators.skolslussen_fork(register, periods=[YEAR])],
        "stock_and_flow": [indicators.stock_and_flow(register, periods=[YEAR])],
        "stock_by_district": [indicators.stock_by_district(register, day=date(2024, 4, 1), by=by) for by in areas],
        "stock_by_setting": [indicators.stock_by_setting(register, day=date(2024, 4, 1))],
        "studies_within_year": [indicators.studies_within_year(register, periods=[YEAR])],
        "study_bounds": [indicators.study_bounds(register, periods=[YEAR])],
        "study_measures": [indicators.study_measures(register, periods=[YEAR])],
        "support_by_intervention": [
            indicators.support_by_intervention(register, periods=[YEAR], by=by) for by in ("kind", "provider")
        ],
        "support_end_reasons": [indicators.support_end_reasons(register, period=YEAR)],
        "support_end_reasons_by_year": [indicators.support_end_reasons_by_year(register, periods=[YEAR])],
        "support_flow": [
            indicators.support_flow(register, periods=[YEAR], by=by) for by in ("all", "kind", "provider")
        ],
        "work_or_studies_after_support": [indicators.work_or_studies_after_support(register, periods=[YEAR])],
        "youth_employment_steps": [indicators.youth_employment_steps(register, periods=[YEAR])],
        "without_admission": [indicators.without_admission(register, periods=[YEAR])],
    }


def survival_results() -> dict[str, list[Result]]:
    """The results of every estimator, by unit of time and to the first contact, for all and by sex."""
    register = HandDrawn()
    new = cohorts.entering_during(register, YEAR)
    population = target_population(register)
    waits = [cohorts.follow_up_to_first_contact(new, register, contact=contact) for contact in ("attempt", "reached")]
    leaving = [
        cohorts.follow_up(new, ways_out=cohorts.STUDY_OR_OTHER_ENDS, unit=unit, delayed_entry=True)
        for unit in ("days", "months")
    ]
    in_days = leaving[0]
    both = leaving + waits
    models = [drawn(unit=unit) for unit in ("days", "months")]
    return {
        "landmark_base": [survival.landmark_base(in_days, cohorts.landmark(in_days, months=1))],
        "lasting_base": [
            survival.lasting_base(in_days, [cohorts.lasting_placement(in_days, HandDrawn(), lasting="90_days")])
        ],
        "naive_incidence": [survival.naive_incidence(times, by=by) for times in leaving for by in (None, "sex")],
        "unknown_exit_bounds": [
            survival.unknown_exit_bounds(times, by=by) for times in leaving for by in (None, "sex")
        ],
        "unknown_exit_differences": [survival.unknown_exit_differences(times) for times in leaving],
        "follow_up_base": [survival.follow_up_base(times) for times in both],
        "group_tests": [survival.group_tests(times, by="sex") for times in models],
        "life_table": [survival.life_table(times, by=by) for times in both for by in (None, "sex")],
        "placement_model": [survival.placement_model(times) for times in models],
        "placement_model_checks": [survival.placement_model_checks(times) for times in models],
        "subdistribution_model": [survival.subdistribution_model(times) for times in models],
        "cumulative_incidence": [survival.cumulative_incidence(times, by=by) for times in both for by in (None, "sex")],
        "exit_pace": [survival.exit_pace(times) for times in leaving],
        "median_weeks": [survival.median_weeks(times, by=by) for times in waits for by in (None, "season")],
        "placement_before_20": [survival.placement_before_20(times) for times in leaving],
        "placement_by_quarter": [survival.placement_by_quarter(times) for times in leaving],
        "reachable_horizons": [survival.reachable_horizons(times) for times in leaving],
        "sensitivity": [survival.sensitivity(cohorts.variants(new, population=population))],
        **{
            name: [getattr(survival, name)(times, by=by) for times in leaving for by in (None, "sex")]
            for name in ("restricted_times", "times_lost", "waiting_times")
        },
        **{
            name: [getattr(survival, name)(times, by="sex") for times in leaving]
            for name in ("placement_contrasts", "standardised_contrasts")
        },
    }


def entries(file: Path) -> dict[str, Method]:
    return {name: method_of(name, file) for name in read_strict_yaml(file.read_text(encoding="utf-8"))}


def is_one_to_three_sentences(text: str) -> bool:
    begins_and_ends = bool(re.fullmatch(r"[A-ZÅÄÖ0-9].*[.]", text))
    return begins_and_ends and len(re.findall(r"[.](?: (?=[A-ZÅÄÖ])|$)", text)) <= MOST_SENTENCES


def test_every_public_function_that_gives_a_result_is_looked_at_here():
    assert set(indicator_results()) == set(indicators.__all__) - NO_RESULT
    assert set(survival_results()) == set(survival.__all__) - ARRAY_FUNCTIONS


@pytest.mark.parametrize(
    ("results", "file"),
    [(indicator_results, INDICATOR_METHODS), (survival_results, SURVIVAL_METHODS)],
    ids=["indicators", "survival"],
)
def test_the_texts_are_just_those_that_the_results_carry(results, file):
    known = {method: name for name, method in entries(file).items()}
    found = [result for of_function in results().values() for result in of_function]
    assert [result.id for result in found if result.method not in known] == []
    assert {known[result.method] for result in found} == set(entries(file))


@pytest.mark.parametrize("file", [INDICATOR_METHODS, SURVIVAL_METHODS], ids=["indicators", "survival"])
def test_every_part_is_one_to_three_whole_sentences_and_the_file_keeps_its_width(file):
    parts = {(name, part): text for name, method in entries(file).items() for part, text in asdict(method).items()}
    assert [where for where, text in parts.items() if not is_one_to_three_sentences(text)] == []
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if len(line) > LINE_LENGTH] == []


@pytest.mark.parametrize("text", ["", "personer.", "Personer", "Ett. Två. Tre. Fyra."])
def test_other_texts_are_told_from_one_to_three_whole_sentences(text):
    assert not is_one_to_three_sentences(text)


def test_a_result_chooses_the_text_of_its_variant():
    register = HandDrawn()
    chosen = [rule(register, YEAR) for rule in (cohorts.registered_during, cohorts.entering_during)]
    registered, entering = (indicators.inclusion_flow(cohort).method for cohort in chosen)
    assert registered.time.startswith("Registreringen ska ha minst en dag i perioden")
    assert entering.time.startswith("Startdatumet ska ligga i perioden")
    in_days, in_months = (survival_results()["life_table"][place].method for place in (0, 2))
    assert in_days.time.startswith("Hela dagar")
    assert in_months.time.startswith("Hela kalendermånader")
    assert in_days.counts == in_months.counts


def test_the_text_goes_with_the_record_of_a_result():
    [result] = indicator_results()["exits_by_reason"]
    assert result_from_record(result.as_record()).method == method_of("exits_by_reason", INDICATOR_METHODS)


def test_the_lines_of_a_text_become_one(tmp_path):
    file = tmp_path / "methods.yaml"
    file.write_text("a:\n  counts: >-\n    Personer,\n    inte\n    brev.\n  time: T.\n  missing: M.\n  source: S.\n")
    assert method_of("a", file) == Method(counts="Personer, inte brev.", time="T.", missing="M.", source="S.")


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(DefinitionError) as told:
        method_of("stock_and_flows", INDICATOR_METHODS)
    assert str(told.value) == (
        'Metodtexten "stock_and_flows" finns inte (menade du "stock_and_flow"?).\nGör så här: skriv den i methods.yaml'
    )


def test_a_text_with_the_four_parts_is_read(tmp_path):
    file = tmp_path / "methods.yaml"
    file.write_text(ENTRY)
    assert method_of("a", file) == Method(counts="Personer.", time="Dagen.", missing="Ingen.", source="Lagen.")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ENTRY.replace(", source: Lagen.", ""), id="a part too few"),
        pytest.param(ENTRY.replace("}", ", note: Not.}"), id="a part too many"),
        pytest.param(ENTRY.replace("Ingen.", ""), id="a part without text"),
        pytest.param("a: Personer.\n", id="no parts"),
    ],
)
def test_a_text_without_just_the_four_parts_is_refused(tmp_path, text):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    with pytest.raises(DefinitionError) as told:
        method_of("a", file)
    assert str(told.value) == (
        "Varje metodtext ska ha counts, time, missing och source.\nGör så här: rätta broken.yaml"
    )
