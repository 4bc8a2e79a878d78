"""Arithmetic on half-open day intervals ``[start, end)`` by person: union, intersection, difference.

Every frame has the columns person_id, start, end (datetime64, both known). All three operations are one sweep: intervals become
steps up and down, steps on the same day are added, and the running depth says which days are kept. Since the steps of a person
add up to zero, one running sum serves all persons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

DAWN = pd.Timestamp("1900-01-01")
"""Stands for "always": before any day that is asked about."""

FOREVER = pd.Timestamp("2200-01-01")
"""Stands for "still running": after any day that is asked about."""

COLUMNS = ["person_id", "start", "end"]


def intervals(person_id: pd.Series, start: pd.Series | pd.Timestamp, end: pd.Series | pd.Timestamp) -> pd.DataFrame:
    """Return intervals where a missing start is `DAWN` and a missing end `FOREVER`; empty ones are left out.

    >>> intervals(pd.Series(["a", "a"]), pd.to_datetime(pd.Series(["2024-01-01", "2024-02-01"])), pd.Timestamp("2024-02-01"))
      person_id      start        end
    0         a 2024-01-01 2024-02-01
    """
    frame = pd.DataFrame({"person_id": person_id, "start": start, "end": end})
    frame["start"] = pd.to_datetime(frame["start"]).fillna(DAWN).astype("datetime64[us]")
    frame["end"] = pd.to_datetime(frame["end"]).fillna(FOREVER).astype("datetime64[us]")
    return frame[frame["start"] < frame["end"]].reset_index(drop=True)


def union(*layers: pd.DataFrame) -> pd.DataFrame:
    """Return the days covered by at least one interval, as the fewest intervals.

    >>> days = pd.to_datetime(pd.Series(["2024-01-01", "2024-01-03"]))
    >>> union(intervals(pd.Series(["a", "a"]), days, days + pd.Timedelta(days=2)))
      person_id      start        end
    0         a 2024-01-01 2024-01-05
    """
    if len(layers) == 1 and _are_apart(layers[0]):
        return layers[0][COLUMNS].reset_index(drop=True)
    return _sweep(layers, weights=[1] * len(layers), least=1)


def intersection(*layers: pd.DataFrame) -> pd.DataFrame:
    """Return the days covered by every layer. Intervals inside a layer may overlap."""
    apart = [union(layer) for layer in layers]
    return _sweep(apart, weights=[1] * len(apart), least=len(apart))


def difference(kept: pd.DataFrame, removed: pd.DataFrame) -> pd.DataFrame:
    """Return the days covered by ``kept`` and not by ``removed``."""
    return _sweep([union(kept), union(removed)], weights=[1, -1], least=1)


def clip(frame: pd.DataFrame, *, start: pd.Timestamp = DAWN, end: pd.Timestamp = FOREVER) -> pd.DataFrame:
    """Return the parts of the intervals inside ``[start, end)``."""
    return intervals(frame["person_id"], frame["start"].clip(lower=start), frame["end"].clip(upper=end))


def _are_apart(layer: pd.DataFrame) -> bool:
    """Return whether numbered persons stand in order, and the intervals of each in order with days between: then nothing melts."""
    person = layer["person_id"].to_numpy()
    if person.dtype.kind != "i" or layer.empty:
        return False
    gap = layer["start"].to_numpy()[1:] > layer["end"].to_numpy()[:-1]
    return bool(((person[1:] > person[:-1]) | ((person[1:] == person[:-1]) & gap)).all())


def _sweep(layers: Sequence[pd.DataFrame], *, weights: Sequence[int], least: int) -> pd.DataFrame:
    """Return the days on which the weighted number (1 or -1 each) of intervals is at least ``least``, in order of start and end."""
    everything = pd.concat([layer[COLUMNS] for layer in layers], ignore_index=True)
    if everything.empty:
        return everything.astype({"start": "datetime64[us]", "end": "datetime64[us]"})
    person, persons = pd.factorize(everything["person_id"])
    weight = np.repeat(np.asarray(weights), [len(layer) for layer in layers])
    who, day, depth = _depth(person, everything["start"], everything["end"], weight)
    inside = depth >= least
    before = np.concatenate(([False], inside[:-1]))
    starts, ends = inside & ~before, ~inside & before
    found = pd.DataFrame({"person_id": persons.take(who[starts]), "start": day[starts], "end": day[ends]})
    return found.astype({"person_id": everything["person_id"].dtype})


def _depth(
    person: np.ndarray, start: pd.Series, end: pd.Series, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return person, day and depth from that day on, one entry per person and day on which the depth changes.

    Person, day and direction of every step are one number, so that sorting numbers puts the steps in order; the
    stable sort merges what stands in order already, as each layer's starts and ends mostly do.
    """
    day = np.concatenate((start.to_numpy("datetime64[D]"), end.to_numpy("datetime64[D]"))).astype(np.int64)
    first_day = day.min()
    n_days = day.max() - first_day + 1
    moment = np.concatenate((person, person)) * n_days + (day - first_day)
    steps = np.sort(2 * moment + (np.concatenate((weight, -weight)) > 0), kind="stable")
    moment, up = steps >> 1, steps & 1
    first = np.concatenate(([True], moment[1:] != moment[:-1]))
    net = np.add.reduceat(2 * up - 1, np.flatnonzero(first))
    changes = net != 0
    who, day = np.divmod(moment[first][changes], n_days)
    return who, (day + first_day).astype("datetime64[D]").astype("datetime64[us]"), np.cumsum(net[changes])
