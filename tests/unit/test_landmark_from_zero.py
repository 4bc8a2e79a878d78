"""The landmark told from time zero: by hand, against the bootstrap, and where nobody leaves before the landmark."""

from __future__ import annotations

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.landmark_contrast import landmark_contrast
from kaa_analysis.evaluation.cores.landmark_from_zero import landmark_from_zero
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells


def drawn(n: int, *, seed: int) -> ParticipationSpells:
    draws = np.random.default_rng(seed)
    exit_ = draws.integers(1, 60, n)
    start = np.where(draws.random(n) < 0.6, draws.integers(0, 40, n), 1000).astype(float)
    return participation_spells(exit_, draws.integers(0, 3, n), np.where(start < exit_, start, np.nan))


def test_who_left_before_counts_alike_on_both_sides():
    """Ten persons: two placed and one moved by day 5; of the seven left, three have begun, of whom one is placed by day 20, and two of the other four."""
    exit_ = [2, 4, 5, 10, 30, 30, 12, 18, 30, 30]
    cause = [1, 1, 2, 1, 0, 0, 1, 1, 0, 0]
    start = [None, 1, None, 3, 0, 5, None, 9, None, None]
    found = landmark_from_zero(participation_spells(exit_, cause, start), landmark=5, horizon=20)
    assert (found.n_begun, found.n_not_begun) == (3, 4)
    assert found.begun.value == pytest.approx(0.2 + 0.7 / 3)
    assert found.not_begun.value == pytest.approx(0.2 + 0.7 / 2)
    assert found.difference.value == pytest.approx(0.7 * (1 / 3 - 1 / 2))


def test_where_nobody_leaves_before_it_is_the_landmark():
    spells = participation_spells([9, 8, 12, 30, 30, 11], [1, 2, 1, 0, 0, 1], [0, 2, None, 1, None, None])
    from_zero = landmark_from_zero(spells, landmark=5, horizon=20)
    later = landmark_contrast(spells, landmark=5, horizon=15)
    for name in ("begun", "not_begun", "difference"):
        one, other = getattr(from_zero, name), getattr(later, name)
        assert (one.value, one.se) == pytest.approx((other.value, other.se))


def test_the_standard_error_is_that_of_drawing_persons_anew():
    spells, draws = drawn(400, seed=1), np.random.default_rng(2)
    found = landmark_from_zero(spells, landmark=10, horizon=45)
    again = [
        landmark_from_zero(spells.rows(draws.integers(400, size=400)), landmark=10, horizon=45) for _ in range(400)
    ]
    for name in ("begun", "not_begun", "difference"):
        replicates = [getattr(one, name).value for one in again]
        ratio = getattr(found, name).se / np.std(replicates, ddof=1)
        assert abs(ratio - 1) < 3.3 / np.sqrt(2 * 400), "3.3 standard errors of a standard deviation from 400 draws"
        assert getattr(found, name).influence.sum() == pytest.approx(0, abs=1e-9)


def test_several_rows_of_a_person_are_held_together():
    spells = drawn(300, seed=3)
    once = landmark_from_zero(spells, landmark=10, horizon=45)
    twice = np.repeat(np.arange(300), 2)
    doubled = spells.rows(twice)
    assert landmark_from_zero(doubled, landmark=10, horizon=45).difference.se == pytest.approx(once.difference.se)


def test_bad_input_is_refused_beside_what_is_carried():
    spells = drawn(100, seed=4)
    assert landmark_from_zero(spells, landmark=10, horizon=20).difference.se > 0
    with pytest.raises(DefinitionError, match="före horisonten"):
        landmark_from_zero(spells, landmark=11, horizon=11)
    with pytest.raises(DefinitionError, match="följda till horisonten"):
        landmark_from_zero(spells.rows(spells.exit < 30), landmark=10, horizon=50)
