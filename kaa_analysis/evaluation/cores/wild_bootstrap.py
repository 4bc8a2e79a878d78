"""The wild cluster bootstrap of a difference in differences, for few clusters: signs are drawn per cluster with the null hypothesis imposed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.cores.cell_panel import CellPanel, refuse_few_clusters
from kaa_analysis.evaluation.cores.clustered_regression import left_over, orthonormal
from kaa_analysis.evaluation.cores.effect_estimate import cluster_sums

MOST_ENUMERATED = 12
"""Up to so many clusters all 2^G vectors of signs are run through."""
TIE = 1e-9
"""Statistics that differ by a smaller share are the same in another order of summing."""
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
STEPS = 60
"""Halvings of an interval around a limit: fewer digits are left than a float has."""
DOUBLINGS = 40


class BootstrapWeight(StrEnum):
    """What a cluster's residuals are multiplied by: −1 or 1, or one of Webb's six values (for very few clusters)."""

    RADEMACHER = "rademacher"
    WEBB = "webb"


@dataclass(frozen=True, eq=False)
class WildBootstrap:
    """The p value of no effect, and the effects that the same test does not refuse at 1 − ``level``.

    A limit is infinite where no effect however large would be refused. ``enumerated`` tells that all ``n_vectors`` of signs were run through; no p value
    can then be smaller than ``smallest_p``.
    """

    value: float
    p_value: float
    lower: float
    upper: float
    level: float
    n_clusters: int
    n_vectors: int
    enumerated: bool
    smallest_p: float


def wild_cluster_bootstrap(
    panel: CellPanel, *, weights: str = "rademacher", n_draws: int = 9999, seed: int, level: float = 0.95
) -> WildBootstrap:
    """Return the p value and the interval of `difference_in_differences` by the wild cluster bootstrap with the null imposed.

    For an effect β₀ the model is fitted with it imposed; the residuals of each cluster are multiplied by one drawn number, the model is fitted again, and
    the p value is the share of |t*| that are at least |t|, t with the standard error by cluster (whose small-sample factor cancels). Rademacher's signs are
    all run through for up to 12 clusters, else ``n_draws`` of them are drawn from ``seed``, and the one at hand is counted among them. The interval holds the β₀
    around the estimate whose p value is above 1 − ``level``.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> counts = {"n": [10] * 12, "n_outcome": [5, 2, 4, 2, 4, 3, 4, 4, 6, 5, 5, 5], "treated": [1] * 6 + [0] * 6}
    >>> found = wild_cluster_bootstrap(cell_panel([*"aabbccddeeff"], [1, 2] * 6, **counts, adopted=2), seed=1)
    >>> round(found.value, 6), found.p_value, found.n_vectors, found.smallest_p
    (-0.166667, 0.09375, 64, 0.03125)

    Raises:
        DefinitionError: fewer than two clusters hold treated units, or fewer than two untreated; Webb's weights with ten clusters or more; nothing varies
            within units beside the periods; too few draws; the level does not lie between 0 and 1; or the weights are unknown.

    **Counts** what `difference_in_differences` counts.
    **Time** periods, before and from the one of adoption.
    **Missing** cells are refused by `cell_panel`.
    **Source** Cameron, Gelbach & Miller 2008 (Rev Econ Stat); Webb 2023 (Can J Econ); `docs/methods/few_clusters.md`.
    """
    refuse_few_clusters(panel)
    n_clusters = int(panel.cluster.max()) + 1
    kind = _weight_kind(weights, n_clusters)
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")
    if n_draws < 1 / (1 - level):
        raise DefinitionError("Det är för få dragningar för nivån.", found=f"{n_draws} dragningar, nivå {level:g}")
    enumerated = kind is BootstrapWeight.RADEMACHER and n_clusters <= MOST_ENUMERATED
    drawn = _all_signs(n_clusters) if enumerated else _drawn(kind, n_clusters, n_draws, seed)
    test = _null_test(panel, drawn)
    alpha = 1 - level
    return WildBootstrap(
        value=test.value,
        p_value=test.p_value(0.0),
        lower=_limit(test, alpha, -1),
        upper=_limit(test, alpha, 1),
        level=level,
        n_clusters=n_clusters,
        n_vectors=drawn.shape[1],
        enumerated=enumerated,
        smallest_p=2 / drawn.shape[1] if enumerated else 1 / drawn.shape[1],
    )


@dataclass(frozen=True, eq=False)
class _Scores:
    """The scores of ``G`` clusters for each of ``B`` vectors of drawn numbers, shape (G, B), and for that of ones alone, the one at hand, shape (G, 1)."""

    drawn: NDArray
    at_hand: NDArray

    def less(self, null: float, effect: _Scores) -> _Scores:
        return _Scores(self.drawn - null * effect.drawn, self.at_hand - null * effect.at_hand)


@dataclass(frozen=True, eq=False)
class _NullTest:
    """What is needed to test any effect: it enters the scores linearly. ``own`` (G,) are the parts of ``size``, the sum of squares of the adjusted treatment."""

    value: float
    size: float
    own: NDArray
    shares: _Scores
    effect: _Scores

    def p_value(self, null: float) -> float:
        """Return the share of vectors whose |t| is at least the one at hand, if the effect is ``null``."""
        return self._share_as_large(self.shares.less(null, self.effect))

    def p_value_far_away(self) -> float:
        """Return the p value of an effect without bound."""
        return self._share_as_large(self.effect)

    def _share_as_large(self, scores: _Scores) -> float:
        return float((self._squared(scores.drawn) >= self._squared(scores.at_hand) * (1 - TIE)).mean())

    def _squared(self, score: NDArray) -> NDArray:
        """Return t² without its small-sample factor for each column of scores."""
        moved = score.sum(axis=0)
        left = score - self.own[:, np.newaxis] * (moved / self.size)
        spread = (left**2).sum(axis=0)
        smallest = TIE**2 * (score**2).sum(axis=0)
        known = spread > smallest
        return np.where(known, moved**2 / np.where(known, spread, 1), np.where(moved**2 > smallest, np.inf, 0))


def _null_test(panel: CellPanel, drawn: NDArray) -> _NullTest:
    root = np.sqrt(panel.weight)
    basis = orthonormal(root[:, np.newaxis] * panel.two_way_dummies())
    given = np.column_stack([root * panel.share, root * (panel.treated & panel.after)])
    residual, effect = left_over(given, basis).T
    size = float(effect @ effect)
    value = float(effect @ residual) / size
    if np.linalg.norm(residual - value * effect) <= TIE * np.linalg.norm(given[:, 0]):
        raise DefinitionError(
            "Utan variation mellan enheterna finns ingen osäkerhet att mäta.", found="inga avvikelser"
        )
    parts = [_cluster_scores(column, effect, basis, panel.cluster) for column in (residual, effect)]
    scores = [_Scores(part @ drawn, part.sum(axis=1, keepdims=True)) for part in parts]
    return _NullTest(value, size, cluster_sums(effect**2, panel.cluster), *scores)


def _cluster_scores(residual: NDArray, effect: NDArray, basis: NDArray, cluster: NDArray) -> NDArray:
    """Return the matrix (G, G) of effect_g' (I − P)_gh residual_h: what the residuals of cluster h, once more adjusted, add to the score of cluster g."""
    own = np.diag(cluster_sums(effect * residual, cluster))
    of_effect = cluster_sums(basis * effect[:, np.newaxis], cluster)
    return own - of_effect @ cluster_sums(basis * residual[:, np.newaxis], cluster).T


