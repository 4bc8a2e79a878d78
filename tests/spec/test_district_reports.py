"""A report on one district: what belongs to it, on a register drawn by hand and on the demonstration register."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from kaa_analysis.cli.commands import INVENTED_LAYOUT, INVENTED_SUPPLEMENTS
from kaa_analysis.cohorts import (
    STUDY_OR_OTHER_ENDS,
    ChosenArea,
    chosen_area,
    entering_during,
    first_spells,
    follow_up,
    in_area,
    registered_during,
)
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.geography import NOT_SHOWN_BY_AREA, division
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.result import Cell, Result, cell
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.indicators import (
    activity_after_support,
    exits_after_support,
    exits_after_support_by_year,
    exits_by_reason,
    first_attempt_within_month,
    inclusion_flow,
    monthly_flow,
    outreach_funnel,
    registered_by_district,
    registered_share,
    routes_into_aim,
    series_by_law,
    share_to_studies,
    stock_and_flow,
    support_end_reasons,
    support_end_reasons_by_year,
    support_flow,
    work_or_studies_after_support,
    youth_employment_steps,
)
from kaa_analysis.ingest import add_extract, read_register
from kaa_analysis.synthetic.scenario import scenario
from kaa_analysis.synthetic.write import write_register
from kaa_analysis.target_population import target_population
from tests.bench.annual import annual_results
from tests.spec.hand_typed import register
from tests.spec.test_geography import CODES, rows_of

YEARS = [calendar_year(2023), calendar_year(2024)]
YEAR = YEARS[-1]
EXTRACT = "2025-02-01"
JARVA, FARSTA, BROMMA = (chosen_area(code, division="2023") for code in ("jarva", "farsta", "bromma"))
POOLED = ChosenArea(NOT_SHOWN_BY_AREA, "Område redovisas inte", "utan område", division("2023"))
"""Those of no district's report, as if they had one: the rest of the sum."""

PERSONS = ("stays", "comes", "goes", "returns", "ended", "hidden", "homeless", "mistake")


@cache
def drawn():
    """Return a register of people who stay in, come to and leave what is Järva since 1 July 2023."""
    return register(
        (
            "persons",
            "person_id sex protected_identity",
            "stays female no",
            "comes male no",
            "goes female no",
            "returns female no",
            "ended male no",
            "hidden female yes",
            "homeless male no",
            "mistake male no",
        ),
        ("credentials", "person_id", *PERSONS),
        (
            "residence",
            "person_id district from_date to_date",
            "stays rinkeby_kista 2006-05-10 -",
            "comes farsta 2006-05-10 2024-06-01",
            "comes jarva 2024-06-01 -",
            "goes spanga_tensta 2006-05-10 2024-09-01",
            "goes bromma 2024-09-01 -",
            "returns jarva 2023-07-01 2024-04-01",
            "returns farsta 2024-04-01 -",
            "ended jarva 2023-07-01 2024-01-01",
            "ended farsta 2024-01-01 -",
            "hidden jarva 2023-07-01 -",
            "homeless - 2006-05-10 -",
            "mistake jarva 2023-07-01 -",
        ),
        (
            "registrations",
            "person_id spell entry_date exit_date exit_reason registered_at",
            "stays 1 2023-02-01 - - 2023-02-01",
            "comes 1 2023-03-01 - - 2023-03-01",
            "goes 1 2022-10-01 2024-11-01 komvux 2022-10-01",
            "returns 1 2024-01-10 2024-03-01 other 2024-01-10",
            "returns 2 2024-10-01 - - 2024-10-01",
            "ended 1 2023-08-01 2024-01-01 moved 2023-08-01",
            "hidden 1 2024-02-01 - - 2024-02-01",
            "homeless 1 2024-02-01 - - 2024-02-01",
            "mistake 1 2024-04-01 2024-04-20 misregistered 2024-04-01",
        ),
        (
            "contacts",
            "person_id contact date outcome",
            "stays 1 2024-02-10 reached",
            "returns 1 2024-01-20 reached",
            "comes 1 2024-02-10 no_answer",
        ),
    )


