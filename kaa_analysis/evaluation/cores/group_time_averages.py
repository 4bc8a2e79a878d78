"""Averages of effects by adoption group and period: over all, by time since adoption, by group and by period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.effect_estimate import EffectEstimate, effect_estimate
from kaa_analysis.evaluation.cores.group_time_effects import GroupTimeEffects


class AverageKind(StrEnum):
    """What is averaged first: nothing, the groups at the same time since adoption, the periods of a group, or the groups in a period."""

    SIMPLE = "simple"
    DYNAMIC = "dynamic"
    GROUP = "group"
    CALENDAR = "calendar"


@dataclass(frozen=True, eq=False)
class AveragedEffects:
    """Averages of one kind: ``labels`` (M,) are periods since adoption, or the labels of the periods of adoption or of the calendar."""

    labels: NDArray
    estimates: tuple[EffectEstimate, ...]


def overall_effect(effects: GroupTimeEffects, *, kind: str, level: float = 0.95) -> EffectEstimate:
    """Return one average of the effects from adoption on.

    *simple*: over all groups and periods, a group weighing what its units do. *dynamic*: by time since adoption, then over these equally; *calendar*: by period,
    then over these equally. *group*: over the periods of each group equally, then over the groups by weight. The influence is that of the units,
    with that of the groups' weights in it.

    >>> from kaa_analysis.evaluation.cores.group_time_effects import group_time_effects
    >>> rows = {"outcome": [1, 4, 2, 4, 1, 2, 3, 4.5], "first_treated": [2] * 4 + [float("inf")] * 4}
    >>> effects = group_time_effects([*"aabbccdd"], [1, 2] * 4, **rows)
    >>> {overall_effect(effects, kind=kind).value for kind in AverageKind}
    {1.25}

    Raises:
        DefinitionError: the kind is unknown, or the level does not lie between 0 and 1.

    **Counts** units, as their weights say.
    **Time** the periods from adoption on.
    **Missing** is refused when the effects are estimated.
    **Source** Callaway & Sant'Anna 2021, section 3; `docs/methods/group_time_effects.md`.
    """
    kind_ = _average_kind(kind)
    after = effects.period >= effects.group
    if kind_ is AverageKind.SIMPLE:
        value, influence = _weighted(effects, np.flatnonzero(after))
        return effect_estimate(value, influence, cluster=effects.cluster, level=level)
    parts = averaged_effects(effects, kind=kind, level=level)
    kept = [
        part
        for label, part in zip(parts.labels, parts.estimates, strict=True)
        if kind_ is not AverageKind.DYNAMIC or label >= 0
    ]
    values, influences = np.array([part.value for part in kept]), np.column_stack([part.influence for part in kept])
    if kind_ is AverageKind.GROUP:
        groups = np.unique(effects.group)
        members = effects.adoption[:, np.newaxis] == groups
        value, influence = _by_weight(values, influences, members * effects.weight[:, np.newaxis])
    else:
        value, influence = float(values.mean()), influences.mean(axis=1)
    return effect_estimate(value, influence, cluster=effects.cluster, level=level)


def averaged_effects(effects: GroupTimeEffects, *, kind: str, level: float = 0.95) -> AveragedEffects:
    """Return the averages by time since adoption (*dynamic*, periods before it too), by *group*, or by *calendar* period.

    >>> from kaa_analysis.evaluation.cores.group_time_effects import group_time_effects
    >>> outcome = [1, 2, 4, 2, 2, 4, 1, 1, 2, 3, 4, 4.5]
    >>> rows = {"outcome": outcome, "first_treated": [3] * 6 + [float("inf")] * 6}
    >>> found = averaged_effects(group_time_effects([*"aaabbbcccddd"], [1, 2, 3] * 4, **rows), kind="dynamic")
    >>> found.labels.tolist(), [part.value for part in found.estimates]
    ([-1, 0], [0.0, 1.25])

    Raises:
        DefinitionError: the kind is unknown or *simple*, or the level does not lie between 0 and 1.

    **Counts** units, as their weights say.
    **Time** periods; 0 is that of adoption.
    **Missing** is refused when the effects are estimated.
    **Source** as `overall_effect`.
    """
    kind_ = _average_kind(kind)
    after = effects.period >= effects.group
    if kind_ is AverageKind.DYNAMIC:
        since = effects.period - effects.group
        labels = np.unique(since)
        cells: Iterable[NDArray] = (np.flatnonzero(since == label) for label in labels)
    elif kind_ is AverageKind.GROUP:
        places = np.unique(effects.group[after])
        labels, cells = effects.periods[places], (np.flatnonzero(after & (effects.group == one)) for one in places)
    elif kind_ is AverageKind.CALENDAR:
        places = np.unique(effects.period[after])
        labels, cells = effects.periods[places], (np.flatnonzero(after & (effects.period == one)) for one in places)
    else:
        raise DefinitionError("Ett enda genomsnitt ges av overall_effect.", found="kind='simple'")
    estimates = (effect_estimate(*_weighted(effects, chosen), cluster=effects.cluster, level=level) for chosen in cells)
    return AveragedEffects(labels, tuple(estimates))


def _weighted(effects: GroupTimeEffects, cells: NDArray[np.intp]) -> tuple[float, NDArray[np.float64]]:
    """Return the average of the cells, each weighing what the units of its group do, and its influence."""
    members = effects.adoption[:, np.newaxis] == effects.group[cells]
    return _by_weight(effects.value[cells], effects.influence[:, cells], members * effects.weight[:, np.newaxis])


def _by_weight(values: NDArray, influences: NDArray, weights: NDArray) -> tuple[float, NDArray[np.float64]]:
    """Average K values whose weights are sums over the units, both matrices (U, K): a unit moves the average by its weight there × the distance to it."""
    total = weights.sum()
    share = weights.sum(axis=0) / total
    value = float(share @ values)
    return value, influences @ share + weights @ (values - value) / total


def _average_kind(kind: str) -> AverageKind:
    try:
        return AverageKind(kind)
    except ValueError:
        raise DefinitionError(
            f"Genomsnittet ska vara simple, dynamic, group eller calendar{did_you_mean(kind, AverageKind)}."
        ) from None
