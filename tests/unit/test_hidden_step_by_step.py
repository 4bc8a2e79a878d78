"""Each step of hiding by itself: the order, the cheapest move, key cells, lowest values, and what can be shown again."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Result, RowSum
from kaa_analysis.disclosure.hiding import secondary
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.hiding.deviations import Deviations
from kaa_analysis.disclosure.hiding.witnesses import NEITHER, Witnesses
from tests.unit.district_tables import protected
from tests.unit.hand_made_systems import beside, row, system

SHOULD = "Varje osäker cell ska gå att skydda."


def begun(part: CellSystem) -> tuple[CellSystem, Deviations, Witnesses, np.ndarray]:
    """A part, its deviations priced, its witnesses, and what has to be hidden in any case."""
    hidden = part.unsafe | part.latent
    deviations = Deviations(part)
    deviations.price(hidden)
    return part, deviations, Witnesses(part, width=4), hidden


def half_or_whole(*, dearer: float) -> CellSystem:
    """A cell of 1 that goes up with half a step of one cell or a whole step of another, which is so much dearer."""
    return system([1, 20, 30, 71], [1, 2, 1, -1], weights=[1, 1, dearer, 100])


# the order


def test_the_dearest_then_the_smallest_cells_come_first_and_unions_last() -> None:
    apart = system([2, 1, 3, 1], weights=[1, 1, 5, 1])
    assert secondary._order(apart, Witnesses(apart, width=4)) == [2, 1, 3, 0]
    together = row(2, 1, 30)
    assert secondary._order(together, Witnesses(together, width=4)) == [1, 0, 2]


def test_parts_get_linear_programs_by_their_size_whatever_another_spends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def spending(part: CellSystem, witnesses: Witnesses, hidden: np.ndarray, *, solves: int) -> int:
        asked.append((list(part.values), solves))
        return 300

    monkeypatch.setattr(secondary, "improve", spending)
    release = beside(beside(row(1, 9, 30), row(2, 8)), row(3, 9, 9, 9))
    hidden = secondary.hidden_cells(release, width=4)
    assert asked == [([2, 8, 10], 250), ([1, 9, 30, 40], 333), ([3, 9, 9, 9, 30], 417)]
    assert np.flatnonzero(hidden)[[0, 2, 4]].tolist() == [0, 4, 7]
    assert (hidden.sum(), hidden[[3, 6, 11]].tolist()) == (6, [False, False, False])


@pytest.mark.parametrize(("size", "solves"), [(1000, 1000), (500, 500), (99, 100), (1, 100)])
def test_a_part_gets_a_tenth_of_the_linear_programs_however_small_it_is(size: int, solves: int) -> None:
    assert secondary._solves(size, of=1000) == solves


def test_an_unsafe_cell_is_hidden_also_where_no_value_is_required_of_it() -> None:
    assert secondary.hidden_cells(row(7, 9, unsafe=[0]), width=4).tolist() == [True, False, False]


def test_a_cell_that_no_table_prints_is_never_told_to_be_hidden() -> None:
    assert secondary.hidden_cells(row(1, 9, latent=[0]), width=4).tolist() == [False, True, False]


# moves


@pytest.mark.parametrize(("whole", "moves"), [(False, [1, -0.5, 0, 0]), (True, [1, 0, -1, 0])])
def test_a_cell_is_moved_in_whole_numbers_only_where_that_is_asked_for(whole: bool, moves: list[float]) -> None:
    part, deviations, witnesses, _ = begun(half_or_whole(dearer=2))
    assert secondary._cheapest(part, deviations, witnesses, (0, 2), whole=whole).tolist() == moves
    if not whole:
        assert secondary._cheapest(part, deviations, witnesses, (0, 2)).tolist() == moves


@pytest.mark.parametrize(("whole", "moves"), [(False, [1, -0.5, 0, 0]), (True, [2, -1, 0, 0])])
def test_a_group_is_moved_to_two_on_each_side(whole: bool, moves: list[float]) -> None:
    """One has it and 71 have not: a step makes two."""
    cells = system([1, 20, 30, 71], [1, 2, 1, -1], weights=[1, 1, 2, 100], rest=[3, -1, -1, -1])
    part, deviations, witnesses, _ = begun(cells)
    assert secondary._cheapest(part, deviations, witnesses, (0, NEITHER), whole=whole).tolist() == moves
    if not whole:
        assert secondary._cheapest(part, deviations, witnesses, (0, NEITHER)).tolist() == moves


def asked_for(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each deviation was asked for in whole numbers."""
    asked, to_sum = [], Deviations.to_sum

    def recorded(self: Deviations, cells: np.ndarray, *, by: int, whole: bool = False) -> np.ndarray | None:
        asked.append(whole)
        return to_sum(self, cells, by=by, whole=whole)

    monkeypatch.setattr(Deviations, "to_sum", recorded)
    return asked


