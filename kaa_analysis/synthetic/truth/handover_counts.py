"""What was known of those who turned 20 while registered: what `docs/methods/handover.md` defines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.flow_counts import year_later
from kaa_analysis.synthetic.truth.known_tables import Whole
from kaa_analysis.synthetic.truth.period_scene import Scene
from kaa_analysis.synthetic.truth.tallying import ALL, Row, Split

STATES = ("not_sought", "sought_only", "reached", "in_support", "activity_known", "activity_unknown")
AGE = 20

Flags = NDArray[np.bool_]


def handover(scene: Scene) -> Iterator[Row]:
    """Give the persons registered the day before their 20th birthday in the period, by what was known of them then; each is in three rows."""
    known, rows = scene.known, scene.known.registrations
    turns_20 = year_later(known.born, years=AGE)
    there = scene.counted & (rows.start < turns_20[rows.who]) & (rows.end >= turns_20[rows.who])
    turning = np.zeros(len(known.sex), dtype=bool)
    turning[rows.who[there]] = True
    turning &= (turns_20 >= scene.period.start) & (turns_20 < scene.period.end)
    sought, reached = _outreach(scene, turns_20)
    support = known.support
    supported = _whose(support.who[_around(support.start, support.end, turns_20[support.who])], like=turning)
    told = _activity_known(scene, turns_20)
    groups = [~sought, sought & ~reached, reached, supported, told, ~told]
    who = [np.flatnonzero(turning & of) for of in groups]
    number = np.repeat(np.arange(len(STATES)), [len(each) for each in who])
    split, place = Split("handover", STATES, total=False), scene.place("handover_at_20")
    yield from scene.tally.rows_by(place, "n_persons", split=split, category=number, who=np.concatenate(who))
    everybody = np.flatnonzero(turning)
    all_of_them = Split("handover", (ALL,), total=False)
    yield from scene.tally.rows_by(
        place, "n_persons", split=all_of_them, category=np.zeros_like(everybody), who=everybody
    )


def _outreach(scene: Scene, turns_20: Whole) -> tuple[Flags, Flags]:
    """Return who was sought in the year before the birthday, and who was reached by that before it."""
    attempts = scene.known.attempts
    birthday = turns_20[attempts.who]
    sought = (attempts.day >= year_later(birthday, years=-1)) & (attempts.day < birthday)
    reached = sought & attempts.reached & (attempts.answered_on < birthday)
    return tuple(_whose(attempts.who[chosen], like=turns_20) for chosen in (sought, reached))


def _activity_known(scene: Scene, turns_20: Whole) -> Flags:
    """Return of whom the last activity told before the birthday that still went on the day before is known and not a year old."""
    told = scene.known.activities
    birthday = turns_20[told.who]
    going_on = np.flatnonzero((told.known < birthday) & (told.end >= birthday))
    order = going_on[np.lexsort((told.number[going_on], told.known[going_on], told.who[going_on]))]
    last = order[np.append(told.who[order][1:] != told.who[order][:-1], True)] if len(order) else order
    fresh = ~told.is_unknown[last] & (told.known[last] >= year_later(birthday[last], years=-1))
    return _whose(told.who[last[fresh]], like=turns_20)


def _around(start: Whole, end: Whole, birthday: Whole) -> Flags:
    """Return what runs on the day before the birthday."""
    return (start < birthday) & (end >= birthday)


def _whose(who: Whole, *, like: NDArray) -> Flags:
    found = np.zeros(len(like), dtype=bool)
    found[who] = True
    return found
