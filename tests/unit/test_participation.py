"""Participation that begins inside a spell: by hand, what is refused beside what is carried, and what the result holds."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.clone_censor_weight import clone_censor_weight
from kaa_analysis.evaluation.cores.exposure_timing import LateStartStrategy, refuse_later_exposure
from kaa_analysis.evaluation.cores.followed_spells import Design, GraceTiming, fit_hazards, followed
from kaa_analysis.evaluation.cores.landmark_contrast import landmark_contrast
from kaa_analysis.evaluation.cores.landmark_weighted import landmark_weighted
from kaa_analysis.evaluation.cores.naive_participation import naive_ever_against_never
from kaa_analysis.evaluation.cores.participation_spells import participation_spells
from kaa_analysis.evaluation.cores.person_bootstrap import bootstrap_estimate, person_draws
from kaa_analysis.evaluation.cores.sequential_trials import sequential_trials
from kaa_analysis.evaluation.cores.strategy_sums import arm_sums
from kaa_analysis.survival import aalen_johansen

EXACT = 1e-12
NEVER = np.inf
CLONED = {"grace": 3, "horizon": 10, "interval_days": 4, "n_replicates": 50, "seed": 1}


def spells_of(n=200, *, seed=1, **given):
    rng = np.random.default_rng(seed)
    exit_, censored = np.floor(rng.exponential(20, n)), rng.integers(12, 25, n)
    start = np.floor(rng.exponential(8, n))
    cause = np.where(exit_ <= censored, rng.integers(1, 3, n), 0)
    exit_ = np.minimum(exit_, censored)
    return participation_spells(exit_, cause, np.where(start < exit_, start, NEVER), **given)


def message(call):
    with pytest.raises(DefinitionError) as refused:
        call()
    return str(refused.value)


def test_an_exposure_after_time_zero_is_refused_until_a_strategy_is_named():
    told = message(lambda: refuse_later_exposure([0, 40, np.nan, 2]))
    assert "exponerade efter tid 0: 2 av 4" in told
    assert all(strategy in told for strategy in LateStartStrategy)
    assert refuse_later_exposure([0, 0, np.nan, NEVER]) is None
    for strategy in ("landmark", "sequential_trials", "clone_censor_weight", "time_varying"):
        assert refuse_later_exposure([0, 40, np.nan, 2], strategy=strategy) == strategy


def test_an_unknown_strategy_is_refused_and_the_nearest_named():
    told = message(lambda: refuse_later_exposure([0, 0], strategy="landmarks"))
    assert 'menade du "landmark"' in told


@pytest.mark.parametrize(
    ("exit", "cause", "start", "told"),
    [
        ([5, 7], [1, 0], [5, 2], "samma dag som utträdet eller senare: 1 av 2"),
        ([5, 7], [1, 0], [9, 9], "samma dag som utträdet eller senare: 2 av 2"),
        ([5, 7], [1, 0], [-1, 2], "före tid 0: 1 av 2"),
        ([5, 7], [1, 0], [0.5, 2], "inte hela dagar: 1 av 2"),
        ([5, np.nan], [1, 0], [2, 2], "saknas: 1 av 2"),
        ([5.5, 7], [1, 0], [2, 2], "andra värden: 1 av 2"),
        ([-5, 7], [1, 0], [NEVER, 2], "andra värden: 1 av 2"),
        ([5, 7], [1, -1], [2, 2], "andra värden: 1 av 2"),
        ([5, 7], [1], [2, 2], "1 värden, 2 rader"),
        ([5, 7], [1, 0], [2], "1 värden, 2 rader"),
        ([5, 7], [1, 0], ["x", 2], "annat än tal"),
        (["x", 7], [1, 0], [2, 2], "annat än tal"),
        ([], [], [], "form (0,)"),
    ],
)
def test_spells_that_cannot_be_are_refused(exit, cause, start, told):
    assert told in message(lambda: participation_spells(exit, cause, start))
    assert participation_spells([5, 7], [1, 0], [4, None]).start.tolist() == [4, NEVER]


def test_covariates_and_labels_are_checked():
    good = {"covariates": [[0.0], [1.0]], "stratum": ["a", "b"], "cluster": [7, 7]}
    made = participation_spells([5, 7], [1, 0], [2, None], **good)
    assert (made.names, made.stratum.tolist(), made.cluster.tolist()) == (("x1",), [0, 1], [0, 0])
    for name, bad, told in (
        ("covariates", [[1.0], [1.0]], "x1: samma värde på alla rader"),
        ("covariates", [[1.0], [np.nan]], "x1: saknas på 1 av 2 rader"),
        ("stratum", ["a", None], "saknas: 1 av 2"),
        ("cluster", [7], "1 värden, 2 rader"),
    ):
        assert told in message(
            lambda bad=bad, name=name: participation_spells([5, 7], [1, 0], [2, None], **{name: bad})
        )


def test_the_naive_comparison_counts_immortal_time_by_hand():
    """Nobody's participation does anything: all four are placed on the day that they were to be placed on, two of them having begun before."""
    spells = participation_spells([2, 4, 6, 8], [1, 1, 1, 1], [None, None, 5, 3])
    found = naive_ever_against_never(spells, horizon=5)
    assert (found.begun.value, found.not_begun.value, found.difference.value) == (0.0, 1.0, -1.0)


