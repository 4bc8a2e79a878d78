"""The pairs of stratum and event time of a regression, and the run of them at which each row is at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.survival.cores.time_grid import time_grid


@dataclass(frozen=True, eq=False, repr=False)
class EventSlots:
    """The ``G`` distinct pairs of stratum and event time of ``n`` rows: strata outermost, times in order within each.

    ``times``, ``strata`` and ``n_events`` have shape (G,). A row is at risk at the slots from ``first`` up to but not including
    ``past``, both (n,); who is at risk at none has 0 in both. ``events`` holds the rows that end with an event, ``own`` their slots,
    and ``later`` the rows that are not at risk from the very first slot on.
    """

    times: NDArray
    strata: NDArray[np.intp]
    n_events: NDArray[np.intp]
    first: NDArray[np.intp]
    past: NDArray[np.intp]
    events: NDArray[np.intp]
    own: NDArray[np.intp]
    later: NDArray[np.intp]

    def event_sums(self, values: NDArray) -> NDArray:
        """Return the sum of ``values`` (n,) over the events of each slot, shape (G,)."""
        return np.bincount(self.own, weights=values[self.events], minlength=len(self.times))

    def at_risk_sums(self, values: NDArray) -> NDArray:
        """Return the sum of ``values`` (n,) over the rows at risk at each slot, shape (G,).

        Summed from the last slot backwards, those who have not yet entered subtracted.
        """
        n_slots = len(self.times)
        leaving = np.bincount(self.past, weights=values, minlength=n_slots + 1)[1:]
        if len(self.later):
            leaving -= np.bincount(self.first[self.later], weights=values[self.later], minlength=n_slots + 1)[1:]
        return np.cumsum(leaving[::-1])[::-1]

    def summed_while_at_risk(self, steps: NDArray) -> NDArray:
        """Return the sum of ``steps`` (G,) or (G, p) over the slots at which each row is at risk, shape (n,) or (n, p)."""
        summed = np.concatenate([np.zeros((1, *steps.shape[1:])), np.cumsum(steps, axis=0)])
        return summed[self.past] - summed[self.first]


def event_slots(entry: ArrayLike, exit: ArrayLike, event: NDArray[np.bool_], *, strata: NDArray[np.intp]) -> EventSlots:
    """Place rows on the slots of their stratum's event times.

    ``entry``, ``exit``, ``event`` and ``strata`` (codes from 0) have shape (n,). The risk interval is (entry, exit], and who enters at 0
    is at risk at 0.

    Raises:
        DefinitionError: the times are none that `time_grid` takes.
    """
    grid = time_grid(entry, exit)
    start = strata * len(grid.times)
    slots, n_events = np.unique((start + grid.last)[event], return_counts=True)
    first = np.searchsorted(slots, start + grid.first)
    past = np.searchsorted(slots, start + grid.last, side="right")
    never = first == past
    first[never] = past[never] = 0
    events = np.flatnonzero(event)
    slot_strata, slot_times = np.divmod(slots, max(len(grid.times), 1))
    return EventSlots(
        times=grid.times[slot_times],
        strata=slot_strata,
        n_events=n_events,
        first=first,
        past=past,
        events=events,
        own=past[events] - 1,
        later=np.flatnonzero(first),
    )
