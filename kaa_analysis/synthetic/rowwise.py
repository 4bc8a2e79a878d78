"""Records of arrays that belong together row by row: a part of such a record, and several of them as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.synthetic.draws import Draws


class Rowwise:
    """A frozen record whose fields are arrays of shape (n, …), or the `Draws` of n persons, an element per row.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, eq=False)
    ... class Two(Rowwise):
    ...     name: np.ndarray
    ...     age: np.ndarray
    >>> both = Two(np.array(["a", "b"]), np.array([16, 17]))
    >>> len(both), both.of([1]).name.tolist(), stacked([both, both.of([0])]).age.tolist()
    (2, ['b'], [16, 17, 16])
    """

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def of(self, rows: ArrayLike) -> Self:
        """Return some of the rows (places or flags)."""
        return type(self)(*(_part(getattr(self, field.name), rows) for field in fields(self)))


Kind = TypeVar("Kind", bound=Rowwise)


def stacked(parts: Sequence[Kind]) -> Kind:
    """Return the rows of several records of one kind, one after the other, as one record."""
    kind = type(parts[0])
    return kind(*(_together([getattr(part, field.name) for part in parts]) for field in fields(kind)))


def _part(values: Any, rows: ArrayLike) -> Any:
    return values.of(rows) if isinstance(values, Draws) else values[rows]


def _together(values: Sequence[Any]) -> Any:
    if isinstance(values[0], Draws):
        persons, turns = (np.concatenate([getattr(part, name) for part in values]) for name in ("persons", "turn"))
        return Draws(values[0].seed, persons, turn=turns)
    return np.concatenate(values)
