"""Interrupted series against stored values of R's nlme and sandwich (`interrupted_series_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.evaluation.cores.interrupted_series import interrupted_series

HERE = Path(__file__).parent
RELATIVE = 1e-8
SEARCHED = 1e-5
"""Both programs search for the correlation between neighbours until the restricted likelihood no longer changes."""

SERIES = pd.read_csv(HERE / "data_interrupted_series.csv")
THEIRS = pd.read_csv(HERE / "interrupted_series.csv")
KEYS = ["case", "season", "season_length", "first_after", "control", "errors"]


@pytest.mark.parametrize(("key", "theirs"), list(THEIRS.groupby(KEYS, sort=False)))
def test_changes_of_level_slope_and_mean_are_those_of_r(key, theirs):
    case, season, season_length, first_after, control, errors = key
    rows = SERIES[SERIES["case"] == case]
    found = interrupted_series(
        rows["outcome"],
        control=rows["control"] if control else None,
        first_after=first_after,
        season=season,
        season_length=season_length,
        errors=errors,
    )
    first = errors == "first-order"
    assert list(found.names) == theirs["name"].tolist()
    ours = np.column_stack([found.value, found.se])
    np.testing.assert_allclose(ours, theirs[["value", "se"]], rtol=SEARCHED if first else RELATIVE)
    if first:
        np.testing.assert_allclose(found.correlation, theirs["correlation"].iloc[0], rtol=SEARCHED, atol=SEARCHED)
