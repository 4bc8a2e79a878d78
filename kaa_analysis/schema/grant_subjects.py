"""What lies outside the register's own purpose: data that may be loaded only with a recorded grant."""

from __future__ import annotations

from kaa_analysis.schema.tables import Scope, tables

YOUTHS_OUTSIDE_KAA = "youths_outside_kaa"
"""Rows of a table within the purpose that concern youths whom the register does not cover: SUSA's pupils, whole pupil registers."""


def grant_subjects() -> dict[str, str]:
    """Return every subject that a grant can be for, with its Swedish description: tables outside the purpose, and youths outside KAA.

    >>> list(grant_subjects())
    ['admissions', 'notices', 'surveys', 'schools', 'youths_outside_kaa']
    """
    when = {Scope.OUTSIDE: "{row}", Scope.WHEN_LINKED: "{row}, kopplad till en person"}
    of_tables = {
        name: when[schema.scope].format(row=schema.row)
        for name, schema in tables().items()
        if schema.scope is not Scope.WITHIN
    }
    return of_tables | {YOUTHS_OUTSIDE_KAA: "en inskrivning av en ungdom utanför KAA, till exempel en elev i SUSA"}
