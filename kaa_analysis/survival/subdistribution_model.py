"""Ratios of the rate and of the share beside each other: the cause-specific model and Fine and Gray's of the same covariates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from kaa_analysis.cohorts.cohort import FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.result import Column, Dimension, Equation, Estimate, Result
from kaa_analysis.survival.cores.fine_gray import fine_gray
from kaa_analysis.survival.fitted_placement import ALL, CALENDAR, HORIZON, FittedPlacement, fitted_placement, seen_to
from kaa_analysis.survival.follow_up_result import follow_up_result
from kaa_analysis.survival.limit_columns import limit_columns
from kaa_analysis.survival.model_cells import COVARIATE, LEVEL, everybody_equations, level_equations
from kaa_analysis.survival.model_columns import EVIDENCE, counts_of, evidence_columns, for_studies, level_labels
from kaa_analysis.survival.model_covariates import known_at_entry
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.placement_model import RATIO, bounded_ratios, smallest_cell
from kaa_analysis.survival.ways_of_leaving import sought_or_other

KIND = "ratio_of"
RATE, SHARE = "rate", "share"
KINDS = MappingProxyType({RATE: "takten bland dem som är kvar", SHARE: "andelen som har lämnat"})
NOTE = (
    "Kvoten för takten jämför dem som är kvar i registret; kvoten för andelen (Fine och Gray) visar åt vilket håll andelen som har lämnat {for_studies} skiljer "
    "sig, och påverkas också av hur många som lämnar på andra sätt. En kvot på ett betyder ingen skillnad. Tiden efter {months} månader räknas inte med."
)


def subdistribution_model(
    follow_up: FollowUp, *, covariates: Sequence[str] | None = None, horizon: int = HORIZON, level: float = 0.95
) -> Result:
    """Estimate Fine and Gray's ratios of the subdistribution hazard of the way that is sought, beside the cause-specific ones.

    ``covariates`` are some of "sex", "age_at_entry" and "season"; None is all that the follow-up knows. A covariate that changes over time is refused: who has
    left another way has none. Neither model is split in periods, so that they can be compared. One row per covariate, kind of ratio and level. Counts,
    rule and ``horizon`` as in `placement_model`; with several spells of a person both variances are clustered on the person.

    Raises:
        DefinitionError: as in `placement_model`, and as in `fine_gray`.

    **Counts** spells.
    **Time** since time zero; events before censorings of the same time; at risk in (entry, exit]; a horizon censors.
    **Missing** a covariate that is missing is refused.
    **Source** Fine & Gray 1999; Geskus 2011; Latouche et al. 2013; `docs/methods/fine_gray.md`, `docs/methods/placement_model.md`.
    """
    seen = seen_to(follow_up, horizon)
    names = known_at_entry(seen) if covariates is None else _known_at_entry_only(covariates)
    fitted = fitted_placement(seen, names, check=False)
    ratios = {RATE: _cause_specific(fitted, level=level), SHARE: _subdistribution(seen, fitted, level=level)}
    table = pd.DataFrame(_rows(fitted, ratios))
    columns = _columns(follow_up, fitted, level=level)
    return follow_up_result(
        follow_up,
        "subdistribution_model",
        title=f"Takt och andel som lämnar registret {for_studies(follow_up)}",
        columns=columns,
        table=table,
        note=NOTE.format(for_studies=for_studies(follow_up), months=horizon),
        method=f"subdistribution_model_{follow_up.unit}",
        equations=_equations(follow_up, fitted, horizon=horizon),
    )


def _known_at_entry_only(covariates: Sequence[str]) -> tuple[str, ...]:
    if CALENDAR in covariates:
        raise DefinitionError(
            "Fine och Grays modell kräver att varje kovariat är känd vid inträdet.",
            found=CALENDAR,
            action="ta bort den; placement_model har den",
        )
    return tuple(covariates)


def _cause_specific(fitted: FittedPlacement, *, level: float) -> pd.DataFrame:
    return bounded_ratios(fitted, level=level)[[RATIO, "lower", "upper"]]


def _subdistribution(follow_up: FollowUp, fitted: FittedPlacement, *, level: float) -> pd.DataFrame:
    """Return the ratios that Fine and Gray's model has, none where a level has no exit: it would have no bound."""
    names = [own.name for own in fitted.parameters]
    if fitted.model.unbounded:
        return pd.DataFrame(columns=[RATIO, "lower", "upper"])
    times = follow_up.times_table
    levels = {one.name: one.level_of for one in fitted.covariates}
    fit = fine_gray(
        times["entry_time"].to_numpy(dtype=np.int64),
        times["exit_time"].to_numpy(dtype=np.int64),
        sought_or_other(times, follow_up.sought),
        np.column_stack([levels[own.covariate].eq(own.level).to_numpy(dtype=float) for own in fitted.parameters]),
        n_causes=2,
        level=level,
        cluster=person_clusters(times),
    )
    found = {RATIO: fit.coefficients, "lower": fit.lower, "upper": fit.upper}
    return pd.DataFrame({name: np.exp(values) for name, values in found.items()}, index=names)


def _rows(fitted: FittedPlacement, ratios: dict[str, pd.DataFrame]) -> Iterator[dict[str, object]]:
    names = {(own.covariate, own.level): own.name for own in fitted.parameters}
    for one in fitted.covariates:
        for kind, table in ratios.items():
            for value in one.levels:
                at_level, name = one.level_of == value, names.get((one.name, value))
                known = name in table.index
                yield {
                    COVARIATE: one.name,
                    KIND: kind,
                    LEVEL: value,
                    "n_spells": int(at_level.sum()),
                    "n_sought": int((at_level & fitted.pieces["event"]).sum()),
                    **{own: float(table.at[name, own]) if known else np.nan for own in (RATIO, "lower", "upper")},
                    EVIDENCE[0]: fitted.residual_df,
                    EVIDENCE[1]: smallest_cell(fitted, one, ALL),
                }


def _columns(follow_up: FollowUp, fitted: FittedPlacement, *, level: float) -> tuple[Column, ...]:
    ratio = Estimate(RATIO, "Kvot", ("n_spells", "n_sought"), digits=2, rule="model", evidence=EVIDENCE)
    return (
        Dimension(COVARIATE, "Egenskap", {one.name: one.label for one in fitted.covariates}),
        Dimension(KIND, "Kvot för", dict(KINDS)),
        Dimension(LEVEL, "Grupp", level_labels(fitted.covariates)),
        *counts_of(follow_up, regardless_of=(KIND,)),
        ratio,
        *limit_columns(ratio, level=level),
        *evidence_columns(),
    )


def _equations(follow_up: FollowUp, fitted: FittedPlacement, *, horizon: int) -> Iterator[Equation]:
    yield from everybody_equations(follow_up, horizon=horizon)
    for one in fitted.covariates:
        yield from level_equations(follow_up, one.name, list(one.levels), horizon=horizon)
