"""The outreach as a sequence of rounds: one for who is new, then one every autumn, each of the routine's five steps.

A round is over when the next begins, so that nobody is sought in two of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days, Draws, Flags, Numbers
from kaa_analysis.synthetic.episodes import Episodes
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach.calls import call
from kaa_analysis.synthetic.outreach.contact_log import ContactLog, Mailing, campaign_code
from kaa_analysis.synthetic.outreach.known_contacts import cut
from kaa_analysis.synthetic.outreach.letters import (
    DAYS_TO_ANSWER,
    send_further_letters,
    send_letters,
    send_letters_at_twenty,
)
from kaa_analysis.synthetic.outreach.sought import Sought
from kaa_analysis.synthetic.outreach.talks import come_by, keep_in_touch
from kaa_analysis.synthetic.outreach.visits import send_cards, visit
from kaa_analysis.synthetic.school_calendar import NO_DAY, after_summer_pause, big_letter_day, date_of, days, year_of

STUDIEBEVIS = "STB"
ROUNDS_PER_EPISODE = 64
"""Room for the rounds of a turn among the turns of luck."""
DAYS_AFTER_BIG_LETTER = 14
"""Who has a studiebevis gets a letter of their own in the first week of October."""


@dataclass(frozen=True, eq=False)
class Round:
    """Arrays (n_episodes,): first day, the day of the letter (NaT = none), first day of the next round or the 20th birthday."""

    number: int
    begins: Days
    letter: Days
    ends: Days
    campaign: Numbers


def potential_contacts(episodes: Episodes, *, seed: int, margins: Margins) -> pd.DataFrame:
    """Return the contacts there would be if every episode lasted until the 20th birthday, a row each, in the order of episode and day.

    Columns: episode (place in ``episodes``, int32), day, direction, channel, campaign, staff (int8, 0 = not a home visit), planned_visit,
    outcome, responded, responder. Days are ``datetime64[s]``, codes categories, the same whatever ``episodes``. None is before the day the
    register knows, none is on ``until`` or later.
    """
    draws = Draws(seed, episodes.person, turn=episodes.turn)
    log = ContactLog(len(episodes))
    round_ = welcome_round(episodes, draws=draws, margins=margins)
    while np.any(round_.begins < episodes.until):
        running = np.flatnonzero(round_.begins < round_.ends)
        _go_through(round_, running, episodes, log, draws=draws, margins=margins)
        round_ = autumn_round(episodes, number=round_.number + 1)
    send_letters_at_twenty(episodes, log, draws=draws, margins=margins)
    return cut(log.contacts(), end=episodes.until)


def welcome_round(episodes: Episodes, *, draws: Draws, margins: Margins) -> Round:
    """Return the round from the first day in the register to the first autumn mailing.

    Its letter is sent within a month to most of those who are new; to who is new from June on the mailing is the first letter.
    """
    first = _first_day(episodes)
    in_time = draws.chance("outreach.in_time", margins.share("outreach_started_in_time"))
    wait = np.where(in_time, draws.whole("outreach.welcome", 2, 24), draws.whole("outreach.welcome_late", 33, 60))
    mailing = _mailing_day(episodes, year_of(first))
    waits_for_mailing = (date_of(year_of(first), 6) <= first) & (first <= mailing)
    letter = np.where(waits_for_mailing, NO_DAY, after_summer_pause(first + days(wait)))
    ends = np.minimum(_mailing_day(episodes, _first_autumn(episodes)), episodes.until)
    return Round(0, first, letter, ends, campaign_code(Mailing.UNNAMED, year_of(first)))


def autumn_round(episodes: Episodes, *, number: int) -> Round:
    """Return the ``number``-th autumn's round (the first is 1): from its mailing to the next one's."""
    year = _first_autumn(episodes) + number - 1
    begins = _mailing_day(episodes, year)
    mailing = np.where(_has_studiebevis(episodes), Mailing.STB, Mailing.HT)
    ends = np.minimum(_mailing_day(episodes, year + 1), episodes.until)
    return Round(number, begins, begins, ends, campaign_code(mailing, year))


def _go_through(
    round_: Round, rows: Numbers, episodes: Episodes, log: ContactLog, *, draws: Draws, margins: Margins
) -> None:
    """Seek those whose round is running (``rows``) by the steps of 4.3.2, and talk with those who have been reached."""
    everyone = _everyone(round_, rows, episodes, draws=draws, margins=margins)
    sought = come_by(everyone, log, margins=margins)
    sought = sought.on(round_.letter[rows])
    _seek(sought, log, campaign=round_.campaign[sought.episode], margins=margins)
    reached = log.reached[rows]
    talking = replace(everyone, day=np.maximum(reached, everyone.day)).of(reached < everyone.stop)
    keep_in_touch(talking, log, margins=margins)


def _seek(sought: Sought, log: ContactLog, *, campaign: Numbers, margins: Margins) -> None:
    """Take the five steps with those who have a letter coming; who has been reached before gets the letter only."""
    is_mailing = np.any(campaign != Mailing.UNNAMED)
    many_at_once = np.where(campaign != Mailing.UNNAMED, margins.share("ease_in_mailing"), 1.0)
    sought = replace(sought, ease=sought.ease * many_at_once)
    sought = send_letters(sought, log, step="letter", campaign=campaign, margins=margins)
    sought = sought.of(log.reached[sought.episode] >= sought.stop)
    wait = DAYS_TO_ANSWER + sought.draws.whole("outreach.calls.begin", 1, 20)
    sought = call(replace(sought, day=sought.day + days(wait)), log, margins=margins)
    sought = send_further_letters(sought, log, after_mailing=is_mailing, margins=margins)
    sought = send_cards(sought, log, margins=margins)
    visit(sought, log, margins=margins)


def _everyone(round_: Round, rows: Numbers, episodes: Episodes, *, draws: Draws, margins: Margins) -> Sought:
    luck = draws.of(rows)
    ease = margins.weights("ease_of_reaching")
    return Sought(
        episode=rows.astype(np.int32),
        draws=Draws(luck.seed, luck.persons, turn=luck.turn * ROUNDS_PER_EPISODE + round_.number),
        day=round_.begins[rows],
        stop=round_.ends[rows],
        ease=ease["least"] + (ease["most"] - ease["least"]) * episodes.openness[rows],
        has_phone=episodes.has_phone[rows],
        is_protected=episodes.is_protected[rows],
        n_calls=np.zeros(len(rows), dtype=np.int64),
    )


def _first_day(episodes: Episodes) -> Days:
    return np.maximum(episodes.entry, episodes.registered)


def _first_autumn(episodes: Episodes) -> Numbers:
    """Return the year of the first mailing on or after the first day."""
    year = year_of(_first_day(episodes))
    return year + (_mailing_day(episodes, year) < _first_day(episodes))


def _mailing_day(episodes: Episodes, year: Numbers) -> Days:
    return big_letter_day(year) + days(DAYS_AFTER_BIG_LETTER * _has_studiebevis(episodes))


def _has_studiebevis(episodes: Episodes) -> Flags:
    return episodes.entry_reason == STUDIEBEVIS
