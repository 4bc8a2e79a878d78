"""How cells of a system move together: what a move costs, which cells stay, and what the cells of a neighbourhood can do."""

from __future__ import annotations

import numpy as np
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.deviations import Deviations
from kaa_analysis.disclosure.hiding.linear_program import LinearProgram
from kaa_analysis.disclosure.hiding.local_moves import Goal, LocalMoves
from tests.unit.hand_made_systems import beside, row, system

FIRST = np.array([0])


def sum_of_two(*weights: float, latent: tuple[int, ...] = ()) -> Deviations:
    """A cell of 20 that is the sum of two tens, with the weights of the three."""
    return Deviations(system([20, 10, 10], [1, -1, -1], weights=weights, latent=latent))


def up_by(deviations: Deviations, by: int = 3) -> list[float]:
    """How the other cells move where the first goes up."""
    return deviations.to_sum(FIRST, by=by)[1:].tolist()


# what a move costs


def test_before_any_cell_is_hidden_a_move_costs_its_weight() -> None:
    assert up_by(sum_of_two(1, 1.9, 2)) == [3, 0]
    assert up_by(sum_of_two(1, 2.1, 2)) == [0, 3]


@pytest.mark.parametrize(("weight", "moves"), [(900, [3, 0]), (1100, [0, 3])])
def test_a_hidden_cell_moves_for_a_thousandth_of_its_weight(weight: float, moves: list[int]) -> None:
    deviations = sum_of_two(1, weight, 1)
    deviations.price(np.array([True, True, False]))
    assert up_by(deviations) == moves


@pytest.mark.parametrize(("weight", "moves"), [(2.9, [3, 0, 3]), (3.1, [0, 3, 0])])
def test_a_cell_is_cheaper_the_more_relations_need_one_more_hidden_cell(weight: float, moves: list[int]) -> None:
    """The second cell would be company for two hidden cells, the third for one: a third of its weight against half of two."""
    deviations = Deviations(system([20, 10, 10, 10], [1, -1, -1, 0], [0, 1, 0, -1], weights=[1, weight, 2, 1]))
    deviations.price(np.array([True, False, False, True]))
    assert up_by(deviations) == moves


@pytest.mark.parametrize(
    ("times", "weight", "moves"),
    [(0, 1.1, [3, 0]), (1, 3.9, [0, 3]), (1, 4.1, [3, 0]), (2, 15.9, [0, 3]), (2, 16.1, [3, 0])],
)
def test_a_cell_is_four_times_dearer_each_time_it_is_to_be_avoided(times: int, weight: float, moves: list[int]) -> None:
    deviations = sum_of_two(1, 1, weight)
    deviations.price(np.array([True, False, False]), avoid=np.array([0, times, 0]))
    assert up_by(deviations) == moves


@pytest.mark.parametrize(("weight", "moves"), [(0.9, [0, 3]), (1.1, [3, 0])])
def test_a_latent_cell_costs_as_much_as_a_hidden_cell_of_weight_one(weight: float, moves: list[int]) -> None:
    deviations = sum_of_two(1, 0, weight, latent=(1,))
    deviations.price(np.array([True, True, True]))
    assert up_by(deviations) == moves


def test_prices_are_told_for_all_cells_also_where_some_never_move() -> None:
    cells = system([20, 5, 10, 5], [1, -1, -1, -1], weights=[1, 1, 1, 1.5])
    deviations = Deviations(cells, movable=np.array([0, 2, 3]))
    deviations.price(np.array([True, False, False, False]), avoid=np.array([0, 0, 1, 0]))
    assert up_by(deviations) == [0, 0, 3]


# how far


def test_a_sum_moves_as_one_up_or_down() -> None:
    deviations = Deviations(row(3, 4, 30, weights=[1, 1, 1, 9]))
    for by in (3, -4, -5):
        moved = deviations.to_sum(np.array([0, 1]), by=by)
        assert (moved[:2].sum(), moved[2], moved[3]) == (by, -by, 0)
    assert deviations.to_sum(np.array([0, 1]), by=-6) is None
    assert deviations.to_sum(FIRST, by=40)[:3].tolist() == [40, -3, -29]


