"""Values for cells that the release does not print, so that every relation holds."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.linear_program import WHOLE_TOLERANCE, LinearProgram

FARTHEST = 100.0
"""How far above a value that fits others are looked for."""
SEED = 0
IN_VAIN = 3
"""Directions in which nothing new moves before each cell is asked about by itself."""


def complete(
    matrix: sparse.csr_array, *, values: np.ndarray, latent: np.ndarray, lowest: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return values in which every relation holds, and which of them are certain.

    ``matrix`` (m, n) of whole coefficients; ``values`` (n,) with anything where ``latent`` (n,), but not below ``lowest`` (n,). A latent
    cell is certain if the printed cells leave it one value: then a reader can work it out, and it is protected like a printed one.

    Raises:
        DisclosureError: no whole numbers fit.
    """
    values, certain = values.copy(), ~latent
    _propagate(matrix, values, certain, lowest)
    if not certain.all():
        _solve(matrix, values, certain, lowest)
    if (matrix @ values).any():
        raise _inconsistent()
    return values, certain


def _solve(matrix: sparse.csr_array, values: np.ndarray, certain: np.ndarray, lowest: np.ndarray) -> None:
    """Give, in place, the cells that are still open some whole values that fit, and mark those that have no other."""
    rows = np.flatnonzero((matrix[:, ~certain] != 0).sum(axis=1))
    open_cells = np.flatnonzero(~certain)
    values[open_cells] = lowest[open_cells]
    right_side = -(matrix[rows] @ values)
    among = sparse.csr_array(matrix[rows][:, open_cells])
    program = LinearProgram(among, right_side=right_side, costs=np.ones(len(open_cells)))
    solution = program.solve(whole=True)
    if solution is None:
        raise _inconsistent()
    values[open_cells] += np.rint(solution).astype(np.int64)
    fixed = _fixed(among, right_side=right_side, columns=_unmoved(program, solution))
    certain[open_cells[fixed]] = True


def _fixed(matrix: sparse.csr_array, *, right_side: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return those of the columns that have one value only, asked about in the connected part that each belongs to."""
    by_column = sparse.csc_array(matrix)
    incidence = sparse.csr_array((matrix != 0).astype(np.int64))
    _, labels = connected_components(incidence.T @ incidence, directed=False)
    fixed: list[int] = []
    for label in np.unique(labels[columns]):
        part = np.flatnonzero(labels == label)
        cells = by_column[:, part]
        rows = np.unique(cells.indices)
        program = LinearProgram(sparse.csr_array(cells[rows]), right_side=right_side[rows], costs=np.ones(len(part)))
        asked = columns[labels[columns] == label]
        fixed += [column for column in asked.tolist() if program.is_fixed(int(np.searchsorted(part, column)))]
    return np.array(fixed, dtype=np.int64)


def _unmoved(program: LinearProgram, solution: np.ndarray) -> np.ndarray:
    """Return the columns that have one value in many tables that fit: only they can be certain.

    Each table is the farthest in a direction of its own, no cell farther than `FARTHEST` above ``solution`` (n,).
    """
    columns = np.arange(len(solution))
    program.bound(columns, lower=np.zeros(len(columns)), upper=solution + FARTHEST)
    directions = np.random.default_rng(SEED)
    unmoved, in_vain = columns, 0
    while len(unmoved) and in_vain < IN_VAIN:
        costs = np.zeros(len(columns))
        costs[unmoved] = directions.uniform(-1.0, 1.0, len(unmoved))
        program.cost(costs)
        other = program.solve()
        still = unmoved if other is None else unmoved[np.abs(other - solution)[unmoved] < WHOLE_TOLERANCE]
        in_vain = in_vain + 1 if len(still) == len(unmoved) else 0
        unmoved = still
    program.bound(columns, lower=np.zeros(len(columns)), upper=np.full(len(columns), np.inf))
    return unmoved


def _propagate(matrix: sparse.csr_array, values: np.ndarray, certain: np.ndarray, lowest: np.ndarray) -> None:
    """Work out, in place, every cell that is alone unknown in a relation, again and again."""
    while True:
        alone = np.flatnonzero((matrix[:, ~certain] != 0).sum(axis=1) == 1)
        if not len(alone):
            return
        for row in alone:
            _work_out(matrix, row, values, certain, lowest)


def _work_out(matrix: sparse.csr_array, row: int, values: np.ndarray, certain: np.ndarray, lowest: np.ndarray) -> None:
    span = slice(matrix.indptr[row], matrix.indptr[row + 1])
    columns, coefficients = matrix.indices[span], matrix.data[span]
    unknown = ~certain[columns]
    rest = -int(coefficients[~unknown] @ values[columns[~unknown]])
    if not unknown.any():
        if rest:
            raise _inconsistent()
        return
    quotient, remainder = divmod(rest, int(coefficients[unknown][0]))
    if remainder or quotient < lowest[columns[unknown]]:
        raise _inconsistent()
    values[columns[unknown]] = quotient
    certain[columns[unknown]] = True


def _inconsistent() -> DisclosureError:
    return DisclosureError(
        "Det ska finnas hela tal, inte negativa, för det som tabellerna inte visar så att alla angivna summor stämmer.",
        action="se över de angivna summorna (equations) och de okända antalen",
    )
