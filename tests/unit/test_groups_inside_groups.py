"""Groups inside each other, read off tables and places: what the larger has beyond the smaller is told as *whole = part + rest*."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Place, Result, Share, cell
from kaa_analysis.disclosure.hiding.nested_groups import differences, is_inside
from kaa_analysis.disclosure.hiding.published_cells import collect
from kaa_analysis.disclosure.policy import Policy

AREA = Dimension("area", "Område", total="all")
REASON = Dimension("reason", "Skäl", total="all", additive=False)
PERIOD = "en period i en längre"
DEEPER = "en grupp i en större"


def numbers(*values: int | None) -> pd.Series:
    return pd.Series(values, dtype="Int64")


def one(name: str, value: int | None, *, cumulative: bool = False, unit: str = "persons", **where: str) -> Result:
    """Return a table of one count, in the place ``where``; ``name`` is its id and its measure is covered."""
    count = Count("n", "Antal", "covered", unit, cumulative=cumulative)
    return Result(name, "T", (count,), pd.DataFrame({"n": numbers(value)}), context=where)


def counted(values: Mapping[Place, int | None], *, measure: str = "covered") -> list[Result]:
    """Return a table of one count for each place, so that nothing but the places links them."""
    return [
        Result(
            f"{measure}-{number}",
            "T",
            (Count("n", "Antal", measure),),
            pd.DataFrame({"n": numbers(value)}),
            context=dict(place),
        )
        for number, (place, value) in enumerate(values.items())
    ]


def told(*results: Result, counts: Iterable[str] | None = None, groups: Mapping[str, tuple[str, str]] | None = None):
    """Return the name, part and whole of every relation, each of them checked to be *whole = part + rest*."""
    known = collect(results)
    known = known if counts is None else {cell_id: known[cell_id] for cell_id in counts}
    found = []
    for relation in differences(results, counts=known, groups=groups or {}, policy=Policy()):
        rest = next(iter(relation.terms))
        whole = next(cell_id for cell_id, factor in relation.terms.items() if factor < 0)
        part = next(cell_id for cell_id in relation.terms if cell_id not in (rest, whole))
        assert relation.terms == {f"({whole}) - ({part})": 1, part: 1, whole: -1}
        found.append((relation.name, part, whole))
    return found


# shares


def shares(reached: list[int | None], registered: list[int | None], *units: str) -> Result:
    columns = (
        AREA,
        Count("part", "Nådda", "reached", units[0]),
        Count("whole", "Antal", "registered", units[1]),
        Share("share", "Andel", "part", "whole"),
    )
    areas = ["a", "b", "all"][: len(reached)]
    table = pd.DataFrame({"area": areas, "part": numbers(*reached), "whole": numbers(*registered), "share": 0.5})
    return Result("shares", "T", columns, table)


@pytest.mark.parametrize("units", [("persons", "persons"), ("spells", "persons"), ("persons", "attempts")])
def test_a_share_has_its_numerator_in_its_denominator_row_by_row(units: tuple[str, str]) -> None:
    assert told(shares([3, 4, 7], [10, 4, 14], *units)) == [
        ("share", "reached|area=a", "registered|area=a"),
        ("share", "reached|area=b", "registered|area=b"),
        ("share", "reached", "registered"),
    ]


def test_a_share_of_attempts_points_at_nobody() -> None:
    assert told(shares([3, 4, 7], [10, 4, 14], "attempts", "attempts")) == []


def test_an_unknown_count_is_no_group() -> None:
    table = shares([None, 4, 4], [10, None, 14], "persons", "persons")
    assert told(table) == [("share", "reached", "registered")]


def test_a_measure_as_its_own_share_leaves_nothing() -> None:
    table = pd.DataFrame({"n": [7], "share": [1.0]})
    assert told(Result("t", "T", (Count("n", "Antal", "covered"), Share("share", "Andel", "n", "n")), table)) == []


def test_a_numerator_larger_than_its_denominator_is_refused_and_one_as_large_is_not() -> None:
    assert len(told(shares([10], [10], "persons", "persons"))) == 1
    with pytest.raises(DisclosureError) as refused:
        told(shares([11], [10], "persons", "persons"))
    assert (
        refused.value.message()
        == "En del ska ingå i det hela (en andels täljare i dess nämnare, en period i en längre).\n"
        "  – shares: share"
    )


def test_all_that_is_larger_than_its_whole_is_told_with_every_table_that_prints_it() -> None:
    printed_twice = one("again", 42, period="hösten 2024", cumulative=True)
    results = [
        shares([11, 4, 15], [10, 3, 13], "persons", "persons"),
        one("autumn", 42, period="hösten 2024", cumulative=True),
        printed_twice,
        one("year", 40, period="2024", cumulative=True),
    ]
    with pytest.raises(DisclosureError) as refused:
        told(*results)
    assert refused.value.found == (f"again, autumn: {PERIOD}", "shares: share")


# splits that do not add up


def overlapping(*, with_total: bool = True) -> Result:
    """Return a table of two splits, of which only the second overlaps, with a count that does not depend on it and one of attempts."""
    columns = (
        AREA,
        REASON,
        Count("n", "Antal", "covered"),
        Count("risk", "Under risk", "at_risk", regardless_of=("reason",)),
        Count("letters", "Utskick", "attempts", "attempts"),
    )
    rows = [("a", "ill", 3), ("a", "moved", 4), ("a", "all", 6)]
    table = pd.DataFrame(rows if with_total else rows[:2], columns=["area", "reason", "n"])
    return Result("t", "T", columns, table.assign(risk=9, letters=table["n"]))


def test_every_row_of_a_split_that_does_not_add_up_is_in_its_total() -> None:
    assert told(overlapping()) == [
        ("n", "covered|area=a|reason=ill", "covered|area=a"),
        ("n", "covered|area=a|reason=moved", "covered|area=a"),
    ]


def test_a_total_that_no_table_prints_is_no_group() -> None:
    assert told(overlapping(with_total=False)) == []


def test_a_split_without_a_total_has_no_group() -> None:
    split = Dimension("reason", "Skäl", total=None, additive=False)
    table = pd.DataFrame({"reason": ["ill", "moved"], "n": [3, 4]})
    assert told(Result("t", "T", (split, Count("n", "Antal", "covered")), table)) == []


def test_a_pair_that_two_tables_tell_is_told_once() -> None:
    table = pd.DataFrame({"reason": ["ill", "all"], "n": [3, 6]})
    twice = [Result(name, "T", (REASON, Count("n", "Antal", "covered")), table) for name in ("t", "u")]
    assert told(*twice) == [("n", "covered|reason=ill", "covered")]


# places with more splits at their totals

GIRLS_OF_16 = (("age", "16"), ("sex", "female"))


@pytest.mark.parametrize(("whole", "few"), [(40, False), (41, True), (44, True), (45, False)])
def test_a_place_two_splits_inside_a_larger_is_compared_where_few_are_left(whole: int, few: bool) -> None:
    expected = [(DEEPER, "covered|age=16|sex=female", "covered")]
    assert told(*counted({GIRLS_OF_16: 40, (): whole})) == (expected if few else [])


def test_places_one_split_apart_are_lines_of_a_table_and_no_pair() -> None:
    assert told(*counted({GIRLS_OF_16: 40, (("sex", "female"),): 42, (("age", "16"),): 43})) == []


def test_places_are_compared_over_every_choice_of_two_or_more_splits() -> None:
    girls_now = (*GIRLS_OF_16, ("year", "2024"))
    values = {girls_now: 40, (("year", "2024"),): 41, (("age", "16"),): 42, (("sex", "female"),): 43, (): 44}
    part = "covered|age=16|sex=female|year=2024"
    assert sorted(told(*counted(values))) == [
        (DEEPER, part, "covered"),
        (DEEPER, part, "covered|age=16"),
        (DEEPER, part, "covered|sex=female"),
        (DEEPER, part, "covered|year=2024"),
    ]


def test_places_that_do_not_hold_each_other_are_no_pair() -> None:
    assert told(*counted({GIRLS_OF_16: 40, (("sex", "male"),): 42, (("age", "17"),): 42})) == []


def test_what_all_places_have_in_common_hinders_no_comparison() -> None:
    values = {(*GIRLS_OF_16, ("year", "2024")): 40, (("year", "2024"),): 42}
    assert told(*counted(values)) == [(DEEPER, "covered|age=16|sex=female|year=2024", "covered|year=2024")]


def test_a_value_that_is_called_like_a_split_of_all_places_hinders_no_comparison() -> None:
    year = ("year", "2024")
    values = {(("age", "16"), ("reason", "year"), year): 40, (year,): 42}
    assert told(*counted(values)) == [(DEEPER, "covered|age=16|reason=year|year=2024", "covered|year=2024")]


def test_a_measure_whose_counts_are_all_unknown_is_compared_with_nothing() -> None:
    unknown = counted({GIRLS_OF_16: None, (): None}, measure="exits")
    known = counted({GIRLS_OF_16: 40, (): 42})
    assert told(*unknown, *known) == [(DEEPER, "covered|age=16|sex=female", "covered")]


def test_another_measure_is_no_larger_group() -> None:
    assert told(*counted({GIRLS_OF_16: 40}), *counted({(): 42}, measure="exits")) == []


# periods


def test_every_longer_period_around_a_cumulative_count_is_its_whole_whatever_the_order_of_tables() -> None:
    results = [
        one("b", 9, cumulative=True, period="2024"),
        one("a", 7, cumulative=True, period="hösten 2024"),
        one("d", 8, cumulative=True, period="hösten 2023"),
        one("c", 5, cumulative=True, period="tertial 1 2024"),
        one("e", 6, cumulative=True, period="första halvåret 2024"),
    ]
    autumn, tertial, spring, year = (
        f"covered|period={name}" for name in ("hösten 2024", "tertial 1 2024", "första halvåret 2024", "2024")
    )
    expected = sorted((PERIOD, *pair) for pair in [(autumn, year), (tertial, spring), (tertial, year), (spring, year)])
    assert sorted(told(*results)) == expected
    assert sorted(told(*results[::-1])) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"cumulative": False}, {"cumulative": False}),
        ({"unit": "attempts"}, {"unit": "attempts"}),
        ({"district": "bromma"}, {"district": "bromma"}),
        ({"part_of_city": "inner"}, {"part_of_city": "inner"}),
        ({"sex": "female"}, {"sex": "male"}),
        ({"period": "2023"}, {}),
    ],
    ids=["a stock", "attempts", "moves between districts", "moves between parts", "another group", "another year"],
)
def test_counts_over_periods_that_are_no_groups_inside_each_other_are_not_compared(
    first: dict[str, object], second: dict[str, object]
) -> None:
    inside = one("inside", 7, **{"cumulative": True, "period": "hösten 2024"} | second)
    around = one("around", 9, **{"cumulative": True, "period": "2024"} | first)
    assert told(inside, around) == []


@pytest.mark.parametrize(
    ("inner", "outer", "inside"),
    [
        ("hösten 2024", "2024", True),
        ("2024", "hösten 2024", False),
        ("tertial 1 2024", "2024", True),
        ("andra halvåret 2024", "2024", True),
        ("tertial 1 2024", "2023", False),
        ("läsåret 2023/24", "2024", False),
        ("2024", "2024", True),
        ("i våras", "2024", False),
        ("tertial 1 2024", "länge", False),
    ],
)
def test_a_period_is_inside_another_with_its_first_and_its_last_day(inner: str, outer: str, inside: bool) -> None:
    assert is_inside(cell("covered", period=inner), cell("covered", period=outer)) is inside


def test_a_place_without_a_period_is_inside_none() -> None:
    always, year = cell("covered", sex="female"), cell("covered", period="2024", sex="female")
    assert [is_inside(always, year), is_inside(year, always), is_inside(always, always)] == [False] * 3


# groups of disclosive values


def test_a_disclosive_value_is_a_part_of_its_group() -> None:
    table = pd.DataFrame({"area": ["a", "b", "all"], "n": [3, 6, 9]})
    result = Result("t", "T", (AREA, Count("n", "Antal", "covered")), table)
    groups = {"covered|area=a": ("covered", "(covered) - (covered|area=a)")}
    assert told(result, groups=groups) == [("känsliga värden i en grupp", "covered|area=a", "covered")]


def test_a_count_that_the_release_does_not_hold_has_no_group() -> None:
    assert told(shares([3], [10], "persons", "persons"), counts=["registered|area=a"]) == []
    assert told(shares([3], [10], "persons", "persons"), counts=["reached|area=a"]) == []
