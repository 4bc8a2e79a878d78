"""Neighbourhoods of hidden cells are laid anew where that costs readers less."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding import secondary
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.deviations import Deviations
from kaa_analysis.disclosure.hiding.hitting_set import HittingSet
from kaa_analysis.disclosure.hiding.improvement import improve
from kaa_analysis.disclosure.hiding.local_moves import Goal, LocalMoves
from kaa_analysis.disclosure.hiding.witnesses import Witnesses


def system_of(inner: list[list[int]]) -> CellSystem:
    """A table with its totals last, in rows; the total of a row costs twice a cell, the grand total four times."""
    counts = np.array(inner)
    whole = np.vstack([counts, counts.sum(axis=0)]) if len(inner) > 1 else counts
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    place = np.arange(whole.size).reshape(whole.shape)
    lines = [*place, *place.T] if len(inner) > 1 else [*place]
    matrix = np.zeros((len(lines), whole.size), dtype=np.int64)
    for number, line in enumerate(lines):
        matrix[number, line] = [1] * (len(line) - 1) + [-1]
    weights = np.ones(whole.shape)
    weights[:, -1] *= 2
    if len(inner) > 1:
        weights[-1] *= 2
    values = whole.ravel()
    return CellSystem(
        ids=tuple(f"{number:02d}" for number in range(whole.size)),
        values=values,
        lowest=np.ones(whole.size, dtype=np.int64),
        latent=np.zeros(whole.size, dtype=bool),
        fixed=np.zeros(whole.size, dtype=bool),
        key=np.zeros(len(values), dtype=bool),
        unsafe=(values >= 1) & (values < 5),
        rest=np.full(whole.size, -1),
        weights=weights.ravel(),
        matrix=sparse.csr_array(matrix),
    )


def protected_by_the_total() -> tuple[CellSystem, Witnesses, np.ndarray]:
    """A row of 1, 9 and 30 where the total was hidden to protect the 1."""
    system = system_of([[1, 9, 30]])
    witnesses = Witnesses(system, width=4)
    assert witnesses.add(np.array([3, 0, 0, 3]))
    return system, witnesses, np.array([True, False, False, True])


def test_a_cheaper_cell_is_hidden_instead_of_a_total() -> None:
    system, witnesses, hidden = protected_by_the_total()
    assert improve(system, witnesses, hidden, solves=100) > 0
    assert (hidden & ~system.unsafe).tolist() in ([False, True, False, False], [False, False, True, False])
    witnesses.prove(hidden)


def test_nothing_is_laid_anew_without_linear_programs_to_spend() -> None:
    system, witnesses, hidden = protected_by_the_total()
    assert improve(system, witnesses, hidden, solves=0) == 0
    assert hidden.tolist() == [True, False, False, True]


def test_what_is_cheapest_already_stays() -> None:
    system = system_of([[1, 9, 30]])
    witnesses = Witnesses(system, width=4)
    assert witnesses.add(np.array([3, -3, 0, 0]))
    hidden = np.array([True, True, False, False])
    improve(system, witnesses, hidden, solves=100)
    assert hidden.tolist() == [True, True, False, False]


def test_a_pattern_laid_anew_costs_readers_less_and_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {}
    for solves in (0, 2500):
        monkeypatch.setattr(secondary, "SOLVES", solves)
        costs[solves] = 0.0
        for seed in range(6):
            system = system_of(np.random.default_rng(seed).poisson(6, (5, 6)).clip(1).tolist())
            hidden = secondary.hidden_cells(system, width=4)
            costs[solves] += system.weights[hidden & ~system.unsafe].sum()
    assert costs[2500] < costs[0]


def test_the_same_table_is_laid_anew_the_same_way() -> None:
    system = system_of(np.random.default_rng(3).poisson(6, (5, 6)).clip(1).tolist())
    once, twice = (secondary.hidden_cells(system, width=4) for _ in range(2))
    assert once.tolist() == twice.tolist()


def test_one_cell_that_is_in_two_sets_is_chosen_before_two() -> None:
    choice = HittingSet(np.array([1.0, 1.5, 1.0]), most=10.0)
    choice.require_one_of(np.array([0, 1]))
    choice.require_one_of(np.array([1, 2]))
    assert choice.choose().tolist() == [False, True, False]


def test_no_choice_is_made_that_is_too_dear() -> None:
    choice = HittingSet(np.array([1.0, 1.5, 1.0]), most=1.4)
    choice.require_one_of(np.array([0, 1]))
    choice.require_one_of(np.array([1, 2]))
    assert choice.choose() is None


def test_a_candidate_takes_its_company_with_it() -> None:
    choice = HittingSet(np.array([1.0, 1.0, 3.0]), most=10.0)
    choice.require_one_of(np.array([0]))
    choice.require_company(0, np.array([2]))
    assert choice.choose().tolist() == [True, False, True]


def test_a_goal_is_reached_by_what_is_open() -> None:
    moves = LocalMoves(system_of([[1, 9, 30]]), shut=np.array([1, 2, 3]))
    up = (Goal((0,), 3),)
    assert moves.towards(up) is None
    moves.open(np.array([1]))
    assert moves.towards(up).tolist() == [3, -3, 0, 0]


def test_a_cell_with_too_little_room_is_not_in_the_way() -> None:
    """The 2 can give 1, and three are needed: it helps, but not alone."""
    moves = LocalMoves(system_of([[1, 2, 30]]), shut=np.array([1, 2, 3]))
    assert moves.blocking((Goal((0,), 3),), order=np.arange(4)).tolist() == [2, 3]


def test_a_union_reaches_its_goal_as_one() -> None:
    moves = LocalMoves(system_of([[1, 1, 30]]), shut=np.array([2, 3]))
    up = (Goal((0, 1), 3),)
    assert moves.towards(up) is None
    assert moves.blocking(up, order=np.arange(4)).tolist() == [2, 3]
    moves.open(np.array([2]))
    assert moves.towards(up)[[2, 3]].tolist() == [-3, 0]


def test_two_sides_are_reached_together() -> None:
    """Of a group of 31, one is on this side: another one has to change over."""
    moves = LocalMoves(system_of([[1, 30]]), shut=np.array([2]))
    both = (Goal((0,), 1, or_more=True), Goal((1,), -28, or_more=True))
    assert moves.towards(both).tolist() == [1, -1, 0]


def test_a_cell_that_may_not_move_is_not_moved_for_a_goal_on_both_sides() -> None:
    deviations = Deviations(system_of([[1, 9, 30]]), movable=np.array([0, 1, 3]))
    sides = np.array([0, 2])
    assert deviations.to_at_least(sides, by=np.array([1, -28]))[2] == 0
    assert deviations.to_at_least(sides, by=np.array([1, 1])) is None
    deviations.fix(np.array([1]))
    assert deviations.to_at_least(np.array([0, 1]), by=np.array([1, -7])).tolist() == [1, 0, 0, 1]


def test_a_missing_witness_is_noticed() -> None:
    _, witnesses, hidden = protected_by_the_total()
    hidden[3] = False
    with pytest.raises(DisclosureError, match=r"1 celler utan bevis"):
        witnesses.prove(hidden)
