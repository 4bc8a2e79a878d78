"""The searches of the attack for whole tables: what is found fits, what cannot be is told, and what the solver says is checked."""

from __future__ import annotations

from types import SimpleNamespace

import highspy
import numpy as np
import pytest
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.disclosure.attack import table_search
from kaa_analysis.disclosure.attack.demonstrated import Demonstrated
from kaa_analysis.disclosure.attack.fitting_table import some_table
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT
from kaa_analysis.disclosure.attack.table_search import TableSearch

ASKED = "Attacken på det som ska publiceras ska ha ett säkert svar för varje tal."
DO = "dela upp releasen eller redovisa grövre, och kör igen"


def matrix(*rows: list[int]) -> sparse.csr_array:
    return sparse.csr_array(np.array(rows, dtype=np.int64))


def search(
    rows: list[list[int]], base: list[int], *, lower: list[int] | None = None, upper: list[int] | None = None
) -> TableSearch:
    n = len(base)
    return TableSearch(
        matrix(*rows),
        base=np.array(base),
        lower=np.array(lower or [0] * n),
        upper=np.array(upper or [NO_LIMIT] * n),
    )


def demand(low: int, high: int, **factors: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """The lowest and highest of a sum over columns, written c0=1, c2=-1."""
    return np.array([int(name[1:]) for name in factors]), np.array(list(factors.values())), low, high


def moved(found: np.ndarray | None) -> list[int] | None:
    return None if found is None else found.tolist()


HALVES = [[2, 1, -1]]
"""The third cell is twice the first and once the second: moved by one, it takes half a step of the first, or a whole of the second."""


def test_half_steps_give_way_to_whole_ones() -> None:
    tables = search(HALVES, [3, 3, 9])
    assert moved(tables.move([demand(10, 10, c2=1)])) == [0, 1, 1]
    assert moved(tables.move([demand(8, 8, c2=1)])) == [0, -1, -1]
    assert moved(tables.move([demand(11, 11, c2=1)])) == [1, 0, 2]
    assert moved(tables.move([demand(9, 9, c2=1)])) == [0, 0, 0]


def test_a_table_of_halves_alone_is_none_and_the_next_question_is_answered_as_before() -> None:
    tables = search(HALVES, [3, 3, 9], lower=[0, 3, 0], upper=[NO_LIMIT, 3, NO_LIMIT])
    assert [moved(tables.move([demand(it, it, c2=1)])) for it in (10, 11, 8, 7, 12)] == [
        None,
        [1, 0, 2],
        None,
        [-1, 0, -2],
        None,
    ]


def test_whole_tables_are_found_where_every_cheap_one_is_of_fractions() -> None:
    """Twice one and three times another make a number that goes up by one only if the first goes down or up by two, or as much more."""
    tables = search([[6, 10, 15, -1]], [5, 5, 5, 155])
    for by in (1, -1, 2, 7):
        steps = tables.move([demand(155 + by, 155 + by, c3=1)])
        assert steps.dtype == np.int64
        assert (np.array([6, 10, 15, -1]) @ steps, steps[3]) == (0, by)
        assert (steps[:3] >= -5).all()
    tables = search([[6, 10, 15, -1]], [0, 0, 0, 0])
    possible = [number for number in range(1, 36) if tables.move([demand(number, number, c3=1)]) is not None]
    sums = {6 * a + 10 * b + 15 * c for a in range(6) for b in range(4) for c in range(3)}
    assert possible == sorted(number for number in sums if 1 <= number <= 35)


@pytest.mark.parametrize(
    ("low", "high", "possible"),
    [(4, 4, True), (5, 5, False), (1, 1, True), (0, 0, False), (5, NO_LIMIT, False), (4, NO_LIMIT, True),
     (-NO_LIMIT, 0, False), (-NO_LIMIT, 1, True), (-NO_LIMIT, NO_LIMIT, True)],
)  # fmt: skip
def test_bounds_of_cells_hold_at_both_ends(low: int, high: int, possible: bool) -> None:
    tables = search([[1, 1]], [2, 3], lower=[1, 1], upper=[9, NO_LIMIT])
    assert (tables.move([demand(low, high, c0=1)]) is not None) is possible


def test_two_demands_are_met_together_and_forgotten_afterwards() -> None:
    tables = search([[1, 1, 1]], [2, 3, 4])
    assert moved(tables.move([demand(3, NO_LIMIT, c0=1), demand(-NO_LIMIT, 3, c0=1, c1=1)])) == [1, -3, 2]
    assert moved(tables.move([demand(4, 4, c0=1), demand(5, 5, c1=1)])) == [2, 2, -4]
    assert tables.move([demand(5, 5, c0=1), demand(5, 5, c1=1)]) is None
    assert moved(tables.move([demand(9, 9, c2=1)])) == [-2, -3, 5]
    assert moved(tables.move([])) == [0, 0, 0]


def test_two_searches_in_the_same_tables_go_the_same_way() -> None:
    """Any of thirty others could make up for the one that is moved."""
    moves = [
        [moved(tables.move([demand(10, 10, **{f"c{at}": 1})])) for at in range(5)]
        for tables in (search([[1] * 30], [9] * 30), search([[1] * 30], [9] * 30))
    ]
    assert moves[0] == moves[1]
    assert [sorted(steps) for steps in moves[0]] == [[-1, *[0] * 28, 1]] * 5
    some_tables = {tuple(some([[1] * 30], [1], [0] * 30, [9] * 30)[1]) for _ in range(3)}
    assert len(some_tables) == 1


def test_a_search_says_nothing_by_itself(capfd: pytest.CaptureFixture[str]) -> None:
    search(HALVES, [3, 3, 9]).move([demand(10, 10, c2=1)])
    some_table(matrix([1, 1]), right_side=np.array([3]), lower=np.zeros(2), upper=np.full(2, 9))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("steps", "fits"),
    [([0, 0], True), ([1, -1], True), ([2, -2], True), ([3, -3], False), ([-1, 1], True), ([-2, 2], False), ([1, 0], False)],
)  # fmt: skip
def test_steps_fit_that_keep_sums_and_bounds(steps: list[int], fits: bool) -> None:
    tables = search([[1, 1]], [2, 3], lower=[1, 1], upper=[9, 4])
    assert tables.fits(np.array(steps)) is fits


