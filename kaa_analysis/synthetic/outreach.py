"""The outreach routine of the action plan (4.3.2): letter and SMS, phone, further letter, knackakort, home visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from kaa_analysis.synthetic.draws import Draws
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.records import Contact, LifeCourse, Spell
from kaa_analysis.synthetic.school_calendar import ONE_DAY, after_summer_pause, big_letter_day

REACHED = "NA"
NO_ANSWER = "EJ"
OUTGOING, INCOMING = "U", "I"
DAYS_TO_ANSWER = 21
CLOSING = frozenset({"NA", "AB"})


def contacts_of(life: LifeCourse, *, extract_date: date, draws: Draws, margins: Margins) -> tuple[Contact, ...]:
    """Return the contacts of every registration in the order of days, none before it is registered or after its last day."""
    found = []
    for spell in life.spells:
        found += _SpellOutreach(spell, life, extract_date, draws, margins).contacts()
    return tuple(sorted(found, key=lambda contact: contact.day))


class _SpellOutreach:
    """One registration worked through, one läsår after the other."""

    def __init__(self, spell: Spell, life: LifeCourse, extract_date: date, draws: Draws, margins: Margins) -> None:
        self.draws = draws
        self.margins = margins
        self.life = life
        self.ease = 0.55 + 0.9 * life.openness
        self.first = max(spell.start, spell.registered)
        self.last = min(extract_date, spell.end - ONE_DAY if spell.end else extract_date)
        self.made: list[Contact] = []

    def contacts(self) -> list[Contact]:
        """Return the contacts, in no order."""
        if self.first > self.last:
            return []
        self._welcome()
        for year in range(self.first.year, self.last.year + 1):
            self._round(big_letter_day(year), campaign=f"HT{year}")
        if self.draws.chance(self.margins.share("drop_in")):
            self._come_in_person()
        self._keep_in_touch()
        return self.made

    def _welcome(self) -> None:
        """Seek someone new in the register; from June to the big letter round the round does it."""
        if (6, 1) <= (self.first.month, self.first.day) <= (9, 25):
            return
        in_time = self.draws.chance(self.margins.share("outreach_started_in_time"))
        wait = self.draws.whole(2, 24) if in_time else self.draws.whole(33, 60)
        self._round(after_summer_pause(self.first + timedelta(days=wait)), campaign="")

    def _round(self, day: date, *, campaign: str) -> None:
        """Go through the steps from a letter on ``day`` until someone is reached or the steps are used up."""
        if not self.first <= day <= self.last:
            return
        already_reached = self._reached_before(day)
        if self._letter(day, campaign=campaign):
            return
        if already_reached:
            self._follow_up(day)
            return
        day = self._phone(day + timedelta(days=DAYS_TO_ANSWER + self.draws.whole(1, 20)))
        if day is None:
            return
        if self.draws.chance(self.margins.share("further_letter")):
            day = after_summer_pause(day + timedelta(days=self.draws.whole(5, 25)))
            if self._letter(day, campaign=f"VT{day.year}" if campaign and day.month < 6 else ""):
                return
            day += timedelta(days=DAYS_TO_ANSWER)
        if self.draws.chance(self.margins.share("knackakort")):
            self._visit(after_summer_pause(day + timedelta(days=self.draws.whole(3, 30))))

    def _letter(self, day: date, *, campaign: str) -> bool:
        """Send a letter, and an SMS the same day to who has a phone; return whether anyone answered."""
        if self.life.is_protected:
            return False
        chances = self.margins.weights("letter_answer")
        youth, guardian = chances["youth"] * self.ease, chances["guardian"]
        answer = self.draws.pick({"U": youth, "V": guardian, "": 1 - youth - guardian})
        responded = day + timedelta(days=self.draws.whole(1, DAYS_TO_ANSWER - 1))
        outcome = NO_ANSWER
        if answer and responded <= self.last:
            outcome = "VH" if answer == "V" else self.draws.pick(self.margins.weights("letter_answer_kind"))
        elif self.draws.chance(chances["returned"]):
            outcome = "RET"
        answered = outcome not in {NO_ANSWER, "RET"}
        letter = Contact(day, OUTGOING, "BREV", outcome, campaign)
        silent = Contact(day, OUTGOING, "SMS", NO_ANSWER, campaign)
        by_sms = self.life.has_phone and answered and answer == "U" and self.draws.chance(0.4)
        if answered and not by_sms:
            letter = replace(letter, responded=responded, responder=answer)
        if by_sms:
            letter = replace(letter, outcome=NO_ANSWER)
            silent = replace(silent, outcome=outcome, responded=responded, responder=answer)
        self._add(letter)
        if self.life.has_phone:
            self._add(silent)
        return answered and outcome != "SV"

    def _phone(self, day: date) -> date | None:
        """Ring on different days; return the day after the last attempt, or nothing if the youth was reached or declined."""
        attempts = self.draws.pick(self.margins.weights("phone_attempts")) if self.life.has_phone else 0
        for _ in range(attempts):
            day = after_summer_pause(day)
            if day > self.last:
                return None
            outcome = self._outcome("phone_outcome")
            self._add(Contact(day, OUTGOING, "TEL", outcome))
            if outcome in CLOSING:
                return None
            day += timedelta(days=self.draws.whole(1, 12))
        return day

    def _visit(self, day: date) -> None:
        """Send a knackakort, then go there if nobody answered before the planned visit."""
        planned = after_summer_pause(day + timedelta(days=self.draws.whole(7, 14)))
        if planned > self.last or self.life.is_protected:
            return
        outcome = self._outcome("knackakort_answer")
        card = Contact(day, OUTGOING, "KNACK", outcome, planned_visit=planned)
        if outcome != NO_ANSWER:
            responded = self.draws.day(day + ONE_DAY, planned - ONE_DAY)
            self._add(replace(card, responded=responded, responder="V" if outcome == "VH" else "U"))
            return
        self._add(card)
        if self.draws.chance(self.margins.share("home_visit")):
            staff = 3 if self.draws.chance(0.05) else 2
            self._add(Contact(planned, OUTGOING, "HEM", self._outcome("home_visit_outcome"), staff=staff))

    def _come_in_person(self) -> None:
        day = after_summer_pause(self.draws.day(self.first, self.last))
        if day <= self.last:
            self._add(Contact(day, INCOMING, self.draws.pick({"DROP": 0.7, "TEL": 0.3}), REACHED))

    def _keep_in_touch(self) -> None:
        """Talk again with who has been reached, as long as both want to."""
        reached = [contact.responded or contact.day for contact in self.made if contact.outcome == REACHED]
        if reached:
            self._follow_up(min(reached))

    def _follow_up(self, day: date) -> None:
        while self.draws.chance(self.margins.share("keeps_in_touch")):
            day = after_summer_pause(day + timedelta(days=self.draws.whole(14, 75)))
            if day > self.last:
                return
            channel = self.draws.pick({"TEL": 0.5, "SMS": 0.2, "EPOST": 0.2, "SOC": 0.1})
            channel = channel if self.life.has_phone or channel in {"EPOST", "SOC"} else "EPOST"
            self._add(Contact(day, OUTGOING, channel, self.draws.pick(self.margins.weights("follow_up_outcome"))))

    def _outcome(self, name: str) -> str:
        weights = dict(self.margins.weights(name))
        gained = weights[REACHED] * (self.ease - 1)
        return self.draws.pick(weights | {REACHED: weights[REACHED] + gained, NO_ANSWER: weights[NO_ANSWER] - gained})

    def _reached_before(self, day: date) -> bool:
        return any(contact.outcome == REACHED and contact.day < day for contact in self.made)

    def _add(self, contact: Contact) -> None:
        if self.first <= contact.day <= self.last:
            self.made.append(contact)
