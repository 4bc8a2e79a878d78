"""What the indicators give for a register, in the long form of the truth: whole tables, zeros left out as they are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import pandas as pd

from kaa_analysis import indicators
from kaa_analysis.cohorts import Cohort, entering_during, registered_during
from kaa_analysis.core.geography import division_on
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.synthetic.truth.tallying import COLUMNS, KEYS
from kaa_analysis.target_population import TargetPopulation, changes_of_law

PRESENT = "2023"
STEPS_OF_LASAR = (
    "outreach_by_step", "attempts_by_step", "response_by_step", "response_of_delivered", "reached_by_step", "outreach_routine",
    "support_after_reached", "support_chosen", "routine_letters", "persons_by_reach", "reached_by_age",
)  # fmt: skip
"""The outreach step by step, and what came of it."""


def indicator_tables(register, *, population: TargetPopulation, periods: Sequence[Period]) -> pd.DataFrame:
    """Return the counts of every indicator for the periods, sorted by the truth's keys."""
    parts = [part for period in periods for part in _of_period(register, population, period)]
    parts += _of_years(register, population, [period for period in periods if period.calendar == "calendar_year"])
    table = pd.concat(parts, ignore_index=True).astype(dict.fromkeys(KEYS, "str"))
    return table.sort_values(KEYS, kind="stable", ignore_index=True)


def _of_period(register, population: TargetPopulation, period: Period) -> Iterator[pd.DataFrame]:
    """Give the tables of a period: all of a calendar year, stock, flow and outreach of a läsår, outreach of an autumn."""
    covered = registered_during(register, period, population=population)
    results = {
        "outreach_funnel": indicators.outreach_funnel(register, covered, period=period),
        "contact_volumes": indicators.contact_volumes(register, covered, period=period),
    }
    if period.calendar != "autumn":
        results["stock_and_flow"] = indicators.stock_and_flow(register, periods=[period], population=population)
        results["notices_from_schools"] = indicators.notices_from_schools(
            register, periods=[period], population=population
        )
        results["first_attempt_within_month"] = indicators.first_attempt_within_month(
            register, periods=[period], population=population
        )
    if period.calendar == "lasar":
        results |= _of_lasar(register, population, period)
    if period.calendar == "calendar_year":
        results |= _of_year(register, population, period, covered=covered)
        yield from _by_area(register, population, period, covered)
    for name, result in results.items():
        yield _long(result, name=name, period=period)


def _of_lasar(register, population: TargetPopulation, period: Period) -> dict[str, Result]:
    return {
        name: getattr(indicators, name)(register, periods=[period], population=population) for name in STEPS_OF_LASAR
    }


def _of_years(register, population: TargetPopulation, years: Sequence[Period]) -> Iterator[pd.DataFrame]:
    """Give what the tables of several years beside each other tell of these years, both sexes together."""
    chosen = {"register": register, "population": population}
    results = [
        indicators.support_end_reasons_by_year(**chosen, periods=years),
        indicators.exits_after_support_by_year(**chosen, periods=years),
        indicators.monthly_flow_by_year(**chosen, period=years[-1]),
    ]
    asked = [year.label for year in years]
    for result in results:
        found = _long(result, name=result.id)
        yield found[found["period"].isin(asked)]
    for by in ("district", "part_of_city"):
        table = indicators.registered_by_district_by_year(**chosen, periods=years, by=by, division=PRESENT)
        yield _long(table, name=table.id, division=PRESENT)


