"""Interrupted series by hand and on invented series with a known change, and each refusal beside what is carried."""

import math

import numpy as np
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.interrupted_series import InterruptedSeries, interrupted_series
from kaa_analysis.evaluation.cores.serial_errors import serial_fit

DIGITS = 1e-9
N_SERIES = 200
FOUR = 4
TIME = np.arange(72)
MONTHS = np.sin(2 * np.pi * TIME / 12) + 0.5 * (TIME % 12 == 6)
TRUTH = np.array([-2.0, 0.1, -2.0 + 0.1 * 23 / 2])
"""Of level, slope and the mean of 24 months after month 48."""


def noise(generator: np.random.Generator, correlation: float, n: int = 72) -> np.ndarray:
    """Return errors of variance 1 whose neighbours hang together by ``correlation``."""
    drawn = generator.standard_normal(n)
    for place in range(1, n):
        drawn[place] = correlation * drawn[place - 1] + math.sqrt(1 - correlation**2) * drawn[place]
    return drawn


def changed(series: np.ndarray) -> np.ndarray:
    after = TIME >= 48
    return series + after * (TRUTH[0] + TRUTH[1] * (TIME - 48))


def test_without_noise_to_speak_of_the_change_is_what_was_put_in():
    series = changed(3 + 0.05 * TIME + MONTHS) + 1e-6 * noise(np.random.default_rng(1), 0)
    for errors in ("first-order", "newey-west"):
        np.testing.assert_allclose(interrupted_series(series, first_after=48, errors=errors).value, TRUTH, atol=1e-5)


def test_a_season_left_out_is_taken_for_change():
    series = changed(3 + 0.05 * TIME + 5 * MONTHS) + 1e-3 * noise(np.random.default_rng(1), 0)
    assert abs(interrupted_series(series, first_after=44, season="none").value[0] - TRUTH[0]) > 0.1
    assert abs(interrupted_series(series, first_after=48).value[0] - TRUTH[0]) < 0.01


def test_what_happens_to_both_series_falls_out():
    generator = np.random.default_rng(2)
    shock = np.where(TIME >= 48, 4.0, 0.0) + noise(generator, 0.5)
    own = 0.1 * noise(generator, 0)
    alone = interrupted_series(changed(shock + MONTHS) + own, first_after=48)
    beside = interrupted_series(changed(shock + MONTHS) + own, first_after=48, control=shock + MONTHS)
    assert abs(alone.value[2] - TRUTH[2]) > 1
    assert abs(beside.value[2] - TRUTH[2]) < 0.2
    assert (beside.se < alone.se).all()
    alike = interrupted_series(changed(np.zeros(72)) + own, first_after=48)
    np.testing.assert_allclose(beside.value, alike.value, rtol=1e-6)


@pytest.mark.parametrize("correlation", [-0.3, 0.0, 0.4])
def test_limits_hold_the_change_as_often_as_they_say(correlation):
    """72 months with season and errors of first order: level, slope and mean."""
    generator = np.random.default_rng(72)
    held = []
    for _ in range(N_SERIES):
        series = changed(0.05 * TIME + MONTHS) + noise(generator, correlation)
        found = interrupted_series(series, first_after=48, season="dummies")
        held.append((found.lower <= TRUTH) & (found.upper >= TRUTH))
    assert (np.abs(np.mean(held, axis=0) - 0.95) < FOUR * math.sqrt(0.95 * 0.05 / N_SERIES)).all()


