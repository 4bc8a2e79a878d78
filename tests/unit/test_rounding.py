"""Rounded measures: each cell by itself, shares of what is shown, one method for what hangs together, and for good."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Equation, Estimate, Evidence, Result, RowSum, Share, cell
from kaa_analysis.disclosure.ledger import Ledger
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.policy_rules import ShareRules
from kaa_analysis.disclosure.protect import inside_room, protect
from kaa_analysis.disclosure.released import Released
from kaa_analysis.disclosure.rounded.rounding import (
    linked_measures,
    refuse_changed_methods,
    rounded_to,
    rounding_bounds,
    without_rounded,
)
from kaa_analysis.present.forms import exhibit
from kaa_analysis.present.notes import notes_of

DISTRICT = Dimension("district", "Område", {"all": "Hela staden", "a": "A", "b": "B", "c": "C"}, total="all")
BOTH = {"exits": 10, "exits_to_studies": 10}
ALL = Count("n", "Avslut", "exits", "spells")
PART = Count("k", "Till studier", "exits_to_studies", "spells")
SHARE = Share("share", "Andel", "k", "n")
LIMIT = Estimate("low", "Nedre gräns", ("k", "n"))
LETTERS = Count("letters", "Utskick", "attempts", "attempts")


def exits(n: list[int | None], k: list[int | None], *, name: str = "exits_table") -> Result:
    """Exits and exits to studies in districts a, b, … and the whole city, with share and limit; and letters."""
    frame = pd.DataFrame({"district": [*"abc"[: len(n) - 1], "all"]})
    frame["n"], frame["k"] = pd.array(n, dtype="Int64"), pd.array(k, dtype="Int64")
    frame["share"], frame["low"] = 0.5, 0.4
    frame["letters"] = range(len(n))
    frame.loc[len(n) - 1, "letters"] = sum(range(len(n) - 1))
    return Result(name, "Avslut 2024", (DISTRICT, ALL, PART, SHARE, LIMIT, LETTERS), frame)


def protected(*results: Result, rounding: dict[str, int], **rules: object) -> dict[str, Released]:
    return protect(results, policy=Policy(rounding=rounding, **rules), ledger=Ledger.empty())


def cells(table: Released, column: str) -> list[tuple[float | None, str]]:
    values = [None if pd.isna(value) else value for value in table.values_table[column]]
    return list(zip(values, map(str, table.states_table[column]), strict=True))


def test_halves_are_rounded_up_and_the_bounds_hold_just_the_numbers_that_are_rounded_there() -> None:
    assert [rounded_to(number, 10) for number in (0, 4, 5, 14, 15, 24, 25, 104, 105)] == [
        0, 0, 10, 10, 20, 20, 30, 100, 110,
    ]  # fmt: skip
    for base in (9, 10, 25):
        for rounded in range(0, 4 * base, base):
            least, most = rounding_bounds(rounded, base)
            inside = [number for number in range(5 * base) if rounded_to(number, base) == rounded]
            assert inside == list(range(least, most + 1))


def test_every_cell_is_rounded_by_itself_totals_too_and_shares_are_those_of_the_rounded() -> None:
    table = protected(exits([44, 23, 0, 67], [24, 2, 0, 26]), rounding=BOTH)["exits_table"]
    assert cells(table, "n") == [(40, "rounded"), (20, "rounded"), (0, "rounded"), (70, "rounded")]
    assert cells(table, "k") == [(20, "rounded"), (0, "rounded"), (0, "rounded"), (30, "rounded")]
    assert cells(table, "share") == [(0.5, "rounded"), (0.0, "rounded"), (None, "not_applicable"), (0.429, "rounded")]
    assert cells(table, "low") == [(None, "protected")] * 4
    assert cells(table, "letters") == [(0, "shown"), (1, "shown"), (2, "shown"), (3, "shown")]
    assert [count.rounded_to for count in table.of_role(Count)] == [10, 10, None]


def test_a_share_of_less_than_twenty_rounded_is_hidden_and_none_is_above_one() -> None:
    made = exits([14, 15, 25, 54], [14, 15, 25, 54])
    table = protected(made, rounding=BOTH)["exits_table"]
    assert cells(table, "n") == [(10, "rounded"), (20, "rounded"), (30, "rounded"), (50, "rounded")]
    assert cells(table, "share") == [(None, "protected"), *[(1.0, "rounded")] * 3]
    stricter = protected(made, rounding=BOTH, shares=ShareRules(30))["exits_table"]
    assert cells(stricter, "share") == [(None, "protected")] * 2 + [(1.0, "rounded")] * 2


def test_a_share_of_a_rounded_part_in_a_shown_volume_is_never_above_one() -> None:
    columns = (DISTRICT, ALL, LETTERS, Share("share", "Andel", "n", "letters"))
    frame = pd.DataFrame({"district": ["a", "all"], "n": [26, 26], "letters": [27, 27], "share": [0.9, 0.9]})
    table = protected(Result("letters", "Utskick", columns, frame), rounding={"exits": 10})["letters"]
    assert cells(table, "share") == [(1.0, "rounded")] * 2


def test_a_mean_beside_a_rounded_count_is_judged_by_the_true_one_and_shown() -> None:
    evidence = tuple(Evidence(name, name) for name in ("largest", "second", "total"))
    mean = Estimate("mean", "Medel", ("n",), digits=1, rule="mean", evidence=("largest", "second", "total"))
    frame = pd.DataFrame(
        {"district": ["a", "b"], "n": [9, 10], "mean": 3.25, "largest": 9.0, "second": 8.0, "total": 32.0}
    )
    table = protected(Result("means", "Dagar", (DISTRICT, ALL, mean, *evidence), frame), rounding={"exits": 10})[
        "means"
    ]
    assert cells(table, "n") == [(10, "rounded"), (10, "rounded")]
    assert cells(table, "mean") == [(None, "protected"), (3.3, "shown")]


def test_unknown_counts_stay_unknown() -> None:
    table = protected(exits([None, 40, 30, None], [None, 20, 12, None]), rounding=BOTH)["exits_table"]
    assert cells(table, "n") == [(None, "unknown"), (40, "rounded"), (30, "rounded"), (None, "unknown")]
    assert cells(table, "share")[0] == (None, "unknown")


def test_what_is_not_rounded_is_hidden_as_before() -> None:
    frame = pd.DataFrame({"district": ["a", "b", "all"], "m": [3, 40, 43]})
    other = Result("other", "Nya", (DISTRICT, Count("m", "Nya", "entries", "spells")), frame)
    alone = protect([other], policy=Policy(), ledger=Ledger.empty())["other"]
    both = protected(exits([44, 23, 67], [24, 2, 26]), other, rounding=BOTH)
    assert cells(both["other"], "m") == cells(alone, "m") == [(None, "protected"), (None, "protected"), (43, "shown")]
    assert set(both["exits_table"].states["n"]) == {"rounded"}


def test_inside_the_room_nothing_is_rounded() -> None:
    table = inside_room(exits([44, 23, 67], [24, 2, 26]))
    assert cells(table, "n") == [(44, "shown"), (23, "shown"), (67, "shown")]
    assert [count.rounded_to for count in table.of_role(Count)] == [None, None, None]


# what hangs together

SUM = Equation("in och ut", ((-1, cell("stock_end")), (1, cell("exits"))))


def linked(by: str) -> Result:
    made = exits([44, 23, 67], [24, 2, 26])
    if by == "share":
        return made
    bare = replace(made, columns=(DISTRICT, ALL, PART), table=made.frame[["district", "n", "k"]])
    if by == "row sum":
        rest = Count("rest", "Övriga", "exits_elsewhere", "spells")
        table = bare.frame.assign(rest=bare.frame["n"] - bare.frame["k"])
        return replace(bare, columns=(*bare.columns, rest), table=table, row_sums=(RowSum("n", ("k", "rest")),))
    terms = ((-1, cell("exits")), (1, cell("exits_to_studies")), (1, cell("exits_elsewhere")))
    return replace(bare, equations=(Equation("delarna", terms),) if by == "equation" else ())


@pytest.mark.parametrize("by", ["share", "row sum", "equation"])
def test_measures_that_hang_together_have_one_method(by: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(linked(by), rounding={"exits": 10})
    told = {"exits: avrundas till 10", "exits_to_studies: döljs"}
    assert len(refused.value.found) == 1
    assert told <= set(refused.value.found[0].split(", "))


def test_measures_that_hang_together_have_one_base() -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(linked("share"), rounding={"exits": 10, "exits_to_studies": 20})
    assert refused.value.found == ("exits: avrundas till 10, exits_to_studies: avrundas till 20",)


def test_measures_that_do_not_hang_together_may_have_a_method_each() -> None:
    table = protected(linked("nothing"), rounding={"exits": 10})["exits_table"]
    assert cells(table, "n") == [(40, "rounded"), (20, "rounded"), (70, "rounded")]
    assert cells(table, "k") == [(None, "protected"), (None, "protected"), (26, "shown")]


def test_measures_hang_together_over_other_measures_and_tables() -> None:
    first = linked("share")
    frame = pd.DataFrame({"district": ["all"], "k": [26], "m": [5]})
    second = Result("second", "T", (DISTRICT, PART, Count("m", "Stöd", "in_support")), frame, row_sums=())
    assert linked_measures([first, second], policy=Policy()) == [frozenset({"exits", "exits_to_studies"})]
    own = replace(second, equations=(Equation("s", ((-1, cell("exits")), (1, cell("rest")))),))
    assert linked_measures([own], policy=Policy()) == []
    tied = replace(second, equations=(Equation("s", ((-1, cell("exits_to_studies")), (1, cell("in_support")), (1, cell("rest")))),))  # fmt: skip
    assert linked_measures([first, tied], policy=Policy()) == [frozenset({"exits", "exits_to_studies", "in_support"})]


def test_volumes_of_work_are_not_rounded() -> None:
    with pytest.raises(DisclosureError, match="avrundas inte") as refused:
        protected(exits([44, 23, 67], [24, 2, 26]), rounding={"attempts": 10})
    assert refused.value.found == ("attempts",)


def test_what_is_left_to_hide_holds_nothing_of_the_rounded() -> None:
    tied = replace(linked("share"), equations=(SUM,), row_sums=())
    (left,) = without_rounded([tied], policy=Policy(rounding=BOTH))
    assert [column.name for column in left.columns] == ["district", "letters"]
    assert left.equations == ()
    assert without_rounded([tied], policy=Policy()) == [tied]


# what sums tell of rounded numbers


def by_district(numbers: list[int]) -> Result:
    frame = pd.DataFrame({"district": [*"abcdefgh"[: len(numbers)], "all"], "n": [*numbers, sum(numbers)]})
    return Result("exits_table", "Avslut", (Dimension("district", "Område", total="all"), ALL), frame)


def consistent(numbers: list[int], base: int) -> list[set[int]]:
    """Return, by going through all tables, the values that each part can have when all parts and the total are rounded alike."""
    spans = [range(rounding_bounds(rounded_to(number, base), base)[0], rounding_bounds(rounded_to(number, base), base)[1] + 1) for number in numbers]  # fmt: skip
    total = rounded_to(sum(numbers), base)
    tables = [table for table in product(*spans) if rounded_to(sum(table), base) == total]
    return [{table[place] for table in tables} for place in range(len(numbers))]


def test_rounded_numbers_that_sums_narrow_down_are_refused() -> None:
    with pytest.raises(DisclosureError, match="snäva in") as refused:
        protected(by_district([54, 44, 4, 3]), rounding={"exits": 10})
    assert refused.value.found == ("exits: 2 celler",)
    table = protected(by_district([54, 44, 4, 2]), rounding={"exits": 10})["exits_table"]
    assert cells(table, "n") == [(50, "rounded"), (40, "rounded"), (0, "rounded"), (0, "rounded"), (100, "rounded")]


def test_one_impossible_value_is_enough_to_refuse() -> None:
    assert consistent([16, 16, 16, 2], 11)[3] == {2, 3, 4, 5}
    with pytest.raises(DisclosureError, match="snäva in"):
        protected(by_district([16, 16, 16, 2]), rounding={"exits": 11})


@given(
    st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 13, 14, 15, 23, 24, 25]), min_size=2, max_size=4),
    st.sampled_from([9, 10, 11]),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_just_those_are_refused_that_brute_force_finds(numbers: list[int], base: int) -> None:
    possible = consistent(numbers, base)
    unsafe = [set(range(1, 5)) <= possible[place] for place, number in enumerate(numbers) if 1 <= number < 5]
    if 1 <= sum(numbers) < 5:  # the total: everything that the parts can sum to, being shown as 0
        unsafe.append(
            all(any(sum(table) == value for table in product(range(5), repeat=len(numbers))) for value in range(1, 5))
        )
    try:
        protected(by_district(numbers), rounding={"exits": base})
        refused = False
    except DisclosureError:
        refused = True
    assert refused == (not all(unsafe))


# one method for good


def test_a_measure_keeps_the_method_it_was_published_with() -> None:
    published = {"exits": "round 10", "entries": "suppress"}
    refuse_changed_methods(Policy(rounding={"exits": 10}), methods=published)
    refuse_changed_methods(Policy(rounding={"covered": 20}), methods={})
    with pytest.raises(DisclosureError) as refused:
        refuse_changed_methods(Policy(rounding={"exits": 20, "entries": 10}), methods=published)
    assert refused.value.found == (
        "entries: döljs tidigare, avrundas till 10 nu",
        "exits: avrundas till 10 tidigare, avrundas till 20 nu",
    )
    with pytest.raises(DisclosureError, match="samma metod för gott"):
        protect([], policy=Policy(), ledger=Ledger((), methods=published))


# how it is told


def test_readers_are_told_to_what_the_numbers_are_rounded_and_that_they_do_not_add_up() -> None:
    table = protected(exits([44, 23, 0, 67], [24, 2, 0, 26]), rounding=BOTH)["exits_table"]
    assert notes_of(table).remarks == (
        "Talen under ”Avslut” och ”Till studier” är avrundade till närmaste 10 (0 betyder 0–4); delarna summerar därför inte alltid till "
        "totalen. Andelarna är räknade på de avrundade talen.",
    )
    bare = protected(linked("row sum"), rounding=BOTH | {"exits_elsewhere": 10})["exits_table"]
    assert notes_of(bare).remarks == (
        "Talen är avrundade till närmaste 10 (0 betyder 0–4); delarna summerar därför inte alltid till totalen.",
    )
    assert notes_of(protected(linked("share"), rounding={})["exits_table"]).remarks == ()


def test_a_figure_of_rounded_numbers_says_about_and_few() -> None:
    made = exits([44, 23, 0, 67], [24, 2, 0, 26])
    bare = replace(made, columns=(DISTRICT, ALL), table=made.frame[["district", "n"]])
    table = protected(bare, rounding={"exits": 10})["exits_table"]
    drawn = exhibit(table, slug="avslut", form="figure:bars")
    for words in ("cirka 40", "cirka 20", "färre än 5"):
        assert words in drawn.html
    assert "avrundade till närmaste 10" in drawn.html
