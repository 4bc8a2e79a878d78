"""Why interventions end, and why registrations end for those who took part in them: two tables per intervention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.cohorts import counted_spells
from kaa_analysis.cohorts.common_days import DAY
from kaa_analysis.cohorts.inhabitants import belonging_to
from kaa_analysis.cohorts.spells import observed_end, require_history
from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Count, Dimension, Equation, Result, Share
from kaa_analysis.core.vocabularies import labels
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.begun_support import ANY_KIND, CONSENT, N_ENDED, begun_support, support_during
from kaa_analysis.indicators.coarser_splits import coarser_groupings
from kaa_analysis.indicators.exits import UNKNOWN, exit_reason_split
from kaa_analysis.indicators.splits import EXITS, SEX
from kaa_analysis.indicators.stock import dated_in
from kaa_analysis.indicators.tally import at_total, share, spread, table, tally
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register

NOT_TOLD = "unknown"
"""The end reason, and the activity after, of an intervention that has none noted."""

END_REASON = Dimension(
    "end_reason",
    "Slutorsak",
    {"all": "Alla avslutade", **labels("end_reason")},
    total="all",
    coarser=coarser_groupings(
        "end_reason",
        split="end_reason",
        label="Slutorsak",
        values=labels("end_reason"),
        notes=["Orsakerna är sammanslagna till två grupper för att ingen ska kunna pekas ut."],
    ),
)

N_EXITS_AFTER = Count("n_exits", "Avslut", measure="exits_after_support", unit="spells", cumulative=True)
WITHOUT_SUPPORT = "exits_without_support"


def support_end_reasons(
    register: Register,
    *,
    period: Period,
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the interventions that ended in a period by kind and by the reason they ended, with each reason's share.

    They are those of the persons covered in the period; ``area`` is the district these belong to (`cohorts.inhabitants`).

    Raises:
        DefinitionError: as in `registered_during`.

    **Counts**: interventions that ended; beside them the persons whose they were, each once per kind.
    **Time**: end_date, the first day after, in ``[start, end)``.
    **Missing**: an intervention that ended without a reason stands with those whose reason is unknown.
    **Source**: handlingsplanen avsnitt 7.2 (avslutsorsaker per insats).
    """
    rows = support_during(register, period, population=population, area=area)
    ended = rows[rows["has_ended"]].assign(end_reason=lambda each: each["end_reason"].fillna(NOT_TOLD))
    n_ended = tally(ended, by=[ANY_KIND, END_REASON, SEX])
    context = splits.place(register.extract_date, area=area, period=period.label)
    return Result(
        id="support_end_reasons",
        title=f"Avslutade insatser efter insats och slutorsak{splits.located(area)}, {period.label}",
        columns=(
            ANY_KIND,
            END_REASON,
            SEX,
            N_ENDED,
            Count("n_all_ended", "Alla avslutade", N_ENDED.measure, "spells", (END_REASON.name,), cumulative=True),
            Share("share_of_ended", "Andel", N_ENDED.name, "n_all_ended"),
            Count("n_persons", "Personer", "support_ended_persons", regardless_of=(END_REASON.name,), cumulative=True),
        ),
        table=_beside_all(ended, n_ended, END_REASON, names=(N_ENDED.name, "n_all_ended", "share_of_ended")),
        context=context,
        equations=tuple(_kinds_add_up(context)),
        note="Tabellen räknar avslutade insatser; bredvid står hur många personer som hade dem, oavsett orsak. En person med flera "
        f"avslutade insatser står på flera rader, men bara en gång i totalen. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("support_end_reasons", area=area),
    )


