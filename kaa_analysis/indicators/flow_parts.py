"""The flow in its parts: who came for the first time and who came back, who left for studies, turned 20 or left otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.inhabitants import counted_in
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.kept_answers import answers_of
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.exits import TO_STUDIES
from kaa_analysis.indicators.splits import ENTRIES, EXITS, SEX
from kaa_analysis.indicators.stock import N_END, N_START, dated_in, stock_on
from kaa_analysis.indicators.tally import table, table_of_each, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

TURNED_20 = "turned_20"
ELSEWHERE = "exits_elsewhere"
YEAR = pd.DateOffset(years=1)

N_FIRST = Count("n_first", "Nya första gången", measure="entries_first", unit="spells", cumulative=True)
N_WITHIN_YEAR = Count(
    "n_again_within_year", "Åter inom ett år", measure="entries_again_within_year", unit="spells", cumulative=True
)
N_LATER = Count("n_again_later", "Åter senare", measure="entries_again_later", unit="spells", cumulative=True)
N_TO_STUDIES = Count("n_to_studies", "Lämnade till studier", measure="exits_to_studies", unit="spells", cumulative=True)
N_TURNED_20 = Count("n_turned_20", "Fyllde 20 år", measure="exits_turned_20", unit="spells", cumulative=True)
N_OTHERWISE = Count("n_otherwise", "Lämnade av annat skäl", measure="exits_otherwise", unit="spells", cumulative=True)

IN = (N_FIRST, N_WITHIN_YEAR, N_LATER)
OUT = (N_TO_STUDIES, N_TURNED_20, N_OTHERWISE)
COLUMNS = (N_START, *IN, *OUT, N_END)
SIGNS = {count.measure: -1 if count in (*OUT, N_END) else 1 for count in COLUMNS}


def flow_in_parts(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count how the stock changed over each period: new for the first time, back again, out to studies, out at 20, out otherwise.

    Start + first + back − studies − turned 20 − otherwise = end in every row. The parts of the new ones add up to the new registrations
    of `stock_and_flow`; those who left have their numbers from `exits_by_reason`. ``area`` as in `stock_and_flow`.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: registrations (spells).
    **Time**: as in `stock_and_flow`; back within a year: entry_date before the same day a year after the latest earlier exit_date.
    **Missing**: who was registered before the register's history counts as new for the first time; an exit without a reason is otherwise.
    **Source**: 29 kap. 9 § skollagen; handlingsplanen avsnitt 8.1.
    """
    split = splits.period_dimension(periods)
    spells = with_return(register, population=population)
    counts = {}
    for period in periods:
        require_history(register, period)
        own = counted_in(register, period, population=population, area=area)
        counts[period.label] = _one_period(_returned(own, spells), period, register)
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="flow_in_parts",
        title=f"Så förändrades antalet registrerade{splits.located(area)}, {splits.span(periods)}",
        columns=(split, SEX, *COLUMNS),
        table=table_of_each(counts),
        context=context,
        equations=tuple(_equations(split, context)),
        note="Antalet vid slutet är antalet vid början, plus de tre slagen av nya, minus de tre slagen av avslutade. Åter inom ett år är den som "
        "har registrerats på nytt innan ett år har gått sedan det senaste avslutet."
        + _history(register)
        + splits.whose_in_each(area, periods)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("flow_in_parts", area=area),
    )


def with_return(register: Register, *, population: TargetPopulation | None = None) -> pd.DataFrame:
    """Return the counted spells with the column ``kind_of_entry``: "first", "within_year" or "later" after the latest earlier exit.

    A spell that begins while an earlier one of the person still runs is back within a year.
    """
    rules = None if population is None else population.rules
    return answers_of(register).frame(
        ("spells with return", rules),
        lambda: _with_return(counted_spells(register, population=population)),
        beside=population,
    )


def _with_return(spells: pd.DataFrame) -> pd.DataFrame:
    ordered = spells.sort_values(["person_id", "entry_date", "spell"], kind="stable")
    left = ordered["exit_date"].fillna(pd.Timestamp.max.floor("D")).astype(ordered["entry_date"].dtype)
    latest = left.groupby(ordered["person_id"], sort=False).cummax()
    earlier = latest.groupby(ordered["person_id"], sort=False).shift()
    first = earlier.isna()
    still_there = earlier >= ordered["entry_date"]
    within = still_there | (ordered["entry_date"] < earlier.mask(still_there) + YEAR)
    kind = pd.Series("later", index=ordered.index, dtype="string").mask(within, "within_year").mask(first, "first")
    return spells.assign(kind_of_entry=kind.reindex(spells.index))


def _returned(own: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Return the spells with their kind of entry."""
    kinds = spells[["person_id", "spell", "kind_of_entry"]]
    return own.merge(kinds, on=["person_id", "spell"], how="left", validate="one_to_one")


def _one_period(spells: pd.DataFrame, period: Period, register: Register) -> pd.DataFrame:
    end = observed_end(period, register.extract_date)
    began, left = (dated_in(spells[column], period.start, end) for column in ("entry_date", "exit_date"))
    to_studies, turned_20 = (spells["exit_reason"].isin(reasons) for reasons in (TO_STUDIES, [TURNED_20]))
    chosen = {
        N_START: stock_on(spells, day_before(period.start)),
        N_FIRST: began & spells["kind_of_entry"].eq("first"),
        N_WITHIN_YEAR: began & spells["kind_of_entry"].eq("within_year"),
        N_LATER: began & spells["kind_of_entry"].eq("later"),
        N_TO_STUDIES: left & to_studies,
        N_TURNED_20: left & turned_20,
        N_OTHERWISE: left & ~to_studies & ~turned_20,
        N_END: stock_on(spells, day_before(end)),
    }
    return table({count.name: tally(spells[rows], by=[SEX]) for count, rows in chosen.items()})


def _equations(split: Dimension, context: dict[str, str]) -> Iterator[Equation]:
    """Give how the parts hang together with one another, with `stock_and_flow`, `share_to_studies` and `exits_by_reason`."""
    for period in split.labels:
        for sex in SEX.labels:
            place = {"period": period, "sex": sex}
            yield Equation(
                "Början plus nya minus avslutade är slutet",
                tuple((sign, splits.at(measure, context, **place)) for measure, sign in SIGNS.items()),
            )
            yield _sum("De nya är summan av de tre slagen", ENTRIES, [count.measure for count in IN], context, place)
            yield _sum("Avsluten är summan av de tre slagen", EXITS, [count.measure for count in OUT], context, place)
            yield _sum("Inte till studier", ELSEWHERE, [count.measure for count in OUT[1:]], context, place)
            yield splits.same(
                "Fyllt 20 år är samma tal i båda tabellerna",
                _at(N_TURNED_20.measure, context, place),
                _at(EXITS, context, place | {"exit_reason": TURNED_20}),
            )


def _sum(name: str, total: str, parts: Sequence[str], context: dict[str, str], place: dict[str, str]) -> Equation:
    return Equation(name, ((-1, _at(total, context, place)), *((1, _at(part, context, place)) for part in parts)))


def _at(measure: str, context: dict[str, str], place: dict[str, str]) -> Cell:
    return splits.at(measure, context, **place)


def _history(register: Register) -> str:
    if register.observed_from is None:
        return ""
    return " Den som bara har varit registrerad före uttagets historik räknas som ny första gången."
