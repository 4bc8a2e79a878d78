"""The wild cluster bootstrap and placebo in space: worked out the slow way, by hand, and each refusal beside what is carried."""

import math
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import chi2

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.cell_panel import CellPanel, cell_panel
from kaa_analysis.evaluation.cores.difference_in_differences import difference_in_differences
from kaa_analysis.evaluation.cores.placebo_in_space import placebo_in_space
from kaa_analysis.evaluation.cores.wild_bootstrap import WEBB, wild_cluster_bootstrap

DIGITS = 1e-9
AREA = np.array([0, 0, 1, 1, 2, 2, 3, 4, 4, 5])
TREATED = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0])


def panel_of(
    *, seed: int = 1, cluster: np.ndarray | None = AREA, treated: np.ndarray = TREATED, effect: float = 0.0
) -> CellPanel:
    """Return ten schools of several sizes in six areas over four cohorts, two of them after adoption."""
    generator = np.random.default_rng(seed)
    n_units = len(treated)
    unit, period = np.divmod(np.arange(4 * n_units), 4)
    n = generator.integers(20, 80, n_units)[unit]
    probability = generator.uniform(0.2, 0.4, n_units)[unit] + effect * treated[unit] * (period >= 2)
    return cell_panel(
        unit, period, n=n, n_outcome=generator.binomial(n, probability), treated=treated[unit], adopted=2,
        cluster=None if cluster is None else cluster[unit],
    )  # fmt: skip


def frame_of(panel: CellPanel) -> pd.DataFrame:
    dummies = pd.DataFrame(panel.two_way_dummies()).add_prefix("d")
    return dummies.assign(effect=(panel.treated & panel.after).astype(float))


def t_of(panel: CellPanel, share: np.ndarray, null: float) -> float:
    fit = sm.WLS(share, frame_of(panel), weights=panel.weight).fit(
        cov_type="cluster", cov_kwds={"groups": panel.cluster}
    )
    return float((fit.params["effect"] - null) / fit.bse["effect"])


def bootstrap_by_hand(panel: CellPanel, null: float) -> float:
    """Return the p value from one fit of statsmodels per vector of signs."""
    columns = frame_of(panel)
    others, effect = columns.drop(columns="effect"), columns["effect"].to_numpy()
    restricted = sm.WLS(panel.share - null * effect, others, weights=panel.weight).fit()
    fitted, residual = restricted.fittedvalues.to_numpy() + null * effect, restricted.resid.to_numpy()
    at_hand = abs(t_of(panel, panel.share, null))
    signs = product([-1, 1], repeat=int(panel.cluster.max()) + 1)
    drawn = [abs(t_of(panel, fitted + residual * np.array(sign)[panel.cluster], null)) for sign in signs]
    return float(np.mean(np.array(drawn) >= at_hand * (1 - DIGITS)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p_value_of_six_areas_is_that_of_all_sixty_four_fits(seed):
    panel = panel_of(seed=seed)
    found = wild_cluster_bootstrap(panel, seed=0)
    assert found.p_value == bootstrap_by_hand(panel, 0.0)
    assert math.isclose(found.value, difference_in_differences(panel).value, rel_tol=DIGITS)
    assert (found.n_vectors, found.enumerated, found.smallest_p) == (64, True, 2 / 64)


def test_interval_holds_what_the_same_test_does_not_refuse():
    panel = panel_of(seed=4)
    found = wild_cluster_bootstrap(panel, seed=0, level=0.9)
    width = found.upper - found.lower
    for limit, outwards in ((found.lower, -1), (found.upper, 1)):
        assert bootstrap_by_hand(panel, limit - outwards * 1e-6 * width) > 0.1
        assert bootstrap_by_hand(panel, limit + outwards * 1e-6 * width) <= 0.1


def test_five_clusters_cannot_refuse_anything_at_95_per_cent_but_webbs_weights_can():
    panel = panel_of(cluster=np.minimum(AREA, 4), effect=0.2)
    signs = wild_cluster_bootstrap(panel, seed=0)
    assert (signs.smallest_p, signs.lower, signs.upper) == (2 / 32, -math.inf, math.inf)
    assert signs.p_value >= signs.smallest_p
    webb = wild_cluster_bootstrap(panel, seed=0, weights="webb", n_draws=1999)
    assert (webb.n_vectors, webb.enumerated, webb.smallest_p) == (2000, False, 1 / 2000)
    assert webb.lower < webb.value < webb.upper


def test_webbs_six_values_have_mean_0_and_variance_1():
    assert math.isclose(WEBB.sum(), 0, abs_tol=DIGITS)
    assert math.isclose((WEBB**2).mean(), 1, rel_tol=DIGITS)


def test_signs_are_drawn_from_the_seed_where_there_are_more_than_twelve_clusters():
    treated = np.arange(14) % 2
    panel = panel_of(cluster=None, treated=treated)
    one, same, other = (wild_cluster_bootstrap(panel, seed=seed, n_draws=499) for seed in (1, 1, 2))
    assert (one.n_vectors, one.enumerated) == (500, False)
    assert (one.p_value, one.lower, one.upper) == (same.p_value, same.lower, same.upper)
    assert (one.lower, one.upper) != (other.lower, other.upper)
    every = wild_cluster_bootstrap(panel_of(cluster=None, treated=treated[:12]), seed=1)
    assert (every.n_vectors, every.enumerated) == (4096, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"weights": "webbs"}, r'menade du "webb"'),
        ({"level": 0}, "mellan 0 och 1"),
        ({"n_draws": 19}, "för få dragningar"),
    ],
)
def test_options_that_say_nothing_are_refused(given, message):
    with pytest.raises(DefinitionError, match=message):
        wild_cluster_bootstrap(panel_of(), seed=0, **given)


