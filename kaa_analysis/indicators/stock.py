"""Stock and flow: how many registrations at the start, in, out, and at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.cohorts.inhabitants import counted_in
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.periods import MONTH_NAMES, Period, day_before
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import COVERED, ENTRIES, EXITS, SEX, STOCK
from kaa_analysis.indicators.tally import table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

N_START = Count("n_stock_start", "Registrerade vid periodens början", measure="stock_start", unit="spells")
N_ENTRIES = Count("n_entries", "Nya registreringar", measure=ENTRIES, unit="spells", cumulative=True, key=True)
N_EXITS = Count("n_exits", "Avslutade registreringar", measure=EXITS, unit="spells", cumulative=True, key=True)
N_END = Count("n_stock_end", "Registrerade vid periodens slut", measure="stock_end", unit="spells", key=True)


def stock_on(spells: pd.DataFrame, day: date) -> pd.Series:
    """Return which spells are registered on ``day``: entry_date ≤ day < exit_date."""
    stamp = pd.Timestamp(day)
    return (spells["entry_date"] <= stamp) & (spells["exit_date"].isna() | (spells["exit_date"] > stamp))


def dated_in(dates: pd.Series, start: date, end: date) -> pd.Series:
    """Return which dates lie in ``[start, end)``; a missing date does not."""
    return (dates >= pd.Timestamp(start)) & (dates < pd.Timestamp(end))


def stock_and_flow(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the registrations at the start of each period, those that began and ended in it, and those at its end.

    Start and end are the day before the period and its last observed day; start + in − out = end holds in every row, and the end
    of one period is the start of the next (one cell: *stock* on that day). Beside them stand the persons covered.

    With a district as ``area`` the table is about what belongs to it in each period (`cohorts.inhabitants`): the sum still holds in
    every row, but who has moved between two periods is at the end of one in another district than at the start of the next.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: registrations (spells); persons in ``n_persons``.
    **Time**: entry_date, and exit_date (the first day not registered), in ``[start, end)``; stock by entry_date ≤ day < exit_date.
    **Missing**: a missing exit_date is still registered; mistakes and registrations without a day in the target group are left out.
    **Source**: 29 kap. 9 § skollagen; handlingsplanen avsnitt 7.1 ("Totalt antal som omfattas av KAA").
    """
    split = splits.period_dimension(periods)
    counts = {period.label: _one_period(register, period, population=population, area=area) for period in periods}
    frame = pd.concat(counts, names=["period"]).reset_index().drop(columns="level_1", errors="ignore")
    extract = register.extract_date
    return Result(
        id="stock_and_flow",
        title=f"Registrerade, nya och avslutade{splits.located(area)}, {splits.span(periods)}",
        columns=(split, SEX, N_START, N_ENTRIES, N_EXITS, N_END, COVERED),
        table=frame,
        context=splits.place(extract, area=area),
        equations=tuple(_flow_equations(periods, extract, area)),
        note="Under Personer räknas den som har flera registreringar en gång, om ungdomen hörde till målgruppen någon registrerad dag "
        "under perioden."
        + splits.whose_in_each(area, periods)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, extract),
        source=splits.citation(register.source, extract),
        method=splits.method("stock_and_flow", area=area),
    )


def monthly_flow(
    register: Register, *, period: Period, population: TargetPopulation | None = None, area: ChosenArea | None = None
) -> Result:
    """Count the registrations that began and ended in each observed month of a period; ``area`` as in `stock_and_flow`, by the period.

    Raises:
        DefinitionError: no day of the period is observed; as in `belonging_to`.

    **Counts**: registrations (spells).
    **Time**: the month of entry_date and of exit_date (the first day not registered).
    **Missing**: a missing exit_date has not ended; left out as in `stock_and_flow`.
    **Source**: handlingsplanen avsnitt 7.1; the seasons of the register.
    """
    require_history(register, period)
    end = observed_end(period, register.extract_date)
    months = [month for month in period.month_starts() if month < end]
    names = {f"{month:%Y-%m}": f"{MONTH_NAMES[month.month - 1]} {month.year}" for month in months}
    labels = {"year": "Hela perioden", **names}
    split = Dimension("month", "Månad", labels, total="year", coarser=quarters_of(months))
    spells = counted_in(register, period, population=population, area=area)
    counts = {}
    for count, column in ((N_ENTRIES, "entry_date"), (N_EXITS, "exit_date")):
        events = spells[dated_in(spells[column], period.start, end)]
        events = events.assign(month=events[column].dt.strftime("%Y-%m"))
        counts[count.name] = tally(events, by=[split, SEX])
    return Result(
        id="monthly_flow",
        title=f"Nya och avslutade registreringar per månad{splits.located(area)}, {period.label}",
        columns=(split, SEX, N_ENTRIES, N_EXITS),
        table=table(counts),
        context=splits.place(register.extract_date, area=area, period=period.label),
        note="En registrering räknas den månad den började och den månad den slutade."
        + splits.whose(area)
        + splits.breaks(register, months_of(period), population=population, area=area)
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("monthly_flow", area=area),
    )


