"""What the attack found: kinds, tables and how many; never a value and never the place of a cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

KINDS = {
    "count": "antal under tröskeln som inte kan ha varje värde",
    "union": "grupper av delar som tillsammans är under tröskeln",
    "difference": "skillnader mellan två inneslutna grupper under tröskeln",
    "nested": "skillnader mellan grupper flera led isär under tröskeln",
    "period": "skillnader mellan två inneslutna perioder under tröskeln",
    "revision": "skillnader mot en tidigare release under tröskeln",
    "disclosive": "ingen eller alla i en grupp med ett känsligt värde",
    "latent": "tal som inte redovisas men som säkert är under tröskeln",
    "determined": "dolda tal som går att räkna ut",
    "narrowed": "dolda tal under tröskeln som inte kan ha varje värde",
    "small": "dolda tal som säkert är under tröskeln",
    "share": "andelar som visas fast ett av deras antal är dolt",
    "estimate": "skattningar som visas fast ett av deras antal är dolt",
    "curve": "punkter på en kurva efter ett dolt antal",
}
"""The closed set of what can be found, with the words for it."""


@dataclass(frozen=True)
class Finding:
    """One thing that the publication gives away: of which kind, and in which tables its cells stand."""

    kind: str
    tables: tuple[str, ...]


@dataclass(frozen=True)
class Findings:
    """All that was found, and how many targets were attacked."""

    found: tuple[Finding, ...]
    n_targets: int

    @property
    def by_kind(self) -> dict[str, int]:
        """How many of each kind, in the order of the kinds."""
        counted = Counter(finding.kind for finding in self.found)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    def lines(self) -> list[str]:
        """Return a Swedish line per kind: how many, and in which tables."""
        return [
            f"{KINDS[kind]}: {number} (tabeller: {', '.join(_tables(self.found, kind)) or 'ingen'})"
            for kind, number in self.by_kind.items()
        ]


def _tables(found: Iterable[Finding], kind: str) -> list[str]:
    return sorted({table for finding in found if finding.kind == kind for table in finding.tables})
