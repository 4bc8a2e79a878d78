"""Rows are put together where too many of their numbers would be hidden, and nothing of what readers still know is forgotten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from kaa_analysis.core.errors import DefinitionError, ParameterError
from kaa_analysis.core.geography import division
from kaa_analysis.core.groupings import Grouping, grouped_vocabulary
from kaa_analysis.core.result import (
    Count,
    Dimension,
    Equation,
    Estimate,
    Result,
    Share,
    Text,
    cell,
    result_from_record,
)
from kaa_analysis.core.vocabularies import codes, labels
from kaa_analysis.disclosure.coarse.coarsening import coarsen
from kaa_analysis.disclosure.coarse.expected_loss import ExpectedLoss, expected_loss
from kaa_analysis.disclosure.coarse.merged_rows import merged
from kaa_analysis.disclosure.hiding.relations import published_equations
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import inside_room, protect
from kaa_analysis.disclosure.released import from_record
from kaa_analysis.indicators.areas import district_dimension
from kaa_analysis.indicators.stock import quarters_of
from kaa_analysis.present.forms import exhibit

NAMES = {"all": "Alla", "a": "A", "b": "B", "c": "C", "d": "D"}
TWO = Grouping(
    "way", "Väg", {"b": ("b",), "ac": ("a", "c"), "d": ("d",)}, {"b": "B", "ac": "A eller C", "d": "D"}, "Tre grupper."
)
LAST = Grouping("way", "Väg", {"abc": ("a", "b", "c"), "d": ("d",)}, {"abc": "A till C", "d": "D"}, "Två grupper.")
WAYS = Dimension("way", "Väg ut", NAMES, total="all", coarser=(TWO, LAST))
N = Count("n", "Antal", "left")
STRICT = Policy(coarsen_above=0.0)
NEVER = Policy(coarsen_above=1.0)


def by_way(
    numbers: Mapping[str, int | None],
    *,
    name: str = "ways",
    split: Dimension = WAYS,
    more: Sequence[Count | Share | Estimate | Text] = (),
    table: pd.DataFrame | None = None,
    **about: object,
) -> Result:
    """A table of ways out with their total first."""
    if table is None:
        total = pd.NA if None in numbers.values() else sum(numbers.values())
        rows = [("all", total), *numbers.items()]
        table = pd.DataFrame(rows, columns=["way", "n"]).astype({"n": "Int64"})
    return Result(name, "Antal per väg ut", (split, N, *more), table, **about)


def rows_of(result: Result) -> list[tuple[object, ...]]:
    return [tuple(None if pd.isna(value) else value for value in row) for row in result.frame.itertuples(index=False)]


def told(equations: Sequence[Equation]) -> list[list[tuple[int, str]]]:
    return [sorted((factor, place.id) for factor, place in equation.terms) for equation in equations]


SMALL = {"a": 2, "b": 30, "c": 9, "d": 40}


# what a grouping is


def test_a_grouping_survives_being_written_down_and_keeps_its_order() -> None:
    again = result_from_record(by_way(SMALL).as_record())
    [split] = again.of_role(Dimension)
    assert split == WAYS
    assert [list(grouping.groups) for grouping in split.coarser] == [["b", "ac", "d"], ["abc", "d"]]
    assert [list(grouping.labels) for grouping in split.coarser] == [["b", "ac", "d"], ["abc", "d"]]


def test_a_released_table_keeps_its_groupings_and_its_hash_when_it_is_read() -> None:
    released = inside_room(by_way(SMALL))
    again = from_record(released.as_record())
    assert again.column("way") == WAYS
    assert again.hash == released.hash


def test_a_split_without_groupings_is_written_down_as_before() -> None:
    column = by_way(SMALL, split=replace(WAYS, coarser=())).as_record()["columns"][0]
    assert list(column) == ["role", "name", "label", "labels", "total", "additive"]


def grouping(
    groups: Mapping[str, tuple[str, ...]], *, name: str = "way", labels: Mapping[str, str] | None = None
) -> Grouping:
    return Grouping(name, "Väg", groups, dict.fromkeys(groups, "text") if labels is None else labels, "")


@pytest.mark.parametrize(
    ("coarser", "problem"),
    [
        ([grouping({"ab": ("a", "b"), "bcd": ("b", "c", "d")})], "way, nivå 1: ett värde står i flera grupper"),
        ([grouping({"ab": ("a", "b"), "c": ("c",)})], "way, nivå 1: 1 värden utan grupp"),
        ([grouping({"abc": ("a", "b", "c"), "de": ("d", "e")})], "way, nivå 1: en grupp är tom eller har ett okänt värde"),
        ([grouping({"abcd": ("a", "b", "c", "d"), "x": ()})], "way, nivå 1: en grupp är tom eller har ett okänt värde"),
        (
            [grouping({"ab": ("a", "b"), "cd": ("c", "d")}), grouping({"abc": ("a", "b", "c"), "d": ("d",)})],
            "way, nivå 2: en grupp på nivån före är delad",
        ),
        ([TWO, grouping({"b": ("b",), "ac": ("a", "c"), "d": ("d",)})], "way, nivå 2: inte grövre än nivån före"),
        ([grouping({"a": ("a", "b"), "cd": ("c", "d")})], "way, nivå 1: koden a betyder redan något annat"),
        ([grouping({"abc": ("a", "b", "c"), "rest": ("d",)})], "way, nivå 1: rest är samma som d och ska heta så"),
        (
            [TWO, grouping({"ac": ("a", "b", "c"), "d": ("d",)})],
            "way, nivå 2: koden ac betyder redan något annat",
        ),
        (
            [grouping({"abc": ("a", "b", "c"), "all": ("d",)})],
            "way, nivå 1: varje grupp ska ha en etikett, och ingen får heta som totalen",
        ),
        (
            [grouping({"abc": ("a", "b", "c"), "d": ("d",)}, labels={"d": "D"})],
            "way, nivå 1: varje grupp ska ha en etikett, och ingen får heta som totalen",
        ),
    ],
)  # fmt: skip
def test_what_is_no_grouping_is_refused(coarser: list[Grouping], problem: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        by_way(SMALL, split=replace(WAYS, coarser=tuple(coarser)))
    assert problem in refused.value.found


def test_rows_that_overlap_cannot_be_put_together() -> None:
    with pytest.raises(DefinitionError) as refused:
        by_way(SMALL, split=replace(WAYS, additive=False))
    assert refused.value.found == ("way: raderna går inte att lägga ihop",)


def test_groups_that_are_a_split_of_their_own_may_use_the_codes_of_the_finer_one() -> None:
    parts = grouping({"a": ("a", "b"), "rest": ("c", "d")}, name="part")
    assert by_way(SMALL, split=replace(WAYS, coarser=(parts,))).column("way").coarser == (parts,)


# adding up


def test_counts_are_added_shares_follow_and_the_words_say_so() -> None:
    every = Count("n_all", "Alla", "left", regardless_of=("way",))
    share = Share("share", "Andel", "n", "n_all")
    frame = pd.DataFrame({"way": ["all", *"abcd"], "n": [20, 2, 3, 5, 10], "n_all": 20, "share": 0.0})
    result = by_way({}, table=frame, more=(every, share), note="Varje väg räknas.")
    coarse = merged(result, split="way", grouping=TWO)
    assert rows_of(coarse) == [("all", 20, 20, 1.0), ("ac", 7, 20, 0.35), ("b", 3, 20, 0.15), ("d", 10, 20, 0.5)]
    assert coarse.column("way") == Dimension("way", "Väg", {"all": "Alla", **TWO.labels}, total="all")
    assert (coarse.title, coarse.note) == ("Antal per väg", "Varje väg räknas. Tre grupper.")


def test_a_group_with_an_unknown_count_is_unknown() -> None:
    coarse = merged(by_way({"a": None, "b": 3, "c": 5, "d": 10}), split="way", grouping=TWO)
    assert rows_of(coarse) == [("all", None), ("ac", None), ("b", 3), ("d", 10)]


def test_a_share_of_nothing_is_no_number() -> None:
    frame = pd.DataFrame({"way": ["all", *"abcd"], "n": [0] * 5, "m": [0] * 5, "share": [None] * 5})
    more = (Count("m", "M", "other"), Share("share", "Andel", "n", "m"))
    coarse = merged(by_way({}, table=frame, more=more), split="way", grouping=LAST)
    assert rows_of(coarse) == [("all", 0, 0, None), ("abc", 0, 0, None), ("d", 0, 0, None)]


def test_groups_can_be_the_values_of_another_split() -> None:
    parts = grouping({"north": ("a", "b"), "south": ("c", "d")}, name="part")
    regardless = Count("n_all", "Alla", "everyone", regardless_of=("way",))
    frame = pd.DataFrame({"way": ["all", *"abcd"], "n": [20, 2, 3, 5, 10], "n_all": 20})
    coarse = merged(by_way({}, table=frame, more=(regardless,)), split="way", grouping=parts)
    assert rows_of(coarse) == [("all", 20, 20), ("north", 5, 20), ("south", 15, 20)]
    assert [place.id for place in coarse.cells()] == ["left", "left|part=north", "left|part=south", "everyone"]


# how much would be lost


def test_the_loss_counts_unsafe_numbers_and_the_smallest_other_that_must_go_with_one_alone() -> None:
    loss = expected_loss([by_way({"a": 2, "b": 30, "c": 9, "d": 0})], split="way", policy=Policy())
    assert loss == ExpectedLoss(n_hidden=2, n_numbers=3, hidden=11, counted=41)


def test_the_loss_follows_from_line_to_line() -> None:
    sex = Dimension("sex", "Kön", {"all": "Alla", "f": "F", "m": "M"}, total="all")
    cells = {("a", "f"): 3, ("a", "m"): 20, ("b", "f"): 40, ("b", "m"): 30}
    rows = [(way, of, number) for (way, of), number in cells.items()]
    rows += [(way, "all", cells[way, "f"] + cells[way, "m"]) for way in "ab"]
    rows += [("all", of, cells["a", of] + cells["b", of]) for of in "fm"] + [("all", "all", 93)]
    split = Dimension("way", "Väg ut", {"all": "Alla", "a": "A", "b": "B"}, total="all")
    result = Result("t", "T", (split, sex, N), pd.DataFrame(rows, columns=["way", "sex", "n"]))
    assert expected_loss([result], split="way", policy=Policy()) == ExpectedLoss(4, 6, 93, 186)


def test_a_table_of_letters_loses_nothing() -> None:
    letters = replace(by_way(SMALL), columns=(WAYS, Count("n", "Brev", "letters", "attempts")))
    assert expected_loss([letters], split="way", policy=Policy()) == ExpectedLoss()


# the level


def test_rows_that_can_be_shown_stay_as_they_are() -> None:
    fine = by_way({"a": 12, "b": 30, "c": 9, "d": 0})
    [shown] = coarsen([fine], policy=STRICT)
    assert rows_of(shown) == rows_of(fine)
    assert shown.column("way") == replace(WAYS, coarser=())
    assert (shown.title, shown.note) == (fine.title, fine.note)


@pytest.mark.parametrize(
    ("numbers", "policy", "expected"),
    [
        (SMALL, STRICT, [("all", 81), ("ac", 11), ("b", 30), ("d", 40)]),
        ({"a": 2, "b": 30, "c": 1, "d": 40}, STRICT, [("all", 73), ("abc", 33), ("d", 40)]),
        (SMALL, Policy(coarsen_above=0.49), [("all", 81), ("ac", 11), ("b", 30), ("d", 40)]),
        (SMALL, Policy(coarsen_above=0.5), [("all", 81), ("a", 2), ("b", 30), ("c", 9), ("d", 40)]),
        (SMALL, Policy(unsafe_below=12, coarsen_above=0.0), [("all", 81), ("abc", 41), ("d", 40)]),
    ],
)
def test_the_finest_level_that_hides_few_enough_is_shown(
    numbers: dict[str, int], policy: Policy, expected: list[tuple[object, ...]]
) -> None:
    [shown] = coarsen([by_way(numbers)], policy=policy)
    assert rows_of(shown) == expected


def test_where_no_level_is_safe_the_one_that_loses_least_is_shown_and_suppressed() -> None:
    numbers = {"a": 2, "b": 300, "c": 4, "d": 3}
    [shown] = coarsen([by_way(numbers)], policy=STRICT)
    assert rows_of(shown) == [("all", 309), ("ac", 6), ("b", 300), ("d", 3)]
    released = protect([by_way(numbers)], policy=STRICT, ledger=Ledger.empty())["ways"]
    assert [None if pd.isna(value) else value for value in released.values_table["n"]] == [309, None, 300, None]


def test_a_table_with_estimates_or_words_is_left_as_it_is() -> None:
    frame = pd.DataFrame({"way": ["all", *"abcd"], "n": [81, 2, 30, 9, 40]})
    low = by_way({}, table=frame.assign(low=0.5), more=(Estimate("low", "Nedre", ("n",)),))
    words = by_way({}, table=frame.assign(words="ord"), more=(Text("words", "Ord"),))
    for result in (low, words):
        [shown] = coarsen([result], policy=STRICT)
        assert rows_of(shown) == rows_of(result)


def test_a_table_that_shares_rows_with_one_that_cannot_be_coarsened_is_not_coarsened_either() -> None:
    frame = pd.DataFrame({"way": ["all", *"abcd"], "n": [81, 2, 30, 9, 40], "low": 0.5})
    estimates = by_way({}, name="estimates", table=frame, more=(Estimate("low", "Nedre", ("n",)),))
    ungrouped = by_way(SMALL, name="ungrouped", split=replace(WAYS, coarser=()))
    for other in (estimates, ungrouped):
        assert [rows_of(shown) for shown in coarsen([by_way(SMALL), other], policy=STRICT)] == [
            rows_of(by_way(SMALL)),
            rows_of(other),
        ]


def test_tables_that_share_rows_take_only_the_levels_that_all_of_them_have() -> None:
    one, other = by_way(SMALL), by_way(SMALL, name="other", split=replace(WAYS, coarser=(LAST,)))
    both = coarsen([one, other], policy=STRICT)
    assert [rows_of(shown) for shown in both] == [rows_of(one), rows_of(other)]
    numbers = {"a": 2, "b": 30, "c": 1, "d": 40}
    alone, both = by_way(numbers), by_way(numbers, name="other", split=replace(WAYS, coarser=(TWO,)))
    assert [rows_of(shown) for shown in coarsen([alone], policy=STRICT)] == [[("all", 73), ("abc", 33), ("d", 40)]]
    assert [rows_of(shown) for shown in coarsen([alone, both], policy=STRICT)] == [rows_of(alone), rows_of(both)]


def of_district(name: str, numbers: dict[str, int]) -> Result:
    return by_way(numbers, name=f"ways_{name}", context={"district": name})


def test_all_districts_of_a_release_get_one_level_and_the_city_its_own() -> None:
    large = {"a": 20, "b": 30, "c": 9, "d": 40}
    results = [of_district("x", large), of_district("y", SMALL), by_way({"a": 22, "b": 60, "c": 18, "d": 80})]
    shown = coarsen(results, policy=STRICT)
    assert [rows_of(result) for result in shown] == [
        [("all", 99), ("ac", 29), ("b", 30), ("d", 40)],
        [("all", 81), ("ac", 11), ("b", 30), ("d", 40)],
        [("all", 180), ("a", 22), ("b", 60), ("c", 18), ("d", 80)],
    ]


def test_many_districts_with_large_numbers_outweigh_one_with_small_ones() -> None:
    large = {"a": 20, "b": 30, "c": 9, "d": 40}
    results = [of_district(name, large) for name in "vxz"] + [of_district("y", SMALL)]
    assert [len(result.table) for result in coarsen(results, policy=Policy(coarsen_above=0.125))] == [5, 5, 5, 5]
    assert [len(result.table) for result in coarsen(results, policy=Policy(coarsen_above=0.124))] == [4, 4, 4, 4]


def test_neither_the_order_of_results_nor_of_rows_nor_doing_it_again_changes_the_level() -> None:
    results = [
        of_district("x", SMALL),
        by_way(SMALL),
        by_way(
            {**SMALL, "e": 1}, name="own", split=Dimension("way2", "X"), table=pd.DataFrame({"way2": ["p"], "n": [2]})
        ),
    ]
    shown = coarsen(results, policy=STRICT)
    backwards = coarsen([replace(result, table=result.frame.iloc[::-1]) for result in reversed(results)], policy=STRICT)
    assert [sorted(rows_of(result)) for result in reversed(backwards)] == [sorted(rows_of(result)) for result in shown]
    assert [result.as_record() for result in coarsen(shown, policy=STRICT)] == [result.as_record() for result in shown]


# what readers still know of the rows that are gone


def at(*values: str) -> list[tuple[int, object]]:
    return [(1, cell("left", way=value)) for value in values]


def declared(total: str, *values: str) -> Equation:
    return Equation("Summan av vägarna", ((-1, cell(total)), *at(*values)))


def one_cell(measure: str, number: int, *, name: str = "other", **place: str) -> Result:
    return Result(name, "T", (Count("n", "Antal", measure),), pd.DataFrame({"n": [number]}), context=place)


def test_an_equation_over_a_whole_group_is_about_the_group() -> None:
    other = replace(one_cell("a_or_c", 11), equations=(declared("a_or_c", "a", "c"),))
    ways, shown = coarsen([by_way(SMALL), other], policy=STRICT)
    assert told(shown.equations) == [[(-1, "a_or_c"), (1, "left|way=ac")]]
    assert ways.equations == ()
    assert published_equations([ways, shown])["cell_id"].tolist() == ["a_or_c", "left|way=ac", "left", "left|way=ac", "left|way=b", "left|way=d"]  # fmt: skip


def test_an_equation_over_a_part_of_a_group_makes_the_group_a_sum_of_what_is_named_and_the_rest() -> None:
    numbers = {"a": 2, "b": 30, "c": 1, "d": 40}
    other = replace(one_cell("a_or_c", 3), equations=(declared("a_or_c", "a", "c"),))
    ways, shown = coarsen([by_way(numbers), other], policy=STRICT)
    assert told(shown.equations) == [[(-1, "a_or_c"), (1, "left|way=a+c")]]
    assert told(ways.equations) == [[(-1, "left|way=abc"), (1, "left|way=a+c"), (1, "left|way=b")]]


def test_an_equation_that_says_nothing_any_more_is_left_out() -> None:
    equation = Equation("Grupperna", ((-1, cell("left", part="north")), *at("a", "b")))
    parts = grouping({"north": ("a", "b"), "south": ("c", "d")}, name="part")
    ways = by_way(SMALL, split=replace(WAYS, coarser=(parts,)), equations=(equation,))
    [shown] = coarsen([ways], policy=STRICT)
    assert shown.equations == ()
    assert rows_of(shown) == [("all", 81), ("north", 32), ("south", 49)]


def test_a_row_that_another_table_prints_is_still_a_part_of_its_group() -> None:
    ways, shown = coarsen([by_way(SMALL), one_cell("left", 9, way="c")], policy=STRICT)
    assert told(ways.equations) == [[(-1, "left|way=ac"), (1, "left|way=a"), (1, "left|way=c")]]
    assert shown.equations == ()


def test_a_row_that_was_published_before_is_still_a_part_of_its_group() -> None:
    published = frozenset({"left|way=c", "left|way=b", "something|else=1"})
    [ways] = coarsen([by_way(SMALL)], policy=STRICT, published=published)
    assert told(ways.equations) == [[(-1, "left|way=ac"), (1, "left|way=a"), (1, "left|way=c")]]


def test_a_known_row_of_a_group_in_another_split_keeps_the_name_of_its_own() -> None:
    parts = grouping({"north": ("a", "b"), "south": ("c", "d")}, name="part")
    fine = by_way(SMALL, split=replace(WAYS, coarser=(parts,)))
    ways, _ = coarsen([fine, one_cell("left", 9, way="c")], policy=STRICT)
    assert rows_of(ways) == [("all", 81), ("north", 32), ("south", 49)]
    assert told(ways.equations) == [[(-1, "left|part=south"), (1, "left|way=c"), (1, "left|way=d")]]


def test_what_is_named_adds_up_over_the_other_splits_as_the_rows_did() -> None:
    sex = Dimension("sex", "Kön", {"all": "Alla", "f": "F", "m": "M"}, total="all")
    of_f, of_m = {"a": 2, "b": 30, "c": 9, "d": 40}, {"a": 1, "b": 25, "c": 8, "d": 50}
    cells = {("f", way): number for way, number in of_f.items()} | {("m", way): number for way, number in of_m.items()}
    cells |= {("all", way): of_f[way] + of_m[way] for way in of_f}
    cells |= {(of, "all"): sum(cells[of, way] for way in "abcd") for of in ("all", "f", "m")}
    rows = [(way, of, number) for (of, way), number in cells.items()]
    table = pd.DataFrame(rows, columns=["way", "sex", "n"])
    fine = Result("ways", "T", (WAYS, sex, N), table)
    ways, _ = coarsen([fine, one_cell("left", 9, way="c", sex="f")], policy=STRICT)
    assert sorted(told(ways.equations)) == sorted(
        [[(-1, f"left|{s}way=ac"), (1, f"left|{s}way=a"), (1, f"left|{s}way=c")] for s in ("", "sex=f|", "sex=m|")]
        + [[(-1, f"left|way={way}"), (1, f"left|sex=f|way={way}"), (1, f"left|sex=m|way={way}")] for way in "ac"]
    )


def test_what_can_be_worked_out_of_a_group_is_protected() -> None:
    """C is shown elsewhere: the group less C would be A, which is 2; the group and C give way, A can have each value."""
    results = [by_way(SMALL), one_cell("left", 9, way="c")]
    released = protect(results, policy=STRICT, ledger=Ledger.empty())
    shown = {
        cell_id: None if pd.isna(value) else value
        for table in released.values()
        for cell_id, value in zip(table.cell_ids["n"], table.values_table["n"], strict=True)
    }
    assert shown == {"left": 81, "left|way=ac": 11, "left|way=b": 30, "left|way=d": 40, "left|way=c": None}


# what is declared and shown


def test_the_groups_of_exit_reasons_hold_every_reason_once_and_are_nested() -> None:
    levels = grouped_vocabulary("exit_reason")
    every = sorted(codes("exit_reason") - {"misregistered"} | {"missing"})
    assert [len(groups) for groups, _ in levels] == [5, 2]
    assert [sorted(value for values in groups.values() for value in values) for groups, _ in levels] == [every, every]
    assert {code: label for code, label in levels[0][1].items() if code in labels("exit_reason")} == {
        "national_programme": "Började nationellt program",
        "introduction_programme": "Började introduktionsprogram",
        "turned_20": "Fyllt 20 år",
    }


def test_districts_are_put_together_to_the_parts_of_the_city() -> None:
    [parts] = district_dimension(division("2023")).coarser
    assert (parts.name, parts.label) == ("part_of_city", "Del av staden")
    assert {part: len(districts) for part, districts in parts.groups.items()} == {
        "vasterort": 3,
        "innerstaden": 3,
        "soderort": 5,
        "not_shown": 1,
    }


def test_months_within_one_quarter_are_not_put_together() -> None:
    assert quarters_of([date(2024, month, 1) for month in (1, 2, 3)]) == ()
    assert quarters_of([date(2024, month, 1) for month in (3, 4)]) == ()


def months(numbers: Mapping[int, tuple[int, int]]) -> Result:
    starts = [date(2024, month, 1) for month in numbers]
    names = {f"{month:%Y-%m}": f"månad {month.month}" for month in starts}
    split = Dimension("month", "Månad", {"year": "Hela perioden", **names}, total="year", coarser=quarters_of(starts))
    rows = [("year", *map(sum, zip(*numbers.values(), strict=True)))]
    rows += [(f"2024-{month:02}", *pair) for month, pair in numbers.items()]
    counts = (Count("n_entries", "Nya", "entries", "spells"), Count("n_exits", "Avslutade", "exits", "spells"))
    frame = pd.DataFrame(rows, columns=["month", "n_entries", "n_exits"])
    return Result("monthly_flow", "Nya och avslutade per månad i Bromma, 2024", (split, *counts), frame, note="Not.")


def test_the_figure_of_a_year_put_together_to_quarters_is_about_quarters() -> None:
    numbers = dict.fromkeys(range(1, 13), (2, 9)) | {8: (60, 3)}
    released = protect([months(numbers)], policy=Policy(), ledger=Ledger.empty())["monthly_flow"]
    assert released.title == "Nya och avslutade per kvartal i Bromma, 2024"
    assert released.note == "Not. Månaderna är sammanslagna till kvartal för att ingen ska kunna pekas ut."
    figure = exhibit(released, slug="figur-manader", form="figure:monthly_flow")
    assert figure.alt == (
        "Staplar per kvartal i två rutor på samma skala: nya och avslutade. "
        "Nya: flest i juli–september 2024 (64) och färst i januari–mars 2024 (6). "
        "Avslutade: flest i januari–mars 2024 (27) och färst i juli–september 2024 (21)."
    )
    table = exhibit(released, slug="tabell-manader", form="table")
    assert [line.headers[0] for group in table.grid.groups for line in group.lines] == [
        "Hela perioden",
        "januari–mars 2024",
        "april–juni 2024",
        "juli–september 2024",
        "oktober–december 2024",
    ]


@pytest.mark.parametrize("share", [-0.1, 1.1, True, "0.2", None])
def test_a_share_that_is_none_is_no_rule(share: object) -> None:
    with pytest.raises(ParameterError) as refused:
        Policy(coarsen_above=share)  # type: ignore[arg-type]
    assert refused.value.found == ("coarsen_above: ska vara ett tal mellan 0 och 1",)
