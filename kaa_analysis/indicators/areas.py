"""The city by district: persons covered, the stock on a day, new registrations."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

import pandas as pd

from kaa_analysis.cohorts import Cohort, counted_spells
from kaa_analysis.cohorts.spells import observed_end, with_districts
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.core.vocabularies import district_groups, group_labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import COVERED, DISTRICT, SEX, STOCK
from kaa_analysis.indicators.stock import N_ENTRIES, dated_in, stock_on
from kaa_analysis.indicators.tally import table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

Area = Literal["district", "part_of_city"]

PART_OF_CITY = Dimension("part_of_city", "Del av staden", {"all": "Hela staden", **group_labels()}, total="all")
AREAS: dict[str, Dimension] = {"district": DISTRICT, "part_of_city": PART_OF_CITY}

N_STOCK = Count("n_stock", "Registrerade", measure=STOCK, unit="spells")

POOLED = (
    "Personer med okänd eller skyddad adress ingår i raden Område redovisas inte. Områdena följer dagens indelning."
)


def registered_by_district(cohort: Cohort, *, by: Area = "district") -> Result:
    """Count the persons of a cohort by district: that of the last registered day of their last spell in the period.

    ``by`` "part_of_city" gives the coarser split into Västerort, Innerstaden and Söderort.

    Raises:
        DefinitionError: ``by`` is unknown.

    **Counts**: persons, each once.
    **Time**: the last day registered in the period, so that the districts add up to the city.
    **Missing**: unknown or protected area is the row *Område redovisas inte*.
    **Source**: handlingsplanen avsnitt 7.1 and 8.3.
    """
    persons = cohort.spells.sort_values("spell", kind="stable").drop_duplicates("person_id", keep="last")
    context = splits.place(cohort.observed_to, period=cohort.period.label)
    return _by_area(
        persons,
        by=by,
        count=COVERED,
        context=context,
        name="registered",
        title=cohort.title,
        note=f"Varje person räknas en gång, i området den sista registrerade dagen i perioden. {POOLED}"
        + splits.partly_observed([cohort.period], cohort.observed_to),
        source=splits.citation(cohort.source, cohort.observed_to),
    )


def stock_by_district(
    register: Register, *, day: date, by: Area = "district", population: TargetPopulation | None = None
) -> Result:
    """Count the registrations running on a day by the district of that day.

    Raises:
        DefinitionError: the day is not observed, or ``by`` is unknown.

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
        count=N_STOCK,
        context=splits.place(register.extract_date, day=day.isoformat()),
        name="stock",
        title=f"Registrerade {day.isoformat()}",
        note=f"Registreringar som pågick den dagen. {POOLED}",
        source=splits.citation(register.source, register.extract_date),
    )


def entries_by_district(
    register: Register, *, period: Period, by: Area = "district", population: TargetPopulation | None = None
) -> Result:
    """Count the registrations that began in a period by the district of the first day.

    Raises:
        DefinitionError: no day of the period is observed, or ``by`` is unknown.

    **Counts**: registrations (spells).
    **Time**: entry_date in ``[start, end)``.
    **Missing**: unknown or protected area is the row *Område redovisas inte*.
    **Source**: handlingsplanen avsnitt 7.1 and 8.3.
    """
    end = observed_end(period, register.extract_date)
    spells = counted_spells(register, population=population)
    began = spells[dated_in(spells["entry_date"], period.start, end)]
    placed = with_districts(began, register=register, last_day=day_before(end))
    return _by_area(
        placed.assign(district=placed["entry_district"]),
        by=by,
        count=N_ENTRIES,
        context=splits.place(register.extract_date, period=period.label),
        name="entries",
        title=f"Nya registreringar {period.label}",
        note=f"Området är det som personen bodde i när registreringen började. {POOLED}"
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
    )


def _by_area(
    rows: pd.DataFrame,
    *,
    by: str,
    count: Count,
    context: dict[str, str],
    name: str,
    title: str,
    note: str,
    source: str,
) -> Result:
    if by not in AREAS:
        raise DefinitionError(f"Indelningen ska vara {' eller '.join(AREAS)}{did_you_mean(by, AREAS)}.", found=str(by))
    placed = rows.assign(part_of_city=rows["district"].map(district_groups()))
    area = AREAS[by]
    return Result(
        id=f"{name}_by_{by}",
        title=f"{title} efter {area.label.lower()}",
        columns=(area, SEX, count),
        table=table({count.name: tally(placed, by=[area, SEX])}),
        context=context,
        equations=tuple(_parts_of_city(count, context)) if by == "part_of_city" else (),
        note=note,
        source=source,
        method=method_of(f"{name}_by_district", splits.METHODS),
    )


def _parts_of_city(count: Count, context: dict[str, str]) -> list[Equation]:
    """Return how the parts of the city follow from the cells of the districts."""
    groups = district_groups()
    found = []
    for part in [label for label in PART_OF_CITY.labels if label != "all"]:
        districts = [code for code in DISTRICT.labels if groups.get(code) == part]
        for sex in SEX.labels:
            whole = splits.at(count.measure, context, part_of_city=part, sex=sex)
            parts = [splits.at(count.measure, context, district=code, sex=sex) for code in districts]
            found.append(
                Equation("Delen av staden är summan av sina områden", ((-1, whole), *((1, cell) for cell in parts)))
            )
    return found
