"""Which points of a curve can be shown: those whose counts are shown at this time and at every time before.

What an attacker would do. S(t) is a product over the days on which somebody left: S(t_j) / S(t_{j−1}) = Π (1 − d/n) over the days
between two points of the grid. Where nobody enters or is censored in between the quotient is n(t_j) / n(t_{j−1}), so two points and one
number at risk give the other, and with it how many left in between. So a point is shown only where its own counts are shown and
those of every earlier point: what left in between is then the difference of two shown counts, and the protection of the counts
answers for it. If a point after a hidden one were shown, the hidden number would stand in the quotient of its neighbours; hence *every*
earlier row and not only the one before. The published limits are a second equation, of the same unknown numbers (Greenwood's sum of
d / (n (n − d))), and rise and fall with the point itself.

The number that enter and the number that are censored between two points move S too, by the order of days: with their difference
known, S can rule out that both are low. A curve therefore rests on those counts as well (``base`` or ``also``).

The cumulative incidence of one way out is Σ S(t−) d/n over its own days. It depends on the other ways only through S, that is
through their sum: it rests on its own counts and on the total's (``among``), and says nothing of how the others part the rest. One
minus S is the sum of all incidences, so the only hidden one could be worked out; but a way's counts are never the only ones hidden
at a time where the total is shown, and a curve hidden once stays hidden.

Days are never shown: between two points of the grid the order of the days, which S depends on, is told by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Dimension, Estimate, Result, cell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.released import State


def refuse_fine_grids(results: Sequence[Result], *, policy: Policy) -> None:
    """Refuse curves that do not stand on the policy's grid.

    Raises:
        DisclosureError: a curve goes along another dimension than the grid, its times are not whole numbers, or two of them lie
            nearer each other than the policy's step.
    """
    problems = sorted(
        f"{result.id}: {problem}"
        for result in results
        for along in {column.along for column in result.of_role(Estimate) if column.rule == "curve"}
        for problem in _grid_problems(result, along, policy)
    )
    if problems:
        raise DisclosureError(
            "Kurvor och risktabeller ska stå på policyns tidsrutnät, aldrig dag för dag.",
            found=problems,
            action="räkna kurvan vid hela månader (horizons) eller ändra params/disclosure.yaml",
        )


def curve_states(result: Result, column: Estimate, *, resting: Sequence[State], hidden: frozenset[str]) -> list[State]:
    """Return the state of each point of a curve; ``resting`` says what the counts of its own row make of it.

    ``hidden`` are the ids of all hidden cells of the release.
    """
    own = [_with_also(result, column, row, state, hidden) for row, state in enumerate(resting)]
    if column.among is not None:
        own = [_worse(state, own[total]) for state, total in zip(own, _rows_of_total(result, column), strict=True)]
    return _none_after_hidden(result, column.along, own)


def states_along_grid(result: Result, *, resting: Sequence[State], policy: Policy) -> list[State]:
    """Return the state of each number, as a mean within a horizon, of a table along the grid: none is shown after a hidden one.

    The number of a later horizon rests on what happened before the earlier one too. Of a table along no grid the states are those of ``resting``.
    """
    grid = policy.curves.grid
    is_along = any(dimension.name == grid for dimension in result.of_role(Dimension))
    return _none_after_hidden(result, grid, resting) if is_along else list(resting)


def _none_after_hidden(result: Result, along: str, own: Sequence[State]) -> list[State]:
    found = list(own)
    for rows in _curves(result, along):
        before = State.SHOWN
        for row in rows:
            found[row] = before = _worse(own[row], before)
    return found


def _with_also(result: Result, column: Estimate, row: int, state: State, hidden: frozenset[str]) -> State:
    """Return the state of a row that rests on the measures ``also`` too, at its own place and at that of the total of ``among``."""
    own = dict(result.cell_at(row, column.base[0]).place)
    total = {name: value for name, value in own.items() if name != column.among}
    rests_on = (cell(measure, **place).id for measure in column.also for place in (own, total))
    return State.PROTECTED if any(cell_id in hidden for cell_id in rests_on) else state


def _rows_of_total(result: Result, column: Estimate) -> Iterator[int]:
    """Give, for each row, the row at the total of the competing ways (itself where there is none)."""
    dimensions = result.of_role(Dimension)
    total = result.column(column.among).total
    keys = list(zip(*(result.table[dimension.name] for dimension in dimensions), strict=True))
    position = {key: row for row, key in enumerate(keys)}
    at = next(number for number, dimension in enumerate(dimensions) if dimension.name == column.among)
    for row, key in enumerate(keys):
        yield position.get((*key[:at], total, *key[at + 1 :]), row)


def _curves(result: Result, along: str) -> list[list[int]]:
    """Return the rows of each curve in the order of its times."""
    others = [dimension.name for dimension in result.of_role(Dimension) if dimension.name != along]
    curves: dict[tuple[str, ...], list[int]] = {}
    for row in range(len(result.table)):
        curves.setdefault(tuple(result.table.at[row, name] for name in others), []).append(row)
    times = [int(value) for value in result.table[along]]
    return [sorted(rows, key=times.__getitem__) for rows in curves.values()]


def _worse(state: State, other: State) -> State:
    """Return what a point is that rests on another one too: what it is by itself, but hidden or unknown where the other is."""
    for worst in (State.PROTECTED, State.UNKNOWN):
        if worst in (state, other):
            return worst
    return state


def _grid_problems(result: Result, along: str, policy: Policy) -> Iterator[str]:
    grid, step = policy.curves.grid, policy.curves.step_from
    if along != grid:
        yield f"kurvan går längs {along}, rutnätet är {grid}"
        return
    values = set(result.table[along])
    if not all(isinstance(value, str) and value.isdecimal() for value in values):
        yield f"tiderna i {along} ska vara hela tal"
        return
    times = sorted(map(int, values))
    if any(later - earlier < step for earlier, later in pairwise(times)):
        yield f"två tider ligger närmare varandra än {step} {grid}"
