"""Which values of which targets have been demonstrated: every table that is found is credited to all targets at once."""

from __future__ import annotations

import numpy as np
from scipy import sparse


class Demonstrated:
    """For targets (k rows over n cells, plus a ``fixed`` (k,) rest) of a table ``base`` (n,): the values that some table gives.

    Values 0 … ``highest`` are noted one by one, and beyond that the lowest and the highest that have been seen.
    """

    def __init__(
        self,
        rows: sparse.csr_array,
        *,
        fixed: np.ndarray,
        base: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        highest: int,
    ) -> None:
        self._by_cell = sparse.csc_array(rows)
        self._base, self._lower, self._upper = base, lower, upper
        self.values = rows @ base + fixed
        self.highest = highest
        self.seen = np.zeros((rows.shape[0], highest + 1), dtype=bool)
        self.seen_negative = np.zeros((rows.shape[0], highest + 1), dtype=bool)
        self.least = self.values.copy()
        self.most = self.values.copy()
        self._note(np.arange(rows.shape[0]), self.values)

    def credit(self, steps: np.ndarray) -> None:
        """Note what whole steps (n,) from the base show, once and as many times as the bounds allow, both ways."""
        moved = np.flatnonzero(steps)
        if not len(moved):
            return
        columns = self._by_cell[:, moved]
        change = columns @ steps[moved]
        touched = np.flatnonzero(change)
        step = steps[moved] // np.gcd.reduce(steps[moved])
        unit = change[touched] // np.gcd.reduce(steps[moved])
        first, last = self._times(moved, step)
        for times in range(max(first, -self.highest), min(last, self.highest) + 1):
            self._note(touched, self.values[touched] + times * unit)
        self._note(touched, self.values[touched] + change[touched])

    def _times(self, moved: np.ndarray, step: np.ndarray) -> tuple[int, int]:
        room_up, room_down = self._upper[moved] - self._base[moved], self._base[moved] - self._lower[moved]
        size = np.abs(step)
        forward = np.where(step > 0, room_up, room_down) // size
        backward = np.where(step > 0, room_down, room_up) // size
        return -int(backward.min()), int(forward.min())

    def _note(self, targets: np.ndarray, values: np.ndarray) -> None:
        inside = (values >= 0) & (values <= self.highest)
        self.seen[targets[inside], values[inside]] = True
        inside = (values <= 0) & (values >= -self.highest)
        self.seen_negative[targets[inside], -values[inside]] = True
        self.least[targets] = np.minimum(self.least[targets], values)
        self.most[targets] = np.maximum(self.most[targets], values)