def test_halves_are_given_unless_whole_numbers_are_asked_for() -> None:
    twice = Deviations(system([20, 10], [1, -2]))
    assert twice.to_sum(FIRST, by=1).tolist() == [1, 0.5]
    assert twice.to_sum(FIRST, by=1, whole=True) is None
    assert twice.to_sum(FIRST, by=2, whole=True).tolist() == [2, 1]
    assert twice.to_at_least(FIRST, by=np.array([1])).tolist() == [1, 0.5]
    assert twice.to_at_least(FIRST, by=np.array([1]), whole=True).tolist() == [2, 1]


def test_a_union_of_halves_is_whole_where_it_is_asked_for() -> None:
    twice = Deviations(system([20, 20, 20], [1, 1, -2]))
    assert twice.to_sum(np.array([0, 1]), by=1)[2] == 0.5
    assert twice.to_sum(np.array([0, 1]), by=1, whole=True) is None


@pytest.mark.parametrize(("by", "reached"), [(-1, True), (0, True), (1, False)])
def test_a_cell_that_is_fixed_has_moved_far_enough_only_if_it_need_not_rise(by: int, reached: bool) -> None:
    deviations = Deviations(row(3, 9, 30))
    deviations.fix(np.array([1]))
    moved = deviations.to_at_least(np.array([0, 1]), by=np.array([2, by]))
    assert (moved is not None) is reached
    if reached:
        assert moved[:2].tolist() == [2, 0]
    deviations.free(np.array([1]))
    assert deviations.to_at_least(np.array([0, 1]), by=np.array([2, by])) is not None


def test_a_cell_goes_no_farther_down_than_its_side_has_to_spare() -> None:
    """The 9 may lose up to 2, or up to 7; what the 3 gains beyond that is taken from the total."""
    deviations = Deviations(row(3, 9))
    assert deviations.to_at_least(np.array([0, 1]), by=np.array([5, -2])).tolist() == [5, -2, 3]
    assert deviations.to_at_least(np.array([0, 1]), by=np.array([5, -7])).tolist() == [5, -5, 0]


def test_no_cell_goes_below_its_lowest_value_however_much_its_side_has_to_spare() -> None:
    deviations = Deviations(row(3, 4))
    assert deviations.to_at_least(np.array([0, 1]), by=np.array([5, -7])).tolist() == [5, -3, 2]


def test_a_question_leaves_no_bound_behind() -> None:
    deviations = Deviations(row(3, 9))
    assert deviations.to_at_least(np.array([0, 1]), by=np.array([5, -2])).tolist() == [5, -2, 3]
    assert deviations.to_sum(FIRST, by=5).tolist() == [5, -5, 0]
    assert deviations.to_sum(np.array([1]), by=-2).tolist() == [2, -2, 0]


def test_a_step_no_longer_than_the_tolerance_is_none() -> None:
    deviations = Deviations(row(3, 9))
    solution = np.array([1e-6, 2e-6, 0, 0, 0, 1e-6])
    assert deviations._deviation(solution).tolist() == [0, 2e-6, 0]
    assert deviations._deviation(solution[[1, 0, 2, 3, 4, 5]]).tolist() == [2e-6, 0, 0]
    assert deviations._deviation(None) is None


# a neighbourhood