def exits_after_support(
    register: Register,
    *,
    period: Period,
    population: TargetPopulation | None = None,
    area: ChosenArea | None = None,
) -> Result:
    """Count the registrations that ended in a period after an intervention during them, by its kind and by exit reason, with shares.

    The exits are those of `exits_by_reason`, and ``area`` as there. The kinds overlap: an exit after two kinds stands under both.

    Raises:
        DefinitionError: no day of the period is observed, or it begins before the register's history; as in `belonging_to`.

    **Counts**: exits (spells); beside them the persons whose they were, each once per kind.
    **Time**: exit_date, the first day not registered, in ``[start, end)``; the intervention has a day among the registered ones.
    **Missing**: an exit without a reason is a row of its own; an offer without start date is no participation.
    **Source**: handlingsplanen avsnitt 7.2 (avslutsorsaker per insats).
    """
    reasons = exit_reason_split(register)
    rows = _exits_with_support(register, period, population, area)
    n_exits = tally(rows, by=[ANY_KIND, reasons, SEX], distinct="exit")
    context = splits.place(register.extract_date, area=area, period=period.label)
    return Result(
        id="exits_after_support",
        title=f"Avslutade registreringar efter insats och avslutsorsak{splits.located(area)}, {period.label}",
        columns=(
            ANY_KIND,
            reasons,
            SEX,
            N_EXITS_AFTER,
            Count("n_all_exits", "Alla avslut", N_EXITS_AFTER.measure, "spells", (reasons.name,), cumulative=True),
            Share("share_of_exits", "Andel", N_EXITS_AFTER.name, "n_all_exits"),
            Count(
                "n_persons", "Personer", "exits_after_support_persons", regardless_of=(reasons.name,), cumulative=True
            ),
        ),
        table=_beside_all(rows, n_exits, reasons, names=(N_EXITS_AFTER.name, "n_all_exits", "share_of_exits")),
        context=context,
        equations=tuple(_among_all_exits(reasons, context)),
        note="Ett avslut efter flera insatser står under var och en av dem, så insatserna går inte att summera. Tabellen visar vilka orsaker "
        f"som följde på insatserna, inte vad insatserna ledde till. {CONSENT}"
        + splits.whose(area)
        + splits.partly_observed([period], register.extract_date),
        source=splits.citation(register.source, register.extract_date),
        method=splits.method("exits_after_support", area=area),
    )


def _exits_with_support(
    register: Register, period: Period, population: TargetPopulation | None, area: ChosenArea | None
) -> pd.DataFrame:
    """Return a row per exit (``exit`` numbers them) and intervention that has a day in common with the registration."""
    require_history(register, period)
    spells = counted_spells(register, population=population)
    spells = belonging_to(area, spells, register=register, period=period, population=population)
    exits = spells[dated_in(spells["exit_date"], period.start, observed_end(period, register.extract_date))]
    exits = exits[["person_id", "sex", "entry_date", "exit_date", "exit_reason"]].reset_index(drop=True)
    exits = exits.assign(exit=exits.index, exit_reason=exits["exit_reason"].fillna(UNKNOWN))
    begun = begun_support(register)[["person_id", "kind", "start_date", "end_date"]]
    pairs = exits.merge(begun, on="person_id", how="inner", validate="many_to_many")
    left = pairs["exit_date"].where(pairs["exit_date"] > pairs["entry_date"], pairs["entry_date"] + DAY)
    after = pairs["end_date"].where(pairs["end_date"] > pairs["start_date"], pairs["start_date"] + DAY)
    lasted = pairs["end_date"].isna() | (after > pairs["entry_date"])
    return pairs[lasted & (pairs["start_date"] < left)]


def _beside_all(rows: pd.DataFrame, n: pd.Series, reasons: Dimension, *, names: tuple[str, str, str]) -> pd.DataFrame:
    """Return the counts by reason, beside them those of all reasons, their share (called by the ``names``), and the persons whose ``rows`` they are."""
    n_all = at_total(n, reasons)
    n_persons = spread(tally(rows, by=[ANY_KIND, SEX], distinct="person_id"), over=n, split=reasons)
    return table({**dict(zip(names, (n, n_all, share(n, n_all)), strict=True)), "n_persons": n_persons})


def _kinds_add_up(context: Mapping[str, str]) -> list[Equation]:
    """Return that the interventions that ended add up over their kinds; the persons beside them do not."""
    kinds = [kind for kind in ANY_KIND.labels if kind != ANY_KIND.total]
    return [
        Equation(
            "Avslutade insatser: summan av insatserna",
            (
                (-1, splits.at(N_ENDED.measure, context, end_reason=reason, sex=sex)),
                *((1, splits.at(N_ENDED.measure, context, kind=kind, end_reason=reason, sex=sex)) for kind in kinds),
            ),
        )
        for reason in END_REASON.labels
        for sex in SEX.labels
    ]


def _among_all_exits(reasons: Dimension, context: Mapping[str, str]) -> list[Equation]:
    """Return that the exits after any intervention, and those without one, are the exits of `exits_by_reason`."""
    return [
        Equation(
            "Avslut efter någon insats är en del av alla avslut",
            (
                (-1, splits.at(EXITS, context, exit_reason=reason, sex=sex)),
                (1, splits.at(N_EXITS_AFTER.measure, context, exit_reason=reason, sex=sex)),
                (1, splits.at(WITHOUT_SUPPORT, context, exit_reason=reason, sex=sex)),
            ),
        )
        for reason in reasons.labels
        for sex in SEX.labels
    ]