def test_the_landmark_counts_from_the_landmark_by_hand():
    """Past day 3 are left those of 4, 6, 8, 9, 9: begun by it one of 8 and one of 9 (censored), a start on day 4 is later."""
    spells = participation_spells([3, 4, 6, 8, 9, 9], [1, 1, 2, 1, 0, 1], [0, None, 4, 3, 1, None])
    found = landmark_contrast(spells, landmark=3, horizon=5)
    assert (found.n_begun, found.n_not_begun) == (2, 3)
    assert found.begun.value == pytest.approx(1 / 2, abs=EXACT)
    assert found.not_begun.value == pytest.approx(1 / 3, abs=EXACT)
    assert found.difference.value == pytest.approx(1 / 6, abs=EXACT)
    # of two: p(1 − p)/2; of three: p(1 − p)/3
    assert found.difference.se == pytest.approx(np.sqrt(1 / 8 + 2 / 27), abs=EXACT)


def test_strata_are_averaged_by_their_share_of_those_compared():
    spells = spells_of(stratum=np.arange(200) % 4 == 0)
    found = landmark_contrast(spells, landmark=2, horizon=8)
    parts = [landmark_contrast(spells.rows(spells.stratum == code), landmark=2, horizon=8) for code in (0, 1)]
    sizes = [part.n_begun + part.n_not_begun for part in parts]
    assert found.difference.value == pytest.approx(np.average([each.difference.value for each in parts], weights=sizes))
    cloned = [
        clone_censor_weight(each, **CLONED) for each in (spells, *(spells.rows(spells.stratum == c) for c in (0, 1)))
    ]
    sizes = [each.n_eligible for each in cloned[1:]]
    assert cloned[0].difference.value == pytest.approx(
        np.average([each.difference.value for each in cloned[1:]], weights=sizes), abs=EXACT
    )


def test_given_weights_of_the_landmark_that_are_all_the_same_change_nothing():
    spells = spells_of()
    plain, weighted = (
        landmark_contrast(spells, landmark=2, horizon=8, weight=weight) for weight in (None, np.full(200, 3.0))
    )
    assert weighted.difference.value == pytest.approx(plain.difference.value, abs=EXACT)
    assert weighted.difference.se == pytest.approx(plain.difference.se, abs=EXACT)


