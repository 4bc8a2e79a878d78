"""How much of a split would have to be hidden: unsafe numbers, and what goes with one that stands alone in a sum."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from kaa_analysis.core.result import Column, Count, Dimension, Result
from kaa_analysis.disclosure.coarse.expected_loss import ExpectedLoss, expected_loss
from kaa_analysis.disclosure.policy import Policy

WAY = Dimension("way", "Väg", total="all")
SEX = Dimension("sex", "Kön", total="all")
N = Count("n", "Antal", "left")


def loss_of(*tables: Result, policy: Policy | None = None) -> ExpectedLoss:
    return expected_loss(tables, split="way", policy=policy or Policy())


def by_way(numbers: Mapping[str, int | None], *, way: Dimension = WAY, name: str = "ways", n: Count = N) -> Result:
    frame = pd.DataFrame(numbers.items(), columns=["way", "n"]).astype({"n": "Int64"})
    return Result(name, "Antal", (way, n), frame)


def with_total(numbers: Mapping[str, int]) -> dict[str, int]:
    return {"all": sum(numbers.values()), **numbers}


def test_losses_are_added_number_by_number() -> None:
    one, other = ExpectedLoss(1, 2, 3, 4), ExpectedLoss(10, 20, 30, 40)
    assert one + other == ExpectedLoss(11, 22, 33, 44)
    assert ExpectedLoss() + one == one


def test_a_loss_is_a_share_of_the_numbers_and_of_what_they_count_and_none_of_nothing() -> None:
    assert (ExpectedLoss(1, 4, 3, 30).of_numbers, ExpectedLoss(1, 4, 3, 30).of_counted) == (0.25, 0.1)
    assert (ExpectedLoss(1, 1, 1, 1).of_numbers, ExpectedLoss(1, 1, 1, 1).of_counted) == (1.0, 1.0)
    assert (ExpectedLoss().of_numbers, ExpectedLoss().of_counted) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"a": 5, "b": 6, "c": 7}, ExpectedLoss(0, 3, 0, 18)),
        ({"a": 4, "b": 6, "c": 7}, ExpectedLoss(2, 3, 10, 17)),
        ({"a": 4, "b": 7, "c": 6}, ExpectedLoss(2, 3, 10, 17)),
        ({"a": 1, "b": 0, "c": 7}, ExpectedLoss(2, 2, 8, 8)),
        ({"a": 1, "b": 2, "c": 7}, ExpectedLoss(2, 3, 3, 10)),
        ({"a": 1, "b": 0, "c": 0}, ExpectedLoss(1, 1, 1, 1)),
        ({"a": 0, "b": 0, "c": 0}, ExpectedLoss()),
    ],
)
def test_an_unsafe_number_takes_the_smallest_other_of_its_sum_with_it(
    numbers: dict[str, int], expected: ExpectedLoss
) -> None:
    assert loss_of(by_way(with_total(numbers))) == expected
    backwards = dict(reversed(with_total(numbers).items()))
    assert loss_of(by_way(backwards)) == expected


def test_an_unknown_number_is_neither_lost_nor_there() -> None:
    assert loss_of(by_way({"all": None, "a": None, "b": 30, "c": 7})) == ExpectedLoss(0, 2, 0, 37)
    assert loss_of(by_way({"all": None, "a": None, "b": 30, "c": 3})) == ExpectedLoss(2, 2, 33, 33)


@pytest.mark.parametrize(
    "way",
    [Dimension("way", "Väg"), Dimension("way", "Väg", total="all", additive=False), Dimension("way", "Väg", total="x")],
)
def test_where_nothing_adds_up_an_unsafe_number_goes_alone(way: Dimension) -> None:
    numbers = {"a": 4, "b": 6, "c": 7} | ({"all": 9} if way.total == "all" else {})
    assert loss_of(by_way(numbers, way=way)) == ExpectedLoss(1, 3, 4, 17)


def by_way_and_sex(numbers: Mapping[tuple[str, str], int | None]) -> Result:
    frame = pd.DataFrame([(*place, n) for place, n in numbers.items()], columns=["way", "sex", "n"])
    return Result("ways", "Antal", (WAY, SEX, N), frame.astype({"n": "Int64"}))


def test_where_all_others_of_a_sum_are_nothing_or_unknown_the_total_goes_with_the_unsafe_one() -> None:
    table = by_way_and_sex({("a", "all"): 40, ("a", "f"): 3, ("a", "m"): None, ("b", "all"): 50})
    assert loss_of(table) == ExpectedLoss(2, 3, 43, 93)


def test_what_adds_up_over_another_split_is_seen_beside_a_split_that_does_not() -> None:
    numbers = {("a", "all"): 23, ("a", "f"): 3, ("a", "m"): 20, ("b", "all"): 60, ("b", "f"): 20, ("b", "m"): 40}
    frame = pd.DataFrame([(*place, n) for place, n in numbers.items()], columns=["way", "sex", "n"])
    for way in (Dimension("way", "Väg"), Dimension("way", "Väg", total="all", additive=False)):
        assert loss_of(Result("ways", "Antal", (way, SEX, N), frame)) == ExpectedLoss(2, 6, 23, 166)


def test_what_is_hidden_in_one_sum_stands_alone_in_another_and_takes_more_with_it() -> None:
    parts = {("a", "f"): 3, ("a", "m"): 20, ("b", "f"): 30, ("b", "m"): 40, ("c", "f"): 50, ("c", "m"): 60}
    sums = {(way, "all"): parts[way, "f"] + parts[way, "m"] for way in "abc"}
    table = by_way_and_sex(parts | sums | {("all", "f"): 83, ("all", "m"): 120, ("all", "all"): 203})
    assert loss_of(table) == ExpectedLoss(4, 9, 3 + 20 + 30 + 40, 2 * 203)


def with_counts(*counts: Count) -> Result:
    """A table of all, a and b where every count is 10, 3 and 7."""
    columns: tuple[Column, ...] = (WAY, *counts)
    numbers = {count.name: [10, 10, 10] if count.regardless_of else [10, 3, 7] for count in counts}
    return Result("ways", "Antal", columns, pd.DataFrame({"way": ["all", "a", "b"], **numbers}))


def test_letters_and_what_does_not_depend_on_the_split_are_left_out_wherever_they_stand() -> None:
    letters = Count("letters", "Brev", "letters", "attempts")
    every = Count("every", "Alla", "every", regardless_of=("way",))
    spells = Count("spells", "Perioder", "spells_left", "spells")
    both = ExpectedLoss(4, 4, 20, 20)
    for counts in ((letters, every, N, spells), (N, letters, spells, every), (every, N, spells, letters)):
        assert loss_of(with_counts(*counts)) == both
    protected = Policy(protected_units=("persons", "spells", "attempts"))
    assert loss_of(with_counts(letters, N), policy=protected) == both


def test_the_loss_of_tables_is_that_of_all_their_numbers() -> None:
    one, other = by_way(with_total({"a": 3, "b": 7, "c": 8})), by_way(with_total({"a": 20, "b": 30}), name="other")
    assert loss_of(one, other) == loss_of(other, one) == ExpectedLoss(2, 5, 10, 68)
    assert loss_of(one, policy=Policy(unsafe_below=3)) == ExpectedLoss(0, 3, 0, 18)
    assert loss_of() == ExpectedLoss()
