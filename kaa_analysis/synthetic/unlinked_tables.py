"""What stands for no person in the files: answers to surveys, school units, counted cohorts of schools."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days, Draws, Numbers
from kaa_analysis.synthetic.lives import Lives
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.registrations import Registered
from kaa_analysis.synthetic.scenario import YOUNGEST, Scenario
from kaa_analysis.synthetic.school_calendar import NO_DAY
from kaa_analysis.synthetic.schools import SUSA_FROM, SUSA_TO, schools_of
from kaa_analysis.synthetic.survey_answers import number_surveys, surveys_of

FIRST_CONTACT, AIM, GROUP, DROPOUT = "FK", "AIM", "GRP", "AVH"
COUNTED = (10, 15)
"""The month and day on which schools count who has gone on."""


def unlinked_tables(
    lives: Lives, register: Registered, *, scenario: Scenario, margins: Margins
) -> dict[str, pd.DataFrame]:
    """Return the surveys (not yet numbered) and the cohorts of schools of a batch, yet to be added up."""
    return {"surveys": _surveys(lives, register, scenario, margins), "school_cohorts": lives.school_cohorts}


def put_together(
    parts: Sequence[dict[str, pd.DataFrame]], *, scenario: Scenario, margins: Margins
) -> dict[str, pd.DataFrame]:
    """Return the unlinked tables of all batches as they stand in the files, with the school units."""
    surveys = pd.concat([part["surveys"] for part in parts], ignore_index=True)
    cohorts = pd.concat([part["school_cohorts"] for part in parts], ignore_index=True)
    return {
        "surveys": number_surveys(surveys),
        "schools": school_units(margins),
        "school_cohorts": whole_cohorts(cohorts, scenario),
    }


def school_units(margins: Margins) -> pd.DataFrame:
    """Return a row per compulsory school: unit, district (of 2023), provider, susa_from, susa_to, area."""
    schools = schools_of(margins)
    susa = {"susa_from": SUSA_FROM, "susa_to": SUSA_TO}
    days = {name: schools["has_susa"].map({True: pd.Timestamp(day), False: pd.NaT}) for name, day in susa.items()}
    return schools[["unit", "district", "provider", "area"]].assign(**days)


def whole_cohorts(cohorts: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Return the cohorts whose pupils are all simulated, and that have been counted by the day of extract."""
    first = scenario.birth_years.start + YOUNGEST + 1
    last = scenario.extract_date.year - (scenario.extract_date < date(scenario.extract_date.year, *COUNTED))
    whole = cohorts[cohorts["year"].between(first, last)]
    return whole.groupby(["unit", "year"], as_index=False, sort=True).sum()


def _surveys(lives: Lives, register: Registered, scenario: Scenario, margins: Margins) -> pd.DataFrame:
    times = lives.outside
    registered = np.isin(times.episodes.person, register.spells["person"])
    reached = np.where(registered & (times.reached < times.out.day), times.reached, NO_DAY)
    aim = np.where(registered & (times.aim < times.out.day), times.aim, NO_DAY)
    groups = times.offers[times.offers["kind"].eq(GROUP) & times.offers["end"].notna()]
    left = lives.schooling[lives.schooling["leave_reason"].isin(["AV", "BY"])]
    in_group = groups["episode"].to_numpy()
    asked = [
        (FIRST_CONTACT, times.episodes.person, times.episodes.turn, reached),
        (AIM, times.episodes.person, times.episodes.turn, aim),
        (GROUP, times.episodes.person[in_group], times.episodes.turn[in_group], groups["end"].to_numpy("datetime64[D]")),
        (DROPOUT, left["person"].to_numpy(), left["start"].to_numpy("datetime64[D]").astype(np.int64), left["end"].to_numpy("datetime64[D]")),
    ]  # fmt: skip
    return pd.concat([_asked(lives, *who, scenario=scenario, margins=margins) for who in asked], ignore_index=True)


def _asked(
    lives: Lives,
    instrument: str,
    person: Numbers,
    turn: Numbers,
    invited: Days,
    *,
    scenario: Scenario,
    margins: Margins,
) -> pd.DataFrame:
    place = pd.Index(lives.persons.number).get_indexer(person)
    return surveys_of(
        instrument,
        invited=invited,
        draws=Draws(scenario.seed, person, turn=turn),
        openness=lives.persons.openness[place],
        motivation=lives.persons.motivation[place],
        extract_date=scenario.extract_date,
        margins=margins,
    )
