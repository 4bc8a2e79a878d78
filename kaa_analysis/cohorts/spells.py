"""Registrations as spells: joined with the person, with districts and age, in an order that no pseudonym decides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.asked_districts import asked_districts
from kaa_analysis.cohorts.common_days import DAY, NumberedTimes, common_days, numbered_times, times_of
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import LeapDayBirthday, Period, age_on
from kaa_analysis.target_population import TargetPopulation, target_population, wordings

if TYPE_CHECKING:
    from kaa_analysis.store import Register

MISREGISTERED = "misregistered"

SPELL_COLUMNS = [
    "person_id",
    "spell",
    "sex",
    "birth_date",
    "entry_date",
    "entry_reason",
    "exit_date",
    "exit_reason",
    "registered_at",
    "age_at_entry",
    "entry_district",
    "exit_district",
    "district",
]
ORDER = ["entry_date", "birth_date", "sex", "exit_date", "spell", "exit_reason", "entry_reason", "registered_at"]


def all_spells(register: Register, *, population: TargetPopulation | None = None) -> pd.DataFrame:
    """Return every registration of the register with sex, birth date and age at entry (missing where the birth date is).

    The birthday of 29 February is that of the rules of ``population``, by default 1 March in a year without the day. They are read and put
    in order once for a register.
    """
    leap_day = leap_day_of(population)
    return answers_of(register).frame(("spells", leap_day), lambda: _read_spells(register, leap_day=leap_day))


def _read_spells(register: Register, *, leap_day: LeapDayBirthday) -> pd.DataFrame:
    registrations = register.table(
        "registrations",
        columns=["person_id", "spell", "entry_date", "entry_reason", "exit_date", "exit_reason", "registered_at"],
    )
    persons = register.table("persons", columns=["person_id", "sex", "birth_date"])
    spells = registrations.merge(persons, on="person_id", how="left", validate="many_to_one")
    spells["age_at_entry"] = age_on(spells["birth_date"], spells["entry_date"], leap_day=leap_day)
    return spells.sort_values(ORDER, kind="stable", ignore_index=True)


def with_districts(
    spells: pd.DataFrame, *, register: Register, last_day: date, population: TargetPopulation | None = None
) -> pd.DataFrame:
    """Return the spells with the district on the day of entry, on the last registered day, and on that of the period.

    That of the period (``district``) is the last day up to ``last_day`` that the spell is registered or, with a ``population``,
    registered and in the target group; the last registered one where no such day was in it. Each in the division of its day.
    """
    last_registered = spells["exit_date"] - DAY
    last_registered = last_registered.where(
        last_registered.isna() | (last_registered >= spells["entry_date"]), spells["entry_date"]
    )
    in_period = last_registered.fillna(pd.Timestamp(last_day)).clip(upper=pd.Timestamp(last_day))
    if population is not None:
        in_period = _last_target_day(spells, population, end=last_day + timedelta(days=1)).fillna(in_period)
    days = {"entry_district": spells["entry_date"], "exit_district": last_registered, "district": in_period}
    # One question for all three days: the residence is read once.
    everyone = pd.concat([spells["person_id"]] * len(days), ignore_index=True)
    answers = asked_districts(register, everyone, pd.concat(days.values(), ignore_index=True)).array
    found = {name: answers[i * len(spells) : (i + 1) * len(spells)] for i, name in enumerate(days)}
    placed = spells.assign(**found)[SPELL_COLUMNS]
    return placed.sort_values([*ORDER, "entry_district", "district"], kind="stable", ignore_index=True)


def in_target(
    spells: pd.DataFrame, population: TargetPopulation, *, start: date | None = None, end: date | None = None
) -> pd.Series:
    """Return whether the person was in the target group on any day of the spell inside ``[start, end)``.

    An exit on the day of entry counts as one registered day.
    """
    return _have_days(spells, times_of(population), observed_to=population.observed_to, start=start, end=end)


def meets(
    spells: pd.DataFrame,
    inside: pd.DataFrame,
    *,
    observed_to: date,
    start: date | None = None,
    end: date | None = None,
) -> pd.Series:
    """Return which spells have a registered day in one of the person's intervals of ``inside`` (person_id, start, end) and in ``[start, end)``.

    A spell without an exit runs until ``observed_to``.
    """
    return _have_days(spells, numbered_times(inside), observed_to=observed_to, start=start, end=end)


def _have_days(
    spells: pd.DataFrame, inside: NumberedTimes, *, observed_to: date, start: date | None, end: date | None
) -> pd.Series:
    found = common_days(spells, inside, observed_to=observed_to, start=start, end=end)
    return pd.Series(spells.index.isin(found["row"]), index=spells.index)


def _last_target_day(spells: pd.DataFrame, population: TargetPopulation, *, end: date) -> pd.Series:
    """Return the last day before ``end`` that each spell is registered and in the target group (NaT = none)."""
    found = common_days(spells, times_of(population), observed_to=population.observed_to, end=end)
    after = found[["after", "end"]].min(axis=1).groupby(found["row"]).max()
    return after.reindex(spells.index) - DAY


def population_of(register: Register, population: TargetPopulation | None) -> TargetPopulation | None:
    """Return the target population to select by: the given one, that of the default rules, or None where the rules are not applied.

    Raises:
        DefinitionError: the given population was found for another end of observation.
    """
    if not register.follows_law:
        return None
    if population is None:
        return target_population(register)
    if population.observed_to != register.extract_date:
        raise DefinitionError(
            "Målgruppen ska vara bestämd till och med samma uttag som registret.",
            found=f"målgruppen till {population.observed_to}, uttag {register.extract_date}",
        )
    return population


def leap_day_of(population: TargetPopulation | None) -> LeapDayBirthday:
    """Return when somebody born on 29 February has a birthday in years without that day: by the target group's rules, else on 1 March."""
    return "1_march" if population is None else population.rules.leap_day_birthday


