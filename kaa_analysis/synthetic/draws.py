"""Addressable luck: every draw is a function of seed, question, person and turn, and of nothing else.

No stream is shared, so nobody's luck moves another's: not the number of persons, not the chunk they stand in, and not what happened to them before.
The same persons live on with the same luck under another law, another support, another world (common random numbers).
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from kaa_analysis.core.errors import DefinitionError

Numbers = NDArray[np.int64]
Shares = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.str_]
Days = NDArray[np.datetime64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


class Draws:
    """Draws for ``persons`` (their numbers, shape (n,)) at a ``turn`` (a number, or one per person): a name per question asked.

    >>> few, many = Draws(1, [7]), Draws(1, [3, 7])
    >>> bool(few.uniform("sex")[0] == many.uniform("sex")[1])
    True
    >>> Draws(1, [1, 2, 3]).pick("sex", {"K": 0.5, "M": 0.5}).tolist()
    ['M', 'M', 'K']
    """

    def __init__(self, seed: int, persons: ArrayLike, *, turn: ArrayLike = 0) -> None:
        self.seed = seed
        self.persons = np.asarray(persons, dtype=np.int64)
        self.turn = np.broadcast_to(np.asarray(turn, dtype=np.int64), self.persons.shape)
        self._place = _mixed(_mixed(self.persons.astype(np.uint64) * _GOLDEN) + self.turn.astype(np.uint64) * _FIRST)

    def of(self, rows: ArrayLike, *, turn: ArrayLike | None = None) -> Draws:
        """Return the draws of some rows (places or flags), at another ``turn`` if one is given."""
        chosen = np.asarray(rows)
        return Draws(self.seed, self.persons[chosen], turn=self.turn[chosen] if turn is None else turn)

    def at(self, turn: ArrayLike) -> Draws:
        """Return the draws of the same persons at another turn."""
        return Draws(self.seed, self.persons, turn=turn)

    def uniform(self, name: str) -> Shares:
        """Return numbers in [0, 1)."""
        return (_mixed(self._place ^ _name_key(self.seed, name)) >> np.uint64(11)) * _UNIT

    def chance(self, name: str, share: ArrayLike) -> Flags:
        """Return true with probability ``share``."""
        return self.uniform(name) < share

    def whole(self, name: str, low: ArrayLike, high: ArrayLike) -> Numbers:
        """Return whole numbers from ``low`` to ``high``, both included."""
        width = np.asarray(high, dtype=np.int64) - low + 1
        return low + (self.uniform(name) * width).astype(np.int64)

    def day(self, name: str, first: Days, last: Days) -> Days:
        """Return days from ``first`` to ``last``, both included."""
        width = (np.asarray(last) - first).astype(np.int64) + 1
        return first + (self.uniform(name) * width).astype("timedelta64[D]")

    def normal(self, name: str) -> Shares:
        """Return standard normal numbers."""
        return ndtri(self.uniform(name) + _UNIT / 2)

    def pick(self, name: str, weights: Mapping[str, ArrayLike]) -> Codes:
        """Return keys of ``weights`` with probability proportional to their weight: a number, or one per person.

        Raises:
            DefinitionError: a weight is negative, or none is above zero.
        """
        return np.array(list(weights))[self.place(name, list(weights.values()))]

    def place(self, name: str, weights: list[ArrayLike]) -> Numbers:
        """Return the places of the weights drawn, the first being 0.

        Raises:
            DefinitionError: a weight is negative, or none is above zero.
        """
        if any(np.any(np.asarray(weight) < 0) for weight in weights):
            raise DefinitionError(f'Vikterna för "{name}" får inte vara negativa.')
        upper = np.cumsum(np.broadcast_arrays(*map(np.asarray, weights)), axis=0)
        if not len(weights) or not np.all(upper[-1] > 0):
            raise DefinitionError(f'Någon vikt för "{name}" måste vara större än noll.')
        target = self.uniform(name) * upper[-1]
        if upper.ndim == 1:
            return np.minimum(np.searchsorted(upper, target, side="right"), len(weights) - 1)
        return np.minimum((upper <= target).sum(axis=0), len(weights) - 1)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the numbers stirred (the finaliser of SplitMix64: Steele, Lea, Flood 2014)."""
    with np.errstate(over="ignore"):
        stirred = numbers + _GOLDEN
        stirred = (stirred ^ (stirred >> np.uint64(30))) * _FIRST
        stirred = (stirred ^ (stirred >> np.uint64(27))) * _SECOND
        return stirred ^ (stirred >> np.uint64(31))


def _name_key(seed: int, name: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(f"{seed}:{name}".encode(), digest_size=8).digest(), "big"))
