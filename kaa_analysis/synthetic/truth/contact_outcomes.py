"""What came of the outreach in a läsår: support chosen after a first conversation, the two letters of the plan, who was reached."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.known_tables import CHANNELS, NEVER, PROVIDERS, Whole, day_number
from kaa_analysis.synthetic.truth.layout_codes import AT_TWENTY, STUDIEBEVIS
from kaa_analysis.synthetic.truth.outreach_counts import furthest_step, sought_in
from kaa_analysis.synthetic.truth.period_scene import Scene
from kaa_analysis.synthetic.truth.tallying import Row, Split
from kaa_analysis.synthetic.truth.target_days import registered_days
from kaa_analysis.synthetic.truth.told_lives import whole_years

CHOICES = ("utbf_only", "amf_only", "both", "neither", "already", "not_yet_decided")
CHOSEN = {"utbf": (0, 2), "amf": (1, 2)}
"""Places in `CHOICES`: what is support from each administration."""
DAYS_TO_CHOOSE = 60
DAYS_AROUND_TWENTY = 31
REACH = ("no_attempt", "no_answer", "answered", "answered", "reached", "reached")
"""How far each step of the funnel is."""
GROUPS = ("reached", "answered", "no_answer", "no_attempt")
AGES = ("under_18", "from_18")
LETTERS = ("studiebevis", "at_twenty")


def chosen_support(scene: Scene) -> Iterator[Row]:
    """Give who was reached for the first time, by the support begun in 60 days from the conversation on."""
    talked = _first_talk(scene)
    who = np.flatnonzero(talked < NEVER)
    choice = _choice(scene, talked)[who]
    split = Split("choice", CHOICES)
    yield from scene.tally.rows_by(
        scene.place("support_after_reached"), "n_persons", split=split, category=choice, who=who
    )
    administration, place = np.nonzero(np.array([np.isin(choice, places) for places in CHOSEN.values()]))
    yield from scene.tally.rows_by(
        scene.place("support_chosen"),
        "n_chose",
        split=Split("administration", tuple(CHOSEN), total=False),
        category=administration,
        who=who[place],
    )


def _first_talk(scene: Scene) -> Whole:
    """Return the day of each person's first conversation of the period, `NEVER` for who had none or had talked before."""
    attempts, period, entered = scene.known.attempts, scene.period, sought_in(scene).entered
    talk = attempts.reached & (attempts.day >= entered[attempts.who])
    inside = talk & (attempts.day >= period.start) & (attempts.answered_on < period.end)
    before = talk & (attempts.day < period.start) & (attempts.answered_on < period.start)
    first = np.full(len(entered), NEVER)
    np.minimum.at(first, attempts.who[inside], attempts.answered_on[inside])
    first[attempts.who[before]] = NEVER
    return first


def _choice(scene: Scene, talked: Whole) -> Whole:
    """Return the place in `CHOICES` of each person, shape (persons,)."""
    support, day = scene.known.support, talked[scene.known.support.who]
    begun = (support.start >= day) & (support.start < day + DAYS_TO_CHOOSE)
    utbf, amf, already = np.zeros((3, len(talked)), dtype=bool)
    for flags, provider in ((utbf, "utbf"), (amf, "amf")):
        flags[support.who[begun & (support.provider == PROVIDERS.index(provider))]] = True
    already[support.who[(support.start < day) & (support.end > day)]] = True
    choice = np.where(utbf, np.where(amf, 2, 0), np.where(amf, 1, 3))
    choice[talked + DAYS_TO_CHOOSE > day_number(scene.known.extract_date)] = 5
    choice[already] = 4
    return choice


def letters_of_the_plan(scene: Scene) -> Iterator[Row]:
    """Give who was to have a letter in autumn or at 20, and who had it."""
    due, sent = zip(_studiebevis(scene), _at_twenty(scene), strict=True)
    place, split = scene.place("routine_letters"), Split("letter", LETTERS, total=False)
    for measure, of in (("n_due", due), ("n_sent", sent)):
        letter, who = np.nonzero(np.array(of))
        yield from scene.tally.rows_by(place, measure, split=split, category=letter, who=who)


def _studiebevis(scene: Scene) -> tuple[NDArray[np.bool_], ...]:
    known, rows = scene.known, scene.known.registrations
    january = np.datetime64(scene.period.period.start, "Y").astype("datetime64[M]")
    first, after = ((january + months).astype("datetime64[D]").astype(np.int64) for months in (8, 10))
    days = registered_days(rows, start=first, end=min(after, scene.period.end))
    concerned = scene.covered & (rows.entry_reason == STUDIEBEVIS) & scene.target.meets(days)
    letters = known.attempts.channel == CHANNELS.index("letter")
    letters &= (known.attempts.day >= first) & (known.attempts.day < min(after, scene.period.end))
    has = np.zeros((2, len(known.sex)), dtype=bool)
    has[0, rows.who[concerned]] = True
    has[1, known.attempts.who[letters]] = True
    return _decided(has, day_number(known.extract_date) >= after)


def _at_twenty(scene: Scene) -> tuple[NDArray[np.bool_], ...]:
    known, rows, attempts = scene.known, scene.known.registrations, scene.known.attempts
    twenty = _twentieth_birthday(known.born)
    last = twenty[rows.who] - 1
    there = scene.covered & (rows.start <= last) & (rows.end > last)
    there &= (last >= scene.period.start) & (last < scene.period.end)
    letters = (attempts.channel == CHANNELS.index("letter")) & np.char.startswith(attempts.campaign, AT_TWENTY)
    letters &= np.abs(attempts.day - twenty[attempts.who]) <= DAYS_AROUND_TWENTY
    has = np.zeros((2, len(known.sex)), dtype=bool)
    has[0, rows.who[there]] = True
    has[1, attempts.who[letters]] = True
    return _decided(has, twenty + DAYS_AROUND_TWENTY < day_number(known.extract_date))


def _decided(has: NDArray[np.bool_], decided: NDArray[np.bool_] | bool) -> tuple[NDArray[np.bool_], ...]:
    due, letter = has
    return due & decided, due & letter & decided


def _twentieth_birthday(born: Whole) -> Whole:
    """Return the day each person turns 20: who is born 29 February does so in a leap year."""
    day = born.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    return ((month + 12 * 20).astype("datetime64[D]") + (day - month)).astype(np.int64)


def who_was_reached(scene: Scene) -> Iterator[Row]:
    """Give the persons covered by how far the outreach came, and by age those covered and reached."""
    sought = sought_in(scene)
    step = furthest_step(scene, sought)
    who = np.flatnonzero(step >= 0)
    far = np.array([GROUPS.index(group) for group in REACH])[step[who]]
    yield from scene.tally.rows_by(
        scene.place("persons_by_reach"), "n", split=Split("reach", GROUPS), category=far, who=who
    )
    first = np.maximum(sought.entered[who], scene.period.start)
    age = (whole_years(scene.known.born[who].astype("datetime64[D]"), first.astype("datetime64[D]")) >= 18).astype(int)
    reached = far == 0
    for measure, of in (("n_covered", np.ones(len(who), dtype=bool)), ("n_reached", reached)):
        yield from scene.tally.rows_by(
            scene.place("reached_by_age"), measure, split=Split("age", AGES), category=age[of], who=who[of]
        )