def test_a_fraction_is_made_dearer_until_the_move_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asked_for(monkeypatch)
    part, deviations, witnesses, hidden = begun(half_or_whole(dearer=3))
    assert secondary._move(part, deviations, witnesses, hidden, (0, 2)).tolist() == [1, 0, -1, 0]
    assert asked == [False, False, False]
    assert witnesses.missing(0) == []
    assert deviations.to_sum(np.array([0]), by=1).tolist() == [1, -0.5, 0, 0]


def test_what_moves_whole_beside_a_fraction_is_not_made_dearer() -> None:
    """The 1 goes up with one of two cells (the second dearer), and with half a step or a whole one of two others."""
    cells = system([1, 9, 9, 20, 29, 50], [1, 1, 1, 0, 0, 0], [1, 0, 0, 2, 1, 0], weights=[1, 1, 2, 1, 1.5, 100])
    part, deviations, witnesses, hidden = begun(cells)
    assert secondary._move(part, deviations, witnesses, hidden, (0, 2)).tolist() == [1, -1, 0, 0, -1, 0]


def test_where_no_price_makes_it_whole_a_search_in_whole_numbers_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secondary, "ATTEMPTS", 1)
    asked = asked_for(monkeypatch)
    part, deviations, witnesses, hidden = begun(half_or_whole(dearer=50))
    assert secondary._move(part, deviations, witnesses, hidden, (0, 2)).tolist() == [1, 0, -1, 0]
    assert asked == [False, True]
    assert witnesses.missing(0) == []


def test_two_on_each_side_are_searched_for_in_whole_numbers_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secondary, "ATTEMPTS", 0)
    cells = system([1, 20, 30, 71], [1, 2, 1, -1], weights=[1, 1, 2, 100], rest=[3, -1, -1, -1])
    part, deviations, witnesses, hidden = begun(cells)
    assert secondary._move(part, deviations, witnesses, hidden, (0, NEITHER)).tolist() == [2, -1, 0, 0]


def test_where_whole_numbers_do_not_fit_there_is_no_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secondary, "ATTEMPTS", 1)
    part, deviations, witnesses, hidden = begun(system([1, 20, 41], [1, 2, -1], lowest=[1, 1, 41]))
    deviations.fix(np.array([2]))
    assert secondary._move(part, deviations, witnesses, hidden, (0, 2)) is None
    assert secondary._move(part, deviations, witnesses, hidden, (0, 3)).tolist() == [2, -1, 0]


def test_a_solver_that_gives_no_whole_numbers_stops_the_release() -> None:
    part, _, witnesses, hidden = begun(half_or_whole(dearer=2))
    halves = SimpleNamespace(
        price=lambda hidden, avoid=None: None, to_sum=lambda cells, by, whole: np.array([1, -0.5, 0, 0])
    )
    with pytest.raises(DisclosureError) as told:
        secondary._move(part, halves, witnesses, hidden, (0, 2))
    assert str(told.value) == f"{SHOULD}\n  – lösaren gav inga hela tal"


# key cells


def test_a_key_cell_is_hidden_only_if_there_is_no_other() -> None:
    spared = row(1, 9, 30, key=[1], weights=[1, 0.1, 50, 99])
    assert secondary.hidden_cells(spared, width=4).tolist() == [True, False, True, False]
    not_spared = row(1, 9, 30, key=[1, 2, 3], weights=[1, 0.1, 50, 99])
    assert secondary.hidden_cells(not_spared, width=4).tolist() == [True, True, False, False]


@pytest.mark.parametrize("others", [{}, {"left": 9, "ever": 32}], ids=["nothing but key figures", "other numbers too"])
def test_a_row_where_only_key_figures_can_give_way_can_be_protected(others: dict[str, int]) -> None:
    numbers = {"came": 3, "before": 20, "after": 23} | others
    columns = tuple(Count(name, name, name, key=name not in others) for name in numbers)
    sums = (RowSum("after", ("came", "before")), RowSum("ever", ("after", "left")))[: 1 + bool(others)]
    result = Result("flow", "Titel", columns, pd.DataFrame(numbers, index=[0]), row_sums=sums)
    released = protected(result)["flow"].values_table.iloc[0]
    assert [name for name in numbers if pd.isna(released[name])] == ["came", "before"]


def test_key_cells_that_did_not_have_to_move_stay_where_they_are() -> None:
    part, deviations, witnesses, hidden = begun(row(1, 9, 30, key=[1, 2, 3]))
    deviations.fix(np.array([1, 2, 3]))
    move = secondary._move_sparing_key_cells(part, deviations, witnesses, hidden, (0, 4))
    moved = np.flatnonzero(move).tolist()
    assert (len(moved), move[0]) == (2, 3)
    up = {"cells": np.array([0]), "by": np.array([1])}
    assert np.flatnonzero(deviations.to_at_least(**up)).tolist() == moved
    deviations.fix(np.array(moved[1:]))
    assert deviations.to_at_least(**up) is None


