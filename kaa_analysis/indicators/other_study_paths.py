"""Studies beside the ordinary way into upper-secondary school: komvux, folkhögskola, and a start when the term has begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.inhabitants import belonging_to
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import table, tally
from kaa_analysis.target_population import TargetPopulation
from kaa_analysis.target_population.education import INTRODUCTION_PROGRAMMES

if TYPE_CHECKING:
    from kaa_analysis.store import Register

PATH = Dimension(
    "path",
    "Väg till studier",
    {
        "all": "Någon av vägarna",
        "komvux": "Komvux",
        "folkhogskola": "Folkhögskola",
        "flexible_national": "Flexibel start, nationellt program",
        "flexible_introduction": "Flexibel start, introduktionsprogram",
    },
    total="all",
    additive=False,
)
N_BEGAN = Count("n_persons", "Ungdomar som började", measure="study_paths", cumulative=True)

TERM_STARTS = ((101, 131), (701, 915))
"""First and last day, as month × 100 + day, of the ordinary term starts: whoever begins on another day starts flexibly."""


def other_study_paths(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the registered who began komvux, folkhögskola, or a programme of upper-secondary school outside the ordinary term starts.

    They began while they were registered or on the first day not registered. ``area`` is the district that the registration belongs to
    in the period (`cohorts.inhabitants`), None the whole municipality.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed or that begins before the history.

    **Counts**: persons, each once per row and once in the total; who took several ways stands in several rows.
    **Time**: from_date in ``[start, end)`` and in ``[entry_date, exit_date]``; flexible outside January and 1 July – 15 September.
    **Missing**: a missing exit_date is still registered.
    **Source**: handlingsplanen avsnitt 5.1.1, 5.1.2 and 5.1.3.
    """
    split = splits.period_dimension(periods)
    began = pd.concat([_began(register, period, population, area) for period in periods], ignore_index=True)
    return Result(
        id="other_study_paths",
        title=f"Registrerade{splits.located(area)} som började på komvux, på folkhögskola eller med flexibel start, {splits.span(periods)}",
        columns=(split, PATH, SEX, N_BEGAN),
        table=table({N_BEGAN.name: tally(began, by=[split, PATH, SEX], distinct="person_id")}),
        context=splits.place(register.extract_date, area=area),
        note="Flexibel start är ett program i gymnasieskolan som började på en annan tid än vid terminsstarten. Den som har tagit flera vägar står på flera "
        "rader, men bara en gång i totalen."
        + splits.whose(area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("other_study_paths", area=area),
    )


def _began(
    register: Register, period: Period, population: TargetPopulation | None, area: ChosenArea | None
) -> pd.DataFrame:
    """Return a row per person and enrolment begun in the period while registered: person_id, sex, path, period."""
    require_history(register, period)
    spells = counted_spells(register, population=population)
    spells = belonging_to(area, spells, register=register, period=period, population=population)
    starts = _starts(register)
    starts = starts[dated_in(starts["from_date"], period.start, observed_end(period, register.extract_date))]
    pairs = spells[["person_id", "sex", "entry_date", "exit_date"]].merge(
        starts, on="person_id", how="inner", validate="many_to_many"
    )
    inside = (pairs["entry_date"] <= pairs["from_date"]) & (
        pairs["exit_date"].isna() | (pairs["from_date"] <= pairs["exit_date"])
    )
    return pairs.loc[inside, ["person_id", "sex", "path"]].assign(period=period.label)


def _starts(register: Register) -> pd.DataFrame:
    """Return the enrolments that are one of the paths: person_id, from_date, path."""
    rows = register.table("schooling", columns=["person_id", "school_form", "from_date"])
    form, flexible = rows["school_form"], ~in_term_start(rows["from_date"])
    chosen = {
        "komvux": form.eq("komvux"),
        "folkhogskola": form.eq("folkhogskola"),
        "flexible_national": form.eq("national_programme") & flexible,
        "flexible_introduction": form.isin(INTRODUCTION_PROGRAMMES) & flexible,
    }
    path = np.select([which.to_numpy(dtype=bool) for which in chosen.values()], list(chosen), default="")
    return rows.assign(path=path).loc[path != "", ["person_id", "from_date", "path"]]


def in_term_start(days: pd.Series) -> pd.Series:
    """Return which days lie in an ordinary term start (`TERM_STARTS`).

    >>> in_term_start(pd.to_datetime(pd.Series(["2024-01-31", "2024-02-01", "2024-09-15", "2024-09-16"]))).tolist()
    [True, False, True, False]
    """
    month_day = days.dt.month * 100 + days.dt.day
    return pd.Series(np.logical_or.reduce([month_day.between(*start) for start in TERM_STARTS]), index=days.index)
