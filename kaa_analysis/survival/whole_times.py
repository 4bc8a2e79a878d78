"""The times of entry and exit as whole numbers, for every spell."""

from __future__ import annotations

import pandas as pd

from kaa_analysis.core.errors import DefinitionError


def whole_times(times: pd.DataFrame) -> pd.DataFrame:
    """Return the table with ``entry_time`` and ``exit_time`` as int64.

    Raises:
        DefinitionError: a spell has no time of entry or exit.
    """
    n_missing = int(times[["entry_time", "exit_time"]].isna().any(axis=1).sum())
    if n_missing:
        raise DefinitionError(
            "Varje registrering ska ha tid för inträde och utträde.", found=f"utan: {n_missing} av {len(times)}"
        )
    return times.astype({"entry_time": "int64", "exit_time": "int64"})
