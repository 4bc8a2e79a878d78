"""Witnesses are kept for exactly the values that they make possible, and are forgotten with the cells that they move."""

from __future__ import annotations

import numpy as np
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.witnesses import NEITHER, Witnesses
from tests.unit.hand_made_systems import row, system


def witnesses_of(cells: CellSystem, *moves: list[float], width: int = 4) -> Witnesses:
    """The witnesses of a system once each of the moves is added."""
    kept = Witnesses(cells, width=width)
    assert all([kept.add(np.array(move)) for move in moves])
    return kept


def group(n_with: int, n_without: int, **changes: object) -> CellSystem:
    """A group where none or all is unsafe too: those without, those with, all; the rest of the group is the first cell."""
    return system(
        [n_without, n_with, n_without + n_with],
        [1, 1, -1],
        **{"unsafe": [1], "lowest": [0, 0, 1], "rest": [-1, 0, -1]} | changes,
    )


# what is required


@pytest.mark.parametrize(
    ("value", "missing"),
    [(1, [4, 3, 2]), (2, [4, 1, 3]), (3, [1, 2, 4]), (4, [1, 2, 3])],
)
def test_each_value_below_the_threshold_is_missing_the_farthest_first(value: int, missing: list[int]) -> None:
    kept = witnesses_of(row(value, 30))
    assert kept.window(0) == [1, 2, 3, 4]
    assert kept.missing(0) == missing


@pytest.mark.parametrize(("value", "window"), [(0, []), (1, [1, 2, 3, 4]), (4, [1, 2, 3, 4]), (5, [])])
def test_only_a_count_below_the_threshold_has_a_window(value: int, window: list[int]) -> None:
    kept = witnesses_of(row(value, 30, unsafe=[0]))
    assert kept.window(0) == window
    assert sorted(kept.missing(0)) == [w for w in window if w != value]


def test_the_window_of_a_union_begins_where_its_hidden_parts_do() -> None:
    """Two parts of 1 or more: together 2, 3, 4 or 5."""
    kept = witnesses_of(row(1, 1, 30))
    assert [kept.targets.members(target).tolist() for target in range(3)] == [[0], [1], [0, 1]]
    assert kept.values.tolist() == [1, 1, 2]
    assert [kept.window(target) for target in range(3)] == [[1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 4, 5]]
    assert [kept.missing(target) for target in range(3)] == [[4, 3, 2], [4, 3, 2], [5, 4, 3]]


def test_a_cell_that_can_be_none_has_a_window_from_one() -> None:
    kept = witnesses_of(system([2, 30, 32], [1, 1, -1], lowest=[0, 0, 0]))
    assert kept.window(0) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("n_with", "window"), [(0, [NEITHER]), (1, [1, 2, 3, 4, NEITHER]), (29, [NEITHER]), (30, [NEITHER])]
)
def test_a_group_must_be_able_to_have_some_on_each_side(n_with: int, window: list[int]) -> None:
    kept = witnesses_of(group(n_with, 30 - n_with))
    assert kept.split.tolist() == [0]
    assert kept.sides(0) == (1, 0)
    assert kept.window(0) == window
    assert NEITHER in kept.missing(0)


# what a move makes possible


def test_a_move_makes_the_values_of_all_its_multiples_possible() -> None:
    kept = witnesses_of(row(2, 30))
    assert kept.possible_by(np.array([1.0, -1.0, 0.0])) == {(0, 1), (0, 3), (0, 4)}
    assert kept.possible_by(np.array([2.0, -2.0, 0.0])) == {(0, 1), (0, 3), (0, 4)}
    assert kept.missing(0) == [4, 1, 3]


def test_a_move_makes_values_possible_of_what_moves_and_of_nothing_else() -> None:
    """The two ones change places with the nine, or with each other: then their sum stays."""
    kept = witnesses_of(row(1, 2, 9))
    assert kept.possible_by(np.array([1.0, 0.0, -1.0, 0.0])) == {(0, 2), (0, 3), (0, 4), (2, 4), (2, 5)}
    assert kept.possible_by(np.array([1.0, -1.0, 0.0, 0.0])) == {(0, 2), (1, 1)}


def test_a_far_move_is_as_good_as_its_smallest_step_and_itself() -> None:
    kept = witnesses_of(row(1, 9))
    assert kept.possible_by(np.array([8.0, -8.0, 0.0])) == {(0, 2), (0, 3), (0, 4)}
    assert kept.possible_by(np.array([0.0, 0.0, 0.0])) == {(0, 1)}


def test_no_cell_goes_below_its_lowest_value() -> None:
    assert witnesses_of(row(1, 3)).possible_by(np.array([1.0, -1.0, 0.0])) == {(0, 2), (0, 3), (1, 2), (1, 1)}
    free = row(1, 3, lowest=[1, 0, 1])
    assert witnesses_of(free).possible_by(np.array([1.0, -1.0, 0.0])) == {(0, 2), (0, 3), (0, 4), (1, 1), (1, 2)}


def test_a_cell_that_stays_may_be_lower_than_what_hidden_cells_are_known_to_be() -> None:
    """A true zero is no reason against a move of others; it can go up, but not to less than is known."""
    zero = witnesses_of(row(1, 9, 0))
    assert zero.possible_by(np.array([1.0, -1.0, 0.0, 0.0])) == {(0, 2), (0, 3), (0, 4)}
    two_known = witnesses_of(row(1, 9, 0, lowest=[1, 1, 2, 1]), width=3)
    assert two_known.possible_by(np.array([0.0, -1.0, 1.0, 0.0])) == set()
    assert two_known.possible_by(np.array([1.0, -2.0, 1.0, 0.0])) == {(0, 3)}


