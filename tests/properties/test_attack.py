"""The attack is right: plain counting of every small table says the same, target by target and value by value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Estimate, Result, Share
from kaa_analysis.disclosure.attack import table_search
from kaa_analysis.disclosure.attack.bundle_files import attack_bundles
from kaa_analysis.disclosure.attack.publication import PROTECTED, ROUNDED, SHOWN, Publication, SeenCell, Terms
from kaa_analysis.disclosure.attack.released_tables import from_released, structural_findings
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.target import Demand
from kaa_analysis.disclosure.attack.verdict import attack, examine, refuse_if_found
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.released import Released

BELOW = 3
"""A low threshold, so that tables are few enough to count them all."""
RULES = Rules(unsafe_below=BELOW)

Weights = Mapping[str, int]
"""What is attacked: coefficient by cell."""


@dataclass(frozen=True, eq=False)
class Shape:
    """A small set of tables: every whole table there is (rows of ``tables``, columns ``ids``), and what a reader is told."""

    ids: tuple[str, ...]
    tables: np.ndarray
    equations: tuple[Terms, ...] = ()
    shares: tuple[tuple[str, str], ...] = ()
    cumulative: frozenset[str] = frozenset()
    earlier: tuple[str, ...] = ()
    lines: tuple[tuple[str, ...], ...] = ()
    """The parts of every line."""
    differences: tuple[Weights, ...] = ()
    """Whole minus part."""
    either_way: tuple[Weights, ...] = field(default=())
    """New minus old."""

    def publication(self, truth: Sequence[int], hidden: set[str]) -> Publication:
        cells = {
            name: SeenCell(name, PROTECTED if name in hidden else SHOWN, None if name in hidden else value, "persons")
            for name, value in zip(self.ids, truth, strict=True)
            if name not in self.earlier
        }
        return Publication(cells, equations=self.equations, shares=self.shares, cumulative=self.cumulative)

    def old(self, truth: Sequence[int], hidden: set[str]) -> dict[str, int | None]:
        values = dict(zip(self.ids, truth, strict=True))
        return {name: None if name in hidden else values[name] for name in self.earlier}

    def sensitive(self, truth: Mapping[str, int]) -> Iterator[tuple[Weights, bool]]:
        """Every number that is unsafe, by the definition, and whether it may go either way."""
        for name in set(self.ids) - set(self.earlier):
            yield {name: 1}, False
        for line in self.lines:
            nonzero = [name for name in line if truth[name]]
            for size in range(2, len(nonzero) + 1):
                for parts in combinations(nonzero, size):
                    yield dict.fromkeys(parts, 1), False
        yield from ((weights, False) for weights in self.differences)
        yield from ((weights, True) for weights in self.either_way)


def unsafe(shape: Shape, truth: Mapping[str, int]) -> list[tuple[Weights, bool]]:
    values = [
        (weights, way, sum(w * truth[name] for name, w in weights.items())) for weights, way in shape.sensitive(truth)
    ]
    return [(weights, way) for weights, way, value in values if 1 <= (abs(value) if way else value) < BELOW]


def column(shape: Shape, weights: Weights) -> np.ndarray:
    return sum(w * shape.tables[:, shape.ids.index(name)] for name, w in weights.items())


def fitting(shape: Shape, truth: Sequence[int], hidden: set[str]) -> np.ndarray:
    """Which tables fit: shown cells as shown, hidden ones at least 1."""
    fits = np.ones(len(shape.tables), dtype=bool)
    for number, name in enumerate(shape.ids):
        cells = shape.tables[:, number]
        fits &= cells >= 1 if name in hidden else cells == truth[number]
    return fits


def counted_leaks(shape: Shape, truth: Sequence[int], hidden: set[str]) -> set[bytes]:
    """The unsafe numbers, as what they are in every table that there is, that lack a value of their window."""
    fits, zeros = fitting(shape, truth, hidden), with_zeros(shape, truth)
    found = set()
    for weights, either_way in unsafe(shape, dict(zip(shape.ids, truth, strict=True))):
        numbers = column(shape, weights)
        possible = set(numbers[fits].tolist())
        lowest = 1 if either_way else max(1, int(numbers[zeros].min()))
        if either_way:
            possible = {abs(value) for value in possible}
        if not set(range(lowest, lowest + BELOW - 1)) <= possible:
            found.add(signature(numbers[zeros], either_way))
    return found


def with_zeros(shape: Shape, truth: Sequence[int]) -> np.ndarray:
    """Which tables fit when nothing but the zeros is shown."""
    return fitting(shape, truth, {name for name, value in zip(shape.ids, truth, strict=True) if value})


def signature(numbers: np.ndarray, either_way: bool) -> bytes:
    """The same number written in two ways (a total, or all its parts) is the same in every table that has the zeros."""
    return (np.abs(numbers) if either_way else numbers).tobytes()


def attacked_leaks(shape: Shape, truth: Sequence[int], hidden: set[str]) -> set[bytes]:
    examined, zeros = examination(shape, truth, hidden), with_zeros(shape, truth)
    return {
        signature(
            column(shape, {name: factor for factor, name in target.terms})[zeros], target.demand is Demand.EITHER_SIGN
        )
        for target in examined.given_away()
    }


def examination(shape: Shape, truth: Sequence[int], hidden: set[str]):
    return examine(
        shape.publication(truth, hidden),
        truth=dict(zip(shape.ids, truth, strict=True)),
        rules=RULES,
        earlier=shape.old(truth, hidden),
    )


def tables_of(interior: Sequence[range], totals) -> np.ndarray:
    return np.array([totals(*numbers) for numbers in product(*interior)], dtype=np.int64)


def square(highest: int) -> Shape:
    """Sex by age with all totals."""
    ids = tuple(
        "|".join(["n", *([f"age={age}"] if age else []), *([f"sex={sex}"] if sex else [])])
        for sex in ("f", "m", "")
        for age in ("16", "17", "")
    )
    fa, fb, f, ma, mb, m, a, b, t = ids
    lines = ((f, fa, fb), (m, ma, mb), (t, a, b), (a, fa, ma), (b, fb, mb), (t, f, m))
    tables = tables_of(
        [range(highest + 1)] * 4, lambda p, q, r, s: (p, q, p + q, r, s, r + s, p + r, q + s, p + q + r + s)
    )
    return Shape(
        ids,
        tables,
        equations=tuple(((-1, whole), *((1, part) for part in parts)) for whole, *parts in lines),
        lines=tuple(tuple(parts) for _, *parts in lines),
        differences=tuple({t: 1, part: -1} for part in (fa, fb, ma, mb)),
    )


def line(highest: int) -> Shape:
    """Three districts and their total."""
    ids = ("n|district=a", "n|district=b", "n|district=c", "n")
    return Shape(
        ids,
        tables_of([range(highest + 1)] * 3, lambda a, b, c: (a, b, c, a + b + c)),
        equations=(((-1, "n"), *((1, name) for name in ids[:3])),),
        lines=(ids[:3],),
    )


def linked(highest: int) -> Shape:
    """Two tables that share their total: by sex and by school, and one that adds to a sex with something never printed."""
    ids = ("n|sex=f", "n|sex=m", "n|school=x", "n|school=y", "n", "n|age=16|sex=f")
    tables = [
        (f, t - f, x, t - x, t, young)
        for t in range(highest + 1)
        for f in range(t + 1)
        for x in range(t + 1)
        for young in range(f + 1)
    ]
    return Shape(
        ids,
        np.array(tables),
        equations=(
            ((-1, "n"), (1, "n|sex=f"), (1, "n|sex=m")),
            ((-1, "n"), (1, "n|school=x"), (1, "n|school=y")),
        ),
        lines=(ids[:2], ids[2:4]),
        differences=({"n|sex=f": 1, "n|age=16|sex=f": -1},),
    )


def share(highest: int) -> Shape:
    """Reached among all, in two districts and together."""
    ids = ("n|d=a", "n|d=b", "n", "r|d=a", "r|d=b", "r")
    tables = [
        (a, b, a + b, p, q, p + q)
        for a in range(highest + 1)
        for b in range(highest + 1)
        for p in range(a + 1)
        for q in range(b + 1)
    ]
    wholes = {"r|d=a": "n|d=a", "r|d=b": "n|d=b", "r": "n"}
    return Shape(
        ids,
        np.array(tables),
        equations=tuple(((-1, w), (1, f"{w}|d=a"), (1, f"{w}|d=b")) for w in ("n", "r")),
        shares=tuple(wholes.items()),
        lines=(ids[:2], ids[3:5]),
        differences=tuple({whole: 1, part: -1} for part, whole in wholes.items()),
    )


def growing(highest: int) -> Shape:
    """One count over two tertials and the year."""
    first, second, year = (f"n|period={period}" for period in ("tertial 1 2024", "tertial 2 2024", "2024"))
    tables = [(a, b, c) for c in range(highest + 1) for b in range(c + 1) for a in range(b + 1)]
    return Shape(
        (first, second, year),
        np.array(tables),
        cumulative=frozenset({"n"}),
        differences=({second: 1, first: -1}, {year: 1, second: -1}, {year: 1, first: -1}),
    )


def revised(highest: int) -> Shape:
    """Two districts with their total, printed once before."""
    old, new = (tuple(f"n{d}|extract={day}" for d in ("|d=a", "|d=b", "")) for day in ("2024-01-01", "2025-01-01"))
    return Shape(
        (*old, *new),
        tables_of([range(highest + 1)] * 4, lambda a, b, c, d: (a, b, a + b, c, d, c + d)),
        equations=(((-1, new[2]), (1, new[0]), (1, new[1])),),
        earlier=old,
        lines=(new[:2],),
        either_way=tuple({newer: 1, older: -1} for older, newer in zip(old, new, strict=True)),
    )


def patterns(shape: Shape, truth: Sequence[int], seed: int, number: int) -> list[set[str]]:
    """The unsafe cells alone, and with others that are not zero chosen at random."""
    primary = {name for name, value in zip(shape.ids, truth, strict=True) if 1 <= value < BELOW}
    others = [name for name, value in zip(shape.ids, truth, strict=True) if value >= BELOW]
    generator = np.random.default_rng(seed)
    return [primary] + [
        primary | {name for name, chosen in zip(others, generator.random(len(others)) < 0.6, strict=True) if chosen}
        for _ in range(number)
    ]


def same(shape: Shape, truth: Sequence[int], hidden: set[str]) -> bool:
    found = attacked_leaks(shape, truth, hidden)
    assert found == counted_leaks(shape, truth, hidden), (truth, sorted(hidden))
    return bool(found)


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


def rounded(value: int, base: int) -> int:
    """Round half up to the base.

    3 → 3, 4 → 3, 5 → 6 with the base 3.
    """
    return (value + base // 2) // base * base


def seen(truth: Mapping[str, int], hidden: set[str], equations: tuple[Terms, ...] = ()) -> Publication:
    cells = {
        name: SeenCell(
            name, PROTECTED if name in hidden else SHOWN, None if name in hidden else value, "persons", None, ("t",)
        )
        for name, value in truth.items()
    }
    return Publication(cells, equations=equations)


LINE = (((-1, "n"), (1, "n|d=a"), (1, "n|d=b"), (1, "n|d=c")),)


def kinds(publication: Publication, truth: Mapping[str, int], **more: object) -> dict[str, int]:
    return attack(publication, truth=truth, rules=Rules(**more)).by_kind


def test_hiding_the_unsafe_counts_alone_is_found() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    assert kinds(seen(truth, {"n|d=a"}, LINE), truth) == {"count": 1}
    assert kinds(seen(truth, {"n|d=a", "n|d=b"}, LINE), truth) == {}


def test_a_shown_unsafe_count_is_found() -> None:
    assert kinds(seen({"n": 4}, set()), {"n": 4}) == {"count": 1}
    assert kinds(seen({"attempts": 4}, set()), {"attempts": 4}) == {}


def test_two_hidden_ones_beside_a_shown_part_are_found_as_a_union() -> None:
    truth = {"n|d=a": 1, "n|d=b": 1, "n|d=c": 9, "n": 11}
    assert kinds(seen(truth, {"n|d=a", "n|d=b"}, LINE), truth) == {"count": 2, "union": 1}
    assert kinds(seen(truth, {"n|d=a", "n|d=b", "n|d=c"}, LINE), truth) == {}


def test_a_union_is_found_although_each_of_its_parts_can_have_every_value() -> None:
    """The third part is at most its 9, because the other part of 10 is at least 1: the first two are at least 3 together."""
    truth = {"n|d=a": 1, "n|d=b": 2, "n|d=c": 9, "n": 12, "m": 10, "e": 1}
    equations = (*LINE, ((-1, "m"), (1, "n|d=c"), (1, "e")))
    hidden = {"n|d=a", "n|d=b", "n|d=c", "e"}
    assert kinds(seen(truth, hidden, equations), truth) == {"union": 1}
    assert kinds(seen(truth, hidden | {"m"}, equations), truth) == {}


def test_a_period_inside_another_that_differs_by_few_is_found() -> None:
    truth = {"n|period=tertial 1 2024": 20, "n|period=tertial 2 2024": 23}
    cells = seen(truth, set()).cells
    grows = Publication(cells, cumulative=frozenset({"n"}))
    assert kinds(grows, truth) == {"period": 1}
    assert kinds(Publication(cells), truth) == {}


def test_a_revision_of_one_is_found_and_one_of_ten_is_not() -> None:
    truth = {"n|extract=2025-01-31|sex=f": 21}
    for old, found in ((20, {"revision": 1}), (22, {"revision": 1}), (11, {}), (21, {})):
        earlier = {"n|extract=2024-01-31|sex=f": old}
        assert attack(seen(truth, set()), truth=truth, rules=Rules(), earlier=earlier).by_kind == found


def test_a_revision_of_a_number_that_was_hidden_is_tried_without_its_true_value() -> None:
    """Then 9 by its total, or anything if that was hidden too."""
    day, before = "|extract=2025-01-31", "|extract=2024-01-31"
    truth = {f"n|d=a{day}": 8, f"n|d=b{day}": 30, f"n{day}": 38}
    equations = (((-1, f"n{day}"), (1, f"n|d=a{day}"), (1, f"n|d=b{day}")),)
    for total, found in ((29, {"revision": 1}), (None, {})):
        earlier = {f"n|d=a{before}": None, f"n|d=b{before}": 20, f"n{before}": total}
        assert attack(seen(truth, set(), equations), truth=truth, rules=Rules(), earlier=earlier).by_kind == found


def test_an_earlier_release_that_shows_what_is_hidden_now_is_found() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    publication = seen(truth, {"n|d=a", "n|d=b"}, LINE)
    assert attack(publication, truth=truth, rules=Rules(), earlier={"n|d=b": 9}).by_kind == {"count": 1}
    with pytest.raises(DisclosureError, match=r"samma värde överallt"):
        attack(publication, truth=truth, rules=Rules(), earlier={"n|d=c": 7})


def test_the_totals_of_an_earlier_release_are_used_too() -> None:
    """What was hidden then is 9 by its own total, and the difference to what is shown now is one."""
    day, before = "|extract=2025-01-31", "|extract=2024-01-31"
    truth = {f"n|d=a{day}": 10, f"n|d=b{day}": 30, f"n{day}": 40}
    equations = (((-1, f"n{day}"), (1, f"n|d=a{day}"), (1, f"n|d=b{day}")),)
    earlier = {f"n|d=a{before}": None, f"n|d=b{before}": 20, f"n{before}": 29}
    full = truth | {f"n|d=a{before}": 9}
    found = attack(seen(truth, set(), equations), truth=full, rules=Rules(), earlier=earlier)
    assert found.by_kind == {"revision": 1}


def test_a_rounded_table_whose_total_pins_a_part_is_found() -> None:
    """50, 40, 0 and 0 of 110: the four are at least 105, the first two at most 98, and so each of the others is at least 3."""
    truth = {"n|d=a": 54, "n|d=b": 44, "n|d=c": 4, "n|d=d": 4, "n": 106}
    equations = (((-1, "n"), *((1, f"n|d={name}") for name in "abcd")),)
    cells = {name: SeenCell(name, ROUNDED, rounded(value, 10), "persons", 10) for name, value in truth.items()}
    assert kinds(Publication(cells, equations=equations), truth) == {"count": 2}
    assert kinds(Publication(cells), truth) == {}


def test_none_and_all_of_a_disclosive_value_are_found_unless_true_by_definition() -> None:
    equations = (((-1, "n"), (1, "n|d=a"), (1, "n|d=b")),)
    disclosive = {"d": ("a",)}
    for a, b in ((0, 9), (9, 0)):
        truth = {"n|d=a": a, "n|d=b": b, "n": 9}
        assert kinds(seen(truth, set(), equations), truth, disclosive=disclosive) == {"disclosive": 1}
        assert kinds(seen(truth, set(), equations), truth) == {}
    structural = frozenset({"n|d=a"})
    assert kinds(seen(truth, set(), equations), truth, disclosive=disclosive, structural=structural) == {}


def test_a_disclosive_measure_is_tried_against_the_whole_of_its_share() -> None:
    truth = {"ill": 0, "n": 30}
    publication = Publication(seen(truth, set()).cells, shares=(("ill", "n"),))
    assert kinds(publication, truth, disclosive={"measure": ("ill",)}) == {"disclosive": 1}
    hidden = Publication(seen(truth, {"ill"}).cells, shares=(("ill", "n"),))
    assert kinds(hidden, truth, disclosive={"measure": ("ill",)}) == {}


def test_the_rest_of_a_share_is_found() -> None:
    truth = {"reached": 18, "n": 20}
    publication = Publication(seen(truth, set()).cells, shares=(("reached", "n"),))
    assert kinds(publication, truth) == {"difference": 1}


def test_a_number_of_no_table_that_is_surely_small_is_found() -> None:
    truth = {"n": 20, "in": 18}
    rest = (((-1, "n"), (1, "in"), (1, "out")),)
    assert kinds(seen(truth, set(), rest), truth) == {"latent": 1}
    assert kinds(seen(truth, {"in"}, rest), truth) == {}


def survey(*, hidden_part: bool = False, hidden_month: bool = False) -> Released:
    """A released table of shares and of a curve, with the state of one count turned by hand afterwards."""
    frame = pd.DataFrame(
        {"months": ["1", "2", "3"], "n": [40, 30, 20], "part": [10, 9, 8], "share": 0.0, "left": [0.9, 0.8, 0.7]}
    )
    columns = (
        Dimension("months", "Månader", additive=False),
        Count("n", "Antal", "registered"),
        Count("part", "Nådda", "reached"),
        Share("share", "Andel", "part", "n"),
        Estimate("left", "Kvar", ("n",)),
    )
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    if hidden_part:
        released.states_table.loc[0, "part"] = PROTECTED
    if hidden_month:
        released.states_table.loc[0, ["n", "share", "left"]] = PROTECTED
    return released


def test_a_share_beside_a_hidden_count_and_a_curve_after_one_are_found() -> None:
    assert structural_findings([survey()]) == ()
    assert [finding.kind for finding in structural_findings([survey(hidden_part=True)])] == ["share"]
    assert [finding.kind for finding in structural_findings([survey(hidden_month=True)])] == ["curve", "curve"]
    assert structural_findings([survey(hidden_month=True)], time_splits=()) == ()


def test_released_tables_are_read_with_their_totals_and_shares() -> None:
    publication = from_released([survey()])
    assert publication.shares[0] == ("reached|months=1", "registered|months=1")
    assert publication.cells["reached|months=2"].value == 9
    frame = pd.DataFrame({"d": ["a", "b", "all"], "n": [10, 20, 30]})
    columns = (Dimension("d", "D", total="all"), Count("n", "Antal", "n"))
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    assert from_released([released]).sums == (((-1, "n"), (1, "n|d=a"), (1, "n|d=b")),)


def test_bundles_are_attacked_together_by_an_outsider(tmp_path) -> None:
    rows = {"n|d=a": None, "n|d=b": None, "n|d=c": 9, "n": 13}
    for number, extra in enumerate(({}, {"n|d=b": 3})):
        folder = tmp_path / str(number) / "data"
        folder.mkdir(parents=True)
        lines = [
            f"{name},t,n,{'' if v is None else v},{'protected' if v is None else 'shown'}"
            for name, v in (rows | extra).items()
        ]
        (folder / "t.csv").write_text(
            "\n".join(["cell_id,table,measure,value,state", *lines, "t.share,t,share,0.5,shown"])
        )
        terms = [f"00001 Summa,{name},{factor}" for factor, name in LINE[0]]
        (folder / "equations.csv").write_text("\n".join(["equation,cell_id,coefficient", *terms]))
    assert attack_bundles([tmp_path / "0"]).by_kind == {"union": 1, "narrowed": 2, "small": 2}
    assert attack_bundles([tmp_path / "0", tmp_path / "1"]).by_kind["determined"] == 1


def test_a_refusal_tells_kinds_numbers_and_tables_and_no_value() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    with pytest.raises(DisclosureError) as refused:
        refuse_if_found(seen(truth, {"n|d=a"}, LINE), truth=truth, rules=Rules())
    assert refused.value.found == ("antal under tröskeln som inte kan ha varje värde: 1 (tabeller: t)",)
    refuse_if_found(seen(truth, {"n|d=a", "n|d=b"}, LINE), truth=truth, rules=Rules())


def test_no_certain_answer_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 8, "n": 20}
    publication = seen(truth, {"n|d=a", "n|d=b"}, LINE)
    monkeypatch.setattr(table_search, "SECONDS_PER_SOLVE", 0.0)
    with pytest.raises(DisclosureError, match=r"TimeLimit"):
        attack(publication, truth=truth, rules=Rules())


def test_numbers_that_do_not_fit_what_is_published_refuse() -> None:
    truth = {"n|d=a": 3, "n|d=b": 9, "n|d=c": 0, "n": 12}
    with pytest.raises(DisclosureError, match=r"stämma med sig självt"):
        attack(seen(truth, {"n|d=a", "n|d=c"}, LINE), truth=truth, rules=Rules())
    with pytest.raises(DisclosureError, match=r"sanna talen"):
        attack(seen(truth, {"n|d=a"}, LINE), truth=truth | {"n": 13}, rules=Rules())


def test_every_module_of_the_protection_is_kept_apart_from_the_attack() -> None:
    root = Path(__file__).parents[2]
    folder = root / "kaa_analysis" / "disclosure"
    rooms = {path.parent for path in folder.glob("*/__init__.py")} | set(folder.glob("*.py"))
    modules = {f"kaa_analysis.disclosure.{path.stem}" for path in rooms if path.stem not in ("__init__", "attack")}
    contracts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    by_name = {contract["name"]: contract for contract in contracts}
    shares = by_name["the attack shares no code with the protection"]
    apart = by_name["the protection does not know the attack: only protect and what stands above it do"]
    released, above = "kaa_analysis.disclosure.released", {"protect", "final_attack", "release_parts"}
    assert {*shares["forbidden_modules"], released} == modules
    assert {*apart["source_modules"], *(f"kaa_analysis.disclosure.{name}" for name in above)} == modules


def test_a_guessed_total_is_used_unless_the_numbers_contradict_it() -> None:
    guess = (((-1, "n"), (1, "n|c=a"), (1, "n|c=b")),)
    adds_up = {"n|c=a": 3, "n|c=b": 17, "n": 20}
    assert kinds(Publication(seen(adds_up, {"n|c=a"}).cells, sums=guess), adds_up) == {"count": 1}
    overlapping = {"n|c=a": 3, "n|c=b": 10, "n": 20}
    assert kinds(Publication(seen(overlapping, {"n|c=a"}).cells, sums=guess), overlapping) == {}


def test_a_part_is_known_to_be_at_most_its_whole() -> None:
    truth = {"n|c=a": 2, "n|c=b": 4, "n": 4}
    examined = examine(seen(truth, {"n|c=a", "n|c=b"}), truth=truth, rules=Rules(unsafe_below=3))
    part = next(target for target in examined.targets if target.kind == "count")
    assert examined.possible([part], values=range(7)).tolist() == [[False, True, True, True, True, False, False]]


def test_a_split_whose_values_are_larger_than_their_total_is_no_split() -> None:
    """The stock of a month is not part of the year's first day, as one month shows."""
    truth = {"n|month=1": 2, "n|month=2": 30, "n": 20}
    examined = examine(seen(truth, {"n|month=1"}), truth=truth, rules=Rules(unsafe_below=3))
    assert examined.possible(examined.targets, values=range(7)).tolist() == [[False, *[True] * 6]]


