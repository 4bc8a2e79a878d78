"""What a turn of a life begins with: a study start, or a first day outside school."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.synthetic.draws import Codes, Days, Flags, Numbers


@dataclass(frozen=True, eq=False)
class Starts:
    """Study starts, arrays (n,): the person's place in the batch, form, first day. ``from_school`` = without a time outside before."""

    rows: Numbers
    form: Codes
    day: Days
    from_school: Flags

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, chosen: ArrayLike) -> Starts:
        """Return some of the starts."""
        return Starts(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Outside:
    """First days outside school, arrays (n,): the person's place in the batch, the day, why, the last school form.

    ``from_school`` = a pupil until the day before, or until a move into the city in the same summer.
    """

    rows: Numbers
    day: Days
    reason: Codes
    last_school: Codes
    from_school: Flags

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, chosen: ArrayLike) -> Outside:
        """Return some of them."""
        return Outside(*(getattr(self, field.name)[chosen] for field in fields(self)))


Several = TypeVar("Several", Starts, Outside)


def joined(parts: Sequence[Several]) -> Several:
    """Return several study starts, or several first days outside, as one."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(kind)))
