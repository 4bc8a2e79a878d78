"""Fine and Gray's regression with delayed entry, weights and clusters against R's survival (`fine_gray_entry_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.survival.cores.fine_gray import FineGray, fine_gray

HERE = Path(__file__).parent
RELATIVE = 1e-6
"""Both are fits by Newton's method."""

STORED = pd.read_csv(HERE / "fine_gray_entry.csv")
CASES = dict(iter(pd.read_csv(HERE / "data_fine_gray_entry.csv").groupby("case", sort=False)))
RUNS = list(STORED[["case", "cause", "kind"]].drop_duplicates().itertuples(index=False, name=None))
KINDS = {
    "plain": {},
    "clustered": {"cluster": True},
    "once": {"weight": True, "cluster": True, "weighted_g": False},
    "repeated": {"weight": True},
    "repeated_clustered": {"weight": True, "cluster": True},
}


def fitted(case: str, cause: int, *, weight: bool = False, cluster: bool = False, **given) -> FineGray:
    spells = CASES[case]
    return fine_gray(
        spells["entry"],
        spells["exit"],
        spells["cause"],
        spells[["z1", "z2", "z3"]].dropna(axis=1),
        n_causes=spells["cause"].max(),
        cause_of_interest=cause,
        weight=spells["weight"] if weight else None,
        cluster=spells["cluster"] if cluster else None,
        **given,
    )


def test_every_case_is_held_in_every_way():
    assert set(STORED["case"]) == set(CASES)
    assert set(STORED["kind"]) == set(KINDS)
    assert {*STORED[["software", "version"]].itertuples(index=False, name=None)} == {("R survival", "3.5.3")}


@pytest.mark.parametrize(("case", "cause", "kind"), RUNS)
def test_fit_with_known_weights_equals_coxph_on_finegray_data(case, cause, kind):
    fit = fitted(case, cause, **KINDS[kind])
    rows = STORED[(STORED["case"] == case) & (STORED["cause"] == cause) & (STORED["kind"] == kind)]
    theirs = {name: values.to_numpy() for name, values in rows.groupby("statistic")["value"]}
    assert str(fit.ties) == "finegray"
    np.testing.assert_allclose(fit.coefficients, theirs["coefficient"], rtol=RELATIVE)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance_weights_known)), theirs["se"], rtol=RELATIVE)
    np.testing.assert_allclose(fit.log_likelihood, theirs["log_likelihood"], rtol=RELATIVE)