def counted_spells(register: Register, *, population: TargetPopulation | None = None) -> pd.DataFrame:
    """Return the spells that stock and flow are counted from, whatever the period.

    Left out are registrations that were a mistake (exit reason misregistered) and, where the rules are applied, those without a day in
    the target group since the first wording, whichever law the rules apply. Districts are added by `with_districts`.
    """
    found, rules = population_of(register, population), None if population is None else population.rules
    return answers_of(register).frame(
        ("counted spells", rules), lambda: _counted(all_spells(register, population=population), found), beside=found
    )


def _counted(spells: pd.DataFrame, population: TargetPopulation | None) -> pd.DataFrame:
    spells = spells[spells["exit_reason"].ne(MISREGISTERED).fillna(True)]
    if population is not None:
        spells = spells[in_target(spells, population, start=wordings()[0].in_force)]
    return spells.reset_index(drop=True)


def require_history(register: Register, period: Period) -> None:
    """Refuse a period that begins before the register's history: those who left before it are not in the register.

    Raises:
        DefinitionError: the period begins too early.
    """
    if register.observed_from is not None and period.start < register.observed_from:
        raise DefinitionError(
            "Perioden ska ligga inom den tid som uttagets historik omfattar.",
            found=f"{period.label} börjar {period.start}, historiken {register.observed_from}",
            action="välj en senare period, eller begär ett uttag med längre historik",
        )


def observed_end(period: Period, observed_to: date) -> date:
    """Return the first day after the period that is not observed: the end of the period or of observation, the earlier.

    Raises:
        DefinitionError: no day of the period is observed.
    """
    if period.start >= observed_to:
        raise DefinitionError(
            "Perioden ska börja före uttaget.",
            found=f"perioden börjar {period.start}, uttag {observed_to}",
            action="välj en tidigare period eller läs in ett nyare uttag",
        )
    return min(period.end, observed_to)
