"""The splits, measures and words that all indicators share, so that the same count is the same cell in every table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from kaa_analysis.core.breaks import BreakKind, break_note
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.earlier_periods import series
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.methods import method_of
from kaa_analysis.core.periods import Period, calendar_year, day_before, lasar_that_ended_in, spanned
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Method, cell
from kaa_analysis.core.vocabularies import labels

if TYPE_CHECKING:
    from kaa_analysis.cohorts import Cohort
    from kaa_analysis.store import Register
    from kaa_analysis.target_population import TargetPopulation

METHODS = Path(__file__).with_name("methods.yaml")
"""The file that tells readers how each table is made."""

SEX = Dimension("sex", "Kön", {"all": "Totalt", **labels("sex")}, total="all")

COVERED = Count("n_persons", "Personer", measure="covered", cumulative=True, key=True)
"""Persons of the cohort registered during a period. Place: extract, period and what the table is split by."""

LAST_TARGET_DAY = "sin sista dag som registrerade i målgruppen under perioden"
"""The words for the day in a period on which a report about a district looks at where the youths live."""

MOVES = (
    "Området avgörs för varje period för sig. Den som har flyttat kan därför räknas till ett område vid slutet av en period och till ett "
    "annat vid början av nästa, så det ena antalet behöver inte vara lika med det andra."
)

AREA_METHOD = (
    "I en rapport om ett område hör en registrering, i varje period för sig, till området där ungdomen bodde den sista dagen i perioden "
    "(senast dagen före uttaget) som registreringen pågick och ungdomen hörde till målgruppen; fanns ingen sådan dag gäller den sista "
    "registrerade. En person som räknas en gång hör till sin sista registrerings område. De vars område inte redovisas ingår inte i "
    "något områdes rapport."
)

STOCK = "stock"
ENTRIES = "entries"
EXITS = "exits"


def three_years(year: int, *, observed_from: date | None = None) -> list[Period]:
    """Return the calendar years of a three-year series that ends with ``year``; earlier years before ``observed_from`` are left out.

    >>> [period.label for period in three_years(2024)]
    ['2022', '2023', '2024']
    >>> [period.label for period in three_years(2023, observed_from=date(2022, 1, 1))]
    ['2022', '2023']
    """
    return series(calendar_year(year), observed_from=observed_from)


def three_lasar(year: int, *, observed_from: date | None = None) -> list[Period]:
    """Return the läsår of a three-year series that ends with the one that ended in ``year``; earlier ones before ``observed_from`` are left out.

    >>> [period.label for period in three_lasar(2024)]
    ['läsåret 2021/22', 'läsåret 2022/23', 'läsåret 2023/24']
    """
    return series(lasar_that_ended_in(year), observed_from=observed_from)


def latest_in_area(periods: Sequence[Period], *, area: ChosenArea | None) -> list[Period]:
    """Return the periods of a table whose earlier ones would mostly be hidden in a district: there only the latest, else all.

    >>> [period.label for period in latest_in_area(three_years(2024), area=None)]
    ['2022', '2023', '2024']
    """
    return list(periods[-1:] if area else periods)


def period_dimension(periods: Sequence[Period]) -> Dimension:
    """Return the split by period; periods do not add up to anything.

    Raises:
        DefinitionError: there is no period, or two have the same label.
    """
    names = [period.label for period in periods]
    if not names or len(set(names)) != len(names):
        raise DefinitionError("Ange minst en period, och ingen två gånger.", found=f"{len(names)} perioder")
    return Dimension("period", "Period", {name: name for name in names})


def span(periods: Sequence[Period]) -> str:
    """Return the words for a series of periods in a title.

    >>> span(three_years(2024))
    '2022–2024'
    """
    return spanned(periods[0].label, periods[-1].label)


def citation(source: str, extract_date: date) -> str:
    """Return the source line of a table.

    >>> citation("BER-uttag", date(2025, 1, 15))
    'BER-uttag 2025-01-15, egen bearbetning'
    """
    return f"{source} {extract_date.isoformat()}, egen bearbetning"


def place(extract_date: date, *, area: ChosenArea | None = None, **more: str) -> dict[str, str]:
    """Return what belongs to the place of every cell: the extract, the period or day, and the district of a report on one.

    The district is written as in a table by district, so that its number is one cell in both.
    """
    return {"extract": extract_date.isoformat(), **more} | ({"district": area.code} if area else {})


def located(area: ChosenArea | None) -> str:
    """Return the words that follow the noun of a title: " i Järva", nothing for the whole municipality."""
    return f" {area.located}" if area else ""


def whose(area: ChosenArea | None, *, day: str = LAST_TARGET_DAY) -> str:
    """Return a Swedish sentence about who belongs to the district and on which day, or the empty string."""
    return f" Tabellen gäller dem som bodde {area.located} {day}." if area else ""


def whose_in_each(area: ChosenArea | None, periods: Sequence[Period]) -> str:
    """Return what `whose` says and, for several periods, that they do not begin where the one before ended."""
    told = whose(area)
    return f"{told} {MOVES}" if told and len(periods) > 1 else told


def method(name: str, *, area: ChosenArea | None = None) -> Method:
    """Return how a table is made; for a district also which day decides who belongs to it."""
    made = method_of(name, METHODS)
    return replace(made, time=f"{made.time} {AREA_METHOD}") if area else made


def partly_observed(periods: Sequence[Period], extract_date: date) -> str:
    """Return a Swedish sentence about the periods that the extract cuts off, or the empty string."""
    cut = [period.label for period in periods if period.is_preliminary(extract_date)]
    last_day = day_before(extract_date)
    return f" Preliminärt för {', '.join(cut)}: uppgifter till och med {last_day.isoformat()}." if cut else ""


def breaks(
    register: Register,
    periods: Sequence[Period],
    *,
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    by_district: bool = False,
) -> str:
    """Return the Swedish sentences on the breaks in a series of a register, or the empty string.

    A change of the law breaks it where the law is applied as it was in force, one of the districts where the series is about a district
    or, ``by_district``, about each of them.
    """
    kinds: list[BreakKind] = ["districts"] if area or by_district else []
    if register.follows_law and (population is None or population.rules.law == "as_in_force"):
        kinds.append("law")
    return break_note(periods, kinds=kinds)


def at(measure: str, context: Mapping[str, str], **dimensions: str) -> Cell:
    """Return the cell of ``measure`` at the context and the dimensions that do not stand at their total "all"."""
    split = {name: value for name, value in dimensions.items() if value != "all"}
    return cell(measure, **context, **split)


def same(name: str, one: Cell, other: Cell) -> Equation:
    """Return the relation that two cells are equal."""
    return Equation(name, ((1, one), (-1, other)))


def require_registered(register: Register, cohort: Cohort, period: Period) -> None:
    """Check that the cohort is that of `registered_during` for the same extract and period.

    Raises:
        DefinitionError: it is not.
    """
    if cohort.period != period or cohort.observed_to != register.extract_date or cohort.name != "registered":
        raise DefinitionError(
            "Tabellen ska göras på dem som var registrerade under just den perioden, ur samma uttag.",
            found=f'kohorten "{cohort.name}" {cohort.period.label} till {cohort.observed_to}; perioden {period.label}, '
            f"uttag {register.extract_date}",
            action="skapa kohorten med registered_during för samma register och period",
        )
