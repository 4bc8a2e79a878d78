"""The linear programs of the protection: optima, whole numbers, bounds that come and go, and cells that can have one value only."""

from __future__ import annotations

from types import SimpleNamespace

import highspy
import numpy as np
import pytest
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.hiding.hitting_set import HittingSet
from kaa_analysis.disclosure.hiding.linear_program import SECONDS_PER_SOLVE, LinearProgram
from kaa_analysis.disclosure.hiding.up_and_down import FARTHEST_UP, UpAndDown
from tests.unit.hand_made_systems import row, system

ENDLESS = np.inf
Ended = highspy.HighsModelStatus


def program(
    *rows: list[float], right_side: list[int], costs: list[float], upper: list[float] | None = None
) -> LinearProgram:
    matrix = sparse.csr_array(np.array(rows))
    return LinearProgram(
        matrix, right_side=np.array(right_side), costs=np.array(costs), upper=upper and np.array(upper)
    )


def test_the_cheapest_column_takes_what_is_needed_up_to_its_bound() -> None:
    assert program([1, 1, 1], right_side=[10], costs=[1, 2, 3], upper=[4, 5, 9]).solve().tolist() == [4, 5, 1]


def test_without_bounds_a_column_is_not_negative_and_has_no_end() -> None:
    assert program([1, -1], right_side=[700], costs=[1, 1]).solve().tolist() == [700, 0]
    assert program([1, 1], right_side=[-1], costs=[1, 1]).solve() is None


def test_whole_numbers_are_given_only_where_they_are_asked_for() -> None:
    halves = program([2, 3], right_side=[3], costs=[1, 2])
    assert halves.solve().tolist() == [1.5, 0]
    assert halves.solve(whole=True).tolist() == [0, 1]
    assert halves.solve().tolist() == [1.5, 0]


def test_where_only_halves_fit_there_is_nothing_in_whole_numbers() -> None:
    half = program([2], right_side=[1], costs=[1])
    assert half.solve(whole=True) is None
    assert half.solve().tolist() == [0.5]


def test_costs_bounds_and_rows_can_be_changed_between_solves() -> None:
    three = program([1, 1, 1], right_side=[6], costs=[1, 2, 3])
    assert three.solve().tolist() == [6, 0, 0]
    three.cost(np.array([3, 1, 1.5]))
    assert three.solve().tolist() == [0, 6, 0]
    three.bound(np.array([0, 1]), lower=np.array([1, 0]), upper=np.array([6, 2]))
    assert three.solve().tolist() == [1, 2, 3]
    together = three.add_row(np.array([1, 2]), np.array([2, 1]))
    assert together == 1
    assert three.solve().tolist() == [1, 2, 3]
    three.bound_row(together, lower=5, upper=6)
    assert three.solve().tolist() == [1, 1, 4]
    three.bound_row(together, lower=-ENDLESS, upper=ENDLESS)
    assert three.solve().tolist() == [1, 2, 3]


def test_the_slopes_tell_what_a_step_from_the_bound_would_save_or_cost() -> None:
    two = program([1, 1, 1], right_side=[6], costs=[1, 2, 0.25], upper=[9, 9, 0])
    assert two.solve().tolist() == [6, 0, 0]
    assert two.slopes().tolist() == [0, 1, -0.75]


@pytest.mark.parametrize(
    ("rows", "right_side", "upper", "fixed"),
    [
        ([[1, 1]], [6], None, [False, False]),
        ([[1, 1], [1, -1]], [6, 2], None, [True, True]),
        ([[1, 1]], [0], None, [True, True]),
        ([[1, 1]], [18], [9, 9], [True, True]),
        ([[1, 1]], [17], [9, 9], [False, False]),
        ([[1, -1]], [3], None, [False, False]),
        ([[1, -1, 0], [0, 0, 2]], [3, 1], None, [False, False, True]),
        ([[2, 2]], [1], None, [False, False]),
        ([[1, 1]], [-1], None, [False, False]),
        ([[0]], [0], [9e-7], [True]),
        ([[0]], [0], [1e-6], [False]),
    ],
    ids=[
        "sum",
        "sum and difference",
        "nothing to share",
        "all full",
        "not full",
        "no end",
        "no end, a half",
        "halves",
        "none",
        "less than the tolerance",
        "the tolerance",
    ],
)
def test_a_column_is_fixed_if_just_one_value_fits(
    rows: list[list[int]], right_side: list[int], upper: list[int] | None, fixed: list[bool]
) -> None:
    asked = program(*rows, right_side=right_side, costs=[0] * len(fixed), upper=upper)
    assert [asked.is_fixed(column) for column in range(len(fixed))] == fixed


