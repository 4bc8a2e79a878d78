"""What earlier releases showed, as known numbers and relations: shown values, told sums, and the few persons between then and now."""

from __future__ import annotations

import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import cell_called
from kaa_analysis.disclosure.hiding.published_cells import PublishedCount
from kaa_analysis.disclosure.hiding.revisions import Earlier, earlier_cells
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy

CHANGE = "ändringen från en dag eller period till en annan"
BEFORE, NOW = "2025-01-31", "2026-01-31"


def known(
    now: dict[str, int | None],
    before: dict[str, int | None],
    *,
    sums: tuple[tuple[tuple[int, str], ...], ...] = (),
    unit: str = "persons",
    cumulative: bool = False,
) -> Earlier:
    """Return what is known of the releases ``before`` beside the counts of ``now``, by the ids of cells."""
    counts = {
        cell_id: PublishedCount(cell_called(cell_id), value, unit, cumulative, False, ("t",))
        for cell_id, value in now.items()
    }
    ledger = Ledger(tuple(PublishedCell(cell_id, value) for cell_id, value in before.items()), sums)
    return earlier_cells(ledger, counts=counts, policy=Policy())


def relations(earlier: Earlier) -> list[tuple[str, dict[str, int]]]:
    return [(relation.name, dict(relation.terms)) for relation in earlier.relations]


def change(smaller: str, larger: str) -> tuple[str, dict[str, int]]:
    """Return *larger = smaller + change*."""
    return CHANGE, {f"({larger}) - ({smaller})": 1, smaller: 1, larger: -1}


def at(day: str, *, measure: str = "covered", **where: str) -> str:
    return "|".join([measure, *(f"{name}={value}" for name, value in sorted({**where, "extract": day}.items()))])


@pytest.mark.parametrize(
    ("before", "few"),
    [(46, False), (45, False), (44, True), (41, True), (40, False), (39, True), (36, True), (35, False)],
)
def test_a_change_of_a_few_from_one_extract_to_another_is_told_either_way(before: int, few: bool) -> None:
    old, new = at(BEFORE), at(NOW)
    found = known({new: 40}, {old: before})
    smaller, larger = (new, old) if before > 40 else (old, new)
    assert relations(found) == ([change(smaller, larger)] if few else [])
    assert found.changes == (frozenset({f"({larger}) - ({smaller})"}) if few else frozenset())
    assert found.values == ({old: before} if few else {})
    assert found.lowest_change == -1000


@pytest.mark.parametrize(
    ("now", "before", "more"),
    [
        ({at(NOW): 42}, {at(BEFORE): None}, {}),
        ({at(NOW): None}, {at(BEFORE): 40}, {}),
        ({at(NOW): 42}, {at(BEFORE): 40}, {"unit": "attempts"}),
        ({at(NOW): 42}, {at(BEFORE, measure="exits"): 40}, {}),
        ({at(NOW, sex="male"): 42}, {at(BEFORE, sex="female"): 40}, {}),
        ({at(NOW, sex="male"): 42}, {at(BEFORE): 40}, {}),
        ({at(NOW, period="2024"): 42}, {at(BEFORE, period="tertial 1 2024"): 40}, {}),
        ({at(NOW, period="2024"): 42}, {at(BEFORE, period="2023"): 40}, {"cumulative": True}),
        ({at(NOW, period="2024"): 42}, {at(BEFORE): 40}, {"cumulative": True}),
        ({at(NOW, period="2024"): 42}, {at(NOW, period="tertial 1 2024"): 40}, {"cumulative": True}),
        ({"covered|period=2024": 42}, {"covered|period=tertial 1 2024": 40}, {"cumulative": True}),
        ({at(NOW): 60}, {at(BEFORE): 40, at("2024-01-31"): 42}, {}),
    ],
    ids=[
        "hidden then", "unknown now", "attempts", "another measure", "another group", "a larger group", "a stock over another period",
        "another year", "no period then", "groups of one extract", "groups without an extract", "both shown before",
    ],
)  # fmt: skip
def test_what_is_no_change_of_a_group_of_persons_adds_nothing(now, before, more) -> None:
    found = known(now, before, **more)
    assert (relations(found), found.changes, dict(found.values)) == ([], frozenset(), {})


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (at(NOW, period="2024"), at(BEFORE, period="tertial 1 2024")),
        (at(NOW, period="tertial 1 2024"), at(BEFORE, period="2024")),
        (at(NOW, district="bromma", period="2024"), at(NOW, district="bromma", period="tertial 1 2024")),
        (at(NOW, part_of_city="inner", period="2024"), at(NOW, part_of_city="inner", period="tertial 1 2024")),
        (at(NOW, period="2024"), at(BEFORE, period="2024")),
    ],
    ids=[
        "a longer period",
        "a shorter period",
        "a district of one extract",
        "a part of one extract",
        "the same period",
    ],
)
def test_a_cumulative_count_of_the_same_group_is_a_change(now: str, before: str) -> None:
    assert relations(known({now: 42}, {before: 40}, cumulative=True)) == [change(before, now)]
    assert relations(known({now: 40}, {before: 42}, cumulative=True)) == [change(now, before)]


