"""Handover at 20: what is known, on the last day before the birthday, of those who turned 20 while registered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.inhabitants import counted_in, of_the_same
from kaa_analysis.cohorts.spells import leap_day_of, observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, birthday
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.begun_support import begun_support
from kaa_analysis.indicators.flow_parts import YEAR
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import at_total, share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

HANDOVER = Dimension(
    "handover",
    "Läget när de fyllde 20 år",
    {
        "all": "Fyllde 20 år som registrerade",
        "not_sought": "Inte kontaktade det sista året",
        "sought_only": "Kontaktade men inte nådda det sista året",
        "reached": "Nådda i ett samtal det sista året",
        "in_support": "I stöd den sista dagen",
        "activity_known": "Känd sysselsättning den sista dagen",
        "activity_unknown": "Okänd sysselsättning den sista dagen",
    },
    total="all",
    additive=False,
)
NOT_IN_SUPPORT = "turned_20_without_support"
N_PERSONS = Count("n_persons", "Personer", measure="turned_20_registered", cumulative=True)
MEASURE = N_PERSONS.measure
N_ALL = Count("n_all", "Alla som fyllde 20 år", measure=MEASURE, regardless_of=(HANDOVER.name,), cumulative=True)
SHARE = Share("share_of_turned_20", "Andel", N_PERSONS.name, N_ALL.name)
PARTS = {
    "Alla är kontaktade, nådda eller inget av dem": ("not_sought", "sought_only", "reached"),
    "Sysselsättningen är känd eller okänd": ("activity_known", "activity_unknown"),
}


def handover_at_20(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count those who turned 20 in each period while registered, by whether they had been sought and reached, had support, and were known.

    Whether somebody was handed over to those who work with older youths is not in the register. ``area`` as in `stock_and_flow`, by the
    registration that the youth had the day before the birthday.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: persons registered on the day before their 20th birthday.
    **Time**: the birthday in ``[start, end)``; attempts in the year before it, answered before it; support running, and the last known
    activity, on the day before it.
    **Missing**: an activity never known, known a year or more before the birthday, or known as unknown is unknown.
    **Source**: handlingsplanen avsnitt 4.2.4 and 4.3.1.
    """
    split = splits.period_dimension(periods)
    turning = _turning_20(register, periods, population=population, area=area)
    of_each = pd.concat([_in_state(turning, state) for state in HANDOVER.labels if state != HANDOVER.total])
    by = [split, HANDOVER, SEX]
    n_persons = tally(of_each, by=by, distinct="row")
    n_all = at_total(n_persons, HANDOVER)
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="handover_at_20",
        title=f"De som fyllde 20 år som registrerade{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, N_PERSONS, N_ALL, SHARE),
        table=table({N_PERSONS.name: n_persons, N_ALL.name: n_all, SHARE.name: share(n_persons, n_all)}),
        context=context,
        equations=tuple(_equations(split, context)),
        note="Den sista dagen är dagen före 20-årsdagen, det sista året är året före den. Registret har ingen uppgift om vilka som fördes över "
        "till dem som arbetar med äldre ungdomar. Stöd som kräver samtycke kan saknas."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("handover_at_20", area=area),
    )


def _turning_20(
    register: Register, periods: Sequence[Period], *, population: TargetPopulation | None, area: ChosenArea | None
) -> pd.DataFrame:
    """Return those who turned 20 in each period (a row per person and period) with their states."""
    everybody, found = _everybody(register, population=population), []
    for period in periods:
        require_history(register, period)
        own = everybody[dated_in(everybody["turns_20"], period.start, observed_end(period, register.extract_date))]
        there = counted_in(register, period, population=population, area=area)
        found.append(own[of_the_same(own, there)].assign(period=period.label))
    return pd.concat(found, ignore_index=True)


def _everybody(register: Register, *, population: TargetPopulation | None) -> pd.DataFrame:
    """Return who was registered the day before the 20th birthday: person_id, spell, sex, turns_20 and a column per state.

    The states are those of that day, whatever period is asked about; they are found once for a register.
    """
    rules = None if population is None else population.rules
    return answers_of(register).frame(("turned 20", rules), lambda: _found(register, population), beside=population)


