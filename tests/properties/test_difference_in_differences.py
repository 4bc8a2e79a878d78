"""What always holds of differences in differences and of their inference by clusters and by placebo."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.evaluation.cores.cell_panel import CellPanel, cell_panel
from kaa_analysis.evaluation.cores.clustered_regression import clustered_regression
from kaa_analysis.evaluation.cores.difference_in_differences import difference_in_differences, event_study
from kaa_analysis.evaluation.cores.placebo_in_space import placebo_in_space
from kaa_analysis.evaluation.cores.pre_trend import detectable_trend, pre_trend_test
from kaa_analysis.evaluation.cores.wild_bootstrap import wild_cluster_bootstrap

ROUNDING = 1e-8
"""Both sides are the same sums in another order, divided by differences of sums."""
SMALLEST = 1e-11
SEEDLESS = settings(derandomize=True, max_examples=40, deadline=None)
FEW = settings(derandomize=True, max_examples=15, deadline=None)


@st.composite
def cells_drawn(draw, most_periods: int = 5) -> dict[str, np.ndarray]:
    """Return cells of 6–10 schools, two or more treated, some of them in one area."""
    n_units, n_periods = draw(st.integers(6, 10)), draw(st.integers(3, most_periods))
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    unit, period = np.divmod(np.arange(n_units * n_periods), n_periods)
    n = generator.integers(5, 60, n_units)[unit] + generator.integers(0, 5, len(unit))
    return {
        "unit": unit,
        "period": period,
        "n": n,
        "n_outcome": generator.binomial(n, generator.uniform(0.2, 0.7, len(unit))),
        "treated": (unit < draw(st.integers(2, n_units - 3))).astype(int),
        "cluster": np.where(unit == n_units - 1, n_units - 2, unit),
    }


def panel_of(cells: dict[str, np.ndarray], **changed: object) -> CellPanel:
    given = {"adopted": 2, "weight": "pupils"} | cells | changed
    return cell_panel(given.pop("unit"), given.pop("period"), **given)


weights_drawn = st.sampled_from(["pupils", "units"])
variances_drawn = st.sampled_from(["CR1", "CR2"])


def numbers_of(found: object, *names: str) -> np.ndarray:
    return np.concatenate([np.atleast_1d(getattr(found, name)) for name in names])


def assert_same(ours: object, theirs: object, *names: str) -> None:
    np.testing.assert_allclose(numbers_of(ours, *names), numbers_of(theirs, *names), rtol=ROUNDING, atol=SMALLEST)


@SEEDLESS
@given(cells_drawn(), weights_drawn, variances_drawn, st.randoms(use_true_random=False))
def test_order_of_rows_and_labels_change_nothing(cells, weight, variance, random):
    rows = random.sample(range(len(cells["unit"])), len(cells["unit"]))
    other = {name: values[rows] for name, values in cells.items()}
    other["unit"] = np.array([f"skola {99 - one}" for one in other["unit"]])
    other["cluster"] = [f"område {99 - one}" for one in other["cluster"]]
    other["period"], other["adopted"] = other["period"] + 2012, 2014
    ours, theirs = panel_of(cells, weight=weight), panel_of(other, weight=weight)
    one, two = (difference_in_differences(panel, variance=variance) for panel in (ours, theirs))
    assert_same(one, two, "value", "se", "df", "lower", "upper")
    np.testing.assert_allclose(two.influence, one.influence[rows], rtol=ROUNDING, atol=SMALLEST)
    first, second = (event_study(panel, variance=variance) for panel in (ours, theirs))
    assert_same(first, second, "value", "se", "df", "lower", "upper")
    np.testing.assert_allclose(second.covariance, first.covariance, rtol=ROUNDING, atol=SMALLEST)


@SEEDLESS
@given(cells_drawn(), weights_drawn)
def test_the_estimates_by_period_are_those_of_regressions_on_two_periods_where_weights_stay(cells, weight):
    """A unit that weighs the same in every period makes each coefficient a comparison of that period with the reference alone."""
    still = cells | {"n": cells["n"].reshape(-1, cells["period"].max() + 1).max(axis=1)[cells["unit"]]}
    study = event_study(panel_of(still, weight=weight))
    for period, value in zip(study.periods, study.value, strict=True):
        rows = np.isin(still["period"], [period, 1])
        two = {name: values[rows] for name, values in still.items()}
        two["period"] = (two["period"] != 1).astype(int)
        alone = difference_in_differences(panel_of(two, adopted=1, weight=weight))
        np.testing.assert_allclose(alone.value, value, rtol=ROUNDING, atol=SMALLEST)


@SEEDLESS
@given(cells_drawn(), variances_drawn)
def test_with_equal_weights_the_average_is_that_of_the_periods_after_less_that_of_those_before(cells, variance):
    panel = panel_of(cells, weight="units")
    study = event_study(panel, variance=variance)
    after = study.relative >= 0
    average = difference_in_differences(panel, variance=variance)
    before = study.value[~after].sum() / panel.n_before
    np.testing.assert_allclose(average.value, study.value[after].mean() - before, rtol=ROUNDING, atol=SMALLEST)


@SEEDLESS
@given(cells_drawn(), weights_drawn, variances_drawn)
def test_the_other_outcome_has_the_other_sign_and_the_same_uncertainty(cells, weight, variance):
    other = cells | {"n_outcome": cells["n"] - cells["n_outcome"]}
    one, two = (difference_in_differences(panel_of(part, weight=weight), variance=variance) for part in (cells, other))
    np.testing.assert_allclose([two.value, two.se, two.df], [-one.value, one.se, one.df], rtol=ROUNDING, atol=SMALLEST)
    first, second = (pre_trend_test(event_study(panel_of(part, cluster=None))) for part in (cells, other))
    assert_same(first, second, "wald", "statistic", "df", "p_value")


@SEEDLESS
@given(cells_drawn(), variances_drawn, st.integers(2, 50))
def test_as_many_times_more_pupils_in_every_cell_change_nothing(cells, variance, times):
    more = cells | {"n": times * cells["n"], "n_outcome": times * cells["n_outcome"]}
    one, two = (difference_in_differences(panel_of(part), variance=variance) for part in (cells, more))
    assert_same(one, two, "value", "se", "df")


@SEEDLESS
@given(st.integers(0, 10_000), st.integers(3, 8))
def test_every_row_twice_under_its_cluster_changes_no_uncorrected_standard_error(seed, n_clusters):
    generator = np.random.default_rng(seed)
    cluster = np.arange(30) % n_clusters
    columns = generator.normal(size=(30, 2))
    outcome, ones = generator.normal(size=30) + generator.normal(size=n_clusters)[cluster], np.ones((30, 1))
    raw = []
    for times in (1, 2):
        n_rows = 30 * times
        found = clustered_regression(
            np.tile(outcome, times), np.tile(columns, (times, 1)), others=np.tile(ones, (times, 1)),
            cluster=np.tile(cluster, times), variance="CR1",
        )  # fmt: skip
        factor = n_clusters / (n_clusters - 1) * (n_rows - 1) / (n_rows - 3)
        raw.append([*found.value, *(found.se / np.sqrt(factor))])
    np.testing.assert_allclose(raw[1], raw[0], rtol=ROUNDING)


@SEEDLESS
@given(st.integers(0, 10_000), st.integers(3, 8))
def test_cr2_is_unbiased_and_satterthwaites_where_errors_are_independent(seed, n_clusters):
    """The variance is e'Q e for errors e: its mean is the true variance, and twice its squared mean by its variance the degrees of freedom."""
    generator = np.random.default_rng(seed)
    n_rows = 20
    cluster, weight = np.arange(n_rows) % n_clusters, generator.uniform(0.5, 3, n_rows)
    columns, ones = generator.normal(size=(n_rows, 1)), np.ones((n_rows, 1))
    given_ = {"others": ones, "cluster": cluster, "weight": weight}
    found = clustered_regression(generator.normal(size=n_rows), columns, **given_)
    basis = np.eye(n_rows) / np.sqrt(weight)
    influences = np.array([clustered_regression(error, columns, **given_).influence[:, 0] for error in basis])
    sums = np.array([influences[:, cluster == one].sum(axis=1) for one in range(n_clusters)])
    quadratic = sums.T @ sums
    whole = np.hstack([ones, columns]) * np.sqrt(weight)[:, np.newaxis]
    np.testing.assert_allclose(np.trace(quadratic), np.linalg.inv(whole.T @ whole)[1, 1], rtol=ROUNDING)
    df = np.trace(quadratic) ** 2 / (quadratic**2).sum()
    np.testing.assert_allclose(found.df[0], df, rtol=ROUNDING)


