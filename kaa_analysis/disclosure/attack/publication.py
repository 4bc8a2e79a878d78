"""What an attacker has in hand: cells by id, and what is printed or declared about how they hang together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from kaa_analysis.core.errors import DisclosureError

SHOWN, ROUNDED, PROTECTED, UNKNOWN = "shown", "rounded", "protected", "unknown"
"""What a printed count can say, as the files of a bundle say it."""

Terms = tuple[tuple[int, str], ...]
"""An equation: the sum of coefficient × cell is zero."""

Pair = tuple[str, str]
"""Two cells of which the first is never larger than the second."""


@dataclass(frozen=True)
class SeenCell:
    """A count as readers see it. ``value`` is None unless it is shown or rounded (then to a multiple of ``base``)."""

    cell_id: str
    state: str
    value: int | None = None
    unit: str | None = None
    base: int | None = None
    tables: tuple[str, ...] = ()

    @cached_property
    def measure(self) -> str:
        """What is counted."""
        return self.cell_id.split("|")[0]

    @cached_property
    def place(self) -> dict[str, str]:
        """The splits that do not stand at their total, with their values."""
        return place_of(self.cell_id)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The lowest and highest true count that would be printed like this, or None if nothing is printed.

        Counts are rounded half up.

        >>> SeenCell("n", ROUNDED, 10, base=5).bounds, SeenCell("n", ROUNDED, 10, base=10).bounds
        ((8, 12), (5, 14))
        """
        if self.value is None:
            return None
        if self.state != ROUNDED:
            return self.value, self.value
        base = self.base or 1
        return max(0, self.value - base // 2), self.value + (base + 1) // 2 - 1


@dataclass(frozen=True)
class Publication:
    """All that is published together. ``equations`` hold as declared; ``sums`` are totals that an attacker would guess at:
    those that the printed numbers contradict are not believed. ``shares`` are pairs of numerator and denominator, and
    ``cumulative`` the measures that only grow with a longer period. ``earlier`` are cells that only an earlier release printed.
    """

    cells: Mapping[str, SeenCell]
    equations: tuple[Terms, ...] = ()
    sums: tuple[Terms, ...] = ()
    shares: tuple[Pair, ...] = ()
    cumulative: frozenset[str] = frozenset()
    earlier: frozenset[str] = frozenset()

    def with_earlier(self, published: Mapping[str, int | None]) -> Publication:
        """Return the publication together with what was published before (None = it was hidden).

        Raises:
            DisclosureError: a cell that was shown is shown with another value now.
        """
        old = [
            SeenCell(cell_id, PROTECTED if value is None else SHOWN, value, tables=("(tidigare)",))
            for cell_id, value in sorted(published.items())
        ]
        cells = merged([*self.cells.values(), *old])
        return Publication(
            cells,
            self.equations,
            self.sums,
            self.shares,
            self.cumulative,
            self.earlier | frozenset(published.keys() - self.cells.keys()),
        )


def place_of(cell_id: str) -> dict[str, str]:
    """Return the place of a cell.

    >>> place_of("registered|period=2024|sex=female")
    {'period': '2024', 'sex': 'female'}
    """
    parts = (part.partition("=") for part in cell_id.split("|")[1:])
    return {name: value for name, _, value in parts}


def without(cell_id: str, name: str) -> str:
    """Return the id of the cell with one split at its total.

    >>> without("registered|period=2024|sex=female", "period")
    'registered|sex=female'
    """
    return "|".join(part for part in cell_id.split("|") if not part.startswith(f"{name}="))


def id_of(measure: str, place: Mapping[str, str]) -> str:
    """Return the id of the cell of ``measure`` at ``place``.

    >>> id_of("registered", {"sex": "female", "period": "2024"})
    'registered|period=2024|sex=female'
    """
    return "|".join([measure, *(f"{name}={place[name]}" for name in sorted(place))])


def merged(cells: Iterable[SeenCell]) -> dict[str, SeenCell]:
    """Return every cell once, by id: what is shown anywhere is seen.

    Raises:
        DisclosureError: a cell is shown with two values.
    """
    found: dict[str, SeenCell] = {}
    conflicts = set()
    for cell in cells:
        known = found.get(cell.cell_id)
        if known is None:
            found[cell.cell_id] = cell
            continue
        if None not in (known.value, cell.value) and (known.state, known.value) != (cell.state, cell.value):
            conflicts.update((*known.tables, *cell.tables))
        best = known if _tells(known) >= _tells(cell) else cell
        found[cell.cell_id] = SeenCell(
            cell.cell_id,
            best.state,
            best.value,
            known.unit or cell.unit,
            best.base,
            tuple(dict.fromkeys((*known.tables, *cell.tables))),
        )
    if conflicts:
        raise DisclosureError("Samma cell ska visas med samma värde överallt.", found=sorted(conflicts))
    return found


def _tells(cell: SeenCell) -> int:
    return (UNKNOWN, PROTECTED, ROUNDED, SHOWN).index(cell.state)
