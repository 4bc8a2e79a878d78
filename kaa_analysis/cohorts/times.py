"""From a cohort to times: time zero at entry, delayed entry, the way out or censoring."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, Cohort, FollowUp, TimeUnit
from kaa_analysis.cohorts.exit_ways import WaysOut
from kaa_analysis.cohorts.known_ends import END_OF_OBSERVATION
from kaa_analysis.core.errors import DefinitionError, did_you_mean

SPLIT_COLUMNS = ["sex", "district", "age_at_entry", "entry_reason"]


def follow_up(cohort: Cohort, *, ways_out: WaysOut, unit: TimeUnit, delayed_entry: bool) -> FollowUp:
    """Follow every spell of a cohort from its entry date to its exit, or to the end of observation (censored).

    Times are whole days or, where all dates are the first of a month, whole calendar months. With ``delayed_entry`` a spell is at
    risk from the latest of its entry date, the day the row came to the register (``registered_at``, if known) and the start of the
    cohort's period. A spell whose delayed entry is not before its exit was never at risk and is left out; the follow-up
    says how many. An exit on the day of entry, with no delay, is a day-0 event and stays; an end that lies after the end of
    observation has not happened yet and is censored. Around a change of the law the end is that of `known_ends.with_known_ends`: an exit that
    the law forced is censored on the day of the change, and a measure inside the target group ends nothing.

    Raises:
        DefinitionError: ``unit`` is unknown, or is "months" and a date is not the first of a month; or the cohort is that of a district:
            a follow-up goes on where the youth moves to.
    """
    if cohort.area is not None:
        raise DefinitionError(
            "Tid till studieplacering följs för hela kommunen.",
            found=f"kohorten gäller {cohort.area.code}",
            action="gör kohorten utan area",
        )
    spells = cohort.spells_table
    observed_to = pd.Timestamp(cohort.observed_to)
    end_date = spells["end_date"].where(spells["end_date"] <= observed_to)
    ended = end_date.fillna(observed_to)
    entered = _at_risk_from(spells, start=cohort.period.start) if delayed_entry else spells["entry_date"]
    censored_by = spells["censored_by"].where(end_date.notna(), END_OF_OBSERVATION)
    times = spells[["person_id", "spell"]].assign(
        entry_time=_elapsed(spells["entry_date"], entered, unit=unit),
        exit_time=_elapsed(spells["entry_date"], ended, unit=unit),
        way_out=ways_out.of(spells["end_reason"]).where(censored_by.isna(), CENSORED),
        exit_kind=spells["exit_kind"],
        censored_by=censored_by,
    )
    times = pd.concat([times, spells[SPLIT_COLUMNS]], axis=1)
    at_risk = (times["entry_time"] == 0) | (times["entry_time"] < times["exit_time"])
    return FollowUp(
        cohort=cohort.name,
        title=cohort.title,
        period=cohort.period,
        observed_to=cohort.observed_to,
        unit=unit,
        ways_out=ways_out.labels,
        times_table=times[at_risk],
        source=cohort.source,
        n_never_at_risk=int((~at_risk).sum()),
        law_changes=cohort.law_changes,
    )


def _at_risk_from(spells: pd.DataFrame, *, start: date) -> pd.Series:
    entry, known = spells["entry_date"], spells["registered_at"]
    return known.where(known > entry, entry).clip(lower=pd.Timestamp(start))


def _elapsed(start: pd.Series, end: pd.Series, *, unit: TimeUnit) -> pd.Series:
    if unit == "days":
        return (end - start).dt.days.astype("Int64")
    if unit != "months":
        raise DefinitionError(
            f"Tidsenheten ska vara days eller months{did_you_mean(unit, ['days', 'months'])}.", found=str(unit)
        )
    n_inside = int((start.dt.day != 1).sum() + (end.dt.day != 1).sum())
    if n_inside:
        raise DefinitionError(
            "Hela månader kräver att alla datum är den första i en månad.",
            found=f"{n_inside} datum är det inte",
            action='välj unit="days"',
        )
    return (12 * (end.dt.year - start.dt.year) + end.dt.month - start.dt.month).astype("Int64")
