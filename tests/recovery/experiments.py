"""What is measured when estimators are held against a known truth: each experiment simulates, estimates, and returns a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import STUDY_OR_OTHER_ENDS, FollowUp, entering_during, first_spells, follow_up
from kaa_analysis.core.periods import Period, days_from_to
from kaa_analysis.survival import aalen_johansen, cumulative_incidence, kaplan_meier
from kaa_analysis.synthetic.lives import World
from kaa_analysis.synthetic.simulation import lives_in
from kaa_analysis.synthetic.truth.effects import AS_DRAWN, NEVER, add_up_effects, aim_effects
from kaa_analysis.synthetic.truth.incidence import BEFORE_20, HORIZONS, PLACEMENT, add_up_incidence, incidence
from kaa_analysis.synthetic.truth.told_lives import reached_outcomes
from kaa_analysis.target_population import target_population
from tests.recovery.worlds import WITHOUT_FAULTS, SimulatedWorld, a_scenario, entered, simulated

WAYS = list(STUDY_OR_OTHER_ENDS.labels)
DAYS = list(HORIZONS.values())
RESIDENT_ALL_ALONG: Mapping[str, Any] = {
    "origin": {"born_here": 0.80, "moved_in": 0.15, "newly_arrived_pupil": 0.025, "newly_resident": 0.025}
}
"""Nobody comes from another municipality after grade 9: the summer before is theirs, not the register's."""

LATE: Mapping[str, Any] = {"registration_delay": {"0-0": 0.7, "1-40": 0.2, "41-150": 0.1}}
"""Three in ten are registered late, up to five months: whoever leaves before it is never in the register."""

FIRST_DAY, LAST_DAY = date(2022, 1, 1), date(2024, 12, 31)
FOLLOWED_TO = date(2029, 12, 31)
"""The youngest entrants of 2024, born 2009, have turned 20."""

SEPTEMBERS = (2021, 2022, 2023, 2024)
CENSORED_ON = date(2025, 1, 31)
PER_REPLICATE = 100

AIM_COMMON: Mapping[str, Any] = {"support": {"SYV/UTBF": 40, "COA/AMF": 17, "AIM/AMF": 40, "ANN/ANN": 3}}
AIM_SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "no_effect_at_random": {"aim_effect": 1.0, "aim_by_motivation": 0.0, "aim_in_vasterort": 1.0},
    "no_effect_by_motivation": {"aim_effect": 1.0, "aim_by_motivation": 0.8, "motivation_on_pace": 0.6},
    "helps": {"aim_effect": 2.0},
    "harms": {"aim_effect": 0.5},
}
"""What Aim does, and who begins it: anybody reached, or the motivated, who would have found a place anyway."""


def followed_world(folder: Path) -> SimulatedWorld:
    """Return a register in which every entrant of 2022–2024 is registered on the first day and followed past 20."""
    settings = {**WITHOUT_FAULTS, **RESIDENT_ALL_ALONG}
    scenario = a_scenario("foljda", seed=41, births=1500, start=FIRST_DAY, extract=FOLLOWED_TO, settings=settings)
    return simulated(scenario, folder)


def late_world(folder: Path) -> SimulatedWorld:
    """Return a register of many grade-9 leavers without a place, three in ten registered late, cut by the day of extract."""
    settings = {**WITHOUT_FAULTS, **RESIDENT_ALL_ALONG, **LATE, "without_place": 0.5}
    start = date(SEPTEMBERS[0], 1, 1)
    return simulated(
        a_scenario("sena", seed=42, births=5000, start=start, extract=CENSORED_ON, settings=settings), folder
    )


def everybody_followed(world: SimulatedWorld) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the report's incidence, by sex, beside the plain shares of the truth; and the same before 20 by age at entry."""
    follow = _follow(world, days_from_to(FIRST_DAY.isoformat(), LAST_DAY.isoformat()))
    truth = incidence(entered(world.episodes, first_day=FIRST_DAY, last_day=LAST_DAY))
    estimated = cumulative_incidence(follow, by="sex").table
    of_all_ages = truth[truth["age_at_entry"] == "all"].drop(columns="age_at_entry")
    keys = ["way_out", "sex", "months"]
    by_sex = of_all_ages.merge(estimated, on=keys, how="left", validate="one_to_one")
    by_sex = by_sex[by_sex["months"] != BEFORE_20][[*keys, "n", "count", "share", "n_events_to_date", "share_left"]]
    return by_sex.reset_index(drop=True), _before_20(follow, truth)


def one_minus_kaplan_meier(world: SimulatedWorld) -> pd.DataFrame:
    """Return, for placement, the truth, Aalen–Johansen, and one minus Kaplan–Meier with all other ways out censored."""
    times = _follow(world, days_from_to(FIRST_DAY.isoformat(), LAST_DAY.isoformat())).times
    truth = _everybody(incidence(entered(world.episodes, first_day=FIRST_DAY, last_day=LAST_DAY)))
    truth = truth[(truth["way_out"] == PLACEMENT) & (truth["months"] != BEFORE_20)]
    naive = kaplan_meier(_whole(times["entry_time"]), _whole(times["exit_time"]), times["way_out"] == PLACEMENT)
    return pd.DataFrame(
        {
            "months": truth["months"].to_numpy(),
            "truth": truth["share"].to_numpy(),
            "aalen_johansen": _shares(times)[0],
            "one_minus_kaplan_meier": 1 - naive.at(DAYS)["survival"].to_numpy(),
        }
    )