@pytest.mark.parametrize(
    ("goal", "moved", "reached"),
    [
        (Goal((0,), 3), [3, 0], True),
        (Goal((0,), 3), [4, 0], False),
        (Goal((0,), 3), [2, 0], False),
        (Goal((0,), 3, or_more=True), [4, 0], True),
        (Goal((0,), 3, or_more=True), [2, 0], False),
        (Goal((0, 1), 3), [1, 2], True),
        (Goal((0, 1), 3), [3, 1], False),
        (Goal((0,), 0), [9e-7, 0], True),
        (Goal((0,), 0), [-9e-7, 0], True),
        (Goal((0,), 0), [1e-6, 0], False),
        (Goal((0,), 0), [-1e-6, 0], False),
        (Goal((0,), 0, or_more=True), [1e-6, 0], True),
        (Goal((0,), 0, or_more=True), [-1e-6, 0], False),
    ],
)
def test_a_goal_is_reached_exactly_or_with_more(goal: Goal, moved: list[float], reached: bool) -> None:
    assert goal.is_reached(np.array(moved)) is reached


def test_every_linear_program_is_counted() -> None:
    moves = LocalMoves(row(1, 9), shut=np.array([2]))
    counts = [moves.n_solved]
    for goal in (Goal((0,), 3), Goal((0,), 4)):
        assert moves.towards((goal,)).tolist() == [goal.by, -goal.by, 0]
        counts.append(moves.n_solved)
    assert counts == [0, 1, 2]


def test_a_union_goes_just_so_far_and_its_limit_is_lifted_after_it() -> None:
    moves = LocalMoves(row(4, 4, 30), shut=np.array([3]))
    for by in (3, 5, -5, -2):
        moved = moves.towards((Goal((0, 1), by),))
        assert (moved[:2].sum(), moved[2], moved[3]) == (by, -by, 0)
        assert moves.towards((Goal((0,), 9),))[[0, 3]].tolist() == [9, 0]
        assert moves.towards((Goal((2,), -20),))[2:].tolist() == [-20, 0]


def test_a_member_of_a_union_that_is_shut_stays_shut() -> None:
    moves = LocalMoves(row(4, 4, 30), shut=np.array([1, 3]))
    assert moves.towards((Goal((0, 1), 3),)).tolist() == [3, 0, -3, 0]
    assert moves.towards((Goal((0, 1), -4),)) is None
    assert moves.towards((Goal((0, 2), 0),)).tolist() == [0, 0, 0, 0]
    assert moves.blocking((Goal((0, 2), 3),), order=np.arange(4)).tolist() == [1, 3]


@pytest.mark.parametrize("spare", [0, -1, -3])
def test_a_side_that_has_enough_may_rise_with_the_other(spare: int) -> None:
    """The first cell is the sum of the second and a third that stays: one more here is one more there."""
    moves = LocalMoves(system([9, 1, 8], [1, -1, -1]), shut=np.array([2]))
    both = (Goal((0,), spare, or_more=True), Goal((1,), 1, or_more=True))
    assert moves.towards(both).tolist() == [1, 1, 0]


def test_a_side_without_anybody_to_spare_does_not_give_way_for_the_other() -> None:
    """The short way to one more in the second cell is from the first, the long one over the third and its own parts."""
    cells = system([2, 1, 8, 8, 8, 11], [1, 1, 1, 0, 0, -1], [0, 0, 1, -1, 0, 0], [0, 0, 0, 1, -1, 0])
    moves = LocalMoves(cells, shut=np.array([5]))
    for spare, moved in ((0, [0, 1, -1, -1, -1, 0]), (-1, [-1, 1, 0, 0, 0, 0])):
        both = (Goal((0,), spare, or_more=True), Goal((1,), 1, or_more=True))
        assert moves.towards(both).tolist() == moved


def test_every_step_counts_also_one_of_a_union_the_other_way() -> None:
    """Two up and one down are three steps; one up and one and a half of the third cell are two and a half."""
    moves = LocalMoves(system([9, 9, 30, 141], [3, 6, 2, -1]), shut=np.array([3]))
    assert moves.towards((Goal((0, 1), 1),)).tolist() == [1, 0, -1.5, 0]


