"""The evidence by which it is decided whether a mean time within a horizon can be shown: what the persons contribute to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED
from kaa_analysis.core.result import Evidence

EVIDENCE = (
    Evidence("largest", "Största bidrag"),
    Evidence("second", "Näst största bidrag"),
    Evidence("total", "Summan av alla bidrag"),
)
"""The columns of a mean's evidence, in the order of `EVIDENCE_OF`."""
EVIDENCE_20 = (
    Evidence("largest_20", "Största bidrag, före 20"),
    Evidence("second_20", "Näst största bidrag, före 20"),
    Evidence("total_20", "Summan av alla bidrag, före 20"),
)
"""Those of a mean of the time before 20."""


@dataclass(frozen=True)
class Contributions:
    """The largest contribution of a person, the second largest and the sum of all."""

    largest: float
    second: float
    total: float

    @property
    def rest(self) -> float:
        """What the others contribute, as a part of the largest; nothing tells less than nothing but zeros."""
        return (self.total - self.largest - self.second) / self.largest if self.largest > 0 else -inf


def contributions(times: pd.DataFrame, *, ways: list[str], horizon: float) -> Contributions:
    """Return what the persons under observation within ``horizon`` contribute to the mean time after leaving by one of ``ways``.

    A spell's time lost is what is left to the horizon when it leaves by one of the ways, 0 otherwise; its time kept is the rest of the horizon
    or, where it is censored before, the time until then. The time lost tells the time kept: a person may stand out in either, so that the one counts
    in which the two largest weigh more. Several spells of a person are added up.

    >>> spells = pd.DataFrame({"person_id": list("abc"), "entry_time": 0, "exit_time": [2, 8, 9], "way_out": ["studies", "studies", "censored"]})
    >>> contributions(spells, ways=["studies"], horizon=10)
    Contributions(largest=8.0, second=2.0, total=10.0)
    """
    seen = times[times["entry_time"] <= horizon]
    lost = (horizon - seen["exit_time"]).clip(lower=0).where(seen["way_out"].isin(ways), 0)
    unknown = (seen["way_out"] == CENSORED) & (seen["exit_time"] < horizon)
    kept = (horizon - lost).where(~unknown, seen["exit_time"])
    found = [_of_persons(each.groupby(seen["person_id"], sort=False).sum()) for each in (lost, kept)]
    return min(found, key=lambda each: each.rest)


def _of_persons(times: pd.Series) -> Contributions:
    largest, second, *_ = [*times.sort_values(ascending=False).head(2), 0.0, 0.0]
    return Contributions(float(largest), float(second), float(times.sum()))
