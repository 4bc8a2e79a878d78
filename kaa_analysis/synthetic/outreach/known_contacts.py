"""What of the potential contacts there was: those before a way out, and whether they were answered by then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days
from kaa_analysis.synthetic.outreach.contact_log import REACHED
from kaa_analysis.synthetic.school_calendar import NO_DAY


def cut(contacts: pd.DataFrame, *, end: Days) -> pd.DataFrame:
    """Return the contacts before each episode's ``end`` (shape (n_episodes,), the first day outside; NaT = no end).

    A contact on ``end`` or later is gone; one that was answered on ``end`` or later was not answered.
    """
    of_contact = np.asarray(end, dtype="datetime64[s]")[contacts["episode"].to_numpy()]
    made = ~(contacts["day"].to_numpy() >= of_contact)
    known, of_contact = contacts[made].reset_index(drop=True), of_contact[made]
    late = known["responded"].to_numpy() >= of_contact
    known.loc[late, "outcome"] = "EJ"
    known.loc[late, "responder"] = ""
    known.loc[late, "responded"] = pd.NaT
    return known


def first_reached(contacts: pd.DataFrame, *, n_episodes: int) -> Days:
    """Return the day of the first conversation with the youth of each episode, shape (n_episodes,); NaT where there is none."""
    talks = contacts[contacts["outcome"].eq(REACHED).to_numpy()]
    talked = talks["responded"].fillna(talks["day"]).to_numpy().astype("datetime64[D]")
    days = np.full(n_episodes, np.iinfo(np.int64).max)
    np.minimum.at(days, talks["episode"].to_numpy(), talked.astype(np.int64))
    return np.where(days == np.iinfo(np.int64).max, NO_DAY, days.astype("datetime64[D]"))
