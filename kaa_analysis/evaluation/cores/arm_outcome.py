"""The outcome as estimators of an effect take it: a known number per row, or one that rests on a model of who is lost from sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.two_groups import numbers


class EstimatedOutcome(Protocol):
    """An outcome whose ``value`` (n,) was made with a nuisance model fitted within the groups of ``treated`` (n,).

    ``is_share`` says that its mean is the share to which something happened.
    """

    value: NDArray[np.float64]
    treated: NDArray[np.bool_]
    is_share: bool

    def carried(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what each row moves an estimate by through that model, shape (n,); ``slope`` (n,) is the estimate's derivative by each value."""


@dataclass(frozen=True, eq=False)
class KnownOutcome:
    """An outcome that was observed: nothing is carried by a model."""

    value: NDArray[np.float64]
    treated: NDArray[np.bool_]
    is_share: bool

    def carried(self, slope: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 0 for every row."""
        return np.zeros(len(slope))


def arm_outcome(outcome: ArrayLike | EstimatedOutcome, treated: NDArray[np.bool_]) -> EstimatedOutcome:
    """Return ``outcome``, one per row of ``treated`` (n,), numbers being a known outcome.

    >>> arm_outcome([1, 0], np.array([True, False])).value.tolist()
    [1.0, 0.0]

    Raises:
        DefinitionError: an outcome is missing or no number, all rows have the same, or it was made for other treated rows than these.
    """
    if not hasattr(outcome, "carried"):
        values = numbers(outcome, n_rows=len(treated), name="utfallet")
        outcome = KnownOutcome(values, treated, is_share=bool(np.isin(values, (0, 1)).all()))
    if outcome.value.shape != treated.shape or not np.array_equal(outcome.treated, treated):
        raise DefinitionError(
            "Utfallet ska gälla samma behandlade och obehandlade rader som poängen.",
            found=f"{outcome.value.size} utfall, {treated.size} rader",
        )
    if np.ptp(outcome.value) == 0:
        raise DefinitionError("Utfallet ska variera.", found=f"samma värde på alla {treated.size} rader")
    return outcome
