"""Every indicator's counts, from the simulated world itself: the definitions of `docs/methods/` followed a second time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd

from kaa_analysis.synthetic.truth import (
    area_counts,
    contact_outcomes,
    coverage_counts,
    flow_counts,
    handover_counts,
    outreach_counts,
    registered_counts,
    school_counts,
    step_counts,
    support_counts,
    support_step_counts,
)
from kaa_analysis.synthetic.truth.known_tables import KnownTables, People, intervals_of, known_tables
from kaa_analysis.synthetic.truth.observed_periods import observed_periods
from kaa_analysis.synthetic.truth.period_scene import Scene, counted, covered
from kaa_analysis.synthetic.truth.tallying import Tally, as_counts
from kaa_analysis.synthetic.truth.target_days import TargetDays, target_days

OF_A_YEAR = (
    registered_counts.stock_and_flow,
    registered_counts.monthly_flow,
    registered_counts.exits,
    registered_counts.series_by_law,
    flow_counts.flow_in_parts,
    flow_counts.persons_in_flow,
    flow_counts.study_measures,
    flow_counts.studies_within_year,
    flow_counts.study_bounds,
    handover_counts.handover,
    registered_counts.inclusion_registered,
    registered_counts.inclusion_entering,
    area_counts.registered_by_area,
    area_counts.stock_by_area,
    area_counts.entries_by_area,
    outreach_counts.outreach,
    outreach_counts.first_attempts,
    support_counts.support,
    support_counts.support_flow,
    support_counts.support_ends,
    support_counts.exits_after_support,
    support_step_counts.employment_steps,
    support_step_counts.aim_routes,
    coverage_counts.coverage,
    school_counts.admission,
    school_counts.notices,
    school_counts.other_paths,
    school_counts.newly_resident,
)
OF_A_LASAR = (
    registered_counts.stock_and_flow,
    outreach_counts.outreach,
    outreach_counts.first_attempts,
    step_counts.outreach_steps,
    contact_outcomes.chosen_support,
    contact_outcomes.letters_of_the_plan,
    contact_outcomes.who_was_reached,
    school_counts.notices,
)
OF_AN_AUTUMN = (outreach_counts.outreach,)
COUNTED = {"calendar_year": OF_A_YEAR, "lasar": OF_A_LASAR, "autumn": OF_AN_AUTUMN}
"""What is counted in the periods of each calendar."""


def indicator_counts(
    tables: Mapping[str, pd.DataFrame],
    *,
    inside: pd.DataFrame,
    start: date,
    extract_date: date,
    inside_bridged: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count what every indicator must give on a clean extract of a chunk's persons.

    ``tables`` are persons, residence, registrations, contacts, offers, activities and, where they are there, schooling, admissions and
    notices, as known on the day of extract. ``inside`` (person,
    start, end: the first day outside, missing = still inside) holds the true days in the target group by the law as in force,
    ``inside_bridged`` those by the present law throughout; without it the series by law has the law in force alone.
    Periods are the calendar years (everything but the outreach step by step), läsår (stock, flow, outreach) and autumns (outreach) that begin on ``start`` or later.

    Returns a row per indicator, measure, period, division, split, category and sex ("all" is the total) with n > 0. Chunks
    without a person in common add up (`tallying.add_up`). Names are those of the indicators' own tables and columns; the
    funnel and the volumes carry no calendar in the name, the stock by district is that of the period's last observed day.

    Raises:
        DefinitionError: a person stands twice, a row has no person, or a code is not in the layout.
    """
    known = known_tables(tables, extract_date=extract_date)
    people = People(tables["persons"])
    target = target_days(intervals_of(inside, people=people))
    bridged = None if inside_bridged is None else target_days(intervals_of(inside_bridged, people=people))
    scenes = _scenes(known, target, bridged, start=start)
    return as_counts(row for scene in scenes for count in COUNTED[scene.period.period.calendar] for row in count(scene))


def _scenes(known: KnownTables, target: TargetDays, bridged: TargetDays | None, *, start: date) -> Iterator[Scene]:
    tally, counted_ever = Tally(known.sex), counted(known, target)
    counted_bridged = None if bridged is None else counted(known, bridged)
    for period in observed_periods(start, extract_date=known.extract_date):
        yield Scene(known, target, tally, period, counted_ever, covered(known, target, period), counted_bridged)
