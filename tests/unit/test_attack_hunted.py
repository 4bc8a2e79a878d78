"""The hunt, number by number: which tables must exist for a number not to be given away, and which do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from scipy import sparse

from kaa_analysis.disclosure.attack import hunted_part
from kaa_analysis.disclosure.attack.hunt import given_away, possible
from kaa_analysis.disclosure.attack.hunted_part import Means
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT, Knowledge, knowledge_of, matrix_of, only_zeros
from kaa_analysis.disclosure.attack.lowest_values import LowestValues
from kaa_analysis.disclosure.attack.publication import PROTECTED, SHOWN, Publication, SeenCell, Terms
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.table_search import Demanded, TableSearch
from kaa_analysis.disclosure.attack.target import Demand, Target


def means(shown: Mapping[str, int], hidden: Mapping[str, int], *equations: Terms) -> Means:
    """What a hunt works with, below 5, when some numbers are shown and others hidden."""
    cells = {name: SeenCell(name, SHOWN, value) for name, value in shown.items()}
    cells |= {name: SeenCell(name, PROTECTED) for name in hidden}
    known, zeros = (
        read(Publication(cells), equations=equations, pairs=[], rules=Rules()) for read in (knowledge_of, only_zeros)
    )
    truth = {**shown, **hidden}
    floors = LowestValues(zeros, base=np.array([truth[name] for name in zeros.ids]))
    return Means(known, np.array([truth[name] for name in known.ids]), floors, 5)


def lacks(known: Means, demand: Demand, *, group: str = "", **factors: int) -> bool:
    """Whether a number, written a=1, b=-1, lacks a table that the demand asks for."""
    target = Target("count", tuple((factor, name) for name, factor in factors.items()), demand, group)
    return given_away([target], means=known) == [target]


IN_ONE_LINE = ((-1, "n"), (1, "a"), (1, "b"))


ALWAYS = range(7)


@pytest.mark.parametrize(
    ("demand", "given"),
    [
        (Demand.EACH, ALWAYS),
        (Demand.EITHER_SIGN, ALWAYS),
        (Demand.TWO, ALWAYS),
        (Demand.SAFE, range(1, 5)),
        (Demand.OPEN, range(1, 5)),
        (Demand.UNCHANGED, range(1, 5)),
    ],
)
def test_a_shown_number_is_what_it_is(demand: Demand, given: range) -> None:
    assert [value for value in range(7) if lacks(means({"a": value}, {}), demand, a=1)] == list(given)


def test_a_shown_difference_of_five_either_way_is_no_small_change() -> None:
    found = [
        by for by in range(-6, 7) if lacks(means({"new": 10 + by, "old": 10}, {}), Demand.UNCHANGED, new=1, old=-1)
    ]
    assert found == [-4, -3, -2, -1, 1, 2, 3, 4]


@pytest.mark.parametrize(("size", "safe"), [(0, []), (3, []), (4, [2]), (5, [2, 3]), (7, [2, 3, 4, 5])])
def test_a_shown_number_of_a_shown_group_is_neither_none_nor_all_with_two_on_both_sides(
    size: int, safe: list[int]
) -> None:
    known = {value: means({"a": value, "g": size}, {}) for value in range(size + 1)}
    assert [value for value in known if not lacks(known[value], Demand.NEITHER, group="g", a=1)] == safe


@pytest.mark.parametrize(
    ("demand", "total"),
    [(Demand.EACH, 5), (Demand.EITHER_SIGN, 5), (Demand.OPEN, 5), (Demand.SAFE, 6), (Demand.UNCHANGED, 6), (Demand.TWO, 3)],
)  # fmt: skip
def test_a_hidden_part_beside_another_is_safe_from_a_total_on_whatever_it_is(demand: Demand, total: int) -> None:
    """The part can be 1 … total − 1: each of 1 … 4 from the total 5 on, and 5 from 6 on."""
    found = {
        n: {lacks(means({"n": n}, {"a": a, "b": n - a}, IN_ONE_LINE), demand, a=1) for a in range(1, n)}
        for n in range(2, 9)
    }
    assert found == {n: {n < total} for n in range(2, 9)}


@pytest.mark.parametrize("demand", [Demand.EACH, Demand.SAFE, Demand.OPEN, Demand.TWO, Demand.UNCHANGED])
def test_a_hidden_number_that_nothing_holds_is_safe(demand: Demand) -> None:
    assert not any(lacks(means({}, {"a": value}), demand, a=1) for value in range(1, 9))


def test_a_change_may_go_the_other_way() -> None:
    """The new number is at most 10, so that it is 9 and one, or 9 and 1 … 8 less."""
    known = means({"n": 11, "old": 9}, {"a": 10, "b": 1}, IN_ONE_LINE)
    assert not lacks(known, Demand.EITHER_SIGN, a=1, old=-1)
    assert not lacks(known, Demand.EITHER_SIGN, a=-1, old=1)
    assert lacks(means({"n": 6, "old": 2}, {"a": 1, "b": 5}, IN_ONE_LINE), Demand.EITHER_SIGN, a=1, old=-1)


def test_a_change_that_can_be_two_or_more_but_not_one_is_given_away() -> None:
    """Two parts with somebody in each are at least two, up or down."""
    known = means({}, {"n": 3, "a": 1, "b": 2}, IN_ONE_LINE)
    assert [lacks(known, Demand.EITHER_SIGN, **change) for change in ({"n": 1}, {"n": -1}, {"a": 1})] == [
        True, True, False,
    ]  # fmt: skip


def test_a_change_need_not_be_able_to_be_none() -> None:
    known = means({}, {"new": 9, "old": 7, "more": 2}, ((-1, "new"), (1, "old"), (1, "more")))
    assert not lacks(known, Demand.EITHER_SIGN, new=1, old=-1)


@pytest.mark.parametrize("here", [1, 2, 3])
def test_a_small_change_is_safe_if_it_can_be_none_or_five_up_or_down(here: int) -> None:
    """The new number is one of 1 … 3 by the total that it is a part of, or 1 … n − 1."""
    old = range(9)
    known = [means({"n": 4, "old": value}, {"a": here, "b": 4 - here}, IN_ONE_LINE) for value in old]
    for signs in ({"a": 1, "old": -1}, {"a": -1, "old": 1}):
        given = [value for value in old if lacks(known[value], Demand.UNCHANGED, **signs)]
        assert given == [0, 4, 5]
        wide = [means({"n": n, "old": 0}, {"a": here, "b": n - here}, IN_ONE_LINE) for n in (5, 6)]
        assert [lacks(each, Demand.UNCHANGED, **signs) for each in wide] == [True, False]


UNLIKE = ((1, "a"), (1, "b"), (-1, "c"), (-1, "d"), (-1, "e"))
"""Two hidden numbers are together as much as three others, and so at least 3, although each is only at least 1."""


def test_the_window_of_a_number_moves_up_to_what_zeros_leave_of_it() -> None:
    free = {"a": 1, "b": 2, "c": 1, "d": 1, "e": 1}
    assert not lacks(means({}, free, UNLIKE), Demand.EACH, a=1, b=1)
    most = ((-1, "n"), (1, "a"), (1, "b"), (1, "f"))
    for n, given in ((6, True), (7, False)):
        assert lacks(means({"n": n}, {**free, "f": n - 3}, UNLIKE, most), Demand.EACH, a=1, b=1) is given


def test_a_number_without_the_lowest_of_its_window_is_given_away() -> None:
    """With the third shown as 2, the two are at least 4, where zeros alone leave them 3."""
    known = means({"c": 2}, {"a": 2, "b": 2, "d": 1, "e": 1}, UNLIKE)
    assert lacks(known, Demand.EACH, a=1, b=1)
    assert lacks(means({"c": 1, "d": 1, "e": 1}, {"a": 1, "b": 2}, UNLIKE), Demand.EACH, a=1, b=1)


@pytest.mark.parametrize(("size", "given"), [(2, True), (3, True), (4, False), (5, False)])
def test_a_hidden_number_of_a_shown_group_is_safe_if_two_and_two_beside_it_are_possible(size: int, given: bool) -> None:
    line = ((-1, "g"), (1, "a"), (1, "b"))
    found = {
        lacks(means({"g": size}, {"a": a, "b": size - a}, line), Demand.NEITHER, group="g", a=1) for a in range(1, size)
    }
    assert found == {given}


@pytest.mark.parametrize(("most", "given"), [(3, True), (4, False)])
def test_a_hidden_number_of_a_hidden_group_is_safe_if_the_group_can_be_two_larger(most: int, given: bool) -> None:
    """Number and rest make the group, and a last hidden cell makes the group one less than what is shown."""
    lines = (((-1, "g"), (1, "a"), (1, "b")), ((-1, "n"), (1, "g"), (1, "c")))
    known = means({"n": most + 1}, {"g": 2, "a": 1, "b": 1, "c": most - 1}, *lines)
    assert lacks(known, Demand.NEITHER, group="g", a=1) is given


@pytest.mark.parametrize(("shown", "given"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_shown_number_of_a_hidden_group_is_safe_from_two_on(shown: int, given: bool) -> None:
    known = means({"a": shown}, {"g": shown + 1, "b": 1}, ((-1, "g"), (1, "a"), (1, "b")))
    assert lacks(known, Demand.NEITHER, group="g", a=1) is given


@pytest.mark.parametrize(("total", "given"), [(5, True), (6, False)])
def test_a_shown_number_of_a_hidden_group_is_safe_if_the_group_can_be_two_larger(total: int, given: bool) -> None:
    lines = (((-1, "g"), (1, "a"), (1, "b")), ((-1, "n"), (1, "g"), (1, "c")))
    known = means({"a": 3, "n": total}, {"g": 4, "b": 1, "c": total - 4}, *lines)
    assert lacks(known, Demand.NEITHER, group="g", a=1) is given


def test_a_hidden_group_that_no_equation_holds_to_its_number_is_tried_with_it() -> None:
    assert not lacks(means({}, {"a": 1, "g": 2}), Demand.NEITHER, group="g", a=1)
    assert lacks(means({"g": 3}, {"a": 1}), Demand.NEITHER, group="g", a=1)
    assert not lacks(means({"g": 4}, {"a": 1}), Demand.NEITHER, group="g", a=1)


def test_the_rest_of_a_hidden_group_is_tried_together_with_the_group() -> None:
    """One beside two: only a larger group has two on both sides."""
    assert not lacks(means({}, {"g": 3, "b": 2}), Demand.NEITHER, group="g", g=1, b=-1)


def test_values_are_possible_up_to_the_bounds_of_each_connected_set() -> None:
    known = means(
        {"n": 4, "k": 3, "m": 9}, {"a": 1, "b": 3, "x": 8, "y": 1}, IN_ONE_LINE, ((-1, "m"), (1, "x"), (1, "y"))
    )
    targets = [
        Target("count", terms)
        for terms in (
            ((1, "a"),),
            ((1, "k"),),
            ((1, "x"),),
            ((1, "a"), (1, "k")),
            ((1, "a"), (1, "x")),
            ((1, "x"), (-1, "b")),
        )
    ]
    found = possible(targets, values=range(8), means=known)
    assert found.dtype == np.bool_
    assert [np.flatnonzero(row).tolist() for row in found] == [
        [1, 2, 3], [3], [1, 2, 3, 4, 5, 6, 7], [4, 5, 6], [2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7],
    ]  # fmt: skip


def test_what_is_given_away_is_told_in_the_order_of_the_targets() -> None:
    known = means(
        {"n": 4, "k": 3, "m": 9}, {"a": 1, "b": 3, "x": 8, "y": 1}, IN_ONE_LINE, ((-1, "m"), (1, "x"), (1, "y"))
    )
    targets = [Target("count", ((1, name),)) for name in ("y", "k", "b", "x", "a")]
    assert given_away(targets, means=known) == [targets[1], targets[2], targets[4]]
    assert given_away([], means=known) == []
    assert possible([], values=range(3), means=known).shape == (0, 3)


def test_what_is_shown_holds_no_hidden_numbers_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two lines with one shown total are searched apart, each in its own two cells."""
    sizes = []

    class Counted(TableSearch):
        def __init__(self, matrix: sparse.csr_array, **bounds: np.ndarray) -> None:
            sizes.append(matrix.shape)
            super().__init__(matrix, **bounds)

    monkeypatch.setattr(hunted_part, "TableSearch", Counted)
    known = means({"n": 9}, {"a": 4, "b": 5, "c": 3, "d": 6}, IN_ONE_LINE, ((-1, "n"), (1, "c"), (1, "d")))
    assert given_away([Target("count", ((1, name),)) for name in "ac"], means=known) == []
    assert sizes == [(1, 2), (1, 2)]


