"""Inside two kinds of support: the steps of youth employment, and the routes into Aim."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth.known_tables import KINDS, ROUTES, STEPS, Whole
from kaa_analysis.synthetic.truth.period_scene import Scene, began
from kaa_analysis.synthetic.truth.support_counts import of_covered
from kaa_analysis.synthetic.truth.tallying import Row, Split

LAST_STEPS = ("employment", "missing")
"""The steps that nobody goes on from."""


def employment_steps(scene: Scene) -> Iterator[Row]:
    """Give the persons who began each step in the period, by whether they had gone on, were still in it or had ended at its end."""
    rows, period = scene.known.support, scene.period
    employed = rows.kind == KINDS.index("youth_employment")
    places = of_covered(scene, employed & began(rows, period)).places
    latest = _latest_starts(scene, employed)
    last = {(int(rows.who[place]), int(rows.step[place])): int(place) for place in places}
    found: dict[str, list[int]] = {"n_begun": [], "n_went_on": [], "n_still": [], "n_left": []}
    for (who, step), place in last.items():
        going = STEPS[step] not in LAST_STEPS and latest.get((who, step + 1), -1) >= rows.start[place]
        at_end = "n_went_on" if going else "n_still" if rows.end[place] >= period.end else "n_left"
        found["n_begun"].append(place)
        found[at_end].append(place)
    split = Split("intervention_step", STEPS, total=False)
    for measure, chosen in found.items():
        entries = np.array(chosen, dtype=np.int64)
        place_ = scene.place("youth_employment_steps")
        yield from scene.tally.rows_by(place_, measure, split=split, category=rows.step[entries], who=rows.who[entries])


def aim_routes(scene: Scene) -> Iterator[Row]:
    """Give the persons who began Aim in the period by the route of the first one."""
    rows = scene.known.support
    begun = of_covered(scene, (rows.kind == KINDS.index("aim")) & began(rows, scene.period)).places
    _, first = np.unique(rows.who[begun], return_index=True)
    chosen: Whole = begun[first]
    split = Split("route_in", ROUTES)
    yield from scene.tally.rows_by(
        scene.place("routes_into_aim"), "n_begun", split=split, category=rows.route[chosen], who=rows.who[chosen]
    )


def _latest_starts(scene: Scene, employed: NDArray[np.bool_]) -> dict[tuple[int, int], int]:
    """Return the last day before the end of the period on which each person began each step (a place in `STEPS`)."""
    rows = scene.known.support
    known = np.flatnonzero(employed & (rows.start < scene.period.end))
    return {(int(rows.who[place]), int(rows.step[place])): int(rows.start[place]) for place in known}
