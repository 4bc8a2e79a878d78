"""The time that a spell has before the 20th birthday: refused where the follow-up does not know turning 20."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.exit_ways import TURNED_20
from kaa_analysis.core.errors import DefinitionError


def times_to_20(follow_up: FollowUp) -> NDArray[np.int64]:
    """Return the time from time zero to the 20th birthday of each spell, shape (n,), in the unit of the follow-up.

    Raises:
        DefinitionError: turning 20 is no way out of the follow-up, competes with none in its choices, or a date of birth is missing.
    """
    if TURNED_20 not in follow_up.ways_out or follow_up.choices.turning_20 != "competing":
        raise DefinitionError(
            "Placering före 20 år kräver att fylla 20 är en egen väg ut.",
            found=f"vägar ut: {', '.join(follow_up.ways_out)}; turning_20: {follow_up.choices.turning_20}",
            action='välj ways_out "kaa" och turning_20="competing"',
        )
    times = follow_up.times_table["time_to_20"]
    n_unknown = int(times.isna().sum())
    if n_unknown:
        raise DefinitionError(
            "Varje registrering ska ha en känd 20-årsdag.", found=f"utan: {n_unknown} av {len(times)}"
        )
    return times.to_numpy(dtype="int64")