@cache
def inside():
    return target_population(drawn())


def counts(result: Result, *columns: str) -> list[tuple]:
    """The rows for girls and boys together."""
    frame = result.frame
    return list(frame.loc[frame["sex"] == "all", list(columns)].itertuples(index=False, name=None))


class TestStockAndFlow:
    def test_what_belongs_to_the_district_is_decided_in_each_period_by_its_last_day(self):
        result = stock_and_flow(drawn(), population=inside(), periods=YEARS, area=JARVA)
        expected = pd.DataFrame(
            [
                ["2023", "all", 1, 2, 0, 3, 3],
                ["2023", "female", 1, 1, 0, 2, 2],
                ["2023", "male", 0, 1, 0, 1, 1],
                ["2024", "all", 3, 1, 2, 2, 2],
                ["2024", "female", 1, 1, 1, 1, 1],
                ["2024", "male", 2, 0, 1, 1, 1],
            ],
            columns=["period", "sex", "n_stock_start", "n_entries", "n_exits", "n_stock_end", "n_persons"],
        )
        pd.testing.assert_frame_equal(result.frame, expected, check_dtype=False)
        assert result.title == "Registrerade, nya och avslutade i Järva, 2023–2024"

    def test_the_sum_holds_in_every_row_but_one_year_need_not_begin_as_the_other_ended(self):
        result = stock_and_flow(drawn(), population=inside(), periods=YEARS, area=JARVA)
        frame = result.frame
        assert (frame["n_stock_start"] + frame["n_entries"] - frame["n_exits"]).tolist() == frame[
            "n_stock_end"
        ].tolist()
        assert {each.name for each in result.equations} == {"Början plus nya minus avslutade är slutet"}
        assert "Den som har flyttat kan därför räknas till ett område vid slutet av en period" in result.note
        whole = stock_and_flow(drawn(), population=inside(), periods=YEARS)
        assert {each.name for each in whole.equations} > {each.name for each in result.equations}
        ends = {name: counts(one, "n_stock_start", "n_stock_end") for name, one in {"j": result, "all": whole}.items()}
        # Who comes has come before the end of 2024, who goes has left: in Järva at the end of 2023 and the start of 2024 three, but not the same.
        assert ends == {"j": [(1, 3), (3, 2)], "all": [(1, 4), (4, 5)]}
        assert counts(
            stock_and_flow(drawn(), population=inside(), periods=YEARS, area=FARSTA), "n_stock_start", "n_stock_end"
        ) == [
            (0, 1),
            (0, 1),
        ]

    def test_a_registration_goes_by_itself_and_a_person_by_the_last_one(self):
        of_each = {
            area.code: counts(
                stock_and_flow(drawn(), population=inside(), periods=[YEAR], area=area),
                "n_entries",
                "n_exits",
                "n_persons",
            )
            for area in (JARVA, FARSTA, BROMMA, POOLED)
        }
        assert of_each == {"jarva": [(1, 2, 2)], "farsta": [(1, 0, 1)], "bromma": [(0, 1, 1)], "not_shown": [(2, 0, 2)]}

    def test_the_months_of_a_district_are_those_of_its_year(self):
        result = monthly_flow(drawn(), population=inside(), period=YEAR, area=JARVA)
        found = [row for row in counts(result, "month", "n_entries", "n_exits") if row[1:] != (0, 0)]
        assert found == [("year", 1, 2), ("2024-01", 1, 1), ("2024-03", 0, 1)]
        flow = stock_and_flow(drawn(), population=inside(), periods=[YEAR], area=JARVA)
        shared = set(result.cells()) & set(flow.cells())
        assert len(shared) == 6
        assert [one.id for one in shared if result.cells()[one] != flow.cells()[one]] == []

    def test_the_exits_of_a_district_are_those_it_lost_by_reason(self):
        found = exits_by_reason(drawn(), population=inside(), periods=[YEAR], area=JARVA)
        assert [row for row in counts(found, "exit_reason", "n_exits", "n_all_exits") if row[1]] == [
            ("all", 2, 2),
            ("moved", 1, 2),
            ("other", 1, 2),
        ]
        shares = share_to_studies(drawn(), population=inside(), periods=[YEAR], area=BROMMA)
        assert counts(shares, "n_exits", "n_to_studies", "share_to_studies") == [(1, 1, 1.0)]

    @pytest.mark.parametrize(("law", "in_2018"), [("as_in_force", "bromma"), ("bridged", "farsta")])
    def test_both_laws_count_where_the_report_s_own_law_puts_the_youth(self, law, in_2018):
        pupil = register(
            ("persons", "person_id birth_date", "a 2000-05-10"),
            ("credentials", "person_id date", "a 2016-06-10"),
            (
                "residence",
                "person_id district from_date to_date",
                "a farsta 2000-05-10 2018-01-15",
                "a bromma 2018-01-15 -",
            ),
            ("schooling", "person_id school_form from_date", "a im_individual 2017-09-01"),
            ("registrations", "person_id entry_date exit_date exit_reason", "a 2017-03-01 2019-02-01 other"),
        )
        population = target_population(pupil, law=law)
        periods = [calendar_year(2017), calendar_year(2018)]
        found = {
            area.code: series_by_law(pupil, periods=periods, population=population, area=area)
            for area in (FARSTA, BROMMA)
        }
        counted = {
            code: [row for row in counts(result, "law", "period", "n_entries", "n_stock_end") if row[2:] != (0, 0)]
            for code, result in found.items()
        }
        expected = {"farsta": [("2017", 1, 1)], "bromma": []}
        expected[in_2018].append(("2018", 0, 1))
        assert counted == {
            code: [(name, *row) for name in LAWS[law] for row in rows] for code, rows in expected.items()
        }
        flow = stock_and_flow(pupil, periods=periods, population=population, area=BROMMA)
        known = found["bromma"].cells() | flow.cells()
        told = [sum(factor * known[term] for factor, term in each.terms) for each in found["bromma"].equations]
        assert told == [0] * 24


