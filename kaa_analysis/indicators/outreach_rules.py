"""The choices of the outreach tables as named settings. Each has a row in `docs/avgoranden.csv`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.periods import Period

CALENDARS = ("lasar", "autumn")
"""The calendars that the steps can be told in: their periods begin before the letter at the start of term."""


@dataclass(frozen=True)
class OutreachRules:
    """How attempts become steps, and how long is waited.

    A letter is that of the start of term if its mailing's name begins with one of ``term_campaigns`` (``term_letter`` "campaign"), or if
    it is the first from ``term_letter_from`` to ``term_letter_until`` ("window": for registers whose mailings have no names). An SMS of
    the same day belongs to the letter. An answer is waited for ``answer_days``. ``days_of_calls`` and ``visiting_staff`` are the least
    of the routine. A choice of support is looked for in the ``decision_days`` from the conversation on. The letter to those with a
    studiebevis is sent from ``studiebevis_from`` to ``studiebevis_until``; the letter at 20 has a name that begins with one of
    ``twenty_campaigns`` and is at most ``twenty_days`` from the birthday. Days of a year are (month, day).
    """

    term_letter: Literal["campaign", "window"] = "campaign"
    term_campaigns: tuple[str, ...] = ("HT", "STB")
    term_letter_from: tuple[int, int] = (9, 16)
    term_letter_until: tuple[int, int] = (10, 31)
    answer_days: int = 21
    days_of_calls: int = 3
    visiting_staff: int = 2
    decision_days: int = 60
    studiebevis_from: tuple[int, int] = (9, 1)
    studiebevis_until: tuple[int, int] = (10, 31)
    twenty_campaigns: tuple[str, ...] = ("F20",)
    twenty_days: int = 31

    def __post_init__(self) -> None:
        if self.term_letter not in ("campaign", "window"):
            raise DefinitionError(
                "Terminens brev ska kännas igen på campaign eller window.", found=str(self.term_letter)
            )
        least = {
            name: getattr(self, name) for name in ("answer_days", "days_of_calls", "visiting_staff", "decision_days")
        }
        if wrong := [f"{name}: {value}" for name, value in least.items() if value < 1]:
            raise DefinitionError("Dagar, tillfällen och personal i reglerna ska vara minst 1.", found=wrong)


RULES = OutreachRules()


def in_year_of(period: Period, day: tuple[int, int]) -> date:
    """Return the day of the calendar year in which a läsår or an autumn begins.

    >>> from kaa_analysis.core.periods import lasar
    >>> in_year_of(lasar(2023), (9, 16))
    datetime.date(2023, 9, 16)
    """
    return date(period.start.year, *day)


def require_school_year(period: Period) -> None:
    """Check that a period is a läsår or its autumn.

    Raises:
        DefinitionError: it is not.
    """
    if period.calendar not in CALENDARS:
        raise DefinitionError(
            "Det uppsökande arbetets steg räknas per läsår.",
            found=period.label,
            action="ange läsår, till exempel med lasar",
        )
