"""The log of offers: its codes, and the luck of an offer."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.row_log import Column, code_column, day_column

KINDS = ("SYV", "COA", "AIM", "GRP", "PRA", "UNG", "ANN")
PROVIDERS = ("UTBF", "AMF", "AF", "ANN")
YES_NO = ("", "J", "N")
STEPS = ("", "FOB", "PRA", "ANS")
ROUTES = ("", "EGEN", "ANH", "LOK", "SKS", "ANN")
REASONS_NOT_OFFERED = ("", "STOD", "PLATS", "ANN")
NOT_TOLD, YES, NO = range(3)
AIM, YOUTH_EMPLOYMENT = KINDS.index("AIM"), KINDS.index("UNG")
AMF = PROVIDERS.index("AMF")
OFFERS_PER_EPISODE = 256
"""Room for the offers of a turn among the turns of luck."""
COLUMNS = {
    "number": Column("int16"),
    "kind": code_column(*KINDS),
    "provider": code_column(*PROVIDERS),
    "offered": day_column(),
    "accepted": code_column(*YES_NO),
    "start": day_column(),
    "planned_end": day_column(),
    "consent": code_column(*YES_NO),
    "step": code_column(*STEPS),
    "goes_on": Column("bool", empty=False),
    "route_in": code_column(*ROUTES),
    "not_offered_reason": code_column(*REASONS_NOT_OFFERED),
}


class Number(IntEnum):
    """Numbers of offers that are not in the chain of offers, which are 0, 4, 8 …, an offer's further steps the two after it."""

    MISSING_SUPPORT = 254
    AIM_BY_STRATEGY = 255


def luck_of_offers(draws: Draws, number: ArrayLike) -> Draws:
    """Return the luck of one numbered offer of each episode.

    >>> luck_of_offers(Draws(1, [5, 5], turn=[0, 1]), 4).turn.tolist()
    [4, 260]
    """
    turn = draws.turn * OFFERS_PER_EPISODE + np.asarray(number, dtype=np.int64)
    return Draws(draws.seed, draws.persons, turn=turn)


def code_of(codes: tuple[str, ...], draws: Draws, name: str, weights: Mapping[str, ArrayLike]) -> NDArray[np.int8]:
    """Return places in ``codes``, drawn with the weights per code."""
    places = np.array([codes.index(code) for code in weights], dtype=np.int8)
    return places[draws.place(name, list(weights.values()))]
