"""What can be worked out of shown cells is protected too: groups inside each other, longer periods, none and all, earlier releases."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from tests.unit.district_tables import by_district, protected, shown, states

SEX = Dimension("sex", "Kön", total="all")
AGE = Dimension("age", "Ålder", total="all")
REASON = Dimension("reason", "Skäl", total="all")


def during(period: str, number: int, *, cumulative: bool = True, **more: str) -> Result:
    column = Count("n", "Antal", "covered", cumulative=cumulative)
    table = pd.DataFrame({"n": [number]})
    return Result(
        period.replace(" ", "_").replace("/", "_").replace("ö", "o").replace("å", "a").replace("ä", "a"),
        "T",
        (column,),
        table,
        context={"period": period, **more},
    )


def by_reason(protected_identity: int, other: int, *, unit: str = "persons") -> Result:
    numbers = [protected_identity, other, protected_identity + other]
    table = pd.DataFrame({"reason": ["protected_identity", "other", "all"], "n": numbers})
    return Result("reasons", "T", (REASON, Count("n", "Antal", "coverage", unit)), table)


# groups inside each other


def test_nearly_all_of_a_total_in_one_cell_tells_how_few_the_others_are() -> None:
    """40 of 45 are girls of 16: the other five are 2, 2 and 1, and no two shown cells may leave them."""
    places = [("female", "16", 40), ("female", "17", 2), ("female", "all", 42), ("male", "16", 2), ("male", "17", 1)]
    places += [("male", "all", 3), ("all", "16", 42), ("all", "17", 3), ("all", "all", 45)]
    table = pd.DataFrame(places, columns=["sex", "age", "n"])
    released = protected(Result("t", "T", (SEX, AGE, Count("n", "Antal", "registered")), table))["t"]
    values = dict(zip([place[:2] for place in places], shown(released), strict=True))
    assert [values[place] for place in (("female", "17"), ("male", "16"), ("male", "17"))] == [None] * 3
    assert None in (values["all", "all"], values["female", "16"])


# periods


def test_the_few_of_a_longer_period_beyond_a_shorter_are_protected() -> None:
    released = protected(during("2024", 42), during("hösten 2024", 40))
    assert [shown(table) for table in released.values()] == [[42], [None]]


def test_many_beyond_the_shorter_period_hide_nothing() -> None:
    released = protected(during("2024", 45), during("hösten 2024", 40))
    assert [shown(table) for table in released.values()] == [[45], [40]]


@pytest.mark.parametrize(
    ("cumulative", "period", "more"),
    [
        (False, "hösten 2024", {}),
        (True, "läsåret 2023/24", {}),
        (True, "våren", {}),
    ],
)
def test_only_cumulative_counts_over_periods_inside_each_other_are_compared(
    cumulative: bool, period: str, more: dict[str, str]
) -> None:
    """A stock on a day does not grow with its period."""
    released = protected(
        during("2024", 42, cumulative=cumulative, **more), during(period, 40, cumulative=cumulative, **more)
    )
    assert [shown(table) for table in released.values()] == [[42], [40]]


def test_a_cumulative_count_that_shrinks_with_a_longer_period_stops_the_release() -> None:
    with pytest.raises(DisclosureError) as refused:
        protected(during("2024", 40), during("hösten 2024", 42))
    assert refused.value.found == ("hosten_2024: en period i en längre",)


@pytest.mark.parametrize(("autumn", "states"), [(40, [[42], [None]]), (44, [[None], [44]]), (50, [[42], [50]])])
def test_in_a_district_the_shorter_period_can_have_more_and_few_are_few_all_the_same(
    autumn: int, states: list[list[int | None]]
) -> None:
    """In the longer period somebody may belong to the district that they moved to."""
    released = protected(during("2024", 42, district="bromma"), during("hösten 2024", autumn, district="bromma"))
    assert [shown(table) for table in released.values()] == states


# none and all


@pytest.mark.parametrize("numbers", [(0, 30), (30, 0), (1, 30), (30, 1)])
def test_none_and_all_and_all_but_one_of_a_disclosive_value_are_protected(numbers: tuple[int, int]) -> None:
    assert states(protected(by_reason(*numbers))["reasons"]) == ["protected", "protected", "shown"]


@pytest.mark.parametrize("numbers", [(7, 30), (30, 7)])
def test_neither_none_nor_all_of_a_disclosive_value_is_shown(numbers: tuple[int, int]) -> None:
    assert shown(protected(by_reason(*numbers))["reasons"]) == [*numbers, 37]


def test_an_empty_group_says_nothing_of_anybody() -> None:
    assert shown(protected(by_reason(0, 0))["reasons"]) == [0, 0, 0]


def test_a_group_too_small_to_have_others_on_both_sides_is_hidden_itself() -> None:
    assert states(protected(by_reason(3, 0))["reasons"]) == ["protected"] * 3


def test_a_value_marked_harmless_is_shown() -> None:
    policy = Policy(harmless={"measure": ("coverage",)})
    assert shown(protected(by_reason(0, 30), policy=policy)["reasons"]) == [0, 30, 30]


def test_a_volume_of_work_says_nothing_of_anybody() -> None:
    assert shown(protected(by_reason(0, 30, unit="attempts"))["reasons"]) == [0, 30, 30]


# earlier releases


def released_before(**cells: int | None) -> Ledger:
    return Ledger(tuple(PublishedCell(cell_id, value) for cell_id, value in cells.items()))


def extract_of(day: str, numbers: list[int]) -> Result:
    return by_district(numbers, context={"extract": day})


BEFORE, NOW = "2025-01-31", "2026-01-31"


def test_a_number_shown_before_cannot_give_way_any_more() -> None:
    ledger = Ledger((PublishedCell(f"registered|district=c|extract={NOW}", 9),))
    assert shown(protected(extract_of(NOW, [3, 30, 9, 42]))["stock"]) == [None, 30, None, 42]
    assert shown(protected(extract_of(NOW, [3, 30, 9, 42]), ledger=ledger)["stock"]) == [None, None, 9, 42]


def test_a_cell_of_the_same_extract_has_one_value_for_ever() -> None:
    ledger = Ledger((PublishedCell(f"registered|extract={NOW}", 43),))
    with pytest.raises(DisclosureError) as refused:
        protected(extract_of(NOW, [8, 30, 38]), ledger=ledger)
    assert refused.value.found == ("registered",)
    assert "43" not in str(refused.value)


@pytest.mark.parametrize(
    ("before", "state"), [(38, "protected"), (44, "protected"), (42, "shown"), (37, "shown"), (None, "shown")]
)
def test_a_count_revised_by_a_few_persons_gives_way(before: int | None, state: str) -> None:
    ledger = Ledger((PublishedCell(f"registered|extract={BEFORE}", before),))
    released = protected(during_extract(42), ledger=ledger)["one"]
    assert states(released) == [state]


def during_extract(number: int) -> Result:
    column = Count("n", "Antal", "registered")
    return Result("one", "T", (column,), pd.DataFrame({"n": [number]}), context={"extract": NOW})


def test_a_year_does_not_tell_the_few_since_the_tertial() -> None:
    ledger = Ledger((PublishedCell(f"covered|extract={BEFORE}|period=tertial 1 2024", 40),))
    year = during("2024", 42, extract=NOW)
    assert shown(protected(year, ledger=ledger)["2024"]) == [None]
    assert shown(protected(during("2024", 42, cumulative=False, extract=NOW), ledger=ledger)["2024"]) == [42]


def test_a_tertial_does_not_tell_the_few_of_the_rest_of_a_year_that_was_published() -> None:
    ledger = Ledger((PublishedCell(f"covered|extract={BEFORE}|period=2024", 42),))
    assert shown(protected(during("tertial 1 2024", 40, extract=NOW), ledger=ledger)["tertial_1_2024"]) == [None]
    assert shown(protected(during("tertial 1 2024", 30, extract=NOW), ledger=ledger)["tertial_1_2024"]) == [30]


def test_a_cell_hidden_before_is_not_given_away_by_its_neighbour_now() -> None:
    """Before, a and b were hidden in 42; to show b alone now would tell a."""
    sums = (
        (
            (-1, f"registered|extract={NOW}"),
            (1, f"registered|district=a|extract={NOW}"),
            (1, f"registered|district=b|extract={NOW}"),
        ),
    )
    cells = (
        PublishedCell(f"registered|district=a|extract={NOW}", None),
        PublishedCell(f"registered|extract={NOW}", 42),
    )
    only_b = Result(
        "b",
        "T",
        (Count("n", "Antal", "registered"),),
        pd.DataFrame({"n": [39]}),
        context={"district": "b", "extract": NOW},
    )
    assert shown(protected(only_b, ledger=Ledger(cells, sums))["b"]) == [None]
    assert shown(protected(only_b)["b"]) == [39]
