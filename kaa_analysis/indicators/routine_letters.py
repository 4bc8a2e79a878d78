"""Two letters of the plan: in September or October to those with a studiebevis, and at 20 about where to turn then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import Cohort, registered_during
from kaa_analysis.cohorts.common_days import DAY
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.spells import in_target, leap_day_of, observed_end, population_of
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period, birthday
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.asked_periods import AskedPeriods
from kaa_analysis.indicators.outreach_rules import RULES, OutreachRules, in_year_of, require_school_year
from kaa_analysis.indicators.seeking import is_named
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

LETTER = Dimension(
    "letter",
    "Brev",
    {
        "studiebevis": "I september eller oktober, till dem som har studiebevis",
        "at_twenty": "När ungdomen fyller tjugo, om var stöd finns sedan",
    },
)
N_DUE = Count("n_due", "Skulle ha fått brev", measure="letter_due")
N_SENT = Count("n_sent", "Brev skickat", measure="letter_sent")
NOT_SENT = "letter_not_sent"
STUDIEBEVIS = "studiebevis"


def routine_letters(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
    rules: OutreachRules = RULES,
) -> Result:
    """Count those who by the plan are sent a letter, and those to whom it was sent, in each läsår.

    *Studiebevis*: registered with that reason and in the target group on some day of September and October; any letter of those two
    months. *At 20*: registered on the day before the 20th birthday; a letter of that mailing at most 31 days before or after it.

    Raises:
        DefinitionError: a period is no läsår or autumn, stands twice, or no day of it is observed.

    **Counts**: persons, each once per letter.
    **Time**: the months of the year in which the läsår begins; the day before the 20th birthday lies in the period.
    **Missing**: until the last day for the letter is over nobody is counted; without an entry reason nobody has a studiebevis.
    **Source**: handlingsplanen avsnitt 4.2.4, 4.3.1 and 4.3.2.
    """
    asked = AskedPeriods(register, periods, population, area)
    by = [LETTER, asked.split, SEX]
    rows = asked.in_each(lambda period: _due(asked, period, rules))
    return asked.result(
        "routine_letters",
        "Brev till dem som har studiebevis och till dem som fyller tjugo år",
        by=by,
        counts={N_DUE: tally(rows, by=by), N_SENT: tally(rows[rows["sent"]], by=by)},
        shares=[Share("share_sent", "Andel som fick brev", N_SENT.name, N_DUE.name)],
        equations=_sent_or_not(asked),
        note="Den som har studiebevis känns igen på orsaken till registreringen. Brevet vid tjugo års ålder ska ha skickats högst en månad före eller "
        "efter födelsedagen. Den som har skyddade uppgifter ingår, även om brev inte skickas; den vars "
        "tid för brevet inte har gått ut ingår inte.",
    )


def _due(asked: AskedPeriods, period: Period, rules: OutreachRules) -> pd.DataFrame:
    """Return a row per person and letter of a period of which the last day for the letter is over: person_id, sex, letter, sent."""
    require_school_year(period)
    register, population = asked.register, asked.population
    cohort = registered_during(register, period, population=population, area=asked.area)
    found = {
        "studiebevis": _with_studiebevis(register, cohort, period, population, rules),
        "at_twenty": _turning_twenty(register, cohort, period, population, rules),
    }
    rows = pd.concat([rows.assign(letter=letter) for letter, rows in found.items()], ignore_index=True)
    return rows[rows["decided"]].drop(columns="decided")


def _with_studiebevis(
    register: Register,
    cohort: Cohort,
    period: Period,
    population: TargetPopulation | None,
    rules: OutreachRules,
) -> pd.DataFrame:
    """Return a row per person who is sent the letter in autumn: person_id, sex, sent, decided."""
    first, last = (in_year_of(period, day) for day in (rules.studiebevis_from, rules.studiebevis_until))
    after = min((pd.Timestamp(last) + DAY).date(), observed_end(period, register.extract_date))
    spells = cohort.spells_table
    spells = spells[spells["entry_reason"].eq(STUDIEBEVIS).fillna(False).astype(bool)]
    found = population_of(register, population)
    if first >= after:
        spells = spells[:0]
    elif found is None:
        gone = spells["exit_date"].notna() & (spells["exit_date"] <= pd.Timestamp(first))
        spells = spells[~gone & (spells["entry_date"] < pd.Timestamp(after))]
    else:
        spells = spells[in_target(spells, found, start=first, end=after)]
    letters = _letters(register)
    sent = letters.loc[dated_in(letters["date"], first, after), "person_id"]
    persons = spells[["person_id", "sex"]].drop_duplicates("person_id")
    return persons.assign(sent=persons["person_id"].isin(sent), decided=register.extract_date > last)


def _turning_twenty(
    register: Register,
    cohort: Cohort,
    period: Period,
    population: TargetPopulation | None,
    rules: OutreachRules,
) -> pd.DataFrame:
    """Return a row per person registered on the last day before turning 20, if that day is in the period: person_id, sex, sent, decided."""
    spells = cohort.spells_table
    spells = spells.assign(twenty=birthday(spells["birth_date"], 20, leap_day=leap_day_of(population)))
    inside = dated_in(spells["twenty"] - DAY, period.start, observed_end(period, register.extract_date))
    registered = spells["exit_date"].isna() | (spells["exit_date"] >= spells["twenty"])
    spells = spells[inside & registered & (spells["entry_date"] < spells["twenty"])].drop_duplicates("person_id")
    letters = _letters(register)
    letters = letters[is_named(letters["campaign"], rules.twenty_campaigns)]
    pairs = letters.merge(spells[["person_id", "twenty"]], on="person_id", how="inner", validate="many_to_one")
    around = (pairs["date"] - pairs["twenty"]).abs() <= pd.Timedelta(days=rules.twenty_days)
    over = spells["twenty"] + pd.Timedelta(days=rules.twenty_days) < pd.Timestamp(register.extract_date)
    sent = spells["person_id"].isin(pairs.loc[around, "person_id"])
    return spells[["person_id", "sex"]].assign(sent=sent, decided=over)


def _letters(register: Register) -> pd.DataFrame:
    """Return the letters before the day of extract: person_id, date, campaign."""
    known = all_attempts(register)
    rows = known.rows[known.rows["channel"].eq("letter") & (known.rows["date"] < pd.Timestamp(register.extract_date))]
    return rows[["date", "campaign"]].assign(person_id=known.persons.to_numpy()[rows["person"]])


def _sent_or_not(asked: AskedPeriods) -> Iterator[Equation]:
    """Give that who should have had a letter was sent one or not."""
    for period, letter, sex in product(asked.split.labels, LETTER.labels, SEX.labels):
        due, sent, rest = (
            splits.at(measure, asked.context, period=period, letter=letter, sex=sex)
            for measure in (N_DUE.measure, N_SENT.measure, NOT_SENT)
        )
        yield Equation("Skulle ha fått brev: skickat eller inte", ((1, due), (-1, sent), (-1, rest)))
