"""The outreach step by step in a läsår: who had come that far, was tried, answered and was reached. `docs/methods/outreach_steps.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.known_tables import CHANNELS, NEVER, SPAN, Intervals, Whole
from kaa_analysis.synthetic.truth.layout_codes import AT_TWENTY, START_OF_TERM
from kaa_analysis.synthetic.truth.outreach_counts import sought_in
from kaa_analysis.synthetic.truth.period_scene import Scene
from kaa_analysis.synthetic.truth.tallying import Row, Split
from kaa_analysis.synthetic.truth.target_days import registered_days

STEPS = ("term_letter", "phone", "further_letter", "knackakort", "home_visit")
TERM, PHONE, FURTHER, CARD, VISIT = range(5)
BY_POST = (TERM, FURTHER, CARD)
LETTER, SMS = CHANNELS.index("letter"), CHANNELS.index("sms")
STEP_OF_CHANNEL = {"phone": PHONE, "knackakort": CARD, "home_visit": VISIT}
DAYS_TO_ANSWER, CALLING_DAYS, VISITORS = 21, 3, 2
ASKED_ON = (8, 15)
"""16 September, as whole months and days after the beginning of the year."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Taken:
    """The attempts that are of a step, all shape (attempts,); ``of`` is their place among all attempts."""

    of: Whole
    who: Whole
    day: Whole
    step: Whole
    responded: Flags
    reached: Flags


def outreach_steps(scene: Scene) -> Iterator[Row]:
    """Give the persons at each step, the attempts, and those with whom the routine was kept."""
    closed = last_day_sought(scene)
    taken = attempts_in_steps(scene, closed)
    tried = _persons(scene, taken.who, taken.step)
    came = _came_that_far(scene, taken, closed) | tried
    responded = _persons(scene, taken.who[taken.responded], taken.step[taken.responded])
    reached = _persons(scene, taken.who[taken.reached], taken.step[taken.reached])
    returned = tried & ~_something_arrived(scene, taken) & ~responded
    once = _one_a_day(scene, taken)
    yield from scene.tally.rows_by(
        scene.place("attempts_by_step"), "n_attempts", split=BY_STEP, category=taken.step[once], who=taken.who[once]
    )
    by_post = np.isin(np.arange(len(STEPS)), BY_POST)[:, None]
    for indicator, counted in {
        "outreach_by_step": {"n_eligible": came, "n_tried": tried},
        "attempts_by_step": {"n_returned": returned},
        "response_by_step": {"n_tried": tried, "n_responded": responded},
        "response_of_delivered": {"n_delivered": tried & ~returned & by_post, "n_responded": responded & by_post},
        "reached_by_step": {"n_tried": tried, "n_reached": reached},
    }.items():
        yield from _at_steps(scene, indicator, counted)
    yield from _routine(scene, taken)


BY_STEP = Split("outreach_step", STEPS, total=False)


def last_day_sought(scene: Scene) -> Whole:
    """Return the last day each person is sought: of the first answer or own contact; before the period for who had been talked with."""
    attempts, own, period = scene.known.attempts, scene.known.own_contacts, scene.period
    entered = sought_in(scene).entered
    who = np.concatenate([attempts.who, own.who])
    day = np.concatenate([attempts.answered_on, own.day])
    since_entry = np.concatenate([attempts.day >= entered[attempts.who], own.day >= entered[own.who]])
    contact = np.concatenate([attempts.anyone_answered, np.ones(len(own.who), dtype=bool)]) & since_entry
    talk = np.concatenate([attempts.reached, own.reached]) & since_entry
    closed = np.full(len(entered), NEVER)
    inside = contact & (day >= period.start) & (day < period.end)
    np.minimum.at(closed, who[inside], day[inside])
    closed[who[talk & (day < period.start)]] = period.start - 1
    return closed


