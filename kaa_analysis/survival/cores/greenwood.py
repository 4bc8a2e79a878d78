"""The Greenwood-type variance of cumulative incidences, with delayed entry and ties."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.step_function import held_values
from kaa_analysis.survival.cores.weighted_spells import WeightedSpells


def greenwood_variances(spells: WeightedSpells, *, survival_before: NDArray, cif: NDArray) -> NDArray:
    """Return the variance of ``cif``, both of shape (K, T); ``survival_before`` has shape (T,).

    The exits of each time are multinomial, given those at risk. With ``D = F(t) − F(s)`` the variance is
    ``Σ_{s ≤ t} [ΔF (S(s−) − ΔF) / Y + D² (1/R − 1/Y) − 2 D ΔF / Y]``, where R = Y − d stay; multiplied out, it needs sums to each time.
    As *D* is a difference, the incidence is counted from its last value. Where all at risk leave nothing moves any more.
    """
    n_at_risk, n_any = spells.n_at_risk, spells.n_event.sum(axis=0)
    n_left = n_at_risk - n_any
    inverse_left = np.divide(1.0, n_left, out=np.zeros(len(n_left)), where=(n_left > 0) & (survival_before > 0))
    of_staying = np.where(inverse_left > 0, n_any / n_at_risk * inverse_left, 0.0)
    step = np.diff(cif, prepend=0.0, axis=1)
    ahead = cif - cif[:, -1:]
    own = np.cumsum(step * (survival_before - step) / n_at_risk, axis=1)
    onward = (
        ahead**2 * np.cumsum(of_staying)
        - 2 * ahead * np.cumsum(ahead * of_staying, axis=1)
        + np.cumsum(ahead**2 * of_staying, axis=1)
    )
    crossed = ahead * np.cumsum(step / n_at_risk, axis=1) - np.cumsum(ahead * step / n_at_risk, axis=1)
    moves = (n_any > 0) & (cif > 0)
    return np.maximum(held_values(own + onward - 2 * crossed, moves=moves), 0)
