"""What must keep a whole window of values: each unsafe cell, the unions of parts that are small together, and the rest of a total."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from kaa_analysis.disclosure.hiding.protected_sums import Targets, targets_of

WIDTH = 4
"""How many values must remain possible where fewer than five are unsafe."""


def targets(*rows: list[int], values: list[int], unsafe: list[bool] | None = None, width: int = WIDTH) -> Targets:
    """The targets of relations given row by row; without ``unsafe`` what counts 1 … ``width`` is."""
    numbers = np.array(values)
    given = (numbers >= 1) & (numbers <= width) if unsafe is None else np.array(unsafe, dtype=bool)
    matrix = sparse.csr_array(np.array(rows, dtype=np.int64).reshape(len(rows), len(values)))
    assert not (matrix @ numbers).any()
    return targets_of(matrix, values=numbers, unsafe=given, width=width)


def sums(found: Targets) -> list[tuple[int, ...]]:
    return [tuple(found.members(target).tolist()) for target in range(found.forms.shape[0])]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([11, 1, 1, 9], [(1,), (2,), (1, 2)]),
        ([11, 2, 2, 7], [(1,), (2,), (1, 2)]),
        ([12, 2, 3, 7], [(1,), (2,)]),
        ([13, 4, 4, 5], [(1,), (2,)]),
        ([11, 1, 0, 10], [(1,)]),
        ([12, 1, 1, 2, 8], [(1,), (2,), (3,), (1, 2), (1, 2, 3), (1, 3), (2, 3)]),
        ([24, 1, 1, 1, 1, 20], [(1,), (2,), (3,), (4,), (1, 2), (1, 2, 3), (1, 2, 3, 4), (1, 2, 4), (1, 3), (1, 3, 4), (1, 4), (2, 3), (2, 3, 4), (2, 4), (3, 4)]),
        ([25, 1, 1, 1, 2, 20], [(1,), (2,), (3,), (4,), (1, 2), (1, 2, 3), (1, 2, 4), (1, 3), (1, 3, 4), (1, 4), (2, 3), (2, 3, 4), (2, 4), (3, 4)]),
        ([3, 1, 1, 1], [(0,), (1,), (2,), (3,), (1, 2), (1, 3), (2, 3)]),
        ([2, 1, 1], [(0,), (1,), (2,)]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1])
def test_parts_of_one_total_that_are_unsafe_together_are_a_target_but_not_all_of_them(
    values: list[int], expected: list[tuple[int, ...]], sign: int
) -> None:
    """All the parts together are the total, which is a cell by itself; which sign the total has in the relation is chance."""
    assert sums(targets([sign, *[-sign] * (len(values) - 1)], values=values)) == expected


def test_the_forms_of_the_targets_hold_a_one_for_each_cell_they_sum() -> None:
    found = targets([-1, 1, 1, 1], values=[11, 1, 1, 9])
    assert found.forms.toarray().tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0]]
    assert found.forms.dtype == np.int64
    assert found.cells.tolist() == [1, 2]


def test_where_nothing_is_unsafe_nothing_is_a_target() -> None:
    found = targets([-1, 1, 1], values=[11, 6, 5])
    assert (found.forms.shape, found.cells.tolist()) == ((0, 3), [])


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ([-1, 2, 1, 1], [11, 1, 1, 8]),
        ([-2, 1, 1, 1], [5, 1, 1, 8]),
        ([-1, -1, 1, 1], [5, 1, 1, 5]),
        ([0, 1, -1, 0], [5, 1, 1, 5]),
    ],
)
def test_only_a_relation_of_one_total_and_its_parts_has_unions(row: list[int], values: list[int]) -> None:
    assert sums(targets(row, values=values, unsafe=[False, True, True, False])) == [(1,), (2,)]


def test_a_part_that_is_shown_is_in_no_union() -> None:
    assert sums(targets([-1, 1, 1, 1], values=[11, 1, 1, 9], unsafe=[False, True, False, False])) == [(1,)]


def test_an_unsafe_part_that_is_zero_or_large_is_a_target_but_makes_no_union_small() -> None:
    """None or all of a group can be unsafe too, where the value is disclosive."""
    found = targets([-1, 1, 1, 1, 1], values=[31, 0, 30, 1, 0], unsafe=[False, True, True, True, True])
    assert sums(found) == [(1,), (2,), (3,), (4,)]


def test_each_line_has_its_own_unions() -> None:
    """Two rows beside each other: only cells of one row sum to something that a reader is shown."""
    rows = [[-1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, -1, 1, 1, 1]]
    assert sums(targets(*rows, values=[11, 1, 1, 9, 14, 2, 2, 10])) == [(1,), (2,), (5,), (6,), (1, 2), (5, 6)]


def test_a_union_of_two_lines_is_one_target() -> None:
    rows = [[-1, 0, 1, 1, 1, 0], [0, -1, 1, 1, 0, 1]]
    assert sums(targets(*rows, values=[11, 14, 1, 1, 9, 12])) == [(2,), (3,), (2, 3)]


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ((2, 2), [(3,), (4,), (3, 4)]),
        ((1, 1), [(3,), (4,), (3, 4)]),
        ((1, 4), [(3,), (4,)]),
        ((3, 2), [(3,), (4,)]),
        ((4, 4), [(3,), (4,)]),
    ],
)
def test_the_few_that_a_total_has_beyond_a_part_of_a_part_are_a_target(
    left: tuple[int, int], expected: list[tuple[int, ...]], sign: int
) -> None:
    """40 to begin with; 42 is to date: the first who came and the next are few together."""
    begun = 40
    rows = [[0, -sign, sign, sign, 0], [-sign, sign, 0, 0, sign]]
    assert sums(targets(*rows, values=[begun + sum(left), begun + left[0], begun, *left])) == expected


def test_a_rest_goes_on_up_as_long_as_it_is_small() -> None:
    """1, 1, 1 and 2 come one after another: four can be together, five no more."""
    values = [40, 41, 42, 43, 45, 1, 1, 1, 2]
    rows = [
        [1, -1, 0, 0, 0, 1, 0, 0, 0],
        [0, 1, -1, 0, 0, 0, 1, 0, 0],
        [0, 0, 1, -1, 0, 0, 0, 1, 0],
        [0, 0, 0, 1, -1, 0, 0, 0, 1],
    ]
    expected = [(5,), (6,), (7,), (8,), (5, 6), (5, 6, 7), (6, 7), (6, 7, 8), (7, 8)]
    assert sums(targets(*rows, values=values)) == expected


@pytest.mark.parametrize(
    ("unsafe", "expected"),
    [
        ([False, False, False, True, False], [(3,)]),
        ([False, False, False, False, True], [(4,)]),
        ([False, False, False, True, True], [(3,), (4,), (3, 4)]),
    ],
)
def test_a_rest_is_of_unsafe_cells_alone(unsafe: list[bool], expected: list[tuple[int, ...]]) -> None:
    rows = [[0, -1, 1, 1, 0], [-1, 1, 0, 0, 1]]
    assert sums(targets(*rows, values=[42, 41, 40, 1, 1], unsafe=unsafe)) == expected


def test_a_line_with_many_beyond_a_part_hides_no_other_line_of_it() -> None:
    """The first 40 are a part of 100 too, but more than a few are beyond them there."""
    rows = [[0, 0, 1, 0, 0, 1, -1], [0, -1, 1, 1, 0, 0, 0], [-1, 1, 0, 0, 1, 0, 0]]
    assert sums(targets(*rows, values=[42, 41, 40, 1, 1, 60, 100])) == [(3,), (4,), (3, 4)]


def test_a_rest_holds_all_the_other_parts_of_each_line() -> None:
    """Whole = middle + 1, middle = large + 1 + 1: beyond the large part are three, beyond either of the ones many."""
    rows = [[-1, 1, 0, 0, 0, 1], [0, -1, 1, 1, 1, 0]]
    assert sums(targets(*rows, values=[43, 42, 40, 1, 1, 1])) == [(3,), (4,), (5,), (3, 4), (3, 4, 5)]


def test_what_one_total_has_beyond_one_part_is_a_target_once() -> None:
    """Two ways lead from the part 4 up to the total 0: what is beyond it is the same number of persons by either."""
    rows = [
        [-1, 1, 0, 1, 0, 0, 0, 0],
        [-1, 0, 1, 0, 0, 1, 0, 0],
        [0, -1, 0, 0, 1, 0, 1, 0],
        [0, 0, -1, 0, 1, 0, 0, 1],
    ]
    values = [42, 41, 41, 1, 40, 1, 1, 1]
    found = sums(targets(*rows, values=values))
    assert found[:4] == [(3,), (5,), (6,), (7,)]
    assert len(found) == 5
    assert found[4] in [(3, 6), (5, 7)]


def test_no_sum_is_a_target_twice_where_two_cells_are_said_to_be_equal() -> None:
    """40 + 1 = 41, which is another 41, and 41 + 1 = 42."""
    rows = [[1, -1, 0, 0, 1, 0], [0, 1, -1, 0, 0, 0], [0, 0, 1, -1, 0, 1]]
    found = sums(targets(*rows, values=[40, 41, 41, 42, 1, 1]))
    assert len(found) == len(set(found))
