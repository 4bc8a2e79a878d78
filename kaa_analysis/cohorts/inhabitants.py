"""Which registrations and persons belong to the district that a report is about.

A registration belongs, in each period that is counted, to the district where its person lived on the period's last observed day that
the registration ran and the person was in the target group: the column ``district`` of `spells.with_districts`. A person belongs
to that of the last registration in the period. Both are given in the division of the report.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.cohort import Cohort
from kaa_analysis.cohorts.inclusion_steps import with_last_step
from kaa_analysis.cohorts.spells import counted_spells, observed_end, population_of, with_districts
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.geography import recode
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register


def in_district(districts: pd.Series, area: ChosenArea) -> pd.Series:
    """Return which of the districts, each in the division of its day, lie in the chosen one; a missing one does not.

    Raises:
        DefinitionError: a district would have to be split to be given in the division of ``area``.
    """
    return recode(districts, to=area.division).eq(area.code).fillna(False).astype(bool)


def touching(spells: pd.DataFrame, period: Period, *, register: Register) -> pd.DataFrame:
    """Return the spells that are counted in some way in the observed part of a period: they run on a day of it or end on its first.

    Raises:
        DefinitionError: no day of the period is observed.
    """
    begun = spells["entry_date"] < pd.Timestamp(observed_end(period, register.extract_date))
    return spells[begun & (spells["exit_date"].isna() | (spells["exit_date"] >= pd.Timestamp(period.start)))]


def belonging_to(
    area: ChosenArea | None,
    spells: pd.DataFrame,
    *,
    register: Register,
    period: Period,
    population: TargetPopulation | None = None,
    name: str | None = None,
) -> pd.DataFrame:
    """Return the spells `touching` a period that belong to the area in it; all of those for the whole municipality (None).

    ``population`` decides the last day in the target group, by default that of the default rules. Spells that are always the same for the
    register and the population can have a ``name``: their districts are then found once for all areas.

    Raises:
        DefinitionError: no day of the period is observed, the population was found for another extract, or the division of the
            area is finer than that of the period's last day.
    """
    chosen = touching(spells, period, register=register)
    if area is None:
        return chosen

    def found() -> pd.DataFrame:
        last_day = day_before(observed_end(period, register.extract_date))
        by_target = population_of(register, population)
        return with_districts(chosen, register=register, last_day=last_day, population=by_target)

    question = ("belonging to", name, period)
    placed = answers_of(register).frame(question, found, beside=population) if name else found()
    return placed[in_district(placed["district"], area)].reset_index(drop=True)


def counted_in(
    register: Register,
    period: Period,
    *,
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> pd.DataFrame:
    """Return the counted spells (`counted_spells`) that belong to the area in a period; the tables of a report ask for them again and again.

    Raises:
        DefinitionError: as in `belonging_to`.
    """

    def found() -> pd.DataFrame:
        spells = counted_spells(register, population=population)
        return belonging_to(area, spells, register=register, period=period, population=population, name="counted")

    named = None if area is None else (area.division.name, area.code)
    return answers_of(register).frame(("counted in", period, named), found, beside=population)


def of_the_same(spells: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    """Return which spells are among the others, by person and number."""
    keys = ["person_id", "spell"]
    return pd.Series(
        pd.MultiIndex.from_frame(spells[keys]).isin(pd.MultiIndex.from_frame(others[keys])), index=spells.index
    )


def in_area(cohort: Cohort, *, area: ChosenArea | None) -> Cohort:
    """Return the part of a cohort of the whole municipality that belongs to the area; the cohort itself for None.

    Of those registered during a period all registrations of a person go with the person, who belongs to the district of the last
    one. Of those that began in a period each registration goes by itself, as new registrations are counted. The
    rest become a step of the flow (``other_area``), so that what stands above it is the whole municipality's.

    Raises:
        DefinitionError: the cohort is one of a district already, or not as `registered_during` or `entering_during` chose it, or as
            in `in_district`.
    """
    if area is None:
        return cohort
    if cohort.name not in CHOICES or cohort.area is not None:
        raise DefinitionError(
            "Ett område väljs bland alla registrerade, eller alla nyregistrerade, i hela kommunen.",
            found=f'kohorten "{cohort.name}", {cohort.area.code if cohort.area else "hela kommunen"}',
        )
    spells = cohort.spells_table
    kept = spells[CHOICES[cohort.name](spells, area)]
    return replace(
        cohort,
        title=cohort.title.replace(cohort.period.label, f"{area.located} {cohort.period.label}"),
        spells_table=kept,
        flow_table=with_last_step(cohort.flow_table, "other_area", before=spells, after=kept),
        area=area,
    )


def last_of_each(spells: pd.DataFrame) -> pd.DataFrame:
    """Return the last spell of every person."""
    return spells.sort_values("spell", kind="stable").drop_duplicates("person_id", keep="last")


def _by_itself(spells: pd.DataFrame, area: ChosenArea) -> pd.Series:
    return in_district(spells["district"], area)


def _by_person(spells: pd.DataFrame, area: ChosenArea) -> pd.Series:
    last = last_of_each(spells)
    return spells["person_id"].isin(last.loc[in_district(last["district"], area), "person_id"])


CHOICES = {"registered": _by_person, "entering": _by_itself}
"""How the spells of a cohort go to a district, by the name of the cohort."""
