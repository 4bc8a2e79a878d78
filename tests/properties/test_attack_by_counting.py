"""The attack is right: plain counting of every small table says the same, target by target and value by value."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest

from kaa_analysis.disclosure.attack.publication import ROUNDED, Publication, SeenCell
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.verdict import attack, examine
from tests.properties.small_tables import (
    BELOW,
    Shape,
    column,
    examination,
    fitting,
    growing,
    line,
    linked,
    patterns,
    revised,
    rounded,
    same,
    seen,
    share,
    square,
)


def test_brute_force_agrees_on_every_square_up_to_five_however_it_is_turned() -> None:
    shape = square(10)
    verdicts = set()
    for number, cells in enumerate(squares(5)):
        p, q, r, s = cells
        truth = (p, q, p + q, r, s, r + s, p + r, q + s, p + q + r + s)
        verdicts |= {same(shape, truth, hidden) for hidden in patterns(shape, truth, number, 2)}
    assert verdicts == {True, False}


def squares(highest: int) -> list[tuple[int, ...]]:
    """Every square of counts, one of each that are the same with rows, columns or both turned."""
    turns = [
        (0, 1, 2, 3),
        (2, 3, 0, 1),
        (1, 0, 3, 2),
        (3, 2, 1, 0),
        (0, 2, 1, 3),
        (1, 3, 0, 2),
        (2, 0, 3, 1),
        (3, 1, 2, 0),
    ]
    return [
        cells
        for cells in product(range(highest + 1), repeat=4)
        if cells == min(tuple(cells[at] for at in turn) for turn in turns)
    ]


def test_brute_force_agrees_on_every_line_of_three_and_every_pattern_that_hides_its_unsafe_cells() -> None:
    shape = line(16)
    verdicts = set()
    for cells in ((a, b, c) for a, b, c in product(range(6), repeat=3) if a <= b <= c):
        truth = (*cells, sum(cells))
        primary = {name for name, value in zip(shape.ids, truth, strict=True) if 1 <= value < BELOW}
        others = [name for name, value in zip(shape.ids, truth, strict=True) if value >= BELOW]
        for size in range(len(others) + 1):
            verdicts |= {same(shape, truth, primary | set(more)) for more in combinations(others, size)}
    assert verdicts == {True, False}


@pytest.mark.parametrize(
    ("shape", "highest", "every"),
    [(linked(12), 6, 3), (share(7), 3, 1), (growing(14), 6, 1), (revised(8), 3, 2)],
    ids=["two tables with one total", "a share and its complement", "a count that grows", "a revision"],
)
def test_brute_force_agrees_on_all_small_tables_of_other_shapes(shape: Shape, highest: int, every: int) -> None:
    small = shape.tables[(shape.tables <= 2 * highest).all(axis=1)]
    inner = [
        number for number, name in enumerate(shape.ids) if not any(name == terms[0][1] for terms in shape.equations)
    ]
    small = small[(small[:, inner] <= highest).all(axis=1)][::every]
    verdicts = set()
    for number, truth in enumerate(small.tolist()):
        verdicts |= {same(shape, truth, hidden) for hidden in patterns(shape, truth, number, 1)}
    assert verdicts == {True, False}


@pytest.mark.parametrize(
    ("shape", "highest"), [(square(10), 8), (line(16), 8), (share(7), 4)], ids=["square", "line", "share"]
)
def test_brute_force_agrees_on_every_value_of_every_target(shape: Shape, highest: int) -> None:
    generator = np.random.default_rng(1)
    small = shape.tables[(shape.tables <= highest).all(axis=1)]
    n_values = 0
    for truth in small[generator.choice(len(small), 60)].tolist():
        hidden = patterns(shape, truth, sum(truth), 1)[1]
        examined = examination(shape, truth, hidden)
        fits = fitting(shape, truth, hidden)
        numbers = [column(shape, {name: factor for factor, name in target.terms}) for target in examined.targets]
        counted = [[value in set(column[fits].tolist()) for value in range(2 * BELOW - 2)] for column in numbers]
        found = examined.possible(examined.targets, values=range(2 * BELOW - 2))
        assert found.tolist() == counted, (truth, sorted(hidden))
        n_values += found.size
    assert n_values > 100


def test_brute_force_agrees_on_none_and_all_of_a_disclosive_value() -> None:
    """Two values of one split, one of them disclosive: hidden, both can be 0, and it must be able to be 2 … n − 2."""
    ids, verdicts = ("n|kind=a", "n|kind=b", "n"), set()
    rules = Rules(unsafe_below=BELOW, disclosive={"kind": ("a",)})
    equations = (((-1, "n"), (1, ids[0]), (1, ids[1])),)
    for a, b in product(range(7), repeat=2):
        truth = dict(zip(ids, (a, b, a + b), strict=True))
        primary = {name for name, value in truth.items() if 1 <= value < BELOW} | (
            {ids[0]} if min(a, b) <= 1 else set()
        )
        others = [name for name in ids if name not in primary and (truth[name] or name == ids[1])]
        for hidden in (primary | set(more) for size in range(len(others) + 1) for more in combinations(others, size)):
            tables = [
                dict(zip(ids, (p, q, p + q), strict=True))
                for p, q in product(range(20), repeat=2)
                if all(
                    (p, q, p + q)[at] >= (1 if name == "n" else 0)
                    if name in hidden
                    else (p, q, p + q)[at] == truth[name]
                    for at, name in enumerate(ids)
                )
            ]
            unsafe_here = min(a, b) <= 1 and a + b > 0
            given_away = unsafe_here and not any(2 <= table[ids[0]] <= table["n"] - 2 for table in tables)
            found = attack(seen(truth, hidden, equations), truth=truth, rules=rules).by_kind
            assert bool(found.get("disclosive")) == given_away, (truth, sorted(hidden))
            verdicts.add(given_away)
    assert verdicts == {True, False}


@pytest.mark.parametrize(("base", "expected"), [(3, {True, False}), (10, {False})])
def test_brute_force_agrees_on_rounded_lines(base: int, expected: set[bool]) -> None:
    """Each number of a line of three is rounded by itself; an unsafe one must be able to be each of 1 … 4 all the same."""
    ids, verdicts = ("n|d=a", "n|d=b", "n|d=c", "n"), set()
    equations = (((-1, "n"), *((1, name) for name in ids[:3])),)
    for parts in product((0, 1, 2, 4, 5, 8, 14), repeat=3):
        truth = dict(zip(ids, (*parts, sum(parts)), strict=True))
        ends = [ends_of(rounded(value, base), base) for value in parts]
        total = rounded(sum(parts), base)
        tables = [
            dict(zip(ids, (*found, sum(found)), strict=True))
            for found in product(*(range(low, high + 1) for low, high in ends))
            if rounded(sum(found), base) == total
        ]
        given_away = {
            name
            for name, value in truth.items()
            if 1 <= value < BELOW and not {table[name] for table in tables} >= set(range(1, BELOW))
        }
        publication = Publication(
            {name: SeenCell(name, ROUNDED, rounded(value, base), "persons", base) for name, value in truth.items()},
            equations=equations,
        )
        examined = examine(publication, truth=truth, rules=Rules(unsafe_below=BELOW))
        found = {target.terms[0][1] for target in examined.given_away() if len(target.terms) == 1}
        assert found == given_away, truth
        verdicts.add(bool(found))
    assert verdicts == expected


def ends_of(shown: int, base: int) -> tuple[int, int]:
    """The lowest and highest number that is rounded to ``shown``, by trying them all."""
    inside = [number for number in range(shown + base + 1) if rounded(number, base) == shown]
    return inside[0], inside[-1]
