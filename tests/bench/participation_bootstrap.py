"""Measure 1 000 draws of persons in which the weights are fitted anew: ``python -m tests.bench.participation_bootstrap``; prints a table of docs/benchmarks.md.

Invented spells of a city's size: five covariates that move placement and beginning, a year's horizon, a grace of 90 days. One process; the number of
threads is what the environment says (``OPENBLAS_NUM_THREADS=1`` for one).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np

from kaa_analysis.cli.stages import answer
from kaa_analysis.core.provenance import now
from kaa_analysis.evaluation.cores.clone_censor_weight import clone_censor_weight
from kaa_analysis.evaluation.cores.landmark_weighted import landmark_weighted
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells
from kaa_analysis.evaluation.cores.sequential_trials import sequential_trials
from kaa_analysis.evaluation.cores.strategy_contrast import StrategyContrast
from tests.bench.machine import machine

N_PERSONS, N_REPLICATES, SEED = 4000, 1000, 2026
HORIZON, GRACE, LAST_TRIAL = 365, 90, 168
MEAN_DAYS, MEAN_DAYS_TO_START = 400, 600
SLOPES, SLOPES_OF_START = (0.2, 0.2, 0.2, -0.3, 0.1), (0.3, -0.2, 0.2, -0.3, 0.1)
SHARE_PLACED, OBSERVED = 0.6, (200, 900)
LIBRARIES = ("numpy", "scipy")


def city_spells(n: int) -> ParticipationSpells:
    """Return ``n`` spells: two continuous covariates and three that are 0 or 1; whole days; two ways out; censored from day 200."""
    rng = np.random.default_rng(SEED)
    covariates = np.column_stack([rng.standard_normal((n, 2)), rng.random((n, 3)) < 0.4])
    start = np.floor(rng.exponential(MEAN_DAYS_TO_START / np.exp(covariates @ SLOPES_OF_START)))
    end = 1 + np.floor(rng.exponential(MEAN_DAYS / np.exp(covariates @ SLOPES)))
    observed = rng.integers(*OBSERVED, n)
    cause = np.where(end <= observed, np.where(rng.random(n) < SHARE_PLACED, 1, 2), 0)
    exit_ = np.minimum(end, observed)
    return participation_spells(exit_, cause, np.where(start < exit_, start, np.nan), covariates=covariates)


def of_clones(spells: ParticipationSpells, n_replicates: int) -> StrategyContrast:
    """Return the contrast of beginning within 90 days and never, by a year."""
    return clone_censor_weight(spells, grace=GRACE, horizon=HORIZON, n_replicates=n_replicates, seed=SEED)


def of_clones_and_censoring(spells: ParticipationSpells, n_replicates: int) -> StrategyContrast:
    """Return the same, weighted for censoring too."""
    options = {"grace": GRACE, "horizon": HORIZON, "weigh_censoring": True}
    return clone_censor_weight(spells, n_replicates=n_replicates, seed=SEED, **options)


def of_landmark(spells: ParticipationSpells, n_replicates: int) -> StrategyContrast:
    """Return the contrast of having begun by day 90 and not, over a year from there."""
    return landmark_weighted(spells, landmark=GRACE, horizon=HORIZON, n_replicates=n_replicates, seed=SEED)


def of_trials(spells: ParticipationSpells, n_replicates: int) -> StrategyContrast:
    """Return the contrast of seven trials, one every 28 days, each over a year."""
    return sequential_trials(spells, last=LAST_TRIAL, horizon=HORIZON, n_replicates=n_replicates, seed=SEED)


def main() -> int:
    """Make each bootstrap once and print its seconds."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.participation_bootstrap", description=__doc__)
    parser.add_argument("--persons", type=int, default=N_PERSONS)
    parser.add_argument("--replicates", type=int, default=N_REPLICATES)
    options = parser.parse_args()
    spells = city_spells(options.persons)
    answer(f"{now().date()}, {machine(LIBRARIES)}; `python -m tests.bench.participation_bootstrap`\n")
    answer("| bootstrap | persons | draws | s | processor s | difference | se |\n|---|---:|---:|---:|---:|---:|---:|")
    calls: dict[str, Callable[[ParticipationSpells, int], StrategyContrast]] = {
        "landmark, weighted": of_landmark,
        "clone, censor, weight": of_clones,
        "the same, weights for censoring too": of_clones_and_censoring,
        "seven sequential trials": of_trials,
    }
    for name, call in calls.items():
        began, processor = time.perf_counter(), time.process_time()
        found = call(spells, options.replicates).difference
        seconds, processor = time.perf_counter() - began, time.process_time() - processor
        answer(
            f"| {name} | {options.persons} | {options.replicates} | {seconds:.1f} | {processor:.1f} "
            f"| {found.value:.4f} | {found.se:.4f} |"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
