"""The outreach: how far persons came, the attempts by channel, and the first attempt within a month. `docs/methods/outreach_funnel.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.known_tables import CHANNELS, NEVER, SPAN, Whole, day_number
from kaa_analysis.synthetic.truth.period_scene import Scene, began
from kaa_analysis.synthetic.truth.tallying import Row, Split
from kaa_analysis.synthetic.truth.target_days import registered_days

STEPS = ("registered", "sought", "responded", "youth_responded", "reached", "in_support")
STATUSES = ("within", "later_or_none", "left_before", "not_yet_decided", "summer")
SUMMER_FROM, SUMMER_TO = 601, 915
"""1 June and 15 September, as 100 × month + day."""


@dataclass(frozen=True, eq=False)
class Sought:
    """The attempts to the persons covered in a period, from each one's first entry on; all but ``entered`` shape (attempts,).

    ``entered`` (persons,) is the first day of the earliest registration covered, `NEVER` for who is not covered.
    """

    who: Whole
    day: Whole
    channel: Whole
    responded: NDArray[np.bool_]
    youth_responded: NDArray[np.bool_]
    reached: NDArray[np.bool_]
    entered: Whole


def sought_in(scene: Scene) -> Sought:
    """Return the attempts of the period; an answer after its observed part has not come."""
    rows, attempts, period = scene.known.registrations, scene.known.attempts, scene.period
    entered = np.full(len(scene.known.sex), NEVER)
    np.minimum.at(entered, rows.who[scene.covered], rows.start[scene.covered])
    found = np.arange(*np.searchsorted(attempts.day, [period.start, period.end]))
    found = found[attempts.day[found] >= entered[attempts.who[found]]]
    in_time = attempts.answered_on[found] < period.end
    return Sought(
        who=attempts.who[found],
        day=attempts.day[found],
        channel=attempts.channel[found],
        responded=attempts.anyone_answered[found] & in_time,
        youth_responded=attempts.youth_answered[found] & in_time,
        reached=attempts.reached[found] & in_time,
        entered=entered,
    )


def outreach(scene: Scene) -> Iterator[Row]:
    """Give how many persons came to each step and no further, and the attempts and persons by channel."""
    sought = sought_in(scene)
    yield from _funnel(scene, sought)
    place, split = scene.place("contact_volumes"), Split("channel", CHANNELS)
    yield from scene.tally.rows_by(place, "n_attempts", split=split, category=sought.channel, who=sought.who)
    yield from scene.tally.persons_by(place, "n_persons", split=split, category=sought.channel, who=sought.who)


def _funnel(scene: Scene, sought: Sought) -> Iterator[Row]:
    furthest = furthest_step(scene, sought)
    place, split = scene.place("outreach_funnel"), Split("step", STEPS, total=False)
    came = [np.flatnonzero(furthest >= step) for step in range(len(STEPS))]
    step = np.repeat(np.arange(len(STEPS)), [len(who) for who in came])
    yield from scene.tally.rows_by(place, "n", split=split, category=step, who=np.concatenate(came))
    registered = came[0]
    yield from scene.tally.rows_by(place, "n_stopped", split=split, category=furthest[registered], who=registered)


def furthest_step(scene: Scene, sought: Sought) -> Whole:
    """Return the place in `STEPS` of the last step of each person, -1 for who is not covered; shape (persons,)."""
    furthest = np.where(sought.entered < NEVER, 0, -1)
    anyone = np.ones(len(sought.who), dtype=bool)
    for step, among in enumerate([anyone, sought.responded, sought.youth_responded, sought.reached], start=1):
        furthest[sought.who[among]] = step
    support, first_reached = scene.known.support, np.full(len(furthest), NEVER)
    np.minimum.at(first_reached, sought.who[sought.reached], sought.day[sought.reached])
    begun = began(support, scene.period) & (support.start >= first_reached[support.who])
    furthest[support.who[begun]] = len(STEPS) - 1
    return furthest


def first_attempts(scene: Scene) -> Iterator[Row]:
    """Give the new registrations by whether an attempt was made within a calendar month of the day they were registered."""
    rows, extract = scene.known.registrations, day_number(scene.known.extract_date)
    days = registered_days(rows, start=scene.period.start, end=extract)
    new = began(rows, scene.period) & scene.target.meets(days)
    deadline = a_month_after(rows.registered[new])
    last_day = np.minimum(deadline, extract - 1)
    attempted = _attempted(scene, rows.who[new], rows.start[new], last_day)
    left = rows.end[new] <= deadline
    chosen = {
        "summer": in_summer(rows.registered[new]),
        "left_before": left & ~attempted,
        "not_yet_decided": ~left & (deadline >= extract),
        "within": attempted,
    }
    status = np.select(
        list(chosen.values()), [STATUSES.index(name) for name in chosen], default=STATUSES.index("later_or_none")
    )
    place, split = scene.place("first_attempt_within_month"), Split("status", STATUSES)
    yield from scene.tally.rows_by(place, "n_spells", split=split, category=status, who=rows.who[new])


def a_month_after(day: Whole) -> Whole:
    """Return the same day of the next month, or its last day where it has no such day.

    >>> [str(np.datetime64(int(day), "D")) for day in a_month_after(np.array([30, 58]))]
    ['1970-02-28', '1970-03-28']
    """
    date = day.astype("datetime64[D]")
    following = date.astype("datetime64[M]") + 1
    last = (following + 1).astype("datetime64[D]") - 1
    same = following.astype("datetime64[D]") + (date - date.astype("datetime64[M]"))
    return np.minimum(same, last).astype(np.int64)


def in_summer(day: Whole) -> NDArray[np.bool_]:
    """Return which days lie in 1 June – 15 September: the letter goes out after it.

    >>> in_summer(np.array([150, 151, 257, 258])).tolist()
    [False, True, True, False]
    """
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    in_year = 100 * (month.astype(np.int64) % 12 + 1) + (date - month).astype(np.int64) + 1
    return (in_year >= SUMMER_FROM) & (in_year <= SUMMER_TO)


def _attempted(scene: Scene, who: Whole, first: Whole, last: Whole) -> NDArray[np.bool_]:
    """Return whether any attempt to each person was made on the days ``[first, last]``."""
    keys = scene.known.attempts.by_person
    before = np.searchsorted(keys, who * SPAN + first, side="left")
    return np.searchsorted(keys, who * SPAN + last, side="right") > before
