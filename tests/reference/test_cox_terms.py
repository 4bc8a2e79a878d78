"""The test of proportional hazards by term equals R's ``cox.zph(terms = TRUE)``, cell by cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.cox_model import cox
from kaa_analysis.survival.cores.proportional_hazards_test import proportional_hazards_test

HERE = Path(__file__).resolve().parent
VALUES = pd.read_csv(HERE / "cox_terms.csv")
ITERATED = 1e-6
"""Of an iterative fit."""
TERMS = {
    "veteran": {"trt": ["trt"], "karno": ["karno"], "celltype": ["smallcell", "adeno", "large"]},
    "colon": {"rx": ["Lev", "Lev.5FU"], "nodes": ["nodes"]},
}


def fitted(case):
    rows = pd.read_csv(HERE / f"data_cox_{case}.csv")
    names = [name for own in TERMS[case].values() for name in own]
    more = {} if case == "veteran" else {"strata": rows["strata"], "cluster": rows["cluster"]}
    return cox(rows["entry"], rows["exit"], rows["event"], rows[names], names=names, **more)


@pytest.mark.parametrize("transform", ["km", "identity"])
@pytest.mark.parametrize("case", TERMS)
def test_the_test_of_a_term_equals_r(case, transform):
    told = proportional_hazards_test(fitted(case), transform=transform, terms=TERMS[case]).table()
    theirs = VALUES[(VALUES["case"] == case) & (VALUES["transform"] == transform)]
    assert told["covariate"].tolist() == [*TERMS[case], ""]
    assert told["df"].tolist() == theirs["df"].tolist()
    np.testing.assert_allclose(told["statistic"], theirs["statistic"], rtol=ITERATED)


def test_terms_hold_every_covariate_once():
    model = fitted("colon")
    for terms in (
        {"rx": ["Lev"], "nodes": ["nodes"]},
        TERMS["colon"] | {"again": ["Lev"]},
        TERMS["colon"] | {"none": []},
    ):
        with pytest.raises(DefinitionError, match="just en term"):
            proportional_hazards_test(model, terms=terms)