def test_a_table_that_is_found_answers_for_every_number_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """One step between two parts is taken as often as they allow: nothing is left to ask about either."""
    asked = []

    class Counted(TableSearch):
        def move(self, demanded: Sequence[Demanded]) -> np.ndarray | None:
            asked.append([(low, high) for _, _, low, high in demanded])
            return super().move(demanded)

    monkeypatch.setattr(hunted_part, "TableSearch", Counted)
    known = means({"n": 6}, {"a": 3, "b": 3}, IN_ONE_LINE)
    targets = [Target("count", ((1, name),)) for name in "ab"]
    assert possible(targets, values=range(1, 6), means=known).all()
    assert asked == [[(1, 1)]]


# the lowest that a number can be


def lowest_values(cells: Mapping[str, tuple[int, int, int]], *equations: Terms) -> LowestValues:
    """From the lowest, a fitting and the highest value of each cell."""
    low, here, high = (np.array([bounds[at] for bounds in cells.values()]) for at in range(3))
    return LowestValues(Knowledge(tuple(cells), low, high, matrix_of(equations, ids=tuple(cells))), base=here)


def test_a_known_number_reaches_itself() -> None:
    for value in range(5):
        floors = lowest_values({"k": (value, value, value)})
        assert [most for most in range(1, 6) if floors.reaches(((1, "k"),), at_most=most)] == [
            most for most in range(1, 6) if 1 <= value <= most
        ]


