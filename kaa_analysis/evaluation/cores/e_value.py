"""The E-value: how strong something unmeasured must be, with exposure and outcome alike, to explain an association away."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kaa_analysis.core.errors import DefinitionError

NO_ASSOCIATION = 1.0


@dataclass(frozen=True)
class EValue:
    """E-values (at least 1) of an estimated risk ratio and of the limit of its interval that is nearer to no association.

    ``limit`` is 1 where the interval holds no association: then nothing unmeasured is needed to explain it.
    """

    estimate: float
    limit: float


def e_value(risk_ratio: float, *, lower: float, upper: float) -> EValue:
    """Return the E-values of a risk ratio with the limits ``lower`` and ``upper``.

    With the ratio R ≥ 1 it is ``R + sqrt(R (R − 1))``; a ratio below 1 is turned first. It is the least ratio that an unmeasured cause must have both with the exposure and,
    given the exposure and all that is adjusted for, with the outcome, if it alone is to move the ratio to 1.

    **Counts**: nothing; a number is made of a number. **Time**: that of the risks. **Missing**: refused. **Source**: VanderWeele and Ding (2017), Annals of Internal
    Medicine 167(4), 268–274; the bound that it turns round, Ding and VanderWeele (2016), Epidemiology 27(3), 368–377.

    >>> found = e_value(2.0, lower=1.25, upper=3.2)
    >>> round(found.estimate, 3), round(found.limit, 3)
    (3.414, 1.809)

    Raises:
        DefinitionError: a ratio is not a positive number, or the estimate does not lie between its limits.
    """
    ratios = (lower, risk_ratio, upper)
    if not all(math.isfinite(ratio) and ratio > 0 for ratio in (lower, risk_ratio)) or not upper > 0:
        raise DefinitionError(
            "En riskkvot och dess gränser ska vara positiva tal.",
            found=f"annat än positiva tal: {sum(not (math.isfinite(ratio) and ratio > 0) for ratio in ratios)} av 3",
        )
    if not lower <= risk_ratio <= upper:
        raise DefinitionError("Riskkvoten ska ligga mellan sina gränser.", found="gränserna omger den inte")
    if lower <= NO_ASSOCIATION <= upper:
        return EValue(_of_ratio(risk_ratio), NO_ASSOCIATION)
    return EValue(_of_ratio(risk_ratio), _of_ratio(lower if lower > NO_ASSOCIATION else upper))


def joint_strength(exposure_ratio: float, outcome_ratio: float) -> float:
    """Return the E-value that a measured covariate could explain away: what an E-value is held against.

    ``exposure_ratio`` is how many times commoner the covariate is among the exposed than among the others, ``outcome_ratio`` how many times commoner the outcome is
    with the covariate than without it, both adjusted for the other covariates; ratios below 1 are turned. Together they can move a risk ratio by at most
    the factor ``a b / (a + b − 1)``, and the E-value of that factor is returned.

    >>> round(joint_strength(2.0, 2.0), 6)
    2.0

    Raises:
        DefinitionError: a ratio is not a positive number.
    """
    ratios = (exposure_ratio, outcome_ratio)
    if not all(math.isfinite(ratio) and ratio > 0 for ratio in ratios):
        raise DefinitionError(
            "Kvoterna för en uppmätt variabel ska vara positiva tal.",
            found=f"annat: {sum(not (math.isfinite(ratio) and ratio > 0) for ratio in ratios)} av 2",
        )
    of_exposure, of_outcome = (_turned(ratio) for ratio in ratios)
    # The factor's distance from 1, written so that nothing is lost near 1, where the root is steep.
    return _of_excess((of_exposure - 1) * (of_outcome - 1) / (of_exposure + of_outcome - 1))


def _of_ratio(ratio: float) -> float:
    return _of_excess(_turned(ratio) - NO_ASSOCIATION)


def _of_excess(excess: float) -> float:
    """Return the E-value of a ratio that is so much above 1."""
    return NO_ASSOCIATION + excess + math.sqrt((NO_ASSOCIATION + excess) * excess)


def _turned(ratio: float) -> float:
    """Return a ratio as one of at least 1."""
    return ratio if ratio >= NO_ASSOCIATION else NO_ASSOCIATION / ratio
