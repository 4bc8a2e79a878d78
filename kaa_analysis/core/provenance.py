"""Where a number comes from: hashes of inputs, params, code and lock; and the project's only clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RUN_ID_DIGITS = 12
CODE_SUFFIXES = (".py", ".yaml", ".csv", ".sql", ".j2", ".css", ".typ", ".lua", ".docx", ".otf", ".woff2")
"""The files of the package that decide what a report says and how it looks."""


def now() -> datetime:
    """Return the present moment in UTC. Used for `run.json` and the day a protocol is frozen, which stand outside every comparison of results."""
    return datetime.now(UTC)


def hash_bytes(content: bytes) -> str:
    """Return the SHA-256 of ``content`` in hex."""
    return hashlib.sha256(content).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def canonical_json(value: Any) -> bytes:
    """Return JSON with sorted keys and no spaces, UTF-8: equal values give equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def hash_value(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of ``value``.

    >>> hash_value({"a": 1, "b": 2}) == hash_value({"b": 2, "a": 1})
    True
    """
    return hash_bytes(canonical_json(value))


def hash_tree(folder: Path, *, suffixes: Iterable[str]) -> str:
    """Return one hash of the relative names and contents of all files below ``folder`` with one of ``suffixes``."""
    return hash_value(hashes_below(folder, suffixes=suffixes))


def hashes_below(folder: Path, *, suffixes: Iterable[str]) -> dict[str, str]:
    """Return the hash of every file below ``folder`` with one of ``suffixes``, by its relative name."""
    wanted = set(suffixes)
    files = sorted(path for path in folder.rglob("*") if path.suffix in wanted and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


def hashes_in(folder: Path) -> dict[str, str]:
    """Return the hash of every file in ``folder`` and below it, whatever it is called, by its relative name; none where there is no folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return {_readable(path.relative_to(folder)): hash_file(path) for path in files}


def _readable(path: Path) -> str:
    """Return a name that can be hashed, also where the file system holds one that is not UTF-8."""
    return path.as_posix().encode("utf-8", "backslashreplace").decode()


def run_id(parts: Mapping[str, Any]) -> str:
    """Return the first 12 hex digits of the hash of inputs, params, code and lock."""
    return hash_value(dict(parts))[:RUN_ID_DIGITS]
