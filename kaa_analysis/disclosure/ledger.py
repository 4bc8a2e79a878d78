"""The ledger: what was published before. An attacker has it, so the door must have it too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedCell:
    """A cell of an earlier release: its id and the number that was shown (None = it was hidden)."""

    cell_id: str
    value: int | None


@dataclass(frozen=True)
class Ledger:
    """Everything published before. There is no default: whoever protects says which ledger, or says that there is none."""

    published: tuple[PublishedCell, ...]

    @classmethod
    def empty(cls) -> Ledger:
        """Return the ledger of somebody who has never published anything.

        >>> Ledger.empty().published
        ()
        """
        return cls(published=())