RESIDENCE = {
    "stays in Rinkeby-Kista, later Järva": ["a rinkeby_kista 2006-05-10 2023-07-01", "a jarva 2023-07-01 -"],
    "moves from Farsta to Järva 2024-06-01": ["a farsta 2006-05-10 2024-06-01", "a jarva 2024-06-01 -"],
    "moves from Järva to Farsta 2024-06-01, deregistered 2024-05-01": [
        "a jarva 2023-07-01 2024-06-01",
        "a farsta 2024-06-01 -",
    ],
    "moves from Järva to Farsta 2024-06-01, deregistered 2024-06-02": [
        "a jarva 2023-07-01 2024-06-01",
        "a farsta 2024-06-01 -",
    ],
    "lives in Järva with protected identity": ["a jarva 2023-07-01 -"],
}


@pytest.mark.parametrize(("youth", "year", "district", "start", "entries", "exits", "end", "persons"), rows_of("youth"))
def test_a_youth_is_counted_in_each_year_as_the_page_says(youth, year, district, start, entries, exits, end, persons):
    leaving = youth.partition("deregistered ")[2] or "-"
    one = register(
        ("persons", "person_id protected_identity", f"a {'yes' if 'protected' in youth else 'no'}"),
        ("credentials", "person_id", "a"),
        ("residence", "person_id district from_date to_date", *RESIDENCE[youth]),
        ("registrations", "person_id entry_date exit_date", f"a 2023-02-01 {leaving}"),
    )
    area = chosen_area(CODES[district], division="2023")
    found = stock_and_flow(one, periods=[calendar_year(int(year))], area=area)
    assert counts(found, "n_stock_start", "n_entries", "n_exits", "n_stock_end", "n_persons") == [
        tuple(int(text) for text in (start, entries, exits, end, persons))
    ]


LAWS = {"as_in_force": ("as_in_force", "bridged"), "bridged": ("bridged", "as_in_force")}
"""The rows of the two laws, that of the report first."""


