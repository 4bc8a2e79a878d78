"""`ProtocolMark`: which protocol a result comes from, and whether it was decided before the outcome was known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from kaa_analysis.core.errors import DefinitionError, did_you_mean
from kaa_analysis.evaluation.protocols.freezing import KnownProtocol

HASH_SHOWN = 12


@dataclass(frozen=True)
class ProtocolMark:
    """What every result of an evaluation carries: the hash of the protocol, whether the result is explorative, and why, in Swedish."""

    hash: str
    explorative: bool
    why: tuple[str, ...] = ()

    def departing(self, *reasons: str) -> ProtocolMark:
        """Return the mark of a result that leaves the protocol for these reasons; without any it is the same mark.

        >>> ProtocolMark("ab", False).departing("annan horisont")
        ProtocolMark(hash='ab', explorative=True, why=('annan horisont',))
        """
        why = tuple(dict.fromkeys((*self.why, *reasons)))
        return replace(self, explorative=bool(self.explorative or reasons), why=why)

    def sentence(self) -> str:
        """Return the mark as readers see it under a result.

        >>> ProtocolMark("0123456789abcdef", True, ("annan horisont",)).sentence()
        'Utforskande resultat: annan horisont (protokoll 0123456789ab).'
        """
        short = self.hash[:HASH_SHOWN]
        if not self.explorative:
            return f"Enligt protokollet som frystes innan utfallet lästes (protokoll {short})."
        return f"Utforskande resultat: {'; '.join(self.why)} (protokoll {short})."


def mark_of(known: KnownProtocol) -> ProtocolMark:
    """Return the mark of a result that follows the protocol: explorative where it is not frozen, or was frozen with an outcome already read."""
    why = known.why_not_frozen()[:1]
    if known.frozen is not None and known.frozen.outcomes_were_read:
        why = (f"version {known.frozen.version} frystes efter att utfall hade lästs enligt en tidigare version",)
    return ProtocolMark(known.hash, bool(why), why)


def departures(
    known: KnownProtocol,
    *,
    outcome: str,
    horizon_months: int | None = None,
    contrast: str | None = None,
    measure: str | None = None,
    method: str | None = None,
    strategy: str | None = None,
    adjusted: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Return in Swedish how an analysis leaves its protocol; nothing where it follows it. What is None is not compared.

    ``adjusted`` are the names of the covariates that are adjusted for. Every outcome of the protocol is in it; the verdict rests on the primary one.

    Raises:
        DefinitionError: a covariate that the protocol does not have is adjusted for under no name of its.
    """
    protocol = known.protocol
    unknown = [name for name in adjusted or () if name not in protocol.covariates]
    if unknown:
        raise DefinitionError(
            "En justering ska vara en av protokollets variabler (covariates).",
            found=[f'"{name}"{did_you_mean(name, protocol.covariates)}' for name in unknown],
            action="skriv in variabeln i protokollet med varför, också när det inte justeras för den",
        )
    planned = {name for name, covariate in protocol.covariates.items() if covariate.adjusted}
    compared: tuple[tuple[str, Any, Collection[Any]], ...] = (
        ("utfallet", outcome, protocol.outcomes),
        ("horisonten", horizon_months, protocol.follow_up.horizons_months),
        ("kontrasten", contrast, (protocol.estimand.contrast,)),
        ("måttet", measure, (protocol.estimand.measure,)),
        ("metoden", method, (protocol.analysis.method,)),
        ("strategin", strategy, (protocol.strategies.exposure.strategy,)),
        ("justeringen", None if adjusted is None else frozenset(adjusted), (frozenset(planned),)),
    )
    return tuple(
        f"{what} är inte protokollets" for what, used, planned in compared if used is not None and used not in planned
    )
