"""From a cohort to times: time zero, delayed entry, the way out or censoring."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, Cohort, FollowUp, TimeUnit
from kaa_analysis.cohorts.exit_ways import MOVED, TURNED_20, WaysOut
from kaa_analysis.cohorts.follow_up_choices import FollowUpChoices
from kaa_analysis.cohorts.known_ends import END_OF_OBSERVATION, UNKNOWN_END
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.periods import birthday
from kaa_analysis.target_population import TargetPopulation

LEAST_AT_RISK = 10
"""The fewest spells that a curve may begin with."""
SPLIT_COLUMNS = ["entry_date", "sex", "district", "age_at_entry", "entry_reason"]


def follow_up(
    cohort: Cohort,
    *,
    ways_out: WaysOut,
    unit: TimeUnit,
    delayed_entry: bool,
    choices: FollowUpChoices | None = None,
    population: TargetPopulation | None = None,
    least_at_risk: int = LEAST_AT_RISK,
) -> FollowUp:
    """Follow every spell of a cohort from time zero to its exit, to the 20th birthday, or to the end of observation (censored).

    Times are whole days or, where all dates are the first of a month, whole calendar months. With ``delayed_entry`` a spell is at
    risk from the latest of its entry date, the day the row came to the register (``registered_at``, if known) and the start of the
    cohort's period. A spell whose delayed entry is not before its exit was never at risk and is left out; the follow-up
    says how many. An exit on the day of time zero, with no delay, is a day-0 event and stays; an end that lies after the end of
    observation has not happened yet and is censored. Around a change of the law the end is that of `known_ends.with_known_ends`: an exit that
    the law forced is censored on the day of the change, and a measure inside the target group ends nothing.

    Where ``ways_out`` know turning 20, nobody is followed past the 20th birthday, the first day outside (in whole months: its month): whatever the register says of that
    day or later, the way out is turning 20. ``choices`` (by default the headline's) say what time zero is and which ways are competing ends;
    ``population`` is needed where time zero is the first day in the target group.

    Where fewer than ``least_at_risk`` spells are at risk from time zero, for most come under observation later, the follow-up begins at the first
    time at which so many are (``conditioned_on``) and is one of those who were still there. Where there never are so many, it begins at zero.

    Raises:
        DefinitionError: ``unit`` is unknown, or is "months" and a date is not the first of a month; or the cohort is that of a district:
            a follow-up goes on where the youth moves to; or time zero needs a population that is not given.
    """
    if cohort.area is not None:
        raise DefinitionError(
            "Tid till studieplacering följs för hela kommunen.",
            found=f"kohorten gäller {cohort.area.code}",
            action="gör kohorten utan area",
        )
    choices = FollowUpChoices() if choices is None else choices
    spells = cohort.spells_table
    turns_20 = _turns_20(spells, ways_out=ways_out, unit=unit)
    observed_to = pd.Timestamp(cohort.observed_to)
    ends = _ends(spells, ways_out=ways_out, observed_to=observed_to, turns_20=turns_20, choices=choices)
    entered = _at_risk_from(spells, start=cohort.period.start) if delayed_entry else spells["entry_date"]
    zero = _time_zero(spells, choices=choices, population=population)
    times = spells[["person_id", "spell"]].assign(
        entry_time=_elapsed(zero, entered.where(entered > zero, zero), unit=unit),
        exit_time=_elapsed(zero, ends["end"], unit=unit),
        way_out=ends["way_out"],
        exit_kind=spells["exit_kind"],
        censored_by=ends["censored_by"],
        time_to_20=_elapsed(zero, turns_20, unit=unit),
        way_known=ends["way_known"],
        time_zero=zero,
    )
    times = pd.concat([times, spells[SPLIT_COLUMNS].assign(district=spells["entry_district"])], axis=1)
    at_risk = (times["entry_time"] < times["exit_time"]) | ((times["entry_time"] == 0) & (times["exit_time"] == 0))
    at_once = at_risk & (times["exit_time"] == 0) & (times["way_out"] != CENSORED)
    day_0_excluded = at_once & (choices.day_0 == "excluded")
    followed = times[at_risk & ~day_0_excluded]
    begins = _first_time(followed, least_at_risk=least_at_risk)
    there = (followed["exit_time"] > begins) | (begins == 0)
    return FollowUp(
        cohort=cohort.name + choices.suffix,
        title=cohort.title,
        period=cohort.period,
        observed_to=cohort.observed_to,
        unit=unit,
        ways_out=ways_out.labels,
        times_table=followed[there].assign(entry_time=followed["entry_time"].clip(lower=begins)),
        source=cohort.source,
        n_never_at_risk=int((~at_risk).sum()),
        n_day_0_excluded=int(day_0_excluded.sum()),
        n_before=int((~there).sum()),
        conditioned_on=begins,
        law_changes=cohort.law_changes,
        choices=choices,
        parts_of_ways=ways_out.parts,
        of_cohort=cohort.name,
        rest=ways_out.rest,
    )


def _first_time(times: pd.DataFrame, *, least_at_risk: int) -> int:
    """Return the first time just after which so many spells are at risk, 0 where there never are."""
    if int((times["entry_time"] == 0).sum()) >= least_at_risk:
        return 0
    entries = np.sort(times["entry_time"].to_numpy(dtype="int64"))
    exits = np.sort(times["exit_time"].to_numpy(dtype="int64"))
    n_at_risk = np.searchsorted(entries, entries, side="right") - np.searchsorted(exits, entries, side="right")
    enough = entries[n_at_risk >= least_at_risk]
    return int(enough[0]) if len(enough) else 0


def _turns_20(spells: pd.DataFrame, *, ways_out: WaysOut, unit: TimeUnit) -> pd.Series:
    """Return the 20th birthday, in whole months the first day of its month; missing where turning 20 is no way out."""
    turns_20 = birthday(spells["birth_date"], 20)
    if TURNED_20 not in ways_out.labels:
        turns_20[:] = pd.NaT
    return turns_20 - pd.to_timedelta(turns_20.dt.day - 1, unit="D") if unit == "months" else turns_20


def _ends(
    spells: pd.DataFrame,
    *,
    ways_out: WaysOut,
    observed_to: pd.Timestamp,
    turns_20: pd.Series,
    choices: FollowUpChoices,
) -> pd.DataFrame:
    """Return end, way_out, censored_by and way_known of each spell."""
    end_date = spells["end_date"].where(spells["end_date"] <= observed_to)
    end = end_date.fillna(observed_to)
    censored_by = spells["censored_by"].where(end_date.notna(), END_OF_OBSERVATION)
    way_out = ways_out.of(spells["end_reason"]).where(censored_by.isna(), CENSORED)
    told_nothing = censored_by.isna() & spells["end_reason"].isna() | censored_by.eq(UNKNOWN_END).fillna(False)
    is_20 = turns_20 <= end
    way_out = way_out.mask(is_20, TURNED_20)
    censored_by = censored_by.mask(is_20)
    for way, chosen in ((TURNED_20, choices.turning_20), (MOVED, choices.moves)):
        if chosen == "censored":
            by_choice = way_out == way
            way_out, censored_by = way_out.mask(by_choice, CENSORED), censored_by.mask(by_choice, way)
    return pd.DataFrame(
        {
            "end": end.where(~is_20, turns_20),
            "way_out": way_out,
            "censored_by": censored_by,
            "way_known": (~told_nothing | is_20).astype(bool),
        }
    )


def _time_zero(spells: pd.DataFrame, *, choices: FollowUpChoices, population: TargetPopulation | None) -> pd.Series:
    """Return the day that time counts from: entry, or the first day of the time in the target group that the spell belongs to."""
    if choices.time_zero == "entry":
        return spells["entry_date"]
    if population is None:
        raise DefinitionError(
            "Tid från första dagen i målgruppen kräver målgruppen.", action="ange population", found="population saknas"
        )
    inside = population.intervals_table[["person_id", "start", "end"]]
    rows = spells[["person_id", "entry_date"]].assign(row=range(len(spells)))
    rows = rows.merge(inside, on="person_id", how="inner", validate="many_to_many")
    rows = rows[rows["end"].isna() | (rows["end"] > rows["entry_date"])]
    first = rows.sort_values(["row", "start"], kind="stable").drop_duplicates("row").set_index("row")["start"]
    found = first.reindex(range(len(spells))).set_axis(spells.index)
    return found.fillna(spells["entry_date"])


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
    n_inside = sum(int((days.dropna().dt.day != 1).sum()) for days in (start, end))
    if n_inside:
        raise DefinitionError(
            "Hela månader kräver att alla datum är den första i en månad.",
            found=f"{n_inside} datum är det inte",
            action='välj unit="days"',
        )
    return (12 * (end.dt.year - start.dt.year) + end.dt.month - start.dt.month).astype("Int64")
