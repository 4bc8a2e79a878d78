"""The variances that the estimators can give, by name, and which of them holds where nothing is chosen."""

from __future__ import annotations

from enum import StrEnum

from kaa_analysis.core.errors import DefinitionError, did_you_mean


class VarianceKind(StrEnum):
    """How a variance is estimated."""

    GREENWOOD = "greenwood"
    AALEN = "aalen"
    JACKKNIFE = "infinitesimal-jackknife"


def chosen_variance(
    variance: str | None, *, closed_form: VarianceKind, unasked: VarianceKind, clustered: bool
) -> VarianceKind:
    """Return the variance asked for, or ``unasked`` where none is.

    ``closed_form`` is the one the estimator has beside the infinitesimal jackknife. It takes the spells to be independent and a weight to
    be a number of equal spells, so that it is refused for ``clustered`` ones.

    >>> str(chosen_variance(None, closed_form=VarianceKind.AALEN, unasked=VarianceKind.AALEN, clustered=False))
    'aalen'

    Raises:
        DefinitionError: the estimator has no such variance, or it cannot carry clusters.
    """
    known = (closed_form, VarianceKind.JACKKNIFE)
    if variance is None:
        return unasked
    if variance not in known:
        hint = did_you_mean(variance, known)
        raise DefinitionError(f'Variansen "{variance}" finns inte här{hint}.', found=f"kända: {', '.join(known)}")
    if clustered and variance == closed_form:
        raise DefinitionError(
            f'Variansen "{variance}" förutsätter oberoende perioder och kan inte räknas med kluster.',
            action=f'välj "{VarianceKind.JACKKNIFE}" eller utelämna klustren',
        )
    return VarianceKind(variance)
