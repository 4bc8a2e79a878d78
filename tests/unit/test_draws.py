"""Addressable luck: as even and as independent as drawn numbers are, and the same whoever else is drawn for."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.synthetic.draws import Draws

N = 100_000
PERSONS = 20_060_000_000 + np.arange(N)
SIGNIFICANCE = 1e-4
"""A right generator fails a test at this level once in ten thousand; seeds and persons are fixed, so a failure is one of the code."""
CORRELATION = 4 / np.sqrt(N)
"""Four standard errors of the correlation of independent numbers."""
NAMES = ("sex", "sex2", "phone.outcome", "way_out.FLY")


def chi_square(counts: np.ndarray, expected: np.ndarray) -> float:
    """Return the statistic of observed ``counts``."""
    return float(((counts - expected) ** 2 / expected).sum())


def critical(categories: int) -> float:
    """Return the value that the statistic passes with probability `SIGNIFICANCE`."""
    return float(chi2.ppf(1 - SIGNIFICANCE, categories - 1))


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    return abs(float(np.corrcoef(first, second)[0, 1]))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("turn", [0, 1, 63, 5_000_000])
def test_numbers_are_spread_evenly_over_the_unit_interval(name, turn):
    drawn = Draws(1, PERSONS, turn=turn).uniform(name)
    counts = np.bincount((drawn * 100).astype(int), minlength=100)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert chi_square(counts, np.full(100, N / 100)) < critical(100)


def test_the_statistic_tells_numbers_that_are_not_even():
    drawn = Draws(1, PERSONS).uniform("sex") ** 1.05
    counts = np.bincount((drawn * 100).astype(int), minlength=100)
    assert chi_square(counts, np.full(100, N / 100)) > critical(100)


def test_numbers_are_spread_evenly_over_the_turns_of_one_person():
    drawn = Draws(1, np.full(N, PERSONS[0]), turn=np.arange(N)).uniform("way_out.day")
    assert chi_square(np.bincount((drawn * 100).astype(int), minlength=100), np.full(100, N / 100)) < critical(100)


def test_the_same_name_person_and_turn_give_the_same_number_and_another_seed_another():
    first, again, other = (Draws(seed, PERSONS).uniform("sex") for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert correlation(first, other) < CORRELATION


@pytest.mark.parametrize("pair", list(combinations(NAMES, 2)), ids=" ".join)
def test_answers_to_different_questions_are_independent(pair):
    draws = Draws(1, PERSONS)
    first, second = (draws.uniform(name) for name in pair)
    cells = np.bincount((first * 10).astype(int) * 10 + (second * 10).astype(int), minlength=100)
    assert correlation(first, second) < CORRELATION
    assert chi_square(cells, np.full(100, N / 100)) < critical(100)


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_persons_who_stand_together_are_independent(step):
    drawn = Draws(1, PERSONS).uniform("motivation")
    assert correlation(drawn[:-step], drawn[step:]) < CORRELATION


@pytest.mark.parametrize("other", [1, 2, 62])
def test_the_turns_of_a_person_are_independent(other):
    draws = Draws(1, PERSONS)
    assert correlation(draws.uniform("way_out.studies"), draws.at(other).uniform("way_out.studies")) < CORRELATION


def test_a_person_and_a_turn_are_not_mixed_up_with_the_next_person_and_the_turn_before():
    drawn = Draws(1, PERSONS, turn=1).uniform("sex")
    assert correlation(drawn[:-1], Draws(1, PERSONS[1:], turn=0).uniform("sex")) < CORRELATION


def test_some_of_the_persons_have_the_luck_they_have_among_all():
    draws = Draws(1, PERSONS, turn=np.arange(N) % 7)
    places, flags = np.array([5, 3, 99]), np.arange(N) % 3 == 0
    for rows in (places, flags):
        assert np.array_equal(draws.of(rows).uniform("sex"), draws.uniform("sex")[rows])
        assert np.array_equal(draws.of(rows, turn=9).uniform("sex"), draws.at(9).uniform("sex")[rows])
    assert np.array_equal(Draws(1, PERSONS[::-1]).uniform("sex"), Draws(1, PERSONS).uniform("sex")[::-1])


def test_normal_numbers_have_the_moments_of_the_standard_normal_and_are_finite():
    drawn = Draws(1, PERSONS).normal("motivation")
    assert np.isfinite(drawn).all()
    assert abs(drawn.mean()) < 4 / np.sqrt(N)
    assert abs((drawn**2).mean() - 1) < 4 * np.sqrt(2 / N)
    assert abs((drawn > 1.959964).mean() - 0.025) < 4 * np.sqrt(0.025 * 0.975 / N)


def test_a_chance_has_its_share_and_none_or_all_at_the_ends():
    draws = Draws(1, PERSONS)
    assert abs(draws.chance("phone", 0.2).mean() - 0.2) < 4 * np.sqrt(0.2 * 0.8 / N)
    assert not draws.chance("phone", 0).any()
    assert draws.chance("phone", 1).all()


def test_a_share_per_person_holds_for_each_group():
    share = np.where(np.arange(N) % 2 == 0, 0.1, 0.7)
    drawn = Draws(1, PERSONS).chance("phone", share)
    for value in (0.1, 0.7):
        n = (share == value).sum()
        assert abs(drawn[share == value].mean() - value) < 4 * np.sqrt(value * (1 - value) / n)


def test_whole_numbers_and_days_have_both_bounds_in_and_nothing_beyond():
    draws = Draws(1, PERSONS)
    counts = np.bincount(draws.whole("wait", 3, 9))
    assert counts[:3].tolist() == [0, 0, 0]
    assert len(counts) == 10
    assert chi_square(counts[3:], np.full(7, N / 7)) < critical(7)
    first, last = np.datetime64("2024-02-27"), np.datetime64("2024-03-01")
    found, n = np.unique(draws.day("day", first, last), return_counts=True)
    assert found.astype(str).tolist() == ["2024-02-27", "2024-02-28", "2024-02-29", "2024-03-01"]
    assert chi_square(n, np.full(4, N / 4)) < critical(4)


def test_bounds_may_differ_between_persons_and_be_the_same_day():
    draws = Draws(1, np.arange(3))
    assert draws.whole("wait", [1, 5, 9], [1, 5, 9]).tolist() == [1, 5, 9]
    days = np.array(["2024-01-01", "2024-06-01", "2024-12-31"], dtype="datetime64[D]")
    assert np.array_equal(draws.day("day", days, days), days)


def test_a_code_is_picked_as_often_as_its_weight_says():
    found, n = np.unique(Draws(1, PERSONS).pick("reason", {"A": 1, "B": 0, "C": 3}), return_counts=True)
    assert found.tolist() == ["A", "C"]
    assert chi_square(n, N * np.array([0.25, 0.75])) < critical(2)


def test_weights_may_differ_between_persons():
    is_odd = np.arange(N) % 2 == 1
    drawn = Draws(1, PERSONS).pick("reason", {"A": np.where(is_odd, 9.0, 0.0), "B": 1.0})
    assert set(drawn[~is_odd]) == {"B"}
    assert abs((drawn[is_odd] == "A").mean() - 0.9) < 4 * np.sqrt(0.9 * 0.1 / is_odd.sum())


def test_equal_weights_as_numbers_and_as_arrays_pick_the_same():
    draws, weights = Draws(1, PERSONS), {"A": 0.2, "B": 0.5, "C": 0.3}
    alike = draws.pick("reason", {code: np.full(N, weight) for code, weight in weights.items()})
    assert np.array_equal(draws.pick("reason", weights), alike)


@pytest.mark.parametrize("weights", [{"A": -1, "B": 2}, {"A": [0.5, -0.1], "B": 1.0}])
def test_negative_weights_are_refused_with_the_name_of_the_question(weights):
    with pytest.raises(DefinitionError, match=r'Vikterna för "reason" får inte vara negativa'):
        Draws(1, [1, 2]).pick("reason", weights)


@pytest.mark.parametrize("weights", [{}, {"A": 0, "B": 0}, {"A": [1.0, 0.0], "B": [0.0, 0.0]}])
def test_weights_of_which_none_is_above_zero_are_refused(weights):
    with pytest.raises(DefinitionError, match=r'Någon vikt för "reason" måste vara större än noll'):
        Draws(1, [1, 2]).pick("reason", weights)
