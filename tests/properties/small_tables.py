"""Small tables that can all be counted: their shapes, what is unsafe in them, and what plain counting and the attack find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np

from kaa_analysis.disclosure.attack.publication import PROTECTED, SHOWN, Publication, SeenCell, Terms
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.target import Demand
from kaa_analysis.disclosure.attack.verdict import examine

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
