"""What the survival benchmark calls the same as R, and what it does not."""

import numpy as np
import pytest

from tests.bench.simulated_spells import SHARE_LATE, read_spells, write_spells
from tests.bench.survival import furthest
from tests.bench.survival_calls import CALLS

ROWS = 2000


@pytest.mark.parametrize(
    ("ours", "theirs", "difference"),
    [
        ([1.0, np.nan, 0.0, np.inf], [1.0, np.nan, 0.0, np.inf], 0),
        ([1.0, 2.5], [1.0, 2.0], 0.25),
        ([1.0, np.nan], [1.0, 2.0], np.inf),
        ([1.0, 1e-300], [1.0, 0.0], np.inf),
        ([1.0], [1.0, 1.0], np.inf),
    ],
)
def test_the_largest_difference_is_that_of_any_number(tmp_path, ours, theirs, difference):
    np.array(ours).tofile(tmp_path / "ours")
    np.array(theirs).tofile(tmp_path / "theirs")
    assert furthest(tmp_path / "ours", tmp_path / "theirs") == difference


def test_every_call_is_made_on_whole_days_with_late_entries(tmp_path):
    write_spells(ROWS, folder=tmp_path)
    spells = read_spells(tmp_path)
    assert spells.covariates.shape == (ROWS, 5)
    assert (spells.entry < spells.exit).all()
    assert abs((spells.entry > 0).mean() - SHARE_LATE) < 0.03
    assert set(spells.cause) == {0, 1, 2, 3}
    made = [call(spells) for call in CALLS.values()]
    assert [len(estimates) for estimates, _ in made[1:]] == [3, 5, 5, 5]
