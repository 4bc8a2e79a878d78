"""Spells in which participation may begin: what every estimator of an exposure that is dated after time zero takes in, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.two_groups import numbers
from kaa_analysis.survival.cores.covariate_matrix import covariate_matrix

PLACEMENT = 1
"""The cause that is the outcome; 0 is censored, 2 and above are the other ways out."""


@dataclass(frozen=True, eq=False, repr=False)
class ParticipationSpells:
    """``n`` spells from time zero, one row each; make them with `participation_spells`.

    ``exit`` (n,) whole days until leaving or censoring, ``cause`` (n,) 0 = censored, 1 = placement, 2 … = other ways out, ``start`` (n,) the day
    on which participation begins, infinite where it never does and always before ``exit``. ``covariates`` (n, p) are as known at time zero, p may be 0.
    ``stratum`` and ``cluster`` (n,) are codes 0, 1, …; a spell is its own cluster unless told.
    """

    exit: NDArray[np.int64]
    cause: NDArray[np.int64]
    start: NDArray[np.float64]
    covariates: NDArray[np.float64]
    names: tuple[str, ...]
    stratum: NDArray[np.intp]
    cluster: NDArray[np.intp]

    @property
    def n_causes(self) -> int:
        """The number of ways out, placement among them."""
        return max(int(self.cause.max(initial=0)), PLACEMENT)

    @property
    def n_clusters(self) -> int:
        """The number of clusters (persons) that the spells are of."""
        return len(np.unique(self.cluster))

    def numbered(self) -> ParticipationSpells:
        """Return the spells with their clusters numbered 0, 1, … without gaps, which rows that were chosen may have."""
        return replace(self, cluster=np.unique(self.cluster, return_inverse=True)[1])

    def rows(self, chosen: ArrayLike) -> ParticipationSpells:
        """Return the spells that are ``chosen``: (n,) booleans, or places. Strata and clusters keep their codes."""
        chosen = np.asarray(chosen)
        kept = {name: getattr(self, name)[chosen] for name in ("exit", "cause", "start", "covariates")}
        return replace(self, **kept, stratum=self.stratum[chosen], cluster=self.cluster[chosen])


def participation_spells(
    exit: ArrayLike,
    cause: ArrayLike,
    start: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> ParticipationSpells:
    """Check spells in which participation may begin and return them as arrays.

    ``exit``, ``cause`` and ``start`` have shape (n,), whole days since time zero; ``start`` is NaN or infinite where participation never begins.
    ``covariates`` (n, p) are as known at time zero and need no column that does not vary. ``stratum`` and ``cluster`` (n,) are labels of any kind: within
    a stratum (before and after a change of law) everything is estimated apart; spells of one cluster (a person) are drawn together.

    >>> spells = participation_spells([30, 80, 10], [1, 0, 2], [np.nan, 14, np.inf])
    >>> spells.start.tolist(), spells.n_causes
    ([inf, 14.0, inf], 2)

    Raises:
        DefinitionError: shapes differ, a time is missing, negative or not whole, a cause is no whole number from 0, a participation begins on the day of
            leaving or later, a label or covariate is missing, or a covariate does not vary.

    **Counts** spells; persons where they are the clusters.
    **Time** whole days since time zero; events come before censorings, and both before a start, on the same day.
    **Missing** is refused, but for ``start``.
    **Source** `docs/methods/participation.md`.
    """
    days = _whole(exit, what="dagen för utträde", n_rows=np.asarray(exit).size)
    n_rows = len(days)
    causes = _whole(cause, what="orsaken", n_rows=n_rows)
    begins = _starts(start, days)
    matrix, names = _covariates(covariates, names=names, n_rows=n_rows)
    return ParticipationSpells(
        exit=days,
        cause=causes,
        start=begins,
        covariates=matrix,
        names=names,
        stratum=_codes(stratum, unlabelled=np.zeros(n_rows, dtype=np.intp), what="stratumet"),
        cluster=_codes(cluster, unlabelled=np.arange(n_rows), what="klustret"),
    )


def _whole(values: ArrayLike, *, what: str, n_rows: int) -> NDArray[np.int64]:
    found = numbers(values, n_rows=n_rows, name=what)
    if found.ndim != 1 or not found.size:
        raise DefinitionError(f"Det ska vara ett tal per rad: {what}.", found=f"form {found.shape}")
    n_refused = int(((found < 0) | (found != np.floor(found))).sum())
    if n_refused:
        raise DefinitionError(
            f"Det ska vara ett helt tal från 0 och uppåt: {what}.", found=f"andra värden: {n_refused} av {n_rows}"
        )
    return found.astype(np.int64)


def start_days(start: ArrayLike) -> NDArray[np.float64]:
    """Return the days of a start as floats, NaN where there is none.

    Raises:
        DefinitionError: one is no number.
    """
    try:
        return np.asarray(start, dtype=float)
    except (TypeError, ValueError):
        raise DefinitionError(
            "Dagen då deltagandet började ska vara ett tal.",
            found="annat än tal",
            action="räkna dagar från tid 0, och låt värdet saknas för den som aldrig började",
        ) from None


def _starts(start: ArrayLike, exit_: NDArray) -> NDArray[np.float64]:
    given = start_days(start)
    if given.shape != exit_.shape:
        raise DefinitionError(
            "Det ska vara ett värde per rad: dagen då deltagandet började.",
            found=f"{given.size} värden, {len(exit_)} rader",
            action="låt värdet saknas för den som aldrig började",
        )
    begins = np.where(np.isnan(given), np.inf, given)
    known = np.isfinite(begins)
    problems = {
        "före tid 0": begins < 0,
        "inte hela dagar": known & (begins != np.floor(np.where(known, begins, 0))),
        "samma dag som utträdet eller senare": known & (begins >= exit_),
    }
    found = [f"{what}: {rows.sum()} av {len(rows)}" for what, rows in problems.items() if rows.any()]
    if found:
        raise DefinitionError(
            "Ett deltagande ska börja på en hel dag från tid 0 och före utträdet.",
            found=found,
            action="den som lämnade först har aldrig börjat: låt värdet saknas, med eget steg i flödet",
        )
    return begins


def _covariates(
    covariates: ArrayLike | None, *, names: Sequence[str] | None, n_rows: int
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    if covariates is None:
        return np.zeros((n_rows, 0)), ()
    matrix, names = covariate_matrix(covariates, n_rows=n_rows, names=names)
    constant = [name for name, column in zip(names, matrix.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise DefinitionError(
            "Varje kovariat ska variera.",
            found=[f"{name}: samma värde på alla rader" for name in constant],
            action="ta bort de kovariater som nämns",
        )
    return matrix, names


def _codes(labels: ArrayLike | None, *, unlabelled: NDArray[np.intp], what: str) -> NDArray[np.intp]:
    if labels is None:
        return unlabelled
    labels = labels if isinstance(labels, np.ndarray) else pd.Series(labels)
    if labels.shape != unlabelled.shape:
        raise DefinitionError(
            f"Det ska vara ett värde per rad: {what}.", found=f"{labels.size} värden, {len(unlabelled)} rader"
        )
    codes, _ = pd.factorize(labels)
    n_missing = int((codes < 0).sum())
    if n_missing:
        raise DefinitionError(f"Inget värde får saknas: {what}.", found=f"saknas: {n_missing} av {len(codes)}")
    return codes.astype(np.intp)
