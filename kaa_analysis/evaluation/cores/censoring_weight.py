"""The weight of who was still seen: one by the Kaplan–Meier estimate of not yet being censored, and how each row moves it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.time_grid import TimeGrid


@dataclass(frozen=True, eq=False)
class CensoringWeight:
    """The model of censoring of ``n`` rows on the ``T`` grid times: ``seen`` (T,) is the share not censored before each time.

    Who leaves at a time otherwise is no longer at risk of being censored then (events come first). ``n_staying`` (T,) are those at risk of censoring
    who are not censored, ``step`` (T,) what one at risk moves −log ``seen`` by, times −1.
    """

    grid: TimeGrid
    censored: NDArray[np.bool_]
    seen: NDArray[np.float64]
    n_staying: NDArray[np.float64]
    step: NDArray[np.float64]

    def weight(self) -> NDArray[np.float64]:
        """Return one by the share still seen just before each row's own exit, shape (n,)."""
        return 1 / self.seen[self.grid.last]

    def carried(self, per_log: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each row moves an estimate by through the weights, shape (n,).

        ``per_log`` (n,) is the estimate's derivative by the logarithm of each row's weight; it is 0 for who was censored.
        """
        later = _summed_after(self.grid.sums(self.grid.last, per_log))
        at_risk = np.cumsum(later * self.step)
        until = np.where(self.censored, self.grid.last, self.grid.last - 1)
        summed = np.concatenate([[0.0], at_risk])[until + 1]
        own = np.divide(later, self.n_staying, out=np.zeros(len(later)), where=self.n_staying > 0)
        return np.where(self.censored, own[self.grid.last], 0.0) - summed


def censoring_weight(grid: TimeGrid, censored: NDArray[np.bool_]) -> CensoringWeight:
    """Return the model of censoring of the rows on ``grid``, all of whom entered at 0; ``censored`` (n,) says who was.

    >>> from kaa_analysis.survival.cores.time_grid import time_grid
    >>> grid = time_grid([0, 0, 0, 0], [1, 2, 2, 3])
    >>> censoring_weight(grid, np.array([True, False, True, False])).weight().round(4).tolist()
    [1.0, 1.3333, 1.3333, 2.6667]
    """
    n_censored = grid.sums(grid.last[censored]).astype(float)
    n_exposed = n_censored + _summed_after(grid.sums(grid.last).astype(float))
    n_staying = n_exposed - n_censored
    stays = np.divide(n_staying, n_exposed, out=np.ones(len(n_exposed)), where=n_exposed > 0)
    step = np.divide(n_censored, n_exposed * n_staying, out=np.zeros(len(n_exposed)), where=n_staying > 0)
    return CensoringWeight(
        grid, censored, seen=np.concatenate([[1.0], np.cumprod(stays)])[:-1], n_staying=n_staying, step=step
    )


def _summed_after(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of what comes after each time, shape (T,)."""
    from_here = np.cumsum(values[::-1])[::-1]
    return np.concatenate([from_here[1:], [0.0]])
