"""Letters, with an SMS the same day to who has a phone, and the letter at 20."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach.contact_log import Channel, ContactLog, Mailing, Outcome, Responder, campaign_code
from kaa_analysis.synthetic.outreach.sought import Sought, drawn
from kaa_analysis.synthetic.rowwise import stacked
from kaa_analysis.synthetic.school_calendar import (
    NO_DAY,
    after_summer_pause,
    days,
    month_of,
    working_day,
    year_of,
)

DAYS_TO_ANSWER = 21
SPRING_ENDS = 6
"""The month from which a further letter no longer belongs to the spring."""


def send_letters(sought: Sought, log: ContactLog, *, step: str, campaign: np.ndarray, margins: Margins) -> Sought:
    """Write to all on their day and return those who are sought further: who did not answer, or answered without a conversation.

    Who has a protected identity gets no letter and is sought further.
    """
    reader = sought.of(~sought.is_protected)
    answers = _answers(reader, step=step, margins=margins)
    answered = answers["responder"] != Responder.NOBODY
    by_sms = reader.has_phone & (answers["responder"] == Responder.U)
    by_sms &= reader.draws.chance(f"outreach.{step}.by_sms", margins.share("answers_by_sms"))
    sent = {"day": reader.day, "campaign": campaign[~sought.is_protected]}
    log.add(reader.episode, channel=Channel.BREV, **sent, **_where(~by_sms, answers))
    phones = reader.has_phone
    texts = {name: values[phones] for name, values in {**sent, **_where(by_sms, answers)}.items()}
    log.add(reader.episode[phones], channel=Channel.SMS, **texts)
    going_on = np.ones(len(sought), dtype=bool)
    going_on[~sought.is_protected] = ~answered | (answers["outcome"] == Outcome.SV)
    return sought.of(going_on)


def send_further_letters(sought: Sought, log: ContactLog, *, after_mailing: bool, margins: Margins) -> Sought:
    """Write once more to some; return who is sought further. A further letter in the spring after a mailing is one of the spring's."""
    chosen = sought.draws.chance("outreach.further", margins.share("further_letter"))
    reader = sought.of(chosen)
    reader = reader.on(after_summer_pause(reader.day + days(reader.draws.whole("outreach.further.wait", 5, 25))))
    spring = after_mailing & (month_of(reader.day) < SPRING_ENDS)
    campaign = campaign_code(np.where(spring, Mailing.VT, Mailing.UNNAMED), year_of(reader.day))
    reader = send_letters(reader, log, step="further", campaign=campaign, margins=margins)
    return stacked([sought.of(~chosen), replace(reader, day=reader.day + days(DAYS_TO_ANSWER))])


def send_letters_at_twenty(episodes: Episodes, log: ContactLog, *, draws: Draws, margins: Margins) -> None:
    """Write to who soon turns 20 about where to turn then, in the last two weeks before; summer or not."""
    sent = draws.chance("outreach.at_twenty", margins.share("letter_at_twenty")) & ~episodes.is_protected
    day = working_day(episodes.until - days(draws.whole("outreach.at_twenty.day", 3, 14)))
    sent &= day >= np.maximum(episodes.entry, episodes.registered)
    returned = draws.chance("outreach.at_twenty.returned", margins.weights("letter_answer")["returned"])
    log.add(
        np.flatnonzero(sent),
        day=day[sent],
        channel=Channel.BREV,
        campaign=Mailing.F20,
        outcome=np.where(returned, Outcome.RET, Outcome.EJ)[sent],
    )


def _answers(reader: Sought, *, step: str, margins: Margins) -> dict[str, np.ndarray]:
    """Return who answers a letter or its SMS, when, and what comes of it; some of the others' letters come back."""
    draws, chances = reader.draws, margins.weights("letter_answer")
    youth, guardian = chances["youth"] * reader.ease, chances["guardian"]
    responder = draws.place(f"outreach.{step}.responder", [1 - youth - guardian, youth, guardian])
    by_youth = drawn(draws, f"outreach.{step}.kind", margins.weights("letter_answer_kind"))
    returned = draws.chance(f"outreach.{step}.returned", chances["returned"])
    silent = np.where(returned, Outcome.RET, Outcome.EJ)
    responded = reader.day + days(draws.whole(f"outreach.{step}.days", 1, DAYS_TO_ANSWER - 1))
    return {
        "responder": responder,
        "outcome": np.choose(responder, [silent, by_youth, np.full(len(reader), Outcome.VH)]),
        "responded": np.where(responder == Responder.NOBODY, NO_DAY, responded),
    }


def _where(flags: np.ndarray, answers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    empty = {"responder": Responder.NOBODY, "outcome": Outcome.EJ, "responded": NO_DAY}
    return {name: np.where(flags, values, empty[name]) for name, values in answers.items()}
