"""What several notebooks would each find is found once, and a register that is not the same is never taken for the one that is held."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kaa_analysis import cohorts, indicators
from kaa_analysis.core.periods import calendar_year
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.core.result import Result
from kaa_analysis.core.secure_folder import SecureFolder
from kaa_analysis.indicators import seeking
from kaa_analysis.ingest import add_extract, held_registers, read_register
from kaa_analysis.ingest.held_registers import hold
from kaa_analysis.render.running import reading_ahead
from kaa_analysis.store import Register
from kaa_analysis.store.register import write_register
from kaa_analysis.target_population import target_population

SMALL = Path(__file__).parents[1] / "data" / "ber_small"
PARAMS = {
    "extract": "prov",
    "accept_problem_rows": 0,
    "year": 2024,
    "division": "2023",
    "area": "all",
    "law": "bridged",
    "summer_rule": "literal",
}


@pytest.fixture
def secure(tmp_path, monkeypatch) -> SecureFolder:
    """A secure folder with one extract; no register is held from one test to the next."""
    monkeypatch.setattr(held_registers, "_HELD", {})
    secure = SecureFolder(tmp_path / "secure")
    add_extract("prov", layout="ber_demo", files=sorted(SMALL.iterdir()), extract_date=None, secure=secure)
    return secure


def opened(secure: SecureFolder) -> Register:
    return read_register("prov", secure=secure)


def test_a_register_that_is_not_held_is_another_one_each_time(secure):
    assert opened(secure) is not opened(secure)


def test_whoever_opens_a_held_register_gets_it_with_what_was_found_out_of_it(secure):
    register = opened(secure)
    hold(register)
    assert opened(secure) is register


def test_a_register_written_anew_or_described_otherwise_is_not_the_held_one(secure):
    register = opened(secure)
    hold(register)
    persons = register.table("persons")
    others = {name: register.table(name) for name in ("residence", "schooling", "registrations")}
    write_register(register, tables_to_write={"persons": persons.iloc[:5], **others})
    fewer = opened(secure)
    assert (fewer is register, len(fewer.table("persons"))) == (False, 5)
    hold(replace(fewer, source="ett annat register"))
    assert opened(secure).source == fewer.source


def test_what_was_read_ahead_is_found_by_a_notebook_and_is_what_it_would_have_found(secure):
    told = json.dumps([["arsbilaga", PARAMS], ["arsbilaga", PARAMS | {"area": "jarva"}]])
    plain = opened(secure)
    expected = target_population(plain, law="bridged", summer_rule="literal")
    year = calendar_year(2024)
    expected_spells = cohorts.registered_during(plain, year, population=expected).spells
    assert reading_ahead.main([str(secure.path), told]) == 0
    register = opened(secure)
    population = target_population(register, law="bridged", summer_rule="literal")
    assert target_population(opened(secure), law="bridged", summer_rule="literal") is population
    assert target_population(register, law="as_in_force", summer_rule="literal") is not population
    assert target_population(plain, law="bridged", summer_rule="literal") is not population
    assert population.intervals.equals(expected.intervals)
    assert cohorts.registered_during(register, year, population=population).spells.equals(expected_spells)


def test_the_heavy_tables_of_a_district_are_the_same_when_what_they_rest_on_was_read_ahead(secure, monkeypatch):
    told = json.dumps([["arsbilaga", PARAMS | {"area": area}] for area in ("jarva", "bromma")])
    tables = {area: tables_of(opened(secure), area) for area in ("jarva", "bromma")}
    assert reading_ahead.main([str(secure.path), told]) == 0
    sought = []
    monkeypatch.setattr(seeking, "_seek", lambda *asked: sought.append(asked))
    for area, expected in tables.items():
        found = tables_of(opened(secure), area)
        assert [hash_value(one.as_record()) for one in found] == [hash_value(one.as_record()) for one in expected]
    assert sought == []


def tables_of(register: Register, area: str) -> list[Result]:
    """Return the tables of a district that rest on most."""
    population = target_population(register, law="bridged", summer_rule="literal")
    chosen = {"population": population, "area": cohorts.chosen_area(area, division="2023")}
    periods = indicators.three_years(2024, observed_from=register.observed_from)
    school_years = indicators.three_lasar(2024, observed_from=register.observed_from)
    return [
        indicators.stock_and_flow(register, periods=periods, **chosen),
        indicators.outreach_by_step(register, periods=school_years, **chosen),
        indicators.support_by_intervention(register, periods=periods, **chosen),
        indicators.series_by_law(register, periods=periods, **chosen),
        indicators.registered_share(register, period=periods[-1], **chosen),
    ]


def test_a_report_that_is_not_about_a_part_of_a_year_is_not_read_ahead_for(secure):
    params = {"extract": "prov", "accept_problem_rows": 0, "law": "bridged", "summer_rule": "literal"}
    params |= {
        "first_day": "2022-01-01",
        "last_day": "2024-12-31",
    }
    assert reading_ahead.main([str(secure.path), json.dumps([["tid_till_studier", params]])]) == 0
    assert held_registers._HELD == {}
