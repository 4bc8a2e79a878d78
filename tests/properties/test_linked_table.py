"""A simulated table of 2 106 linked cells: what is hidden holds against the attack, and is no more than was measured."""

from __future__ import annotations

from kaa_analysis.disclosure.hiding.secondary import hidden_cells
from tests.bench.linked_table import BELOW, attacked, read_table, system_of


def test_the_attack_finds_nothing_and_no_more_is_hidden_than_was_measured() -> None:
    """No choice of fewer than 208 further cells is safe (`bench.linked_table.least_further_cells`)."""
    table = read_table()
    system = system_of(table, lowest=1)
    assert (len(table), int(system.unsafe.sum())) == (2106, 391)
    hidden = hidden_cells(system, width=BELOW - 1)
    found = attacked(table, hidden)
    assert (found.by_kind, found.n_targets) == ({}, 1469)
    assert 208 <= int((hidden & ~system.unsafe).sum()) <= 276


def test_where_hidden_cells_can_be_zero_fewer_are_hidden_than_by_another_software() -> None:
    """tau-argus, whose reader does not know that a hidden cell is at least 1, hides 239 at a protection range of 100 %."""
    system = system_of(read_table(), lowest=0)
    hidden = hidden_cells(system, width=BELOW - 1)
    assert int((hidden & ~system.unsafe).sum()) <= 219


def test_the_unsafe_cells_alone_are_not_enough() -> None:
    table = read_table()
    assert attacked(table, table["n"].between(1, BELOW - 1).to_numpy()).by_kind == {
        "count": 387,
        "union": 1045,
        "nested": 3,
    }
