"""Offers of support (the action plan's section 5): who is offered what, says yes, begins, and what comes after."""

from __future__ import annotations

from datetime import date, timedelta

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach import REACHED
from kaa_analysis.synthetic.records import Contact, LifeCourse, Offer, Spell
from kaa_analysis.synthetic.registrations import STUDY_REASONS
from kaa_analysis.synthetic.residence import VASTERORT
from kaa_analysis.synthetic.school_calendar import ONE_DAY, after_summer_pause

ACTIVITY_AFTER = {"STU": "STU", "ARB": "ARB", "OKA": "OKA"}


def offers_of(
    life: LifeCourse, contacts: tuple[Contact, ...], *, extract_date: date, draws: Draws, margins: Margins
) -> tuple[Offer, ...]:
    """Return the offers made during the registrations, in the order of days; mostly to those who have been reached.

    Support may begin and end after the registration, never after ``extract_date``.
    """
    found: list[Offer] = []
    for spell in life.spells:
        day = _first_offer_day(spell, contacts, extract_date, draws, margins)
        while day is not None and day <= _last_day(spell, extract_date):
            offer = _offer(day, spell, life, extract_date, draws, margins)
            found.append(offer)
            day = _next_offer_day(offer, draws, margins)
    return tuple(sorted(found, key=lambda offer: offer.offered))


def _last_day(spell: Spell, extract_date: date) -> date:
    return min(extract_date, spell.end - ONE_DAY if spell.end else extract_date)


def _first_offer_day(
    spell: Spell, contacts: tuple[Contact, ...], extract_date: date, draws: Draws, margins: Margins
) -> date | None:
    first, last = max(spell.start, spell.registered), _last_day(spell, extract_date)
    reached = [c.responded or c.day for c in contacts if c.outcome == REACHED and first <= c.day <= last]
    if not draws.chance(margins.share("offered_if_reached" if reached else "offered_if_not_reached")):
        return None
    wait = 0 if draws.chance(0.4) else draws.whole(1, 25)
    return after_summer_pause((min(reached) if reached else first) + timedelta(days=wait))


def _next_offer_day(offer: Offer, draws: Draws, margins: Margins) -> date | None:
    if not draws.chance(margins.share("offered_again") * (0.5 if offer.accepted else 1)):
        return None
    return after_summer_pause((offer.start or offer.offered) + timedelta(days=draws.whole(20, 120)))


def _offer(day: date, spell: Spell, life: LifeCourse, extract_date: date, draws: Draws, margins: Margins) -> Offer:
    kind, provider = draws.pick(_kinds(day, life, margins)).split("/")
    accepted = not draws.chance(margins.share("declined"))
    start = after_summer_pause(day + timedelta(days=draws.whole(0, 25)))
    if not accepted or draws.chance(margins.share("never_begun")) or start > extract_date:
        return Offer(kind, provider, day, accepted)
    end, reason = _end(kind, start, spell, draws, margins)
    if end > extract_date:
        return Offer(kind, provider, day, accepted, start)
    after = ACTIVITY_AFTER.get(reason) or draws.pick(margins.weights("activity_after_other"))
    return Offer(kind, provider, day, accepted, start, end, reason, after)


def _kinds(day: date, life: LifeCourse, margins: Margins) -> dict[str, float]:
    """Return the weights of support; Aim is offered less in Västerort."""
    weights = dict(margins.weights("support"))
    here = [period for period in life.residences if period.start <= day and (period.end is None or day < period.end)]
    if any(period.district in VASTERORT for period in here):
        weights["AIM/AMF"] *= margins.share("aim_in_vasterort")
    return weights


def _end(kind: str, start: date, spell: Spell, draws: Draws, margins: Margins) -> tuple[date, str]:
    """Return the first day after the support and why it ended; a study start often is the end."""
    usual = margins.weights("support_days")[kind]
    end = start + timedelta(days=draws.whole(usual // 3, usual * 5 // 3))
    if spell.exit_reason in STUDY_REASONS and start < spell.end and draws.chance(margins.share("ends_at_study_start")):
        return min(end, spell.end), "STU"
    return end, draws.pick(margins.weights("end_reason_without_study_start"))
