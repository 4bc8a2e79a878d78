"""The flow in its parts and the share to studies in two measures: what `docs/methods/flow_parts.md` and `study_measures.md` define."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth import layout_codes
from kaa_analysis.synthetic.truth.known_tables import SPAN, Registrations, Whole, day_number
from kaa_analysis.synthetic.truth.period_scene import Scene, began, ended, running
from kaa_analysis.synthetic.truth.tallying import Row, Split

Flags = NDArray[np.bool_]
TO_STUDIES = sorted(layout_codes.STUDY_STARTS | {layout_codes.COMPLETED})
FIRST, WITHIN_YEAR, LATER = range(3)


def flow_in_parts(scene: Scene) -> Iterator[Row]:
    """Give the stock at the start, the three kinds of new ones, the three kinds of exits and the stock at the end."""
    rows, period = scene.known.registrations, scene.period
    new, left, kind = began(rows, period), ended(rows, period), kind_of_entry(rows, scene.counted)
    to_studies, turned_20 = np.isin(rows.reason, TO_STUDIES), rows.reason == layout_codes.TURNED_20
    chosen = {
        "n_stock_start": running(rows, period.start - 1),
        "n_first": new & (kind == FIRST),
        "n_again_within_year": new & (kind == WITHIN_YEAR),
        "n_again_later": new & (kind == LATER),
        "n_to_studies": left & to_studies,
        "n_turned_20": left & turned_20,
        "n_otherwise": left & ~to_studies & ~turned_20,
        "n_stock_end": running(rows, period.end - 1),
    }
    place = scene.place("flow_in_parts")
    yield from scene.tally.rows(place, {name: rows.who[scene.counted & among] for name, among in chosen.items()})


def persons_in_flow(scene: Scene) -> Iterator[Row]:
    """Give the persons there at the start, those who came first or again, those gone at the end and those there."""
    rows, period = scene.known.registrations, scene.period
    new = began(rows, period)

    def whose(chosen: Flags) -> Flags:
        found = np.zeros(len(scene.known.sex), dtype=bool)
        found[rows.who[scene.counted & chosen]] = True
        return found

    at_start, at_end = whose(running(rows, period.start - 1)), whose(running(rows, period.end - 1))
    first = whose(new & (kind_of_entry(rows, scene.counted) == FIRST))
    came = whose(new) & ~at_start
    groups = {
        "n_persons_start": at_start,
        "n_persons_first": came & first,
        "n_persons_again": came & ~first,
        "n_persons_left": (at_start | came) & ~at_end,
        "n_persons_end": at_end,
    }
    place = scene.place("persons_in_flow")
    yield from scene.tally.rows(place, {name: np.flatnonzero(of) for name, of in groups.items()})


def study_measures(scene: Scene) -> Iterator[Row]:
    """Give what had become of the new ones, and of those there at the start, by the end of the period."""
    rows, period = scene.known.registrations, scene.period
    new = began(rows, period)
    chosen = np.flatnonzero(scene.counted & (new | running(rows, period.start - 1)))
    left, to_studies = ended(rows, period)[chosen], np.isin(rows.reason[chosen], TO_STUDIES)
    split, origin = Split("origin", ("entered", "before")), np.where(new[chosen], 0, 1)
    groups = {
        "n_base": np.ones(len(chosen), dtype=bool),
        "n_to_studies": left & to_studies,
        "n_elsewhere": left & ~to_studies,
        "n_stock_end": ~left,
        "n_exits": left,
    }
    for measure, of in groups.items():
        yield from scene.tally.rows_by(
            scene.place("study_measures"), measure, split=split, category=origin[of], who=rows.who[chosen][of]
        )


def studies_within_year(scene: Scene) -> Iterator[Row]:
    """Give what had become of the new ones a year after each of them began, and those who cannot be followed so long."""
    rows = scene.known.registrations
    new = scene.counted & began(rows, scene.period)
    who, after = rows.who[new], year_later(rows.start[new])
    followed = after <= day_number(scene.known.extract_date)
    left, to_studies = rows.end[new] < after, np.isin(rows.reason[new], TO_STUDIES)
    groups = {
        "n_entries": np.ones(len(who), dtype=bool),
        "n_not_yet": ~followed,
        "n_followed": followed,
        "n_studies_within_year": followed & left & to_studies,
        "n_elsewhere_within_year": followed & left & ~to_studies,
        "n_still_after_year": followed & ~left,
    }
    yield from scene.tally.rows(scene.place("studies_within_year"), {name: who[of] for name, of in groups.items()})


def study_bounds(scene: Scene) -> Iterator[Row]:
    """Give the exits, those to studies, those without a reason, and the last two together."""
    rows = scene.known.registrations
    chosen = scene.counted & ended(rows, scene.period)
    who, reason = rows.who[chosen], rows.reason[chosen]
    to_studies, unknown = np.isin(reason, TO_STUDIES), reason == ""
    groups = {
        "n_exits": np.ones(len(who), dtype=bool),
        "n_to_studies": to_studies,
        "n_unknown": unknown,
        "n_at_most": to_studies | unknown,
    }
    yield from scene.tally.rows(scene.place("study_bounds"), {name: who[of] for name, of in groups.items()})


def kind_of_entry(rows: Registrations, counted: Flags) -> Whole:
    """Return of every registration that is counted whether it is the first, or how long after the latest end it began; -1 of the others."""
    places = np.flatnonzero(counted)
    places = places[np.lexsort((rows.number[places], rows.start[places], rows.who[places]))]
    who, start = rows.who[places], rows.start[places]
    latest = np.maximum.accumulate(who * SPAN + rows.end[places]) - who * SPAN if len(places) else who
    same = np.append(False, who[1:] == who[:-1])[: len(places)]
    earlier = np.append(0, latest[:-1])[: len(places)]
    within = (earlier >= start) | (start < year_later(earlier))
    kind = np.full(len(counted), -1, dtype=np.int64)
    kind[places] = np.where(same, np.where(within, WITHIN_YEAR, LATER), FIRST)
    return kind


def year_later(day: Whole, *, years: int = 1) -> Whole:
    """Return the same day some years later, or the day before 1 March where that year lacks 29 February.

    >>> from datetime import date
    >>> year_later(np.array([day_number(date(2024, 2, 29))])) == day_number(date(2025, 2, 28))
    array([ True])
    """
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    later = month + 12 * years
    found = later.astype("datetime64[D]") + (day.astype("datetime64[D]") - month.astype("datetime64[D]"))
    return (found - (found.astype("datetime64[M]") != later)).astype(np.int64)
