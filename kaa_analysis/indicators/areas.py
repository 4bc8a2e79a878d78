"""The city by district: persons covered, the stock on a day, new registrations, in one division of the city.

The cells carry no division: a district's code is the same area in all of them, so that the city stays one cell in every table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from kaa_analysis.cohorts import Cohort, counted_spells
from kaa_analysis.cohorts.inhabitants import last_of_each
from kaa_analysis.cohorts.spells import observed_end, with_districts
from kaa_analysis.core import geography
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.geography import Division
from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import COVERED, ENTRIES, SEX, STOCK
from kaa_analysis.indicators.stock import dated_in, stock_on
from kaa_analysis.indicators.tally import share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

Area = Literal["district", "part_of_city"]

PART_OF_CITY = Dimension(
    "part_of_city", "Del av staden", {"all": "Hela staden", **geography.part_labels()}, total="all"
)

N_BEGUN = Count("n_entries", "Nya registreringar", measure="entries_by_first_home", unit="spells", cumulative=True)
"""New registrations where they began. *Entries* at a district are those of the period's own rule, by the last day (`cohorts.inhabitants`)."""

N_STOCK = Count("n_stock", "Registrerade", measure=STOCK, unit="spells")

N_CITY = Count("n_city", "Hela staden", measure=COVERED.measure, cumulative=True)
SHARE_OF_CITY = Share("share_of_city", "Andel av staden", COVERED.name, N_CITY.name)

PERIOD_DAY = {
    "last_target_day": "sin sista dag som registrerad i målgruppen under perioden",
    "last_registered_day": "sin sista registrerade dag under perioden",
}
"""The words for the day in a period on which a person has a district."""

SUMS = {"district": "Det sammanslagna området", "part_of_city": "Delen av staden"}
"""The words for what is the sum of districts."""

POOLED = "Personer med okänd eller skyddad adress ingår i raden Område redovisas inte."


def registered_by_district(cohort: Cohort, *, by: Area = "district", division: str | None = None) -> Result:
    """Count the persons of a cohort by district, and their share of the city: that of their last spell, on the day that the cohort goes by.

    ``by`` "part_of_city" gives the coarser split into Västerort, Innerstaden and Söderort. ``division`` names the division of the city
    that districts are given in, by default the one in force on the last day of the period.

    Raises:
        DefinitionError: the cohort is one of a district, ``by`` or the division is unknown, or the division is finer than that of the last day.

    **Counts**: persons, each once.
    **Time**: the last day in the period in the target group (or the last registered one, by the cohort's ``period_district``), so
    that the districts add up to the city.
    **Missing**: unknown or protected area is the row *Område redovisas inte*.
    **Source**: handlingsplanen avsnitt 7.1 and 8.3.
    """
    if cohort.area is not None:
        raise DefinitionError(
            "Kommunen delas upp på områden ur en kohort för hela kommunen.",
            found=f"kohorten gäller {cohort.area.code}",
            action="gör kohorten utan area",
        )
    persons = last_of_each(cohort.spells)
    context = splits.place(cohort.observed_to, period=cohort.period.label)
    result = _by_area(
        persons,
        by=by,
        division=division,
        last_day=cohort.period.last_day,
        count=COVERED,
        context=context,
        name="registered",
        title=cohort.title,
        note=f"Varje person räknas en gång, i området där personen bodde {PERIOD_DAY[cohort.period_district]}. {POOLED}"
        + splits.partly_observed([cohort.period], cohort.observed_to),
        source=splits.citation(cohort.source, cohort.observed_to),
    )
    return _with_share_of_city(result)


def _with_share_of_city(result: Result) -> Result:
    """Return a table by area with the whole city's number in every row, by sex, and the area's share of it."""
    area, counted = result.of_role(Dimension)[0], result.frame
    of_city = counted.loc[counted[area.name] == area.total].set_index(SEX.name)[COVERED.name]
    whole = counted[SEX.name].map(of_city).astype("Int64")
    with_share = {N_CITY.name: whole, SHARE_OF_CITY.name: share(counted[COVERED.name], whole)}
    whole_city = replace(N_CITY, regardless_of=(area.name,))
    return replace(result, columns=(*result.columns, whole_city, SHARE_OF_CITY), table=counted.assign(**with_share))


def stock_by_district(
    register: Register,
    *,
    day: date,
    by: Area = "district",
    division: str | None = None,
    population: TargetPopulation | None = None,
) -> Result:
    """Count the registrations running on a day by the district of that day, in ``division`` (default: that of the day).

    Raises:
        DefinitionError: the day is not observed, ``by`` or the division is unknown, or the division is finer than that of the day.

    **Counts**: registrations (spells); a person has at most one on a day.
    **Time**: entry_date ≤ day < exit_date.
    **Missing**: unknown or protected area is the row *Område redovisas inte*.
    **Source**: handlingsplanen avsnitt 7.1 and 8.3.
    """
    if day >= register.extract_date:
        raise DefinitionError(
            "Beståndet kan bara visas för dagar före uttaget.", found=f"{day}, uttag {register.extract_date}"
        )
    spells = counted_spells(register, population=population)
    running = with_districts(spells[stock_on(spells, day)], register=register, last_day=day)
    return _by_area(
        running,
        by=by,
        division=division,
        last_day=day,
        count=N_STOCK,
        context=splits.place(register.extract_date, day=day.isoformat()),
        name="stock",
        title=f"Registrerade {day.isoformat()}",
        note=f"Registreringar som pågick den dagen. {POOLED}",
        source=splits.citation(register.source, register.extract_date),
    )


