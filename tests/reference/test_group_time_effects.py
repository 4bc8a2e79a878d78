"""Effects by adoption group and period on minimum wages and teen employment, as published and as by diff-diff (`group_time_effects_reference.py`)."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.evaluation.cores.group_time_averages import averaged_effects, overall_effect
from kaa_analysis.evaluation.cores.group_time_effects import GroupTimeEffects, group_time_effects

HERE = Path(__file__).parent
RELATIVE = 1e-9
"""Both are sums of a few hundred numbers in double precision."""
ABSOLUTE = 1e-14

COUNTIES = pd.read_csv(HERE.parent / "data" / "mpdta.csv")
THEIRS = pd.read_csv(HERE / "group_time_effects.csv")
SETTINGS = [(controls, base) for controls in ("never-treated", "not-yet-treated") for base in ("varying", "universal")]


def effects(controls: str = "never-treated", base: str = "varying") -> GroupTimeEffects:
    adopted = COUNTIES["first.treat"].replace(0, np.inf)
    rows = {"outcome": COUNTIES["lemp"], "first_treated": adopted}
    return group_time_effects(COUNTIES["countyreal"], COUNTIES["year"], **rows, controls=controls, base=base)


@pytest.mark.parametrize(
    ("kind", "value", "digits"),
    [("simple", -0.039951, 6), ("dynamic", -0.07724, 5), ("group", -0.03102, 5), ("calendar", -0.04170, 5)],
)
def test_averages_are_the_published_ones_of_the_r_package_did(kind, value, digits):
    """Callaway and Sant'Anna's R package did, data mpdta, never-treated controls, no covariates: to the decimals that are printed."""
    assert round(overall_effect(effects(), kind=kind).value, digits) == value


def test_standard_error_of_the_simple_average_is_the_analytic_one():
    """sqrt(sum of squared influences) / n, as R's did has it without its bootstrap, to the decimals that are printed."""
    assert round(overall_effect(effects(), kind="simple").se, 6) == 0.012034


@pytest.mark.parametrize(("controls", "base"), SETTINGS)
def test_effects_and_their_averages_are_those_of_diff_diff(controls, base):
    found = effects(controls, base)
    theirs = THEIRS[(THEIRS["controls"] == controls) & (THEIRS["base"] == base)].set_index("kind")
    cells = theirs.loc["cell"]
    ours = pd.DataFrame(
        {
            "label": found.periods[found.group],
            "period": found.periods[found.period],
            "value": found.value,
            "se": found.se,
        }
    )
    both = ours.merge(cells, on=["label", "period"], how="outer", suffixes=("", "_theirs"), validate="one_to_one")
    both = both[both["se_theirs"] > 0]
    assert len(both) == len(ours)
    np.testing.assert_allclose(both[["value", "se"]], both[["value_theirs", "se_theirs"]], rtol=RELATIVE, atol=ABSOLUTE)
    simple = overall_effect(found, kind="simple")
    np.testing.assert_allclose(
        [simple.value, simple.se], theirs.loc["simple", ["value", "se"]].astype(float), rtol=RELATIVE
    )
    for ours_, kind in (("dynamic", "event_study"), ("group", "group")):
        averages = averaged_effects(found, kind=ours_)
        assert averages.labels.tolist() == theirs.loc[kind, "label"].tolist()
        pairs = [(part.value, part.se) for part in averages.estimates]
        np.testing.assert_allclose(pairs, theirs.loc[kind, ["value", "se"]], rtol=RELATIVE, atol=ABSOLUTE)


def test_overall_averages_are_means_of_those_they_are_made_of():
    found = effects("not-yet-treated")
    dynamic = averaged_effects(found, kind="dynamic")
    since = [part.value for label, part in zip(dynamic.labels, dynamic.estimates, strict=True) if label >= 0]
    assert math.isclose(overall_effect(found, kind="dynamic").value, np.mean(since), rel_tol=RELATIVE)
    calendar = [part.value for part in averaged_effects(found, kind="calendar").estimates]
    assert math.isclose(overall_effect(found, kind="calendar").value, np.mean(calendar), rel_tol=RELATIVE)
