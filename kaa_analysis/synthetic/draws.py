"""Seeded draws. Only the uniform stream is used, so the same seed gives the same persons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TypeVar

import numpy as np

Option = TypeVar("Option")


class Draws:
    """A stream of draws of its own for every combination of ``keys``: one person's luck never moves another's.

    >>> Draws(1, 2).whole(1, 6) == Draws(1, 2).whole(1, 6)
    True
    """

    def __init__(self, *keys: int) -> None:
        self._uniform = np.random.default_rng(keys).random

    def number(self) -> float:
        """Return a number in [0, 1)."""
        return float(self._uniform())

    def chance(self, share: float) -> bool:
        """Return true with probability ``share``."""
        return self._uniform() < share

    def whole(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``, both included."""
        return low + int(self._uniform() * (high - low + 1))

    def pick(self, weights: Mapping[Option, float]) -> Option:
        """Return a key with probability proportional to its weight."""
        left = self._uniform() * sum(weights.values())
        for option, weight in weights.items():
            left -= weight
            if left < 0:
                return option
        return next(reversed(list(weights)))

    def day(self, first: date, last: date) -> date:
        """Return a day from ``first`` to ``last``, both included."""
        return first + timedelta(days=self.whole(0, (last - first).days))