def test_one_treated_cluster_and_webb_with_ten_are_refused_and_their_twins_carried():
    one_area = np.where(TREATED == 1, 9, AREA)
    with pytest.raises(DefinitionError, match=r"(?s)med behandlade: 1.*placebo i rummet"):
        wild_cluster_bootstrap(panel_of(cluster=one_area), seed=0)
    assert wild_cluster_bootstrap(panel_of(), seed=0).n_clusters == 6
    with pytest.raises(DefinitionError, match="färre än tio kluster"):
        wild_cluster_bootstrap(panel_of(cluster=None), seed=0, weights="webb")


def test_units_that_change_alike_have_no_uncertainty_to_measure():
    shares = np.array([5, 7, 5, 7, 4, 6, 4, 6])
    alike = cell_panel([*"aabbccdd"], [1, 2] * 4, n=[10] * 8, n_outcome=shares, treated=[1] * 4 + [0] * 4, adopted=2)
    with pytest.raises(DefinitionError, match="Utan variation"):
        wild_cluster_bootstrap(alike, seed=0)


def placebos_by_hand(panel: CellPanel, sets: list[tuple[int, ...]]) -> np.ndarray:
    columns = frame_of(panel)
    return np.array([
        sm.WLS(panel.share, columns.assign(effect=(np.isin(panel.unit, chosen) & panel.after).astype(float)), weights=panel.weight)
        .fit()
        .params["effect"]
        for chosen in sets
    ])  # fmt: skip


def test_all_other_sets_of_three_of_ten_schools_are_worked_out():
    panel = panel_of(seed=7, effect=-0.2)
    theirs = placebos_by_hand(panel, [chosen for chosen in combinations(range(10), 3) if chosen != (0, 2, 5)])
    found = placebo_in_space(panel, seed=0)
    np.testing.assert_allclose(np.sort(found.placebos), np.sort(theirs), rtol=1e-7, atol=1e-12)
    assert (found.n_sets, found.enumerated, len(found.placebos)) == (120, True, 119)
    assert found.p_value == (1 + (np.abs(theirs) >= abs(found.value)).sum()) / 120
    assert math.isclose(found.value, difference_in_differences(panel).value, rel_tol=DIGITS)


def test_within_strata_only_their_own_schools_change_places():
    """Three strata: one of two and one treated, one of four and two, one without any that stays as it is: 3 × 6 sets… less the real one."""
    treated = np.array([1, 0, 0, 1, 1, 0, 0, 0, 0, 0])
    stratum = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2])
    panel = panel_of(treated=treated)
    sets = [(one, *two) for one in (0, 1, 2) for two in combinations((3, 4, 5, 6), 2) if (one, *two) != (0, 3, 4)]
    found = placebo_in_space(panel, stratum=stratum[panel.unit], seed=0)
    np.testing.assert_allclose(np.sort(found.placebos), np.sort(placebos_by_hand(panel, sets)), rtol=1e-7, atol=1e-12)
    assert (found.n_sets, found.smallest_p) == (18, 1 / 18)


def test_one_treated_unit_is_placed_among_the_others():
    """Changes 3 against 1, 0, −2 and −1 tenths: less the mean of the others, 3.5, 1, −0.25, −2.75 and −1.5: no other is as far from 0."""
    n_outcome = [2, 5, 4, 5, 5, 5, 6, 4, 3, 2]
    panel = cell_panel(
        [*"aabbccddee"], [1, 2] * 5, n=[10] * 10, n_outcome=n_outcome, treated=[1, 1] + [0] * 8, adopted=2
    )
    found = placebo_in_space(panel, seed=0)
    np.testing.assert_allclose([found.value, *found.placebos], [0.35, 0.1, -0.025, -0.275, -0.15], rtol=DIGITS)
    assert found.p_value == 1 / 5
    assert (found.lower, found.upper) == (-math.inf, math.inf)


