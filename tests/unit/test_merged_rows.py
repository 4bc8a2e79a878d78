"""Rows put together: what a coarser table says, whole, and what is kept of what readers know of the finer one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import pytest

from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Estimate, Result, Share, Text, cell
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.coarse.merged_equations import merge_together
from kaa_analysis.disclosure.coarse.merged_rows import can_be_merged, merged
from kaa_analysis.disclosure.policy import Policy

PAIRS = Grouping(
    "way", "Vägpar", {"ab": ("a", "b"), "cd": ("c", "d")}, {"ab": "A eller B", "cd": "C eller D"}, "Två och två."
)
PARTS = Grouping("part", "Del", {"north": ("a", "b"), "south": ("c", "d")}, {"north": "Norr", "south": "Söder"}, "")
ALONE = Grouping(
    "way", "Väg", {"a": ("a",), "b": ("b",), "cd": ("c", "d")}, {"a": "A", "b": "B", "cd": "C eller D"}, "C med D."
)
NAMES = {"all": "Alla", "a": "A", "b": "B", "c": "C", "d": "D"}
WAY = Dimension("way", "Väg ut", NAMES, total="all", coarser=(PAIRS,))
SEX = Dimension("sex", "Kön", total="all")
N = Count("n", "Antal", "left")
STRICT = Policy(coarsen_above=0.0)
SMALL = {"a": 2, "b": 30, "c": 9, "d": 40}


def by_way(numbers: Mapping[str, int], *, split: Dimension = WAY, n: Count = N, **about: object) -> Result:
    rows = [("all", sum(numbers.values())), *numbers.items()]
    frame = pd.DataFrame(rows, columns=["way", "n"])
    return Result(**{"id": "ways", "title": "Antal per väg ut", "columns": (split, n), "table": frame} | about)


def rows_of(result: Result) -> list[tuple[object, ...]]:
    return [tuple(None if pd.isna(value) else value for value in row) for row in result.frame.itertuples(index=False)]


def of(factor: int, measure: str = "left", **place: str) -> tuple[int, Cell]:
    return factor, cell(measure, **place)


# what can be put together


def test_a_table_with_estimates_or_with_words_cannot_be_put_together() -> None:
    plain = by_way(SMALL)
    low = Result("low", "T", (WAY, N, Estimate("low", "Nedre", ("n",))), plain.frame.assign(low=0.5))
    words = Result("words", "T", (WAY, N, Text("words", "Ord")), plain.frame.assign(words="ord"))
    assert [can_be_merged(table) for table in (plain, low, words)] == [True, False, False]


# the table


def test_a_row_whose_place_in_another_split_is_missing_is_put_together_too() -> None:
    frame = pd.DataFrame({"way": [*"dcab"], "sex": [None, None, "f", "f"], "n": [1, 2, 3, 4]})
    coarse = merged(Result("ways", "T", (WAY, SEX, N), frame), split="way", grouping=PAIRS)
    assert rows_of(coarse) == [("cd", None, 3), ("ab", "f", 7)]


def test_groups_stand_where_the_first_of_their_rows_stood_and_not_by_letter() -> None:
    table = by_way({"d": 1, "b": 2, "c": 3, "a": 4})
    assert rows_of(merged(table, split="way", grouping=PAIRS)) == [("all", 10), ("cd", 4), ("ab", 6)]


SHARE = Share("share", "Andel", "n", "m")
M = Count("m", "M", "many")


def test_a_share_is_that_of_the_sums_and_none_of_nothing() -> None:
    frame = pd.DataFrame({"way": [*"abcd"], "n": [1, 0, 5, 0], "m": [1, 0, 0, 0], "share": [1.0, None, None, None]})
    for numbers, share in (([1, 0, 5, 0], [1.0, None]), ([0, 0, 0, 0], [0.0, None])):
        table = Result("ways", "T", (WAY, N, M, SHARE), frame.assign(n=numbers))
        expected = pd.DataFrame(
            {"way": ["ab", "cd"], "n": [sum(numbers[:2]), sum(numbers[2:])], "m": [1, 0], "share": share}
        ).astype({"n": "Int64", "m": "Int64", "share": "Float64"})
        found = merged(table, split="way", grouping=PAIRS).frame.astype({"way": object})
        pd.testing.assert_frame_equal(found, expected.astype({"way": object}))


def test_a_share_keeps_its_place_and_may_stand_before_its_counts() -> None:
    frame = pd.DataFrame({"share": 0.1, "m": [20, 20, 40, 40], "way": [*"abcd"], "n": [1, 2, 3, 4]})
    coarse = merged(Result("ways", "T", (SHARE, M, WAY, N), frame), split="way", grouping=PAIRS)
    assert [column.name for column in coarse.columns] == ["share", "m", "way", "n"]
    assert rows_of(coarse) == [(0.075, 40, "ab", 3), (0.0875, 80, "cd", 7)]


def test_a_number_known_in_one_row_of_a_group_only_is_unknown_in_the_group() -> None:
    frame = pd.DataFrame({"way": [*"abcd"], "n": pd.array([None, 7, 0, 0], dtype="Int64")})
    coarse = merged(Result("ways", "T", (WAY, N), frame), split="way", grouping=PAIRS)
    assert rows_of(coarse) == [("ab", None), ("cd", 0)]


@pytest.mark.parametrize(
    ("split", "labels"),
    [
        (Dimension("way", "Väg ut", NAMES, total="all"), {"all": "Alla", "ab": "A eller B", "cd": "C eller D"}),
        (Dimension("way", "Väg ut", total="all"), {"all": "all", "ab": "A eller B", "cd": "C eller D"}),
    ],
)
def test_the_total_keeps_its_text_beside_the_groups(split: Dimension, labels: dict[str, str]) -> None:
    coarse = merged(by_way(SMALL, split=split), split="way", grouping=PAIRS)
    assert coarse.column("way") == Dimension("way", "Vägpar", labels, total="all")
    assert list(coarse.column("way").labels) == list(labels)


def test_a_split_without_total_has_the_texts_of_its_groups_and_no_other() -> None:
    split = Dimension("way", "Väg ut", {code: NAMES[code] for code in "abcd"})
    frame = pd.DataFrame({"way": [*"abcd"], "n": [1, 2, 3, 4]})
    coarse = merged(Result("ways", "T", (split, N), frame), split="way", grouping=PARTS)
    assert coarse.column("part") == Dimension("part", "Del", {"north": "Norr", "south": "Söder"})
    assert rows_of(coarse) == [("north", 3), ("south", 7)]


def test_only_the_split_that_is_put_together_changes() -> None:
    every = Count("every", "Alla", "every", regardless_of=("sex", "way"), key=True)
    frame = pd.DataFrame([("f", way, number, 10) for way, number in zip("abcd", (1, 2, 3, 4), strict=True)])
    table = Result("ways", "T", (SEX, WAY, N, every), frame.set_axis(["sex", "way", "n", "every"], axis=1))
    coarse = merged(table, split="way", grouping=PARTS)
    part = replace(WAY, name="part", label="Del", labels={"all": "Alla", **PARTS.labels}, coarser=())
    assert coarse.columns == (SEX, part, N, replace(every, regardless_of=("sex", "part")))
    assert rows_of(coarse) == [("f", "north", 3, 10), ("f", "south", 7, 10)]
    other = merged(table, split="way", grouping=PAIRS)
    assert other.column("every") == every


@pytest.mark.parametrize(
    ("title", "note", "expected"),
    [
        ("Antal per väg ut, 2024", "Alla.", ("Antal per vägpar, 2024", "Alla. Två och två.")),
        ("Antal per väg utan namn", "", ("Antal per väg utan namn", "Två och två.")),
        ("Väg ut ur snårväg ut", "Alla.", ("Väg ut ur snårväg ut", "Alla. Två och två.")),
    ],
)
def test_the_title_names_the_coarser_split_where_it_named_the_finer_one(
    title: str, note: str, expected: tuple[str, str]
) -> None:
    coarse = merged(by_way(SMALL, title=title, note=note), split="way", grouping=PAIRS)
    assert (coarse.title, coarse.note) == expected


def test_what_is_no_part_of_the_rows_is_kept_and_declared_equations_are_not() -> None:
    table = by_way(
        SMALL, context={"period": "2024"}, source="Källa", equations=(Equation("e", (of(1, "x"), of(-1, "y"))),)
    )
    coarse = merged(table, split="way", grouping=PAIRS)
    assert (coarse.id, dict(coarse.context), coarse.source) == ("ways", {"period": "2024"}, "Källa")
    assert coarse.equations == ()


# the equations


def equation(*terms: tuple[int, Cell], name: str = "Given summa") -> Equation:
    return Equation(name, terms)


def together(
    *results: Result, grouping: Grouping = PAIRS, at: Sequence[int] = (0,), published: Sequence[str] = ()
) -> list[tuple[Equation, ...]]:
    shown = merge_together(results, at=at, split="way", grouping=grouping, published=published)
    return [result.equations for result in shown]


def other_table(*equations: Equation, measure: str = "other", number: int = 1, **place: str) -> Result:
    frame = pd.DataFrame({"m": [number]})
    return Result("other", "T", (Count("m", "M", measure),), frame, context=place, equations=equations)


def test_an_equation_that_names_no_lost_row_is_left_word_for_word() -> None:
    kept = equation(of(1, way="b"), of(-1, "other"), of(2, way="a"), of(1, way="b"), of(0, way="a"))
    assert together(by_way(SMALL), other_table(kept), grouping=ALONE) == [(), (kept,)]


def test_values_named_together_but_not_alike_are_told_apart() -> None:
    twice = equation(of(-1, "other"), of(1, way="a"), of(2, way="b"))
    assert together(by_way(SMALL), other_table(twice)) == [
        (
            equation(
                of(-1, way="ab"),
                of(1, way="a"),
                of(1, way="b"),
                name="Gruppen är summan av det som har slagits samman",
            ),
        ),
        (twice,),
    ]
    alike = equation(of(-1, "other"), of(2, way="a"), of(2, way="b"))
    assert together(by_way(SMALL), other_table(alike)) == [(), (equation(of(-1, "other"), of(2, way="ab")),)]


def test_values_named_in_an_equation_each_are_told_apart() -> None:
    given = (equation(of(-1, "other"), of(1, way="a")), equation(of(-1, "more"), of(1, way="b")))
    ways, shown = together(by_way(SMALL), other_table(*given))
    assert shown == given
    assert [[place.id for _, place in sums.terms] for sums in ways] == [["left|way=ab", "left|way=a", "left|way=b"]]


def test_two_known_values_of_one_group_are_told_apart() -> None:
    [ways] = together(by_way(SMALL), published=["left|way=a", "left|way=b"])
    assert [[place.id for _, place in sums.terms] for sums in ways] == [["left|way=ab", "left|way=a", "left|way=b"]]


def test_values_named_at_different_places_are_told_apart() -> None:
    crossed = equation(of(-1, "other"), of(1, way="a", sex="f"), of(1, way="b", sex="m"))
    frame = pd.DataFrame([(way, sex, 9) for way in "abcd" for sex in "fm"], columns=["way", "sex", "n"])
    _, shown = together(Result("ways", "T", (WAY, SEX, N), frame), other_table(crossed))
    assert shown == (crossed,)


def test_a_table_keeps_its_own_equations_beside_the_sums_of_its_groups() -> None:
    own = equation(of(1, "other"), of(-1, "more"))
    [ways] = together(by_way(SMALL, equations=(own,)), published=["left|way=c"])
    assert ways[0] == own
    assert [[place.id for _, place in sums.terms] for sums in ways[1:]] == [["left|way=cd", "left|way=c", "left|way=d"]]


def test_factors_of_a_cell_named_twice_are_added() -> None:
    twice = equation(of(1, way="a"), of(-1, "other"), of(1, way="a"), of(2, way="b"), of(-1, "other"))
    assert together(by_way(SMALL), other_table(twice)) == [(), (equation(of(-2, "other"), of(2, way="ab")),)]


def test_a_group_named_in_the_equation_of_its_own_values_is_one_term() -> None:
    groups = equation(of(-3, part="north"), of(1, way="a"), of(1, way="b"), of(2, "other"))
    [_, shown] = together(by_way(SMALL), other_table(groups), grouping=PARTS)
    assert shown == (equation(of(-2, part="north"), of(2, "other")),)


def test_equations_after_one_without_lost_rows_are_about_the_groups_too() -> None:
    kept = equation(of(1, "other"), of(-1, "more"))
    whole = equation(of(-1, "c_or_d"), of(1, way="c"), of(1, way="d"))
    assert together(by_way(SMALL), other_table(kept, whole, kept)) == [
        (),
        (kept, equation(of(-1, "c_or_d"), of(1, way="cd")), kept),
    ]


def test_a_row_that_is_printed_elsewhere_makes_its_group_a_sum_in_every_table_of_it() -> None:
    second = by_way(SMALL, id="second", context={"period": "2024"})
    sums = [
        equation(of(-1, way="cd", **place), of(1, way="c", **place), of(1, way="d", **place), name=name)
        for name in ("Gruppen är summan av det som har slagits samman",)
        for place in ({}, {"period": "2024"})
    ]
    tables = (by_way(SMALL), other_table(measure="left", number=9, way="c"), second)
    assert together(*tables, at=(0, 2)) == [(sums[0],), (), (sums[1],)]
    assert together(by_way(SMALL), second, at=(0, 1), published=["left|period=2024|way=d"]) == [(sums[0],), (sums[1],)]


def test_what_is_known_of_no_lost_row_makes_nothing_of_the_groups() -> None:
    other = other_table(measure="left", number=81)
    assert together(by_way(SMALL), other, published=["left|way=ab", "left", "other|way=a"]) == [(), ()]


def test_parts_of_a_group_add_up_over_the_other_split_whole_groups_as_they_are_printed() -> None:
    numbers = {("a", "f"): 2, ("b", "f"): 30, ("c", "f"): 9, ("d", "f"): 40, ("a", "all"): 5, ("b", "all"): 60}
    numbers |= {("c", "all"): 20, ("d", "all"): 90, ("a", "m"): 3, ("b", "m"): 30, ("c", "m"): 11, ("d", "m"): 50}
    frame = pd.DataFrame([(*place, number) for place, number in numbers.items()], columns=["way", "sex", "n"])
    fine = Result("ways", "T", (WAY, SEX, N), frame)
    [found, _] = together(fine, other_table(measure="left", number=9, way="c", sex="f"))
    places = ({"sex": "f"}, {}, {"sex": "m"})
    sums = [
        equation(
            of(-1, way="cd", **place),
            of(1, way="c", **place),
            of(1, way="d", **place),
            name="Gruppen är summan av det som har slagits samman",
        )
        for place in places
    ]
    over_sex = [
        equation(
            of(-1, way=way), of(1, way=way, sex="f"), of(1, way=way, sex="m"), name="Kön: delarna summerar till totalen"
        )
        for way in "cd"
    ]
    assert found == (*sums, *over_sex)


# together and apart


def levels(*tables: Result, policy: Policy = STRICT) -> list[list[str]]:
    shown = coarsen(tables, policy=policy)
    return [[value for value in table.frame["way"].tolist() if value != "all"] for table in shown]


LARGE = {"a": 20, "b": 30, "c": 9, "d": 40}


def test_tables_that_print_the_same_cells_get_one_level_though_they_are_about_other_places() -> None:
    period = Dimension("period", "År")
    years = {"2023": LARGE, "2024": SMALL}
    rows = [(year, way, number) for year, numbers in years.items() for way, number in numbers.items()]
    by_year = Result("years", "T", (period, WAY, N), pd.DataFrame(rows, columns=["period", "way", "n"]))
    one_year = by_way(LARGE, context={"period": "2023"})
    assert levels(one_year) == [[*"abcd"]]
    assert levels(one_year, by_year) == [["ab", "cd"], ["ab", "cd"] * 2]
    assert levels(by_year, one_year) == [["ab", "cd"] * 2, ["ab", "cd"]]


def test_a_count_that_does_not_depend_on_the_split_ties_no_tables() -> None:
    every = Count("every", "Alla", "every", regardless_of=("way",))

    def beside(name: str, numbers: Mapping[str, int]) -> Result:
        own = by_way(numbers, id=name, n=replace(N, measure=name))
        return Result(name, "T", (WAY, own.column("n"), every), own.frame.assign(every=200))

    assert levels(beside("large", LARGE), beside("small", SMALL)) == [[*"abcd"], ["ab", "cd"]]


def test_tables_tied_by_a_third_one_get_one_level() -> None:
    one, other = Count("n", "N", "one"), Count("n", "N", "other")
    both = Result(
        "both", "T", (WAY, one, replace(other, name="m")), by_way(LARGE).frame.assign(m=by_way(SMALL).frame["n"])
    )
    large, small = by_way(LARGE, id="large", n=one), by_way(SMALL, id="small", n=other)
    apart = by_way(LARGE, id="apart", n=replace(N, measure="third"))
    assert levels(large, small, apart) == [[*"abcd"], ["ab", "cd"], [*"abcd"]]
    assert levels(large, apart, small, both) == [["ab", "cd"], [*"abcd"], ["ab", "cd"], ["ab", "cd"]]