def test_a_number_reaches_nothing_below_one() -> None:
    line = ((-1, "n"), (1, "a"), (1, "b"))
    floors = lowest_values({"n": (0, 0, 9), "a": (0, 0, 9), "b": (0, 0, 0)}, line)
    assert [floors.reaches(terms, at_most=1) for terms in (((1, "n"),), ((1, "n"), (-1, "a")), ((1, "a"), (1, "b")))] == [
        True, False, True,
    ]  # fmt: skip


def test_totals_of_totals_are_raised_whatever_the_order_and_the_sign_of_the_equations() -> None:
    free = (1, 30, NO_LIMIT)
    cells = {name: free for name in ("top", "mid", "low", "a", "b", "c", "d")}
    up = (((-1, "top"), (1, "mid"), (1, "d")), ((-1, "mid"), (1, "low"), (1, "c")), ((-1, "low"), (1, "a"), (1, "b")))
    down = tuple(tuple((-factor, name) for factor, name in terms) for terms in up)
    for equations in (up, down, up[::-1], (up[0], down[1], up[2])):
        floors = lowest_values(cells, *equations)
        assert [floors.at_least(((1, name),)) for name in cells] == [4, 3, 2, 1, 1, 1, 1]
        assert floors.at_least(((1, "top"), (1, "mid"))) == 7
        assert floors.at_least(((1, "top"), (-1, "mid"))) == 1


