"""What became of the offers when the way out is known: which were made, which were begun, how they ended and what came after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Codes, Days, Draws, Flags
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.school_calendar import days
from kaa_analysis.synthetic.support.offer_log import OFFERS_PER_EPISODE

STUDIES = ("NP", "IM", "ANG", "KVX", "FHS")
"""The ways out that are a study start."""
END_REASONS = ("", "STU", "ARB", "OKA", "ANN")
ACTIVITIES = ("", "ARB", "PRA", "SOK", "STU", "UTL", "FOR", "ING", "ANN", "OKA")
ACTIVITY_OF_REASON = {"STU": "STU", "ARB": "ARB", "OKA": "OKA"}
ACTIVITY_OF_NEXT_STEP = {"FOB": "PRA", "PRA": "ARB"}


def finish_offers(
    offers: pd.DataFrame, episodes: Episodes, *, end: Days, way: Codes, seed: int, margins: Margins
) -> pd.DataFrame:
    """Return the offers made before each episode's ``end`` (n_episodes,; NaT = no end), with end, end_reason and activity_after.

    ``way`` (n_episodes,) is the exit reason. Support that would begin on ``end`` or later is not begun. Support goes on after the way out,
    but one that is followed by a study start soon after often ends then, or before, for studies. ``planned_end`` and ``goes_on`` are gone.
    """
    place = offers["episode"].to_numpy()
    made = ~(offers["offered"].to_numpy() >= end.astype("datetime64[s]")[place])
    offers = offers[made].reset_index(drop=True)
    place = offers["episode"].to_numpy()
    out = end.astype("datetime64[s]")[place]
    begun = offers["start"].notna().to_numpy() & ~(offers["start"].to_numpy() >= out)
    goes_on = begun & offers["goes_on"].to_numpy() & ~(offers["planned_end"].to_numpy() >= out)
    draws = _luck(offers, episodes, seed=seed)
    for_studies = begun & ~goes_on & _studies_soon(offers, out, way[place], draws=draws, margins=margins)
    planned = offers["planned_end"].to_numpy()
    ended = np.where(for_studies & (out < planned), out, planned)
    reason = _reasons(begun, goes_on, for_studies, draws=draws, margins=margins)
    after = _activities_after(reason, offers["step"], goes_on, draws=draws, margins=margins)
    return offers.drop(columns=["planned_end", "goes_on"]).assign(
        start=offers["start"].where(begun),
        end=pd.Series(ended).where(begun),
        end_reason=pd.Categorical(reason, categories=list(END_REASONS)),
        activity_after=pd.Categorical(after, categories=list(ACTIVITIES)),
    )


def _luck(offers: pd.DataFrame, episodes: Episodes, *, seed: int) -> Draws:
    place = offers["episode"].to_numpy()
    turn = episodes.turn[place] * OFFERS_PER_EPISODE + offers["number"].to_numpy()
    return Draws(seed, episodes.person[place], turn=turn)


def _studies_soon(offers: pd.DataFrame, out: Days, way: Codes, *, draws: Draws, margins: Margins) -> Flags:
    latest = offers["planned_end"].to_numpy() + days(margins.share("study_start_after_support_days"))
    soon = np.isin(way, STUDIES) & (out <= latest)
    return soon & draws.chance("support.ends_at_study_start", margins.share("ends_at_study_start"))


def _reasons(begun: Flags, goes_on: Flags, for_studies: Flags, *, draws: Draws, margins: Margins) -> Codes:
    reason = draws.pick("support.end_reason", margins.weights("end_reason_without_study_start"))
    reason = np.where(for_studies, "STU", np.where(goes_on, "ANN", reason))
    return np.where(begun, reason, "")


def _activities_after(reason: Codes, step: pd.Series, goes_on: Flags, *, draws: Draws, margins: Margins) -> Codes:
    other = draws.pick("support.activity_after", margins.weights("activity_after_other"))
    after = np.select([reason == code for code in ACTIVITY_OF_REASON], list(ACTIVITY_OF_REASON.values()), other)
    following = [goes_on & step.eq(code).to_numpy() for code in ACTIVITY_OF_NEXT_STEP]
    after = np.select(following, list(ACTIVITY_OF_NEXT_STEP.values()), after)
    return np.where(reason == "", "", after)