def test_newey_and_west_are_too_narrow_where_neighbours_hang_together():
    """What the methods page says of them: with the same series the other limits hold the truth."""
    generator = np.random.default_rng(73)
    widths, held = [], []
    for _ in range(N_SERIES):
        series = changed(0.05 * TIME + MONTHS) + noise(generator, 0.4)
        west, first = (
            interrupted_series(series, first_after=48, errors=errors) for errors in ("newey-west", "first-order")
        )
        widths.append((west.upper - west.lower) / (first.upper - first.lower))
        held.append((west.lower <= TRUTH) & (west.upper >= TRUTH))
    assert (np.mean(widths, axis=0) < 0.9).all()
    assert (np.mean(held, axis=0) < 0.95 - FOUR * math.sqrt(0.95 * 0.05 / N_SERIES)).any()


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_degrees_of_freedom_are_those_of_the_variances_that_are_found(correlation):
    """Satterthwaite's are twice the squared mean of a variance by its own variance: over 400 series, within four standard errors of the latter."""
    generator = np.random.default_rng(5)
    time = np.arange(120)
    after = (time >= 84).astype(float)
    columns = np.column_stack([after, after * (time - 84), np.ones(120), time])
    drawn = [serial_fit(noise(generator, correlation, 120), columns, contrasts=np.eye(4)[:2]) for _ in range(400)]
    variances = np.array([fit.se**2 for fit in drawn])
    counted = 2 * variances.mean(axis=0) ** 2 / variances.var(axis=0)
    said = 1 / np.mean([1 / fit.df for fit in drawn], axis=0)
    assert (np.abs(counted / said - 1) < FOUR * math.sqrt(2 / 400)).all()


def test_adding_a_line_or_a_season_changes_nothing_and_another_unit_scales_all():
    series = changed(MONTHS) + noise(np.random.default_rng(5), 0.3)
    for errors in ("first-order", "newey-west"):
        one = interrupted_series(series, first_after=48, errors=errors)
        other = interrupted_series(
            100 * (series + 7 - 0.2 * TIME + 3 * (TIME % 12 == 4)), first_after=48, errors=errors
        )
        np.testing.assert_allclose(other.value, 100 * one.value, rtol=1e-5)
        np.testing.assert_allclose(other.se, 100 * one.se, rtol=1e-5)


def of_noise(n: int = 72, **given: object) -> InterruptedSeries:
    return interrupted_series(noise(np.random.default_rng(6), 0, n), **{"first_after": 48} | given)


def test_the_rule_of_lags_and_the_parts_of_the_series_are_told():
    found = of_noise(errors="newey-west")
    assert (found.lags, found.n_before, found.n_after) == (3, 48, 24)
    assert math.isnan(found.correlation)
    assert found.df.tolist() == [72 - 15] * 3
    assert of_noise(errors="newey-west", lags=6).lags == 6
    assert of_noise().lags == 0


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"first_after": 23}, "före: 23, efter: 49"),
        ({"first_after": 69}, "före: 69, efter: 3"),
        ({"first_after": -3}, "före: 0"),
        ({"n": 28, "first_after": 24}, "perioder: 28, kolumner: 15"),
        ({"n": 12, "first_after": 7, "season": "none"}, "minst 8 perioder"),
        ({"control": np.ones(71)}, "71 värden, 72 rader"),
        ({"control": np.ones((72, 2))}, "2 dimensioner"),
        ({"control": np.full(72, np.nan)}, "saknas: 72 av 72"),
        ({"season": "dummy"}, r'menade du "dummies"'),
        ({"season_length": 1}, "minst två delar"),
        ({"season": "waves", "n_waves": 6}, "vågor: 6, längd: 12"),
        ({"errors": "newey"}, "first-order eller newey-west"),
        ({"errors": "newey-west", "lags": 36}, "eftersläpningar: 36"),
        ({"level": 95}, "mellan 0 och 1"),
    ],
)
def test_series_and_options_that_carry_nothing_are_refused(given, message):
    with pytest.raises(DefinitionError, match=message):
        of_noise(**given)
    assert of_noise().n_after == 24


def test_series_without_deviations_and_random_walks_are_refused():
    for series in (np.ones(72), changed(2 + MONTHS)):
        with pytest.raises(DefinitionError, match="variera kring modellen"):
            interrupted_series(series, first_after=48)
    with pytest.raises(DefinitionError, match="slumpvandring"):
        interrupted_series(np.cumsum(np.cumsum(noise(np.random.default_rng(1), 0))), first_after=48)
    with pytest.raises(DefinitionError, match="0 dimensioner"):
        interrupted_series(3.0, first_after=48)