def test_a_total_that_is_more_by_itself_than_its_parts_keeps_it() -> None:
    floors = lowest_values({"n": (7, 9, 99), "a": (1, 5, 99), "b": (2, 4, 99)}, IN_ONE_LINE)
    assert [floors.at_least(((1, name),)) for name in "nab"] == [7, 1, 2]


def test_an_equation_in_which_a_total_counts_twice_raises_nothing() -> None:
    floors = lowest_values({"n": (1, 2, 99), "a": (1, 2, 99), "b": (1, 2, 99)}, ((-2, "n"), (1, "a"), (1, "b")))
    assert floors.at_least(((1, "n"),)) == 1
    floors = lowest_values({"n": (1, 6, 99), "a": (1, 2, 99), "b": (1, 2, 99)}, ((-1, "n"), (2, "a"), (1, "b")))
    assert floors.at_least(((1, "n"),)) == 3


def test_a_number_on_both_sides_of_an_equation_counts_for_nothing_in_it() -> None:
    cells = {"n": (1, 2, 99), "a": (1, 1, 99), "b": (1, 1, 99), "x": (1, 3, 99)}
    floors = lowest_values(cells, (*IN_ONE_LINE, (1, "x"), (-1, "x")))
    assert [floors.at_least(((1, name),)) for name in cells] == [2, 1, 1, 1]


def test_a_number_that_only_known_ones_make_up_reaches_itself_alone() -> None:
    floors = lowest_values({"n": (0, 3, 99), "a": (1, 1, 1), "b": (2, 2, 2)}, IN_ONE_LINE)
    assert [most for most in range(1, 6) if floors.reaches(((1, "n"),), at_most=most)] == [3, 4, 5]


def test_cells_that_can_move_are_in_one_part_if_an_equation_holds_them_together() -> None:
    """Two lines with a known cell in common are two parts: each can be had low without the other."""
    cells = {"a": (1, 5, 99), "b": (1, 4, 99), "k": (9, 9, 9), "x": (1, 3, 99), "y": (1, 6, 99)}
    floors = lowest_values(cells, ((-1, "k"), (1, "a"), (1, "b")), ((-1, "k"), (1, "x"), (1, "y")))
    assert [most for most in range(1, 5) if floors.reaches(((1, "a"), (1, "x")), at_most=most)] == [2, 3, 4]
    assert [most for most in range(1, 12) if floors.reaches(((1, "a"), (1, "b")), at_most=most)] == [9, 10, 11]
    assert [most for most in range(1, 12) if floors.reaches(((1, "k"), (1, "x")), at_most=most)] == [10, 11]


def test_a_hunt_with_nothing_that_moves_finds_the_shown_alone() -> None:
    empty = Knowledge(("a",), np.array([3]), np.array([3]), sparse.csr_array((0, 1), dtype=np.int64))
    known = Means(empty, np.array([3]), LowestValues(empty, base=np.array([3])), 5)
    assert lacks(known, Demand.SAFE, a=1)
    assert possible([Target("count", ((1, "a"),))], values=range(5), means=known).tolist() == [
        [False, False, False, True, False]
    ]
