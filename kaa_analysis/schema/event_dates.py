"""Which columns of the canonical tables hold the day of something that has happened."""

from __future__ import annotations

from collections.abc import Mapping

EVENT_DATES: Mapping[str, tuple[str, ...]] = {
    "persons": ("birth_date",),
    "credentials": ("date",),
    "registrations": ("entry_date", "registered_at"),
    "activities": ("known_at",),
    "contacts": ("date", "responded_date"),
    "interventions": ("offered_date",),
    "admissions": ("guided_date", "placed_date"),
    "notices": ("date",),
    "surveys": ("invited_date", "answered_date"),
}
"""Days of what has happened; planned ones and ends may lie after the extract."""
