"""Who of the target group is registered. `docs/methods/target_population.md` has the definitions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kaa_analysis.synthetic.truth.period_scene import Scene, running
from kaa_analysis.synthetic.truth.tallying import Row, Split


def coverage(scene: Scene) -> Iterator[Row]:
    """Give the persons in the target group or registered on the last observed day, by which of the two."""
    rows, n_persons = scene.known.registrations, len(scene.known.sex)
    day = scene.period.end - 1
    there = running(rows, day)
    in_register, in_target_some_day = np.zeros((2, n_persons), dtype=bool)
    in_register[rows.who[there]] = True
    in_target_some_day[rows.who[there & scene.counted]] = True
    in_target = scene.target.on(day, n_persons=n_persons)
    groups = {
        "both": in_target & in_register,
        "rules_only": in_target & ~in_register,
        "register_other_day": ~in_target & in_target_some_day,
        "register_never": ~in_target & in_register & ~in_target_some_day,
    }
    measures = {
        "n_target": in_target,
        "n_registered": groups["both"],
        "n_outside": groups["register_other_day"] | groups["register_never"],
    }
    yield from scene.tally.rows(
        scene.place("registered_share"), {name: np.flatnonzero(of) for name, of in measures.items()}
    )
    who = [np.flatnonzero(of) for of in groups.values()]
    number = np.repeat(np.arange(len(groups)), [len(each) for each in who])
    yield from scene.tally.rows_by(
        scene.place("coverage"),
        "n_persons",
        split=Split("coverage", tuple(groups)),
        category=number,
        who=np.concatenate(who),
    )
