"""The verdict: how much may be said of an estimated difference, from protocol, design, balance, interval, power and sensitivity. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.evaluation.cores.e_value import EValue
from kaa_analysis.evaluation.protocol_mark import ProtocolMark, mark_of
from kaa_analysis.evaluation.protocols.freezing import KnownProtocol
from kaa_analysis.evaluation.protocols.protocol import Protocol

BENCHMARKS = 2.0
"""So many times the strength of the strongest measured covariate must the E-value be for an effect without a draw."""


class VerdictLevel(StrEnum):
    """What may be said, from least to most; the values are what readers see."""

    UNDECIDED = "kan inte avgöras"
    NO_DIFFERENCE = "ingen skillnad av betydelse"
    ASSOCIATION = "samband"
    EFFECT = "effekt"


class Direction(StrEnum):
    """Which way the difference goes, as the protocol says is better."""

    BETTER = "better"
    WORSE = "worse"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a run has found, in the unit of the protocol's estimand. ``lower`` and ``upper`` are its limits at the protocol's level.

    ``outcome`` is the name of the outcome. ``design_failures`` are the Swedish reasons why the comparison cannot carry an answer (too few cohorts, no overlap, trends that
    differ beforehand), ``failed_controls`` the names of negative controls that show what cannot be. ``is_balanced`` is what the gate of balance said. ``power`` is the power at the protocol's
    smallest effect, None where it was not worked out. ``sensitivity`` are the E-values, ``benchmark`` the strength of the strongest measured covariate on the same scale (`joint_strength`); None where not worked out.
    """

    outcome: str
    value: float
    lower: float
    upper: float
    is_balanced: bool
    design_failures: tuple[str, ...] = ()
    failed_controls: tuple[str, ...] = ()
    power: float | None = None
    sensitivity: EValue | None = None
    benchmark: float | None = None


@dataclass(frozen=True)
class Verdict:
    """A level with its direction, the Swedish reasons for it and not a higher one, and the mark of the result."""

    level: VerdictLevel
    direction: Direction
    reasons: tuple[str, ...]
    mark: ProtocolMark

    def sentence(self) -> str:
        """Return the one sentence that this level allows. No sentence below the level of effect says that the intervention did anything."""
        told = SENTENCES[self.level, self.direction]
        return f"Utforskande: {told[0].lower()}{told[1:]}" if self.mark.explorative else told


SENTENCES: Mapping[tuple[VerdictLevel, Direction], str] = MappingProxyType(
    {
        (VerdictLevel.UNDECIDED, Direction.NONE): "Det kan inte avgöras om insatsen hjälpte.",
        (VerdictLevel.NO_DIFFERENCE, Direction.NONE): "Det syns ingen skillnad av betydelse mellan dem som fick insatsen och jämförbara unga.",
        (VerdictLevel.ASSOCIATION, Direction.BETTER): "Det gick bättre för dem som fick insatsen än för jämförbara unga, men det kan ha andra orsaker än insatsen.",
        (VerdictLevel.ASSOCIATION, Direction.WORSE): "Det gick sämre för dem som fick insatsen än för jämförbara unga, men det kan ha andra orsaker än insatsen.",
        (VerdictLevel.EFFECT, Direction.BETTER): "Insatsen hjälpte.",
        (VerdictLevel.EFFECT, Direction.WORSE): "Insatsen skadade.",
    }
)  # fmt: skip
"""The only sentences there are, by level and direction."""


