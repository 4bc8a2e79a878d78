"""Does a hazard ratio stay the same over time? The score test of a coefficient that changes with a function of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2, rankdata

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.survival.cores.cox_input import CoxInput
from kaa_analysis.survival.cores.cox_model import ChiSquareTest, CoxModel
from kaa_analysis.survival.cores.event_slots import EventSlots
from kaa_analysis.survival.cores.kaplan_meier import kaplan_meier
from kaa_analysis.survival.cores.partial_likelihood import score_and_information
from kaa_analysis.survival.cores.time_grid import time_grid


class TimeScale(StrEnum):
    """The function of time that a coefficient may change with."""

    KM = "km"
    IDENTITY = "identity"
    RANK = "rank"
    LOG = "log"


@dataclass(frozen=True, eq=False)
class ProportionalHazardsTest:
    """One test per term (a covariate, or several that are tested together): ``statistic``, ``df`` and ``p_value`` (k,), and one of all together."""

    names: tuple[str, ...]
    transform: TimeScale
    statistic: NDArray
    df: NDArray[np.intp]
    p_value: NDArray
    together: ChiSquareTest

    def table(self) -> pd.DataFrame:
        """Return one row per term and a last one, named "", of all together: statistic, df and p value."""
        return pd.DataFrame(
            {
                "covariate": [*self.names, ""],
                "statistic": [*self.statistic, self.together.statistic],
                "df": [*self.df, self.together.df],
                "p_value": [*self.p_value, self.together.p_value],
            }
        )


def proportional_hazards_test(
    model: CoxModel, *, transform: str = TimeScale.KM, terms: Mapping[str, Sequence[str]] | None = None
) -> ProportionalHazardsTest:
    """Test whether each coefficient of a fitted model, or those of a term together, change with a function of time.

    ``transform`` is "km" (one minus the Kaplan–Meier estimate just before), "identity", "rank" (among all ends of follow-up) or "log". The
    test is the score test of R's ``cox.zph`` from version 3.0 on; it rests on the model's information, also where the variance is robust.
    ``terms`` maps each term to the covariates that are tested together (the levels of one variable); left out, each covariate is its own.

    >>> from kaa_analysis.survival.cores.cox_model import cox
    >>> model = cox([0, 0, 0, 0, 0, 0], [1, 2, 2, 3, 4, 5], [1, 1, 0, 1, 1, 1], [[0], [1], [1], [0], [1], [0]])
    >>> proportional_hazards_test(model, transform="identity").statistic.round(4).tolist()
    [1.0371]

    Raises:
        DefinitionError: the transform is unknown, the terms do not hold every covariate once, a coefficient grows without bound, there are too few events, or one at time 0 (log).

    **Counts** events.
    **Time** event times; the same function of time in all strata.
    **Missing** has been refused by `cox`.
    **Source** Grambsch & Therneau 1994; Therneau & Grambsch 2000, 6.2. `docs/methods/cox.md`.
    """
    if model.unbounded:
        raise DefinitionError(
            "Proportionella hasarder kan prövas när alla koefficienter har en gräns.",
            found=[f"{name}: växer utan gräns" for name in model.unbounded],
            action="ta bort eller slå ihop kovariaterna",
        )
    places = _places(model.names, {name: [name] for name in model.names} if terms is None else terms)
    sample, sums = model.sample, model.sums
    of_slot = _time_values(model.rows, sample.slots, _scale(transform))
    of_slot = of_slot - np.average(of_slot, weights=sample.slots.n_events)
    n = len(model.names)
    (_, none), (of_time, once), (_, twice) = (score_and_information(sample, sums, of_slot**power) for power in range(3))
    score = np.concatenate([np.zeros(n), of_time])
    information = np.block([[none, once], [once, twice]])
    statistic = np.array([_score_test(score, information, [*range(n), *(n + at for at in own)]) for own in places])
    df = np.array([len(own) for own in places])
    together = _score_test(score, information, list(range(2 * n)))
    return ProportionalHazardsTest(
        names=model.names if terms is None else tuple(terms),
        transform=TimeScale(transform),
        statistic=statistic,
        df=df,
        p_value=chi2.sf(statistic, df),
        together=ChiSquareTest(together, n, float(chi2.sf(together, n))),
    )


def _places(names: Sequence[str], terms: Mapping[str, Sequence[str]]) -> list[list[int]]:
    """Return the places of each term's covariates."""
    covariates = [name for own in terms.values() for name in own]
    if sorted(covariates) != sorted(names) or not all(terms.values()):
        raise DefinitionError(
            "Varje kovariat ska höra till just en term, och varje term ha någon.",
            found=f"{len(covariates)} kovariater i {len(terms)} termer, {len(names)} i modellen",
        )
    return [[list(names).index(name) for name in own] for own in terms.values()]


def _score_test(score: NDArray, information: NDArray, places: list[int]) -> float:
    try:
        return float(score[places] @ np.linalg.solve(information[np.ix_(places, places)], score[places]))
    except np.linalg.LinAlgError:
        raise DefinitionError(
            "Händelserna ska räcka till för att pröva om koefficienterna ändras över tid.",
            found="informationen är singulär",
            action="slå ihop kovariater, eller avstå från testet",
        ) from None


def _time_values(rows: CoxInput, slots: EventSlots, scale: TimeScale) -> NDArray:
    """Return the function of time at each slot, shape (G,)."""
    if scale is TimeScale.IDENTITY:
        return slots.times.astype(float)
    if scale is TimeScale.RANK:
        ranks, of_slot = rankdata(time_grid(rows.entry, rows.exit).last), np.zeros(len(slots.times))
        of_slot[slots.own] = ranks[slots.events]
        return of_slot
    if scale is TimeScale.LOG:
        n_start = int(slots.n_events[slots.times == 0].sum())
        if n_start:
            raise DefinitionError(
                "Logaritmen av tiden kräver att alla händelser kommer efter tid 0.",
                found=f"händelser vid tid 0: {n_start} av {slots.n_events.sum()}",
                action="välj en annan tidsskala",
            )
        return np.log(slots.times)
    curve = kaplan_meier(rows.entry, rows.exit, rows.event)
    return 1 - np.concatenate([[1.0], curve.survival])[np.searchsorted(curve.times, slots.times)]


def _scale(transform: str) -> TimeScale:
    if transform not in list(TimeScale):
        raise DefinitionError(
            f'Tidsskalan "{transform}" finns inte{did_you_mean(transform, TimeScale)}.',
            found=f"kända: {', '.join(TimeScale)}",
        )
    return TimeScale(transform)
