"""Spells for the survival benchmark: whole days, some entering late, three ways out, covariates that matter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

N_CAUSES = 3
SHARE_LATE = 0.1
DAYS = 1095
MEAN_DAYS = 400
SLOPES = (0.3, -0.2, 0.25, -0.4, 0.5)
"""Log hazard ratios of two continuous covariates and three that are 0 or 1."""
SHARES = (0.5, 0.3, 0.1)
SEED = 2026


@dataclass(frozen=True, eq=False)
class SimulatedSpells:
    """``n`` spells: ``entry``, ``exit`` (days) and ``cause`` (0 = censored) of shape (n,), ``covariates`` (n, 5)."""

    entry: NDArray[np.int64]
    exit: NDArray[np.int64]
    cause: NDArray[np.int64]
    covariates: NDArray[np.float64]


def write_spells(n: int, *, folder: Path) -> None:
    """Write ``n`` spells to ``folder``, column by column as doubles, as R reads them too."""
    rng = np.random.default_rng(SEED)
    covariates = np.column_stack([rng.standard_normal((n, 2)), rng.random((n, 3)) < SHARES])
    end = 1 + rng.exponential(MEAN_DAYS / np.exp(covariates @ SLOPES)).astype(np.int64)
    observed_to = rng.integers(1, DAYS, n)
    exit_ = np.minimum(end, observed_to)
    cause = np.where(end <= observed_to, rng.choice(N_CAUSES, n, p=(0.6, 0.3, 0.1)) + 1, 0)
    entry = np.where(rng.random(n) < SHARE_LATE, rng.integers(0, exit_), 0)
    np.column_stack([entry, exit_, cause, covariates]).T.tofile(folder / "rows")


def read_spells(folder: Path) -> SimulatedSpells:
    """Return the spells that were written to ``folder``."""
    columns = np.fromfile(folder / "rows").reshape(3 + len(SLOPES), -1)
    entry, exit_, cause = columns[:3].astype(np.int64)
    return SimulatedSpells(entry, exit_, cause, np.column_stack(columns[3:]))
