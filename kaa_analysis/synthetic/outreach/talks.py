"""What is not seeking: the youth's own coming, and going on talking with who has been reached."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaa_analysis.synthetic.draws import Days
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach.contact_log import INCOMING, Channel, ContactLog, Outcome
from kaa_analysis.synthetic.outreach.sought import Sought, drawn
from kaa_analysis.synthetic.school_calendar import ONE_DAY, after_summer_pause, days

DAYS_IN_YEAR = 365

MOST_TALKS = 60
"""No chain is longer: a läsår has room for 52 talks a week apart."""


def come_by(sought: Sought, log: ContactLog, *, margins: Margins) -> Sought:
    """Let some come or ring by themselves, on a day from ``day`` on; return all, those sought no longer than to that day."""
    draws, length = sought.draws, (sought.stop - sought.day).astype(np.int64)
    comes = draws.chance("outreach.drop_in", margins.share("drop_in") * length / DAYS_IN_YEAR)
    day = after_summer_pause(draws.day("outreach.drop_in.day", sought.day, sought.stop - ONE_DAY))
    comes &= day < sought.stop
    in_person = draws.chance("outreach.drop_in.in_person", margins.share("drop_in_in_person"))
    log.add(
        sought.episode[comes],
        day=day[comes],
        direction=INCOMING,
        channel=np.where(in_person, Channel.DROP, Channel.TEL)[comes],
        outcome=Outcome.NA,
    )
    return replace(sought, stop=np.where(comes, day, sought.stop))


def keep_in_touch(sought: Sought, log: ContactLog, *, margins: Margins) -> None:
    """Talk again with each from ``day`` on, as long as both want to and the round is not over."""
    for number in range(MOST_TALKS):
        goes_on = sought.draws.chance(f"outreach.talk{number}", margins.share("keeps_in_touch"))
        sought = sought.of(goes_on)
        sought = sought.on(_next_day(sought, number, margins))
        if not len(sought):
            return
        log.add(
            sought.episode,
            day=sought.day,
            channel=_channels(sought, number, margins),
            outcome=drawn(sought.draws, f"outreach.talk{number}.outcome", margins.weights("follow_up_outcome")),
        )


def _next_day(sought: Sought, number: int, margins: Margins) -> Days:
    between = margins.weights("days_between_talks")
    wait = sought.draws.whole(f"outreach.talk{number}.wait", between["least"], between["most"])
    return after_summer_pause(sought.day + days(wait))


def _channels(sought: Sought, number: int, margins: Margins) -> np.ndarray:
    """Return how they talk; e-mail instead of calls and SMS where there is no phone."""
    weights = margins.weights("follow_up_channel")
    codes = np.array([Channel[code] for code in weights], dtype=np.int8)
    channel = codes[sought.draws.place(f"outreach.talk{number}.channel", list(weights.values()))]
    needs_phone = np.isin(channel, [Channel.TEL, Channel.SMS])
    return np.where(needs_phone & ~sought.has_phone, Channel.EPOST, channel)
