"""A small record on disk that knows its own hash: it is read whole and unchanged, or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kaa_analysis.core.provenance import canonical_json, hash_value
from kaa_analysis.core.secure_folder import write_atomically

FORMAT = 1
"""Raised when what a record holds gets another meaning: records of earlier formats are not read."""


def write_closed(path: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` with its hash to ``path``, for the owner alone; a reader sees the earlier record or this one."""
    record = {"format": FORMAT, "content": content}
    write_atomically(path, canonical_json(record | {"hash": hash_value(record)}))


def read_closed(path: Path) -> dict[str, Any] | None:
    """Return the content of a record, None if it is missing, unreadable, changed or of another format."""
    try:
        record = json.loads(path.read_bytes())
        told = record.pop("hash")
        whole = record["format"] == FORMAT and hash_value(record) == told
        return dict(record["content"]) if whole else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
