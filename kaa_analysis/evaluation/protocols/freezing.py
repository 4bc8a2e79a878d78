"""Freezing a protocol, and telling whether the one in the file is the one that was frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kaa_analysis.core.errors import ProtocolError
from kaa_analysis.core.locks import held
from kaa_analysis.core.provenance import now
from kaa_analysis.core.secure_folder import SecureFolder, write_atomically
from kaa_analysis.evaluation.protocols.frozen_record import FrozenRecord, frozen_file, frozen_records
from kaa_analysis.evaluation.protocols.protocol import Protocol, protocol_hash
from kaa_analysis.evaluation.protocols.protocol_changes import protocol_changes
from kaa_analysis.evaluation.protocols.protocol_file import read_protocol
from kaa_analysis.evaluation.protocols.room_memory import (
    OUTCOME_READ,
    WAS_FROZEN,
    RoomEvent,
    refuse_disagreement,
    remember,
    remembered,
)

LOCK = "protocols.lock"
OPEN_MODE = 0o644
"""A frozen protocol holds nothing of any person and is to be shown."""


@dataclass(frozen=True, eq=False)
class KnownProtocol:
    """The protocol in the file and what is known of it.

    ``frozen`` is the record of exactly this content, as the latest version; None where it is not frozen. ``changes`` says what differs from the
    latest frozen version, field by field; nothing where none is frozen.
    """

    name: str
    protocol: Protocol
    hash: str
    frozen: FrozenRecord | None = None
    latest: FrozenRecord | None = field(default=None, repr=False)
    changes: tuple[str, ...] = ()

    @property
    def is_frozen(self) -> bool:
        """Whether this very content is the latest that was frozen."""
        return self.frozen is not None

    @property
    def is_changed(self) -> bool:
        """Whether a version is frozen and the file says something else."""
        return self.latest is not None and self.frozen is None

    def why_not_frozen(self) -> tuple[str, ...]:
        """Return Swedish lines that say why the protocol does not hold; none for a frozen one."""
        if self.is_frozen:
            return ()
        if self.latest is None:
            return (f"protokollet {self.name} är inte fryst",)
        return (f"protokollet {self.name} är ett annat än version {self.latest.version}, som frystes", *self.changes)


def known_protocol(name: str, *, root: Path, secure: SecureFolder) -> KnownProtocol:
    """Return the protocol called ``name`` of the project in ``root``, with what is known of it there and in the secure folder.

    Raises:
        ParameterError: as `read_protocol`.
        ProtocolError: something that was frozen is gone or altered.
    """
    protocol = read_protocol(name, root=root)
    records = frozen_records(name, root=root)
    refuse_disagreement(name, records, secure=secure)
    return _known(name, protocol, records)


def _known(name: str, protocol: Protocol, records: tuple[FrozenRecord, ...]) -> KnownProtocol:
    told = protocol_hash(name, protocol)
    if not records:
        return KnownProtocol(name, protocol, told)
    latest = records[-1]
    return KnownProtocol(
        name,
        protocol,
        told,
        frozen=latest if latest.hash == told else None,
        latest=latest,
        changes=protocol_changes(latest.content, protocol.content()),
    )


def obstacles(protocol: Protocol, *, day: str) -> tuple[str, ...]:
    """Return in Swedish why a protocol that is right by itself cannot be frozen on a ``day`` (ÅÅÅÅ-MM-DD); nothing if it can."""
    found = []
    if protocol.assignment != "observed" and not protocol.decisions:
        found.append(
            "decisions: den som låter turen eller lotten avgöra vad ungdomar får (assignment) behöver ett beslut; ange beslutets beteckning"
        )
    found += [
        f"decisions[{place}].date: beslutet är inte fattat ännu"
        for place, decision in enumerate(protocol.decisions, 1)
        if decision.date > day
    ]
    return tuple(found)


def freeze(name: str, *, root: Path, secure: SecureFolder) -> KnownProtocol:
    """Freeze the protocol called ``name`` as it stands in its file, and return it. One that is frozen already is left as it is.

    The record is written whole or not at all, and no record is ever written again.

    Raises:
        ParameterError: as `read_protocol`.
        ProtocolError: something frozen is gone or altered, the content is another than that of its version, the version is not the next one, or a
            decision is lacking.
    """
    day = now().date().isoformat()
    with held(secure.locks / LOCK):
        known = known_protocol(name, root=root, secure=secure)
        if known.is_frozen:
            remember(name, RoomEvent(WAS_FROZEN, known.protocol.version, known.hash), secure=secure)
            return known
        _refuse(known, day=day)
        record = _record(known, day=day, secure=secure)
        place = frozen_file(name, record.version, root=root)
        write_atomically(place, record.text().encode(), mode=OPEN_MODE)
        remember(name, RoomEvent(WAS_FROZEN, record.version, record.hash), secure=secure)
    return _known(name, known.protocol, (record,))


def note_outcome_read(known: KnownProtocol, *, extract_hash: str, secure: SecureFolder) -> None:
    """Let the room remember that an outcome is read by this version: whatever is frozen later was decided after it."""
    event = RoomEvent(OUTCOME_READ, known.protocol.version, known.hash, extract_hash)
    with held(secure.locks / LOCK):
        remember(known.name, event, secure=secure)


def _refuse(known: KnownProtocol, *, day: str) -> None:
    version = known.protocol.version
    expected = 1 if known.latest is None else known.latest.version + 1
    if known.latest is not None and version <= known.latest.version:
        raise ProtocolError(
            f"Version {version} av protokollet {known.name} är redan fryst med ett annat innehåll.",
            found=known.changes,
            action=f"ändra tillbaka, eller skriv version: {expected} för att frysa ändringarna som en ny version",
        )
    if version != expected:
        raise ProtocolError(
            f"Versionerna av protokollet {known.name} ska följa på varandra.",
            found=f"version: {version}",
            action=f"skriv version: {expected}",
        )
    if found := obstacles(known.protocol, day=day):
        raise ProtocolError(
            f"Protokollet {known.name} kan inte frysas ännu.", found=found, action="komplettera protokollet"
        )
    if known.latest is not None and {change.partition(":")[0] for change in known.changes} == {"version"}:
        raise ProtocolError(
            f"En ny version av protokollet {known.name} ska skilja sig från den förra.",
            found="bara versionens nummer är ett annat",
            action=f"skriv version: {known.latest.version}",
        )


def _record(known: KnownProtocol, *, day: str, secure: SecureFolder) -> FrozenRecord:
    events = remembered(known.name, secure=secure)
    return FrozenRecord(
        name=known.name,
        version=known.protocol.version,
        hash=known.hash,
        frozen_on=day,
        content=known.protocol.content(),
        changes=known.changes,
        previous=None if known.latest is None else known.latest.own_hash(),
        outcomes_were_read=any(event.event == OUTCOME_READ for event in events),
    )
