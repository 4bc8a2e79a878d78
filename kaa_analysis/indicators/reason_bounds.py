"""The share to studies as bounds: what it would be if none, or all, of those who left without a reason left for studies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, RowSum, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.exits import TO_STUDIES, UNKNOWN, exits_in
from kaa_analysis.indicators.splits import EXITS, SEX
from kaa_analysis.indicators.tally import share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

N_EXITS = Count("n_exits", "Alla avslut", measure=EXITS, unit="spells", cumulative=True)
N_TO_STUDIES = Count("n_to_studies", "Till studier", measure="exits_to_studies", unit="spells", cumulative=True)
N_UNKNOWN = Count("n_unknown", "Orsak saknas", measure="exits_without_reason", unit="spells", cumulative=True)
N_AT_MOST = Count(
    "n_at_most", "Till studier eller orsak saknas", measure="exits_perhaps_to_studies", unit="spells", cumulative=True
)
AT_LEAST = Share("share_at_least", "Andel till studier, minst", N_TO_STUDIES.name, N_EXITS.name)
AT_MOST = Share("share_at_most", "Andel till studier, högst", N_AT_MOST.name, N_EXITS.name)


def study_bounds(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Give the least and the greatest share to studies that the exits without a reason leave open.

    The least assumes that none of them left for studies (`share_to_studies`), the greatest that all did. ``area`` as in `exits_by_reason`.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: exits (spells).
    **Time**: exit_date, the first day not registered, in ``[start, end)``.
    **Missing**: an exit without a reason is in the greatest share alone; no exits, no share.
    **Source**: Manski (1990) for bounds without assumptions; Skolverket 2022-05-24 for the measure.
    """
    split = splits.period_dimension(periods)
    exits = exits_in(register, periods, population, area)
    studies, unknown = exits["exit_reason"].isin(TO_STUDIES), exits["exit_reason"].eq(UNKNOWN)
    by = [split, SEX]
    counts = {N_EXITS.name: tally(exits, by=by)}
    for count, rows in ((N_TO_STUDIES, studies), (N_UNKNOWN, unknown), (N_AT_MOST, studies | unknown)):
        counts[count.name] = tally(exits[rows], by=by)
    counts |= {one.name: share(counts[one.numerator], counts[one.denominator]) for one in (AT_LEAST, AT_MOST)}
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="study_bounds",
        title=f"Andel avslut till studier när orsaker saknas{splits.located(area)}, {splits.span(periods)}",
        columns=(*by, N_EXITS, N_TO_STUDIES, N_UNKNOWN, N_AT_MOST, AT_LEAST, AT_MOST),
        table=table(counts),
        context=context,
        row_sums=(RowSum(N_AT_MOST.name, (N_TO_STUDIES.name, N_UNKNOWN.name)),),
        equations=tuple(_equations(split, context)),
        note="Den lägsta andelen antar att ingen av dem vars orsak saknas började studera eller hade fullföljt sin utbildning, den högsta att "
        "alla hade det. Det rätta talet ligger däremellan, om de angivna orsakerna stämmer."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("study_bounds", area=area),
    )


def _equations(split: Dimension, context: dict[str, str]) -> Iterator[Equation]:
    """Give that the exits without a reason are those of `exits_by_reason`, and a part of those that did not lead to studies."""
    for period in split.labels:
        for sex in SEX.labels:
            unknown = splits.at(N_UNKNOWN.measure, context, period=period, sex=sex)
            yield splits.same(
                "Orsak saknas är samma tal i båda tabellerna",
                unknown,
                splits.at(EXITS, context, period=period, exit_reason=UNKNOWN, sex=sex),
            )
            yield Equation(
                "Avsluten är de kanske till studier och de med en annan känd orsak",
                (
                    (-1, splits.at(EXITS, context, period=period, sex=sex)),
                    (1, splits.at(N_AT_MOST.measure, context, period=period, sex=sex)),
                    (1, splits.at("exits_for_another_reason", context, period=period, sex=sex)),
                ),
            )
