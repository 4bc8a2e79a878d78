"""The survival cores against stored values of R's survival (`survival_reference.R`) and against statsmodels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from kaa_analysis.survival.cores.aalen_johansen import aalen_johansen
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier

HERE = Path(__file__).parent
RELATIVE = 1e-8
"""The stored values have 13 digits; both programs sum in double precision."""
ABSOLUTE = 1e-12
"""For values that are 0 in one program and the rounding of a sum in the other."""

SMALL = pd.read_csv(HERE / "small_spells.csv")
MVAD = pd.read_csv(HERE.parent / "data" / "mvad_spells.csv")
KAPLAN_MEIER = pd.read_csv(HERE / "kaplan_meier.csv")
AALEN_JOHANSEN = pd.read_csv(HERE / "aalen_johansen.csv")

WHOLE = MVAD.assign(entry=0).rename(columns={"time": "exit", "status": "cause"})
DELAYED = MVAD[MVAD["observed"] == 1].rename(columns={"time": "exit", "status": "cause"})
CASES = {case: spells for case, spells in SMALL.groupby("case", sort=False)} | {
    "mvad": WHOLE,
    "mvad_delayed_entry": DELAYED,
    "mvad_two_causes": WHOLE.assign(cause=WHOLE["cause"].replace(3, 2)),
}


def stored(table: pd.DataFrame, case: str, **key: object) -> pd.DataFrame:
    """Return the stored values of one curve: a row per time, a column per statistic."""
    rows = table[table["case"] == case]
    for name, values in key.items():
        rows = rows[rows[name].isin(values)]
    return rows.pivot(index="time", columns="statistic", values="value").sort_index(axis=1)


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        ours.astype(float).sort_index(axis=1),
        theirs.astype(float),
        rtol=RELATIVE,
        atol=ABSOLUTE,
        check_names=False,
        check_index_type=False,
    )


def test_every_case_has_stored_values():
    assert set(KAPLAN_MEIER["case"]) == set(AALEN_JOHANSEN["case"]) == set(CASES)
    assert set(KAPLAN_MEIER["version"]) == set(AALEN_JOHANSEN["version"]) == {"3.5.3"}


@pytest.mark.parametrize("interval", ["log-log", "log", "plain"])
@pytest.mark.parametrize("case", CASES)
def test_kaplan_meier_equals_r(case, interval):
    spells = CASES[case]
    curve = kaplan_meier(spells["entry"], spells["exit"], spells["cause"] > 0, interval=interval)
    theirs = stored(KAPLAN_MEIER, case, interval=["any", interval])
    assert_same(pd.DataFrame({name: getattr(curve, name) for name in theirs}, index=curve.times), theirs)


@pytest.mark.parametrize("case", CASES)
def test_aalen_johansen_with_the_infinitesimal_jackknife_equals_r(case):
    spells = CASES[case]
    n_causes = AALEN_JOHANSEN.loc[AALEN_JOHANSEN["case"] == case, "cause"].max()
    incidence = aalen_johansen(spells["entry"], spells["exit"], spells["cause"], n_causes=n_causes)
    for cause in range(1, n_causes + 1):
        theirs = stored(AALEN_JOHANSEN, case, cause=[cause])
        ours = {name: np.atleast_2d(getattr(incidence, name)) for name in theirs}
        rows = {name: values[0 if len(values) == 1 else cause - 1] for name, values in ours.items()}
        assert_same(pd.DataFrame(rows, index=incidence.times), theirs)


def test_incidence_of_education_among_all_mvad_spells_is_the_specified_one():
    spells = CASES["mvad_two_causes"]
    incidence = aalen_johansen(spells["entry"], spells["exit"], spells["cause"], n_causes=2)
    education = incidence.at([3, 6, 12, 24]).query("cause == 1")["cif"]
    assert len(spells) == 507
    np.testing.assert_allclose(education, [0.296454, 0.308833, 0.320111, 0.335587], rtol=0, atol=1e-6)


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_kaplan_meier_equals_statsmodels_where_no_entry_ties_with_an_exit(shift):
    """statsmodels counts entry == t as at risk, so entries are moved between the whole months (or left out)."""
    entry = DELAYED["entry"] + shift if shift else DELAYED["entry"] * 0
    observed = DELAYED[DELAYED["exit"] > entry]
    entry = entry[observed.index]
    theirs = SurvfuncRight(observed["exit"], observed["cause"] > 0, entry=entry if shift else None)
    ours = kaplan_meier(entry, observed["exit"], observed["cause"] > 0)
    left = ours.n_event > 0
    np.testing.assert_array_equal(ours.times[left], theirs.surv_times)
    np.testing.assert_array_equal(ours.n_at_risk[left], theirs.n_risk)
    np.testing.assert_allclose(ours.survival[left], theirs.surv_prob, rtol=RELATIVE)
    np.testing.assert_allclose(ours.se[left], theirs.surv_prob_se, rtol=RELATIVE)