def attempts_in_steps(scene: Scene, closed: Whole) -> Taken:
    """Return the attempts of the period that are of a step: who is asked is registered, in the target group and still sought."""
    attempts, period = scene.known.attempts, scene.period
    of = np.arange(*np.searchsorted(attempts.day, [period.start, period.end]))
    of = of[_is_registered_in_target(scene, attempts.who[of], attempts.day[of])]
    of = of[~np.char.startswith(attempts.campaign[of], AT_TWENTY)]
    step = _steps(scene, of)
    of, step = of[step >= 0], step[step >= 0]
    sought = (step == TERM) | (attempts.day[of] <= closed[attempts.who[of]])
    of, step = of[sought], step[sought]
    in_time = _in_time(scene, of, step)
    return Taken(
        of=of,
        who=attempts.who[of],
        day=attempts.day[of],
        step=step,
        responded=attempts.anyone_answered[of] & in_time,
        reached=attempts.reached[of] & in_time,
    )


def _is_registered_in_target(scene: Scene, who: Whole, day: Whole) -> Flags:
    rows = scene.known.registrations
    there = registered_days(rows, start=scene.period.start, end=scene.period.end)
    chosen = np.flatnonzero(scene.covered & (there.start < there.end))
    chosen = chosen[np.lexsort((there.start[chosen], there.who[chosen]))]
    if not len(chosen):
        return np.zeros(len(who), dtype=bool)
    place = np.searchsorted(there.who[chosen] * SPAN + there.start[chosen], who * SPAN + day, side="right") - 1
    last = chosen[np.maximum(place, 0)]
    is_registered = (place >= 0) & (there.who[last] == who) & (day < there.end[last])
    return is_registered & scene.target.meets(Intervals(who, day, day + 1))


def _steps(scene: Scene, of: Whole) -> Whole:
    """Return the step of each attempt, -1 for those of no step; what is sent the day of a letter at the start of term belongs to it."""
    attempts = scene.known.attempts
    channel, key = attempts.channel[of], attempts.who[of] * SPAN + attempts.day[of]
    step = np.full(len(of), -1)
    for name, number in STEP_OF_CHANNEL.items():
        step[channel == CHANNELS.index(name)] = number
    mail = (channel == LETTER) | (channel == SMS)
    step[mail] = FURTHER
    named = np.zeros(len(of), dtype=bool)
    for beginning in START_OF_TERM:
        named |= np.char.startswith(attempts.campaign[of], beginning)
    step[mail & np.isin(key, key[mail & named])] = TERM
    return step


