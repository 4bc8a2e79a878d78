"""How the tables of the time to a first contact hang together with the indicator of the first month, and the two follow-ups with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.cohorts.first_contact import LEFT, name_of
from kaa_analysis.core.result import Equation, cell
from kaa_analysis.survival.groups import group_dimension
from kaa_analysis.survival.horizons import MONTHS
from kaa_analysis.survival.linked_counts import follow_up_context, horizon_places

ALL_NEW = "entering"
"""The cohort of all new registrations, which the indicator of the first month counts."""

FIRST_MONTH = "first_attempt"
OF_SEASON = {"season": "status"}
"""The split that the indicator of the first month has a split of ours as; it has only the summer as a row of its own."""


def contact_links(follow_up: FollowUp, *, by: str | None, horizons: Sequence[int] = ()) -> Iterator[Equation]:
    """Give the equations of a follow-up to a first contact with other tables; none where leaving the register is waited for.

    All spells that are followed are so from time zero, before the first of ``horizons``. Those of all new registrations, with those
    never at risk, are what the indicator of the first month counts. Who has been reached has been sought: the differences are
    counts that readers can work out.
    """
    if follow_up.outcome == "left":
        return
    dimension = group_dimension(by, follow_up=follow_up)
    parts = [] if dimension is None else [{by: value} for value in dimension.labels if value != dimension.total]
    context, followed = follow_up_context(follow_up), f"{follow_up.cohort}_follow_up"
    for part in [{}, *parts] if horizons else []:
        entered = cell(f"{follow_up.cohort}_entered", **context, **part, **{MONTHS: str(horizons[0])})
        yield Equation(
            "De som följs är med från början", ((1, cell(followed, **context, **part, step="followed")), (-1, entered))
        )
    if follow_up.of_cohort == ALL_NEW:
        yield from _with_first_month(followed, context, parts)
    if follow_up.outcome == "reached" and horizons:
        for places in horizon_places(follow_up, by=by, horizons=horizons):
            yield from _among_the_sought(follow_up, places)


def _with_first_month(
    followed: str, context: Mapping[str, str], parts: Sequence[Mapping[str, str]]
) -> Iterator[Equation]:
    """Give that the registrations that are followed and those that are not are those of the indicator, in every part that it has too."""
    for part in [{}, *parts]:
        counted = {OF_SEASON.get(name, name): value for name, value in part.items()}
        if counted.get("status") != "rest_of_year":
            here = [(-1, cell(followed, **context, **part, step=step)) for step in ("followed", "never_at_risk")]
            yield Equation("De nya följs eller följs inte", ((1, cell(FIRST_MONTH, **context, **counted)), *here))
    if parts:
        never = [(-1, cell(followed, **context, **part, step="never_at_risk")) for part in parts]
        total = cell(followed, **context, step="never_at_risk")
        yield Equation("De som inte följs: delarna summerar till totalen", ((1, total), *never))


def _among_the_sought(follow_up: FollowUp, places: Sequence[Mapping[str, str]]) -> Iterator[Equation]:
    """Give how the follow-up to being reached differs from that to the first attempt at the places of one group."""
    own, sought = follow_up.cohort, name_of(follow_up.of_cohort, "attempt")
    entered = [cell(f"{name}_entered", **places[0]) for name in (own, sought)]
    yield Equation("Samma registreringar följs till försök och till samtal", ((1, entered[0]), (-1, entered[1])))
    for place in places:
        not_reached, waiting, left, open_ended = (
            cell(f"{own}_sought_{what}", **place) for what in ("only", "waiting", "left", "censored")
        )
        to_date = {name: f"{name}_events_to_date" for name in (own, sought)}
        parts = [(-1, waiting), (-1, left), (-1, open_ended)]
        yield Equation(
            "Kontaktade: nådda eller inte",
            (
                (1, cell(to_date[sought], **place, way_out="attempt")),
                (-1, cell(to_date[own], **place, way_out="reached")),
                (-1, not_reached),
            ),
        )
        yield Equation(
            "Väntar på ett samtal: kontaktade eller inte",
            ((1, cell(f"{own}_at_risk", **place)), (-1, cell(f"{sought}_at_risk", **place)), (-1, waiting)),
        )
        yield Equation(
            "Lämnade utan att ha nåtts: kontaktade eller inte",
            (
                (1, cell(to_date[own], **place, way_out=LEFT)),
                (-1, cell(to_date[sought], **place, way_out=LEFT)),
                (-1, left),
            ),
        )
        yield Equation(
            "Kontaktade men inte nådda: väntar, har lämnat eller följs inte längre", ((1, not_reached), *parts)
        )
