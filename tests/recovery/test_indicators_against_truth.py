"""Does every indicator count what is true? Clean registers through the whole way in, whole tables compared with the simulated world's own counts."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kaa_analysis.core.periods import Period, autumn, calendar_year, lasar
from kaa_analysis.synthetic.truth.tallying import KEYS
from kaa_analysis.target_population import target_population
from tests.recovery.indicator_tables import STEPS_OF_LASAR, indicator_tables
from tests.recovery.worlds import SimulatedWorld, a_scenario, simulated

BIRTHS = 250
WORLDS = {
    "over_the_divisions_of_2023": (
        a_scenario("omraden", seed=3, births=BIRTHS, start=date(2023, 1, 1), extract=date(2024, 2, 1), settings={}),
        [calendar_year(2023), calendar_year(2024), lasar(2023), autumn(2023)],
    ),
    "over_the_law_of_2018": (
        a_scenario("lagen", seed=3, births=BIRTHS, start=date(2017, 1, 1), extract=date(2018, 10, 1), settings={}),
        [calendar_year(2017), lasar(2017)],
    ),
}


LAWS = {"as_in_force", "bridged", "only_as_in_force"}
"""The rows of the series by law that are not empty: the present law covers nobody whom the law in force did not."""


@pytest.fixture(scope="module", params=WORLDS)
def counted(request, tmp_path_factory) -> tuple[SimulatedWorld, list[Period], pd.DataFrame]:
    scenario, periods = WORLDS[request.param]
    world = simulated(scenario, tmp_path_factory.mktemp(request.param))
    population = target_population(world.register)
    return world, periods, indicator_tables(world.register, population=population, periods=periods)


def of_periods(counts: pd.DataFrame, *, like: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of the periods for which the other table has the indicator: two laws are compared only before a change."""
    asked = like[["indicator", "period"]].drop_duplicates()
    return counts.merge(asked, on=["indicator", "period"], how="inner", validate="many_to_one")


def test_every_count_of_every_indicator_is_the_true_one(counted):
    world, _, found = counted
    pd.testing.assert_frame_equal(found, of_periods(world.counts, like=found))


def test_no_indicator_is_empty(counted):
    _, periods, found = counted
    by_area = {
        f"{name}_by_{area}" for name in ("registered", "stock", "entries") for area in ("district", "part_of_city")
    }
    assert set(found["indicator"]) - {"series_by_law"} == by_area | {
        "stock_and_flow", "monthly_flow", "exits_by_reason", "share_to_studies", "outreach_funnel", "contact_volumes",
        "first_attempt_within_month", "support_by_intervention", "support_by_provider", "support_flow", "support_flow_by_kind",
        "support_flow_by_provider", "support_end_reasons", "exits_after_support", "activity_after_support",
        "work_or_studies_after_support", "youth_employment_steps", "routes_into_aim", "coverage", "registered_share",
        "inclusion_registered", "inclusion_entering", "flow_in_parts", "persons_in_flow", "handover_at_20", "study_measures",
        "studies_within_year", "study_bounds", "skolslussen_fork", "notices_from_schools", "other_study_paths",
        "newly_resident_support", "without_admission", *STEPS_OF_LASAR, "registered_by_district_by_year",
        "registered_by_part_of_city_by_year", "monthly_flow_by_year", "support_end_reasons_by_year", "exits_after_support_by_year",
    }  # fmt: skip
    assert set(found["period"]) == {period.label for period in periods}
    crosses = calendar_year(2017) in periods
    assert set(found.loc[found["indicator"] == "series_by_law", "category"]) == (LAWS if crosses else set())


def test_one_registration_less_is_seen(counted):
    world, _, found = counted
    wrong = found.copy()
    wrong.loc[wrong["indicator"] == "stock_and_flow", "n"] -= 1
    differs = of_periods(world.counts, like=found).merge(wrong, on=KEYS, how="left", validate="one_to_one")
    assert sorted(differs.loc[differs["n_x"] != differs["n_y"], "indicator"].unique()) == ["stock_and_flow"]
