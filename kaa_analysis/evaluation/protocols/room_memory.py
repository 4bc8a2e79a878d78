"""What a secure folder remembers of protocols, so that a frozen one cannot be taken away or exchanged there unnoticed.

A line per event in ``protocols/<name>.jsonl``: *frozen* (a version and its hash) and *outcome_read* (by which version, of which extract). Nothing of any person.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path

from kaa_analysis.core.errors import ProtocolError
from kaa_analysis.core.secure_folder import SecureFolder, write_atomically
from kaa_analysis.evaluation.protocols.frozen_record import RESTORE, FrozenRecord

WAS_FROZEN, OUTCOME_READ = "frozen", "outcome_read"


@dataclass(frozen=True)
class RoomEvent:
    """Something that happened in this room. ``extract`` is the hash of the extract that was read, empty for a freezing."""

    event: str
    version: int
    hash: str
    extract: str = ""


def remembered(name: str, *, secure: SecureFolder) -> tuple[RoomEvent, ...]:
    """Return what the room remembers of a protocol, in order.

    Raises:
        ProtocolError: the file cannot be read.
    """
    path = _file(name, secure=secure)
    try:
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return tuple(RoomEvent(**json.loads(line)) for line in lines)
    except (OSError, ValueError, TypeError):
        raise ProtocolError(
            "Den säkra mappens anteckningar om protokollet ska gå att läsa.",
            found=f"{secure.protocols.name}/{path.name} är trasig",
            action="hämta tillbaka filen från säkerhetskopian",
        ) from None


def remember(name: str, event: RoomEvent, *, secure: SecureFolder) -> None:
    """Add an event that is not remembered yet."""
    events = remembered(name, secure=secure)
    if event in events:
        return
    text = "".join(json.dumps(asdict(each), sort_keys=True) + "\n" for each in (*events, event))
    secure.make_private(secure.protocols)
    write_atomically(_file(name, secure=secure), text.encode())


def refuse_disagreement(name: str, records: Collection[FrozenRecord], *, secure: SecureFolder) -> None:
    """Refuse frozen versions that are not those this room remembers.

    Raises:
        ProtocolError: a version that was frozen or used here is gone, or is another.
    """
    there = {record.version: record.hash for record in records}
    lost = sorted(
        {event.version for event in remembered(name, secure=secure) if there.get(event.version) != event.hash}
    )
    if lost:
        raise ProtocolError(
            "Det som har frysts ska stå kvar så som det frystes.",
            found=[f"{name}: version {version} är borta eller en annan än den som frystes här" for version in lost],
            action=RESTORE,
        )


def _file(name: str, *, secure: SecureFolder) -> Path:
    return secure.protocols / f"{name}.jsonl"