def test_the_landmark_with_fitted_weights_is_that_with_the_same_weights_given():
    """With one covariate of two values the score is the share that has begun among those left, so the weights are known by hand."""
    x = np.arange(200) % 2
    spells = spells_of(covariates=x[:, None].astype(float))
    left, begun = spells.exit > 2, spells.start <= 2
    share = np.array([begun[left & (x == value)].mean() for value in (0, 1)])[x]
    given = landmark_contrast(spells, landmark=2, horizon=8, weight=np.where(begun, 1 / share, 1 / (1 - share)))
    fitted = landmark_weighted(spells, landmark=2, horizon=8, n_replicates=50, seed=1)
    assert fitted.begin.value == pytest.approx(given.begun.value, abs=1e-9)
    assert fitted.not_begin.value == pytest.approx(given.not_begun.value, abs=1e-9)


def test_a_grace_of_no_days_without_later_starts_compares_those_who_begin_at_once_with_the_others():
    rng = np.random.default_rng(2)
    exit_, cause = rng.integers(1, 15, 100), rng.integers(0, 3, 100)
    start = np.where(np.arange(100) % 3 == 0, 0.0, NEVER)
    found = clone_censor_weight(participation_spells(exit_, cause, start), **(CLONED | {"grace": 0}))
    for side, began in ((found.begin, start == 0), (found.not_begin, start > 0)):
        plain = aalen_johansen(np.zeros(began.sum()), exit_[began], cause[began], n_causes=2)
        assert side.value == pytest.approx(plain.at([10])["cif"].iloc[0], abs=1e-10)


@pytest.mark.parametrize("timing", GraceTiming)
def test_where_nobody_leaves_both_arms_keep_the_weight_of_everybody_day_by_day(timing):
    start = np.array([0, 1, 1, 2, 3, 5, 6, 8, *[NEVER] * 8])
    spells = participation_spells(np.full(16, 30), np.ones(16), start)
    of = followed(spells, Design((0,), 3, 9, timing, 1, False))
    fit = fit_hazards(of, np.ones(16))
    arms = arm_sums(of, fit, np.ones(16), 0)
    np.testing.assert_allclose(arms.begin.sums.at_risk, 16, rtol=1e-9)
    np.testing.assert_allclose(arms.not_begin.sums.at_risk, 16, rtol=1e-9)


def test_who_leaves_within_the_grace_without_having_begun_is_in_both_arms():
    """Ten kinds of spells; 33 days on which one could begin and 3 starts on days 0–3, so a chance of 1/11 a day; the event is on day 2.

    *Do not begin*: eight have not begun before day 2, all with the same weight: 1/8. *Begin*: with F the chance of beginning on days 0–3, two have begun and
    weigh 1/F, eight have not and weigh (1 − (10/11)²)/F = (21/121)/F: 21 / (2 · 121 + 8 · 21).
    """
    start, exit_ = [0, 1, 3, 4, *[NEVER] * 6], [20, 20, 20, 20, 2, *[20] * 5]
    spells = participation_spells(np.tile(exit_, 10), np.ones(100), np.tile(start, 10))
    found = clone_censor_weight(spells, **CLONED)
    assert found.begin.value == pytest.approx(21 / 410, abs=1e-10)
    assert found.not_begin.value == pytest.approx(1 / 8, abs=1e-10)
    assert (found.of_begin.n_spells, found.of_not_begin.n_spells) == (40, 60)


def test_trials_of_one_day_at_time_zero_are_a_grace_of_no_days_when_nobody_leaves_on_day_0():
    spells = spells_of()
    spells = spells.rows(spells.exit > 0)
    options = {"horizon": 10, "interval_days": 4, "n_replicates": 50, "seed": 1}
    trials = sequential_trials(spells, every=1, last=0, **options)
    cloned = clone_censor_weight(spells, grace=0, **options)
    assert trials.difference.value == cloned.difference.value
    assert trials.difference.replicates.tolist() == cloned.difference.replicates.tolist()


