"""Is the first attempt made within a month of the registration?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import entering_during
from kaa_analysis.cohorts.contact_attempts import all_attempts
from kaa_analysis.cohorts.registered_day import in_summer, registered_day
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

STATUS = Dimension(
    "status",
    "Första kontaktförsök",
    {
        "all": "Alla nya registreringar",
        "within": "Inom en månad",
        "later_or_none": "Senare eller inte alls",
        "left_before": "Avregistrerad inom månaden, utan försök",
        "not_yet_decided": "Månaden har inte gått ut",
        "summer": "Registrerad 1 juni–15 september",
    },
    total="all",
)
N_NEW = Count("n_spells", "Nya registreringar", measure="first_attempt", unit="spells", cumulative=True)


def first_attempt_within_month(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the new registrations of each period by whether a first outgoing attempt was made within one calendar month.

    The month runs from ``registered_at`` (the entry date where it is missing) to the same day of the next month, that day
    included. Registrations of 1 June – 15 September are a row of their own, whatever was done. While a month runs it is not yet
    decided, even if an attempt has been made: early successes would else count before early failures. ``area`` is the district that
    the new registrations belong to in the period (`cohorts.inhabitants`), None the whole municipality. Several periods stand below each
    other for every status, a single one above all of them.

    Raises:
        DefinitionError: no period, a label twice, or as in `entering_during`.

    **Counts**: registrations (spells).
    **Time**: the date of an outgoing attempt from the entry date to the last day of the month; events before the day of extract.
    **Missing**: without registered_at the entry date stands in; a month that is not over is not yet decided.
    **Source**: handlingsplanen avsnitt 4.3.2 (uppsökandet börjar inom en månad från registreringen i BER).
    """
    split = splits.period_dimension(periods)
    by = [STATUS, split, SEX] if len(periods) > 1 else [split, STATUS, SEX]
    new = [
        entering_during(register, period, population=population, area=area).spells.assign(period=period.label)
        for period in periods
    ]
    spells = pd.concat(new, ignore_index=True)
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="first_attempt_within_month",
        title=f"Första kontaktförsök inom en månad, nyregistrerade{splits.located(area)} {splits.span(periods)}",
        columns=(*by, N_NEW),
        table=table({N_NEW.name: tally(spells.assign(status=_status(register, spells)), by=by)}),
        context=context,
        equations=tuple(_all_entries(periods, context)),
        note="Månaden räknas från den dag registreringen fördes in i registret. De som registrerades 1 juni–15 september redovisas för sig, eftersom "
        "det stora brevutskicket görs först efter den 15 september."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("first_attempt_within_month", area=area),
    )


def _all_entries(periods: Sequence[Period], context: dict[str, str]) -> Iterator[Equation]:
    """Give that all new registrations are the entries of stock and flow."""
    for period in periods:
        for sex in SEX.labels:
            place = {"period": period.label, "sex": sex}
            yield splits.same(
                "De nya registreringarna är periodens inflöde",
                splits.at(N_NEW.measure, context, **place),
                splits.at(splits.ENTRIES, context, **place),
            )


def _status(register: Register, spells: pd.DataFrame) -> pd.Series:
    known = registered_day(spells)
    deadline = known + pd.DateOffset(months=1)
    attempted = _attempted_by(register, spells, deadline)
    left = spells["exit_date"].notna() & (spells["exit_date"] <= deadline)
    choices = {
        "summer": in_summer(known),
        "left_before": left & ~attempted,
        "not_yet_decided": ~left & (deadline >= pd.Timestamp(register.extract_date)),
        "within": attempted,
    }
    chosen = np.select([rows.to_numpy(dtype=bool) for rows in choices.values()], list(choices), default="later_or_none")
    return pd.Series(chosen, index=spells.index, dtype="string")


def _attempted_by(register: Register, spells: pd.DataFrame, deadline: pd.Series) -> pd.Series:
    known = all_attempts(register)
    attempts = known.rows[["person", "date"]].drop_duplicates()
    windows = spells[["entry_date"]].assign(
        deadline=deadline, row=spells.index, person=known.numbers_of(spells["person_id"])
    )
    windows = windows[windows["person"] >= 0]
    pairs = windows.merge(attempts, on="person", how="inner", validate="many_to_many")
    inside = (
        (pairs["date"] >= pairs["entry_date"])
        & (pairs["date"] <= pairs["deadline"])
        & (pairs["date"] < pd.Timestamp(register.extract_date))
    )
    return pd.Series(spells.index.isin(pairs.loc[inside, "row"]), index=spells.index)
