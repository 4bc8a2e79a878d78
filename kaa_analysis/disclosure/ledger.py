"""The ledger: what was published before. An attacker has it, so the door must have it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PublishedCell:
    """A cell of an earlier release: its id and the number that was shown (None = it was hidden)."""

    cell_id: str
    value: int | None


@dataclass(frozen=True)
class Ledger:
    """Everything published before. There is no default: whoever protects says which ledger, or says that there is none.

    ``sums`` are the equations among earlier cells, each as terms (coefficient, cell id) that sum to zero. ``methods`` maps the measures
    of earlier releases to the method they were protected with (`Policy.method_of`).
    """

    published: tuple[PublishedCell, ...]
    sums: tuple[tuple[tuple[int, str], ...], ...] = ()
    methods: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def empty(cls) -> Ledger:
        """Return the ledger of somebody who has never published anything.

        >>> Ledger.empty().published
        ()
        """
        return cls(published=())
