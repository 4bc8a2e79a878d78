"""The difference between the cumulative incidences of two groups of spells at one time, either of them weighted."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.confidence_limits import ROUNDING, IntervalScale, confidence_limits, normal_quantile
from kaa_analysis.survival.cores.event_marks import as_causes
from kaa_analysis.survival.cores.lost_time import IncidenceAt, incidence_at
from kaa_analysis.survival.cores.time_grid import time_grid
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells, weighted_spells


@dataclass(frozen=True)
class Limited:
    """A number with its standard error and limits; all NaN where the follow-up does not reach, the limits where nothing varies."""

    value: float
    se: float
    lower: float
    upper: float


NOT_KNOWN = Limited(nan, nan, nan, nan)


@dataclass(frozen=True)
class IncidenceContrast:
    """The incidence of one cause in the group and among the others, and the group's less the others'."""

    group: Limited
    others: Limited
    difference: Limited


@dataclass(frozen=True, eq=False)
class ContrastedSpells:
    """The arrays of one group of spells, all of shape (n,): `aalen_johansen`'s, and the ``person`` of each."""

    entry: ArrayLike
    exit: ArrayLike
    cause: ArrayLike
    person: ArrayLike
    weight: ArrayLike | None = None


def incidence_contrast(
    group: ContrastedSpells, others: ContrastedSpells, *, n_causes: int, cause: int, time: float, level: float = 0.95
) -> IncidenceContrast:
    """Estimate the incidence of ``cause`` just after ``time`` in the group, among the others, and their difference.

    The incidences are Aalen–Johansen's. The standard errors are the infinitesimal jackknife's, the influences of a person's spells added up: in the
    difference also those of spells on either side, so that persons may stand on both. Weights are taken as known. Limits of an incidence are log-log, those
    of the difference plain, cut at −1 and 1. A group whose follow-up ends before ``time`` with some left has no incidence, and no difference.

    >>> one = ContrastedSpells([0, 0, 0, 0], [1, 2, 3, 4], [1, 1, 2, 0], list("abcd"))
    >>> other = ContrastedSpells([0, 0, 0, 0], [1, 2, 3, 4], [1, 2, 2, 0], list("efgh"))
    >>> contrast = incidence_contrast(one, other, n_causes=2, cause=1, time=3)
    >>> contrast.difference.value, round(contrast.difference.se, 4)
    (0.25, 0.3307)

    Raises:
        DefinitionError: a time, cause or weight that `aalen_johansen` does not take.

    **Counts** spells, or the sum of their weights.
    **Time** since time zero; events come before censorings of the same time, entries after both.
    **Missing** is refused.
    **Source** `docs/methods/standardised_contrasts.md`.
    """
    sides = [_side(each, n_causes=n_causes, cause=cause, time=time, level=level) for each in (group, others)]
    (of_group, influence), (of_others, other_influence) = sides
    if np.isnan(of_group.value) or np.isnan(of_others.value):
        return IncidenceContrast(of_group, of_others, NOT_KNOWN)
    value = of_group.value - of_others.value
    summed = influence.sub(other_influence, fill_value=0.0)
    se = float(np.sqrt((summed**2).sum()))
    width = normal_quantile(level) * se if min(of_group.se, of_others.se) > ROUNDING else nan
    lower, upper = (float(np.clip(value + sign * width, -1, 1)) for sign in (-1, 1))
    return IncidenceContrast(of_group, of_others, Limited(value, se, lower, upper))


def _side(
    spells: ContrastedSpells, *, n_causes: int, cause: int, time: float, level: float
) -> tuple[Limited, pd.Series]:
    """Return the incidence of one side and the influence of each of its persons."""
    weight = None if spells.weight is None else np.asarray(spells.weight)
    if len(np.asarray(spells.exit)) == 0 or (weight is not None and not weight.any()):
        return NOT_KNOWN, pd.Series(dtype=float)
    grid = time_grid(spells.entry, spells.exit)
    causes = as_causes(spells.cause, grid, n_causes=n_causes)
    counted = weighted_spells(grid, causes, n_causes=n_causes, weight=weight, cluster=None)
    found = incidence_at(counted, time=time)
    if time > counted.grid.times[-1] and not found.ended:
        return NOT_KNOWN, pd.Series(dtype=float)
    person = np.asarray(spells.person) if weight is None else np.asarray(spells.person)[weight > 0]
    influence = _of_persons(counted, found, cause=cause, person=person)
    return _limited(float(found.cif[cause - 1]), float(np.sqrt((influence**2).sum())), level=level), influence


def _of_persons(spells: WeightedSpells, found: IncidenceAt, *, cause: int, person: NDArray) -> pd.Series:
    influence = found.influence[cause - 1]
    return pd.Series(influence if spells.weight is None else influence * spells.weight).groupby(person).sum()


def _limited(value: float, se: float, *, level: float) -> Limited:
    lower, upper = confidence_limits(np.array(value), se=np.array(se), interval=IntervalScale.LOG_LOG, level=level)
    return Limited(value, se, float(lower), float(upper))
