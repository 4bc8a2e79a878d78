"""Who takes part in an intervention after the first conversation, and when each then begins studies by the match of enrolments, equal for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.cohort import CENSORED, Cohort
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.exit_ways import MOVED, STUDY_OR_OTHER_ENDS, STUDY_PLACEMENT, TURNED_20
from kaa_analysis.cohorts.inclusion_steps import with_last_step
from kaa_analysis.cohorts.known_ends import END_OF_OBSERVATION
from kaa_analysis.cohorts.lasting_placements import STUDY_FORMS
from kaa_analysis.cohorts.selection import first_spells
from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.core.periods import age_on, birthday
from kaa_analysis.core.vocabularies import labels

if TYPE_CHECKING:
    from kaa_analysis.store import Register

UNSEEN = "unseen_placement"
"""The way out of who left the register for studies that no enrolment tells of."""
WAYS: Mapping[str, str] = MappingProxyType(
    {
        STUDY_PLACEMENT: "Inskriven i studier",
        TURNED_20: "Fyllt 20 år",
        MOVED: "Flyttat eller avlidit",
        UNSEEN: "Avslut till studier utan inskrivning",
        "other": "Annat avslut",
    }
)
COVARIATES = ("sex", "age_at_zero", "district", "entry_reason", "days_waited", "earlier_spells", "month")
"""What is known of each person on the day of the first conversation."""
STEPS = ("never_reached", "already_taking_part", "studying_or_20")
"""The steps from each person's first registration in the cohort to the persons followed."""
SEEN_WITHIN = pd.Timedelta(days=30)
"""An enrolment that begins so many days after an exit to studies is the one that the exit was to."""


@dataclass(frozen=True, eq=False)
class Participation:
    """Persons from their first conversation on, in whole days.

    ``times`` has a row per person: person_id, spell, time_zero (the day), start_time (when the intervention begins; missing: never during the
    follow-up), exit_time (≥ 0), way_out (a key of `WAYS` or "censored"), censored_by (missing for those with a way out) and the `COVARIATES`. A start
    comes before the exit. The order does not depend on pseudonyms: it is the cohort's, and draws of persons follow it. ``flow`` is the cohort's, with the steps from its registrations to these persons.
    """

    cohort: str
    title: str
    intervention: str
    times_table: pd.DataFrame
    flow_table: pd.DataFrame

    def __post_init__(self) -> None:
        for name in ("times_table", "flow_table"):
            object.__setattr__(self, name, getattr(self, name).reset_index(drop=True).copy())

    @property
    def times(self) -> pd.DataFrame:
        """A copy of the times."""
        return self.times_table.copy()


