"""Neighbourhoods of further hidden cells: which come first, who belongs to them, and what is chosen in them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from kaa_analysis.disclosure.hiding import improvement
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.improvement import improve
from kaa_analysis.disclosure.hiding.local_moves import Goal, LocalMoves
from kaa_analysis.disclosure.hiding.surroundings import Surroundings, nearest
from kaa_analysis.disclosure.hiding.witnesses import NEITHER, Witnesses
from tests.unit.hand_made_systems import beside, row, system


def by_moves(part: CellSystem, *moves: list[int]) -> tuple[Witnesses, np.ndarray]:
    """The witnesses that some moves give, and what is hidden by them: what is unsafe or latent, and what moves."""
    witnesses = Witnesses(part, width=4)
    assert all([witnesses.add(np.array(move)) for move in moves])
    return witnesses, part.unsafe | part.latent | np.array(moves).any(axis=0)


def two_rows() -> tuple[CellSystem, Witnesses, np.ndarray]:
    """Two rows that have nothing to do with each other; in each the total was hidden, in the second a part as well."""
    part = beside(row(1, 9, 30), row(2, 9, 30))
    witnesses, hidden = by_moves(part, [3, 0, 0, 3, 0, 0, 0, 0], [0, 0, 0, 0, 2, 0, 0, 2], [0, 0, 0, 0, -1, 1, 0, 0])
    return part, witnesses, hidden


def neighbourhood(
    part: CellSystem, witnesses: Witnesses, hidden: np.ndarray, candidates: list[int]
) -> improvement._Neighbourhood:
    nearness = Surroundings(part).nearness(candidates[0])
    return improvement._Neighbourhood(part, witnesses, hidden, nearness=nearness, candidates=np.array(candidates))


# near and far


def test_what_spreads_from_a_cell_is_shared_by_those_it_has_relations_with() -> None:
    """a = b and b = c: a quarter of each step is with a, a half with b, a quarter with c."""
    around = Surroundings(system([9, 9, 9], [1, -1, 0], [0, 1, -1]))
    assert around.nearness(1).tolist() == [1, 3, 1]
    assert around.nearness(0).round(5).tolist() == [2.37037, 2, 0.62963]


def test_what_spreads_in_one_relation_is_shared_evenly() -> None:
    around = Surroundings(row(9, 9, 9))
    assert around.nearness(3).tolist() == [1, 1, 1, 2]


def test_candidates_are_the_nearest_cells_that_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    part = beside(row(1, 9, 8, 7, 6, key=[2], latent=[3]), row(9, 9))
    assert improvement._candidates(part, Surroundings(part), 5).tolist() == [1, 4, 5]
    monkeypatch.setattr(improvement, "CANDIDATES", 2)
    assert improvement._candidates(part, Surroundings(part), 5).tolist() == [1, 5]


def test_the_nearest_are_told_in_order_of_position() -> None:
    nearness = np.array([0.5, 3.0, 2.0, 3.0, 9.0])
    cells = np.array([True, True, True, True, False])
    told = [nearest(cells, nearness, n).tolist() for n in range(6)]
    assert told == [[], [1], [1, 3], [1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3]]


def test_a_small_relation_brings_cells_nearer_than_a_large_one() -> None:
    """The second cell is in a sum of two and in one of four: a half and a quarter of each step are for each cell there."""
    around = Surroundings(system([9, 9, 9, 9, 27], [1, -1, 0, 0, 0], [0, 1, 1, 1, -1]))
    nearness = around.nearness(1)
    assert nearness[2] == nearness[3] == nearness[4]
    at, passed = np.array([0, 1, 0, 0, 0]), np.array([0, 1, 0, 0, 0])
    for _ in range(4):
        of_two, of_four = at[:2].sum() / 2, at[1:].sum() / 4
        at = np.array([of_two, of_two + of_four, of_four, of_four, of_four])
        at = at / at.sum()
        passed = passed + at
    assert nearness.round(9).tolist() == passed.round(9).tolist()


# one neighbourhood after the other


@pytest.mark.parametrize(("solves", "n_neighbourhoods"), [(0, 0), (1, 1), (5, 1), (6, 2), (100, 2)])
def test_crowded_neighbourhoods_come_first_until_nothing_is_left_to_spend(
    monkeypatch: pytest.MonkeyPatch, solves: int, n_neighbourhoods: int
) -> None:
    seen = []

    def recorded(*_: object, nearness: np.ndarray, candidates: np.ndarray) -> SimpleNamespace:
        seen.append((np.flatnonzero(nearness).tolist(), candidates.tolist()))
        return SimpleNamespace(lay_anew=lambda: None, moves=SimpleNamespace(n_solved=5))

    monkeypatch.setattr(improvement, "_Neighbourhood", recorded)
    part = beside(beside(row(1, 9, 30), row(2, 9, 30)), row(9, 9))
    hidden = np.isin(np.arange(11), [0, 1, 3, 4, 7])
    n_solved = improve(part, Witnesses(part, width=4), hidden, solves=solves)
    rows = [([0, 1, 2, 3], [1, 2, 3]), ([4, 5, 6, 7], [5, 6, 7])]
    assert seen == rows[:n_neighbourhoods]
    assert n_solved == 5 * n_neighbourhoods


def test_every_row_is_laid_anew_and_all_linear_programs_are_counted() -> None:
    part, witnesses, hidden = two_rows()
    n_solved = improve(part, witnesses, hidden, solves=100)
    witnesses.prove(hidden)
    assert hidden[[0, 3, 4, 7]].tolist() == [True, False, True, False]
    assert (hidden[1:3].sum(), hidden[5:7].sum()) == (1, 1)
    n_alone = []
    for alone in (slice(0, 4), slice(4, 8)):
        part, witnesses, hidden = two_rows()
        hidden[[cell for cell in range(8) if not alone.start <= cell < alone.stop and not part.unsafe[cell]]] = False
        n_alone.append(improve(part, witnesses, hidden, solves=100))
    assert n_solved == sum(n_alone)
    assert min(n_alone) > 0


@pytest.mark.parametrize("last_key", [1, 2, 3, 5])
def test_a_hidden_key_cell_is_no_neighbourhood_of_its_own(last_key: int) -> None:
    """Nothing is to be gained around it: whether other cells nearby can be chosen or not, it is over."""
    part = system([1, 9, 10, 20, 30, 50], [1, 1, -1, 0, 0, 0], [0, 0, 1, 1, -1, 0], [0, 0, 0, 1, 1, -1])
    part.key[1 : last_key + 1] = True
    witnesses, hidden = by_moves(part, [3, -3, 0, 0, 0, 0])
    assert improve(part, witnesses, hidden, solves=100) == 0
    assert np.flatnonzero(hidden).tolist() == [0, 1]


# who belongs to a neighbourhood


def test_a_neighbourhood_is_of_cells_that_hang_together() -> None:
    part, witnesses, hidden = two_rows()
    assert neighbourhood(part, witnesses, hidden, [1, 2, 3])._cells.tolist() == [0, 1, 2, 3]


def test_a_shown_key_cell_does_not_give_way() -> None:
    part = row(1, 9, 30, key=[1], weights=[1, 1, 5, 2])
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    improve(part, witnesses, hidden, solves=100)
    assert hidden.tolist() == [True, False, False, True]
    witnesses.prove(hidden)


def test_a_hidden_cell_nearby_that_does_not_move_today_can_give_way() -> None:
    part = row(1, 9, 30, latent=[1])
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    improve(part, witnesses, hidden, solves=100)
    assert hidden.tolist() == [True, True, False, False]
    witnesses.prove(hidden)


def test_just_so_many_hidden_cells_nearby_may_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    part = row(9, 9, 9, 9)
    hidden = np.isin(np.arange(5), [0, 1])
    for giving, cells in ((0, [2, 3]), (1, [0, 2, 3]), (2, [0, 1, 2, 3])):
        monkeypatch.setattr(improvement, "GIVING", giving)
        asked = neighbourhood(part, Witnesses(part, width=4), hidden, [2, 3])
        assert asked._cells.tolist() == cells


def test_the_rest_of_a_group_that_is_in_no_neighbourhood_is_no_goal_there() -> None:
    part = system([30, 1, 31, 9], [1, 1, -1, 0], [0, 0, 1, -1], unsafe=[1], rest=[-1, 0, -1, -1])
    asked = neighbourhood(part, Witnesses(part, width=4), np.isin(np.arange(4), [1]), [2, 3])
    assert asked._cells.tolist() == [1, 2, 3]
    assert asked._goals((0, NEITHER)) == (Goal((0,), 1, or_more=True),)


# what is chosen


def test_what_one_deviation_makes_possible_is_not_asked_for_again() -> None:
    part, witnesses, hidden = two_rows()
    asked = neighbourhood(part, witnesses, hidden, [1, 2, 3, 5, 6, 7])
    asked.moves.open(asked._doors)
    found, missed = asked._found_for([(0, 4), (1, 4), (0, 3), (1, 3), (0, 2)])
    assert [sorted(made) for _, made in found] == [[(0, 2), (0, 3), (0, 4)], [(1, 1), (1, 3), (1, 4)]]
    assert (missed, asked.moves.n_solved) == ([], 2)


def test_a_choice_is_taken_over_only_if_it_gives_everything_back() -> None:
    part = row(1, 9, 30, weights=[1, 1, 5, 2])
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    asked = neighbourhood(part, witnesses, hidden, [1, 2, 3])
    assert asked._take_over(np.array([False, False, False])) is False
    assert hidden.tolist() == [True, False, False, True]
    assert asked._take_over(np.array([True, False, False])) is True
    assert hidden.tolist() == [True, True, False, False]


def test_two_targets_that_lose_their_witnesses_get_them_back_together() -> None:
    part, witnesses, hidden = two_rows()
    asked = neighbourhood(part, witnesses, hidden, [1, 2, 3, 5, 6, 7])
    asked.lay_anew()
    witnesses.prove(hidden)
    assert hidden[[0, 3, 4, 7]].tolist() == [True, False, True, False]
    assert (hidden[1:3].sum(), hidden[5:7].sum()) == (1, 1)


@pytest.mark.parametrize(("total", "stays"), [(4.9, True), (5.1, False)])
def test_what_is_there_stays_unless_a_quarter_of_the_cheapest_cell_is_gained(total: float, stays: bool) -> None:
    part = row(1, 9, 30, weights=[1, 4, 4, total])
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    improve(part, witnesses, hidden, solves=100)
    assert hidden[3] == stays
    assert hidden.sum() == 2


def test_a_choice_that_gives_only_halves_is_passed_over() -> None:
    """The cheapest would give way by half a step; the next one gives way by whole steps."""
    part = system([1, 20, 30, 71], [1, 2, 1, -1], weights=[1, 1, 1.5, 4])
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    improve(part, witnesses, hidden, solves=100)
    assert hidden.tolist() == [True, False, True, False]
    witnesses.prove(hidden)


def test_witnesses_in_which_a_cell_moves_that_is_shown_again_are_forgotten() -> None:
    part = row(1, 9, 30, weights=[1, 1, 5, 2])
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    improve(part, witnesses, hidden, solves=100)
    assert hidden.tolist() == [True, True, False, False]
    assert witnesses.only_by(np.array([1])) == [(0, 2), (0, 3), (0, 4)]


def test_no_candidate_is_hidden_alone_in_a_relation() -> None:
    """The first candidate is in a second sum too, where nothing is hidden: one of the candidates there comes with it."""
    part = system(
        [1, 9, 30, 40, 9, 27, 9],
        [1, 1, 1, -1, 0, 0, 0],
        [0, 1, 0, 0, 1, -1, 1],
        weights=[1, 1, 0.5, 10, 1, 2, 1],
        key=[6],
    )
    witnesses, hidden = by_moves(part, [3, 0, 0, 3, 0, 0, 0])
    for wanted, chosen in (([0], [0, 3]), ([3], [0, 3]), ([4], [0, 4]), ([1], [1])):
        asked = neighbourhood(part, witnesses, hidden, [1, 2, 3, 4, 5])
        asked._choice.require_one_of(np.array(wanted))
        assert np.flatnonzero(asked._choice.choose()).tolist() == chosen


def test_the_farthest_values_are_asked_for_first(monkeypatch: pytest.MonkeyPatch) -> None:
    goals, towards = [], LocalMoves.towards

    def recorded(self: LocalMoves, asked: tuple[Goal, ...]) -> np.ndarray | None:
        goals.extend(asked)
        return towards(self, asked)

    monkeypatch.setattr(LocalMoves, "towards", recorded)
    part = row(1, 9, 30)
    witnesses, hidden = by_moves(part, [3, 0, 0, 3])
    improve(part, witnesses, hidden, solves=1)
    assert [goal.by for goal in goals[:3]] == [3, 2, 1]


def test_the_farthest_first_over_all_targets_and_two_sides_are_two_away() -> None:
    part = row(2, 1, 9)
    witnesses, hidden = by_moves(part, [2, 0, -2, 0], [0, 3, -3, 0])
    asked = neighbourhood(part, witnesses, hidden, [2, 3])
    pairs = [(0, 3), (0, 4), (0, NEITHER), (1, 2), (1, 3), (1, 4)]
    assert sorted(pairs, key=asked._farthest_first) == [(1, 4), (0, NEITHER), (0, 4), (1, 3), (0, 3), (1, 2)]


def test_the_goals_of_a_value_and_of_two_sides() -> None:
    part = system([30, 1, 31, 9], [1, 1, -1, 0], [0, 0, 1, -1], unsafe=[1], rest=[-1, 0, -1, -1])
    witnesses = Witnesses(part, width=4)
    asked = neighbourhood(part, witnesses, np.isin(np.arange(4), [0, 1]), [0, 2, 3])
    assert asked._goals((0, 4)) == (Goal((1,), 3),)
    assert asked._goals((0, NEITHER)) == (Goal((1,), 1, or_more=True), Goal((0,), -28, or_more=True))


def test_ties_are_broken_the_same_way_every_time() -> None:
    drawn = []
    for _ in range(2):
        part, witnesses, hidden = two_rows()
        drawn.append(neighbourhood(part, witnesses, hidden, [1, 2, 3])._generator.random(4).tolist())
    assert drawn[0] == drawn[1]
