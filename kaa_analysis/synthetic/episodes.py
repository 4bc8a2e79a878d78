"""A time outside school: from the first day in the target group, and what bears on how it goes."""

from __future__ import annotations

from dataclasses import dataclass

from kaa_analysis.synthetic.draws import Codes, Days, Flags, Numbers, Shares
from kaa_analysis.synthetic.rowwise import Rowwise


@dataclass(frozen=True, eq=False)
class Episodes(Rowwise):
    """Arrays of shape (n,), an element per episode. Days are first days; ``until`` is the 20th birthday, the first day outside."""

    person: Numbers
    turn: Numbers
    entry: Days
    registered: Days
    until: Days
    district: Codes
    entry_reason: Codes
    last_school: Codes
    has_phone: Flags
    is_protected: Flags
    newly_resident: Flags
    openness: Shares
    motivation: Shares
