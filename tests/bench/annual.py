"""The results of the annual appendix: the indicators that `notebooks/10_annual_appendix.ipynb` shows for a year."""

from __future__ import annotations

from collections.abc import Iterator

from kaa_analysis import cohorts, indicators
from kaa_analysis.cohorts import ChosenArea
from kaa_analysis.core.periods import autumn, calendar_year, lasar_that_ended_in
from kaa_analysis.core.result import Result
from kaa_analysis.store import Register
from kaa_analysis.target_population import TargetPopulation

DIVISION = "2023"

OUTREACH = (
    indicators.outreach_by_step,
    indicators.response_by_step,
    indicators.response_of_delivered,
    indicators.reached_by_step,
    indicators.attempts_by_step,
    indicators.outreach_routine,
    indicators.support_chosen,
    indicators.support_after_reached,
    indicators.persons_by_reach,
    indicators.reached_by_age,
    indicators.routine_letters,
)


def annual_results(
    register: Register, *, population: TargetPopulation, year: int, area: ChosenArea | None = None
) -> Iterator[Result]:
    """Yield every result of the appendix of a year, in its order, for the whole municipality (None) or a district.

    Those that other units have counted are left out: they rest on nothing in the register.
    """
    period, periods = calendar_year(year), indicators.three_years(year, observed_from=register.observed_from)
    everyone = cohorts.registered_during(register, period, population=population)
    covered = cohorts.in_area(everyone, area=area)
    yield indicators.stock_and_flow(register, periods=periods, population=population, area=area)
    yield indicators.monthly_flow(register, period=period, population=population, area=area)
    yield indicators.monthly_flow_by_year(register, period=period, population=population, area=area)
    yield indicators.exits_by_reason(register, periods=periods, population=population, area=area)
    yield indicators.share_to_studies(register, periods=periods, population=population, area=area)
    for of_the_flow in (
        indicators.flow_in_parts,
        indicators.persons_in_flow,
        indicators.handover_at_20,
        indicators.study_measures,
        indicators.studies_within_year,
        indicators.study_bounds,
    ):
        yield of_the_flow(register, periods=periods, population=population, area=area)
    yield indicators.inclusion_flow(covered)
    yield indicators.rows_set_aside(register)
    chosen = {"population": population, "periods": periods}
    for by in ("part_of_city", "district"):
        yield indicators.registered_by_district(everyone, by=by, division=DIVISION)
        yield indicators.registered_by_district_by_year(register, **chosen, by=by, division=DIVISION)
    for sought in (lasar_that_ended_in(year), autumn(year)):
        cohort = cohorts.registered_during(register, sought, population=population, area=area)
        yield indicators.outreach_funnel(register, cohort, period=sought)
        yield indicators.contact_volumes(register, cohort, period=sought)
    lasar = indicators.three_lasar(year, observed_from=register.observed_from)
    for of_outreach in OUTREACH:
        yield of_outreach(register, periods=lasar, population=population, area=area)
    yield indicators.first_attempt_within_month(register, **chosen, area=area)
    for by in ("kind", "provider"):
        yield indicators.support_by_intervention(register, **chosen, area=area, by=by)
    yield indicators.support_flow(register, **chosen, area=area)
    for by in ("kind", "provider"):
        yield indicators.support_flow(register, **chosen, by=by)
    yield indicators.support_end_reasons(register, period=period, population=population)
    yield indicators.exits_after_support(register, period=period, population=population)
    yield indicators.support_end_reasons_by_year(register, **chosen)
    yield indicators.exits_after_support_by_year(register, **chosen)
    yield indicators.activity_after_support(register, **chosen)
    yield indicators.work_or_studies_after_support(register, **chosen)
    yield indicators.youth_employment_steps(register, **chosen)
    yield indicators.routes_into_aim(register, **chosen)
    yield indicators.notices_from_schools(register, periods=lasar, population=population, area=area)
    for of_studies in (
        indicators.without_admission,
        indicators.skolslussen_fork,
        indicators.other_study_paths,
        indicators.newly_resident_support,
    ):
        yield of_studies(register, **chosen, area=area)
    yield indicators.registered_share(register, period=period, population=population, area=area)
    yield indicators.series_by_law(register, periods=periods, population=population, area=area)
