"""What a release prints: every count cell once, however many tables hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Cell, Count, Dimension, Result, Unit


@dataclass(frozen=True)
class PublishedCount:
    """A count cell of the release. ``value`` None = unknown; ``cumulative`` as in `core.result.Count`; ``tables`` print it.

    ``key`` says that readers need it most: its column is one of `core.result.Count.key`, and every split of it stands at its total.
    """

    cell: Cell
    value: int | None
    unit: Unit
    cumulative: bool
    key: bool
    tables: tuple[str, ...]

    @property
    def depth(self) -> int:
        """The number of splits that are not at their total."""
        return len(self.cell.place)


def collect(results: Sequence[Result]) -> dict[str, PublishedCount]:
    """Return every count cell of the release by its id.

    Raises:
        DisclosureError: two results share an id, or a cell has two values or two units in the release.
    """
    _check_ids(results)
    counts: dict[str, PublishedCount] = {}
    problems = []
    for result in sorted(results, key=lambda result: result.id):
        values = result.cells()
        with_totals = {split.name for split in result.of_role(Dimension) if split.total is not None}
        for column in result.of_role(Count):
            for place in dict.fromkeys(result.cells_of(column)):
                key = column.key and with_totals.isdisjoint(name for name, _ in place.place)
                count = PublishedCount(place, values[place], column.unit, column.cumulative, key, (result.id,))
                earlier = counts.get(place.id)
                if earlier is None:
                    counts[place.id] = count
                    continue
                if (earlier.value, earlier.unit) != (count.value, count.unit):
                    what = "värden" if earlier.value != count.value else "enheter"
                    problems.append(f"{place.measure}: olika {what} i {earlier.tables[-1]} och {result.id}")
                counts[place.id] = _joined(earlier, count)
    if problems:
        raise DisclosureError(
            "Samma cell ska ha samma värde i alla tabeller.",
            found=sorted(set(problems)),
            action="ge det som räknas olika var sitt namn (measure), eller ange vad som skiljer (context)",
        )
    return counts


def _joined(earlier: PublishedCount, count: PublishedCount) -> PublishedCount:
    tables = tuple(dict.fromkeys((*earlier.tables, *count.tables)))
    cumulative, key = earlier.cumulative or count.cumulative, earlier.key or count.key
    return PublishedCount(count.cell, count.value, count.unit, cumulative, key, tables)


def _check_ids(results: Sequence[Result]) -> None:
    ids = [result.id for result in results]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise DisclosureError("Varje resultat ska ha ett eget id.", found=repeated)
