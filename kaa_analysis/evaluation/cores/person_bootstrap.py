"""The bootstrap of persons: how often each is drawn, and the intervals that the replicates give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from kaa_analysis.core.errors import DefinitionError

LEAST_REPLICATES = 50
"""Fewer replicates tell no standard error."""
MOST_FAILED = 0.01
"""A larger share of replicates without an estimate is refused: those that are left are a selection."""


@dataclass(frozen=True, eq=False)
class BootstrapEstimate:
    """An estimate with the standard deviation ``se`` of its ``replicates`` (B,), percentile limits, and normal limits around the value, at ``level``."""

    value: float
    se: float
    lower: float
    upper: float
    normal_lower: float
    normal_upper: float
    level: float
    replicates: NDArray[np.float64] = field(repr=False)


def person_draws(n_persons: int, *, n_replicates: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield, replicate by replicate, how often each of ``n_persons`` is drawn, shape (n_persons,): multinomial, the sum being ``n_persons``.

    >>> [int(drawn.sum()) for drawn in person_draws(5, n_replicates=50, seed=1)][:2]
    [5, 5]

    Raises:
        DefinitionError: there are fewer than two persons or fewer than 50 replicates, or no seed.
    """
    if n_persons < 2:
        raise DefinitionError("Ett omdrag av personer behöver minst två.", found=f"personer: {n_persons}")
    if n_replicates < LEAST_REPLICATES:
        raise DefinitionError(f"Det ska vara minst {LEAST_REPLICATES} omdrag.", found=str(n_replicates))
    if not isinstance(seed, int | np.integer):
        raise DefinitionError("Omdragen ska ha ett frö, så att de kan göras om.", found="annat än ett heltal")
    rng = np.random.default_rng(seed)
    for _ in range(n_replicates):
        yield np.bincount(rng.integers(n_persons, size=n_persons), minlength=n_persons).astype(float)


def bootstrap_estimate(value: float, replicates: ArrayLike, *, level: float = 0.95) -> BootstrapEstimate:
    """Return the estimate with the intervals that its replicates (B,) give.

    >>> found = bootstrap_estimate(0.5, np.linspace(0, 1, 101), level=0.9)
    >>> round(found.lower, 3), round(found.upper, 3)
    (0.05, 0.95)

    Raises:
        DefinitionError: the level does not lie between 0 and 1, or more than one in a hundred replicates is NaN.
    """
    if not 0 < level < 1:
        raise DefinitionError("Konfidensnivån ska ligga mellan 0 och 1.", found=f"{level:g}")
    drawn = np.asarray(replicates, dtype=float)
    known = drawn[np.isfinite(drawn)]
    n_failed = len(drawn) - len(known)
    if n_failed > MOST_FAILED * len(drawn):
        raise DefinitionError(
            "Nästan varje omdrag ska ge en skattning.",
            found=f"omdrag utan: {n_failed} av {len(drawn)}",
            action="för få börjar, eller för få följs till horisonten: välj en kortare horisont, en längre frist eller färre kovariater",
        )
    lower, upper = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    se = float(known.std(ddof=1))
    half_width = float(ndtri((1 + level) / 2)) * se
    return BootstrapEstimate(
        value=float(value),
        se=se,
        lower=float(lower),
        upper=float(upper),
        normal_lower=float(value) - half_width,
        normal_upper=float(value) + half_width,
        level=level,
        replicates=drawn,
    )
