"""Calls: on different days, at least three of them where the routine is kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach.contact_log import Channel, ContactLog
from kaa_analysis.synthetic.outreach.sought import CLOSING, Sought, outcomes
from kaa_analysis.synthetic.rowwise import stacked
from kaa_analysis.synthetic.school_calendar import after_summer_pause, days

MOST_DAYS_BETWEEN = 12


def call(sought: Sought, log: ContactLog, *, margins: Margins) -> Sought:
    """Ring those who have a phone, as many times as is drawn; return who is sought further, on the day after the last call."""
    weights = margins.weights("phone_attempts")
    n_planned = np.array(list(weights))[sought.draws.place("outreach.calls", list(weights.values()))]
    sought = replace(sought, n_calls=np.where(sought.has_phone, n_planned, 0))
    silent = sought.of(sought.n_calls == 0)
    for attempt in range(int(max(weights))):
        sought = _ring(sought.of(sought.n_calls > attempt), log, attempt=attempt, margins=margins)
        silent = stacked([silent, sought.of(sought.n_calls == attempt + 1)])
    return silent


def _ring(sought: Sought, log: ContactLog, *, attempt: int, margins: Margins) -> Sought:
    """Ring everyone once; return who was neither reached nor declined."""
    sought = sought.on(after_summer_pause(sought.day))
    outcome = outcomes(sought, f"outreach.call{attempt}.outcome", margins.weights("phone_outcome"))
    log.add(sought.episode, day=sought.day, channel=Channel.TEL, outcome=outcome)
    sought = sought.of(~np.isin(outcome, CLOSING))
    wait = sought.draws.whole(f"outreach.call{attempt}.wait", 1, MOST_DAYS_BETWEEN)
    return replace(sought, day=sought.day + days(wait))
