"""Is the truth that intervals are held against true, and do they hold it as often as they say? The whole study stands in `docs/benchmarks.md`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from tests.recovery.coverage_draws import HEAPED, HORIZONS, returning_persons, truth_of_registers, truth_of_returning
from tests.recovery.coverage_page import BAND, LEAST_EXPECTED, PAGE, kept_table, tables_of, written
from tests.recovery.coverage_run import our_limits
from tests.recovery.coverage_table import LOWER, UPPER, coverage
from tests.recovery.interval_families import rows_of
from tests.recovery.known_law import (
    FIRST_EXTRACT,
    N_DAYS,
    OTHER,
    PLACEMENT,
    TURNED_20,
    WAYS_OUT,
    KnownLaw,
    Spells,
    lives,
    seen_spells,
    true_incidences,
)

EXACT = 1e-12
"""Sums of some hundred probabilities."""

N_COUNTED = 200_000
STANDARD_ERRORS = 4.0
"""A share counted lies farther from the truth than this less than once in 10 000 times; the seed is fixed."""

N_REPLICATES, SIZE = 300, 200
TAIL = 0.0005
"""Coverage is held to the binomial limits outside which one number in 1 000 lies at either end of the band; the seeds are fixed."""

NARROWED = 2 / 3
"""An interval so narrow holds the truth 81 times in 100: it must be noticed."""

POINTS_FROM_R, SAME_LIMIT = 0.015, 1e-9
"""Coverage on the same draws lies no farther from R's; a limit that both give differs by rounding alone."""

TRIED = ("survival", "incidence", "restricted", "hazard_ratio", "returning_survival")


@pytest.fixture(scope="module")
def limits() -> dict[str, np.ndarray]:
    return our_limits(SIZE, n_replicates=N_REPLICATES, families=TRIED)


def known_days(hazards: dict[int, float]) -> np.ndarray:
    days = np.zeros(N_DAYS)
    days[list(hazards)] = list(hazards.values())
    return days


def counted(spells_left: np.ndarray, cause: np.ndarray) -> np.ndarray:
    """Return the share that has left by each way, a row per way, a column per horizon."""
    return np.array([[np.mean((spells_left <= day) & (cause == way)) for day in HORIZONS.values()] for way in WAYS_OUT])


def off(share: np.ndarray, truth: np.ndarray, n: int) -> float:
    """Return the greatest distance in standard errors."""
    return float(np.abs((share - truth) / np.sqrt(truth * (1 - truth) / n)).max())


def held(share: np.ndarray) -> np.ndarray:
    """Return which coverages lie within the band, but for what a few hundred replicates can miss by."""
    low, high = (
        binom.ppf(tail, N_REPLICATES, at) / N_REPLICATES for tail, at in zip((TAIL, 1 - TAIL), BAND, strict=True)
    )
    return (low <= share) & (share <= high)


def judged(family: str) -> np.ndarray:
    share = rows_of(family)["share"]
    return (share.isna() | (SIZE * share * (1 - share) >= LEAST_EXPECTED)).to_numpy()


def test_the_truth_of_a_law_of_three_days_is_that_worked_out_by_hand():
    law = KnownLaw(
        placement=known_days({0: 0.5, 1: 0.5, 2: 0.9}),
        other=known_days({1: 0.5}),
        turning_20=known_days({2: 1.0}),
        hazard_ratio=2,
    )
    of_groups = [true_incidences(law, shares=shares)[:, :4] for shares in ((1, 0), (0, 1))]
    by_hand = [
        [[1 / 2, 3 / 4, 3 / 4, 3 / 4], [0, 1 / 8, 1 / 8, 1 / 8], [0, 0, 1 / 8, 1 / 8]],
        [[3 / 4, 15 / 16, 15 / 16, 15 / 16], [0, 1 / 32, 1 / 32, 1 / 32], [0, 0, 1 / 32, 1 / 32]],
    ]
    assert np.abs(np.array(of_groups) - by_hand).max() < EXACT
    mixed = true_incidences(law, shares=(0.25, 0.75))[:, :4]
    assert np.abs(mixed - np.average(by_hand, axis=0, weights=[1, 3])).max() < EXACT