# some table at all


def some(
    rows: list[list[int]], right_side: list[int], lower: list[int], upper: list[int]
) -> tuple[np.dtype, list[int]] | None:
    found = some_table(matrix(*rows), right_side=np.array(right_side), lower=np.array(lower), upper=np.array(upper))
    return None if found is None else (found.dtype, found.tolist())


WHOLE = np.dtype(np.int64)


def test_the_only_table_that_fits_is_found() -> None:
    assert some([[1, 1]], [5], [2, 3], [NO_LIMIT, NO_LIMIT]) == (WHOLE, [2, 3])
    assert some([[1, 1], [1, -1]], [7, 1], [0, 0], [NO_LIMIT, NO_LIMIT]) == (WHOLE, [4, 3])
    assert some([[1, 1]], [5], [0, 0], [1, 4]) == (WHOLE, [1, 4])
    assert some([[2, 3]], [7], [0, 0], [NO_LIMIT, NO_LIMIT]) == (WHOLE, [2, 1])


def test_no_table_is_found_where_bounds_or_whole_numbers_forbid_it() -> None:
    assert some([[1, 1]], [5], [3, 3], [NO_LIMIT, NO_LIMIT]) is None
    assert some([[1, 1]], [5], [0, 0], [2, 2]) is None
    assert some([[2, 2]], [5], [0, 0], [NO_LIMIT, NO_LIMIT]) is None


# a solver that is wrong, or does not finish


def lying(monkeypatch: pytest.MonkeyPatch, *values: float) -> None:
    """Let the solver say that these are the values of its columns."""

    class Lying(highspy.Highs):
        def getSolution(self) -> SimpleNamespace:  # noqa: N802
            return SimpleNamespace(col_value=list(values))

    monkeypatch.setattr(highspy, "Highs", Lying)


def told(refused: pytest.ExceptionInfo[DisclosureError]) -> tuple[str, tuple[str, ...], str]:
    return refused.value.expected, refused.value.found, refused.value.action


NO_WHOLE = (ASKED, ("lösaren slutade utan svar (inga hela tal)",), DO)


@pytest.mark.parametrize("values", [(1, 5), (-1, 7), (7, -1), (10, -4), (3, 2)])
def test_a_table_that_does_not_fit_after_all_is_refused(
    monkeypatch: pytest.MonkeyPatch, values: tuple[int, int]
) -> None:
    """Above a bound, below one, or another sum."""
    lying(monkeypatch, *values)
    with pytest.raises(DisclosureError) as refused:
        some([[1, 1]], [6], [0, 0], [9, 4])
    assert told(refused) == NO_WHOLE


def test_a_table_that_fits_is_taken_whoever_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lying(monkeypatch, 2.0000001, 3.9999999)
    assert some([[1, 1]], [6], [0, 0], [9, 4]) == (WHOLE, [2, 4])


@pytest.mark.parametrize("values", [(0.5, 0, 0, 1), (3, 0, 0, 3), (0, 2, 2, 0), (1, 0, 0, 0)])
def test_steps_that_do_not_fit_after_all_are_refused(
    monkeypatch: pytest.MonkeyPatch, values: tuple[float, ...]
) -> None:
    """Up and down of both cells: half steps, above a bound, below one, or another sum."""
    lying(monkeypatch, *values)
    tables = search([[1, 1]], [2, 3], lower=[1, 1], upper=[4, 9])
    with pytest.raises(DisclosureError) as refused:
        tables.move([demand(1, 4, c0=1)])
    assert told(refused) == NO_WHOLE