def test_what_is_to_stay_does_not_give_way_to_what_is_to_move() -> None:
    """The shorter way would be over the first cell, or over the first of two that stay together."""
    none = np.array([], dtype=int)
    alone = LocalMoves(system([9, 18, 9, 9], [1, -1, 1, 0], [0, 0, 1, -1]), shut=none)
    assert alone.towards((Goal((0,), 0), Goal((1,), 1))).tolist() == [0, 1, 1, 1]
    together = LocalMoves(system([9, 9, 9, 9], [1, 0, -1, 0], [0, 1, 0, -1]), shut=none)
    assert together.towards((Goal((0, 1), 0), Goal((2,), 1))).tolist() == [1, -1, 1, -1]


def test_only_a_cell_that_would_save_more_than_the_tolerance_is_helpful(monkeypatch: pytest.MonkeyPatch) -> None:
    saved = {0: -1.0, 1: 0.0, 2: -1e-6, 3: -2e-6, 4: 9e-7}
    slopes = np.array([*saved.values(), 1.0, *[1.0] * 5, -1.0])
    monkeypatch.setattr(LinearProgram, "slopes", lambda self: slopes)
    moves = LocalMoves(row(1, 9, 9, 9, 9), shut=np.arange(1, 6))
    assert np.flatnonzero(moves._nearest((Goal((0,), 3),))[1]).tolist() == [3, 5]


@pytest.mark.parametrize(("order", "blocking"), [([0, 1, 2, 3], [3]), ([3, 2, 1, 0], [1])])
def test_of_two_cells_in_the_way_the_one_that_comes_later_in_the_order_is_told(
    order: list[int], blocking: list[int]
) -> None:
    """The first two cells are equal, and the last two: both pairs have to move."""
    moves = LocalMoves(system([9, 9, 9, 9], [1, -1, 0, 0], [0, 0, 1, -1]), shut=np.array([1, 3]))
    goals = (Goal((0,), 1), Goal((2,), 1))
    assert moves.blocking(goals, order=np.array(order)).tolist() == blocking


def test_cells_that_cannot_help_are_not_asked_about() -> None:
    """The second row has nothing to do with the first; and in the first each cell is asked about once."""
    moves = LocalMoves(beside(row(1, 9), row(9, 9)), shut=np.array([1, 2, 3, 4, 5]))
    assert moves.blocking((Goal((0,), 3),), order=np.arange(6)).tolist() == [1, 2]
    assert moves.n_solved == 3


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 2, 1]])
def test_of_two_cells_that_have_to_move_together_one_is_in_the_way(order: list[int]) -> None:
    """All three are equal: it is enough to know that one of the others is shut, and that is seen at once."""
    moves = LocalMoves(system([9, 9, 9], [1, -1, 0], [0, 1, -1]), shut=np.array([1, 2]))
    assert moves.blocking((Goal((0,), 3),), order=np.array(order)).tolist() in ([1], [2])
    assert moves.n_solved == 2
    assert moves.towards((Goal((0,), 3),)) is None


def test_nothing_is_in_the_way_of_what_open_cells_can_do_alone() -> None:
    moves = LocalMoves(row(1, 9), shut=np.array([1, 2]))
    assert moves.blocking((Goal((0,), 3),), order=np.array([0, 2, 1])).tolist() == [1, 2]
    moves.open(np.array([1]))
    assert moves.blocking((Goal((0,), 3),), order=np.array([0, 2, 1])).tolist() == []
    assert moves.blocking((Goal((0,), 30),), order=np.array([0, 2, 1])).tolist() == [2]


def test_a_solver_that_finds_no_table_at_all_stops_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = LocalMoves(row(1, 9), shut=np.array([2]))
    monkeypatch.setattr(LinearProgram, "solve", lambda self: None)
    with pytest.raises(DisclosureError) as told:
        moves.towards((Goal((0,), 3),))
    assert str(told.value) == (
        "Röjandekontrollen ska ha ett säkert svar för varje cell.\n  – en tabell som inte ens passar sig själv"
    )
