"""The tables with earlier years beside the latest, girls and boys together: what stands in them, and that no count is another than its own year's."""

from datetime import date
from functools import cache

import pytest

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.kept_answers import KeptAnswers
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import Count, Dimension, Result, cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.indicators import (
    exits_after_support,
    exits_after_support_by_year,
    monthly_flow,
    monthly_flow_by_year,
    registered_by_district,
    registered_by_district_by_year,
    stock_and_flow,
    support_end_reasons,
    support_end_reasons_by_year,
)
from tests.spec.hand_typed import HandTyped, register

BEFORE, YEAR = calendar_year(2023), calendar_year(2024)
YEARS = [BEFORE, YEAR]


@cache
def drawn() -> HandTyped:
    """Five youths over two years; a and b live in what is Järva since 1 July 2023."""
    people = "abcde"
    made = register(
        ("persons", "person_id sex", "a female", "b male", "c male", "d female", "e male"),
        ("credentials", "person_id", *people),
        (
            "residence",
            "person_id district from_date to_date",
            "a rinkeby_kista 2006-05-10 2023-07-01",
            "a jarva 2023-07-01 -",
            "b spanga_tensta 2006-05-10 2023-07-01",
            "b jarva 2023-07-01 -",
            "c bromma 2006-05-10 -",
            "d farsta 2006-05-10 -",
            "e - 2006-05-10 -",
        ),
        (
            "registrations",
            "person_id spell entry_date exit_date exit_reason",
            "a 1 2023-01-10 2024-03-05 komvux",
            "b 1 2023-01-20 2023-03-01 moved",
            "c 1 2023-11-01 - -",
            "d 1 2024-01-15 2024-12-31 komvux",
            "e 1 2024-05-01 - -",
        ),
        (
            "interventions",
            "person_id intervention_number kind provider start_date end_date end_reason",
            "a 1 guidance utbf 2023-02-01 2024-02-01 studies",
            "b 1 aim amf 2023-02-01 2023-02-20 work",
            "d 1 guidance utbf 2024-02-01 2024-06-01 studies",
            "d 2 aim amf 2024-02-01 2024-07-01 -",
        ),
    )
    made.answers = KeptAnswers()
    return made


def rows(result: Result) -> list[tuple]:
    """The rows of a table that are not all zero."""
    frame = result.frame
    numbers = frame[[count.name for count in result.of_role(Count)]]
    return list(frame[(numbers != 0).any(axis=1)].itertuples(index=False, name=None))


def test_every_district_stands_beside_itself_in_one_division_for_all_years():
    result = registered_by_district_by_year(drawn(), periods=YEARS, division="2023")
    assert rows(result) == [
        ("all", "2023", 3), ("bromma", "2023", 1), ("jarva", "2023", 2),
        ("all", "2024", 4), ("bromma", "2024", 1), ("jarva", "2024", 1), ("farsta", "2024", 1), ("not_shown", "2024", 1),
    ]  # fmt: skip
    assert result.title == "Registrerade efter stadsdelsområde, 2023–2024"
    assert "då tretton stadsdelsområden blev elva" in result.note
    parts = registered_by_district_by_year(drawn(), periods=YEARS, by="part_of_city", division="2023")
    assert rows(parts) == [
        ("all", "2023", 3), ("vasterort", "2023", 3),
        ("all", "2024", 4), ("vasterort", "2024", 2), ("soderort", "2024", 1), ("not_shown", "2024", 1),
    ]  # fmt: skip


def test_the_division_is_by_default_that_of_the_latest_period():
    default = registered_by_district_by_year(drawn(), periods=YEARS)
    assert default.frame.equals(registered_by_district_by_year(drawn(), periods=YEARS, division="2023").frame)
    with pytest.raises(DefinitionError, match="Järva och Norra innerstaden kan inte delas upp"):
        registered_by_district_by_year(drawn(), periods=YEARS, division="2020")


def test_every_month_stands_beside_the_same_month_the_year_before():
    result = monthly_flow_by_year(drawn(), period=YEAR)
    assert rows(result) == [
        ("all", "2023", 3, 1), ("01", "2023", 2, 0), ("03", "2023", 0, 1), ("11", "2023", 1, 0),
        ("all", "2024", 2, 2), ("01", "2024", 1, 0), ("03", "2024", 0, 1), ("05", "2024", 1, 0), ("12", "2024", 0, 1),
    ]  # fmt: skip
    assert [dimension.name for dimension in result.of_role(Dimension)] == ["month_of_year", "period"]


