"""The outreach to each person of a läsår as a history: which step came when, who had come that far, and what it led to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.cohorts import Cohort, registered_during
from kaa_analysis.cohorts.common_days import DAY, common_days, times_of
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.spells import observed_end, population_of
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period
from kaa_analysis.indicators.attempts import first_entries
from kaa_analysis.indicators.outreach_rules import OutreachRules, in_year_of, require_school_year
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

STEPS = ("term_letter", "phone", "further_letter", "knackakort", "home_visit")
TERM, PHONE, FURTHER, CARD, VISIT = range(len(STEPS))
FAR = np.int64(10**6)
"""Later than any day, as whole days since 1970-01-01."""
SPAN = 4 * FAR

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Seeking:
    """What was done to find each person covered.

    ``steps`` has a row per person and step that the person had come to: person_id, sex, step, and whether tried, returned (no letter of
    the step arrived), responded, reached. ``attempts`` has a row per attempt of a step (letter and SMS of a day are one): person_id,
    sex, step, day, youth_answered, staff_count.
    """

    steps: pd.DataFrame
    attempts: pd.DataFrame


def seeking(
    register: Register, period: Period, *, rules: OutreachRules, population: TargetPopulation | None = None
) -> Seeking:
    """Return the outreach to all persons covered in a period. It is found once for a register; nobody may change it.

    Attempts are of a step while the person is sought: on a day registered and in the target group, not after an answer to an attempt or
    a contact of the youth's own in the period, and not at all if there has been a conversation with the youth before the
    period, since the first entry. The letter at the start of term goes to everybody.

    Raises:
        DefinitionError: the period is no läsår or autumn, or no day of it is observed.
    """
    require_school_year(period)
    return answers_of(register).answer(
        ("seeking", period, rules), lambda: _seek(register, period, rules, population), beside=population
    )


def _seek(register: Register, period: Period, rules: OutreachRules, population: TargetPopulation | None) -> Seeking:
    cohort = registered_during(register, period, population=population)
    persons = _persons(register, cohort)
    start, end = _number(period.start), _number(observed_end(period, register.extract_date))
    times = _registered_times(register, cohort, persons, population, start=start, end=end)
    contacts, own = _contacts(register, persons)
    closed = _closed(contacts, own, n_persons=len(persons), start=start, end=end)
    rows = contacts[_on_a_day_of(contacts, times)]
    rows = _in_steps(rows, period, rules)
    rows = rows[(rows["step"] == TERM) | (rows["day"] <= closed[rows["place"]])]
    rows = _answered_in_time(rows, rules, end=end)
    asked_on = int(_number(in_year_of(period, rules.term_letter_from)))
    ready = _ready(rows, persons, times, rules, asked_on=asked_on)
    came = [_came(times, ready[step], closed) for step in range(len(STEPS))]
    came[TERM] = _came(times, np.full(len(persons), asked_on), np.full(len(persons), asked_on))
    return Seeking(_by_step(rows, persons, came), _attempts(rows, persons))


def is_named(campaign: pd.Series, prefixes: tuple[str, ...]) -> pd.Series:
    """Return which names of mailings (categories) begin with one of the prefixes; a missing name does not."""
    return campaign.isin([name for name in campaign.cat.categories if str(name).startswith(prefixes)])


def _number(day: date) -> np.int64:
    return np.datetime64(day, "D").astype(np.int64)


def _numbers(days: pd.Series) -> Whole:
    """Return days as whole days since 1970-01-01, `FAR` where there is none."""
    found = days.to_numpy(dtype="datetime64[D]")
    return np.where(np.isnat(found), FAR, found.astype(np.int64))


def _persons(register: Register, cohort: Cohort) -> pd.DataFrame:
    phones = register.table("persons", columns=["person_id", "has_phone"])
    return first_entries(cohort).merge(phones, on="person_id", how="left", validate="one_to_one")


def _registered_times(
    register: Register,
    cohort: Cohort,
    persons: pd.DataFrame,
    population: TargetPopulation | None,
    *,
    start: np.int64,
    end: np.int64,
) -> pd.DataFrame:
    """Return the registered days in the target group inside the period: place (of the person), first, after."""
    spells, found = cohort.spells_table, population_of(register, population)
    if found is None:
        ends = spells["exit_date"].where(spells["exit_date"] > spells["entry_date"], spells["entry_date"] + DAY)
        ends = ends.where(spells["exit_date"].notna())
        times = pd.DataFrame({"row": spells.index, "first": _numbers(spells["entry_date"]), "after": _numbers(ends)})
    else:
        common = common_days(spells, times_of(found), observed_to=register.extract_date)
        times = pd.DataFrame(
            {
                "row": common["row"],
                "first": np.maximum(_numbers(common["first"]), _numbers(common["start"])),
                "after": np.minimum(_numbers(common["after"]), _numbers(common["end"])),
            }
        )
    times["place"] = pd.Index(persons["person_id"]).get_indexer(spells["person_id"])[times["row"]]
    times = times.assign(first=times["first"].clip(lower=start), after=times["after"].clip(upper=end))
    return times.loc[times["first"] < times["after"], ["place", "first", "after"]].reset_index(drop=True)


def _contacts(register: Register, persons: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the attempts to the persons, and their own contacts, from the first entry on: place, day and what is known of them."""
    known = all_attempts(register)
    number = known.numbers_of(persons["person_id"])
    place_of = np.full(len(known.persons), -1)
    place_of[number[number >= 0]] = np.flatnonzero(number >= 0)
    entered = _numbers(persons["entered"])

    def since_entry(contacts: pd.DataFrame) -> pd.DataFrame:
        found = contacts.assign(place=place_of[contacts["person"]], day=_numbers(contacts["date"]))
        found = found[found["place"] >= 0]
        return found[found["day"].to_numpy() >= entered[found["place"]]].reset_index(drop=True)

    attempts, own = since_entry(known.rows), since_entry(known.own)
    answer_day = _numbers(attempts["responded_date"].fillna(attempts["date"]))
    planned = _numbers(attempts["planned_visit_date"])
    return attempts.assign(answer_day=answer_day, planned=planned), own