@pytest.mark.parametrize(("level", "limits"), [(0.8, (0.1, 0.6)), (0.6, (0.2, 0.5))])
def test_limits_of_one_treated_unit_are_those_by_hand(level, limits):
    """An effect τ moves each of the other four placebos by −τ/4: e + τ/4 is as far from 0 as 0.35 − τ at (0.35 − e)/1.25 and (0.35 + e)/0.75.

    With e = 0.1, −0.025, −0.275 and −0.15 from 0.2 to 0.6, 0.3 to 0.43, 0.1 to 0.5 and 0.27 to 0.4; one, or two, of them must hold τ.
    """
    n_outcome = [2, 5, 4, 5, 5, 5, 6, 4, 3, 2]
    panel = cell_panel(
        [*"aabbccddee"], [1, 2] * 5, n=[10] * 10, n_outcome=n_outcome, treated=[1, 1] + [0] * 8, adopted=2
    )
    found = placebo_in_space(panel, seed=0, level=level)
    np.testing.assert_allclose([found.lower, found.upper], limits, rtol=DIGITS)


@pytest.mark.parametrize("seed", [10, 11, 12])
def test_placebo_limits_hold_the_effects_that_the_same_test_does_not_refuse(seed):
    """The effect is taken out of the treated cells and the test made anew, a little inside and outside of each limit."""
    panel = panel_of(seed=seed, effect=-0.1)
    found = placebo_in_space(panel, seed=0, level=0.9)
    treated = panel.treated & panel.after
    for limit, outwards in ((found.lower, -1), (found.upper, 1)):
        inside, outside = (
            placebo_in_space(replace(panel, share=panel.share - treated * (limit + side * outwards * 1e-6)), seed=0)
            for side in (-1, 1)
        )
        assert inside.p_value > 0.1 >= outside.p_value
    assert found.lower < found.value < found.upper


def test_drawn_sets_come_from_the_seed_and_near_the_exact_p_value():
    panel = panel_of(seed=9)
    exact = placebo_in_space(panel, seed=0)
    one, same, other = (placebo_in_space(panel, seed=seed, n_draws=100) for seed in (1, 1, 2))
    assert (one.enumerated, one.n_sets, len(one.placebos), one.smallest_p) == (False, 120, 100, 1 / 101)
    assert one.placebos.tolist() == same.placebos.tolist() != other.placebos.tolist()
    assert abs(one.p_value - exact.p_value) < 4 * math.sqrt(0.25 / 100)
    known = np.append(exact.placebos, exact.value)
    assert np.abs(one.placebos[:, np.newaxis] - known).min(axis=1).max() < DIGITS


def test_every_set_is_used_where_there_are_no_more_than_were_asked_for():
    panel = panel_of(seed=9)
    every, drawn = (placebo_in_space(panel, seed=1, n_draws=n_draws) for n_draws in (119, 118))
    assert (every.enumerated, len(every.placebos)) == (True, 119)
    assert (drawn.enumerated, len(drawn.placebos)) == (False, 118)


def test_every_set_is_drawn_as_often_as_any_other():
    """Five strata of two schools have 32 sets: 150 times 30 draws fall evenly on them (Pearson's statistic, which a right program exceeds once in 10 000)."""
    panel = panel_of(treated=np.array([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]))
    stratum = panel.unit // 2
    exact = placebo_in_space(panel, stratum=stratum, seed=0)
    known = np.sort([exact.value, *exact.placebos])
    drawn = np.concatenate(
        [placebo_in_space(panel, stratum=stratum, seed=seed, n_draws=30).placebos for seed in range(150)]
    )
    count = np.bincount(np.abs(drawn[:, np.newaxis] - known).argmin(axis=1), minlength=32)
    expected = len(drawn) / 32
    assert ((count - expected) ** 2 / expected).sum() < chi2.isf(1e-4, 31)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"n_draws": 0}, "minst 1"),
        ({"level": 1.0}, "mellan 0 och 1"),
        ({"stratum": np.arange(40) % 2}, "samma stratum i alla perioder"),
        ({"stratum": [None] * 40}, "0 av 40"),
        ({"stratum": [1] * 39}, "39 av 40"),
        ({"stratum": np.repeat([0, *[1] * 9], 4)}, "bara behandlade: 1 av 2"),
    ],
)
def test_strata_without_anything_to_compare_with_are_refused(given, message):
    with pytest.raises(DefinitionError, match=message):
        placebo_in_space(panel_of(), seed=0, **given)
    assert placebo_in_space(panel_of(), seed=0, stratum=np.repeat([0] * 5 + [1] * 5, 4)).n_sets == 50