def _of_year(register, population: TargetPopulation, period: Period, *, covered: Cohort) -> dict[str, Result]:
    chosen = {"register": register, "population": population}
    results = {
        "monthly_flow": indicators.monthly_flow(**chosen, period=period),
        "exits_by_reason": indicators.exits_by_reason(**chosen, periods=[period]),
        "without_admission": indicators.without_admission(**chosen, periods=[period]),
        "skolslussen_fork": indicators.skolslussen_fork(**chosen, periods=[period]),
        "other_study_paths": indicators.other_study_paths(**chosen, periods=[period]),
        "newly_resident_support": indicators.newly_resident_support(**chosen, periods=[period]),
        "share_to_studies": indicators.share_to_studies(**chosen, periods=[period]),
        "flow_in_parts": indicators.flow_in_parts(**chosen, periods=[period]),
        "persons_in_flow": indicators.persons_in_flow(**chosen, periods=[period]),
        "handover_at_20": indicators.handover_at_20(**chosen, periods=[period]),
        "study_measures": indicators.study_measures(**chosen, periods=[period]),
        "studies_within_year": indicators.studies_within_year(**chosen, periods=[period]),
        "study_bounds": indicators.study_bounds(**chosen, periods=[period]),
        **{result.id: result for result in _support(register, population, period)},
        "registered_share": indicators.registered_share(**chosen, period=period),
        "coverage": indicators.coverage(**chosen, day=_last_day(register, period)),
        "inclusion_registered": indicators.inclusion_flow(covered),
        "inclusion_entering": indicators.inclusion_flow(entering_during(register, period, population=population)),
    }
    if period.start < changes_of_law()[-1]:
        results["series_by_law"] = indicators.series_by_law(**chosen, periods=[period])
    return results


def _support(register, population: TargetPopulation, period: Period) -> Iterator[Result]:
    """Give every table of support, of one period."""
    chosen = {"register": register, "population": population}
    for by in ("kind", "provider"):
        yield indicators.support_by_intervention(**chosen, periods=[period], by=by)
    for by in ("all", "kind", "provider"):
        yield indicators.support_flow(**chosen, periods=[period], by=by)
    yield indicators.support_end_reasons(**chosen, period=period)
    yield indicators.exits_after_support(**chosen, period=period)
    yield indicators.activity_after_support(**chosen, periods=[period])
    yield indicators.work_or_studies_after_support(**chosen, periods=[period])
    yield indicators.youth_employment_steps(**chosen, periods=[period])
    yield indicators.routes_into_aim(**chosen, periods=[period])


def _by_area(register, population: TargetPopulation, period: Period, covered: Cohort) -> Iterator[pd.DataFrame]:
    day = _last_day(register, period)
    for by in ("district", "part_of_city"):
        for division in {division_on(period.last_day).name: None, PRESENT: None}:
            named = {"by": by, "division": division}
            registered = indicators.registered_by_district(covered, **named)
            entries = indicators.entries_by_district(register, period=period, population=population, **named)
            yield _long(registered, name=f"registered_by_{by}", period=period, division=division)
            yield _long(entries, name=f"entries_by_{by}", period=period, division=division)
        for division in {division_on(day).name: None, PRESENT: None}:
            stock = indicators.stock_by_district(register, day=day, by=by, division=division, population=population)
            yield _long(stock, name=f"stock_by_{by}", period=period, division=division)


def _last_day(register, period: Period) -> date:
    return min(period.end, register.extract_date) - timedelta(days=1)


def _long(result: Result, *, name: str, period: Period | None = None, division: str = "") -> pd.DataFrame:
    """Return the counts of a result, a row each; what is unknown, and the number that is the same on every row of a split, are left out.

    Without a ``period`` they are those of every period of the table. Splits that are crossed are one, with their names and their values joined by a stroke.
    """
    counts = [column.name for column in result.columns if isinstance(column, Count) and not column.regardless_of]
    dimensions = {column.name: column for column in result.columns if isinstance(column, Dimension)}
    splits = [column for column in dimensions.values() if column.name not in ("sex", "period")]
    long = result.table.melt(id_vars=list(dimensions), value_vars=counts, var_name="measure", value_name="value")
    long = long.dropna(subset="value")
    facts = {"indicator": name, "division": division, "split": "", "category": ""}
    if period is not None:
        facts["period"] = period.label
    if not dimensions.keys() >= {"sex"}:
        facts["sex"] = "all"
    values = [long[split.name].astype("str").replace({split.total: "all"}) for split in splits]
    if splits:
        facts |= {"split": "/".join(split.name for split in splits), "category": values[0].str.cat(values[1:], sep="/")}
    long = long.assign(**facts, n=long["value"].astype("int64"))
    return long.loc[long["n"] != 0, COLUMNS]