def test_the_seed_tells_the_draws_and_nothing_else():
    spells = spells_of()
    first, again, other = (clone_censor_weight(spells, **(CLONED | {"seed": seed})) for seed in (1, 1, 2))
    assert first.difference.replicates.tolist() == again.difference.replicates.tolist()
    assert first.difference.replicates.tolist() != other.difference.replicates.tolist()
    assert first.difference.value == other.difference.value


def test_percentile_and_normal_limits_are_those_of_the_replicates():
    replicates = np.random.default_rng(1).normal(0.1, 0.02, 400)
    found = bootstrap_estimate(0.1, replicates, level=0.9)
    assert found.se == pytest.approx(replicates.std(ddof=1))
    assert (found.lower, found.upper) == pytest.approx(tuple(np.quantile(replicates, [0.05, 0.95])))
    assert found.normal_upper - 0.1 == pytest.approx(1.6448536 * found.se, rel=1e-6)


def test_too_many_failed_draws_are_refused_and_a_few_are_left_out():
    few, many = np.full(200, 0.1), np.full(200, 0.1)
    few[:2], many[:3] = np.nan, np.nan
    assert bootstrap_estimate(0.1, few).lower == 0.1
    assert "omdrag utan: 3 av 200" in message(lambda: bootstrap_estimate(0.1, many))


def test_too_few_draws_or_persons_are_refused():
    assert "49" in message(lambda: next(person_draws(5, n_replicates=49, seed=1)))
    assert "frö" in message(lambda: next(person_draws(5, n_replicates=50, seed=None)))
    assert "personer: 1" in message(lambda: next(person_draws(1, n_replicates=50, seed=1)))
    assert next(person_draws(5, n_replicates=50, seed=1)).sum() == 5


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"grace": 10}, "frist 10, horisont 10"),
        ({"grace": -1}, "frist -1"),
        ({"interval_days": 0}, "intervall 0"),
        ({"grace": 2.5}, "frist 2.5"),
        ({"horizon": 26}, "horisont 26 dagar"),
        ({"timing": "uniformly"}, 'menade du "uniform"'),
        ({"level": 1.0}, "1"),
    ],
)
def test_designs_that_cannot_be_carried_are_refused(changed, told):
    spells = spells_of()
    assert told in message(lambda: clone_censor_weight(spells, **(CLONED | changed)))
    assert clone_censor_weight(spells, **CLONED).n_eligible == 200