def test_asking_what_is_fixed_leaves_the_costs_as_they_were() -> None:
    two = program([1, 1], right_side=[6], costs=[1, 2])
    assert not two.is_fixed(1)
    assert two.solve().tolist() == [6, 0]


def test_what_is_fixed_is_a_matter_of_all_numbers_also_after_whole_ones() -> None:
    """Of 2x + 2y + z = 1 in whole numbers only z = 1 is left, but x can be anything from 0 to ½."""
    odd = program([2, 2, 1], right_side=[1], costs=[1, 1, 1])
    assert odd.solve(whole=True).tolist() == [0, 0, 1]
    assert [odd.is_fixed(column) for column in range(3)] == [False, False, False]


# a solver that ends otherwise


class Ending:
    """In place of HiGHS: each run ends as told, with ``solution`` and whether it fits; what is asked of it is kept."""

    def __init__(self, *ends: Ended, fits: bool = True, solution: tuple[float, ...] = (4.0, 5.0)) -> None:
        self.ends, self.asked = list(ends), []
        statuses = highspy.SolutionStatus
        told = statuses.kSolutionStatusFeasible if fits else statuses.kSolutionStatusInfeasible
        self.getInfo = lambda: SimpleNamespace(primal_solution_status=told)
        self.getSolution = lambda: SimpleNamespace(col_value=list(solution))
        self.getModelStatus = lambda: self.status
        self.getRunTime = lambda: 7.0
        self.setOptionValue = lambda name, value: self.asked.append((name, value))
        self.clearSolver = lambda: self.asked.append("anew")

    def run(self) -> None:
        self.status = self.ends.pop(0)
        self.asked.append("run")


def ending(*ends: Ended, **more: object) -> LinearProgram:
    """A program whose solver ends as told."""
    two = program([1, 1], right_side=[9], costs=[1, 1])
    two._highs = Ending(*ends, **more)
    return two


def test_solvers_print_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert program([2, 3], right_side=[3], costs=[1, 2]).solve(whole=True).tolist() == [0, 1]
    assert HittingSet(np.array([1.0]), most=10.0).choose().tolist() == [False]
    assert capfd.readouterr().out == ""


def test_each_run_has_a_minute_of_its_own_and_one_that_leads_nowhere_is_made_once_more() -> None:
    """HiGHS has run for 7 seconds before."""
    minute = ("time_limit", 7.0 + SECONDS_PER_SOLVE)
    for ends, asked in (
        ([Ended.kOptimal], [minute, "run"]),
        ([Ended.kUnknown, Ended.kOptimal], [minute, "run", "anew", minute, "run"]),
    ):
        two = ending(*ends)
        assert two.solve().tolist() == [4, 5]
        assert two._highs.asked == asked