def test_months_of_a_curve_are_ordered_as_numbers() -> None:
    frame = pd.DataFrame({"months": ["9", "10"], "n": [40, 30], "left": [0.9, 0.8]})
    columns = (
        Dimension("months", "Månader", additive=False),
        Count("n", "Antal", "at_risk"),
        Estimate("left", "Kvar", ("n",)),
    )
    released = protect([Result("t", "T", columns, frame)], policy=Policy(), ledger=Ledger.empty())["t"]
    released.states_table.loc[1, ["n", "left"]] = PROTECTED
    assert structural_findings([released]) == ()
    released.states_table.loc[1, ["n", "left"]] = SHOWN
    released.states_table.loc[0, ["n", "left"]] = PROTECTED
    assert [finding.kind for finding in structural_findings([released])] == ["curve"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"filer i mappen data"),
        ({"t.csv": "cell_id,table,value\nn,t,3\n"}, r"sina kolumner"),
        ({"t.csv": "cell_id,table,value,state\nn,t,3.5,shown\n"}, r"hela tal"),
        ({"t.csv": "cell_id,table,value,state\nn,t,3,shown\nn,t,4,shown\n"}, r"samma värde överallt"),
        (
            {
                "t.csv": "cell_id,table,value,state\nn,t,9,shown\nm,t,8,shown\n",
                "equations.csv": "equation,cell_id,coefficient\n1,n,1\n1,m,-1\n",
            },
            r"stämma med sig självt",
        ),
    ],
)
def test_bundles_that_make_no_sense_are_refused_without_a_value(tmp_path, files, message) -> None:
    (tmp_path / "data").mkdir()
    for name, text in files.items():
        (tmp_path / "data" / name).write_text(text)
    with pytest.raises(DisclosureError, match=message) as refused:
        attack_bundles([tmp_path])
    assert not any(character in "3489" for line in refused.value.found for character in line)


def test_the_attack_says_the_same_whatever_the_order_of_cells_and_equations() -> None:
    truth = {"n|d=a": 1, "n|d=b": 1, "n|d=c": 9, "n": 11}
    publication = seen(truth, {"n|d=a", "n|d=b"}, LINE)
    turned = Publication(dict(reversed(publication.cells.items())), equations=(tuple(reversed(LINE[0])), *LINE))
    expected = attack(publication, truth=truth, rules=Rules())
    assert attack(turned, truth=dict(reversed(truth.items())), rules=Rules()) == expected