def test_steps_that_fit_are_taken_whoever_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    lying(monkeypatch, 2.00000001, 0, 0, 2)
    tables = search([[1, 1]], [2, 3], lower=[1, 1], upper=[4, 9])
    assert moved(tables.move([demand(1, 4, c0=1)])) == [2, -2]


def test_a_search_that_is_not_sure_is_tried_again_from_the_start_and_then_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unsure, calls = highspy.HighsModelStatus.kUnknown, []

    class Unsure(highspy.Highs):
        def clearSolver(self) -> None:  # noqa: N802
            calls.append("cleared")
            super().clearSolver()

        def getModelStatus(self) -> highspy.HighsModelStatus:  # noqa: N802
            calls.append("asked")
            return super().getModelStatus() if calls.count("asked") > times else unsure

    monkeypatch.setattr(highspy, "Highs", Unsure)
    times = 1
    assert moved(search([[1, 1]], [2, 3]).move([demand(4, 4, c0=1)])) == [2, -2]
    assert calls == ["asked", "cleared", "asked"]
    calls.clear()
    times = 9
    with pytest.raises(DisclosureError) as refused:
        search([[1, 1]], [2, 3]).move([demand(4, 4, c0=1)])
    assert told(refused) == (ASKED, ("lösaren slutade utan svar (Unknown)",), DO)
    assert calls == ["asked", "cleared", "asked"]


def knapsack(n: int) -> tuple[list[int], list[int]]:
    """One row of unlike numbers, and a sum that takes a while to reach."""
    return np.random.default_rng(1).integers(10**6, 2 * 10**6, n).tolist(), [1] * n


def test_no_time_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_search, "SECONDS_PER_SOLVE", 0.0)
    factors, highest = knapsack(30)
    refusal = (ASKED, ("lösaren slutade utan svar (TimeLimit)",), DO)
    with pytest.raises(DisclosureError) as refused:
        some([factors], [sum(factors) // 2 + 1], [0] * 30, highest)
    assert told(refused) == refusal
    with pytest.raises(DisclosureError) as refused:
        search([[1, 1]], [2, 3]).move([demand(4, 4, c0=1)])
    assert told(refused) == refusal


def test_each_search_has_the_whole_time_however_long_those_before_took(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []

    class Tired(highspy.Highs):
        def getRunTime(self) -> float:  # noqa: N802
            return 1000.0

        def setOptionValue(self, name: str, value: object) -> highspy.HighsStatus:  # noqa: N802
            if name == "time_limit":
                limits.append(value)
            return super().setOptionValue(name, value)

    monkeypatch.setattr(highspy, "Highs", Tired)
    assert moved(search([[1, 1]], [2, 3]).move([demand(4, 4, c0=1)])) == [2, -2]
    assert limits == [1060.0]


# what tables show of several targets at once


def values_seen(base: int, *, lower: int, upper: int, step: int) -> tuple[list[int], list[int], int, int]:
    """One target, the cell itself: the values noted up, down, and the least and most."""
    shown = Demonstrated(
        matrix([1]),
        fixed=np.zeros(1, dtype=np.int64),
        base=np.array([base]),
        lower=np.array([lower]),
        upper=np.array([upper]),
        highest=6,
    )
    shown.credit(np.array([step]))
    assert (shown.seen.dtype, shown.seen_negative.dtype) == (np.bool_, np.bool_)
    up, down = (np.flatnonzero(seen[0]).tolist() for seen in (shown.seen, shown.seen_negative))
    return up, down, int(shown.least[0]), int(shown.most[0])


@pytest.mark.parametrize(
    ("base", "lower", "upper", "step", "up", "down", "ends"),
    [
        (2, 2, 4, 1, [2, 3, 4], [], (2, 4)),
        (2, 0, 2, -1, [0, 1, 2], [0], (0, 2)),
        (2, 0, 3, 1, [0, 1, 2, 3], [0], (0, 3)),
        (3, 1, 3, -1, [1, 2, 3], [], (1, 3)),
        (5, 4, 9, 1, [4, 5, 6], [], (4, 9)),
        (5, 4, 9, 4, [4, 5, 6], [], (4, 9)),
        (0, -3, 2, 1, [0, 1, 2], [0, 1, 2, 3], (-3, 2)),
        (-5, -9, -4, -1, [], [4, 5, 6], (-9, -4)),
        (3, 3, 3, 1, [3, 4], [], (3, 4)),
    ],
)
def test_one_step_shows_all_that_the_bounds_allow_of_its_direction(
    base: int, lower: int, upper: int, step: int, up: list[int], down: list[int], ends: tuple[int, int]
) -> None:
    assert values_seen(base, lower=lower, upper=upper, step=step) == (up, down, *ends)
