"""The table of failing cells: RAD (line or row of the delivered file), column (name in the source), reason."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaa_analysis.ingest.reasons import Reason


def no_problems() -> pd.DataFrame:
    """Return the table of problems without rows."""
    return pd.DataFrame({"RAD": np.array([], dtype="int64"), "column": [], "reason": []})


def problem_rows(lines: pd.Index, *, column: str, reason: Reason) -> pd.DataFrame:
    """Return one problem of the same column and reason per line."""
    return pd.DataFrame({"RAD": np.asarray(lines, dtype="int64"), "column": column, "reason": str(reason)})
