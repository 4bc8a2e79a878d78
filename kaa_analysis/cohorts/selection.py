"""Cohorts of registrations: those running in a period and those that began in it, with the flow of exclusions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, get_args

import pandas as pd

from kaa_analysis.cohorts.cohort import Cohort, PeriodDistrict
from kaa_analysis.cohorts.inclusion_steps import count_row, flow_row, with_last_step
from kaa_analysis.cohorts.inhabitants import in_area
from kaa_analysis.cohorts.known_ends import changes_between, with_known_ends
from kaa_analysis.cohorts.spells import (
    MISREGISTERED,
    all_spells,
    in_target,
    observed_end,
    population_of,
    require_history,
    with_districts,
)
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register


@dataclass(frozen=True)
class _Exclusion:
    """A step of the flow: which of the remaining spells are kept."""

    step: str
    kept: pd.Series


def registered_during(
    register: Register,
    period: Period,
    *,
    population: TargetPopulation | None = None,
    period_district: PeriodDistrict = "last_target_day",
    area: ChosenArea | None = None,
) -> Cohort:
    """Choose the registrations with at least one day in the period; an exit on the day of entry counts as a day.

    Left out, in order: registrations outside the period, mistakes (exit reason misregistered), and, where the law applies, those
    whose person is in the target group on no day of the registration in the period. ``population`` defaults to that of the
    default rules. Only the observed part of the period, before the day of extract, is looked at. ``period_district`` says on
    which day in the period a spell has its district: the last one in the target group, or the last registered one. Of the district
    ``area`` are the persons whose last registration of these has it (`inhabitants.in_area`); None is the whole municipality.

    Raises:
        DefinitionError: no day of the period is observed, or ``period_district`` is unknown, or as in `inhabitants.in_area`.
    """
    require_history(register, period)
    return _kept_choice("registered", _registered, register, period, population, period_district, area)


def entering_during(
    register: Register,
    period: Period,
    *,
    population: TargetPopulation | None = None,
    period_district: PeriodDistrict = "last_target_day",
    area: ChosenArea | None = None,
) -> Cohort:
    """Choose the registrations whose entry date lies in the period.

    Left out, in order: the others, mistakes, and, where the law applies, those whose person is in the target group on no day of
    the registration, as far as it is observed: the same registrations as are counted as new in stock and flow.
    ``period_district`` as in `registered_during`. Of the district ``area`` are the registrations that have it; None is the whole municipality.

    Raises:
        DefinitionError: no day of the period is observed, or ``period_district`` is unknown, or as in `inhabitants.in_area`.
    """
    require_history(register, period)
    return _kept_choice("entering", _entering, register, period, population, period_district, area)


def _kept_choice(
    name: str,
    choose: Callable[..., Cohort],
    register: Register,
    period: Period,
    population: TargetPopulation | None,
    period_district: PeriodDistrict,
    area: ChosenArea | None,
) -> Cohort:
    """Return the part of an area in the cohort of the whole municipality; each is found once for a register, for many tables ask for it."""
    question, answers = ("cohort", name, period, period_district), answers_of(register)
    everyone = answers.answer(
        question, lambda: choose(register, period, population, period_district), beside=population
    )
    if area is None:
        return everyone
    named = (area.division.name, area.code)
    return answers.answer((*question, named), lambda: in_area(everyone, area=area), beside=population)


def _entering(
    register: Register, period: Period, population: TargetPopulation | None, period_district: PeriodDistrict
) -> Cohort:
    """Return the cohort of the whole municipality."""
    spells = all_spells(register, population=population)
    start, end = pd.Timestamp(period.start), pd.Timestamp(observed_end(period, register.extract_date))
    return _cohort(
        register,
        period,
        population,
        period_district,
        spells=spells,
        name="entering",
        title=f"Nyregistrerade {period.label}",
        first=_Exclusion("not_entering", (spells["entry_date"] >= start) & (spells["entry_date"] < end)),
        last=("never_in_target_group", register.extract_date),
    )


def _registered(
    register: Register, period: Period, population: TargetPopulation | None, period_district: PeriodDistrict
) -> Cohort:
    """Return the cohort of the whole municipality."""
    spells = all_spells(register, population=population)
    start, end = pd.Timestamp(period.start), pd.Timestamp(observed_end(period, register.extract_date))
    lasts_into = spells["exit_date"].isna() | (spells["exit_date"] > start)
    return _cohort(
        register,
        period,
        population,
        period_district,
        spells=spells,
        name="registered",
        title=f"Registrerade {period.label}",
        first=_Exclusion(
            "outside_period", (spells["entry_date"] < end) & (lasts_into | (spells["entry_date"] >= start))
        ),
        last=("not_in_target_group", observed_end(period, register.extract_date)),
    )


def first_spells(cohort: Cohort) -> Cohort:
    """Keep each person's earliest spell of the cohort, so that persons are counted once; the rest become a step of the flow."""
    spells = cohort.spells_table
    earliest = spells["spell"] == spells.groupby("person_id", sort=False)["spell"].transform("min")
    kept = spells[earliest]
    return replace(
        cohort,
        name=f"{cohort.name}_first",
        title=f"{cohort.title}, första registreringen under perioden",
        spells_table=kept,
        flow_table=with_last_step(cohort.flow_table, "later_spell", before=spells, after=kept),
    )


def _cohort(
    register: Register,
    period: Period,
    population: TargetPopulation | None,
    period_district: PeriodDistrict,
    *,
    spells: pd.DataFrame,
    name: str,
    title: str,
    first: _Exclusion,
    last: tuple[str, date],
) -> Cohort:
    if period_district not in get_args(PeriodDistrict):
        allowed = get_args(PeriodDistrict)
        raise DefinitionError(
            f"Området i en period ska vara det på {' eller '.join(allowed)}{did_you_mean(period_district, allowed)}.",
            found=str(period_district),
        )
    end = observed_end(period, register.extract_date)
    exclusions = [first, _Exclusion("misregistered", spells["exit_reason"].ne(MISREGISTERED).fillna(True))]
    found = population_of(register, population)
    if found is not None:
        step, looked_to = last
        asked = spells[first.kept]  # an exclusion is asked only of those whom the first one keeps
        exclusions.append(_Exclusion(step, in_target(asked, found, start=period.start, end=looked_to)))
    kept, flow = _apply(spells, exclusions)
    by_target = found if period_district == "last_target_day" else None
    placed = with_districts(kept, register=register, last_day=day_before(end), population=by_target)
    return Cohort(
        name=name,
        title=title,
        period=period,
        observed_to=register.extract_date,
        spells_table=with_known_ends(placed, everyone=spells, population=found),
        flow_table=flow,
        source=register.source,
        law_changes=changes_between(period.start, register.extract_date, population=found),
        period_district=period_district,
    )


def _apply(spells: pd.DataFrame, exclusions: Sequence[_Exclusion]) -> tuple[pd.DataFrame, pd.DataFrame]:
    person = pd.Series(pd.factorize(spells["person_id"])[0], index=spells.index)
    rows = [count_row("all", "start", person)]
    remaining = spells
    for exclusion in exclusions:
        kept = remaining[exclusion.kept.loc[remaining.index]]
        rows.append(flow_row(exclusion.step, "excluded", person[remaining.index], person[kept.index]))
        remaining = kept
    rows.append(count_row("included", "included", person[remaining.index]))
    return remaining.reset_index(drop=True), pd.DataFrame(rows)