@pytest.mark.parametrize(
    ("ends", "fits", "told"),
    [
        ([Ended.kSolutionLimit], False, "SolutionLimit"),
        ([Ended.kOptimal], False, "Optimal"),
        ([Ended.kTimeLimit], True, "TimeLimit"),
        ([Ended.kUnknown, Ended.kUnknown], True, "Unknown"),
    ],
)
def test_a_solver_without_a_certain_answer_stops_the_release(ends: list[Ended], fits: bool, told: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        ending(*ends, fits=fits).solve()
    assert str(refused.value) == (
        "Röjandekontrollen ska ha ett säkert svar för varje cell.\n"
        f"  – lösaren slutade utan svar ({told})\n"
        "Gör så här: dela upp releasen eller redovisa grövre, och kör igen"
    )


@pytest.mark.parametrize(
    ("end", "fits", "chosen"),
    [
        (Ended.kOptimal, True, [True, False, False]),
        (Ended.kSolutionLimit, True, [True, False, False]),
        (Ended.kSolutionLimit, False, None),
        (Ended.kTimeLimit, True, None),
        (Ended.kInfeasible, False, None),
    ],
)
def test_only_a_choice_that_is_certain_to_fit_is_taken(end: Ended, fits: bool, chosen: list[bool] | None) -> None:
    """What is taken is told in whole numbers, nearly; a half is none."""
    choice = HittingSet(np.ones(3), most=3.0)
    choice._highs = Ending(end, fits=fits, solution=(1 - 1e-7, 0.5, 1e-7))
    found = choice.choose()
    assert (found if found is None else found.tolist()) == chosen


# up and down


def moved(cells: UpAndDown, costs: list[float]) -> list[float]:
    """How the cells move where a step up costs what is told, and a step down saves it."""
    cells.program.cost(np.concatenate([costs, -np.array(costs)]))
    return cells.deviation(cells.program.solve()).tolist()


def test_a_cell_goes_down_to_its_lowest_value_and_up_to_the_farthest() -> None:
    cells = UpAndDown(system([5, 7], [0, 0], lowest=[1, 0]))
    assert cells.room.tolist() == [FARTHEST_UP, FARTHEST_UP, 4, 7]
    assert moved(cells, [1, 1]) == [-4, -7]
    assert moved(cells, [-1, -1]) == [FARTHEST_UP, FARTHEST_UP]


def test_cells_may_have_more_relations_than_there_are_cells() -> None:
    cells = UpAndDown(system([5, 5], [1, -1], [2, -2], [3, -3]))
    assert list(cells.program._highs.getLp().row_lower_) == [0, 0, 0]
    assert moved(cells, [1, 1]) == [-4, -4]


def test_before_any_cost_is_told_nothing_moves_cells_apart() -> None:
    cells = UpAndDown(row(1, 9))
    deviation = cells.deviation(cells.program.solve())
    assert deviation[:2].sum() == deviation[2]


def test_cells_are_kept_and_released() -> None:
    cells = UpAndDown(row(3, 9))
    assert moved(cells, [1, 0, 0])[0] == -2
    cells.keep(np.array([1, 2]))
    assert moved(cells, [1, 0, 0]) == [0, 0, 0]
    cells.release(np.array([2]))
    assert moved(cells, [1, 0, 0]) == [-2, 0, -2]


def test_a_sum_is_limited_and_released_and_each_sum_has_one_row() -> None:
    cells = UpAndDown(row(3, 9, 30))
    both, n_rows = np.array([0, 1]), []
    assert moved(cells, [1, 1, 0, 0])[:2] == [-2, -8]
    for lower, upper, sums in ((-3, 1, -3), (2, 4, 2)):
        cells.limit_sum(both, lower=lower, upper=upper)
        assert sum(moved(cells, [1, 1, 0, 0])[:2]) == sums
        cells.release_sum(both)
        assert moved(cells, [1, 1, 0, 0])[:2] == [-2, -8]
        n_rows.append(cells.program.add_row(np.array([0]), np.array([1])))
    assert n_rows == [2, 3]


# choices


@pytest.mark.parametrize(
    ("costs", "sets", "chosen"),
    [
        ([1, 1, 1], [[0, 1], [1, 2], [0, 2]], 2),
        ([1, 1, 1, 1, 1], [[0, 1], [1, 2], [2, 3], [3, 4], [4, 0]], 3),
        ([3, 1, 1], [[0, 1], [0, 2]], 2),
        ([1, 1, 1], [], 0),
    ],
)
def test_a_choice_takes_whole_candidates_and_no_more_than_needed(
    costs: list[int], sets: list[list[int]], chosen: int
) -> None:
    choice = HittingSet(np.array(costs), most=10.0)
    for members in sets:
        choice.require_one_of(np.array(members, dtype=int))
    taken = choice.choose()
    assert all(taken[members].any() for members in sets)
    assert taken.sum() == chosen


@pytest.mark.parametrize(("most", "taken"), [(2.0, [True, True]), (1.99, None)])
def test_a_choice_costs_no_more_than_the_most(most: float, taken: list[bool] | None) -> None:
    choice = HittingSet(np.array([1.0, 1.0]), most=most)
    choice.require_one_of(np.array([0]))
    choice.require_one_of(np.array([1]))
    found = choice.choose()
    assert (found if found is None else found.tolist()) == taken


def test_a_set_of_nothing_can_not_be_hit() -> None:
    choice = HittingSet(np.array([1.0, 1.0]), most=10.0)
    choice.require_one_of(np.array([], dtype=int))
    assert choice.choose() is None


def test_a_candidate_without_possible_company_is_not_taken() -> None:
    choice = HittingSet(np.array([1.0, 2.0]), most=10.0)
    choice.require_company(0, np.array([], dtype=int))
    choice.require_one_of(np.array([0, 1]))
    assert choice.choose().tolist() == [False, True]
