"""A release as one system: what each cell is to readers, which cells hang together, and what a part of the system holds."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Equation, Result, cell
from kaa_analysis.disclosure.hiding.cell_system import CellSystem, cell_system
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy
from tests.unit.district_tables import by_district

REASON = Dimension("reason", "Skäl", total="all")
COVERAGE = ("coverage|reason=other", "coverage|reason=protected_identity", "coverage")
REST = "(coverage) - (coverage|reason=protected_identity)"


def system_of(*results: Result, policy: Policy | None = None, ledger: Ledger | None = None) -> CellSystem:
    return cell_system(results, policy=policy or Policy(), ledger=ledger or Ledger.empty())


def by_id(system: CellSystem, name: str) -> dict[str, object]:
    return dict(zip(system.ids, getattr(system, name).tolist(), strict=True))


def ids_where(system: CellSystem, name: str) -> list[str]:
    return [cell_id for cell_id, holds in by_id(system, name).items() if holds]


def by_reason(protected_identity: int, other: int) -> Result:
    numbers = [protected_identity, other, protected_identity + other]
    table = pd.DataFrame({"reason": ["protected_identity", "other", "all"], "n": numbers})
    return Result("reasons", "T", (REASON, Count("n", "Antal", "coverage")), table)


def one_number(number: int | None, *, measure: str = "registered", unit: str = "persons", **more: object) -> Result:
    table = pd.DataFrame({"n": pd.array([number], dtype="Int64")})
    return Result(measure, "T", (Count("n", "Antal", measure, unit),), table, **more)


def earlier(**cells: int | None) -> Ledger:
    return Ledger(tuple(PublishedCell(cell_id, value) for cell_id, value in cells.items()))


# the whole of it


def test_a_table_of_districts_is_a_system_of_its_cells_and_their_sum() -> None:
    system = system_of(by_district([4, 0, 5, 1, 10]))
    assert system.ids == ("registered", *(f"registered|district={district}" for district in "abcd"))
    assert list(by_id(system, "values").values()) == [10, 4, 0, 5, 1]
    assert system.lowest.tolist() == [1, 1, 1, 1, 1]
    assert system.latent.tolist() == [False] * 5
    assert system.fixed.tolist() == [False, False, True, False, False]
    assert system.key.tolist() == [False] * 5
    assert system.unsafe.tolist() == [False, True, False, False, True]
    assert system.rest.tolist() == [-1] * 5
    assert system.matrix.toarray().tolist() == [[1, -1, -1, -1, -1]]


def test_numbers_of_a_system_are_whole_also_where_there_are_none() -> None:
    for system in (system_of(), system_of(one_number(7)), system_of(by_district([4, 6, 10]))):
        whole = {name: getattr(system, name).dtype for name in ("values", "lowest", "rest", "matrix")}
        assert whole == dict.fromkeys(whole, np.int64)
        assert {getattr(system, name).dtype for name in ("latent", "fixed", "key", "unsafe")} == {np.dtype(bool)}


def test_a_release_of_nothing_has_no_cells_and_no_parts() -> None:
    system = system_of()
    assert (system.ids, system.matrix.shape, list(system.components())) == ((), (0, 0), [])


@pytest.mark.parametrize(("number", "unsafe"), [(0, False), (1, True), (4, True), (5, False)])
def test_few_persons_are_unsafe(number: int, unsafe: bool) -> None:
    assert system_of(one_number(number)).unsafe.tolist() == [unsafe]


@pytest.mark.parametrize(("number", "unsafe"), [(2, True), (3, False)])
def test_how_few_is_told_by_the_policy(number: int, unsafe: bool) -> None:
    assert system_of(one_number(number), policy=Policy(unsafe_below=3)).unsafe.tolist() == [unsafe]


@pytest.mark.parametrize(("unit", "unsafe"), [("persons", True), ("spells", True), ("attempts", False)])
def test_few_letters_point_at_nobody(unit: str, unsafe: bool) -> None:
    assert system_of(one_number(2, unit=unit)).unsafe.tolist() == [unsafe]


@pytest.mark.parametrize(("volumes", "unsafe"), [((), ["in_support"]), (("in_support",), [])])
def test_what_no_table_prints_counts_persons_unless_it_is_declared_a_volume_of_work(
    volumes: tuple[str, ...], unsafe: list[str]
) -> None:
    terms = ((-1, cell("registered")), (1, cell("reached")), (1, cell("in_support")))
    declared = Equation("summan", terms, volumes)
    system = system_of(one_number(12, equations=(declared,)), one_number(10, measure="reached"))
    assert by_id(system, "values") == {"in_support": 2, "reached": 10, "registered": 12}
    assert (ids_where(system, "latent"), ids_where(system, "unsafe")) == (["in_support"], unsafe)


def test_what_no_table_prints_and_nobody_can_work_out_is_not_unsafe() -> None:
    """In two open cells of one sum any number of persons can be."""
    declared = Equation("summan", ((-1, cell("registered")), (1, cell("reached")), (1, cell("in_support"))))
    system = system_of(one_number(2, equations=(declared,)))
    assert (ids_where(system, "latent"), ids_where(system, "unsafe")) == (["in_support", "reached"], ["registered"])
    assert by_id(system, "lowest") == {"in_support": 0, "reached": 0, "registered": 1}
    assert sum(by_id(system, "values").values()) == 4


def test_an_unknown_count_is_open() -> None:
    system = system_of(by_district([None, 8, None]))
    assert ids_where(system, "latent") == ["registered", "registered|district=a"]
    assert by_id(system, "values") == {"registered": 8, "registered|district=a": 0, "registered|district=b": 8}


def test_the_number_that_readers_need_most_is_a_key_cell() -> None:
    table = pd.DataFrame({"sex": ["female", "male", "all"], "n": [6, 7, 13]})
    columns = (Dimension("sex", "Kön", total="all"), Count("n", "Antal", "registered", key=True))
    assert ids_where(system_of(Result("t", "T", columns, table)), "key") == ["registered"]


# what earlier releases showed


def test_what_an_earlier_release_showed_is_fixed_and_never_unsafe_again() -> None:
    ledger = earlier(**{"registered|district=a": 4, "registered|district=b": None})
    system = system_of(by_district([4, 3, 6, 13]), ledger=ledger)
    assert ids_where(system, "fixed") == ["registered|district=a"]
    assert ids_where(system, "unsafe") == ["registered|district=b"]


def test_a_change_since_an_earlier_extract_can_be_negative_as_far_as_a_reader_knows() -> None:
    system = system_of(
        one_number(12, context={"extract": "2026-01-31"}), ledger=earlier(**{"registered|extract=2025-01-31": 10})
    )
    old, new = "registered|extract=2025-01-31", "registered|extract=2026-01-31"
    change = f"({new}) - ({old})"
    assert by_id(system, "values") == {change: 2, old: 10, new: 12}
    assert by_id(system, "lowest") == {change: -1000, old: 1, new: 1}
    assert ids_where(system, "fixed") == [old]
    assert (ids_where(system, "latent"), ids_where(system, "unsafe")) == ([change], [change])


def test_sums_that_do_not_hold_stop_the_release_and_are_told_once_each() -> None:
    first = Equation("fler", ((-1, cell("registered")), (1, cell("reached"))))
    second = Equation("fler", ((-1, cell("registered")), (1, cell("in_support"))))
    third = Equation("dubbelt", ((-1, cell("reached")), (2, cell("in_support"))))
    results = [
        one_number(12, equations=(first, second, third)),
        one_number(10, measure="reached"),
        one_number(5, measure="in_support"),
    ]
    with pytest.raises(DisclosureError) as refused:
        system_of(*results)
    assert refused.value.message() == (
        "Angivna summor ska stämma mellan tabellerna.\n"
        "  – fler\n"
        "Gör så här: se till att tabellerna räknar samma sak på samma uttag"
    )
    with pytest.raises(DisclosureError) as refused:
        system_of(*results[:2], one_number(6, measure="in_support"))
    assert refused.value.found == ("dubbelt", "fler")


# none and all


@pytest.mark.parametrize(
    ("numbers", "unsafe"),
    [((0, 30), True), ((1, 30), True), ((30, 0), True), ((30, 1), True), ((28, 2), False), ((2, 28), True), ((7, 30), False), ((0, 0), False)],
)  # fmt: skip
def test_none_and_all_of_a_disclosive_value_are_unsafe(numbers: tuple[int, int], unsafe: bool) -> None:
    system = system_of(by_reason(*numbers))
    assert ("coverage|reason=protected_identity" in ids_where(system, "unsafe")) is unsafe


@pytest.mark.parametrize(
    ("numbers", "known"), [((0, 30), True), ((30, 1), True), ((1, 1), True), ((2, 28), False), ((0, 0), False)]
)
def test_the_rest_of_the_group_is_known_of_a_cell_that_can_be_none_or_all(
    numbers: tuple[int, int], known: bool
) -> None:
    system = system_of(by_reason(*numbers))
    expected = dict.fromkeys(system.ids, -1)
    if known:
        expected["coverage|reason=protected_identity"] = system.ids.index(REST)
    assert by_id(system, "rest") == expected


def test_a_zero_that_can_be_hidden_is_neither_fixed_nor_at_least_one() -> None:
    """Beside a disclosive value a zero could tell that all the others have it."""
    system = system_of(by_reason(0, 30))
    assert by_id(system, "lowest") == {REST: 0, COVERAGE[0]: 0, COVERAGE[1]: 0, COVERAGE[2]: 1}
    assert ids_where(system, "fixed") == []
    assert ids_where(system, "latent") == [REST]


# how dear a cell is to readers


def test_a_cell_is_dearer_at_a_total_in_several_tables_and_where_it_is_large() -> None:
    """Twice for each split at its total, half as much again for each further table, one more for each digit."""
    district = by_district([9, 0, 90, 99])
    again = [one_number(99, measure="registered"), Result("third", "T", *_one(99))]
    system = system_of(district, *again)
    np.testing.assert_allclose(system.weights, [2 * (1 + 2) * (1 + 0.5 * 2), 1 + 1, 1, 1 + np.log10(91)], rtol=1e-12)


def _one(number: int) -> tuple[tuple[Count, ...], pd.DataFrame]:
    return (Count("n", "Antal", "registered"),), pd.DataFrame({"n": [number]})


def test_splits_are_counted_within_each_measure() -> None:
    district = by_district([9, 0, 9])
    system = system_of(district, one_number(9, measure="reached"))
    assert by_id(system, "weights") == {
        "reached": 2,
        "registered": 4,
        "registered|district=a": 2,
        "registered|district=b": 1,
    }


def test_letters_are_a_thousand_times_as_dear() -> None:
    assert system_of(by_district([9, 0, 9], unit="attempts")).weights.tolist() == [4000, 2000, 1000]
    assert system_of(by_district([9, 0, 9], unit="spells")).weights.tolist() == [4, 2, 1]


def test_what_no_table_tells_is_worth_nothing() -> None:
    declared = Equation("summan", ((-1, cell("registered")), (1, cell("reached")), (1, cell("in_support"))))
    system = system_of(one_number(99, equations=(declared,)), one_number(None, measure="reached"))
    assert by_id(system, "weights") == {"in_support": 0, "reached": 0, "registered": 3}


# parts


def test_tables_that_share_no_cell_are_parts_of_their_own_and_only_those_with_something_unsafe_are_looked_at() -> None:
    system = system_of(
        by_district([9, 2, 0, 11], name="a", measure="reached"),
        by_district([9, 8, 17], name="b", measure="registered"),
        by_district([1, 8, 9], name="c", measure="in_support"),
    )
    found = [[system.ids[position] for position in positions] for positions in system.components()]
    assert found == [
        ["in_support", "in_support|district=a", "in_support|district=b"],
        ["reached", "reached|district=a", "reached|district=b"],
    ]


def test_fixed_cells_join_nothing() -> None:
    """The total that was shown before stands in both lines, and stays as it is: each line is by itself."""
    first = by_district([9, 2, 11], name="a")
    sexes = pd.DataFrame({"sex": ["female", "male", "all"], "n": [8, 3, 11]})
    second = Result("b", "T", (Dimension("sex", "Kön", total="all"), Count("n", "Antal", "registered")), sexes)
    joined, apart = system_of(first, second), system_of(first, second, ledger=earlier(registered=11))
    assert [positions.tolist() for positions in joined.components()] == [[0, 1, 2, 3, 4]]
    assert [positions.tolist() for positions in apart.components()] == [[1, 2], [3, 4]]


def test_cells_hang_together_through_others() -> None:
    """a – b – c: the first and the last stand in no sum together."""
    sums = [
        Equation("en", ((-1, cell("entries")), (1, cell("exits")))),
        Equation("två", ((-1, cell("exits")), (1, cell("reached")))),
    ]
    numbers = [one_number(3, measure=name) for name in ("entries", "exits", "reached")]
    linked = Result("linked", "T", *_one(50), equations=tuple(sums))
    assert [positions.tolist() for positions in system_of(linked, *numbers).components()] == [[0, 1, 2]]


def test_the_cells_of_a_part_come_in_their_order() -> None:
    """Sixty cells in a row, each tied to the next but one: the even and the odd ones."""
    n = 60
    matrix = sparse.csr_array(np.eye(n, dtype=np.int64)[:-2] - np.eye(n, k=2, dtype=np.int64)[:-2])
    no, ones = np.zeros(n, dtype=bool), np.ones(n, dtype=np.int64)
    ids = tuple(f"m|district={number:02d}" for number in range(n))
    unsafe = np.arange(n) == 30
    for kept, expected in ((unsafe, [range(0, n, 2)]), (~no, [range(0, n, 2), range(1, n, 2)])):
        system = CellSystem(ids, ones, ones, no, no, no, kept, -ones, ones.astype(float), matrix)
        assert [positions.tolist() for positions in system.components()] == [list(part) for part in expected]


def test_a_part_holds_what_the_system_holds_of_its_cells() -> None:
    system = system_of(by_reason(0, 30), by_district([2, 5, 0, 7]), one_number(50, measure="attempts", unit="attempts"))
    positions = np.array([0, 1, 2, 3])
    part = system.part(positions)
    assert part.ids == (REST, "attempts", "coverage", COVERAGE[0])
    for field in fields(CellSystem):
        if field.name not in ("ids", "rest", "matrix"):
            assert getattr(part, field.name).tolist() == getattr(system, field.name)[positions].tolist()
    whole = system.part(np.arange(len(system.ids)))
    for field in fields(CellSystem):
        if field.name not in ("ids", "matrix"):
            assert getattr(whole, field.name).tolist() == getattr(system, field.name).tolist()
    assert whole.matrix.toarray().tolist() == system.matrix.toarray().tolist()


def test_the_rest_of_a_group_is_found_again_in_a_part() -> None:
    system = system_of(by_reason(0, 30), one_number(50, measure="attempts", unit="attempts"))
    identity, rest = system.ids.index(COVERAGE[1]), system.ids.index(REST)
    assert system.part(np.array([identity, rest])).rest.tolist() == [1, -1]
    assert system.part(np.array([rest, 2, identity])).rest.tolist() == [-1, -1, 0]


def test_a_rest_outside_the_part_is_none_of_it() -> None:
    system = system_of(by_reason(0, 30))
    assert system.part(np.array([system.ids.index(COVERAGE[1])])).rest.tolist() == [-1]


def test_sums_of_a_part_keep_their_terms_in_it_also_where_one_is_left() -> None:
    """The others do not move, so neither can a cell that is alone in its sum."""
    system = system_of(by_district([2, 5, 7]), by_district([6, 6, 12], name="b", measure="reached"))
    assert system.ids == (
        "reached",
        *(f"reached|district={d}" for d in "ab"),
        "registered",
        *(f"registered|district={d}" for d in "ab"),
    )
    assert system.part(np.array([3, 5])).matrix.toarray().tolist() == [[1, -1]]
    assert system.part(np.array([4])).matrix.toarray().tolist() == [[-1]]
    assert system.part(np.array([0, 1, 5])).matrix.toarray().tolist() == [[1, -1, 0], [0, 0, -1]]


def test_the_targets_of_a_system_are_those_of_its_cells_and_sums() -> None:
    targets = system_of(by_district([1, 1, 9, 11])).targets(width=4)
    assert targets.cells.tolist() == [1, 2]
    assert targets.forms.toarray().tolist() == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 1, 1, 0]]
