"""Placebo in space: what would the same comparison say of other units, drawn as if they had been the treated ones?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from math import comb, prod

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.cell_panel import CellPanel
from kaa_analysis.evaluation.cores.clustered_regression import left_over, orthonormal

TIE = 1e-9
"""Differences that are smaller than the one at hand by a smaller share are the same in another order of summing."""
AT_A_TIME = 500
"""So many sets of treated units are worked out together: memory, not the result, depends on it."""


@dataclass(frozen=True, eq=False)
class SpacePlacebo:
    """The estimate among what the same estimate is for other sets of treated units, ``placebos`` (B,), the real one not among them.

    ``p_value`` is (1 + how many are at least as far from 0) / (1 + B). ``lower`` and ``upper`` are the smallest and largest effect, the same in every treated
    cell, that the same test does not refuse at 1 − ``level``; infinite where it refuses none. ``n_sets`` is how many sets there are in all, the real one
    included; with ``enumerated`` every one was used. No p value can be smaller than ``smallest_p``.
    """

    value: float
    p_value: float
    lower: float
    upper: float
    level: float
    n_sets: int
    enumerated: bool
    smallest_p: float
    placebos: NDArray[np.float64] = field(repr=False)


def placebo_in_space(
    panel: CellPanel, *, stratum: ArrayLike | None = None, n_draws: int = 9999, seed: int, level: float = 0.95
) -> SpacePlacebo:
    """Return the difference in differences beside those of all, or drawn, other sets of as many treated units per stratum.

    ``stratum`` (n,), a value per cell that is the same for all cells of a unit, tells within which units the treated ones might as well have been others;
    without it, among all. If there are at most ``n_draws`` + 1 sets every one is worked out, else ``n_draws`` are drawn, each set as likely, from ``seed``.
    The p value is exact if, within strata, any set was as likely to be treated; else it only tells how unusual the estimate is. So are the limits, if the effect
    was the same in every treated cell.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> counts = {"n": [10] * 8, "n_outcome": [8, 2, 5, 5, 6, 5, 4, 4], "treated": [1, 1] + [0] * 6}
    >>> found = placebo_in_space(cell_panel([*"aabbccdd"], [1, 2] * 4, **counts, adopted=2), seed=1)
    >>> round(found.value, 6), found.p_value, found.placebos.round(6).tolist()
    (-0.566667, 0.25, [0.233333, 0.1, 0.233333])

    Raises:
        DefinitionError: a stratum is missing or differs within a unit, a stratum holds nothing but treated units, no other set is possible, or there is
            no draw; or the level does not lie between 0 and 1.

    **Counts** what `difference_in_differences` counts.
    **Time** periods, before and from the one of adoption.
    **Missing** cells are refused by `cell_panel`.
    **Source** Fisher 1935; MacKinnon & Webb 2020 (J Econometrics); `docs/methods/few_clusters.md`.
    """
    if n_draws < 1:
        raise DefinitionError("Antalet dragningar ska vara minst 1.", found=f"{n_draws}")
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")
    first = np.unique(panel.unit, return_index=True)[1]
    treated = panel.treated[first]
    stratum_ = _strata(panel, stratum, first)
    groups = [np.flatnonzero(stratum_ == one) for one in np.unique(stratum_[treated])]
    sizes = [int(treated[group].sum()) for group in groups]
    _check_strata(groups, sizes)
    n_sets = prod(comb(len(group), size) for group, size in zip(groups, sizes, strict=True))
    enumerated = n_sets <= n_draws + 1
    sets = _every_set(groups, sizes, treated) if enumerated else _drawn_sets(groups, sizes, n_draws, seed, len(treated))
    estimates = _Estimates(panel)
    value = float(estimates.of(treated[:, np.newaxis])[0][0])
    placebos, shares = np.hstack([estimates.of(part) for part in sets])
    as_far = int((np.abs(placebos) >= abs(value) * (1 - TIE)).sum())
    lower, upper = _limits(value, placebos, shares, alpha=1 - level)
    return SpacePlacebo(
        value=value,
        p_value=(1 + as_far) / (1 + len(placebos)),
        lower=lower,
        upper=upper,
        level=level,
        n_sets=n_sets,
        enumerated=enumerated,
        smallest_p=1 / (1 + len(placebos)),
        placebos=placebos,
    )


class _Estimates:
    """Least squares of the shares on *treated × from adoption on* beside the dummies, for many sets of treated units at once."""

    def __init__(self, panel: CellPanel) -> None:
        self._root = np.sqrt(panel.weight)
        self._basis = orthonormal(self._root[:, np.newaxis] * panel.two_way_dummies())
        real = panel.treated & panel.after
        self._known = left_over(np.column_stack([self._root * panel.share, self._root * real]), self._basis)
        self._unit, self._after = panel.unit, panel.after

    def of(self, treated: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return, for each column of ``treated`` (U, B), the estimate and what it is moved by a real effect of 1; shape (2, B)."""
        given = (self._root * self._after)[:, np.newaxis] * treated[self._unit]
        effect = left_over(given, self._basis)
        return self._known.T @ effect / (effect**2).sum(axis=0)


