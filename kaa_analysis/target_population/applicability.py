"""Whether the rules of the target population can be applied to a register, and the refusal where they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaa_analysis.core.errors import DefinitionError

if TYPE_CHECKING:
    from kaa_analysis.store import Register

NOT_KAA = "uttaget är inte ett KAA-register"
NOT_ENOUGH_TABLES = "uttaget saknar tabeller som reglerna för målgruppen prövas mot"


def obstacle_to_rules(register: Register) -> str:
    """Return in Swedish why the rules cannot be applied, the empty string if they can."""
    if register.follows_law:
        return ""
    return NOT_ENOUGH_TABLES if register.is_kaa else NOT_KAA


def require_rules(register: Register, *, expected: str) -> None:
    """Refuse a register to which the rules cannot be applied; ``expected`` says in Swedish what needs them.

    Raises:
        DefinitionError: they cannot.
    """
    if obstacle := obstacle_to_rules(register):
        raise DefinitionError(
            expected,
            found=obstacle,
            action="välj ett uttag ur KAA-registret med folkbokföring, skolgång och bevis",
        )
