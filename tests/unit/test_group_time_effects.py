"""Effects by adoption group and period worked out by hand, and each refusal beside what is carried."""

import math

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.cell_panel import cell_panel
from kaa_analysis.evaluation.cores.difference_in_differences import event_study
from kaa_analysis.evaluation.cores.group_time_averages import averaged_effects, overall_effect
from kaa_analysis.evaluation.cores.group_time_effects import GroupTimeEffects, group_time_effects
from kaa_analysis.evaluation.cores.pre_trend import pre_trend_test
from kaa_analysis.evaluation.cores.staggered_event_study import staggered_event_study
from kaa_analysis.evaluation.cores.trend_bounds import relative_magnitude_bounds

DIGITS = 1e-12
NEVER = math.inf
OUTCOMES = np.array([
    [1.0, 3, 5, 4], [2, 2, 4, 5],  # adopt in 2011
    [0, 1, 1, 4], [2, 3, 5, 4], [1, 1, 2, 3],  # adopt in 2013
    [1, 2, 2, 3], [3, 3, 4, 4],  # never
])  # fmt: skip
ADOPTED = [2011, 2011, 2013, 2013, 2013, NEVER, NEVER]


def effects(outcomes: np.ndarray = OUTCOMES, adopted: list[float] = ADOPTED, **given: object) -> GroupTimeEffects:
    n_units, n_periods = outcomes.shape
    unit, period = np.divmod(np.arange(n_units * n_periods), n_periods)
    per_unit = {name: np.asarray(given.pop(name))[unit] for name in ("weight", "cluster") if name in given}
    rows = {"outcome": outcomes.ravel(), "first_treated": np.array(adopted)[unit]}
    return group_time_effects(unit, 2010 + period, **rows, **per_unit, **given)


def table_of(found: GroupTimeEffects) -> dict[tuple[int, int], float]:
    pairs = zip(found.periods[found.group], found.periods[found.period], found.value, strict=True)
    return {(int(group), int(period)): value for group, period, value in pairs}


def assert_table(found: GroupTimeEffects, wanted: dict[tuple[int, int], float]) -> None:
    ours = table_of(found)
    assert list(ours) == list(wanted)
    np.testing.assert_allclose(list(ours.values()), list(wanted.values()), rtol=DIGITS, atol=DIGITS)


def test_effects_against_those_who_never_adopt():
    """Changes of the never treated: from 2010 1/2, 1, 3/2; from 2012 1/2 in 2013."""
    wanted = {(2011, 2011): 1 - 1 / 2, (2011, 2012): 3 - 1, (2011, 2013): 3 - 3 / 2}
    wanted |= {(2013, 2011): 2 / 3 - 1 / 2, (2013, 2012): 1 - 1 / 2, (2013, 2013): 1 - 1 / 2}
    assert_table(effects(), wanted)


def test_effects_against_those_who_wait_too():
    """The five that have not adopted by 2012 change by 3/5 until 2011 and 8/5 − 2/5 … until 2012."""
    by_2011 = np.mean([1, 1, 0, 1, 0])
    by_2012 = np.mean([1, 3, 1, 1, 1])
    wanted = {(2011, 2011): 1 - by_2011, (2011, 2012): 3 - by_2012, (2011, 2013): 3 - 3 / 2}
    wanted |= {(2013, 2011): 2 / 3 - 1 / 2, (2013, 2012): 1 - 1 / 2, (2013, 2013): 1 - 1 / 2}
    assert_table(effects(controls="not-yet-treated"), wanted)


def test_a_universal_base_is_the_last_period_before_adoption():
    found = table_of(effects(base="universal"))
    assert math.isclose(found[(2013, 2010)], -(np.mean([1, 3, 1]) - 1), rel_tol=DIGITS)
    assert math.isclose(found[(2013, 2011)], -(1 - 1 / 2), rel_tol=DIGITS)
    assert (2013, 2012) not in found


def test_averages_weigh_groups_by_their_units():
    """Effects 1/2, 2, 3/2 of two units and 1/2 of three."""
    averages = {"simple": (2 * (1 / 2 + 2 + 3 / 2) + 3 / 2) / 9, "dynamic": (1 / 2 + 2 + 3 / 2) / 3}
    averages |= {"group": (2 * 4 / 3 + 3 * 1 / 2) / 5, "calendar": (1 / 2 + 2 + (2 * 3 / 2 + 3 * 1 / 2) / 5) / 3}
    for kind, value in averages.items():
        assert math.isclose(overall_effect(effects(), kind=kind).value, value, rel_tol=DIGITS)
    by_group = averaged_effects(effects(), kind="group")
    assert by_group.labels.tolist() == [2011, 2013]
    np.testing.assert_allclose([part.value for part in by_group.estimates], [4 / 3, 1 / 2], rtol=DIGITS)
    since = averaged_effects(effects(), kind="dynamic")
    assert since.labels.tolist() == [-2, -1, 0, 1, 2]


def test_standard_error_is_that_of_a_difference_of_two_means():
    found = effects()
    place = list(table_of(found)).index((2013, 2013))
    treated, never = np.array([3, -1, 1]), np.array([1, 0])
    assert math.isclose(found.se[place], math.sqrt(treated.var() / 3 + never.var() / 2), rel_tol=DIGITS)


