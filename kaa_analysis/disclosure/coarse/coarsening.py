"""Coarsen before hiding: put rows of a split together where too many of their numbers would be hidden.

The groups are declared with the split (`core.result.Dimension.coarser`). The finest level is taken at which at most the policy's share
``coarsen_above`` of the numbers in the split's rows would have to be hidden (`expected_loss`); if there is none, the level that loses the
smallest share of numbers and of what they count. What is still unsafe is suppressed as ever. Totals stand outside the groups and stay.

**Together.** Tables that print the same cell, and tables of one measure about places of one kind (each district of a release), get one
level, by all their numbers: else the finer one gives away what the coarser one hides. The city as a whole is another kind of place than
its districts and may be shown finer. What other tables and equations still say of the rows that are gone goes on as equations
(`merged_equations`), so that hiding knows of it.

**What the choice tells.** The level depends on secret counts. A finer level chosen tells that few numbers had to be hidden, which the
symbols in the table show anyway; a coarser one that many would have been, in all rows and tables together: one inequality over a
whole table, which points at no row and says no more than the many hidden symbols would have said in its place. Where nothing is unsafe
the level is the finest, whatever the policy tolerates. The same holds for a city and for its districts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from kaa_analysis.core.groupings import Grouping
from kaa_analysis.core.result import Cell, Count, Dimension, Result
from kaa_analysis.disclosure.coarse.expected_loss import expected_loss
from kaa_analysis.disclosure.coarse.merged_equations import merge_together
from kaa_analysis.disclosure.coarse.merged_rows import can_be_merged, merged
from kaa_analysis.disclosure.policy import Policy


@dataclass(frozen=True)
class _Together:
    """Tables, by their numbers among the results, whose rows of one split get the same level."""

    split: str
    tables: tuple[int, ...]


def coarsen(results: Sequence[Result], *, policy: Policy, published: Collection[str] = ()) -> list[Result]:
    """Return the results with every split at the level it is shown in, and no further groupings: coarsening again changes nothing.

    A table with estimates or words is never coarsened, nor is one that shares rows with such a table or with one whose split has
    other groups. ``published`` are ids of cells that readers have from earlier releases. Neither the order of results nor of their
    rows changes the level.
    """
    found = list(results)
    for together in _all_together(found):
        grouping = _chosen([found[number] for number in together.tables], split=together.split, policy=policy)
        if grouping is not None:
            found = merge_together(
                found, at=together.tables, split=together.split, grouping=grouping, published=published
            )
    return [_decided(result) for result in found]


def _decided(result: Result) -> Result:
    if not any(split.coarser for split in result.of_role(Dimension)):
        return result
    columns = (replace(column, coarser=()) if isinstance(column, Dimension) else column for column in result.columns)
    return replace(result, columns=tuple(columns))


def _chosen(tables: Sequence[Result], *, split: str, policy: Policy) -> Grouping | None:
    """Return the grouping to show, None for the rows as they are."""
    losses = {}
    for grouping in (None, *_common_levels(tables, split)):
        shown = [table if grouping is None else merged(table, split=split, grouping=grouping) for table in tables]
        name = split if grouping is None else grouping.name
        loss = expected_loss(shown, split=name, policy=policy)
        if loss.of_numbers <= policy.coarsen_above:
            return grouping
        losses[loss.of_numbers + loss.of_counted, len(losses)] = grouping
    return losses[min(losses)]


def _common_levels(tables: Sequence[Result], split: str) -> list[Grouping]:
    """Return the levels that all the tables have, from finer to coarser."""
    levels = [table.column(split).coarser if can_be_merged(table) else () for table in tables]
    together = takewhile(lambda level: all(other == level[0] for other in level), zip(*levels, strict=False))
    return [level[0] for level in together]


def _all_together(results: Sequence[Result]) -> Iterator[_Together]:
    """Give the tables that belong together, for every split with groupings."""
    grouped = {split.name for result in results for split in result.of_role(Dimension) if split.coarser}
    for name in sorted(grouped):
        ties = {
            number: _ties(result, name)
            for number, result in enumerate(results)
            if any(split.name == name for split in result.of_role(Dimension))
        }
        for tables in _joined(ties):
            yield _Together(name, tables)


def _ties(result: Result, split: str) -> frozenset[object]:
    """Return what binds a table to others: its cells in the split's rows, and its measures with the kind of place it is about."""
    kind = frozenset(result.context)
    counts = [count for count in result.of_role(Count) if split not in count.regardless_of]
    cells: set[Cell] = {place for count in counts for place in result.cells_of(count) if split in dict(place.place)}
    return frozenset({*cells, *((count.measure, kind) for count in counts)})


def _joined(ties: dict[int, frozenset[object]]) -> list[tuple[int, ...]]:
    """Return the tables that hang together, directly or through others."""
    groups: list[tuple[tuple[int, ...], frozenset[object]]] = []
    for number, own in ties.items():
        touching = [group for group in groups if group[1] & own]
        groups = [group for group in groups if not group[1] & own]
        tables = (*(each for group in touching for each in group[0]), number)
        groups.append((tables, own.union(*(group[1] for group in touching))))
    return [tables for tables, _ in groups]
