"""The cells that the tables of models and tests count, and how they hang together with each other and with the other tables of a follow-up.

Models and tests look at the time up to a horizon of the other tables, so that nobody's exit after it can be worked out. At the level of a covariate
stand the spells that come under observation before the horizon (``modelled``), and of them those that have left by then by the way that is sought
(``sought``) or by any (``left``): each sums to that of everybody over the levels, and those of everybody and of each sex are sums of cells of the
life table and the cumulative incidence. What is in no table is protected where it could be worked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Cell, Equation, cell
from kaa_analysis.survival.horizons import HORIZONS, MONTHS
from kaa_analysis.survival.linked_counts import follow_up_context
from kaa_analysis.survival.model_covariates import ages_of

MODELLED, SOUGHT, LEFT = "modelled", "sought", "left"
COVARIATE, LEVEL, SINCE = "covariate", "level", "since_entry"
AGE = "age_at_entry"
COUNTED_IN_SPLITS = ("sex",)
"""The covariates that the life table is split by."""


def model_cell(follow_up: FollowUp, what: str, **place: str) -> Cell:
    """Return the cell of what is counted (`MODELLED`, `SOUGHT` or `LEFT`) at a place; that of everybody without one."""
    return cell(f"{follow_up.cohort}_{what}", **follow_up_context(follow_up), **place)


def everybody_equations(follow_up: FollowUp, *, horizon: int) -> Iterator[Equation]:
    """Give what ties everybody to the tables of the follow-up."""
    yield from _by_horizon(follow_up, {}, {}, horizon=horizon)


def level_equations(follow_up: FollowUp, covariate: str, levels: Sequence[str], *, horizon: int) -> Iterator[Equation]:
    """Give what ties the levels of a covariate that is known at entry to everybody, and sex to the tables that are split by it."""
    for what in (MODELLED, SOUGHT, LEFT):
        own = [model_cell(follow_up, what, **_at(covariate, level)) for level in levels]
        yield Equation("Nivåerna summerar till alla", ((-1, model_cell(follow_up, what)), *((1, term) for term in own)))
    for level in levels:
        yield from _remainders(follow_up, _at(covariate, level))
        if covariate in COUNTED_IN_SPLITS:
            yield from _by_horizon(follow_up, _at(covariate, level), {covariate: level}, horizon=horizon)
        if covariate == AGE:
            yield from _before_20(follow_up, level)


def calendar_equations(follow_up: FollowUp, covariate: str, levels: Sequence[str]) -> Iterator[Equation]:
    """Give what ties the levels of a covariate that changes over time to everybody: a spell can be followed in several, an exit lies in one."""
    own = [model_cell(follow_up, SOUGHT, **_at(covariate, level)) for level in levels]
    yield Equation("Avsluten summerar till alla", ((-1, model_cell(follow_up, SOUGHT)), *((1, term) for term in own)))
    for level in levels:
        there = model_cell(follow_up, MODELLED, **_at(covariate, level))
        never = model_cell(follow_up, "never_modelled", **_at(covariate, level))
        yield Equation("Följs då eller aldrig", ((-1, model_cell(follow_up, MODELLED)), (1, there), (1, never)))
        yield from _remainders(follow_up, _at(covariate, level))


def period_equations(
    follow_up: FollowUp, covariate: str, levels: Sequence[str], *, periods: Sequence[str], months: int
) -> Iterator[Equation]:
    """Give how the exits of the periods since entry sum to those of all time; the first goes to ``months``."""
    first = [model_cell(follow_up, SOUGHT, **_at(covariate, level), **{SINCE: periods[0]}) for level in levels]
    for level in levels:
        place = _at(covariate, level)
        own = [model_cell(follow_up, SOUGHT, **place, **{SINCE: period}) for period in periods]
        yield Equation(
            "Perioderna summerar till hela tiden",
            ((-1, model_cell(follow_up, SOUGHT, **place)), *((1, term) for term in own)),
        )
    to_date = _to_date(follow_up, {"way_out": follow_up.sought}, months)
    yield Equation("Den första periodens avslut", ((-1, to_date), *((1, term) for term in first)))
    if covariate in COUNTED_IN_SPLITS:
        for level, own in zip(levels, first, strict=True):
            of_level = _to_date(follow_up, {"way_out": follow_up.sought, covariate: level}, months)
            yield Equation("Den första periodens avslut", ((-1, of_level), (1, own)))


def _at(covariate: str, level: str) -> dict[str, str]:
    return {COVARIATE: covariate, LEVEL: level}


def _remainders(follow_up: FollowUp, place: Mapping[str, str]) -> Iterator[Equation]:
    """Give what is left of the spells followed when those that left by the way that is sought are taken away."""
    followed, sought, others = (model_cell(follow_up, what, **place) for what in (MODELLED, SOUGHT, "not_sought"))
    yield Equation("De som följs har lämnat för studier eller inte", ((-1, followed), (1, sought), (1, others)))


def _by_horizon(
    follow_up: FollowUp, place: Mapping[str, str], split: Mapping[str, str], *, horizon: int
) -> Iterator[Equation]:
    """Give how the cells at a ``place`` follow from what the other tables of the follow-up count at a ``split``."""
    context = follow_up_context(follow_up) | split
    entered = [
        cell(f"{follow_up.cohort}_entered", **context, **{MONTHS: str(months)})
        for months in HORIZONS
        if months <= horizon
    ]
    too_late = cell(f"{follow_up.cohort}_entered_at_horizon", **context, **{MONTHS: str(horizon)})
    followed = model_cell(follow_up, MODELLED, **place)
    yield Equation(
        "De som kommer under observation", ((-1, followed), (-1, too_late), *((1, term) for term in entered))
    )
    for what, way in ((LEFT, {}), (SOUGHT, {"way_out": follow_up.sought})):
        own, to_date = model_cell(follow_up, what, **place), _to_date(follow_up, way | split, horizon)
        yield Equation("De som har lämnat hittills", ((-1, own), (1, to_date)))


def _before_20(follow_up: FollowUp, level: str) -> Iterator[Equation]:
    """Give what lies between the spells and exits of an age up to the horizon and those that `placement_before_20` counts without one."""
    counted = {
        MODELLED: ("followed",),
        SOUGHT: ("placed",),
        LEFT: ("placed", "turned_20", "left"),
    }
    for what, measures in counted.items():
        all_time = [
            cell(f"{follow_up.cohort}_before_20_{measure}", **follow_up_context(follow_up), **{AGE: str(age)})
            for age in ages_of(level)
            for measure in measures
        ]
        own, later = (model_cell(follow_up, name, **_at(AGE, level)) for name in (what, f"{what}_later"))
        yield Equation(
            "Till och med horisonten eller senare", ((-1, own), (-1, later), *((1, one) for one in all_time))
        )


def _to_date(follow_up: FollowUp, split: Mapping[str, str], months: int) -> Cell:
    return cell(f"{follow_up.cohort}_events_to_date", **follow_up_context(follow_up) | split, **{MONTHS: str(months)})