def test_key_cells_stay_where_they_are_if_they_do_not_help_either() -> None:
    part, deviations, witnesses, hidden = begun(
        beside(system([1, 1], [1, -1], lowest=[1, 1]), row(9, 9, key=[0, 1, 2]))
    )
    deviations.fix(np.array([2, 3, 4]))
    deviations.fix(np.array([1]))
    assert secondary._move_sparing_key_cells(part, deviations, witnesses, hidden, (0, 4)) is None
    assert [deviations.to_at_least(np.array([cell]), by=np.array([1])) for cell in (2, 3, 4)] == [None] * 3


def test_key_cells_stay_where_they_are_if_another_way_is_found() -> None:
    part, deviations, witnesses, hidden = begun(row(1, 9, 30, key=[1, 3]))
    deviations.fix(np.array([1, 3]))
    move = secondary._move_sparing_key_cells(part, deviations, witnesses, hidden, (0, 4))
    assert move.tolist() == [3, 0, -3, 0]
    assert deviations.to_at_least(np.array([1]), by=np.array([1])) is None


def test_a_key_cell_that_is_hidden_already_is_no_reason_to_free_the_others() -> None:
    part, deviations, witnesses, hidden = begun(row(1, 2, 30, key=[0, 1]))
    deviations.fix(np.array([2, 3]))
    assert secondary._move_sparing_key_cells(part, deviations, witnesses, hidden, (0, 4)) is None
    assert deviations.to_at_least(np.array([2]), by=np.array([1])) is None


# the lowest value


def test_a_lowest_value_that_no_table_has_moves_the_window_up() -> None:
    witnesses = Witnesses(row(2, 30), width=4)
    secondary._raise_lowest(witnesses, (0, 1))
    assert witnesses.window(0) == [2, 3, 4, 5]


@pytest.mark.parametrize(("value", "impossible"), [(1, 1), (2, 3), (3, 2), (3, 4)])
def test_any_other_value_that_no_table_has_stops_the_release(value: int, impossible: int) -> None:
    witnesses = Witnesses(row(value, 30), width=4)
    with pytest.raises(DisclosureError) as told:
        secondary._raise_lowest(witnesses, (0, impossible))
    assert str(told.value) == (
        f"{SHOULD}\n"
        "  – en cell kan inte få ett annat värde ens om allt i dess tabeller döljs\n"
        "Gör så här: redovisa grövre, eller se över de angivna summorna"
    )
    assert witnesses.window(0) == [1, 2, 3, 4]


def test_the_whole_of_two_hidden_parts_is_known_to_be_at_least_two() -> None:
    """A 3 of 1 and 2: the 3 can be 2, 3, 4 or 5, each of its parts 1 to 4."""
    hidden = secondary.hidden_cells(system([1, 2, 3], [1, 1, -1]), width=4)
    assert hidden.tolist() == [True, True, True]


# shown again


def test_the_dearest_further_cell_is_shown_again_if_another_can_do_its_work() -> None:
    part, _, witnesses, _ = begun(row(1, 9, 30))
    assert witnesses.add(np.array([3, 0, 0, 3]))
    hidden = np.array([True, True, False, True])
    secondary._narrow(part, witnesses, hidden)
    assert hidden.tolist() == [True, True, False, False]
    assert witnesses.only_by(np.array([1])) == [(0, 2), (0, 3), (0, 4)]
    witnesses.prove(hidden)


def test_what_nothing_can_replace_stays_hidden() -> None:
    part, _, witnesses, _ = begun(row(1, 9, 30))
    assert witnesses.add(np.array([3, -3, 0, 0]))
    hidden = np.array([True, True, False, False])
    secondary._narrow(part, witnesses, hidden)
    assert hidden.tolist() == [True, True, False, False]


def test_where_two_on_each_side_are_lost_without_a_cell_it_stays_hidden() -> None:
    """None of 30 have it: two could only have it if the others were hidden."""
    part, _, witnesses, hidden = begun(system([30, 0, 30], [1, 1, -1], unsafe=[1], lowest=[0, 0, 1], rest=[-1, 0, -1]))
    assert witnesses.add(np.array([-2, 2, 0]))
    hidden[0] = True
    secondary._narrow(part, witnesses, hidden)
    assert hidden.tolist() == [True, True, False]


def test_of_equals_the_first_is_shown_again_and_a_latent_cell_never() -> None:
    part, _, witnesses, _ = begun(row(1, 9, 9, 30, latent=[3]))
    assert witnesses.add(np.array([3, -3, 0, 0, 0]))
    hidden = np.array([True, True, True, True, False])
    secondary._narrow(part, witnesses, hidden)
    assert hidden.tolist() == [True, False, False, True, False]
    witnesses.prove(hidden)
