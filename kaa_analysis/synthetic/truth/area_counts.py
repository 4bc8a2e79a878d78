"""The city by district: persons covered, the stock on a day, new registrations. `docs/methods/geography.md` has the definitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kaa_analysis.synthetic.truth import city_areas
from kaa_analysis.synthetic.truth.city_areas import DISTRICTS, NOT_SHOWN
from kaa_analysis.synthetic.truth.known_tables import SPAN, KnownTables, Whole, day_number
from kaa_analysis.synthetic.truth.period_scene import Scene, began, last_of_person, running
from kaa_analysis.synthetic.truth.tallying import Row, Split, beside_other_years
from kaa_analysis.synthetic.truth.target_days import registered_days

NOWHERE = DISTRICTS.index(NOT_SHOWN)
PRESENT = "2023"


def registered_by_area(scene: Scene) -> Iterator[Row]:
    """Give the persons covered, in the district of their last registration's last day in the period and the target group."""
    rows, period = scene.known.registrations, scene.period
    last = last_of_person(rows, scene.covered)
    days = scene.target.last_day(registered_days(rows, start=period.start, end=period.end))[last]
    yield from beside_other_years(
        _by_area(
            scene, "registered", "n_persons", rows.who[last], days, city_areas.division_of(period.period.last_day)
        ),
        divisions=(PRESENT,),
    )


def stock_by_area(scene: Scene) -> Iterator[Row]:
    """Give the registrations that run on the last observed day, in the district of that day."""
    rows, period = scene.known.registrations, scene.period
    who = rows.who[scene.counted & running(rows, period.end - 1)]
    days = np.full(len(who), period.end - 1)
    yield from _by_area(scene, "stock", "n_stock", who, days, city_areas.division_of(period.last_day))


def entries_by_area(scene: Scene) -> Iterator[Row]:
    """Give the registrations that began in the period, in the district of their first day."""
    rows, period = scene.known.registrations, scene.period
    new = scene.counted & began(rows, period)
    of_the_time = city_areas.division_of(period.period.last_day)
    yield from _by_area(scene, "entries", "n_entries", rows.who[new], rows.start[new], of_the_time)


def districts_on(known: KnownTables, *, who: Whole, day: Whole) -> Whole:
    """Return the number of the district of each person on each day, in the division of that day; all shape (asked,)."""
    lived = known.residence
    if not len(lived.who):
        return np.full(len(who), NOWHERE)
    place = np.searchsorted(lived.keys, who * SPAN + day, side="right") - 1
    lives_there = (place >= 0) & (lived.who[place] == who) & (day < lived.end[place])
    numbers = [city_areas.district_numbers(lived.written, division=name) for name in city_areas.DIVISION_FROM]
    written = np.array(numbers)[_division_on(day), lived.code[place]]
    return np.where(lives_there & ~known.is_protected[who], written, NOWHERE)


def _division_on(day: Whole) -> Whole:
    """Return the place of the division in force on each day; the first one before it began."""
    first_days = [day_number(first) for first in city_areas.DIVISION_FROM.values()]
    return (np.searchsorted(first_days, day, side="right") - 1).clip(min=0)


def _by_area(scene: Scene, name: str, measure: str, who: Whole, day: Whole, of_the_time: str) -> Iterator[Row]:
    """Give the entries by district and by part of the city, in the present division and in that of the time."""
    district = districts_on(scene.known, who=who, day=day)
    parts, part_of = city_areas.part_numbers()
    for division in sorted({of_the_time, PRESENT}):
        given = city_areas.recoded(division)[district]
        for split, category in ((Split("district", DISTRICTS), given), (Split("part_of_city", parts), part_of[given])):
            place = scene.place(f"{name}_by_{split.name}", division=division)
            yield from scene.tally.rows_by(place, measure, split=split, category=category, who=who)
