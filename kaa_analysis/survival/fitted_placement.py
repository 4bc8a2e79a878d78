"""The cause-specific model of the way out that is sought, fitted; the check of proportional hazards, and what is done where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kaa_analysis.cohorts.cohort import CENSORED, FollowUp
from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.survival.cores.cox_model import CoxModel, cox
from kaa_analysis.survival.cores.pairwise_log_rank import holm
from kaa_analysis.survival.cores.proportional_hazards_test import ProportionalHazardsTest, proportional_hazards_test
from kaa_analysis.survival.horizons import HORIZONS, horizon_times
from kaa_analysis.survival.model_covariates import (
    Covariate,
    baseline_covariates,
    covariate_of,
    known_at_entry,
    smallest_combination,
)
from kaa_analysis.survival.person_clusters import person_clusters
from kaa_analysis.survival.split_pieces import split_at_calendar, split_at_time, whole_pieces

HORIZON = 24
"""Models and tests look at the time up to so many months, the last horizon of the other tables."""
CALENDAR = "calendar"
"""The covariate that changes with the calendar."""
CALENDAR_LABEL = "Tiden på året"
CALENDAR_LEVELS = {"rest": "Övriga året", "term_start": "Terminsstart"}
SPLIT_MONTHS = 6
"""A covariate whose hazard ratio does not stay the same has one up to so many months, and one after."""
SIGNIFICANT = 0.05
"""… which is so where its test, adjusted after Holm for the number of covariates, has a smaller p value."""

ALL, FIRST, LATER = "all", "first", "later"
"""The periods since entry: all of it, up to `SPLIT_MONTHS`, and after."""


class Outcome(StrEnum):
    """What the check led to for a covariate."""

    KEPT = "kept"
    SPLIT = "split"
    TOO_FEW = "too_few"
    UNTESTED = "untested"


@dataclass(frozen=True, eq=False)
class Parameter:
    """One coefficient: the covariate and level it belongs to, and the period since entry."""

    covariate: str
    level: str
    since: str

    @property
    def name(self) -> str:
        """A name that no other parameter has."""
        return f"{self.covariate}={self.level}, {self.since}"


@dataclass(frozen=True, eq=False)
class FittedPlacement:
    """The model: ``covariates`` with a value per piece, the ``pieces`` it is fitted to and the ``person`` of each, its ``parameters`` in the order of ``model``.

    ``test`` and ``p_holm`` (one per covariate) are those of the model before anything was split, None where it could not be tested;
    ``outcome`` says what they led to. ``n_smallest`` is the number of persons in the smallest combination of the baseline covariates.
    """

    covariates: tuple[Covariate, ...]
    pieces: pd.DataFrame = field(repr=False)
    person: pd.Series = field(repr=False)
    parameters: tuple[Parameter, ...]
    model: CoxModel
    test: ProportionalHazardsTest | None
    p_holm: NDArray | None
    outcome: dict[str, Outcome]
    n_smallest: int

    @property
    def residual_df(self) -> int:
        """The number of events less that of the parameters."""
        return self.model.n_events - len(self.parameters)


def offered_covariates(follow_up: FollowUp) -> tuple[str, ...]:
    """Return the covariates that a follow-up has: what it knows of the entry, and the time of the year where it counts days from the entry date."""
    has_calendar = follow_up.unit == "days" and follow_up.choices.time_zero == "entry"
    return (*known_at_entry(follow_up), *([CALENDAR] if has_calendar else []))


def fitted_placement(follow_up: FollowUp, covariates: Sequence[str] | None, *, check: bool = True) -> FittedPlacement:
    """Fit the cause-specific Cox model (Efron) of the way out that is sought; the other ways out are censored.

    The variance is that of the model, or clustered on the person where one has several spells. With ``check`` each covariate, all its levels
    together, gets the score test of proportional hazards; one whose p value after Holm is below `SIGNIFICANT` gets its ratios up to
    `SPLIT_MONTHS` and after, if every level has an event in both. This is done once; the split model is not tested again.

    Raises:
        DefinitionError: a covariate is unknown, none is left, or as in `baseline_covariates`, `split_at_calendar` and `cox`.
    """
    names = offered_covariates(follow_up) if covariates is None else tuple(covariates)
    baseline = baseline_covariates(follow_up, [name for name in names if name != CALENDAR])
    times = follow_up.times_table
    pieces = split_at_calendar(follow_up) if CALENDAR in names else whole_pieces(follow_up)
    used = tuple(covariate.of(pieces["spell_row"]) for covariate in baseline)
    if CALENDAR in names:
        inside = pieces["inside"].map({True: "term_start", False: "rest"}).astype("string")
        used = (*used, covariate_of(CALENDAR, CALENDAR_LABEL, CALENDAR_LEVELS, inside, reference="rest"))
    if not used:
        raise DefinitionError("Modellen behöver minst en kovariat.", action="ange covariates")
    persons = times["person_id"]
    cluster = person_clusters(times)
    n_smallest = smallest_combination(baseline, persons=persons) if baseline else persons.nunique()
    model, parameters = _fit(pieces, used, cluster=cluster, split=set())
    outcome, test, p_holm = dict.fromkeys((one.name for one in used), Outcome.UNTESTED), None, None
    if check and not model.unbounded:
        terms = {one.name: [p.name for p in parameters if p.covariate == one.name] for one in used}
        test = proportional_hazards_test(model, terms=terms)
        p_holm = holm(test.p_value)
        [split_time] = horizon_times([SPLIT_MONTHS], unit=follow_up.unit)
        in_periods = split_at_time(pieces, split_time)
        outcome = {
            one.name: _outcome(p, one.of(in_periods["piece"]), in_periods) for one, p in zip(used, p_holm, strict=True)
        }
        split = {name for name, found in outcome.items() if found is Outcome.SPLIT}
        if split:
            pieces, used = in_periods, tuple(one.of(in_periods["piece"]) for one in used)
            model, parameters = _fit(pieces, used, cluster=cluster, split=split)
    person = persons.iloc[pieces["spell_row"].to_numpy()].reset_index(drop=True)
    return FittedPlacement(used, pieces, person, parameters, model, test, p_holm, outcome, n_smallest)


def seen_to(follow_up: FollowUp, horizon: int) -> FollowUp:
    """Return the follow-up as it was seen at a horizon: who is still there is censored then, who came later is not in it.

    Raises:
        DefinitionError: the horizon is none of those of the other tables that lie after `SPLIT_MONTHS`.
    """
    allowed = [months for months in HORIZONS if months > SPLIT_MONTHS]
    if horizon not in allowed:
        raise DefinitionError(
            "Modellens horisont ska vara en av de andra tabellernas tidpunkter.",
            found=str(horizon),
            action=f"välj bland {', '.join(map(str, allowed))} månader",
        )
    [end] = horizon_times([horizon], unit=follow_up.unit)
    times = follow_up.times_table[follow_up.times_table["entry_time"] < end]
    later = times["exit_time"] > end
    times = times.assign(exit_time=times["exit_time"].clip(upper=end), way_out=times["way_out"].mask(later, CENSORED))
    return replace(follow_up, times_table=times)


def periods_of(fitted: FittedPlacement, covariate: str) -> tuple[str, ...]:
    """Return the periods since entry for which a covariate has a ratio of its own."""
    return (FIRST, LATER) if fitted.outcome[covariate] is Outcome.SPLIT else (ALL,)


def in_period(pieces: pd.DataFrame, since: str) -> pd.Series:
    """Return which pieces lie in a period since entry."""
    if since == ALL:
        return pd.Series(True, index=pieces.index)
    return pieces["later"] == (since == LATER)


def _fit(
    pieces: pd.DataFrame, covariates: Sequence[Covariate], *, cluster: pd.Series | None, split: set[str]
) -> tuple[CoxModel, tuple[Parameter, ...]]:
    parameters = tuple(
        Parameter(one.name, level, since)
        for one in covariates
        for since in ((FIRST, LATER) if one.name in split else (ALL,))
        for level in one.compared
    )
    by_name = {one.name: one for one in covariates}
    matrix = np.column_stack(
        [
            (by_name[own.covariate].level_of.eq(own.level) & in_period(pieces, own.since)).to_numpy(dtype=float)
            for own in parameters
        ]
    )
    model = cox(
        pieces["begin"],
        pieces["end"],
        pieces["event"],
        matrix,
        names=[own.name for own in parameters],
        cluster=None if cluster is None else cluster.iloc[pieces["spell_row"]],
    )
    return model, parameters


def _outcome(p_value: float, covariate: Covariate, pieces: pd.DataFrame) -> Outcome:
    if not p_value < SIGNIFICANT:
        return Outcome.KEPT
    with_event = pd.crosstab(covariate.level_of[pieces["event"]], pieces.loc[pieces["event"], "later"])
    enough = with_event.shape == (len(covariate.levels), 2) and (with_event > 0).all(axis=None)
    return Outcome.SPLIT if enough else Outcome.TOO_FEW