def participation(cohort: Cohort, register: Register, *, intervention: str) -> Participation:
    """Follow the persons of a cohort from their first conversation to studies, with the day on which they begin an intervention.

    Time zero is the day of the first two-way conversation with the youth after an attempt of ours, of the person's first spell in the cohort: the
    intervention is offered to those who have been reached. Left out are who was never reached while registered, who began the intervention on that
    day or earlier, and who was enrolled or had turned 20 by then (`STEPS`).

    The outcome is the first day of an enrolment in one of `lasting_placements.STUDY_FORMS` after time zero, from the match that is made every
    night for everybody, whether registered any longer or not. Before it compete turning 20, having moved or died, an exit to studies that no
    enrolment tells of by `SEEN_WITHIN` after it, and any other exit; open registrations, and those that a change of the law ended, are censored.
    On one day studies come first.
    A start of the intervention counts before the way out, not on its day or later; an offer without a start, or one noted as declined, is none.

    Raises:
        DefinitionError: the intervention is unknown, the cohort is that of a district or of another extract, or the register has no enrolments.

    **Counts** persons, each once.
    **Time** whole days since the conversation.
    **Missing** an enrolment without a last day goes on; an intervention without consent is not in the register.
    **Source** `docs/methods/participants.md`; Hernán & Robins 2016 (Am J Epidemiol).
    """
    _check(cohort, register, intervention)
    first, observed_to = first_spells(cohort), pd.Timestamp(cohort.observed_to)
    spells = first.spells_table
    reached = spells.assign(time_zero=_first_conversation(spells, register, observed_to=observed_to))
    people = reached[reached["time_zero"].notna()]
    people = people.assign(turns_20=birthday(people["birth_date"], 20))
    starts, enrolled = _starts(register, intervention), _enrolments(register)
    taking_part = _has(people, starts, lambda pairs: pairs["from_date"] <= pairs["time_zero"])
    outside = people[~taking_part]
    studying = _has(outside, enrolled, lambda pairs: _runs(pairs, pairs["time_zero"]))
    free = outside[~studying & (outside["turns_20"] > outside["time_zero"])]
    ends = _ends(free, placed=_first_after_zero(free, enrolled), observed_to=observed_to)
    begins = _first_after_zero(free, starts)
    return Participation(
        cohort=f"{cohort.name}_{intervention}",
        title=f"{cohort.title}, från första samtalet",
        intervention=intervention,
        times_table=free[["person_id", "spell", "time_zero"]].assign(
            start_time=(begins.where(begins < ends["end"]) - free["time_zero"]).dt.days.astype("Int64"),
            exit_time=(ends["end"] - free["time_zero"]).dt.days.astype("Int64"),
            way_out=ends["way_out"],
            censored_by=ends["censored_by"],
            **_covariates(free, register),
        ),
        flow_table=_flow(first, [people, outside, free]),
    )


