"""Those who are still sought in a round of outreach, and their luck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from kaa_analysis.synthetic.draws import Days, Draws, Flags, Numbers, Shares
from kaa_analysis.synthetic.outreach.contact_log import Outcome, Places, Small
from kaa_analysis.synthetic.rowwise import Rowwise

CLOSING = (Outcome.NA, Outcome.AB)
"""After a conversation or a no nobody is sought further until the next autumn."""


@dataclass(frozen=True, eq=False)
class Sought(Rowwise):
    """Arrays of shape (n,), an element per youth sought: place among the episodes, the day the next step may be taken, the first day the
    round is over. ``ease`` multiplies the chance to be reached; ``n_calls`` are those planned, and made when `call` has returned."""

    episode: Places
    draws: Draws
    day: Days
    stop: Days
    ease: Shares
    has_phone: Flags
    is_protected: Flags
    n_calls: Numbers

    def on(self, day: Days) -> Sought:
        """Return them at another day, without those whose round is over then."""
        return replace(self, day=day).of(day < self.stop)


def outcomes(sought: Sought, name: str, weights: Mapping[str, float]) -> Small:
    """Return what comes of a contact with each: who is easily reached is reached oftener and is less often silent."""
    gained = weights["NA"] * (sought.ease - 1)
    return drawn(sought.draws, name, {**weights, "NA": weights["NA"] + gained, "EJ": weights["EJ"] - gained})


def drawn(draws: Draws, name: str, weights: Mapping[str, ArrayLike]) -> Small:
    """Return the codes of outcomes drawn with their weights."""
    codes = np.array([Outcome[code] for code in weights], dtype=np.int8)
    return codes[draws.place(name, list(weights.values()))]
