"""What was shown before is known wherever an equation names it, and names and labels are read whole."""

from __future__ import annotations

import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.periods import period_called
from kaa_analysis.core.result import Count, Dimension, Equation, Result, cell
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from kaa_analysis.disclosure.protect import protect
from kaa_analysis.disclosure.release_parts import protect_release, release_equations
from tests.unit.district_tables import shown

LABELS = {"all": "Alla", "a": "A", "b": "B", "c": "C", "d": "D"}
TWO = Grouping(
    "way", "Väg", {"b": ("b",), "ac": ("a", "c"), "d": ("d",)}, {"b": "B", "ac": "A eller C", "d": "D"}, "Tre grupper."
)
STRICT = Policy(coarsen_above=0.0)
FIRST, SHOWN_BEFORE = Ledger.empty(), Ledger((PublishedCell("exits|way=c", 9),))


def one(value: int, *, name: str = "t", measure: str = "exits", equations: tuple[Equation, ...] = ()) -> Result:
    """Return a table of one count."""
    columns = (Count("n", "Antal", measure),)
    return Result(name, "T", columns, pd.DataFrame({"n": [value]}), equations=equations)


def ways() -> Result:
    """Return a table whose rows a and c are put together by a strict policy."""
    split = Dimension("way", "Väg ut", LABELS, total="all", coarser=(TWO,))
    table = pd.DataFrame({"way": list(LABELS), "n": [81, 2, 30, 9, 40]})
    return Result("ways", "T", (split, Count("n", "Antal", "exits")), table)


@pytest.mark.parametrize(("ledger", "seen"), [(FIRST, [81, 30, 11, 40]), (SHOWN_BEFORE, [81, None, None, 40])])
def test_a_row_that_was_shown_before_does_not_tell_what_it_was_put_together_with(
    ledger: Ledger, seen: list[int | None]
) -> None:
    """11 together, less the 9 that readers have seen, would be 2."""
    for released in (
        protect([ways()], policy=STRICT, ledger=ledger)["ways"],
        protect_release({"a": [ways()]}, policy=STRICT, ledger=ledger)["a"]["ways"],
    ):
        rows = dict(zip(released.values_table["way"], shown(released), strict=True))
        assert [rows[way] for way in ("all", "b", "ac", "d")] == seen


@pytest.mark.parametrize(("before", "seen"), [(None, 42), (40, None), (30, 42)])
def test_a_declared_sum_with_a_number_shown_before_gives_no_small_rest_away(
    before: int | None, seen: int | None
) -> None:
    sum_of = Equation("Alla", ((-1, cell("exits")), (1, cell("before")), (1, cell("rest"))))
    ledger = Ledger((PublishedCell("before", before),))
    released = protect([one(42, equations=(sum_of,))], policy=Policy(), ledger=ledger)["t"]
    assert shown(released) == [seen]


def test_the_sums_that_are_told_of_a_release_are_those_of_the_rows_as_they_are_put_together() -> None:
    told = release_equations({"a": [ways()]}, policy=STRICT, ledger=FIRST)["a"]
    assert told["cell_id"].tolist() == ["exits", "exits|way=ac", "exits|way=b", "exits|way=d"]


def test_a_declared_sum_that_contradicts_what_was_shown_before_is_refused() -> None:
    same = Equation("Samma", ((-1, cell("exits")), (1, cell("before"))))
    with pytest.raises(DisclosureError) as refused:
        protect([one(42, equations=(same,))], policy=Policy(), ledger=Ledger((PublishedCell("before", 43),)))
    assert refused.value.found == ("Samma",)


@pytest.mark.parametrize("name", ["a1-b", "1-b", "b1-b"])
def test_a_table_whose_name_looks_like_one_of_the_release_is_told_by_its_own(name: str) -> None:
    with pytest.raises(DisclosureError) as refused:
        protect_release({"a": [one(9, name="b"), one(8, name=name)]}, policy=Policy(), ledger=FIRST)
    first, second = sorted(("b", name))
    assert refused.value.found == (f"exits: olika värden i {first} och {second}",)


@pytest.mark.parametrize(
    "label", ["tertial 3 2024", "tertial 0 2024", "vecka 3–4", "läsåret 2023/25", "2024–2022", "1024", "hösten 99999"]
)
def test_a_label_that_is_nearly_a_periods_is_none(label: str) -> None:
    assert period_called(label) is None