def _limit(test: _NullTest, alpha: float, side: int) -> float:
    """Return where the p value falls to alpha on one side of the estimate, by doubling and halving; infinite where it never does."""
    if test.p_value_far_away() > alpha:
        return side * float("inf")
    step = float(np.linalg.norm(test.shares.less(test.value, test.effect).at_hand)) / test.size
    inside = test.value
    for _ in range(DOUBLINGS):
        if test.p_value(inside + side * step) <= alpha:
            break
        inside, step = inside + side * step, 2 * step
    outside = inside + side * step
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if test.p_value(middle) > alpha else (inside, middle)
    return float(inside)


def _all_signs(n_clusters: int) -> NDArray[np.float64]:
    numbers = np.arange(2**n_clusters)
    return 1.0 - 2.0 * ((numbers >> np.arange(n_clusters)[:, np.newaxis]) & 1)


def _drawn(kind: BootstrapWeight, n_clusters: int, n_draws: int, seed: int) -> NDArray[np.float64]:
    values = WEBB if kind is BootstrapWeight.WEBB else np.array([-1.0, 1.0])
    drawn = np.random.default_rng(seed).choice(values, size=(n_clusters, n_draws))
    return np.hstack([np.ones((n_clusters, 1)), drawn])


def _weight_kind(weights: str, n_clusters: int) -> BootstrapWeight:
    try:
        kind = BootstrapWeight(weights)
    except ValueError:
        raise DefinitionError(
            f"Vikterna ska vara rademacher eller webb{did_you_mean(weights, BootstrapWeight)}."
        ) from None
    if kind is BootstrapWeight.WEBB and n_clusters >= 10:
        raise DefinitionError(
            "Webbs vikter är till för färre än tio kluster.", found=f"kluster: {n_clusters}", action="använd rademacher"
        )
    return kind