def entries_by_district(
    register: Register,
    *,
    period: Period,
    by: Area = "district",
    division: str | None = None,
    population: TargetPopulation | None = None,
) -> Result:
    """Count the registrations that began in a period by the district of the first day.

    ``division`` names the division of the city, by default the one in force on the last day of the period.

    Raises:
        DefinitionError: no day of the period is observed, ``by`` or the division is unknown, or the division is finer than that of
            the last day.

    **Counts**: registrations (spells).
    **Time**: entry_date in ``[start, end)``.
    **Missing**: unknown or protected area is the row *Område redovisas inte*.
    **Source**: handlingsplanen avsnitt 7.1 and 8.3.
    """
    end = observed_end(period, register.extract_date)
    spells = counted_spells(register, population=population)
    began = spells[dated_in(spells["entry_date"], period.start, end)]
    placed = with_districts(began, register=register, last_day=day_before(end))
    context = splits.place(register.extract_date, period=period.label)
    result = _by_area(
        placed.assign(district=placed["entry_district"]),
        by=by,
        division=division,
        last_day=period.last_day,
        count=N_BEGUN,
        context=context,
        name="entries",
        title=f"Nya registreringar {period.label}",
        note=f"Området är det som personen bodde i när registreringen började. {POOLED}"
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
    )
    return replace(result, equations=(*result.equations, *_all_entries(context)))


def _all_entries(context: dict[str, str]) -> list[Equation]:
    """Return that those of the whole city are the entries of stock and flow, by sex."""
    return [
        splits.same(
            "De nya registreringarna är periodens inflöde",
            splits.at(N_BEGUN.measure, context, sex=sex),
            splits.at(ENTRIES, context, sex=sex),
        )
        for sex in SEX.labels
    ]


def _by_area(
    rows: pd.DataFrame,
    *,
    by: str,
    division: str | None,
    last_day: date,
    count: Count,
    context: dict[str, str],
    name: str,
    title: str,
    note: str,
    source: str,
) -> Result:
    if by not in get_args(Area):
        areas = get_args(Area)
        raise DefinitionError(f"Indelningen ska vara {' eller '.join(areas)}{did_you_mean(by, areas)}.", found=str(by))
    given = geography.division_for(last_day, name=division)
    district = geography.recode(rows["district"], to=given)
    placed = rows.assign(district=district, part_of_city=district.map(geography.part_of_city()))
    merged = {"district": geography.merged_districts(geography.division_on(last_day), to=given)}
    parts = {"part_of_city": given.parts()}
    area = PART_OF_CITY if by == "part_of_city" else district_dimension(given)
    return Result(
        id=f"{name}_by_{by}",
        title=f"{title} efter {area.label.lower()}",
        columns=(area, SEX, count),
        table=table({count.name: tally(placed, by=[area, SEX])}),
        context=context,
        equations=(*_sums(merged, count, context), *(_sums(parts, count, context) if by == "part_of_city" else ())),
        note=f"{note} Områdena följer {given.label}.",
        source=source,
        method=method_of(f"{name}_by_district", splits.METHODS),
    )


def district_dimension(division: Division) -> Dimension:
    """Return the split into the districts of a division and the pooled area, which add up to the city; coarser: its parts."""
    parts = Grouping(
        PART_OF_CITY.name,
        PART_OF_CITY.label,
        division.parts(),
        geography.part_labels(),
        "Stadsdelsområdena är sammanslagna till delar av staden för att ingen ska kunna pekas ut.",
    )
    names = {"all": "Hela staden", **division.labels()}
    return Dimension("district", "Stadsdelsområde", names, total="all", coarser=(parts,))


def _sums(areas: Mapping[str, Mapping[str, Iterable[str]]], count: Count, context: dict[str, str]) -> list[Equation]:
    """Return that every area of a split is the sum of its districts, by sex; ``areas`` holds the districts of each area by the split's name.

    Districts merged since the period are among them: whoever sees a table in the division of the time as well can subtract.
    """
    return [
        Equation(
            f"{SUMS[split]} är summan av sina områden",
            (
                (-1, splits.at(count.measure, context, sex=sex, **{split: area})),
                *((1, splits.at(count.measure, context, sex=sex, district=code)) for code in districts),
            ),
        )
        for split, of_each in areas.items()
        for area, districts in of_each.items()
        for sex in SEX.labels
    ]