class TestCohorts:
    def test_all_registrations_of_a_person_go_to_the_district_of_the_last_one(self):
        everyone = registered_during(drawn(), YEAR, population=inside())
        found = {
            area.code: list(
                in_area(everyone, area=area).spells[["person_id", "spell"]].itertuples(index=False, name=None)
            )
            for area in (JARVA, FARSTA, BROMMA)
        }
        assert found == {
            "jarva": [("stays", 1), ("comes", 1)],
            "farsta": [("returns", 1), ("returns", 2)],
            "bromma": [("goes", 1)],
        }
        pd.testing.assert_frame_equal(
            registered_during(drawn(), YEAR, population=inside(), area=JARVA).spells,
            in_area(everyone, area=JARVA).spells,
        )

    def test_a_new_registration_goes_to_the_district_of_its_own(self):
        found = {
            area.code: list(entering_during(drawn(), YEAR, population=inside(), area=area).spells["spell"])
            for area in (JARVA, FARSTA)
        }
        assert found == {"jarva": [1], "farsta": [2]}
        new = entering_during(drawn(), YEAR, population=inside(), area=JARVA)
        assert new.title == "Nyregistrerade i Järva 2024"
        attempts = first_attempt_within_month(drawn(), periods=[YEAR], population=inside(), area=JARVA)
        assert [row for row in counts(attempts, "status", "n_spells") if row[1]] == [("all", 1), ("within", 1)]
        flow = stock_and_flow(drawn(), population=inside(), periods=[YEAR], area=JARVA)
        known = attempts.cells() | flow.cells()
        sums = [sum(factor * known[term] for factor, term in each.terms) for each in attempts.equations]
        assert sums == [0, 0, 0]

    def test_the_flow_of_inclusion_tells_the_whole_municipality_and_then_the_district(self):
        result = inclusion_flow(registered_during(drawn(), YEAR, population=inside(), area=JARVA))
        assert list(result.frame.itertuples(index=False, name=None)) == [
            ("all", 9, 8),
            ("outside_period", 1, 1),
            ("misregistered", 1, 1),
            ("not_in_target_group", 0, 0),
            ("other_area", 5, 4),
            ("included", 2, 2),
        ]
        assert result.title == "Vilka som ingår: registrerade i Järva 2024"
        whole = inclusion_flow(registered_during(drawn(), YEAR, population=inside()))
        known = (
            result.cells()
            | whole.cells()
            | stock_and_flow(drawn(), population=inside(), periods=[YEAR], area=JARVA).cells()
        )
        sums = [sum(factor * known[term] for factor, term in each.terms) for each in result.equations]
        assert sums == [0] * (2 + 2 * 4 + 2 + 1)

    def test_the_whole_municipality_is_no_choice(self):
        everyone = registered_during(drawn(), YEAR, population=inside())
        assert in_area(everyone, area=chosen_area("all", division="2023")) is everyone
        assert (everyone.area, in_area(everyone, area=JARVA).area) == (None, JARVA)

    def test_a_district_is_chosen_once_and_only_of_all_who_are_registered(self):
        everyone = registered_during(drawn(), YEAR, population=inside())
        for cohort in (in_area(everyone, area=JARVA), first_spells(everyone)):
            with pytest.raises(DefinitionError, match="bland alla registrerade"):
                in_area(cohort, area=JARVA)

    def test_the_city_is_not_split_from_a_district_and_nobody_is_followed_in_one(self):
        cohort = registered_during(drawn(), YEAR, population=inside(), area=JARVA)
        with pytest.raises(DefinitionError, match="kohort för hela kommunen"):
            registered_by_district(cohort)
        with pytest.raises(DefinitionError, match="för hela kommunen"):
            follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=False)

    def test_a_division_that_would_split_a_district_of_the_year_is_refused(self):
        farsta = chosen_area("farsta", division="2020")
        for made in (registered_during, entering_during):
            with pytest.raises(DefinitionError, match="Järva kan inte delas upp"):
                made(drawn(), YEAR, population=inside(), area=farsta)


