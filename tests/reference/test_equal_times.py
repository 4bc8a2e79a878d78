"""Times that are equal up to rounding are one time in every core, as in R (`equal_times_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.cox_model import cox
from kaa_analysis.survival.cores.fine_gray import fine_gray
from kaa_analysis.survival.cores.gray_test import gray_test
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.log_rank import log_rank
from kaa_analysis.survival.cores.nelson_aalen import nelson_aalen
from kaa_analysis.survival.cores.restricted_time import restricted_mean_time

HERE = Path(__file__).parent
CLOSED_FORM = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
FITTED = 1e-6
"""Both are fits by Newton's method."""
ABSOLUTE = 1e-12
"""For values that are 0 in one program and the rounding of a sum in the other."""

SPELLS = pd.read_csv(HERE / "data_equal_times.csv", dtype={"entry": str, "exit": str})
STORED = pd.read_csv(HERE / "equal_times.csv")
SPELLS[["entry", "exit"]] = SPELLS[["entry", "exit"]].map(float)
"""As written: pandas itself may read the last of 17 digits as another."""
CASES = dict(list(SPELLS.groupby("case", sort=False)))
FOLLOWED_FROM_0 = [case for case, spells in CASES.items() if not spells["entry"].any()]


def stored(case: str, estimator: str) -> dict[str, np.ndarray]:
    rows = STORED[(STORED["case"] == case) & (STORED["estimator"] == estimator)]
    return {name: values.to_numpy(float) for name, values in rows.groupby("statistic")["value"]}


def assert_same(ours: dict[str, object], theirs: dict[str, np.ndarray], *, relative: float) -> None:
    assert ours.keys() == theirs.keys()
    for name, values in ours.items():
        np.testing.assert_allclose(np.ravel(values), theirs[name], rtol=relative, atol=ABSOLUTE, err_msg=name)


def test_every_case_has_times_that_differ_by_rounding_alone():
    assert set(STORED["case"]) == {*CASES, "collapsed"}
    assert set(STORED[["software", "version"]].itertuples(index=False, name=None)) == {
        ("R cmprsk", "2.2.11"),
        ("R survival", "3.5.3"),
    }
    for case, spells in CASES.items():
        assert len(stored(case, "kaplan_meier")["times"]) < spells["exit"].nunique()


@pytest.mark.parametrize("case", CASES)
def test_curves_equal_rs(case):
    spells = CASES[case]
    arguments = (spells["entry"], spells["exit"], spells["cause"] > 0)
    curve, hazard = kaplan_meier(*arguments), nelson_aalen(*arguments)
    names = ("times", "n_at_risk", "n_event", "survival", "se_log")
    ours = {name: getattr(curve, name) for name in names}
    assert_same(ours, stored(case, "kaplan_meier"), relative=CLOSED_FORM)
    assert_same({"hazard": hazard.hazard, "se": hazard.se}, stored(case, "nelson_aalen"), relative=CLOSED_FORM)
    incidence = aalen_johansen(spells["entry"], spells["exit"], spells["cause"], n_causes=2)
    assert_same({"cif": incidence.cif, "se": incidence.se}, stored(case, "aalen_johansen"), relative=CLOSED_FORM)


@pytest.mark.parametrize("case", CASES)
def test_restricted_mean_times_equal_rs(case):
    spells = CASES[case]
    horizon = spells["exit"].max() / 2
    mean = restricted_mean_time(
        spells["entry"], spells["exit"], spells["cause"] > 0, horizon=horizon, variance="greenwood"
    )
    theirs = stored(case, "restricted_mean_time")
    assert_same({"time": mean.time, "se": mean.se}, theirs, relative=CLOSED_FORM)


@pytest.mark.parametrize("case", CASES)
def test_cox_models_equal_rs(case):
    spells = CASES[case]
    arguments = (spells["entry"], spells["exit"], spells["cause"] > 0, spells[["x"]])
    plain, robust, stratified = cox(*arguments), cox(*arguments, robust=True), cox(*arguments, strata=spells["group"])
    ours = {
        "coefficients": plain.coefficients,
        "se": plain.se,
        "robust_se": robust.se,
        "stratified": stratified.coefficients,
    }
    assert_same(ours, stored(case, "cox"), relative=FITTED)


@pytest.mark.parametrize("case", FOLLOWED_FROM_0)
def test_tests_of_difference_and_fine_and_grays_regression_equal_rs(case):
    spells = CASES[case]
    test = log_rank(spells["entry"], spells["exit"], spells["cause"] > 0, spells["group"])
    assert_same({"chi_square": test.chi_square}, stored(case, "log_rank"), relative=CLOSED_FORM)
    by_cause = gray_test(spells["exit"], spells["cause"], spells["group"])
    assert_same({"chi_square": by_cause.chi_square}, stored(case, "gray_test"), relative=CLOSED_FORM)
    fit = fine_gray(spells["entry"], spells["exit"], spells["cause"], spells[["x"]], n_causes=2, ties="finegray")
    se = np.sqrt(np.diag(fit.covariance_weights_known))
    theirs = stored(case, "fine_gray")
    assert_same({"coefficients": fit.coefficients, "se_weights_known": se}, theirs, relative=FITTED)


def test_an_interval_that_collapses_by_rounding_is_refused_as_in_r():
    assert stored("collapsed", "survfit")["stops"].tolist() == [1, 0]
    with pytest.raises(DefinitionError, match=r"utträden samma dag som ett senare inträde: 1 av 3"):
        kaplan_meier([0, 0.3, 0], [2, 0.1 + 0.2, 1], [1, 1, 1])
    assert kaplan_meier([0, 0.3, 0], [2, 0.31, 1], [1, 1, 1]).n_at_risk.tolist() == [3, 2, 1]
