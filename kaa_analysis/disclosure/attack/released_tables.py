"""The only door from the protection's tables to the attack: what is printed of them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from kaa_analysis.disclosure.attack.findings import Finding
from kaa_analysis.disclosure.attack.hidden_behind import TIME_SPLITS, shown_over_hidden
from kaa_analysis.disclosure.attack.printed import Printed, publication_of
from kaa_analysis.disclosure.attack.publication import Publication, Terms
from kaa_analysis.disclosure.released import Released, State


def from_released(
    tables: Iterable[Released], *, equations: Iterable[Terms] = (), rounding_base: int | None = None
) -> Publication:
    """Return what is published in released tables, with declared equations as (coefficient, cell id) tuples.

    Raises:
        DisclosureError: a cell is printed with two values.
    """
    return publication_of([_printed(table) for table in tables], equations=equations, rounding_base=rounding_base)


def structural_findings(tables: Iterable[Released], *, time_splits: Iterable[str] = TIME_SPLITS) -> tuple[Finding, ...]:
    """Return every share, estimate or point of a curve that is shown although a count that it rests on is hidden."""
    return shown_over_hidden([_printed(table) for table in tables], time_splits=time_splits)


def _printed(table: Released) -> Printed:
    states = table.states.map(lambda state: str(State(state)))
    return Printed(table.id, table.columns, table.values, states, table.cell_ids)
