"""What a simulated person's history is made of. Intervals are half-open here; the writer makes the end dates inclusive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Residence:
    """A period of folkbokföring. ``end`` is the first day outside."""

    municipality: str
    district: str
    start: date
    end: date | None = None


@dataclass(frozen=True)
class Enrolment:
    """A period of schooling. ``end`` is the first day not enrolled."""

    form: str
    programme: str
    unit: str
    provider: str
    start: date
    end: date | None = None
    leave_reason: str = ""


@dataclass(frozen=True)
class Credential:
    """A certificate and its day."""

    kind: str
    day: date


@dataclass(frozen=True)
class Spell:
    """A registration. ``end`` is the first day not registered."""

    start: date
    entry_reason: str
    last_school: str
    registered: date
    end: date | None = None
    exit_reason: str = ""


@dataclass(frozen=True)
class Contact:
    """A contact attempt."""

    day: date
    direction: str
    channel: str
    outcome: str
    campaign: str = ""
    staff: int | None = None
    planned_visit: date | None = None
    responded: date | None = None
    responder: str = ""


@dataclass(frozen=True)
class Offer:
    """An offer of support. ``end`` is the first day after it."""

    kind: str
    provider: str
    offered: date
    accepted: bool
    start: date | None = None
    end: date | None = None
    end_reason: str = ""
    activity_after: str = ""


@dataclass(frozen=True)
class LifeCourse:
    """A person's days in residence, school and register."""

    birth_date: date
    sex: str
    newly_resident: bool
    has_phone: bool
    is_protected: bool
    openness: float
    residences: tuple[Residence, ...]
    enrolments: tuple[Enrolment, ...]
    credentials: tuple[Credential, ...]
    spells: tuple[Spell, ...]


@dataclass(frozen=True)
class Person:
    """A person as the files show one."""

    identity: str
    life: LifeCourse
    contacts: tuple[Contact, ...]
    offers: tuple[Offer, ...]