def _flow(cohort: Cohort, steps: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the cohort's flow with what each of `STEPS` leaves of it."""
    flow, before = cohort.flow_table, cohort.spells_table
    for step, after in zip(STEPS, steps, strict=True):
        flow = with_last_step(flow, step, before=before, after=after)
        before = after
    return flow


def _first_conversation(spells: pd.DataFrame, register: Register, *, observed_to: pd.Timestamp) -> pd.Series:
    """Return the day of the first conversation while registered, after an attempt of ours on a registered day; missing where there was none."""
    known = all_attempts(register)
    talks = known.rows.loc[known.rows["reached"], ["person", "date", "responded_date"]]
    talks = talks.assign(talked=talks["responded_date"].fillna(talks["date"]))
    windows = spells[["entry_date", "end_date"]].assign(row=spells.index, person=known.numbers_of(spells["person_id"]))
    pairs = windows[windows["person"] >= 0].merge(talks, on="person", how="inner", validate="many_to_many")
    last = pairs["end_date"].where(pairs["end_date"] < observed_to, observed_to)
    inside = pairs[(pairs["date"] >= pairs["entry_date"]) & (pairs["talked"] < last)]
    return inside.groupby("row")["talked"].min().reindex(spells.index)


def _starts(register: Register, intervention: str) -> pd.DataFrame:
    rows = register.table("interventions", columns=["person_id", "kind", "accepted", "start_date"])
    begun = rows["kind"].eq(intervention) & rows["start_date"].notna() & rows["accepted"].ne(False).fillna(True)
    return rows.loc[begun, ["person_id", "start_date"]].rename(columns={"start_date": "from_date"})


def _enrolments(register: Register) -> pd.DataFrame:
    rows = register.table("schooling", columns=["person_id", "school_form", "from_date", "to_date"])
    rows = rows[rows["school_form"].isin(STUDY_FORMS)]
    if rows.empty:
        raise DefinitionError(
            "Utfallet kräver inskrivningar i uttaget.", found="inga inskrivningar i gymnasieskola eller motsvarande"
        )
    return rows[["person_id", "from_date", "to_date"]]


def _pairs(people: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    own = people[["person_id", "time_zero"]].assign(row=people.index)
    return own.merge(others, on="person_id", how="inner", validate="one_to_many")


def _has(people: pd.DataFrame, others: pd.DataFrame, chosen: Callable[[pd.DataFrame], pd.Series]) -> pd.Series:
    """Return which of the people have a row among ``others`` that is ``chosen``."""
    pairs = _pairs(people, others)
    return pd.Series(people.index.isin(pairs.loc[chosen(pairs), "row"]), index=people.index)


def _runs(pairs: pd.DataFrame, day: pd.Series) -> pd.Series:
    return (pairs["from_date"] <= day) & (pairs["to_date"].isna() | (pairs["to_date"] > day))


def _first_after_zero(people: pd.DataFrame, others: pd.DataFrame) -> pd.Series:
    pairs = _pairs(people, others)
    return pairs[pairs["from_date"] > pairs["time_zero"]].groupby("row")["from_date"].min().reindex(people.index)


def _ends(people: pd.DataFrame, *, placed: pd.Series, observed_to: pd.Timestamp) -> pd.DataFrame:
    """Return end, way_out and censored_by of each person: what comes first, studies before all else on one day."""
    exit_day = people["end_date"].where(people["end_date"] < observed_to)
    left = STUDY_OR_OTHER_ENDS.of(people["end_reason"])
    by_exit = left.mask(left == STUDY_PLACEMENT, UNSEEN).where(people["censored_by"].isna(), CENSORED)
    waits = (by_exit == UNSEEN) & (placed <= exit_day + SEEN_WITHIN)
    days = pd.DataFrame(
        {
            STUDY_PLACEMENT: placed.where(placed < observed_to),
            TURNED_20: people["turns_20"].where(people["turns_20"] < observed_to),
            "exit": exit_day.mask(waits),
            END_OF_OBSERVATION: pd.Series(observed_to, index=people.index),
        }
    )
    end = days.min(axis=1)
    first = days.eq(end, axis=0).idxmax(axis=1) if len(days) else pd.Series(dtype="object")
    way = first.where(first != "exit", by_exit).mask(first == END_OF_OBSERVATION, CENSORED).astype("string")
    censored_by = people["censored_by"].where(first == "exit").mask(first == END_OF_OBSERVATION, END_OF_OBSERVATION)
    return pd.DataFrame({"end": end, "way_out": way, "censored_by": censored_by.astype("string")})


def _covariates(people: pd.DataFrame, register: Register) -> dict[str, pd.Series]:
    zero = people["time_zero"]
    earlier = register.table("registrations", columns=["person_id", "entry_date"])
    n_earlier = _pairs(
        people.assign(time_zero=people["entry_date"]), earlier.rename(columns={"entry_date": "from_date"})
    )
    n_earlier = n_earlier[n_earlier["from_date"] < n_earlier["time_zero"]].groupby("row").size()
    return {
        "sex": people["sex"],
        "age_at_zero": age_on(people["birth_date"], zero),
        "district": people["entry_district"],
        "entry_reason": people["entry_reason"],
        "days_waited": (zero - people["entry_date"]).dt.days.astype("Int64"),
        "earlier_spells": n_earlier.reindex(people.index, fill_value=0).astype("Int64"),
        "month": zero.dt.month.astype("Int64"),
    }


def _check(cohort: Cohort, register: Register, intervention: str) -> None:
    known = labels("intervention")
    if intervention not in known:
        raise DefinitionError(
            f'Insatsen "{intervention}" finns inte{did_you_mean(intervention, known)}.',
            found=f"kända: {', '.join(known)}",
        )
    if cohort.observed_to != register.extract_date:
        raise DefinitionError(
            "Deltagandet ska komma ur samma uttag som kohorten.",
            found=f"kohorten till {cohort.observed_to}, uttag {register.extract_date}",
        )
    if cohort.area is not None:
        raise DefinitionError(
            "Deltagande följs för hela kommunen.",
            found=f"kohorten gäller {cohort.area.code}",
            action="gör kohorten utan area",
        )
