"""The flow in persons: who was registered at the start, who came, who left, who is there at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.inhabitants import counted_in, last_of_each, of_the_same, touching
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.flow_parts import N_FIRST, with_return
from kaa_analysis.indicators.splits import COVERED, SEX
from kaa_analysis.indicators.stock import N_END, N_START, dated_in, stock_on
from kaa_analysis.indicators.tally import table, table_of_each, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

PERSONS_START = Count("n_persons_start", "Registrerade vid periodens början", measure="persons_start")
PERSONS_FIRST = Count("n_persons_first", "Kom första gången", measure="persons_first")
PERSONS_AGAIN = Count("n_persons_again", "Kom tillbaka", measure="persons_again")
PERSONS_LEFT = Count("n_persons_left", "Inte kvar vid slutet", measure="persons_left")
PERSONS_END = Count("n_persons_end", "Registrerade vid periodens slut", measure="persons_end")
COLUMNS = (PERSONS_START, PERSONS_FIRST, PERSONS_AGAIN, PERSONS_LEFT, PERSONS_END)
SIGNS = {PERSONS_START: 1, PERSONS_FIRST: 1, PERSONS_AGAIN: 1, PERSONS_LEFT: -1, PERSONS_END: -1}
NEVER_COVERED = "persons_never_in_target_group"
"""Persons with a counted registration in the period who were in the target group on no registered day of it; in no table."""


def persons_in_flow(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the persons registered at the start of each period, those who came, those gone at its end and those still there.

    Start + came for the first time + came back = gone + end in every row: each person stands once on either side. Who was there at the
    start has not come, however often the youth left and came back in the period. To the district ``area`` belongs who had the last
    registration in the period there; None is the whole municipality.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: persons with a registration counted in `stock_and_flow`.
    **Time**: start and end as in `stock_and_flow`; came: entry_date in ``[start, end)``, by the person's first one in it.
    **Missing**: as in `flow_in_parts`.
    **Source**: 29 kap. 9 § skollagen; handlingsplanen avsnitt 8.1.
    """
    split = splits.period_dimension(periods)
    spells = with_return(register, population=population)
    counts, once = {}, True
    for period in periods:
        require_history(register, period)
        own = _of_area(spells, period, register=register, population=population, area=area)
        counts[period.label] = _one_period(own, period, register)
        once &= _once(own, period, register)
    context = splits.place(register.extract_date, area=area)
    whole = area is None
    return Result(
        id="persons_in_flow",
        title=f"Personer som var registrerade, kom och lämnade{splits.located(area)}, {splits.span(periods)}",
        columns=(split, SEX, *COLUMNS),
        table=table_of_each(counts),
        context=context,
        equations=tuple(_equations(split, context, stock=whole and once, entries=whole)),
        note="Var och en räknas en gång: antingen som registrerad vid periodens början eller som någon som kom, och antingen som kvar vid "
        "slutet eller inte. Den som var registrerad vid början, lämnade och kom tillbaka har alltså inte kommit, och är kvar."
        + _whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("persons_in_flow", area=area),
    )


def _of_area(
    spells: pd.DataFrame,
    period: Period,
    *,
    register: Register,
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> pd.DataFrame:
    """Return the spells touching the period of those whose last one belongs to the area."""
    chosen = touching(spells, period, register=register)
    if area is None:
        return chosen
    last, own = last_of_each(chosen), counted_in(register, period, population=population, area=area)
    return chosen[chosen["person_id"].isin(last.loc[of_the_same(last, own), "person_id"])]


def _one_period(spells: pd.DataFrame, period: Period, register: Register) -> pd.DataFrame:
    """Return the counts by sex; each person stands in one of the first three columns and in one of the last two."""
    end = observed_end(period, register.extract_date)
    at_start, at_end = stock_on(spells, day_before(period.start)), stock_on(spells, day_before(end))
    began_first = dated_in(spells["entry_date"], period.start, end) & spells["kind_of_entry"].eq("first")
    flags = spells.assign(at_start=at_start, at_end=at_end, began_first=began_first)
    persons = flags.groupby("person_id", sort=False).agg(
        sex=("sex", "first"), at_start=("at_start", "any"), at_end=("at_end", "any"), first=("began_first", "any")
    )
    chosen = {
        PERSONS_START: persons["at_start"],
        PERSONS_FIRST: ~persons["at_start"] & persons["first"],
        PERSONS_AGAIN: ~persons["at_start"] & ~persons["first"],
        PERSONS_LEFT: ~persons["at_end"],
        PERSONS_END: persons["at_end"],
    }
    return table({count.name: tally(persons[rows], by=[SEX]) for count, rows in chosen.items()})


def _once(spells: pd.DataFrame, period: Period, register: Register) -> bool:
    """Return whether nobody is registered twice on the days of the start and of the end."""
    days = (day_before(period.start), day_before(observed_end(period, register.extract_date)))
    return not any(spells.loc[stock_on(spells, day), "person_id"].duplicated().any() for day in days)


def _equations(split: Dimension, context: dict[str, str], *, stock: bool, entries: bool) -> Iterator[Equation]:
    """Give that both sides are the same persons and, for the whole municipality, which registrations they are."""
    for period in split.labels:
        for sex in SEX.labels:
            cells = {
                count.measure: splits.at(count.measure, context, period=period, sex=sex)
                for count in (*COLUMNS, N_START, N_END, N_FIRST, COVERED)
            }
            yield Equation(
                "De som var där eller kom är de som lämnade eller är kvar",
                tuple((sign, cells[count.measure]) for count, sign in SIGNS.items()),
            )
            if stock:
                for persons, registrations in ((PERSONS_START, N_START), (PERSONS_END, N_END)):
                    yield splits.same(
                        "Var och en har högst en registrering på en dag",
                        cells[persons.measure],
                        cells[registrations.measure],
                    )
            if entries:
                yield splits.same(
                    "Var och en kommer för första gången en gång",
                    cells[PERSONS_FIRST.measure],
                    cells[N_FIRST.measure],
                )
                yield Equation(
                    "De omfattade är bland dem som var registrerade någon gång",
                    (
                        *((1, cells[count.measure]) for count in COLUMNS[:3]),
                        (-1, cells[COVERED.measure]),
                        (-1, splits.at(NEVER_COVERED, context, period=period, sex=sex)),
                    ),
                )


def _whose(area: ChosenArea | None) -> str:
    if area is None:
        return ""
    return f" Tabellen gäller dem vars sista registrering i perioden hörde till ungdomar som då bodde {area.located}."
