"""Effects by adoption group and period where units adopt at different times (Callaway & Sant'Anna), without covariates."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.cell_panel import check_cells, check_constant, label_numbers
from kaa_analysis.evaluation.cores.effect_estimate import cluster_sums
from kaa_analysis.evaluation.cores.two_groups import numbers


class ControlUnits(StrEnum):
    """Whom a group is compared with: units that never adopt in the periods at hand, or all that have not done so yet."""

    NEVER = "never-treated"
    NOT_YET = "not-yet-treated"


class BasePeriod(StrEnum):
    """What a period before adoption is compared with: the one before it, or the last before adoption; a later period always with the latter."""

    VARYING = "varying"
    UNIVERSAL = "universal"


@dataclass(frozen=True, eq=False)
class GroupTimeEffects:
    """K effects, of the units that adopt in ``group`` (K,) in ``period`` (K,), places in ``periods`` (T,): ``value`` and ``se`` (K,).

    ``influence`` (U, K) is what each unit moves them by. ``adoption`` (U,) is the place of the period in which a unit adopts, T for those that do not;
    ``weight`` and ``cluster`` have shape (U,), units in the order of their labels.
    """

    periods: NDArray
    group: NDArray[np.intp]
    period: NDArray[np.intp]
    value: NDArray[np.float64]
    se: NDArray[np.float64]
    adoption: NDArray[np.intp] = field(repr=False)
    weight: NDArray[np.float64] = field(repr=False)
    cluster: NDArray[np.intp] = field(repr=False)
    influence: NDArray[np.float64] = field(repr=False)


def group_time_effects(
    unit: ArrayLike,
    period: ArrayLike,
    *,
    outcome: ArrayLike,
    first_treated: ArrayLike,
    controls: str = "never-treated",
    base: str = "varying",
    weight: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> GroupTimeEffects:
    """Return, for each group of units that adopt in the same period and each period, how much more they changed than the controls.

    All arguments have shape (n,), a row per unit and period; ``first_treated`` is a label of a period, or infinite for a unit that never adopts (one after the
    last period counts as never); ``weight`` is that of the unit. The change is from the last period before adoption or, before that, see `BasePeriod`.

    >>> rows = {"outcome": [1, 4, 2, 4, 1, 2, 3, 4.5], "first_treated": [2] * 4 + [float("inf")] * 4}
    >>> found = group_time_effects([*"aabbccdd"], [1, 2] * 4, **rows)
    >>> found.value.tolist(), found.se.round(6).tolist()  # changes 3, 2 against 1, 1.5
    ([1.25], [0.395285])

    Raises:
        DefinitionError: a value is missing, a unit has no row or several in a period or changes adoption, weight or cluster, adoption is in the first
            period or in none of the periods, a group or its controls lie in fewer than two clusters, or an option is unknown.

    **Counts** units, as their weights say.
    **Time** periods; adoption is the first treated one.
    **Missing** is refused: a unit that never adopts is infinite, not missing.
    **Source** Callaway & Sant'Anna 2021 (J Econometrics); `docs/methods/group_time_effects.md`.
    """
    unit_, _ = label_numbers(unit, name="enheten")
    n_rows = len(unit_)
    period_, periods = label_numbers(period, name="perioden", n_rows=n_rows)
    cluster_ = unit_ if cluster is None else label_numbers(cluster, name="klustret", n_rows=n_rows)[0]
    adoption_ = _adoption(first_treated, periods, n_rows=n_rows)
    weight_ = _weights(weight, n_rows=n_rows)
    check_cells(unit_, period_)
    for values, name in ((adoption_, "införandet"), (weight_, "vikten"), (cluster_, "klustret")):
        check_constant(unit_, values, name=name)
    outcomes = np.zeros((unit_.max() + 1, len(periods)))
    outcomes[unit_, period_] = numbers(outcome, n_rows=n_rows, name="utfallet")
    first = np.unique(unit_, return_index=True)[1]
    adoption, weights, clusters = adoption_[first], weight_[first], cluster_[first]
    kinds = _control_units(controls), _base_period(base)
    pairs = [
        (group, at)
        for group in np.unique(adoption[adoption < len(periods)])
        for at in range(len(periods))
        if _base_of(group, at, kinds[1]) not in (at, -1)
    ]
    _check_pairs(adoption, clusters, pairs, len(periods), *kinds)
    columns = [_effect(outcomes, adoption, weights, group, at, *kinds) for group, at in pairs]
    influence = np.column_stack([column for _, column in columns])
    return GroupTimeEffects(
        periods=periods,
        group=np.array([group for group, _ in pairs], dtype=np.intp),
        period=np.array([at for _, at in pairs], dtype=np.intp),
        value=np.array([value for value, _ in columns]),
        se=np.sqrt((cluster_sums(influence, clusters) ** 2).sum(axis=0)),
        adoption=adoption,
        weight=weights,
        cluster=clusters,
        influence=influence,
    )


def _base_of(group: int, at: int, base: BasePeriod) -> int:
    return group - 1 if at >= group or base is BasePeriod.UNIVERSAL else at - 1


def _compared(
    adoption: NDArray, group: int, at: int, n_periods: int, controls: ControlUnits, base: BasePeriod
) -> NDArray[np.bool_]:
    """Return which units a group is compared with in a period: untreated in it and in the base period, and not of the group itself."""
    last = n_periods - 1 if controls is ControlUnits.NEVER else max(at, _base_of(group, at, base))
    return (adoption > last) & (adoption != group)


def _effect(
    outcomes: NDArray,
    adoption: NDArray,
    weight: NDArray,
    group: int,
    at: int,
    controls: ControlUnits,
    base: BasePeriod,
) -> tuple[float, NDArray[np.float64]]:
    change = outcomes[:, at] - outcomes[:, _base_of(group, at, base)]
    value, influence = 0.0, np.zeros(len(change))
    compared = _compared(adoption, group, at, outcomes.shape[1], controls, base)
    for sign, members in ((1, adoption == group), (-1, compared)):
        share = np.where(members, weight, 0) / weight[members].sum()
        mean = float(share @ change)
        value += sign * mean
        influence += sign * share * (change - mean)
    return value, influence


def _adoption(first_treated: ArrayLike, periods: NDArray, *, n_rows: int) -> NDArray[np.intp]:
    """Return the place of adoption among the periods, shape (n,), and T for never."""
    try:
        values, labels = np.asarray(first_treated, dtype=float), periods.astype(float)
    except (TypeError, ValueError):
        raise DefinitionError("Perioderna och införandet ska vara tal (oändligt för aldrig).") from None
    if values.shape != (n_rows,) or np.isnan(values).any():
        raise DefinitionError(
            "Införandet ska vara känt på varje rad.",
            found=f"{values.size - int(np.isnan(values).sum())} av {n_rows}",
            action="ange oändligt för de enheter som aldrig börjar",
        )
    after = values > labels[-1]
    unknown, early = ~np.isin(values, labels) & ~after, values <= labels[0]
    if unknown.any() or early.any():
        raise DefinitionError(
            "Införandet ska vara en av perioderna, dock inte den första.",
            found=f"rader med en annan period: {int((unknown & ~early).sum())}, med den första eller tidigare: {int(early.sum())}",
            action="uteslut de enheter som redan hade börjat: de har ingen tid före att jämföra med",
        )
    return np.where(after, len(periods), np.searchsorted(labels, values))


def _weights(weight: ArrayLike | None, *, n_rows: int) -> NDArray[np.float64]:
    values = np.ones(n_rows) if weight is None else numbers(weight, n_rows=n_rows, name="vikten")
    if (values <= 0).any():
        raise DefinitionError(
            "Varje enhets vikt ska vara större än 0.", found=f"0 eller mindre: {int((values <= 0).sum())} av {n_rows}"
        )
    return values


def _check_pairs(
    adoption: NDArray,
    cluster: NDArray,
    pairs: list[tuple[int, int]],
    n_periods: int,
    controls: ControlUnits,
    base: BasePeriod,
) -> None:
    groups = np.unique([group for group, _ in pairs])
    n_small = sum(len(np.unique(cluster[adoption == group])) < 2 for group in groups)
    alone = [
        pair for pair in pairs if len(np.unique(cluster[_compared(adoption, *pair, n_periods, controls, base)])) < 2
    ]
    if not len(groups) or n_small or alone:
        raise DefinitionError(
            "Varje grupp som börjar samtidigt, och dess jämförelse, ska ligga i minst två kluster.",
            found=f"grupper: {len(groups)}, i ett enda kluster: {n_small}; "
            f"jämförelser i färre än två kluster: {len(alone)} av {len(pairs)}",
            action="slå ihop grupper som börjar nära varandra, eller ta bort de perioder där ingen längre väntar",
        )


def _control_units(controls: str) -> ControlUnits:
    try:
        return ControlUnits(controls)
    except ValueError:
        raise DefinitionError(
            f"Jämförelsen ska vara never-treated eller not-yet-treated{did_you_mean(controls, ControlUnits)}."
        ) from None


def _base_period(base: str) -> BasePeriod:
    try:
        return BasePeriod(base)
    except ValueError:
        raise DefinitionError(
            f"Basperioden ska vara varying eller universal{did_you_mean(base, BasePeriod)}."
        ) from None
