"""The log of contacts: its codes, and when each youth was first reached."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.synthetic.row_log import Column, RowLog, code_column, day_column

Places = NDArray[np.int32]
Small = NDArray[np.int8]

REACHED = "NA"
NEVER = np.datetime64("9999-01-01", "D")
"""Later than every day: the day somebody is reached who never is."""


class Channel(IntEnum):
    """Ways of contact, in the order of the routine."""

    BREV = 0
    SMS = 1
    TEL = 2
    KNACK = 3
    HEM = 4
    EPOST = 5
    SOC = 6
    DROP = 7


class Outcome(IntEnum):
    """What came of a contact."""

    EJ = 0
    SV = 1
    NA = 2
    VH = 3
    AB = 4
    RET = 5


class Responder(IntEnum):
    """Who got in touch."""

    NOBODY = 0
    U = 1
    V = 2


class Mailing(IntEnum):
    """Kinds of mailings; those after ``F20`` have the year in their name."""

    UNNAMED = 0
    F20 = 1
    HT = 2
    VT = 3
    STB = 4


FIRST_YEAR, N_YEARS = 2000, 60
CAMPAIGNS = ("", "F20", *(f"{kind}{FIRST_YEAR + year}" for year in range(N_YEARS) for kind in ("HT", "VT", "STB")))
OUTGOING, INCOMING = 0, 1
COLUMNS = {
    "day": day_column(),
    "direction": code_column("U", "I"),
    "channel": code_column(*Channel.__members__),
    "campaign": code_column(*CAMPAIGNS),
    "staff": Column("int8"),
    "planned_visit": day_column(),
    "outcome": code_column(*Outcome.__members__),
    "responded": day_column(),
    "responder": code_column("", "U", "V"),
}


def campaign_code(mailing: ArrayLike, year: ArrayLike) -> NDArray[np.int16]:
    """Return the codes of mailings of a year.

    >>> CAMPAIGNS[campaign_code(Mailing.HT, 2020)], CAMPAIGNS[campaign_code(Mailing.F20, 2020)]
    ('HT2020', 'F20')
    """
    kind = np.asarray(mailing, dtype=np.int64)
    of_year = 3 * (np.asarray(year, dtype=np.int64) - FIRST_YEAR) + kind
    return np.where(kind < Mailing.HT, kind, of_year).astype(np.int16)


class ContactLog:
    """The contacts of ``n_episodes``, and the day each episode's youth was first reached (`NEVER` until then)."""

    def __init__(self, n_episodes: int) -> None:
        self.reached = np.full(n_episodes, NEVER)
        self._rows = RowLog(COLUMNS)

    def add(self, episode: Places, **columns: ArrayLike) -> None:
        """Write down at most one contact of each of some episodes; a column left out is empty, a single value stands for all."""
        block = self._rows.add(episode=episode, **columns)
        talked = block["outcome"] == Outcome.NA
        day = np.where(np.isnat(block["responded"]), block["day"], block["responded"])[talked]
        self.reached[episode[talked]] = np.minimum(self.reached[episode[talked]], day)

    def contacts(self) -> pd.DataFrame:
        """Return a row per contact, in the order of episode, then day, then writing down."""
        return self._rows.table(by="day")
