"""The contract of Gray's test: a score worked out by hand, edges, messages."""

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.gray_test import gray_test

DIGITS = 1e-12
EXIT = [0, 2, 3, 3, 5, 6]
CAUSE = [1, 2, 1, 0, 1, 2]
GROUP = list("abbaba")


def test_score_equals_the_one_worked_out_by_hand():
    """Who has left by another cause stays among those expected to leave by this one, with the number at risk over the survival."""
    adjusted_b = {3: 2 / (2 / 3), 5: 1 / (1 / 3)}
    adjusted_a = {3: 2 / (2 / 3), 5: 1 / (2 / 3)}
    at_0 = 1 - 3 / 6
    at_3 = -(adjusted_a[3] * (1 - 1 / 3)) / (adjusted_a[3] * (1 - 1 / 3) + adjusted_b[3])
    at_5 = -(adjusted_a[5] * (1 - 1 / 3)) / ((adjusted_a[5] + adjusted_b[5]) * (1 - 1 / 3))
    test = gray_test(EXIT, CAUSE, GROUP)
    assert test.causes.tolist() == [1, 2]
    assert test.groups.tolist() == ["a", "b"]
    assert test.n_rows.tolist() == [3, 3]
    np.testing.assert_allclose(test.score[0], np.array([1, -1]) * (at_0 + at_3 + at_5), rtol=DIGITS)


def test_the_names_of_causes_are_kept():
    few = gray_test(EXIT, np.array([0, 3, 7])[CAUSE], GROUP)
    assert few.causes.tolist() == [3, 7]
    assert few.chi_square.tolist() == gray_test(EXIT, CAUSE, GROUP).chi_square.tolist()


def test_without_events_there_is_nothing_to_test():
    test = gray_test(EXIT, [0] * 6, GROUP)
    assert test.causes.tolist() == test.chi_square.tolist() == test.p.tolist() == []
    assert test.score.shape == (0, 2)


@pytest.mark.parametrize(
    ("exit_", "cause", "group"),
    [
        pytest.param([1, 2, 3], [0, 1, 1], list("abb"), id="one group is left at the first event"),
        pytest.param(range(1, 10), [1] * 9, list("aaabbccbc"), id="the common incidence reaches 1"),
    ],
)
def test_a_variance_without_full_rank_gives_no_p_value(exit_, cause, group):
    test = gray_test(exit_, cause, group)
    assert test.df == len(set(group)) - 1
    chi_square, p = test.chi_square[test.causes == 1], test.p[test.causes == 1]
    assert np.isnan([chi_square, p]).all()


def test_a_later_entry_is_refused_and_entry_at_0_changes_nothing():
    with pytest.raises(DefinitionError) as told:
        gray_test(EXIT, CAUSE, GROUP, entry=[0, 1, 0, 1, 0, 0])
    assert str(told.value) == (
        "Grays test gäller dem som följs från tid 0.\n  – senare inträden: 2 av 6\n"
        "Gör så här: jämför de orsaksspecifika riskerna med log_rank, som räknar med sena inträden"
    )
    from_0 = gray_test(EXIT, CAUSE, GROUP, entry=[0] * 6)
    assert from_0.chi_square.tolist() == gray_test(EXIT, CAUSE, GROUP).chi_square.tolist()


def test_a_person_with_several_rows_is_refused_and_one_row_each_is_tested():
    with pytest.raises(DefinitionError) as told:
        gray_test(EXIT, CAUSE, GROUP, cluster=[1, 2, 2, 3, 4, 5])
    assert told.value.found == ("personer med flera rader: 1 av 5",)
    one_each = gray_test(EXIT, CAUSE, GROUP, cluster=[1, 2, 6, 3, 4, 5])
    assert one_each.chi_square.tolist() == gray_test(EXIT, CAUSE, GROUP).chi_square.tolist()


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"group": list("aaaaaa")}, "grupper: 1"),
        ({"group": ["a", "b", None, "a", "b", "a"]}, "saknas på 1 av 6 rader"),
        ({"strata": [1, 1]}, "2 värden, 6 tider"),
        ({"cause": [1, 2]}, "2 orsaker för 6 tider"),
        ({"cause": [1, -2, 1, 0, 1, 2]}, "andra värden: 1 av 6"),
        ({"cause": [1, 1.5, 1, 0, np.nan, 2]}, "andra värden: 2 av 6"),
        ({"cause": [1, None, 1, 0, np.inf, 2]}, "andra värden: 2 av 6"),
        ({"exit": [0, 2, 3, 3, np.nan, 6]}, "saknade tider: 1 av 6"),
        ({"rho": np.nan}, "nan"),
    ],
)
def test_what_cannot_be_tested_is_refused_with_counts(changed, found):
    given = {"exit": EXIT, "cause": CAUSE, "group": GROUP}
    assert np.isfinite(gray_test(**given).chi_square).all()
    with pytest.raises(DefinitionError) as told:
        gray_test(**given | changed)
    assert told.value.found == (found,)