def test_a_month_that_is_not_observed_has_no_row_and_a_year_before_the_history_is_left_out():
    cut = HandTyped(drawn().tables, extract_date=date(2024, 4, 1), observed_from=date(2023, 1, 1))
    months = monthly_flow_by_year(cut, period=YEAR).frame.groupby("period")["month_of_year"].count()
    assert months.to_dict() == {"2023": 13, "2024": 4}
    first = monthly_flow_by_year(cut, period=BEFORE)
    assert set(first.frame["period"]) == {"2023"}
    assert first.title == "Nya och avslutade registreringar per månad, 2023"


def test_what_ended_and_the_exits_after_support_stand_year_beside_year():
    ended = support_end_reasons_by_year(drawn(), periods=YEARS)
    assert rows(ended) == [
        ("all", "all", "2023", 1), ("all", "work", "2023", 1), ("aim", "all", "2023", 1), ("aim", "work", "2023", 1),
        ("all", "all", "2024", 3), ("all", "studies", "2024", 2), ("all", "unknown", "2024", 1),
        ("guidance", "all", "2024", 2), ("guidance", "studies", "2024", 2),
        ("aim", "all", "2024", 1), ("aim", "unknown", "2024", 1),
    ]  # fmt: skip
    after = exits_after_support_by_year(drawn(), periods=YEARS)
    assert rows(after) == [
        ("all", "all", "2023", 1), ("all", "moved", "2023", 1), ("aim", "all", "2023", 1), ("aim", "moved", "2023", 1),
        ("all", "all", "2024", 2), ("all", "komvux", "2024", 2), ("guidance", "all", "2024", 2), ("guidance", "komvux", "2024", 2),
        ("aim", "all", "2024", 1), ("aim", "komvux", "2024", 1),
    ]  # fmt: skip


def of_each_year() -> list[Result]:
    """The tables of every year by itself, which the cells of the tables here must be found in, and those that they are tied to."""
    found = [stock_and_flow(drawn(), periods=YEARS)]
    for period in YEARS:
        cohort = registered_during(drawn(), period)
        found += [registered_by_district(cohort, by=by, division="2023") for by in ("district", "part_of_city")]
        found += [each(drawn(), period=period) for each in (monthly_flow, support_end_reasons, exits_after_support)]
    return found


def beside_each_other() -> list[Result]:
    return [
        *(
            registered_by_district_by_year(drawn(), periods=YEARS, by=by, division="2023")
            for by in ("district", "part_of_city")
        ),
        monthly_flow_by_year(drawn(), period=YEAR),
        support_end_reasons_by_year(drawn(), periods=YEARS),
        exits_after_support_by_year(drawn(), periods=YEARS),
    ]


def test_every_count_is_a_cell_of_its_own_year_or_tied_to_one():
    known = {place: value for result in of_each_year() for place, value in result.cells().items()}
    for result in beside_each_other():
        own = result.cells()
        tied = {
            one: other
            for each in result.equations
            if each.name == "Månaden är samma tal i båda tabellerna"
            for (_, one), (_, other) in [each.terms]
        }
        assert {place: known[tied.get(place, place)] for place in own} == own, result.id
        assert (len(tied) == 2 * 24) == (result.id == "monthly_flow_by_year")


def test_what_the_tables_say_of_one_another_holds():
    known = {
        place: value for result in (*of_each_year(), *beside_each_other()) for place, value in result.cells().items()
    }
    checked = {}
    for result in beside_each_other():
        values = [[(factor, known.get(term)) for factor, term in each.terms] for each in result.all_equations()]
        whole = [
            sum(factor * value for factor, value in each)
            for each in values
            if all(value is not None for _, value in each)
        ]
        checked[result.id] = len(whole)
        assert set(whole) == {0}, result.id
    assert min(checked.values()) >= 2


def test_no_equation_names_a_cell_by_sex():
    terms = {term for result in beside_each_other() for each in result.all_equations() for _, term in each.terms}
    assert {name for term in terms for name, _ in term.place} >= {"period", "kind", "district", "month_of_year"}
    assert [term.id for term in terms if "sex" in dict(term.place)] == []


def test_a_district_has_a_cell_of_its_report():
    [jarva] = [
        value
        for place, value in registered_by_district_by_year(drawn(), periods=YEARS, division="2023").cells().items()
        if place == cell("covered", extract="2025-02-01", period="2023", district="jarva")
    ]
    assert jarva == 2


def test_they_can_be_protected_together_with_the_tables_of_the_year():
    latest = [result for result in of_each_year() if result.context.get("period") in (None, "2024")]
    released = protect([*latest, *beside_each_other()], policy=Policy(), ledger=Ledger.empty())
    assert {name for name in released if name.endswith("_by_year")} == {
        "registered_by_district_by_year",
        "registered_by_part_of_city_by_year",
        "monthly_flow_by_year",
        "support_end_reasons_by_year",
        "exits_after_support_by_year",
    }
