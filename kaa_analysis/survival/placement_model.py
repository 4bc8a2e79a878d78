"""How much faster some leave the register for studies than others: the cause-specific Cox model as a table, and its checks as another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.result import Column, Dimension, Equation, Estimate, Result
from kaa_analysis.survival.fitted_placement import (
    ALL,
    CALENDAR,
    FIRST,
    HORIZON,
    LATER,
    SPLIT_MONTHS,
    FittedPlacement,
    Outcome,
    fitted_placement,
    in_period,
    periods_of,
    seen_to,
)
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.model_cells import (
    COVARIATE,
    LEVEL,
    SINCE,
    calendar_equations,
    everybody_equations,
    level_equations,
    period_equations,
)
from kaa_analysis.survival.model_columns import (
    EVIDENCE,
    counts_of,
    evidence_columns,
    for_studies,
    level_labels,
    statistic_columns,
)
from kaa_analysis.survival.model_covariates import Covariate

DONE, TOGETHER = "done", "together"
"""What the check led to; and all covariates on one row, the global test."""
RATIO = "hazard_ratio"
PERIODS = MappingProxyType({ALL: "Hela tiden", FIRST: "De första sex månaderna", LATER: "Därefter"})
NOTE = (
    "Kvoten jämför hur snabbt ungdomarna på raden lämnar registret {for_studies} med den grupp som de jämförs med, bland dem som är kvar och är "
    "lika i allt annat i tabellen. En kvot större än ett betyder snabbare, mindre än ett långsammare; den är inte en kvot mellan andelar. {reference}"
)
REFERENCE_NOTE = "En rad utan kvot är den grupp som de andra jämförs med."
HORIZON_NOTE = " Tiden efter {months} månader räknas inte med."
CALENDAR_NOTE = (
    " Terminsstart är den 7 januari till och med den 15 februari och den 15 augusti till och med den 30 september; en registrering kan "
    "följas både då och under det övriga året."
)
CHECK_NOTE = (
    "Modellen antar att varje kvot är densamma hela tiden. Testet prövar det för varje egenskap; ett p-värde under fem procent efter "
    "Holms justering betyder att kvoten ändras, och då anges den för de första sex månaderna och därefter, var för sig. Regeln var bestämd i förväg."
)
WHAT_WAS_DONE = MappingProxyType(
    {
        TOGETHER: "Prövade på en gång",
        Outcome.KEPT: "En kvot för hela tiden",
        Outcome.SPLIT: "En kvot för de första sex månaderna och en för tiden därefter",
        Outcome.TOO_FEW: "En kvot för hela tiden, ett genomsnitt: för få avslut för att dela tiden",
        Outcome.UNTESTED: "Har inte kunnat prövas",
    }
)


def placement_model(
    follow_up: FollowUp, *, covariates: Sequence[str] | None = None, horizon: int = HORIZON, level: float = 0.95
) -> Result:
    """Estimate how the rate of leaving by the way that is sought differs between persons (cause-specific Cox model, Efron).

    ``covariates`` are some of "sex", "age_at_entry" (whole years, the youngest together where they are few), "season" (half of the year of
    the entry date) and "calendar" (around the start of a term against the rest of the year, changing over time); None is all that the follow-up has
    (`offered_covariates`). Covariates that change with the person (a contact, a measure) are not offered: what changes them may be the outcome.
    The time after ``horizon`` (months, one of `HORIZONS` after six) is left out. One row per covariate, period since entry and level. ``n_spells`` are
    those followed at the level, ``n_sought`` those that left by the way sought;
    ``hazard_ratio`` is missing for the reference and for a level without such exits. Limits are those of the log ratio, from the
    model's variance, clustered on the person where one has several spells. A covariate whose ratio changes over time has its ratios up to six months and after (`fitted_placement`).

    The ratios leave the room under the rule *model*: the residual degrees of freedom are events less parameters, and the smallest cell is the
    least of the persons in any combination of the baseline covariates and the persons with an exit at any level of the ratio's own covariate and period.

    Raises:
        DefinitionError: a covariate is unknown, not known for every spell or the same for all; no exit of the way sought; or a time is missing.

    **Counts** spells.
    **Time** since time zero; events before censorings of the same time; at risk in (entry, exit]; the other ways out are censored.
    **Missing** a covariate that is missing is refused.
    **Source** Cox 1972; Efron 1977; Prentice m.fl. 1978; `docs/methods/placement_model.md`.
    """
    fitted = fitted_placement(seen_to(follow_up, horizon), covariates)
    table = pd.DataFrame(_rows(fitted, level=level))
    columns = _columns(follow_up, fitted, level=level)
    return follow_up_result(
        follow_up,
        "placement_model",
        title=f"Hur takten att lämna registret {for_studies(follow_up)} skiljer sig",
        columns=columns,
        table=table,
        note=NOTE.format(for_studies=for_studies(follow_up), reference=REFERENCE_NOTE)
        + HORIZON_NOTE.format(months=horizon)
        + (CALENDAR_NOTE if CALENDAR in fitted.outcome else ""),
        method=f"placement_model_{follow_up.unit}",
        equations=model_equations(follow_up, fitted, horizon=horizon),
    )


def placement_model_checks(
    follow_up: FollowUp, *, covariates: Sequence[str] | None = None, horizon: int = HORIZON
) -> Result:
    """Test whether the hazard ratios of `placement_model` stay the same over time, and tell what was done where they do not.

    The score test of each covariate, all its levels together, and of all covariates; p values of the covariates also adjusted after Holm. Where a level has no
    exit nothing is tested. One row per covariate, under what was done, and a first one of all together. Arguments, rule and errors as in `placement_model`.

    **Counts** spells.
    **Time** the test is against one minus Kaplan–Meier as the function of time, on the model before anything is split.
    **Missing** as in `placement_model`.
    **Source** Grambsch & Therneau 1994; Holm 1979; `docs/methods/placement_model.md`.
    """
    fitted = fitted_placement(seen_to(follow_up, horizon), covariates)
    names = [one.name for one in fitted.covariates]
    n_tests, test = len(names), fitted.test
    nothing = np.full(n_tests, np.nan)
    n_persons_left = fitted.person[fitted.pieces["event"]].nunique()
    table = pd.DataFrame(
        {
            DONE: [TOGETHER, *(str(fitted.outcome[name]) for name in names)],
            COVARIATE: [TOGETHER, *names],
            "n_spells": fitted.pieces["spell_row"].nunique(),
            "n_sought": fitted.model.n_events,
            "chi_square": [np.nan, *nothing] if test is None else [test.together.statistic, *test.statistic],
            "df": [np.nan, *nothing] if test is None else [float(test.together.df), *test.df.astype(float)],
            "p_value": [np.nan, *nothing] if test is None else [test.together.p_value, *test.p_value],
            "p_holm": [np.nan, *(nothing if fitted.p_holm is None else fitted.p_holm)],
            EVIDENCE[0]: fitted.residual_df,
            EVIDENCE[1]: min(fitted.n_smallest, n_persons_left),
        }
    )
    columns = (
        Dimension(DONE, "Vad som gjordes", dict(WHAT_WAS_DONE)),
        Dimension(
            COVARIATE,
            "Egenskap",
            {TOGETHER: "Alla tillsammans"} | {one.name: one.label for one in fitted.covariates},
            total=TOGETHER,
            additive=False,
        ),
        *counts_of(follow_up, regardless_of=(DONE, COVARIATE)),
        *statistic_columns(("n_spells", "n_sought")),
        Estimate("p_holm", "p-värde efter Holm", ("n_spells", "n_sought"), rule="model", evidence=EVIDENCE),
        *evidence_columns(),
    )
    return follow_up_result(
        follow_up,
        "placement_model_checks",
        title="Är kvoterna desamma hela tiden",
        columns=columns,
        table=table,
        note=CHECK_NOTE + HORIZON_NOTE.format(months=horizon),
        method="placement_model_checks",
        equations=everybody_equations(follow_up, horizon=horizon),
    )


def smallest_cell(fitted: FittedPlacement, covariate: Covariate, since: str) -> int:
    """Return the persons in the smallest combination, or with an exit at the level of a covariate where they are fewest, if they are fewer."""
    happened = fitted.pieces["event"] & in_period(fitted.pieces, since)
    by_level = fitted.person[happened].groupby(covariate.level_of[happened]).nunique()
    return min(fitted.n_smallest, *(int(by_level.get(level, 0)) or fitted.n_smallest for level in covariate.levels))


def bounded_ratios(fitted: FittedPlacement, *, level: float) -> pd.DataFrame:
    """Return the ratios with their limits by the name of the parameter, those left out that have no bound."""
    with np.errstate(over="ignore"):
        table = fitted.model.table(level=level).set_index("covariate")
    return table.drop(index=list(fitted.model.unbounded))


def _rows(fitted: FittedPlacement, *, level: float) -> Iterator[dict[str, object]]:
    bounded = bounded_ratios(fitted, level=level)
    names = {(own.covariate, own.level, own.since): own.name for own in fitted.parameters}
    for one in fitted.covariates:
        for since in periods_of(fitted, one.name):
            for value in one.levels:
                at_level, name = one.level_of == value, names.get((one.name, value, since))
                known = name is not None and name in bounded.index
                yield {
                    COVARIATE: one.name,
                    SINCE: since,
                    LEVEL: value,
                    "n_spells": fitted.pieces.loc[at_level, "spell_row"].nunique(),
                    "n_sought": int((at_level & in_period(fitted.pieces, since) & fitted.pieces["event"]).sum()),
                    **{own: float(bounded.at[name, own]) if known else np.nan for own in (RATIO, "lower", "upper")},
                    EVIDENCE[0]: fitted.residual_df,
                    EVIDENCE[1]: smallest_cell(fitted, one, since),
                }


def _columns(follow_up: FollowUp, fitted: FittedPlacement, *, level: float) -> tuple[Column, ...]:
    ratio = Estimate(RATIO, "Kvot", ("n_spells", "n_sought"), digits=2, rule="model", evidence=EVIDENCE)
    return (
        Dimension(COVARIATE, "Egenskap", {one.name: one.label for one in fitted.covariates}),
        Dimension(SINCE, "Tid", dict(PERIODS), total=ALL),
        Dimension(LEVEL, "Grupp", level_labels(fitted.covariates)),
        *counts_of(follow_up, spells_regardless_of=(SINCE,)),
        ratio,
        *limit_columns(ratio, level=level),
        *evidence_columns(),
    )


def model_equations(follow_up: FollowUp, fitted: FittedPlacement, *, horizon: int) -> Iterator[Equation]:
    """Give what ties the counts of the model to each other and to the tables of the follow-up."""
    yield from everybody_equations(follow_up, horizon=horizon)
    for one in fitted.covariates:
        levels = list(one.levels)
        if one.name == CALENDAR:
            yield from calendar_equations(follow_up, one.name, levels)
        else:
            yield from level_equations(follow_up, one.name, levels, horizon=horizon)
        if periods_of(fitted, one.name) != (ALL,):
            yield from period_equations(follow_up, one.name, levels, periods=(FIRST, LATER), months=SPLIT_MONTHS)