def test_the_truth_is_the_share_counted_among_many_lives():
    rng = np.random.default_rng(1)
    day, cause = lives(HEAPED, rng.integers(0, 2, N_COUNTED), rng=rng)
    truth = truth_of_registers()[:, list(HORIZONS.values())]
    assert off(counted(day, cause), truth, N_COUNTED) < STANDARD_ERRORS
    assert off(counted(day + 1, cause), truth, N_COUNTED) > STANDARD_ERRORS


@pytest.mark.parametrize("returning", [False, True])
def test_those_seen_from_the_start_leave_as_the_truth_says_before_anybody_is_censored(returning):
    rng = np.random.default_rng(2)
    spells: Spells = returning_persons(N_COUNTED, rng=rng) if returning else seen_spells(HEAPED, N_COUNTED, rng=rng)
    from_start = spells.of(spells.entry == 0)
    truth = truth_of_returning() if returning else truth_of_registers()
    first = next(iter(HORIZONS.values()))
    assert first < FIRST_EXTRACT
    shares = counted(from_start.exit, from_start.cause)[:, :1]
    assert off(shares, truth[:, [first]], len(from_start.exit)) < STANDARD_ERRORS


def test_registers_have_all_that_makes_intervals_hard():
    spells = seen_spells(HEAPED, 5000, rng=np.random.default_rng(3))
    assert set(np.unique(spells.cause)) == {0, PLACEMENT, OTHER, TURNED_20}
    assert 0.15 < (spells.entry > 0).mean() < 0.25
    assert (spells.exit > spells.entry)[spells.entry > 0].all()
    assert ((spells.exit == 0) & (spells.cause > 0)).any()
    assert np.bincount(spells.exit[spells.cause > 0]).max() > 100
    persons = returning_persons(5000, rng=np.random.default_rng(4))
    assert len(np.unique(persons.group)) == 5000
    assert np.bincount(np.bincount(persons.group)).tolist()[0] == 0
    assert len(persons.exit) > 7000


def test_mean_times_lost_and_kept_add_up_to_the_horizon():
    kept, lost = rows_of("restricted"), rows_of("lost").groupby("at", sort=False)["truth"].sum()
    assert (kept["truth"].to_numpy() + lost.to_numpy()).tolist() == pytest.approx(list(HORIZONS.values()), abs=1e-9)


@pytest.mark.parametrize("family", TRIED)
def test_the_intervals_hold_the_truth_as_often_as_they_say(limits, family):
    rows = judged(family) & ~rows_of(family)["interval"].str.startswith("not clustered").to_numpy()
    share = coverage(limits[family], rows_of(family)["truth"].to_numpy())
    assert rows.sum() >= 3
    assert held(share)[rows].all()


def test_intervals_a_third_too_narrow_are_noticed(limits):
    rows = judged("incidence") & rows_of("incidence")["interval"].str.endswith("plain").to_numpy()
    lower, upper = limits["incidence"][..., LOWER], limits["incidence"][..., UPPER]
    middle, half = (lower + upper) / 2, (upper - lower) / 2
    narrowed = np.stack([middle - NARROWED * half, middle + NARROWED * half], axis=-1)
    share = coverage(narrowed, rows_of("incidence")["truth"].to_numpy())
    assert rows.sum() >= 6
    assert not held(share)[rows].any()


def test_clusters_widen_the_intervals_where_persons_are_alike(limits):
    clustered, not_clustered = np.split(np.diff(limits["returning_survival"], axis=-1).mean(axis=0)[:, 0], 2)
    assert (clustered > not_clustered).all()


def test_an_interval_that_is_not_defined_holds_nothing():
    limits = np.array([[[0.1, 0.3]], [[np.nan, np.nan]], [[0.2, np.inf]], [[0.3, 0.4]]])
    assert coverage(limits, np.array([0.2])).tolist() == [0.5]


def test_the_tables_in_the_docs_are_those_of_the_numbers_kept():
    text = PAGE.read_text(encoding="utf-8")
    assert written(text, tables_of(kept_table())) == text


def test_in_the_numbers_kept_every_interval_is_as_near_to_r_and_to_what_it_says_as_it_should_be():
    kept = kept_table()
    assert (kept["same_coverage"] - kept["r_coverage"]).abs().max() < POINTS_FROM_R
    assert kept["difference"].max() < SAME_LIMIT
    clustered = ~kept["interval"].str.startswith("not clustered")
    often = kept[clustered & (kept["expected"] >= LEAST_EXPECTED)]
    assert len(often) > 150
    assert often["coverage"].between(*BAND).all()
