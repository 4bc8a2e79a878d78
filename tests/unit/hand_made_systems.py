"""Systems of a few cells and relations, written out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from kaa_analysis.disclosure.hiding.cell_system import CellSystem


def system(
    values: Sequence[int],
    *relations: Sequence[int],
    unsafe: Sequence[int] | None = None,
    latent: Sequence[int] = (),
    key: Sequence[int] = (),
    weights: Sequence[float] | None = None,
    lowest: Sequence[int] | None = None,
    rest: Sequence[int] | None = None,
) -> CellSystem:
    """Cells with ``values``, and for each relation the coefficient of every cell; ``unsafe``, ``latent``, ``key`` are positions.

    Counts of 1 to 4 are unsafe, each cell is at least 1 and costs 1, unless told otherwise.
    """
    n = len(values)
    counts = np.array(values, dtype=np.int64)
    return CellSystem(
        ids=tuple(f"{number:02d}" for number in range(n)),
        values=counts,
        lowest=np.ones(n, dtype=np.int64) if lowest is None else np.array(lowest),
        latent=np.isin(np.arange(n), latent),
        fixed=np.zeros(n, dtype=bool),
        key=np.isin(np.arange(n), key),
        unsafe=(counts >= 1) & (counts < 5) if unsafe is None else np.isin(np.arange(n), unsafe),
        rest=np.full(n, -1) if rest is None else np.array(rest),
        weights=np.ones(n) if weights is None else np.array(weights, dtype=float),
        matrix=sparse.csr_array(np.array(relations, dtype=np.int64).reshape(len(relations), n)),
    )


def row(*parts: int, **changes: object) -> CellSystem:
    """A row of parts with its total last, which costs twice a part."""
    signs = [1] * len(parts) + [-1]
    return system([*parts, sum(parts)], signs, **{"weights": [1.0] * len(parts) + [2.0]} | changes)


def beside(one: CellSystem, other: CellSystem) -> CellSystem:
    """Two systems that have no relation with each other, as one."""
    shift = np.where(other.rest >= 0, other.rest + len(one.ids), -1)
    joined = {
        name: np.concatenate([getattr(one, name), getattr(other, name)])
        for name in ("values", "lowest", "latent", "fixed", "key", "unsafe", "weights")
    }
    return replace(
        one,
        ids=tuple(f"{number:02d}" for number in range(len(one.ids) + len(other.ids))),
        rest=np.concatenate([one.rest, shift]),
        matrix=sparse.csr_array(sparse.block_diag([one.matrix, other.matrix])),
        **joined,
    )
