"""Do the estimators find a truth that is known? Registers simulated from known hazards, read through the whole way in.

The measured numbers stand in `docs/sanning.md` (``python -m tests.recovery --write``).
"""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import binom

from tests.recovery import experiments

EXACT = 1e-12
"""Everybody followed: the estimator is the plain share but for the rounding of some hundred products."""

STANDARD_ERRORS = 3.3
"""A mean of unbiased replicates lies closer to the truth than this many of its standard errors 999 times in 1 000."""

TAIL = 0.0005
"""Coverage is held to the binomial limits outside which one number in 1 000 lies; the seed is fixed."""

OFTEN = 0.05
"""Intervals are judged for ways that at least five of a replicate's 100 take: where nobody did, there is none."""

LATE_LOSS = 0.15
"""Ignoring late registration loses at least this much of the placements within 3 months: those who left before they were seen."""

NAIVE_EXCESS = {"12": 0.05, "24": 0.15}
"""One minus Kaplan–Meier tells at least this much too large a share placed; the excess grows with those who turn 20 meanwhile."""

NAIVE_ERROR = 0.02
"""The naive difference between ever and never Aim is at least this far from an effect that is nought."""


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    return experiments.followed_world(tmp_path_factory.mktemp("foljda"))


@pytest.fixture(scope="module")
def recovered(tmp_path_factory) -> pd.DataFrame:
    return experiments.recovered(experiments.late_world(tmp_path_factory.mktemp("sena")))


@pytest.fixture(scope="module")
def aim() -> pd.DataFrame:
    return experiments.ever_against_never().set_index(["scenario", "comparison", "persons", "months"])["difference"]


def test_with_everybody_followed_the_incidence_is_the_plain_share_in_every_cell(followed):
    by_sex, by_age = experiments.everybody_followed(followed)
    assert len(by_sex) == 4 * 3 * 4
    assert (by_sex["n_events_to_date"] == by_sex["count"]).all()
    assert (by_sex["share_left"] - by_sex["share"]).abs().max() < EXACT
    assert (by_age["share_left"] - by_age["share"]).abs().max() < EXACT
    assert by_age.groupby("age_at_entry")["share_left"].sum().to_numpy() == pytest.approx(1, abs=EXACT)


def test_aalen_johansen_is_unbiased_with_delayed_entry_and_censoring(recovered):
    off = (recovered["mean"] - recovered["truth"]).abs() / recovered["standard_error"]
    assert recovered["n_replicates"].min() > 90
    assert off.max() < STANDARD_ERRORS


def test_the_intervals_hold_the_truth_as_often_as_they_say(recovered):
    often = recovered[recovered["truth"] >= OFTEN]
    n = int(often["n_replicates"].iloc[0])
    low, high = binom.ppf([TAIL, 1 - TAIL], n, 0.95) / n
    assert set(often["way_out"]) == {"study_placement", "moved"}
    assert often["coverage"].between(low, high).all()


def test_ignoring_late_registration_loses_the_early_placements(recovered):
    early = recovered.set_index(["way_out", "months"]).loc[("study_placement", "3")]
    assert early["delay_ignored"] < (1 - LATE_LOSS) * early["truth"]
    assert (early["truth"] - early["delay_ignored"]) / early["standard_error"] > STANDARD_ERRORS


def test_one_minus_kaplan_meier_tells_too_large_a_share_placed(followed):
    found = experiments.one_minus_kaplan_meier(followed).set_index("months")
    excess = found["one_minus_kaplan_meier"] - found["truth"]
    assert (found["aalen_johansen"] - found["truth"]).abs().max() < EXACT
    assert excess.is_monotonic_increasing
    assert {months: excess[months] > least for months, least in NAIVE_EXCESS.items()} == {"12": True, "24": True}


def test_without_an_effect_the_same_persons_fare_alike_and_the_naive_comparison_says_otherwise(aim):
    none = ["no_effect_at_random", "no_effect_by_motivation"]
    assert (aim.loc[none].xs("as_drawn_against_never", level="comparison") == 0).all()
    naive = aim.xs(("ever_against_never", "everybody"), level=("comparison", "persons"))
    assert naive["no_effect_at_random", "3"] < -NAIVE_ERROR
    assert naive["no_effect_by_motivation", "12"] > NAIVE_ERROR


def test_an_effect_has_the_sign_it_was_given(aim):
    treated = aim.xs(("as_drawn_against_never", "began_aim"), level=("comparison", "persons"))
    assert treated["helps", "12"] > NAIVE_ERROR
    assert treated["harms", "12"] < -NAIVE_ERROR
