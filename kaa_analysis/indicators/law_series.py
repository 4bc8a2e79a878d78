"""The series of stock and new registrations across changes of the law: the law as it was in force beside the bridged one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, get_args

import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.inhabitants import belonging_to
from kaa_analysis.cohorts.spells import observed_end, population_of, require_history
from kaa_analysis.core.breaks import break_note
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.stock import N_END, N_ENTRIES, dated_in, stock_on
from kaa_analysis.indicators.tally import combinations, table, tally
from kaa_analysis.target_population import TargetPopulation, changes_of_law, target_population
from kaa_analysis.target_population.applicability import require_rules
from kaa_analysis.target_population.settings import Law

if TYPE_CHECKING:
    from kaa_analysis.store import Register

LAW_LABELS = {"as_in_force": "Lagen som den gällde varje dag", "bridged": "Nuvarande lag för alla år"}
ONLY_LABELS = {
    "only_as_in_force": "Bara med lagen som den gällde",
    "only_bridged": "Bara med nuvarande lag",
}
SIGNS = {"as_in_force": 1, "only_as_in_force": -1, "only_bridged": 1, "bridged": -1}
COUNTED = (N_ENTRIES, N_END)


def series_by_law(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count new registrations and those at the end of each period by the law as in force and by the present law throughout.

    The first is by the law of ``population``: equal to the cells of `stock_and_flow`. The last two rows tell which registrations only one
    of the laws counts, before all those of pupils of introduction programmes. Where no period begins before a change of the law the table has no
    rows, and its note says why. ``area`` is the district that they belong to in the period by ``population``, whichever law counts them;
    None is the whole municipality.

    Raises:
        DefinitionError: no period, a label twice, a period of which no day is observed, or the law's rules cannot be applied to the register;
            as in `belonging_to`.

    **Counts**: registrations (spells), as in `stock_and_flow`.
    **Time**: entry_date in ``[start, end)``; at the end by entry_date ≤ last observed day < exit_date.
    **Missing**: as in `stock_and_flow`.
    **Source**: 29 kap. 9 § skollagen; Lag (2018:749).
    """
    require_rules(
        register, expected="Lagens lydelser kan bara jämföras för ett register som lagens regler kan tillämpas på."
    )
    split, (*_, change) = splits.period_dimension(periods), changes_of_law()
    found = population_of(register, population)
    rules = found.rules
    law = Dimension("law", "Lag", _labels_from(rules.law))
    crosses = any(period.start < change for period in periods)
    rows = _counts(register, periods, found, law, area) if crosses else _no_rows(law, split)
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="series_by_law",
        title=f"Nya och registrerade{splits.located(area)} med lagen som den gällde och med nuvarande lag, {splits.span(periods)}",
        columns=(law, split, SEX, *COUNTED),
        table=rows,
        context=context,
        equations=tuple(_equations(rules.law, periods, context)) if crosses else (),
        note=f"Från och med {change} omfattas inte den som går på introduktionsprogram; dessförinnan var introduktionsprogram en åtgärd inom målgruppen. Med "
        "nuvarande lag för alla år är de utanför så länge de går där."
        + splits.whose(area)
        + break_note(periods, kinds=["districts"] if area else [])
        + splits.partly_observed(periods, register.extract_date)
        if crosses
        else f"Den senaste lagändringen som påverkar vilka som omfattas trädde i kraft {change}, före {splits.span(periods)}. Åren går därför att jämföra "
        "utan att serien räknas om med nuvarande lag.",
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("series_by_law", area=area),
    )


def _counts(
    register: Register,
    periods: Sequence[Period],
    population: TargetPopulation,
    law: Dimension,
    area: ChosenArea | None,
) -> pd.DataFrame:
    by_law = {name: replace(population.rules, law=name) for name in get_args(Law)}
    spells = {
        name: counted_spells(register, population=target_population(register, rules=by_law[name]))
        for name in get_args(Law)
    }
    keys = {name: pd.MultiIndex.from_frame(found[["person_id", "spell"]]) for name, found in spells.items()}
    one, other = get_args(Law)
    spells |= {
        f"only_{name}": spells[name][~keys[name].isin(keys[against])] for name, against in ((one, other), (other, one))
    }
    counts = {
        (name, period.label): _one_period(
            register,
            period,
            belonging_to(area, spells[name], register=register, period=period, population=population, name=name),
        )
        for name in law.labels
        for period in periods
    }
    return pd.concat(counts, names=["law", "period"]).reset_index().drop(columns="level_2")


def _one_period(register: Register, period: Period, spells: pd.DataFrame) -> pd.DataFrame:
    require_history(register, period)
    end = observed_end(period, register.extract_date)
    began = spells[dated_in(spells["entry_date"], period.start, end)]
    there = spells[stock_on(spells, day_before(end))]
    return table({N_ENTRIES.name: tally(began, by=[SEX]), N_END.name: tally(there, by=[SEX])})


def _no_rows(law: Dimension, split: Dimension) -> pd.DataFrame:
    every = pd.Series(0, index=combinations([law, split, SEX]))
    return table({count.name: every for count in COUNTED}).iloc[:0]


def _labels_from(law: str) -> dict[str, str]:
    """Return the labels, those of the law that the report goes by first."""
    return {law: LAW_LABELS[law]} | LAW_LABELS | ONLY_LABELS


def _equations(used: str, periods: Sequence[Period], context: dict[str, str]) -> Iterator[Equation]:
    """Give how the rows follow from one another, and that those of the law in use are the cells of `stock_and_flow`."""
    for count, period, sex in product(COUNTED, periods, SEX.labels):
        place = {"period": period.label, "sex": sex}
        by_law = {name: splits.at(count.measure, context, law=name, **place) for name in SIGNS}
        yield Equation(
            "De två lagarnas antal skiljer sig åt med dem som bara den ena räknar",
            tuple((sign, by_law[name]) for name, sign in SIGNS.items()),
        )
        here = splits.at(count.measure, context, **place)
        yield splits.same("Antalen med rapportens lag är seriens", by_law[used], here)
