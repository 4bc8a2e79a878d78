"""What schools tell the home municipality (15 kap. 15 §): considerable absence and dropout, and who of them was soon in the register."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.asked_districts import asked_districts
from kaa_analysis.cohorts.common_days import DAY
from kaa_analysis.cohorts.inhabitants import in_district
from kaa_analysis.cohorts.spells import in_target, observed_end, population_of, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.granted_tables import is_loaded, not_loaded
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import share, table, table_of_each, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

ABSENCE, DROPOUT = "substantial_absence", "dropout"
NOTICE = Dimension("notice", "Anmälan", {code: labels("notice")[code] for code in (ABSENCE, DROPOUT)})

N_NOTICES = Count("n_notices", "Anmälningar", measure="notices", unit="spells", cumulative=True)
N_NOTIFIED = Count("n_persons", "Ungdomar", measure="notified", cumulative=True)
N_COVERED = Count("n_covered", "varav omfattades inom en månad", measure="notified_covered")
N_REGISTERED = Count("n_registered", "varav registrerade då", measure="notified_registered")
SHARE = Share("share_registered", "Andel registrerade", N_REGISTERED.name, N_COVERED.name)


def notices_from_schools(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the notices of considerable absence and of dropout, the youths they are about, and who was soon in the target group and in the register.

    A youth is judged by the first notice of the kind in the period: in the target group on that day, or some day until the same day of the
    next month, and registered on such a day too. While the month runs it is not decided. Only persons of the extract are known. ``area`` is the district they lived in on
    that day, None the whole municipality. Where the register has no notices the table has no rows, and its note says why.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed or that begins before the history.

    **Counts**: notices; youths, each once per kind and period.
    **Time**: the day of the notice in ``[start, end)``, before the day of extract; registered by entry_date and exit_date.
    **Missing**: a missing exit_date is still registered; a month that is not over before the day of extract is not decided.
    **Source**: 15 kap. 15 § skollagen; handlingsplanen avsnitt 4.2.5 and 4.2.6.
    """
    split = splits.period_dimension(periods)
    columns = (split, NOTICE, SEX, N_NOTICES, N_NOTIFIED, N_COVERED, N_REGISTERED, SHARE)
    title = f"Anmälningar från skolor om frånvaro och avbrott{splits.located(area)}, {splits.span(periods)}"
    if not is_loaded(register, "notices"):
        return not_loaded(register, "notices", name="notices_from_schools", title=title, columns=columns, area=area)
    spells = counted_spells(register, population=population)
    counts = {period.label: _of_period(register, period, spells, population, area) for period in periods}
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="notices_from_schools",
        title=title,
        columns=columns,
        table=table_of_each(counts),
        context=context,
        equations=tuple(_equations(split, context)),
        note="Anmälningar om ungdomar som aldrig har omfattats finns inte i uttaget. Den som anmäls flera gånger av samma slag bedöms efter den första. "
        "En elev som anmäls för frånvaro är i regel inskriven och omfattas då inte. En månad som inte har gått ut räknas inte."
        + splits.whose(area, day="den dag anmälan gjordes")
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("notices_from_schools", area=area),
    )


def _of_period(
    register: Register,
    period: Period,
    spells: pd.DataFrame,
    population: TargetPopulation | None,
    area: ChosenArea | None,
) -> pd.DataFrame:
    """Return the counts of a period by kind of notice and sex, with the share."""
    require_history(register, period)
    rows = answers_of(register).answer("notices", lambda: _notices(register))
    rows = rows[dated_in(rows["date"], period.start, observed_end(period, register.extract_date))]
    first = rows.drop_duplicates(["person_id", "notice"])
    if area is not None:
        first = first[in_district(asked_districts(register, first["person_id"], first["date"]), area)]
        keys = pd.MultiIndex.from_frame(first[["person_id", "notice"]])
        rows = rows[pd.MultiIndex.from_frame(rows[["person_id", "notice"]]).isin(keys)]
    covered = _covered(first, register, population)
    registered = covered[_registered(covered, spells)]
    by = [NOTICE, SEX]
    counts = {
        count.name: tally(chosen, by=by)
        for count, chosen in ((N_NOTICES, rows), (N_NOTIFIED, first), (N_COVERED, covered), (N_REGISTERED, registered))
    }
    return table(counts | {SHARE.name: share(counts[N_REGISTERED.name], counts[N_COVERED.name])})


def _notices(register: Register) -> pd.DataFrame:
    """Return the notices of absence and dropout in the order of their days: person_id, notice, date, sex."""
    rows = register.table("notices", columns=["person_id", "kind", "date"]).rename(columns={"kind": "notice"})
    persons = register.table("persons", columns=["person_id", "sex"])
    kept = rows[rows["notice"].isin(list(NOTICE.labels))]
    return kept.merge(persons, on="person_id", how="left", validate="many_to_one").sort_values(
        "date", kind="stable", ignore_index=True
    )


def _covered(first: pd.DataFrame, register: Register, population: TargetPopulation | None) -> pd.DataFrame:
    """Return the notified whose month is over and who were in the target group on some day of it, with its last day."""
    known = first.assign(deadline=first["date"] + pd.DateOffset(months=1))
    known = known[known["deadline"] < pd.Timestamp(register.extract_date)].reset_index(drop=True)
    found = population_of(register, population)
    if found is None:
        return known
    months = known[["person_id"]].assign(entry_date=known["date"], exit_date=known["deadline"] + DAY)
    return known[in_target(months, found)]


def _registered(covered: pd.DataFrame, spells: pd.DataFrame) -> pd.Series:
    """Return which of them have a registered day from the notice to the last day of the month, both included."""
    asked = covered[["person_id", "date", "deadline"]].assign(row=covered.index)
    pairs = asked.merge(
        spells[["person_id", "entry_date", "exit_date"]], on="person_id", how="inner", validate="many_to_many"
    )
    there = pairs["exit_date"].isna() | (pairs["exit_date"] > pairs["date"]) | (pairs["entry_date"] >= pairs["date"])
    in_month = there & (pairs["entry_date"] <= pairs["deadline"])
    return pd.Series(covered.index.isin(pairs.loc[in_month, "row"]), index=covered.index)


def _equations(period_split: Dimension, context: dict[str, str]) -> Iterator[Equation]:
    """Give that every youth has one notice and the rest are repeats, and that those covered are some of the youths."""
    parts = (
        ("Anmälningarna är minst så många som ungdomarna", N_NOTICES, N_NOTIFIED, "repeated_notices"),
        ("De som omfattades och de andra", N_NOTIFIED, N_COVERED, "notified_others"),
    )
    for period in period_split.labels:
        for notice in NOTICE.labels:
            for sex in SEX.labels:
                for name, whole, part, rest in parts:
                    signed = ((-1, whole.measure), (1, part.measure), (1, rest))
                    yield Equation(
                        name,
                        tuple(
                            (sign, splits.at(measure, context, period=period, notice=notice, sex=sex))
                            for sign, measure in signed
                        ),
                    )
