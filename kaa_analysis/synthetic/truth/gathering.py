"""The truth of a scenario: counted batch by batch, added up, written beside the extract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import pandas as pd

from kaa_analysis.synthetic.achieved_margins import achieved_margins, margin_counts
from kaa_analysis.synthetic.batches import Batch
from kaa_analysis.synthetic.lives import Lives, World
from kaa_analysis.synthetic.margins import margins_of
from kaa_analysis.synthetic.scenario import Scenario, Truth
from kaa_analysis.synthetic.schools import SUSA_YEARS, schools_of
from kaa_analysis.synthetic.simulation import Simulated, lives_in
from kaa_analysis.synthetic.truth.effects import add_up_effects, aim_effects, susa_effects
from kaa_analysis.synthetic.truth.incidence import (
    add_up_incidence,
    add_up_time,
    first_episodes,
    incidence,
    restricted_time,
)
from kaa_analysis.synthetic.truth.indicator_counts import indicator_counts
from kaa_analysis.synthetic.truth.tallying import add_up
from kaa_analysis.synthetic.truth.told_lives import reached_outcomes, true_episodes
from kaa_analysis.synthetic.truth.writing import write_truth
from kaa_analysis.synthetic.unlinked_tables import whole_cohorts

STRATEGIES = ("never", "within_90_days")


@dataclass(frozen=True, eq=False)
class TruthPart:
    """The truth of one batch, in tables that add up. ``episodes``, ``outcomes`` and ``cohorts`` are empty where only counts are asked for."""

    indicators: pd.DataFrame
    margins: pd.DataFrame
    incidence: pd.DataFrame
    restricted_time: pd.DataFrame
    effects: tuple[pd.DataFrame, ...] = ()
    cohorts: tuple[pd.DataFrame, ...] = ()
    episodes: tuple[pd.DataFrame, ...] = ()


def truth_of(simulated: Simulated, batch: Batch, *, scenario: Scenario) -> TruthPart:
    """Return the truth of a batch: its counts, and, where the scenario asks for the whole, other worlds and every episode."""
    known, register = simulated.extract, simulated.register
    in_extract = known["persons"]["person"]
    episodes = true_episodes(simulated.lives, inside=register.inside)
    entered = episodes["entry"].between(pd.Timestamp(scenario.start), pd.Timestamp(scenario.extract_date))
    first = first_episodes(episodes[entered])
    counts = {
        "indicators": indicator_counts(
            known,
            inside=register.inside[register.inside["person"].isin(in_extract)],
            inside_bridged=register.inside_bridged[register.inside_bridged["person"].isin(in_extract)],
            start=scenario.start,
            extract_date=scenario.extract_date,
        ),
        "margins": margin_counts(known, population=living_in_the_city(simulated.lives), years=scenario.margin_years),
        "incidence": incidence(first),
        "restricted_time": restricted_time(first),
    }
    if scenario.truth is Truth.COUNTS:
        return TruthPart(**counts)
    outcomes = [reached_outcomes(simulated.lives, strategy="as_drawn")]
    for aim in STRATEGIES:
        outcomes.append(reached_outcomes(lives_in(batch, scenario=scenario, world=World(aim=aim)), strategy=aim))
    without_susa = lives_in(batch, scenario=scenario, world=World(with_susa=False))
    identities = known["persons"].set_index("person")["identity"]
    return TruthPart(
        **counts,
        effects=(aim_effects(same_persons(outcomes)),),
        cohorts=(simulated.lives.school_cohorts, without_susa.school_cohorts),
        episodes=(episodes.assign(identity=episodes["person"].map(identities).astype("Int64")),),
    )


def same_persons(outcomes: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the outcomes of those who have the same time zero in every world.

    The others are a few who in one world began studies so soon that their time outside was only the summer between two places.
    """
    keys = [pd.MultiIndex.from_frame(rows[["person", "time_zero"]]) for rows in outcomes]
    common = reduce(lambda some, more: some.intersection(more), keys)
    kept = [rows[key.isin(common)] for rows, key in zip(outcomes, keys, strict=True)]
    return pd.concat(kept, ignore_index=True)


def living_in_the_city(lives: Lives) -> pd.DataFrame:
    """Return birth date and day of arrival of everybody who lives in the city some day before 20."""
    days = {"birth_date": lives.persons.birth_date, "arrival": lives.persons.arrival}
    return pd.DataFrame({name: day.astype("datetime64[s]") for name, day in days.items()})


def gather(parts: Sequence[TruthPart], folder: Path, *, scenario: Scenario) -> None:
    """Add up the truth of all batches and write it to ``folder``."""
    effects = [table for part in parts for table in part.effects] + _susa(parts, scenario)
    write_truth(
        folder,
        indicators=add_up(part.indicators for part in parts),
        margins=achieved_margins(part.margins for part in parts),
        incidence=add_up_incidence(part.incidence for part in parts),
        restricted_time=add_up_time(part.restricted_time for part in parts),
        effects=add_up_effects(effects) if effects else None,
        episodes=[table for part in parts for table in part.episodes],
    )


def _susa(parts: Sequence[TruthPart], scenario: Scenario) -> list[pd.DataFrame]:
    """Return the comparison with the world without SUSA at the schools and in the years with it, if the scenario asked for it and has any."""
    both = [part.cohorts for part in parts if part.cohorts]
    if not both:
        return []
    as_it_was, without = (_with_project(pd.concat(tables), scenario) for tables in zip(*both, strict=True))
    return [susa_effects(as_it_was, without)] if len(as_it_was) else []


def _with_project(cohorts: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    schools = schools_of(margins_of(scenario.settings))
    rows = whole_cohorts(cohorts, scenario)
    in_project = rows["unit"].isin(schools.loc[schools["has_susa"], "unit"]) & rows["year"].between(*SUSA_YEARS)
    return rows[in_project]
