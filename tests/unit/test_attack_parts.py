"""The parts of the attack, each by itself: what is read, what is demonstrated, what adds up, and what a refusal counts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kaa_analysis.core.result import Column, Count, Dimension, Estimate, Share
from kaa_analysis.disclosure.attack.bundle_files import attack_bundles, from_files
from kaa_analysis.disclosure.attack.demonstrated import Demonstrated
from kaa_analysis.disclosure.attack.findings import Finding, Findings
from kaa_analysis.disclosure.attack.hidden_behind import shown_over_hidden
from kaa_analysis.disclosure.attack.hunt import given_away
from kaa_analysis.disclosure.attack.hunted_part import Means
from kaa_analysis.disclosure.attack.inference import distinct, equations_of, pairs_of, periods_across
from kaa_analysis.disclosure.attack.knowledge import NO_LIMIT, knowledge_of, only_zeros
from kaa_analysis.disclosure.attack.lines import Line, lines_of, lines_up, not_in_lines
from kaa_analysis.disclosure.attack.lowest_values import LowestValues
from kaa_analysis.disclosure.attack.period_labels import months_of
from kaa_analysis.disclosure.attack.printed import Printed, publication_of
from kaa_analysis.disclosure.attack.publication import (
    PROTECTED,
    ROUNDED,
    SHOWN,
    UNKNOWN,
    Publication,
    SeenCell,
    Terms,
    id_of,
    merged,
)
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.target import Demand, Target
from kaa_analysis.disclosure.attack.targets import Ground, outsider_targets, targets_of

# files


def bundle(folder: Path, **files: str) -> Path:
    (folder / "data").mkdir(parents=True)
    for name, text in files.items():
        (folder / "data" / f"{name}.csv").write_text(text, encoding="utf-8-sig")
    return folder


TABLE = """cell_id,table,value,state
t.share|d=å,t,0.5,shown
n|d=å,t,9,shown
n|d=b,t,,protected
n|d=c,t,10,rounded
n|d=d,t,,unknown
n|d=e,t,,shown
n|d=f,t,7,elsewhere
"""
SUMS = "equation,cell_id,coefficient\n1,n,-1\n1,n|d=å,1\n2,n,1\n2,m,-2\n"


def test_the_counts_of_every_file_and_every_bundle_are_read_and_shares_are_left_out(tmp_path: Path) -> None:
    first = bundle(tmp_path / "1", t=TABLE, u="cell_id,table,value,state\nm,u,6,shown\n", equations=SUMS)
    second = bundle(
        tmp_path / "2",
        equations="equation,cell_id,coefficient\n1,o,1\n1,m,-1\n",
        v="cell_id,table,value,state\no,v,6,shown\n",
    )
    read = from_files([first, second], cumulative=["m"], rounding_base=10)
    assert dict(read.cells) == {
        "n|d=å": SeenCell("n|d=å", SHOWN, 9, tables=("t",)),
        "n|d=b": SeenCell("n|d=b", PROTECTED, tables=("t",)),
        "n|d=c": SeenCell("n|d=c", ROUNDED, 10, base=10, tables=("t",)),
        "n|d=d": SeenCell("n|d=d", UNKNOWN, tables=("t",)),
        "n|d=e": SeenCell("n|d=e", UNKNOWN, tables=("t",)),
        "n|d=f": SeenCell("n|d=f", UNKNOWN, tables=("t",)),
        "m": SeenCell("m", SHOWN, 6, tables=("u",)),
        "o": SeenCell("o", SHOWN, 6, tables=("v",)),
    }
    assert read.equations == (((-1, "n"), (1, "n|d=å")), ((1, "n"), (-2, "m")), ((1, "o"), (-1, "m")))
    assert read.cumulative == {"m"}


def test_bundles_are_attacked_with_the_truth_the_bases_and_the_measures_that_only_grow(tmp_path: Path) -> None:
    text = "cell_id,table,value,state\nn|period=2024,t,42,shown\nn|period=tertial 1 2024,t,40,shown\n"
    folder = bundle(tmp_path / "1", t=text)
    truth = {"n|period=2024": 42, "n|period=tertial 1 2024": 40}
    assert attack_bundles([folder], truth=truth).by_kind == {}
    assert attack_bundles([folder], truth=truth, cumulative=["n"]).by_kind == {"period": 1}
    truth = {"n|d=a": 4, "n|d=b": 34, "n|d=c": 34, "n|d=d": 33, "n": 105}
    lines = [f"{name},t,{(value + 5) // 10 * 10},rounded" for name, value in truth.items()]
    terms = [f"1,{name},{-1 if name == 'n' else 1}" for name in truth]
    rounded = bundle(
        tmp_path / "2",
        t="\n".join(["cell_id,table,value,state", *lines]),
        equations="\n".join(["equation,cell_id,coefficient", *terms]),
    )
    assert attack_bundles([rounded], truth=truth, rounding_base=10).by_kind == {"count": 1}


def test_what_is_shown_anywhere_is_seen_with_the_tables_of_all() -> None:
    cells = [
        SeenCell("n", PROTECTED, tables=("a",)),
        SeenCell("n", SHOWN, 9, "persons", tables=("b",)),
        SeenCell("n", UNKNOWN, tables=("a",)),
    ]
    assert merged(cells) == {"n": SeenCell("n", SHOWN, 9, "persons", None, ("a", "b"))}


# what is known


def test_a_hidden_cell_is_at_least_one_but_for_a_disclosive_value_and_its_neighbours() -> None:
    seen = Publication(
        {
            "n": SeenCell("n", SHOWN, 20),
            "n|c=a": SeenCell("n|c=a", PROTECTED),
            "n|c=b": SeenCell("n|c=b", PROTECTED),
            "o": SeenCell("o", PROTECTED),
            "p": SeenCell("p", UNKNOWN),
            "q": SeenCell("q", ROUNDED, 10, base=10),
            "z": SeenCell("z", SHOWN, 0),
        }
    )
    terms = ((-1, "n"), (1, "n|c=a"), (1, "n|c=b"))
    rules = Rules(disclosive={"c": ("a",)})
    known = knowledge_of(seen, equations=[terms], pairs=[("o", "n"), ("z", "n")], rules=rules)
    bounds = {name: (low, high) for name, low, high in zip(known.ids, known.lower, known.upper, strict=True)}
    assert bounds == {
        "(n) - (o)": (0, NO_LIMIT),
        "n": (20, 20),
        "n|c=a": (0, NO_LIMIT),
        "n|c=b": (0, NO_LIMIT),
        "o": (1, NO_LIMIT),
        "p": (0, NO_LIMIT),
        "q": (5, 14),
        "z": (0, 0),
    }
    assert known.matrix.toarray().tolist() == [[0, -1, 1, 1, 0, 0, 0, 0], [-1, 1, 0, 0, -1, 0, 0, 0]]
    zeros = only_zeros(seen, equations=[terms], pairs=[], rules=rules)
    assert dict(zip(zeros.ids, zip(zeros.lower.tolist(), zeros.upper.tolist(), strict=True), strict=True)) == {
        "n": (1, NO_LIMIT),
        "n|c=a": (0, NO_LIMIT),
        "n|c=b": (0, NO_LIMIT),
        "o": (1, NO_LIMIT),
        "p": (0, NO_LIMIT),
        "q": (0, NO_LIMIT),
        "z": (0, 0),
    }


def test_lines_are_equations_of_one_total_and_what_is_reached_through_them_says_it_all() -> None:
    equations = [
        ((1, "all"), (-1, "a"), (-1, "b")),
        ((1, "a"), (1, "a2"), (-2, "b")),
        ((1, "x"), (1, "y"), (-1, "all")),
        ((1, "x"), (1, "y"), (-1, "a"), (-1, "b")),
        ((1, "x"), (-1, "y")),
        ((-1, "top"), (1, "all"), (1, "rest")),
    ]
    up, down, top = Line("all", ("a", "b")), Line("all", ("x", "y")), Line("top", ("all", "rest"))
    assert lines_of(equations) == [up, down, top]
    assert lines_up([up, top]) == {"a": [up], "b": [up], "all": [top], "rest": [top]}
    pairs = [("a", "all"), ("a", "top"), ("all", "a"), ("rest", "all"), ("x", "top"), ("elsewhere", "top")]
    assert not_in_lines(pairs, [up, down, top]) == [("all", "a"), ("rest", "all"), ("elsewhere", "top")]


# what is demonstrated


def demonstrated(
    rows: list[list[int]], base: list[int], lower: list[int], upper: list[int], *, fixed: list[int]
) -> Demonstrated:
    return Demonstrated(
        sparse.csr_array(np.array(rows)),
        fixed=np.array(fixed),
        base=np.array(base),
        lower=np.array(lower),
        upper=np.array(upper),
        highest=4,
    )


def seen_values(shown: Demonstrated) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in shown.seen]


def test_the_base_is_demonstrated_and_nothing_else_until_a_table_is_found() -> None:
    targets = demonstrated([[1, 0], [1, 1], [1, -1]], [2, 3], [1, 1], [9, 9], fixed=[0, -1, -1])
    assert seen_values(targets) == [[2], [4], []]
    assert [np.flatnonzero(row).tolist() for row in targets.seen_negative] == [[], [], [2]]
    assert (targets.seen.shape, targets.seen.dtype) == (targets.seen_negative.shape, np.bool_) == ((3, 5), np.bool_)
    targets.credit(np.array([0, 0]))
    assert seen_values(targets) == [[2], [4], []]
    assert (targets.least.tolist(), targets.most.tolist()) == ([2, 4, -2], [2, 4, -2])


def test_steps_are_taken_as_often_as_the_bounds_allow_both_ways() -> None:
    targets = demonstrated([[1, 0], [0, 1], [1, 1], [1, -1]], [2, 3], [1, 1], [9, 4], fixed=[0] * 4)
    targets.credit(np.array([-2, 2]))
    assert seen_values(targets) == [[0, 1, 2, 3, 4], [1, 2, 3, 4], [], [1, 3]]
    assert (targets.least.tolist(), targets.most.tolist()) == ([0, 1, 5, -5], [4, 5, 5, 3])
    assert [np.flatnonzero(row).tolist() for row in targets.seen_negative] == [[0], [], [], [1, 3]]


def test_steps_of_unlike_size_are_taken_until_the_first_bound() -> None:
    targets = demonstrated([[1, 0], [0, 1]], [3, 2], [0, 1], [9, 9], fixed=[0, 0])
    targets.credit(np.array([2, -1]))
    assert seen_values(targets) == [[1, 3], [1, 2, 3]]
    assert (targets.least.tolist(), targets.most.tolist()) == ([1, 1], [5, 3])


def test_a_cell_without_limit_is_followed_no_further_than_the_highest_value_asked_for() -> None:
    targets = demonstrated([[1]], [9], [0], [NO_LIMIT], fixed=[0])
    targets.credit(np.array([1]))
    assert (targets.least.tolist(), targets.most.tolist()) == ([5], [13])


# what is told


def test_findings_are_counted_by_kind_in_the_order_of_the_kinds_with_their_tables() -> None:
    found = (
        Finding("curve", ("b",)),
        Finding("count", ("b", "a")),
        Finding("count", ("c",)),
        Finding("latent", ()),
    )
    findings = Findings(found, 9)
    assert list(findings.by_kind.items()) == [("count", 2), ("latent", 1), ("curve", 1)]
    assert findings.lines() == [
        "antal under tröskeln som inte kan ha varje värde: 2 (tabeller: a, b, c)",
        "tal som inte redovisas men som säkert är under tröskeln: 1 (tabeller: ingen)",
        "punkter på en kurva efter ett dolt antal: 1 (tabeller: b)",
    ]


@pytest.mark.parametrize(("value", "unsafe"), [(0, False), (1, True), (4, True), (5, False)])
def test_one_to_four_are_unsafe(value: int, unsafe: bool) -> None:
    assert Rules().is_unsafe(value) is unsafe


def test_work_and_disclosive_values_are_told_by_measure_unit_and_split() -> None:
    rules = Rules(disclosive={"measure": ("n",), "reason": ("a", "b")}, volumes=frozenset({"letters"}))
    assert [rules.is_volume(name, cell) for name, cell in (
        ("letters|d=a", None), ("n", SeenCell("n", SHOWN, 9, "attempts")), ("n", SeenCell("n", SHOWN, 9, "persons")), ("n", None),
    )] == [True, True, False, False]  # fmt: skip
    assert [rules.is_disclosive(name) for name in ("n|d=a", "o|reason=b", "o|reason=c", "o|d=a", "o")] == [
        True, True, False, False, False,
    ]  # fmt: skip


# what is concluded


@pytest.mark.parametrize(
    ("label", "first", "after"),
    [
        ("2024", (2024, 0), (2025, 0)),
        ("2021–2024", (2021, 0), (2025, 0)),
        ("2021-2024", (2021, 0), (2025, 0)),
        ("tertial 1 2024", (2024, 0), (2024, 4)),
        ("tertial 3 2024", (2024, 0), (2025, 0)),
        ("läsåret 2023/24", (2023, 6), (2024, 6)),
        ("läsåret 1999/00", (1999, 6), (2000, 6)),
        ("hösten 2024", (2024, 6), (2025, 0)),
        ("första halvåret 2024", (2024, 0), (2024, 6)),
        ("andra halvåret 2024", (2024, 6), (2025, 0)),
    ],
)
def test_a_period_covers_the_months_of_its_label(label: str, first: tuple[int, int], after: tuple[int, int]) -> None:
    assert months_of(label) == (12 * first[0] + first[1], 12 * after[0] + after[1])


def of_ids(*shown: str, hidden: tuple[str, ...] = (), **more: object) -> Publication:
    cells = {name: SeenCell(name, SHOWN, 9) for name in shown} | {name: SeenCell(name, PROTECTED) for name in hidden}
    return Publication(cells, **more)


def test_equations_are_gathered_turned_and_sorted() -> None:
    assert distinct([
        ((-1, "b"), (1, "c")), ((1, "a"), (1, "a"), (-2, "c")), ((1, "b"), (-1, "c")), ((1, "a"), (-1, "a")), ((3, "a"), (-1, "b")),
    ]) == (((2, "a"), (-2, "c")), ((3, "a"), (-1, "b")), ((1, "b"), (-1, "c")))  # fmt: skip


def test_longer_periods_at_another_extract_are_differences_when_one_of_them_is_published_now() -> None:
    now, then = "extract=2024-09-01", "extract=2024-02-01"
    year, tertial = "period=2024", "period=tertial 1 2024"
    ids = [f"n|{extract}|{period}" for extract in (now, then) for period in (year, tertial)]
    away = f"n|district=a|{then}|{year}"
    earlier = frozenset({ids[2], ids[3], away})
    found = periods_across(of_ids(*ids, away, cumulative=frozenset({"n"}), earlier=earlier))
    assert sorted(found) == sorted([(ids[3], ids[0]), (ids[1], ids[2])])
    assert periods_across(of_ids(*ids, cumulative=frozenset({"n"}))) == []
    assert periods_across(of_ids(*ids, earlier=earlier)) == []


def test_the_sums_of_now_held_then_too_where_all_their_cells_were_printed() -> None:
    def sums(extract: str) -> tuple[tuple[int, str], ...]:
        return (
            (-1, f"n|extract={extract}"),
            (1, f"n|d=a|extract={extract}"),
            (1, f"n|d=b|extract={extract}"),
            (1, "x"),
        )

    now, then, half = sums("2024-09-01"), sums("2024-02-01"), sums("2023-09-01")
    ids = [cell_id for _, cell_id in (*now, *then, *half[:2])]
    published = of_ids(*ids, equations=(now,), earlier=frozenset({*[name for _, name in (*then[:3], *half[:2])]}))
    assert equations_of(published, known={}) == distinct([now, then])
    assert equations_of(of_ids(*ids, equations=(now,)), known={}) == distinct([now])


# the lowest that a number can be


def lowest_values() -> LowestValues:
    """A total of two parts of which one is a total itself; another pair; and a cell that is known."""
    terms = [
        ((-1, "all"), (1, "a"), (1, "b")),
        ((1, "a"), (-1, "a1"), (-1, "a2")),
        ((1, "x"), (-1, "y")),
        ((2, "u"), (-1, "v")),
    ]
    names = ("a", "a1", "a2", "all", "b", "k", "u", "v", "x", "y")
    known = of_ids("k", hidden=tuple(name for name in names if name != "k"))
    zeros = knowledge_of(known, equations=terms, pairs=[], rules=Rules())
    base = dict(a=5, a1=2, a2=3, all=9, b=4, k=9, u=2, v=4, x=6, y=6)
    return LowestValues(zeros, base=np.array([base[name] for name in zeros.ids]))


def test_totals_are_at_least_the_least_of_their_parts_together() -> None:
    floors = lowest_values()
    at_least = {name: floors.at_least(((1, name),)) for name in ("a", "a1", "all", "b", "k", "u", "v", "x", "y")}
    assert at_least == {"a": 2, "a1": 1, "all": 3, "b": 1, "k": 9, "u": 1, "v": 2, "x": 1, "y": 1}
    assert floors.at_least(((1, "all"), (1, "a"))) == 5
    assert floors.at_least(((1, "all"), (-1, "a"))) == 1


def test_a_number_reaches_what_some_table_gives_it() -> None:
    floors = lowest_values()
    assert [floors.reaches(((1, "all"),), at_most=most) for most in (2, 3)] == [False, True]
    assert [floors.reaches(((1, "all"), (-1, "a")), at_most=most) for most in (0, 1)] == [False, True]
    assert [floors.reaches(((1, "k"),), at_most=most) for most in (8, 9)] == [False, True]
    assert [floors.reaches(((1, "k"), (-1, "a")), at_most=most) for most in (0, 1)] == [False, True]
    assert [floors.reaches(((-1, "k"), (1, "a")), at_most=most) for most in (1,)] == [True]
    assert floors.reaches(((1, "x"), (-1, "y")), at_most=9) is False


# one connected set of cells


def lacking(
    demand: Demand,
    terms: Terms,
    *,
    group: str = "",
    truth: dict[str, int],
    hidden: set[str],
    equations: tuple[Terms, ...],
) -> bool:
    """Whether the hunt finds no table that the demand asks for."""
    cells = {
        name: SeenCell(name, PROTECTED if name in hidden else SHOWN, None if name in hidden else value)
        for name, value in truth.items()
    }
    known = knowledge_of(Publication(cells), equations=equations, pairs=[], rules=Rules())
    zeros = only_zeros(Publication(cells), equations=equations, pairs=[], rules=Rules())
    base = np.array([truth[name] for name in known.ids])
    floors = LowestValues(zeros, base=np.array([truth[name] for name in zeros.ids]))
    means = Means(known, base, floors, unsafe_below=5)
    target = Target("count", terms, demand, group)
    return given_away([target], means=means) == [target]


FOUR = (((-1, "n"), (1, "a"), (1, "b"), (1, "c")),)


@pytest.mark.parametrize(
    ("demand", "terms", "numbers", "lacks"),
    [
        (Demand.SAFE, ((1, "a"),), (3, 1, 30), True),
        (Demand.SAFE, ((1, "a"),), (3, 2, 30), True),
        (Demand.SAFE, ((1, "a"),), (3, 3, 30), False),
        (Demand.SAFE, ((1, "a"), (-1, "b")), (3, 1, 30), False),
        (Demand.SAFE, ((1, "a"),), (3, 9, 30), False),
        (Demand.TWO, ((1, "a"),), (1, 1, 30), True),
        (Demand.TWO, ((1, "a"),), (1, 2, 30), False),
        (Demand.TWO, ((1, "a"),), (2, 1, 30), False),
        (Demand.EACH, ((1, "a"),), (3, 1, 30), True),
        (Demand.EACH, ((1, "a"),), (3, 2, 30), False),
        (Demand.EACH, ((1, "a"),), (1, 4, 30), False),
        (Demand.EACH, ((1, "a"), (1, "b")), (2, 2, 30), True),
        (Demand.OPEN, ((1, "a"),), (3, 1, 30), True),
        (Demand.OPEN, ((1, "a"),), (2, 2, 30), True),
        (Demand.OPEN, ((1, "a"),), (3, 2, 30), False),
        (Demand.EITHER_SIGN, ((1, "a"), (-1, "b")), (4, 3, 30), True),
        (Demand.EITHER_SIGN, ((1, "a"), (-1, "c")), (4, 3, 30), True),
        (Demand.UNCHANGED, ((1, "a"), (-1, "b")), (2, 1, 30), True),
        (Demand.UNCHANGED, ((1, "a"), (-1, "b")), (3, 1, 30), False),
        (Demand.UNCHANGED, ((1, "a"), (-1, "b")), (4, 3, 30), False),
    ],
)
def test_two_hidden_parts_of_a_shown_rest_give_just_what_their_sum_allows(
    demand: Demand, terms: Terms, numbers: tuple[int, int, int], lacks: bool
) -> None:
    truth = dict(zip("abc", numbers, strict=True)) | {"n": sum(numbers)}
    assert lacking(demand, terms, truth=truth, hidden={"a", "b"}, equations=FOUR) is lacks


@pytest.mark.parametrize(("a", "b", "lacks"), [(1, 2, True), (1, 3, False), (2, 2, False), (3, 1, False), (1, 1, True)])
def test_a_disclosive_number_needs_a_table_with_two_in_it_and_two_beside_it(a: int, b: int, lacks: bool) -> None:
    truth = {"a": a, "b": b, "c": 30, "n": a + b + 30, "g": a + b}
    equations = (*FOUR, ((-1, "g"), (1, "a"), (1, "b")))
    group = {"group": "g", "truth": truth, "equations": equations}
    assert lacking(Demand.NEITHER, ((1, "a"),), hidden={"a", "b"}, **group) is lacks
    assert lacking(Demand.NEITHER, ((1, "a"),), hidden={"a", "b", "g"}, **group) is lacks


# printed tables


DISTRICT = Dimension("district", "Område", total="all")
AGE = Dimension("age", "Ålder", total="all", additive=False)
MONTHS = Dimension("months", "Månader", total="all", additive=False)
N = Count("n", "Antal", "n", cumulative=True)
K = Count("k", "Delen", "k")
SHARE = Share("share", "Andel", "k", "n")
MEAN = Estimate("mean", "Medel", ("n",))


def printed(
    columns: tuple[Column, ...], rows: list[tuple[object, ...]], states: list[tuple[str, ...]] | None = None
) -> Printed:
    names = [column.name for column in columns]
    numbers = pd.DataFrame(rows, columns=names, dtype=object)
    splits = [column for column in columns if isinstance(column, Dimension)]
    places = [
        {it.name: row[it.name] for it in splits if row[it.name] != it.total} for row in numbers.to_dict("records")
    ]
    counts = [column for column in columns if isinstance(column, Count)]
    ids = pd.DataFrame({count.name: [id_of(count.measure, place) for place in places] for count in counts})
    if states is None:
        states = [(SHOWN,) * len(names)] * len(rows)
    return Printed("t", columns, numbers, pd.DataFrame(states, columns=names), ids)


def test_a_printed_table_is_read_with_its_states_totals_shares_and_what_only_grows() -> None:
    rows = [("a", 9, 3, 0.3), ("b", None, 10, None), ("c", None, None, None), ("all", 20, 13, 0.65)]
    states = [(SHOWN,) * 4, (SHOWN, PROTECTED, ROUNDED, PROTECTED), (SHOWN, UNKNOWN, SHOWN, UNKNOWN), (SHOWN,) * 4]
    first = printed((DISTRICT, N, K, SHARE), rows, states)
    second = replace(printed((Count("m", "Annat", "m", "attempts"),), [(6,)]), name="u")
    seen = publication_of([first, second], equations=[((1, "m"), (-1, "x"))], rounding_base=10)
    assert dict(seen.cells) == {
        "n|district=a": SeenCell("n|district=a", SHOWN, 9, "persons", None, ("t",)),
        "n|district=b": SeenCell("n|district=b", PROTECTED, None, "persons", None, ("t",)),
        "n|district=c": SeenCell("n|district=c", UNKNOWN, None, "persons", None, ("t",)),
        "n": SeenCell("n", SHOWN, 20, "persons", None, ("t",)),
        "k|district=a": SeenCell("k|district=a", SHOWN, 3, "persons", None, ("t",)),
        "k|district=b": SeenCell("k|district=b", ROUNDED, 10, "persons", 10, ("t",)),
        "k|district=c": SeenCell("k|district=c", UNKNOWN, None, "persons", None, ("t",)),
        "k": SeenCell("k", SHOWN, 13, "persons", None, ("t",)),
        "m": SeenCell("m", SHOWN, 6, "attempts", None, ("u",)),
    }
    places = ("|district=a", "|district=b", "|district=c", "")
    assert seen.sums == tuple(((-1, it), *((1, f"{it}{place}") for place in places[:3])) for it in "nk")
    assert seen.shares == tuple((f"k{place}", f"n{place}") for place in places)
    assert (seen.equations, seen.cumulative, seen.earlier) == ((((1, "m"), (-1, "x")),), {"n"}, frozenset())


def test_totals_are_guessed_over_splits_that_add_up_where_the_total_is_printed() -> None:
    regardless = replace(K, regardless_of=("district",))
    rows = [("a", "16", 5, 5), ("b", "16", 6, 6), ("all", "16", 11, 5), ("a", "17", 7, 7)]
    assert publication_of([printed((DISTRICT, AGE, N, regardless), rows)], equations=()).sums == (
        ((-1, "n|age=16"), (1, "n|age=16|district=a"), (1, "n|age=16|district=b")),
    )


def test_a_share_and_an_estimate_shown_over_a_hidden_count_are_found() -> None:
    rows = [(9, 3, 0.3, 1.0)] * 4
    states = [(SHOWN,) * 4, (SHOWN, PROTECTED, ROUNDED, SHOWN), (PROTECTED, SHOWN, SHOWN, SHOWN), (PROTECTED,) * 4]
    found = shown_over_hidden([printed((N, K, SHARE, MEAN), rows, states)])
    assert found == (Finding("share", ("t",)), Finding("share", ("t",)), Finding("estimate", ("t",)))


@pytest.mark.parametrize(
    ("months", "hidden", "found"),
    [
        (["9", "10", "11"], {0}, 2),
        (["10", "11", "9"], {2}, 2),
        (["9", "10", "11"], {2}, 0),
        (["9", "10", "all"], {2}, 0),
        (["start", "slut", "efter"], {0}, 2),
        (["start", "slut", "efter"], {1}, 1),
        (["start", "start", "slut"], {1}, 1),
    ],
)
def test_a_point_of_a_curve_after_a_hidden_count_is_found(months: list[str], hidden: set[int], found: int) -> None:
    rows = [(month, 9, 1.0) for month in months]
    states = [(SHOWN, PROTECTED, PROTECTED) if row in hidden else (SHOWN,) * 3 for row in range(len(months))]
    table = printed((MONTHS, N, MEAN), rows, states)
    assert shown_over_hidden([table]) == (Finding("curve", ("t",)),) * found
    assert shown_over_hidden([table], time_splits=()) == ()


def test_each_district_has_its_own_curve() -> None:
    rows = [("a", "1", 9, 1.0), ("b", "1", 9, 1.0), ("a", "2", 9, 1.0), ("b", "2", 9, 1.0), (None, "2", 9, 1.0)]
    states = [(SHOWN, SHOWN, PROTECTED, PROTECTED), *[(SHOWN,) * 4] * 4]
    assert shown_over_hidden([printed((DISTRICT, MONTHS, N, MEAN), rows, states)]) == (Finding("curve", ("t",)),)


# what is aimed at


def aimed_at(publication: Publication, truth: dict[str, int], rules: Rules | None = None) -> list[Target]:
    """The targets with the equations and pairs that an attacker finds."""
    equations = equations_of(publication, known=truth)
    pairs = pairs_of(publication, equations=equations, known=truth)
    return targets_of(Ground(publication, equations, pairs, truth, rules or Rules()))


def test_counts_and_unions_of_small_parts_are_aimed_at_once() -> None:
    truth = {"n": 15, "n|d=a": 1, "n|d=b": 2, "n|d=c": 12, "n|d=e": 0}
    terms = ((-1, "n"), *((1, name) for name in truth if name != "n"))
    assert aimed_at(of_ids(*truth, equations=(terms, terms)), truth) == [
        Target("count", ((1, "n|d=a"),)),
        Target("count", ((1, "n|d=b"),)),
        Target("union", ((1, "n|d=a"), (1, "n|d=b"))),
    ]
    letters = Rules(volumes=frozenset({"n"}))
    assert aimed_at(of_ids(*truth, equations=(terms,)), truth, letters) == []


def test_all_small_parts_together_are_their_total_unless_it_has_no_true_count() -> None:
    terms = ((-1, "n"), (1, "n|d=a"), (1, "n|d=b"))
    parts = {"n|d=a": 1, "n|d=b": 2}
    counts = [Target("count", ((1, "n|d=a"),)), Target("count", ((1, "n|d=b"),))]
    whole = Target("count", ((1, "n"),))
    assert aimed_at(of_ids("n", *parts, equations=(terms,)), parts | {"n": 3}) == [whole, *counts]
    assert aimed_at(of_ids(*parts, equations=(terms,)), parts) == [
        *counts,
        Target("union", ((1, "n|d=a"), (1, "n|d=b"))),
        Target("latent", ((1, "n"),), Demand.OPEN),
    ]


def test_the_rest_of_a_whole_beyond_its_part_is_aimed_at() -> None:
    truth = {"n": 20, "k": 17, "m": 20}
    published = of_ids(*truth, shares=(("k", "n"), ("m", "n")))
    assert aimed_at(published, truth) == [Target("difference", ((1, "n"), (-1, "k")))]
    assert aimed_at(published, truth | {"k": 15}) == []


def test_periods_that_differ_by_few_are_aimed_at_one_way_and_between_districts_both_ways() -> None:
    year, tertial = "period=2024", "period=tertial 1 2024"
    truth = {
        f"n|{year}": 20,
        f"n|{tertial}": 17,
        f"n|district=a|{year}": 12,
        f"n|district=a|{tertial}": 14,
    }
    assert aimed_at(of_ids(*truth, cumulative=frozenset({"n"})), truth)[-2:] == [
        Target("period", ((1, f"n|{year}"), (-1, f"n|{tertial}"))),
        Target("period", ((-1, f"n|district=a|{year}"), (1, f"n|district=a|{tertial}")), Demand.EITHER_SIGN),
    ]


def test_revisions_are_aimed_at_both_ways_and_where_the_old_number_was_hidden() -> None:
    now, then = "n|extract=2024-09-01", "n|extract=2024-02-01"
    published = of_ids(now, then, earlier=frozenset({then}))
    assert aimed_at(published, {now: 20, then: 23}) == [Target("revision", ((-1, now), (1, then)), Demand.EITHER_SIGN)]
    assert aimed_at(published, {now: 23, then: 20}) == [Target("revision", ((1, now), (-1, then)), Demand.EITHER_SIGN)]
    assert aimed_at(published, {now: 20, then: 20}) == aimed_at(published, {now: 20, then: 25}) == []
    assert aimed_at(published, {now: 20}) == [Target("revision", ((1, now), (-1, then)), Demand.UNCHANGED)]
    assert aimed_at(published, {now: 20, then: 23}, Rules(volumes=frozenset({"n"}))) == []


def test_none_one_and_all_of_a_disclosive_value_are_aimed_at_unless_true_by_definition() -> None:
    truth = {"n": 20, "n|r=a": 0, "n|r=b": 20, "n|r=c": 18, "k": 19}
    rules = Rules(disclosive={"r": ("a", "b", "c"), "measure": ("k",)}, structural=frozenset({"n|r=a"}))
    found = aimed_at(of_ids(*truth, shares=(("k", "n"),)), truth, rules)
    assert [target for target in found if target.kind == "disclosive"] == [
        Target("disclosive", ((1, "k"),), Demand.NEITHER, "n"),
        Target("disclosive", ((1, "n|r=b"),), Demand.NEITHER, "n"),
    ]


def test_an_outsider_aims_at_every_hidden_count_and_every_two_of_a_line() -> None:
    terms = ((-1, "n"), (1, "a"), (1, "b"), (1, "c"))
    published = of_ids("n", "c", hidden=("a", "b", "letters"), equations=(terms,))
    ground = Ground(published, (terms,), (), {}, Rules(volumes=frozenset({"letters"})))
    assert outsider_targets(ground) == [
        Target("determined", ((1, "a"),), Demand.TWO),
        Target("determined", ((1, "b"),), Demand.TWO),
        Target("narrowed", ((1, "a"),), Demand.OPEN),
        Target("narrowed", ((1, "b"),), Demand.OPEN),
        Target("small", ((1, "a"),), Demand.SAFE),
        Target("small", ((1, "b"),), Demand.SAFE),
        Target("union", ((1, "a"), (1, "b")), Demand.OPEN),
    ]
