"""Which bundle a bundle follows: the one that was finished last beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from kaa_analysis.render.bundle import CLOCK, is_whole


def previous_bundle(final: Path) -> Path | None:
    """Return the whole bundle beside ``final`` (same report, same period) whose run was finished last, or None.

    Of several finished at the same moment the last by name is taken; a bundle without a readable clock does not count.
    """
    beside = (folder for folder in finished_bundles(final.parent) if folder.resolve() != final.resolve())
    return next(beside, None)


def finished_bundles(parent: Path) -> Iterator[Path]:
    """Give the whole bundles in a folder, the one whose run was finished last first."""
    found = [(finished, folder.name, folder) for folder in _folders(parent) if (finished := _finished(folder))]
    return (folder for *_, folder in sorted(found, reverse=True) if is_whole(folder))


def _folders(parent: Path) -> list[Path]:
    return [path for path in parent.iterdir() if path.is_dir()] if parent.is_dir() else []


def _finished(folder: Path) -> datetime | None:
    """Return when the run was finished, None if its clock is missing or says no moment with a time zone."""
    try:
        finished = datetime.fromisoformat(json.loads((folder / CLOCK).read_bytes())["finished"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return finished if finished.tzinfo is not None else None
