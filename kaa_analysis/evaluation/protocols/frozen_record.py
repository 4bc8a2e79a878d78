"""What is kept of a frozen protocol: one file per version beside the protocols, never written again, each bound to the one before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kaa_analysis.core.errors import ProtocolError
from kaa_analysis.core.project import PROTOCOLS_FOLDER
from kaa_analysis.core.provenance import hash_value
from kaa_analysis.evaluation.protocols.protocol import content_hash

FROZEN = "frozen"
RESTORE = "hämta tillbaka filerna så som de frystes (de ligger i versionshanteringen)"


@dataclass(frozen=True, kw_only=True)
class FrozenRecord:
    """A version of a protocol as it was frozen.

    ``hash`` is that of the name and the content, ``previous`` that of the whole record of the version before (None for the first), ``changes`` what differs
    from that. ``outcomes_were_read`` says that this room had read an outcome by an earlier version: what this one changes was decided with the answer known.
    """

    name: str
    version: int
    hash: str
    frozen_on: str
    content: Mapping[str, Any]
    changes: tuple[str, ...] = ()
    previous: str | None = None
    outcomes_were_read: bool = False

    def own_hash(self) -> str:
        """Return the hash of everything in the record."""
        return hash_value(asdict(self))

    def text(self) -> str:
        """Return the record as its file holds it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def frozen_folder(name: str, *, root: Path) -> Path:
    """Return where the frozen versions of a protocol lie."""
    return root / PROTOCOLS_FOLDER / FROZEN / name


def frozen_file(name: str, version: int, *, root: Path) -> Path:
    """Return the file of a frozen version."""
    return frozen_folder(name, root=root) / f"{version}.json"


def frozen_records(name: str, *, root: Path) -> tuple[FrozenRecord, ...]:
    """Return every frozen version of a protocol, from the first.

    Raises:
        ProtocolError: a version is missing or not as it was frozen.
    """
    folder = frozen_folder(name, root=root)
    n_files = len(list(folder.glob("*.json"))) if folder.is_dir() else 0
    records: list[FrozenRecord] = []
    for version in range(1, n_files + 1):
        record = _read(frozen_file(name, version, root=root))
        previous = records[-1].own_hash() if records else None
        if record is None or not _is_whole(record, name=name, version=version, previous=previous):
            raise ProtocolError(
                "Det som har frysts ska stå kvar så som det frystes.",
                found=f"{name}: version {version} saknas eller är ändrad",
                action=RESTORE,
            )
        records.append(record)
    return tuple(records)


def _is_whole(record: FrozenRecord, *, name: str, version: int, previous: str | None) -> bool:
    told = (record.name, record.version, record.previous, record.hash)
    return told == (name, version, previous, content_hash(name, dict(record.content)))


def _read(path: Path) -> FrozenRecord | None:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return FrozenRecord(**facts | {"changes": tuple(facts["changes"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
