"""The results of the annual appendix: the indicators that `notebooks/10_annual_appendix.ipynb` shows for a year."""

from __future__ import annotations

from collections.abc import Iterator

from kaa_analysis import cohorts, indicators
from kaa_analysis.core.periods import autumn, calendar_year, lasar_that_ended_in
from kaa_analysis.core.result import Result
from kaa_analysis.store import Register
from kaa_analysis.target_population import TargetPopulation

DIVISION = "2023"


def annual_results(register: Register, *, population: TargetPopulation, year: int) -> Iterator[Result]:
    """Yield every result of the appendix of a year, in its order."""
    period, periods = calendar_year(year), indicators.three_years(year, observed_from=register.observed_from)
    covered = cohorts.registered_during(register, period, population=population)
    yield indicators.stock_and_flow(register, periods=periods, population=population)
    yield indicators.monthly_flow(register, period=period, population=population)
    yield indicators.exits_by_reason(register, periods=periods, population=population)
    yield indicators.share_to_studies(register, periods=periods, population=population)
    yield indicators.inclusion_flow(covered)
    yield indicators.rows_set_aside(register)
    yield indicators.registered_by_district(covered, by="part_of_city", division=DIVISION)
    yield indicators.registered_by_district(covered, division=DIVISION)
    for sought in (lasar_that_ended_in(year), autumn(year)):
        cohort = cohorts.registered_during(register, sought, population=population)
        yield indicators.outreach_funnel(register, cohort, period=sought)
        yield indicators.contact_volumes(register, cohort, period=sought)
    newcomers = cohorts.entering_during(register, period, population=population)
    yield indicators.first_attempt_within_month(register, newcomers)
    for by in ("kind", "provider"):
        yield indicators.support_by_intervention(register, covered, period=period, by=by)
    yield indicators.registered_share(register, period=period, population=population)
    yield indicators.series_by_law(register, periods=periods, population=population)