def test_one_participant_one_participating_cluster_and_nobody_placed_are_refused():
    exit_, cause = np.full(20, 15), np.ones(20)
    start = np.where(np.arange(20) < 6, np.arange(20) // 2, NEVER)
    one = np.where(np.arange(20) < 1, 0, NEVER)
    for spells, told in (
        (participation_spells(exit_, cause, one), "började inom fristen: 1"),
        (participation_spells(exit_, cause, start, cluster=np.maximum(np.arange(20), 5)), "började inom fristen: 1"),
        (participation_spells(exit_, cause * 2, start), "placerade: 0 av 20"),
        (participation_spells(exit_, cause, np.full(20, NEVER)), "började inom fristen: 0"),
    ):
        assert told in message(lambda spells=spells: clone_censor_weight(spells, **CLONED))
    for cluster in (None, np.minimum(np.arange(20), 18)):
        spells = participation_spells(exit_, cause, start, cluster=cluster)
        assert landmark_contrast(spells, landmark=3, horizon=12).n_begun == 6
    spells = participation_spells(exit_, cause, start, cluster=np.maximum(np.arange(20), 5))
    assert "har börjat: 1" in message(lambda: landmark_contrast(spells, landmark=3, horizon=12))
    assert "placerade: 0" in message(
        lambda: naive_ever_against_never(participation_spells(exit_, cause * 2, start), horizon=12)
    )


def test_a_covariate_that_separates_those_who_begin_is_refused_and_named_apart_from_one_that_follows_from_others():
    x = np.arange(200) % 2
    spells = spells_of()
    start = np.where(x == 1, spells.start, NEVER)
    given = {"exit": spells.exit, "cause": spells.cause}
    separated = participation_spells(**given, start=start, covariates=x[:, None])
    assert "slå ihop kovariater" in message(lambda: clone_censor_weight(separated, **CLONED))
    doubled = participation_spells(
        **given, start=spells.start, covariates=np.column_stack([x, 3 - 2 * x]), names=["a", "b"]
    )
    assert "b: följer av a" in message(lambda: clone_censor_weight(doubled, **CLONED))
    good = participation_spells(**given, start=spells.start, covariates=x[:, None])
    assert clone_censor_weight(good, **CLONED).n_begun > 0


def test_starts_cannot_be_spread_evenly_over_days_on_which_nobody_begins():
    start = np.where(np.arange(60) < 24, np.arange(60) % 2 * 3, NEVER)
    spells = participation_spells(np.full(60, 15), np.ones(60), start)
    options = CLONED | {"interval_days": 1}
    assert "intervall utan starter: 2" in message(lambda: clone_censor_weight(spells, timing="uniform", **options))
    assert clone_censor_weight(spells, timing="as_observed", **options).n_begun == 24


def test_a_trial_in_which_nobody_begins_is_left_out():
    start = np.where(np.arange(60) < 24, np.arange(60) % 2 * 8, NEVER)
    spells = participation_spells(np.full(60, 25), np.ones(60), start)
    found = sequential_trials(spells, every=4, last=8, horizon=10, interval_days=4, n_replicates=50, seed=1)
    assert (found.n_trials, found.n_eligible, found.n_begun) == (2, 60 + 48, 24)


def test_the_landmark_refuses_what_is_no_day_and_what_nobody_reaches():
    spells = spells_of()
    assert "-1" in message(lambda: landmark_contrast(spells, landmark=-1, horizon=5))
    assert "2.5" in message(lambda: landmark_contrast(spells, landmark=2.5, horizon=5))
    for horizon in (0, 5.0, np.nan):
        refused = f"{horizon}"
        assert refused in message(lambda horizon=horizon: landmark_contrast(spells, landmark=2, horizon=horizon))
    assert "kvar: 0 av 200" in message(lambda: landmark_contrast(spells, landmark=30, horizon=5))
    assert "1 vikter, 200 rader" in message(lambda: landmark_contrast(spells, landmark=2, horizon=5, weight=[1.0]))
    assert "horisont 24 dagar" in message(lambda: landmark_contrast(spells, landmark=2, horizon=24))
    assert landmark_contrast(spells, landmark=2, horizon=5).n_begun > 0


@pytest.mark.parametrize("changed", [{"every": 0}, {"every": 2.5}, {"last": -1}, {"last": 3.0}])
def test_a_grid_of_trials_that_is_none_is_refused(changed):
    spells, options = (
        spells_of(),
        {"every": 4, "last": 4, "horizon": 10, "interval_days": 4, "n_replicates": 50, "seed": 1},
    )
    assert "mellanrum" in message(lambda: sequential_trials(spells, **(options | changed)))
    assert sequential_trials(spells, **options).n_trials == 2


def test_where_nobody_is_censored_weights_for_censoring_change_nothing():
    start = np.where(np.arange(60) < 24, np.arange(60) % 4, NEVER)
    spells = participation_spells(5 + np.arange(60) % 17, 1 + np.arange(60) % 2, start)
    plain, weighed = (clone_censor_weight(spells, weigh_censoring=each, **CLONED) for each in (False, True))
    assert weighed.difference.replicates.tolist() == plain.difference.replicates.tolist()


def test_no_day_of_a_person_is_in_what_spells_say_of_themselves():
    spells = participation_spells([4711, 8153], [1, 0], [1234, None])
    assert not any(day in repr(spells) for day in ("4711", "8153", "1234"))