def months_of(period: Period) -> list[Period]:
    """Return the months of a period that begin in it, each as a period.

    >>> [month.label for month in months_of(Period(date(2024, 11, 1), date(2025, 2, 1), "vintern", "days"))]
    ['2024-11', '2024-12', '2025-01']
    """
    starts = period.month_starts()
    return [
        Period(start, end, f"{start:%Y-%m}", "month")
        for start, end in zip(starts, [*starts[1:], period.end], strict=True)
    ]


def quarters_of(months: Sequence[date]) -> tuple[Grouping, ...]:
    """Return the months (their first days, in order) by calendar quarter, named for the months in it; none if that puts nothing together.

    >>> [grouping] = quarters_of([date(2024, month, 1) for month in (7, 8, 9, 10)])
    >>> grouping.labels
    {'2024-k3': 'juli–september 2024', '2024-10': 'oktober 2024'}
    """
    of_each: dict[tuple[int, int], list[date]] = {}
    for month in months:
        of_each.setdefault((month.year, (month.month + 2) // 3), []).append(month)
    if len(of_each) in (1, len(months)):
        return ()
    codes = {key: f"{key[0]}-k{key[1]}" if len(held) > 1 else f"{held[0]:%Y-%m}" for key, held in of_each.items()}
    return (
        Grouping(
            "month",
            "Kvartal",
            {codes[key]: tuple(f"{month:%Y-%m}" for month in held) for key, held in of_each.items()},
            {codes[key]: _months_in_words(held) for key, held in of_each.items()},
            "Månaderna är sammanslagna till kvartal för att ingen ska kunna pekas ut.",
        ),
    )


def _months_in_words(months: Sequence[date]) -> str:
    names = dict.fromkeys(MONTH_NAMES[month.month - 1] for month in (months[0], months[-1]))
    return f"{'–'.join(names)} {months[0].year}"


def _one_period(
    register: Register,
    period: Period,
    *,
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> pd.DataFrame:
    require_history(register, period)
    spells = counted_in(register, period, population=population, area=area)
    end = observed_end(period, register.extract_date)
    chosen = {
        N_START.name: stock_on(spells, day_before(period.start)),
        N_ENTRIES.name: dated_in(spells["entry_date"], period.start, end),
        N_EXITS.name: dated_in(spells["exit_date"], period.start, end),
        N_END.name: stock_on(spells, day_before(end)),
    }
    counts = {name: tally(spells[rows], by=[SEX]) for name, rows in chosen.items()}
    covered = registered_during(register, period, population=population, area=area)
    counts[COVERED.name] = tally(covered.spells, by=[SEX], distinct="person_id")
    return table(counts)


def _flow_equations(periods: Sequence[Period], extract: date, area: ChosenArea | None) -> list[Equation]:
    """Return that start + in − out is the end and, for the whole municipality, that the end of one period is the start of the next."""
    context = splits.place(extract, area=area)
    found = []
    for period in periods:
        first, last = day_before(period.start), day_before(observed_end(period, extract))
        for sex in SEX.labels:
            cells = {
                count.measure: splits.at(count.measure, context, period=period.label, sex=sex)
                for count in (N_START, N_ENTRIES, N_EXITS, N_END)
            }
            signs = {"stock_start": 1, ENTRIES: 1, EXITS: -1, "stock_end": -1}
            found.append(
                Equation(
                    "Början plus nya minus avslutade är slutet", tuple((signs[name], cells[name]) for name in cells)
                )
            )
            for name, day in () if area else (("stock_start", first), ("stock_end", last)):
                on_day = splits.at(STOCK, context, day=day.isoformat(), sex=sex)
                found.append(splits.same("Beståndet en viss dag är ett och samma tal", cells[name], on_day))
    return found
