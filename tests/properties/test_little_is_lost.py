"""Little is lost: what is hidden on small tables against the least that an integer program finds to be safe."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from kaa_analysis.disclosure.hiding.cell_system import CellSystem, cell_system
from kaa_analysis.disclosure.hiding.secondary import hidden_cells
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from tests.properties.test_protection import table

THRESHOLD = 5
FAR = 1000
"""Above every count that a table of these needs in order to have an unsafe value elsewhere."""
MOST = 1.15
"""How many times the optimum may be hidden, in all tables together."""


def system_of(counts: np.ndarray) -> CellSystem:
    """The cells of a table with its totals, zeros left out: they are shown."""
    whole = cell_system(
        [table("t", counts, ["sex", "age", "kind"][: counts.ndim])], policy=Policy(), ledger=Ledger.empty()
    )
    return whole.part(np.flatnonzero(~whole.fixed))


def fits(system: CellSystem, hidden: np.ndarray, *, cell: int, value: int) -> bool:
    """Whether some whole table has ``value`` at ``cell`` and agrees with every cell that is not hidden."""
    lower, upper = np.where(hidden, system.lowest, system.values), np.where(hidden, FAR, system.values)
    lower[cell] = upper[cell] = value
    equations = [LinearConstraint(system.matrix, 0, 0)] if system.matrix.shape[0] else []
    answer = milp(
        np.zeros(len(lower)), integrality=np.ones(len(lower)), bounds=Bounds(lower, upper), constraints=equations
    )
    assert answer.status in (0, 2)
    return answer.status == 0


def demands(system: CellSystem) -> Iterator[tuple[int, int]]:
    """Every value that each unsafe cell must be able to have: from the lowest that fits the zeros."""
    everything = np.ones(len(system.ids), dtype=bool)
    for cell in np.flatnonzero(system.unsafe).tolist():
        lowest = next(value for value in range(1, THRESHOLD) if fits(system, everything, cell=cell, value=value))
        yield from ((cell, value) for value in range(lowest, lowest + THRESHOLD - 1))


def loss(system: CellSystem, hidden: np.ndarray) -> float:
    """What is lost for readers by printed cells that are hidden for the sake of others: totals are dear, single cells cheap."""
    return float(system.weights[hidden & ~system.unsafe & ~system.latent].sum())


def least_loss(system: CellSystem) -> float:
    """The least loss with which every demand can be met.

    A set of shown cells that rules out a demand must lose one of its cells. The cheapest choice that hits all such sets found so
    far is tried, until it meets every demand.
    """
    wanted, blocking = list(demands(system)), []
    while True:
        hidden = system.unsafe | system.latent | chosen(system, blocking)
        missed = [demand for demand in wanted if not fits(system, hidden, cell=demand[0], value=demand[1])]
        if not missed:
            return loss(system, hidden)
        blocking += [smallest_blocking(system, hidden, demand) for demand in missed[:3]]


def chosen(system: CellSystem, blocking: list[np.ndarray]) -> np.ndarray:
    """The safe cells of least loss that hit every blocking set."""
    if not blocking:
        return np.zeros(len(system.ids), dtype=bool)
    answer = milp(
        system.weights,
        integrality=np.ones(len(system.ids)),
        bounds=Bounds(0, (~system.unsafe & ~system.latent).astype(float)),
        constraints=[LinearConstraint(np.array(blocking, dtype=float), 1, np.inf)],
    )
    assert answer.status == 0
    return answer.x > 0.5


def smallest_blocking(system: CellSystem, hidden: np.ndarray, demand: tuple[int, int]) -> np.ndarray:
    """Shown cells that rule out a demand by themselves: one by one is hidden as long as it still is ruled out."""
    hidden = hidden.copy()
    for cell in np.flatnonzero(~hidden):
        hidden[cell] = True
        hidden[cell] = not fits(system, hidden, cell=demand[0], value=demand[1])
    return ~hidden


@pytest.mark.parametrize(("shape", "n_tables"), [((4,), 12), ((3, 4), 12), ((2, 3, 2), 6)], ids=str)
def test_no_more_is_lost_on_small_tables_than_a_seventh_above_the_optimum(
    shape: tuple[int, ...], n_tables: int
) -> None:
    ours = optimum = 0.0
    for seed in range(n_tables):
        generator = np.random.default_rng(seed)
        system = system_of(generator.poisson(7, shape) * generator.integers(0, 3, shape))
        hidden = hidden_cells(system, width=THRESHOLD - 1)
        ours += loss(system, hidden)
        optimum += least_loss(system)
    assert optimum > 0
    assert optimum - 1e-6 <= ours <= MOST * optimum, (ours, optimum)
