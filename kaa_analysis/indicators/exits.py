"""Why registrations end, and how large a share of the ends lead to studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from kaa_analysis.cohorts import STUDY_OR_OTHER_ENDS
from kaa_analysis.cohorts.inhabitants import counted_in
from kaa_analysis.cohorts.spells import MISREGISTERED, observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Estimate, Result, RowSum, Share
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.coarser_splits import coarser_groupings
from kaa_analysis.indicators.splits import EXITS, SEX
from kaa_analysis.indicators.stock import N_EXITS, dated_in
from kaa_analysis.indicators.tally import at_total, share, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

COMPLETED = "completed"
UNKNOWN = "missing"
FOREIGN_REASONS = ("employment", "training", "education")
"""Exit reasons of sources that are no KAA register; no row for them in one that is."""

GROUPED = (
    "Orsakerna är sammanslagna till fem grupper för att ingen ska kunna pekas ut. En annan studiestart är anpassad gymnasieskola, komvux "
    "eller folkhögskola.",
    "Orsakerna är sammanslagna till två grupper för att ingen ska kunna pekas ut. Till studier räknas den som började studera eller hade "
    "fullföljt en gymnasieutbildning.",
)
"""What readers are told of each coarser level of the reasons."""

STUDY_STARTS = next(way.exit_reasons for way in STUDY_OR_OTHER_ENDS.ways if way.code == "study_placement")
TO_STUDIES = (*STUDY_STARTS, COMPLETED)
"""The official measure: started or completed upper-secondary education."""
LEVEL = 0.95


def exits_by_reason(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the registrations that ended in each period by exit reason, with their share of all that ended.

    ``area`` is the district that they belong to in the period (`cohorts.inhabitants`), None the whole municipality.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: exits (spells).
    **Time**: exit_date, the first day not registered, in ``[start, end)``.
    **Missing**: an exit without a reason is a row of its own; mistakes (misregistered) are no exits.
    **Source**: handlingsplanen avsnitt 7.2 (avslutsorsaker totalt).
    """
    period_split, reason_split = splits.period_dimension(periods), exit_reason_split(register)
    by = [period_split, reason_split, SEX]
    n_exits = tally(exits_in(register, periods, population, area), by=by)
    total = at_total(n_exits, reason_split)
    n_all = Count(
        "n_all_exits", "Alla avslut", measure=EXITS, unit="spells", regardless_of=("exit_reason",), cumulative=True
    )
    return Result(
        id="exits_by_reason",
        title=f"Avslutade registreringar{splits.located(area)} efter orsak, {splits.span(periods)}",
        columns=(*by, N_EXITS, n_all, Share("share_of_exits", "Andel av avsluten", N_EXITS.name, n_all.name)),
        table=table({N_EXITS.name: n_exits, n_all.name: total, "share_of_exits": share(n_exits, total)}),
        context=splits.place(register.extract_date, area=area),
        note="Varje avslutad registrering räknas en gång, med den orsak som står i registret. "
        "Felregistreringar ingår inte."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("exits_by_reason", area=area),
    )