def _found(register: Register, population: TargetPopulation | None) -> pd.DataFrame:
    spells = counted_spells(register, population=population)
    spells = spells.assign(turns_20=birthday(spells["birth_date"], 20, leap_day=leap_day_of(population)))
    registered = (spells["entry_date"] < spells["turns_20"]) & ~(spells["exit_date"] < spells["turns_20"])
    observed = spells["turns_20"] < pd.Timestamp(register.extract_date)
    turning = spells[registered & observed].drop_duplicates("person_id", keep="last").reset_index(drop=True)
    turning = turning[["person_id", "spell", "sex", "turns_20"]].assign(year_before=turning["turns_20"] - YEAR)
    return turning.assign(**_states(turning, register))


def _states(turning: pd.DataFrame, register: Register) -> dict[str, pd.Series]:
    """Return which rows have each state of the split."""
    sought, reached = _sought_and_reached(turning, register)
    known = _activity_known(turning, register)
    return {
        "not_sought": ~sought,
        "sought_only": sought & ~reached,
        "reached": reached,
        "in_support": _in_support(turning, register),
        "activity_known": known,
        "activity_unknown": ~known,
    }


def _in_state(turning: pd.DataFrame, state: str) -> pd.DataFrame:
    rows = turning[turning[state]]
    return rows[["period", "sex"]].assign(handover=state, row=rows.index)


def _sought_and_reached(turning: pd.DataFrame, register: Register) -> tuple[pd.Series, pd.Series]:
    attempts = all_attempts(register)
    who = turning[["turns_20", "year_before"]].assign(
        row=turning.index, person=attempts.numbers_of(turning["person_id"])
    )
    pairs = attempts.rows.merge(who[who["person"] >= 0], on="person", how="inner", validate="many_to_many")
    pairs = pairs[(pairs["date"] >= pairs["year_before"]) & (pairs["date"] < pairs["turns_20"])]
    in_time = pairs["responded_date"].isna() | (pairs["responded_date"] < pairs["turns_20"])
    reached = pairs[pairs["reached"] & in_time]
    return tuple(pd.Series(turning.index.isin(rows["row"]), index=turning.index) for rows in (pairs, reached))


def _in_support(turning: pd.DataFrame, register: Register) -> pd.Series:
    begun = begun_support(register)[["person_id", "start_date", "end_date"]]
    who = turning[["person_id", "turns_20"]].assign(row=turning.index)
    pairs = begun.merge(who, on="person_id", how="inner", validate="many_to_many")
    running = (pairs["start_date"] < pairs["turns_20"]) & ~(pairs["end_date"] < pairs["turns_20"])
    return pd.Series(turning.index.isin(pairs.loc[running, "row"]), index=turning.index)


def _activity_known(turning: pd.DataFrame, register: Register) -> pd.Series:
    last_day = turning["turns_20"] - pd.Timedelta(days=1)
    asked = turning[["person_id"]].assign(day=last_day)
    known = register.ask("activity_known_on_day", asked=asked)
    known = known[known["kind"].ne("unknown")].set_index("person_id")["known_at"]
    known_at = known.reindex(turning["person_id"]).set_axis(turning.index)
    return known_at >= turning["year_before"]


def _equations(split: Dimension, context: dict[str, str]) -> Iterator[Equation]:
    """Give how the states of those who turned 20 add up to all of them."""
    for period in split.labels:
        for sex in SEX.labels:
            place = {"period": period, "sex": sex}
            everybody = splits.at(MEASURE, context, **place)
            for name, states in PARTS.items():
                parts = ((1, splits.at(MEASURE, context, **place, handover=state)) for state in states)
                yield Equation(name, ((-1, everybody), *parts))
            supported = splits.at(MEASURE, context, **place, handover="in_support")
            without = splits.at(NOT_IN_SUPPORT, context, **place)
            yield Equation("Alla är i stöd eller inte", ((-1, everybody), (1, supported), (1, without)))
