"""Surveys (the action plan's 7.3): who is invited, who answers, and the answers, of which none can be led back to a person."""

from __future__ import annotations

from datetime import date
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from kaa_analysis.synthetic.draws import Days, Draws, Flags, Shares
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.school_calendar import NO_DAY, days

QUESTIONS = {
    "FK": ("F1", "F2", "F3", "F4"),
    "AIM": ("A1", "A2", "A3", "A4"),
    "GRP": ("G1", "G2"),
    "AVH": ("H1", "H2", "H3"),
}
"""The invented questions of each survey; answers are 1 to 5."""
INSTRUMENTS = tuple(QUESTIONS)
LAST_CUTS = np.array([-1.5, -0.5, 0.3, 1.2])
DAYS_TO_ANSWER = 30


def surveys_of(
    instrument: str,
    *,
    invited: Days,
    draws: Draws,
    openness: Shares,
    motivation: Shares,
    extract_date: date,
    margins: Margins,
) -> pd.DataFrame:
    """Return a row per invitation sent by ``extract_date``: instrument, invited, answered, items, order.

    ``invited`` (n,) is the day each of ``draws.persons`` could be invited, NaT = never: of ``FK`` the day first reached, of ``AIM`` the first
    day of Aim, of ``GRP`` the last day of the group activity, of ``AVH`` the day of the dropout or switch. Who is easily reached (``openness``) or
    motivated answers oftener, and the motivated are more content. ``order`` is drawn: the rows are in it, and `number_surveys` numbers by it.
    """
    name, last = f"survey.{instrument}", np.datetime64(extract_date, "D")
    asked = draws.chance(name, margins.weights("survey_invited")[instrument]) & (invited <= last)
    answers = _answers(draws, name, margins.weights("survey_answered")[instrument], openness, motivation, margins)
    day = invited + days(draws.whole(f"{name}.wait", 0, DAYS_TO_ANSWER))
    answers &= day <= last
    found = pd.DataFrame(
        {
            "instrument": pd.Categorical([instrument] * len(invited), categories=list(INSTRUMENTS)),
            "invited": invited.astype("datetime64[s]"),
            "answered": np.where(answers, day, NO_DAY).astype("datetime64[s]"),
            "items": np.where(answers, _items(draws, name, QUESTIONS[instrument], motivation), ""),
            "order": draws.uniform(f"{name}.order"),
        }
    )
    return found[asked].sort_values("order", kind="stable", ignore_index=True)


def number_surveys(surveys: pd.DataFrame) -> pd.DataFrame:
    """Return all surveys, of every chunk, with their number per instrument, in its order; the drawn order is gone."""
    ordered = surveys.sort_values(["instrument", "order"], kind="stable", ignore_index=True)
    number = ordered.groupby("instrument", observed=True, sort=False).cumcount() + 1
    return ordered.assign(number=number)[["instrument", "number", "invited", "answered", "items"]]


def _answers(draws: Draws, name: str, share: float, openness: Shares, motivation: Shares, margins: Margins) -> Flags:
    by = margins.weights("survey_answered_by")
    return draws.chance(
        f"{name}.answers", expit(logit(share) + by["openness"] * (openness - 0.5) + by["motivation"] * motivation)
    )


def _items(draws: Draws, name: str, questions: tuple[str, ...], motivation: Shares) -> np.ndarray:
    """Return the answers as texts, ``F1=4 F2=2``: every question on a scale from 1 to 5."""
    place = np.zeros(len(motivation), dtype=np.int64)
    for question in questions:
        content = 0.5 * motivation + draws.normal(f"{name}.{question}")
        place = place * (len(LAST_CUTS) + 1) + np.searchsorted(LAST_CUTS, content)
    return _texts(questions)[place]


def _texts(questions: tuple[str, ...]) -> np.ndarray:
    """Return the text of every combination of answers, the last question's running fastest.

    >>> _texts(("G1", "G2"))[[0, 1, 24]].tolist()
    ['G1=1 G2=1', 'G1=1 G2=2', 'G1=5 G2=5']
    """
    scale = range(1, len(LAST_CUTS) + 2)
    combinations = product(scale, repeat=len(questions))
    texts = [" ".join(f"{q}={a}" for q, a in zip(questions, answers, strict=True)) for answers in combinations]
    return np.array(texts, dtype=object)