class TestCoverage:
    def test_it_is_where_the_youth_lives_on_the_day_and_the_stock_is_that_at_the_end(self):
        rows = drawn().tables["registrations"]
        unregistered = replace(drawn(), tables=drawn().tables | {"registrations": rows[rows["person_id"] != "stays"]})
        found = {
            area.code: counts(
                registered_share(unregistered, population=inside(), period=YEAR, area=area),
                "n_target",
                "n_registered",
                "n_outside",
            )
            for area in (JARVA, FARSTA, BROMMA, POOLED)
        }
        assert found == {
            "jarva": [(3, 1, 0)],
            "farsta": [(2, 1, 0)],
            "bromma": [(1, 0, 0)],
            "not_shown": [(2, 2, 0)],
        }
        in_jarva = registered_share(unregistered, population=inside(), period=YEAR, area=JARVA)
        assert in_jarva.title == "Andel av målgruppen i Järva som är registrerad 2024-12-31"
        at_end = {
            term: factor
            for each in in_jarva.equations
            for factor, term in each.terms
            if term.measure in ("stock", "stock_end")
        }
        place = {"extract": EXTRACT, "period": "2024", "district": "jarva"}
        assert set(at_end) == {cell("stock_end", **place, **more) for more in ({}, {"sex": "female"}, {"sex": "male"})}


class TestSharedCells:
    def test_the_persons_of_a_district_are_one_cell_in_its_report_and_in_the_table_by_district(self):
        by_district = registered_by_district(
            registered_during(drawn(), YEAR, population=inside()), division="2023"
        ).cells()
        for area in (JARVA, FARSTA, BROMMA):
            place = {"extract": EXTRACT, "period": "2024", "district": area.code}
            report = stock_and_flow(drawn(), population=inside(), periods=YEARS, area=area).cells()
            for more in ({}, {"sex": "female"}, {"sex": "male"}):
                here = cell("covered", **place, **more)
                assert report[here] == by_district[here]

    def test_the_funnel_and_the_flow_of_inclusion_begin_with_that_cell(self):
        cohort = registered_during(drawn(), YEAR, population=inside(), area=JARVA)
        here = cell("covered", extract=EXTRACT, period="2024", district="jarva")
        assert outreach_funnel(drawn(), cohort, period=YEAR).cells()[here] == 2
        assert here in {term for each in inclusion_flow(cohort).equations for _, term in each.terms}


@pytest.fixture(scope="module")
def read_demo(tmp_path_factory):
    """The demonstration register."""
    folder = tmp_path_factory.mktemp("demo")
    secure = SecureFolder(folder / "secure")
    write_register(folder / "raw", scenario=scenario("demo"))
    files = sorted((folder / "raw").glob("*.csv"))
    add_extract(
        "demo",
        layout=INVENTED_LAYOUT,
        supplements=INVENTED_SUPPLEMENTS,
        files=files,
        extract_date=None,
        secure=secure,
        observed_from=scenario("demo").start,
        invented=True,
    )
    return read_register("demo", secure=secure)


@pytest.fixture(scope="module")
def demo(read_demo):
    """By area, the results of the annual appendix of the demonstration register."""
    population = target_population(read_demo)
    return {
        area.code if area else "all": {
            one.id: one for one in annual_results(read_demo, population=population, year=2024, area=area)
        }
        for area in areas()
    }


@pytest.fixture(scope="module")
def demo_support(read_demo):
    """By area, the tables of support that the appendix shows of the whole municipality alone."""
    population = target_population(read_demo)
    return {area.code if area else "all": detailed_support(read_demo, population, area) for area in areas()}


def areas() -> list[ChosenArea | None]:
    return [None, POOLED, *(chosen_area(code, division="2023") for code in division("2023").districts)]


def detailed_support(read, population, area) -> dict[str, Result]:
    chosen = {"population": population, "area": area}
    results = [
        *(support_flow(read, periods=YEARS, by=by, **chosen) for by in ("kind", "provider")),
        support_end_reasons(read, period=YEAR, **chosen),
        exits_after_support(read, period=YEAR, **chosen),
        support_end_reasons_by_year(read, periods=YEARS, **chosen),
        exits_after_support_by_year(read, periods=YEARS, **chosen),
        activity_after_support(read, periods=YEARS, **chosen),
        work_or_studies_after_support(read, periods=YEARS, **chosen),
        youth_employment_steps(read, periods=YEARS, **chosen),
        routes_into_aim(read, periods=YEARS, **chosen),
    ]
    return {result.id: result for result in results}


