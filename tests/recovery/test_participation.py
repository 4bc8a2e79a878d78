"""Participation that begins inside a spell: the naive comparison misses a known truth, the landmark, the trials and the cloned strategies hold it."""

import numpy as np
import pytest
from scipy.stats import binom

from kaa_analysis.evaluation.cores.clone_censor_weight import clone_censor_weight
from kaa_analysis.evaluation.cores.followed_spells import Design, GraceTiming, fit_hazards, followed
from kaa_analysis.evaluation.cores.landmark_contrast import landmark_contrast
from kaa_analysis.evaluation.cores.landmark_weighted import landmark_weighted
from kaa_analysis.evaluation.cores.naive_participation import naive_ever_against_never
from kaa_analysis.evaluation.cores.sequential_trials import sequential_trials
from kaa_analysis.evaluation.cores.strategy_contrast import placement_risk
from kaa_analysis.evaluation.cores.strategy_sums import arm_sums
from tests.recovery.participation_law import ParticipationLaw

HORIZON, GRACE, EVERY, LAST = 30, 10, 5, 5
N_SPELLS, N_SETS, N_REPLICATES = 400, 40, 50
CHANCE = 1e-4
"""How likely a bound is to be crossed by a method that is right."""
MOST_ERRORS = 3.9
"""Standard errors that are crossed so seldom (both sides together)."""
NO_EFFECT = ParticipationLaw(placed=(0.01, 0.02), begins=(0.02, 0.02), times=1.0)
CONFOUNDED = ParticipationLaw(placed=(0.01, 0.02), begins=(0.03, 0.06), times=1.0)
HELPS = ParticipationLaw(placed=(0.008, 0.016), begins=(0.03, 0.06), times=2.0)
LOST = ParticipationLaw(placed=(0.01, 0.02), begins=(0.03, 0.06), times=1.0, lost=(0.008, 0.05))


def cloned(spells, seed):
    options = {"grace": GRACE, "horizon": HORIZON, "interval_days": EVERY, "n_replicates": N_REPLICATES, "seed": seed}
    found = clone_censor_weight(spells, **options).difference
    return found.value, found.normal_lower, found.normal_upper


def in_trials(spells, seed):
    options = {"every": EVERY, "last": LAST, "interval_days": 2 * EVERY, "n_replicates": N_REPLICATES, "seed": seed}
    found = sequential_trials(spells, horizon=HORIZON, **options).difference
    return found.value, found.normal_lower, found.normal_upper


def from_landmark(spells, seed):
    found = landmark_contrast(spells, landmark=GRACE, horizon=HORIZON).difference
    return found.value, found.lower, found.upper


def from_weighted_landmark(spells, seed):
    options = {"landmark": GRACE, "horizon": HORIZON, "n_replicates": N_REPLICATES, "seed": seed}
    found = landmark_weighted(spells, **options).difference
    return found.value, found.normal_lower, found.normal_upper


def naive(spells, seed):
    found = naive_ever_against_never(spells, horizon=HORIZON).difference
    return found.value, found.lower, found.upper


def estimates(law, method):
    """Return the value and the limits in each of the drawn sets, shape (N_SETS, 3)."""
    return np.array([method(law.draw(N_SPELLS, seed=seed), seed) for seed in range(N_SETS)])


def errors_of_the_mean(found, truth):
    return (found[:, 0].mean() - truth) / (found[:, 0].std(ddof=1) / np.sqrt(len(found)))


def assert_held(found, truth):
    covered = int(((found[:, 1] <= truth) & (truth <= found[:, 2])).sum())
    assert covered >= binom.ppf(CHANCE, N_SETS, 0.95)
    assert abs(errors_of_the_mean(found, truth)) < MOST_ERRORS


def truth_of(law, method):
    if method is in_trials:
        mass = law.eligible(tuple(range(0, LAST + 1, EVERY)))
        return law.difference(begin_within=EVERY - 1, horizon=HORIZON, mass=mass)
    return law.difference(begin_within=GRACE, horizon=HORIZON)


def test_with_no_effect_the_naive_comparison_finds_harm():
    found = estimates(NO_EFFECT, naive)
    assert errors_of_the_mean(found, 0.0) < -MOST_ERRORS
    assert (found[:, 2] >= 0).mean() < 0.5


def test_with_no_effect_and_nothing_confounded_the_landmark_finds_none():
    assert_held(estimates(NO_EFFECT, from_landmark), 0.0)


def test_the_landmark_does_not_weight_a_known_cause_away_of_itself():
    found = estimates(CONFOUNDED, from_landmark)
    assert errors_of_the_mean(found, 0.0) > MOST_ERRORS


@pytest.mark.parametrize("method", [cloned, in_trials, from_weighted_landmark])
def test_with_no_effect_a_known_cause_of_beginning_is_weighted_away(method):
    assert truth_of(CONFOUNDED, method) == pytest.approx(0.0, abs=1e-12)
    assert_held(estimates(CONFOUNDED, method), 0.0)


@pytest.mark.parametrize("method", [cloned, in_trials])
def test_an_effect_is_found_as_large_as_it_is(method):
    truth = truth_of(HELPS, method)
    found = estimates(HELPS, method)
    assert_held(found, truth)
    assert errors_of_the_mean(found, 0.0) > MOST_ERRORS


def test_who_is_lost_for_a_known_cause_is_weighted_back():
    truth = np.mean([LOST.risk(x, begin_within=None, horizon=HORIZON) for x in (0, 1)])
    found = {weighed: [] for weighed in (False, True)}
    for seed in range(N_SETS):
        spells = LOST.draw(N_SPELLS, seed=seed)
        for weighed, risks in found.items():
            of = followed(spells, Design((0,), GRACE, HORIZON, GraceTiming.AS_OBSERVED, EVERY, weighed))
            everyone = np.ones(N_SPELLS)
            risks.append(placement_risk(arm_sums(of, fit_hazards(of, everyone), everyone, 0).not_begin.sums))
    errors = {weighed: errors_of_the_mean(np.array(risks)[:, None], truth) for weighed, risks in found.items()}
    assert errors[False] < -MOST_ERRORS
    assert abs(errors[True]) < MOST_ERRORS
