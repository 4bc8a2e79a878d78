"""Tables that would be too large by sex in every year: both sexes together, with the earlier years beside the latest.

Every count is the cell that the table of its own year prints for both sexes, so that nothing is counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.earlier_periods import series
from kaa_analysis.core.geography import division_for
from kaa_analysis.core.periods import MONTH_NAMES, Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.areas import PERIOD_DAY, POOLED, Area, registered_by_district
from kaa_analysis.indicators.begun_support import CONSENT, N_ENDED
from kaa_analysis.indicators.splits import COVERED, SEX
from kaa_analysis.indicators.stock import N_ENTRIES, N_EXITS, monthly_flow
from kaa_analysis.indicators.support_ends import N_EXITS_AFTER, exits_after_support, support_end_reasons
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

PERIOD = "period"
YEARS = 2
"""A table by month has the year and the one before."""

MONTH_OF_YEAR = Dimension(
    "month_of_year",
    "Månad",
    {"all": "Hela perioden", **{f"{number:02}": name for number, name in enumerate(MONTH_NAMES, start=1)}},
    total="all",
)


def registered_by_district_by_year(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    by: Area = "district",
    division: str | None = None,
) -> Result:
    """Count the persons covered in each period by district, girls and boys together: the totals of `registered_by_district`.

    ``division`` names the division of the city for all the periods, by default the one in force on the last day of the latest.

    Raises:
        DefinitionError: no period, a label twice, or as in `registered_during` and `registered_by_district`.

    **Counts**: persons, each once in a period.
    **Time**: the last day in the period in the target group.
    **Missing**: unknown or protected area is the row *Område redovisas inte*.
    **Source**: handlingsplanen avsnitt 7.1 and 8.3.
    """
    split = splits.period_dimension(periods)
    given = division_for(periods[-1].last_day, name=division)
    cohorts = [registered_during(register, period, population=population) for period in periods]
    tables = [registered_by_district(cohort, by=by, division=given.name) for cohort in cohorts]
    [area, *_] = tables[-1].of_role(Dimension)
    return _both_sexes(
        tables,
        split,
        counts=[COVERED],
        title=f"Registrerade efter {area.label.lower()}, {splits.span(periods)}",
        note=f"Varje person räknas en gång per period, i området där personen bodde {PERIOD_DAY['last_target_day']}. {POOLED} Områdena "
        f"följer {given.label}."
        + splits.breaks(register, periods, population=population, by_district=True)
        + splits.partly_observed(periods, register.extract_date),
    )


def monthly_flow_by_year(
    register: Register, *, period: Period, population: TargetPopulation | None = None, area: ChosenArea | None = None
) -> Result:
    """Count the registrations that began and ended in each month of a period and of the same a year before, girls and boys together.

    The year before is left out if it begins before the register's history. A month that is not observed has no row. ``area`` as in
    `monthly_flow`.

    Raises:
        DefinitionError: the period is of no known calendar, or as in `monthly_flow`.

    **Counts**: registrations (spells).
    **Time**: the month of entry_date and of exit_date (the first day not registered).
    **Missing**: as in `monthly_flow`.
    **Source**: handlingsplanen avsnitt 7.1; the seasons of the register.
    """
    periods = series(period, n=YEARS, observed_from=register.observed_from)
    tables = [monthly_flow(register, period=each, population=population, area=area) for each in periods]
    split, counts = splits.period_dimension(periods), [N_ENTRIES, N_EXITS]
    rows = _rows(tables, split)
    context = _context(tables[-1])
    return Result(
        id="monthly_flow_by_year",
        title=f"Nya och avslutade registreringar per månad{splits.located(area)}, {splits.span(periods)}",
        columns=(MONTH_OF_YEAR, split, *counts),
        table=rows.assign(month_of_year=rows["month"].map(_month_of_year))[
            [MONTH_OF_YEAR.name, split.name, *(count.name for count in counts)]
        ],
        context=context,
        equations=tuple(_same_months(rows, counts, context)),
        note="En registrering räknas den månad den började och den månad den slutade."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=tables[-1].source,
        method=tables[-1].method,
    )


def support_end_reasons_by_year(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the interventions that ended in each period by kind and reason, girls and boys together: the totals of `support_end_reasons`.

    Raises:
        DefinitionError: no period, a label twice, or as in `support_end_reasons`.

    **Counts**: interventions that ended.
    **Time**: end_date, the first day after, in ``[start, end)``.
    **Missing**: an intervention that ended without a reason stands with those whose reason is unknown.
    **Source**: handlingsplanen avsnitt 7.2 (avslutsorsaker per insats).
    """
    split = splits.period_dimension(periods)
    tables = [support_end_reasons(register, period=period, population=population, area=area) for period in periods]
    return _both_sexes(
        tables,
        split,
        counts=[N_ENDED],
        title=f"Avslutade insatser efter insats och slutorsak{splits.located(area)}, {splits.span(periods)}",
        note=f"Tabellen räknar avslutade insatser, inte personer. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
    )


