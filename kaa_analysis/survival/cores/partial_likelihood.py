"""The partial likelihood of the Cox model, its score and its information, from sums per event time.

The information's sum of squares over all risk sets needs no matrix per time: a row adds its own square times the hazard summed over
the slots at which it is at risk (`docs/methods/cox.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from kaa_analysis.survival.cores.event_slots import EventSlots


class Ties(StrEnum):
    """How events of the same time share their risk set."""

    EFRON = "efron"
    BRESLOW = "breslow"


@dataclass(frozen=True, eq=False, repr=False)
class CoxSample:
    """What a Cox model is fitted to: ``n`` rows with ``p`` covariates, centred and scaled.

    ``covariates`` (n, p) has column by column the mean 0 and the standard deviation 1 (both weighted); ``weight`` (n,) is above 0.
    The events of a slot are taken in ``K`` parts: ``slot``, ``fraction`` (of the tied events that has already left the risk set) and
    ``part_weight`` have shape (K,), ``starts`` (G,) is the first part of each slot.
    """

    slots: EventSlots
    covariates: NDArray
    weight: NDArray
    slot: NDArray[np.intp]
    fraction: NDArray
    part_weight: NDArray
    starts: NDArray[np.intp]


@dataclass(frozen=True, eq=False, repr=False)
class RiskSums:
    """The sums per slot at one value of the coefficients.

    ``risk`` (n,) is weight × exp(x'β − ``shift``). ``at_risk`` and ``tied`` (G, p) are the sums of risk × x over those at risk and over the
    events; ``hazard`` (2, G) and ``hazard_squared`` (3, G) the sums over a slot's parts of weight × fraction^j / risk set, and / its square.
    """

    loglik: float
    shift: float
    risk: NDArray
    at_risk: NDArray
    tied: NDArray
    hazard: NDArray
    hazard_squared: NDArray

    @property
    def mean_steps(self) -> NDArray:
        """The sum over a slot's parts of hazard × mean covariates of the risk set, shape (G, p)."""
        return self.hazard_squared[0][:, None] * self.at_risk - self.hazard_squared[1][:, None] * self.tied


def cox_sample(slots: EventSlots, covariates: NDArray, weight: NDArray, *, ties: Ties) -> CoxSample:
    """Return the sample with the parts of its tied events: one per slot (Breslow) or one per event, of mean weight (Efron)."""
    event_weight = slots.event_sums(weight)
    n_parts = np.ones_like(slots.n_events) if ties is Ties.BRESLOW else slots.n_events
    starts = np.concatenate([[0], np.cumsum(n_parts)[:-1]])
    slot = np.repeat(np.arange(len(n_parts)), n_parts)
    place = np.arange(len(slot)) - starts[slot]
    return CoxSample(
        slots=slots,
        covariates=covariates,
        weight=weight,
        slot=slot,
        fraction=place / n_parts[slot],
        part_weight=(event_weight / n_parts)[slot],
        starts=starts,
    )


def risk_sums(sample: CoxSample, coefficients: NDArray) -> RiskSums:
    """Return the log partial likelihood and the sums per slot at ``coefficients`` (p,), of the scaled covariates."""
    slots = sample.slots
    predictor = sample.covariates @ coefficients
    shift = float(predictor.max())
    predictor -= shift
    risk = sample.weight * np.exp(predictor)
    tied_risk = slots.event_sums(risk)
    total = np.maximum(slots.at_risk_sums(risk), tied_risk)
    of_part = total[sample.slot] - sample.fraction * tied_risk[sample.slot]
    events = slots.events
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        loglik = sample.weight[events] @ predictor[events] - sample.part_weight @ np.log(of_part)
        once = sample.part_weight / of_part
        twice = once / of_part
    columns = sample.covariates.T
    return RiskSums(
        loglik=float(loglik),
        shift=shift,
        risk=risk,
        at_risk=np.column_stack([slots.at_risk_sums(risk * column) for column in columns]),
        tied=np.column_stack([slots.event_sums(risk * column) for column in columns]),
        hazard=_per_slot(sample, once, powers=2),
        hazard_squared=_per_slot(sample, twice, powers=3),
    )


def cumulative_hazard_at_risk(sample: CoxSample, sums: RiskSums, slot_weight: NDArray | float = 1.0) -> NDArray:
    """Return the hazard (times ``slot_weight``) summed while each row is at risk, shape (n,); its own tied events count in part."""
    slots = sample.slots
    summed = slots.summed_while_at_risk(sums.hazard[0] * slot_weight)
    summed[slots.events] -= (sums.hazard[1] * slot_weight)[slots.own]
    return summed


def score_and_information(
    sample: CoxSample, sums: RiskSums, slot_weight: NDArray | float = 1.0
) -> tuple[NDArray, NDArray]:
    """Return two sums over the events, times ``slot_weight``: covariates − their mean in the risk set (p,), and their covariance there (p, p)."""
    slots, covariates = sample.slots, sample.covariates
    expected = sums.risk * cumulative_hazard_at_risk(sample, sums, slot_weight)
    squares = covariates.T @ (covariates * expected[:, None])
    none, one, two = (sums.hazard_squared * slot_weight)[:, :, None]
    crossed = sums.at_risk.T @ (one * sums.tied)
    means = sums.at_risk.T @ (none * sums.at_risk) - crossed - crossed.T + sums.tied.T @ (two * sums.tied)
    residual = np.negative(expected, out=expected)
    residual[slots.events] += sample.weight[slots.events] * np.broadcast_to(slot_weight, slots.times.shape)[slots.own]
    return covariates.T @ residual, squares - means


def _per_slot(sample: CoxSample, values: NDArray, *, powers: int) -> NDArray:
    return np.array([np.add.reduceat(values * sample.fraction**power, sample.starts) for power in range(powers)])
