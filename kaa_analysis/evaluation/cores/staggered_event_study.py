"""Effects by time since adoption, of groups that adopt at different times, as one event study: so that its past can be tested and its trends bounded."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.difference_in_differences import EventStudy
from kaa_analysis.evaluation.cores.effect_estimate import cluster_sums
from kaa_analysis.evaluation.cores.group_time_averages import averaged_effects
from kaa_analysis.evaluation.cores.group_time_effects import GroupTimeEffects


def staggered_event_study(effects: GroupTimeEffects, *, level: float = 0.95) -> EventStudy:
    """Return the averages by time since adoption with their covariance; periods are those since adoption, the reference is −1, the influence that of the units.

    The effects are relative to the last period before adoption (``base="universal"``). Which groups an average is of differs between the times since adoption.
    Degrees of freedom are the clusters less 1; there is no other correction for few.

    >>> from kaa_analysis.evaluation.cores.group_time_effects import group_time_effects
    >>> outcome = [1, 2, 4, 2, 2, 4, 1, 1, 2, 3, 4, 4.5]
    >>> rows = {"outcome": outcome, "first_treated": [3] * 6 + [float("inf")] * 6}
    >>> study = staggered_event_study(group_time_effects([*"aaabbbcccddd"], [1, 2, 3] * 4, **rows, base="universal"))
    >>> study.relative.tolist(), study.value.tolist(), study.df.tolist()
    ([-2, 0], [0.0, 1.25], [3.0, 3.0])

    Raises:
        DefinitionError: the effects before adoption are relative to the period before each, or the level does not lie between 0 and 1.

    **Counts** units, as their weights say.
    **Time** periods since adoption.
    **Missing** is refused when the effects are estimated.
    **Source** Callaway & Sant'Anna 2021; `docs/methods/group_time_effects.md`.
    """
    averages = averaged_effects(effects, kind="dynamic", level=level)
    if -1 in averages.labels:
        raise DefinitionError(
            "En händelsestudie jämför alla perioder med den sista före införandet.",
            found="perioder före jämförs med perioden före var och en",
            action='skatta effekterna med base="universal"',
        )
    value = np.array([part.value for part in averages.estimates])
    influence = np.column_stack([part.influence for part in averages.estimates])
    sums = cluster_sums(influence, effects.cluster)
    covariance = sums.T @ sums
    se = np.sqrt(np.diag(covariance))
    half_width = student.ppf((1 + level) / 2, len(sums) - 1) * se
    return EventStudy(
        periods=averages.labels,
        relative=averages.labels,
        reference=-1,
        value=value,
        se=se,
        df=np.full(len(value), len(sums) - 1.0),
        lower=value - half_width,
        upper=value + half_width,
        level=level,
        n_clusters=len(sums),
        covariance=covariance,
        influence=influence,
    )
