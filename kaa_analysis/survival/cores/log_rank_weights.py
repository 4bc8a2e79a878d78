"""The weights that a log-rank test gives to early and late events."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.survival.cores.compared_groups import GroupCounts


class WeightFunction(StrEnum):
    """What an event weighs."""

    FLEMING_HARRINGTON = "fleming-harrington"
    GEHAN = "gehan"
    TARONE_WARE = "tarone-ware"


def log_rank_weights(counts: GroupCounts, *, weight_function: str, rho: float) -> NDArray:
    """Return the weight of each event time of one stratum, shape (T,).

    Raises:
        DefinitionError: the function is unknown, ``rho`` is given for another function than Fleming and Harrington's or is not a
            number, or it is negative and everybody at risk has left before the last event.
    """
    function = _function(weight_function, rho)
    n_at_risk = counts.n_at_risk.sum(axis=0)
    if function is WeightFunction.GEHAN:
        return n_at_risk.astype(float)
    if function is WeightFunction.TARONE_WARE:
        return np.sqrt(n_at_risk)
    survival = np.cumprod(1 - counts.n_event.sum(axis=(0, 1)) / n_at_risk)
    survival_before = np.concatenate([[1.0], survival])[: len(survival)]
    if rho < 0 and not survival_before.all():
        raise DefinitionError(
            "Med negativt rho får inte alla under risk ha lämnat före den sista händelsen: då är vikten oändlig.",
            found=f"händelsetider därefter: {int((survival_before == 0).sum())} av {len(survival_before)}",
            action="välj rho 0 eller större",
        )
    return survival_before**rho


def _function(name: str, rho: float) -> WeightFunction:
    if name not in list(WeightFunction):
        hint = did_you_mean(name, WeightFunction)
        raise DefinitionError(f'Viktfunktionen "{name}" finns inte{hint}.', found=f"kända: {', '.join(WeightFunction)}")
    if not np.isfinite(rho) or (rho != 0 and name != WeightFunction.FLEMING_HARRINGTON):
        raise DefinitionError(
            f"rho ska vara ett tal, och 0 utom med {WeightFunction.FLEMING_HARRINGTON}.", found=f"{rho} med {name}"
        )
    return WeightFunction(name)
