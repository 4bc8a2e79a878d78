"""What an effect can be if treated and untreated would have parted after adoption as they did before it, or so many times as fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.stats import t as student

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.difference_in_differences import EventStudy
from kaa_analysis.evaluation.cores.two_groups import numbers

LARGEST_RATIO = 1e6
"""An effect that so many times the largest step before adoption could not explain is explained by none."""


@dataclass(frozen=True, eq=False)
class TrendBounds:
    """Bounds of the mean effect after adoption if the trends part, from one period to the next, by at most ``ratio`` × the largest step before.

    ``value`` is the estimate with parallel trends. ``set_lower`` and ``set_upper`` are the bounds were the estimates exact, ``lower`` and ``upper`` limits that
    hold the effect at ``level`` in spite of chance, in the steps before adoption too.
    """

    ratio: float
    value: float
    set_lower: float
    set_upper: float
    lower: float
    upper: float
    level: float


def relative_magnitude_bounds(
    study: EventStudy, *, ratio: float = 1.0, weights: ArrayLike | None = None, level: float = 0.95
) -> TrendBounds:
    """Return what the mean effect can be if the steps of the difference in trend after adoption are at most ``ratio`` × the largest one before.

    With d_s the steps before adoption (the last to the reference period), ℓ the weights of the periods after (equal if not given) and κ = ratio · Σ_j |Σ_{k≥j} ℓ_k|,
    the effect lies within θ ± κ max |d_s|. Whichever step is the largest, of either sign, it lies between θ − κ d and θ + κ d for that one: so the limits are
    the smallest and the largest of all (θ ± κ d_s) ∓ t·se(θ ± κ d_s), t with the least degrees of freedom of the study. They hold the effect at least as often as they say.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> from kaa_analysis.evaluation.cores.difference_in_differences import event_study
    >>> counts = {"n": [10] * 15, "n_outcome": [5, 5, 1, 4, 6, 2, 4, 4, 4, 6, 5, 6, 3, 3, 4], "treated": [1] * 6 + [0] * 9}
    >>> study = event_study(cell_panel([*"aaabbbcccdddeee"], [1, 2, 3] * 5, **counts, adopted=3))
    >>> found = relative_magnitude_bounds(study)
    >>> round(found.set_lower, 4), round(found.set_upper, 4), round(found.upper, 4)  # −7/15 ∓ 2/15
    (-0.6, -0.3333, 0.0718)

    Raises:
        DefinitionError: there is one period alone before adoption, the ratio is negative, the weights are not one per period from adoption on with sum 1, or
            the level does not lie between 0 and 1.

    **Counts** what the event study counts.
    **Time** periods, taken as equally far apart.
    **Missing** is refused when the cells are made.
    **Source** Rambachan & Roth 2023 (Rev Econ Stud), their Δ^RM as a union of polyhedra; `docs/methods/trend_bounds.md`.
    """
    if not 0 <= ratio < np.inf:
        raise DefinitionError(
            "Kvoten till det största steget före införandet ska vara 0 eller mer.", found=f"{ratio:g}"
        )
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")
    mean, steps, reach = _directions(study, weights)
    value, furthest = float(mean @ study.value), float(np.abs(steps @ study.value).max())
    ends = np.vstack([mean + ratio * reach * steps, mean - ratio * reach * steps])
    centre = ends @ study.value
    half_width = float(student.ppf((1 + level) / 2, study.df.min())) * np.sqrt(
        np.einsum("ij,jk,ik->i", ends, study.covariance, ends)
    )
    return TrendBounds(
        ratio=ratio,
        value=value,
        set_lower=value - ratio * reach * furthest,
        set_upper=value + ratio * reach * furthest,
        lower=float((centre - half_width).min()),
        upper=float((centre + half_width).max()),
        level=level,
    )


def breakdown_ratio(study: EventStudy, *, weights: ArrayLike | None = None, level: float = 0.95) -> float:
    """Return the smallest ratio whose limits hold no effect: 0 where they do with parallel trends already, infinite where none does.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> from kaa_analysis.evaluation.cores.difference_in_differences import event_study
    >>> counts = {"n": [10] * 15, "n_outcome": [5, 5, 1, 4, 6, 2, 4, 4, 4, 6, 5, 6, 3, 3, 4], "treated": [1] * 6 + [0] * 9}
    >>> study = event_study(cell_panel([*"aaabbbcccdddeee"], [1, 2, 3] * 5, **counts, adopted=3))
    >>> ratio = breakdown_ratio(study)
    >>> bounds = relative_magnitude_bounds(study, ratio=ratio)
    >>> round(ratio, 4), round(abs(bounds.upper), 6)
    (0.8605, 0.0)

    Raises:
        DefinitionError: as `relative_magnitude_bounds`.

    **Counts** what the event study counts.
    **Time** periods, taken as equally far apart.
    **Missing** is refused when the cells are made.
    **Source** as `relative_magnitude_bounds`.
    """

    def nearest_to_none(ratio: float) -> float:
        bounds = relative_magnitude_bounds(study, ratio=ratio, weights=weights, level=level)
        return bounds.lower if bounds.value > 0 else -bounds.upper

    if nearest_to_none(0.0) <= 0:
        return 0.0
    far = 1.0
    while nearest_to_none(far) > 0:
        far *= 2
        if far > LARGEST_RATIO:
            return float("inf")
    return float(brentq(nearest_to_none, 0.0, far, xtol=1e-12))


def _directions(study: EventStudy, weights: ArrayLike | None) -> tuple[NDArray, NDArray, float]:
    """Return what the coefficients are multiplied by for the mean effect (T − 1,) and for the steps before (q, T − 1), and how far a step of 1 moves the mean."""
    before = study.relative < 0
    n_before, n_after = int(before.sum()), int((~before).sum())
    if not n_before:
        raise DefinitionError(
            "Utan minst två perioder före införandet finns inget steg att jämföra med.", found="en period före"
        )
    share = np.full(n_after, 1 / n_after) if weights is None else numbers(weights, n_rows=n_after, name="vikten")
    if not np.isclose(share.sum(), 1):
        raise DefinitionError("Periodernas vikter ska ha summan 1.", found=f"summa {share.sum():g}")
    mean = np.concatenate([np.zeros(n_before), share])
    path = np.vstack([np.eye(n_before, len(mean)), np.zeros(len(mean))])
    reach = float(np.abs(np.cumsum(share[::-1])).sum())
    return mean, np.diff(path, axis=0), reach
