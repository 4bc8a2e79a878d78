"""Knackakort, and the home visit at the time it tells of when nobody has answered it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaa_analysis.synthetic.draws import Days
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach.contact_log import Channel, ContactLog, Outcome, Responder
from kaa_analysis.synthetic.outreach.sought import Sought, outcomes
from kaa_analysis.synthetic.school_calendar import NO_DAY, ONE_DAY, after_summer_pause, days

LEAST_CALLS = 3
LEAST_STAFF = 2


def send_cards(sought: Sought, log: ContactLog, *, margins: Margins) -> Sought:
    """Send a knackakort to some who have been rung on three days or have no phone; return who has not answered, on the day of the visit.

    The process noise ``card_before_three_calls`` is the share who get it although they have not been rung on three days.
    """
    rung = (sought.n_calls >= LEAST_CALLS) | ~sought.has_phone
    rung |= sought.draws.chance("outreach.card.early", margins.share("card_before_three_calls"))
    chosen = sought.draws.chance("outreach.card", margins.share("knackakort"))
    sought = sought.of(rung & chosen & ~sought.is_protected)
    card = after_summer_pause(sought.day + days(sought.draws.whole("outreach.card.wait", 3, 30)))
    sought = replace(sought, day=card)
    planned = after_summer_pause(card + days(sought.draws.whole("outreach.card.planned", 7, 14)))
    in_time = planned < sought.stop
    return _answered(sought.of(in_time), log, planned=planned[in_time], margins=margins)


def visit(sought: Sought, log: ContactLog, *, margins: Margins) -> None:
    """Go home to some of those who have not answered the card, at least two together."""
    sought = sought.of(sought.draws.chance("outreach.visit", margins.share("home_visit")))
    three = sought.draws.chance("outreach.visit.three", margins.share("three_at_home_visit"))
    outcome = outcomes(sought, "outreach.visit.outcome", margins.weights("home_visit_outcome"))
    log.add(sought.episode, day=sought.day, channel=Channel.HEM, outcome=outcome, staff=LEAST_STAFF + three)


def _answered(sought: Sought, log: ContactLog, *, planned: Days, margins: Margins) -> Sought:
    outcome = outcomes(sought, "outreach.card.outcome", margins.weights("knackakort_answer"))
    silent = outcome == Outcome.EJ
    responded = sought.draws.day("outreach.card.responded", sought.day + ONE_DAY, planned - ONE_DAY)
    responder = np.where(outcome == Outcome.VH, Responder.V, Responder.U)
    log.add(
        sought.episode,
        day=sought.day,
        channel=Channel.KNACK,
        planned_visit=planned,
        outcome=outcome,
        responded=np.where(silent, NO_DAY, responded),
        responder=np.where(silent, Responder.NOBODY, responder),
    )
    return replace(sought, day=planned).of(silent)
