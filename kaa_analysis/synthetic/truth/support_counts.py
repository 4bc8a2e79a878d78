"""Who takes part in support, what of it begins and ends, why, and what comes after. `docs/methods/support.md` has the definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.synthetic.truth import layout_codes
from kaa_analysis.synthetic.truth.known_tables import ACTIVITIES, END_REASONS, KINDS, PROVIDERS, Support, Whole
from kaa_analysis.synthetic.truth.period_scene import Scene, began, ended, running, there_in
from kaa_analysis.synthetic.truth.registered_counts import REASONS
from kaa_analysis.synthetic.truth.tallying import ALL, Row, Split, beside_other_years

WORK_OR_STUDIES = ("work", "studies", "studies_abroad")


@dataclass(frozen=True, eq=False)
class Chosen:
    """Interventions of the persons covered, or some of them; ``places`` are theirs among all of the scene."""

    rows: Support
    places: Whole

    @property
    def who(self) -> Whole:
        """The place of the person of each."""
        return self.rows.who[self.places]


def of_covered(scene: Scene, among: NDArray[np.bool_]) -> Chosen:
    """Return those of the interventions ``among`` (interventions,) whose person is covered in the period."""
    is_covered = np.zeros(len(scene.known.sex), dtype=bool)
    is_covered[scene.known.registrations.who[scene.covered]] = True
    return Chosen(scene.known.support, np.flatnonzero(among & is_covered[scene.known.support.who]))


def support(scene: Scene) -> Iterator[Row]:
    """Give the persons covered who took part in an intervention on a day of the period, by kind and by provider."""
    took_part = of_covered(scene, there_in(scene.known.support, scene.period))
    for name, split, category in _splits(scene):
        place = scene.place("support_by_intervention" if name == "kind" else f"support_by_{name}")
        yield from scene.tally.persons_by(
            place, "n_persons", split=split, category=category[took_part.places], who=took_part.who
        )


def support_flow(scene: Scene) -> Iterator[Row]:
    """Give the interventions running at the start, begun, ended, and running at the end, in all, by kind and by provider."""
    rows, period = scene.known.support, scene.period
    happened = {
        "n_start": of_covered(scene, running(rows, period.start - 1)),
        "n_begun": of_covered(scene, began(rows, period)),
        "n_ended": of_covered(scene, ended(rows, period)),
        "n_end": of_covered(scene, running(rows, period.end - 1)),
    }
    yield from scene.tally.rows(scene.place("support_flow"), {name: chosen.who for name, chosen in happened.items()})
    for name, split, category in _splits(scene):
        for measure in ("n_begun", "n_ended", "n_end"):
            chosen = happened[measure]
            yield from scene.tally.rows_by(
                scene.place(f"support_flow_by_{name}"),
                measure,
                split=split,
                category=category[chosen.places],
                who=chosen.who,
            )


def support_ends(scene: Scene) -> Iterator[Row]:
    """Give what ended: by kind and reason, by the activity after, and how many went to work or studies."""
    rows = scene.known.support
    chosen = of_covered(scene, ended(rows, scene.period))
    kind, reason, activity = (each[chosen.places] for each in (rows.kind, rows.end_reason, rows.activity))
    yield from beside_other_years(
        _crossed(
            scene, "support_end_reasons", "n_ended", (kind, KINDS), ("end_reason", reason, END_REASONS), chosen.who
        )
    )
    place = scene.place("activity_after_support")
    split = Split("activity", ACTIVITIES)
    yield from scene.tally.rows_by(place, "n_ended", split=split, category=activity, who=chosen.who)
    name = np.array(ACTIVITIES, dtype=object)[activity]
    active, unknown = np.isin(name, WORK_OR_STUDIES), name == "unknown"
    groups = {
        "n_ended": np.ones(len(name), dtype=bool),
        "n_active": active,
        "n_unknown": unknown,
        "n_elsewhere": ~(active | unknown),
        "n_possibly": active | unknown,
    }
    measures = {measure: chosen.who[of] for measure, of in groups.items()}
    yield from scene.tally.rows(scene.place("work_or_studies_after_support"), measures)


def exits_after_support(scene: Scene) -> Iterator[Row]:
    """Give the exits of the period by each kind of support with a day in the registration, and by reason."""
    registrations, rows = scene.known.registrations, scene.known.support
    exits = np.flatnonzero(scene.counted & ended(registrations, scene.period))
    both = pd.merge(
        pd.DataFrame({"who": registrations.who[exits], "exit": exits}),
        pd.DataFrame({"who": rows.who, "support": np.arange(len(rows.who))}),
        on="who",
        validate="many_to_many",
    )
    exit_, support_ = both["exit"].to_numpy(), both["support"].to_numpy()
    last_registered = np.maximum(registrations.end[exit_] - 1, registrations.start[exit_])
    last_supported = np.maximum(rows.end[support_] - 1, rows.start[support_])
    meet = (rows.start[support_] <= last_registered) & (last_supported >= registrations.start[exit_])
    pairs = np.unique(np.column_stack([exit_[meet], rows.kind[support_[meet]]]), axis=0).astype(np.int64)
    any_kind = np.unique(pairs[:, 0])
    reason = np.array([REASONS.index(layout_codes.EXIT_REASONS[code]) for code in registrations.reason], dtype=np.int64)
    of_kinds, kinds = np.concatenate([any_kind, pairs[:, 0]]), np.repeat(len(KINDS), len(any_kind))
    after = _crossed_with_total(
        scene,
        "exits_after_support",
        "n_exits",
        (np.concatenate([kinds, pairs[:, 1]]), (*KINDS, ALL)),
        ("exit_reason", reason[of_kinds], REASONS),
        registrations.who[of_kinds],
    )
    yield from beside_other_years(after)


def _splits(scene: Scene) -> Iterator[tuple[str, Split, Whole]]:
    yield "kind", Split("kind", KINDS), scene.known.support.kind
    yield "provider", Split("provider", PROVIDERS), scene.known.support.provider


def _crossed(
    scene: Scene,
    indicator: str,
    measure: str,
    kinds: tuple[Whole, Sequence[str]],
    other: tuple[str, Whole, Sequence[str]],
    who: Whole,
) -> Iterator[Row]:
    """Give entries by kind crossed with another split, with the totals of both; the kinds add up."""
    kind, names = kinds
    name, category, categories = other
    twice = np.concatenate([kind, np.repeat(len(names), len(kind))])
    yield from _crossed_with_total(
        scene,
        indicator,
        measure,
        (twice, (*names, ALL)),
        (name, np.tile(category, 2), categories),
        np.tile(who, 2),
    )


def _crossed_with_total(
    scene: Scene,
    indicator: str,
    measure: str,
    kinds: tuple[Whole, Sequence[str]],
    other: tuple[str, Whole, Sequence[str]],
    who: Whole,
) -> Iterator[Row]:
    """Give entries by kind, the total among them, crossed with another split and its total."""
    kind, names = kinds
    name, category, categories = other
    of_both = [f"{one}/{two}" for one in names for two in (*categories, ALL)]
    width = len(categories) + 1
    number = np.concatenate([kind * width + category, kind * width + len(categories)])
    yield from scene.tally.rows_by(
        scene.place(indicator),
        measure,
        split=Split(f"kind/{name}", of_both, total=False),
        category=number,
        who=np.tile(who, 2),
    )
