"""How the register shows days in the target group: as unbroken periods, some of them late, now and then from or to the wrong day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.beginnings import is_pupil
from kaa_analysis.synthetic.draws import Draws, Numbers
from kaa_analysis.synthetic.introduction_inside import (
    BY_LAW,
    INTRODUCTION_OUTSIDE,
    first_day_counted,
    introduction_inside,
)
from kaa_analysis.synthetic.lives import Lives
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.population import Persons
from kaa_analysis.synthetic.school_calendar import NO_DAY, days, grade_nine_end, year_of
from kaa_analysis.synthetic.studies import INTRODUCTION
from kaa_analysis.synthetic.ways_out import STUDY_FORMS

REASONS_REPORTED_FROM = np.datetime64("2017-07-01")
"""From this day the reason of entry is told; before it there was none to tell (K901)."""
OTHER_REASON, MISTAKE = "ANN", "FEL"
CLOSED_LATE, STARTED_LATE, MISREGISTERED = "closed_late", "started_late", "misregistered"
DAYS_TO_SPARE = 15
"""Between the longest wrong registration and the end of what it stands beside."""
SPELL_COLUMNS = ("person", "number", "start", "entry_reason", "end", "exit_reason", "last_school", "registered")


@dataclass(frozen=True, eq=False)
class Registered:
    """What the register came to hold.

    ``inside`` has the true days in the target group (person, start, end) by the law as in force, ``inside_bridged`` by the present law
    throughout; days before the first wording (2015-01-01) are there as if it had been in force. ``spells`` has a row per registration: the
    columns of the raw file, *mistake*, the kind of mistake in it ("" = none), and *days_late*, how long after the way out it was closed.
    ``missed`` are the numbers of those of whom a registration should have been made and was not.
    """

    inside: pd.DataFrame
    inside_bridged: pd.DataFrame
    spells: pd.DataFrame
    missed: Numbers


def registered(lives: Lives, *, seed: int, margins: Margins) -> Registered:
    """Return the registrations of all lives, numbered per person in the order of days, and what is wrong with them."""
    introduction = introduction_inside(lives, seed=seed, margins=margins)
    periods = _unbroken(pd.concat([_outside(lives), introduction], ignore_index=True))
    draws = Draws(seed, periods["person"].to_numpy(), turn=periods["turn"].to_numpy())
    recorded = _recorded(periods, lives.persons, draws, margins)
    is_missed = Draws(seed, recorded["person"].to_numpy()).chance("never_registered", margins.share("never_registered"))
    wrong = _misregistrations(lives, seed=seed, margins=margins)
    rows = pd.concat([recorded[~is_missed], wrong], ignore_index=True)
    rows = rows.sort_values(["person", "start"], kind="stable", ignore_index=True)
    rows = rows.assign(number=rows.groupby("person", sort=False).cumcount() + 1)
    return Registered(
        inside=_after_acceptance(_inside(periods, lives.persons), periods, lives.persons),
        inside_bridged=_inside(_unbroken(_outside(lives)), lives.persons),
        spells=rows[[*SPELL_COLUMNS, "mistake", "days_late"]],
        missed=recorded.loc[is_missed, "person"].unique(),
    )


def _outside(lives: Lives) -> pd.DataFrame:
    """Return the times outside school as pieces of days in the target group."""
    episodes, out = lives.outside.episodes, lives.outside.out
    return pd.DataFrame({
        "person": episodes.person, "turn": episodes.turn, "start": episodes.entry, "end": out.day,
        "registered": episodes.registered, "entry_reason": episodes.entry_reason, "last_school": episodes.last_school, "exit_reason": out.reason,
    })  # fmt: skip


def _unbroken(pieces: pd.DataFrame) -> pd.DataFrame:
    """Return the pieces that follow on each other as one period: entered as the first, left as the last."""
    ordered = pieces.sort_values(["person", "start"], kind="stable", ignore_index=True)
    same_person = ordered["person"].eq(ordered["person"].shift())
    follows = same_person & (ordered["start"] <= ordered["end"].shift())
    period = (~follows).cumsum()
    return ordered.groupby(period, sort=False).agg(
        person=("person", "first"), turn=("turn", "first"), start=("start", "first"), end=("end", "last"),
        registered=("registered", "min"), entry_reason=("entry_reason", "first"), last_school=("last_school", "first"),
        exit_reason=("exit_reason", "last"),
    ).reset_index(drop=True)  # fmt: skip


def _inside(periods: pd.DataFrame, persons: Persons) -> pd.DataFrame:
    """Return the true days in the target group.

    Who was left without a place is inside from the end of grade 9, who left the register for another reason until 20.
    """
    who = persons.of(pd.Index(persons.number).get_indexer(periods["person"]))
    start = periods["start"].to_numpy("datetime64[D]")
    never_started = periods["entry_reason"].eq("ALD").to_numpy() & (year_of(start) == who.grade_nine)
    still_outside = periods["exit_reason"].eq(OTHER_REASON).to_numpy()
    return pd.DataFrame({
        "person": periods["person"],
        "start": np.where(never_started, grade_nine_end(who.grade_nine), start),
        "end": np.where(still_outside, who.twentieth, periods["end"].to_numpy("datetime64[D]")),
    })  # fmt: skip


def _after_acceptance(inside: pd.DataFrame, periods: pd.DataFrame, persons: Persons) -> pd.DataFrame:
    """Return the days without those before 16 September of who had left an introduction programme of that autumn already.

    They had accepted a place and, as the law then stood, begun none.
    """
    who = persons.of(pd.Index(persons.number).get_indexer(periods["person"]))
    accepted = periods["last_school"].isin(INTRODUCTION) & (periods["start"] < pd.Timestamp(INTRODUCTION_OUTSIDE))
    first = np.where(accepted & is_pupil(who), first_day_counted(who), NO_DAY)
    start = np.fmax(inside["start"].to_numpy("datetime64[D]"), first)
    return inside.assign(start=start)[start < inside["end"].to_numpy("datetime64[D]")].reset_index(drop=True)


def _recorded(periods: pd.DataFrame, persons: Persons, draws: Draws, margins: Margins) -> pd.DataFrame:
    """Return the rows that were made of the periods, with the mistake in each.

    There is no row if the period was over before anybody registered it: delayed entry is left truncation, not foresight.
    """
    starts_late = draws.chance("starts_late", margins.share("starts_late"))
    end = periods["end"].to_numpy("datetime64[D]")
    closed = end + days(_between(draws, "closes_late.days", margins.weights("closes_late_days")))
    twentieth = persons.twentieth[pd.Index(persons.number).get_indexer(periods["person"])]
    can_close_late = periods["exit_reason"].isin(STUDY_FORMS).to_numpy() & (
        closed < np.minimum(_next_start(periods), twentieth)
    )
    closes_late = can_close_late & draws.chance("closes_late", margins.share("closes_late"))
    reported = periods["start"].to_numpy("datetime64[D]") >= REASONS_REPORTED_FROM
    has_reason = reported & ~draws.chance("entry_reason.missing", margins.share("missing_entry_reason"))
    rows = periods.assign(
        start=periods["start"].mask(starts_late, periods["registered"]),
        end=np.where(closes_late, closed, end),
        days_late=np.where(closes_late, (closed - end).astype(np.int64), 0),
        entry_reason=periods["entry_reason"].where(has_reason, ""),
        exit_reason=periods["exit_reason"].replace(BY_LAW, OTHER_REASON),
        mistake=np.select([closes_late, starts_late], [CLOSED_LATE, STARTED_LATE], ""),
    )
    return rows[(periods["registered"] < periods["end"]).to_numpy()]


def _next_start(periods: pd.DataFrame) -> np.ndarray:
    """Return the first day of each person's next period; a day beyond all others if there is none."""
    following = periods.groupby("person", sort=False)["start"].shift(-1).to_numpy("datetime64[D]")
    return np.where(np.isnat(following), np.datetime64("2200-01-01"), following)


