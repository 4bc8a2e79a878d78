"""Skolslussen's fork: who was not admitted in July, and who of them was guided, found a place through it, both or neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.asked_districts import asked_districts
from kaa_analysis.cohorts.inhabitants import in_district
from kaa_analysis.cohorts.spells import require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Column, Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.granted_tables import is_loaded, not_loaded
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import table, table_of_each, tally
from kaa_analysis.schema.grant_subjects import YOUTHS_OUTSIDE_KAA
from kaa_analysis.target_population import TargetPopulation
from kaa_analysis.target_population.education import INTRODUCTION_PROGRAMMES

if TYPE_CHECKING:
    from kaa_analysis.store import Register

NOT_ADMITTED, NOT_APPLIED = "not_admitted", "not_applied"
OUTCOME = Dimension(
    "admission_outcome",
    "Slutlig antagning",
    {"all": "Alla utan plats", NOT_ADMITTED: "Inte antagna", NOT_APPLIED: "Sökte inte"},
    total="all",
)
N_WITHOUT = Count("n_persons", "Ungdomar", measure="without_admission")
N_ENROLLED = Count("n_enrolled", "varav inskrivna i mitten av september", measure="without_admission_enrolled")

BRANCHES = {
    "guided_only": "Bara vägledda",
    "placed_only": "Bara placerade",
    "guided_and_placed": "Vägledda och placerade",
    "neither": "Varken vägledda eller placerade",
}
FORK = Dimension(
    "fork",
    "Skolslussen",
    {"all": "Inte antagna", **BRANCHES},
    total="all",
    coarser=(
        Grouping(
            "fork",
            "Skolslussen",
            {"helped": ("guided_only", "placed_only", "guided_and_placed"), "neither": ("neither",)},
            {"helped": "Vägledda eller placerade", "neither": BRANCHES["neither"]},
            "Vägledda och placerade är sammanslagna för att ingen ska kunna pekas ut.",
        ),
    ),
)
N_FIRST_DAY = Count("n_first_school_day", "När läsåret började", measure="fork_first_school_day")
N_SEPTEMBER = Count("n_15_september", "I mitten av september", measure="fork_15_september")

AUTUMN, FIRST_SCHOOL_DAY, LAST_DAY = (7, 1), (8, 22), (9, 15)
"""Month and day: the autumn begins, every school has begun its läsår, the placing is over (`docs/avgoranden.csv`)."""

GYMNASIUM = ("national_programme", *INTRODUCTION_PROGRAMMES, "adapted_upper_secondary")
"""The school forms that are a place in upper-secondary school."""

IN_AUTUMN = "Tabellen gäller dem som var registrerade någon dag under hösten. Den som fick en plats och behöll den registreras i regel aldrig och saknas här."
EVERYBODY = "Tabellen gäller alla ungdomar i uttaget, också dem som aldrig har registrerats."
SEPTEMBER_HOME = "den 15 september"
"""The day that decides who belongs to a district, in the words of a note."""


def without_admission(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count those whom the final admission left without a place, and who of them is enrolled on 15 September.

    *Enrolled* is whoever is enrolled in upper-secondary school that day, by whatever way. Of a register of youths covered by the activity
    responsibility only those registered on a day of the autumn are told of, so that years can be compared: others are in the extract by what
    happened later. With a grant for youths outside it, everybody in the extract. ``area`` is the district they lived in that day, None the whole municipality. Where the register has no admissions
    the table has no rows, and its note says why.

    Raises:
        DefinitionError: no period, a label twice, or one that is no calendar year or not in the observed time.

    **Counts**: persons, each once a year.
    **Time**: 15 September of the year of admission.
    **Missing**: a day that is not observed is unknown.
    **Source**: handlingsplanen avsnitt 4.2.2 and 7.2.
    """
    by = (splits.period_dimension(periods), OUTCOME, SEX)
    return _of_years(
        register,
        periods,
        population,
        area,
        name="without_admission",
        title="Inte antagna och de som inte sökte",
        columns=(*by, N_WITHOUT, N_ENROLLED),
        count=_count_outcomes,
        equations=(),
        note="Inskrivna i mitten av september är alla som då hade en plats, av Skolslussen eller på egen hand, också de som lämnade den senare.",
    )


