"""Activities that youths or their guardians tell of, and whether the knowledge is kept current (29 kap. 9 § skollagen)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.synthetic.draws import Days, Draws, Numbers
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.row_log import RowLog, code_column, day_column
from kaa_analysis.synthetic.rowwise import Rowwise
from kaa_analysis.synthetic.school_calendar import NO_DAY, ONE_DAY, days, working_day

KINDS = ("ARB", "PRA", "SOK", "STU", "UTL", "FOR", "ING", "ANN", "OKA")
TOLD_BY = ("NA", "VH")
"""Outcomes of a contact in which somebody can tell."""
LONGEST_BEFORE = 120
WEEKEND = 2
COLUMNS = {"kind": code_column(*KINDS), "start": day_column(), "end": day_column(), "known": day_column()}


@dataclass(frozen=True, eq=False)
class _Known(Rowwise):
    """Arrays (n,): what is known last of each episode (its place), and the first day it is of no use: the way out or after the extract."""

    episode: Numbers
    draws: Draws
    kind: NDArray[np.int8]
    start: Days
    known: Days
    stop: Days


def activities_of(
    episodes: Episodes, contacts: pd.DataFrame, *, end: Days, extract_date: date, seed: int, margins: Margins
) -> pd.DataFrame:
    """Return the reported periods known on ``extract_date``, a row each: episode (its place), kind, start, end, known.

    ``contacts`` are those made before ``end`` (n_episodes,; NaT = no end). The first period becomes known at the first contact in which the
    youth or a guardian tells of it. Knowledge is renewed before it lapses with the share ``activity_renewed``: the next period begins where
    the last one ends. A period without a known first day has no last one either. Nothing is followed after ``end``; the last period ends there, or has no end on the day of extract.
    """
    log = RowLog(COLUMNS)
    last = _first_told(episodes, contacts, end=end, extract_date=extract_date, seed=seed, margins=margins)
    number = 0
    while len(last):
        renewed = _renewed(last, number=number, margins=margins)
        goes_on = np.isin(last.episode, renewed.episode)
        over = _way_out(last, end, extract_date)
        over[goes_on] = renewed.start
        over[np.isnat(last.start)] = NO_DAY
        log.add(episode=last.episode, kind=last.kind, start=last.start, end=over, known=last.known)
        last, number = renewed, number + 1
    return log.table(by="known")


def _first_told(
    episodes: Episodes, contacts: pd.DataFrame, *, end: Days, extract_date: date, seed: int, margins: Margins
) -> _Known:
    told = _first_day_told(contacts, n_episodes=len(episodes))
    stop = np.fmin(end, np.datetime64(extract_date, "D") + ONE_DAY)
    draws = Draws(seed, episodes.person, turn=episodes.turn)
    rows = np.flatnonzero((told < stop) & draws.chance("activity.told", margins.share("activity_told")))
    luck, known = draws.of(rows), told[rows]
    since = np.maximum(known - days(luck.whole("activity.since", 0, LONGEST_BEFORE)), episodes.entry[rows])
    unknown_start = luck.chance("activity.start_unknown", margins.share("activity_start_unknown"))
    kind = luck.place("activity.kind", _weights(margins)).astype(np.int8)
    return _Known(rows, luck, kind, np.where(unknown_start, NO_DAY, since), known, stop[rows])


def _first_day_told(contacts: pd.DataFrame, *, n_episodes: int) -> Days:
    telling = contacts[contacts["outcome"].isin(TOLD_BY).to_numpy()]
    day = telling["responded"].fillna(telling["day"])
    first = day.groupby(telling["episode"], sort=False).min()
    told = np.full(n_episodes, NO_DAY)
    told[first.index.to_numpy()] = first.to_numpy().astype("datetime64[D]")
    return told


def _renewed(last: _Known, *, number: int, margins: Margins) -> _Known:
    """Return what is told anew of some before what is known lapses: the same activity still, or another since a day in between."""
    name = f"activity.renewal{number}"
    last = last.of(last.draws.chance(name, margins.share("activity_renewed")))
    valid = np.array([margins.weights("activity_valid_days")[kind] for kind in KINDS])[last.kind]
    known = working_day(last.known + days(last.draws.whole(f"{name}.wait", valid // 2, valid - 1 - WEEKEND)))
    stays = last.draws.chance(f"{name}.stays", margins.share("activity_stays"))
    kind = np.where(stays, last.kind, last.draws.place(f"{name}.kind", _weights(margins))).astype(np.int8)
    start = np.where(stays, known, last.draws.day(f"{name}.since", last.known + ONE_DAY, known))
    return replace(last, kind=kind, start=start, known=known).of(known < last.stop)


def _way_out(last: _Known, end: Days, extract_date: date) -> Days:
    """Return the way out where it is known, else no day."""
    out = end[last.episode]
    return np.where(out <= np.datetime64(extract_date, "D"), out, NO_DAY)


def _weights(margins: Margins) -> list[float]:
    return [margins.weights("activity")[kind] for kind in KINDS]
