"""Differences in differences between treated and untreated units with one date of adoption, on cells of units × periods."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.evaluation.cores.cell_panel import CellPanel, refuse_few_clusters
from kaa_analysis.evaluation.cores.clustered_regression import clustered_regression


@dataclass(frozen=True, eq=False)
class DifferenceInDifferences:
    """The average effect from adoption on, as a difference of shares, with limits of Student's t with ``df`` degrees of freedom.

    ``influence`` (n,) is what each cell moves the estimate by, small-sample correction included: summed within the clusters, its squares add up to se².
    """

    value: float
    se: float
    df: float
    lower: float
    upper: float
    level: float
    n_clusters: int
    influence: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True, eq=False)
class EventStudy:
    """The difference between treated and untreated in each of the other T − 1 periods, less that in the last one before adoption.

    ``periods`` (their labels), ``relative`` (−2, −3, … before; 0, 1, … from adoption on), ``value``, ``se``, ``df``, ``lower`` and ``upper`` have shape
    (T − 1,), ``covariance`` (T − 1, T − 1), ``influence`` (n, T − 1) as in `DifferenceInDifferences`. ``reference`` is the label of the period left out.
    """

    periods: NDArray
    relative: NDArray[np.intp]
    reference: object
    value: NDArray[np.float64]
    se: NDArray[np.float64]
    df: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    level: float
    n_clusters: int
    covariance: NDArray[np.float64] = field(repr=False)
    influence: NDArray[np.float64] = field(repr=False)


def difference_in_differences(
    panel: CellPanel, *, variance: str = "CR2", level: float = 0.95
) -> DifferenceInDifferences:
    """Return how much more the share changed from adoption on among the treated units than among the untreated.

    Least squares of the shares on a dummy per unit, one per period and *treated × from adoption on*, each cell weighing what the panel says. With equal weights
    it is the difference of mean changes; with two periods and weights that are those of the unit, that of weighted mean changes.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> panel = cell_panel([*"aabbccdd"], [1, 2] * 4, n=[10] * 8, n_outcome=[5, 2, 4, 2, 4, 4, 6, 5], treated=[1] * 4 + [0] * 4, adopted=2, weight="units")
    >>> found = difference_in_differences(panel)
    >>> round(found.value, 6), round(found.se, 6), round(found.df, 6)  # changes −0.3, −0.2 against 0, −0.1
    (-0.2, 0.070711, 2.0)

    Raises:
        DefinitionError: fewer than two clusters hold treated units, or fewer than two untreated; the variance is neither CR1 nor CR2; the level does not
            lie between 0 and 1.

    **Counts** pupils, as shares within units.
    **Time** periods (cohorts), before and from the one of adoption.
    **Missing** cells are refused by `cell_panel`.
    **Source** `docs/methods/difference_in_differences.md`.
    """
    refuse_few_clusters(panel)
    found = clustered_regression(
        panel.share,
        (panel.treated & panel.after)[:, np.newaxis],
        others=panel.two_way_dummies(),
        cluster=panel.cluster,
        weight=panel.weight,
        variance=variance,
        level=level,
    )
    return DifferenceInDifferences(
        value=float(found.value[0]),
        se=float(found.se[0]),
        df=float(found.df[0]),
        lower=float(found.lower[0]),
        upper=float(found.upper[0]),
        level=level,
        n_clusters=found.n_clusters,
        influence=found.influence[:, 0],
    )


def event_study(panel: CellPanel, *, variance: str = "CR2", level: float = 0.95) -> EventStudy:
    """Return the difference between treated and untreated period by period, relative to the last period before adoption.

    Least squares of the shares on a dummy per unit, one per period and *treated × period* for every period but the last before adoption.

    >>> from kaa_analysis.evaluation.cores.cell_panel import cell_panel
    >>> n_outcome = [5, 5, 2, 4, 5, 3, 4, 4, 4, 6, 5, 6]
    >>> panel = cell_panel([*"aaabbbcccddd"], [1, 2, 3] * 4, n=[10] * 12, n_outcome=n_outcome, treated=[1] * 6 + [0] * 6, adopted=3, weight="units")
    >>> study = event_study(panel)
    >>> study.periods.tolist(), study.relative.tolist(), study.value.round(6).tolist()
    ([1, 3], [-2, 0], [-0.1, -0.3])

    Raises:
        DefinitionError: as `difference_in_differences`.

    **Counts** pupils, as shares within units.
    **Time** periods (cohorts); −1 is the last one before adoption.
    **Missing** cells are refused by `cell_panel`.
    **Source** `docs/methods/difference_in_differences.md`.
    """
    refuse_few_clusters(panel)
    kept = np.delete(np.arange(len(panel.periods)), panel.n_before - 1)
    found = clustered_regression(
        panel.share,
        panel.treated[:, np.newaxis] & (panel.period[:, np.newaxis] == kept),
        others=panel.two_way_dummies(),
        cluster=panel.cluster,
        weight=panel.weight,
        variance=variance,
        level=level,
    )
    return EventStudy(
        periods=panel.periods[kept],
        relative=kept - panel.n_before,
        reference=panel.periods[panel.n_before - 1],
        value=found.value,
        se=found.se,
        df=found.df,
        lower=found.lower,
        upper=found.upper,
        level=level,
        n_clusters=found.n_clusters,
        covariance=found.covariance,
        influence=found.influence,
    )
