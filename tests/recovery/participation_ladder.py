"""Aim in simulated registers, read through the real path: the naive comparison, the landmark and the cloned strategies beside what is true of the same persons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import entering_during, participation
from kaa_analysis.core.periods import days_from_to
from kaa_analysis.evaluation.cores.clone_censor_weight import clone_censor_weight
from kaa_analysis.evaluation.cores.landmark_from_zero import landmark_from_zero
from kaa_analysis.evaluation.cores.naive_participation import naive_ever_against_never
from kaa_analysis.evaluation.participation_arrays import participation_arrays
from kaa_analysis.synthetic.lives import World
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.simulation import lives_in
from kaa_analysis.synthetic.support.aim import GRACE_DAYS
from kaa_analysis.synthetic.truth.effects import AS_DRAWN, NEVER, WITHIN_DAYS, add_up_effects, aim_effects
from kaa_analysis.synthetic.truth.gathering import same_persons
from kaa_analysis.synthetic.truth.told_lives import reached_outcomes
from tests.recovery.experiments import AIM_COMMON, AIM_SCENARIOS
from tests.recovery.worlds import a_scenario, simulated

WITHIN_GRACE = "within_90_days"
COVARIATES = ("sex", "age", "part_of_city", "days_waited", "registered_before", "quarter")
GRACE = GRACE_DAYS - 1
"""Aim within the 90 days: on one of the days 0 to 89."""
BIRTHS, N_REPLICATES, SEED = 2500, 200, 47
RUNGS = ("naive", "landmark", "cloned")


def ladders(folder: Path, *, scenarios: Iterable[str] = AIM_SCENARIOS) -> pd.DataFrame:
    """Return a row per scenario and rung of `RUNGS`: scenario, truth, n_persons, n_begun, rung, estimate, se, lower, upper (differences of shares)."""
    return pd.concat([_ladder(name, AIM_SCENARIOS[name], folder / name) for name in scenarios], ignore_index=True)


def _ladder(name: str, settings: Mapping[str, Any], folder: Path) -> pd.DataFrame:
    scenario = a_scenario(
        name, seed=7, births=BIRTHS, start=date(2019, 1, 1), extract=date(2025, 1, 31),
        settings={"without_place": 0.3, **AIM_COMMON, **settings},
    )  # fmt: skip
    register = simulated(scenario, folder).register
    cohort = entering_during(register, days_from_to("2019-01-01", "2024-12-31"))
    spells = participation_arrays(participation(cohort, register, intervention="aim"), covariates=COVARIATES)
    cloned = clone_censor_weight(
        spells, grace=GRACE, horizon=WITHIN_DAYS, timing="uniform", n_replicates=N_REPLICATES, seed=SEED
    )
    found = {
        "naive": naive_ever_against_never(spells, horizon=WITHIN_DAYS).difference,
        "landmark": landmark_from_zero(spells, landmark=GRACE, horizon=WITHIN_DAYS).difference,
        "cloned": cloned.difference,
    }
    rows = [(rung, one.value, one.se, one.lower, one.upper) for rung, one in found.items()]
    return pd.DataFrame(rows, columns=["rung", "estimate", "se", "lower", "upper"]).assign(
        scenario=name, truth=_truth(scenario), n_persons=len(spells.exit), n_begun=int(np.isfinite(spells.start).sum())
    )


def _truth(scenario: Scenario) -> float:
    """Return what beginning Aim within the grace against never changes, of everybody reached in their first time outside."""
    of_batches = []
    for batch in scenario.batches:
        worlds = [
            reached_outcomes(lives_in(batch, scenario=scenario, world=World(aim=strategy)), strategy=strategy)
            for strategy in (AS_DRAWN, NEVER, WITHIN_GRACE)
        ]
        of_batches.append(aim_effects(same_persons(worlds), within_days=WITHIN_DAYS))
    effects = add_up_effects(of_batches).set_index(["comparison", "persons"])["difference"]
    return float(effects[f"{WITHIN_GRACE}_against_{NEVER}", "everybody"])
