"""The rules that the attack tries a publication against: they are public, so an attacker knows them too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kaa_analysis.disclosure.attack.publication import SeenCell, place_of

MEASURES = "measure"
"""The key under which whole measures are listed as disclosive."""

VOLUMES = "attempts"
"""The unit, and the measure, of volumes of work: they point at no person."""


@dataclass(frozen=True)
class Rules:
    """Counts of persons in 1 … ``unsafe_below`` − 1 are unsafe.

    ``disclosive`` maps a split to values for which "none" and "all of the group" are unsafe too (whole measures under the key
    ``measure``), except at the cells of ``structural``, where a zero is true by definition. ``volumes`` are measures of work.
    """

    unsafe_below: int = 5
    disclosive: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    structural: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset({VOLUMES})

    def is_unsafe(self, number: int) -> bool:
        """Return whether a count of persons is too small to be told."""
        return 1 <= number < self.unsafe_below

    def is_volume(self, cell_id: str, cell: SeenCell | None) -> bool:
        """Return whether a cell counts work, not persons."""
        return (cell is not None and cell.unit == VOLUMES) or cell_id.split("|")[0] in self.volumes

    def is_disclosive(self, cell_id: str) -> bool:
        """Return whether "none" and "all" tell something about each one of the group."""
        if cell_id.split("|")[0] in self.disclosive.get(MEASURES, ()):
            return True
        return any(value in self.disclosive.get(name, ()) for name, value in place_of(cell_id).items())