def verdict(known: KnownProtocol, mark: ProtocolMark, findings: Findings) -> Verdict:
    """Return what may be said of a difference by a protocol and the mark of the result.

    * *kan inte avgöras*: the design fails, the groups are not balanced (lots drawn excepted: there it is chance, and in the interval), a negative control
      shows what cannot be, or the interval holds both no difference and one of the smallest size that is of interest.
    * *ingen skillnad av betydelse*: the interval lies within the smallest effect on either side.
    * *samband*: the interval leaves out no difference.
    * *effekt*: so it does, for the primary outcome, by a protocol frozen before the outcome was read and followed, and either lots were drawn or the E-value of
      the limit is above `BENCHMARKS` times the benchmark. Turns (*alternated*) can be foreseen and count as no draw.

    **Counts** as the estimand does. **Time** the estimand's horizon. **Missing** an E-value, benchmark or power that is not worked out never raises the level.
    **Source** `docs/methods/verdict.md`.

    Raises:
        DefinitionError: the outcome is none of the protocol's, the mark is that of another protocol or says more than this one carries, or a number is
            missing, infinite or out of order.
    """
    protocol = known.protocol
    _check(known, mark, findings)
    if against := _against_the_comparison(protocol, findings):
        return Verdict(VerdictLevel.UNDECIDED, Direction.NONE, against, mark)
    smallest = protocol.decision_rule.smallest_effect
    if -smallest < findings.lower and findings.upper < smallest:
        why = "intervallet ligger inom den minsta effekt som är av intresse"
        return Verdict(VerdictLevel.NO_DIFFERENCE, Direction.NONE, (why,), mark)
    if findings.lower <= 0 <= findings.upper:
        return Verdict(VerdictLevel.UNDECIDED, Direction.NONE, _why_open(protocol, findings), mark)
    short = _short_of_effect(protocol, mark, findings)
    level = VerdictLevel.ASSOCIATION if short else VerdictLevel.EFFECT
    return Verdict(level, _direction(protocol, findings), short or (_why_effect(protocol),), mark)


def _check(known: KnownProtocol, mark: ProtocolMark, findings: Findings) -> None:
    if mark.hash != known.hash or mark_of(known).explorative > mark.explorative:
        raise DefinitionError(
            "Resultatets märke ska vara protokollets.",
            found="ett annat protokoll, eller ett märke som säger mer än protokollet bär",
            action="hämta märket ur utvärderingens register (mark)",
        )
    if findings.outcome not in known.protocol.outcomes:
        raise DefinitionError(
            "Utfallet ska vara ett av protokollets.", found=f"protokollets: {', '.join(known.protocol.outcomes)}"
        )
    numbers = (findings.lower, findings.value, findings.upper)
    if not all(map(math.isfinite, numbers)) or not findings.lower <= findings.value <= findings.upper:
        raise DefinitionError(
            "Ett svar ska ha ett värde mellan sina gränser.",
            found="ett tal saknas, är oändligt eller ligger utanför gränserna",
        )
    if findings.benchmark is not None and not findings.benchmark >= 1:
        raise DefinitionError("Jämförelsen för E-värdet ska vara minst 1.", found="ett mindre tal, eller inget tal")


def _against_the_comparison(protocol: Protocol, findings: Findings) -> tuple[str, ...]:
    """Return why the comparison carries no answer at all; nothing if it does."""
    is_even = findings.is_balanced or protocol.assignment == "randomised"
    balance = () if is_even else ("grupperna är inte lika efter justeringen",)
    controls = tuple(f"en kontroll där ingen effekt kan finnas visar en: {name}" for name in findings.failed_controls)
    return (*findings.design_failures, *balance, *controls)


def _why_open(protocol: Protocol, findings: Findings) -> tuple[str, ...]:
    reasons = ("intervallet rymmer både ingen skillnad och en skillnad av betydelse",)
    is_weak = findings.power is not None and findings.power < protocol.decision_rule.power
    return (*reasons, "styrkan är mindre än den planerade") if is_weak else reasons


def _short_of_effect(protocol: Protocol, mark: ProtocolMark, findings: Findings) -> tuple[str, ...]:
    """Return why a difference is no more than an association; nothing if it is an effect."""
    reasons = list(mark.why) or ["resultatet är utforskande"] if mark.explorative else []
    if findings.outcome != protocol.primary_outcome:
        reasons.append("utfallet är inte det primära")
    if protocol.assignment == "randomised":
        return tuple(reasons)
    if findings.sensitivity is None or findings.benchmark is None:
        reasons.append("ingen lottning, och hur stark en dold orsak skulle behöva vara är inte uträknat")
    elif not findings.sensitivity.limit > BENCHMARKS * findings.benchmark:
        reasons.append("ingen lottning, och en dold orsak som inte är orimligt stark kan förklara skillnaden")
    return tuple(reasons)


def _why_effect(protocol: Protocol) -> str:
    if protocol.assignment == "randomised":
        return "lotten avgjorde vem som fick insatsen"
    return "bara en dold orsak mer än dubbelt så stark som den starkaste uppmätta kan förklara skillnaden"


def _direction(protocol: Protocol, findings: Findings) -> Direction:
    is_higher = findings.value > 0
    wants_higher = protocol.outcomes[findings.outcome].better == "higher"
    return Direction.BETTER if is_higher == wants_higher else Direction.WORSE
