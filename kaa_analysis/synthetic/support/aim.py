"""Aim: who is offered it, how they came there, and strategies that set who begins it."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.synthetic.draws import Days, Draws, Flags, Shares
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.residence import VASTERORT
from kaa_analysis.synthetic.row_log import RowLog
from kaa_analysis.synthetic.school_calendar import NO_DAY, after_summer_pause, days
from kaa_analysis.synthetic.support.offer_log import (
    AIM,
    AMF,
    COLUMNS,
    KINDS,
    ROUTES,
    YES,
    Number,
    code_of,
    luck_of_offers,
)

AimStrategy = Literal["as_drawn", "never", "within_90_days"]
GRACE_DAYS = 90
EARLY_DAYS = 20


def weight_of_aim(episodes: Episodes, *, margins: Margins) -> Shares:
    """Return what each youth's weight of Aim among the offers is multiplied by: less in Västerort, more with the unmeasured motivation.

    ``aim_by_motivation`` is the change in the log-odds of Aim against another support per standard deviation.
    """
    here = np.where(np.isin(episodes.district, list(VASTERORT)), margins.share("aim_in_vasterort"), 1.0)
    return here * np.exp(margins.share("aim_by_motivation") * episodes.motivation)


def route_in(draws: Draws, to_aim: Flags, *, margins: Margins) -> np.ndarray:
    """Return the codes of the way to Aim (5.2.1) of those who accepted it."""
    return np.where(to_aim, code_of(ROUTES, draws, "support.route_in", margins.weights("route_to_aim")), 0)


def aim_start(offers: pd.DataFrame, *, n_episodes: int) -> Days:
    """Return the first day of Aim of each episode, shape (n_episodes,); NaT where it is never begun. Unrecorded Aim counts."""
    begun = offers[offers["kind"].eq(KINDS[AIM]).to_numpy() & offers["start"].notna().to_numpy()]
    first = begun.groupby("episode", sort=False)["start"].min()
    found = np.full(n_episodes, NO_DAY)
    found[first.index.to_numpy()] = first.to_numpy().astype("datetime64[D]")
    return found


def without_aim(offers: pd.DataFrame, *, strategy: AimStrategy) -> pd.DataFrame:
    """Return the offers with the drawn ones of Aim only if they are to be as drawn.

    Raises:
        DefinitionError: the strategy is unknown.
    """
    known = get_args(AimStrategy)
    if strategy not in known:
        raise DefinitionError(
            f"Aim ska vara {', '.join(known[:-1])} eller {known[-1]}{did_you_mean(strategy, known)}.", found=strategy
        )
    is_drawn = offers["kind"].eq(KINDS[AIM]) & offers["not_offered_reason"].eq("")
    return offers if strategy == "as_drawn" else offers[~is_drawn.to_numpy()]


def begin_aim(offers: pd.DataFrame, reached: Days, *, draws: Draws, margins: Margins) -> pd.DataFrame:
    """Return the offers and an Aim for everyone reached, offered that day and begun on a drawn working day less than 90 days later."""
    rows = np.flatnonzero(~np.isnat(reached))
    luck = luck_of_offers(draws.of(rows), Number.AIM_BY_STRATEGY)
    start = _within_grace(reached[rows], luck)
    usual = margins.weights("support_days")[KINDS[AIM]]
    log = RowLog(COLUMNS)
    log.add(
        episode=rows,
        number=Number.AIM_BY_STRATEGY,
        kind=AIM,
        provider=AMF,
        offered=reached[rows],
        accepted=YES,
        start=start,
        planned_end=start + days(luck.whole("support.length", usual // 3, usual * 5 // 3)),
        route_in=route_in(luck, np.ones(len(rows), dtype=bool), margins=margins),
    )
    both = pd.concat([offers, log.table(by="offered")], ignore_index=True)
    return both.sort_values(["episode", "offered"], kind="stable", ignore_index=True)


def _within_grace(reached: Days, luck: Draws) -> Days:
    """Return a working day outside the summer pause from each day on; an early one where the drawn one would be moved beyond the grace."""
    day = after_summer_pause(reached + days(luck.whole("support.aim.within", 0, GRACE_DAYS - 1)))
    early = after_summer_pause(reached + days(luck.whole("support.aim.early", 0, EARLY_DAYS)))
    return np.where(day < reached + days(GRACE_DAYS), day, early)
