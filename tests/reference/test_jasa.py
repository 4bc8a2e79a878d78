"""Stanford's heart transplants, which begin inside a spell: the naive and the time-varying Cox model and the landmark against R (`jasa_reference.R`)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.evaluation.cores.landmark_contrast import landmark_contrast
from kaa_analysis.evaluation.cores.naive_participation import naive_ever_against_never_cox
from kaa_analysis.evaluation.cores.participation_spells import ParticipationSpells, participation_spells
from kaa_analysis.evaluation.cores.time_varying_cox import time_varying_cox
from kaa_analysis.survival.cores.cox_model import CoxModel

HERE = Path(__file__).parent
VALUES = pd.read_csv(HERE / "jasa.csv")
RELATIVE = 1e-6
"""Both programs stop their steps by the same rule; the stored values have 13 digits."""
HALF_DAYS = 2
YEAR, LANDMARK = 365 * HALF_DAYS, 30 * HALF_DAYS


def stored(case: str) -> pd.Series:
    return VALUES[VALUES["case"] == case].set_index("statistic")["value"]


def jasa() -> ParticipationSpells:
    rows = pd.read_csv(HERE / "data_jasa_spells.csv")
    return participation_spells(
        rows["exit"], rows["cause"], rows["start"], covariates=rows[["age", "surgery"]], names=["age", "surgery"]
    )


def heart() -> ParticipationSpells:
    """Return R's ``heart``, whose rows are cut already, as one spell per patient in half days."""
    rows = pd.read_csv(HERE / "data_cox_heart.csv")
    patients = rows.groupby("cluster")
    last = patients.last()
    start = rows[rows["transplant"] == 1].set_index("cluster")["entry"].reindex(last.index)
    return participation_spells(
        last["exit"] * HALF_DAYS,
        last["event"],
        start * HALF_DAYS,
        covariates=last[["age", "surgery"]],
        names=["age", "surgery"],
    )


def assert_same(model: CoxModel, case: str) -> None:
    values = stored(case)
    for place, name in enumerate(model.names):
        ours = [model.coefficients[place], np.sqrt(model.model_variance[place, place]), model.se[place]]
        theirs = [values[f"{statistic}_{name}"] for statistic in ("coefficient", "se", "robust_se")]
        np.testing.assert_allclose(ours, theirs, rtol=RELATIVE)


def test_the_naive_cox_model_of_jasa_equals_r():
    assert_same(naive_ever_against_never_cox(jasa()), "ever_never")


@pytest.mark.parametrize(("case", "spells"), [("jasa1", jasa), ("heart", heart)])
def test_the_time_varying_cox_model_equals_r(case, spells):
    assert_same(time_varying_cox(spells()), case)


def test_the_three_log_hazard_ratios_are_the_known_ones():
    """R's ``jasa``, ``heart`` and ``jasa1`` with age and surgery, Efron: −1.717, +0.016, +0.014 to three decimals."""
    found = [
        naive_ever_against_never_cox(jasa()),
        time_varying_cox(heart()),
        time_varying_cox(jasa()),
    ]
    assert [round(float(model.coefficients[0]), 3) for model in found] == [-1.717, 0.016, 0.014]


def test_the_landmark_of_jasa_equals_r():
    values = stored("landmark")
    found = landmark_contrast(jasa(), landmark=LANDMARK, horizon=YEAR)
    assert (found.n_begun, found.n_not_begun) == (values["n_begun"], values["n_not_begun"])
    sides = {"begun": found.begun, "not_begun": found.not_begun}
    for name, side in sides.items():
        np.testing.assert_allclose([side.value, side.se], [values[name], values[f"se_{name}"]], rtol=RELATIVE)
    np.testing.assert_allclose(found.difference.se, np.hypot(values["se_begun"], values["se_not_begun"]), rtol=RELATIVE)


def test_the_small_examples_of_the_documentation_equal_r():
    spells = participation_spells([2, 4, 6, 8, 9, 9], [1, 1, 1, 1, 0, 0], [None, None, 5, None, 3, None])
    found = {"time_varying": time_varying_cox(spells), "ever_never": naive_ever_against_never_cox(spells)}
    for name, model in found.items():
        np.testing.assert_allclose(model.coefficients[0], stored("small")[name], rtol=RELATIVE)
