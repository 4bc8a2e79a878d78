"""What always holds of weighted and augmented differences, of known and of censored outcomes."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.augmented_difference import augmented_difference
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate
from kaa_analysis.evaluation.cores.horizon_outcome import incidence_outcome, kept_time_outcome
from kaa_analysis.evaluation.cores.propensity_score import propensity_score
from kaa_analysis.evaluation.cores.target_weights import target_weights
from kaa_analysis.evaluation.cores.weighted_difference import weighted_difference

SEEDLESS = settings(derandomize=True, max_examples=15, deadline=None)
ROUNDING = 1e-7
"""Coefficients settle to 1e-10 in the linear predictor; both sides are then the same sums in another order."""
COMPLEX_STEP = 1e-30
N_STEPS = 10
HORIZON = 4
TARGETS = ("ate", "att", "overlap")
KINDS = ("known", "event", "incidence", "kept")

seeds = st.integers(0, 10_000)


def persons(seed: int) -> dict[str, np.ndarray]:
    """Return invented rows: two covariates, who is treated, an outcome, an event, an exit by cause 1, 2 or censoring, and clusters."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(60, 90))
    x = np.column_stack([draw.normal(size=n), draw.integers(0, 2, size=n)])
    treated = draw.random(n) < 1 / (1 + np.exp(-0.5 * x[:, 0] + 0.3 * x[:, 1]))
    exit_ = draw.integers(0, 7, size=n)
    return {
        "x": x,
        "treated": treated,
        "known": x[:, 0] + treated + draw.normal(size=n),
        "event": (draw.random(n) < 0.5).astype(float),
        "exit": exit_,
        "cause": np.where(exit_ == 6, 0, draw.integers(0, 3, size=n)),
        "stratum": draw.integers(0, 2, size=n),
        "cluster": draw.integers(0, 20, size=n),
    }


def outcome_of(rows: dict, kind: str, *, strata: bool = False):
    if kind in ("known", "event"):
        return rows[kind]
    make = incidence_outcome if kind == "incidence" else kept_time_outcome
    given = {"treated": rows["treated"], "horizon": HORIZON, "of": 1, "n_causes": 2}
    return make(rows["exit"], rows["cause"], strata=rows["stratum"] if strata else None, **given)


def weighted(rows: dict, kind: str, target: str, *, strata: bool = False, **given) -> EffectEstimate:
    weights = target_weights(propensity_score(rows["x"], rows["treated"]), target=target)
    return weighted_difference(outcome_of(rows, kind, strata=strata), weights=weights, **given)


def augmented(rows: dict, kind: str, target: str, model: str, *, strata: bool = False, **given) -> EffectEstimate:
    score = propensity_score(rows["x"], rows["treated"])
    outcome = outcome_of(rows, kind, strata=strata)
    return augmented_difference(outcome, rows["x"], score=score, target=target, model=model, **given)


def estimable(estimate, *arguments, **given) -> EffectEstimate:
    """Return the estimate; a draw that is refused (separation, one row that weighs too much) is another draw's."""
    try:
        return estimate(*arguments, **given)
    except DefinitionError:
        assume(False)


def logit_by_hand(design: np.ndarray, outcome: np.ndarray, case: np.ndarray) -> np.ndarray:
    """Return the fitted shares with case weights, which may be complex."""
    coefficients = np.zeros(design.shape[1], dtype=complex)
    for _ in range(N_STEPS):
        fitted = 1 / (1 + np.exp(-design @ coefficients))
        information = (design * (case * fitted * (1 - fitted))[:, None]).T @ design
        coefficients = coefficients + np.linalg.solve(information, design.T @ (case * (outcome - fitted)))
    return coefficients


def seen_by_hand(rows: dict, case: np.ndarray, *, strata: bool) -> np.ndarray:
    """Return the share not censored just before each row's exit, from one time after the other."""
    seen = np.ones(len(case), dtype=complex)
    group = 2 * (rows["stratum"] * strata) + rows["treated"]
    exit_, censored = rows["exit"], rows["cause"] == 0
    for one in np.unique(group):
        alike = group == one
        for time in range(exit_[alike].max()):
            lost = case[alike & censored & (exit_ == time)].sum()
            seen[alike & (exit_ > time)] *= 1 - lost / (lost + case[alike & (exit_ > time)].sum())
    return seen


def by_hand(rows: dict, kind: str, target: str, model: str | None, case: np.ndarray, *, strata: bool) -> complex:
    treated = rows["treated"]
    design = np.column_stack([np.ones(len(treated)), rows["x"]])
    score = 1 / (1 + np.exp(-design @ logit_by_hand(design, treated, case)))
    weight = {
        "ate": np.where(treated, 1 / score, 1 / (1 - score)),
        "att": np.where(treated, 1, score / (1 - score)),
        "overlap": np.where(treated, 1 - score, score),
    }[target]
    if kind in ("known", "event"):
        value = rows[kind].astype(complex)
    else:
        exit_, of_cause = rows["exit"], rows["cause"] == 1
        part = of_cause * ((exit_ <= HORIZON) if kind == "incidence" else np.minimum(exit_ - HORIZON, 0))
        value = part / seen_by_hand(rows, case, strata=strata) + (0 if kind == "incidence" else HORIZON)
    if model is None:
        means = [(case * weight * value)[arm].sum() / (case * weight)[arm].sum() for arm in (treated, ~treated)]
        return means[0] - means[1]
    expected = []
    for arm in (treated, ~treated):
        if model == "logistic":
            expected.append(1 / (1 + np.exp(-design @ logit_by_hand(design, value, case * arm))))
        else:
            moments = (design * (case * arm)[:, None]).T
            expected.append(design @ np.linalg.solve(moments @ design, moments @ value))
    if target == "att":
        left = value - expected[1]
        return (case * np.where(treated, 1, -weight) * left).sum() / case[treated].sum()
    own = np.where(treated, *expected)
    per_row = expected[0] - expected[1] + np.where(treated, 1, -1) * weight * (value - own)
    return (case * per_row).sum() / case.sum()


