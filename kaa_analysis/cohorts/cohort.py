"""`Cohort` and `FollowUp`: chosen spells with the flow of exclusions, and their times, ways out and censorings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import pandas as pd

from kaa_analysis.cohorts.follow_up_choices import FollowUpChoices
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period

CENSORED = "censored"
"""The way out of a spell that is not followed to any: open when observation ended, or one of the other `known_ends.CENSORINGS`."""

TimeUnit = Literal["days", "months"]
Outcome = Literal["left", "attempt", "reached"]
PeriodDistrict = Literal["last_target_day", "last_registered_day"]


@dataclass(frozen=True, eq=False)
class Cohort:
    """Spells chosen by one rule.

    ``spells`` has a row per spell, in an order that does not depend on pseudonyms, with the columns
    person_id, spell, sex, birth_date, entry_date, entry_reason, exit_date (first day not registered; NaT = still registered at
    ``observed_to``), exit_reason, registered_at, age_at_entry, entry_district, exit_district, district (that of the period),
    each in the division of its day, and the end up to which it is followed: exit_kind, end_date, end_reason, censored_by (see `known_ends.with_known_ends`).
    ``flow`` has a row per step of inclusion: step (code), kind ("start", "excluded" or "included"), label (Swedish), n_spells,
    n_persons (for an exclusion: persons left without any spell); the rows of kind "excluded" add up to the difference between the first
    and the last. ``observed_to`` is the first day not observed, ``source`` what the register names as its source, ``period_district`` the day
    in the period that ``district`` is that of.
    ``law_changes`` are the days between the start of the period and ``observed_to`` on which the law came to cover others.
    ``area`` is the district that all of them belong to, None for the whole municipality.
    """

    name: str
    title: str
    period: Period
    observed_to: date
    spells_table: pd.DataFrame
    flow_table: pd.DataFrame
    source: str = ""
    period_district: PeriodDistrict = "last_target_day"
    law_changes: tuple[date, ...] = ()
    area: ChosenArea | None = None

    def __post_init__(self) -> None:
        for name in ("spells_table", "flow_table"):
            object.__setattr__(self, name, getattr(self, name).reset_index(drop=True).copy())

    @property
    def spells(self) -> pd.DataFrame:
        """A copy of the spells."""
        return self.spells_table.copy()

    @property
    def flow(self) -> pd.DataFrame:
        """A copy of the flow of inclusion."""
        return self.flow_table.copy()


@dataclass(frozen=True, eq=False)
class FollowUp:
    """The times of a cohort's spells in whole ``unit`` since time zero. Every measure of its tables begins with the name ``cohort``.

    ``times`` has a row per spell: person_id, spell, entry_time (delayed entry, ≥ 0), exit_time (≥ entry_time), way_out (a key of
    ``ways_out`` or `CENSORED`), exit_kind (what the exit of the register is, missing where there is none), censored_by (a code of
    `known_ends.CENSORINGS` or `follow_up_choices.BY_CHOICE`, missing for those who took a way out), time_to_20 (when the person turns 20;
    missing where no way out says that), way_known (false for an exit without a reason, which takes the way ``rest``, and for the censoring
    `known_ends.UNKNOWN_END`), time_zero (the day), entry_date, and the columns that results may be split by (sex, district on the day of entry,
    age_at_entry, entry_reason).
    The spell is at risk in ``(entry_time, exit_time]``; an exit at time 0 is a day-0 event. ``ways_out`` maps each way to its
    Swedish label, in the order of presentation; the first one is that sought (`sought`). ``n_never_at_risk`` spells of the cohort are left out: they
    ended before their delayed entry, ``n_day_0_excluded`` have an exit on day 0 that the ``choices`` exclude, and ``n_before`` were over
    at ``conditioned_on``, the time from which enough spells are at risk: the follow-up is one of those still there then. ``law_changes`` are
    those of the cohort.
    ``parts_of_ways`` are those of the ways out (`WaysOut.parts`). ``cohort`` is the name that what is counted has; with other choices than the
    headline's it is not the name of the cohort itself, ``of_cohort``.
    ``landmark`` is how many months after time zero the time begins to be counted, for those still there (`landmarks.landmark`), else 0;
    ``lasting`` says by what a study placement lasts where that is asked (`lasting_placements.lasting_placement`), and is else empty.
    ``outcome`` is what is waited for: "left" (the register) or a first contact; it decides the words of the tables and the further columns that
    they may be split by.
    """

    cohort: str
    title: str
    period: Period
    observed_to: date
    unit: TimeUnit
    ways_out: Mapping[str, str]
    times_table: pd.DataFrame
    source: str = ""
    n_never_at_risk: int = 0
    n_day_0_excluded: int = 0
    n_before: int = 0
    conditioned_on: int = 0
    law_changes: tuple[date, ...] = ()
    choices: FollowUpChoices = field(default_factory=FollowUpChoices)
    parts_of_ways: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    of_cohort: str = ""
    rest: str = ""
    landmark: int = 0
    lasting: str = ""
    outcome: Outcome = "left"

    def __post_init__(self) -> None:
        object.__setattr__(self, "times_table", self.times_table.reset_index(drop=True).copy())

    @property
    def sought(self) -> str:
        """The way out that the time is a time to: the first one."""
        return next(iter(self.ways_out))

    @property
    def times(self) -> pd.DataFrame:
        """A copy of the times."""
        return self.times_table.copy()