def skolslussen_fork(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count those who were not admitted by what Skolslussen did until the first school day and until 15 September.

    *Guided* and *placed* are the days that Skolslussen noted. All of them are the *not admitted* of `without_admission`, where those who
    did not apply are a row of their own. ``area`` and admissions that are not there as in it.

    Raises:
        DefinitionError: no period, a label twice, or one that is no calendar year or not in the observed time.

    **Counts**: persons, each once a year.
    **Time**: guidance and place on the day itself or before; 22 August and 15 September of the year of admission.
    **Missing**: no day of guidance or place is none; a day that is not observed is unknown.
    **Source**: handlingsplanen avsnitt 4.2.2 and 7.2.
    """
    by = (splits.period_dimension(periods), FORK, SEX)
    context = splits.place(register.extract_date, area=area)
    return _of_years(
        register,
        periods,
        population,
        area,
        name="skolslussen_fork",
        title="Inte antagna, vägledda och placerade",
        columns=(*by, N_FIRST_DAY, N_SEPTEMBER),
        count=_count_fork,
        equations=tuple(_equations(by[0], context)),
        note="Vägledda och placerade är de som Skolslussen har väglett eller ordnat en plats åt.",
    )


def _of_years(
    register: Register,
    periods: Sequence[Period],
    population: TargetPopulation | None,
    area: ChosenArea | None,
    *,
    name: str,
    title: str,
    columns: tuple[Column, ...],
    count: Callable[[Register, pd.DataFrame, int], dict[str, pd.Series]],
    equations: tuple[Equation, ...],
    note: str,
) -> Result:
    """Return a table with a part per year, or one without rows where there are no admissions."""
    title = f"{title}{splits.located(area)}, {splits.span(periods)}"
    if not is_loaded(register, "admissions"):
        return not_loaded(register, "admissions", name=name, title=title, columns=columns, area=area)
    years = {}
    for period in periods:
        if period.calendar != "calendar_year":
            raise DefinitionError("Antagningen redovisas per kalenderår.", found=period.label)
        require_history(register, period)
        year = period.start.year
        persons = _told_of(register, _without_admission(register, year), year, population)
        years[period.label] = table(count(register, _of_area(register, persons, year, area), year))
    return Result(
        id=name,
        title=title,
        columns=columns,
        table=table_of_each(years),
        context=splits.place(register.extract_date, area=area),
        equations=equations,
        note=f"{EVERYBODY if is_loaded(register, YOUTHS_OUTSIDE_KAA) else IN_AUTUMN} {note}"
        + splits.whose(area, day=SEPTEMBER_HOME),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method(name, area=area),
    )


def _count_outcomes(register: Register, persons: pd.DataFrame, year: int) -> dict[str, pd.Series]:
    day = date(year, *LAST_DAY)
    rows = persons.rename(columns={"outcome": OUTCOME.name})
    enrolled = rows[rows["person_id"].isin(enrolled_on(register, day))]
    return {
        N_WITHOUT.name: tally(rows, by=[OUTCOME, SEX]),
        N_ENROLLED.name: _if_observed(tally(enrolled, by=[OUTCOME, SEX]), day, register),
    }


def _count_fork(register: Register, persons: pd.DataFrame, year: int) -> dict[str, pd.Series]:
    rows = persons[persons["outcome"].eq(NOT_ADMITTED)]
    counts = {}
    for count, on in ((N_FIRST_DAY, FIRST_SCHOOL_DAY), (N_SEPTEMBER, LAST_DAY)):
        day = date(year, *on)
        found = tally(rows.assign(fork=_branch_on(rows, day)), by=[FORK, SEX])
        counts[count.name] = _if_observed(found, day, register)
    return counts


def _if_observed(counts: pd.Series, day: date, register: Register) -> pd.Series:
    """Return the counts of a day, all unknown where the day is not observed."""
    return counts if day < register.extract_date else counts.mask(counts.notna())


def _without_admission(register: Register, year: int) -> pd.DataFrame:
    """Return a row per person who was not admitted, or had not applied, in July: person_id, sex, outcome, guided_date, placed_date."""
    rows = answers_of(register).answer("admission outcomes", lambda: _outcomes(register))
    return rows[rows["year"].eq(year)]


def _told_of(register: Register, persons: pd.DataFrame, year: int, population: TargetPopulation | None) -> pd.DataFrame:
    """Return the persons with a registered day in the autumn of the year; all of them where the extract holds youths outside KAA."""
    if is_loaded(register, YOUTHS_OUTSIDE_KAA):
        return persons
    spells = counted_spells(register, population=population)
    first_day, end = pd.Timestamp(date(year, *AUTUMN)), pd.Timestamp(date(year + 1, 1, 1))
    in_autumn = (spells["entry_date"] < end) & (
        spells["exit_date"].isna() | (spells["exit_date"] > first_day) | (spells["entry_date"] >= first_day)
    )
    return persons[persons["person_id"].isin(spells.loc[in_autumn, "person_id"])]


def _outcomes(register: Register) -> pd.DataFrame:
    """Return a row per person and year whom the final admission left without a place, with the first days of guidance and place."""
    columns = ["person_id", "year", "round", "outcome", "guided_date", "placed_date"]
    rows = register.table("admissions", columns=columns)
    by_person = rows.groupby(["person_id", "year"], as_index=False, sort=False)
    days = by_person[["guided_date", "placed_date"]].min()
    final = rows.loc[
        rows["round"].eq("final") & rows["outcome"].isin([NOT_ADMITTED, NOT_APPLIED]), ["person_id", "year", "outcome"]
    ]
    persons = register.table("persons", columns=["person_id", "sex"])
    return final.merge(days, on=["person_id", "year"], how="left", validate="one_to_one").merge(
        persons, on="person_id", how="left", validate="many_to_one"
    )


def _of_area(register: Register, persons: pd.DataFrame, year: int, area: ChosenArea | None) -> pd.DataFrame:
    if area is None:
        return persons
    day = min(date(year, *LAST_DAY), day_before(register.extract_date))
    on = pd.Series(pd.Timestamp(day), index=persons.index)
    return persons[in_district(asked_districts(register, persons["person_id"], on), area)]


def _branch_on(persons: pd.DataFrame, day: date) -> np.ndarray:
    """Return the branch of each person who was not admitted, by what had been done on a day."""
    guided, placed = (persons[name].le(pd.Timestamp(day)).to_numpy() for name in ("guided_date", "placed_date"))
    return np.select(
        [guided & placed, guided, placed], ["guided_and_placed", "guided_only", "placed_only"], default="neither"
    )


def enrolled_on(register: Register, day: date) -> pd.Series:
    """Return the persons who are enrolled in upper-secondary school on a day."""
    rows = register.table("schooling", columns=["person_id", "school_form", "from_date", "to_date"])
    stamp = pd.Timestamp(day)
    there = rows["from_date"].le(stamp) & (rows["to_date"].isna() | rows["to_date"].gt(stamp))
    return rows.loc[there & rows["school_form"].isin(GYMNASIUM), "person_id"]


def _equations(period_split: Dimension, context: dict[str, str]) -> Iterator[Equation]:
    """Give that all are the not admitted both days, and that between the days help comes to some and is taken from nobody."""
    for period in period_split.labels:
        for sex in SEX.labels:
            place = {"period": period, "sex": sex}
            everyone = splits.at(N_WITHOUT.measure, context, admission_outcome=NOT_ADMITTED, **place)
            for count in (N_FIRST_DAY, N_SEPTEMBER):
                yield splits.same(
                    "De inte antagna är samma ungdomar", splits.at(count.measure, context, **place), everyone
                )
            for fork, sign in (("neither", 1), ("guided_and_placed", -1)):
                before, after, between = (
                    splits.at(measure, context, fork=fork, **place)
                    for measure in (N_FIRST_DAY.measure, N_SEPTEMBER.measure, "fork_between")
                )
                yield Equation(
                    "Mellan dagarna kommer vägledning och plats till", ((sign, before), (-sign, after), (-1, between))
                )