@pytest.mark.parametrize(
    ("move", "whole"),
    [
        ([3.0, -3.0, 0.0], True),
        ([3.0 + 1e-9, -3.0, 0.0], True),
        ([3.0, -3.0, 1e-6], True),
        ([3.0, -3.0, 2e-6], False),
        ([0.5, -0.5, 0.0], False),
        ([3.0, -2.0, 0.0], False),
    ],
    ids=["whole", "nearly", "just", "not quite", "halves", "breaks the sum"],
)
def test_a_move_is_kept_if_it_is_whole_and_the_sums_hold(move: list[float], whole: bool) -> None:
    kept = Witnesses(row(1, 9), width=4)
    assert kept.add(np.array(move)) is whole
    assert kept.missing(0) == ([] if whole else [4, 3, 2])
    assert bool(kept.possible_by(np.array(move))) is whole


@pytest.mark.parametrize(
    ("n_with", "n_without", "width", "possible"),
    [
        (0, 30, 2, set()),
        (0, 30, 3, {(0, NEITHER)}),
        (0, 2, 4, set()),
        (0, 3, 4, set()),
        (0, 4, 4, {(0, NEITHER)}),
        (1, 2, 4, {(0, 2), (0, 3)}),
        (1, 3, 4, {(0, 2), (0, 3), (0, 4), (0, NEITHER)}),
        (30, 0, 2, set()),
        (30, 0, 3, {(0, NEITHER)}),
    ],
)
def test_a_group_has_two_on_each_side_in_a_witness(
    n_with: int, n_without: int, width: int, possible: set[tuple[int, int]]
) -> None:
    """Somebody who is one of the two still does not know the other."""
    kept = Witnesses(group(n_with, n_without), width=width)
    assert kept.possible_by(np.array([-1.0, 1.0, 0.0])) == possible


# what is kept and forgotten


def test_a_value_is_lost_with_the_last_cell_that_makes_it_possible() -> None:
    kept = witnesses_of(row(1, 9, 30), [3, -3, 0, 0])
    assert kept.only_by(np.array([1])) == [(0, 2), (0, 3), (0, 4)]
    assert kept.add(np.array([3, 0, -3, 0]), wanted=[(0, 4)])
    assert kept.only_by(np.array([1])) == [(0, 2), (0, 3)]
    assert kept.only_by(np.array([2])) == []
    assert kept.only_by(np.array([1, 2])) == [(0, 2), (0, 3), (0, 4)]
    assert kept.only_by(np.array([3])) == []


def test_a_move_that_reaches_nothing_new_is_kept_only_if_it_is_wanted() -> None:
    kept = witnesses_of(row(1, 9, 30), [3, -3, 0, 0], [3, 0, -3, 0])
    assert kept.only_by(np.array([1])) == [(0, 2), (0, 3), (0, 4)]
    assert kept.add(np.array([1, 0, -1, 0]), wanted=[(0, 2), (0, 3), (0, 4)])
    assert kept.only_by(np.array([1])) == []


def test_what_is_dropped_is_missing_again_and_nothing_else() -> None:
    kept = witnesses_of(row(1, 9, 30), [3, -3, 0, 0])
    assert kept.add(np.array([3, 0, -3, 0]), wanted=[(0, 4)])
    kept.drop(3)
    assert kept.missing(0) == []
    kept.drop(1)
    assert kept.missing(0) == [3, 2]
    kept.drop(2)
    assert kept.missing(0) == [4, 3, 2]
    kept.drop(2)
    assert kept.missing(0) == [4, 3, 2]
    assert kept.only_by(np.array([0, 1, 2, 3])) == []


def test_a_short_witness_tells_what_moves_for_a_value() -> None:
    cells = system([1, 9, 30, 40, 9, 18], [1, 1, 1, -1, 0, 0], [0, 1, 0, 0, 1, -1])
    kept = witnesses_of(cells, [3, -3, 0, 0, 3, 0])
    assert kept.moved_for([(0, 4)]).tolist() == [0, 1, 4]
    assert kept.add(np.array([3, 0, -3, 0, 0, 0]), wanted=[(0, 4)])
    assert kept.moved_for([(0, 4)]).tolist() == [0, 2]
    assert kept.moved_for([(0, 4), (0, 2)]).tolist() == [0, 1, 2, 4]
    assert kept.moved_for([(0, 1)]).tolist() == []
    assert kept.moved_for([]).tolist() == []


# the proof


@pytest.mark.parametrize(("hidden", "unproven"), [([0, 1], 0), ([0, 1, 2, 3], 0), ([0, 2], 1), ([0], 1), ([1], 1)])
def test_a_proof_needs_every_cell_that_moves_and_the_target_hidden(hidden: list[int], unproven: int) -> None:
    kept = witnesses_of(row(1, 9, 30), [3, -3, 0, 0])
    pattern = np.isin(np.arange(4), hidden)
    if not unproven:
        kept.prove(pattern)
        return
    with pytest.raises(DisclosureError) as told:
        kept.prove(pattern)
    assert str(told.value) == "Varje osäker cell ska gå att skydda.\n  – 1 celler utan bevis"


def test_every_unproven_target_is_counted() -> None:
    kept = Witnesses(row(1, 1, 30), width=4)
    with pytest.raises(DisclosureError) as told:
        kept.prove(np.ones(4, dtype=bool))
    assert told.value.found == ("3 celler utan bevis",)


def test_a_side_without_anybody_is_unproven_until_two_are_possible_there() -> None:
    everybody = np.ones(3, dtype=bool)
    with pytest.raises(DisclosureError, match=r"1 celler utan bevis"):
        witnesses_of(group(0, 30), [-1, 1, 0], width=2).prove(everybody)
    witnesses_of(group(0, 30), [-2, 2, 0], width=2).prove(everybody)