DETAILED = {
    "support_flow_by_kind", "support_flow_by_provider", "support_end_reasons", "exits_after_support", "activity_after_support",
    "work_or_studies_after_support", "youth_employment_steps", "routes_into_aim", "support_end_reasons_by_year",
    "exits_after_support_by_year",
}  # fmt: skip
BY_DISTRICT = {f"registered_by_{area}{years}" for area in ("district", "part_of_city") for years in ("", "_by_year")}
WHOLE = {"rows_set_aside"} | BY_DISTRICT | DETAILED
"""The tables that are about the whole municipality in every report."""

BEFORE_THE_CHOICE = {"all", "outside_period", "misregistered", "not_in_target_group"}


def in_district(one: Cell, code: str) -> Cell:
    return cell(one.measure, **dict(one.place), district=code)


def sums(demo: Mapping[str, Mapping[str, Result]], name: str) -> dict[Cell, int]:
    parts = {code: results[name].cells() for code, results in demo.items() if code != "all"}
    return {one: sum(parts[code][in_district(one, code)] for code in parts) for one in demo["all"][name].cells()}


def test_the_districts_and_those_of_none_add_up_to_the_city_in_every_table(demo):
    names = set(demo["all"]) - WHOLE - {"inclusion_registered"}
    assert len(names) == 37
    for name in sorted(names):
        assert sums(demo, name) == demo["all"][name].cells(), name
    assert sum(demo["all"]["registered_share"].cells().values()) > 100


def test_the_tables_of_support_add_up_too_where_a_district_asks_for_them(demo_support):
    assert set(demo_support["all"]) == DETAILED
    for name in sorted(DETAILED):
        assert sums(demo_support, name) == demo_support["all"][name].cells(), name
        assert "i Järva" in demo_support["jarva"][name].title


def test_the_flow_of_inclusion_begins_with_the_city_in_every_report_and_ends_with_sums(demo):
    for one, value in demo["all"]["inclusion_registered"].cells().items():
        of_each = [
            results["inclusion_registered"].cells()[in_district(one, code)]
            for code, results in demo.items()
            if code != "all"
        ]
        if dict(one.place)["step"] in BEFORE_THE_CHOICE:
            assert set(of_each) == {value}, one.id
        else:
            assert sum(of_each) == value, one.id


def test_what_is_about_the_whole_municipality_is_the_same_in_every_report(demo):
    for name in WHOLE:
        assert {tuple(results[name].cells().items()) for results in demo.values()} == {
            tuple(demo["all"][name].cells().items())
        }


def test_no_cell_has_two_values_across_the_reports_and_every_sum_whose_cells_are_known_holds(demo):
    known: dict[Cell, int] = {}
    checked = 0
    for result in (one for results in demo.values() for one in results.values()):
        for place, value in result.cells().items():
            assert known.setdefault(place, value) == value, place.id
    for result in (one for results in demo.values() for one in results.values()):
        for each in result.all_equations():
            values = [known.get(term) for _, term in each.terms]
            if None not in values:
                checked += 1
                assert sum(factor * value for (factor, _), value in zip(each.terms, values, strict=True)) == 0
    assert checked > 4000


def test_a_district_s_tables_name_it_and_no_other_does(demo):
    for name, result in demo["jarva"].items():
        assert ("i Järva" in result.title) == (name not in WHOLE), name
        assert "Järva" not in demo["all"][name].title
    on_island = demo["kungsholmen"]["stock_and_flow"]
    assert on_island.title == "Registrerade, nya och avslutade på Kungsholmen, 2022–2024"
    assert on_island.method == replace(demo["all"]["stock_and_flow"].method, time=on_island.method.time)
    assert on_island.method.time.startswith(demo["all"]["stock_and_flow"].method.time + " I en rapport om ett område")
