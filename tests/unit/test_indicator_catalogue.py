"""The catalogue of indicators and what the action plan says is to be measured: nothing is promised that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Count, Share
from kaa_analysis.indicators import indicator_page, plan_points
from kaa_analysis.indicators.indicator_catalogue import _indicator, indicators
from kaa_analysis.indicators.plan_points import Delivery, measuring_points, plan_versions, sections_of
from tests.unit.test_methods import indicator_results

ROOT = Path(__file__).parents[2]
SECTIONS = [
    "4.2.2", "4.2.3", "4.2.4", "4.2.5", "4.2.6", "4.2.7", "4.3.1", "4.3.2", "4.3.3", "5.1", "5.1.1", "5.1.2", "5.1.3", "5.2.1", "5.2.2", "5.2.3",
    "7.1", "7.2", "7.3", "8.1", "8.2", "8.3", "8.4",
]  # fmt: skip
"""The sections of the plan of 2018 that say what is done and measured, in its order."""
ENTRY = {
    "name": "Antal",
    "definition": "Antal.",
    "calendar": ["year"],
    "caveat": "Inget.",
    "source": "planen",
    "result": "stock_and_flow",
    "column": "n_entries",
    "spec": "tests/spec/test_indicators.py",
    "methods": "stock_and_flow",
}
POINT = {"section": "7.1", "point": "1", "what": "Antal", "indicators": "entries", "state": "done", "remark": ""}


def test_every_indicator_stands_where_the_catalogue_says_as_a_share_or_a_count() -> None:
    results = indicator_results()
    roles = {
        (name, column.name): type(column) for name, made in results.items() for one in made for column in one.columns
    }
    told = {found.id: roles[found.result, found.column] for found in indicators().values()}
    assert told == {found.id: Share if found.is_share else Count for found in indicators().values()}


def test_every_share_of_every_table_is_an_indicator() -> None:
    shares = {
        (name, column.name)
        for name, made in indicator_results().items()
        for one in made
        for column in one.of_role(Share)
    }
    assert shares == {(found.result, found.column) for found in indicators().values() if found.is_share}


def test_no_two_indicators_share_a_name_or_a_column() -> None:
    every = indicators().values()
    assert len({found.name for found in every}) == len({(found.result, found.column) for found in every}) == len(every)


def test_every_indicator_has_tests_that_call_it_and_a_page_of_its_method() -> None:
    for found in indicators().values():
        assert f"{found.result}(" in (ROOT / found.spec).read_text(encoding="utf-8"), found.id
        assert (ROOT / "docs" / "methods" / f"{found.methods}.md").is_file(), found.id


def test_the_words_of_the_catalogue_are_whole_sentences_or_the_names_of_groups() -> None:
    for found in indicators().values():
        assert all(text.endswith(".") for text in (found.definition, found.caveat)), found.id
        assert not any(re.search(r"\.$", text) for text in (found.name, found.numerator, found.denominator)), found.id


def test_the_plan_of_2018_is_gone_through_section_by_section_in_its_order() -> None:
    points = measuring_points("2018")
    assert list(dict.fromkeys(point.section for point in points)) == SECTIONS
    for section in SECTIONS:
        numbers = [point.number for point in points if point.section == section]
        assert numbers == list(range(1, len(numbers) + 1))


def test_what_is_answered_names_indicators_and_nothing_else_names_any() -> None:
    for point in measuring_points("2018"):
        assert bool(point.indicators) == (point.delivery in (Delivery.DONE, Delivery.PARTLY))


def test_every_indicator_answers_something_in_the_plan() -> None:
    assert [name for name in indicators() if not sections_of(name, version="2018")] == []


def test_a_version_of_the_plan_that_nobody_has_gone_through_is_not_known() -> None:
    assert plan_versions() == ("2018",)
    assert measuring_points("2024") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"indicators": "entry"}, r'Indikatorn "entry" finns inte \(menade du "entries"\?\)'),
        ({"state": "soon"}, r"En mätpunkt ska vara något av done, partly"),
        ({"state": "later"}, r"En mätpunkt som redovisas ska ha indikatorer"),
        ({"indicators": ""}, r"En mätpunkt som redovisas ska ha indikatorer"),
        ({"state": "partly"}, r"en som redovisas delvis en anmärkning"),
    ],
)
def test_a_point_that_promises_what_is_not_there_is_refused(change, told) -> None:
    assert plan_points._point(POINT, "2018").indicators == ("entries",)
    with pytest.raises(DefinitionError, match=told):
        plan_points._point(POINT | change, "2018")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"numerator": "de nya"}, r"både täljare och nämnare eller ingen"),
        ({"calendar": ["quarter"]}, r"kända kalendrar"),
        ({"formula": "n"}, r"alla sina delar och inga andra"),
    ],
)
def test_an_entry_of_another_form_is_refused(change, told) -> None:
    assert _indicator("antal", ENTRY).calendar == ("year",)
    with pytest.raises(DefinitionError, match=told):
        _indicator("antal", ENTRY | change)


def test_an_entry_that_lacks_a_part_is_refused() -> None:
    for part in ENTRY:
        with pytest.raises(DefinitionError, match=r"alla sina delar"):
            _indicator("antal", {name: it for name, it in ENTRY.items() if name != part})


def test_the_committed_page_is_that_of_the_catalogue_and_the_plan() -> None:
    assert (ROOT / "docs" / "indikatorer.md").read_text(encoding="utf-8") == indicator_page.indicator_page()


def test_the_page_is_written_from_the_catalogue(tmp_path, monkeypatch) -> None:
    for folder in ("notebooks", "params", "docs"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    indicator_page.main()
    assert (tmp_path / "docs" / "indikatorer.md").read_text(encoding="utf-8") == indicator_page.indicator_page()
