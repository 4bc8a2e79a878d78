"""The gate before an effect: groups that weighting has not made alike are not compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from numbers import Real

import numpy as np

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.covariate_balance import CovariateBalance

LARGEST_SMD = 0.1
"""The limit of a standardised difference that is commonly taken as negligible (Austin 2009)."""


class BalanceFailure(StrEnum):
    """What can stop at the gate."""

    SMD_OVER_LIMIT = "smd-over-limit"
    SMD_NOT_DEFINED = "smd-not-defined"
    VARIANCE_RATIO_OUTSIDE = "variance-ratio-outside"
    TOO_FEW_EFFECTIVE = "too-few-effective"


@dataclass(frozen=True)
class FailedBalance:
    """One kind of failure, how many covariates (or groups) fail so, and their names."""

    code: BalanceFailure
    number: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class BalanceGate:
    """What failed, in the order of the codes, of ``n_covariates``; nothing failed: the comparison may go on."""

    failures: tuple[FailedBalance, ...]
    n_covariates: int

    @property
    def passed(self) -> bool:
        """True if nothing failed."""
        return not self.failures

    def require(self) -> None:
        """Stop if something failed.

        Raises:
            DefinitionError: something did; the codes, numbers and names are told.
        """
        if self.failures:
            raise DefinitionError(
                "Grupperna ska vara lika efter viktningen innan de jämförs.",
                found=[f"{one.code}: {one.number} ({', '.join(one.names)})" for one in self.failures],
                action="ändra poängens modell eller snäva in vilka som jämförs, innan utfallen har lästs; annars kan frågan inte avgöras",
            )


def balance_gate(
    balance: CovariateBalance,
    *,
    largest_smd: float = LARGEST_SMD,
    variance_ratios: tuple[float, float] | None = None,
    least_effective: float | None = None,
) -> BalanceGate:
    """Return what of the balance after weighting lies outside its limits.

    ``largest_smd`` is the largest standardised difference, of either sign, that passes; a difference that is not defined does not.
    ``variance_ratios`` (as (0.5, 2)) and ``least_effective``, the least effective number in each group, are asked for by name alone. A ratio that is
    not defined passes: the means are then judged.

    >>> from kaa_analysis.evaluation.cores.covariate_balance import covariate_balance
    >>> balance = covariate_balance(
    ...     [[1, 0], [3, 1], [0, 1], [1, 0], [5, 1]], treated=[1, 1, 0, 0, 0], weight=[1, 1, 0, 1, 1], denominator="treated", names=["age", "near"]
    ... )
    >>> found = balance_gate(balance)
    >>> found.passed, [(str(one.code), one.number, one.names) for one in found.failures]
    (False, [('smd-over-limit', 1, ('age',))])

    Raises:
        DefinitionError: a limit is no positive number, or the two limits of the ratio are not in order.

    **Source** Austin 2009; Rubin 2001 (ratios); `docs/methods/propensity_weighting.md`.
    """
    _check_limits(largest_smd, variance_ratios, least_effective)
    smd = balance.smd_after
    found = [
        (BalanceFailure.SMD_OVER_LIMIT, _named(balance.names, np.abs(smd) > largest_smd)),
        (BalanceFailure.SMD_NOT_DEFINED, _named(balance.names, np.isnan(smd))),
    ]
    if variance_ratios is not None:
        ratio, (low, high) = balance.variance_ratio_after, variance_ratios
        found.append((BalanceFailure.VARIANCE_RATIO_OUTSIDE, _named(balance.names, (ratio < low) | (ratio > high))))
    if least_effective is not None:
        groups = ("behandlade", "obehandlade")
        found.append((BalanceFailure.TOO_FEW_EFFECTIVE, _named(groups, balance.n_effective < least_effective)))
    failures = tuple(FailedBalance(code, len(names), names) for code, names in found if names)
    return BalanceGate(failures, len(balance.names))


def _named(names: Iterable[str], fails: np.ndarray) -> tuple[str, ...]:
    return tuple(name for name, failed in zip(names, fails, strict=True) if failed)


def _check_limits(
    largest_smd: float, variance_ratios: tuple[float, float] | None, least_effective: float | None
) -> None:
    limits = [largest_smd, *(variance_ratios or ()), *(() if least_effective is None else (least_effective,))]
    if not all(isinstance(limit, Real) and limit > 0 for limit in limits):
        raise DefinitionError("Varje gräns ska vara ett tal större än 0.", found=", ".join(map(str, limits)))
    if variance_ratios is not None and not (len(variance_ratios) == 2 and variance_ratios[0] < variance_ratios[1]):
        raise DefinitionError("Kvotens två gränser ska stå i ordning.", found=str(tuple(variance_ratios)))
