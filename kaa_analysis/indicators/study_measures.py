"""The share to studies measured in two ways: of those who left in a period, and of those who were registered or came in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts.inhabitants import counted_in
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period, day_before
from kaa_analysis.core.result import Count, Dimension, Equation, Result, RowSum, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.exits import TO_STUDIES
from kaa_analysis.indicators.splits import ENTRIES, EXITS, SEX
from kaa_analysis.indicators.stock import dated_in, stock_on
from kaa_analysis.indicators.tally import share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

ORIGIN = Dimension(
    "origin",
    "Vilka",
    {
        "all": "Alla",
        "entered": "Nya under perioden",
        "before": "Registrerade vid periodens början",
    },
    total="all",
)
N_BASE = Count("n_base", "Registreringar", measure="registered_or_new", unit="spells")
N_TO_STUDIES = Count("n_to_studies", "Till studier", measure="exits_to_studies", unit="spells", cumulative=True)
N_ELSEWHERE = Count("n_elsewhere", "Andra avslut", measure="exits_elsewhere", unit="spells", cumulative=True)
N_EXITS = Count("n_exits", "Alla avslut", measure=EXITS, unit="spells", cumulative=True)
N_STILL = Count("n_stock_end", "Kvar vid periodens slut", measure="stock_end", unit="spells")
OF_EXITS = Share("share_of_exits", "Andel av avsluten", N_TO_STUDIES.name, N_EXITS.name)
OF_ALL = Share("share_of_all", "Andel av registreringarna", N_TO_STUDIES.name, N_BASE.name)
OUTSET = {"entered": ENTRIES, "before": "stock_start"}
"""The number of `stock_and_flow` that each group has from the outset."""


def study_measures(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count where those who came in each period, and those registered at its start, were at its end: to studies, elsewhere, still there.

    ``share_of_exits`` of all is the official measure of `share_to_studies`; ``share_of_all`` of those who came in the period is the share
    by entry cohort at the end of the period. Every number of the total row is one of `stock_and_flow` or `share_to_studies`. ``area`` as in `stock_and_flow`.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: registrations (spells).
    **Time**: entry_date and exit_date in ``[start, end)``; at the start and the end as in `stock_and_flow`.
    **Missing**: an exit without a reason is elsewhere; a missing exit_date is still there; no exits or nobody, no share.
    **Source**: Skolverket 2022-05-24 (official measure); the measures side by side are the report's own.
    """
    split = splits.period_dimension(periods)
    rows = pd.concat(
        [
            _outcomes(counted_in(register, period, population=population, area=area), period, register)
            for period in periods
        ],
        ignore_index=True,
    )
    by = [split, ORIGIN, SEX]
    counts = {N_BASE.name: tally(rows, by=by)}
    counts |= {
        name: tally(rows[rows["outcome"].isin(outcomes)], by=by)
        for name, outcomes in (
            (N_TO_STUDIES.name, ["studies"]),
            (N_ELSEWHERE.name, ["elsewhere"]),
            (N_STILL.name, ["still"]),
            (N_EXITS.name, ["studies", "elsewhere"]),
        )
    }
    shares = {one.name: share(counts[one.numerator], counts[one.denominator]) for one in (OF_EXITS, OF_ALL)}
    columns = (N_BASE, N_TO_STUDIES, N_ELSEWHERE, N_STILL, N_EXITS, OF_EXITS, OF_ALL)
    made = counts | shares
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="study_measures",
        title=f"Två mått på andelen till studier{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, *columns),
        table=table({column.name: made[column.name] for column in columns}),
        context=context,
        row_sums=(
            RowSum(N_EXITS.name, (N_TO_STUDIES.name, N_ELSEWHERE.name)),
            RowSum(N_BASE.name, (N_TO_STUDIES.name, N_ELSEWHERE.name, N_STILL.name)),
        ),
        equations=tuple(_equations(split, context)),
        note="Raderna följer de nya och dem som redan var registrerade till periodens slut, så varje rad går jämnt upp. Andelen av avsluten på "
        "raden Alla är det officiella måttet."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("study_measures", area=area),
    )


def _outcomes(spells: pd.DataFrame, period: Period, register: Register) -> pd.DataFrame:
    """Return a row per spell registered at the start or begun in the period: sex, period, origin, outcome at the end."""
    require_history(register, period)
    end = observed_end(period, register.extract_date)
    entered = dated_in(spells["entry_date"], period.start, end)
    chosen = spells[entered | stock_on(spells, day_before(period.start))]
    left = dated_in(chosen["exit_date"], period.start, end)
    outcome = pd.Series("still", index=chosen.index).mask(left, "elsewhere")
    return pd.DataFrame(
        {
            "sex": chosen["sex"],
            "period": period.label,
            "origin": pd.Series("before", index=chosen.index).mask(entered, "entered"),
            "outcome": outcome.mask(left & chosen["exit_reason"].isin(TO_STUDIES), "studies"),
        }
    )


def _equations(split: Dimension, context: dict[str, str]) -> Iterator[Equation]:
    """Give that each group has from the outset the number of `stock_and_flow`."""
    for period in split.labels:
        for sex in SEX.labels:
            for origin, measure in OUTSET.items():
                yield splits.same(
                    "De nya och de som redan var registrerade är samma tal som i tabellen över bestånd och flöde",
                    splits.at(N_BASE.measure, context, period=period, origin=origin, sex=sex),
                    splits.at(measure, context, period=period, sex=sex),
                )
