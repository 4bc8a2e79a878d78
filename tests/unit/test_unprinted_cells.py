"""What no table prints gets values that fit, and what the printed cells leave only one value for is known for certain."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.latent_cells import complete

OPEN = None
"""A cell that no table prints."""


def completed(
    *rows: list[int], cells: list[int | None], lowest: list[int] | None = None
) -> tuple[list[int], list[bool]]:
    """Complete cells; what stands for an open one at first must not matter."""
    latent = np.array([value is OPEN for value in cells])
    least = np.array(lowest or [0] * len(cells))
    matrix = sparse.csr_array(np.array(rows, dtype=np.int64).reshape(len(rows), len(cells)))
    answers = []
    for anything in (0, 7):
        values = np.array([anything if value is OPEN else value for value in cells])
        kept = values.copy()
        found, certain = complete(matrix, values=values, latent=latent, lowest=least)
        assert values.tolist() == kept.tolist()
        assert not (matrix @ found).any()
        assert found.dtype == np.int64
        answers.append((found.tolist(), certain.tolist()))
    assert answers[0] == answers[1]
    return answers[0]


def test_without_relations_an_open_cell_has_its_lowest_value_and_is_not_certain() -> None:
    assert completed(cells=[3, OPEN, OPEN], lowest=[1, 0, -5]) == ([3, 0, -5], [True, False, False])


def test_where_all_is_printed_nothing_changes() -> None:
    assert completed([-1, 1, 1], cells=[5, 2, 3]) == ([5, 2, 3], [True, True, True])


def test_the_only_open_cell_of_a_relation_is_certain() -> None:
    assert completed([-1, 1, 1], cells=[5, 2, OPEN]) == ([5, 2, 3], [True, True, True])


@pytest.mark.parametrize(
    ("row", "cells", "expected"),
    [
        ([-2, 1, 1], [OPEN, 4, 6], [5, 4, 6]),
        ([2, -1, 0], [OPEN, 0, 9], [0, 0, 9]),
        ([3, -1, -1], [OPEN, 4, 5], [3, 4, 5]),
    ],
)
def test_a_coefficient_of_the_open_cell_is_divided_by(
    row: list[int], cells: list[int | None], expected: list[int]
) -> None:
    assert completed(row, cells=cells) == (expected, [True] * 3)


def test_what_is_worked_out_helps_to_work_out_the_next() -> None:
    rows = [[0, 0, 1, 1, -1], [0, 1, -1, 0, 0], [-1, 1, 1, 0, 0]]
    assert completed(*rows, cells=[8, OPEN, OPEN, OPEN, 10]) == ([8, 4, 4, 6, 10], [True] * 5)


def test_an_open_cell_of_the_second_relation_alone_is_certain() -> None:
    rows = [[-1, 1, 1, 0, 0], [-1, 0, 0, 1, 1]]
    assert completed(*rows, cells=[5, 2, 3, 1, OPEN]) == ([5, 2, 3, 1, 4], [True] * 5)


def test_two_open_cells_of_one_sum_are_not_certain() -> None:
    found, certain = completed([-1, 1, 1], cells=[5, OPEN, OPEN])
    assert certain == [True, False, False]
    assert min(found) >= 0


def test_two_relations_together_can_leave_one_value() -> None:
    """x + y = 5 and x − y = 1: neither relation alone tells x or y."""
    assert completed([-1, 0, 1, 1], [0, -1, 1, -1], cells=[5, 1, OPEN, OPEN]) == ([5, 1, 3, 2], [True] * 4)


def test_cells_that_cannot_be_negative_are_certain_where_they_sum_to_zero() -> None:
    assert completed([-1, 1, 1], cells=[0, OPEN, OPEN]) == ([0, 0, 0], [True] * 3)


def test_cells_at_their_lowest_are_certain_where_their_sum_is() -> None:
    assert completed([-1, 1, 1], cells=[-3, OPEN, OPEN], lowest=[-9, -5, 2]) == ([-3, -5, 2], [True] * 3)


def test_only_what_has_one_value_is_certain_beside_what_has_many() -> None:
    """The first two sum to zero, the next two to 9, and the last is their difference: only the first two are known."""
    rows = [[1, 1, 0, 0, 0, 0, 0], [0, 0, 1, 1, 0, -1, 0], [0, 0, -1, 0, 1, 0, 1]]
    found, certain = completed(*rows, cells=[OPEN, OPEN, OPEN, OPEN, OPEN, 9, OPEN])
    assert certain == [True, True, False, False, False, True, False]
    assert found[:2] == [0, 0]


def test_relations_of_open_cells_alone_hold_too() -> None:
    """x = y + z and x + u = 3: the first relation has no printed cell."""
    found, certain = completed([-1, 1, 1, 0, 0], [1, 0, 0, 1, -1], cells=[OPEN, OPEN, OPEN, OPEN, 3])
    assert certain == [False, False, False, False, True]
    assert found[0] + found[3] == 3


def test_a_value_is_possible_far_above_what_is_found_first() -> None:
    """The difference of two open cells is printed: both can be any number larger."""
    assert completed([-1, 1, 1], cells=[OPEN, OPEN, 3]) == ([3, 0, 3], [False, False, True])


def test_values_are_whole_where_halves_would_be_smaller() -> None:
    """Each two of x, y and z are one or more together: a half each would do, but nobody is a half."""
    rows = [[1, 1, 0, -1, 0, 0, -1], [0, 1, 1, 0, -1, 0, -1], [1, 0, 1, 0, 0, -1, -1]]
    found, certain = completed(*rows, cells=[OPEN, OPEN, OPEN, OPEN, OPEN, OPEN, 1])
    assert sorted(found[:3]) == [0, 1, 1]
    assert certain == [False] * 6 + [True]


@pytest.mark.parametrize(
    ("rows", "cells", "lowest"),
    [
        ([[-2, 1, 1]], [OPEN, 2, 3], [0, 0, 0]),
        ([[-2, 2, 1]], [OPEN, OPEN, 3], [0, 0, 0]),
        ([[-2, 0, 1], [0, -4, 1]], [OPEN, OPEN, 3], [0, 0, 0]),
        ([[-4, 2, 1]], [OPEN, OPEN, 3], [0, 0, 0]),
        ([[-1, 1, 1]], [2, 3, OPEN], [0, 0, 0]),
        ([[-1, 1, 1]], [4, 3, OPEN], [0, 0, 2]),
        ([[-1, 1, 1]], [1, OPEN, OPEN], [0, 1, 1]),
        ([[-1, 1, 0], [-1, 0, 1]], [OPEN, 2, 3], [0, 0, 0]),
        ([[-1, 1, 1]], [6, 2, 3], [0, 0, 0]),
        ([[-1, 1, 1], [1, 1, 0]], [6, 2, OPEN], [0, 0, 0]),
    ],
    ids=["half", "even and odd", "two halves", "even and odd with a factor", "negative", "below its lowest", "two below their lowest",
         "two values", "nothing open", "something open elsewhere"],
)  # fmt: skip
def test_relations_that_no_whole_numbers_fit_stop_the_release(
    rows: list[list[int]], cells: list[int | None], lowest: list[int]
) -> None:
    with pytest.raises(DisclosureError) as refused:
        matrix = sparse.csr_array(np.array(rows, dtype=np.int64))
        latent = np.array([value is OPEN for value in cells])
        complete(matrix, values=np.array([value or 0 for value in cells]), latent=latent, lowest=np.array(lowest))
    assert refused.value.message() == (
        "Det ska finnas hela tal, inte negativa, för det som tabellerna inte visar så att alla angivna summor stämmer.\n"
        "Gör så här: se över de angivna summorna (equations) och de okända antalen"
    )


def test_a_cell_may_be_just_its_lowest() -> None:
    assert completed([-1, 1, 1], cells=[4, 3, OPEN], lowest=[0, 0, 1]) == ([4, 3, 1], [True] * 3)
    assert completed([-1, 1, 1], cells=[2, OPEN, OPEN], lowest=[0, 1, 1]) == ([2, 1, 1], [True] * 3)