def test_with_one_date_of_adoption_they_are_the_event_study():
    """Shares of ten pupils, equal weights."""
    counts = np.array([[4, 5, 2, 1], [5, 4, 3, 3], [3, 3, 3, 2], [2, 4, 2, 3], [1, 2, 3, 3]])
    unit, period = np.divmod(np.arange(20), 4)
    panel = cell_panel(unit, period, n=[10] * 20, n_outcome=counts.ravel(), treated=unit < 2, adopted=2)
    found = effects(counts / 10, [2012, 2012, NEVER, NEVER, NEVER], base="universal")
    np.testing.assert_allclose(found.value, event_study(panel).value, rtol=1e-10)


def test_the_past_of_groups_can_be_tested_and_their_trends_bounded_like_those_of_one():
    """Four groups of ten: the averages with their standard errors; a trend of those who adopt is found and bounded; a varying base is refused."""
    generator = np.random.default_rng(3)
    adopted = np.repeat([2013, 2014, 2015, NEVER], 10)
    outcomes = generator.normal(size=(40, 6)) * 0.1 + 0.2 * np.isfinite(adopted)[:, np.newaxis] * np.arange(6)
    found = effects(outcomes, list(adopted), base="universal")
    study, averages = staggered_event_study(found), averaged_effects(found, kind="dynamic")
    assert (study.relative.tolist(), study.reference, study.n_clusters) == ([-5, -4, -3, -2, 0, 1, 2], -1, 40)
    np.testing.assert_allclose(study.se, [part.se for part in averages.estimates], rtol=DIGITS)
    assert pre_trend_test(study).p_value < 1e-6
    assert math.isclose(study.value[3], -0.2, abs_tol=4 * study.se[3])
    assert relative_magnitude_bounds(study).lower < 0 < relative_magnitude_bounds(study, ratio=0).lower
    with pytest.raises(DefinitionError, match="universal"):
        staggered_event_study(effects(outcomes, list(adopted)))


def test_adoption_after_the_last_period_is_none():
    later = [NEVER if one == NEVER else one for one in ADOPTED[:-1]] + [2030]
    assert table_of(effects(adopted=later)) == table_of(effects())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"adopted": [2010, *ADOPTED[1:]]}, "med den första eller tidigare: 4"),
        ({"adopted": [2011.5, *ADOPTED[1:]]}, "med en annan period: 4, med den första"),
        ({"adopted": [math.nan, *ADOPTED[1:]]}, r"(?s)24 av 28.*oändligt"),
        ({"adopted": [NEVER] * 7}, "grupper: 0"),
        ({"adopted": [2012, *ADOPTED[1:]]}, "i ett enda kluster: 2"),
        ({"adopted": [*ADOPTED[:-1], 2013]}, "jämförelser i färre än två kluster: 6 av 6"),
        ({"adopted": [2011, 2011, *[2013] * 5], "controls": "not-yet-treated"}, "färre än två kluster: 4 av 6"),
        ({"cluster": [0, 0, 1, 2, 3, 4, 5]}, "i ett enda kluster: 1"),
        ({"controls": "never"}, "never-treated eller not-yet-treated"),
        ({"base": "universe"}, r'menade du "universal"'),
        ({"weight": [0, 1, 1, 1, 1, 1, 1]}, "0 eller mindre: 4 av 28"),
        ({"outcomes": np.where(OUTCOMES == 5, math.nan, OUTCOMES)}, "saknas: 3 av 28"),
    ],
)
def test_panels_that_carry_no_comparison_are_refused(changed, message):
    with pytest.raises(DefinitionError, match=message):
        effects(**changed)
    assert len(effects().value) == 6


def test_rows_that_contradict_each_other_are_refused():
    rows = {"outcome": [1, 2, 1, 2, 1, 2, 1, 3], "first_treated": [2, 2, 2, 2, NEVER, NEVER, NEVER, NEVER]}
    with pytest.raises(DefinitionError, match="införandet"):
        group_time_effects(
            [*"aabbccdd"], [1, 2] * 4, **rows | {"first_treated": [2, NEVER, *rows["first_treated"][2:]]}
        )
    with pytest.raises(DefinitionError, match="vikten"):
        group_time_effects([*"aabbccdd"], [1, 2] * 4, **rows, weight=range(1, 9))
    with pytest.raises(DefinitionError, match="flera rader: 1"):
        group_time_effects([*"aabbccdd"], [1, 1, *[1, 2] * 3], **rows)
    with pytest.raises(DefinitionError, match="ska vara tal"):
        group_time_effects([*"aabbccdd"], ["ht1", "ht2"] * 4, **rows)
    assert group_time_effects([*"aabbccdd"], [1, 2] * 4, **rows).value.tolist() == [-0.5]


def test_unknown_averages_are_refused():
    for average in (overall_effect, averaged_effects):
        with pytest.raises(DefinitionError, match=r'menade du "dynamic"'):
            average(effects(), kind="dynamical")
    with pytest.raises(DefinitionError, match="overall_effect"):
        averaged_effects(effects(), kind="simple")
    with pytest.raises(DefinitionError, match="mellan 0 och 1"):
        overall_effect(effects(), kind="simple", level=95)
