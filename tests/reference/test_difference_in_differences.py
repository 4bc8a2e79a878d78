"""Differences in differences against stored values of R's clubSandwich (`difference_in_differences_reference.R`), of wildboottest (`wild_bootstrap_reference.py`), and against statsmodels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kaa_analysis.evaluation.cores.cell_panel import CellPanel, cell_panel
from kaa_analysis.evaluation.cores.difference_in_differences import difference_in_differences, event_study
from kaa_analysis.evaluation.cores.wild_bootstrap import wild_cluster_bootstrap

HERE = Path(__file__).parent
RELATIVE = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
STATSMODELS = 1e-7
"""Its pseudo-inverse of the dummies loses some digits of a value near 0."""

CELLS = pd.read_csv(HERE / "data_difference_in_differences.csv")
THEIRS = pd.read_csv(HERE / "difference_in_differences.csv").set_index(["model", "weight", "cluster"])
BOOTSTRAPPED = pd.read_csv(HERE / "wild_bootstrap.csv")[["adopted", "p_value"]].to_records(index=False).tolist()
CASES = [(weight, cluster) for weight in ("pupils", "units") for cluster in ("school", "area")]


def panel_of(weight: str, cluster: str) -> CellPanel:
    counts = {name: CELLS[name] for name in ("n", "n_outcome", "treated")}
    return cell_panel(CELLS["school"], CELLS["cohort"], **counts, adopted=2015, cluster=CELLS[cluster], weight=weight)


@pytest.mark.parametrize(("weight", "cluster"), CASES)
def test_average_effect_is_that_of_clubsandwich(weight, cluster):
    panel, theirs = panel_of(weight, cluster), THEIRS.loc[[("average", weight, cluster)]].iloc[0]
    one, two = (difference_in_differences(panel, variance=kind) for kind in ("CR1", "CR2"))
    ours = [two.value, one.se, two.se, two.df]
    np.testing.assert_allclose(ours, theirs[["value", "se_cr1", "se_cr2", "df_cr2"]].astype(float), rtol=RELATIVE)


@pytest.mark.parametrize(("weight", "cluster"), CASES)
def test_event_study_is_that_of_clubsandwich(weight, cluster):
    panel, theirs = panel_of(weight, cluster), THEIRS.loc[("event_study", weight, cluster)]
    one, two = (event_study(panel, variance=kind) for kind in ("CR1", "CR2"))
    assert [f"treated{period}" for period in two.periods] == theirs["term"].tolist()
    ours = np.column_stack([two.value, one.se, two.se, two.df])
    np.testing.assert_allclose(ours, theirs[["value", "se_cr1", "se_cr2", "df_cr2"]], rtol=RELATIVE)


@pytest.mark.parametrize(("weight", "cluster"), CASES)
def test_average_effect_and_its_limits_are_those_of_statsmodels_with_dummies(weight, cluster):
    panel = panel_of(weight, cluster)
    dummies = pd.get_dummies(CELLS[["school", "cohort"]].astype(str), dtype=float).drop(columns="cohort_2012")
    columns = dummies.assign(effect=CELLS["treated"] * (CELLS["cohort"] >= 2015))
    weights = CELLS["n"] if weight == "pupils" else np.ones(len(CELLS))
    model = sm.WLS(CELLS["n_outcome"] / CELLS["n"], columns, weights=weights)
    fit = model.fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(CELLS[cluster])[0]}, use_t=True)
    ours = difference_in_differences(panel, variance="CR1")
    theirs = [fit.params["effect"], fit.bse["effect"], *fit.conf_int().loc["effect"]]
    np.testing.assert_allclose([ours.value, ours.se, ours.lower, ours.upper], theirs, rtol=STATSMODELS)


@pytest.mark.parametrize(("weight", "cluster"), CASES)
@pytest.mark.parametrize("variance", ["CR1", "CR2"])
def test_influence_of_the_cells_summed_by_cluster_makes_the_standard_error(weight, cluster, variance):
    panel = panel_of(weight, cluster)
    found = difference_in_differences(panel, variance=variance)
    summed = pd.Series(found.influence).groupby(panel.cluster).sum()
    np.testing.assert_allclose(np.sqrt((summed**2).sum()), found.se, rtol=RELATIVE)


@pytest.mark.parametrize(("adopted", "theirs"), BOOTSTRAPPED)
def test_bootstrap_by_area_has_the_p_value_of_wildboottest(adopted, theirs):
    """Which compares the two vectors, all +1 and all −1, whose |t| is the one at hand, without regard to rounding: once, in 2015, it leaves them out."""
    counts = {name: CELLS[name] for name in ("n", "n_outcome", "treated")}
    areas = {"cluster": CELLS["area"], "weight": "units"}
    found = wild_cluster_bootstrap(
        cell_panel(CELLS["school"], CELLS["cohort"], **counts, adopted=adopted, **areas), seed=0
    )
    assert found.enumerated
    assert found.p_value == theirs + (2 / 64 if adopted == 2015 else 0)
