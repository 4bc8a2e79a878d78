"""A release of several reports: what joins them is told as sums, each gets its own back, and what is refused is told in their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share, cell
from kaa_analysis.disclosure.final_attack import refuse_what_is_given_away
from kaa_analysis.disclosure.joined_reports import NAME, joining_equations
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.release_parts import _in_words, protect_release, release_equations, release_parts
from tests.unit.district_tables import shown

POLICY, FIRST = Policy(), Ledger.empty()


def one(value: int | None, *, name: str = "t", measure: str = "exits", unit: str = "spells", **where: str) -> Result:
    """Return a table of one count, about ``where``."""
    count = Count("n", "Antal", measure, unit)
    return Result(name, "T", (count,), pd.DataFrame({"n": pd.array([value], dtype="Int64")}), context=where)


def sums(*results: Result) -> list[list[tuple[int, str]]]:
    """Return the terms of what joins the results, by ids."""
    found = joining_equations(results)
    assert {equation.name for equation in found} <= {NAME}
    return [[(factor, place.id) for factor, place in equation.terms] for equation in found]


# what joins reports


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        ([4, 3], True),
        ([10, 0], True),
        ([10, None], True),
        ([None, None], True),
        ([7, 3], True),
        ([7, 4], False),
        ([10, 1], False),
    ],
)
def test_parts_that_are_no_more_than_the_whole_are_one_sum_with_a_rest(parts: list[int | None], joined: bool) -> None:
    east, west = (one(value, district=name) for value, name in zip(parts, ("east", "west"), strict=True))
    together = [[(-1, "exits"), (1, "exits|district=east"), (1, "exits|district=west"), (1, "exits|district=rest")]]
    apart = [
        [(-1, "exits"), (1, f"exits|district={name}"), (1, f"exits|district=rest_{name}")]
        for value, name in zip(parts, ("east", "west"), strict=True)
        if value is not None and value < 10
    ]
    assert sums(one(10), east, west) == (together if joined else apart)


def test_each_part_of_an_overlapping_whole_that_is_known_and_smaller_has_its_own_rest() -> None:
    values = {"a": 10, "b": 11, "c": 9, "d": None, "e": 0}
    found = sums(one(10), *(one(value, district=name) for name, value in values.items()))
    assert found == [
        [(-1, "exits"), (1, f"exits|district={name}"), (1, f"exits|district=rest_{name}")] for name in ("c", "e")
    ]


def test_every_split_that_some_reports_are_about_joins_them_and_a_place_in_two_has_two_wholes() -> None:
    found = sums(one(20), one(12, sex="female"), one(9, district="a"), one(5, sex="female", district="a"))
    assert found == [
        [(-1, "exits"), (1, "exits|district=a"), (1, "exits|district=rest")],
        [(-1, "exits"), (1, "exits|sex=female"), (1, "exits|sex=rest")],
        [(-1, "exits|district=a"), (1, "exits|district=a|sex=female"), (1, "exits|district=a|sex=rest")],
        [(-1, "exits|sex=female"), (1, "exits|district=a|sex=female"), (1, "exits|district=rest|sex=female")],
    ]


@pytest.mark.parametrize(
    "results",
    [
        [one(10, year="2024"), one(4, district="a", year="2023")],
        [one(10), one(4, measure="entries", district="a")],
        [one(None), one(4, district="a")],
        [one(10, district="a"), one(4, district="b")],
    ],
    ids=["another year", "another measure", "an unknown whole", "no whole"],
)
def test_what_has_no_known_whole_joins_nothing(results: list[Result]) -> None:
    assert sums(*results) == []


def test_volumes_of_work_are_told_measure_by_measure() -> None:
    results = [
        one(10, name=f"{measure}{len(where)}", measure=measure, unit=unit, **where)
        for measure, unit in (("letters", "attempts"), ("exits", "spells"))
        for where in ({}, {"district": "a"})
    ]
    told = {equation.terms[0][1].measure: equation.volumes for equation in joining_equations(results)}
    assert told == {"letters": ("letters",), "exits": ()}


# each report gets its own


def part_of_itself() -> list[Result]:
    """Return the results of one report that is about a city and one of its districts."""
    return [one(20, name="city"), one(9, name="east", district="east")]


def test_a_report_alone_is_joined_with_nothing_and_two_are() -> None:
    alone = release_equations({"a": part_of_itself()}, policy=POLICY, ledger=FIRST)
    assert alone["a"].to_dict("list") == {"equation": [], "cell_id": [], "coefficient": []}
    city, east = part_of_itself()
    two = release_equations({"a": [city], "b": [east]}, policy=POLICY, ledger=FIRST)
    name = f"R00001 {NAME}"
    assert two["a"].to_dict("list") == {
        "equation": [name] * 3,
        "cell_id": ["exits", "exits|district=east", "exits|district=rest"],
        "coefficient": [1, -1, -1],
    }
    assert two["b"].to_dict("list") == {"equation": [], "cell_id": [], "coefficient": []}


def test_a_part_holds_its_tables_its_equations_and_what_stands_elsewhere() -> None:
    city, east = part_of_itself()
    parts = release_parts({"a": [city], "b": [east]}, policy=POLICY, ledger=FIRST)
    assert {name: list(part.released) for name, part in parts.items()} == {"a": ["city"], "b": ["east"]}
    assert {name: part.elsewhere for name, part in parts.items()} == {
        "a": {"exits|district=east", "exits|district=rest"},
        "b": frozenset(),
    }
    assert shown(parts["a"].released["city"]) == [20]
    assert [len(part.equations) for part in parts.values()] == [3, 0]


LABELS = {"all": "Alla", "a": "A", "b": "B", "c": "C", "d": "D"}
TWO = Grouping(
    "way", "Väg", {"b": ("b",), "ac": ("a", "c"), "d": ("d",)}, {"b": "B", "ac": "A eller C", "d": "D"}, "Tre grupper."
)
STRICT = Policy(coarsen_above=0.0)


def ways() -> Result:
    """Return a table whose rows a and c are put together by a strict policy."""
    split = Dimension("way", "Väg ut", LABELS, total="all", coarser=(TWO,))
    table = pd.DataFrame({"way": list(LABELS), "n": [81, 2, 30, 9, 40]})
    return Result("ways", "T", (split, Count("n", "Antal", "exits")), table)


def test_rows_are_put_together_by_the_policy_of_the_release() -> None:
    """A part is told by the policy it was asked for: where every number may be hidden no rows are put together."""
    for policy, rows in ((STRICT, 4), (Policy(coarsen_above=1.0), 5)):
        part = release_parts({"a": [ways()]}, policy=policy, ledger=FIRST)["a"]
        assert len(part.released["ways"].values_table) == rows


def test_a_result_twice_in_a_report_is_told_with_its_report() -> None:
    with pytest.raises(DisclosureError) as refused:
        protect_release({"stad": [one(9), one(9)]}, policy=POLICY, ledger=FIRST)
    assert refused.value.message() == "Varje resultat ska ha ett eget id.\n  – t (stad)"


# refusals in the words of the reports


def refusal(reports: Mapping[str, Sequence[Result]], *, ledger: Ledger = FIRST) -> DisclosureError:
    with pytest.raises(DisclosureError) as refused:
        protect_release(reports, policy=POLICY, ledger=ledger)
    return refused.value


def test_a_refusal_of_the_release_says_what_was_expected_found_and_is_to_be_done() -> None:
    assert refusal({"a": [one(9)], "b": [one(8)]}).message() == (
        "Samma cell ska ha samma värde i alla tabeller.\n  – exits: olika värden i t (a) och t (b)\n"
        "Gör så här: ge det som räknas olika var sitt namn (measure), eller ange vad som skiljer (context)"
    )


def test_a_report_is_told_before_those_after_it() -> None:
    nine = {"first": [one(9)]} | {f"empty{number}": [] for number in range(7)} | {"ninth": [one(8)]}
    assert refusal(nine).found == ("exits: olika värden i t (first) och t (ninth)",)


@pytest.mark.parametrize(
    ("first", "second"), [("exits", "exits_again"), ("exits_again", "exits"), ("exits", "all_exits"), ("1", "11")]
)
def test_a_table_whose_name_holds_anothers_is_told_by_its_own(first: str, second: str) -> None:
    tables = [one(9, name=first), one(8, name=second)]
    one_name, other = sorted((first, second))
    assert refusal({"a": tables}).found == (f"exits: olika värden i {one_name} och {other}",)
    assert refusal({"a": tables, "b": []}).found == (f"exits: olika värden i {one_name} (a) och {other} (a)",)


# the last word


def test_the_last_word_knows_the_sums_of_the_release_and_of_earlier_ones() -> None:
    """40 less 37 are 3: the equation may be of the table or of an earlier release, and the 37 may have been shown there."""
    split = Dimension("sex", "Kön", total="all")
    table = pd.DataFrame({"sex": ["all", "female", "male"], "n": [40, 37, 3]})
    whole = Result("t", "T", (split, Count("n", "Antal", "covered")), table)
    hidden = protect([whole], policy=POLICY, ledger=FIRST)
    assert shown(hidden["t"]) == [40, None, None]
    refuse_what_is_given_away(hidden, results=[whole], policy=POLICY, ledger=FIRST)
    terms = ((-1, "before"), (1, "covered|sex=female"))
    for ledger in (
        Ledger((PublishedCell("covered|sex=female", 37),)),
        Ledger((PublishedCell("before", 37),), sums=(terms,)),
    ):
        with pytest.raises(DisclosureError, match=r"räkna tillbaka"):
            refuse_what_is_given_away(hidden, results=[whole], policy=POLICY, ledger=ledger)
    refuse_what_is_given_away(hidden, results=[whole], policy=POLICY, ledger=Ledger((PublishedCell("before", 37),)))


def test_a_share_beside_a_hidden_count_is_refused_by_the_last_word() -> None:
    columns = (Count("n", "Antal", "covered"), Count("part", "Nådda", "reached"), Share("share", "Andel", "part", "n"))
    table = pd.DataFrame({"n": [40], "part": [3], "share": [0.075]})
    whole = Result("t", "T", columns, table)
    hidden = protect([whole], policy=POLICY, ledger=FIRST)
    hidden["t"].states_table.loc[0, "share"] = "shown"
    hidden["t"].values_table.loc[0, "share"] = 0.075
    with pytest.raises(DisclosureError, match=r"räkna tillbaka"):
        refuse_what_is_given_away(hidden, results=[whole], policy=POLICY, ledger=FIRST)


def test_a_term_of_no_table_is_protected_unless_it_is_a_volume_of_work() -> None:
    """12 less 9 are 3 letters, or 3 persons."""

    def release(*volumes: str) -> list[Result]:
        terms = ((-1, cell("sent")), (1, cell("answered")), (1, cell("letters")))
        results = [
            one(12, name="a", measure="sent", unit="attempts"),
            one(9, name="b", measure="answered", unit="attempts"),
        ]
        object.__setattr__(results[0], "equations", (Equation("Brev", terms, volumes=volumes),))
        return results

    shown_all = protect(release("letters"), policy=POLICY, ledger=FIRST)
    refuse_what_is_given_away(shown_all, results=release("letters"), policy=POLICY, ledger=FIRST)
    with pytest.raises(DisclosureError, match=r"räkna tillbaka"):
        refuse_what_is_given_away(shown_all, results=release(), policy=POLICY, ledger=FIRST)


def test_two_tables_with_long_names_have_two_names_in_the_release() -> None:
    names = ["a" * 100, "b" * 100]
    found = protect_release(
        {"x": [one(9, name=names[0]), one(8, name=names[1], measure="entries")]}, policy=POLICY, ledger=FIRST
    )
    assert [shown(found["x"][name]) for name in names] == [[9], [8]]


def test_words_without_a_table_are_told_as_they_are() -> None:
    assert _in_words("exits", {}) == "exits"