def share_to_studies(
    register: Register,
    *,
    periods: Sequence[Period],
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the exits to studies and estimate their share of all exits with a Wilson interval (95 %).

    ``share_to_studies`` follows the agency's tables of exits: started or completed (*fullföljd*) upper-secondary education. That
    komvux and folkhögskola are in it is our choice (`docs/avgoranden.csv`). Beside it stands the share of starts alone
    (``share_study_starts``). ``area`` as in `exits_by_reason`.

    Raises:
        DefinitionError: no period, a label twice, or a period of which no day is observed; as in `belonging_to`.

    **Counts**: exits (spells).
    **Time**: exit_date, the first day not registered, in ``[start, end)``.
    **Missing**: an exit without a reason counts as not to studies; no exits, no share.
    **Source**: Skolverket 2022-05-24 (started or completed upper-secondary education); Wilson (1927) for the interval.
    """
    split = splits.period_dimension(periods)
    exits = exits_in(register, periods, population, area)
    starts, completed = exits["exit_reason"].isin(STUDY_STARTS), exits["exit_reason"].eq(COMPLETED)
    chosen = {"n_to_studies": starts | completed, "n_study_starts": starts, "n_completed": completed}
    chosen |= {"n_elsewhere": ~(starts | completed)}
    counts = {N_EXITS.name: tally(exits, by=[split, SEX])}
    counts |= {name: tally(exits[rows], by=[split, SEX]) for name, rows in chosen.items()}
    low, high = _wilson(counts["n_to_studies"], counts[N_EXITS.name])
    shares = {
        "share_to_studies": share(counts["n_to_studies"], counts[N_EXITS.name]),
        "share_low": low,
        "share_high": high,
        "share_study_starts": share(counts["n_study_starts"], counts[N_EXITS.name]),
    }
    context = splits.place(register.extract_date, area=area)
    return Result(
        id="share_to_studies",
        title=f"Andel avslut till studier{splits.located(area)}, {splits.span(periods)}",
        columns=(split, SEX, *_study_columns()),
        table=table(counts | shares),
        context=context,
        row_sums=(
            RowSum(N_EXITS.name, ("n_to_studies", "n_elsewhere")),
            RowSum("n_to_studies", ("n_study_starts", "n_completed")),
        ),
        equations=tuple(_study_equations(split, context)),
        note="Andelen gäller avsluten under perioden, inte alla registrerade. Fullföljd gymnasieutbildning räknas till studier; andelen utan "
        "dem står bredvid."
        + splits.whose(area)
        + splits.breaks(register, periods, population=population, area=area)
        + splits.partly_observed(periods, register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("share_to_studies", area=area),
    )


def _study_columns() -> tuple[Count | Share | Estimate, ...]:
    base = ("n_to_studies", N_EXITS.name)
    return (
        N_EXITS,
        Count("n_to_studies", "Till studier", measure="exits_to_studies", unit="spells", cumulative=True, key=True),
        Count("n_study_starts", "varav började studera", measure="exits_study_starts", unit="spells", cumulative=True),
        Count("n_completed", "varav fullföljd utbildning", measure="exits_completed", unit="spells", cumulative=True),
        Count("n_elsewhere", "Inte till studier", measure="exits_elsewhere", unit="spells", cumulative=True),
        Share("share_to_studies", "Andel till studier", *base),
        Estimate("share_low", "Andel, nedre gräns", base),
        Estimate("share_high", "Andel, övre gräns", base),
        Share("share_study_starts", "Andel som började studera", "n_study_starts", N_EXITS.name),
    )


def _study_equations(period_split: Dimension, context: dict[str, str]) -> list[Equation]:
    """Return how the counts of `share_to_studies` follow from the cells of `exits_by_reason`."""
    found = []
    for period in period_split.labels:
        for sex in SEX.labels:
            parts = [splits.at(EXITS, context, period=period, exit_reason=reason, sex=sex) for reason in STUDY_STARTS]
            starts = splits.at("exits_study_starts", context, period=period, sex=sex)
            found.append(
                Equation("Började studera: summan av orsakerna", ((-1, starts), *((1, part) for part in parts)))
            )
            completed = splits.at(EXITS, context, period=period, exit_reason=COMPLETED, sex=sex)
            found.append(
                splits.same(
                    "Fullföljd utbildning är samma tal i båda tabellerna",
                    splits.at("exits_completed", context, period=period, sex=sex),
                    completed,
                )
            )
    return found


def _wilson(n_successes: pd.Series, n_trials: pd.Series) -> tuple[pd.Series, pd.Series]:
    trials = n_trials.astype("float64").mask(n_trials.eq(0).astype(bool))
    low, high = proportion_confint(n_successes.astype("float64"), trials, alpha=1 - LEVEL, method="wilson")
    return pd.Series(low, index=n_trials.index, dtype="Float64"), pd.Series(high, index=n_trials.index, dtype="Float64")


def exits_in(
    register: Register, periods: Sequence[Period], population: TargetPopulation | None, area: ChosenArea | None
) -> pd.DataFrame:
    """Return a row per exit and period it falls in (periods may overlap); a missing reason is `UNKNOWN`."""
    chosen = []
    for period in periods:
        require_history(register, period)
        spells = counted_in(register, period, population=population, area=area)
        ended = spells[dated_in(spells["exit_date"], period.start, observed_end(period, register.extract_date))]
        chosen.append(ended.assign(period=period.label, exit_reason=ended["exit_reason"].fillna(UNKNOWN)))
    return pd.concat(chosen, ignore_index=True)


def exit_reason_split(register: Register) -> Dimension:
    """Return the split by the exit reasons that the register can have, with a row for those without any."""
    hidden = {MISREGISTERED, *(FOREIGN_REASONS if register.is_kaa else ())}
    shown = {code: label for code, label in labels("exit_reason").items() if code not in hidden}
    names = {"all": "Alla avslut", **shown, UNKNOWN: "Orsak saknas"}
    coarser = coarser_groupings("exit_reason", split="exit_reason", label="Avslutsorsak", values=names, notes=GROUPED)
    return Dimension("exit_reason", "Avslutsorsak", names, total="all", coarser=coarser)
