"""Rounding: what ties measures together, what is left to hide, and the proof that nothing small can be narrowed down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Column, Count, Dimension, Equation, Estimate, Result, RowSum, Share, Text, cell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.rounded import rounding_proof
from kaa_analysis.disclosure.rounded.rounding import (
    check_rounding,
    is_rounded,
    linked_measures,
    refuse_changed_methods,
    rounded_to,
    rounding_bounds,
    without_rounded,
)
from kaa_analysis.disclosure.rounded.rounding_proof import refuse_narrowed

PLACE = Dimension("place", "Plats", total="all")
TENS = Policy(rounding={"a": 10})


def measured(measure: str, *, unit: str = "persons") -> Count:
    return Count(measure, measure.upper(), measure, unit)


def row_of(
    numbers: Mapping[str, int],
    *more: Column,
    name: str = "table",
    sums: Sequence[RowSum] = (),
    equations: Sequence[Equation] = (),
    letters: Sequence[str] = (),
) -> Result:
    """A table of one row: a count per measure, a share or an estimate of 0.5 for each further column."""
    counts = [measured(measure, unit="attempts" if measure in letters else "persons") for measure in numbers]
    frame = pd.DataFrame([{**numbers, **{column.name: 0.5 for column in more}}])
    return Result(name, "T", (*counts, *more), frame, row_sums=tuple(sums), equations=tuple(equations))


def tie(*measures: str) -> Equation:
    return Equation("Summa", tuple((1, cell(measure)) for measure in measures))


# which numbers are rounded to which


@pytest.mark.parametrize("base", [9, 10, 11, 20, 25])
def test_every_number_lies_within_the_bounds_of_what_it_is_rounded_to_and_no_other_does(base: int) -> None:
    for number in range(4 * base):
        rounded = rounded_to(number, base)
        assert rounded % base == 0
        least, most = rounding_bounds(rounded, base)
        assert least <= number <= most
        assert [rounded_to(most, base), rounded_to(most + 1, base)] == [rounded, rounded + base]
        assert abs(number - rounded) <= base / 2


def test_only_counts_of_the_measures_named_are_rounded() -> None:
    columns = (measured("a"), measured("b"), Share("a", "A", "a", "b"), Estimate("a", "A", ("a",)), PLACE)
    assert [is_rounded(column, TENS) for column in columns] == [True, False, False, False, False]


# what hangs together


def test_shares_row_sums_and_equations_tie_measures_and_what_is_tied_in_steps_is_one_group() -> None:
    share, total = Share("share", "Andel", "a", "b"), RowSum("c", ("d", "e"))
    first = row_of(dict.fromkeys([*"abcde", "alone"], 0), share, sums=[total])
    second = row_of({"f": 0, "g": 0}, name="second", equations=[tie("f", "g")])
    groups = [frozenset("ab"), frozenset("cde"), frozenset("fg")]
    assert linked_measures([first, second], policy=Policy()) == groups
    assert linked_measures([second, first], policy=Policy()) == groups
    tied = replace(second, equations=(tie("g", "f"), tie("f", "a")))
    assert linked_measures([first, tied], policy=Policy()) == [frozenset("abfg"), frozenset("cde")]
    all_tied = replace(second, equations=(tie("f", "e"), tie("g", "b"), tie("b", "f")))
    assert linked_measures([first, all_tied], policy=Policy()) == [frozenset("abcdefg")]


def test_a_tie_to_what_nobody_prints_or_to_volumes_of_work_is_none() -> None:
    table = row_of({"a": 0, "b": 0, "letters": 0}, letters=["letters"])
    for equations in ((tie("a", "unprinted"),), (tie("a", "letters"),), (tie("a"), tie("b")), ()):
        assert linked_measures([replace(table, equations=equations)], policy=Policy()) == []
    both = replace(table, equations=(tie("a", "letters", "unprinted", "b"),))
    assert linked_measures([both], policy=Policy()) == [frozenset("ab")]


ACTION = "ange samma avrundning för alla mått som hänger ihop, eller ingen, i params/disclosure.yaml"


def refusal(results: Sequence[Result], policy: Policy) -> tuple[str, tuple[str, ...], str]:
    with pytest.raises(DisclosureError) as refused:
        check_rounding(results, policy=policy)
    return refused.value.expected, refused.value.found, refused.value.action


def test_all_groups_of_more_than_one_method_are_told_in_order() -> None:
    table = row_of(dict.fromkeys("fedcba", 0), equations=[tie("f", "e"), tie("d", "c"), tie("b", "a")])
    check_rounding([table], policy=Policy(rounding={"a": 10, "b": 10, "c": 20, "d": 20}))
    assert refusal([table], Policy(rounding={"b": 10, "c": 10, "d": 20, "e": 15, "f": 15})) == (
        "Mått som hänger ihop (andelar, summor) ska skyddas med samma metod.",
        ("a: döljs, b: avrundas till 10", "c: avrundas till 10, d: avrundas till 20"),
        ACTION,
    )


def test_all_volumes_of_work_that_would_be_rounded_are_told_in_order() -> None:
    table = row_of(dict.fromkeys("vuaw", 0), letters=["v", "u", "w"], equations=[tie("a", "v")])
    check_rounding([table], policy=TENS)
    assert refusal([table], Policy(rounding={"v": 10, "u": 10, "a": 10})) == (
        "Arbetsvolymer (utskick och samtal) avrundas inte.",
        ("u", "v"),
        ACTION,
    )
    check_rounding(
        [table], policy=Policy(rounding={"v": 10, "a": 10}, protected_units=("persons", "spells", "attempts"))
    )


def test_a_measure_that_was_published_by_another_method_is_refused_with_both_named() -> None:
    policy = Policy(rounding={"a": 10, "b": 20})
    refuse_changed_methods(policy, methods={"a": "round 10", "b": "round 20", "c": "suppress"})
    with pytest.raises(DisclosureError) as refused:
        refuse_changed_methods(policy, methods={"c": "round 15", "b": "suppress", "a": "round 20"})
    assert (refused.value.expected, refused.value.found, refused.value.action) == (
        "Ett mått skyddas med en och samma metod för gott.",
        (
            "a: avrundas till 20 tidigare, avrundas till 10 nu",
            "b: döljs tidigare, avrundas till 20 nu",
            "c: avrundas till 15 tidigare, döljs nu",
        ),
        "ange samma metod och bas i params/disclosure.yaml som när måttet publicerades första gången",
    )


# what is left to hide


def test_all_that_rests_on_a_rounded_count_goes_with_it_and_all_else_stays() -> None:
    columns = (
        PLACE,
        *(measured(measure) for measure in "abcd"),
        Share("of_a", "A", "a", "b"),
        Share("in_a", "A", "b", "a"),
        Share("kept", "B", "b", "c"),
        Estimate("low_a", "L", ("b", "a")),
        Estimate("low", "L", ("b", "c")),
        Text("words", "Ord"),
    )
    numbers = {"a": 1, "b": 2, "c": 3, "d": 5}
    shares = dict.fromkeys(("of_a", "in_a", "kept", "low_a", "low"), 0.5)
    frame = pd.DataFrame([{"place": "p", **numbers, **shares, "words": "ord"}])
    sums = (RowSum("c", ("a", "b")), RowSum("d", ("b", "c")))
    equations = (tie("x", "a"), tie("x", "b"), tie("a"), tie("y", "c"))
    table = Result("table", "T", columns, frame, row_sums=sums, equations=equations)
    [left] = without_rounded([table], policy=TENS)
    names = ["place", "b", "c", "d", "kept", "low", "words"]
    assert left.columns == tuple(column for column in columns if column.name in names)
    pd.testing.assert_frame_equal(left.frame, table.frame[names])
    assert left.row_sums == (RowSum("d", ("b", "c")),)
    assert left.equations == (tie("x", "b"), tie("y", "c"))
    assert without_rounded([table, table], policy=Policy()) == [table, table]


# the proof


def by_place(
    numbers: Mapping[str, int | None],
    *,
    measure: str = "a",
    unit: str = "persons",
    name: str = "table",
    equations: Sequence[Equation] = (),
) -> Result:
    frame = pd.DataFrame(numbers.items(), columns=["place", measure]).astype({measure: "Int64"})
    return Result(name, "T", (PLACE, measured(measure, unit=unit)), frame, equations=tuple(equations))


def narrowed(*results: Result, policy: Policy = TENS) -> tuple[str, ...]:
    try:
        refuse_narrowed(results, policy=policy)
    except DisclosureError as error:
        return error.found
    return ()


TIGHT = {"p": 14, "q": 14, "r": 14, "s": 3, "all": 45}
"""Shown as 10 + 10 + 10 + 0 = 50: at least 45 in all, at most 14 in each of the first, so the last is at least 3."""
FEW = {"p": 54, "q": 44, "r": 4, "s": 3, "all": 105}
"""Shown as 50 + 40 + 0 + 0 = 110: at least 105 in all, at most 54 + 44 in the large ones, so the small ones are 7 together, 3 each."""


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (FEW, ("a: 2 celler",)),
        ({"p": 54, "q": 44, "r": 4, "s": 2, "all": 104}, ()),
        ({"p": 53, "q": 44, "r": 4, "s": 4, "all": 105}, ("a: 2 celler",)),
        ({"p": 5, "q": 4, "all": 9}, ()),
        ({"p": 1, "q": 5, "all": 6}, ()),
        ({"p": 3, "q": 0, "all": 3}, ()),
        ({"p": 14, "q": 1, "all": 15}, ()),
        (TIGHT, ("a: 1 celler",)),
        (TIGHT | {"r": 13, "all": 44}, ()),
        ({place: TIGHT[place] for place in "pqrs"}, ()),
    ],
)
def test_an_unsafe_count_whose_lower_or_higher_values_the_sums_rule_out_is_refused(
    numbers: dict[str, int], expected: tuple[str, ...]
) -> None:
    assert narrowed(by_place(numbers)) == expected
    assert narrowed(by_place(dict(reversed(numbers.items())))) == expected


def test_only_unsafe_counts_are_asked_of() -> None:
    assert narrowed(by_place({"p": 54, "q": 44, "r": 7, "all": 105})) == ()
    assert narrowed(by_place({"p": 54, "q": 44, "r": 0, "s": 7, "all": 105})) == ()


def test_every_unsafe_value_of_the_policy_must_be_possible_the_largest_and_the_smallest_too() -> None:
    """To 11s, 6 + 6 + 6 + 6 + 1 are shown as 11 four times and 0 in 22, at most 27: the last is at most 3."""
    at_most_three = by_place({"p": 6, "q": 6, "r": 6, "s": 6, "t": 1, "all": 25})
    at_least_two = by_place({"p": 16, "q": 16, "r": 16, "s": 2, "all": 50})
    for unsafe_below, expected in ((5, ("a: 1 celler",)), (4, ())):
        policy = Policy(unsafe_below=unsafe_below, rounding={"a": 11})
        assert narrowed(at_most_three, policy=policy) == expected
        assert narrowed(at_least_two, policy=policy) == ("a: 1 celler",)


def test_the_refusal_counts_the_cells_of_each_measure() -> None:
    tables = [by_place(FEW, measure=measure, name=measure) for measure in "cab"]
    with pytest.raises(DisclosureError) as refused:
        refuse_narrowed(tables, policy=Policy(rounding={"a": 10, "c": 10}))
    assert (refused.value.expected, refused.value.found, refused.value.action) == (
        "Avrundade tal ska inte gå att snäva in med hjälp av summorna.",
        ("a: 2 celler", "c: 2 celler"),
        "välj en annan bas, eller dölj måttet i stället, i params/disclosure.yaml",
    )
    refuse_narrowed(tables, policy=Policy())
    refuse_narrowed(tables, policy=Policy(rounding={"x": 10}))


def test_a_number_that_nobody_prints_can_be_anything_from_nothing_up() -> None:
    """With p = q + an unprinted number q can only be 4 where that number is 0; with p = 4 q + it q can never be 2 or more."""
    of = {place: cell("a", place=place) for place in "pq"}
    unprinted = Equation("Minst", ((-1, of["p"]), (1, of["q"]), (1, cell("unprinted"))))
    table = by_place({"p": 4, "q": 4}, equations=[unprinted])
    assert narrowed(table) == ()
    surely = Equation("Högst", ((-1, of["p"]), (1, cell("unprinted")), (4, of["q"])))
    assert narrowed(by_place({"p": 4, "q": 1}, equations=[surely])) == ("a: 1 celler",)


def test_a_count_that_is_not_rounded_bounds_nothing_and_a_shown_volume_bounds_as_it_stands() -> None:
    three = cell("a", place="p")
    whole = Equation("Brev", ((-1, cell("letters")), (1, three)))
    beside = {
        unit: row_of({"letters": 3}, letters=["letters"] if unit == "attempts" else [])
        for unit in ("attempts", "persons")
    }
    found = {
        unit: narrowed(by_place({"p": 3}, equations=[whole]), replace(other, id="other"))
        for unit, other in beside.items()
    }
    assert found == {"attempts": ("a: 1 celler",), "persons": ()}


def test_unknown_counts_bound_nothing() -> None:
    assert narrowed(by_place(TIGHT)) == ("a: 1 celler",)
    assert narrowed(by_place(TIGHT | {"all": None})) == ()
    assert narrowed(by_place(TIGHT | {"p": None})) == ()


def test_each_part_that_hangs_together_is_asked_by_itself_with_all_of_its_relations() -> None:
    good = by_place({"p": 44, "q": 23, "all": 67}, measure="b", name="good")
    policy = Policy(rounding={"a": 10, "b": 10})
    assert narrowed(good, by_place(FEW), policy=policy) == ("a: 2 celler",)
    assert narrowed(good, by_place({"p": 4, "q": 4, "all": 8}), policy=policy) == ()
    second = Equation("Andra", ((-1, cell("b")), (1, cell("a", place="s")), (1, cell("unprinted"))))
    tied = by_place(TIGHT, equations=[second])
    assert narrowed(good, tied, policy=policy) == ("a: 1 celler",)


@pytest.mark.parametrize("wrong", [[4.0, 4.0], [1.0, 12.0], [-1.0, 0.0], [1.0, 2.0], [5.0, 5.0], None])
def test_a_table_that_the_solver_gives_is_checked(monkeypatch: pytest.MonkeyPatch, wrong: list[float] | None) -> None:
    """The number at p is that at q, and both are at most 4: a table fits where both are what is asked for, whatever a solver says."""
    same = Equation("Lika", ((-1, cell("a", place="p")), (1, cell("a", place="q"))))
    table = by_place({"p": 2, "q": 2}, equations=[same])
    assert narrowed(table) == ()

    def told(costs: np.ndarray, **_: object) -> SimpleNamespace:
        assert len(costs) == 2
        return SimpleNamespace(x=None if wrong is None else np.array(wrong))

    monkeypatch.setattr(rounding_proof, "milp", told)
    assert narrowed(table) == ("a: 2 celler",)


def test_a_solver_has_no_more_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is stopped has no table, and without a table nothing is released."""
    given = []

    def stopped(*_: object, options: dict[str, float], **__: object) -> SimpleNamespace:
        given.append(options)
        return SimpleNamespace(x=None)

    monkeypatch.setattr(rounding_proof, "milp", stopped)
    same = Equation("Lika", ((-1, cell("a", place="p")), (1, cell("a", place="q"))))
    assert narrowed(by_place({"p": 2, "q": 2}, equations=[same])) == ("a: 2 celler",)
    assert {tuple(options.items()) for options in given} == {(("time_limit", rounding_proof.SECONDS),)}
