"""Differences in differences worked out by hand, and each refusal beside what is carried."""

import math
from datetime import date

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.cell_panel import CellPanel, cell_panel
from kaa_analysis.evaluation.cores.clustered_regression import clustered_regression
from kaa_analysis.evaluation.cores.difference_in_differences import difference_in_differences, event_study

DIGITS = 1e-12
UNIT = [*"aaabbbcccdddeee"]
PERIOD = [2013, 2014, 2015] * 5
N = [10, 10, 10, 20, 20, 20, 20, 20, 20, 40, 40, 40, 10, 10, 10]
N_OUTCOME = [4, 5, 2, 10, 8, 3, 5, 6, 7, 8, 12, 10, 1, 2, 3]
TREATED = [1] * 6 + [0] * 9


def panel(**changed: object) -> CellPanel:
    given = {"unit": UNIT, "period": PERIOD, "n": N, "n_outcome": N_OUTCOME, "treated": TREATED, "adopted": 2015}
    given |= {"weight": "units"} | changed
    return cell_panel(given.pop("unit"), given.pop("period"), **given)


def test_average_effect_with_equal_weights_is_the_difference_of_mean_changes():
    """Each unit's share in 2015 less its mean of 2013 and 2014: the CR2 variance and its degrees of freedom are Welch's, of fixed sizes."""
    treated, untreated = np.array([0.2 - 0.45, 0.15 - 0.45]), np.array([0.35 - 0.275, 0.25 - 0.25, 0.3 - 0.15])
    found = difference_in_differences(panel())
    assert math.isclose(found.value, treated.mean() - untreated.mean(), rel_tol=DIGITS)
    of_means = treated.var(ddof=1) / 2, untreated.var(ddof=1) / 3
    assert math.isclose(found.se, math.sqrt(sum(of_means)), rel_tol=DIGITS)
    assert math.isclose(found.df, (1 / 2 + 1 / 3) ** 2 / (1 / 2**2 + 1 / 3**2 / 2), rel_tol=DIGITS)
    assert found.n_clusters == 5


def test_cr1_is_the_sum_of_squared_deviations_times_its_factor():
    """Without correction a group's variance is its sum of squares over the square of its size: the factor has 15 rows and 5 + 2 + 1 columns."""
    treated, untreated = np.array([0.2 - 0.45, 0.15 - 0.45]), np.array([0.35 - 0.275, 0.25 - 0.25, 0.3 - 0.15])
    raw = treated.var() / 2 + untreated.var() / 3
    found = difference_in_differences(panel(), variance="CR1")
    assert math.isclose(found.se, math.sqrt(raw * 5 / 4 * 14 / 7), rel_tol=DIGITS)
    assert found.df == 4


def test_weights_of_pupils_make_the_difference_of_pooled_changes_where_schools_keep_their_size():
    pooled = {2013: (14 / 30, 14 / 70), 2014: (13 / 30, 20 / 70), 2015: (5 / 30, 20 / 70)}
    by_period = {period: one - other for period, (one, other) in pooled.items()}
    study = event_study(panel(weight="pupils"))
    np.testing.assert_allclose(
        study.value, [by_period[2013] - by_period[2014], by_period[2015] - by_period[2014]], rtol=DIGITS
    )
    average = difference_in_differences(panel(weight="pupils"))
    assert math.isclose(average.value, by_period[2015] - (by_period[2013] + by_period[2014]) / 2, rel_tol=DIGITS)
    assert not math.isclose(average.value, difference_in_differences(panel()).value, rel_tol=0.01)


def test_event_study_is_relative_to_the_last_period_before_adoption():
    study = event_study(panel())
    assert (study.periods.tolist(), study.relative.tolist(), study.reference) == ([2013, 2015], [-2, 0], 2014)
    before = np.mean([0.4 - 0.5, 0.5 - 0.4]) - np.mean([0.25 - 0.3, 0.2 - 0.3, 0.1 - 0.2])
    after = np.mean([0.2 - 0.5, 0.15 - 0.4]) - np.mean([0.35 - 0.3, 0.25 - 0.3, 0.3 - 0.2])
    np.testing.assert_allclose(study.value, [before, after], rtol=DIGITS)


def test_six_areas_with_treated_and_untreated_schools_can_be_the_clusters():
    """With one treated and one untreated school of equal size in each area, the estimate is the mean of six differences with its plain standard error."""
    generator = np.random.default_rng(6)
    n_outcome = generator.integers(5, 15, size=(6, 2, 2))
    unit = [f"{area}{school}" for area in range(6) for school in "tu" for _ in range(2)]
    found = difference_in_differences(
        cell_panel(
            unit,
            [1, 2] * 12,
            n=[20] * 24,
            n_outcome=n_outcome.ravel(),
            treated=[1, 1, 0, 0] * 6,
            adopted=2,
            cluster=[name[0] for name in unit],
        )
    )
    changes = np.diff(n_outcome / 20, axis=2)[:, :, 0]
    differences = changes[:, 0] - changes[:, 1]
    assert math.isclose(found.value, differences.mean(), rel_tol=1e-10)
    assert math.isclose(found.se, differences.std(ddof=1) / math.sqrt(6), rel_tol=1e-10)
    assert math.isclose(found.df, 5, rel_tol=1e-10)