def assert_influence(
    found: EffectEstimate, rows: dict, kind: str, target: str, model: str | None, strata: bool
) -> None:
    n = len(rows["treated"])
    truth = by_hand(rows, kind, target, model, np.ones(n, dtype=complex), strata=strata).real
    derivative = np.empty(n)
    for row in range(n):
        case = np.ones(n, dtype=complex)
        case[row] += 1j * COMPLEX_STEP
        derivative[row] = by_hand(rows, kind, target, model, case, strata=strata).imag / COMPLEX_STEP
    assert found.value == pytest.approx(truth, rel=ROUNDING, abs=ROUNDING)
    np.testing.assert_allclose(found.influence, derivative, rtol=ROUNDING, atol=ROUNDING * np.abs(derivative).max())


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("kind", "strata"), [("known", False), ("incidence", False), ("kept", True)])
@settings(SEEDLESS, max_examples=2)
@given(seeds)
def test_weighted_influence_is_the_derivative_by_each_rows_weight(target, kind, strata, seed):
    rows = persons(seed)
    found = estimable(weighted, rows, kind, target, strata=strata)
    assert_influence(found, rows, kind, target, None, strata)


@pytest.mark.parametrize("target", ["ate", "att"])
@pytest.mark.parametrize(
    ("kind", "model", "strata"),
    [
        ("known", "linear", False),
        ("event", "logistic", False),
        ("incidence", "linear", False),
        ("incidence", "logistic", True),
        ("kept", "linear", True),
    ],
)
@settings(SEEDLESS, max_examples=2)
@given(seeds)
def test_augmented_influence_is_the_derivative_by_each_rows_weight(target, kind, model, strata, seed):
    rows = persons(seed)
    found = estimable(augmented, rows, kind, target, model, strata=strata)
    assert_influence(found, rows, kind, target, model, strata)


def both(rows: dict, kind: str, target: str, **given) -> list[EffectEstimate]:
    """Return the weighted and, where there is one, the augmented estimate."""
    found = [estimable(weighted, rows, kind, target, **given)]
    return found + ([] if target == "overlap" else [estimable(augmented, rows, kind, target, "linear", **given)])


def assert_same(ours: list[EffectEstimate], theirs: list[EffectEstimate], *, sign: int = 1) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert one.value == pytest.approx(sign * other.value, rel=ROUNDING, abs=ROUNDING)
        assert one.se == pytest.approx(other.se, rel=ROUNDING)


def taken(rows: dict, places: np.ndarray) -> dict:
    return {name: values[places] for name, values in rows.items()}


@SEEDLESS
@given(seeds, st.sampled_from(TARGETS), st.sampled_from(KINDS))
def test_order_of_rows_names_of_clusters_and_units_of_covariates_change_nothing(seed, target, kind):
    rows = persons(seed)
    ours = both(rows, kind, target, cluster=rows["cluster"])
    other = taken(rows, np.random.default_rng(seed).permutation(len(rows["treated"])))
    other["x"] = other["x"] @ np.array([[1000.0, 1.0], [0.0, -2.0]]) + 40
    assert_same(both(other, kind, target, cluster=[f"p{99 - name}" for name in other["cluster"]]), ours)


@SEEDLESS
@given(seeds, st.sampled_from(TARGETS), st.sampled_from(KINDS))
def test_every_row_twice_under_the_same_cluster_changes_nothing(seed, target, kind):
    rows = persons(seed)
    n = len(rows["treated"])
    ours = both(rows, kind, target)
    assert_same(both(taken(rows, np.tile(np.arange(n), 2)), kind, target, cluster=np.tile(np.arange(n), 2)), ours)


@SEEDLESS
@given(seeds, st.sampled_from(TARGETS), st.floats(-100, 100))
def test_a_constant_added_to_the_outcome_changes_nothing_and_a_factor_scales_it(seed, target, constant):
    rows = persons(seed)
    ours = both(rows, "known", target)
    moved = both({**rows, "known": rows["known"] + constant}, "known", target)
    assert_same(moved, ours)
    turned = both({**rows, "known": -3 * rows["known"]}, "known", target)
    for one, other in zip(turned, ours, strict=True):
        assert one.value == pytest.approx(-3 * other.value, rel=ROUNDING, abs=ROUNDING)
        assert one.se == pytest.approx(3 * other.se, rel=ROUNDING)


@SEEDLESS
@given(seeds, st.sampled_from(["ate", "overlap"]), st.sampled_from(KINDS))
def test_treated_and_untreated_changed_about_turn_the_sign(seed, target, kind):
    rows = persons(seed)
    ours = both(rows, kind, target)
    assert_same(both({**rows, "treated": ~rows["treated"]}, kind, target), ours, sign=-1)


@SEEDLESS
@given(seeds, st.sampled_from(["incidence", "kept"]), st.sampled_from(TARGETS))
def test_what_happens_after_the_horizon_changes_nothing(seed, kind, target):
    rows = persons(seed)
    later = rows["exit"] > HORIZON
    cut = {**rows, "exit": np.where(later, HORIZON + 1, rows["exit"]), "cause": np.where(later, 0, rows["cause"])}
    assert_same(both(cut, kind, target), both(rows, kind, target))


@SEEDLESS
@given(seeds, st.sampled_from(TARGETS))
def test_influence_sums_to_nothing(seed, target):
    rows = persons(seed)
    for kind in KINDS:
        for found in both(rows, kind, target):
            assert abs(found.influence.sum()) < ROUNDING
