"""What a release prints, cell by cell; the sums that hold among its tables; and the groups in which none and all are sensitive."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share, cell
from kaa_analysis.disclosure.hiding.disclosive_groups import disclosive_groups, soft_cells
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount, collect
from kaa_analysis.disclosure.hiding.relations import (
    Relation,
    distinct,
    published_equations,
    relation_of,
    relations_of,
    volumes_of,
)
from kaa_analysis.disclosure.policy import Policy
from tests.unit.district_tables import by_district

SEX = Dimension("sex", "Kön", total="all")
SPLIT_SEX = Dimension("sex", "Kön")
REGISTERED = Count("n", "Antal", "registered")


def by_sex(numbers: list[int], *, name: str = "sexes", split: Dimension = SEX, count: Count = REGISTERED) -> Result:
    frame = pd.DataFrame({"sex": ["female", "male", "all"][: len(numbers)], "n": numbers})
    return Result(name, "T", (split, count), frame)


def one_number(number: int | None, *, name: str = "one", count: Count = REGISTERED, **more: object) -> Result:
    return Result(name, "T", (count,), pd.DataFrame({"n": pd.array([number], dtype="Int64")}), **more)


def printed(place: str, value: int | None, *tables: str, **more: object) -> PublishedCount:
    """A count of persons at a district, or of all of them."""
    split = {"district": place} if place else {}
    about = {"unit": "persons", "cumulative": False, "key": False} | more
    return PublishedCount(cell("registered", **split), value, tables=tables, **about)


def terms_of(relations: list[Relation]) -> list[tuple[str, dict[str, int]]]:
    return [(relation.name, dict(relation.terms)) for relation in relations]


# what is printed


def test_each_cell_is_collected_once_with_the_tables_that_print_it() -> None:
    """Tables are told in the order of their ids, however they come."""
    found = collect([one_number(9, name="z"), by_district([4, None, 9], name="m"), one_number(9, name="a")])
    assert found == {
        "registered": printed("", 9, "a", "m", "z"),
        "registered|district=a": printed("a", 4, "m"),
        "registered|district=b": printed("b", None, "m"),
    }
    assert [count.depth for count in found.values()] == [0, 1, 1]


def test_a_cell_that_stands_in_several_rows_of_a_table_is_printed_by_one_table() -> None:
    count = Count("n", "Antal", "registered", regardless_of=("sex",))
    assert collect([by_sex([9, 9, 9], count=count)]) == {"registered": printed("", 9, "sexes")}


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("name", ["cumulative", "key"])
def test_a_cell_is_cumulative_and_key_where_any_table_says_so(name: str, order: int) -> None:
    said = Count("n", "Antal", "registered", **{name: True})
    tables = [one_number(9, name="a", count=said), one_number(9, name="b")][::order]
    renamed = [one_number(9, name="a"), one_number(9, name="b", count=said)]
    for results in (tables, renamed):
        assert collect(results) == {"registered": printed("", 9, "a", "b", **{name: True})}
    assert collect([one_number(9)]) == {"registered": printed("", 9, "one")}


@pytest.mark.parametrize(
    ("total", "key"), [("all", ["registered"]), (None, ["registered|sex=female", "registered|sex=male"])]
)
def test_of_a_key_column_the_cells_are_key_that_stand_at_the_totals_of_its_splits(
    total: str | None, key: list[str]
) -> None:
    """A split without a total has no cell at its total: all its cells are what readers came for."""
    count = Count("n", "Antal", "registered", key=True)
    table = by_sex([6, 7, 13] if total else [6, 7], split=Dimension("sex", "Kön", total=total), count=count)
    assert [cell_id for cell_id, found in collect([table]).items() if found.key] == key


def test_a_cell_with_two_values_or_units_stops_the_release() -> None:
    reached, letters = Count("n", "Antal", "reached"), Count("n", "Antal", "reached", "attempts")
    results = [
        one_number(9, name="a"),
        one_number(8, name="b"),
        one_number(7, name="c", count=reached),
        one_number(7, name="d", count=letters),
    ]
    with pytest.raises(DisclosureError) as refused:
        collect(results[::-1])
    assert refused.value.message() == (
        "Samma cell ska ha samma värde i alla tabeller.\n"
        "  – reached: olika enheter i c och d\n"
        "  – registered: olika värden i a och b\n"
        "Gör så här: ge det som räknas olika var sitt namn (measure), eller ange vad som skiljer (context)"
    )


def test_an_unknown_count_beside_a_known_one_is_another_value() -> None:
    with pytest.raises(DisclosureError) as refused:
        collect([one_number(9, name="a"), one_number(None, name="b"), one_number(9, name="c")])
    assert refused.value.found == ("registered: olika värden i a och b", "registered: olika värden i b och c")


def test_many_cells_of_two_tables_that_differ_are_told_once() -> None:
    with pytest.raises(DisclosureError) as refused:
        collect([by_district([5, 6, 11], name="a"), by_district([6, 7, 13], name="b")])
    assert refused.value.found == ("registered: olika värden i a och b",)


def test_two_results_of_one_id_stop_the_release() -> None:
    results = [one_number(1, name=name, count=Count("n", "Antal", f"m{number}")) for number, name in enumerate("babcb")]
    with pytest.raises(DisclosureError) as refused:
        collect(results)
    assert refused.value.message() == "Varje resultat ska ha ett eget id.\n  – b"


# relations


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([(1, "b"), (-1, "a")], {"a": 1, "b": -1}),
        ([(-1, "b"), (1, "a")], {"a": 1, "b": -1}),
        ([(4, "b"), (-6, "a"), (2, "c")], {"a": 3, "b": -2, "c": -1}),
        ([(4, "b"), (6, "a")], {"a": 3, "b": 2}),
        ([(1, "a"), (1, "b"), (1, "a")], {"a": 2, "b": 1}),
        ([(1, "a"), (1, "b"), (-1, "a"), (-1, "c")], {"b": 1, "c": -1}),
        ([(1, "a"), (-1, "a")], {}),
        ([], {}),
    ],
)
def test_a_relation_has_one_simplest_form(terms: list[tuple[int, str]], expected: dict[str, int]) -> None:
    """In the order of the ids, without a common factor, the first coefficient positive, each cell once."""
    relation = relation_of("summan", terms)
    assert (relation.name, list(relation.terms.items())) == ("summan", list(expected.items()))
    assert {type(coefficient) for coefficient in relation.terms.values()} <= {int}


def test_of_relations_with_the_same_terms_the_first_name_is_kept_and_empty_ones_say_nothing() -> None:
    found = distinct(
        [
            relation_of("b", [(1, "y"), (-1, "z")]),
            relation_of("d", [(1, "x"), (-1, "y")]),
            relation_of("tom", []),
            relation_of("c", [(-2, "x"), (2, "y")]),
            relation_of("e", [(1, "x"), (-1, "y")]),
        ]
    )
    assert terms_of(found) == [("c", {"x": 1, "y": -1}), ("b", {"y": 1, "z": -1})]


def relations(*results: Result) -> list[tuple[str, dict[str, int]]]:
    return terms_of(relations_of(results, counts=collect(results)))


TOTAL_OF_SEXES = {"registered": 1, "registered|sex=female": -1, "registered|sex=male": -1}
ADDS_UP = "Kön: delarna summerar till totalen"


@pytest.mark.parametrize("split", [SEX, SPLIT_SEX])
def test_the_rows_of_a_table_without_total_add_up_to_a_total_that_another_prints(split: Dimension) -> None:
    table, total = by_sex([6, 7], split=split), one_number(13)
    assert relations(table, total) == relations(total, table) == [(ADDS_UP, TOTAL_OF_SEXES)]


@pytest.mark.parametrize(
    "results",
    [
        (by_sex([6, 7]), one_number(14)),
        (by_sex([6, 7]), one_number(13, count=Count("n", "Antal", "reached"))),
        (by_sex([6, 7], split=Dimension("sex", "Kön", additive=False)), one_number(13)),
        (by_sex([6, 7]), one_number(None)),
        (by_sex([6, 7]),),
    ],
    ids=["another number", "another measure", "rows that overlap", "an unknown total", "no total"],
)
def test_there_is_no_total_elsewhere_where_the_rows_do_not_add_up_to_one(results: tuple[Result, ...]) -> None:
    assert relations(*results) == []


def test_a_table_with_its_own_total_needs_no_other() -> None:
    assert relations(by_sex([6, 7, 13]), one_number(13)) == [(ADDS_UP, TOTAL_OF_SEXES)]


def test_a_count_regardless_of_a_split_is_no_sum_of_itself() -> None:
    """With a single row, or with zeros, one cell would be the sum of the others and of itself."""
    count = Count("n", "Antal", "registered", regardless_of=("sex",))
    assert relations(by_sex([9], count=count), one_number(9)) == []
    assert relations(by_sex([0, 0], count=count), one_number(0)) == []


def test_totals_elsewhere_are_found_for_each_group_of_rows_and_each_count() -> None:
    places = [("a", "female", 5, 1), ("a", "male", 6, 2), ("b", "female", 7, 3), ("b", "male", 8, 4)]
    frame = pd.DataFrame(places, columns=["district", "sex", "n", "m"])
    columns = (Dimension("district", "Område"), SPLIT_SEX, REGISTERED, Count("m", "Nådda", "reached"))
    districts = by_district([11, 15, 26])
    reached = by_district([3, 7, 10], name="reached", measure="reached")
    found = relations(Result("t", "T", columns, frame), districts, reached)
    expected = [
        {f"{measure}|district={place}": 1} | {f"{measure}|district={place}|sex={sex}": -1 for sex in ("female", "male")}
        for measure in ("reached", "registered")
        for place in "ab"
    ]
    assert [terms for name, terms in found if name == ADDS_UP] == expected
    assert [name for name, _ in found if name != ADDS_UP] == ["Område: delarna summerar till totalen"] * 2


def test_published_equations_are_those_whose_cells_are_all_printed_row_by_row() -> None:
    half = Equation("halva", ((-1, cell("registered")), (1, cell("reached")), (1, cell("in_support"))))
    results = [by_sex([6, 7]), one_number(13, equations=(half,)), by_district([2, 3, 5], name="d", measure="reached")]
    expected = [
        ("00001 Område: delarna summerar till totalen", "reached", 1),
        ("00001 Område: delarna summerar till totalen", "reached|district=a", -1),
        ("00001 Område: delarna summerar till totalen", "reached|district=b", -1),
        (f"00002 {ADDS_UP}", "registered", 1),
        (f"00002 {ADDS_UP}", "registered|sex=female", -1),
        (f"00002 {ADDS_UP}", "registered|sex=male", -1),
    ]
    frame = pd.DataFrame(expected, columns=["equation", "cell_id", "coefficient"])
    pd.testing.assert_frame_equal(published_equations(results), frame)


def test_a_release_without_equations_has_an_empty_table_of_them() -> None:
    found = published_equations([one_number(13)])
    assert (list(found.columns), len(found), str(found["coefficient"].dtype)) == (
        ["equation", "cell_id", "coefficient"],
        0,
        "int64",
    )


def test_volumes_are_the_declared_terms_of_their_measures() -> None:
    first = Equation(
        "en", ((-1, cell("attempts")), (1, cell("letters", sex="all")), (1, cell("calls"))), ("letters", "calls")
    )
    second = Equation("två", ((-1, cell("letters", sex="male")), (1, cell("reached"))))
    results = [one_number(13, equations=(first, second)), one_number(5, name="two")]
    assert volumes_of(results) == {"letters|sex=all", "calls"}
    assert volumes_of(results[1:]) == frozenset()


# groups in which none and all are sensitive

REASON = Dimension("reason", "Skäl", total="all")
IDENTITY = "coverage|reason=protected_identity"


def by_reason(*numbers: int | None, unit: str = "persons") -> Result:
    values = ["protected_identity", "other", "all"][: len(numbers)]
    frame = pd.DataFrame({"reason": values, "n": pd.array(numbers, dtype="Int64")})
    return Result("reasons", "T", (REASON, Count("n", "Antal", "coverage", unit)), frame)


def groups(*results: Result, policy: Policy | None = None) -> dict[str, tuple[str, str]]:
    return disclosive_groups(results, counts=collect(results), policy=policy or Policy())


def test_the_group_of_a_disclosive_value_is_the_cell_at_the_total() -> None:
    assert groups(by_reason(3, 30, 33)) == {IDENTITY: ("coverage", f"(coverage) - ({IDENTITY})")}


@pytest.mark.parametrize(
    "result",
    [by_reason(0, 0, 0), by_reason(3, 30), by_reason(None, 30, None), by_reason(None, 30, 33), by_reason(3, 30, 33, unit="attempts")],
    ids=["an empty group", "no total", "unknown both", "unknown itself", "volumes of work"],
)  # fmt: skip
def test_without_a_known_group_of_somebody_none_and_all_say_nothing(result: Result) -> None:
    assert groups(result) == {}


@pytest.mark.parametrize("policy", [Policy(disclosive={"measure": ()}), Policy(harmless={"measure": ("coverage",)})])
def test_the_policy_tells_which_values_are_disclosive(policy: Policy) -> None:
    assert groups(by_reason(3, 30, 33), policy=policy) == {}


@pytest.mark.parametrize(
    ("female", "identity", "expected"),
    [
        (20, 15, "coverage|reason=protected_identity"),
        (15, 20, "coverage|sex=female"),
        (15, 15, "coverage|reason=protected_identity"),
    ],
)
def test_of_two_groups_the_smaller_is_meant(female: int, identity: int, expected: str) -> None:
    """By its number, then by its id."""
    part = "coverage|reason=protected_identity|sex=female"
    count = Count("n", "Antal", "coverage")
    frame = pd.DataFrame(
        [("protected_identity", "female", 3), ("protected_identity", "all", identity), ("all", "female", female)],
        columns=["reason", "sex", "n"],
    )
    splits = [Dimension(name, name, total="all", additive=False) for name in ("reason", "sex")]
    policy = Policy(disclosive={"reason": ("protected_identity",), "sex": ("female",)})
    found = groups(Result("t", "T", (*splits, count), frame), policy=policy)
    assert found == {part: (expected, f"({expected}) - ({part})")}


def of_share(part: int, whole: int, *, measures: tuple[str, str] = ("coverage", "registered")) -> Result:
    columns = (Count("n", "Del", measures[0]), Count("of", "Alla", measures[1]), Share("share", "Andel", "n", "of"))
    return Result("share", "T", columns, pd.DataFrame({"n": [part], "of": [whole], "share": [part / max(whole, 1)]}))


def test_the_group_of_a_disclosive_measure_is_the_whole_of_its_share() -> None:
    policy = Policy(disclosive={"measure": ("coverage",)})
    assert groups(of_share(0, 30), policy=policy) == {"coverage": ("registered", "(registered) - (coverage)")}
    assert groups(of_share(0, 30)) == {}
    assert groups(of_share(0, 0), policy=policy) == {}
    assert groups(one_number(3, count=Count("n", "Antal", "coverage")), policy=policy) == {}


def test_a_count_in_a_share_of_itself_is_no_group() -> None:
    policy = Policy(disclosive={"measure": ("coverage",)})
    assert groups(of_share(30, 30, measures=("coverage", "coverage")), policy=policy) == {}


def test_beside_a_disclosive_value_zeros_can_be_hidden_but_not_that_of_the_group() -> None:
    found = {"a": ("whole", "rest")}
    line = relation_of("rad", [(-1, "whole"), (1, "a"), (1, "b"), (1, "c")])
    other = relation_of("annan rad", [(-1, "whole"), (1, "d"), (1, "e")])
    further = relation_of("utan gruppen", [(-1, "a"), (1, "f"), (1, "g")])
    assert soft_cells([line, other, further], groups=found) == {"a", "b", "c"}
    assert soft_cells([], groups=found) == {"a"}
    assert soft_cells([line, other, further], groups={}) == frozenset()