def _closed(attempts: pd.DataFrame, own: pd.DataFrame, *, n_persons: int, start: np.int64, end: np.int64) -> Whole:
    """Return the last day on which each person is sought: that of the first answer or own contact; before the start where they had talked."""
    closed = np.full(n_persons, FAR)
    answers = attempts[attempts["answered"] & attempts["answer_day"].between(start, end - 1)]
    came_by = own[own["day"].between(start, end - 1)]
    np.minimum.at(closed, answers["place"].to_numpy(), answers["answer_day"].to_numpy())
    np.minimum.at(closed, came_by["place"].to_numpy(), came_by["day"].to_numpy())
    closed[attempts.loc[attempts["reached"] & (attempts["answer_day"] < start), "place"]] = start - 1
    closed[own.loc[own["reached"] & (own["day"] < start), "place"]] = start - 1
    return closed


def _on_a_day_of(contacts: pd.DataFrame, times: pd.DataFrame) -> Flags:
    """Return which contacts were on one of the person's registered days in the target group."""
    asked = contacts[["place", "day"]].assign(row=np.arange(len(contacts)))
    pairs = asked.merge(times, on="place", how="inner", validate="many_to_many")
    inside = (pairs["first"] <= pairs["day"]) & (pairs["day"] < pairs["after"])
    return np.isin(np.arange(len(contacts)), pairs.loc[inside, "row"])


def _in_steps(contacts: pd.DataFrame, period: Period, rules: OutreachRules) -> pd.DataFrame:
    """Return the contacts that belong to a step, with its number; the letter at 20 and other channels belong to none."""
    channel = contacts["channel"]
    is_mail = channel.isin(["letter", "sms"])
    key = contacts["place"] * SPAN + contacts["day"]
    if rules.term_letter == "campaign":
        at_term = is_mail & is_named(contacts["campaign"], rules.term_campaigns)
    else:
        first, last = (_number(in_year_of(period, day)) for day in (rules.term_letter_from, rules.term_letter_until))
        inside = contacts[channel.eq("letter") & contacts["day"].between(first, last)]
        at_term = contacts["day"].eq(contacts["place"].map(inside.groupby("place")["day"].min())) & is_mail
    number = np.select(
        [
            is_named(contacts["campaign"], rules.twenty_campaigns),
            is_mail & key.isin(key[at_term]),
            is_mail,
            channel.eq("phone"),
            channel.eq("knackakort"),
            channel.eq("home_visit"),
        ],
        [-1, TERM, FURTHER, PHONE, CARD, VISIT],
        default=-1,
    )
    return contacts.assign(step=number, key=key, is_sms=channel.eq("sms"))[number >= 0].reset_index(drop=True)


