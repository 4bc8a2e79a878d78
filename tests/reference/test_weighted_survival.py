"""Weights, clusters, Nelson–Aalen, quantiles and the Greenwood type against stored values of R (`weighted_survival_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.nelson_aalen import nelson_aalen

HERE = Path(__file__).parent
RELATIVE = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
ABSOLUTE = 1e-12
"""For values that are 0 in one program and the rounding of a sum in the other."""
ROUNDED_ZERO = 1e-15
"""For variances of shares that are 0 or 1 in truth."""

SPELLS = pd.read_csv(HERE / "data_weighted_spells.csv")
STORED = pd.read_csv(HERE / "weighted_survival.csv")
CASES = dict(list(SPELLS.groupby("case", sort=False)))
SAMPLED = {
    "weighted": ("weight",),
    "clustered": ("cluster",),
    "both": ("weight", "cluster"),
    "frequency": ("weight",),
    "plain": (),
    "greenwood": (),
}
INTERVALS = ("log-log", "log", "plain")


def stored(estimator: str, variant: str, case: str, *, cause: int = 1) -> pd.DataFrame:
    """Return the stored values of one curve: a row per time, a column per statistic."""
    key = {"estimator": estimator, "variant": variant, "case": case, "cause": cause}
    rows = STORED[(STORED[list(key)] == list(key.values())).all(axis=1)]
    return rows.pivot(index="time", columns="statistic", values="value").sort_index(axis=1)


def sampled(case: str, variant: str) -> dict[str, pd.Series]:
    return {name: CASES[case][name] for name in SAMPLED[variant]}


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        ours.astype(float).sort_index(axis=1),
        theirs.astype(float),
        rtol=RELATIVE,
        atol=ABSOLUTE,
        check_names=False,
        check_index_type=False,
    )


def test_every_case_has_stored_values_of_every_kind():
    kinds = {(row.estimator, row.variant) for row in STORED[["estimator", "variant"]].drop_duplicates().itertuples()}
    robust = {
        (estimator, variant)
        for estimator in ("kaplan_meier", "nelson_aalen", "aalen_johansen")
        for variant in ("weighted", "clustered", "both")
    }
    closed = {("kaplan_meier", "frequency"), ("nelson_aalen", "frequency"), ("nelson_aalen", "plain")}
    quantiles = {(f"quantiles_{interval}", variant) for interval in INTERVALS for variant in ("plain", "both")}
    assert kinds == robust | closed | quantiles | {("aalen_johansen", "greenwood")}
    assert {case for _, case in STORED.groupby(["estimator", "variant"])["case"].unique().explode().items()} == set(
        CASES
    )
    assert dict(STORED.groupby("software")["version"].unique().explode()) == {
        "R survival": "3.5.3",
        "R etm": "1.1.1",
    }


@pytest.mark.parametrize("variant", ["weighted", "clustered", "both"])
@pytest.mark.parametrize("case", CASES)
def test_kaplan_meier_with_its_robust_error_equals_r(case, variant):
    spells = CASES[case]
    theirs = stored("kaplan_meier", variant, case)
    curves = {
        interval: kaplan_meier(
            spells["entry"], spells["exit"], spells["cause"] > 0, interval=interval, **sampled(case, variant)
        )
        for interval in INTERVALS
    }
    whole = {name: getattr(curves["log"], name) for name in ("n_at_risk", "n_event", "survival", "se")}
    limits = {
        f"{side}_{interval}": getattr(curve, side)
        for interval, curve in curves.items()
        for side in ("lower", "upper")
        if f"{side}_{interval}" in theirs
    }
    assert {curve.variance for curve in curves.values()} == {"infinitesimal-jackknife"}
    assert_same(pd.DataFrame(whole | limits, index=curves["log"].times).loc[theirs.index], theirs)


@pytest.mark.parametrize("case", CASES)
def test_weights_that_stand_for_equal_spells_give_greenwoods_error(case):
    spells = CASES[case]
    theirs = stored("kaplan_meier", "frequency", case)
    curve = kaplan_meier(
        spells["entry"], spells["exit"], spells["cause"] > 0, weight=spells["weight"], variance="greenwood"
    )
    ours = pd.DataFrame({"survival": curve.survival, "se_log": curve.se_log}, index=curve.times).loc[theirs.index]
    assert curve.variance == "greenwood"
    assert_same(ours, theirs)


@pytest.mark.parametrize("variant", ["weighted", "clustered", "both", "frequency", "plain"])
@pytest.mark.parametrize("case", CASES)
def test_nelson_aalen_equals_r(case, variant):
    spells = CASES[case]
    theirs = stored("nelson_aalen", variant, case)
    kind = "aalen" if variant in ("frequency", "plain") else "infinitesimal-jackknife"
    by_scale = {
        interval: nelson_aalen(
            spells["entry"],
            spells["exit"],
            spells["cause"] > 0,
            interval=interval,
            variance=kind,
            **sampled(case, variant),
        )
        for interval in ("log", "plain")
    }
    columns = {"hazard": by_scale["log"].hazard, "se": by_scale["log"].se}
    for interval, estimate in by_scale.items():
        columns |= {f"lower_{interval}": estimate.lower, f"upper_{interval}": estimate.upper}
    ours = pd.DataFrame(columns, index=by_scale["log"].times).loc[theirs.index, theirs.columns]
    assert_same(ours, theirs)


@pytest.mark.parametrize("variant", ["weighted", "clustered", "both", "greenwood"])
@pytest.mark.parametrize("case", [case for case, spells in CASES.items() if spells["cause"].any()])
def test_aalen_johansen_equals_r_by_each_variance(case, variant):
    spells = CASES[case]
    n_causes = max(2, spells["cause"].max())
    kind = "greenwood" if variant == "greenwood" else "infinitesimal-jackknife"
    incidence = aalen_johansen(
        spells["entry"], spells["exit"], spells["cause"], n_causes=n_causes, variance=kind, **sampled(case, variant)
    )
    assert incidence.variance == kind
    for cause in range(1, n_causes + 1):
        theirs = stored("aalen_johansen", variant, case, cause=cause)
        there = np.searchsorted(incidence.times, theirs.index)
        cif, se = incidence.cif[cause - 1, there], incidence.se[cause - 1, there]
        np.testing.assert_array_equal(incidence.times[there], theirs.index)
        np.testing.assert_allclose(cif, theirs["cif"], rtol=RELATIVE, atol=ABSOLUTE)
        np.testing.assert_allclose(se**2, theirs["se"] ** 2, rtol=RELATIVE, atol=ROUNDED_ZERO)


@pytest.mark.parametrize("variant", ["plain", "both"])
@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize("case", CASES)
def test_quantiles_equal_r(case, interval, variant):
    spells = CASES[case]
    theirs = stored(f"quantiles_{interval}", variant, case)
    curve = kaplan_meier(
        spells["entry"], spells["exit"], spells["cause"] > 0, interval=interval, **sampled(case, variant)
    )
    ours = curve.quantiles(theirs.index).set_index("probability").rename(columns={"time": "quantile"})
    assert_same(ours, theirs)