def recovered(world: SimulatedWorld, *, seed: int = 7) -> pd.DataFrame:
    """Return bias and coverage of Aalen–Johansen in replicates of `PER_REPLICATE` spells with delayed entry and censoring.

    Entrants of four Septembers: within a month the day of extract censors whoever it is, not the spring's entrants before the
    autumn's. One row per way out and horizon: the truth (all entrants, followed past 20), the mean estimate, its Monte-Carlo
    standard error, the share of 95 % intervals that hold the truth, and the estimate of all registered spells if late registration is
    ignored.
    """
    months = [(date(year, 9, 1), date(year, 9, 30)) for year in SEPTEMBERS]
    follows = [_follow(world, days_from_to(first.isoformat(), last.isoformat())) for first, last in months]
    times = pd.concat([follow.times for follow in follows], ignore_index=True)
    entrants = [entered(world.episodes, first_day=first, last_day=last) for first, last in months]
    truth = _everybody(add_up_incidence(map(incidence, entrants)))
    truth = truth[truth["months"] != BEFORE_20].reset_index(drop=True)
    replicates = np.stack([_estimates(times.iloc[rows]) for rows in _replicates(len(times), seed=seed)])
    share = truth["share"].to_numpy()
    estimate, lower, upper = replicates.transpose(2, 0, 1)
    return truth[["way_out", "months"]].assign(
        n_replicates=len(replicates),
        n_true=truth["n"],
        n_registered=len(times),
        truth=share,
        mean=estimate.mean(axis=0),
        standard_error=estimate.std(axis=0, ddof=1) / np.sqrt(len(replicates)),
        coverage=((lower <= share) & (share <= upper)).mean(axis=0),
        delay_ignored=_shares(times.assign(entry_time=0)).ravel(),
    )


def ever_against_never() -> pd.DataFrame:
    """Return the effects of Aim in each scenario: of the same persons with and without it, and the naive difference, by horizon."""
    return pd.concat([_effects_in(name, settings) for name, settings in AIM_SCENARIOS.items()], ignore_index=True)


def _effects_in(name: str, settings: Mapping[str, Any]) -> pd.DataFrame:
    scenario = a_scenario(
        name, seed=43, births=8000, start=date(2021, 1, 1), extract=date(2022, 12, 31),
        settings={"without_place": 0.3, **AIM_COMMON, **settings},
    )  # fmt: skip
    batches = [list(_outcomes(scenario, batch)) for batch in scenario.batches]
    found = [
        add_up_effects(aim_effects(pd.concat(outcomes), within_days=HORIZONS[months]) for outcomes in batches).assign(
            scenario=name, months=months
        )
        for months in ("3", "12")
    ]
    return pd.concat(found, ignore_index=True)


def _outcomes(scenario, batch) -> Iterator[pd.DataFrame]:
    for strategy in (AS_DRAWN, NEVER):
        yield reached_outcomes(lives_in(batch, scenario=scenario, world=World(aim=strategy)), strategy=strategy)


def _follow(world: SimulatedWorld, period: Period) -> FollowUp:
    population = target_population(world.register)
    cohort = first_spells(entering_during(world.register, period, population=population))
    return follow_up(cohort, ways_out=STUDY_OR_OTHER_ENDS, unit="days", delayed_entry=True)


def _everybody(truth: pd.DataFrame) -> pd.DataFrame:
    return truth[(truth["sex"] == "all") & (truth["age_at_entry"] == "all")].reset_index(drop=True)


def _before_20(follow: FollowUp, truth: pd.DataFrame) -> pd.DataFrame:
    """Return the truth before 20 by age at entry, with the estimate after the last day of each age."""
    rows = truth[(truth["sex"] == "all") & (truth["months"] == BEFORE_20) & (truth["age_at_entry"] != "all")]
    times = follow.times
    estimated = {
        (way, str(age)): estimate
        for age, of_age in times.groupby("age_at_entry")
        for way, (estimate, *_) in zip(WAYS, _estimates(of_age, days=[int(of_age["exit_time"].max())]), strict=True)
    }
    places = zip(rows["way_out"], rows["age_at_entry"], strict=True)
    return rows.assign(share_left=[estimated[place] for place in places]).reset_index(drop=True)


def _estimates(times: pd.DataFrame, *, days: list[int] = DAYS) -> np.ndarray:
    """Return estimate, lower and upper limit, a row per way out and day: shape (ways × days, 3)."""
    cause = times["way_out"].map({way: number for number, way in enumerate(WAYS, start=1)}).fillna(0)
    entry, exit_ = _whole(times["entry_time"]), _whole(times["exit_time"])
    estimated = aalen_johansen(entry, exit_, _whole(cause), n_causes=len(WAYS)).at(days)
    return estimated[["cif", "lower", "upper"]].to_numpy()


def _shares(times: pd.DataFrame) -> np.ndarray:
    """Return the estimates of all spells, shape (ways, horizons)."""
    return _estimates(times)[:, 0].reshape(len(WAYS), len(DAYS))


def _whole(column: pd.Series) -> np.ndarray:
    return column.to_numpy(dtype=np.int64)


def _replicates(n: int, *, seed: int) -> np.ndarray:
    """Return the rows of each replicate: disjoint sets drawn without putting back, shape (replicates, `PER_REPLICATE`)."""
    drawn = np.random.default_rng(seed).permutation(n)
    return drawn[: n - n % PER_REPLICATE].reshape(-1, PER_REPLICATE)