def test_one_treated_cluster_is_refused_with_what_to_use_and_two_are_carried():
    one_area = ["x", "x", "x"] * 2 + ["y"] * 3 + ["z"] * 6
    with pytest.raises(DefinitionError, match=r"(?s)med behandlade: 1.*placebo i rummet"):
        difference_in_differences(panel(cluster=one_area))
    with pytest.raises(DefinitionError, match="med obehandlade: 1"):
        event_study(panel(cluster=["x"] * 3 + ["w"] * 3 + ["y"] * 9))
    two_areas = ["x"] * 3 + ["w"] * 3 + ["y"] * 3 + ["z"] * 6
    assert difference_in_differences(panel(cluster=two_areas)).n_clusters == 4


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"unit": UNIT[:-1]}, "ett värde per rad: perioden"),
        ({"unit": [None, *UNIT[1:]]}, "saknas: 1 av 15"),
        ({"period": [1, *PERIOD[1:]]}, "saknade celler: 5, flera rader: 0, av 20"),
        ({"period": [2014, *PERIOD[1:]]}, "saknade celler: 1, flera rader: 1"),
        ({"unit": [date(2015, 1, 1)] * 3 + [3, *UNIT[4:]]}, "av ett slag"),
        ({"n": [0, *N[1:]], "n_outcome": [0, *N_OUTCOME[1:]]}, "utan någon: 1 celler"),
        ({"n": [10.5, *N[1:]]}, "motsägelser: 1 celler"),
        ({"n_outcome": [11, *N_OUTCOME[1:]]}, "motsägelser: 1 celler"),
        ({"n_outcome": [float("nan"), *N_OUTCOME[1:]]}, "saknas: 1 av 15"),
        ({"n_outcome": [0] * 15}, "samma andel i alla celler"),
        ({"treated": [0, *TREATED[1:]]}, r"(?s)enheter som byter: 1 av 5.*group_time_effects"),
        ({"treated": [2, *TREATED[1:]]}, "något annat: 1 av 15"),
        ({"treated": [0] * 15}, "behandlade: 0 av 15"),
        ({"cluster": ["x", *UNIT[1:]]}, "samma värde i alla perioder: klustret"),
        ({"adopted": 2013}, "före: 0, från: 3"),
        ({"adopted": 2016}, "före: 3, från: 0"),
        ({"adopted": "2015"}, "period av samma slag"),
        ({"weight": "pupil"}, r'menade du "pupils"'),
    ],
)
def test_cells_that_carry_no_comparison_are_refused(changed, message):
    with pytest.raises(DefinitionError, match=message):
        panel(**changed)
    assert panel().n_before == 2


@pytest.mark.parametrize(
    ("changed", "message"), [({"variance": "CR3"}, "CR1 eller CR2"), ({"level": 1}, "mellan 0 och 1")]
)
def test_unknown_variances_and_levels_are_refused(changed, message):
    for estimator in (difference_in_differences, event_study):
        with pytest.raises(DefinitionError, match=message):
            estimator(panel(), **changed)


def test_units_of_columns_do_not_matter():
    generator = np.random.default_rng(2)
    others, columns = generator.normal(size=(12, 2)), generator.normal(size=(12, 1))
    outcome, cluster = generator.normal(size=12), np.arange(12) // 3
    plain = clustered_regression(outcome, columns, others=others, cluster=cluster)
    other = clustered_regression(outcome, columns, others=others * [1e12, 1e-3], cluster=cluster)
    np.testing.assert_allclose([other.value, other.se, other.df], [plain.value, plain.se, plain.df], rtol=1e-9)


def test_regressions_that_nothing_can_tell_are_refused():
    outcome, ones, cluster = [1.0, 2, 4, 3, 5], np.ones((5, 1)), [1, 1, 2, 2, 3]
    varying = np.array([[0.0], [1], [0], [1], [1]])
    for columns in (ones, np.hstack([varying, 1 - varying]), np.zeros((5, 1))):
        with pytest.raises(DefinitionError, match="variera och inte följa av de andra"):
            clustered_regression(outcome, columns, others=ones, cluster=cluster)
    with pytest.raises(DefinitionError, match="kluster: 1, rader: 5, kolumner: 2"):
        clustered_regression(outcome, varying, others=ones, cluster=[1] * 5)
    for changed, message in [
        ({"cluster": [1, None, 2, 2, 3]}, "saknas: 1 av 5"),
        ({"cluster": [1, 2]}, "klustret"),
        ({"weight": [0, 1, 1, 1, 1]}, "0 eller mindre: 1 av 5"),
        ({"others": np.full((5, 1), np.nan)}, "saknas: 5 av 5"),
        ({"others": np.ones((4, 1))}, "4 värden, 5 rader"),
    ]:
        with pytest.raises(DefinitionError, match=message):
            clustered_regression(outcome, varying, **{"others": ones, "cluster": cluster} | changed)
    assert clustered_regression(outcome, varying, others=ones, cluster=cluster).n_clusters == 3
