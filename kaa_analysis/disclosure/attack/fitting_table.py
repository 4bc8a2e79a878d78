"""Some whole table that fits what is published: where the hunt begins."""

from __future__ import annotations

import highspy
import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.attack import table_search
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT
from kaa_analysis.disclosure.attack.table_search import OPTIONS, uncertain


def some_table(
    matrix: sparse.csr_array, *, right_side: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray | None:
    """Return some whole table (n,) with ``matrix @ table == right_side`` inside its bounds, or None if there is none.

    Raises:
        DisclosureError: the solver gave no certain answer.
    """
    n = matrix.shape[1]
    rows = sparse.csr_array(matrix)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_ = 1.0 + np.random.default_rng(0).random(n)
    model.col_lower_ = lower.astype(float)
    model.col_upper_ = np.where(upper >= NO_LIMIT, highspy.kHighsInf, upper)
    model.row_lower_ = model.row_upper_ = right_side.astype(float)
    model.integrality_ = [highspy.HighsVarType.kInteger] * n
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = rows.indptr, rows.indices
    model.a_matrix_.value_ = rows.data.astype(float)
    highs = highspy.Highs()
    for name, value in (OPTIONS | {"presolve": "on", "time_limit": table_search.SECONDS_PER_SOLVE}).items():
        highs.setOptionValue(name, value)
    highs.passModel(model)
    highs.run()
    status = highs.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return None
    if status != highspy.HighsModelStatus.kOptimal:
        raise uncertain(status.name.removeprefix("k"))
    table = np.rint(np.array(highs.getSolution().col_value)).astype(np.int64)
    if (rows @ table != right_side).any() or (table < lower).any() or (table > upper).any():
        raise uncertain("inga hela tal")
    return table
