"""Stock, flow, exits and the flow of inclusion of the registrations: what `docs/methods/stock_and_flow.md` defines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from kaa_analysis.synthetic.truth import layout_codes
from kaa_analysis.synthetic.truth.known_tables import Whole, day_number
from kaa_analysis.synthetic.truth.period_scene import Scene, began, ended, running, there_in
from kaa_analysis.synthetic.truth.tallying import ALL, Place, Row, Split
from kaa_analysis.synthetic.truth.target_days import registered_days

REASONS = tuple(reason for code, reason in layout_codes.EXIT_REASONS.items() if code != layout_codes.MISREGISTERED)


def stock_and_flow(scene: Scene) -> Iterator[Row]:
    """Give the registrations at the start, those that began and ended, those at the end, and the persons covered."""
    rows, period = scene.known.registrations, scene.period
    place = scene.place("stock_and_flow")
    chosen = {
        "n_stock_start": running(rows, period.start - 1),
        "n_entries": began(rows, period),
        "n_exits": ended(rows, period),
        "n_stock_end": running(rows, period.end - 1),
    }
    yield from scene.tally.rows(place, {name: rows.who[scene.counted & among] for name, among in chosen.items()})
    yield from scene.tally.persons(place, {"n_persons": rows.who[scene.covered]})


def monthly_flow(scene: Scene) -> Iterator[Row]:
    """Give the registrations that began and ended in each month."""
    rows, period, place = scene.known.registrations, scene.period, scene.place("monthly_flow")
    first, last = (np.datetime64(day, "M") for day in (period.period.start, period.last_day))
    split = Split("month", [str(month) for month in np.arange(first, last + 1)])
    of_year = Split("month_of_year", [month.partition("-")[2] for month in split.categories])
    beside = scene.place("monthly_flow_by_year")
    events = {"n_entries": (rows.start, began(rows, period)), "n_exits": (rows.end, ended(rows, period))}
    for measure, (days, among) in events.items():
        chosen = scene.counted & among
        number = _month(days[chosen]) - first.astype(np.int64)
        who = rows.who[chosen]
        yield from scene.tally.rows_by(place, measure, split=split, category=number, who=who)
        yield from (
            row
            for row in scene.tally.rows_by(beside, measure, split=of_year, category=number, who=who)
            if row[6] == ALL
        )


def exits(scene: Scene) -> Iterator[Row]:
    """Give the exits by reason, and those to studies: by a start, or completed."""
    rows = scene.known.registrations
    chosen = scene.counted & ended(rows, scene.period)
    who, reason = rows.who[chosen], rows.reason[chosen]
    number = np.array([REASONS.index(layout_codes.EXIT_REASONS[code]) for code in reason], dtype=np.int64)
    split = Split("exit_reason", REASONS)
    yield from scene.tally.rows_by(scene.place("exits_by_reason"), "n_exits", split=split, category=number, who=who)
    starts = np.isin(reason, sorted(layout_codes.STUDY_STARTS))
    completed = reason == layout_codes.COMPLETED
    groups = {
        "n_exits": np.ones(len(who), dtype=bool),
        "n_to_studies": starts | completed,
        "n_study_starts": starts,
        "n_completed": completed,
        "n_elsewhere": ~(starts | completed),
    }
    yield from scene.tally.rows(scene.place("share_to_studies"), {name: who[of] for name, of in groups.items()})


def series_by_law(scene: Scene) -> Iterator[Row]:
    """Give new registrations and those at the end by the law as in force and, where known, by the present one throughout.

    The split has no total: a registration may stand in both.
    """
    rows, period = scene.known.registrations, scene.period
    laws = {"as_in_force": scene.counted}
    if scene.bridged is not None:
        laws["bridged"] = scene.bridged
        laws["only_as_in_force"] = scene.counted & ~scene.bridged
        laws["only_bridged"] = scene.bridged & ~scene.counted
    split, place = Split("law", tuple(laws), total=False), scene.place("series_by_law")
    for measure, among in (("n_entries", began(rows, period)), ("n_stock_end", running(rows, period.end - 1))):
        chosen = [rows.who[kept & among] for kept in laws.values()]
        number = np.repeat(np.arange(len(laws)), [len(who) for who in chosen])
        yield from scene.tally.rows_by(place, measure, split=split, category=number, who=np.concatenate(chosen))


def inclusion_registered(scene: Scene) -> Iterator[Row]:
    """Give the flow of inclusion of the registrations with a day in the period."""
    right, wrong = scene.known.registrations, scene.known.mistakes
    in_period, mistaken = there_in(right, scene.period), there_in(wrong, scene.period)
    left = [
        np.concatenate([right.who, wrong.who]),
        np.concatenate([right.who[in_period], wrong.who[mistaken]]),
        right.who[in_period],
        right.who[in_period & scene.covered],
    ]
    steps = ["outside_period", "misregistered", "not_in_target_group"]
    yield from _flow_of(scene.place("inclusion_registered"), steps=steps, left=left)


def inclusion_entering(scene: Scene) -> Iterator[Row]:
    """Give the flow of inclusion of the registrations that began in the period."""
    right, wrong = scene.known.registrations, scene.known.mistakes
    in_period, mistaken = began(right, scene.period), began(wrong, scene.period)
    days = registered_days(right, start=scene.period.start, end=day_number(scene.known.extract_date))
    left = [
        np.concatenate([right.who, wrong.who]),
        np.concatenate([right.who[in_period], wrong.who[mistaken]]),
        right.who[in_period],
        right.who[in_period & scene.target.meets(days)],
    ]
    steps = ["not_entering", "misregistered", "never_in_target_group"]
    yield from _flow_of(scene.place("inclusion_entering"), steps=steps, left=left)


def _flow_of(place: Place, *, steps: Sequence[str], left: Sequence[Whole]) -> Iterator[Row]:
    """Give all, those that each step left out, and those included; not by sex, as the flow is not split."""
    for measure, who in (("n_spells", left), ("n_persons", [np.unique(each) for each in left])):
        numbers = [len(each) for each in who]
        excluded = [before - after for before, after in pairwise(numbers)]
        for step, n in zip(["all", *steps, "included"], [numbers[0], *excluded, numbers[-1]], strict=True):
            if n:
                yield place.indicator, measure, place.period, "", "step", step, "all", n


def _month(day: Whole) -> Whole:
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
