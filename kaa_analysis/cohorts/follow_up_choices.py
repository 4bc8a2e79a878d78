"""`FollowUpChoices`: the choices that make one estimand of a follow-up, and not another with the same name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args, get_type_hints

from kaa_analysis.core.errors import DefinitionError, did_you_mean

TimeZero = Literal["entry", "target_group"]
Ending = Literal["competing", "censored"]
DayZero = Literal["event", "excluded"]

BY_CHOICE = ("turned_20", "moved")
"""The censorings of spells whose way out is by choice no way out."""


@dataclass(frozen=True)
class FollowUpChoices:
    """What a time to study placement counts from, and what the other ways out are. The defaults are those of the headline.

    ``time_zero``: "entry" = the first registered day; "target_group" = the first day in the target group of the time there that the
    registration belongs to. ``turning_20``: "competing" = who has turned 20 can no longer be placed (*placed before 20*); "censored" = as if nobody
    turned 20, another and hypothetical question. ``moves``: the same of moving and death. ``day_0``: an exit on the day of entry is an
    "event" of day 0, or its spell is "excluded".

    >>> FollowUpChoices(turning_20="censored").told()
    {'time_zero': 'entry', 'turning_20': 'censored', 'moves': 'competing', 'day_0': 'event'}

    Raises:
        DefinitionError: a choice is none of those named.
    """

    time_zero: TimeZero = "entry"
    turning_20: Ending = "competing"
    moves: Ending = "competing"
    day_0: DayZero = "event"

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            value, known = getattr(self, name), get_args(kind)
            if value not in known:
                raise DefinitionError(
                    f"Valet {name} ska vara {' eller '.join(known)}{did_you_mean(str(value), known)}.", found=str(value)
                )

    def told(self) -> dict[str, str]:
        """Return every choice by its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def suffix(self) -> str:
        """What tells the name of a follow-up with these choices from the headline's: nothing for the headline.

        >>> FollowUpChoices().suffix, FollowUpChoices(moves="censored").suffix
        ('', '_moves_censored')
        """
        headline = FollowUpChoices
        chosen = (field for field in fields(self) if getattr(self, field.name) != getattr(headline, field.name))
        return "".join(f"_{field.name}_{getattr(self, field.name)}" for field in chosen)