def _in_time(scene: Scene, of: Whole, step: Whole) -> Flags:
    """Return whether the answer to each attempt came in time: before the next step or in three weeks, of a card before the visit."""
    attempts = scene.known.attempts
    who, day, answer = attempts.who[of], attempts.day[of], attempts.answered_on[of]
    following = np.full(len(of), NEVER)
    for number in range(len(STEPS)):
        later = np.unique(who[step == number] * SPAN + day[step == number])
        place = np.searchsorted(later, who * SPAN + day, side="right")
        there = np.flatnonzero((place < len(later)) & (step != number))
        there = there[later[place[there]] // SPAN == who[there]]
        following[there] = np.minimum(following[there], later[place[there]] % SPAN)
    by_deadline = (answer <= day + DAYS_TO_ANSWER) | ((following < NEVER) & (answer < following))
    planned = attempts.planned[of]
    announced = (step == CARD) & (planned < NEVER)
    return np.where(announced, answer < planned, by_deadline) & (answer < scene.period.end)


def _came_that_far(scene: Scene, taken: Taken, closed: Whole) -> Flags:
    """Return who was registered, in the target group and still sought on some day when each step was next, shape (steps, persons)."""
    n_persons, wait = len(closed), DAYS_TO_ANSWER + 1
    term = _first(taken.who[taken.step == TERM], taken.day[taken.step == TERM], n_persons)
    is_letter = (taken.step == TERM) | (taken.step == FURTHER)
    letter = _first(taken.who[is_letter], taken.day[is_letter], n_persons)
    january = np.datetime64(scene.period.period.start, "Y").astype("datetime64[M]")
    asked_on = int((january + ASKED_ON[0]).astype("datetime64[D]").astype(np.int64)) + ASKED_ON[1]
    after_calls = np.where(scene.known.has_phone, _third_call(taken, n_persons) + 1, letter + wait)
    card = taken.step == CARD
    planned = scene.known.attempts.planned[taken.of[card]]
    visit = _first(taken.who[card], np.where(planned < NEVER, planned, taken.day[card] + wait), n_persons)
    further = np.where(term < NEVER, term + wait, scene.period.start)
    ready = [np.full(n_persons, asked_on), letter + wait, further, after_calls, visit]
    until = [np.full(n_persons, asked_on), closed, closed, closed, closed]
    return np.array([_had_a_day(scene, *days) for days in zip(ready, until, strict=True)])


def _had_a_day(scene: Scene, first: Whole, last: Whole) -> Flags:
    """Return who had a registered day in the target group from ``first`` to ``last`` inside the period."""
    rows = scene.known.registrations
    days = registered_days(rows, start=scene.period.start, end=scene.period.end)
    asked = Intervals(rows.who, np.maximum(days.start, first[rows.who]), np.minimum(days.end, last[rows.who] + 1))
    had = np.zeros(len(first), dtype=bool)
    had[rows.who[scene.covered & scene.target.meets(asked)]] = True
    return had


def _first(who: Whole, day: Whole, n_persons: int) -> Whole:
    found = np.full(n_persons, NEVER)
    np.minimum.at(found, who, day)
    return found


def _third_call(taken: Taken, n_persons: int) -> Whole:
    calls = np.unique(taken.who[taken.step == PHONE] * SPAN + taken.day[taken.step == PHONE])
    third = calls[CALLING_DAYS - 1 :]
    same = third // SPAN == calls[: len(third)] // SPAN if len(third) else np.zeros(0, dtype=bool)
    return _first(third[same] // SPAN, third[same] % SPAN, n_persons)


def _persons(scene: Scene, who: Whole, step: Whole) -> Flags:
    """Return who is among ``who`` at each step, shape (steps, persons)."""
    found = np.zeros((len(STEPS), len(scene.known.sex)), dtype=bool)
    found[step, who] = True
    return found


def _something_arrived(scene: Scene, taken: Taken) -> Flags:
    """Return to whom something but an SMS of each step came that was not returned; where there was nothing but SMS, they came."""
    attempts = scene.known.attempts
    posted = attempts.channel[taken.of] != SMS
    arrived = posted & ~attempts.returned[taken.of]
    came = _persons(scene, taken.who[arrived], taken.step[arrived])
    return came | ~_persons(scene, taken.who[posted], taken.step[posted])


def _one_a_day(scene: Scene, taken: Taken) -> Whole:
    """Return the places of the attempts, the letters and SMS of a step and a day once."""
    mail = np.flatnonzero((taken.step == TERM) | (taken.step == FURTHER))
    key = (taken.who[mail] * SPAN + taken.day[mail]) * len(STEPS) + taken.step[mail]
    others = np.setdiff1d(np.arange(len(taken.of)), mail)
    return np.concatenate([mail[np.unique(key, return_index=True)[1]], others])


def _at_steps(scene: Scene, indicator: str, measures: dict[str, Flags]) -> Iterator[Row]:
    for measure, of in measures.items():
        step, who = np.nonzero(of)
        yield from scene.tally.rows_by(scene.place(indicator), measure, split=BY_STEP, category=step, who=who)


def _routine(scene: Scene, taken: Taken) -> Iterator[Row]:
    attempts, n_persons = scene.known.attempts, len(scene.known.sex)
    call, visit = taken.step == PHONE, taken.step == VISIT
    called, answered, three, visited, alone = np.zeros((5, n_persons), dtype=bool)
    called[taken.who[call]] = True
    answered[taken.who[call & attempts.youth_answered[taken.of]]] = True
    three[_third_call(taken, n_persons) < NEVER] = True
    visited[taken.who[visit]] = True
    alone[taken.who[visit & (attempts.staff[taken.of] < VISITORS)]] = True
    concerned = np.array([called & ~answered, visited])
    kept = concerned & np.array([three, ~alone])
    place, split = scene.place("outreach_routine"), Split("routine", ("calls", "visits"), total=False)
    for measure, of in (("n_concerned", concerned), ("n_kept", kept)):
        routine, who = np.nonzero(of)
        yield from scene.tally.rows_by(place, measure, split=split, category=routine, who=who)
