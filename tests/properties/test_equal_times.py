"""What always holds of times with rounding: no estimate changes when a time is written by another sum that gives the same number."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.event_slots import event_slots
from kaa_analysis.survival.cores.time_grid import time_grid

SEEDLESS = settings(derandomize=True, max_examples=80, deadline=None)
UNITS = st.sampled_from([0.1, 12 / 365.25, 1 / 3, 7.3])
steps = st.integers(-3, 3)
spell = st.tuples(st.integers(0, 6), st.integers(1, 8), st.integers(0, 2), steps, steps)
spells_drawn = st.lists(spell, min_size=1, max_size=25).map(np.array)
"""Entry, length, cause, and how many representable numbers entry and exit are off."""


def off(times: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Return times that differ from ``times`` by as many times the spacing of numbers there; those that are 0 stay."""
    return np.where(times > 0, times + by * np.spacing(times), times)


def written_in_two_ways(spells: np.ndarray, unit: float) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    whole = spells[:, 0], spells[:, 0] + spells[:, 1]
    return whole, tuple(off(times * unit, by) for times, by in zip(whole, spells[:, 3:].T, strict=True))


@SEEDLESS
@given(spells_drawn, UNITS)
def test_rounding_changes_no_place_and_no_estimate(spells, unit):
    whole, rounded = written_in_two_ways(spells, unit)
    one, other = time_grid(*whole), time_grid(*rounded)
    assert one.first.tolist() == other.first.tolist()
    assert one.last.tolist() == other.last.tolist()
    np.testing.assert_allclose(other.times, one.times * unit, rtol=1e-14)
    exact, same = (aalen_johansen(*times, spells[:, 2], n_causes=2) for times in (whole, rounded))
    assert exact.cif.tolist() == same.cif.tolist()
    assert exact.se.tolist() == same.se.tolist()


@SEEDLESS
@given(spells_drawn, UNITS)
def test_rounding_changes_no_slot_of_a_regression(spells, unit):
    whole, rounded = written_in_two_ways(spells, unit)
    event, strata = spells[:, 2] > 0, spells[:, 1] % 2
    one, other = (event_slots(*times, event, strata=strata) for times in (whole, rounded))
    for name in ("strata", "n_events", "first", "past", "events", "own"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


@SEEDLESS
@given(spells_drawn, st.booleans())
def test_whole_numbers_are_as_they_are(spells, as_floats):
    entry, exit_ = spells[:, 0], spells[:, 0] + spells[:, 1]
    first_day = 10**12 * (entry > 0)
    grid = time_grid(
        *((times.astype(float) if as_floats else times) for times in (entry + first_day, exit_ + first_day))
    )
    assert grid.times.tolist() == np.unique(exit_ + first_day).tolist()