def _misregistrations(lives: Lives, *, seed: int, margins: Margins) -> pd.DataFrame:
    """Return registrations of pupils who are never outside school before 20: found out and ended after a day to some weeks."""
    schooling, persons = lives.schooling, lives.persons
    never_outside = ~schooling["person"].isin(lives.outside.episodes.person)
    pupils = schooling[never_outside & schooling["form"].ne("GR")].drop_duplicates("person")
    draws = Draws(seed, pupils["person"].to_numpy())
    who = persons.of(pd.Index(persons.number).get_indexer(pupils["person"]))
    first = np.maximum(pupils["start"].to_numpy("datetime64[D]"), who.arrival)
    last = np.minimum(pupils["end"].to_numpy("datetime64[D]"), who.twentieth) - days(
        margins.weights("misregistered_days")["most"] + DAYS_TO_SPARE
    )
    chosen = (first < last) & draws.chance("misregistered", margins.share("misregistered_pupils"))
    pupils, draws = pupils[chosen], draws.of(chosen)
    start = draws.day("misregistered.day", first[chosen], last[chosen])
    longer = _between(draws, "misregistered.days", margins.weights("misregistered_days"))
    length = np.where(draws.chance("misregistered.one_day", margins.share("misregistered_one_day")), 1, longer)
    seen = np.minimum(
        _between(draws, "misregistered.seen", margins.weights("misregistered_seen_after_days")), length - 1
    )
    return pd.DataFrame({
        "person": pupils["person"].to_numpy(), "start": start, "end": start + days(length), "registered": start + days(seen),
        "entry_reason": np.where(start >= REASONS_REPORTED_FROM, "OKA", ""), "last_school": pupils["form"].to_numpy(str),
        "exit_reason": MISTAKE, "mistake": MISREGISTERED, "days_late": 0,
    })  # fmt: skip


def _between(draws: Draws, name: str, bounds: Mapping[str, float]) -> Numbers:
    """Return whole numbers between the bounds *least* and *most*, both included."""
    return draws.whole(name, bounds["least"], bounds["most"])