def test_a_stock_over_the_same_period_changes_with_the_extract() -> None:
    old, new = at(BEFORE, period="2024"), at(NOW, period="2024")
    assert relations(known({new: 42}, {old: 40})) == [change(old, new)]


def test_a_count_of_no_named_extract_is_another_than_that_of_an_extract() -> None:
    assert relations(known({at(NOW): 42}, {"covered": 40})) == [change("covered", at(NOW))]
    assert relations(known({"covered": 42}, {at(BEFORE): 40})) == [change(at(BEFORE), "covered")]


def test_two_extracts_of_one_release_are_compared() -> None:
    old, new = at(BEFORE), at(NOW)
    found = known({new: 42, old: 40}, {})
    assert relations(found) == [change(old, new)]
    assert (found.changes, dict(found.values)) == (frozenset({f"({new}) - ({old})"}), {})


def test_every_earlier_extract_is_compared_with_the_new_but_not_with_another() -> None:
    older, old, new = at("2024-01-31"), at(BEFORE), at(NOW)
    found = known({new: 42}, {old: 40, older: 41})
    assert relations(found) == [change(older, new), change(old, new)]
    assert found.values == {old: 40, older: 41}


def test_the_sums_of_earlier_releases_are_relations_and_their_unknown_terms_no_changes() -> None:
    sums = (((-1, "all"), (1, "a"), (1, "b")), ((-2, "x"), (2, "y")))
    found = known({at(NOW): 42}, {at(BEFORE): 40, "all": 12, "b": None, "y": 3, "z": 8}, sums=sums)
    told = "en summa i en tidigare release"
    assert relations(found) == [
        (told, {"a": 1, "all": -1, "b": 1}),
        (told, {"x": 1, "y": -1}),
        change(at(BEFORE), at(NOW)),
    ]
    assert found.changes == {f"({at(NOW)}) - ({at(BEFORE)})"}
    assert found.values == {at(BEFORE): 40, "all": 12, "y": 3}


def test_a_number_that_is_printed_again_is_known_though_no_relation_names_it() -> None:
    found = known({at(NOW): 42, at(NOW, sex="female"): None}, {at(NOW): 42, at(NOW, sex="male"): 9})
    assert (relations(found), dict(found.values)) == ([], {at(NOW): 42})


def test_other_values_than_were_published_are_refused_by_measure() -> None:
    now = {at(NOW): 42, at(NOW, sex="male"): 12, at(NOW, measure="exits"): 7, at(NOW, measure="stock"): 5}
    before = {at(NOW): 41, at(NOW, sex="male"): 11, at(NOW, measure="exits"): 8, at(NOW, measure="stock"): 5}
    with pytest.raises(DisclosureError) as refused:
        known(now, before)
    assert refused.value.message() == (
        "En cell ska ha samma värde som när den publicerades ur samma uttag.\n  – covered\n  – exits\n"
        "Gör så här: gör rapporten med samma kod och inställningar som då, eller av ett nytt uttag"
    )


def test_nothing_published_before_adds_nothing() -> None:
    found = known({at(NOW): 42}, {})
    assert (relations(found), found.changes, dict(found.values)) == ([], frozenset(), {})
