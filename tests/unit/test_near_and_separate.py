"""Deviations looked for among fewer cells: those near a target, those of a part by itself, and those that can move at all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kaa_analysis.disclosure.hiding import nearby_deviations, secondary
from kaa_analysis.disclosure.hiding.able_cells import able_to_move
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.certain_lowest import certain_lowest
from kaa_analysis.disclosure.hiding.deviations import Deviations
from kaa_analysis.disclosure.hiding.nearby_deviations import NearbyDeviations
from kaa_analysis.disclosure.hiding.separate_deviations import SeparateDeviations
from kaa_analysis.disclosure.hiding.witnesses import NEITHER, Witnesses
from tests.unit.hand_made_systems import beside, row, system

FIRST = np.array([0])


def chain(*values: int, **changes: object) -> CellSystem:
    """Cells of which each is the one before it and a cell that no table prints."""
    n = len(values)
    rests = [after - before for before, after in pairwise(values)]
    relations = np.zeros((n - 1, 2 * n - 1), dtype=int)
    for number in range(n - 1):
        relations[number, [number, number + 1, n + number]] = [1, -1, 1]
    latent = range(n, 2 * n - 1)
    lowest = [1] * n + [0] * (n - 1)
    return system([*values, *rests], *relations.tolist(), **{"latent": latent, "lowest": lowest} | changes)


# what can move


def test_what_is_alone_in_a_relation_can_not_move_nor_can_its_company_elsewhere() -> None:
    cells = system([9, 9, 9, 9, 9], [1, 0, 0, 0, 0], [1, -1, 0, 0, 0], [0, 0, 1, -1, 0])
    assert able_to_move(cells.matrix).tolist() == [False, False, True, True, True]


def test_a_cell_that_can_not_move_is_neither_moved_nor_asked_about() -> None:
    """Only the 3 and the 9 are hidden; the 9 stands in a relation of its own too, so that nothing moves."""
    stuck = Deviations(system([3, 9, 12, 9], [1, 1, -1, 0], [0, 1, 0, -1]), movable=np.array([0, 1]))
    stuck.price(np.array([True, True, False, False]))
    assert stuck.to_sum(FIRST, by=1) is None
    assert stuck.to_sum(np.array([0, 1]), by=1) is None
    assert stuck.to_sum(FIRST, by=0).tolist() == [0, 0, 0, 0]
    assert stuck.to_at_least(np.array([0, 1]), by=np.array([1, 0])) is None
    assert stuck.to_at_least(np.array([0, 1]), by=np.array([0, -2])).tolist() == [0, 0, 0, 0]
    stuck.fix(FIRST)
    stuck.free(FIRST)
    assert stuck.to_sum(FIRST, by=1) is None


def test_a_sum_moves_by_those_of_its_cells_that_can() -> None:
    cells = system([3, 9, 12, 4, 16], [1, 1, -1, 0, 0], [0, 0, 0, 1, 0], weights=[1] * 5)
    assert Deviations(cells).to_sum(np.array([0, 3]), by=2)[[0, 3]].tolist() == [2, 0]


def test_of_a_sum_the_one_cell_that_can_move_goes_no_farther_down_than_its_lowest_value() -> None:
    """The 4 stands still, so that the sum of 3 and 4 can be 5 and no less."""
    cells = system([3, 9, 12, 4], [1, 1, -1, 0], [0, 0, 0, 1])
    assert Deviations(cells).to_sum(np.array([0, 3]), by=-2)[[0, 3]].tolist() == [-2, 0]
    assert Deviations(cells).to_sum(np.array([0, 3]), by=-3) is None


# what is certain from below


@pytest.mark.parametrize(
    ("cells", "least"),
    [
        (row(1, 9, 30), [1, 1, 1, 3]),
        (system([1, 2, 3, 9, 12], [1, 1, -1, 0, 0], [0, 0, 1, 1, -1]), [1, 1, 2, 1, 3]),
        (system([1, 2, 3, 9, 12], [0, 0, -1, -1, 1], [-1, -1, 1, 0, 0]), [1, 1, 2, 1, 3]),
        (system([9, 3, 6], [1, -1, -1], lowest=[1, 0, 1]), [1, 0, 1]),
        (system([9, 3, 7, 5], [1, 1, -1, -1]), [1, 1, 1, 1]),
        (system([9, 18], [2, -1]), [1, 2]),
        (system([9, 18], [-2, 1]), [1, 2]),
    ],
    ids=["a row", "a sum of a sum", "with other signs", "a zero", "two against two", "twice", "twice, other signs"],
)
def test_a_total_is_at_least_what_its_parts_are_at_least(cells: CellSystem, least: list[int]) -> None:
    assert certain_lowest(cells.matrix, values=cells.values, lowest=cells.lowest).tolist() == least


def test_what_does_not_move_counts_with_its_value() -> None:
    """Of 12 = 3 + 9 the 9 was published before: the part without it keeps the distance."""
    part = system([3, 9, 12], [1, 1, -1]).part(np.array([0, 2]))
    assert certain_lowest(part.matrix, values=part.values, lowest=part.lowest).tolist() == [1, 10]


def test_the_window_of_a_total_begins_where_its_parts_let_it() -> None:
    witnesses = Witnesses(system([1, 2, 3, 1, 4], [1, 1, -1, 0, 0], [0, 0, 1, 1, -1]), width=4)
    assert [witnesses.window(target)[0] for target in range(5)] == [1, 1, 1, 1, 1]
    witnesses.begin_where_certain()
    assert [witnesses.window(target)[0] for target in range(5)] == [1, 1, 2, 1, 3]


# near a target


def test_only_the_nearest_cells_move_and_what_only_gives_moves_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby_deviations, "REACH", 2)
    cells = chain(3, 9, 20, 40, weights=[1.0] * 4 + [0.0] * 3)
    nearby = NearbyDeviations(cells)
    hidden = cells.unsafe | cells.latent
    assert nearby.around(FIRST, hidden=hidden).to_sum(FIRST, by=1).tolist() == [1, 0, 0, 0, -1, 0, 0]
    assert nearby.around(FIRST, hidden=hidden).to_sum(FIRST, by=7).tolist() == [7, 1, 0, 0, -6, -1, 0]
    assert nearby.around(FIRST, hidden=hidden).to_sum(FIRST, by=18) is None
    assert Deviations(cells).to_sum(FIRST, by=18) is not None


def test_a_neighbourhood_is_made_once_for_the_cells_of_its_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearby_deviations, "CORE", 2)
    cells = chain(3, 9, 20, 40)
    nearby, hidden = NearbyDeviations(cells), cells.unsafe | cells.latent
    first = nearby.around(FIRST, hidden=hidden)
    assert nearby.around(np.array([1]), hidden=hidden) is first
    far = nearby.around(np.array([3]), hidden=hidden)
    assert far is not first
    assert nearby.around(np.array([0, 3]), hidden=hidden) not in (first, far)


def test_a_key_cell_moves_in_no_neighbourhood_while_it_is_shown() -> None:
    cells = chain(3, 4, weights=[1.0, 1.0, 0.0], key=[1])
    shown, hidden = np.array([True, False, True]), np.array([True, True, True])
    assert NearbyDeviations(cells).around(FIRST, hidden=shown).to_sum(FIRST, by=2) is None
    assert NearbyDeviations(cells).around(FIRST, hidden=hidden).to_sum(FIRST, by=2).tolist() == [2, 1, -1]


def test_the_rest_of_a_group_and_an_unsafe_cell_are_asked_about_though_no_table_prints_them() -> None:
    cells = system([1, 30, 31], [1, 1, -1], latent=[0, 1], rest=[1, -1, -1], lowest=[0, 0, 1])
    assert NearbyDeviations(cells)._giving.tolist() == [False, False, False]
    free = system([1, 30, 31], [1, 1, -1], latent=[1], lowest=[0, 0, 1])
    assert NearbyDeviations(free)._giving.tolist() == [False, True, False]


def test_where_nothing_near_gives_way_something_farther_away_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secondary, "LARGE", 1)
    monkeypatch.setattr(nearby_deviations, "REACH", 1)
    cells = row(1, 9, 30)
    witnesses, hidden = Witnesses(cells, width=4), cells.unsafe | cells.latent
    secondary._widen(cells, witnesses, hidden)
    assert hidden.tolist() == [True, True, False, False]
    assert witnesses.missing(0) == []


def test_a_large_part_is_protected_by_what_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secondary, "LARGE", 3)
    asked, to_sum = [], Deviations.to_sum

    def recorded(self: Deviations, cells: np.ndarray, *, by: int, whole: bool = False) -> np.ndarray | None:
        asked.append(len(self._movable))
        return to_sum(self, cells, by=by, whole=whole)

    monkeypatch.setattr(Deviations, "to_sum", recorded)
    monkeypatch.setattr(nearby_deviations, "REACH", 3)
    cells = system([1, 9, 10, 30, 40], [1, 1, -1, 0, 0], [0, 0, 1, 1, -1])
    witnesses, hidden = Witnesses(cells, width=4), cells.unsafe | cells.latent
    secondary._widen(cells, witnesses, hidden)
    assert (hidden.tolist(), set(asked)) == ([True, True, False, False, False], {2})


def test_in_a_large_part_nothing_is_laid_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(secondary, "improve", lambda part, witnesses, hidden, *, solves: asked.append(len(part.ids)))
    monkeypatch.setattr(secondary, "LARGE", 3)
    hidden = secondary.hidden_cells(beside(row(1, 9), row(1, 9, 30)), width=4)
    assert (asked, hidden.tolist()) == ([3], [True, True, False, True, True, False, False])


# each part by itself


def test_hidden_cells_of_one_part_do_not_stand_in_the_program_of_another() -> None:
    cells = beside(row(1, 9, 30), row(2, 9, 30))
    separate = SeparateDeviations(cells, hidden=np.array([True, True, False, False, True, True, True, False]))
    assert separate.of(FIRST)._movable.tolist() == [0, 1]
    assert separate.of(np.array([4, 5])) is separate.of(np.array([6]))
    assert separate.of(np.array([0, 4]))._movable.tolist() == [0, 1, 4, 5, 6]
    assert separate.of(np.array([0, 4])).to_sum(np.array([0, 4]), by=2) is not None
    assert separate.of(np.array([3])).to_sum(np.array([3]), by=1) is None


def test_what_is_fixed_is_fixed_in_every_program_made_before_or_after() -> None:
    cells = row(1, 9, 30)
    separate = SeparateDeviations(cells, hidden=np.array([True, True, False, True]))
    assert separate.of(FIRST).to_sum(FIRST, by=1) is not None
    separate.fix(1)
    assert separate.of(FIRST).to_sum(FIRST, by=1).tolist() == [1, 0, 0, 1]
    separate.free(1)
    separate.fix(3)
    assert separate.of(FIRST).to_sum(FIRST, by=1).tolist() == [1, -1, 0, 0]
    before = SeparateDeviations(cells, hidden=np.array([True, True, False, True]))
    before.fix(3)
    assert before.of(FIRST).to_sum(FIRST, by=1).tolist() == [1, -1, 0, 0]
    before.free(3)
    before.fix(1)
    assert before.of(FIRST).to_sum(FIRST, by=1).tolist() == [1, 0, 0, 1]


def test_both_sides_of_a_group_have_to_move_for_it_to_be_neither_none_nor_all() -> None:
    cells = system([0, 30, 30], [1, 1, -1], unsafe=[0], lowest=[0, 0, 1], rest=[1, -1, -1])
    witnesses = Witnesses(cells, width=4)
    assert secondary._cells(witnesses, (0, NEITHER)).tolist() == [0, 1]
    assert secondary._cells(witnesses, (0, 1)).tolist() == [0]
