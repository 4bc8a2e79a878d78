"""How far the scores of treated and untreated cover each other: quantiles per group, and how many have nobody like them on the other side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.propensity_score import PropensityScore

PROBABILITIES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
"""The quantiles told where none are named; the outermost are single persons' scores, which never leave the secure room."""


@dataclass(frozen=True, eq=False)
class ScoreOverlap:
    """The ``quantiles`` (2, q) of the score at ``probabilities`` (q,), the treated first.

    ``n_outside`` (2,) are the treated whose score lies outside the range of the untreated's, and the untreated outside that of the treated's.
    """

    probabilities: tuple[float, ...]
    quantiles: NDArray[np.float64]
    n_outside: NDArray[np.intp]


def score_overlap(score: PropensityScore, *, probabilities: Sequence[float] = PROBABILITIES) -> ScoreOverlap:
    """Return the overlap of the scores of the two groups; a quantile is the smallest score that so large a share of the group does not exceed.

    >>> from kaa_analysis.evaluation.cores.propensity_score import propensity_score
    >>> score = propensity_score([[0], [1], [2], [3], [1], [2], [4]], [0, 0, 0, 0, 1, 1, 1])
    >>> score_overlap(score, probabilities=[0.5]).n_outside.tolist()
    [1, 1]

    Raises:
        DefinitionError: a probability does not lie in 0 … 1.
    """
    asked = np.asarray(probabilities, dtype=float)
    if not ((asked >= 0) & (asked <= 1)).all():
        raise DefinitionError("Kvantiler ska ligga mellan 0 och 1.", found=str(asked.tolist()))
    arms = score.score[score.treated], score.score[~score.treated]
    return ScoreOverlap(
        probabilities=tuple(asked.tolist()),
        quantiles=np.array([np.quantile(arm, asked, method="inverted_cdf") for arm in arms]),
        n_outside=np.array([_n_outside(*arms), _n_outside(*arms[::-1])]),
    )


def _n_outside(scores: NDArray, others: NDArray) -> int:
    return int(((scores < others.min()) | (scores > others.max())).sum())
