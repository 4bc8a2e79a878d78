"""What the attack aims at and what it concludes, each by itself: every number that is unsafe is tried, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kaa_analysis.disclosure.attack.inference import (
    contradicted,
    equations_of,
    pairs_of,
    period_pairs,
    periods_across,
    revisions,
)
from kaa_analysis.disclosure.attack.period_labels import inside_pairs
from kaa_analysis.disclosure.attack.publication import PROTECTED, SHOWN, UNKNOWN, Publication, SeenCell, Terms
from kaa_analysis.disclosure.attack.rules import Rules
from kaa_analysis.disclosure.attack.target import Demand, Target
from kaa_analysis.disclosure.attack.targets import Ground, outsider_targets, small_subsets, targets_of


def published(*shown: str, hidden: tuple[str, ...] = (), **more: object) -> Publication:
    cells = {name: SeenCell(name, SHOWN, 9) for name in shown} | {name: SeenCell(name, PROTECTED) for name in hidden}
    return Publication(cells, **more)


def line(whole: str, *parts: str) -> Terms:
    return ((-1, whole), *((1, part) for part in parts))


def aims(
    truth: Mapping[str, int], *equations: Terms, cells: Publication | None = None, rules: Rules | None = None
) -> list[Target]:
    publication = cells or published(*truth)
    return targets_of(Ground(publication, equations, (), truth, rules or Rules()))


def sums(*names: str) -> Terms:
    return tuple((1, name) for name in names)


# unions and what lies several lines apart


@pytest.mark.parametrize(
    ("values", "subsets"),
    [
        ({"a": 1, "b": 4, "c": 1}, [("a", "c")]),
        ({"a": 3, "b": 1, "c": 1}, [("b", "a"), ("b", "c"), ("c", "a")]),
        ({"a": 1, "b": 1, "c": 1, "d": 2}, [*map(tuple, ("ab", "abc", "ac", "ad", "bc", "bd", "cd")), tuple("abd"), tuple("acd"), tuple("bcd")]),
        ({"a": 2, "b": 3}, []),
        ({"a": 1}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_every_choice_of_parts_that_is_small_together_is_found_once(
    values: dict[str, int], subsets: list[tuple[str, ...]]
) -> None:
    assert sorted(small_subsets(values, below=5)) == sorted(subsets)


def test_the_parts_that_are_not_zero_are_together_their_total_and_no_union() -> None:
    assert aims({"n": 3, "a": 1, "b": 2, "e": 0}, line("n", "a", "b", "e")) == [
        Target("count", ((1, name),)) for name in ("a", "b", "n")
    ]


def test_a_part_that_is_not_known_may_be_more_than_none() -> None:
    found = aims({"n": 30, "a": 1, "b": 2}, line("n", "a", "b", "x"), cells=published("n", "a", "b"))
    assert found == [
        Target("count", sums("a")),
        Target("count", sums("b")),
        Target("union", sums("a", "b")),
        Target("latent", sums("x"), Demand.OPEN),
    ]


COUNTRY = (line("all", "north", "south"), line("north", "town", "land"))


def test_the_rest_of_a_total_beyond_a_part_of_a_part_is_aimed_at() -> None:
    truth = {"all": 34, "north": 32, "south": 2, "town": 30, "land": 2}
    counts = [Target("count", sums("land")), Target("count", sums("south"))]
    assert aims(truth, *COUNTRY) == [*counts, Target("nested", sums("land", "south"))]
    assert aims(truth, *COUNTRY[::-1]) == [*counts, Target("nested", sums("land", "south"))]


@pytest.mark.parametrize(("land", "nested"), [(1, 1), (2, 1), (3, 0), (0, 0)])
def test_the_rest_several_lines_apart_is_unsafe_up_to_four(land: int, nested: int) -> None:
    truth = {"all": 32 + land, "north": 30 + land, "south": 2, "town": 30, "land": land}
    assert [target.kind for target in aims(truth, *COUNTRY)].count("nested") == nested


def test_the_rest_of_nobody_or_of_somebody_unknown_is_not_aimed_at() -> None:
    """From a part without anybody the total itself is left; a rest with a part that nobody knows is no unsafe number."""
    truth = {"all": 3, "north": 1, "south": 2, "town": 0, "land": 1}
    assert [target for target in aims(truth, *COUNTRY) if target.kind == "nested"] == []
    truth = {"all": 34, "north": 32, "south": 2, "town": 30}
    assert [target.kind for target in aims(truth, *COUNTRY, cells=published(*truth))] == ["count", "latent"]


def test_the_rest_beyond_a_group_that_nobody_knows_is_not_aimed_at() -> None:
    truth = {"all": 34, "north": 32, "south": 2, "land": 2}
    assert [target.kind for target in aims(truth, *COUNTRY, cells=published(*truth))] == ["count", "count", "latent"]
    truth = {"top": 35, "else": 1, "all": 34, "south": 1, "town": 32}
    found = aims(truth, line("top", "all", "else"), *COUNTRY, cells=published(*truth))
    assert [target.kind for target in found if target.kind != "union"] == ["count", "count", "latent", "latent"]


def test_a_part_without_anybody_stops_no_other() -> None:
    truth = {"all": 34, "north": 32, "south": 2, "town": 30, "land": 2, "a": 0, "b": 9, "c": 9}
    found = aims(truth, line("c", "a", "b"), *COUNTRY)
    assert [target.terms for target in found if target.kind == "nested"] == [sums("land", "south")]


def test_a_total_of_many_stops_no_other_that_the_same_part_stands_in() -> None:
    truth = {"trade": 70, "office": 40, "all": 34, "north": 32, "south": 2, "town": 30, "land": 2}
    for equations in ((line("trade", "office", "town"), *COUNTRY), (*COUNTRY, line("trade", "office", "town"))):
        found = aims(truth, *equations)
        assert [target.terms for target in found if target.kind == "nested"] == [sums("land", "south")]


def test_three_lines_up_all_that_is_left_is_aimed_at() -> None:
    truth = {"top": 35, "else": 1, "all": 34, "north": 33, "south": 1, "town": 32, "land": 1}
    found = aims(truth, line("top", "all", "else"), *COUNTRY)
    assert [target.terms for target in found if target.kind == "nested"] == [
        sums("else", "south"),
        sums("land", "south"),
        sums("else", "land", "south"),
    ]
    work = Rules(volumes=frozenset({"land"}))
    found = aims(truth, line("top", "all", "else"), *COUNTRY, rules=work)
    assert [target.terms for target in found if target.kind == "nested"] == [sums("else", "south")]


# work, earlier cells and cells that nobody knows


def test_only_persons_published_now_are_counted() -> None:
    cells = {
        "n": SeenCell("n", SHOWN, 3, "persons"),
        "letters": SeenCell("letters", SHOWN, 3, "attempts"),
        "attempts|d=a": SeenCell("attempts|d=a", SHOWN, 3),
        "old": SeenCell("old", SHOWN, 3, "persons"),
    }
    ground = Ground(Publication(cells, earlier=frozenset({"old"})), (), (), dict.fromkeys(cells, 3), Rules())
    assert [name for name in cells if ground.is_person(name)] == ["n"]
    assert [name for name in cells if ground.is_small(name)] == ["n"]
    assert targets_of(ground) == [Target("count", sums("n"))]
    assert (ground.is_person("never printed"), ground.is_small("never printed")) == (True, False)


def test_what_is_printed_without_a_number_is_aimed_at_as_what_is_in_no_table() -> None:
    cells = {
        "n": SeenCell("n", SHOWN, 9),
        "x": SeenCell("x", UNKNOWN),
        "y": SeenCell("y", UNKNOWN),
        "z": SeenCell("z", PROTECTED),
    }
    found = aims({"n": 9, "y": 6}, ((1, "n"), (-1, "w")), cells=Publication(cells))
    assert found == [Target("latent", sums(name), Demand.OPEN) for name in ("w", "x")]


@pytest.mark.parametrize(
    ("value", "size", "aimed"), [(0, 0, 0), (0, 1, 1), (1, 1, 1), (1, 9, 1), (2, 9, 0), (7, 9, 0), (8, 9, 1), (9, 9, 1)]
)
def test_none_one_all_but_one_and_all_of_a_group_are_aimed_at(value: int, size: int, aimed: int) -> None:
    truth = {"n|r=a|sex=f": value, "n|sex=f": size, "ill|sex=f": value}
    cells = published(*truth, shares=(("ill|sex=f", "n|sex=f"), ("n|r=a|sex=f", "n|sex=f")))
    found = aims(truth, cells=cells, rules=Rules(disclosive={"r": ("a",), "measure": ("ill",)}))
    assert [target for target in found if target.kind == "disclosive"] == [
        Target("disclosive", sums("ill|sex=f"), Demand.NEITHER, "n|sex=f"),
        Target("disclosive", sums("n|r=a|sex=f"), Demand.NEITHER, "n|sex=f"),
    ] * aimed


def test_a_disclosive_value_is_aimed_at_where_its_group_is_published() -> None:
    truth, rules = {"n": 9, "n|r=a": 9}, Rules(disclosive={"r": ("a",)})
    told = Target("disclosive", sums("n|r=a"), Demand.NEITHER, "n")
    assert aims(truth, cells=published("n", "n|r=a"), rules=rules) == [told]
    assert aims(truth, cells=published("n|r=a"), rules=rules) == []


# periods and earlier releases


def test_a_period_lies_inside_another_that_begins_or_ends_with_it_and_never_inside_itself() -> None:
    labels = ["2024", "hösten 2024", "första halvåret 2024", "tertial 3 2024", "2023–2024", "läsåret 2023/24", "alltid"]
    assert inside_pairs(labels) == [
        ("2024", "2023–2024"),
        ("första halvåret 2024", "2023–2024"),
        ("första halvåret 2024", "2024"),
        ("första halvåret 2024", "läsåret 2023/24"),
        ("första halvåret 2024", "tertial 3 2024"),
        ("hösten 2024", "2023–2024"),
        ("hösten 2024", "2024"),
        ("hösten 2024", "tertial 3 2024"),
        ("läsåret 2023/24", "2023–2024"),
        ("tertial 3 2024", "2023–2024"),
    ]


def test_only_counts_that_grow_have_periods_inside_others() -> None:
    ids = ["n|period=2024", "n|period=hösten 2024", "m|period=2024", "m|period=hösten 2024", "n", "n|sex=f"]
    assert period_pairs(published(*ids, cumulative=frozenset({"n"}))) == [(ids[1], ids[0])]
    assert period_pairs(published(*ids)) == []


def test_a_number_and_its_revisions_are_compared_if_one_of_them_is_published_now() -> None:
    first, second, third = (f"n|extract=202{year}-02-01|sex=f" for year in (3, 4, 5))
    other = "n|extract=2025-02-01|sex=m"
    ids = (third, first, second, other, "n")
    assert revisions(published(*ids)) == [(first, second), (first, third), (second, third)]
    assert revisions(published(*ids, earlier=frozenset({first, second}))) == [(first, third), (second, third)]
    assert revisions(published(first, second, earlier=frozenset({first, second}))) == []
    assert revisions(published(*ids, earlier=frozenset({first, second, third}))) == []


def test_a_longer_period_now_is_compared_with_a_shorter_one_before() -> None:
    now, then = "n|extract=2025-02-01|period=2024", "n|extract=2024-09-01|period=tertial 1 2024"
    cells = published(now, then, cumulative=frozenset({"n"}), earlier=frozenset({then}))
    assert periods_across(cells) == [(then, now)]
    change = ((1, now), (-1, then))
    assert aims({now: 23, then: 20}, cells=cells) == [Target("period", change, Demand.EITHER_SIGN)]
    assert aims({now: 23}, cells=cells) == [Target("period", change, Demand.UNCHANGED)]
    assert aims({now: 25, then: 20}, cells=cells) == []
    assert periods_across(published(now, then, cumulative=frozenset({"n"}), earlier=frozenset({now, then}))) == []


def test_changes_of_work_are_not_aimed_at() -> None:
    now, then = "calls|extract=2025-02-01", "calls|extract=2024-02-01"
    cells = {now: SeenCell(now, SHOWN, 9, "attempts"), then: SeenCell(then, SHOWN, 9)}
    for known in ({now: 9, then: 10}, {now: 9}):
        assert aims(known, cells=Publication(cells, earlier=frozenset({then}))) == []
        turned = {now: cells[then], then: cells[now]}
        assert aims(known, cells=Publication(turned, earlier=frozenset({then}))) == []


# what is concluded from printed numbers


@pytest.mark.parametrize(
    ("known", "wrong"),
    [({"n": 5, "a": 2, "b": 3}, False), ({"n": 5, "a": 2, "b": 4}, True), ({"n": 5, "a": 2}, False), ({"n": 0, "a": 0, "b": 0}, False)],
)  # fmt: skip
def test_numbers_contradict_an_equation_if_all_are_known_and_it_does_not_hold(known: dict, wrong: bool) -> None:
    assert contradicted(line("n", "a", "b"), known) is wrong


def test_guessed_sums_are_used_unless_the_numbers_contradict_them() -> None:
    cells = published("n", "a", "b", "m", "c", sums=(line("n", "a", "b"), line("m", "c", "a")))
    known = {"n": 5, "a": 2, "b": 3, "m": 9, "c": 9}
    assert equations_of(cells, known=known) == (((1, "a"), (1, "b"), (-1, "n")),)
    assert len(equations_of(cells, known={"n": 5})) == 2


def test_pairs_are_shares_groups_in_groups_and_periods_that_the_numbers_and_lines_leave() -> None:
    ids = (
        "k",
        "n",
        "n|sex=f",
        "n|period=2024",
        "n|period=hösten 2024",
        "n|district=a|period=2024",
        "n|district=a|period=hösten 2024",
    )
    cells = published(*ids, shares=(("k", "n"), ("n", "n")), cumulative=frozenset({"n"}))
    everything = [
        ("k", "n"),
        ("n|district=a|period=2024", "n|period=2024"),
        ("n|district=a|period=hösten 2024", "n|period=hösten 2024"),
        ("n|period=2024", "n"),
        ("n|period=hösten 2024", "n"),
        ("n|period=hösten 2024", "n|period=2024"),
        ("n|sex=f", "n"),
    ]
    assert pairs_of(cells, equations=(), known={}) == tuple(everything)
    assert pairs_of(cells, equations=(), known=dict.fromkeys(ids, 4)) == tuple(everything)
    larger = {"k": 5, "n": 4, "n|period=2024": 5}
    assert pairs_of(cells, equations=(), known=larger) == tuple(
        pair for pair in everything if pair[1] != "n" or pair[0] == "n|sex=f"
    )
    held = line("n", "n|sex=f", "k")
    assert pairs_of(cells, equations=(held,), known={}) == tuple(everything[1:-1])


def test_an_outsider_pairs_the_hidden_parts_of_a_line_that_count_persons_now() -> None:
    ids = ("a", "b", "c", "letters")
    cells = published("n", hidden=ids, earlier=frozenset({"c"}))
    rules = Rules(volumes=frozenset({"letters"}))
    found = outsider_targets(Ground(cells, (line("n", *reversed(ids)),), (), {}, rules))
    assert [target for target in found if target.kind == "union"] == [Target("union", sums("b", "a"), Demand.OPEN)]
    assert [target.kind for target in found] == ["determined"] * 2 + ["narrowed"] * 2 + ["small"] * 2 + ["union"]
