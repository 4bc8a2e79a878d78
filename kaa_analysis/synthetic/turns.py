"""What a turn of a life begins with: a study start, or a first day outside school."""

from __future__ import annotations

from dataclasses import dataclass

from kaa_analysis.synthetic.draws import Codes, Days, Flags, Numbers
from kaa_analysis.synthetic.rowwise import Rowwise


@dataclass(frozen=True, eq=False)
class Starts(Rowwise):
    """Study starts, arrays (n,): the person's place in the batch, form, first day. ``from_school`` = without a time outside before."""

    rows: Numbers
    form: Codes
    day: Days
    from_school: Flags


@dataclass(frozen=True, eq=False)
class Outside(Rowwise):
    """First days outside school, arrays (n,): the person's place in the batch, the day, why, the last school form.

    ``from_school`` = a pupil until the day before, or until a move into the city in the same summer.
    """

    rows: Numbers
    day: Days
    reason: Codes
    last_school: Codes
    from_school: Flags