@FEW
@given(cells_drawn(most_periods=3), weights_drawn, st.randoms(use_true_random=False))
def test_bootstrap_and_placebo_know_neither_order_nor_labels_nor_sign(cells, weight, random):
    rows = random.sample(range(len(cells["unit"])), len(cells["unit"]))
    other = {name: values[rows] for name, values in cells.items()}
    other["n_outcome"] = other["n"] - other["n_outcome"]
    other["unit"], other["cluster"] = 99 - other["unit"], 99 - other["cluster"]
    ours, theirs = panel_of(cells, weight=weight), panel_of(other, weight=weight)
    one, two = (wild_cluster_bootstrap(panel, seed=seed) for seed, panel in enumerate((ours, theirs)))
    np.testing.assert_allclose([two.value, -two.upper, -two.lower], [-one.value, one.lower, one.upper], rtol=1e-6)
    assert (one.p_value, one.n_vectors) == (two.p_value, two.n_vectors)
    here, there = (placebo_in_space(panel, seed=seed) for seed, panel in enumerate((ours, theirs)))
    np.testing.assert_allclose(np.sort(-there.placebos), np.sort(here.placebos), rtol=ROUNDING, atol=SMALLEST)
    assert here.p_value == there.p_value
    np.testing.assert_allclose([-there.upper, -there.lower], [here.lower, here.upper], rtol=1e-6)


@SEEDLESS
@given(cells_drawn(), st.floats(0.1, 0.9))
def test_a_trend_that_more_power_is_asked_for_is_larger_and_its_bias_in_proportion(cells, power):
    study = event_study(panel_of(cells, cluster=None))
    one, two = detectable_trend(study, power=power), detectable_trend(study, power=power + 0.05)
    assert two.slope > one.slope > 0
    np.testing.assert_allclose(one.bias, one.slope * (study.relative[study.relative >= 0] + 1), rtol=ROUNDING)
