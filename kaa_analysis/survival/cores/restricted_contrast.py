"""Differences and ratios of restricted mean times between two independent groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.confidence_limits import ROUNDING, normal_quantile
from kaa_analysis.survival.cores.restricted_time import RestrictedTime, RestrictedTimeLost


@dataclass(frozen=True, eq=False)
class RestrictedContrast:
    """One group against another: every array has shape (), or (K,) for the times lost to ``K`` causes.

    ``difference`` is the one less the other, ``ratio`` the one by the other. Limits are NaN where the standard error of either group
    is 0, the ratio with its limits also where one of the times is 0.
    """

    difference: NDArray
    difference_se: NDArray
    difference_lower: NDArray
    difference_upper: NDArray
    ratio: NDArray
    ratio_lower: NDArray
    ratio_upper: NDArray


def restricted_contrast(
    one: RestrictedTime | RestrictedTimeLost, other: RestrictedTime | RestrictedTimeLost, *, level: float = 0.95
) -> RestrictedContrast:
    """Compare the restricted times of two groups that have no persons in common.

    Both are of one kind and have the same horizon. The limits of the difference are plain, those of the ratio symmetric on its
    logarithm; each treats the groups as independent.

    >>> one = RestrictedTime(horizon=12, time=8.0, se=0.3, lower=7.4, upper=8.6)
    >>> other = RestrictedTime(horizon=12, time=6.0, se=0.4, lower=5.2, upper=6.8)
    >>> contrast = restricted_contrast(one, other)
    >>> contrast.difference.item(), contrast.difference_se.item(), contrast.ratio_lower.round(4).item()
    (2.0, 0.5, 1.1477)

    Raises:
        DefinitionError: the kinds, horizons or numbers of causes differ, or the level does not lie between 0 and 1.

    **Counts** what the two estimates count.
    **Time** from time zero to their horizon.
    **Missing** is refused when they are estimated.
    **Source** Uno et al. 2014 (J Clin Oncol 32:2380); `docs/methods/restricted_time.md`.
    """
    _check_comparable(one, other)
    z = normal_quantile(level)
    one_time, other_time, one_se, other_se = (np.asarray(part) for part in (one.time, other.time, one.se, other.se))
    smallest = ROUNDING * one.horizon
    varies = (one_se > smallest) & (other_se > smallest)
    difference = one_time - other_time
    difference_se = np.hypot(one_se, other_se)
    width = np.where(varies, z * difference_se, np.nan)
    positive = (one_time > smallest) & (other_time > smallest)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(positive, one_time / other_time, np.nan)
        factor = np.exp(np.where(varies, z * np.hypot(one_se / one_time, other_se / other_time), np.nan))
    return RestrictedContrast(
        difference=difference,
        difference_se=difference_se,
        difference_lower=difference - width,
        difference_upper=difference + width,
        ratio=ratio,
        ratio_lower=ratio / factor,
        ratio_upper=ratio * factor,
    )


def _check_comparable(one: RestrictedTime | RestrictedTimeLost, other: RestrictedTime | RestrictedTimeLost) -> None:
    if type(one) is not type(other) or np.shape(one.time) != np.shape(other.time):
        raise DefinitionError("Bara tider av samma slag, med lika många orsaker, kan jämföras.")
    if one.horizon != other.horizon:
        raise DefinitionError(
            "Bara tider med samma horisont kan jämföras.", found=f"horisonter {one.horizon} och {other.horizon}"
        )
