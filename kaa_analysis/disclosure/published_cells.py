"""What a release prints: every count cell once, however many tables hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Result, Unit


@dataclass(frozen=True)
class PublishedCount:
    """A count cell of the release. ``value`` None = unknown; ``depth`` is the number of splits that are not at their total."""

    measure: str
    depth: int
    value: int | None
    unit: Unit
    tables: tuple[str, ...]


def collect(results: Sequence[Result]) -> dict[str, PublishedCount]:
    """Return every count cell of the release by its id.

    Raises:
        DisclosureError: two results share an id, or a cell has two values or two units in the release.
    """
    _check_ids(results)
    counts: dict[str, PublishedCount] = {}
    problems = []
    for result in sorted(results, key=lambda result: result.id):
        units = result.units()
        for place, value in result.cells().items():
            count = PublishedCount(place.measure, len(place.place), value, units[place], (result.id,))
            earlier = counts.get(place.id)
            if earlier is not None and (earlier.value, earlier.unit) != (value, count.unit):
                what = "värden" if earlier.value != value else "enheter"
                problems.append(f"{place.measure}: olika {what} i {earlier.tables[-1]} och {result.id}")
            tables = (*(earlier.tables if earlier else ()), result.id)
            counts[place.id] = PublishedCount(count.measure, count.depth, value, count.unit, tables)
    if problems:
        raise DisclosureError(
            "Samma cell ska ha samma värde i alla tabeller.",
            found=sorted(set(problems)),
            action="ge det som räknas olika var sitt namn (measure), eller ange vad som skiljer (context)",
        )
    return counts


def _check_ids(results: Sequence[Result]) -> None:
    ids = [result.id for result in results]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise DisclosureError("Varje resultat ska ha ett eget id.", found=repeated)
