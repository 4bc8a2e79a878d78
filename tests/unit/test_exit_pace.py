"""The pace at which those still registered leave: worked out by hand, and of the increments of the whole curve."""

from __future__ import annotations

import numpy as np
import pytest

from kaa_analysis.survival import exit_pace, nelson_aalen
from tests.unit.test_survival import CAUSE, ENTRY, EXIT, follow_up


def test_the_pace_is_the_hazard_between_horizons_per_hundred_and_month():
    found = exit_pace(follow_up(), horizons=(0, 3, 6)).frame.set_index(["way_out", "months"])
    assert found["pace"].isna().groupby("months").all().to_dict() == {"0": True, "3": False, "6": False}
    # In (0, 3]: 4 at risk at 2 (work), 4 at 3 (studies). In (3, 6]: 2 at risk at 5 (studies), the last is censored at 6.
    assert found.loc[("studies", "3"), "pace"] == pytest.approx(100 / 4 / 3, rel=1e-14)
    assert found.loc[("work", "3"), "pace"] == pytest.approx(100 / 4 / 3, rel=1e-14)
    assert found.loc[("any", "3"), "pace"] == pytest.approx(100 / 2 / 3, rel=1e-14)
    assert found.loc[("studies", "6"), "pace"] == pytest.approx(100 / 2 / 3, rel=1e-14)
    assert found.loc[("work", "6"), "pace"] == 0
    assert np.isnan(found.loc[("work", "6"), "lower"])


def test_the_paces_add_up_to_the_whole_curve():
    found = exit_pace(follow_up(), horizons=(0, 3, 6)).frame
    whole = nelson_aalen(ENTRY, EXIT, [cause == 1 for cause in CAUSE])
    at_zero = whole.at([0])["hazard"][0]
    studies = found[found["way_out"] == "studies"]["pace"].iloc[1:].sum() * 3 / 100
    assert studies == pytest.approx(whole.at([6])["hazard"][0] - at_zero, rel=1e-14)


def test_past_the_last_observed_time_there_is_no_pace():
    found = exit_pace(follow_up(), horizons=(0, 6, 12)).frame.set_index(["way_out", "months"])
    assert not np.isnan(found.loc[("any", "6"), "pace"])
    assert np.isnan(found.loc[("any", "12"), "pace"])


def test_limits_hold_persons_together():
    apart = exit_pace(follow_up(), horizons=(0, 3)).frame
    together = exit_pace(follow_up(person_id=["a", "b", "b", "c", "d", "e"]), horizons=(0, 3)).frame
    assert apart["pace"].equals(together["pace"])
    assert not apart["upper"].equals(together["upper"])
