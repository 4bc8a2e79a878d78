"""Interventions that began, one by one, and those of the persons covered in a period with what happened to them in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import registered_during
from kaa_analysis.cohorts.spells import observed_end
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Count, Dimension
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

N_ENDED = Count("n_ended", "Avslutade", measure="support_ended", unit="spells", cumulative=True)
"""Interventions that ended, by whatever they are split: one cell in every table."""

ALL_KINDS = Dimension("kind", "Insats", {"all": "Alla insatser", **labels("intervention")}, total="all")
"""The split of interventions by their kind, whose rows add up."""

ANY_KIND = Dimension("kind", "Insats", {"all": "Någon insats", **labels("intervention")}, total="all", additive=False)
"""The split of persons, or of exits, by intervention: somebody with several stands in several rows."""

CONSENT = "Arbetsmarknadsförvaltningens insatser finns i registret bara för den som har lämnat samtycke, så de är underskattade i tabellen."
"""What every table of interventions says of those of arbetsmarknadsförvaltningen."""

COLUMNS = [
    "person_id", "intervention_number", "kind", "step", "route_in", "provider", "start_date", "end_date", "end_reason", "activity_after",
]  # fmt: skip


def begun_support(register: Register) -> pd.DataFrame:
    """Return a row per intervention with a start date before the day of extract, in the order of start; read once for a register."""
    return answers_of(register).frame("begun support", lambda: _begun(register))


def support_during(
    register: Register,
    period: Period,
    *,
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> pd.DataFrame:
    """Return the interventions, begun before the end of a period, of the persons covered in it.

    Beside the columns of `begun_support` stand sex, period (its label) and, for the observed part of the period: was_running (on the
    day before it), has_begun, has_ended (the first day after lies in it), is_running (on its last day) and took_part (has a day in it;
    one that ended on its first day has that day). Running before plus begun minus ended is running at the end.

    Raises:
        DefinitionError: no day of the period is observed, or as in `registered_during`.
    """
    return answers_of(register).frame(
        ("support during", period, area), lambda: _during(register, period, population, area), beside=population
    )


def support_in_each(
    register: Register,
    periods: Sequence[Period],
    *,
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> pd.DataFrame:
    """Return `support_during` of several periods, which may overlap, below each other."""
    found = [support_during(register, period, population=population, area=area) for period in periods]
    return pd.concat(found, ignore_index=True)


def first_of_each(begun: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return the first row begun per combination of ``keys``; of two of the same day the one with the lower number."""
    ordered = begun.sort_values(["start_date", "intervention_number"], kind="stable")
    return ordered.drop_duplicates(list(keys), keep="first")


def _begun(register: Register) -> pd.DataFrame:
    offers = register.table("interventions", columns=COLUMNS)
    begun = offers[offers["start_date"] < pd.Timestamp(register.extract_date)]
    return begun.sort_values(["start_date", "intervention_number"], kind="stable", ignore_index=True)


def _during(
    register: Register, period: Period, population: TargetPopulation | None, area: ChosenArea | None
) -> pd.DataFrame:
    covered = registered_during(register, period, population=population, area=area)
    persons = covered.spells_table[["person_id", "sex"]].drop_duplicates("person_id")
    begun = begun_support(register)
    end = observed_end(period, register.extract_date)
    begun = begun[begun["start_date"] < pd.Timestamp(end)]
    rows = begun.merge(persons, on="person_id", how="inner", validate="many_to_one").assign(period=period.label)
    first_day, last_day = pd.Timestamp(period.start), pd.Timestamp(day_before(end))
    starts, goes_on = rows["start_date"], rows["end_date"].isna()
    return rows.assign(
        was_running=(starts < first_day) & (goes_on | (rows["end_date"] >= first_day)),
        has_begun=starts >= first_day,
        has_ended=dated_in(rows["end_date"], period.start, end),
        is_running=goes_on | (rows["end_date"] > last_day),
        took_part=(starts >= first_day) | goes_on | (rows["end_date"] > first_day),
    )
