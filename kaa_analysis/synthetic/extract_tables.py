"""Who is in an extract, and the tables of its files as they are known on its day."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kaa_analysis.synthetic.draws import Days, Draws, Flags, Numbers
from kaa_analysis.synthetic.invented_identity import invented_identities
from kaa_analysis.synthetic.known_rows import as_known
from kaa_analysis.synthetic.lives import Lives
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.outreach import cut
from kaa_analysis.synthetic.population import PLACES_PER_YEAR, Persons
from kaa_analysis.synthetic.registrations import Registered
from kaa_analysis.synthetic.reported_activities import activities_of
from kaa_analysis.synthetic.residence import residence_periods
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.school_calendar import ONE_DAY
from kaa_analysis.synthetic.school_notices import GymnasiumEnrolments, notices_of

FIRST_RECORD = 100_000_000
LARGEST_EIGHT_DIGIT_PRIME = 99_999_989
"""Of as many persons the numbers of the records differ."""
RECORD_STEP = 61_803_399
"""Far from one record to the next, so that neighbours are not born next to each other."""
BY_REGISTRATION = ("contacts", "offers", "activities")
"""The tables that only who is registered has rows in."""


def in_extract(lives: Lives, register: Registered, scenario: Scenario) -> Flags:
    """Return who is in the extract: registered on a day of observation, missed by the register, or one of the others."""
    first, last = pd.Timestamp(scenario.start), pd.Timestamp(scenario.extract_date)
    spells, inside = register.spells, register.inside
    observed = spells[(spells["end"] > first) & (spells["start"] <= last) & (spells["registered"] <= last)]
    missed = inside[inside["person"].isin(register.missed) & (inside["end"] > first) & (inside["start"] <= last)]
    numbers = lives.persons.number
    never = ~np.isin(numbers, np.concatenate([spells["person"], inside["person"]]))
    others = never & Draws(scenario.seed, numbers).chance("in_extract", scenario.others_share)
    return np.isin(numbers, np.concatenate([observed["person"], missed["person"]])) | others


def extract_tables(
    lives: Lives, register: Registered, chosen: Flags, *, scenario: Scenario, margins: Margins
) -> dict[str, pd.DataFrame]:
    """Return the tables of the ``chosen`` persons as known on the day of extract, with their identities and in the order of these."""
    persons = lives.persons.of(chosen)
    identities = invented_identities(
        persons.birth_date, persons.sex, Draws(scenario.seed, persons.number), margins=margins
    )
    contacts = cut(lives.outside.contacts, end=_day_after(scenario.extract_date, n=len(lives.outside)))
    everything = {
        "persons": _persons(persons, scenario),
        "residence": residence_periods(lives.stays, protected=lives.persons.number[lives.persons.is_protected]),
        "schooling": lives.schooling.sort_values(["person", "start"], kind="stable"),
        "credentials": lives.credentials.sort_values(["person", "day"], kind="stable"),
        "registrations": register.spells,
        "contacts": _numbered(contacts, lives, by="day"),
        "offers": _numbered(lives.outside.offers[lives.outside.offers["is_recorded"]], lives, by="offered"),
        "activities": _numbered(_activities(lives, contacts, scenario, margins), lives, by="known"),
        "admissions": lives.admissions,
        "notices": _notices(lives, scenario, margins),
    }
    known = as_known(everything, extract_date=scenario.extract_date)
    kept = {name: _of_persons(rows, persons.number, identities) for name, rows in known.items()}
    registered = kept["registrations"]["person"]
    return kept | {name: kept[name][kept[name]["person"].isin(registered)] for name in BY_REGISTRATION}


def record_numbers(place: Numbers) -> Numbers:
    """Return nine digits for places among all persons: all different, and in no order that age or sex explains.

    >>> record_numbers(np.arange(3)).tolist()
    [100000000, 161803399, 123606809]
    """
    return FIRST_RECORD + place * RECORD_STEP % LARGEST_EIGHT_DIGIT_PRIME


def _persons(persons: Persons, scenario: Scenario) -> pd.DataFrame:
    year, place = np.divmod(persons.number, PLACES_PER_YEAR)
    among_all = (year - scenario.birth_years.start) * scenario.births_per_year + place
    return pd.DataFrame({
        "person": persons.number, "birth_date": persons.birth_date, "sex": persons.sex, "newly_resident": persons.newly_resident,
        "has_phone": persons.has_phone, "is_protected": persons.is_protected,
        "record": record_numbers(among_all),
    })  # fmt: skip


def _activities(lives: Lives, contacts: pd.DataFrame, scenario: Scenario, margins: Margins) -> pd.DataFrame:
    return activities_of(
        lives.outside.episodes,
        contacts,
        end=lives.outside.out.day,
        extract_date=scenario.extract_date,
        seed=scenario.seed,
        margins=margins,
    )


def _notices(lives: Lives, scenario: Scenario, margins: Margins) -> pd.DataFrame:
    enrolled = lives.schooling[lives.schooling["form"].ne("GR")].sort_values(["person", "start"], kind="stable")
    turn = enrolled.groupby("person", sort=False).cumcount()
    enrolments = GymnasiumEnrolments(
        person=enrolled["person"].to_numpy(),
        turn=turn.to_numpy(),
        start=enrolled["start"].to_numpy("datetime64[D]"),
        end=enrolled["end"].to_numpy("datetime64[D]"),
        leave_reason=enrolled["leave_reason"].to_numpy(str),
        unit=enrolled["unit"].to_numpy(str),
    )
    return _in_order(notices_of(enrolments, seed=scenario.seed, margins=margins), by="day")


def _numbered(rows: pd.DataFrame, lives: Lives, *, by: str) -> pd.DataFrame:
    """Return the rows with the person of their episode, in the order of persons and days, numbered per person."""
    return _in_order(rows.assign(person=lives.outside.episodes.person[rows["episode"].to_numpy()]), by=by)


def _in_order(rows: pd.DataFrame, *, by: str) -> pd.DataFrame:
    ordered = rows.sort_values(["person", by], kind="stable", ignore_index=True)
    return ordered.assign(number=ordered.groupby("person", sort=False).cumcount() + 1)


def _of_persons(rows: pd.DataFrame, persons: Numbers, identities: Numbers) -> pd.DataFrame:
    """Return the rows of ``persons`` with their identities, in the order of these; within a person as they stood."""
    order = np.argsort(identities, kind="stable")
    place = pd.Index(persons[order]).get_indexer(rows["person"])
    kept = rows[place >= 0].assign(identity=identities[order][place[place >= 0]])
    return kept.iloc[np.argsort(place[place >= 0], kind="stable")].reset_index(drop=True)


def _day_after(day: date, *, n: int) -> Days:
    return np.full(n, np.datetime64(day) + ONE_DAY)