def _limits(value: float, placebos: NDArray, shares: NDArray, *, alpha: float) -> tuple[float, float]:
    """Return the smallest and the largest effect whose p value is above alpha.

    If the effect is τ, a placebo with estimate e and share r is at least as far from 0 as the real one where |e − τ r| ≥ |value − τ|: for |r| < 1 between two
    roots with the estimate between them. So the p value falls on both sides of the estimate. Where |r| ≥ 1 it is counted everywhere.
    """
    needed = int(np.floor(alpha * (1 + len(placebos)) * (1 + TIE)))
    if needed < 1:
        return float("-inf"), float("inf")
    inside = np.abs(shares) < 1 - TIE
    share = np.where(inside, shares, 0)
    roots = np.sort([(value - placebos) / (1 - share), (value + placebos) / (1 + share)], axis=0)
    lowest, highest = np.where(inside, roots, [[-np.inf], [np.inf]])
    return float(np.sort(lowest)[needed - 1]), float(np.sort(highest)[-needed])


def _strata(panel: CellPanel, stratum: ArrayLike | None, first: NDArray) -> NDArray[np.intp]:
    if stratum is None:
        return np.zeros(len(first), dtype=int)
    labels = stratum if isinstance(stratum, np.ndarray) else pd.Series(stratum).to_numpy()
    if labels.shape != panel.unit.shape or pd.isna(labels).any():
        raise DefinitionError(
            "Varje cell ska ha ett stratum.", found=f"{labels.size - int(pd.isna(labels).sum())} av {panel.unit.size}"
        )
    codes = pd.factorize(labels)[0]
    of_unit = codes[first]
    if (codes != of_unit[panel.unit]).any():
        raise DefinitionError(
            "En enhet ska ligga i samma stratum i alla perioder.",
            found=f"enheter som byter: {len(np.unique(panel.unit[codes != of_unit[panel.unit]]))}",
        )
    return of_unit


def _check_strata(groups: list[NDArray], sizes: list[int]) -> None:
    n_whole = sum(len(group) == size for group, size in zip(groups, sizes, strict=True))
    if n_whole:
        raise DefinitionError(
            "I varje stratum med behandlade ska det finnas obehandlade att jämföra med.",
            found=f"strata med bara behandlade: {n_whole} av {len(groups)}",
            action="slå ihop strata, så att varje har båda",
        )


def _every_set(groups: list[NDArray], sizes: list[int], treated: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Yield every set but the real one, as columns of (U, at most AT_A_TIME)."""
    waiting: list[NDArray[np.bool_]] = []
    for chosen in product(*(combinations(group, size) for group, size in zip(groups, sizes, strict=True))):
        column = np.zeros(len(treated), dtype=bool)
        column[np.concatenate(chosen)] = True
        if (column == treated).all():
            continue
        waiting.append(column)
        if len(waiting) == AT_A_TIME:
            yield np.column_stack(waiting)
            waiting = []
    if waiting:
        yield np.column_stack(waiting)


def _drawn_sets(
    groups: list[NDArray], sizes: list[int], n_draws: int, seed: int, n_units: int
) -> Iterator[NDArray[np.bool_]]:
    """Yield ``n_draws`` sets, as columns of (U, at most AT_A_TIME): in each group those with the smallest of random numbers."""
    generator = np.random.default_rng(seed)
    for start in range(0, n_draws, AT_A_TIME):
        n_columns = min(AT_A_TIME, n_draws - start)
        columns = np.zeros((n_units, n_columns), dtype=bool)
        for group, size in zip(groups, sizes, strict=True):
            chosen = np.argsort(generator.random((len(group), n_columns)), axis=0)[:size]
            columns[group[chosen], np.arange(n_columns)] = True
        yield columns