def _answered_in_time(rows: pd.DataFrame, rules: OutreachRules, *, end: np.int64) -> pd.DataFrame:
    """Return the rows with responded and talked: what came before the next step or within the days that an answer is waited for."""
    answer, day = rows["answer_day"].to_numpy(), rows["day"].to_numpy()
    following = _next_step(rows)
    in_time = (answer <= day + rules.answer_days) | ((answer < following) & (following < FAR))
    announced = (rows["step"] == CARD).to_numpy() & (rows["planned"] < FAR).to_numpy()
    in_time = np.where(announced, answer < rows["planned"].to_numpy(), in_time) & (answer < end)
    return rows.assign(responded=rows["answered"] & in_time, talked=rows["reached"] & in_time)


def _next_step(rows: pd.DataFrame) -> Whole:
    """Return the day of the next attempt of another step to the same person, `FAR` where there is none."""
    found = np.full(len(rows), FAR)
    steps, keys = rows["step"].to_numpy(), rows["key"].to_numpy()
    for other in range(len(STEPS)):
        of_other = np.append(np.sort(keys[steps == other]), np.iinfo(np.int64).max)
        place, day = np.divmod(of_other[np.searchsorted(of_other, keys, side="right")], SPAN)
        applies = (place == rows["place"].to_numpy()) & (steps != other)
        found = np.where(applies, np.minimum(found, day), found)
    return found


def _ready(
    rows: pd.DataFrame, persons: pd.DataFrame, times: pd.DataFrame, rules: OutreachRules, *, asked_on: int
) -> list[Whole]:
    """Return, step by step, the first day on which the step could be taken with each person; `FAR` where it never could."""

    def first_of(chosen: pd.DataFrame, column: str = "day") -> Whole:
        return chosen.groupby("place")[column].min().reindex(range(len(persons)), fill_value=FAR).to_numpy()

    wait = rules.answer_days + 1
    term = first_of(rows[rows["step"] == TERM])
    letter = first_of(rows[rows["step"].isin([TERM, FURTHER])])
    calls = rows.loc[rows["step"] == PHONE, ["place", "day"]].drop_duplicates().sort_values(["place", "day"])
    last_call = first_of(calls[calls.groupby("place").cumcount() == rules.days_of_calls - 1])
    cards = rows[rows["step"] == CARD]
    planned = cards["planned"].where(cards["planned"] < FAR, cards["day"] + wait)
    no_phone = persons["has_phone"].eq(False).fillna(False).to_numpy(dtype=bool)
    return [
        np.full(len(persons), asked_on),
        letter + wait,
        np.where(term < FAR, term + wait, first_of(times, "first")),
        np.where(no_phone, letter + wait, last_call + 1),
        first_of(cards.assign(visit=planned), "visit"),
    ]


def _came(times: pd.DataFrame, ready: Whole, closed: Whole) -> Flags:
    """Return who was registered, in the target group and still sought on some day from ``ready`` on."""
    place = times["place"].to_numpy()
    first = np.maximum(times["first"].to_numpy(), ready[place])
    last = np.minimum(times["after"].to_numpy() - 1, closed[place])
    came = np.zeros(len(ready), dtype=bool)
    came[place[first <= last]] = True
    return came


def _by_step(rows: pd.DataFrame, persons: pd.DataFrame, came: list[Flags]) -> pd.DataFrame:
    letters = rows[~rows["is_sms"]]
    parts = []
    for number, name in enumerate(STEPS):
        of_step = rows[rows["step"] == number]
        tried, responded, reached = (
            np.isin(np.arange(len(persons)), chosen["place"])
            for chosen in (of_step, of_step[of_step["responded"]], of_step[of_step["talked"]])
        )
        all_returned = letters[letters["step"] == number].groupby("place")["returned"].all()
        returned = all_returned.reindex(range(len(persons)), fill_value=False).to_numpy() & ~responded
        flags = {"tried": tried, "returned": returned, "responded": responded, "reached": reached}
        part = persons[["person_id", "sex"]].assign(step=name, **flags)
        parts.append(part[came[number] | tried])
    return pd.concat(parts, ignore_index=True)


def _attempts(rows: pd.DataFrame, persons: pd.DataFrame) -> pd.DataFrame:
    """Return a row per attempt; the letters and SMS of a step to a person on one day are one."""
    mail = rows["step"].isin([TERM, FURTHER])
    kept = rows[~(mail & rows.duplicated(["place", "step", "day"]))]
    whose = persons.loc[kept["place"], ["person_id", "sex"]].reset_index(drop=True)
    facts = kept[["day", "youth_answered", "staff_count"]].reset_index(drop=True)
    return whose.assign(step=np.array(STEPS, dtype=object)[kept["step"]]).join(facts)
