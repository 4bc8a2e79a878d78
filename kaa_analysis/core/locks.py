"""Locks that a killed process lets go of by itself, and that its children keep until they too have stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kaa_analysis.core.boundary import PRIVATE_FOLDER, opened_privately


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock ``path``, waiting for whoever has it. Processes started meanwhile with inherited files hold it too.

    Where the platform has no such locks two runs at once are not told apart.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    with open(path, "w", opener=opened_privately) as stream:
        _lock(stream.fileno(), wait=True)
        os.set_inheritable(stream.fileno(), True)
        yield


def is_free(path: Path) -> bool:
    """Return whether nobody holds the lock ``path``; a lock that does not exist is free."""
    if not path.exists():
        return True
    with path.open("r+") as stream:
        return _lock(stream.fileno(), wait=False)


def _lock(handle: int, *, wait: bool) -> bool:
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True
