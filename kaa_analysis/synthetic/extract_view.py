"""What is known on the day of extract: nothing that happens after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kaa_analysis.synthetic.records import LifeCourse


def as_known(life: LifeCourse, *, extract_date: date) -> LifeCourse:
    """Return the life as the sources show it on ``extract_date``.

    Rows that begin or were registered later are gone; an end whose first day outside is later has not happened yet.
    """
    residences = [period for period in life.residences if period.start <= extract_date]
    enrolments = [period for period in life.enrolments if period.start <= extract_date]
    spells = [spell for spell in life.spells if max(spell.start, spell.registered) <= extract_date]
    return replace(
        life,
        residences=tuple(
            replace(period, end=None) if _is_ahead(period.end, extract_date) else period for period in residences
        ),
        enrolments=tuple(
            replace(period, end=None, leave_reason="") if _is_ahead(period.end, extract_date) else period
            for period in enrolments
        ),
        credentials=tuple(credential for credential in life.credentials if credential.day <= extract_date),
        spells=tuple(
            replace(spell, end=None, exit_reason="") if _is_ahead(spell.end, extract_date) else spell
            for spell in spells
        ),
    )


def _is_ahead(end: date | None, extract_date: date) -> bool:
    return end is None or end > extract_date
