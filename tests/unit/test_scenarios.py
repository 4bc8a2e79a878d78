"""The scenarios of the package: every file is read and tells why it exists; what no scenario can be is refused with all that is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.batches import Batch, batches
from kaa_analysis.synthetic.errors.error_kinds import PROFILES
from kaa_analysis.synthetic.margins import margins, margins_of
from kaa_analysis.synthetic.scenario import Scenario, Truth, scenario, scenario_of, scenarios
from kaa_analysis.synthetic.scenario_listing import scenario_listing

NAMES = (
    "awful", "clean", "demo", "effect", "hidden_cause", "national", "no_effect", "small", "stockholm", "susa", "typical",
)  # fmt: skip
SWEDISH = (" och ", " som ", " ska ", " för ", " där ", " ett ", " ett", "Ett ")
WRITTEN = """
why: "Ett prov."
seed: 1
births_per_year: 100
start: 2020-01-01
extract_date: 2021-12-31
"""


def test_every_file_is_a_scenario_of_its_name_in_the_order_of_names():
    folder = files("kaa_analysis.synthetic").joinpath("scenarios")
    written = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    assert [f"{name}.yaml" for name in scenarios()] == written
    assert tuple(scenarios()) == NAMES
    assert all(found.name == name for name, found in scenarios().items())


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_says_why_in_a_sentence_or_two_of_swedish(name):
    why = scenario(name).why
    assert 1 <= why.count(".") + why.count("?") <= 2
    assert why[0].isupper()
    assert why[-1] in ".?"
    assert any(word in why for word in SWEDISH)


@pytest.mark.parametrize("name", NAMES)
def test_every_scenario_has_settings_and_a_profile_that_are_known(name):
    found = scenario(name)
    assert set(found.settings) <= set(margins().settings)
    assert found.errors in ("", *PROFILES)
    assert found.start < found.extract_date
    assert len(found.batches) >= 1


def test_every_profile_of_errors_has_a_scenario():
    assert sorted(each.errors for each in scenarios().values() if each.errors) == sorted(PROFILES)


def test_scenarios_of_an_effect_differ_in_it_alone_and_not_in_the_truth_they_write():
    worlds = [scenario(name) for name in ("effect", "no_effect", "hidden_cause")]
    assert {each.truth for each in worlds} == {Truth.WHOLE}
    assert {each.settings["aim_effect"] for each in worlds} == {1.6, 1.0}
    assert len({str(each.settings["support"]) for each in worlds}) == 1


def test_the_demonstration_and_the_large_scenarios_write_counts_of_the_truth_alone():
    of_counts = {name for name, each in scenarios().items() if each.truth is Truth.COUNTS}
    assert of_counts == {"demo", "national", "stockholm"}


def test_the_list_tells_of_each_its_name_why_days_size_seed_and_profile():
    paragraphs = dict(paragraph.split("\n", 1) for paragraph in scenario_listing().split("\n\n"))
    assert tuple(paragraphs) == NAMES
    told = {name: " ".join(text.split()) for name, text in paragraphs.items()}
    assert all(scenarios()[name].why in text for name, text in told.items())
    assert told["small"] == (
        "Ett litet register för prov: två år, några hundra registrerade, med alla filer och hela facit. "
        "2023-01-01–2025-01-31, 3 600 simulerade personer, frö 7."
    )
    assert told["typical"].endswith("18 400 simulerade personer, frö 48. Felprofil: typical.")
    assert max(len(line) for line in scenario_listing().splitlines()) <= 100


def test_a_misspelt_scenario_is_told_with_the_nearest_name():
    with pytest.raises(DefinitionError, match=r'finns inte \(menade du "demo"\?\)'):
        scenario("demmo")


def test_a_file_is_refused_with_every_field_that_is_unknown_or_missing():
    with pytest.raises(DefinitionError) as caught:
        scenario_of(WRITTEN.replace("seed", "sead") + "colour: blue\ntruth: count\n", name="prov")
    assert caught.value.found == (
        'okänt fält: sead (menade du "seed"?)',
        "okänt fält: colour",
        "fältet saknas: seed",
        'truth ska vara counts eller whole (menade du "counts"?)',
    )


def test_a_name_in_the_file_is_no_field_the_file_has_its_name():
    with pytest.raises(DefinitionError) as caught:
        scenario_of(WRITTEN + "name: annat\n", name="prov")
    assert caught.value.found == ("okänt fält: name",)


def test_a_whole_file_gives_the_scenario_with_the_usual_for_what_is_left_out():
    assert scenario_of(WRITTEN, name="prov") == Scenario(
        name="prov",
        why="Ett prov.",
        seed=1,
        births_per_year=100,
        start=date(2020, 1, 1),
        extract_date=date(2021, 12, 31),
        others_share=0.05,
        truth=Truth.WHOLE,
        errors="",
        settings={},
    )


def test_an_unknown_setting_is_refused_when_the_file_is_read_with_the_nearest_name():
    with pytest.raises(DefinitionError, match=r'"aim_efect" finns inte \(menade du "aim_effect"\?\)'):
        scenario_of(WRITTEN + "settings: {aim_efect: 2}\n", name="prov")


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"districts": 3}, "väntade vikter per kod, fick ett tal"),
        ({"drop_in": {"a": 1}}, "väntade ett tal, fick vikter per kod"),
        ({"drop_in": "mycket"}, "väntade ett tal, fick en text"),
        ({"drop_in": True}, "väntade ett tal, fick ja eller nej"),
        ({"drop_in": None}, "väntade ett tal, fick inget"),
    ],
)
def test_a_setting_of_another_kind_is_refused(settings, found):
    with pytest.raises(DefinitionError) as caught:
        margins_of(settings)
    assert caught.value.found == (found,)


def test_a_setting_of_weights_is_replaced_as_a_whole_and_the_others_are_kept():
    changed = margins_of({"support_without_place": {"UNG": 1.0}, "aim_effect": 2})
    assert changed.weights("support_without_place") == {"UNG": 1.0}
    assert changed.share("aim_effect") == 2
    assert changed.weights("districts") == margins().weights("districts")
    assert margins().share("aim_effect") == 1.0


def test_an_unknown_profile_of_errors_is_refused_at_once():
    with pytest.raises(DefinitionError, match=r'profil för fel \(menade du "typical"\?\)'):
        scenario_of(WRITTEN + "errors: typicall\n", name="prov")


def test_an_impossible_scenario_is_refused_with_every_problem():
    with pytest.raises(DefinitionError) as caught:
        Scenario(
            name="fel",
            why="",
            seed=1,
            births_per_year=0,
            start=date(2025, 1, 1),
            extract_date=date(2024, 1, 1),
            others_share=1.2,
        )
    assert caught.value.found == (
        "start 2025-01-01, uttagsdatum 2024-01-01",
        "births_per_year 0, seed 1",
        "others_share ska vara en andel",
    )


@pytest.mark.parametrize(
    ("start", "extract", "years"),
    [
        (date(2022, 1, 1), date(2025, 1, 31), [2022, 2023, 2024]),
        (date(2022, 1, 2), date(2024, 12, 31), [2023, 2024]),
        (date(2022, 1, 1), date(2024, 12, 30), [2022, 2023]),
        (date(2022, 5, 1), date(2022, 12, 1), []),
    ],
)
def test_a_year_is_whole_if_its_first_and_last_day_are_observed(start, extract, years):
    assert list(replace(scenario("small"), start=start, extract_date=extract).whole_years) == years


@pytest.mark.parametrize(
    ("extract", "last"), [(date(2025, 5, 31), 2008), (date(2025, 6, 1), 2009), (date(2025, 12, 31), 2009)]
)
def test_the_birth_years_go_from_who_turns_20_in_the_first_year_to_who_has_left_grade_nine(extract, last):
    years = replace(scenario("small"), start=date(2023, 1, 1), extract_date=extract).birth_years
    assert (years[0], years[-1]) == (2003, last)


def test_batches_hold_whole_years_or_whole_months_and_every_year_and_month_once():
    assert batches([2000, 2001, 2002], births_per_year=10, most=20) == (Batch((2000, 2001), 10), Batch((2002,), 10))
    assert batches([2000], births_per_year=20, most=20) == (Batch((2000,), 20),)
    assert batches([2000], births_per_year=21, most=20) == (
        Batch((2000,), 21, (1, 2, 3, 4, 5, 6)),
        Batch((2000,), 21, (7, 8, 9, 10, 11, 12)),
    )
    smallest = batches([2000, 2001], births_per_year=1000, most=1)
    assert [(batch.years, batch.months) for batch in smallest] == [
        ((year,), (month,)) for year in (2000, 2001) for month in range(1, 13)
    ]
