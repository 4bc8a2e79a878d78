"""Spells cut in pieces, so that what changes with the calendar or with the time since entry can be a covariate.

A piece is at risk in ``(begin, end]``, times one day (or month) later than the follow-up's: the time 0, at which those who enter at 0 are at
risk, is then an interval of its own, ``(0, 1]``, and each day can be on either side of a cut. Risk sets are the same as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.whole_times import whole_times

Span = tuple[tuple[int, int], tuple[int, int]]

TERM_STARTS: tuple[Span, ...] = (((1, 7), (2, 15)), ((8, 15), (9, 30)))
"""The days, as (month, day) of the first and the last, on which most studies begin."""


def whole_pieces(follow_up: FollowUp) -> pd.DataFrame:
    """Return every spell as one piece: spell_row (its row in ``follow_up.times``), begin, end, event (left by the way that is sought).

    Raises:
        DefinitionError: a time is missing.
    """
    times = whole_times(follow_up.times_table)
    entry = times["entry_time"].to_numpy()
    return pd.DataFrame(
        {
            "spell_row": np.arange(len(times)),
            "begin": np.where(entry > 0, entry + 1, 0),
            "end": times["exit_time"].to_numpy() + 1,
            "event": (times["way_out"] == follow_up.sought).to_numpy(dtype=bool),
        }
    )


def split_at_time(pieces: pd.DataFrame, time: int) -> pd.DataFrame:
    """Cut the pieces just after a time of the follow-up and say which lie ``later``; what happens at the time itself comes before.

    The rows keep their other columns and their order, and ``piece`` says which one a row comes from; an event stays with the last.

    >>> pieces = pd.DataFrame({"spell_row": [0], "begin": [0], "end": [9], "event": [True]})
    >>> split_at_time(pieces, 5).values.tolist()
    [[0, 0, 6, False, 0, False], [0, 6, 9, True, 0, True]]
    """
    cut = _cut(pieces.assign(piece=np.arange(len(pieces))), np.full((len(pieces), 1), time + 1))
    return cut.assign(later=cut["begin"] > time)


def split_at_calendar(follow_up: FollowUp, *, spans: Sequence[Span] = TERM_STARTS) -> pd.DataFrame:
    """Cut every spell at the first and after the last day of each span of the calendar, year by year.

    One row per piece: the columns of `whole_pieces` and ``inside``, whether the days of the piece lie in a span. The calendar is external: what
    day it is does not depend on the person. A covariate that does (a contact, a measure) is not offered.

    Raises:
        DefinitionError: the times are not days since the entry date, or a span is no days of one year, first to last.
    """
    if follow_up.unit != "days" or follow_up.choices.time_zero != "entry":
        raise DefinitionError(
            "Tiden på året kräver en uppföljning i dagar från startdatumet.",
            found=f"{follow_up.unit} från {follow_up.choices.time_zero}",
            action='ta bort kovariaten calendar, eller välj unit="days" och time_zero="entry"',
        )
    _check_spans(spans)
    pieces, zero = whole_pieces(follow_up), follow_up.times_table["entry_date"].to_numpy(dtype="datetime64[D]")
    if not len(pieces):
        return pieces.assign(inside=False)
    last = zero + pieces["end"].to_numpy()
    years = range(zero.min().astype(object).year, last.max().astype(object).year + 1)
    starts, ends = (
        np.array([np.datetime64(date(year, *span[side])) for year in years for span in spans]) for side in (0, 1)
    )
    bounds = np.sort(np.concatenate([starts, ends + 1]))
    cut = _cut(pieces, (bounds[None, :] - zero[:, None]).astype("int64"))
    day = zero[cut["spell_row"].to_numpy()] + cut["begin"].to_numpy()
    return cut.assign(inside=np.searchsorted(bounds, day, side="right") % 2 == 1)


def _cut(pieces: pd.DataFrame, times: NDArray) -> pd.DataFrame:
    """Cut each piece at those of its ``times`` (n, k), rising in each row, that lie inside it."""
    begin, end = (pieces[name].to_numpy() for name in ("begin", "end"))
    inside = (times > begin[:, None]) & (times < end[:, None])
    n_pieces = inside.sum(axis=1) + 1
    rows = np.repeat(np.arange(len(pieces)), n_pieces)
    last = np.cumsum(n_pieces) - 1
    ends = np.empty(len(rows), dtype="int64")
    is_last = np.zeros(len(rows), dtype=bool)
    is_last[last] = True
    ends[last] = end
    ends[~is_last] = times[inside]
    is_first = np.append(True, is_last)[:-1]
    begins = np.where(is_first, begin[rows], np.append(0, ends)[:-1])
    cut = pieces.iloc[rows].reset_index(drop=True)
    return cut.assign(begin=begins, end=ends, event=cut["event"].to_numpy() & is_last)


def _check_spans(spans: Sequence[Span]) -> None:
    days = sorted(spans)
    flat = [day for span in days for day in span]
    try:
        real = [date(2001, *day) for day in flat]
    except ValueError:
        real = []
    if not real or real != sorted(set(real)):
        raise DefinitionError(
            "Varje del av året ska gå från en dag till en senare dag samma år, och delarna får inte gå i varandra.",
            found=f"{len(days)} delar",
        )
