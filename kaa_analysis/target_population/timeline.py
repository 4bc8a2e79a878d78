"""The conditions laid out over each person's time: which holds or fails from which day to which, and why."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from kaa_analysis.target_population.conditions import Condition
from kaa_analysis.target_population.intervals import difference, union

COLUMNS = ["person_id", "condition", "holds", "reason", "start", "end"]


def timeline(found: Mapping[str, Condition], life: pd.DataFrame) -> pd.DataFrame:
    """Return every condition from birth to the end of observation, with the pieces that hold and those that fail.

    ``life`` has at most one interval per person (a number from 0). Pieces of one reason that meet are one row.
    """
    parts = []
    for name, condition in found.items():
        known = pd.concat([condition.holds, condition.fails], ignore_index=True)
        rest = difference(life, known).assign(reason=condition.otherwise)
        for piece, holds in ((condition.holds, True), (condition.fails, False), (rest, False)):
            parts.append(_within(piece, life).assign(condition=name, holds=holds))
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _within(pieces: pd.DataFrame, life: pd.DataFrame) -> pd.DataFrame:
    """Return the parts of the pieces inside life, melted by person and reason in one sweep."""
    kept = pieces.merge(
        life.rename(columns={"start": "born", "end": "observed"}), on="person_id", validate="many_to_one"
    )
    kept = kept.assign(start=np.maximum(kept["start"], kept["born"]), end=np.minimum(kept["end"], kept["observed"]))
    kept = kept[kept["start"] < kept["end"]]
    code, reasons = pd.factorize(kept["reason"])
    n_reasons = max(len(reasons), 1)
    melted = union(kept.assign(person_id=kept["person_id"].to_numpy() * n_reasons + code))
    person, code = np.divmod(melted["person_id"].to_numpy(), n_reasons)
    return melted.assign(person_id=person, reason=np.asarray(reasons, dtype=object)[code])
