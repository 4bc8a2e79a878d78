"""The city's young people, some birth years at a time: who they are, when they came, where they live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kaa_analysis.synthetic.batches import Batch
from kaa_analysis.synthetic.draws import Codes, Days, Draws, Flags, Numbers, Shares
from kaa_analysis.synthetic.margins import Margins
from kaa_analysis.synthetic.rowwise import Rowwise
from kaa_analysis.synthetic.school_calendar import COMPULSORY_AGE, birthday, date_of, days, month_of, year_of

BORN_HERE, MOVED_IN, MOVED_IN_LATER, NEWLY_RESIDENT, NEWLY_ARRIVED_PUPIL = (
    "born_here", "moved_in", "moved_in_later", "newly_resident", "newly_arrived_pupil",
)  # fmt: skip
SHOCK_YEARS = (2016, 2017)
"""The years in which those who came as refugees in the autumn of 2015 left grade 9."""
PLACES_PER_YEAR = 10_000_000
"""A person's number is the birth year and a place in it, so that a larger city holds the same persons and more."""


@dataclass(frozen=True, eq=False)
class Persons(Rowwise):
    """Arrays of shape (n,), an element per person, in the order of birth dates.

    ``origin`` is how someone came to the city, on ``arrival``. ``motivation`` (standard normal) and ``openness`` (0–1) are in no
    file. ``grade_nine`` is the year in which compulsory school ends, ``twentieth`` the 20th birthday, the first day outside the target group.
    """

    number: Numbers
    birth_date: Days
    sex: Codes
    origin: Codes
    arrival: Days
    grade_nine: Numbers
    district: Codes
    motivation: Shares
    openness: Shares
    has_phone: Flags
    is_protected: Flags
    twentieth: Days

    @property
    def newly_resident(self) -> Flags:
        """Return who came to the country after compulsory school age."""
        return self.origin == NEWLY_RESIDENT


def persons_of(batch: Batch, *, seed: int, margins: Margins) -> Persons:
    """Return everybody of a batch who lives in the city some day before turning 20, in the order of their birth dates.

    Who has a protected identity has always lived here: an address elsewhere would not tell where they belong (29 kap. 6 § skollagen).
    """
    numbers, birth_date = _born(batch, seed=seed)
    draws = Draws(seed, numbers)
    repeats = draws.chance("repeats_grade_nine", margins.share("repeats_grade_nine"))
    grade_nine = year_of(birth_date) + COMPULSORY_AGE + repeats
    is_protected = draws.chance("is_protected", margins.share("protected"))
    origin = np.where(is_protected, BORN_HERE, _origin(draws, grade_nine, margins))
    return Persons(
        number=numbers,
        birth_date=birth_date,
        sex=np.where(draws.chance("sex", margins.share("men_born")), "M", "K"),
        origin=origin,
        arrival=_arrival(origin, birth_date, draws, margins),
        grade_nine=grade_nine,
        district=_district(origin, draws, margins),
        motivation=draws.normal("motivation"),
        openness=draws.uniform("openness"),
        has_phone=draws.chance("has_phone", margins.share("has_phone")),
        is_protected=is_protected,
        twentieth=birthday(birth_date, 20),
    )


def _born(batch: Batch, *, seed: int) -> tuple[Numbers, Days]:
    """Return numbers and birth dates of those of the batch's years who were born in its months, in the order of birth dates."""
    years = np.repeat(np.array(batch.years), batch.births_per_year)
    numbers = years * PLACES_PER_YEAR + np.tile(np.arange(batch.births_per_year), len(batch.years))
    birth_date = Draws(seed, numbers).day("birth_date", date_of(years, 1, 1), date_of(years, 12, 31))
    order = np.argsort(birth_date, kind="stable")
    order = order[np.isin(month_of(birth_date[order]), batch.months)]
    return numbers[order], birth_date[order]


def _origin(draws: Draws, grade_nine: Numbers, margins: Margins) -> Codes:
    """Return how each came; the refugees of the autumn of 2015 are pupils of grade 9 in the years after."""
    weights = margins.weights("origin")
    shock = np.where(np.isin(grade_nine, SHOCK_YEARS), margins.share("newly_arrived_shock"), 1.0)
    return draws.pick("origin", weights | {NEWLY_ARRIVED_PUPIL: weights[NEWLY_ARRIVED_PUPIL] * shock})


def _arrival(origin: Codes, birth_date: Days, draws: Draws, margins: Margins) -> Days:
    """Return the first day in the city: at birth, in childhood, or from the day after the 16th birthday (in the year and month drawn) to 19."""
    childhood = draws.day("arrival.childhood", birthday(birth_date, 3), birthday(birth_date, 15))
    pupil = draws.day("arrival.pupil", birthday(birth_date, 13), birthday(birth_date, 15))
    month = draws.pick("arrival.month", {str(k): v for k, v in margins.weights("entry_month_other").items()})
    age = draws.pick(
        "arrival.age", {str(age): weight for age, weight in margins.weights("age_turned_on_arrival").items()}
    )
    year = year_of(birth_date) + age.astype(int)
    later = date_of(year, month.astype(int), draws.whole("arrival.day", 1, 28))
    compulsory_over = birthday(birth_date, COMPULSORY_AGE) + days(1)
    later = np.maximum(later, compulsory_over)
    return np.select(
        [origin == BORN_HERE, origin == MOVED_IN, origin == NEWLY_ARRIVED_PUPIL],
        [birth_date, childhood, pupil],
        later,
    ).astype("datetime64[D]")


def _district(origin: Codes, draws: Draws, margins: Margins) -> Codes:
    newcomers = draws.pick("district.newcomers", margins.weights("districts_of_newcomers"))
    everyone = draws.pick("district", margins.weights("districts"))
    is_newcomer = (origin == NEWLY_ARRIVED_PUPIL) | (origin == NEWLY_RESIDENT)
    return np.where(is_newcomer, newcomers, everyone)
