"""The named settings of the checks and the work lists. Each is a choice in `docs/avgoranden.csv`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files

import pandas as pd

from kaa_analysis.core.errors import DefinitionError
from kaa_analysis.core.vocabularies import codes


@dataclass(frozen=True)
class CheckSettings:
    """What the checks hold the rows against.

    ``lowest_age`` in whole years at the entry. ``double_identity_days``: how long after the last day of one identity the other may
    begin. ``birthday_letter_days``: how many days from the 20th birthday the letter with handover may be sent. ``home_visit_staff``
    and ``phone_days``: what the routine asks for. ``consent_providers``: whose interventions need consent.
    ``double_intervention_days``: how many days apart two interventions of the same kind, both of ``double_intervention_providers`` (whose
    interventions may come from two systems), may begin and still be one. ``schooling_beside``: school forms that may run beside another. ``late_exit_days``: how long a registration may go on after the
    start of an introduction programme. ``activity_days``: how many days a piece of knowledge of each kind is current (default: `activity_validity.csv`).
    """

    lowest_age: int = 15
    double_identity_days: int = 180
    birthday_letter_days: int = 31
    home_visit_staff: int = 2
    phone_days: int = 3
    consent_providers: tuple[str, ...] = ("amf",)
    double_intervention_days: int = 7
    double_intervention_providers: tuple[str, ...] = ("amf",)
    schooling_beside: tuple[str, ...] = ("sfi", "komvux", "other")
    late_exit_days: int = 31
    activity_days: Mapping[str, int] = field(default_factory=lambda: activity_validity())


@dataclass(frozen=True)
class WorkListSettings:
    """When a youth stands on a work list, in days before or after the day of extract.

    ``attempt_days``: registered so long without an attempt. ``birthday_days``: turns 20 within so many days. ``phone_days``: fewer
    phone days than this before a knackakort. ``exit_days``: left without a reason at most so long ago (a half-year and the time until it is delivered).
    """

    attempt_days: int = 25
    birthday_days: int = 60
    phone_days: int = 3
    exit_days: int = 245


def activity_validity() -> dict[str, int]:
    """Return how many days a piece of knowledge about each kind of activity is current.

    >>> activity_validity()["unknown"]
    30
    """
    with files("kaa_analysis.checks").joinpath("activity_validity.csv").open(encoding="utf-8") as stream:
        rows = pd.read_csv(stream, dtype={"kind": "string", "days": "int64"}, keep_default_na=False)
    days = {str(kind): int(n) for kind, n in zip(rows["kind"], rows["days"], strict=True)}
    if set(days) != codes("activity") or len(days) != len(rows) or min(days.values()) < 1:
        raise DefinitionError(
            "Varje slag av sysselsättning ska ha en rad med minst en dag.", action="rätta activity_validity.csv"
        )
    return days