def exits_after_support_by_year(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the exits of each period after an intervention, by kind and reason, girls and boys together: the totals of `exits_after_support`.

    Raises:
        DefinitionError: no period, a label twice, or as in `exits_after_support`.

    **Counts**: exits (spells).
    **Time**: exit_date, the first day not registered, in ``[start, end)``.
    **Missing**: an exit without a reason is a row of its own.
    **Source**: handlingsplanen avsnitt 7.2 (avslutsorsaker per insats).
    """
    split = splits.period_dimension(periods)
    tables = [exits_after_support(register, period=period, population=population, area=area) for period in periods]
    return _both_sexes(
        tables,
        split,
        counts=[N_EXITS_AFTER],
        title=f"Avslutade registreringar efter insats och avslutsorsak{splits.located(area)}, {splits.span(periods)}",
        note=f"Ett avslut efter flera insatser står under var och en av dem, så insatserna går inte att summera. {CONSENT}"
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
    )


def _both_sexes(
    tables: Sequence[Result], split: Dimension, *, counts: Sequence[Count], title: str, note: str
) -> Result:
    """Return the rows for both sexes of the tables, one per period in order, with what they say of one another."""
    latest = tables[-1]
    others = [dimension for dimension in latest.of_role(Dimension) if dimension.name != SEX.name]
    columns = (*others, split, *counts)
    return Result(
        id=f"{latest.id}_by_year",
        title=title,
        columns=columns,
        table=_rows(tables, split)[[column.name for column in columns]],
        context=_context(latest),
        equations=tuple(each for table in tables for each in table.equations if not _is_by_sex(each)),
        note=note,
        source=latest.source,
        method=latest.method,
    )


def _rows(tables: Sequence[Result], split: Dimension) -> pd.DataFrame:
    """Return the rows for both sexes of every table below each other, with the period."""
    frames = (table.table[table.table[SEX.name].eq(SEX.total)] for table in tables)
    parts = [rows.assign(**{split.name: label}) for rows, label in zip(frames, split.labels, strict=True)]
    return pd.concat(parts, ignore_index=True)


def _context(table: Result) -> dict[str, str]:
    return {name: value for name, value in table.context.items() if name != PERIOD}


def _is_by_sex(equation: Equation) -> bool:
    return any(name == SEX.name for _, term in equation.terms for name, _ in term.place)


def _month_of_year(month: str) -> str:
    """Return the number of a month written 2024-09, or what stands for the whole period."""
    _, _, number = month.partition("-")
    return number or str(MONTH_OF_YEAR.total)


def _same_months(rows: pd.DataFrame, counts: Sequence[Count], context: dict[str, str]) -> Iterator[Equation]:
    """Give that a month of the year is the month of that year in `monthly_flow`."""
    for period, month in rows.loc[rows["month"].str.contains("-"), [PERIOD, "month"]].itertuples(index=False):
        for count in counts:
            place = {PERIOD: period, "month_of_year": _month_of_year(month)}
            yield splits.same(
                "Månaden är samma tal i båda tabellerna",
                splits.at(count.measure, context, **place),
                splits.at(count.measure, context, period=period, month=month),
            )
